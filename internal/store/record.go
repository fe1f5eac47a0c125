package store

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// How a record is written to a row of each table and read back. Both go through the columns in the order of their
// list in sql.go.

func writeHead(r *rows, h *ledger.Head) {
	r.int(int64(h.Merchant)).int(h.Version).int(int64(h.LastEntry)).int(int64(h.LastCard)).time(h.LastAt)
	r.int(int64(h.Own)).int(int64(h.TakenBack)).int(int64(h.Clock)).int(int64(h.Settings))
}

func readHead(r record) ledger.Head {
	return ledger.Head{
		Merchant: ledger.MerchantID(r.int()), Version: r.int(), LastEntry: ledger.EntryID(r.int()),
		LastCard: ledger.CardID(r.int()), LastAt: readTime(r),
		Own: ledger.EntryID(r.int()), TakenBack: ledger.EntryID(r.int()),
		Clock: ledger.EntryID(r.int()), Settings: ledger.EntryID(r.int()),
	}
}

// maxCard and maxMerchant are the largest ids of cards and merchants, because a ref holds both in one number.
const (
	maxMerchant = 1<<31 - 1
	maxCard     = 1<<32 - 1
)

// cardRef returns the key of a card. If either id were out of its bounds, it would be the key of another merchant's
// card.
func cardRef(merchant ledger.MerchantID, card ledger.CardID) int64 {
	return int64(merchant)<<32 + int64(card)
}

func refOf(c *ledger.Card) int64 { return cardRef(c.Merchant, c.ID) }

// writeRef writes the columns by which a stored card is found.
func writeRef(r *rows, c *ledger.Card) *rows { return r.int(int64(c.Merchant)).int(refOf(c)) }

func writeOpened(r *rows, c *ledger.Card) {
	writeNumber(r.int(refOf(c)).int(int64(c.Merchant)).int(int64(c.ID)),
		c).int(int64(c.Kind)).time(c.OpenedAt).int(int64(c.OpenedShop))
	r.int(int64(c.Status)).int(int64(c.Level)).int(int64(c.Expires))
	r.text(c.Holder.Name).text(c.Holder.Phone).int(int64(c.Holder.Gender)).int(int64(c.Holder.Birthday))
	writeDetails(r, c)
	writeAmounts(r, c)
	r.text(c.SearchText()).time(c.NextHoldEnd())
}

// writeNumber writes the number that a card is found by, and its first spelling if that differs.
func writeNumber(r *rows, c *ledger.Card) *rows {
	folded, spelled := c.Key().Number, c.Number
	if spelled == folded {
		spelled = ""
	}
	return r.text(folded).text(spelled)
}

func readNumber(r record) string {
	folded, spelled := r.text(), r.text()
	return cmp.Or(spelled, folded)
}

func writeDetails(r *rows, c *ledger.Card) {
	rest, err := encodeAside(c)
	if err != nil {
		r.err = err
	}
	r.text(c.Details.ExtID).text(c.Details.OpenID).text(rest).text(encodeHolds(c.Holds))
}

func writeNoExtID(r *rows, c *ledger.Card) { writeRef(r, c).text("") }

func writeCard(r *rows, c *ledger.Card) {
	writeRef(r, c).int(int64(c.Status)).int(int64(c.Level)).int(int64(c.Expires))
	writeAmounts(r, c)
}

func writeAmounts(r *rows, c *ledger.Card) {
	r.int(int64(c.Principal)).int(int64(c.Bonus)).int(c.Points).int(c.PointsOwed)
	r.int(int64(c.SumRecharge)).int(int64(c.SumConsume)).bool(c.LotsApart).text(encodePointLots(c.PointLots))
	r.int(c.Seq).bytes(c.Hash[:]).time(c.Last).time(c.Used).text(encodeTally(c.Tally))
	if c.LotsApart {
		r.text("")
	} else {
		r.text(encodeLots(c.Lots))
	}
	r.int(int64(c.NextExpiry()))
}

func writeHolder(r *rows, c *ledger.Card) {
	writeNumber(writeRef(r, c), c).text(c.Holder.Name).text(c.Holder.Phone)
	r.int(int64(c.Holder.Gender)).int(int64(c.Holder.Birthday))
	writeDetails(r, c)
	r.text(c.SearchText()).time(c.NextHoldEnd())
}

// readCard reads a card with its lots: all of them if whole, otherwise the first FrontLots.
func readCard(r record, whole bool) (ledger.Card, error) {
	c := ledger.Card{
		Merchant: ledger.MerchantID(r.int()), ID: ledger.CardID(r.int()), Number: readNumber(r),
		Kind:     ledger.CardKind(r.int()),
		OpenedAt: readTime(r), OpenedShop: ledger.ShopID(r.int()), Status: ledger.Status(r.int()),
		Level: ledger.LevelID(r.int()), Expires: readDate(r),
		Holder: ledger.Holder{Name: r.text(), Phone: r.text(), Gender: int(r.int()), Birthday: readDate(r)},
	}
	extID, openID := r.text(), r.text()
	var err [6]error
	err[4] = decodeAside(r.text(), &c)
	c.Holds, err[5] = decodeHolds(r.text())
	c.Details.ExtID, c.Details.OpenID = extID, openID
	c.Principal, c.Bonus, c.Points, c.PointsOwed = ledger.Fen(r.int()), ledger.Fen(r.int()), r.int(), r.int()
	c.SumRecharge, c.SumConsume = ledger.Fen(r.int()), ledger.Fen(r.int())
	c.LotsApart = readBool(r)
	c.PointLots, err[0] = decodePointLots(r.text())
	c.Seq = r.int()
	c.Hash, err[1] = readHash(r)
	c.Last, c.Used = readTime(r), readTime(r)
	c.Tally, err[2] = decodeTally(r.text())
	c.Lots, err[3] = decodeLots(r.text())
	for _, e := range err {
		if e != nil {
			return c, fmt.Errorf("card %d of merchant %d: %w", c.ID, c.Merchant, e)
		}
	}
	slices.SortFunc(c.Lots, compareLots)
	if !whole && len(c.Lots) > ledger.FrontLots {
		c.Lots, c.MoreLots = c.Lots[:ledger.FrontLots:ledger.FrontLots], true
	}
	return c, nil
}

func compareLots(a, b ledger.Lot) int {
	return cmp.Or(cmp.Compare(a.GoodUntil, b.GoodUntil), cmp.Compare(a.ID, b.ID))
}

func writeLotKey(r *rows, l *command.LotChange) {
	r.int(int64(l.Merchant)).int(int64(l.Card)).int(int64(l.Lot.GoodUntil)).int(int64(l.Lot.ID))
}

func writeLot(r *rows, l *command.LotChange) {
	writeLotKey(r, l)
	r.int(int64(l.Lot.Principal)).int(int64(l.Lot.Bonus))
}

func (rare *extras) write(r *rows, e *ledger.Entry) {
	r.int(int64(e.Merchant)).int(int64(e.ID)).int(int64(e.Card)).int(e.Seq).int(int64(e.Kind)).time(e.At)
	r.int(int64(e.By.Agent)).int(int64(e.By.Shop)).text(e.By.Operator).int(e.Writer)
	r.int(int64(e.Principal)).int(int64(e.Bonus)).int(e.Points).int(e.PointsOwed)
	r.int(int64(e.PrincipalAfter)).int(int64(e.BonusAfter)).int(e.PointsAfter).int(e.OwedAfter)
	r.int(int64(e.Gross)).int(int64(e.Discountable)).int(int64(e.Net)).int(int64(e.PayRate)).int(int64(e.SpendOrder))
	r.int(int64(e.PayType)).int(int64(e.RefersTo))
	r.text(encodeParts(e.Allocations)).text(encodePointParts(e.PointAllocations))
	r.int(int64(e.Level)).int(int64(e.Status))
	x, err := rare.encode(e)
	if err != nil {
		r.err = err
	}
	r.text(x).text(encodeTally(e.Tally)).bytes(e.Hash[:]).int(e.Asked).int(int64(e.EarnRate))
}

func readEntry(r record) (ledger.Entry, error) {
	e := ledger.Entry{
		Merchant: ledger.MerchantID(r.int()), ID: ledger.EntryID(r.int()), Card: ledger.CardID(r.int()), Seq: r.int(),
		Kind: ledger.Kind(r.int()), At: readTime(r),
		By:        ledger.Caller{Agent: ledger.AgentID(r.int()), Shop: ledger.ShopID(r.int()), Operator: r.text()},
		Writer:    r.int(),
		Principal: ledger.Fen(r.int()), Bonus: ledger.Fen(r.int()), Points: r.int(), PointsOwed: r.int(),
		PrincipalAfter: ledger.Fen(r.int()), BonusAfter: ledger.Fen(r.int()), PointsAfter: r.int(), OwedAfter: r.int(),
		Gross: ledger.Fen(r.int()), Discountable: ledger.Fen(r.int()), Net: ledger.Fen(r.int()),
		PayRate: ledger.Rate(r.int()), SpendOrder: ledger.SpendOrder(r.int()), PayType: ledger.PayTypeID(r.int()),
		RefersTo: ledger.EntryID(r.int()),
	}
	var err [5]error
	e.Allocations, err[0] = decodeParts(r.text())
	e.PointAllocations, err[1] = decodePointParts(r.text())
	e.Level, e.Status = ledger.LevelID(r.int()), ledger.Status(r.int())
	err[2] = decodeExtra(r.text(), &e)
	e.Tally, err[3] = decodeTally(r.text())
	e.Hash, err[4] = readHash(r)
	e.Asked, e.EarnRate = r.int(), ledger.Rate(r.int())
	for _, one := range err {
		if one != nil {
			return e, fmt.Errorf("entry %d of merchant %d: %w", e.ID, e.Merchant, one)
		}
	}
	return e, nil
}

func writeRequestName(r *rows, k ledger.RequestKey) {
	name := k.Name()
	r.bytes(name[:])
}

func writeEarlierName(r *rows, k ledger.RequestKey) {
	name := k.EarlierName()
	r.bytes(name[:])
}

func writeRequest(r *rows, q *ledger.Request) {
	r.int(int64(q.Merchant)).bytes(q.Name[:]).int(int64(binary.BigEndian.Uint64(q.Fingerprint[:])))
	r.int(int64(q.Entry)).int(q.Layout).int(q.Sum).int(q.Proof).bytes(q.Kept())
}

// readRequest reads a request without its key, of which only the name is stored.
func readRequest(r record) (ledger.Request, error) {
	q := ledger.Request{Merchant: ledger.MerchantID(r.int())}
	name := r.bytes()
	binary.BigEndian.PutUint64(q.Fingerprint[:], uint64(r.int()))
	q.Entry, q.Layout, q.Sum, q.Proof = ledger.EntryID(r.int()), r.int(), r.int(), r.int()
	if kept := r.bytes(); q.Layout == 0 {
		q.Answer = kept
	} else {
		q.Rest = kept
	}
	if len(name) != len(q.Name) {
		return q, fmt.Errorf("request for entry %d of merchant %d: its name has %d bytes, want %d",
			q.Entry, q.Merchant, len(name), len(q.Name))
	}
	q.Name = ledger.RequestName(name)
	return q, nil
}
