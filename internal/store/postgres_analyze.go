package store

import (
	"context"
	"time"
)

// PostgreSQL plans by what it knew of a table when it looked at it last, which it does by itself once a minute or less
// often. A table that was empty then and has grown to thousands of rows meanwhile is still read by the first best of
// its indexes that begin with the merchant: a card is looked up by its number among all cards of the merchant, which
// took 8 ms each at 40,000 cards, and an import of a new merchant's cards went at a tenth of its speed. So whoever has
// opened cards has these tables looked at, each time there are several times as many.

const (
	// analyzeFrom is the number of cards from which on it matters, and analyzeTimes how many times as many as known there
	// must be.
	analyzeFrom  = 500
	analyzeTimes = 4
	// analyzeLimit is more than PostgreSQL takes to look at its sample of the largest tables.
	analyzeLimit = time.Minute
)

// cardsKnown reads how many cards the planner knows of; -1 if it never looked.
var cardsKnown = define("cards_known", "", "SELECT reltuples::bigint FROM pg_class WHERE oid = 'card'::regclass")

// analyze has the planner look at what grows with cards, if it may not know that there are so many. It is no fault if
// that fails: PostgreSQL looks by itself later.
func (f *filler) analyze(ctx context.Context) {
	var cards int64
	for _, last := range f.openedUpTo() {
		cards = max(cards, last)
	}
	if cards < analyzeTimes*f.planned || cards < analyzeFrom {
		return
	}
	err := f.db.read(ctx, query{cardsKnown, noRows, func(r record) error {
		f.planned = max(r.int(), 1)
		return nil
	}})
	if err == nil && cards >= analyzeTimes*f.planned {
		f.planned = cards
		err = f.db.analyze(ctx)
	}
	if err != nil && ctx.Err() == nil {
		f.log.Warn("PostgreSQL could not be told to look at how tables have grown", "error", err)
	}
}

func (db *postgresDB) analyze(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, analyzeLimit)
	defer cancel()
	conn, pool, err := db.pool.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	_, err = conn.Exec(ctx, "ANALYZE card, lot, entry, request")
	db.pool.doubt(pool, err)
	return db.explain(err)
}
