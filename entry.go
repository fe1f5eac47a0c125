package tongka

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// EntryID numbers a merchant's entries 1, 2, 3 … in the order they were committed.
type EntryID int64

// EntryKey names an entry.
type EntryKey struct {
	Merchant MerchantID
	ID       EntryID
}

// Kind is what an entry records. Up to 30 they are the event numbers of the member-cjb wire
// (published page, part 6); what that list lacks is numbered from 100 up.
type Kind int

const (
	Opened           Kind = 1
	Closed           Kind = 2 // returned, with what was paid out
	Moved            Kind = 3 // replaced; stands on both cards
	ReportedLost     Kind = 4
	Found            Kind = 5
	Recharged        Kind = 6
	Consumed         Kind = 7
	TransferredOut   Kind = 20
	TransferredIn    Kind = 21
	Withdrawn        Kind = 30
	PointsUsed       Kind = 100
	PointsAdjusted   Kind = 101
	RechargeReversed Kind = 102
	ConsumeRefunded  Kind = 103
	LevelChanged     Kind = 104
	HolderModified   Kind = 105
	LotsExpired      Kind = 106
	BalanceOpened    Kind = 107 // brought along from another system
	CardStopped      Kind = 108
	CardResumed      Kind = 109
	DetailsChanged   Kind = 110
	PhoneBound       Kind = 111 // another phone got the card's pass
	Renewed          Kind = 112
	Invoiced         Kind = 113
	BillSigned       Kind = 114
	SignedRefunded   Kind = 115
	InvoiceReversed  Kind = 116
	CouponSent       Kind = 120
	CouponVoided     Kind = 121
	CouponExpired    Kind = 122
	CashedBack       Kind = 123 // given with a bill, or taken again with its refund
	ExpirySet        Kind = 155 // a last good day that had passed was brought along; behind the opening balance, for an expired card takes none
	ClockAccepted    Kind = 140 // somebody vouched for the time; on card 0, as the next
	ClockTakenBack   Kind = 141 // the time before it was wrong: what comes after it may be dated earlier
	ExpiryReversed   Kind = 142 // what expired in a time that was taken back is there again
	BonusForfeited   Kind = 130 // came back when the principal it was given for was paid out; behind what brought it
)

// EntryVersion is the version of the rules that entries are made by. Since 1, points are earned on what the card
// itself paid (invariant 55), and what goes with principal that leaves a card follows from what its lot was made
// of (invariants 12 and 56).
const EntryVersion = 1

// Kinds are all of them, for tables that must be complete.
var Kinds = []Kind{
	Opened, Closed, Moved, ReportedLost, Found, Recharged, Consumed, TransferredOut, TransferredIn, Withdrawn,
	PointsUsed, PointsAdjusted, RechargeReversed, ConsumeRefunded, LevelChanged, HolderModified, LotsExpired,
	BalanceOpened, CardStopped, CardResumed, DetailsChanged, PhoneBound, Renewed, Invoiced, BillSigned, SignedRefunded, InvoiceReversed,
	CouponSent, CouponVoided, CouponExpired, CashedBack, ExpirySet,
	ClockAccepted, ClockTakenBack, ExpiryReversed, BonusForfeited,
}

// follows reports whether entries of the kind only go with one before them.
func (k Kind) follows() bool { return k == CashedBack || k == BonusForfeited }

// Entry is one line of a card's journal. It is never changed and never removed (invariant 21).
type Entry struct {
	Merchant MerchantID
	ID       EntryID
	Card     CardID // 0 = none: the merchant's own entries are a chain of their own
	Seq      int64  // 1, 2, 3 … on its card
	Kind     Kind
	At       time.Time // whole milliseconds, UTC; never before the journal's entry before it, but where the time was taken back (invariant 22)
	By       Caller
	Writer   int64 // the run of the program that wrote it, so that no two runs ever write the same entry

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

	// The bill. Recharge: Original is what was paid and Actual what the card got of it. Consume:
	// Actual = Original − the level's discount on Discountable − what coupons and points paid, and what
	// the card did not pay of it was left to be paid elsewhere. Pay-outs: both are what was paid out.
	// Refund and reversal: what was given back, as positive amounts. Cash back: Original is what the card
	// paid of the bill, Actual what it got of that; where it is taken again, both are what was taken.
	Original     Fen
	Discountable Fen
	Actual       Fen
	Discount     Rate   // the level's rate in force; Whole = none; 0 where no bill was made
	Policy       Policy // in force for a consume
	PayType      PayTypeID
	Of           EntryID // the entry it refunds, reverses or gives cash back of
	SignedTo     int64   // the signing account that pays for it; 0 = none
	Invoice      Fen     // what it added to what may be invoiced; negative where it took
	Invoiceable  Fen     // of what a transfer brought: paid in by pay types that are, invoiced or not
	Back         EntryID // the ClockTakenBack that lets it be dated before the card's entry before it; 0 = it is not

	Parts      []Part      // which lots it changed
	Forfeits   []Forfeit   // what it adds to that, where principal was paid out whose bonus was spent
	PointParts []PointPart // which points lots it changed
	Rules      []RuleHit   // which rules a recharge met
	Coupons    []CouponPart
	ByPoints   PointPay     // which of the points paid of a bill
	Offer      *CouponOffer // what was sent, on the entry that sent coupons, nil otherwise

	Level    LevelID  // the card's after it
	Status   Status   // the card's after it
	Other    string   // number of the other card of a transfer or a replacement
	Note     string   // what a person gave as the reason
	Holder   *Holder  // the holder's data after an opening or a change, nil otherwise
	Details  *Details // the card's after an opening that gave it some or a change, nil otherwise
	Number   string   // the card's number, on the entry that opened it
	CardKind CardKind // the card's, on the entry that opened it
	Until    Date     // the card's last good day, on the entry that opened it, set that day or moved it on

	Version  int   // EntryVersion where entries of before followed other rules: bills partly paid elsewhere, and pay-outs
	Asked    int64 // the Mark of the request that asked for it; 0 = none, or not known
	EarnRate Rate  // the level's, where a bill earned points; 0 = not known

	Tally Tally    // how many entries of each kind the card has, this one included
	Hash  [32]byte // over the one before it on its card and all of the above but the tally
}

// Part is what an entry added to one lot; negative where it took.
type Part struct {
	Lot       EntryID
	GoodUntil Date
	Principal Fen
	Bonus     Fen
}

// PointPart is what an entry added to the points of one day; negative where it took.
type PointPart struct {
	GoodUntil Date
	Points    int64
}

// RuleHit is one recharge rule that applied, with what it gave.
type RuleHit struct {
	Name   string
	Money  Fen
	Points int64
}

// Key names the entry.
func (e *Entry) Key() EntryKey { return EntryKey{e.Merchant, e.ID} }

// CardMoney is what the entry moved on the card: principal and bonus.
func (e *Entry) CardMoney() Fen { return e.Principal + e.Bonus }

// AmountAfter is what the card could pay after the entry.
func (e *Entry) AmountAfter() Fen { return e.PrincipalAfter + e.BonusAfter }

// Elsewhere is the part of a consume's bill that the card did not pay.
func (e *Entry) Elsewhere() Fen {
	if e.Kind != Consumed {
		return 0
	}
	return e.Actual + e.CardMoney()
}

// Earned is how many points the entry gave before any were kept back for points owed, and without
// those that paid of a bill.
func (e *Entry) Earned() int64 { return e.Points - e.PointsOwed - e.ByPoints.Points }

// movedPoints tells whether the entry changed the points the holder sees.
func (e *Entry) movedPoints() bool { return e.Points != 0 }

// Tally counts a card's entries by kind and by whether they moved points. Each entry carries the
// tally up to itself, so a page of history is found by searching it, never by counting rows.
type Tally []Count

// Count is one line of a Tally.
type Count struct {
	Kind        Kind
	MovedPoints bool
	N           int64
}

// plus is t with e counted in, on a copy.
func (t Tally) plus(e *Entry) Tally {
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

func compareCounts(a, b Count) int {
	if a.Kind != b.Kind {
		return cmp.Compare(a.Kind, b.Kind)
	}
	switch {
	case a.MovedPoints == b.MovedPoints:
		return 0
	case b.MovedPoints:
		return -1
	}
	return 1
}

// Filter chooses entries of a card's history. The zero value chooses all.
type Filter struct {
	Kinds       []Kind // nil = every kind
	MovedPoints bool   // only those that moved points
}

// Chooses tells whether the filter lets e through.
func (f Filter) Chooses(e *Entry) bool {
	return f.kind(e.Kind) && (!f.MovedPoints || e.movedPoints())
}

func (f Filter) kind(k Kind) bool { return f.Kinds == nil || slices.Contains(f.Kinds, k) }

// Count is how many of the tallied entries the filter lets through.
func (t Tally) Count(f Filter) int64 {
	var n int64
	for _, c := range t {
		if f.kind(c.Kind) && (!f.MovedPoints || c.MovedPoints) {
			n += c.N
		}
	}
	return n
}

// String names the kind for logs and for verify; people's words are the dialect's.
func (k Kind) String() string {
	if name, ok := kindNames[k]; ok {
		return name
	}
	return fmt.Sprintf("kind %d", int(k))
}

var kindNames = map[Kind]string{
	Opened: "open", Closed: "return", Moved: "replace", ReportedLost: "lost", Found: "unlose",
	Recharged: "recharge", Consumed: "consume", TransferredOut: "transfer-out", TransferredIn: "transfer-in",
	Withdrawn: "withdraw", PointsUsed: "use-points", PointsAdjusted: "adjust-points",
	RechargeReversed: "reverse-recharge", ConsumeRefunded: "refund-consume", LevelChanged: "change-level",
	HolderModified: "modify-holder", LotsExpired: "expire", BalanceOpened: "opening-balance",
	CardStopped: "stop", CardResumed: "resume", DetailsChanged: "modify-details", PhoneBound: "bind-phone", Renewed: "renew", Invoiced: "invoice", InvoiceReversed: "reverse-invoice",
	BillSigned: "sign-bill", SignedRefunded: "refund-signed",
	CouponSent: "send-coupons", CouponVoided: "void-coupon", CouponExpired: "expire-coupons",
	CashedBack: "cash-back", ExpirySet: "set-expiry",
	ClockAccepted: "accept-clock", ClockTakenBack: "take-back-clock", ExpiryReversed: "reverse-expiry", BonusForfeited: "forfeit-bonus",
}
