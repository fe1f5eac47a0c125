package page

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"tongka/internal/codes"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// maxCoupons limits the lines of coupons; like coupons share a line.
const maxCoupons = 50

// cardView is what the page shows of a card.
type cardView struct {
	view
	holder, number, level      string
	sign, amount               string // of the balance, as ¥ stands behind the minus of what is owed
	principal, bonus           string
	held                       string // what of the amount is held, and can be used; "" = nothing is
	points                     string
	expires                    string // "" = never
	nextEnd                    string // of a bonus or points; "" = none
	state                      string // why the card cannot be used; "" = it can
	coupons                    []couponView
	couponCount, couponsHidden int
	code                       *codeView // nil = the card has no code now
	gone                       []farewell
}

// codeView holds the first member code and what the phone makes further ones of.
type codeView struct {
	first string // its digits, in groups; "" = the codes of this step and the next are used
	alias int64
	key   string // standard base64; "" = the phone itself has kept one
	now   int64  // the server's clock, in milliseconds
	used  int64  // the step of the last code that was used
	seq   int64  // how many entries the card had
	until int64  // when the phone's session ends if it is not used again, in milliseconds
	// number is the card's, masked, to tell it from others where the page is shown without the server.
	number string
}

// showCard shows the card, and gives the phone its pass.
func (p *Page) showCard(w http.ResponseWriter, r *http.Request) error {
	v, err := p.session(r)
	if err != nil {
		return err
	}
	if v == nil {
		return p.notBound(w, r)
	}
	card, coupons, err := p.cfg.Reader.Wallet(r.Context(), v.key())
	if err != nil {
		return fmt.Errorf("wallet: %w", err)
	}
	if card == nil || card.ID != v.card.ID || card.Details.Pass != v.claim.pass { // changed since session
		return p.notBound(w, r)
	}
	v.card = card.Settled(v.now, v.today)
	view := v.shown(p.viewOf(r, v.merchant), coupons)
	view.more = len(p.held(r)) > 1
	if view.gone, err = p.gone(r); err != nil {
		return err
	}
	if view.forget = !v.usable(); !view.forget {
		pass, code, used, err := p.code(r.Context(), v)
		if err != nil {
			return err
		}
		view.code = &codeView{
			first: grouped(code), alias: pass.Alias, key: base64.StdEncoding.EncodeToString(pass.Key[:]), now: v.now.UnixMilli(),
			used: used, seq: v.card.Seq, until: v.now.Add(sessionFor - renewAfter).UnixMilli(),
			number: phrase.Masked(v.card.Number),
		}
	}
	if v.now.Sub(v.claim.at) > renewAfter {
		p.begin(w, r, v.claim)
	}
	return p.show(w, r, cardPage(view))
}

// shown returns what the page shows of the card and its coupons.
func (v *visit) shown(page view, coupons []ledger.Coupon) cardView {
	c := &v.card
	shown := cardView{
		view: page, holder: c.Holder.Name, number: c.Number, level: v.merchant.LevelOf(c).Name,
		principal: phrase.Yuan(c.Principal), bonus: phrase.Yuan(c.Bonus),
		points: phrase.Count(c.Points), state: page.lang.of(v.state()),
	}
	minus, amount, _ := strings.Cut(phrase.Money(c.Amount()), "¥")
	shown.sign, shown.amount = minus+"¥", amount
	if held := c.Held(); held > 0 {
		shown.held = page.lang.of(heldOf(held, c.Details.Credit, c.Available()))
	}
	if shown.level == "" {
		shown.level = page.lang.of(wMember)
	}
	if c.Expires != 0 {
		shown.expires = c.Expires.String()
	}
	if next := c.NextExpiry(); next != 0 {
		shown.nextEnd = next.String()
	}
	shown.coupons, shown.couponCount = v.coupons(coupons)
	if hidden := len(shown.coupons) - maxCoupons; hidden > 0 {
		shown.coupons, shown.couponsHidden = shown.coupons[:maxCoupons], hidden
	}
	return shown
}

// goodTo says until when something is good; "" = without an end.
func (v view) goodTo(last string) string {
	if last == "" {
		return v.lang.of(wForever)
	}
	return v.lang.of(wGoodTo) + " " + last
}

// goodFrom says from when to when something is good.
func (v view) goodFrom(first, last string) string {
	if first == "" {
		return v.goodTo(last)
	}
	return v.lang.of(wFrom) + " " + first + " · " + v.goodTo(last)
}

// state returns why the card cannot be used, for people; nothing if it can.
func (v *visit) state() text {
	switch {
	case v.card.Status != ledger.Active:
		return text(phrase.StatusOf(&v.card))
	case v.card.Expired(v.today):
		return wExpired
	case !v.merchant.Licensed(v.now):
		return wClosedNow
	}
	return text{}
}

func (p *Page) pass(v *visit) (codes.Pass, error) {
	return p.cfg.Keys.Pass(codes.Member{Merchant: int64(v.card.Merchant), Card: int64(v.card.ID)}, v.card.Details.Pass)
}

// code returns the member code to show: that of this step or, if it is used, the next one, which tills accept
// already; "" if that is used as well. used is the step of the last code that was used.
func (p *Page) code(ctx context.Context, v *visit) (pass codes.Pass, code string, used int64, err error) {
	if pass, err = p.pass(v); err != nil {
		return pass, "", 0, err
	}
	if used, err = p.cfg.Reader.UsedStep(ctx, v.card.Merchant, v.card.ID); err != nil {
		return pass, "", 0, err
	}
	at := v.now
	if used >= codes.StepOf(at) {
		at = at.Add(codes.Step)
	}
	if used < codes.StepOf(at) {
		code = pass.Make(at)
	}
	return pass, code, used, nil
}

// couponView is one line of coupons, for all that read the same.
type couponView struct {
	name  string
	worth phrase.Text
	terms phrase.Text // nothing if there are none
	info  string      // what the merchant says about the kind
	from  string      // the first valid day, if it is in the future
	until string      // "" = no end
	n     int
}

// coupons returns the lines of the coupons that can be used now or later, and the number of coupons.
func (v *visit) coupons(all []ledger.Coupon) (lines []couponView, n int) {
	place := map[couponView]int{}
	for i := range all {
		c := &all[i]
		if c.Over(v.today) {
			continue
		}
		n++
		line := couponView{
			name: c.Name, worth: phrase.CouponWorth(&c.CouponTerms), info: v.info(c.Kind), until: c.Until.String(),
			terms: phrase.CouponConditions(&c.CouponTerms, v.merchant.ShopNames(c.Shops)),
		}
		if c.From > v.today {
			line.from = c.From.String()
		}
		if c.Until == ledger.Forever {
			line.until = ""
		}
		at, known := place[line]
		if !known {
			at = len(lines)
			place[line] = at
			lines = append(lines, line)
		}
		lines[at].n++
	}
	return lines, n
}

// info returns what the merchant says about a kind of coupon.
func (v *visit) info(kind ledger.CouponKindID) string {
	for i := range v.merchant.CouponKinds {
		if k := &v.merchant.CouponKinds[i]; k.Kind == kind {
			return k.Info
		}
	}
	return ""
}

// when formats a time in the merchant's zone.
func (v *visit) when(t time.Time) string { return t.In(v.merchant.Zone).Format("2006-01-02 15:04") }
