package page

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

// Outbox makes the messages with codes for holders.
type Outbox struct {
	// NewCode draws a code of six digits, NewID the number of a message.
	NewCode func() (string, error)
	NewID   func() ledger.MessageID
	// Seal encrypts the text of a message, so that whoever reads the database does not learn it.
	Seal func(merchant ledger.MerchantID, id ledger.MessageID, text string) []byte
}

// codeField is the field of the form that asks for a code.
const codeField = "code"

// What the way back in by a code says.
var (
	wByCode        = text{"用短信验证码绑定", "Get in by a code to your phone"}
	wNoPasswordToo = text{"没有卡密码？用短信验证码绑定", "No password? Get in by a code to your phone"}
	wByCodeHelp    = text{
		"验证码发送到办卡时登记的手机号，不需要卡密码。",
		"The code goes to the phone number that the shop has of you. You need no password.",
	}
	wNumberOrPhone = text{"卡号或手机号", "Card number or phone number"}
	wSendMe        = text{"获取验证码", "Send me a code"}
	wAsked         = text{"输入验证码", "Type the code"}
	wAskedHelp     = text{
		"如果卡号或手机号正确，验证码已发送到登记的手机，5 分钟内有效。没有收到时，请核对号码，或到门店绑定。",
		"If the number is right, a code is on its way to the phone that the shop has of you. It is good for 5 minutes. " +
			"If none comes, look at the number again, or have a shop bind this phone.",
	}
	wTheCode = text{"6 位验证码", "The code of six digits"}
	wAnother = text{"重新发送", "Send another"}
	wNoCode  = text{
		"验证码不对、已过期，或者尝试次数过多。请核对，或稍后重新获取。",
		"The code is wrong or over, or was tried too often. Look again, or ask for another in a while.",
	}
	wCodeMessage = text{
		"%s：验证码 %s，用于在新手机上打开您的会员卡，%d 分钟内有效。请勿告诉任何人，店员也不会向您索要。",
		"%s: %s opens your member card on a new phone, for %d minutes. Tell it to nobody; no clerk will ask for it.",
	}
)

// askedFor is the card that somebody has named by its number or a phone number.
type askedFor struct {
	merchant *ledger.Merchant // nil = there is none of that number
	number   string           // of the card, or what could be one
	claim    claim
	phone    command.Phone
}

// showByCode shows the form by which a code is asked for.
func (p *Page) showByCode(w http.ResponseWriter, r *http.Request) error {
	if p.cfg.Outbox == nil {
		return p.nowhere(w, r)
	}
	v := p.inView(r)
	v.merchant = r.URL.Query().Get(merchantField)
	return p.show(w, r, askCodePage(v))
}

// askCode sends a code to the phone number of the card, if there are such, and asks for it either way.
func (p *Page) askCode(w http.ResponseWriter, r *http.Request) error {
	if p.cfg.Outbox == nil {
		return p.nowhere(w, r)
	}
	v, asked, err := p.askedFor(r)
	if err != nil {
		return err
	}
	if own, err := p.own(r, asked.claim); own != nil || err != nil {
		return p.open(w, r, own, err)
	}
	if asked.number == "" {
		return p.show(w, r, typeCodePage(v))
	}
	cmd, err := p.holderCode(r, v, asked)
	if err != nil {
		return err
	}
	_, err = p.carryOut(r, cmd)
	if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
		v.fault = p.refused(r, refusal)
		return httpd.SendPage(w, r, http.StatusUnprocessableEntity, askCodePage(v))
	}
	if err != nil {
		return err
	}
	return p.show(w, r, typeCodePage(v))
}

// holderCode returns the command that sends a code.
func (p *Page) holderCode(r *http.Request, v inView, asked askedFor) (command.SendHolderCode, error) {
	code, err := p.cfg.Outbox.NewCode()
	if err != nil {
		return command.SendHolderCode{}, fmt.Errorf("draw code: %w", err)
	}
	m, id, asker := asked.merchant, p.cfg.Outbox.NewID(), askerOf(v.try)
	said := fmt.Sprintf(v.lang.of(wCodeMessage), m.Name, code, int(command.CodeLife.Minutes()))
	return command.SendHolderCode{
		Merchant: m.ID, By: byPhone, Phone: asked.phone, From: from(r), Card: asked.number, ID: asked.claim.card,
		Asker: asker, Hash: p.bindCode(m.ID, asker, code),
		Message: ledger.Message{ID: id, Sealed: p.cfg.Outbox.Seal(m.ID, id, said)},
	}, nil
}

// comeInByCode binds the phone to the card whose code was typed.
func (p *Page) comeInByCode(w http.ResponseWriter, r *http.Request) error {
	if p.cfg.Outbox == nil {
		return p.nowhere(w, r)
	}
	v, asked, err := p.askedFor(r)
	if err != nil {
		return err
	}
	if asked.number == "" {
		return p.noCode(w, r, v, v.lang.of(wNoCode))
	}
	c, asker := asked.claim, askerOf(v.try)
	code := strings.Join(strings.Fields(r.PostFormValue(codeField)), "")
	given, err := p.carryOut(r, once(command.ByHolder{
		Merchant: c.merchant, By: byPhone, Phone: asked.phone, From: from(r), Card: asked.number, ID: c.card, Pass: c.pass,
		Code: p.bindCode(c.merchant, asker, code), Asker: asker,
		Command: command.BindPhone{Merchant: c.merchant, By: byPhone, ID: c.card, Card: asked.number, Pass: c.pass},
	}, "page/code", strings.Join([]string{v.merchant, v.number, code, v.try}, "\n")))
	if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
		switch refusal.Reason {
		case ledger.CodeWrong, ledger.TooManyMisses:
			return p.noCode(w, r, v, v.lang.of(wNoCode))
		}
		return p.noCode(w, r, v, p.refused(r, refusal))
	}
	if err != nil {
		return err
	}
	return p.begun(w, r, c, given)
}

func (p *Page) noCode(w http.ResponseWriter, r *http.Request, v inView, why string) error {
	httpd.NoteOf(r.Context()).Outcome = outRefused
	v.fault = why
	return httpd.SendPage(w, r, http.StatusUnprocessableEntity, typeCodePage(v))
}

// askedFor returns what a form names, and the form. Both ways to name a card are looked up whatever the other finds, so
// that how long it takes says nothing.
func (p *Page) askedFor(r *http.Request) (v inView, asked askedFor, err error) {
	v = p.inView(r)
	v.here = Base + "in/code"
	v.merchant, v.number = r.PostFormValue(merchantField), strings.TrimSpace(r.PostFormValue(numberField))
	if v.try = r.PostFormValue(tryField); v.try == "" {
		v.try = rand.Text()
	}
	phone, number := ledger.NormalPhone(v.number), v.number
	if !ledger.ValidNumber(number) {
		number = phone
	}
	m := p.merchantTyped(v.merchant)
	if m == nil || !ledger.ValidNumber(number) { // no database is asked for what no card can have
		return v, asked, nil
	}
	asked = askedFor{merchant: m, number: number, claim: claim{merchant: m.ID}, phone: command.OtherPhone}
	card, _, err := p.cfg.Reader.Wallet(r.Context(), ledger.CardKey{Merchant: m.ID, Number: number})
	if err != nil {
		return v, asked, err
	}
	found, err := p.cfg.Reader.Find(r.Context(), ledger.FindQuery{Merchant: m.ID, Phone: phone})
	if err != nil {
		return v, asked, err
	}
	today := m.Today(p.cfg.Clock())
	i := slices.IndexFunc(found, func(c ledger.Card) bool { return c.Bindable(today) })
	if card == nil && i >= 0 { // of several that is the one used last
		card = &found[i]
	}
	if card != nil {
		asked.number, asked.claim.card, asked.claim.pass = card.Number, card.ID, card.Details.Pass
		asked.phone = p.sort(r, card)
	}
	return v, asked, nil
}

// sort says what the phone that asks, and is not bound to the card, has to do with it.
func (p *Page) sort(r *http.Request, card *ledger.Card) command.Phone {
	had := func(held claim) bool { return held.merchant == card.Merchant && held.card == card.ID }
	if slices.ContainsFunc(p.held(r), had) {
		return command.FormerPhone
	}
	return command.OtherPhone
}

// askerOf returns the hash of what only the browser knows that was shown the form.
func askerOf(try string) string {
	sum := sha256.Sum256([]byte("page asker\x00" + try))
	return hex.EncodeToString(sum[:16])
}

// bindCode returns what hashes a code together with the card and the browser that it is for. Codes are short, so
// whoever has the database and not the key must not be able to try them all.
func (p *Page) bindCode(merchant ledger.MerchantID, asker, code string) func(ledger.CardID) [32]byte {
	return func(card ledger.CardID) [32]byte {
		h := hmac.New(sha256.New, p.codes[:])
		fmt.Fprintf(h, "%d/%d/%s/%s", merchant, card, asker, code)
		return [32]byte(h.Sum(nil))
	}
}
