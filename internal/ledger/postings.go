package ledger

// Account is an account of the merchant's books. CardPrincipal, CardBonus and CardPoints are liabilities to card
// holders; the others are the merchant's own.
type Account int

const (
	CardPrincipal Account = iota + 1
	CardBonus
	CardPoints      // points on cards, less points owed
	Tender          // money received from holders or paid out to them
	Sales           // what cards paid for
	BonusExpense    // bonus given, less what expired or was taken back
	OpeningBalances // balances brought from another system
	Clearing        // between the two cards of a transfer or a merge
	PointsExpense   // points given, less what expired or was taken back
	PointsSpent     // points used, and points that paid for bills
)

// Posting is one side of an entry, on one account. The postings of an entry add up to zero, in money and in points.
type Posting struct {
	Account Account
	Money   Fen
	Points  int64
}

// MoneySides are the accounts that take the other side of a kind's principal and bonus. All money postings are made
// from this table (invariant 01).
var MoneySides = map[Kind][2]Account{
	Recharged:        {Tender, BonusExpense},
	RechargeReversed: {Tender, BonusExpense},
	Consumed:         {Sales, Sales},
	ConsumeRefunded:  {Sales, Sales},
	Renewed:          {Sales, Sales},
	RenewalReversed:  {Sales, Sales},
	Withdrawn:        {Tender, BonusExpense},
	CardReturned:     {Tender, BonusExpense},
	TransferredOut:   {Clearing, Clearing},
	TransferredIn:    {Clearing, Clearing},
	MergedOut:        {Clearing, Clearing},
	MergedIn:         {Clearing, Clearing},
	LotsExpired:      {BonusExpense, BonusExpense},
	BalanceOpened:    {OpeningBalances, OpeningBalances},
	OpeningReversed:  {OpeningBalances, OpeningBalances},
	CashedBack:       {BonusExpense, BonusExpense},
	ExpiryReversed:   {BonusExpense, BonusExpense},
	BonusForfeited:   {BonusExpense, BonusExpense},
	BonusGiven:       {BonusExpense, BonusExpense},
}

// Postings returns the entry in double-entry form. ok is false if its kind may not move money that it moves.
func (e *Entry) Postings() (postings []Posting, ok bool) {
	if e.Principal != 0 || e.Bonus != 0 {
		sides, known := MoneySides[e.Kind]
		if !known {
			return nil, false
		}
		postings = append(postings,
			Posting{Account: CardPrincipal, Money: e.Principal}, Posting{Account: sides[0], Money: -e.Principal},
			Posting{Account: CardBonus, Money: e.Bonus}, Posting{Account: sides[1], Money: -e.Bonus})
	}
	if net := e.Earned(); net != 0 {
		side := PointsExpense
		if e.Kind == PointsUsed {
			side = PointsSpent
		}
		postings = append(postings, Posting{Account: CardPoints, Points: net}, Posting{Account: side, Points: -net})
	}
	if paid := e.ByPoints.Points; paid != 0 {
		postings = append(postings, Posting{Account: CardPoints, Points: paid}, Posting{Account: PointsSpent, Points: -paid})
	}
	return postings, true
}
