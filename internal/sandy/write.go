package sandy

import (
	"strconv"

	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// writer builds an answer, with numbers and amounts in the forms of this wire.
type writer struct{ wire.Object }

// amount writes money as a number with at least one decimal: 100.0, 14493.8, 0.05.
func (w *writer) amount(name string, f ledger.Fen) {
	w.Key(name)
	w.B = appendAmount(w.B, f)
}

// amountText writes money as text with two decimals: "1420.00".
func (w *writer) amountText(name string, f ledger.Fen) {
	w.Key(name)
	w.B = append(w.B, '"')
	w.B = f.Append(w.B)
	w.B = append(w.B, '"')
}

// points writes a whole number with one decimal: 5.0.
func (w *writer) points(name string, n int64) {
	w.Key(name)
	w.B = append(strconv.AppendInt(w.B, n, 10), '.', '0')
}

// rate writes a ratio with at least one decimal: 0.8, 1.0.
func (w *writer) rate(name string, r ledger.Rate) {
	w.Key(name)
	w.B = append(w.B, ratio(r)...)
}

func ratio(r ledger.Rate) string {
	s := r.String()
	if r%ledger.Percent100 == 0 {
		s += ".0"
	}
	return s
}

// appendAmount omits the second decimal if it is 0.
func appendAmount(b []byte, f ledger.Fen) []byte {
	b = f.Append(b)
	if b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

func amount(f ledger.Fen) string { return string(appendAmount(nil, f)) }
