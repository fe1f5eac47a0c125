package verify

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"tongka/internal/ledger"
)

// account is a card as its entries describe it.
type account struct {
	card   *ledger.Card  // folded; nil while it is packed
	packed ledger.Packed // as it was when last unpacked
	broken bool          // an entry did not follow, so later ones prove nothing
	stored bool          // a row of the card was found
	last   standing      // after its newest entry, as stated by that entry
}

// folded returns the card as its entries describe it.
func (a *account) folded() *ledger.Card {
	if a.card != nil {
		return a.card
	}
	return a.packed.Unpacked()
}

// standing is what an entry states about its card. Checks compare two of them, so that each check works even if
// another fails.
type standing struct {
	seq              int64
	id               ledger.EntryID
	principal, bonus ledger.Fen
	points, owed     int64
	status           ledger.Status
	at               time.Time
	hash             [32]byte
	debt, credit     ledger.Fen // all that was taken on credit, and the limit of that
}

// after returns the standing after one more entry.
func (s standing) after(e *ledger.Entry) standing {
	next := standing{
		seq: e.Seq, id: e.ID, principal: e.PrincipalAfter, bonus: e.BonusAfter, points: e.PointsAfter, owed: e.OwedAfter,
		status: e.Status, at: e.At, hash: e.Hash, debt: s.debt, credit: s.credit,
	}
	for _, p := range e.Allocations {
		if p.Lot == 0 {
			next.debt -= p.Principal
		}
	}
	if e.Details != nil {
		next.credit = e.Details.Credit
	}
	return next
}

// audit holds what the checks need while a merchant's journal is read.
type audit struct {
	chunk ledger.EntryID // chunkSize, except in tests
	most  int            // mostInHand, except in tests

	checks   map[int]*Result
	id       ledger.MerchantID // the merchant whose books are being checked
	accounts map[ledger.CardID]*account
	bills    map[ledger.EntryID]*bill
	next     ledger.EntryID                    // id that must come next
	latest   time.Time                         // time of the entry before it
	backs    []ledger.TimeBack                 // where time was taken back
	sums     map[ledger.Account]ledger.Posting // what the journal gave each account
	stored   map[ledger.Account]ledger.Posting // what the cards hold
	holds    Held                              // likewise, as it is told
	allHold  []Held                            // of the merchants before
	inHand   []*account                        // accounts whose cards are not packed
	packing  ledger.Packing
	of       []*account // of each entry of the current chunk
	before   []standing // of its card before each entry of the current chunk
	coupons  map[ledger.CouponID]*coupon
	sent     map[ledger.CouponKindID]int64 // coupons of each kind sent in the journal, up to the current chunk
	offered  map[ledger.CouponKindID]int64 // the same, up to the current entry

	cashBacks   map[ledger.EntryID]cashBack // by the bill that gave it
	newestBill  *ledger.Entry
	given       map[ledger.EntryID]ledger.EntryID // the bill that each lot of cash back belongs to
	expiries    map[ledger.EntryID]expiry         // by the entry by which cash back expired
	due         []putBack
	lapses      lapses
	asked       asked
	seen        int64                               // number of entries of the journal so far
	rated       bool                                // a bill has stated the rate by which it earned points
	outgoes     []outgo                             // of the current chunk
	version     int                                 // the highest version of a pay-out so far
	rules       map[ledger.MerchantID][]ledger.Rule // as they are now, without invalid ones
	texts       map[ledger.MerchantID]string        // settings as they are now
	added       map[ledger.MerchantID]string        // settings of new merchants, as the host's journal has them
	told        map[ledger.AgentID]toldText         // agents, as the host's journal has them
	toldPeople  map[ledger.PersonID]toldText        // and people
	agentsThen  map[ledger.AgentID][]agentThen      // all versions of them, oldest first
	peopleThen  map[ledger.PersonID][]personThen    // likewise
	wentBack    bool                                // a time of the host's journal was taken back
	then        inForce                             // at the current entry
	levels      map[ledger.MerchantID]map[ledger.LevelID]bool
	first       *ledger.Entry // the entry folded last, with its card's number before it
	firstNumber string
	followed    followed
	shifts      shifts
	hooks       hooks
	newest      *ledger.Entry // of the journal so far; nil at its beginning
	goesOn      *ledger.Entry // the bill that the next card of several is to go on with; nil = none
}

// bill is an entry that was undone, and what of it was given back.
type bill struct {
	card             ledger.CardID
	kind             ledger.Kind // of the entries that undid it
	mixed            bool        // it was undone by entries of several kinds or on several cards
	principal, bonus ledger.Fen
	earned           int64 // points
	version          int   // of the rules by which it was undone
	payType          ledger.PayTypeID
	original         ledger.Fen
	invoice          ledger.Fen // of the invoiceable amount
	signedTo         int64
	times            int
	by               []*ledger.Entry // the entries that gave back what it had expired
	parts            []ledger.Allocation
	coupons          bool // some came back
	points           returned
	from, until      ledger.Date // from which last good day to which the card was moved back
}

// names of the checks, by invariant.
var names = map[int]string{
	1:  "postings of an entry add up to zero",
	2:  "all accounts of a merchant add up to zero",
	3:  "cards and lots are the fold of their entries",
	4:  "balances follow from entry to entry, sequences have no gap",
	5:  "no balance below zero, nor a bill beyond the credit",
	6:  "amounts within range",
	8:  "recharges met rules that were in force",
	9:  "bills add up",
	10: "principal and bonus are taken in the recorded spend order",
	11: "refunds are no more than the bill, part by part",
	12: "bonus is never paid out",
	13: "recharges, invoices, signed bills and openings are undone at most once",
	19: "each request names the entry it asked for, and none is missing",
	21: "the journal has no gap",
	22: "entries go back in time only where the time was taken back",
	23: "hash chains recompute",
	25: "sums of recharges and consumes are the folds",
	26: "cards follow the status machine, closed cards hold nothing",
	27: "coupons are used once, when, where and by whom they may",
	28: "coupons pay what their terms say, and no more than the bill",
	29: "coupons and stocks are the fold of their entries",
	30: "coupons come back only with the bill they paid",
	31: "points that a bill earned stay in proportion to what stays paid of it",
	32: "points that paid come back with their bill, cash back is given and taken in proportion",
	36: "entries were allowed by a grant in force",
	37: "limits of a command and of a card's balance hold",
	42: "messages are about existing cards, webhooks are no further than the journal",
	49: "shifts that were closed say what their entries add up to",
	53: "guards are about existing cards",
	55: "bills earn points on what the card paid",
	56: "what goes out of a card comes in on another in the same commit",
	57: "each kind moves, states and undoes only what its table allows",
	60: "totals are the fold of the journal up to their cursor",
	61: "merchants, settings, agents, people and webhooks are what the journal says",
	62: "above a merchant's limit two people stand behind an entry",
	63: "nothing takes what is held on a card, and holds give no more than they have",
	64: "cards that share a bill pay it one after the other, each what the one before it left",

	shapes:        "tables, indexes and triggers are what the migrations make, and the search index is whole",
	sameMerchants: "merchants are the same in every table",
	lawful:        "settings are valid",
	derived:       "columns that follow from other records are right",
}

func newAudit() *audit {
	return &audit{chunk: chunkSize, most: mostInHand, checks: checksOf(func(int) bool { return true })}
}

// checksOf returns those of the checks that are wanted, which have not looked at anything yet.
func checksOf(wanted func(check int) bool) map[int]*Result {
	checks := map[int]*Result{}
	for n, name := range names {
		if wanted(n) {
			checks[n] = &Result{Check: n, Invariant: invariantOf(n), Name: name}
		}
	}
	return checks
}

func (l *audit) results() []Result {
	var all []Result
	for _, n := range slices.SortedFunc(maps.Keys(l.checks), func(a, b int) int {
		return cmp.Or(invariantOf(a)-invariantOf(b), a-b)
	}) {
		all = append(all, *l.checks[n])
	}
	return all
}

// begin forgets the previous merchant.
func (l *audit) begin() {
	l.accounts, l.inHand = map[ledger.CardID]*account{}, nil
	l.bills = map[ledger.EntryID]*bill{}
	l.sums = map[ledger.Account]ledger.Posting{}
	l.stored, l.holds = map[ledger.Account]ledger.Posting{}, Held{}
	l.coupons = map[ledger.CouponID]*coupon{}
	l.sent, l.offered = map[ledger.CouponKindID]int64{}, map[ledger.CouponKindID]int64{}
	l.cashBacks, l.newestBill, l.newest = map[ledger.EntryID]cashBack{}, nil, nil
	l.shifts, l.hooks = shifts{}, hooks{}
	l.due, l.lapses = nil, lapses{}
	l.given, l.expiries = map[ledger.EntryID]ledger.EntryID{}, map[ledger.EntryID]expiry{}
	l.asked, l.seen, l.rated = nil, 0, false
	l.outgoes, l.version = nil, 0
	l.first, l.firstNumber = nil, ""
	l.goesOn = nil
	l.next = 1
	l.latest, l.backs = time.Time{}, nil
	l.then = inForce{}
	l.settleAdded()
}

// steps returns the checks that every entry passes, in the order in which they are reported.
func (l *audit) steps() []step {
	return []step{
		{1, l.postings}, {4, follows}, {5, notNegative}, {6, inRange}, {9, billAddsUp}, {11, l.givenBack},
		{12, bonusStays}, {21, l.noGap}, {22, l.inTime}, {23, chained}, {26, statusAllowed}, {55, earnedByCard},
	}
}

type step struct {
	invariant int
	check     func(*Result, standing, *ledger.Entry)
}

// try carries out the check.
func (s step) try(r *Result, before standing, e *ledger.Entry) {
	defer r.recovered(e)
	s.check(r, before, e)
}

// recovered counts a panic as a violation. Package ledger panics at amounts that no command makes and that it cannot
// calculate with. It must be deferred.
func (r *Result) recovered(e *ledger.Entry) {
	if x := recover(); x != nil {
		r.fail("entry %d has amounts that cannot be calculated with: %v", e.ID, x)
	}
}

// entries runs each check over the whole chunk before the next check, so that the time of each can be measured.
func (l *audit) entries(entries []*ledger.Entry) {
	l.of, l.before = l.of[:0], l.before[:0]
	for _, e := range entries {
		a := l.account(e.Card)
		l.of, l.before = append(l.of, a), append(l.before, a.last)
		a.last = a.last.after(e)
	}
	for _, s := range l.steps() {
		r := l.checks[s.invariant]
		begun := time.Now()
		for i, e := range entries {
			s.try(r, l.before[i], e)
		}
		r.Rows += int64(len(entries))
		r.Took += time.Since(begun)
	}
	l.days(entries)
	l.parts(entries)
	for _, e := range entries {
		l.handedOver(e)
	}
	folds, begun := l.checks[3], time.Now()
	for i, e := range entries {
		l.settle(e)
		l.granted(e)
		l.grantedPerson(e)
		l.byRules(e)
		l.fold(folds, l.of[i], e)
	}
	folds.Rows += int64(len(entries))
	folds.Took += time.Since(begun)
	for _, e := range entries {
		if len(e.Coupons) > 0 || e.Offer != nil {
			l.foldCoupons(e)
		}
		l.pointsPaid(e)
		l.cashedBack(e)
		l.lapses.note(e)
		l.paired(e)
		l.seen++
		l.asked.note(e, l.seen)
		l.earned(e)
	}
	if len(l.inHand) > l.most {
		l.putAway()
	}
}

// account returns a card's account with its card unpacked.
func (l *audit) account(id ledger.CardID) *account {
	a := l.accounts[id]
	switch {
	case a == nil:
		a = &account{card: &ledger.Card{}}
		l.accounts[id] = a
	case a.card == nil:
		a.card = a.packed.Unpacked()
	default:
		return a
	}
	l.inHand = append(l.inHand, a)
	return a
}

// putAway packs all cards until an entry of theirs comes.
func (l *audit) putAway() {
	for _, a := range l.inHand {
		a.packed, a.card = l.packing.Pack(a.card), nil
	}
	clear(l.inHand)
	l.inHand = l.inHand[:0]
}

// fold carries out check 03, and 10 with it, because that needs the card as it was before the entry.
func (l *audit) fold(r *Result, a *account, e *ledger.Entry) {
	l.arrives(e)
	l.shares(a.card.Number, e)
	if a.broken {
		return
	}
	defer r.recovered(e)
	table := l.checks[57]
	table.Rows++
	if err := a.card.Allows(e); err != nil {
		table.fail("%v", err)
	}
	if e.Merchant != l.id {
		table.fail("entry %d is of merchant %d, in the journal of %d", e.ID, e.Merchant, l.id)
	}
	l.otherCard(a.card, e)
	if e.Kind.TakesInOrder() {
		policy := l.checks[10]
		begun := time.Now()
		policy.Rows++
		if !a.card.TookByPolicy(e) {
			policy.fail("entry %d did not take what its spend order %v takes", e.ID, e.SpendOrder)
		}
		policy.Took += time.Since(begun)
	}
	if e.Offer != nil {
		l.offered[e.Offer.Kind] += int64(len(e.Coupons))
	}
	l.bySettings(a.card, e)
	l.leaves(a.card, e)
	if b := l.bills[e.RefersTo]; b != nil && e.Kind == ledger.RenewalReversed {
		b.from, b.until = a.card.Expires, e.CardExpires
	}
	free := a.card.Free(e.At)
	if _, err := a.card.Fold(e); err != nil {
		a.broken = true
		if e.TakesHeld() {
			r = l.checks[63]
		}
		r.fail("card %d: %v", e.Card, err)
		return
	}
	l.keptHeld(a.card, free, e)
	l.pledged(a.card, e)
}

// keptHeld checks that an entry left what is held on a card (invariant 63). free is what was free before it.
func (l *audit) keptHeld(c *ledger.Card, free ledger.Fen, e *ledger.Entry) {
	r := l.checks[63]
	r.Rows++
	if c.BreaksHolds(free, e) {
		r.fail("entry %d leaves %v on a card of which %v is held", e.ID, c.Amount()+c.Details.Credit, c.HeldAt(e.At))
	}
}

func (l *audit) postings(r *Result, _ standing, e *ledger.Entry) {
	postings, ok := e.Postings()
	if !ok {
		r.fail("entry %d: a %v may not move that", e.ID, e.Kind)
		return
	}
	var money ledger.Fen
	var points int64
	for _, posting := range postings {
		money += posting.Money
		points += posting.Points
		sum := l.sums[posting.Account]
		sum.Money += posting.Money
		sum.Points += posting.Points
		l.sums[posting.Account] = sum
	}
	if money != 0 || points != 0 {
		r.fail("entry %d: postings add up to %v and %d points", e.ID, money, points)
	}
}

func (l *audit) noGap(r *Result, _ standing, e *ledger.Entry) {
	if e.ID != l.next {
		r.fail("entry %d is where entry %d should be", e.ID, l.next)
	}
	l.next = e.ID + 1
}

// otherCard checks what the two entries of a pair state about each other's card. c is the card of e before e.
func (l *audit) otherCard(c *ledger.Card, e *ledger.Entry) {
	first, number := l.first, l.firstNumber
	l.first, l.firstNumber = e, c.Number
	if first == nil {
		return
	}
	wrong := false
	switch {
	case e.Kind == ledger.TransferredIn, e.Kind == ledger.MergedIn:
		wrong = first.OtherCard != c.Number || e.OtherCard != number
	case e.Kind == ledger.CardReplaced && e.Seq > 1 && first.Holder != nil:
		wrong = first.Number != c.Number || *first.Holder != c.Holder || first.CardKind != c.Kind ||
			first.CardExpires != c.Expires || first.Level != c.Level
	}
	if wrong {
		l.checks[56].fail("entries %d and %d do not name each other's card", first.ID, e.ID)
	}
}

// paired checks an entry against the one before it. Some kinds only come in pairs. e is nil at the journal's end.
func (l *audit) paired(e *ledger.Entry) {
	r := l.checks[56]
	if e != nil && (e.Kind == ledger.TransferredOut || e.Kind == ledger.MergedOut || e.Kind == ledger.CardReplaced) {
		r.Rows++
	}
	if err := ledger.Pairs(l.newest, e); err != nil {
		r.fail("%v", err)
	}
	if e != nil {
		l.newest = e
	}
}

// givenBack collects what was undone; the bills themselves are checked at the end.
func (l *audit) givenBack(_ *Result, _ standing, e *ledger.Entry) {
	if e.RefersTo == 0 || e.PaysRest() || e.Kind == ledger.CashedBack || e.Kind == ledger.BonusForfeited ||
		e.Kind == ledger.LotsExpired || e.TakesHeld() { // which is checked as it is folded
		return
	}
	b := l.bills[e.RefersTo]
	if b == nil {
		b = &bill{card: e.Card, payType: e.PayType, kind: e.Kind, signedTo: e.ChargedTo}
		l.bills[e.RefersTo] = b
	}
	b.mixed = b.mixed || b.kind != e.Kind || b.card != e.Card
	b.principal += e.Principal
	b.bonus += e.Bonus
	b.earned += e.Earned()
	b.version = max(b.version, e.Version)
	b.original += e.Gross
	b.invoice += e.Invoice
	b.times++
	if e.Kind == ledger.ExpiryReversed {
		b.by = append(b.by, e)
	}
	b.parts = append(b.parts, e.Allocations...)
	b.coupons = b.coupons || len(e.Coupons) > 0
	b.points.add(e)
}
