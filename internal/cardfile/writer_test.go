package cardfile_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tongka/internal/cardfile"
	"tongka/internal/ledger"
)

func exported(t testing.TB, cards ...ledger.Card) string {
	t.Helper()
	var file bytes.Buffer
	w, err := cardfile.NewWriter(&file, cardfile.Columns)
	if err != nil {
		t.Fatal(err)
	}
	for i := range cards {
		err = errors.Join(err, w.Card(&cards[i]))
	}
	if err := errors.Join(err, w.Flush()); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// An import reads back what an export writes, even fields that a spreadsheet would take for a formula.
func TestWriteAndReadBack(t *testing.T) {
	t.Parallel()
	card := ledger.Card{
		Number: "-0001", Level: 1, Status: ledger.Lost, Expires: 20200101, Principal: 1230, Bonus: 400, Points: 5,
		Holder: ledger.Holder{Name: "=cmd|' /C calc'!A0", Phone: "+85366123456", Gender: 1, Birthday: 19900102},
		Details: ledger.Details{
			Remarks: "'=x", Subject: "''=x", IDNumber: "44010119900102001X", Referrer: "'x", OpenID: "＝x",
			Physical: ledger.Physical{No: "@1", Type: "金", Name: "旧卡", Points: 7, Balance: 1234},
		},
	}
	file := exported(t, card)
	if !strings.HasPrefix(file, "\uFEFFnumber,") {
		t.Errorf("it does not begin with a byte order mark: %q", file)
	}
	for _, formula := range []string{",=", ",+", "\n-", "\"=", ",＝", ",@"} {
		if strings.Contains(file, formula) {
			t.Errorf("a field starts like a formula: %s", file)
		}
	}
	got, err := rows(t, file, levels)
	if err != nil || len(got) != 1 || got[0].Fault.English != "" {
		t.Fatalf("got %+v, %v", got, err)
	}
	if c := got[0].Card; c.Number != card.Number || c.Holder != card.Holder || c.Expires != card.Expires ||
		c.Status != card.Status ||
		c.Principal != card.Principal || c.Bonus != card.Bonus || c.Points != card.Points || c.Level != card.Level ||
		c.Details != card.Details {
		t.Errorf("got %+v, want %+v", c, card)
	}
}

// Whatever a name begins with, it is read back unchanged.
func TestNamesComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.StringOfN(rapid.SampledFrom([]rune("'=+-@＝x07eE.\"王,; ")), 1, 16, -1).Draw(rt, "name")
		card := ledger.Card{
			Number: "A0001", Level: 1, Status: ledger.Active, Holder: ledger.Holder{Name: strings.TrimSpace(name)},
		}
		got, err := rows(t, exported(t, card), levels)
		if err != nil || len(got) != 1 || got[0].Fault.English != "" || got[0].Card.Holder.Name != card.Holder.Name {
			rt.Fatalf("%q: got %+v, %v", name, got, err)
		}
	})
}

// A negative amount is a number for a spreadsheet, so that it is in its sums; what only looks like one is kept as
// it is.
func TestNegativeAmounts(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"-600.00": "-600.00", "-0.05": "-0.05", "-20": "-20", "-0": "-0",
		"-0001": "'-0001", "-": "'-", "-1-1": "'-1-1", "-1.": "'-1.", "-1e3": "'-1e3",
		"-1234567890123456": "'-1234567890123456",
		"+5":                "'+5", "'-5": "''-5", "'5": "''5", "'x": "'x",
	} {
		var file bytes.Buffer
		w, err := cardfile.NewWriter(&file, []string{"x"})
		if err == nil {
			err = errors.Join(w.Row(field), w.Flush())
		}
		if got := strings.TrimPrefix(file.String(), "\uFEFFx\n"); err != nil || got != want+"\n" {
			t.Errorf("%s is written as %q, %v, want %q", field, got, err, want)
		}
	}
}

// Other systems keep leading zeros by an apostrophe or by a formula.
func TestZerosInFront(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		`"=""0001"""`: "0001", "0001\t": "0001", "'=0001": "=0001", "'0001": "0001",
	} {
		got, err := rows(t, "number,name,level\n"+field+",x,1\n", levels)
		if err != nil || got[0].Card.Number != want {
			t.Errorf("%s: got %+v, %v", field, got, err)
		}
	}
}

// Digits that a spreadsheet would write back as others are kept by an apostrophe, and come back as they were.
func TestDigitsASpreadsheetLoses(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"00123": "'00123", "0": "0", "00": "'00", "123": "123", "13800138000": "13800138000", "138001380001": "'138001380001",
		"440101199001020012": "'440101199001020012", "12E3": "'12E3", "12e3": "'12e3", "12E": "12E", "E3": "E3", "0A": "0A",
		"0.50": "0.50", "2020-01-02": "2020-01-02", "'00123": "''00123", `="00123"`: `"'=""00123"""`,
	} {
		var file bytes.Buffer
		w, err := cardfile.NewWriter(&file, []string{"number", "level", "name", "remarks"})
		if err == nil {
			err = errors.Join(w.Row("A1", "1", "x", field), w.Flush())
		}
		if got, _ := strings.CutPrefix(file.String(), "\uFEFFnumber,level,name,remarks\nA1,1,x,"); err != nil ||
			got != want+"\n" {
			t.Errorf("%s is written as %q, %v, want %q", field, got, err, want)
		}
		got, err := rows(t, file.String(), levels)
		if err != nil || len(got) != 1 || got[0].Card.Details.Remarks != field {
			t.Errorf("%s comes back as %+v, %v", field, got, err)
		}
	}
}
