package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tongka/internal/ledger"
)

// walkPage is the number of rows that a walk reads at a time, so that no walk holds much memory, and none that stands
// back keeps tills waiting for more than some milliseconds.
const walkPage = 500

// walk reads one page after the other, each from after the last row of the page before, and calls fn with the rows.
// It stops at the first error of fn and returns it.
func walk[T any](next func(last *T, page *[]T) error, fn func(*T) error) error {
	var last *T
	room := 0 // the first page may be a small table, so no room is reserved for it
	for {
		page := make([]T, 0, room)
		room = walkPage
		if err := next(last, &page); err != nil {
			return err
		}
		for i := range page {
			if err := fn(&page[i]); err != nil {
				return err
			}
		}
		if len(page) < walkPage {
			return nil
		}
		last = &page[walkPage-1]
	}
}

// EachEntry calls fn with the merchant's entries after the given one, by id. It stops at the first error of fn and
// returns it.
func (v *View) EachEntry(
	ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	return walk(func(last *ledger.Entry, page *[]ledger.Entry) error {
		if last != nil {
			after = last.ID
		}
		args := merchantRow(entriesAfter, merchant).int(int64(after)).int(walkPage)
		return v.readPage(ctx, "entries", query{entriesAfter, args, eachEntry(page)})
	}, fn)
}

// EachOf calls fn with the entries of these ids, in any order. Ids without an entry are skipped. It stops at the
// first error of fn and returns it.
func (v *View) EachOf(
	ctx context.Context, merchant ledger.MerchantID, ids []ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	for some := range slices.Chunk(ids, walkPage) {
		args := rowsFor(entriesByID, len(some))
		for _, id := range some {
			args.int(int64(merchant)).int(int64(id))
		}
		page := make([]ledger.Entry, 0, len(some))
		if err := v.readPage(ctx, "entries", query{entriesByID, args, eachEntry(&page)}); err != nil {
			return err
		}
		for i := range page {
			if err := fn(&page[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func eachEntry(page *[]ledger.Entry) func(record) error {
	return func(r record) error {
		e, err := readEntry(r)
		*page = append(*page, e)
		return err
	}
}

// EachCard calls fn with every card of the merchant, by id, each with all of its lots. It stops at the first error
// of fn and returns it.
func (v *View) EachCard(ctx context.Context, merchant ledger.MerchantID, fn func(*ledger.Card) error) error {
	return walk(func(last *ledger.Card, page *[]ledger.Card) error {
		var after ledger.CardID
		if last != nil {
			after = last.ID
		}
		args := merchantRow(cardsBetween, merchant).int(cardRef(merchant, after)).int(cardRef(merchant+1, 0)).int(walkPage)
		return v.readPage(ctx, "cards", query{cardsBetween, args, eachCard(true, page)})
	}, fn)
}

// EachNumber calls fn with the folded numbers of the merchant's cards between after and end, neither included, in the
// order of their bytes. It stops at the first error of fn and returns it.
func (v *View) EachNumber(
	ctx context.Context, merchant ledger.MerchantID, after, end string, fn func(number string) error,
) error {
	return walk(func(last *string, page *[]string) error {
		if last != nil {
			after = *last
		}
		args := merchantRow(numbersAfter, merchant).text(after).text(end).int(walkPage)
		return v.readPage(ctx, "numbers", query{numbersAfter, args, func(r record) error {
			*page = append(*page, r.text())
			return nil
		}})
	}, func(number *string) error { return fn(*number) })
}

// EachOwnEntry calls fn with the entries that belong to the merchant itself and to no card, oldest first. It stops
// at the first error of fn and returns it.
func (v *View) EachOwnEntry(ctx context.Context, merchant ledger.MerchantID, fn func(*ledger.Entry) error) error {
	return walk(func(last *ledger.Entry, page *[]ledger.Entry) error {
		var after int64
		if last != nil {
			after = last.Seq
		}
		args := merchantRow(ownAfter, merchant).int(after).int(walkPage)
		return v.readPage(ctx, "own entries", query{ownAfter, args, func(r record) error {
			e, err := readEntry(r)
			*page = append(*page, e)
			return err
		}})
	}, fn)
}

// OwnEntries returns at most limit of the entries that belong to the merchant itself and to no card, newest first,
// beginning with the one at a place among them (Entry.Seq); a place past the newest begins with the newest.
func (v *View) OwnEntries(
	ctx context.Context, merchant ledger.MerchantID, from int64, limit int,
) ([]ledger.Entry, error) {
	var page []ledger.Entry
	args := merchantRow(entriesDown, merchant).int(0).int(from).int(int64(limit))
	if err := v.q.read(ctx, query{entriesDown, args, eachEntry(&page)}); err != nil {
		return nil, fmt.Errorf("own entries: %w", err)
	}
	return page, nil
}

// EachRequest calls fn with every request of the merchant, by name, without its key, which is not stored. It stops
// at the first error of fn and returns it.
func (v *View) EachRequest(ctx context.Context, merchant ledger.MerchantID, fn func(*ledger.Request) error) error {
	return walk(func(last *ledger.Request, page *[]ledger.Request) error {
		var after []byte
		if last != nil {
			after = last.Name[:]
		}
		args := merchantRow(requestsAfter, merchant).bytes(after)
		args.int(walkPage)
		return v.readPage(ctx, "requests", query{requestsAfter, args, func(r record) error {
			q, err := readRequest(r)
			*page = append(*page, q)
			return err
		}})
	}, fn)
}

func (v *View) readPage(ctx context.Context, what string, q query) error {
	begun := time.Now()
	if err := v.q.read(ctx, q); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if v.rest == nil {
		return nil
	}
	return v.rest(ctx, time.Since(begun))
}

// DueCards returns at most limit cards with a bonus or points on them that were good only through a day before the
// given one, those first that expired first.
func (v *View) DueCards(
	ctx context.Context, merchant ledger.MerchantID, before ledger.Date, limit int,
) ([]ledger.CardKey, error) {
	args := merchantRow(dueCards, merchant).int(int64(before)).int(int64(limit))
	return v.due(ctx, merchant, query{statement: dueCards, args: args})
}

// DueHolds returns at most limit cards with a hold on them that has ended by now, those first that ended first.
func (v *View) DueHolds(
	ctx context.Context, merchant ledger.MerchantID, now time.Time, limit int,
) ([]ledger.CardKey, error) {
	return v.due(ctx, merchant, query{
		statement: dueHolds, args: merchantRow(dueHolds, merchant).time(now).int(int64(limit)),
	})
}

// due returns the cards whose numbers are asked for.
func (v *View) due(ctx context.Context, merchant ledger.MerchantID, q query) (due []ledger.CardKey, err error) {
	q.each = func(r record) error {
		due = append(due, ledger.CardKey{Merchant: merchant, Number: r.text()})
		return nil
	}
	if err := v.q.read(ctx, q); err != nil {
		return nil, fmt.Errorf("due cards: %w", err)
	}
	return due, nil
}
