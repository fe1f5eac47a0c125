package store

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"tongka/internal/ledger"
)

// rows holds the arguments of a statement, by column. They are written value by value, row after row.
type rows struct {
	columns []column
	cells   []cells // one for each column
	n       int     // the number of complete rows
	next    int     // the column that is written next
	err     error   // a value that no database can store
}

// cells holds the values of one column; only the slice of its kind is used.
type cells struct {
	ints  []int64
	texts []string
	bytes [][]byte
}

// rowsFor returns empty rows of arguments for a statement, with memory for the given number.
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

// cell returns the column of the next value, which must be of kind k, and moves on.
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

// time writes milliseconds since 1970; the zero time is 0.
func (r *rows) time(t time.Time) *rows {
	if t.IsZero() {
		return r.int(0)
	}
	return r.int(t.UnixMilli())
}

// before writes a time that what is asked for is earlier than; the zero time is later than all.
func (r *rows) before(t time.Time) *rows {
	if t.IsZero() {
		return r.int(math.MaxInt64)
	}
	return r.time(t)
}

// text writes a text. One that is not valid UTF-8 or has a zero byte would not be read back unchanged, so a save
// that holds one is refused as a whole.
func (r *rows) text(s string) *rows {
	if !storable(s) {
		// the text itself must not get into a log
		r.err = fmt.Errorf("column %s: not a text, %d bytes", r.columns[r.next].name, len(s))
	}
	c := r.cell(textual)
	c.texts = append(c.texts, s)
	return r
}

// key writes a text by which rows are looked for. No row has one that cannot be stored: it is looked for as a text
// that no row has either, so that what somebody asks for never fails what others ask for with it.
func (r *rows) key(s string) *rows {
	if !storable(s) {
		s = heldByNone
	}
	return r.text(s)
}

// heldByNone is a text that no key has: keys have no control characters.
const heldByNone = "\x01"

// storable reports whether a text that is stored is read back unchanged.
func storable(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

func (r *rows) bytes(b []byte) *rows {
	if b == nil {
		b = []byte{} // nil would be NULL
	}
	c := r.cell(blob)
	c.bytes = append(c.bytes, b)
	return r
}

// record returns the columns of one row that was read, from left to right.
type record interface {
	int() int64
	text() string
	bytes() []byte // a copy that the caller may keep
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
