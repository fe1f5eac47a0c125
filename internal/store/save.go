package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Save keeps the changes: all of them or none. It runs to its end whatever becomes of ctx. The error
// is command.ErrStale when the changes were decided from records that are no longer the newest ones or
// a row that was to be new is there already, and command.ErrUnknown when it cannot be told whether
// they were kept. After any other error nothing was.
func (s *Store) Save(ctx context.Context, ch command.Changes) error {
	ready, err := s.Prepare(ch)
	if err != nil {
		return err
	}
	return ready.Save(ctx)
}

// Prepared are changes as the rows they are kept in. To make the rows of many cards takes a while, in
// which others may save.
type Prepared struct {
	store  *Store
	writes []write
}

// Save does what Store.Save says.
func (p *Prepared) Save(ctx context.Context) error { return p.store.write(ctx, p.writes...) }

// Prepare makes the rows of changes that are to be saved.
func (s *Store) Prepare(ch command.Changes) (*Prepared, error) {
	if err := guarded(&ch); err != nil {
		return nil, fmt.Errorf("save: %w", err)
	}
	heads := rowsFor(moveHead, len(ch.Heads))
	for i := range ch.Heads {
		writeHead(heads, &ch.Heads[i])
	}
	writes := []write{
		{moveHead, heads},
		cardRows(updateCard, ch.Cards, writeCard),
		extIDRows(ch.Holders),
		cardRows(updateHolder, ch.Holders, writeHolder), // frees numbers, so before cards are opened
		cardRows(openCard, ch.Opened, writeOpened),
	}
	if index := s.engine.index(); index != nil {
		writes = append(writes, cardRows(index.replace, ch.Holders, index.write), cardRows(index.add, ch.Opened, index.write))
	}
	writes = append(writes, lotRows(ch.Lots)...)
	writes = append(writes, entryRows(ch.Entries), requestRows(ch.Requests), couponRows(ch.Coupons), stockRows(ch.Stocks))
	writes = append(writes, guardRows(&ch)...)
	return &Prepared{s, writes}, nil
}

// guarded refuses changes of a merchant whose head is not among them: nothing would tell whether they
// are stale. It is a bug of the caller.
func guarded(ch *command.Changes) error {
	heads := map[ledger.MerchantID]bool{}
	for i := range ch.Heads {
		heads[ch.Heads[i].Merchant] = true
	}
	ok := true
	for _, cards := range [][]ledger.Card{ch.Cards, ch.Holders, ch.Opened} {
		for i := range cards {
			ok = ok && heads[cards[i].Merchant]
		}
	}
	for i := range ch.Lots {
		ok = ok && heads[ch.Lots[i].Merchant]
	}
	for i := range ch.Entries {
		ok = ok && heads[ch.Entries[i].Merchant]
	}
	for i := range ch.Requests {
		ok = ok && heads[ch.Requests[i].Key.Merchant]
	}
	for i := range ch.Coupons {
		ok = ok && heads[ch.Coupons[i].Merchant]
	}
	for i := range ch.Stocks {
		ok = ok && heads[ch.Stocks[i].Merchant]
	}
	for i := range ch.Guards {
		ok = ok && heads[ch.Guards[i].Merchant]
	}
	for i := range ch.Messages {
		ok = ok && heads[ch.Messages[i].Merchant]
	}
	if !ok {
		return errors.New("a merchant is changed without its head")
	}
	return nil
}

func cardRows(s *statement, cards []ledger.Card, writeOne func(*rows, *ledger.Card)) write {
	r := rowsFor(s, len(cards))
	for i := range cards {
		writeOne(r, &cards[i])
	}
	return write{s, r}
}

// extIDRows takes the inner codes off the cards of a save that are about to get theirs: among several,
// one may get what another has had.
func extIDRows(holders []ledger.Card) write {
	var coded []ledger.Card
	if len(holders) > 1 && slices.ContainsFunc(holders, func(c ledger.Card) bool { return c.Details.ExtID != "" }) {
		coded = holders
	}
	return cardRows(dropExtID, coded, writeNoExtID)
}

func lotRows(lots []command.LotChange) []write {
	dropped, put := rowsFor(dropLot, 0), rowsFor(putLot, len(lots))
	for i := range lots {
		if l := &lots[i]; l.Lot.Principal == 0 && l.Lot.Bonus == 0 {
			writeLotKey(dropped, l)
		} else {
			writeLot(put, l)
		}
	}
	return []write{{dropLot, dropped}, {putLot, put}}
}

func entryRows(entries []ledger.Entry) write {
	r := rowsFor(addEntry, len(entries))
	var rare extras
	for i := range entries {
		writeEntry(r, &entries[i], &rare)
	}
	return write{addEntry, r}
}

func requestRows(requests []ledger.Request) write {
	r := rowsFor(addRequest, len(requests))
	for i := range requests {
		writeRequest(r, &requests[i])
	}
	return write{addRequest, r}
}

// Saved tells, after a save that answered command.ErrUnknown, whether these very changes are in the
// store. It goes by the first entry, else by the first message, else by the first request.
func (s *Store) Saved(ctx context.Context, ch command.Changes) (bool, error) {
	found := false
	var q query
	switch {
	case len(ch.Entries) > 0:
		want := &ch.Entries[0]
		q = query{hashOf, rowsFor(hashOf, 1).int(int64(want.Merchant)).int(int64(want.ID)), func(r record) error {
			got, err := readHash(r)
			found = got == want.Hash
			return err
		}}
	case len(ch.Messages) > 0: // another may have carried out the same request, but not with this number
		want := &ch.Messages[0]
		q = query{messageOf, rowsFor(messageOf, 1).int(int64(want.Merchant)).int(int64(want.ID)), func(record) error {
			found = true
			return nil
		}}
	case len(ch.Requests) > 0:
		want := &ch.Requests[0]
		q = query{requestsOf, writeRequestKey(rowsFor(requestsOf, 1), want.Key), func(r record) error {
			got, err := readRequest(r)
			found = got.Fingerprint == want.Fingerprint
			return err
		}}
	default:
		return false, errors.New("look up: changes without an entry, a message or a request")
	}
	if err := s.q.read(ctx, q); err != nil {
		return false, fmt.Errorf("look up: %w", err)
	}
	if !found {
		return false, nil
	}
	if err := s.engine.settle(ctx); err != nil {
		return false, fmt.Errorf("look up: %w", err)
	}
	return true, nil
}

// Secure makes sure that everything that was read before it is as safe as what a save has answered.
func (s *Store) Secure(ctx context.Context) error {
	if err := s.engine.settle(ctx); err != nil {
		return fmt.Errorf("secure: %w", err)
	}
	return nil
}
