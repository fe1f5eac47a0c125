package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// actScope is the scope of the command line's request ids, which keeps them apart from those of tills.
const actScope = "command line"

// cardAct has the flags of a command of the core that a person carries out on one card.
type cardAct struct {
	oneCard
	listing
	doer
	Shop   string `placeholder:"ID|GUID" help:"The shop at which it is done, as it stands in the journal and in the reports of its days; without it, at none."`
	DryRun bool   `help:"Say what would be done, but do nothing."`
}

// doer is the flag that names the person who carries out a command.
type doer struct {
	Operator string `placeholder:"NAME" help:"Who does it; the name stays in the journal permanently. By default the user of this machine."`
}

// caller returns the caller that stands in the entry.
func (d *doer) caller() (ledger.Caller, error) {
	by := ledger.Caller{Operator: d.operator()}
	if len(by.Operator) > 64 {
		return by, errors.New("operator: want at most 64 bytes, which are 21 Chinese characters")
	}
	return by, nil
}

// shop returns the merchant's shop that --shop names; 0 without it.
func (c *cardAct) shop(m *ledger.Merchant) (ledger.ShopID, error) {
	if c.Shop == "" {
		return 0, nil
	}
	id, _ := strconv.ParseInt(c.Shop, 10, 64) // 0 for a GUID, and no shop has the id 0
	for _, s := range m.Shops {
		if s.ID == ledger.ShopID(id) || ledger.FoldGUID(s.GUID) == ledger.FoldGUID(c.Shop) {
			return s.ID, nil
		}
	}
	return 0, fmt.Errorf("shop: %s has no shop %q: see tongka shop list", m.Name, c.Shop)
}

// cardMoves is a cardAct that can be meant to happen more than once, such as a withdrawal. Typing it again
// therefore does it again, unless the request has an id.
type cardMoves struct {
	cardAct
	RequestID string `name:"request-id" placeholder:"ID" help:"A name for this request, such as the number of a receipt: a request repeated under the same name is not carried out again."`
}

// makeAct returns a command for the card's merchant, by the caller. It must return the same for the same arguments.
type makeAct func(*ledger.Merchant, ledger.Caller) (command.Command, error)

// act carries out the command that make returns, and prints what it did. With a requestID it is carried out once.
func (c *cardAct) act(
	ctx context.Context, con *console, requestID string, make func(ledger.MerchantID, ledger.Caller) command.Command,
) error {
	return c.actAt(ctx, con, requestID, func(m *ledger.Merchant, by ledger.Caller) (command.Command, error) {
		return make(m.ID, by), nil
	})
}

// actAt is act for commands that need the merchant's settings.
func (c *cardAct) actAt(ctx context.Context, con *console, requestID string, make makeAct) error {
	by, err := c.caller()
	if err != nil {
		return err
	}
	if requestID != "" {
		requestID = ledger.FoldRequestID(requestID)
		if fault := ledger.CheckRequestID(requestID); fault != 0 {
			return fmt.Errorf("request-id: %v", fault)
		}
	}
	if c.DryRun {
		return c.try(ctx, con, by, make)
	}
	return c.withMerchant(ctx, func(b *books, m *ledger.Merchant) error {
		cmd, err := c.made(m, by, make)
		if err == nil && requestID != "" {
			cmd, err = onceUnder(requestID, cmd, m, make)
		}
		if err != nil {
			return err
		}
		ch, err := b.engine.Do(ctx, cmd)
		if err != nil {
			return actError(err)
		}
		if ch.Replay != nil {
			return c.repeated(con, ch.Replay)
		}
		if ch.Unchanged != nil {
			fmt.Fprintf(con.err, "Nothing was done: card %s is so already.\n", ch.Unchanged.Number)
		}
		return print(con, c.listing, actsOf(m, &ch))
	})
}

// made returns the command that make returns for the merchant, done by the caller at the shop that --shop names.
func (c *cardAct) made(m *ledger.Merchant, by ledger.Caller, make makeAct) (cmd command.Command, err error) {
	if by.Shop, err = c.shop(m); err != nil {
		return nil, err
	}
	return make(m, by)
}

// onceUnder returns the command to be carried out once under the request id. Its caller is no part of what is asked:
// another person may repeat the request.
func onceUnder(requestID string, cmd command.Command, m *ledger.Merchant, make makeAct) (command.Command, error) {
	asked, err := make(m, ledger.Caller{})
	if err != nil {
		return nil, err
	}
	return command.Once{
		Command: cmd, Key: ledger.RequestKey{Scope: actScope, ID: requestID},
		Fingerprint: sha256.Sum256(fmt.Appendf(nil, "%T %+v", cmd, asked)),
		Answer:      func(ch command.Changes) []byte { return encodeActs(actsOf(m, &ch)) },
	}, nil
}

// try prints what the command would do.
func (c *cardAct) try(ctx context.Context, con *console, by ledger.Caller, make makeAct) (err error) {
	s, err := openReader(ctx, c.DB)
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	m, err := findMerchant(ctx, s, c.Merchant)
	if err != nil {
		return err
	}
	cmd, err := c.made(m, by, make)
	if err != nil {
		return err
	}
	ch, err := engine.Quote(ctx, s, cmd, time.Now())
	if err != nil {
		return actError(err)
	}
	if ch.Unchanged != nil {
		fmt.Fprintf(con.err, "Nothing would be done: card %s is so already.\n", ch.Unchanged.Number)
	} else {
		fmt.Fprintln(con.err, "Nothing was done; this would be:")
	}
	return print(con, c.listing, actsOf(m, &ch))
}

// undoneBy names the command that undoes an entry of a kind.
var undoneBy = map[string]string{
	ledger.Consumed.String(): "refund", ledger.Recharged.String(): "reverse",
}

// actError adds to a refusal that nothing was done, and names the command that undoes an entry of another kind.
// Other errors may leave open whether anything was done, and are returned as they are.
func actError(err error) error {
	refusal, refused := errors.AsType[ledger.Refusal](err)
	if !refused {
		return err
	}
	const refusedText = "refused, nothing was done: "
	switch other, ok := undoneBy[refusal.Detail]; {
	case refusal.Reason == ledger.AlreadyReversed:
		return fmt.Errorf(refusedText+"%w, and nothing is left of it: see tongka cards show", err)
	case refusal.Reason == ledger.NotReversible && ok:
		return fmt.Errorf(refusedText+"the entry is a %s: tongka cards %s undoes it", refusal.Detail, other)
	}
	return fmt.Errorf(refusedText+"%w", err)
}

// repeated prints what the request did when it was first carried out.
func (c *cardAct) repeated(con *console, first *ledger.Request) error {
	var acts []actRow
	if err := json.Unmarshal(first.Answer, &acts); err != nil {
		return fmt.Errorf("what was done the first time cannot be read: %w", err)
	}
	fmt.Fprintln(con.err, "This was done before under the same request id; nothing was done again:")
	return print(con, c.listing, acts)
}

func (d *doer) operator() string {
	if name := strings.TrimSpace(d.Operator); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username + " (command line)"
	}
	return fmt.Sprintf("user %d (command line)", os.Getuid())
}

// actRow is one entry, with the card's balances after it.
type actRow struct {
	Entry     ledger.EntryID `json:"entry"`
	Card      string         `json:"card"`
	Kind      string         `json:"kind"`
	Amount    string         `json:"amount"`
	Principal string         `json:"principal"`
	Bonus     string         `json:"bonus"`
	Points    int64          `json:"points"`
	Status    string         `json:"status"`
	Level     string         `json:"level"`
	Credit    string         `json:"credit"` // "" unless the entry changed the card's details
	Of        ledger.EntryID `json:"of"`
	Other     string         `json:"other_card"`
	At        string         `json:"at"`
	Operator  string         `json:"operator"`
	Note      string         `json:"note"`
}

// actsOf returns the entries a command made, in order.
func actsOf(m *ledger.Merchant, ch *command.Changes) []actRow {
	numbers := map[ledger.CardID]string{}
	for _, cards := range [][]ledger.Card{ch.Cards, ch.Opened, ch.Holders} {
		for i := range cards {
			numbers[cards[i].ID] = cards[i].Number
		}
	}
	rows := make([]actRow, 0, len(ch.Entries))
	for i := range ch.Entries {
		rows = append(rows, actOf(m, numbers[ch.Entries[i].Card], &ch.Entries[i]))
	}
	return rows
}

func actOf(m *ledger.Merchant, card string, e *ledger.Entry) actRow {
	level, _ := m.Level(e.Level)
	credit := ""
	if e.Details != nil {
		credit = e.Details.Credit.String()
	}
	return actRow{
		Entry: e.ID, Card: card, Kind: e.Kind.String(), Amount: e.Net.String(), Principal: e.PrincipalAfter.String(),
		Bonus: e.BonusAfter.String(), Points: e.PointsAfter, Status: statusText(e.Status),
		Level:  strings.TrimSpace(fmt.Sprintf("%d %s", e.Level, level.Name)),
		Credit: credit, Of: e.RefersTo, Other: e.OtherCard, At: e.At.In(m.Zone).Format(time.DateTime),
		Operator: e.By.Operator, Note: e.Note,
	}
}

func encodeActs(acts []actRow) []byte {
	b, err := json.Marshal(acts)
	if err != nil {
		panic(fmt.Sprintf("acts: %v", err)) // cannot happen: numbers and strings always encode
	}
	return b
}
