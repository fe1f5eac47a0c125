package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tongka/internal/ledger"
)

// widen is how many times as many cards each piece of a list has as the one before it. Most filters choose many cards,
// so the first piece is no larger than a page.
const widen = 4

// listedCards looks at some cards behind a number, and reads the first of them that lie within all of the bounds. The
// first of each pair of bounds is the lowest that is chosen, the second the highest. A number that was replaced was
// opened nowhere: see ledger.Card.Opening. A card that was taken back is told by its number: see ledger.Card.Freed. The
// inner queries have only what is compared, and hold few bytes of the cards that are not chosen.
var listedCards = define("listed_cards", "merchant after:text looks most level levels status statuses shop shops "+
	"amount amounts used uses month months expiry expiries", selectCards(front)+fmt.Sprintf(`
		FROM (
			SELECT f.ref, f.number FROM (
				SELECT c.ref, c.id, c.number, c.level, c.status, c.opened_shop, c.principal, c.bonus, c.used_at, c.birthday,
					c.expires
				FROM card AS c WHERE c.merchant = $1 AND c.number > $2 ORDER BY c.number LIMIT $3
			) AS f
			WHERE f.level BETWEEN $5 AND $6 AND f.status BETWEEN $7 AND $8
			AND ($7 = %[2]d OR f.status <> %[2]d OR f.number NOT LIKE '=%%=' || f.id)
			AND CASE WHEN f.status = %[1]d THEN 0 ELSE f.opened_shop END BETWEEN $9 AND $10
			AND f.principal + f.bonus BETWEEN $11 AND $12 AND f.used_at BETWEEN $13 AND $14
			AND (f.birthday / 100) %% 100 BETWEEN $15 AND $16
			AND CASE WHEN f.expires = 0 THEN %[3]d ELSE f.expires END BETWEEN $17 AND $18
			ORDER BY f.number LIMIT $4
		) AS h JOIN card ON card.merchant = $1 AND card.ref = h.ref`, ledger.Replaced, ledger.Returned, ledger.Forever))

// Cards returns the next of a merchant's cards that a filter chooses. It looks at them piece by piece, each larger than
// the one before, until the page is full or it has looked at as many as it may.
func (v *View) Cards(ctx context.Context, q ledger.CardsQuery) (page ledger.CardsPage, err error) {
	if q.Limit < 1 || strings.ContainsRune(q.After, 0) || !utf8.ValidString(q.After) {
		return page, nil
	}
	left := cmp.Or(q.Looks, ledger.CardsLooked)
	for piece := min(q.Limit+1, left); ; piece = min(widen*piece, left) {
		found, last, err := v.cardsPiece(ctx, q, piece, q.Limit+1-len(page.Cards))
		if err != nil {
			return ledger.CardsPage{}, fmt.Errorf("cards: %w", err)
		}
		page.Cards = append(page.Cards, found...)
		if len(page.Cards) > q.Limit { // one more than is wanted shows that there is more
			page.Cards = page.Cards[:q.Limit:q.Limit]
			page.Next = page.Cards[q.Limit-1].Key().Number
			return page, nil
		}
		if left -= piece; left == 0 || last == "" {
			page.Next = last
			return page, nil
		}
		q.After = last
	}
}

// cardsPiece looks at that many cards. It returns the first of those that are chosen, by number, and the last number
// looked at; "" if there are fewer cards.
func (v *View) cardsPiece(
	ctx context.Context, q ledger.CardsQuery, looks, most int,
) (found []ledger.Card, last string, err error) {
	args := merchantRow(listedCards, q.Merchant).key(q.After).int(int64(looks)).int(int64(most))
	writeBounds(args, &q.Filter)
	edge := merchantRow(edgeOf, q.Merchant).key(q.After).int(int64(looks - 1))
	err = v.q.read(ctx, query{listedCards, args, eachCard(false, &found)}, query{edgeOf, edge, func(r record) error {
		last = r.text()
		return nil
	}})
	slices.SortFunc(found, func(a, b ledger.Card) int { return cmp.Compare(a.Key().Number, b.Key().Number) })
	return found, last, err
}

// writeBounds writes a filter as the bounds of listedCards. One that is not set is wider than anything stored.
func writeBounds(r *rows, f *ledger.CardFilter) {
	exactly := func(n int64) {
		if n == 0 {
			r.int(math.MinInt64).int(math.MaxInt64)
			return
		}
		r.int(n).int(n)
	}
	exactly(int64(f.Level))
	exactly(int64(f.Status))
	exactly(int64(f.Shop))
	least, most := ledger.Fen(math.MinInt64), ledger.Fen(math.MaxInt64)
	if f.AtLeast != nil {
		least = *f.AtLeast
	}
	if f.AtMost != nil {
		most = *f.AtMost
	}
	r.int(int64(least)).int(int64(most))
	r.int(millis(f.UsedFrom, math.MinInt64)).int(millis(f.UsedBefore, math.MaxInt64) - 1)
	exactly(int64(f.BirthMonth))
	r.int(int64(f.ExpiresFrom)).int(int64(cmp.Or(f.ExpiresTo, ledger.Forever)))
}

// millis returns a time as it is stored; otherwise if it is zero.
func millis(t time.Time, otherwise int64) int64 {
	if t.IsZero() {
		return otherwise
	}
	return t.UnixMilli()
}

// Cards is View.Cards in a place of a search: see Search.
func (s *Store) Cards(ctx context.Context, q ledger.CardsQuery) (page ledger.CardsPage, err error) {
	err = s.searching(ctx, func(ctx context.Context, v *View) error {
		page, err = v.Cards(ctx, q)
		return err
	})
	return page, err
}
