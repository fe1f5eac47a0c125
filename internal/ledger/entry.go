package ledger

import (
	"slices"
	"time"
)

// Caller is who had a command done, where, and when by his own account. It stands in the entry.
type Caller struct {
	Agent    AgentID // 0 = not an agent
	Shop     ShopID
	Operator string // a person or a job, as the caller names it; at most 64 bytes are kept
	// Claimed is when the caller says it was done, where he tells so late; zero where he does not. It is
	// for people only: nothing is ordered, nor does anything expire, by it.
	Claimed time.Time
}

// EntryVersion is the version of the rules that entries are made by. Since 1, points are earned on what the card
// itself paid (invariant 55), and what goes with principal that leaves a card follows from what its lot was made
// of (invariants 12 and 56).
const EntryVersion = 1

// Entry is one line of a card's journal. It is never changed and never removed (invariant 21).
type Entry struct {
	Merchant MerchantID
	ID       EntryID
	Card     CardID // 0 = none: the merchant's own entries are a chain of their own
	Seq      int64  // 1, 2, 3 … on its card
	Kind     Kind
	// whole milliseconds, UTC; never before the journal's entry before it, but where the time was taken back
	// (invariant 22)
	At     time.Time
	By     Caller
	Writer int64 // the run of the program that wrote it, so that no two runs ever write the same entry

	// What it added to the card; negative where it took.
	Principal  Fen
	Bonus      Fen
	Points     int64
	PointsOwed int64

	// What was left after it.
	PrincipalAfter Fen
	BonusAfter     Fen
	PointsAfter    int64
	OwedAfter      int64

	// The bill. Recharge: Gross is what was paid and Net what the card got of it. Consume:
	// Net = Gross − the level's discount on Discountable − what coupons and points paid, and what
	// the card did not pay of it was left to be paid elsewhere. Pay-outs: both are what was paid out.
	// Refund and reversal: what was given back, as positive amounts. Cash back: Gross is what the card
	// paid of the bill, Net what it got of that; where it is taken again, both are what was taken.
	Gross        Fen
	Discountable Fen
	Net          Fen
	PayRate      Rate       // the level's rate in force; Percent100 = no discount; 0 where no bill was made
	SpendOrder   SpendOrder // in force for a consume
	PayType      PayTypeID
	RefersTo     EntryID // the entry it refunds, reverses or gives cash back of, or that made the lot which expires
	ChargedTo    int64   // the signing account that pays for it; 0 = none
	Invoice      Fen     // what it added to what may be invoiced; negative where it took
	Invoiceable  Fen     // of what a transfer brought: paid in by pay types that are, invoiced or not
	Back         EntryID // the ClockTakenBack that lets it be dated before the card's entry before it; 0 = it is not

	Allocations      []Allocation      // which lots it changed
	Forfeits         []Forfeit         // what it adds to that, where principal was paid out whose bonus was spent
	PointAllocations []PointAllocation // which points lots it changed
	Rules            []RuleHit         // which rules a recharge met
	Coupons          []CouponPart
	ByPoints         PointPay     // which of the points paid of a bill
	Offer            *CouponOffer // what was sent, on the entry that sent coupons, nil otherwise

	Level       LevelID  // the card's after it
	Status      Status   // the card's after it
	OtherCard   string   // number of the other card of a transfer or a replacement
	Note        string   // what a person gave as the reason
	Holder      *Holder  // the holder's data after an opening or a change, nil otherwise
	Details     *Details // the card's after an opening that gave it some or a change, nil otherwise
	Number      string   // the card's number, on the entry that opened it
	CardKind    CardKind // the card's, on the entry that opened it
	CardExpires Date     // the card's last good day, on the entry that opened it, set that day or moved it on
	Settings    string   // the merchant's from here on, as SettingsText has them, on the entry that changed them

	Version  int   // EntryVersion where entries of before followed other rules: bills partly paid elsewhere, and pay-outs
	Asked    int64 // the Mark of the request that asked for it; 0 = none, or not known
	EarnRate Rate  // the level's, where a bill earned points; 0 = not known

	Tally Tally    // how many entries of each kind the card has, this one included
	Hash  [32]byte // over the one before it on its card and all of the above but the tally
}

// Delta is what the entry moved on the card: principal and bonus.
func (e *Entry) Delta() Fen { return e.Principal + e.Bonus }

// AmountAfter is what the card could pay after the entry.
func (e *Entry) AmountAfter() Fen { return e.PrincipalAfter + e.BonusAfter }

// PaidElsewhere is the part of a consume's bill that the card did not pay.
func (e *Entry) PaidElsewhere() Fen {
	if e.Kind != Consumed {
		return 0
	}
	return e.Net + e.Delta()
}

// Earned is how many points the entry gave before any were kept back for points owed, and without
// those that paid of a bill.
func (e *Entry) Earned() int64 { return e.Points - e.PointsOwed - e.ByPoints.Points }

// movedPoints reports whether the entry changed the points the holder sees.
func (e *Entry) movedPoints() bool { return e.Points != 0 }

// Plus is t with e counted in, on a copy.
func (t Tally) Plus(e *Entry) Tally {
	key := Count{Kind: e.Kind, MovedPoints: e.movedPoints()}
	i, found := slices.BinarySearchFunc(t, key, compareCounts)
	if found {
		t = slices.Clone(t)
	} else {
		t = slices.Insert(slices.Clone(t), i, key)
	}
	t[i].N++
	return t
}

// Chooses reports whether the filter lets e through.
func (f Filter) Chooses(e *Entry) bool {
	return f.kind(e.Kind) && (!f.MovedPoints || e.movedPoints())
}
