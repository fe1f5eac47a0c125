package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"tongka/internal/sheet"
)

// book returns a workbook with values in its cells.
func book(t *testing.T, cells map[string]any, change func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	for at, v := range cells {
		if err := f.SetCellValue("Sheet1", at, v); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func rowsOf(t *testing.T, content []byte) (all [][]string, err error) {
	t.Helper()
	err = sheet.ReadXLSX(content, 1<<20, func(row []string) error {
		all = append(all, slices.Clone(row))
		return nil
	})
	return all, err
}

// Values come as they are kept: text with its zeros, numbers with the digits that people have typed, days as numbers.
// A number that has lost digits looks like one.
func TestReadXLSX(t *testing.T) {
	t.Parallel()
	got, err := rowsOf(t, book(t, map[string]any{
		"A1": "卡号", "B1": "余额", "A2": "00123", "B2": 0.1 + 0.2, "C2": 13800000023, "A4": 1234567890123456,
		"B4": "1234567890123456", "C4": "1.38E+10", "D4": 43831, "E4": "=1+1", "F4": "0.30000000000000004",
	}, nil))
	want := [][]string{
		{"卡号", "余额"}, {"00123", "0.3", "13800000023"}, nil,
		{"1.23456789012346E+15", "1234567890123456", "1.38E+10", "43831", "=1+1", "0.30000000000000004"},
	}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, %v", got, err)
	}
}

// What was written is read again, and the table in sight is the one that is read.
func TestReadXLSXOfOurs(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w, err := sheet.New(&b, sheet.XLSX, "会员", []string{"卡号", "金额", "日期"})
	if err == nil {
		err = errors.Join(w.Row(sheet.Text("=1+1"), sheet.Money(12_50), sheet.Day(2026_01_02)), w.Close())
	}
	got, readErr := rowsOf(t, b.Bytes())
	if err != nil || readErr != nil || fmt.Sprint(got) != "[[卡号 金额 日期] ['=1+1 12.5 46024]]" {
		t.Errorf("got %q, %v, %v", got, err, readErr)
	}
	two := book(t, map[string]any{"A1": "cover"}, func(f *excelize.File) {
		at, err := f.NewSheet("cards")
		if err == nil {
			f.SetActiveSheet(at)
			err = f.SetCellValue("cards", "A1", "number")
		}
		if err != nil {
			t.Error(err)
		}
	})
	if got, err := rowsOf(t, two); err != nil || fmt.Sprint(got) != "[[number]]" {
		t.Errorf("got %q, %v", got, err)
	}
}

// What cannot be read is told, and never taken: among it what unpacks to far more than it is.
func TestReadXLSXRefuses(t *testing.T) {
	t.Parallel()
	from1904 := book(t, nil, func(f *excelize.File) {
		yes := true
		if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}); err != nil {
			t.Error(err)
		}
	})
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	part, err := z.Create("xl/worksheets/sheet1.xml")
	if err == nil {
		_, err = part.Write(bytes.Repeat([]byte("<row/>"), 1<<20))
	}
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"bomb": {bomb.Bytes(), sheet.ErrLarge}, "dates": {from1904, sheet.ErrDates},
		"wide":  {book(t, map[string]any{"XFD1": "x"}, nil), sheet.ErrWide},
		"no":    {[]byte("PK\x03\x04 and nothing"), sheet.ErrWorkbook},
		"short": {[]byte("PK"), sheet.ErrWorkbook},
		"old":   {[]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 600)), sheet.ErrWorkbook},
	} {
		if got, err := rowsOf(t, c.content); !errors.Is(err, c.want) {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	stop := errors.New("enough")
	if err := sheet.ReadXLSX(book(t, map[string]any{"A1": 1}, nil), 1<<20, func([]string) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}

// longBook returns a workbook in which a part has a text of that many letters, between two others.
func longBook(t *testing.T, part, before string, letters int, after string) []byte {
	t.Helper()
	plain := book(t, map[string]any{"A1": "x"}, nil)
	old, err := zip.NewReader(bytes.NewReader(plain), int64(len(plain)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range old.File {
		if f.Name != part {
			err = errors.Join(err, z.Copy(f))
		}
	}
	w, createErr := z.Create(part)
	if createErr != nil {
		t.Fatal(createErr)
	}
	_, err = io.WriteString(w, before)
	for range letters >> 10 {
		_, writeErr := w.Write(bytes.Repeat([]byte("A"), 1<<10))
		err = errors.Join(err, writeErr)
	}
	_, afterErr := io.WriteString(w, after)
	if err := errors.Join(err, afterErr, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A cell has no more characters than a spreadsheet gives it, and one of a hundred million is refused without being
// built, wherever it stands and however it is divided.
func TestReadXLSXOfLongCells(t *testing.T) { // alone: it counts what is allocated
	const (
		table  = "xl/worksheets/sheet1.xml"
		before = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">`
		after  = `</row></sheetData></worksheet>`
		inline = `<c r="A1" t="inlineStr"><is><t>`
		shared = `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>`
	)
	divided := strings.Repeat(strings.Repeat("A", 1000)+"<!-- -->", 400)
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"inline":    {longBook(t, table, before+inline, 24<<20, "</t></is></c>"+after), sheet.ErrLong},
		"number":    {longBook(t, table, before+`<c r="A1"><v>`, 24<<20, "</v></c>"+after), sheet.ErrLong},
		"shared":    {longBook(t, "xl/sharedStrings.xml", shared, 24<<20, "</t></si></sst>"), sheet.ErrLong},
		"attribute": {longBook(t, table, before+`<c r="`, 24<<20, `"/>`+after), sheet.ErrLong},
		"CDATA":     {longBook(t, table, before+inline+"<![CDATA[<a>", 24<<20, "]]></t></is></c>"+after), sheet.ErrLong},
		"divided":   {longBook(t, table, before+inline+divided, 0, "</t></is></c>"+after), sheet.ErrLong},
		"not long":  {longBook(t, table, before+inline, 31<<10, "</t></is></c>"+after), nil},
		"long":      {longBook(t, table, before+inline, 33<<10, "</t></is></c>"+after), sheet.ErrLong},
		"styles":    {longBook(t, "xl/styles.xml", "<a>", 9<<20, "</a>"), sheet.ErrLarge},
	} {
		var was, is runtime.MemStats
		runtime.ReadMemStats(&was)
		err := sheet.ReadXLSX(c.content, 128<<20, func([]string) error { return nil })
		runtime.ReadMemStats(&is)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %.200v, want %v", name, err, c.want)
		}
		if took := is.TotalAlloc - was.TotalAlloc; took > 16<<20 {
			t.Errorf("%s took %d MiB", name, took>>20)
		}
	}
}

// A number that its format shows with zeros before it is read as everybody sees it.
func TestReadXLSXOfPaddedNumbers(t *testing.T) {
	t.Parallel()
	cells := map[string]any{"A1": 123, "B1": 123, "C1": "123", "D1": 1234567, "A2": 0, "B2": 12.5, "D2": 7}
	content := book(t, cells, func(f *excelize.File) {
		for at, format := range map[string]string{
			"A1": "00000", "C1": "00000", "D1": "00000", "A2": "000", "B2": "00000", "D2": "0000000000",
		} {
			style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
			if err = errors.Join(err, f.SetCellStyle("Sheet1", at, at, style)); err != nil {
				t.Fatal(err)
			}
		}
	})
	got, err := rowsOf(t, content)
	want := [][]string{{"00123", "123", "123", "1234567"}, {"000", "12.5", "", "0000000007"}}
	if err != nil || !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %q, %v", got, err)
	}
}

// What is no XML ends a table for the library without a word, so it is refused: nothing behind it would be read.
func TestReadXLSXOfBrokenTables(t *testing.T) {
	t.Parallel()
	const (
		table  = "xl/worksheets/sheet1.xml"
		shared = "xl/sharedStrings.xml"
		sheets = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
		texts  = `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`
		after  = `<row r="2"><c r="A2"><v>2</v></c></row></sheetData></worksheet>`
	)
	for name, text := range map[string]string{
		"control": "a\x0Bb", "zero": "a&#0;b", "reference": "a&#x0B;b", "ampersand": "a&b", "not UTF-8": "a\xFFb",
	} {
		row := `<row r="1"><c r="A1" t="inlineStr"><is><t>` + text + `</t></is></c></row>`
		for part, content := range map[string]string{
			table: sheets + row + after, shared: texts + "<si><t>" + text + "</t></si></sst>",
		} {
			if got, err := rowsOf(t, longBook(t, part, content, 0, "")); !errors.Is(err, sheet.ErrBroken) {
				t.Errorf("%s in %s: got %q, %v", name, part, got, err)
			}
		}
	}
	whole := sheets + `<row r="1"><c r="A1"><v>1</v></c></row>` + after
	if got, err := rowsOf(t, longBook(t, table, whole, 0, "")); err != nil || len(got) != 2 {
		t.Fatalf("got %q, %v", got, err)
	}
	for _, end := range []string{"</worksheet>", "</sheetData>", "</row>", "2</v>", "r=\"A2\""} {
		cut := whole[:strings.LastIndex(whole, end)]
		if got, err := rowsOf(t, longBook(t, table, cut, 0, "")); !errors.Is(err, sheet.ErrBroken) {
			t.Errorf("cut before %s: got %q, %v", end, got, err)
		}
	}
}

// One number with dust does not bring all of its table into memory, and its kind is found as the library finds it: also
// in the second table, and where rows and cells do not say where they are.
func TestReadXLSXOfManyNumbers(t *testing.T) { // alone: it looks at what is in memory
	const (
		before = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
		first  = `<row><c><v>0.30000000000000004</v></c><c t="inlineStr"><is><t>0.30000000000000004</t></is></c></row>`
		third  = `<row r="3"><c r="B3" t="n"><v>0.30000000000000004</v></c><c t="str"><v>0.30000000000000004</v></c></row>`
	)
	rows := first + third + strings.Repeat("<row>"+strings.Repeat("<c><v>1</v></c>", 200)+"</row>", 300)
	content := longBook(t, "xl/worksheets/sheet1.xml", before+rows, 0, "</sheetData></worksheet>")
	var got [][]string
	var was, is runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&was)
	n := 0
	err := sheet.ReadXLSX(content, 1<<24, func(row []string) error {
		if n++; n <= 3 {
			got = append(got, slices.Clone(row))
		}
		if n == 303 {
			runtime.GC()
			runtime.ReadMemStats(&is)
		}
		return nil
	})
	want := "[[0.3 0.30000000000000004] [] [ 0.3 0.30000000000000004]]"
	if err != nil || n != 303 || fmt.Sprint(got) != want {
		t.Errorf("got %d rows, %q, %v", n, got, err)
	}
	if took := int64(is.HeapAlloc) - int64(was.HeapAlloc); took > 8<<20 {
		t.Errorf("%d MiB are in memory", took>>20)
	}
	two := book(t, map[string]any{"A1": "0.30000000000000004"}, func(f *excelize.File) {
		at, err := f.NewSheet("cards")
		if err == nil {
			f.SetActiveSheet(at)
			err = f.SetCellValue("cards", "A1", 0.1+0.2)
		}
		if err != nil {
			t.Error(err)
		}
	})
	if got, err := rowsOf(t, two); err != nil || fmt.Sprint(got) != "[[0.3]]" {
		t.Errorf("got %q, %v", got, err)
	}
}

// Labels have their texts and pictures.
func TestWriteLabels(t *testing.T) {
	t.Parallel()
	png := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89" +
		"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82")
	var b bytes.Buffer
	err := sheet.WriteLabels(&b, "卡/号", []string{"卡号", "码"}, []sheet.Label{
		{[]sheet.Cell{sheet.Text("00123")}, [][]byte{png}}, {[]sheet.Cell{sheet.Text("=1")}, nil},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := rowsOf(t, b.Bytes()); err != nil || fmt.Sprint(got) != "[[卡号 码] [00123] ['=1]]" {
		t.Errorf("got %q, %v", got, err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	if pictures, err := f.GetPictures("卡 号", "B2"); err != nil || len(pictures) != 1 {
		t.Errorf("got %d pictures, %v", len(pictures), err)
	}
}
