package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Save stores the changes: all of them or none. It is carried out even if ctx ends. It returns command.ErrStale if
// the changes were decided from records that are no longer the newest, or if a row that is to be new is already
// there, and command.ErrUnknown if it cannot be known whether they were stored. After any other error nothing was
// stored.
func (s *Store) Save(ctx context.Context, changes ...command.Changes) error {
	ready, err := s.prepare(changes)
	if err != nil {
		return err
	}
	return ready.Save(ctx)
}

// Ready saves changes whose rows have been made already. Save may be called once.
type Ready = interface {
	Save(ctx context.Context) error
}

// prepared holds changes in the form of the rows that store them.
type prepared struct {
	store  *Store
	writes []write
	opened map[ledger.MerchantID]int64 // the last card of those who have new ones
}

// Save does what Store.Save does.
func (p *prepared) Save(ctx context.Context) error {
	p.store.saves()
	if err := p.store.write(ctx, p.writes...); err != nil {
		return err
	}
	p.store.filler.wake(p.opened)
	return nil
}

// Prepare makes the rows of changes that are to be saved. Making the rows of many cards takes a while, during which
// others may save.
func (s *Store) Prepare(changes ...command.Changes) (Ready, error) { return s.prepare(changes) }

func (s *Store) prepare(changes []command.Changes) (*prepared, error) {
	for i := range changes {
		if err := guarded(&changes[i]); err != nil {
			return nil, fmt.Errorf("save: %w", err)
		}
	}
	opened := func(ch *command.Changes) []ledger.Card { return ch.Opened }
	holders := func(ch *command.Changes) []ledger.Card { return ch.Holders }
	index := s.backend.index()
	writes := []write{
		rowsOf(moveHead, changes, func(ch *command.Changes) []ledger.Head { return []ledger.Head{*ch.Head} }, writeHead),
	}
	if index.hold != nil {
		writes = append(writes, holdIndex(index, changes))
	}
	writes = append(writes,
		rowsOf(updateCard, changes, func(ch *command.Changes) []ledger.Card { return ch.Cards }, writeCard),
		rowsOf(dropExtID, changes, passingExtIDs, writeNoExtID),
		rowsOf(updateHolder, changes, holders, writeHolder), // comes before the opening of cards because it frees numbers
		rowsOf(openCard, changes, opened, writeOpened),
		rowsOf(index.replace, changes, foundAnew, index.write),
	)
	if index.add != nil {
		writes = append(writes, rowsOf(index.add, changes, opened, index.write))
	}
	for i := range changes {
		if to := changes[i].Settings; to != nil {
			writes = append(writes, settingsRows(to)...)
		}
		for j := range changes[i].Added {
			writes = append(writes, addedRows(&changes[i].Added[j])...)
		}
		if len(changes[i].Agents) > 0 {
			writes = append(writes, agentRows(changes[i].Agents)...)
		}
		if len(changes[i].People) > 0 {
			more, err := personRows(changes[i].People)
			if err != nil {
				return nil, err
			}
			writes = append(writes, more...)
		}
	}
	var rare extras
	return &prepared{store: s, opened: openedAt(changes), writes: append(writes,
		rowsOf(dropLot, changes, emptyLots, writeLotKey),
		rowsOf(putLot, changes, filledLots, writeLot),
		rowsOf(addEntry, changes, func(ch *command.Changes) []ledger.Entry { return ch.Entries }, rare.write),
		rowsOf(addRequest, changes, func(ch *command.Changes) []ledger.Request { return ch.Requests }, writeRequest),
		rowsOf(putCoupon, changes, func(ch *command.Changes) []ledger.Coupon { return ch.Coupons }, writeCoupon),
		rowsOf(putStock, changes, func(ch *command.Changes) []ledger.CouponStock { return ch.Stocks }, writeStock),
		rowsOf(putGuard, changes, func(ch *command.Changes) []ledger.Guard { return ch.Guards }, writeGuard),
		rowsOf(dropWebhookState, changes, unhooked, writeWebhookKey),
		rowsOf(dropWebhookTriesOf, changes, unhooked, writeWebhookKey),
		rowsOf(dropWebhookAllAgain, changes, unhooked, writeWebhookKey),
		rowsOf(dropWebhook, changes, unhooked, writeWebhookKey),
		rowsOf(putWebhook, changes, func(ch *command.Changes) []ledger.Webhook { return ch.Webhooks }, writeWebhook),
		rowsOf(addMessage, changes, func(ch *command.Changes) []ledger.Message { return ch.Messages }, writeMessage),
	)}, nil
}

// openedAt returns the last card of each merchant of whom the changes open cards.
func openedAt(changes []command.Changes) map[ledger.MerchantID]int64 {
	var last map[ledger.MerchantID]int64
	for i := range changes {
		if len(changes[i].Opened) == 0 {
			continue
		}
		if last == nil { // few saves open cards
			last = map[ledger.MerchantID]int64{}
		}
		last[changes[i].Head.Merchant] = int64(changes[i].Head.LastCard)
	}
	return last
}

// holdIndex returns a write that holds the index for the merchants whose cards are changed in what they are found by.
func holdIndex(index *searchIndex, changes []command.Changes) write {
	r := rowsFor(index.hold, 0)
	for i := range changes {
		if len(foundAnew(&changes[i])) > 0 {
			r.int(int64(changes[i].Head.Merchant))
		}
	}
	return write{index.hold, r}
}

// foundAnew returns the cards of a save that are found by something else than before: see ledger.Card.SearchText. Most
// holders are none of them, but cards with money to invoice or with charged bills, for which no till waits.
func foundAnew(ch *command.Changes) (cards []ledger.Card) {
	if len(ch.Holders) == 0 { // as of most saves, whose entries need not be looked at
		return nil
	}
	var named []ledger.CardID
	for i := range ch.Entries {
		if e := &ch.Entries[i]; e.Holder != nil || e.Number != "" {
			named = append(named, e.Card)
		}
	}
	for i := range ch.Holders {
		if slices.Contains(named, ch.Holders[i].ID) {
			cards = append(cards, ch.Holders[i])
		}
	}
	return cards
}

// rowsOf returns a write of the rows of one kind, of all changes.
func rowsOf[T any](
	s *statement, changes []command.Changes, list func(*command.Changes) []T, writeOne func(*rows, *T),
) write {
	n := 0
	for i := range changes {
		n += len(list(&changes[i]))
	}
	r := rowsFor(s, n)
	for i := range changes {
		records := list(&changes[i])
		for j := range records {
			writeOne(r, &records[j])
		}
	}
	return write{s, r}
}

// guarded refuses changes that have no head of their merchant or that hold records of another one: no version would
// show whether those are stale. Either is a bug in the caller, except for a version that no head can have, which is
// stale.
func guarded(ch *command.Changes) error {
	if ch.Head == nil {
		return errors.New("a merchant is changed without its head")
	}
	id := ch.Head.Merchant
	if ch.Head.Version < 1 { // every head begins at 1, so the caller loaded none
		return fmt.Errorf("%w: merchant %d has no head", command.ErrStale, id)
	}
	if id != ledger.HostID && len(ch.Agents)+len(ch.People)+len(ch.Added) > 0 {
		return fmt.Errorf("what is the host's is changed with the head of merchant %d", id)
	}
	if !allOwn(ch, id) {
		return fmt.Errorf("records of another merchant are changed with the head of %d", id)
	}
	return nil
}

// allOwn reports whether all records of the changes belong to the merchant.
func allOwn(ch *command.Changes, id ledger.MerchantID) bool {
	return (ch.Settings == nil || ch.Settings.ID == id) &&
		own(ch.Cards, id, func(c *ledger.Card) ledger.MerchantID { return c.Merchant }) &&
		own(ch.Holders, id, func(c *ledger.Card) ledger.MerchantID { return c.Merchant }) &&
		own(ch.Opened, id, func(c *ledger.Card) ledger.MerchantID { return c.Merchant }) &&
		own(ch.Lots, id, func(l *command.LotChange) ledger.MerchantID { return l.Merchant }) &&
		own(ch.Entries, id, func(e *ledger.Entry) ledger.MerchantID { return e.Merchant }) &&
		own(ch.Requests, id, func(r *ledger.Request) ledger.MerchantID { return r.Merchant }) &&
		own(ch.Coupons, id, func(c *ledger.Coupon) ledger.MerchantID { return c.Merchant }) &&
		own(ch.Stocks, id, func(s *ledger.CouponStock) ledger.MerchantID { return s.Merchant }) &&
		own(ch.Guards, id, func(g *ledger.Guard) ledger.MerchantID { return g.Merchant }) &&
		own(ch.Webhooks, id, func(w *ledger.Webhook) ledger.MerchantID { return w.Merchant }) &&
		own(ch.Unhooked, id, func(of *ledger.WebhookKey) ledger.MerchantID { return of.Merchant }) &&
		own(ch.Messages, id, func(m *ledger.Message) ledger.MerchantID { return m.Merchant })
}

// own reports whether all records belong to the merchant.
func own[T any](records []T, id ledger.MerchantID, merchant func(*T) ledger.MerchantID) bool {
	for i := range records {
		if merchant(&records[i]) != id {
			return false
		}
	}
	return true
}

// passingExtIDs returns the cards of a save whose inner codes are removed before any of them gets its new one,
// because one card may get the code that another had.
func passingExtIDs(ch *command.Changes) []ledger.Card {
	if len(ch.Holders) > 1 && slices.ContainsFunc(ch.Holders, func(c ledger.Card) bool { return c.Details.ExtID != "" }) {
		return ch.Holders
	}
	return nil
}

func emptyLots(ch *command.Changes) []command.LotChange { return lotsThat(ch, true) }

func filledLots(ch *command.Changes) []command.LotChange { return lotsThat(ch, false) }

// lotsThat returns the lots that are empty, or those that are not.
func lotsThat(ch *command.Changes, empty bool) (lots []command.LotChange) {
	for _, l := range ch.Lots {
		if l.Lot.Empty() == empty {
			lots = append(lots, l)
		}
	}
	return lots
}

// Touch moves a merchant's head and changes nothing else: whatever was decided before it and is not saved yet
// becomes stale.
func (s *Store) Touch(ctx context.Context, merchant ledger.MerchantID) error {
	return s.write(ctx, write{touchHead, merchantRow(touchHead, merchant)})
}

// Saved reports, after a save that returned command.ErrUnknown, whether these changes are in the store. It looks for
// the first entry; if there is none, for the first message, and if there is none, for the first request. Changes
// with none of them are an error.
func (s *Store) Saved(ctx context.Context, changes ...command.Changes) (bool, error) {
	found := false
	q, ok := evidence(changes, &found)
	if !ok {
		return false, errors.New("look up: changes without an entry, a message or a request")
	}
	if err := s.q.read(ctx, q); err != nil {
		return false, fmt.Errorf("look up: %w", err)
	}
	if !found {
		return false, nil
	}
	if err := s.backend.settle(ctx); err != nil {
		return false, fmt.Errorf("look up: %w", err)
	}
	return true, nil
}

// evidence returns a query for a row that is there only if the changes are; ok is false if they leave no such row.
func evidence(changes []command.Changes, found *bool) (q query, ok bool) {
	for i := range changes {
		if len(changes[i].Entries) > 0 {
			want := &changes[i].Entries[0]
			return query{hashOf, merchantRow(hashOf, want.Merchant).int(int64(want.ID)), func(r record) error {
				got, err := readHash(r)
				*found = got == want.Hash
				return err
			}}, true
		}
	}
	for i := range changes {
		if len(changes[i].Messages) > 0 { // the same request carried out by another process has another message id
			want := &changes[i].Messages[0]
			return query{messageOf, merchantRow(messageOf, want.Merchant).int(int64(want.ID)), func(record) error {
				*found = true
				return nil
			}}, true
		}
	}
	for i := range changes {
		if len(changes[i].Requests) > 0 {
			want := &changes[i].Requests[0]
			args := merchantRow(requestsOf, want.Merchant)
			writeRequestName(args, want.Key)
			return query{requestsOf, args, func(r record) error {
				got, err := readRequest(r)
				*found = got.Fingerprint == want.Fingerprint
				return err
			}}, true
		}
	}
	return query{}, false
}

// Secure returns once everything that was read before it is as safe as a save that has returned.
func (s *Store) Secure(ctx context.Context) error {
	if err := s.backend.settle(ctx); err != nil {
		return fmt.Errorf("secure: %w", err)
	}
	return nil
}
