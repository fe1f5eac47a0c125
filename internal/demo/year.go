package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// length is how many days there are before the one on which the year ends.
const length = 365

// Config says which year is made.
type Config struct {
	Now  time.Time // the moment at which it ends
	Seed uint64    // of all that is drawn

	Password     func() (string, error) // makes what is kept of a person's password
	Token        func() (hash [32]byte) // makes what is kept of an agent's token
	CardPassword string                 // what is kept of the password of one card; "" = none

	days int // how many there are before the one on which it ends; 0 = length
}

// Made is what was made.
type Made struct {
	Members int
	Entries int
	Refused int // commands that were refused
}

// year is the year that is being made.
type year struct {
	queue
	own    books
	blank  *blank
	cfg    Config
	random *rand.Rand
	err    error // the first failure: nothing happens after it
	made   Made

	zone *time.Location
	on   int         // the day of the year it is, from 0
	day  ledger.Date // the same in the calendar
	at   time.Time

	people  map[string]ledger.PersonID // by the name to sign in by
	tillsID ledger.AgentID
	moreID  ledger.AgentID // of the agent whose end is near

	members []*member
	guests  map[*shop]weights
	drawers map[ledger.ShopID]*drawer
	signers []ledger.CardID
	cards   []*ledger.Card                     // as they are, by id; the first is none
	wallets map[ledger.CardID][]*ledger.Coupon // unused ones, by id

	bills   []bill           // the last ones, of which some will be refunded
	charges []ledger.EntryID // bills that were signed for
	tasks   int              // how many turns at the desk there were

	numbers, phones, couponNumbers int
}

// bill is a bill that was paid.
type bill struct {
	card  ledger.CardID
	entry ledger.EntryID
	shop  *shop
	paid  ledger.Fen
	day   int
}

// Make makes the year in a store that has no entry of Merchant yet, and the agents and people of it if they are
// missing. It returns errThere if there is one.
func Make(ctx context.Context, store Store, cfg Config) (Made, error) {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		return Made{}, err
	}
	cfg.Now = cfg.Now.In(zone)
	cfg.days = cmp.Or(cfg.days, length)
	y := &year{
		cfg: cfg, zone: zone, guests: map[*shop]weights{}, drawers: map[ledger.ShopID]*drawer{},
		cards: make([]*ledger.Card, 1), wallets: map[ledger.CardID][]*ledger.Coupon{}, people: map[string]ledger.PersonID{},
	}
	y.begin(0)
	if err := y.host(ctx, store); err != nil {
		return Made{}, fmt.Errorf("the host of the year: %w", err)
	}
	if err := y.merchant(ctx, store); err != nil {
		return Made{}, err
	}
	for day := range cfg.days + 1 {
		y.begin(day)
		y.planDay()
		y.pass()
	}
	if y.err != nil {
		return Made{}, y.err
	}
	if err := store.Save(ctx, y.own.state.Pending()); err != nil {
		return Made{}, fmt.Errorf("save the year: %w", err)
	}
	y.made.Members = len(y.members)
	return y.made, nil
}

// errThere is returned for books that have entries of the merchant.
var errThere = errors.New("there are entries of the year already")

// merchant starts the books of the merchant, which must be empty.
func (y *year) merchant(ctx context.Context, store Store) error {
	state, keys := command.NewState(Merchant), command.Keys{Head: true}
	found, err := store.Load(ctx, command.Want{Merchant: Merchant, Keys: keys})
	if err != nil {
		return err
	}
	if found[0].Head.LastEntry != 0 {
		return errThere
	}
	state.Learn(keys, found[0])
	state.Writer = 1
	y.blank = newBlank(state)
	y.own = books{state, y.blank.load}
	return nil
}

// begin begins a day, of which whatever is drawn depends on nothing but the seed and the day.
func (y *year) begin(day int) {
	y.random = rand.New(rand.NewPCG(y.cfg.Seed, uint64(day))) //nolint:gosec // no secret: the same must come each time
	y.on = day
	y.at = y.clock(0)
	y.day = ledger.DateOf(y.at)
}

// clock returns the moment of the day that is that long after midnight.
func (y *year) clock(after time.Duration) time.Time {
	n := y.cfg.Now
	return time.Date(n.Year(), n.Month(), n.Day()-y.cfg.days+y.on, 0, 0, 0, 0, y.zone).Add(after)
}

// pass lets happen what is planned before the next day, and nothing that is not over by the end of the year.
func (y *year) pass() {
	until := y.clock(24 * time.Hour)
	if y.cfg.Now.Before(until) {
		until = y.cfg.Now
	}
	for y.err == nil {
		e, ok := y.next(until)
		if !ok {
			return
		}
		y.at = e.at
		e.do()
	}
}

// do has a command carried out now. A command that is refused changes nothing: the guest pays otherwise.
func (y *year) do(cmd command.Command) command.Changes {
	if y.err != nil {
		return command.Changes{}
	}
	y.blank.nameAhead()
	ch, err := y.own.do(y.at, cmd)
	if _, refused := errors.AsType[ledger.Refusal](err); refused {
		y.made.Refused++
		return command.Changes{}
	}
	if err != nil {
		y.err = fmt.Errorf("%T on %v: %w", cmd, y.at, err)
		return command.Changes{}
	}
	y.blank.saw(ch.Entries)
	y.made.Entries += len(ch.Entries)
	for i := range ch.Entries {
		y.took(&ch.Entries[i])
	}
	for _, cards := range [][]ledger.Card{ch.Opened, ch.Cards} {
		for i := range cards {
			y.put(&cards[i])
		}
	}
	for i := range ch.Coupons {
		y.pocket(&ch.Coupons[i])
	}
	return ch
}

// put notes a card as it is from now on.
func (y *year) put(c *ledger.Card) {
	for int(c.ID) >= len(y.cards) {
		y.cards = append(y.cards, nil)
	}
	y.cards[c.ID] = c
}

// card returns a card as it is now.
func (y *year) card(id ledger.CardID) *ledger.Card { return y.cards[id] }

// pocket notes a coupon, which is forgotten when it can no longer be used.
func (y *year) pocket(c *ledger.Coupon) {
	has := y.wallets[c.Card]
	i := slices.IndexFunc(has, func(other *ledger.Coupon) bool { return other.ID == c.ID })
	switch {
	case c.State != ledger.Unused && i >= 0:
		has = slices.Delete(has, i, i+1)
	case c.State != ledger.Unused:
	case i >= 0:
		has[i] = c
	default:
		has = append(has, c)
	}
	y.wallets[c.Card] = has
}

// below draws a number from 0 to n-1.
func (y *year) below(n int) int { return y.random.IntN(n) }

// percent draws whether something happens that does so that often in a hundred times.
func (y *year) percent(often int) bool { return y.below(100) < often }

// till returns somebody at a shop's till, who enters what is done now.
func (y *year) till(s *shop) ledger.Caller {
	who := 0
	switch {
	case y.at.Weekday() == time.Saturday || y.at.Weekday() == time.Sunday && y.at.Hour() > 16:
		who = 2
	case y.at.Hour() >= 15:
		who = 1
	}
	return ledger.Caller{Agent: y.tillsID, Shop: s.id, Operator: s.tills[who]}
}

// person returns somebody at the console, in a shop or, if that is nil, in none.
func (y *year) person(name string, s *shop) ledger.Caller {
	by := ledger.Caller{Person: y.people[name], Operator: name, Address: "192.168.1.0"}
	if s != nil {
		by.Shop = s.id
	}
	return by
}

// desk returns who does at a shop what takes more than a cashier.
func (y *year) desk(s *shop) ledger.Caller {
	if slices.Contains(shopsOf["manager"], s.id) {
		return y.person("manager", s)
	}
	return y.person("admin", s)
}

// openShop draws a shop that is open, by how many guests it has.
func (y *year) openShop() *shop {
	for {
		if s := &shops[y.below(len(shops))]; y.isOpen(s) && y.below(30) < s.guests {
			return s
		}
	}
}

// isOpen reports whether a shop has opened and is not closed for good.
func (y *year) isOpen(s *shop) bool { return y.on >= s.from && (s.until == 0 || y.on < s.until) }
