package engine

import (
	"context"
	"errors"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Loader is a store that Quote reads.
type Loader interface {
	Load(ctx context.Context, wants ...command.Want) ([]command.Records, error)
}

// mostLoads is more often than any command asks for records: of lots, entries, their refunds, what expired and coupons.
const mostLoads = 10

// Quote returns what a command would change if it were carried out now, and saves nothing. It decides on what the store
// holds, so what happens in the meantime may change the outcome: command.AsQuoted refuses then. Errors are those of
// the command, such as a ledger.Refusal, and of the store.
func Quote(ctx context.Context, from Loader, cmd command.Command, now time.Time) (command.Changes, error) {
	keys := cmd.Keys()
	for range mostLoads {
		state := command.NewState(cmd.MerchantID())
		unknown := state.Missing(keys)
		records, err := from.Load(ctx, command.Want{Merchant: cmd.MerchantID(), Keys: unknown})
		if err != nil {
			return command.Changes{}, err
		}
		state.Learn(unknown, records[0])
		ch, err := cmd.Decide(state, now)
		_, whole := errors.AsType[ledger.NeedLots](err)
		missing, more := errors.AsType[command.NeedRecords](err)
		switch {
		case whole:
			keys.AllLots = append(keys.AllLots, keys.Cards...) // where one card is not enough, others may not be either
		case more:
			keys.Add(missing.Keys)
		default:
			return ch, err
		}
	}
	return command.Changes{}, errors.New("bug: the command asks for more again and again")
}
