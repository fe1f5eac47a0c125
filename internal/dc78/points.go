package dc78

import (
	"strings"

	"tongka"
)

// points reads the points that pay of a bill, with what the till takes them for: ptrate as mb_check
// tells it (100:1) or without the 1, ptamt in yuan. No points and no ratio may be written as 0.
func (f *fields) points() tongka.PointsOffered {
	offered := tongka.PointsOffered{Points: f.wholeOr("points", 0)}
	if ratio := strings.TrimSuffix(f.get.value("ptrate"), ":1"); ratio != "" {
		n, ok := parseWhole(ratio)
		if !ok {
			f.bad("ptrate")
		}
		offered.Ratio = n
	}
	if f.get.value("ptamt") != "" {
		worth := f.money("ptamt")
		offered.Worth = &worth
	}
	return offered
}

// byPoints tells a till that paid with points what they were worth.
func (w *writer) byPoints(e *tongka.Entry) {
	if e.ByPoints.Worth != 0 {
		w.amount("ptamt", e.ByPoints.Worth)
	}
}
