package console

import (
	"context"
	"errors"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// unread are books that cannot be read.
type unread struct{ DayBooks }

var errUnread = errors.New("cannot be read")

func (unread) Load(context.Context, ...command.Want) ([]command.Records, error) {
	return nil, errUnread
}

// A report of what is on cards says that the books cannot be read.
func TestStandingOfBooksThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	for _, kind := range []*reportKind{agesReport, sleepingReport} {
		v := &reportView{view: view{merchant: w.dir.Merchant(1)}, sees: func(ledger.ShopID) bool { return true }}
		read, _ := kind.begin(v)
		c := &call{Console: w.console, merchant: w.dir.Merchant(1)}
		if err := read(t.Context(), c, unread{w.store}); !errors.Is(err, errUnread) {
			t.Errorf("%s: %v", kind.name, err)
		}
	}
}
