package report

import "tongka/internal/ledger"

// Kinds has the sums of some entries by their kind, which says what an amount means and which way it went. Its methods
// are what a merchant calls these sums.
type Kinds map[ledger.Kind]ledger.DaySums

// Add adds a total.
func (k Kinds) Add(t *ledger.DayTotal) { k[t.Kind] = k[t.Kind].Plus(t.DaySums) }

// PaidIn returns what was paid for recharges.
func (k Kinds) PaidIn() ledger.Fen { return k[ledger.Recharged].Gross }

// PaidBack returns what was given back for recharges that were reversed.
func (k Kinds) PaidBack() ledger.Fen { return k[ledger.RechargeReversed].Gross }

// PaidOut returns what holders were paid for what they withdrew, and for cards that they returned.
func (k Kinds) PaidOut() ledger.Fen { return k[ledger.Withdrawn].Gross + k[ledger.CardReturned].Gross }

// Taken returns what is left of what was paid in, after what was given back and paid out.
func (k Kinds) Taken() ledger.Fen { return k.PaidIn() - k.PaidBack() - k.PaidOut() }

// NewCards returns how many cards were opened, less those that should not have been brought in and were taken back.
func (k Kinds) NewCards() int64 { return k.Count(ledger.Opened) - k.Count(ledger.OpeningReversed) }

// Billed returns what bills came to before discounts, coupons and points.
func (k Kinds) Billed() ledger.Fen { return k[ledger.Consumed].Gross }

// Sold returns what bills came to after them.
func (k Kinds) Sold() ledger.Fen { return k[ledger.Consumed].Net }

// Off returns what discounts, coupons and points took off bills.
func (k Kinds) Off() ledger.Fen { return k.Billed() - k.Sold() }

// ByCard returns what cards paid of bills.
func (k Kinds) ByCard() ledger.Fen {
	s := k[ledger.Consumed]
	return -s.Principal - s.Bonus
}

// Refunded returns what was given back of bills.
func (k Kinds) Refunded() ledger.Fen { return k[ledger.ConsumeRefunded].Gross }

// Spent returns what goods and renewals took from cards, less what was refunded.
func (k Kinds) Spent() (principal, bonus ledger.Fen) {
	for kind, s := range k {
		sides := ledger.MoneySides[kind]
		if sides[0] == ledger.Sales {
			principal -= s.Principal
		}
		if sides[1] == ledger.Sales {
			bonus -= s.Bonus
		}
	}
	return principal, bonus
}

// Gift returns what entries of a kind cost the merchant in bonus: positive if it was given, negative if it was taken
// back, forfeited or expired, as the postings of the kind say.
func (k Kinds) Gift(kind ledger.Kind) (cost ledger.Fen) {
	s, sides := k[kind], ledger.MoneySides[kind]
	if sides[0] == ledger.BonusExpense {
		cost += s.Principal
	}
	if sides[1] == ledger.BonusExpense {
		cost += s.Bonus
	}
	return cost
}

// Gifts returns what all kinds cost in bonus.
func (k Kinds) Gifts() (cost ledger.Fen) {
	for kind := range k {
		cost += k.Gift(kind)
	}
	return cost
}

// Points returns how many points the entries of some kinds added to cards.
func (k Kinds) Points(kinds ...ledger.Kind) (points int64) {
	for _, kind := range kinds {
		points += k[kind].Points
	}
	return points
}

// Times returns how often what entries of a kind stand for was done.
func (k Kinds) Times(kind ledger.Kind) int64 { return kind.Times(k.Count(kind)) }

// Count returns how many entries there are of some kinds.
func (k Kinds) Count(kinds ...ledger.Kind) (n int64) {
	for _, kind := range kinds {
		n += k[kind].Count
	}
	return n
}

// Moved returns what all entries added to cards.
func (k Kinds) Moved() (all ledger.DaySums) {
	for _, s := range k {
		all = all.Plus(s)
	}
	return all
}

// Groups has the sums of entries by something that they have in common.
type Groups[K comparable] map[K]Kinds

// Add adds a total to its group.
func (g Groups[K]) Add(key K, t *ledger.DayTotal) {
	if g[key] == nil {
		g[key] = Kinds{}
	}
	g[key].Add(t)
}

// Of returns the sums of a group, which are empty if nothing was added to it.
func (g Groups[K]) Of(key K) Kinds { return g[key] }

// Sum returns the sums of all groups.
func (g Groups[K]) Sum() Kinds {
	all := Kinds{}
	for _, k := range g {
		for kind, s := range k {
			all[kind] = all[kind].Plus(s)
		}
	}
	return all
}
