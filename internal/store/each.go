package store

import (
	"context"
	"fmt"

	"tongka"
)

// walkPage is how many rows of a walk are read at a time, so that no walk holds much memory.
const walkPage = 2000

// EachEntry walks a merchant's journal in the order of the ids, from behind the one given. An error
// of fn ends the walk and is answered.
func (v *View) EachEntry(ctx context.Context, merchant tongka.MerchantID, after tongka.EntryID, fn func(*tongka.Entry) error) error {
	for {
		page := make([]tongka.Entry, 0, walkPage)
		args := merchantRow(entriesAfter, merchant).int(int64(after)).int(walkPage)
		err := v.q.read(ctx, query{entriesAfter, args, eachEntry(&page)})
		if err != nil {
			return fmt.Errorf("entries: %w", err)
		}
		for i := range page {
			if err := fn(&page[i]); err != nil {
				return err
			}
			after = page[i].ID
		}
		if len(page) < walkPage {
			return nil
		}
	}
}

func eachEntry(page *[]tongka.Entry) func(record) error {
	return func(r record) error {
		e, err := readEntry(r)
		*page = append(*page, e)
		return err
	}
}

// EachCard walks a merchant's cards in the order of the ids, each with all of its lots. An error of
// fn ends the walk and is answered.
func (v *View) EachCard(ctx context.Context, merchant tongka.MerchantID, fn func(*tongka.Card) error) error {
	var after tongka.CardID
	for {
		var page []tongka.Card
		args := merchantRow(cardsAfter, merchant).int(int64(after)).int(walkPage)
		err := v.q.read(ctx, query{cardsAfter, args, eachCard(true, &page)})
		if err != nil {
			return fmt.Errorf("cards: %w", err)
		}
		for i := range page {
			if err := fn(&page[i]); err != nil {
				return err
			}
			after = page[i].ID
		}
		if len(page) < walkPage {
			return nil
		}
	}
}

// EachRequest walks a merchant's requests by agent, scope and id. An error of fn ends the walk and is
// answered.
func (v *View) EachRequest(ctx context.Context, merchant tongka.MerchantID, fn func(*tongka.Request) error) error {
	after := tongka.RequestKey{Merchant: merchant, Agent: -1}
	for {
		var page []tongka.Request
		args := writeRequestKey(rowsFor(requestsAfter, 1), after).int(walkPage)
		err := v.q.read(ctx, query{requestsAfter, args, func(r record) error {
			q, err := readRequest(r)
			page = append(page, q)
			return err
		}})
		if err != nil {
			return fmt.Errorf("requests: %w", err)
		}
		for i := range page {
			if err := fn(&page[i]); err != nil {
				return err
			}
			after = page[i].Key
		}
		if len(page) < walkPage {
			return nil
		}
	}
}

// DueCards are cards on which a bonus or points were good only through a day before the given one,
// the soonest first.
func (v *View) DueCards(ctx context.Context, merchant tongka.MerchantID, before tongka.Date, limit int) ([]tongka.CardKey, error) {
	var due []tongka.CardKey
	args := merchantRow(dueCards, merchant).int(int64(before)).int(int64(limit))
	err := v.q.read(ctx, query{dueCards, args, func(r record) error {
		due = append(due, tongka.CardKey{Merchant: merchant, Number: r.text()})
		return nil
	}})
	if err != nil {
		return nil, fmt.Errorf("due cards: %w", err)
	}
	return due, nil
}
