package cardfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"tongka/internal/cardfile"
	"tongka/internal/ledger"
)

// leveled has a level for rows that name none.
var leveled = cardfile.NewLevels(&ledger.Merchant{Levels: []ledger.Level{{ID: 1, Name: "普通"}}}, 1)

func look(t *testing.T, text string) *cardfile.File {
	t.Helper()
	f, err := cardfile.Look(strings.NewReader(text), "")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The columns of a file are told with what they are taken for and what they have, and where somebody has to say.
func TestColumns(t *testing.T) {
	t.Parallel()
	f := look(t, "卡号,姓名,电话,手机号,余额,赠送金额,累计消费,门派,,拒绝原因\n00123,王五, 138 ,,12,3,9,武当,,\n,,,,,,,,x,\n1,2,3,4,5,6,7,8,9,10\n")
	got, err := f.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range got {
		all = append(all, fmt.Sprintf("%s=%s %t %s", c.Header, c.Meaning, c.Doubt, strings.Join(c.Samples, "/")))
	}
	want := []string{
		"卡号=number false 00123/1", "姓名=name false 王五/2", "电话=phone false 138/3", "手机号= true 4", "余额=balance true 12/5",
		"赠送金额=bonus false 3/6", "累计消费= false 9/7", "门派= true 武当/8", "= false x/9", "拒绝原因= false 10",
	}
	if fmt.Sprint(all) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", all, want)
	}
	if _, err := look(t, "张三,138\n李四,139\n").Columns(); !strings.Contains(fmt.Sprint(err), "is no header") {
		t.Errorf("without a header: %v", err)
	}
}

// A file is read by what somebody says of its columns, whatever their names.
func TestReadByMeanings(t *testing.T) {
	t.Parallel()
	f := look(t, "卡号,门派,余额,赠送金额,姓名\n00123,王五,15,3,武当\n")
	read := func(columns ...string) (cardfile.Row, error) {
		r, err := f.Reader(cardfile.Terms{Levels: leveled, Columns: columns})
		if err != nil {
			return cardfile.Row{}, err
		}
		return r.Next()
	}
	row, err := read("number", "name", "balance", "bonus", "")
	if c := row.Card; err != nil || row.Fault != (cardfile.Reason{}) || c.Number != "00123" || c.Holder.Name != "王五" ||
		c.Principal != 12_00 || c.Bonus != 3_00 {
		t.Errorf("got %+v, %v", row, err)
	}
	row, err = read("number", "name", "principal", "bonus", "")
	if c := row.Card; err != nil || c.Principal != 15_00 || c.Bonus != 3_00 {
		t.Errorf("got %+v, %v", row, err)
	}
	for want, columns := range map[string][]string{
		"缺少“姓名”": {"number"}, "有两列是同一项": {"number", "name", "bonus", "bonus"},
	} {
		_, err := read(columns...)
		if why, is := cardfile.Unreadable(err); !is || !strings.Contains(why.Chinese, want) {
			t.Errorf("%s: %v", columns, err)
		}
	}
	if _, err := read("number", "name", "nonsense"); err == nil {
		t.Error("a meaning that there is not was taken")
	}
	if _, is := cardfile.Unreadable(errors.New("disk")); is {
		t.Error("every error is the file's fault")
	}
}

// What is wrong with the meanings of columns is the same for whoever asks before and for the reader.
func TestCheckMeanings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		meanings string
		leveled  bool
		want     cardfile.Fault
	}{
		{"name,name", true, cardfile.Fault{Twice: 2}},
		{"name,,", true, cardfile.Fault{Missing: "number"}},
		{"number,,", true, cardfile.Fault{Missing: "name"}},
		{"number,,name", false, cardfile.Fault{Missing: "level"}},
		{"number,,name", true, cardfile.Fault{}},
		{"number,level,name", false, cardfile.Fault{}},
		{"number,name,coupon_count", true, cardfile.Fault{Missing: "coupon"}},
		{"number,name,coupon_until,coupon", true, cardfile.Fault{}},
	} {
		if got := cardfile.CheckMeanings(strings.Split(c.meanings, ","), c.leveled); got != c.want {
			t.Errorf("%s: got %+v", c.meanings, got)
		}
	}
	for _, m := range cardfile.Meanings {
		columns := []string{"number", "name", m}
		_, err := look(t, "卡号,姓名,x\n").Reader(cardfile.Terms{Levels: leveled, Columns: columns})
		if (err != nil) != (cardfile.CheckMeanings(columns, true) != cardfile.Fault{}) {
			t.Errorf("%s: %v", m, err)
		}
	}
}

// What is kept otherwise than it is written is told, with some examples; amounts with other decimals are the same.
func TestChanges(t *testing.T) {
	t.Parallel()
	f := look(t, "卡号,姓名,手机,生日,余额\n'00123,王五,+86 138-0013-8000,2019/1/2,12\nA2,赵六,13800138001,43466,\"¥1,200.5\"\n"+
		"A3,赵七,138 0013 8002,,\nA4,赵八,1-3800138003,,0.0\nA5,赵九,138(00138004),,-\n")
	r, err := f.Reader(cardfile.Terms{Levels: leveled, Today: 2026_01_01})
	if err != nil {
		t.Fatal(err)
	}
	var got []cardfile.Changed
	for range f.Rows {
		row, err := r.Next()
		if err != nil || row.Fault != (cardfile.Reason{}) {
			t.Fatalf("%+v, %v", row, err)
		}
		got = r.Changes(got, &row)
	}
	want := "[{卡号 number 1 [{'00123 00123}]} " +
		"{手机 phone 4 [{+86 138-0013-8000 13800138000} {138 0013 8002 13800138002} {1-3800138003 13800138003}]} " +
		"{生日 birthday 2 [{2019/1/2 2019-01-02} {43466 2019-01-01}]} {余额 balance 2 [{¥1,200.5 1200.50} {- 0.00}]}]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
}

// A workbook is read like the CSV of its table: rows keep their numbers, and what has lost digits is refused as such.
func TestWorkbook(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	for at, v := range map[string]any{
		"A1": "会员资料", "A3": "卡号", "B3": "姓名", "C3": "手机", "D3": "备注", "A4": "00123", "B4": "王五", "C4": 13800138000,
		"D4": "一行\n两行", "A6": 6222021234567890, "B6": "赵六", "A7": "A7", "B7": "赵七", "C7": "1.38E+10",
	} {
		if err := f.SetCellValue("Sheet1", at, v); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	text, book, err := cardfile.Text(b.Bytes())
	if err != nil || !book {
		t.Fatalf("%t, %v", book, err)
	}
	got, err := rows(t, string(text), leveled)
	if err != nil || len(got) != 3 || got[0].Line != 4 || got[0].Card.Number != "00123" ||
		got[0].Card.Holder.Phone != "13800138000" || got[0].Card.Details.Remarks != "一行 两行" || got[1].Line != 6 ||
		got[1].Card.Number != "6.22202123456789E+15" || got[2].Card.Holder.Phone != "1.38E+10" {
		t.Errorf("got %+v, %v", got, err)
	}
	_, _, err = cardfile.Text([]byte("PK\x03\x04 and nothing"))
	if why, is := cardfile.Unreadable(err); !is || !strings.Contains(why.Chinese, "工作簿") {
		t.Errorf("a damaged one: %v", err)
	}
	if text, book, err := cardfile.Text([]byte("卡号")); string(text) != "卡号" || book || err != nil {
		t.Errorf("got %q %t, %v", text, book, err)
	}
}
