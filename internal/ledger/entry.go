package ledger

import (
	"slices"
	"time"
)

// Caller says who gave a command, at which shop, and when by the caller's own account. It is stored in the entry.
type Caller struct {
	Agent    AgentID // 0 = no agent
	Shop     ShopID
	Operator string // a person or a job, as named by the caller; kept without space around it, and its first 64 bytes only
	// Claimed is when the caller says it was done, if he reported it late; otherwise zero. It is shown to people only:
	// entries are not ordered by it, and nothing expires by it.
	Claimed time.Time
	// Person is who signed in to the console to do it; 0 = it came by another door. Proposer is who proposed what Person
	// confirmed; 0 = nobody had to. Address is where a person who changed settings, agents or people was.
	Person   PersonID
	Proposer PersonID
	Address  string
}

// ByItself is who does what happens by itself when its time has come: nobody.
var ByItself = Caller{Operator: "expiry"}

// EntryVersion is the version of the rules that entries follow. From version 1 on, points are earned on what the card
// itself paid (invariant 55), and how much bonus and invoiceable amount leave with paid out principal follows from
// the entries that made its lots (invariants 12 and 56). From version 2 on, so do the points that rules gave for it
// (invariant 32).
const EntryVersion = 2

// Entry is one line of a card's journal. It is never changed and never deleted (invariant 21).
type Entry struct {
	Merchant MerchantID
	ID       EntryID
	Card     CardID // 0 = none: the merchant's own entries form a chain of their own
	Seq      int64  // 1, 2, 3 … within its card
	Kind     Kind
	// Whole milliseconds, UTC. Never before the entry before it in the journal, unless time was taken back between them
	// (invariant 22).
	At     time.Time
	By     Caller
	Writer int64 // the run of the program that wrote it, so that no two runs write identical entries

	// What it added to the card; negative if it took.
	Principal  Fen
	Bonus      Fen
	Points     int64
	PointsOwed int64

	// The balances after it.
	PrincipalAfter Fen
	BonusAfter     Fen
	PointsAfter    int64
	OwedAfter      int64

	// The bill. Recharge: Gross was paid, Net is what the card got. Consume: Net = Gross − the level's discount on
	// Discountable − what coupons and points paid; what the card did not pay of Net was left to be paid elsewhere.
	// Pay-outs: both are what was paid out. Refund and reversal: both are what was given back, as positive
	// amounts. Cash back: Gross is what the card paid of the bill and Net the cash back on it; if it is taken
	// back, both are what was taken.
	Gross        Fen
	Discountable Fen
	Net          Fen
	PayRate      Rate       // the level's rate; Percent100 = no discount; 0 = the entry is no bill
	SpendOrder   SpendOrder // the order a consume took money in
	PayType      PayTypeID
	// The entry it refunds, reverses or gives cash back on, or that made the lot which expires, or that placed the hold
	// which is released or pays the bill. Of a bill that several cards pay, on each entry but the first: the first.
	RefersTo    EntryID
	ChargedTo   int64   // the house account that pays; 0 = none
	Invoice     Fen     // what it added to the invoiceable amount; negative if it took
	Invoiceable Fen     // of what a transfer brought: paid in by invoiceable pay types, invoiced or not
	Back        EntryID // the ClockTakenBack entry that allows a date before the card's last entry; 0 = none

	Allocations      []Allocation      // by lot
	Forfeits         []Forfeit         // to be forfeited later: the bonus of paid out principal had been spent
	PointAllocations []PointAllocation // by last day of points
	Rules            []RuleHit         // the rules a recharge met
	Coupons          []CouponPart
	ByPoints         PointPay     // the points that paid part of the bill
	Offer            *CouponOffer // what was sent, on the entry that sent coupons; otherwise nil

	Level       LevelID   // the card's level after it
	Status      Status    // the card's status after it
	OtherCard   string    // number of the other card of a transfer or replacement, or that pays what is left of the bill
	Note        string    // the reason a person gave
	Holder      *Holder   // the holder after it, if it opened the card or changed the holder; otherwise nil
	Details     *Details  // the details after it, if it set or changed them; otherwise nil
	Number      string    // the card's number, on the entry that opened or renumbered it
	CardKind    CardKind  // on the entry that opened the card
	CardExpires Date      // the card's last good day, on the entry that set or moved it
	ExpiredAt   Date      // the card's last good day before a renewal; 0 = an older renewal, which did not say
	HeldUntil   time.Time // when a hold ends by itself, on the entry that placed it
	Released    Released  // why a hold was released, on the entry that did; ByCapture on a bill that a hold pays
	// On the entry that changed them, the merchant's settings from then on, as SettingsText; likewise an agent, a person,
	// a new merchant, and what a shift was handed over with.
	Settings string

	Version  int   // EntryVersion where version 0 had other rules: on bills partly paid elsewhere, and pay-outs
	Asked    int64 // the Mark of the request that asked for it; 0 = none or unknown
	EarnRate Rate  // the level's rate, on a bill that earned points; 0 = unknown

	Tally Tally    // the number of entries of each kind on the card, this one included
	Hash  [32]byte // over its predecessor's hash on the card and all the above but the tally
}

// Delta returns what the entry moved on the card: principal and bonus.
func (e *Entry) Delta() Fen { return e.Principal + e.Bonus }

// AmountAfter returns the card's balance after the entry: principal and bonus, without its credit.
func (e *Entry) AmountAfter() Fen { return e.PrincipalAfter + e.BonusAfter }

// PaidElsewhere returns the part of a bill that the card did not pay, but other cards of the bill or nobody here; 0 for
// other entries.
func (e *Entry) PaidElsewhere() Fen {
	if e.Kind != Consumed {
		return 0
	}
	return e.Net + e.Delta()
}

// Earned returns the points the entry gave, before any were withheld for points owed and without those that paid for
// a bill. Negative if it clawed points back.
func (e *Entry) Earned() int64 { return e.Points - e.PointsOwed - e.ByPoints.Points }

// movedPoints reports whether the entry changed the points the holder sees.
func (e *Entry) movedPoints() bool { return e.Points != 0 }

// Plus returns a copy of t with e counted in.
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

// Chooses reports whether e matches the filter.
func (f Filter) Chooses(e *Entry) bool {
	return f.kind(e.Kind) && (!f.MovedPoints || e.movedPoints())
}

// SameCommand reports whether two entries can have been made by one command.
func (e *Entry) SameCommand(o *Entry) bool {
	return e.Merchant == o.Merchant && e.At.Equal(o.At) && e.By == o.By && e.Writer == o.Writer
}
