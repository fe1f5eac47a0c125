package cardfile

import (
	"encoding/csv"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tongka/internal/ledger"
)

// Writer writes cards as a file in UTF-8 that spreadsheets open and a Reader reads. The Reader refuses those of its
// rows that hold a returned or replaced card.
type Writer struct {
	rows   *csv.Writer
	fields []string
	failed bool // Row has returned the error of a write, which csv.Writer returns again and again
}

// NewWriter returns a Writer that has written the header, after a byte order mark, without which spreadsheets take
// the file for another encoding.
func NewWriter(w io.Writer, header []string) (*Writer, error) {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return nil, err
	}
	writer := &Writer{rows: csv.NewWriter(w), fields: make([]string, 0, len(header))}
	return writer, writer.Row(header...)
}

// NewRefused begins a file of refused rows, whose fields stand behind their line and the reason in English and in
// Chinese. There a row that has too many fields keeps them all, and is refused for them again.
func NewRefused(w io.Writer, header []string) (*Writer, error) {
	return NewWriter(w, append(slices.Clone(added), plainFields(header)...))
}

// Card writes one card under Columns.
func (w *Writer) Card(c *ledger.Card) error {
	t, p := &c.Details, &c.Details.Physical
	return w.Row(
		c.Number, strconv.FormatInt(int64(c.Level), 10), c.Holder.Name, c.Holder.Phone,
		strconv.Itoa(c.Holder.Gender), c.Holder.Birthday.String(), c.Expires.String(),
		c.Principal.String(), c.Bonus.String(), strconv.FormatInt(c.Points, 10),
		c.Kind.String(), t.ExtID, t.OpenID, statusNames[c.Status], t.Remarks, t.Subject, t.IDNumber,
		t.Referrer, p.No, p.Type, p.Name, strconv.FormatInt(p.Points, 10), p.Balance.String())
}

// Row writes one row. Fields that a spreadsheet would take for a formula, and numbers that it would write back without
// their leading zeros or rounded, get an apostrophe before them.
func (w *Writer) Row(fields ...string) error {
	w.fields = w.fields[:0]
	for _, f := range fields {
		w.fields = append(w.fields, guard(f))
	}
	err := w.rows.Write(w.fields)
	w.failed = err != nil
	return err
}

// Refused writes a refused row: its line and the reason, then its fields.
func (w *Writer) Refused(line int, why Reason, fields []string) error {
	return w.Row(append([]string{strconv.Itoa(line), why.English, why.Chinese}, plainFields(fields)...)...)
}

// plainFields returns fields of a file without their guards, so that writing them does not guard them twice.
func plainFields(fields []string) []string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = unguard(f)
	}
	return all
}

// Flush passes buffered rows to the underlying writer. It returns the first error of any write, unless Row has
// returned it before.
func (w *Writer) Flush() error {
	if w.failed {
		return nil
	}
	w.rows.Flush()
	return w.rows.Error()
}

var statusNames = map[ledger.Status]string{
	ledger.Active: "active", ledger.Lost: "lost", ledger.Returned: "returned",
	ledger.Replaced: "replaced", ledger.Stopped: "stopped",
}

// formula has the characters that make a spreadsheet take a field for a formula if it begins with them.
const formula = "=+-@\t\r＝＋－＠"

// guard puts an apostrophe before a field that a spreadsheet would take for a formula, before digits that it would
// change, and before a field from which unguard would remove an apostrophe. A negative amount gets none: with it,
// spreadsheets would treat the amount as text and leave it out of sums.
func guard(s string) string {
	if strings.HasPrefix(s, "'") && takesMark(s) || !strings.HasPrefix(s, "'") && isFormula(s) &&
		!negative.MatchString(s) || losesDigits(s) {
		return "'" + s
	}
	return s
}

// longDigits is from how many digits on a spreadsheet shows a number, and writes it, as 1.23E+11.
const longDigits = 12

// losesDigits reports whether a spreadsheet would take a text for a number and write other digits back: 00123 as 123,
// a long number as 1.23E+17, and 12E3 as 12000.
func losesDigits(s string) bool {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return false
	}
	whole := strings.TrimLeft(s, "0123456789")
	switch {
	case whole == "":
		return s[0] == '0' && len(s) > 1 || len(s) >= longDigits
	case whole[0] == 'e' || whole[0] == 'E':
		power := whole[1:]
		return power != "" && strings.Trim(power, "0123456789") == ""
	}
	return false
}

var negative = regexp.MustCompile(`^-(0|[1-9]\d{0,14})(\.\d+)?$`)

// unguard removes what guard has added, an apostrophe by which somebody made a spreadsheet keep digits as they are,
// and the formula ="0001", by which other systems keep leading zeros.
func unguard(s string) string {
	if len(s) > 1 && s[0] == '\'' && takesMark(s[1:]) {
		return s[1:]
	}
	if len(s) >= 3 && strings.HasPrefix(s, `="`) && strings.HasSuffix(s, `"`) && !strings.Contains(s[2:len(s)-1], `"`) {
		return s[2 : len(s)-1]
	}
	return s
}

// takesMark reports whether a text, after any number of apostrophes, begins with a digit or like a formula, so that
// one more apostrophe before it is a mark and not part of the text.
func takesMark(s string) bool {
	s = strings.TrimLeft(s, "'")
	return isFormula(s) || s != "" && s[0] >= '0' && s[0] <= '9'
}

// isFormula reports whether a spreadsheet would take a text for a formula.
func isFormula(s string) bool {
	for _, r := range s {
		return strings.ContainsRune(formula, r)
	}
	return false
}
