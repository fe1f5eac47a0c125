package cardfile_test

import (
	"bytes"
	"strings"
	"testing"

	"tongka/internal/cardfile"
	"tongka/internal/sheet"
)

// A row goes back with days where it had numbers that stand for days. What else is a number stays as it was, and so
// does a day that cannot be read.
func TestOwnCellsHaveDays(t *testing.T) {
	t.Parallel()
	const text = "reason,number,name,birthday,expires,points\n" +
		",46357,x,46357,20991231,46357\n" +
		",7002,x,1988/1/2,永久,1\n" +
		",7003,x,12,2099-12-31,1\n"
	file, err := cardfile.Look(strings.NewReader(text), "")
	if err != nil {
		t.Fatal(err)
	}
	r, err := file.Reader(cardfile.Terms{Levels: cardfile.NewLevels(merchantOfOne, 1), Today: today})
	if err != nil {
		t.Fatal(err)
	}
	var back bytes.Buffer
	w, err := sheet.New(&back, sheet.CSV, "", r.OwnHeader())
	for range file.Rows {
		row, wrong := r.Next()
		if wrong != nil {
			t.Fatal(wrong)
		}
		err = w.Row(r.OwnCells(row)...)
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	want := "\uFEFFnumber,name,birthday,expires,points\n46357,x,2026-12-01,2099-12-31,46357\n" +
		"7002,x,1988/1/2,永久,1\n7003,x,12,2099-12-31,1\n"
	if got := back.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
