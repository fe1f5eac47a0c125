package sandy

import (
	"cmp"
	"context"
	"slices"

	"tongka/internal/ledger"
)

// cardLevelList lists the merchant's levels, ordered by id.
func cardLevelList(_ *Dialect, _ context.Context, c *call, _ *fields) ([]byte, error) {
	levels := slices.SortedFunc(slices.Values(c.merchant.Levels), func(a, b ledger.Level) int {
		return cmp.Compare(a.ID, b.ID)
	})
	var w writer
	w.Open('[')
	for _, l := range levels {
		w.Next()
		w.Open('{')
		w.Text("card_lel_name", l.Name)
		w.Int("id", int64(l.ID))
		w.Close('}')
	}
	w.Close(']')
	return w.B, nil
}
