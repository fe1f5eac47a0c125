package job

import (
	"context"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Trial is a Starter for a dry run: it decides an import by the core's rules and saves nothing.
type Trial struct {
	in     Requests
	clock  func() time.Time
	taken  map[string]bool                            // folded numbers of the cards that would have been opened
	extIDs map[string]bool                            // their inner codes
	sent   map[ledger.CouponKindID]ledger.CouponStock // with the coupons that they would have brought
}

// NewTrial returns a Trial on the books.
func NewTrial(in Requests, clock func() time.Time) *Trial {
	return &Trial{
		in: in, clock: clock, taken: map[string]bool{}, extIDs: map[string]bool{},
		sent: map[ledger.CouponKindID]ledger.CouponStock{},
	}
}

// Start decides the command as if the cards that earlier commands would have opened were in the books.
func (t *Trial) Start(ctx context.Context, cmd command.Command) (wait func() (command.Changes, error)) {
	changes, err := t.decide(ctx, cmd)
	return func() (command.Changes, error) { return changes, err }
}

func (t *Trial) decide(ctx context.Context, cmd command.Command) (command.Changes, error) {
	state := command.NewState(cmd.MerchantID())
	keys := state.Missing(cmd.Keys())
	found, err := t.in.Load(ctx, command.Want{Merchant: cmd.MerchantID(), Keys: keys})
	if err != nil {
		return command.Changes{}, err
	}
	records := found[0]
	for _, number := range keys.Cards {
		if t.taken[number] {
			records.Cards = append(records.Cards, ledger.Card{Merchant: cmd.MerchantID(), Number: number})
		}
	}
	for _, code := range keys.ExtIDs {
		if t.extIDs[code] {
			records.ExtIDs = append(records.ExtIDs, code)
		}
	}
	for _, kind := range keys.CouponKinds {
		if stock, known := t.sent[kind]; known {
			records.Stocks = append(records.Stocks, stock)
		}
	}
	state.Learn(keys, records)
	changes, err := cmd.Decide(state, t.clock())
	for i := range changes.Opened {
		t.taken[changes.Opened[i].Key().Number] = true
		t.extIDs[changes.Opened[i].Details.ExtID] = true
	}
	for _, stock := range changes.Stocks {
		t.sent[stock.Kind] = stock
	}
	return changes, err
}
