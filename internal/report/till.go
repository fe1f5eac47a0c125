package report

import (
	"maps"
	"slices"

	"tongka/internal/ledger"
)

// Till adds up what was taken of holders and paid to them, by pay type.
type Till map[ledger.PayTypeID]ledger.Taking

// Add counts an entry, if it takes or gives money.
func (t Till) Add(e *ledger.Entry) {
	if e.TakesMoney() {
		taking := t[e.PayType].Plus(e)
		taking.PayType = e.PayType
		t[e.PayType] = taking
	}
}

// Takings returns the sums by pay type, in their order.
func (t Till) Takings() (all []ledger.Taking) {
	for _, id := range slices.Sorted(maps.Keys(t)) {
		all = append(all, t[id])
	}
	return all
}
