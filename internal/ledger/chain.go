package ledger

import (
	"crypto/sha256"
	"encoding/binary"
)

// chainVersion is the first byte of what is hashed. It has to change when the layout does.
const chainVersion = 1

// Chain returns the entry's link in its card's chain: SHA-256 over the version byte, the hash of the entry before it
// on the card (32 zero bytes for the first), and the entry's facts in a fixed layout: integers as 8 bytes big-endian,
// texts and lists preceded by their length. Facts that few entries have come last, each preceded by a mark of its
// own. The tally is left out because it follows from the entries (invariant 23).
func (e *Entry) Chain(before [32]byte) [32]byte {
	var room [512]byte
	b := append(room[:0], chainVersion)
	b = append(b, before[:]...)
	for _, n := range [...]int64{
		int64(e.Merchant), int64(e.ID), int64(e.Card), e.Seq, int64(e.Kind), e.At.UnixMilli(),
		int64(e.By.Agent), int64(e.By.Shop), e.Writer,
		int64(e.Principal), int64(e.Bonus), e.Points, e.PointsOwed,
		int64(e.PrincipalAfter), int64(e.BonusAfter), e.PointsAfter, e.OwedAfter,
		int64(e.Gross), int64(e.Discountable), int64(e.Net), int64(e.PayRate), int64(e.SpendOrder),
		int64(e.PayType), int64(e.RefersTo), int64(e.Level), int64(e.Status), int64(e.CardExpires),
	} {
		b = appendInt(b, n)
	}
	b = appendText(b, e.By.Operator, e.OtherCard, e.Note, e.Number)
	b = appendInt(b, int64(len(e.Allocations)))
	for _, p := range e.Allocations {
		b = appendInt(b, int64(p.Lot), int64(p.GoodUntil), int64(p.Principal), int64(p.Bonus))
	}
	b = appendInt(b, int64(len(e.PointAllocations)))
	for _, p := range e.PointAllocations {
		b = appendInt(b, int64(p.GoodUntil), p.Points)
	}
	b = appendInt(b, int64(len(e.Rules)))
	for _, r := range e.Rules {
		b = appendInt(appendText(b, r.Name), int64(r.Money), r.Points)
	}
	return sha256.Sum256(e.appendRare(b))
}

// The marks of facts that few entries have. No mark may be used twice, or two different entries could hash alike.
const (
	holderMark   = 1
	kindMark     = 2
	detailsMark  = 3
	couponsMark  = 4
	offerMark    = 5
	pointsMark   = 6
	claimedMark  = 7
	invoiceMark  = 8
	accountMark  = 9
	versionMark  = 10
	forfeitMark  = 11
	broughtMark  = 12
	askedMark    = 27
	rateMark     = 28
	backMark     = 15
	settingsMark = 16
	personMark   = 17
	proposerMark = 18
	addressMark  = 19
	dayMark      = 20
	heldMark     = 21
	releasedMark = 22
)

func (e *Entry) appendRare(b []byte) []byte {
	if h := e.Holder; h != nil {
		b = appendInt(appendText(append(b, holderMark), h.Name, h.Phone), int64(h.Gender), int64(h.Birthday))
	}
	b = appendMarked(b, kindMark, int64(e.CardKind))
	if t := e.Details; t != nil {
		p := &t.Physical
		b = appendText(append(b, detailsMark), t.ExtID, t.Remarks, t.Subject, t.Referrer, t.OpenID, t.IDNumber, t.Password,
			p.No, p.Type, p.Name)
		b = appendInt(b, int64(p.Balance), p.Points, int64(t.Credit), t.Pass)
	}
	if len(e.Coupons) > 0 {
		b = appendInt(append(b, couponsMark), int64(len(e.Coupons)))
		for _, p := range e.Coupons {
			b = appendText(appendInt(b, int64(p.Coupon), int64(p.State), int64(p.Pays), int64(p.Until)), p.Number)
		}
	}
	if o := e.Offer; o != nil {
		b = appendOffer(append(b, offerMark), o)
	}
	if p := e.ByPoints; p != (PointPay{}) {
		b = appendInt(append(b, pointsMark), p.Points, int64(p.Worth), p.Ratio)
	}
	if at := e.By.Claimed; !at.IsZero() {
		b = appendInt(append(b, claimedMark), at.UnixMilli())
	}
	b = appendMarked(b, invoiceMark, int64(e.Invoice))
	b = appendMarked(b, accountMark, e.ChargedTo)
	b = appendMarked(b, versionMark, int64(e.Version))
	if len(e.Forfeits) > 0 {
		b = appendInt(append(b, forfeitMark), int64(len(e.Forfeits)))
		for _, f := range e.Forfeits {
			b = appendInt(b, int64(f.Lot), int64(f.GoodUntil), int64(f.Bonus))
		}
	}
	b = appendMarked(b, broughtMark, int64(e.Invoiceable))
	b = appendMarked(b, askedMark, e.Asked)
	b = appendMarked(b, rateMark, int64(e.EarnRate))
	b = appendMarked(b, backMark, int64(e.Back))
	if e.Settings != "" {
		b = appendText(append(b, settingsMark), e.Settings)
	}
	b = appendMarked(b, personMark, int64(e.By.Person))
	b = appendMarked(b, proposerMark, int64(e.By.Proposer))
	if e.By.Address != "" {
		b = appendText(append(b, addressMark), e.By.Address)
	}
	b = appendMarked(b, dayMark, int64(e.ExpiredAt))
	if at := e.HeldUntil; !at.IsZero() {
		b = appendInt(append(b, heldMark), at.UnixMilli())
	}
	return appendMarked(b, releasedMark, int64(e.Released))
}

// appendMarked appends a number preceded by its mark, or nothing if the number is 0.
func appendMarked(b []byte, mark byte, n int64) []byte {
	if n == 0 {
		return b
	}
	return appendInt(append(b, mark), n)
}

func appendOffer(b []byte, o *CouponOffer) []byte {
	var alone int64
	if o.Alone {
		alone = 1
	}
	b = appendInt(b, int64(o.Kind), int64(o.Type), int64(o.Face), int64(o.Off), int64(o.MaxOff), int64(o.Least),
		int64(o.MaxUse), alone, int64(o.Grace), int64(o.From), int64(o.Until), int64(len(o.Shops)))
	for _, shop := range o.Shops {
		b = appendInt(b, int64(shop))
	}
	return appendText(b, o.Name, o.Subject)
}

func appendInt(b []byte, ns ...int64) []byte {
	for _, n := range ns {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	return b
}

func appendText(b []byte, texts ...string) []byte {
	for _, s := range texts {
		b = append(appendInt(b, int64(len(s))), s...)
	}
	return b
}
