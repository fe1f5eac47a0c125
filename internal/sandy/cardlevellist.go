package sandy

import (
	"cmp"
	"context"
	"slices"

	"tongka/internal/ledger"
)

// cardLevelList lists the merchant's levels by id.
func cardLevelList(_ *Dialect, _ context.Context, c *call, _ *fields) ([]byte, error) {
	levels := slices.SortedFunc(slices.Values(c.merchant.Levels), func(a, b ledger.Level) int { return cmp.Compare(a.ID, b.ID) })
	var w writer
	w.open('[')
	for _, l := range levels {
		w.next()
		w.open('{')
		w.text("card_lel_name", l.Name)
		w.int("id", int64(l.ID))
		w.close('}')
	}
	w.close(']')
	return w.b, nil
}
