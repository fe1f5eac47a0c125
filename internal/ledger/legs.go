package ledger

// Account is a side of the merchant's books. Cards have three; the others are the merchant's own.
type Account int

const (
	CardPrincipal Account = iota + 1
	CardBonus
	CardPoints    // what the card has, less what it owes
	Tender        // money that came in from holders or went out to them
	Sales         // what cards paid for
	BonusExpense  // bonus given, less what expired or was taken back
	Migration     // balances brought along from another system
	Transit       // between two cards of one transfer
	PointsExpense // points given, less what expired or was taken back
	PointsSpent   // points used, and points that paid of bills
)

// Leg is one posting of an entry to an account. The legs of an entry add up to zero in money and in
// points.
type Leg struct {
	Account Account
	Money   Fen
	Points  int64
}

// MoneySides are where the other half of a kind's principal and bonus goes. It is the one table legs
// are made by (invariant 01).
var MoneySides = map[Kind][2]Account{
	Recharged:        {Tender, BonusExpense},
	RechargeReversed: {Tender, BonusExpense},
	Consumed:         {Sales, Sales},
	ConsumeRefunded:  {Sales, Sales},
	Renewed:          {Sales, Sales},
	Withdrawn:        {Tender, BonusExpense},
	Closed:           {Tender, BonusExpense},
	TransferredOut:   {Transit, Transit},
	TransferredIn:    {Transit, Transit},
	LotsExpired:      {BonusExpense, BonusExpense},
	BalanceOpened:    {Migration, Migration},
	CashedBack:       {BonusExpense, BonusExpense},
	ExpiryReversed:   {BonusExpense, BonusExpense},
	BonusForfeited:   {BonusExpense, BonusExpense},
}

// Legs are the entry's postings. ok is false when its kind may not move what it moves.
func (e *Entry) Legs() (legs []Leg, ok bool) {
	if e.Principal != 0 || e.Bonus != 0 {
		sides, known := MoneySides[e.Kind]
		if !known {
			return nil, false
		}
		legs = append(legs,
			Leg{Account: CardPrincipal, Money: e.Principal}, Leg{Account: sides[0], Money: -e.Principal},
			Leg{Account: CardBonus, Money: e.Bonus}, Leg{Account: sides[1], Money: -e.Bonus})
	}
	if net := e.Earned(); net != 0 {
		side := PointsExpense
		if e.Kind == PointsUsed {
			side = PointsSpent
		}
		legs = append(legs, Leg{Account: CardPoints, Points: net}, Leg{Account: side, Points: -net})
	}
	if paid := e.ByPoints.Points; paid != 0 {
		legs = append(legs, Leg{Account: CardPoints, Points: paid}, Leg{Account: PointsSpent, Points: -paid})
	}
	return legs, true
}
