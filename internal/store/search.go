package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"tongka"
)

const (
	// shortKey is how many letters a key must have before the index can find it.
	shortKey = 3
	// firstCards is how many cards, in the order of their numbers, are looked at before the index is
	// asked: a key that is on very many cards is soon found, and what the index has of it is long.
	firstCards = 1000
	// denseKey is how many of the first cards a key is on for walking on to be quicker than the index.
	denseKey = firstCards / 100
	// longKey is how many letters a key has that few cards share.
	longKey = 6
	// commonKey is how many cards a key of three letters, which the index finds as it is, may find
	// before walking on is quicker than sorting those.
	commonKey = 20_000
)

// searchSQL is what an engine searches by.
type searchSQL struct {
	// hits reads how many cards the index finds by $2, which pattern makes of the key, counted up to $4,
	// with 0 for an id; then, by number, the ids of the first $3 of them that have the key, $5, itself.
	hits    *statement
	pattern func(key string) string
	// walk reads the ids of the first $3 cards by number, behind number $4, that have $2 as a part; front
	// looks at the first $4 cards only.
	walk, front *statement
	// small is how many cards a merchant may have for the walk to be quicker than the index.
	small int64
}

// searchIndex is how cards are put into an index that is a table of its own.
type searchIndex struct {
	add, replace *statement
	write        func(*rows, *tongka.Card)
}

const (
	hitsList  = "merchant pattern:text most cap key:text"
	frontList = "merchant key:text most cards"
	walkList  = "merchant key:text most after:text"
)

// edgeOf reads the number of the last card that front looks at.
var edgeOf = define("edge_of", "merchant skip", "SELECT number FROM card WHERE merchant = $1 ORDER BY number LIMIT 1 OFFSET $2")

// Search finds cards by a part of their number, name or phone, whatever the case of its letters: the
// card of exactly that number first, then by number. Every letter stands for itself.
func (v *View) Search(ctx context.Context, q tongka.SearchQuery) ([]tongka.Card, error) {
	if q.Limit < 1 || strings.ContainsAny(q.Key, "\n\x00") || !utf8.ValidString(q.Key) {
		return nil, nil
	}
	found, err := v.searchFound(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	slices.SortFunc(found, func(a, b tongka.Card) int {
		return cmp.Or(rank(q.Key, &a)-rank(q.Key, &b), cmp.Compare(a.Key().Number, b.Key().Number))
	})
	found = slices.CompactFunc(found, func(a, b tongka.Card) bool { return a.ID == b.ID })
	return found[:min(len(found), q.Limit)], nil
}

// rank puts the card that was named exactly before all others.
func rank(key string, c *tongka.Card) int {
	if c.Key().Number == tongka.FoldNumber(key) {
		return 0
	}
	return 1
}

// searchFound reads the cards to answer, the exact one perhaps twice.
func (v *View) searchFound(ctx context.Context, q tongka.SearchQuery) ([]tongka.Card, error) {
	var found []tongka.Card
	var cards int64
	exact := cardsByNumber(frontCards, []tongka.CardKey{{Merchant: q.Merchant, Number: q.Key}}, false, &found)
	size := query{headOf, merchantRow(headOf, q.Merchant), func(r record) error {
		cards = int64(readHead(r).LastCard)
		return nil
	}}
	if err := v.q.read(ctx, exact, size); err != nil {
		return nil, err
	}
	ids, err := v.searchIDs(ctx, q, cards)
	if err != nil || len(ids) == 0 {
		return found, err
	}
	args := rowsFor(frontCardsByRef, len(ids))
	for _, id := range ids {
		args.int(cardRef(q.Merchant, tongka.CardID(id)))
	}
	return found, v.q.read(ctx, query{frontCardsByRef, args, eachCard(false, &found)})
}

// searchIDs finds the first cards by number, of so many that the merchant has. A long key is looked up
// at once; a short one, or one that turns out to be common, is looked for among the first cards.
func (v *View) searchIDs(ctx context.Context, q tongka.SearchQuery, cards int64) ([]int64, error) {
	sql := v.q.search()
	key := strings.ToLower(q.Key)
	letters := utf8.RuneCountInString(key)
	if letters < shortKey || cards <= sql.small {
		return v.walk(ctx, q, key, nil, "")
	}
	if letters >= longKey {
		ids, hits, err := v.indexed(ctx, q, key, commonKey)
		if err != nil || hits < commonKey {
			return ids, err
		}
	}
	first, last, err := v.searchFront(ctx, q, key)
	if err != nil || len(first) == q.Limit {
		return first, err
	}
	if len(first) < denseKey {
		most := cards
		if letters == shortKey {
			most = commonKey
		}
		ids, hits, err := v.indexed(ctx, q, key, most)
		if err != nil || hits < most {
			return ids, err
		}
	}
	return v.walk(ctx, q, key, first, last)
}

// walk adds to the first cards found those behind a number.
func (v *View) walk(ctx context.Context, q tongka.SearchQuery, key string, first []int64, after string) ([]int64, error) {
	walk := v.q.search().walk
	args := merchantRow(walk, q.Merchant).text(key).int(int64(q.Limit - len(first))).text(after)
	err := v.q.read(ctx, query{walk, args, eachID(&first)})
	return first, err
}

// searchFront looks at the first cards by number, and answers the last of their numbers.
func (v *View) searchFront(ctx context.Context, q tongka.SearchQuery, key string) (ids []int64, last string, err error) {
	front := v.q.search().front
	args := merchantRow(front, q.Merchant).text(key).int(int64(q.Limit)).int(firstCards)
	edge := merchantRow(edgeOf, q.Merchant).int(firstCards - 1)
	err = v.q.read(ctx, query{front, args, eachID(&ids)}, query{edgeOf, edge, func(r record) error {
		last = r.text()
		return nil
	}})
	return ids, last, err
}

// indexed asks the index, which tells how many cards it finds, up to most.
func (v *View) indexed(ctx context.Context, q tongka.SearchQuery, key string, most int64) (ids []int64, hits int64, err error) {
	sql := v.q.search()
	args := merchantRow(sql.hits, q.Merchant).text(sql.pattern(key)).int(int64(q.Limit)).int(most).text(key)
	err = v.q.read(ctx, query{sql.hits, args, func(r record) error {
		hits = max(hits, r.int())
		if id := r.int(); id != 0 {
			ids = append(ids, id)
		}
		return nil
	}})
	return ids, hits, err
}

func eachID(ids *[]int64) func(record) error {
	return func(r record) error {
		*ids = append(*ids, r.int())
		return nil
	}
}
