package cardfile

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"

	"tongka/internal/ledger"
	"tongka/internal/sheet"
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
	return NewWriter(w, append(slices.Clone(added), PlainFields(header)...))
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
		w.fields = append(w.fields, sheet.Guard(f))
	}
	err := w.rows.Write(w.fields)
	w.failed = err != nil
	return err
}

// Refused writes a refused row: its line and the reason, then its fields.
func (w *Writer) Refused(line int, why Reason, fields []string) error {
	return w.Row(append([]string{strconv.Itoa(line), why.English, why.Chinese}, PlainFields(fields)...)...)
}

// PlainFields returns fields of a file without their guards, so that writing them does not guard them twice.
func PlainFields(fields []string) []string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = sheet.Unguard(f)
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
