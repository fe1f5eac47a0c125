package page

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

// The fields of the forms that ask for a card or its password.
const (
	merchantField = "m"
	numberField   = "number"
	passwordField = "password"
)

// What the way back in says.
var (
	wComeIn     = text{"用卡号和密码绑定", "Get in by card number and password"}
	wComeInHelp = text{
		"换了手机或重新安装后，可以用卡密码把会员卡绑定到本手机。",
		"With a new phone, bind your card to it by the card's password.",
	}
	wMerchantNo  = text{"商户号", "Merchant's number"}
	wMerchantTip = text{
		"商户号和卡号写在「卡服务」页面，也可以向门店询问",
		"Both numbers stand on the page Services; a shop knows them too",
	}
	wCardNumber = text{"卡号", "Card number"}
	wPassword   = text{"卡密码", "The card's password"}
	wNoComeIn   = text{
		"卡号或密码不对，或者尝试次数过多。请核对后稍后再试，或到门店重新绑定。",
		"The number or the password is wrong, or it was tried too often. Look again and wait a while, or have a shop bind " +
			"this phone.",
	}
)

// inView is the form by which a phone gets a card without a shop.
type inView struct {
	view
	merchant, number, try string
	asksMerchant          bool // there are several
	sends                 bool // a code can be sent in place of the password
	fault                 string
}

// byCode returns the address of the way by a code.
func (v inView) byCode() templ.SafeURL {
	if v.merchant == "" {
		return Base + "in/code"
	}
	return templ.SafeURL(Base + "in/code?" + merchantField + "=" + url.QueryEscape(v.merchant))
}

// showIn shows the form.
func (p *Page) showIn(w http.ResponseWriter, r *http.Request) error {
	v := p.inView(r)
	v.merchant = r.URL.Query().Get(merchantField)
	return p.show(w, r, inPage(v))
}

func (p *Page) inView(r *http.Request) inView {
	v := inView{
		view: p.viewOf(r, nil), try: rand.Text(), asksMerchant: len(p.cfg.Directory.Merchants()) != 1,
		sends: p.cfg.Outbox != nil,
	}
	if r.Method != http.MethodGet {
		v.here = Base + "in"
	}
	return v
}

// comeIn binds the phone to the card whose number and password were typed.
func (p *Page) comeIn(w http.ResponseWriter, r *http.Request) error {
	v := p.inView(r)
	v.merchant, v.number = r.PostFormValue(merchantField), strings.TrimSpace(r.PostFormValue(numberField))
	if try := r.PostFormValue(tryField); try != "" {
		v.try = try
	}
	m := p.merchantTyped(v.merchant)
	if m == nil || !ledger.ValidNumber(v.number) { // no database is asked for what no card can have
		return p.noComeIn(w, r, &v, v.lang.of(wNoComeIn))
	}
	card, _, err := p.cfg.Reader.Wallet(r.Context(), ledger.CardKey{Merchant: m.ID, Number: v.number})
	if err != nil {
		return err
	}
	c, phone, kept := claim{merchant: m.ID}, command.OtherPhone, ""
	if card != nil {
		c.card, c.pass, kept = card.ID, card.Details.Pass, card.Details.Password
		if own, err := p.own(r, c); own != nil || err != nil {
			return p.open(w, r, own, err)
		}
		phone = p.sort(r, card)
	}
	// The same form again is answered as before only while the password is the same: it is not looked at then.
	password := r.PostFormValue(passwordField)
	given, err := p.carryOut(r, once(command.ByHolder{
		Merchant: m.ID, By: byPhone, Phone: phone, From: from(r), Card: v.number, ID: c.card, Pass: c.pass,
		Password: p.typed(m.ID, password),
		Command:  command.BindPhone{Merchant: m.ID, By: byPhone, ID: c.card, Card: v.number, Pass: c.pass},
	}, "page/in", strings.Join([]string{v.merchant, v.number, kept, password, v.try}, "\n")))
	if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
		said, err := p.whyNot(r, card, phone, refusal)
		if err != nil {
			return err
		}
		return p.noComeIn(w, r, &v, said)
	}
	if err != nil {
		return err
	}
	return p.begun(w, r, c, given)
}

// merchantTyped returns the merchant of that number; nil if there is none. Where there is only one, nobody types it.
func (p *Page) merchantTyped(number string) *ledger.Merchant {
	all := p.cfg.Directory.Merchants()
	if len(all) == 1 {
		return all[0]
	}
	id, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil {
		return nil
	}
	return p.cfg.Directory.Merchant(ledger.MerchantID(id))
}

// whyNot says why a card was not bound. A stranger is told the same whether the card, its password or the number of
// tries was wrong; whoever has proved to be the holder is told what is wrong with the card.
func (p *Page) whyNot(
	r *http.Request, card *ledger.Card, phone command.Phone, refusal ledger.Refusal,
) (string, error) {
	switch refusal.Reason {
	case ledger.PasswordWrong, ledger.PasswordNeeded, ledger.TooManyTries, ledger.PasswordLocked, ledger.TooManyMisses:
		if phone == command.OtherPhone {
			return p.lang(r).of(wNoComeIn), nil
		}
	}
	return p.denied(r, card, phone, refusal)
}

func (p *Page) noComeIn(w http.ResponseWriter, r *http.Request, v *inView, why string) error {
	httpd.NoteOf(r.Context()).Outcome = outRefused
	v.fault = why
	return httpd.SendPage(w, r, http.StatusUnprocessableEntity, inPage(*v))
}

// byPhone stands in entries that a holder made by himself.
var byPhone = ledger.Caller{Operator: "phone"}

// from returns the network under which wrong guesses are counted.
func from(r *http.Request) string { return httpd.NoteOf(r.Context()).Neighbourhood().String() }

// typed returns what compares a typed password with a stored one; nil if none was typed.
func (p *Page) typed(merchant ledger.MerchantID, password string) func(kept string) bool {
	if password == "" {
		return nil
	}
	return func(kept string) bool {
		return p.cfg.CheckPassword(strconv.FormatInt(int64(merchant), 10), password, kept)
	}
}
