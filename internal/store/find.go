package store

import (
	"context"
	"fmt"

	"tongka/internal/ledger"
)

// Find returns the cards that have the first of id, inner code, phone and open id that the query gives, with all of
// their lots, in the order of ledger.SortFound. If more than ledger.FindMost cards have it, only those with the
// lowest ids. Every lookup uses an index that is not changed by a bill.
func (v *View) Find(ctx context.Context, q ledger.FindQuery) ([]ledger.Card, error) {
	var found []ledger.Card
	ask, ok := lookup(q, &found)
	if !ok {
		return nil, nil
	}
	if err := v.point(ctx, ask); err != nil {
		return nil, fmt.Errorf("find: %w", err)
	}
	ledger.SortFound(found)
	return found, nil
}

// lookup returns the query for the first criterion given; ok is false if no card can match it, or none is given.
func lookup(q ledger.FindQuery, found *[]ledger.Card) (ask query, ok bool) {
	var s *statement
	var args *rows
	switch {
	case q.ID < 0 || q.ID > maxCard:
		return query{}, false
	case q.ID != 0:
		s = wholeCardsByRef
		args = merchantRow(s, q.Merchant).int(cardRef(q.Merchant, q.ID))
	case q.ExtID != "":
		s = cardByExtID
		args = merchantRow(s, q.Merchant).key(q.ExtID)
	case q.Phone != "":
		s = cardsByPhone
		args = merchantRow(s, q.Merchant).key(q.Phone).int(ledger.FindMost)
	case q.OpenID != "":
		s = cardsByOpenID
		args = merchantRow(s, q.Merchant).key(q.OpenID).int(ledger.FindMost)
	default:
		return query{}, false
	}
	return query{s, args, eachCard(true, found)}, true
}

// levelInUse reads the number of a card that has the level and is neither returned nor replaced.
var levelInUse = define("level_in_use", "merchant level returned replaced",
	"SELECT number FROM card WHERE merchant = $1 AND level = $2 AND status <> $3 AND status <> $4 LIMIT 1")

// LevelInUse reports whether a card that is neither returned nor replaced has the level. It looks at all of the
// merchant's cards.
func (v *View) LevelInUse(
	ctx context.Context, merchant ledger.MerchantID, level ledger.LevelID,
) (used bool, err error) {
	args := merchantRow(levelInUse, merchant).int(int64(level)).int(int64(ledger.Returned)).int(int64(ledger.Replaced))
	err = v.q.read(ctx, query{levelInUse, args, func(r record) error {
		r.text()
		used = true
		return nil
	}})
	if err != nil {
		return false, fmt.Errorf("level in use: %w", err)
	}
	return used, nil
}
