package cardfile

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"tongka/internal/sheet"
)

// peak returns how many more bytes were in use at once while do ran than before. Little of it is what waits for the
// collector, which is made to come often.
func peak(do func()) (most int64) {
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	runtime.GC()
	var was runtime.MemStats
	runtime.ReadMemStats(&was)
	done, sampled := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(sampled)
		var is runtime.MemStats
		for {
			runtime.ReadMemStats(&is)
			most = max(most, int64(is.HeapAlloc)-int64(was.HeapAlloc)) //nolint:gosec // no heap is that large
			select {
			case <-done:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	do()
	close(done)
	<-sampled
	return most
}

// hostile returns a workbook with these parts in place of those of a plain one.
func hostile(t *testing.T, parts map[string]func(w io.Writer)) []byte {
	t.Helper()
	var plain, b bytes.Buffer
	w, err := sheet.New(&plain, sheet.XLSX, "cards", []string{"number", "name"})
	if err == nil {
		err = errors.Join(w.Row(sheet.Text("1"), sheet.Text("x")), w.Close())
	}
	old, readErr := zip.NewReader(bytes.NewReader(plain.Bytes()), int64(plain.Len()))
	if err := errors.Join(err, readErr); err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(&b)
	for _, f := range old.File {
		if parts[f.Name] == nil {
			err = errors.Join(err, z.Copy(f))
		}
	}
	for name, write := range parts {
		w, createErr := z.Create(name)
		if createErr != nil {
			t.Fatal(createErr)
		}
		write(w)
	}
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// repeated writes a text that many times between two others.
func repeated(before, text string, times int, after string) func(io.Writer) {
	return func(w io.Writer) {
		_, _ = io.WriteString(w, before) // in memory nothing fails
		many := strings.Repeat(text, 1<<10)
		for range times >> 10 {
			_, _ = io.WriteString(w, many)
		}
		_, _ = io.WriteString(w, strings.Repeat(text, times%(1<<10))+after)
	}
}

// mostAtOnce is how many bytes a file may take while it is read, whatever it has: the largest that may be uploaded, and
// what its text may take twice.
const mostAtOnce = 200 << 20

// A workbook of a few kilobytes cannot fill the memory, neither by long texts that many cells share nor by many small
// things, and what is too much is told.
func TestMemoryOfWorkbooks(t *testing.T) { // alone: it looks at what is in memory
	const (
		table  = "xl/worksheets/sheet1.xml"
		shared = "xl/sharedStrings.xml"
		main   = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`
		before = `<worksheet ` + main + `<sheetData>`
		after  = `</sheetData></worksheet>`
		cell   = `<c t="s"><v>0</v></c>`
	)
	long := strings.Repeat("张", 32_000)
	one := repeated(`<sst `+main+"<si><t>"+long+"</t></si>", "", 0, "</sst>")
	runs := repeated(`<sst `+main+"<si>", "<r><t>张张张张张张张张</t></r>", 4_000, "</si></sst>")
	for name, c := range map[string]struct {
		parts map[string]func(io.Writer)
		want  Reason
	}{
		"a text in a column": {
			map[string]func(io.Writer){shared: one, table: repeated(before, "<row>"+cell+"</row>", 1_000_000, after)},
			workbookFaults[sheet.ErrLarge],
		},
		"a text everywhere": {
			map[string]func(io.Writer){
				shared: one, table: repeated(before, "<row>"+strings.Repeat(cell, 250)+"</row>", 4_000, after),
			}, workbookFaults[sheet.ErrLarge],
		},
		"a text in a row": {
			map[string]func(io.Writer){shared: runs, table: repeated(before+"<row>", cell, 16_000, "</row>"+after)},
			workbookFaults[sheet.ErrWide],
		},
		"many texts": {
			map[string]func(io.Writer){
				table: repeated(before, `<row><c t="inlineStr"><is><t>`+long+"</t></is></c></row>", 1_200, after),
			}, workbookFaults[sheet.ErrLarge],
		},
		"many shared texts": {
			map[string]func(io.Writer){shared: repeated(`<sst `+main, "<si><t/></si>", 500_000, "</sst>")}, Reason{},
		},
		"many styles": {
			map[string]func(io.Writer){
				"xl/styles.xml": repeated(`<styleSheet `+main+`<cellXfs>`, "<xf/>", 1_600_000, "</cellXfs></styleSheet>"),
			}, workbookFaults[sheet.ErrLarge],
		},
		"many empty cells": {
			map[string]func(io.Writer){table: repeated(before, "<row>"+strings.Repeat("<c/>", 250)+"</row>", 40_000, after)},
			workbookFaults[sheet.ErrLarge],
		},
	} {
		if underRace && name != "a text in a row" {
			continue // the detector takes memory and time of its own; make test tries the others without it
		}
		content := hostile(t, c.parts)
		var err error
		took := peak(func() { _, _, err = Text(content) })
		if got, _ := Unreadable(err); got != c.want || c.want == (Reason{}) && err != nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if took > mostAtOnce && !underRace {
			t.Errorf("%s took %d MiB", name, took>>20)
		}
	}
}

// A CSV of the size that may be uploaded takes no more than a few times that, however it is divided, and its rows are
// refused one by one.
func TestMemoryOfCSV(t *testing.T) { // alone: it looks at what is in memory
	const header = "number,name\n"
	for name, c := range map[string]struct {
		text  string
		rows  int // all of them refused
		fault Reason
	}{
		"columns": {header + strings.Repeat(strings.Repeat(",", 1<<19)+"x\n", 60), 60, manyFields},
		"a line":  {header + strings.Repeat("x", 30<<20) + "\ny", 2, longRecord},
		"a quote": {header + `"` + strings.Repeat(strings.Repeat("x", 1<<10)+"\n", 30<<10), 30 << 10, strayQuote},
	} {
		rows, first := 0, Reason{}
		took := peak(func() {
			f, err := Look(strings.NewReader(c.text), "")
			if err != nil {
				t.Fatal(err)
			}
			r, err := f.Reader(Terms{Levels: Levels{otherwise: 1}})
			for err == nil {
				var row Row
				if row, err = r.Next(); err == nil && row.Fault != (Reason{}) {
					rows++
				}
				if rows == 1 {
					first = row.Fault
				}
			}
		})
		if rows != c.rows || first != c.fault {
			t.Errorf("%s: %d rows are refused, the first because %q", name, rows, first.English)
		}
		if took > 128<<20 && !underRace {
			t.Errorf("%s took %d MiB", name, took>>20)
		}
	}
	if _, err := Look(strings.NewReader(strings.Repeat(",", 30<<20)), ""); err == nil ||
		!strings.Contains(err.Error(), longRecord.English) {
		t.Errorf("a header of commas: %v", err)
	}
}
