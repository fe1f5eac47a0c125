package dc78

import (
	"strings"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// points reads the points that pay on a bill, and the ratio the till calculates with. ptrate is written as in
// mb_check (100:1) or without the :1. For both, 0 counts as absent.
func (f *fields) points() command.PointsOffered {
	offered := command.PointsOffered{Points: f.integerOr("points", 0)}
	if ratio := strings.TrimSuffix(f.get.value("ptrate"), ":1"); ratio != "" {
		n, ok := parseInteger(ratio)
		if !ok {
			f.bad("ptrate", "应为比例,如100:1")
		}
		offered.Ratio = n
	}
	return offered
}

// earnOn reads ptamt, the amount that earns points; nil if it is absent or 0.
func (f *fields) earnOn() *ledger.Fen {
	if amount := f.moneyOr0("ptamt"); amount != 0 {
		return &amount
	}
	return nil
}

// byPoints writes what the points on a bill were worth, if there were any.
func (w *writer) byPoints(e *ledger.Entry) {
	if e.ByPoints.Worth != 0 {
		w.amount("ptamt", e.ByPoints.Worth)
	}
}
