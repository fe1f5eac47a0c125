package store

import (
	"cmp"
	"fmt"
	"slices"

	"tongka"
)

// What a row of each table means. Writers and readers go through the columns in the order of their
// list in sql.go.

func writeHead(r *rows, h *tongka.Head) {
	r.int(int64(h.Merchant)).int(h.Version).int(int64(h.LastEntry)).int(int64(h.LastCard)).time(h.LastAt)
	r.int(int64(h.Own)).int(int64(h.TakenBack))
}

func readHead(r record) tongka.Head {
	return tongka.Head{
		Merchant: tongka.MerchantID(r.int()), Version: r.int(), LastEntry: tongka.EntryID(r.int()),
		LastCard: tongka.CardID(r.int()), LastAt: readTime(r),
		Own: tongka.EntryID(r.int()), TakenBack: tongka.EntryID(r.int()),
	}
}

// maxCard bounds cards' ids, and maxMerchant merchants': a ref is both in one number.
const (
	maxMerchant = 1<<31 - 1
	maxCard     = 1<<32 - 1
)

// cardRef is a card's key. Neither id may be out of its bounds, or it would be another merchant's card.
func cardRef(merchant tongka.MerchantID, card tongka.CardID) int64 {
	return int64(merchant)<<32 + int64(card)
}

func refOf(c *tongka.Card) int64 { return cardRef(c.Merchant, c.ID) }

func writeOpened(r *rows, c *tongka.Card) {
	writeNumber(r.int(refOf(c)).int(int64(c.Merchant)).int(int64(c.ID)), c).int(int64(c.Kind)).time(c.OpenedAt).int(int64(c.OpenedShop))
	r.int(int64(c.Status)).int(int64(c.Level)).int(int64(c.Expires))
	r.text(c.Holder.Name).text(c.Holder.Phone).int(int64(c.Holder.Gender)).int(int64(c.Holder.Birthday))
	writeDetails(r, c)
	writeAmounts(r, c)
	r.text(c.SearchText())
}

// writeNumber writes the number that a card is found by, and how it was first written where that differs.
func writeNumber(r *rows, c *tongka.Card) *rows {
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

func writeDetails(r *rows, c *tongka.Card) {
	rest, err := encodeAside(c)
	if err != nil {
		r.err = err
	}
	r.text(c.Details.ExtID).text(c.Details.OpenID).text(rest)
}

func writeNoExtID(r *rows, c *tongka.Card) { r.int(refOf(c)).text("") }

func writeCard(r *rows, c *tongka.Card) {
	r.int(refOf(c)).int(int64(c.Status)).int(int64(c.Level)).int(int64(c.Expires))
	writeAmounts(r, c)
}

func writeAmounts(r *rows, c *tongka.Card) {
	r.int(int64(c.Principal)).int(int64(c.Bonus)).int(c.Points).int(c.PointsOwed)
	r.int(int64(c.SumRecharge)).int(int64(c.SumConsume)).bool(c.LotsApart).text(encodePointLots(c.PointLots))
	r.int(c.Seq).bytes(c.Hash[:]).time(c.Last).text(encodeTally(c.Tally))
	if c.LotsApart {
		r.text("")
	} else {
		r.text(encodeLots(c.Lots))
	}
	r.int(int64(c.NextExpiry()))
}

func writeHolder(r *rows, c *tongka.Card) {
	writeNumber(r.int(refOf(c)), c).text(c.Holder.Name).text(c.Holder.Phone)
	r.int(int64(c.Holder.Gender)).int(int64(c.Holder.Birthday))
	writeDetails(r, c)
	r.text(c.SearchText())
}

// readCard reads a card with its lots. Those behind the front ones are left out unless whole.
func readCard(r record, whole bool) (tongka.Card, error) {
	c := tongka.Card{
		Merchant: tongka.MerchantID(r.int()), ID: tongka.CardID(r.int()), Number: readNumber(r), Kind: tongka.CardKind(r.int()),
		OpenedAt: readTime(r), OpenedShop: tongka.ShopID(r.int()), Status: tongka.Status(r.int()), Level: tongka.LevelID(r.int()), Expires: readDate(r),
		Holder: tongka.Holder{Name: r.text(), Phone: r.text(), Gender: int(r.int()), Birthday: readDate(r)},
	}
	extID, openID := r.text(), r.text()
	var err [5]error
	err[4] = decodeAside(r.text(), &c)
	c.Details.ExtID, c.Details.OpenID = extID, openID
	c.Principal, c.Bonus, c.Points, c.PointsOwed = tongka.Fen(r.int()), tongka.Fen(r.int()), r.int(), r.int()
	c.SumRecharge, c.SumConsume = tongka.Fen(r.int()), tongka.Fen(r.int())
	c.LotsApart = readBool(r)
	c.PointLots, err[0] = decodePointLots(r.text())
	c.Seq = r.int()
	c.Hash, err[1] = readHash(r)
	c.Last = readTime(r)
	c.Tally, err[2] = decodeTally(r.text())
	c.Lots, err[3] = decodeLots(r.text())
	for _, e := range err {
		if e != nil {
			return c, fmt.Errorf("card %d of merchant %d: %w", c.ID, c.Merchant, e)
		}
	}
	slices.SortFunc(c.Lots, compareLots)
	if !whole && len(c.Lots) > tongka.FrontLots {
		c.Lots, c.MoreLots = c.Lots[:tongka.FrontLots:tongka.FrontLots], true
	}
	return c, nil
}

func compareLots(a, b tongka.Lot) int {
	return cmp.Or(cmp.Compare(a.GoodUntil, b.GoodUntil), cmp.Compare(a.ID, b.ID))
}

func writeLotKey(r *rows, l *tongka.LotChange) *rows {
	return r.int(int64(l.Merchant)).int(int64(l.Card)).int(int64(l.Lot.GoodUntil)).int(int64(l.Lot.ID))
}

func writeLot(r *rows, l *tongka.LotChange) {
	writeLotKey(r, l).int(int64(l.Lot.Principal)).int(int64(l.Lot.Bonus))
}

func writeEntry(r *rows, e *tongka.Entry, rare *extras) {
	r.int(int64(e.Merchant)).int(int64(e.ID)).int(int64(e.Card)).int(e.Seq).int(int64(e.Kind)).time(e.At)
	r.int(int64(e.By.Agent)).int(int64(e.By.Shop)).text(e.By.Operator).int(e.Writer)
	r.int(int64(e.Principal)).int(int64(e.Bonus)).int(e.Points).int(e.PointsOwed)
	r.int(int64(e.PrincipalAfter)).int(int64(e.BonusAfter)).int(e.PointsAfter).int(e.OwedAfter)
	r.int(int64(e.Original)).int(int64(e.Discountable)).int(int64(e.Actual)).int(int64(e.Discount)).int(int64(e.Policy))
	r.int(int64(e.PayType)).int(int64(e.Of)).text(encodeParts(e.Parts)).text(encodePointParts(e.PointParts))
	r.int(int64(e.Level)).int(int64(e.Status))
	x, err := rare.encode(e)
	if err != nil {
		r.err = err
	}
	r.text(x).text(encodeTally(e.Tally)).bytes(e.Hash[:]).int(e.Asked).int(int64(e.EarnRate))
}

func readEntry(r record) (tongka.Entry, error) {
	e := tongka.Entry{
		Merchant: tongka.MerchantID(r.int()), ID: tongka.EntryID(r.int()), Card: tongka.CardID(r.int()), Seq: r.int(),
		Kind: tongka.Kind(r.int()), At: readTime(r),
		By:        tongka.Caller{Agent: tongka.AgentID(r.int()), Shop: tongka.ShopID(r.int()), Operator: r.text()},
		Writer:    r.int(),
		Principal: tongka.Fen(r.int()), Bonus: tongka.Fen(r.int()), Points: r.int(), PointsOwed: r.int(),
		PrincipalAfter: tongka.Fen(r.int()), BonusAfter: tongka.Fen(r.int()), PointsAfter: r.int(), OwedAfter: r.int(),
		Original: tongka.Fen(r.int()), Discountable: tongka.Fen(r.int()), Actual: tongka.Fen(r.int()),
		Discount: tongka.Rate(r.int()), Policy: tongka.Policy(r.int()), PayType: tongka.PayTypeID(r.int()), Of: tongka.EntryID(r.int()),
	}
	var err [5]error
	e.Parts, err[0] = decodeParts(r.text())
	e.PointParts, err[1] = decodePointParts(r.text())
	e.Level, e.Status = tongka.LevelID(r.int()), tongka.Status(r.int())
	err[2] = decodeExtra(r.text(), &e)
	e.Tally, err[3] = decodeTally(r.text())
	e.Hash, err[4] = readHash(r)
	e.Asked, e.EarnRate = r.int(), tongka.Rate(r.int())
	for _, one := range err {
		if one != nil {
			return e, fmt.Errorf("entry %d of merchant %d: %w", e.ID, e.Merchant, one)
		}
	}
	return e, nil
}

func writeRequestKey(r *rows, k tongka.RequestKey) *rows {
	return r.int(int64(k.Merchant)).int(int64(k.Agent)).text(k.Scope).text(k.ID)
}

func writeRequest(r *rows, q *tongka.Request) {
	writeRequestKey(r, q.Key).bytes(q.Fingerprint[:]).int(int64(q.Entry)).bytes(q.Answer).int(q.Proof)
}

func readRequest(r record) (tongka.Request, error) {
	q := tongka.Request{Key: tongka.RequestKey{
		Merchant: tongka.MerchantID(r.int()), Agent: tongka.AgentID(r.int()), Scope: r.text(), ID: r.text(),
	}}
	var err error
	q.Fingerprint, err = readHash(r)
	q.Entry, q.Answer, q.Proof = tongka.EntryID(r.int()), r.bytes(), r.int()
	if err != nil {
		return q, fmt.Errorf("request of agent %d of merchant %d: %w", q.Key.Agent, q.Key.Merchant, err)
	}
	return q, nil
}
