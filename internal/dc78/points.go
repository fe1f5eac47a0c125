package dc78

import (
	"strings"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// points reads the points that pay of a bill, with the ratio the till reckons with: ptrate as mb_check tells it
// (100:1) or without the 1. No points and no ratio may be written as 0.
func (f *fields) points() command.PointsOffered {
	offered := command.PointsOffered{Points: f.wholeOr("points", 0)}
	if ratio := strings.TrimSuffix(f.get.value("ptrate"), ":1"); ratio != "" {
		n, ok := parseWhole(ratio)
		if !ok {
			f.bad("ptrate", "应为比例,如100:1")
		}
		offered.Ratio = n
	}
	return offered
}

// earnOn reads ptamt, the amount that points are earned on; nil where it is not told, or told as 0.
func (f *fields) earnOn() *ledger.Fen {
	if amount := f.moneyOr0("ptamt"); amount != 0 {
		return &amount
	}
	return nil
}

// byPoints tells a till that paid with points what they were worth.
func (w *writer) byPoints(e *ledger.Entry) {
	if e.ByPoints.Worth != 0 {
		w.amount("ptamt", e.ByPoints.Worth)
	}
}
