package apply

import (
	"context"
	"fmt"
	"slices"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// account is the account that a card of the file has in the books. It stays the same whatever number it gets.
type account struct {
	merchant ledger.MerchantID
	card     ledger.CardID // 0 = there is none
	numbers  []string      // as the file has it, and as the cards do that lead to the account
}

// account returns the account of the card. If the card's number was replaced, that is the one under the new number.
func (c card) account(ctx context.Context, store Store) (account, error) {
	a := account{merchant: c.merchant, numbers: []string{c.card.Number}}
	key := ledger.CardNamed(c.merchant, c.card.Number)
	for {
		known, err := store.Card(ctx, key)
		if err != nil || known == nil {
			return a, err
		}
		a.card = known.ID
		if !slices.Contains(a.numbers, known.Number) {
			a.numbers = append(a.numbers, known.Number)
		}
		if known.Status != ledger.Replaced {
			return a, nil
		}
		replaced, err := store.History(ctx, ledger.HistoryQuery{
			Card: key, Filter: ledger.Filter{Kinds: []ledger.Kind{ledger.CardReplaced}}, Page: 1, Size: 1,
		})
		if err != nil || len(replaced.Entries) == 0 {
			return a, err
		}
		key = ledger.CardNamed(c.merchant, replaced.Entries[0].OtherCard)
	}
}

// sending returns the key of the request by which the account gets its coupons of one kind.
func (a account) sending(g gift) ledger.RequestKey {
	return ledger.RequestKey{Scope: operator + "/account coupons", ID: fmt.Sprintf("%d: kind %d", a.card, g.kind)}
}

// sent reports whether the account got its coupons of one kind, and if it got another count than the file has, what is
// to be said about that. Before, requests were named by the number as the file had it.
func (a account) sent(ctx context.Context, store Store, g gift) (sent bool, differs string, err error) {
	if a.card == 0 {
		return false, "", nil
	}
	keys := []ledger.RequestKey{a.sending(g)}
	for _, n := range a.numbers {
		keys = append(keys, ledger.RequestKey{Scope: operator + "/coupons", ID: named(n, g)})
	}
	records, err := store.Load(ctx, command.Want{Merchant: a.merchant, Keys: command.Keys{Requests: keys}})
	if err != nil || len(records[0].Requests) == 0 {
		return false, "", err
	}
	keep := command.Keys{Entries: []ledger.EntryID{records[0].Requests[0].Entry}}
	records, err = store.Load(ctx, command.Want{Merchant: a.merchant, Keys: keep})
	if err != nil {
		return false, "", err
	}
	for _, e := range records[0].Entries {
		if e.ID == keep.Entries[0] && e.Kind == ledger.CouponSent && len(e.Coupons) != g.count {
			differs = fmt.Sprintf("the file has %d, and %d were sent: coupons are sent once, and another count sends none",
				g.count, len(e.Coupons))
		}
	}
	return true, differs, nil
}

// named is how the coupons of one kind on a card are called in the report.
func named(number string, g gift) string { return fmt.Sprintf("%s: kind %d", number, g.kind) }
