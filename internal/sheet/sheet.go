// Package sheet writes tables as files that spreadsheets open: CSV in UTF-8, or XLSX. Rows come one by one and are not
// kept, so a table of a million rows takes no more memory than one of a thousand.
//
//	w, err := sheet.New(out, sheet.XLSX, "充值", []string{"卡号", "日期", "金额", "积分"})
//	…
//	err = w.Row(sheet.Text(card.Number), sheet.Day(day), sheet.Money(e.Gross), sheet.Count(e.Points))
//	…
//	err = w.Close() // also after an error of Row; nothing of a workbook is written before
//
// In a workbook numbers of cards and phones are text, so no digit is lost; amounts are numbers with two decimals; a day
// is a date. What a spreadsheet would take for a formula begins with an apostrophe, in both: Guard is the rule, and
// Unguard takes it back. The rule is the one of files of cards too.
package sheet

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"

	"tongka/internal/ledger"
)

// Format is a kind of file.
type Format string

// The kinds of files, by what their names end in.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// Formats are all of them.
var Formats = []Format{CSV, XLSX}

// ParseFormat returns the format of that name; ok is false if there is none.
func ParseFormat(name string) (f Format, ok bool) {
	return Format(name), slices.Contains(Formats, Format(name))
}

// ContentType returns what HTTP calls such a file.
func (f Format) ContentType() string {
	if f == XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

// Cell is one value of a row. The zero Cell is empty.
type Cell struct {
	kind kind
	text string
	n    int64
}

type kind int

const (
	empty kind = iota
	text
	money
	count
	day
)

// Text returns a cell with a text. Numbers that are names and no quantities, of cards and phones, are text.
func Text(s string) Cell {
	if s == "" {
		return Cell{}
	}
	return Cell{kind: text, text: s}
}

// Money returns a cell with an amount.
func Money(f ledger.Fen) Cell { return Cell{kind: money, n: int64(f)} }

// Count returns a cell with a whole number.
func Count(n int64) Cell { return Cell{kind: count, n: n} }

// Day returns a cell with a day, which is empty for none.
func Day(d ledger.Date) Cell {
	if d == 0 {
		return Cell{}
	}
	return Cell{kind: day, n: int64(d)}
}

// plain returns the cell as a field of CSV.
func (c Cell) plain() string {
	switch c.kind {
	case text:
		return Guard(c.text)
	case money:
		return ledger.Fen(c.n).String()
	case count:
		return strconv.FormatInt(c.n, 10)
	case day:
		return ledger.Date(c.n).String()
	}
	return ""
}

// Writer writes one table.
type Writer interface {
	// Row writes a row. After an error only Close is of use.
	Row(cells ...Cell) error
	// Close writes what is still to be written, and gives back what was taken. It leaves the underlying writer open.
	Close() error
}

// New begins a table in a format, with its title, which a workbook shows at its tab, and its header.
func New(to io.Writer, format Format, title string, header []string) (Writer, error) {
	if format == XLSX {
		w, err := newXLSX(to, title, header, mostRows)
		if err != nil {
			return nil, err // and no Writer that is not nil and holds none
		}
		return w, nil
	}
	if _, err := io.WriteString(to, "\uFEFF"); err != nil {
		return nil, err
	}
	w := &csvWriter{rows: csv.NewWriter(to)}
	return w, w.Row(texts(header)...)
}

// csvWriter writes CSV after a byte order mark, without which spreadsheets take the file for another encoding.
type csvWriter struct {
	rows   *csv.Writer
	fields []string
}

func texts(header []string) []Cell {
	cells := make([]Cell, len(header))
	for i, name := range header {
		cells[i] = Text(name)
	}
	return cells
}

func (w *csvWriter) Row(cells ...Cell) error {
	w.fields = w.fields[:0]
	for _, c := range cells {
		w.fields = append(w.fields, c.plain())
	}
	return w.rows.Write(w.fields)
}

func (w *csvWriter) Close() error {
	w.rows.Flush()
	return w.rows.Error()
}
