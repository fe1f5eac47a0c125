package ledger

// FrontLots is how many lots of a card are loaded unless a command asks for all of them. It bounds
// what the cards of a batch can weigh, however many recharges are left on one of them.
const FrontLots = 32

// CardLots is how many lots are kept with the card they are on. Hardly a card ever has more, and of
// those that do every lot is a row of its own, so that a recharge of a card with very many does not
// write them all. Such a card keeps them apart until it has none left.
const CardLots = 16

// Lot is what one recharge left on a card: a principal part, which never expires, and a bonus part,
// which is good through GoodUntil. The one with ID 0 is what the card owes.
type Lot struct {
	ID        EntryID // the entry that made it
	GoodUntil Date    // of the bonus; Forever when there is none or it never expires
	Principal Fen
	Bonus     Fen
}

// before is the order in which lots are taken.
func (l Lot) before(m Lot) bool {
	if l.GoodUntil != m.GoodUntil {
		return l.GoodUntil < m.GoodUntil
	}
	return l.ID < m.ID
}

func (l Lot) Empty() bool { return l.Principal == 0 && l.Bonus == 0 }

// PointLot is the points of a card that are good through one day.
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
