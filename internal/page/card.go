package page

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"tongka/internal/codes"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// maxCoupons limits the lines of coupons; like coupons share a line.
const maxCoupons = 50

// cardView is what the page shows of a card.
type cardView struct {
	head
	Holder, Number, Level      string
	Amount, Principal, Bonus   string
	Points                     string
	Expires                    string // "" = never
	NextExpiry                 string // of a bonus or points; "" = none
	State                      *words // why the card cannot be used; nil = it can
	Coupons                    []couponView
	CouponCount, CouponsHidden int
	Code                       *codeView // nil = the card has no code now
}

// codeView holds the first member code and what the phone makes further ones of.
type codeView struct {
	First string // its digits, in groups; "" = the codes of this step and the next are used
	Alias int64
	Key   string // standard base64
	Now   int64  // the server's clock, in milliseconds
	Used  int64  // the step of the last code that was used
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
	v.card = card.Settled(v.today)
	view := v.view(coupons)
	view.More = len(p.held(r)) > 1
	if v.usable() {
		pass, code, used, err := p.code(r.Context(), v)
		if err != nil {
			return err
		}
		view.Code = &codeView{
			First: grouped(code), Alias: pass.Alias, Key: base64.StdEncoding.EncodeToString(pass.Key[:]), Now: v.now.UnixMilli(),
			Used: used,
		}
	}
	if v.now.Sub(v.claim.at) > renewAfter {
		p.begin(w, r, v.claim)
	}
	return p.show(w, "card", view)
}

func (v *visit) view(coupons []ledger.Coupon) cardView {
	c := &v.card
	view := cardView{
		head: headOf(v.merchant), Holder: c.Holder.Name, Number: c.Number, Level: v.merchant.LevelOf(c).Name,
		Amount: phrase.Yuan(c.Amount()), Principal: phrase.Yuan(c.Principal), Bonus: phrase.Yuan(c.Bonus), Points: phrase.Count(c.Points),
		State: v.state(),
	}
	if c.Expires != 0 {
		view.Expires = c.Expires.String()
	}
	if next := c.NextExpiry(); next != 0 {
		view.NextExpiry = next.String()
	}
	view.Coupons, view.CouponCount = v.coupons(coupons)
	if hidden := len(view.Coupons) - maxCoupons; hidden > 0 {
		view.Coupons, view.CouponsHidden = view.Coupons[:maxCoupons], hidden
	}
	return view
}

// state returns why the card cannot be used, for people; nil if it can.
func (v *visit) state() *words {
	switch {
	case v.card.Status != ledger.Active:
		said := words(phrase.Statuses[v.card.Status])
		return &said
	case v.card.Expired(v.today):
		return &words{"已过期", "Expired"}
	case !v.merchant.Licensed(v.now):
		return &words{"商户暂停服务", "The merchant takes no cards now"}
	}
	return nil
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

// sendCode returns the step of the last used code to every phone, and a member code for browsers that cannot make
// one. The page asks for it while somebody looks at it.
func (p *Page) sendCode(w http.ResponseWriter, r *http.Request) error {
	v, err := p.session(r)
	if err != nil {
		return err
	}
	if v == nil || !v.usable() {
		httpd.NoteOf(r.Context()).Outcome = outNobody
		httpd.SendJSON(w, http.StatusForbidden, []byte(`{"code":""}`))
		return nil
	}
	_, code, used, err := p.code(r.Context(), v)
	if err != nil {
		return err
	}
	httpd.SendJSON(w, http.StatusOK, fmt.Appendf(nil, `{"code":%q,"used":%d}`, code, used))
	return nil
}

// couponView is one line of coupons, for all that read the same.
type couponView struct {
	Name  string
	Worth words
	Terms words  // "" = there are none
	From  string // the first valid day, if it is in the future
	Until string // "" = no end
	N     int
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
			Name: c.Name, Worth: worth(&c.CouponTerms), Terms: v.terms(&c.CouponTerms), Until: c.Until.String(),
		}
		if c.From > v.today {
			line.From = c.From.String()
		}
		if c.Until == ledger.Forever {
			line.Until = ""
		}
		at, known := place[line]
		if !known {
			at = len(lines)
			place[line] = at
			lines = append(lines, line)
		}
		lines[at].N++
	}
	return lines, n
}

// when formats a time in the merchant's zone.
func (v *visit) when(t time.Time) string { return t.In(v.merchant.Zone).Format("2006-01-02 15:04") }
