package sandy

import (
	"strconv"

	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// writer appends an answer. Keys come out in the order they are written.
type writer struct{ b []byte }

func (w *writer) open(bracket byte)  { w.b = append(w.b, bracket) }
func (w *writer) close(bracket byte) { w.b = append(w.b, bracket) }

// next puts a comma in front of all members but the first.
func (w *writer) next() {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' && w.b[n-1] != '[' {
		w.b = append(w.b, ',')
	}
}

func (w *writer) key(name string) {
	w.next()
	w.b = wire.AppendText(w.b, name)
	w.b = append(w.b, ':')
}

func (w *writer) text(name, value string) {
	w.key(name)
	w.b = wire.AppendText(w.b, value)
}

func (w *writer) int(name string, n int64) {
	w.key(name)
	w.b = strconv.AppendInt(w.b, n, 10)
}

// amount writes money as a number with one decimal at least: 100.0, 14493.8, 0.05.
func (w *writer) amount(name string, f ledger.Fen) {
	w.key(name)
	w.b = appendAmount(w.b, f)
}

// amountText writes money as text with two decimals: "1420.00".
func (w *writer) amountText(name string, f ledger.Fen) {
	w.key(name)
	w.b = append(w.b, '"')
	w.b = f.Append(w.b)
	w.b = append(w.b, '"')
}

// points writes a whole number with one decimal: 5.0.
func (w *writer) points(name string, n int64) {
	w.key(name)
	w.b = append(strconv.AppendInt(w.b, n, 10), '.', '0')
}

// rate writes a ratio with one decimal at least: 0.8, 1.0.
func (w *writer) rate(name string, r ledger.Rate) {
	w.key(name)
	w.b = append(w.b, ratio(r)...)
}

func ratio(r ledger.Rate) string {
	s := r.String()
	if r%ledger.Whole == 0 {
		s += ".0"
	}
	return s
}

// appendAmount drops the second decimal where it is 0.
func appendAmount(b []byte, f ledger.Fen) []byte {
	b = f.Append(b)
	if b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

func amount(f ledger.Fen) string { return string(appendAmount(nil, f)) }
