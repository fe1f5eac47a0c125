package store

import (
	"context"
	"fmt"
	"time"

	"tongka"
)

// Opened is when a card's first entry was made; zero when it has none.
func (v *View) Opened(ctx context.Context, merchant tongka.MerchantID, card tongka.CardID) (time.Time, error) {
	var at time.Time
	args := merchantRow(marksOf, merchant).int(int64(card)).int(1)
	err := v.q.read(ctx, query{marksOf, args, func(r record) error {
		r.int() // the place: it is the first
		at = readTime(r)
		return nil
	}})
	if err != nil {
		return time.Time{}, fmt.Errorf("opened: %w", err)
	}
	return at, nil
}
