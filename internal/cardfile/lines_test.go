package cardfile_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"tongka/internal/cardfile"
)

// Lines may end in a carriage return alone, in every encoding: the rows are those of the same file with \n.
func TestLinesEndInCR(t *testing.T) {
	t.Parallel()
	const simple = "卡号,姓名,等级,备注\nA0001,王小明,1,x\n\nA0002,欧阳娜娜,1,\"老客\n不吃辣\"\nA0003,\"李四,1,\nA0004,赵镕基,1,"
	const traditional = "卡號,姓名,等級,備註\nA0001,王小明,1,x\n\nA0002,歐陽娜娜,1,\"老客\n不吃辣\"\nA0003,\"李四,1,\nA0004,趙鎔基,1,"
	for name, c := range map[string]struct {
		text string
		in   encoding.Encoding
	}{
		"utf-8": {simple, encoding.Nop}, "marked": {"\uFEFF" + simple, encoding.Nop},
		"gbk": {simple, simplifiedchinese.GBK}, "big5": {traditional, traditionalchinese.Big5},
		"utf-16": {simple, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
		"sep=":   {"sep=;\n" + strings.ReplaceAll(simple, ",", ";"), encoding.Nop},
		"title":  {"会员资料表\n" + simple, simplifiedchinese.GBK},
	} {
		want, err := rows(t, in(t, c.in, c.text), levels)
		if err != nil || len(want) != 4 || want[2].Fault == (cardfile.Reason{}) {
			t.Fatalf("%s: got %+v, %v", name, want, err)
		}
		for _, text := range []string{
			strings.ReplaceAll(c.text, "\n", "\r"), strings.ReplaceAll(c.text, "\n", "\r") + "\r",
			strings.ReplaceAll(strings.ReplaceAll(c.text, "\n", "\r"), "老客\r", "老客\n"), // in quotes it may be either
		} {
			got, err := rows(t, in(t, c.in, text), levels)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s %q: got %+v, %v, want %+v", name, text, got, err, want)
			}
		}
	}
}

// A carriage return in a file whose lines end otherwise is part of its field.
func TestCRInAField(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"number,name,level,remarks\nA1,x,1,\"a\rb\"\nA2,\"y\",1,\n", "number,name,level,remarks\r\nA1,x,1,\"a\rb\"\r\nA2,\"y\",1,\r\n",
		"number,name,level,remarks\r\r\nA1,x,1,a\rb\r\r\nA2,\"y\",1,\r\r\n",
		"number,name,level,\"re\rmarks\"\nA1,x,1,\"a\rb\"\nA2,\"y\",1,\n",
	} {
		got, err := rows(t, text, levels)
		if err != nil || len(got) != 2 || got[0].Card.Details.Remarks != "a b" || got[1].Line != 3 {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
}

// A long file of such lines has all its rows, wherever the buffers end.
func TestLongFileOfCR(t *testing.T) {
	t.Parallel()
	const all = 50_000
	var text strings.Builder
	text.WriteString("number,name,level\r")
	for n := range all {
		fmt.Fprintf(&text, "A%d,王五六七,1\r", n)
	}
	got, err := rows(t, text.String(), levels)
	if err != nil || len(got) != all {
		t.Fatalf("got %d rows, %v", len(got), err)
	}
	for n, row := range got {
		if row.Card.Number != fmt.Sprintf("A%d", n) || row.Line != n+2 {
			t.Fatalf("row %d: got %+v", n, row)
		}
	}
}
