package store

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"tongka/internal/ledger"
)

// rows are the arguments of a statement, by column. They are written cell by cell, row after row.
type rows struct {
	columns []column
	cells   []cells // one for each column
	n       int     // whole rows
	next    int     // the column that is written next
	err     error   // a text no database keeps
}

// cells are the values of one column; only the slice of its kind is used.
type cells struct {
	ints  []int64
	texts []string
	bytes [][]byte
}

// rowsFor makes room for so many rows of a statement's arguments.
func rowsFor(s *statement, room int) *rows {
	r := &rows{columns: s.columns, cells: make([]cells, len(s.columns))}
	for i, c := range s.columns {
		switch c.kind {
		case integer:
			r.cells[i].ints = make([]int64, 0, room)
		case textual:
			r.cells[i].texts = make([]string, 0, room)
		case blob:
			r.cells[i].bytes = make([][]byte, 0, room)
		}
	}
	return r
}

// cell is the place of the next value, which must be of kind k.
func (r *rows) cell(k kind) *cells {
	c := r.columns[r.next]
	if c.kind != k {
		panic(fmt.Sprintf("column %s is of another type", c.name))
	}
	at := &r.cells[r.next]
	r.next++
	if r.next == len(r.columns) {
		r.next = 0
		r.n++
	}
	return at
}

func (r *rows) int(n int64) *rows {
	c := r.cell(integer)
	c.ints = append(c.ints, n)
	return r
}

func (r *rows) bool(b bool) *rows {
	if b {
		return r.int(1)
	}
	return r.int(0)
}

// time writes milliseconds; the zero time is 0.
func (r *rows) time(t time.Time) *rows {
	if t.IsZero() {
		return r.int(0)
	}
	return r.int(t.UnixMilli())
}

// text writes a text. One that is not valid UTF-8 or holds a zero byte would not come back as it was,
// so nothing is saved then.
func (r *rows) text(s string) *rows {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		// what they are is nothing for logs
		r.err = fmt.Errorf("column %s: not a text, %d bytes", r.columns[r.next].name, len(s))
	}
	c := r.cell(textual)
	c.texts = append(c.texts, s)
	return r
}

func (r *rows) bytes(b []byte) *rows {
	if b == nil {
		b = []byte{} // nil would be NULL
	}
	c := r.cell(blob)
	c.bytes = append(c.bytes, b)
	return r
}

// record gives the columns of one row that was read, from left to right.
type record interface {
	int() int64
	text() string
	bytes() []byte // the caller's own
}

func readBool(r record) bool { return r.int() != 0 }

func readDate(r record) ledger.Date { return ledger.Date(r.int()) }

func readTime(r record) time.Time {
	if ms := r.int(); ms != 0 {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}

func readHash(r record) (hash [32]byte, err error) {
	b := r.bytes()
	if len(b) != len(hash) {
		return hash, fmt.Errorf("its hash has %d bytes, want %d", len(b), len(hash))
	}
	return [32]byte(b), nil
}
