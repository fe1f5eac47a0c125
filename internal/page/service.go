package page

import (
	"errors"
	"net/http"
	"strconv"

	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// The fields of the form that changes the card's password.
const (
	newField   = "new"
	againField = "again"
)

// What a holder can do by himself, and what he is told about it.
var (
	wService  = text{"卡服务", "Services"}
	wLost     = text{"挂失", "Report the card lost"}
	wLostHelp = text{
		"挂失后，这张卡马上不能付款和充值，余额、积分和优惠券都保留。解除挂失须到门店办理。",
		"From then on the card can neither pay nor be topped up. What is on it stays. Only a shop can undo it.",
	}
	wLostSure   = text{"确认挂失", "Report it lost"}
	wSet        = text{"修改卡密码", "Change the card's password"}
	wSetNone    = text{"这张卡没有密码。需要密码时，请到门店设置。", "The card has no password. A shop can give it one."}
	wSetDone    = text{"卡密码已修改", "The password was changed"}
	wOld        = text{"现在的卡密码", "The password of now"}
	wNew        = text{"新密码", "New password"}
	wAgain      = text{"再输一次", "Once more"}
	wNewHelp    = text{"4 到 32 位字母、数字或符号", "4 to 32 letters, digits or signs"}
	wNotSame    = text{"两次输入的密码不一样", "The two passwords are not the same"}
	wNoPassword = text{"卡密码须为 4 到 32 位字母、数字或符号", "Want 4 to 32 letters, digits or signs"}
	wWeak       = text{"这个密码太容易猜到，请换一个", "This password is guessed first: choose another"}
	wNewPhone   = text{"换手机", "A new phone"}
	wMoveHelp   = text{
		"在新手机上打开下面的地址，输入商户号、卡号和卡密码；或在门店请店员出示绑定二维码。绑定新手机后，本手机随即失效。",
		"Open this address on the new phone and type the merchant's number, the card's number and its " +
			"password; or ask in a shop for a QR code. This phone is signed out then.",
	}
	wMoveByCode = text{
		"在新手机上打开下面的地址，输入商户号和卡号，再输入发到登记手机号的验证码；或在门店请店员出示绑定二维码。绑定新手机后，本手机随即失效。",
		"Open this address on the new phone, type the merchant's number and the card's number, and then the code that is " +
			"sent to your phone number; or ask in a shop for a QR code. This phone is signed out then.",
	}
)

// serviceView is what a holder can do by himself.
type serviceView struct {
	view
	merchant, number, address string
	move                      text // how a new phone gets the card
	mayLose, mayMove          bool
	saved                     bool
}

// atHome returns the card that the phone shows. If there is none, the request is answered and it returns nil.
func (p *Page) atHome(w http.ResponseWriter, r *http.Request) (*visit, error) {
	v, err := p.session(r)
	if v == nil && err == nil {
		err = p.notBound(w, r)
	}
	return v, err
}

func (p *Page) showService(w http.ResponseWriter, r *http.Request) error {
	v, err := p.atHome(w, r)
	if v == nil {
		return err
	}
	s := serviceView{
		view: p.viewOf(r, v.merchant), merchant: strconv.FormatInt(int64(v.merchant.ID), 10), number: v.card.Number,
		address: p.cfg.URL + Base + "in", move: wMoveHelp, mayLose: v.card.Status == ledger.Active,
		mayMove: v.card.Details.Password != "", saved: r.URL.Query().Has("saved"),
	}
	if !s.mayMove && p.cfg.Outbox != nil && v.card.Holder.Phone != "" {
		s.mayMove, s.move, s.address = true, wMoveByCode, s.address+"/code"
	}
	return p.show(w, r, servicePage(s))
}

// askView is a form that asks for the card's password before something is done.
type askView struct {
	view
	number      string // for what keeps passwords in browsers
	hasPassword bool
	fault       string
}

func (p *Page) askView(r *http.Request, v *visit) askView {
	return askView{view: p.viewOf(r, v.merchant), number: v.card.Number, hasPassword: v.card.Details.Password != ""}
}

func (p *Page) showLost(w http.ResponseWriter, r *http.Request) error {
	v, err := p.atHome(w, r)
	if v == nil {
		return err
	}
	return p.show(w, r, lostPage(p.askView(r, v)))
}

// reportLost blocks the card.
func (p *Page) reportLost(w http.ResponseWriter, r *http.Request) error {
	v, err := p.atHome(w, r)
	if v == nil {
		return err
	}
	lost := command.ReportLost{Merchant: v.card.Merchant, By: byPhone, Card: v.card.Number}
	_, err = p.carryOut(r, p.byHolder(r, v, lost))
	refusal, refused := errors.AsType[ledger.Refusal](err)
	switch {
	case refused && refusal.Reason == ledger.CardIsLost, err == nil: // the answer to the first try may have got lost
		return p.home(w, r)
	case refused:
		form := p.askView(r, v)
		if form.fault, err = p.denied(r, &v.card, command.BoundPhone, refusal); err != nil {
			return err
		}
		return httpd.SendPage(w, r, http.StatusUnprocessableEntity, lostPage(form))
	}
	return err
}

// byHolder returns a command that the holder proves at the phone which is bound to the card.
func (p *Page) byHolder(r *http.Request, v *visit, cmd command.Command) command.ByHolder {
	return command.ByHolder{
		Merchant: v.card.Merchant, By: byPhone, Phone: command.BoundPhone, From: from(r), Card: v.card.Number, ID: v.card.ID,
		Pass: v.claim.pass, Password: p.typed(v.card.Merchant, r.PostFormValue(passwordField)), Command: cmd,
	}
}

// denied says why something was not done with a card at a phone of its holder, and after wrong passwords how long to
// wait.
func (p *Page) denied(
	r *http.Request, card *ledger.Card, phone command.Phone, refusal ledger.Refusal,
) (string, error) {
	if refusal.Reason != ledger.TooManyTries {
		return p.refused(r, refusal), nil
	}
	records, err := p.cfg.Reader.Load(r.Context(), command.Want{Merchant: card.Merchant, Keys: command.Keys{
		Guards: []ledger.GuardKey{command.LockOnPhone(card, phone)},
	}})
	if err != nil {
		return "", err
	}
	wait := command.LockedUntil(records[0].Guards).Sub(p.cfg.Clock())
	if wait <= 0 { // it has just ended
		return p.refused(r, refusal), nil
	}
	httpd.NoteOf(r.Context()).Outcome = outRefused
	return p.lang(r).said(phrase.TriesOver(wait)), nil
}

// refused says why something was not done.
func (p *Page) refused(r *http.Request, refusal ledger.Refusal) string {
	httpd.NoteOf(r.Context()).Outcome = outRefused
	return p.lang(r).said(phrase.Refusal(ledger.Refusal{Reason: refusal.Reason}))
}

func (p *Page) showPassword(w http.ResponseWriter, r *http.Request) error {
	v, err := p.atHome(w, r)
	if v == nil {
		return err
	}
	return p.show(w, r, passwordPage(p.askView(r, v)))
}

// setPassword changes the card's password. A card that has none gets its first one in a shop, where somebody looks at
// who asks.
func (p *Page) setPassword(w http.ResponseWriter, r *http.Request) error {
	v, err := p.atHome(w, r)
	if v == nil {
		return err
	}
	form := p.askView(r, v)
	if !form.hasPassword {
		return p.show(w, r, passwordPage(form))
	}
	typed := r.PostFormValue(newField)
	if fault := v.unfit(typed, r.PostFormValue(againField)); fault != (text{}) {
		form.fault = form.lang.of(fault)
		return httpd.SendPage(w, r, http.StatusUnprocessableEntity, passwordPage(form))
	}
	kept := p.cfg.HashPassword(strconv.FormatInt(int64(v.merchant.ID), 10), typed)
	_, err = p.carryOut(r, p.byHolder(r, v, command.ModifyDetails{
		Merchant: v.card.Merchant, By: byPhone, Card: v.card.Number, Password: &kept,
	}))
	if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
		if form.fault, err = p.denied(r, &v.card, command.BoundPhone, refusal); err != nil {
			return err
		}
		return httpd.SendPage(w, r, http.StatusUnprocessableEntity, passwordPage(form))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, Base+"service?saved", http.StatusSeeOther)
	return nil
}

// unfit says why a password cannot be the card's new one; nothing if it can.
func (v *visit) unfit(typed, again string) text {
	h := &v.card.Holder
	switch {
	case !codes.Typeable(typed):
		return wNoPassword
	case typed != again:
		return wNotSame
	case !v.merchant.Settings.WeakPasswords && codes.WeakFor(typed, v.card.Number, h.Phone, h.Birthday.String()):
		return wWeak
	}
	return text{}
}
