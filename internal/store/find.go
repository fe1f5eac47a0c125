package store

import (
	"context"
	"fmt"
	"slices"

	"tongka"
)

// Find looks cards up by something else than their number, each with all of its lots, in the order of
// tongka.SortFound. Of a text that is on more than tongka.FindMost cards it looks at those with the
// lowest ids. Every lookup goes through an index that no bill changes.
func (v *View) Find(ctx context.Context, q tongka.FindQuery) ([]tongka.Card, error) {
	var found []tongka.Card
	ask, ok := lookup(q, &found)
	if !ok {
		return nil, nil
	}
	if err := v.quick(ctx, ask); err != nil {
		return nil, fmt.Errorf("find: %w", err)
	}
	found = slices.DeleteFunc(found, func(c tongka.Card) bool { return q.ID != 0 && c.ID != q.ID })
	tongka.SortFound(found)
	return found, nil
}

// lookup is the one question the query asks; ok is false when it asks for nothing a card can have.
func lookup(q tongka.FindQuery, found *[]tongka.Card) (ask query, ok bool) {
	var s *statement
	var args *rows
	switch {
	case q.ID != 0:
		// By id alone PostgreSQL might take any index that leads with the merchant while there are few
		// cards. This one has an order that is the key's only.
		s = cardsAfter
		args = merchantRow(s, q.Merchant).int(int64(q.ID) - 1).int(1)
	case q.ExtID != "":
		s = cardByExtID
		args = merchantRow(s, q.Merchant).text(q.ExtID)
	case q.Phone != "":
		s = cardsByPhone
		args = merchantRow(s, q.Merchant).text(q.Phone).int(tongka.FindMost)
	case q.OpenID != "":
		s = cardsByOpenID
		args = merchantRow(s, q.Merchant).text(q.OpenID).int(tongka.FindMost)
	default:
		return query{}, false
	}
	return query{s, args, eachCard(true, found)}, args.err == nil // what is not a text is on no card
}
