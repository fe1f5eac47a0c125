package cardfile_test

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"tongka/internal/cardfile"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

var levels = cardfile.NewLevels(&ledger.Merchant{
	Levels: []ledger.Level{{ID: 1, Name: "普通"}, {ID: 2, Name: "1"}, {ID: 3, Name: "银卡"}, {ID: 4, Name: "银卡"}},
}, 0)

// merchantOfOne has one level.
var merchantOfOne = &ledger.Merchant{Levels: []ledger.Level{{ID: 1, Name: "普通"}}}

// today is the merchant's day.
const today = 2026_01_05

func rows(t *testing.T, text string, levels cardfile.Levels) ([]cardfile.Row, error) {
	t.Helper()
	file, err := cardfile.Look(strings.NewReader(text), "")
	if err != nil {
		return nil, err
	}
	r, err := file.Reader(cardfile.Terms{Levels: levels, Today: today})
	if err != nil {
		return nil, err
	}
	var all []cardfile.Row
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	if len(all) != file.Rows {
		t.Errorf("counted %d rows, read %d", file.Rows, len(all))
	}
	return all, nil
}

const chinese = "姓名,卡号,等级,手机号,性别,生日,有效期,本金,赠送金额,积分\n" +
	"王五,A0001,普通,13700000000,男,1990/1/2,20300101,12.30,4,5\n" +
	"赵六,A0002,1,,,,,,,\n"

func TestReadEncodings(t *testing.T) {
	t.Parallel()
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(chinese)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"utf-8": chinese, "bom": "\uFEFF" + chinese, "gb18030": gb, "crlf": strings.ReplaceAll(chinese, "\n", "\r\n"),
	} {
		got, err := rows(t, text, levels)
		if err != nil || len(got) != 2 {
			t.Fatalf("%s: got %v, %v", name, got, err)
		}
		want := command.NewCard{
			Number: "A0001", Kind: ledger.Common, Level: 1,
			Holder:  ledger.Holder{Name: "王五", Phone: "13700000000", Gender: 1, Birthday: 19900102},
			Expires: 20300101, Principal: 1230, Bonus: 400, Points: 5,
		}
		if !reflect.DeepEqual(got[0].Card, want) || got[0].Fault.English != "" || got[0].Line != 2 {
			t.Errorf("%s: got %+v, want %+v", name, got[0], want)
		}
		if c := got[1].Card; c.Number != "A0002" || c.Level != 1 || got[1].Fault.English != "" {
			t.Errorf("%s: level by id before level by name: got %+v", name, got[1])
		}
	}
}

// A multi-byte character across two reads must not make the file GB18030.
func TestReadLongFile(t *testing.T) {
	t.Parallel()
	text := "number,name,level\n" + strings.Repeat("A0001,王五六七,1\n", 200_000)
	got, err := rows(t, text, levels)
	if err != nil || len(got) != 200_000 || got[199_999].Card.Holder.Name != "王五六七" {
		t.Errorf("got %d rows, %v", len(got), err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	const header = "number,name,level,principal,points,birthday,gender,status\n"
	if got, err := rows(t, "number,name,level,卡类型,extid\nA0001,x,1,储值卡,0109\nA0002,x,1,,\nA0003,x,1,gold,\n",
		levels); err != nil ||
		got[0].Card.Kind != ledger.StoredValue || got[0].Card.Details.ExtID != "0109" || got[1].Card.Kind != ledger.Common ||
		got[2].Fault.English != "kind: want common, micro or stored-value" {
		t.Errorf("kinds: got %+v, %v", got, err)
	}
	for row, want := range map[string]string{
		"A0001,x,1,1.234,,,,":      "principal: not an amount",
		"A0001,x,1,-5,,,,":         "", // it owes
		"A0001,x,1,1e3,,,,":        "principal: not an amount",
		"A0001,x,1,,1.5,,,":        "points: not a whole number",
		"A0001,x,1,,,1990-02-30,":  "has 7 columns, the header has 8",
		"A0001,x,1,,,1990-02-30,,": "birthday: not a day",
		"A0001,x,1,,,,2,":          "", // it has no gender
		"A0001,x,1,,,,,lost":       "",
		"A0001,x,1,,,,,expired":    "",
		"A0001,x,1,,,,,已退卡":        "status: a card that is 已退卡 is closed for good",
		"A0001,x,1,,,,,asleep":     "status: want active, lost, stopped or expired",
		"A0001,x,1,,,,,active":     "",
		"A0001,x,nowhere,,,,,":     `level: the merchant has no level "nowhere"`,
		"A0001,x,银卡,,,,,":          `level: levels 3 and 4 are both named "银卡": give the id of one`,
		"A0001,x\uFFFD,1,,,,,":     "name: has a character that does not decode",
	} {
		got, err := rows(t, header+row+"\n", levels)
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: got %v, %v", row, got, err)
		}
		if fault := got[0].Fault.English; !strings.HasPrefix(fault, want) || (want == "") != (fault == "") {
			t.Errorf("%s: got %q, want %q", row, fault, want)
		}
	}
}

func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                              "is empty",
		"number,level\n":                "the column name is missing",
		"number,name,level,principle\n": `column 4: there is no column "principle"; the columns are number, level`,
		"卡号,姓名,等级,余额,赠送余额\n":                             "it has a balance and a bonus: call the balance principal",
		"number,name,level,卡号\n":                         `columns 1 and 4, "number" and "卡号", both mean number: pass one of them over`,
		"number,name,level, Number*\n":                   `columns 1 and 4 are both called " Number*": give one of them another name`,
		"number,name\n":                                  "say which level",
		"number,\"name,level\nA,b,1\n":                   `line 1, the header: a quote (") is wrong`,
		"卡号,姓名,等级\"\nA,b,1\n":                            "表头：引号（\"）有误",
		"number,name,level\nA,caf\xe9,1\nB,na\xefve,1\n": "its encoding is not known: it looks most like gb18030",
		"n\x00u\x00m\x00b\x00\xE9\x00":                   "like UTF-16 without its mark",
		"PK\x03\x04\x14\x00\xE9\x00":                     "a spreadsheet's workbook, whatever it is called: save it as CSV UTF-8",
		"\xD0\xCF\x11\xE0\xA1\xB1":                       "a spreadsheet's workbook",
	} {
		if _, err := rows(t, text, levels); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func TestDefaultLevel(t *testing.T) {
	t.Parallel()
	m := &ledger.Merchant{Levels: []ledger.Level{{ID: 7, Name: "普通"}}}
	got, err := rows(t, "number,name,line,reason\nA0001,x,5,card number is taken\n", cardfile.NewLevels(m, 7))
	if err != nil || got[0].Card.Level != 7 || got[0].Fault.English != "" {
		t.Errorf("got %+v, %v", got, err)
	}
}
