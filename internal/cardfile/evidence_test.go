package cardfile_test

import (
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"tongka/internal/cardfile"
)

func in(t *testing.T, e encoding.Encoding, text string) string {
	t.Helper()
	encoded, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// evidence is a file and what its encoding is taken for.
type evidence struct {
	text  string
	want  cardfile.Encoding
	names string
	lost  int // row with a fault, from 1; 0 = none
}

// evidences are files in all encodings, by name: plain and with bytes that are wrong.
func evidences(t *testing.T) map[string]evidence {
	t.Helper()
	const simple = "卡号,姓名,等级\nA0001,王小明,1\nA0002,欧阳娜娜,1\nA0003,李四,1\nA0004,赵镕基,1\n"
	const plainHeader = "number,name,level\nA0001,王小明,1\nA0002,欧阳娜娜,1\nA0003,李四,1\nA0004,赵镕基,1\n"
	const traditional = "卡號,姓名,等級\nA0001,王小明,1\nA0002,歐陽娜娜,1\nA0003,李四,1\nA0004,趙鎔基,1\n"
	const plainTraditional = "number,name,level\nA0001,陳大文,1\nA0002,歐陽娜娜,1\nA0003,張學友,1\nA0004,趙鎔基,1\n"
	gb, big5 := simplifiedchinese.GB18030, traditionalchinese.Big5
	half := func(text, before string) string { // the last byte of a character is lost
		i := strings.Index(text, before)
		return text[:i-1] + text[i:]
	}
	return map[string]evidence{
		"utf-8":              {simple, cardfile.UTF8, "王小明 欧阳娜娜 李四 赵镕基", 0},
		"utf-8 with mark":    {"\uFEFF" + simple, cardfile.UTF8, "王小明 欧阳娜娜 李四 赵镕基", 0},
		"one bad byte":       {strings.Replace(simple, "李四", "李\xE5四", 1), cardfile.UTF8, "王小明 欧阳娜娜  赵镕基", 3},
		"marked, bad byte":   {"\uFEFF" + strings.Replace(plainHeader, "李四", "\xFF", 1), cardfile.UTF8, "王小明 欧阳娜娜  赵镕基", 3},
		"bad, header ascii":  {strings.Replace(plainHeader, "李四", "李\xB4", 1), cardfile.UTF8, "王小明 欧阳娜娜  赵镕基", 3},
		"gbk":                {in(t, gb, simple), cardfile.GB18030, "王小明 欧阳娜娜 李四 赵镕基", 0},
		"gbk, header ascii":  {in(t, gb, plainHeader), cardfile.GB18030, "王小明 欧阳娜娜 李四 赵镕基", 0},
		"half a character":   {half(in(t, gb, simple), ",1\nA0003"), cardfile.GB18030, "王小明  李四 赵镕基", 2},
		"gb18030, 4 bytes":   {in(t, gb, strings.Replace(simple, "李四", "𠀀㐀", 1)), cardfile.GB18030, "王小明 欧阳娜娜 𠀀㐀 赵镕基", 0},
		"big5":               {in(t, big5, traditional), cardfile.Big5, "王小明 歐陽娜娜 李四 趙鎔基", 0},
		"big5, header ascii": {in(t, big5, plainTraditional), cardfile.Big5, "陳大文 歐陽娜娜 張學友 趙鎔基", 0},
		"big5, half":         {half(in(t, big5, plainTraditional), ",1\nA0003"), cardfile.Big5, "陳大文  張學友 趙鎔基", 2},
		"utf-16le":           {in(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), simple), cardfile.UTF16, "王小明 欧阳娜娜 李四 赵镕基", 0},
		"utf-16be":           {in(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), simple), cardfile.UTF16, "王小明 欧阳娜娜 李四 赵镕基", 0},
		"lone surrogate": {strings.Replace(in(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), simple), "\x4E\x67\xDB\x56", "\x4E\x67\x00\xD8", 1),
			cardfile.UTF16, "王小明 欧阳娜娜  赵镕基", 3},
		"ascii":    {"number,name,level\nA0001,x,1\n", cardfile.UTF8, "x", 0},
		"联通 alone": {in(t, gb, "卡号,姓名,等级\nA0001,联通,1\n"), cardfile.GB18030, "联通", 0},
	}
}

// The encoding is detected from the bytes even if some of them are wrong; a character that does not decode is a
// fault of its row and of no other.
func TestEncodingByEvidence(t *testing.T) {
	t.Parallel()
	for name, c := range evidences(t) {
		file, err := cardfile.Look(strings.NewReader(c.text), "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if file.Encoding != c.want || file.Why == "" {
			t.Errorf("%s: taken for %s (%s), want %s", name, file.Encoding, file.Why, c.want)
		}
		got, err := rows(t, c.text, levels)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var names []string
		for i, row := range got {
			if (row.Fault.English != "") != (i+1 == c.lost) {
				t.Errorf("%s: row %d: %q", name, i+1, row.Fault)
			}
			if row.Fault.English != "" && !strings.Contains(strings.Join(row.Fields, ","), "\uFFFD") {
				t.Errorf("%s: the row does not show what is lost: %q", name, row.Fields)
			}
			names = append(names, row.Card.Holder.Name)
		}
		if strings.Join(names, " ") != c.names {
			t.Errorf("%s: got %q, want %q", name, names, c.names)
		}
	}
}

// If the encoding is given, nothing is guessed.
func TestEncodingTold(t *testing.T) {
	t.Parallel()
	text := in(t, traditionalchinese.Big5, "number,name,level\nA0001,王,1\n")
	file, err := cardfile.Look(strings.NewReader(text), cardfile.Big5)
	if err != nil {
		t.Fatal(err)
	}
	r, err := file.Reader(cardfile.Terms{Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	if row, err := r.Next(); err != nil || row.Card.Holder.Name != "王" {
		t.Errorf("got %+v, %v", row, err)
	}
}

// A bar may be the second byte of a character of GB18030 and Big5, and is one only where it is not.
func FuzzBars(f *testing.F) {
	f.Add("a|b", "\"")
	for _, e := range []encoding.Encoding{simplifiedchinese.GB18030, traditionalchinese.Big5} {
		all := "" // characters whose second byte is a bar
		for lead := 0x81; lead <= 0xFE; lead++ {
			if c, err := e.NewDecoder().String(string([]byte{byte(lead), '|'})); err == nil && !strings.Contains(c, "\uFFFD") {
				all += c
			}
		}
		if utf8.RuneCountInString(all) < 80 {
			f.Fatalf("only %q", all)
		}
		f.Add(all, "x|"+all)
	}
	f.Fuzz(func(t *testing.T, name, remarks string) {
		name, remarks = strings.TrimSpace(name), strings.TrimSpace(remarks)
		if name == "" || !utf8.ValidString(name+remarks) || strings.ContainsAny(name+remarks, "\r\n\uFFFD'=") {
			return
		}
		var plain strings.Builder
		w := csv.NewWriter(&plain)
		w.Comma = '|'
		if err := errors.Join(w.Write([]string{"卡号", "姓名", "等级", "备注"}), w.Write([]string{"1", name, "1", remarks})); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		for told, e := range map[cardfile.Encoding]encoding.Encoding{
			cardfile.GB18030: simplifiedchinese.GB18030, cardfile.Big5: traditionalchinese.Big5,
		} {
			text := strings.ReplaceAll(plain.String(), "\uFEFF", "")
			if told == cardfile.Big5 {
				text = strings.NewReplacer("卡号", "卡號", "等级", "等級", "备注", "備註").Replace(text)
			}
			bytes, err := e.NewEncoder().String(text)
			if back, _ := e.NewDecoder().String(bytes); err != nil || back != text {
				continue // it cannot be written so
			}
			file, err := cardfile.Look(strings.NewReader(bytes), told)
			if err != nil {
				t.Fatalf("%s %q: %v", told, bytes, err)
			}
			r, err := file.Reader(cardfile.Terms{Levels: levels})
			if err != nil {
				t.Fatalf("%s %q: %v", told, bytes, err)
			}
			if row, err := r.Next(); err != nil || len(row.Fields) != 4 || file.Separator != "bar" ||
				!slices.Contains([]string{name, strings.ReplaceAll(name, "\uFEFF", "")}, strings.TrimSpace(row.Fields[1])) {
				t.Errorf("%s %q: got %q, %v, want %q", told, bytes, row.Fields, err, name)
			}
		}
	})
}

// The separator is detected by the header.
func TestSeparators(t *testing.T) {
	t.Parallel()
	const text = "会员卡号,会员姓名,会员等级,备注\nA0001,王五,普通,\"a,b;c\"\n"
	for sign, name := range map[string]string{
		",": "comma", "\t": "tab", ";": "semicolon", "，": "full-width comma", "；": "full-width semicolon", "|": "bar",
	} {
		with := strings.ReplaceAll(strings.ReplaceAll(text, `"a,b;c"`, "R"), ",", sign)
		with = strings.ReplaceAll(with, "R", `"a,b;c"`)
		for _, e := range []encoding.Encoding{
			encoding.Nop, simplifiedchinese.GBK, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		} {
			file, err := cardfile.Look(strings.NewReader(in(t, e, with)), "")
			if err != nil || file.Separator != name {
				t.Errorf("%q in %v: got %+v, %v", sign, e, file, err)
				continue
			}
			got, err := rows(t, in(t, e, with), levels)
			if err != nil || len(got) != 1 || got[0].Fault.English != "" || got[0].Card.Details.Remarks != "a,b;c" ||
				got[0].Card.Level != 1 {
				t.Errorf("%q in %v: got %+v, %v", sign, e, got, err)
			}
		}
	}
	got, err := rows(t, "sep=;\r\n"+strings.ReplaceAll("number,name,level\r\nA0001,x,1\r\n", ",", ";"), levels)
	if err != nil || len(got) != 1 || got[0].Card.Number != "A0001" || got[0].Line != 2 {
		t.Errorf("sep=: got %+v, %v", got, err)
	}
}

// The names that other systems give to columns are known; columns without a counterpart are ignored and reported.
func TestHeaders(t *testing.T) {
	t.Parallel()
	const text = "序号,*会员卡号,会员姓名：,手 机 号 码,会员等级,卡内余额（元）,当前积分,性别(男/女),出生日期,有效期至,卡状态,备注,推荐人,累计消费(元),开卡门店,微信号,\n" +
		"1,A0001,王五,138 0013 8000,普通,\"1,234.50\",5.0,保密,1990年1月2日,2019/1/2 0:00,已过期,老客,A0002,99,总店,wx,\n"
	file, err := cardfile.Look(strings.NewReader(text), "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.Reader(cardfile.Terms{Levels: levels, Today: today})
	if e, ok := errors.AsType[*cardfile.SettingError](err); !ok || e.Setting != cardfile.SettingSkip ||
		!slices.Equal(e.Values, []string{"微信号"}) {
		t.Errorf("an unknown column: got %v", err)
	}
	if _, err := file.Reader(cardfile.Terms{Levels: levels, Today: today, Skip: []string{"微信号", "地址"}}); err == nil ||
		!strings.Contains(err.Error(), `no column "地址"`) {
		t.Errorf("a column that is not there: got %v", err)
	}
	r, err := file.Reader(cardfile.Terms{Levels: levels, Today: today, Skip: []string{" 微信号"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"序号", "累计消费(元)", "开卡门店", "微信号", "column 17, which has no name"}; !slices.Equal(r.Skipped, want) {
		t.Errorf("passed over: got %q, want %q", r.Skipped, want)
	}
	if used := strings.Join(r.Used, " "); !strings.Contains(used, "卡内余额（元）=balance") {
		t.Errorf("used: got %s", used)
	}
	row, err := r.Next()
	c := row.Card
	if err != nil || row.Fault.English != "" || c.Number != "A0001" || c.Holder.Name != "王五" ||
		c.Holder.Phone != "138 0013 8000" || c.Level != 1 ||
		c.Principal != 1234_50 || c.Points != 5 || c.Holder.Gender != 0 || c.Holder.Birthday != 1990_01_02 ||
		c.Expires != 2019_01_02 ||
		c.Details.Remarks != "老客" || c.Details.Referrer != "A0002" {
		t.Errorf("got %+v, %v", row, err)
	}
}

// All columns that are not known are told at once.
func TestUnknownColumns(t *testing.T) {
	t.Parallel()
	file, err := cardfile.Look(strings.NewReader("卡号,姓名,等级名称,充值余额,次数,充值余额\n"), "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.Reader(cardfile.Terms{Levels: levels, Today: today})
	e, ok := errors.AsType[*cardfile.SettingError](err)
	if !ok || e.Setting != cardfile.SettingSkip || !slices.Equal(e.Values, []string{"充值余额", "次数"}) ||
		!strings.HasPrefix(e.Why, `column 4: there is no column "充值余额", column 5: there is no column "次数", column 6: `) ||
		!strings.HasSuffix(e.Why, "; to pass them over, name them") {
		t.Errorf("got %v", err)
	}
	r, err := file.Reader(cardfile.Terms{Levels: levels, Today: today, Skip: e.Values})
	if err != nil || strings.Join(r.Used, " ") != "卡号=number 姓名=name 等级名称=level" {
		t.Errorf("got %+v, %v", r, err)
	}
}

// A balance is principal and bonus together; a row in which it is not is refused.
func TestBalance(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"卡号,姓名,等级,余额\nA,x,1,10\n":                       "10.00 0.00",
		"number,name,level,balance,bonus\nA,x,1,10,4\n": "6.00 4.00",
		"卡号,姓名,等级,总余额,赠送余额\nA,x,1,10,4\n":               "6.00 4.00",
		"卡号,姓名,等级,余额,本金,赠金\nA,x,1,10,6,4\n":             "6.00 4.00",
		"卡号,姓名,等级,余额,本金,赠金\nA,x,1,10,7,4\n":             "balance: 10.00 is not principal 7.00 and bonus 4.00 together",
		"卡号,姓名,等级,总余额,赠金\nA,x,1,3,4\n":                  "balance: 3.00 is less than the bonus in it, 4.00",
	} {
		got, err := rows(t, text, levels)
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %v", text, err)
			continue
		}
		have := got[0].Fault.English
		if have == "" {
			have = got[0].Card.Principal.String() + " " + got[0].Card.Bonus.String()
		}
		if have != want {
			t.Errorf("%s: got %q, want %q", text, have, want)
		}
	}
}
