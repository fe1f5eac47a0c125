package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"tongka/internal/ledger"
)

// sample has a cell of each kind, and texts that spreadsheets would change or carry out.
var sample = [][]Cell{
	{Text("000123"), Text("=cmd|' /C calc'!A0"), Money(12_34), Count(3), Day(2026_03_04)},
	{Text("8800123456789012345"), Text("+8613800005562"), Money(-5), Count(-20), Day(ledger.Forever)},
	{Text("张三 <b>&\"'\n, ;"), Text("@x"), Money(0), Count(0), Day(0)},
	{{}, Text("-1-1"), Money(99_999_999_999_99), Count(1 << 50), Day(1900_01_01)},
	{Text("'0012"), Text("＝1＋1"), Money(1), Count(1), Day(2000_02_29)},
}

var header = []string{"卡号", "=姓名", "金额", "积分", "日期"}

func written(t testing.TB, f Format, title string, header []string, rows [][]Cell) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := New(&out, f, title, header)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := w.Row(row...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A file of CSV says that it is UTF-8, its amounts have two decimals, and no field begins like a formula.
func TestCSV(t *testing.T) {
	t.Parallel()
	file := string(written(t, CSV, "x", header, sample))
	text, marked := strings.CutPrefix(file, "\uFEFF")
	if !marked {
		t.Errorf("it has no byte order mark: %q", file[:20])
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"卡号", "'=姓名", "金额", "积分", "日期"},
		{"'000123", "'=cmd|' /C calc'!A0", "12.34", "3", "2026-03-04"},
		{"'8800123456789012345", "'+8613800005562", "-0.05", "-20", "9999-12-31"},
		{"张三 <b>&\"'\n, ;", "'@x", "0.00", "0", ""},
		{"", "'-1-1", "99999999999.99", "1125899906842624", "1900-01-01"},
		{"''0012", "'＝1＋1", "0.01", "1", "2000-02-29"},
	}
	if got, want := fmt.Sprintf("%q", rows), fmt.Sprintf("%q", want); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func opened(t testing.TB, file []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// In a workbook numbers of cards are text with all their digits, amounts and days are numbers that are shown as such,
// and nothing is a formula.
func TestXLSX(t *testing.T) {
	t.Parallel()
	f := opened(t, written(t, XLSX, "会员: 2026/03 [全部]", header, sample))
	if got := f.GetSheetList(); len(got) != 1 || got[0] != "会员  2026 03  全部" {
		t.Errorf("worksheets %q", got)
	}
	tab := f.GetSheetList()[0]
	raw, err := f.GetRows(tab, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"卡号", "'=姓名", "金额", "积分", "日期"},
		{"000123", "'=cmd|' /C calc'!A0", "12.34", "3", "46085"},
		{"8800123456789012345", "'+8613800005562", "-0.05", "-20", "2958465"},
		{"张三 <b>&\"'\n, ;", "'@x", "0", "0"},
		{"", "'-1-1", "99999999999.99", "1125899906842624", "1900-01-01"},
		{"''0012", "'＝1＋1", "0.01", "1", "36585"},
	}
	if got, want := fmt.Sprintf("%q", raw), fmt.Sprintf("%q", want); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for at, want := range map[string]string{
		"A2": "000123", "C2": "12.34", "E2": "2026-03-04", "C4": "0.00", "C5": "99999999999.99", "E3": "9999-12-31",
		"E6": "2000-02-29", "D3": "-20",
	} {
		if got, err := f.GetCellValue(tab, at); err != nil || got != want {
			t.Errorf("%s is shown as %q, %v, want %q", at, got, err, want)
		}
	}
	for at, want := range map[string]excelize.CellType{
		"A2": excelize.CellTypeInlineString, "A3": excelize.CellTypeInlineString, "B2": excelize.CellTypeInlineString,
		"C2": excelize.CellTypeUnset, "D2": excelize.CellTypeUnset, "E2": excelize.CellTypeUnset,
	} {
		if got, err := f.GetCellType(tab, at); err != nil || got != want {
			t.Errorf("%s is of type %v, %v, want %v", at, got, err, want)
		}
		if formula, err := f.GetCellFormula(tab, at); err != nil || formula != "" {
			t.Errorf("%s has a formula: %q, %v", at, formula, err)
		}
	}
}

// More rows than a worksheet takes go on in another one, each with the header.
func TestMoreRowsThanAWorksheetTakes(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w, err := newXLSX(&out, strings.Repeat("长", 40), []string{"n"}, 4)
	if err != nil {
		t.Fatal(err)
	}
	for n := range int64(7) {
		if err := w.Row(Count(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f := opened(t, out.Bytes())
	var got []string
	for _, tab := range f.GetSheetList() {
		rows, err := f.GetRows(tab)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(rows))
	}
	if want := "[[n] [0] [1] [2]] [[n] [3] [4] [5]] [[n] [6]]"; strings.Join(got, " ") != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A table without rows has its header, and one without a title is a workbook all the same.
func TestEmptyTable(t *testing.T) {
	t.Parallel()
	if got := string(written(t, CSV, "", header[:1], nil)); got != "\uFEFF卡号\n" {
		t.Errorf("got %q", got)
	}
	f := opened(t, written(t, XLSX, " '", header[:1], nil))
	if rows, err := f.GetRows(f.GetSheetList()[0]); err != nil || fmt.Sprint(rows) != "[[卡号]]" {
		t.Errorf("got %v, %v", rows, err)
	}
}

var errDisk = errors.New("the disk is full")

// failing fails after some bytes.
type failing struct{ room int }

func (f *failing) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errDisk
	}
	return len(p), nil
}

// What could not be written is told, at the latest by Close.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	for _, format := range Formats {
		for _, room := range []int{0, 100, 2000} {
			w, err := New(&failing{room}, format, "x", header)
			for range 2000 {
				if err == nil {
					err = w.Row(sample[0]...)
				}
			}
			if w != nil {
				err = errors.Join(err, w.Close())
			}
			if !errors.Is(err, errDisk) {
				t.Errorf("%s with room for %d: %v", format, room, err)
			}
		}
	}
}

// The memory that a table takes does not grow with its rows: here they are 40 MB.
func TestMemory(t *testing.T) {
	long := strings.Repeat("张三李四", 1000)
	for _, format := range Formats {
		w, err := New(io.Discard, format, "x", header)
		if err != nil {
			t.Fatal(err)
		}
		var before, now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for range 3_500 {
			if err := w.Row(Text(long)); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&now)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if grown := int64(now.HeapAlloc) - int64(before.HeapAlloc); grown > 40<<20 {
			t.Errorf("%s: %d MB more", format, grown>>20)
		}
	}
}

// What Guard writes, Unguard gives back, and no guarded text begins like a formula. A cell of a workbook comes back the
// same way.
func TestGuardComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.StringOfN(rapid.SampledFrom([]rune("'=+-@＝x07eE.\"王,; \t")), 0, 12, -1).Draw(rt, "text")
		for _, guarded := range []string{Guard(s), guardCell(s)} {
			if isFormula(guarded) && !negative.MatchString(guarded) {
				rt.Fatalf("%q is written as %q", s, guarded)
			}
			if got := Unguard(guarded); got != s && guarded != s {
				rt.Fatalf("%q is written as %q and comes back as %q", s, guarded, got)
			}
		}
	})
}

// No part of a field begins like a formula, wherever a spreadsheet cuts its line: at semicolons, tabs and line ends.
func TestGuardBehindSeparators(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		";=1+1": ";'=1+1", "a;+1": "a;'+1", "a\t@x": "a\t'@x", "a;＝1": "a;'＝1", "\r=1": "'\r'=1", "a;'=1": "a;''=1",
		"a; b": "a; b", "a,=1": "a,=1", "=a;=b": "'=a;'=b", ";": ";", "a;": "a;", "a;;-2": "a;;'-2",
	} {
		if got := Guard(s); got != want || Unguard(got) != s {
			t.Errorf("%q is written as %q, want %q, and comes back as %q", s, got, want, Unguard(got))
		}
	}
}

// Amounts in a workbook are exact, whatever they are.
func TestAmountsAreExact(t *testing.T) {
	t.Parallel()
	rows, want := [][]Cell{}, []string{}
	for range 2000 {
		fen := ledger.Fen(rand.Int64N(200_000_000_000_000) - 100_000_000_000_000)
		if rand.IntN(2) == 0 {
			fen %= 100_000
		}
		rows, want = append(rows, []Cell{Money(fen)}), append(want, fen.String())
	}
	f := opened(t, written(t, XLSX, "x", []string{"a"}, rows))
	got, err := f.GetRows("x")
	if err != nil || len(got) != 1+len(want) {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	for i := range want {
		if got[i+1][0] != want[i] {
			t.Errorf("%s is written as %s", want[i], got[i+1][0])
		}
	}
}
