package ledger

import "slices"

// Level is a card's rank and what it gives.
type Level struct {
	ID      LevelID
	Name    string
	PayRate Rate // what is paid of the discountable part; Percent100 = no discount
	Earn    Rate // points for each yuan paid; Percent100 = one point a yuan
	Rights  Rights
}

// Rights are what a level gives besides its discount and its points (mb_right of the dc78 wire).
type Rights struct {
	NoRecharge  bool         // cards of the level cannot be recharged
	MemberPrice bool         // tills charge the prices for members
	CashBack    CashBack     // what a bill gives back
	Renewals    []Renewal    // how a card's last good day can be moved on, for money; at most MaxRenewals
	Account     HouseAccount // who pays for bills that are signed for
}

// MaxRenewals is how many ways to renew a level may offer.
const MaxRenewals = 20

// CashBack gives Back, as bonus, for each whole Each that the card paid of a bill, and never more than
// that. The zero value gives nothing.
type CashBack struct{ Each, Back Fen }

// Renewal moves a card's last good day on by so many months.
type Renewal struct {
	Price  Fen
	Months int
}

// HouseAccount is one that holders of a level sign for instead of paying (arId … arMaxCount of the dc78
// wire), each card up to MaxAmount and MaxCount. ID 0 = none.
type HouseAccount struct {
	ID        int64
	Name      string
	MaxAmount Fen // of all a card signs for; 0 = any amount
	Fixed     Fen // of one bill; 0 = any amount
	MaxCount  int // bills a card signs for; 0 = any number
}

// PointsFor is what a level gives for an amount paid: rounded down (invariant 31).
func (l Level) PointsFor(paid Fen) int64 {
	return MulDiv(int64(paid), int64(l.Earn), int64(Percent100)*100, 0)
}

// Renewal finds the level's renewal by so many months.
func (l Level) Renewal(months int) (Renewal, bool) {
	i := slices.IndexFunc(l.Rights.Renewals, func(r Renewal) bool { return r.Months == months })
	if i < 0 {
		return Renewal{}, false
	}
	return l.Rights.Renewals[i], true
}
