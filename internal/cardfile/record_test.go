package cardfile_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"tongka/internal/cardfile"
)

// brief returns what became of rows: a row that is opened by its number, name, remarks and principal, and one that is
// refused by its first line and the first words of the reason.
func brief(all []cardfile.Row) (got []string) {
	for _, row := range all {
		if row.Fault == (cardfile.Reason{}) {
			c := row.Card
			got = append(got, fmt.Sprintf("%s %s %s %v", c.Number, c.Holder.Name, c.Details.Remarks, c.Principal))
			continue
		}
		text := row.Fault.English
		got = append(got, fmt.Sprintf("%d: %s", row.Line, text[:min(len(text), 22)]))
	}
	return got
}

// A wrong quote is the fault of its row. No row behind it is lost, and what stands in quotes never becomes a card.
func TestWrongQuotes(t *testing.T) {
	t.Parallel()
	const wrong, doubt = `: a quote (") is wrong: `, ": a quote opened on line"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"opened, not closed": {"A1,\"张三,x,1\nA2,李四,x,2\nA3,王五,x,3\n", []string{"2" + wrong, "A2 李四 x 2.00", "A3 王五 x 3.00"}},
		"at the end":         {"A1,张三,x,1\nA2,\"李四,x,2", []string{"A1 张三 x 1.00", "3" + wrong}},
		"opened, a quoted field far behind": {
			"A1,\"张三,x,1\nA2,李四,x,2\nA3,\"王五\",x,3\n", []string{"2" + wrong, "A2 李四 x 2.00", "A3 王五 x 3.00"},
		},
		"opened, empty quotes behind": {"A1,\"张三,x,1\nA2,\"\",x,2\n", []string{"2" + wrong, "A2  x 2.00"}},
		"two such":                    {"A1,\"张三,x,1\nA2,\"李四,x,2\nA3,王五,x,3\n", []string{"2" + wrong, "3" + wrong, "A3 王五 x 3.00"}},
		"pair in a field":             {"A1,张\"三\",x,1\nA2,李四,,2\n", []string{"A1 张\"三\" x 1.00", "A2 李四  2.00"}},
		"one in a field":              {"A1,张\"三,x,1\nA2,李四,5\",2\nA3,王五,x,3\n", []string{"2" + wrong, "3" + wrong, "A3 王五 x 3.00"}},
		"behind the closing one":      {"A1,\"张\"三,x,1\nA2,李四,x,2\n", []string{"2" + wrong, "A2 李四 x 2.00"}},
		"behind a space":              {"A1, \"张三\",x,1\nA2,李四,x,2\n", []string{"2" + wrong, "A2 李四 x 2.00"}},
		"a spreadsheet's text":        {"=\"00124\",张三,x,=\"1.50\"\n", []string{"00124 张三 x 1.50"}},
		"it is not cut":               {"A1,=\"张,三\",1\nA2,李四,x,2\n", []string{"2" + wrong, "A2 李四 x 2.00"}},
		"two wrong ones around rows": { // as CSV this is A1 with the money of A3
			"A1,张三,\"x,1\nA2,李四,x,2\nA3,王五,x\",3\nA4,赵六,x,4\n", []string{"2" + doubt, "A4 赵六 x 4.00"},
		},
		"two in rows that follow": {"A1,张三,\"x,1\nA2,李四,x\",2\nA3,王五,x,3\n", []string{"2" + doubt, "A3 王五 x 3.00"}},
		"a row in quotes":         {"A1,张三,\"x\nA9,偷,x,9999\n\",1\nA2,李四,x,2\n", []string{"2" + doubt, "A2 李四 x 2.00"}},
		"lines in quotes":         {"A1,张三,\"x, \"\"y\"\"\n\nz, 9\",1\nA2,李四,x,2\n", []string{"A1 张三 x, \"y\" z, 9 1.00", "A2 李四 x 2.00"}},
		"lines in quotes, a column less": {
			"A1,张三,\"x\ny\"\nA2,李四,x,2\n", []string{"2: has 3 columns, the hea", "A2 李四 x 2.00"},
		},
	} {
		for _, end := range []string{"\n", "\r\n"} {
			text := "number,name,remarks,principal\n" + c.text
			got, err := rows(t, strings.ReplaceAll(text, "\n", end), cardfile.NewLevels(merchantOfOne, 1))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if have := brief(got); !slices.Equal(have, c.want) {
				t.Errorf("%s: got %q, want %q", name, have, c.want)
			}
			for _, row := range got {
				if strings.Contains(row.Fault.English, "quote") && (len(row.Fields) != 1 || !inChinese(row.Fault.Chinese)) {
					t.Errorf("%s: got %+v", name, row)
				}
			}
		}
	}
}

// One stray quote in a long file costs one row, wherever it stands.
func TestStrayQuoteInALongFile(t *testing.T) {
	t.Parallel()
	const all, bad = 3000, 2499
	for _, row := range []string{"Z%d,\"张三,3\n", "Z%d,张三\",3\n", "Z%d,张\"三,3\n", "\"Z%d,张三,3\n", "Z%d,张三,\"3\n"} {
		var text strings.Builder
		text.WriteString("number,name,points\n")
		for n := range all {
			if n == bad {
				fmt.Fprintf(&text, row, n)
				continue
			}
			fmt.Fprintf(&text, "Z%d,张三,3\n", n)
		}
		got, err := rows(t, text.String(), cardfile.NewLevels(merchantOfOne, 1))
		if err != nil || len(got) != all {
			t.Errorf("%q: %d rows, %v", row, len(got), err)
			continue
		}
		for n, r := range got {
			if r.Line != n+2 || (r.Fault != (cardfile.Reason{})) != (n == bad) {
				t.Errorf("%q: row %d: %+v", row, n, r)
			}
		}
	}
}

// A row with a wrong quote is in the file of refused rows as it stands in the file, and is refused there again.
func TestWrongQuotesAreRefusedAgain(t *testing.T) {
	t.Parallel()
	text := "number,name,remarks,principal\nA1,\"张三,x,1\nA2,李四,\"x,2\nA3,王五,x\",3\n"
	for _, want := range []string{`has a quote`, "has 1 columns", "has 1 columns"} {
		file, err := cardfile.Look(strings.NewReader(text), "")
		if err != nil {
			t.Fatal(err)
		}
		r, err := file.Reader(cardfile.Terms{Levels: cardfile.NewLevels(merchantOfOne, 1), Today: today})
		if err != nil {
			t.Fatal(err)
		}
		var refused strings.Builder
		w, err := cardfile.NewRefused(&refused, r.OwnHeader())
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for ; ; n++ {
			row, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || !strings.Contains("has "+row.Fault.English, want) {
				t.Errorf("got %+v, %v, want %s", row, err, want)
			}
			if err := w.Refused(row.Line, row.Fault, r.Own(row)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil || n != 2 || !strings.Contains(refused.String(), `,"A1,""张三,x,1"`) ||
			!strings.Contains(refused.String(), `,"A2,李四,""x,2`+"\n"+`A3,王五,x"",3"`) {
			t.Errorf("%d rows, %v: %s", n, err, refused.String())
		}
		text = refused.String()
	}
	// A wrong quote in such a file loses nothing of its row either.
	text = "line,reason,number,name\n7,x,A1,\"张三\n"
	file, err := cardfile.Look(strings.NewReader(text), "")
	if err != nil {
		t.Fatal(err)
	}
	r, err := file.Reader(cardfile.Terms{Levels: cardfile.NewLevels(merchantOfOne, 1), Today: today})
	if err != nil {
		t.Fatal(err)
	}
	if row, err := r.Next(); err != nil || !slices.Equal(r.Own(row), []string{"7,x,A1,\"张三"}) {
		t.Errorf("got %+v, %v", row, err)
	}
}

// What is CSV is read as such, row for row, but for fields of several lines, of which a row may be refused as a whole.
func FuzzRecords(f *testing.F) {
	for _, text := range []string{
		"A1,张三,x,1\n\nA2,\"李,四\",\"x\"\"y\",2\r\n", "A1,\"a\nb\",x,1\nA2,b,x,2", "A1,\"a\nb,c,d,e\nf\",x,1\n,\n", "\",\n\"\n\",\",,\"\n",
		"a\r", "\"\r\n\"\r", "A,\"b,\n\"\"\nC,\"", "a,b\"\"c\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const header = "number,name,remarks,principal\n"
		if !utf8.ValidString(text) {
			return // it may be of another encoding
		}
		got, err := rows(t, header+text, cardfile.NewLevels(merchantOfOne, 1))
		if err != nil {
			t.Fatal(err)
		}
		lines := 1
		for _, row := range got {
			if row.Line <= lines {
				t.Fatalf("line %d comes after %d", row.Line, lines)
			}
			lines = row.Line
		}
		want := csv.NewReader(strings.NewReader(header + text))
		want.FieldsPerRecord = -1
		all, err := want.ReadAll()
		if err != nil {
			return
		}
		all = slices.DeleteFunc(all, func(fields []string) bool { // without content
			return strings.TrimSpace(strings.Join(fields, "")) == ""
		})
		if len(all)-1 != len(got) {
			t.Fatalf("got %d rows, want %d: %q", len(got), len(all)-1, all)
		}
		for n, row := range got {
			fields := all[n+1]
			severalLines := strings.Contains(strings.Join(fields, ""), "\n")
			refused := severalLines && strings.Contains(row.Fault.English, "quote")
			if !slices.Equal(row.Fields, fields) && !refused {
				t.Errorf("got %q, want %q", row.Fields, fields)
			}
		}
	})
}

// TestRowsWithoutContent: rows without content are passed over wherever they are, and counted; the lines of the others
// keep their numbers. A row with a wrong quote has content.
func TestRowsWithoutContent(t *testing.T) {
	t.Parallel()
	const text = "\nnumber,name,level\n,,\r\nA1,x,1\n\"\",\" \",\t\n,\n\nA2,x,1\n,\",\n \n,,,,,\n"
	file, err := cardfile.Look(strings.NewReader(text), "")
	if err != nil || file.Rows != 3 || file.Blank != 7 {
		t.Fatalf("got %+v, %v", file, err)
	}
	got, err := rows(t, text, levels)
	if err != nil || len(got) != 3 {
		t.Fatalf("got %+v, %v", got, err)
	}
	for i, line := range []int{4, 8, 9} {
		if got[i].Line != line || (got[i].Fault.English == "") != (i < 2) {
			t.Errorf("row %d: got %+v", i, got[i])
		}
	}
}
