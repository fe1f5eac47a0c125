package ledger

import "slices"

// Level is a card's rank, and what it gives.
type Level struct {
	ID      LevelID
	Name    string
	PayRate Rate // share paid of the discountable part; Percent100 = no discount
	Earn    Rate // points per yuan paid; Percent100 = one point
	Rights  Rights
}

// Rights are what a level gives besides discount and points (mb_right of dc78).
type Rights struct {
	NoRecharge  bool         // cards of the level cannot be recharged
	MemberPrice bool         // tills charge members' prices
	CashBack    CashBack     // what a bill gives back
	Renewals    []Renewal    // how a card's last good day can be extended for money; at most MaxRenewals
	Account     HouseAccount // who pays for bills charged to an account
}

// MaxRenewals is how many renewals a level may offer.
const MaxRenewals = 20

// CashBack gives Back, as bonus, for each full Each that the card paid of a bill, but never more than was paid. The
// zero value gives nothing.
type CashBack struct{ Each, Back Fen }

// Renewal moves a card's last good day by a number of months, at a price.
type Renewal struct {
	Price  Fen
	Months int
}

// HouseAccount is an account that holders of a level sign for instead of paying (arId … arMaxCount of dc78). Each
// card may charge up to MaxAmount and MaxCount. ID 0 = none.
type HouseAccount struct {
	ID        int64
	Name      string
	MaxAmount Fen // sum of all bills a card charges; 0 = no limit
	Fixed     Fen // of one bill, at most; 0 = no limit
	MaxCount  int // bills a card charges; 0 = no limit
}

// PointsFor returns the points a level gives for an amount paid, rounded down (invariant 31).
func (l Level) PointsFor(paid Fen) int64 {
	return MulDiv(int64(paid), int64(l.Earn), int64(Percent100)*100, 0)
}

// Until returns the last good day after the renewal of a card that is good through a day: the months are counted from
// that day, or from today if it has passed; see Date.AddMonths.
func (r Renewal) Until(expires, today Date) Date { return max(expires, today).AddMonths(r.Months) }

// Renewal returns the level's renewal by that number of months.
func (l Level) Renewal(months int) (Renewal, bool) {
	i := slices.IndexFunc(l.Rights.Renewals, func(r Renewal) bool { return r.Months == months })
	if i < 0 {
		return Renewal{}, false
	}
	return l.Rights.Renewals[i], true
}

// Faults reports a pay rate that makes a bill free or dearer, a bad earning rate, and the faults of the level's rights.
func (l Level) Faults() []Fault {
	var f faults
	f.name(l.Name)
	f.when(l.PayRate <= 0 || l.PayRate > Percent100, "discount", "want a ratio above 0 and at most 1")
	f.when(l.Earn < 0 || l.Earn > maxRate, "earn", "want a ratio from 0 to 999.9999")
	return append(f, l.Rights.Faults()...)
}

// Faults reports rights that have no effect, or that a till would read as something else.
func (g Rights) Faults() []Fault {
	var f faults
	back := g.CashBack
	f.when((back.Each == 0) != (back.Back == 0) || back.Back > back.Each || back.Back < 0 || back.Each > MaxFen,
		"cash_back", "want each and back, and back no more than each")
	f.when(len(g.Renewals) > MaxRenewals, "renewals", "want at most %d", MaxRenewals)
	seen := map[int]bool{}
	for _, one := range g.Renewals {
		f.when(one.Price <= 0 || one.Price > MaxFen || one.Months <= 0 || one.Months > MaxMonths, "renewals",
			"want a price and at most %d months for each", MaxMonths)
		f.when(seen[one.Months], "renewals", "%d months stand twice", one.Months)
		seen[one.Months] = true
	}
	a := g.Account
	if a == (HouseAccount{}) {
		return f
	}
	f.when(a.ID <= 0 || Blank(a.Name), "account", "want an id and a name")
	f.text("account", a.Name, MaxNameLen)
	f.amount("account", a.MaxAmount)
	f.amount("account", a.Fixed)
	f.count("account", int64(a.MaxCount), MaxCharges)
	f.when(a.MaxAmount > 0 && a.Fixed > a.MaxAmount, "account", "one bill may not be more than max_amount")
	return f
}
