package command

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// couponTypes are the words of scenarios for types of coupons.
var couponTypes = []string{"", "cash", "goods", "percent"}

// couponKind adds a kind of coupon, or changes the kind with that id.
func (p *play) couponKind(a *args) error {
	k := ledger.CouponKind{
		CouponTerms: ledger.CouponTerms{
			Kind: ledger.CouponKindID(a.int("id")), Name: a.text("name"), Face: a.fen("face"), Off: a.rate("off"),
			MaxOff: a.fen("max-off"),
			Least:  a.fen("least"), MaxUse: int(a.int("max-use")), Grace: int(a.int("grace")),
		},
		Start: a.date("start"), End: a.date("end"), Days: int(a.int("days")), Stock: a.int("stock"),
	}
	if a.has("alone") {
		k.Alone = a.yes("alone")
	}
	k.Type = ledger.CouponType(slices.Index(couponTypes, a.text("type")))
	for _, shop := range a.list("shops") {
		id, err := strconv.ParseInt(shop, 10, 64)
		if err != nil {
			return err
		}
		k.Shops = append(k.Shops, ledger.ShopID(id))
	}
	kinds := slices.DeleteFunc(slices.Clone(p.merchant.CouponKinds), func(old ledger.CouponKind) bool {
		return old.Kind == k.Kind
	})
	p.merchant.CouponKinds = append(kinds, k)
	if f := k.Faults(); len(f) > 0 {
		return fmt.Errorf("coupon kind %d: %v", k.Kind, f)
	}
	return a.err
}

func (a *args) list(name string) []string {
	return strings.FieldsFunc(a.text(name), func(r rune) bool { return r == ',' })
}

// numbers returns those the line names, or with qty= that many from 10000001 on.
func (a *args) numbers(p *play) []string {
	numbers := a.list("numbers")
	for range a.int("qty") {
		p.sent++
		numbers = append(numbers, strconv.FormatInt(10_000_000+p.sent, 10))
	}
	return numbers
}

// coupon returns the id of the coupon with that number, 999 if there is none.
func (p *play) coupon(number string) ledger.CouponID {
	for key, c := range p.memStore.coupons {
		if c.Number == number {
			return key.key
		}
	}
	return 999
}

func (a *args) coupons(p *play) []ledger.CouponID {
	var ids []ledger.CouponID
	for _, number := range a.list("coupons") {
		ids = append(ids, p.coupon(number))
	}
	return ids
}

func showPart(p ledger.CouponPart) string {
	s := fmt.Sprintf("#%d ", p.Coupon)
	if p.Number != "" {
		s = p.Number + " "
	}
	s += p.State.String()
	if p.Pays != 0 {
		s += " pays " + p.Pays.String()
	}
	if p.Until != 0 {
		s += " good to " + p.Until.String()
	}
	return s
}

func (p *play) showCoupons(number string) []string {
	card, ok := p.memStore.card(ledger.CardNamed(1, number), 0)
	if !ok {
		return []string{outcome + "there is no such card"}
	}
	var coupons []ledger.Coupon
	for _, c := range p.memStore.coupons {
		if c.Card == card.ID {
			coupons = append(coupons, c)
		}
	}
	slices.SortFunc(coupons, compareCoupons)
	out := []string{}
	for _, c := range coupons {
		line := fmt.Sprintf("%s%s %s %s, good %v to %v", outcome, c.Masked(), c.Name, c.State, c.From, c.Until)
		if c.UsedBy != 0 {
			line += fmt.Sprintf(", paid %v of #%d", c.Paid, c.UsedBy)
		}
		out = append(out, line)
	}
	if len(out) == 0 {
		out = append(out, outcome+"no coupons")
	}
	return out
}

// drawCouponKind draws terms of every sort. Amounts are small, so that bills reach the limits.
func drawCouponKind(t *rapid.T, id ledger.CouponKindID) ledger.CouponKind {
	k := ledger.CouponKind{
		CouponTerms: ledger.CouponTerms{
			Kind: id, Name: fmt.Sprintf("券%d", id),
			Type: rapid.SampledFrom([]ledger.CouponType{ledger.CashCoupon, ledger.GoodsCoupon, ledger.PercentCoupon}).Draw(t,
				"type"),
			Least:  ledger.Fen(rapid.SampledFrom([]int{0, 0, 300}).Draw(t, "least")),
			MaxUse: rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "most on a bill"),
			Alone:  rapid.IntRange(0, 3).Draw(t, "alone") == 0,
			Grace:  rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "grace"),
		},
		Days:  rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "days good"),
		Stock: rapid.SampledFrom([]int64{0, 0, 4}).Draw(t, "stock"),
	}
	switch k.Type {
	case ledger.CashCoupon:
		k.Face = ledger.Fen(rapid.IntRange(1, 900).Draw(t, "face"))
	case ledger.PercentCoupon:
		k.Off, k.MaxOff = ledger.Rate(rapid.IntRange(1, 10_000).Draw(t, "off")), ledger.Fen(rapid.SampledFrom([]int{
			0, 100,
		}).Draw(t, "most off"))
	}
	if rapid.IntRange(0, 5).Draw(t, "in one shop only") == 0 {
		k.Shops = []ledger.ShopID{7}
	}
	if f := k.Faults(); len(f) > 0 {
		t.Fatal(f)
	}
	return k
}

// coupon draws an existing coupon, usually an unused one, and its card. If there is none it returns an id that does
// not exist.
func (d *drawing) coupon(card string) (string, ledger.CouponID) {
	var there []ledger.Coupon
	all := rapid.IntRange(0, 3).Draw(d.t, "whatever became of it") == 0
	for _, c := range d.shadow.coupons {
		if c.Merchant == d.merchant && (all || c.State == ledger.Unused) {
			there = append(there, c)
		}
	}
	if len(there) == 0 {
		return card, 129
	}
	slices.SortFunc(there, compareCoupons)
	c := rapid.SampledFrom(there).Draw(d.t, "coupon")
	return d.shadow.cards[row[ledger.CardID]{d.merchant, c.Card}].Number, c.ID
}

func drawSend(d *drawing) Command {
	numbers := make([]string, rapid.IntRange(0, 4).Draw(d.t, "coupons"))
	for i := range numbers {
		numbers[i] = strconv.Itoa(10_000_000 + rapid.IntRange(0, 40).Draw(d.t, "number of a coupon"))
	}
	return SendCoupons{
		d.merchant, d.by, d.card(), ledger.CouponKindID(rapid.IntRange(1, 3).Draw(d.t, "kind of coupon")), numbers, "活动",
	}
}

func drawVoid(d *drawing) Command {
	card, id := d.coupon(d.card())
	return VoidCoupon{d.merchant, d.by, card, id, "作废"}
}

func compareCoupons(a, b ledger.Coupon) int { return cmp.Compare(a.ID, b.ID) }
