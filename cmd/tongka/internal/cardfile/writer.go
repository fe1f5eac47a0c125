package cardfile

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"tongka"
)

// Writer writes cards as a file that a Reader reads and a spreadsheet opens.
type Writer struct {
	rows   *csv.Writer
	fields []string
}

// NewWriter writes the header.
func NewWriter(w io.Writer, header []string) (*Writer, error) {
	rows := csv.NewWriter(w)
	return &Writer{rows: rows, fields: make([]string, 0, len(header))}, rows.Write(header)
}

// Card writes one card under Columns.
func (w *Writer) Card(c *tongka.Card) error {
	return w.Row(
		c.Number, strconv.FormatInt(int64(c.Level), 10), c.Holder.Name, c.Holder.Phone,
		strconv.Itoa(c.Holder.Gender), c.Holder.Birthday.String(), c.Expires.String(),
		c.Principal.String(), c.Bonus.String(), strconv.FormatInt(c.Points, 10),
		c.Kind.String(), c.Details.ExtID, c.Details.OpenID, statusNames[c.Status])
}

// Row writes one row. What a spreadsheet would take for a formula is guarded.
func (w *Writer) Row(fields ...string) error {
	w.fields = w.fields[:0]
	for _, f := range fields {
		w.fields = append(w.fields, guard(f))
	}
	return w.rows.Write(w.fields)
}

// Flush hands over what was written so far.
func (w *Writer) Flush() error {
	w.rows.Flush()
	return w.rows.Error()
}

var statusNames = map[tongka.Status]string{
	tongka.Active: "active", tongka.Lost: "lost", tongka.Returned: "returned",
	tongka.Replaced: "replaced", tongka.Stopped: "stopped",
}

// formula are the characters that make a spreadsheet take a field for a formula.
const formula = "=+-@\t\r"

func guard(s string) string {
	if s != "" && strings.IndexByte(formula, s[0]) >= 0 {
		return "'" + s
	}
	return s
}

// unguard takes back what guard did.
func unguard(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.IndexByte(formula, s[1]) >= 0 {
		return s[1:]
	}
	return s
}

// Refused writes a row that was refused: its fields as they stand in the file, filled up or cut to the
// header's width, then its line and the reason. Fields were guarded where they come from, or must be
// here.
func (w *Writer) Refused(width int, row Row, reason string) error {
	fields := make([]string, width, width+2)
	copy(fields, row.Fields)
	return w.Row(append(fields, strconv.Itoa(row.Line), reason)...)
}
