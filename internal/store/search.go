package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tongka/internal/ledger"
)

const (
	// shortKey is how many letters a key must have for the index to find it.
	shortKey = 3
	// firstCards is how many cards, in the order of their numbers, are looked at before the index is asked: a key that
	// is on very many cards is soon found among them, and would have a long list in the index.
	firstCards = 1000
	// denseKey is how many of the first cards must have the key for walking on to be quicker than the index.
	denseKey = firstCards / 100
	// longKey is how many letters a key has that few cards are likely to share.
	longKey = 6
	// commonKey is how many cards the index may find for a key before walking on is quicker than sorting those.
	commonKey = 20_000
	// walkCards is how many cards are looked at in one piece, which takes a few milliseconds.
	walkCards = 20_000
	// walkPause is how many times as long as a piece took nothing is looked at after it, up to mostPause: tills that
	// work meanwhile lose at most a third of one processor.
	walkPause = 2
	mostPause = 50 * time.Millisecond
	// searchPause is how many times as long as a search took its place stays empty after it, up to mostPause, if
	// entries were saved within calm. However many search, they take searchPlaces()/(searchPause+1) processors then,
	// and one who types does not notice.
	searchPause = 9
	calm        = time.Second
)

// searchSQL is how a database searches.
type searchSQL struct {
	// hits reads first the number of cards that the index finds by $2, which pattern makes of the key, counted up to
	// $4, with 0 as an id; then, by number, the ids of the first $3 of these cards that contain the key itself, $5.
	hits    *statement
	pattern func(key string) string
	// front looks at the $4 cards behind number $5 and reads, by number, the ids of the first $3 of them that contain
	// $2.
	front *statement
	// small is the number of cards up to which walking over all of a merchant's cards is quicker than the index.
	small int64
	// late looks at the cards with the $4 ids behind $5, or, if that is 0, behind those that the index has. It reads
	// first the last of these ids, 0 if there are no cards behind it; then, by number, the first $3 of these cards that
	// contain $2. nil = the index has all cards.
	late *statement
}

// searchIndex is how cards are put into a search index that is a table of its own.
type searchIndex struct {
	// add puts new cards into the index; nil = that is done after they were saved.
	add *statement
	// replace changes what cards that are in the index are found by.
	replace *statement
	write   func(*rows, *ledger.Card)
	// hold keeps merchants' cards from being added while what they are found by is changed; nil = they are not.
	hold *statement
}

const (
	hitsList  = "merchant pattern:text most cap key:text"
	frontList = "merchant key:text most cards after:text"
	lateList  = "merchant key:text most cards after"
)

// edgeOf reads the number of the last card that front looks at; no row if front reaches the last card.
var edgeOf = define("edge_of", "merchant after:text skip",
	"SELECT number FROM card WHERE merchant = $1 AND number > $2 ORDER BY number LIMIT 1 OFFSET $3")

// Search returns at most q.Limit cards whose SearchText contains the key in any letter case: first the card with
// exactly that number, then by number. No character of the key is a wildcard.
func (v *View) Search(ctx context.Context, q ledger.SearchQuery) ([]ledger.Card, error) {
	if q.Limit < 1 || strings.Contains(q.Key, "\n") || !storable(q.Key) {
		return nil, nil
	}
	found, err := v.searchFound(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	slices.SortFunc(found, func(a, b ledger.Card) int {
		return cmp.Or(rank(q.Key, &a)-rank(q.Key, &b), cmp.Compare(a.Key().Number, b.Key().Number))
	})
	found = slices.CompactFunc(found, func(a, b ledger.Card) bool { return a.ID == b.ID })
	return found[:min(len(found), q.Limit)], nil
}

// rank sorts the card that was named exactly before all others.
func rank(key string, c *ledger.Card) int {
	if c.Key().Number == ledger.FoldNumber(key) {
		return 0
	}
	return 1
}

// searchFound reads the cards to return; the card with exactly that number may be in them twice.
func (v *View) searchFound(ctx context.Context, q ledger.SearchQuery) ([]ledger.Card, error) {
	var found []ledger.Card
	var cards int64
	exact := query{frontCards, merchantRow(frontCards, q.Merchant).text(ledger.FoldNumber(q.Key)), eachCard(false, &found)}
	size := query{headOf, merchantRow(headOf, q.Merchant), func(r record) error {
		cards = int64(readHead(r).LastCard)
		return nil
	}}
	if err := v.q.read(ctx, exact, size); err != nil {
		return nil, err
	}
	ids, err := v.searchIDs(ctx, q, cards)
	if len(found) > 0 && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return found, nil // what was typed or swiped is there, though the time was too short to look for more
	}
	if err != nil || len(ids) == 0 {
		return found, err
	}
	args := rowsFor(frontCardsByRef, len(ids))
	for _, id := range ids {
		args.int(int64(q.Merchant)).int(cardRef(q.Merchant, ledger.CardID(id)))
	}
	return found, v.q.read(ctx, query{frontCardsByRef, args, eachCard(false, &found)})
}

// searchIDs returns the ids of the first cards by number; cards is how many the merchant has. A long key is looked
// up in the index at once; a shorter one, or one that turns out to be common, is first looked for among the first
// cards. A key too short for the index, and any key of a small merchant, is found by a walk.
func (v *View) searchIDs(ctx context.Context, q ledger.SearchQuery, cards int64) ([]int64, error) {
	sql := v.q.search()
	key := strings.ToLower(q.Key)
	letters := utf8.RuneCountInString(key)
	if letters < shortKey || cards <= sql.small {
		return v.walk(ctx, q, key, nil, "")
	}
	if letters >= longKey {
		ids, hits, err := v.indexed(ctx, q, key, false)
		if err != nil || hits < commonKey {
			return ids, err
		}
	}
	first, last, err := v.searchFront(ctx, q, key, frontOf{cards: firstCards, most: q.Limit})
	if err != nil || len(first) == q.Limit {
		return first, err
	}
	if len(first) < denseKey {
		ids, hits, err := v.indexed(ctx, q, key, true)
		if err != nil || hits < commonKey {
			return ids, err
		}
	}
	return v.walk(ctx, q, key, first, last)
}

// walk appends to first the cards found behind the number after, looking at all there are if need be. It goes piece
// by piece, and only a few walk at a time, so that tills keep the processors.
func (v *View) walk(
	ctx context.Context, q ledger.SearchQuery, key string, first []int64, after string,
) ([]int64, error) {
	for pieces := 0; ; pieces++ {
		if pieces == 1 { // the first piece is as much as any search may look at
			leave, err := v.walks.enter(ctx)
			if err != nil {
				return nil, err
			}
			defer leave()
		}
		begun := time.Now()
		ids, last, err := v.searchFront(ctx, q, key, frontOf{after: after, cards: walkCards, most: q.Limit - len(first)})
		first = append(first, ids...)
		if err != nil || len(first) == q.Limit || last == "" {
			return first, err
		}
		after = last
		if err := v.walks.rest(ctx, min(walkPause*time.Since(begun), mostPause)); err != nil {
			return nil, err
		}
	}
}

// frontOf is which cards are looked at, and how many of them are wanted.
type frontOf struct {
	after       string
	cards, most int
}

// searchFront looks at some cards by number and returns the last of their numbers; "" if there are no more cards.
func (v *View) searchFront(
	ctx context.Context, q ledger.SearchQuery, key string, f frontOf,
) (ids []int64, last string, err error) {
	front := v.q.search().front
	args := merchantRow(front, q.Merchant).text(key).int(int64(f.most)).int(int64(f.cards)).text(f.after)
	edge := merchantRow(edgeOf, q.Merchant).text(f.after).int(int64(f.cards - 1))
	err = v.q.read(ctx, query{front, args, eachID(&ids)}, query{edgeOf, edge, func(r record) error {
		last = r.text()
		return nil
	}})
	return ids, last, err
}

// walks bounds how many searches go on at the same time, or look at all cards. A nil one sets no bound.
type walks chan struct{}

func newWalks(most int) walks { return make(walks, most) }

// enter waits for a place; the caller must call leave.
func (w walks) enter(ctx context.Context) (leave func(), err error) {
	if w == nil {
		return func() {}, nil
	}
	select {
	case w <- struct{}{}:
		return func() { <-w }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("too many search: %w", ctx.Err())
	}
}

// rest waits between two pieces of a walk; not if walks is nil.
func (w walks) rest(ctx context.Context, pause time.Duration) error {
	if w == nil {
		return nil
	}
	return sleep(ctx, pause)
}

// Search is View.Search in a place of a search.
func (s *Store) Search(ctx context.Context, q ledger.SearchQuery) (found []ledger.Card, err error) {
	err = s.searching(ctx, func(ctx context.Context, v *View) error {
		found, err = v.Search(ctx, q)
		return err
	})
	return found, err
}

// searching calls look with a view on connections of its own, within the read limit. If too many others are searching,
// it returns the error of that limit. Each search has a place, which rests after it while bills are saved: those who
// search without a pause wait for each other then, and leave the processors to tills that pay.
func (s *Store) searching(ctx context.Context, look func(context.Context, *View) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.limits.Read)
	defer cancel()
	leave, err := s.places.enter(ctx)
	if err != nil {
		return err
	}
	begun := time.Now()
	defer func() { s.leaveLater(leave, time.Since(begun)) }()
	return look(ctx, &View{q: s.backend.searcher(), walks: s.walks})
}

// leaveLater gives up the place of a search that took so long.
func (s *Store) leaveLater(leave func(), took time.Duration) {
	if time.Since(time.Unix(0, s.saved.Load())) > calm {
		leave()
		return
	}
	time.AfterFunc(min(searchPause*took, mostPause), leave)
}

// hit is a card that contains a key.
type hit struct {
	id     int64
	number string
}

// firstHits returns the ids of the first hits by number.
func firstHits(found []hit, most int) []int64 {
	slices.SortFunc(found, func(a, b hit) int { return cmp.Compare(a.number, b.number) })
	ids := make([]int64, 0, most)
	for _, h := range found[:min(len(found), most)] {
		ids = append(ids, h.id)
	}
	return ids
}

// indexed asks the index, and looks at the cards that are not in it yet; hits is the number of cards that the index
// finds, counted up to commonKey. If there are more of the others than one piece, it looks at all of them only if all
// is true, and otherwise takes the key for a common one.
func (v *View) indexed(
	ctx context.Context, q ledger.SearchQuery, key string, all bool,
) (ids []int64, hits int64, err error) {
	sql := v.q.search()
	var found []hit
	var behind int64
	args := merchantRow(sql.hits, q.Merchant).text(sql.pattern(key)).int(int64(q.Limit)).int(commonKey).text(key)
	queries := []query{{sql.hits, args, eachHit(&hits, &found)}}
	if sql.late != nil {
		queries = append(queries, lateQuery(sql.late, q, key, &behind, &found))
	}
	err = v.q.read(ctx, queries...)
	if err == nil && behind > 0 && hits < commonKey {
		if !all {
			return nil, commonKey, nil
		}
		found, err = v.walkLate(ctx, q, key, behind, found)
	}
	return firstHits(found, q.Limit), hits, err
}

// eachHit collects hits; head gets the largest of the numbers before them.
func eachHit(head *int64, found *[]hit) func(record) error {
	return func(r record) error {
		*head = max(*head, r.int())
		if h := (hit{r.int(), r.text()}); h.id != 0 {
			*found = append(*found, h)
		}
		return nil
	}
}

// lateQuery looks at the next piece of the cards behind an id, which becomes that of the last of them, or 0.
func lateQuery(late *statement, q ledger.SearchQuery, key string, behind *int64, found *[]hit) query {
	args := merchantRow(late, q.Merchant).text(key).int(int64(q.Limit)).int(walkCards).int(*behind)
	*behind = 0
	return query{late, args, eachHit(behind, found)}
}

// walkLate adds to found the first hits among the cards with ids behind the given one. It does as walk does, and may
// take place at later moments than the index was asked at: what is behind an id stays there, whatever the index gets
// meanwhile.
func (v *View) walkLate(
	ctx context.Context, q ledger.SearchQuery, key string, behind int64, found []hit,
) ([]hit, error) {
	leave, err := v.walks.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	for behind > 0 {
		begun := time.Now()
		if err := v.q.read(ctx, lateQuery(v.q.search().late, q, key, &behind, &found)); err != nil {
			return nil, err
		}
		if err := v.walks.rest(ctx, min(walkPause*time.Since(begun), mostPause)); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func eachID(ids *[]int64) func(record) error {
	return func(r record) error {
		*ids = append(*ids, r.int())
		return nil
	}
}
