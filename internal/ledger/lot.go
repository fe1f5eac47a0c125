package ledger

// FrontLots is how many lots of a card are loaded unless a command asks for all of them. It bounds the memory of a
// batch's cards, however many lots one of them has.
const FrontLots = 32

// CardLots is how many lots are stored in the card's own row. Few cards ever have more. On those each lot becomes a
// row of its own, so that a recharge need not write them all again; they stay so until the card has no lots left.
const CardLots = 16

// Lot is what one recharge left on a card: principal, which never expires, and bonus, which is good through
// GoodUntil. The lot with ID 0 is what the card owes.
type Lot struct {
	ID        EntryID // the entry that made it
	GoodUntil Date    // of the bonus; Forever if there is none or it never expires
	Principal Fen
	Bonus     Fen
}

// before is the order in which lots are taken: by last good day, then by age.
func (l Lot) before(m Lot) bool {
	if l.GoodUntil != m.GoodUntil {
		return l.GoodUntil < m.GoodUntil
	}
	return l.ID < m.ID
}

// keeps returns how much of what is held on a card a lot covers by its bonus. What the card owes is no lot that could
// cover anything: it is deducted from the balance, so as much more must be covered by others.
func (l Lot) keeps() Fen { return l.Bonus + min(l.Principal, 0) }

func (l Lot) Empty() bool { return l.Principal == 0 && l.Bonus == 0 }

// PointLot is the points of a card that are good through the same day.
type PointLot struct {
	GoodUntil Date // Forever = they never expire
	Points    int64
}

func CompareLots(a, b Lot) int {
	switch {
	case a.before(b):
		return -1
	case b.before(a):
		return 1
	}
	return 0
}
