package report

import (
	"time"

	"tongka/internal/ledger"
)

// Standing is what is on a merchant's cards at one moment: what is owed by the age of the lots, what of it expires
// when, and how long ago cards were used.
type Standing struct {
	at Moment
	// Aged has what is owed by lots of each age, the youngest first: one more than there are bounds.
	Aged []ledger.LotSums
	// Credit is what cards owe to the merchant; 0 or negative. It is a part of what is owed and of no age.
	Credit ledger.Fen
	// Ending has bonus and points by the month of their last good day, as its first day. What was good until a day before
	// today, and is booked as expired soon, is under Past, and what never expires under ledger.Forever.
	Ending map[ledger.Date]ledger.Owed
	// Used has the cards in use by the shop where they were opened, those used last first: one more than there are bounds.
	Used map[ledger.ShopID][]Sleepers
}

// Past stands in Ending for all days before today.
const Past ledger.Date = 1

// Moment is what a Standing is reckoned by.
type Moment struct {
	Today ledger.Date
	// Since are the first entries of the days that bound the ages, the latest first: a lot whose entry is not before the
	// first of them is young.
	Since []ledger.EntryID
	// Used are the times that bound when cards were used, the latest first.
	Used []time.Time
}

// Sleepers are some cards, and what is on them.
type Sleepers struct {
	Cards int64
	ledger.Owed
}

// Plus returns the sum of both.
func (s Sleepers) Plus(o Sleepers) Sleepers {
	return Sleepers{s.Cards + o.Cards, ledger.Owed{
		Principal: s.Principal + o.Principal, Bonus: s.Bonus + o.Bonus, Points: s.Points + o.Points,
	}}
}

// NewStanding returns a standing without cards.
func NewStanding(at Moment) *Standing {
	return &Standing{
		at: at, Aged: make([]ledger.LotSums, len(at.Since)+1), Ending: map[ledger.Date]ledger.Owed{},
		Used: map[ledger.ShopID][]Sleepers{},
	}
}

// Add adds a card with all of its lots.
func (s *Standing) Add(c *ledger.Card) {
	for _, l := range c.Lots {
		if l.ID == 0 {
			s.Credit += l.Principal
			continue
		}
		age := 0
		for age < len(s.at.Since) && l.ID < s.at.Since[age] {
			age++
		}
		s.Aged[age] = s.Aged[age].Plus(ledger.LotSums{Principal: l.Principal, Bonus: l.Bonus})
		if l.Bonus != 0 {
			s.ends(l.GoodUntil, ledger.DaySums{Bonus: l.Bonus})
		}
	}
	for _, p := range c.PointLots {
		s.ends(p.GoodUntil, ledger.DaySums{Points: p.Points})
	}
	s.sleep(c)
}

func (s *Standing) ends(day ledger.Date, what ledger.DaySums) {
	month := day/100*100 + 1
	switch {
	case day == ledger.Forever:
		month = ledger.Forever
	case day < s.at.Today:
		month = Past
	}
	s.Ending[month] = s.Ending[month].Plus(what)
}

// sleep counts a card by when it was used, if it can be used today.
func (s *Standing) sleep(c *ledger.Card) {
	if c.Status != ledger.Active || c.Expired(s.at.Today) {
		return
	}
	long := 0
	for long < len(s.at.Used) && c.Used.Before(s.at.Used[long]) {
		long++
	}
	_, shop, _ := c.Opening()
	of := s.Used[shop]
	if of == nil {
		of = make([]Sleepers, len(s.at.Used)+1)
		s.Used[shop] = of
	}
	of[long] = of[long].Plus(Sleepers{1, ledger.Owed{Principal: c.Principal, Bonus: c.Bonus, Points: c.Points}})
}
