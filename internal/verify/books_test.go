package verify

import (
	"context"
	"slices"

	"tongka/internal/ledger"
)

// books are records in memory, which a test can tamper with.
type books struct {
	settings []ledger.Merchant
	agents   []ledger.Agent
	people   []ledger.Person
	derive   func(*ledger.StoredCard) // makes derived columns differ; nil = they do not
	guards   []ledger.Guard
	messages []ledger.StoredMessage
	webhooks []ledger.Webhook
	states   []ledger.WebhookState
	guids    map[string]ledger.MerchantID
	strays   []ledger.Stray
	owners   map[string][]ledger.MerchantID
	counters []string
	heads    []ledger.Head
	cards    []ledger.Card
	entries  []ledger.Entry
	requests []ledger.Request
	coupons  []ledger.Coupon
	stocks   []ledger.CouponStock
	cursors  []ledger.Cursor
	days     []ledger.DayTotal
	lots     []ledger.LotTotal
	used     []ledger.CouponTotal
	host     *books // the host's records; nil = it has no entry
}

// of returns the records of a merchant, or of the host.
func (b *books) of(id ledger.MerchantID) *books {
	switch {
	case id != ledger.HostID:
		return b
	case b.host == nil:
		return &books{}
	}
	return b.host
}

func (b *books) Webhooks(_ context.Context, id ledger.MerchantID) ([]ledger.Webhook, error) {
	return b.of(id).webhooks, nil
}

func (b *books) WebhookStates(_ context.Context, id ledger.MerchantID) ([]ledger.WebhookState, error) {
	return b.of(id).states, nil
}

func (b *books) CursorsOf(_ context.Context, id ledger.MerchantID) ([]ledger.Cursor, error) {
	b = b.of(id)
	return b.cursors, nil
}

func (b *books) EachDayTotal(
	_ context.Context, id ledger.MerchantID, _, _ ledger.Date, fn func(*ledger.DayTotal) error,
) error {
	b = b.of(id)
	for i := range b.days {
		if err := fn(&b.days[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) EachEntryInBrief(
	ctx context.Context, id ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	return b.EachEntry(ctx, id, after, fn)
}

func (b *books) EachLotTotal(
	_ context.Context, id ledger.MerchantID, _, _ ledger.Date, fn func(*ledger.LotTotal) error,
) error {
	b = b.of(id)
	for i := range b.lots {
		if err := fn(&b.lots[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) EachCouponTotal(
	_ context.Context, id ledger.MerchantID, _, _ ledger.Date, fn func(*ledger.CouponTotal) error,
) error {
	b = b.of(id)
	for i := range b.used {
		if err := fn(&b.used[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) Heads(context.Context) ([]ledger.Head, error) {
	return slices.Concat(b.of(ledger.HostID).heads, b.heads), nil
}

func (b *books) EachStoredCard(_ context.Context, id ledger.MerchantID, fn func(*ledger.StoredCard) error) error {
	b = b.of(id)
	for i := range b.cards {
		c := ledger.StoredCard{
			Card: b.cards[i], NextExpiry: b.cards[i].NextExpiry(), Search: b.cards[i].SearchText(),
			HoldUntil: b.cards[i].NextHoldEnd(),
		}
		if b.derive != nil {
			b.derive(&c)
		}
		if err := fn(&c); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) StoredMerchants(context.Context) ([]ledger.Merchant, error) { return b.settings, nil }

func (b *books) Agents(context.Context) ([]ledger.Agent, error) { return b.agents, nil }

func (b *books) Owners(context.Context) (map[string][]ledger.MerchantID, error) { return b.owners, nil }

func (b *books) Shape(context.Context) ([]ledger.Part, error) {
	if len(b.entries) == 0 { // as if there were no database at all
		return nil, nil
	}
	return []ledger.Part{{Name: "table card", IsThere: true, IsOurs: true}}, nil
}
func (b *books) IndexFaults(context.Context) ([]string, error)  { return nil, nil }
func (b *books) Strays(context.Context) ([]ledger.Stray, error) { return b.strays, nil }

func (b *books) Counters(context.Context) ([]string, error) { return b.counters, nil }

func (b *books) GUIDs(context.Context) (map[string]ledger.MerchantID, error) { return b.guids, nil }

func (b *books) Span(_ context.Context, id ledger.MerchantID) (first, last ledger.EntryID, err error) {
	b = b.of(id)
	for _, e := range b.entries {
		if first == 0 || e.ID < first {
			first = e.ID
		}
		last = max(last, e.ID)
	}
	return first, last, nil
}

func (b *books) EachGuard(_ context.Context, id ledger.MerchantID, fn func(*ledger.Guard) error) error {
	b = b.of(id)
	for i := range b.guards {
		if err := fn(&b.guards[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) EachMessage(_ context.Context, id ledger.MerchantID, fn func(*ledger.StoredMessage) error) error {
	b = b.of(id)
	for i := range b.messages {
		if err := fn(&b.messages[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) EachEntry(
	_ context.Context, id ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	b = b.of(id)
	for i := range b.entries {
		if b.entries[i].ID <= after {
			continue
		}
		if err := fn(&b.entries[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) EachOf(
	_ context.Context, id ledger.MerchantID, ids []ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	b = b.of(id)
	for i := range b.entries {
		if !slices.Contains(ids, b.entries[i].ID) {
			continue
		}
		if err := fn(&b.entries[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) EachRequest(_ context.Context, id ledger.MerchantID, fn func(*ledger.Request) error) error {
	b = b.of(id)
	for i := range b.requests {
		if err := fn(&b.requests[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) EachCoupon(_ context.Context, id ledger.MerchantID, fn func(*ledger.Coupon) error) error {
	b = b.of(id)
	for i := range b.coupons {
		if err := fn(&b.coupons[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) Stocks(_ context.Context, id ledger.MerchantID) ([]ledger.CouponStock, error) {
	b = b.of(id)
	return b.stocks, nil
}

// withCoupons returns the newest entry of the kind that names coupons.
func (b *books) withCoupons(kind ledger.Kind) *ledger.Entry {
	for i := range slices.Backward(b.entries) {
		if b.entries[i].Kind == kind && len(b.entries[i].Coupons) > 0 {
			return &b.entries[i]
		}
	}
	return nil
}

// withPoints returns the newest entry of the kind on which points paid.
func (b *books) withPoints(kind ledger.Kind) *ledger.Entry {
	for i := range slices.Backward(b.entries) {
		if b.entries[i].Kind == kind && b.entries[i].ByPoints.Points != 0 {
			return &b.entries[i]
		}
	}
	return nil
}

// entry returns the journal's first entry of the kind.
func (b *books) entry(kind ledger.Kind) *ledger.Entry {
	i := slices.IndexFunc(b.entries, func(e ledger.Entry) bool { return e.Kind == kind })
	return &b.entries[i]
}

// rehash repairs the hash chains, as somebody would who knows how they are made.
func (b *books) rehash() {
	last := map[ledger.CardID][32]byte{}
	for i := range b.entries {
		e := &b.entries[i]
		e.Hash = e.Chain(last[e.Card])
		last[e.Card] = e.Hash
	}
	for i := range b.cards {
		b.cards[i].Hash = last[b.cards[i].ID]
	}
}

func (b *books) People(context.Context) ([]ledger.Person, error) { return b.people, nil }
