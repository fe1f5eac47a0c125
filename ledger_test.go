package tongka

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// ledger is a store of the plainest kind: rows in maps, one map a table.
type ledger struct {
	front     int // how many lots of a card are loaded; 0 = all
	merchants map[MerchantID]Merchant
	heads     map[MerchantID]Head
	cards     map[cardRef]Card // with the lots that are not kept apart
	lots      map[lotRef]Lot   // kept apart
	entries   map[EntryKey]Entry
	requests  map[RequestKey]Request
	coupons   map[CouponKey]Coupon
	stocks    map[CouponKindKey]CouponStock
	guards    map[GuardKey]Guard
	messages  []Message
}

func newLedger(merchants ...Merchant) *ledger {
	l := &ledger{
		merchants: map[MerchantID]Merchant{}, heads: map[MerchantID]Head{}, cards: map[cardRef]Card{},
		lots: map[lotRef]Lot{}, entries: map[EntryKey]Entry{}, requests: map[RequestKey]Request{},
		coupons: map[CouponKey]Coupon{}, stocks: map[CouponKindKey]CouponStock{}, guards: map[GuardKey]Guard{},
	}
	for _, m := range merchants {
		l.merchants[m.ID], l.heads[m.ID] = m, Head{Merchant: m.ID}
	}
	return l
}

func (l *ledger) clone() *ledger {
	return &ledger{
		front: l.front, merchants: maps.Clone(l.merchants), heads: maps.Clone(l.heads), cards: maps.Clone(l.cards),
		lots: maps.Clone(l.lots), entries: maps.Clone(l.entries), requests: maps.Clone(l.requests),
		coupons: maps.Clone(l.coupons), stocks: maps.Clone(l.stocks), guards: maps.Clone(l.guards),
		messages: slices.Clip(l.messages),
	}
}

// lotsOf are all lots of a card in the order they are taken.
func (l *ledger) lotsOf(ref cardRef) []Lot {
	if c := l.cards[ref]; !c.LotsApart {
		return c.Lots
	}
	return l.lotsApart(ref)
}

// lotsApart are the lots of a card that are rows of their own.
func (l *ledger) lotsApart(ref cardRef) []Lot {
	var lots []Lot
	for r, lot := range l.lots {
		if r.cardRef == ref {
			lots = append(lots, lot)
		}
	}
	slices.SortFunc(lots, compareLots)
	return lots
}

// card is the card of that number with its first lots, or with all when front is 0.
func (l *ledger) card(key CardKey, front int) (Card, bool) {
	for ref, c := range l.cards {
		if c.Key() != key {
			continue
		}
		c.Lots = l.lotsOf(ref)
		if c.LotsApart && front > 0 && len(c.Lots) > front {
			c.Lots, c.MoreLots = c.Lots[:front:front], true
		}
		return c, true
	}
	return Card{}, false
}

// entriesOf are a merchant's entries in the order of their ids.
func (l *ledger) entriesOf(id MerchantID) []*Entry {
	var entries []*Entry
	for key, e := range l.entries {
		if key.Merchant == id {
			entries = append(entries, &e)
		}
	}
	slices.SortFunc(entries, func(a, b *Entry) int { return cmp.Compare(a.ID, b.ID) })
	return entries
}

func (l *ledger) load(k Keys) Records {
	var r Records
	for _, id := range k.Merchants {
		if m, ok := l.merchants[id]; ok {
			r.Merchants, r.Heads = append(r.Merchants, m), append(r.Heads, l.heads[id])
		}
	}
	for _, key := range k.Cards {
		if c, ok := l.card(key, l.front); ok {
			r.Cards = append(r.Cards, c)
		}
	}
	for _, key := range k.Whole {
		if c, ok := l.card(key, 0); ok {
			r.Cards = append(r.Cards, c)
		}
	}
	for _, key := range k.Entries {
		for _, e := range l.entriesOf(key.Merchant) {
			if e.ID == key.ID || e.Of == key.ID {
				r.Entries = append(r.Entries, *e)
			}
		}
	}
	for _, key := range k.Requests {
		if req, ok := l.requests[key]; ok {
			r.Requests = append(r.Requests, req)
		}
	}
	for _, key := range k.ExtIDs {
		if l.withExtID(key) > 0 {
			r.ExtIDs = append(r.ExtIDs, key)
		}
	}
	l.loadCoupons(k, &r)
	for _, key := range k.Guards {
		if g, ok := l.guards[key]; ok {
			r.Guards = append(r.Guards, g)
		}
	}
	return r
}

// withExtID is how many cards have the inner code.
func (l *ledger) withExtID(key ExtIDKey) (n int) {
	for _, c := range l.cards {
		if c.Merchant == key.Merchant && c.Details.ExtID == key.ExtID {
			n++
		}
	}
	return n
}

// save puts the changes in, or answers why no store would take them.
func (l *ledger) save(ch Changes) error {
	for _, h := range ch.Heads {
		if l.heads[h.Merchant].Version != h.Version {
			return ErrStale
		}
	}
	if err := l.write(ch); err != nil {
		return err
	}
	for _, h := range ch.Heads {
		h.Version++
		l.heads[h.Merchant] = h
	}
	return nil
}

// write puts the changes in as they are, whatever the versions.
func (l *ledger) write(ch Changes) error {
	for _, h := range ch.Heads {
		l.heads[h.Merchant] = h
	}
	for _, c := range ch.Cards { // before the opened: a replaced card frees its number
		old, there := l.cards[cardRef{c.Merchant, c.ID}]
		if !there {
			return fmt.Errorf("changed card %d is not there", c.ID)
		}
		i := slices.IndexFunc(ch.Holders, func(h Card) bool { return h.ID == c.ID && h.Merchant == c.Merchant })
		if i < 0 && (c.Holder != old.Holder || c.Number != old.Number || c.Details != old.Details || c.Invoiceable != old.Invoiceable || c.Signed != old.Signed) {
			return fmt.Errorf("holder of card %d changed, and the changes do not say so", c.ID)
		}
		if i >= 0 && ch.Holders[i].Hash != c.Hash {
			return fmt.Errorf("card %d is not the same among the holders", c.ID)
		}
		l.put(c)
	}
	for _, c := range ch.Opened {
		if _, there := l.cards[cardRef{c.Merchant, c.ID}]; there {
			return fmt.Errorf("opened card %d is there already", c.ID)
		}
		if _, taken := l.card(c.Key(), 0); taken {
			return fmt.Errorf("number %s is taken", c.Number)
		}
		l.put(c)
	}
	for _, cards := range [][]Card{ch.Cards, ch.Opened} {
		for _, c := range cards {
			if code := c.Details.ExtID; code != "" && l.withExtID(ExtIDKey{c.Merchant, code}) > 1 {
				return fmt.Errorf("inner code %s is on two cards", code)
			}
		}
	}
	for _, lc := range ch.Lots {
		ref := lotRef{cardRef{lc.Merchant, lc.Card}, lc.Lot.GoodUntil, lc.Lot.ID}
		if lc.Lot.empty() {
			delete(l.lots, ref)
			continue
		}
		l.lots[ref] = lc.Lot
	}
	for _, e := range ch.Entries {
		if _, there := l.entries[e.Key()]; there {
			return fmt.Errorf("entry %d is there already", e.ID)
		}
		l.entries[e.Key()] = e
	}
	for _, r := range ch.Requests {
		if _, there := l.requests[r.Key]; there {
			return fmt.Errorf("request %v is there already", r.Key)
		}
		l.requests[r.Key] = r
	}
	for _, g := range ch.Guards {
		l.guards[g.GuardKey] = g
	}
	l.messages = append(l.messages, ch.Messages...)
	return l.writeCoupons(ch)
}

func (l *ledger) put(c Card) {
	ref := cardRef{c.Merchant, c.ID}
	if c.LotsApart {
		c.Lots, c.MoreLots = nil, false
	}
	l.cards[ref] = c
}

// do has a command decided on fresh records and saved, as a shell would.
func (l *ledger) do(cmd Command, now time.Time) (ch Changes, err error) {
	s := NewState()
	broken := l.batch(s, []order{{cmd: cmd, now: now}}, func(_ order, changes Changes, refused error) { ch, err = changes, refused })
	return ch, cmp.Or(broken, err)
}

// batch has commands decided one after the other on what s knows, and saved together. Before a command
// that asks for all lots of a card, what is pending is saved.
func (l *ledger) batch(s *State, orders []order, decided func(order, Changes, error)) error {
	var whole []CardKey
	for len(orders) > 0 {
		k := Keys{Whole: whole}
		for _, o := range orders {
			k.Add(o.cmd.Keys())
		}
		if missing := s.Missing(k); !missing.Empty() {
			s.Learn(missing, l.load(missing))
		}
		whole = nil
		for len(orders) > 0 && whole == nil {
			o := orders[0]
			ch, err := o.cmd.Decide(s, o.now)
			if short, shallow := errors.AsType[ShallowError](err); shallow {
				whole = []CardKey{short.Card}
				break
			}
			if more, missing := errors.AsType[MissingError](err); missing {
				k := s.Missing(more.Keys) // some may be known, and changed by this batch
				s.Learn(k, l.load(k))
				ch, err = o.cmd.Decide(s, o.now)
			}
			if err == nil && ch.Replay == nil {
				s.Apply(ch)
			}
			decided(o, ch, cmp.Or(err, ch.Denied))
			orders = orders[1:]
		}
		if err := l.commit(s); err != nil {
			return err
		}
		for _, key := range whole {
			s.Evict(key)
		}
	}
	return nil
}

// commit saves what is pending.
func (l *ledger) commit(s *State) error {
	if pending := s.Pending(); len(pending.Heads) > 0 {
		if err := l.save(pending); err != nil {
			return err
		}
	}
	s.Saved()
	return nil
}

// check proves the books of every merchant.
func (l *ledger) check() error {
	for id := range l.merchants {
		b := books{l: l, merchant: id, folded: map[CardID]*Card{}, money: map[Account]Fen{}, points: map[Account]int64{}}
		if err := b.check(); err != nil {
			return fmt.Errorf("merchant %d: %w", id, err)
		}
	}
	return nil
}

// books are one merchant's journal folded again.
type books struct {
	l        *ledger
	merchant MerchantID
	folded   map[CardID]*Card
	money    map[Account]Fen
	points   map[Account]int64
}

func (b *books) check() error {
	entries := b.l.entriesOf(b.merchant)
	for i, e := range entries {
		if e.ID != EntryID(i+1) {
			return fmt.Errorf("entry %d stands where %d should", e.ID, i+1)
		}
		if err := b.add(e); err != nil {
			return fmt.Errorf("invariant %w, at entry %d (%v)", err, e.ID, e.Kind)
		}
	}
	if last := b.l.heads[b.merchant].LastEntry; last != EntryID(len(entries)) {
		return fmt.Errorf("head's last entry is %d, want %d", last, len(entries))
	}
	if err := b.sums(); err != nil {
		return err
	}
	if err := b.undone(entries); err != nil {
		return err
	}
	if err := b.coupons(entries); err != nil {
		return err
	}
	return b.compare()
}

// add folds one more entry, and looks at all that one entry can show.
func (b *books) add(e *Entry) error {
	c := b.folded[e.Card]
	if c == nil {
		c = &Card{}
		b.folded[e.Card] = c
	}
	before := *c
	if e.Chain(c.Hash) != e.Hash {
		return errors.New("23: the chain does not recompute")
	}
	if _, err := c.Fold(e); err != nil {
		return fmt.Errorf("03-06, 22: %w", err)
	}
	if !slices.Equal(e.Tally, c.Tally) {
		return fmt.Errorf("25: tally is %v, want %v", e.Tally, c.Tally)
	}
	if !e.At.Equal(e.At.Truncate(time.Millisecond)) || e.At.Location() != time.UTC {
		return fmt.Errorf("22: %v is no whole millisecond in UTC", e.At)
	}
	if err := edge(&before, e); err != nil {
		return fmt.Errorf("26: %w", err)
	}
	if err := bill(e); err != nil {
		return err
	}
	if e.Kind.TakesByPolicy() && !before.TookByPolicy(e) {
		return fmt.Errorf("10: %+v is not what %v takes", e.Parts, e.Policy)
	}
	return b.post(e)
}

func (b *books) post(e *Entry) error {
	legs, ok := e.Legs()
	if !ok {
		return errors.New("01: moves what its kind may not move")
	}
	var money Fen
	var points int64
	for _, leg := range legs {
		money, points = money+leg.Money, points+leg.Points
		b.money[leg.Account] += leg.Money
		b.points[leg.Account] += leg.Points
	}
	if money != 0 || points != 0 {
		return fmt.Errorf("01: legs add up to %v and %d points", money, points)
	}
	if b.money[Tender]+b.money[Migration] > 0 {
		return fmt.Errorf("12: %v more was paid out than was ever paid in", b.money[Tender]+b.money[Migration])
	}
	return nil
}

// sums are the accounts' (invariant 02).
func (b *books) sums() error {
	var want, money Fen
	var wantPoints, points int64
	for _, c := range b.folded {
		want, wantPoints = want+c.Amount(), wantPoints+c.Points-c.PointsOwed
	}
	if got := b.money[CardPrincipal] + b.money[CardBonus]; got != want {
		return fmt.Errorf("invariant 02: the cards' accounts hold %v, the cards %v", got, want)
	}
	if got := b.points[CardPoints]; got != wantPoints {
		return fmt.Errorf("invariant 02: the cards' accounts hold %d points, the cards %d", got, wantPoints)
	}
	for _, m := range b.money {
		money += m
	}
	for _, p := range b.points {
		points += p
	}
	if money != 0 || points != 0 || b.money[Transit] != 0 {
		return fmt.Errorf("invariant 02: accounts sum to %v and %d points, %v is in transit", money, points, b.money[Transit])
	}
	return nil
}

// undone holds that no bill gives back more of a lot than it took, nor points, and that no recharge is
// taken back twice (invariants 11, 13, 32).
func (b *books) undone(entries []*Entry) error {
	refunds := map[EntryID][]*Entry{}
	for _, e := range entries {
		if e.Of != 0 {
			refunds[e.Of] = append(refunds[e.Of], e)
		}
	}
	for of, undo := range refunds {
		done := b.l.entries[EntryKey{b.merchant, of}]
		switch done.Kind {
		case Recharged:
			if len(undo) > 1 {
				return fmt.Errorf("invariant 13: recharge %d is reversed %d times", of, len(undo))
			}
		case Invoiced, BillSigned:
			if len(undo) > 1 {
				return fmt.Errorf("invariant 13: %v %d is taken back %d times", done.Kind, of, len(undo))
			}
		case Consumed:
			undo, cashBack := ofKind(undo, ConsumeRefunded), ofKind(undo, CashedBack)
			if err := cashBackKept(&done, undo, cashBack); err != nil {
				return err
			}
			for _, p := range stillTaken(&done, undo) {
				if p.Principal < 0 || p.Bonus < 0 {
					return fmt.Errorf("invariant 11: bill %d gave back more of lot %d than it took: %+v", of, p.Lot, p)
				}
			}
			kept, stays := done.Earned(), refundable(&done, undo)+done.Elsewhere()
			for _, u := range undo {
				kept += u.Earned()
			}
			if err := pointsReturned(&done, undo); err != nil {
				return err
			}
			if kept < 0 || kept*int64(done.Actual) > done.Earned()*int64(stays) {
				return fmt.Errorf("invariant 32: %d of %d points stay for %v of %v", kept, done.Earned(), stays, done.Actual)
			}
		default:
			return fmt.Errorf("invariant 13: entry %d (%v) is undone", of, done.Kind)
		}
	}
	return nil
}

// cashBackKept holds that of a bill's cash back so much is left as is paid for: it is given once, by the
// entry behind the bill, and taken again in proportion (invariant 32).
func cashBackKept(done *Entry, refunds, cashBack []*Entry) error {
	given, left := cashBackOf(cashBack)
	if given == nil {
		if len(cashBack) > 0 {
			return fmt.Errorf("invariant 32: bill %d gave no cash back, and some was taken", done.ID)
		}
		return nil
	}
	if given.ID != done.ID+1 || given.Card != done.Card || given.Original != -done.CardMoney() {
		return fmt.Errorf("invariant 32: cash back %d is not of the bill before it", given.ID)
	}
	stays := refundable(done, refunds)
	if left*-done.CardMoney() > given.Actual*stays || (left+1)*-done.CardMoney() <= given.Actual*stays {
		return fmt.Errorf("invariant 32: %v of the cash back %v of bill %d is left while %v of it is paid", left, given.Actual, done.ID, stays)
	}
	return nil
}

// pointsReturned holds that the points which paid a bill come back whole, to their days, with the last of
// its money, and not before (invariants 11, 32).
func pointsReturned(done *Entry, refunds []*Entry) error {
	back := map[Date]int64{}
	var points int64
	for _, r := range refunds {
		points += r.ByPoints.Points
		for _, p := range r.PointParts {
			back[p.GoodUntil] += max(p.Points, 0)
		}
	}
	if want := -done.ByPoints.Points; points != 0 && points != want || points != want && refundable(done, refunds) == 0 {
		return fmt.Errorf("invariant 32: bill %d was paid by %d points and %d came back", done.ID, want, points)
	}
	if points > 0 && refundable(done, refunds) > 0 {
		return fmt.Errorf("invariant 32: bill %d is not all refunded and gave back its points", done.ID)
	}
	for _, p := range done.PointParts {
		if points > 0 && p.Points < 0 {
			back[p.GoodUntil] += p.Points
		}
	}
	for day, n := range back {
		if n != 0 {
			return fmt.Errorf("invariant 11: bill %d gave back %d points of %v too many", done.ID, n, day)
		}
	}
	return nil
}

// compare holds the stored cards against the folded ones (invariant 03).
func (b *books) compare() error {
	stored := 0
	for ref, c := range b.l.cards {
		if ref.merchant != b.merchant {
			continue
		}
		stored++
		c.Lots = b.l.lotsOf(ref)
		want := b.folded[ref.card]
		if want == nil {
			return fmt.Errorf("card %d has no entry", ref.card)
		}
		if got, want := fmt.Sprintf("%+v", c), fmt.Sprintf("%+v", *want); got != want {
			return fmt.Errorf("invariant 03: card %d is stored as\n%s\nits entries fold to\n%s", ref.card, got, want)
		}
		if !bytes.Equal(c.Hash[:], want.Hash[:]) || principalOf(c.Lots) != c.Principal || bonusOf(c.Lots) != c.Bonus {
			return fmt.Errorf("invariant 03: card %d: lots do not add up to its balances", ref.card)
		}
		if rows := b.l.lotsApart(ref); !c.LotsApart && len(rows) > 0 {
			return fmt.Errorf("invariant 03: card %d has its lots with it, and %d rows of lots besides", ref.card, len(rows))
		}
	}
	if stored != len(b.folded) || CardID(stored) != b.l.heads[b.merchant].LastCard {
		return fmt.Errorf("%d cards stored, %d in the journal, %d counted", stored, len(b.folded), b.l.heads[b.merchant].LastCard)
	}
	return nil
}

// edges are the steps a card's life may take, by the kind of entry (invariant 26).
var edges = map[Kind][][2]Status{
	Opened: {{0, Active}}, Moved: {{0, Replaced}, {Active, Active}, {Lost, Active}},
	ReportedLost: {{Active, Lost}}, Found: {{Lost, Active}},
	CardStopped: {{Active, Stopped}}, CardResumed: {{Stopped, Active}}, Closed: {{Active, Returned}},
	LotsExpired:     {{Active, Active}, {Lost, Lost}, {Stopped, Stopped}},
	LevelChanged:    {{Active, Active}, {Lost, Lost}, {Stopped, Stopped}},
	HolderModified:  {{Active, Active}, {Lost, Lost}, {Stopped, Stopped}},
	Invoiced:        {{Active, Active}, {Lost, Lost}, {Stopped, Stopped}},
	InvoiceReversed: {{Active, Active}, {Lost, Lost}, {Stopped, Stopped}},
	DetailsChanged:  {{Active, Active}, {Lost, Lost}, {Stopped, Stopped}},
	CouponVoided:    {{Active, Active}, {Lost, Lost}, {Stopped, Stopped}},
	CouponExpired:   {{Active, Active}, {Lost, Lost}, {Stopped, Stopped}},
}

func edge(before *Card, e *Entry) error {
	allowed, listed := edges[e.Kind]
	if !listed {
		allowed = [][2]Status{{Active, Active}}
	}
	if !slices.Contains(allowed, [2]Status{before.Status, e.Status}) {
		return fmt.Errorf("%v took the card from %d to %d", e.Kind, before.Status, e.Status)
	}
	closed := e.Status == Returned || e.Status == Replaced
	if closed && (e.PrincipalAfter != 0 || e.BonusAfter != 0 || e.PointsAfter != 0 || e.OwedAfter != 0) {
		return errors.New("a closed card holds something")
	}
	return nil
}

// bill looks at the sums of one entry (invariants 08–12).
func bill(e *Entry) error {
	if !e.BillAddsUp() {
		return errors.New("08, 09: the bill does not add up")
	}
	switch e.Kind {
	case Recharged:
		var bonus Fen
		for _, r := range e.Rules {
			bonus += r.Money
		}
		if e.Principal != e.Original || e.Bonus != bonus || e.Actual != e.Principal+e.Bonus {
			return errors.New("08: the lot is not what was paid and given")
		}
	case Consumed:
		discount := e.Original - e.Actual - e.ByCoupons() - e.ByPoints.Worth
		if discount < 0 || discount > e.Discountable || e.Discountable > e.Original || e.Elsewhere() < 0 {
			return fmt.Errorf("09: discount %v of %v of %v, %v elsewhere", discount, e.Discountable, e.Original, e.Elsewhere())
		}
		if e.Principal > 0 || e.Bonus > 0 {
			return errors.New("10: a bill gave money")
		}
	case Withdrawn:
		if e.Bonus > 0 || e.Principal != -e.Actual {
			return errors.New("12: more than principal was paid out")
		}
	case TransferredOut, TransferredIn:
		if money := max(e.CardMoney(), -e.CardMoney()); money != e.Actual || max(e.Principal, -e.Principal) != e.Original {
			return errors.New("12: a transfer moved something else than it says")
		}
	case Closed:
		if e.Principal != -e.Actual {
			return errors.New("12: what was paid out is not the principal")
		}
	}
	return nil
}
