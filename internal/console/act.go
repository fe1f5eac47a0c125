package console

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// Whatever is done to a card goes three steps: the form, what exactly would happen, and the slip. The second step
// decides the command and saves nothing; the third carries it out once, under a name that was drawn for the second, and
// only if it does what was shown there.

// act is something that people do to a card.
type act struct {
	name   string // in its address
	title  text
	help   text // what to know before; may be empty
	needs  ledger.Permission
	fields []field
	fits   func(*ledger.Card, *ledger.Merchant) bool // reports whether it is offered; nil = for every card that is in use
	make   func(*asked) command.Command
	proves bool // the holder agrees by the card's password
	harsh  bool // money leaves, or it cannot be undone
	daily  bool // it is done all day, and stands before the others
}

// scope keeps the requests of the console apart from those of tills.
const scope = "console"

// actHere returns the act of the path, if the person may do it at any shop.
func (c *call) actHere() (*act, error) {
	a := actNamed(c.r.PathValue("act"))
	if a == nil {
		return nil, errNowhere
	}
	if c.person.AllowedSomewhere(c.merchant.ID)&a.needs == 0 {
		return nil, errNotYours
	}
	return a, nil
}

// actsFor are the acts that the person may do and that fit the card.
func (c *call) actsFor(card *ledger.Card) (all []*act) {
	may := c.person.AllowedSomewhere(c.merchant.ID)
	for _, a := range acts {
		if may&a.needs != 0 && a.suits(card, c.merchant) {
			all = append(all, a)
		}
	}
	return all
}

func (a *act) suits(card *ledger.Card, m *ledger.Merchant) bool {
	if a.fits == nil {
		return card.Status == ledger.Active
	}
	return a.fits(card, m)
}

// place is where something is done: a shop, or no shop in particular.
type place struct {
	ID   ledger.ShopID
	Name string
}

// placesFor are where the person may do something. Shops that have ended are among reportPlaces only.
func (c *call) placesFor(needs ledger.Permission) []place {
	return slices.DeleteFunc(c.reportPlaces(needs), func(p place) bool {
		shop, _ := c.merchant.Shop(p.ID)
		return shop.Ended
	})
}

// shopCookie keeps where the person was last, for that long.
const (
	shopCookie = "tongka-shop"
	placeKept  = 90 * 24 * time.Hour
)

// usual returns the place where the person was last, or the first. If there is none, as where all shops of the grant
// have ended, it is not the person's business.
func (c *call) usual(places []place) (ledger.ShopID, error) {
	if len(places) == 0 {
		return 0, errNotYours
	}
	kept, err := strconv.ParseInt(c.cookie(shopCookie), 10, 64)
	if err == nil && slices.ContainsFunc(places, func(p place) bool { return p.ID == ledger.ShopID(kept) }) {
		return ledger.ShopID(kept), nil
	}
	return places[0].ID, nil
}

// actView is what the form of an act shows, and what would happen.
type actView struct {
	cardView
	act    *act
	form   url.Values
	faults map[string]text
	places []place
	shop   ledger.ShopID

	about   []part   // the entry that is to be undone
	effects []effect // what would happen; nil = the form is shown
	quoted  string
	request string
	asks    bool   // for the card's password
	needed  bool   // it must be typed
	second  string // why another person has to confirm it; "" = nobody has to
	alike   []proposalLine
	seal    func(password string) string
}

// sent returns what was typed into a field as what is shown to be confirmed sends it along.
func (v *actView) sent(f field, typed string) string {
	if f.kind != inPassword || typed == "" {
		return typed
	}
	return v.seal(typed)
}

// circumstances returns where an act would be done, if there are several shops, what was noted, and what was typed in
// place of something that is masked, which the outcome shows masked too: so it can be looked at again.
func (v *actView) circumstances() (all []part) {
	for _, p := range v.places {
		if p.ID == v.shop && len(v.places) > 1 {
			all = append(all, part{wWhere, p.Name})
		}
	}
	for _, f := range v.act.fields {
		if typed := v.form.Get(f.name); typed != "" && (f.name == "note" || f.masks != nil) {
			all = append(all, part{f.label, typed})
		}
	}
	return all
}

func (c *call) actView(a *act, card *ledger.Card) (actView, error) {
	v := actView{cardView: cardView{view: c.view(a.title), card: c.current(card)}, act: a, form: c.r.PostForm}
	v.seal = c.sealed
	v.title = c.lang.of(a.title) + " · " + v.name()
	v.places = c.placesFor(a.needs)
	var err error
	if v.shop, err = c.usual(v.places); err != nil {
		return v, err
	}
	if slices.ContainsFunc(a.fields, func(f field) bool { return f.kind == inCoupons }) {
		v.coupons, err = c.cfg.Books.Coupons(c.r.Context(), ledger.CouponQuery{
			Merchant: c.merchant.ID, Card: card.ID, Unused: true, Limit: maxCoupons,
		})
	}
	return v, err
}

func (c *call) showAct() error {
	a, card, err := c.actAndCard()
	if err != nil {
		return err
	}
	v, err := c.actView(a, card)
	if err != nil {
		return err
	}
	if v.card.Status != ledger.Active && !a.suits(&v.card, c.merchant) {
		return c.to(v.wantedFor(a)) // which says why, and what can be done instead
	}
	v.form = first(a, &v.card)
	for name := range c.r.URL.Query() { // a link may fill in a field, like the entry that is to be undone
		v.form.Set(name, c.r.URL.Query().Get(name))
	}
	return c.actForm(&v, http.StatusOK)
}

func (c *call) actAndCard() (*act, *ledger.Card, error) {
	a, err := c.actHere()
	if err != nil {
		return nil, nil, err
	}
	card, err := c.cardHere()
	return a, card, err
}

// doAct shows what an act would do or, if that was seen and is wanted, does it.
func (c *call) doAct() error {
	a, card, err := c.actAndCard()
	if err != nil {
		return err
	}
	v, err := c.actView(a, card)
	if err != nil {
		return err
	}
	asked, err := c.ask(&v)
	if err != nil {
		return err
	}
	if err := asked.draw(a); err != nil {
		return err
	}
	sure := c.r.PostForm.Get("sure")
	if sure != "yes" && asked.moved(a) {
		asked.follow(a)
		v.fault = c.lang.of(wCardMoved)
	}
	cmd := a.make(asked)
	if v.faults = asked.faults; len(v.faults) > 0 {
		return c.actForm(&v, http.StatusUnprocessableEntity)
	}
	switch sure {
	case "yes":
		return c.carryOut(&v, asked, cmd)
	case "edit":
		return c.actForm(&v, http.StatusOK)
	}
	return c.preview(&v, cmd, http.StatusOK)
}

// ask reads what was typed, and where it is to be done.
func (c *call) ask(v *actView) (*asked, error) {
	shop, wrong, err := c.chosenPlace(c.r.PostForm.Get(whereField), v.act.needs)
	if err != nil {
		return nil, err
	}
	faults := map[string]text{}
	if wrong != (text{}) {
		faults[whereField] = wrong
	} else {
		v.shop = shop
	}
	by := c.by()
	by.Shop, by.Address = v.shop, "" // addresses stand in entries of settings and people only
	a := &asked{call: c, card: &v.card, form: c.r.PostForm, by: by, faults: faults}
	a.unseal(v.act)
	return a, nil
}

// sealed returns a card's new password as what is shown to be confirmed sends it along, which browsers keep: nobody
// reads it there, and it is of use in this session only.
func (c *call) sealed(password string) string {
	return base64.RawURLEncoding.EncodeToString(c.cfg.Vault.Seal(c.passwordContext(), []byte(password)))
}

func (c *call) passwordContext() string {
	return "console card password " + base64.RawURLEncoding.EncodeToString(c.session.Place[:])
}

// unseal reads the passwords that were sent along.
func (a *asked) unseal(of *act) {
	if a.form.Get("sure") == "" { // it was typed just now
		return
	}
	for _, f := range of.fields {
		sent := a.form.Get(f.name)
		if f.kind != inPassword || sent == "" {
			continue
		}
		sealed, err := base64.RawURLEncoding.DecodeString(sent)
		if err == nil {
			sealed, err = a.cfg.Vault.Unseal(a.passwordContext(), sealed)
		}
		if err != nil { // the form is of another session
			a.bad(f.name, wTypeAgain)
			sealed = nil
		}
		a.form.Set(f.name, string(sealed))
	}
}

// chosenPlace returns the place that was chosen on a form, or what is wrong with it. One that is not the person's was
// on no form of ours.
func (c *call) chosenPlace(typed string, needs ledger.Permission) (shop ledger.ShopID, wrong text, err error) {
	n, err := strconv.ParseInt(typed, 10, 64)
	shop = ledger.ShopID(n)
	at := func(p place) bool { return p.ID == shop }
	switch {
	case err == nil && slices.ContainsFunc(c.placesFor(needs), at):
		return shop, text{}, nil
	case err == nil && slices.ContainsFunc(c.reportPlaces(needs), at):
		return 0, wShopOver, nil // it has ended while the form was open
	}
	return 0, text{}, errNotYours
}

// whereField is the field of a form that says at which shop it is done.
const whereField = "at"

// preview shows what a command would do.
func (c *call) preview(v *actView, cmd command.Command, status int) error {
	ch, err := c.quote(v, cmd)
	if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
		return c.refused(v, refusal)
	}
	if err != nil {
		return err
	}
	v.quoted, v.request = quotedText(ch.Quote()), rand.Text()
	v.asks = v.act.proves && v.card.ProvesByPassword()
	v.needed = c.merchant.Settings.PasswordEverywhere
	v.effects, v.alike = effectsOf(&ch, v), c.alike(v, "")
	return c.show(status, previewPage(*v))
}

// refused shows the form again, with why it cannot be done.
func (c *call) refused(v *actView, refusal ledger.Refusal) error {
	c.note().Outcome = "refused"
	v.fault = c.whyNot(v, refusal)
	v.faults = v.act.faultsOf(refusal, v.form)
	if refusal.Reason == ledger.TooManyTries {
		wait, err := c.lockedFor(&v.card, v.shop)
		if err != nil {
			return err
		}
		if wait > 0 {
			v.fault = c.lang.of(text(phrase.TriesOver(wait)))
		}
	}
	return c.actForm(v, http.StatusUnprocessableEntity)
}

// lockedFor returns how long the password of a card is not tried here, after wrong ones.
func (c *call) lockedFor(card *ledger.Card, shop ledger.ShopID) (wait time.Duration, err error) {
	by := c.by()
	by.Shop = shop
	records, err := c.cfg.Books.Load(c.r.Context(), command.Want{Merchant: c.merchant.ID, Keys: command.Keys{
		Guards: []ledger.GuardKey{command.LockHere(card, by)},
	}})
	if err != nil {
		return 0, err
	}
	return command.LockedUntil(records[0].Guards).Sub(c.cfg.Clock()), nil
}

// carryOut does what was shown.
func (c *call) carryOut(v *actView, a *asked, cmd command.Command) error {
	agreed, ok := a.agreed()
	if !ok {
		return c.preview(v, cmd, http.StatusOK)
	}
	moved := a.moved(v.act)
	if moved { // nothing new is done, but what was done by this form is answered still
		agreed.quoted = command.Quotation{}
	}
	entry, err := c.doAgreed(v, a, agreed, cmd, a.answer)
	if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
		switch {
		case moved && (refusal.Reason == ledger.NeedsSecondPerson || refusal.Reason == ledger.QuoteMoved):
			a.follow(v.act)
			v.fault = c.lang.of(wCardMoved)
			return c.preview(v, v.act.make(a), http.StatusConflict)
		case refusal.Reason == ledger.NeedsSecondPerson:
			return c.propose(v, a, agreed)
		case refusal.Reason == ledger.QuoteMoved:
			v.fault = c.lang.of(c.refusal(refusal))
			return c.preview(v, cmd, http.StatusConflict)
		}
		return c.refused(v, refusal)
	}
	if err != nil {
		return err
	}
	if entry == "" {
		return c.to(v.at(cardPath(v.card.ID) + "?done"))
	}
	return c.to(v.at(cardPath(v.card.ID) + "/slip/" + entry + "?done"))
}

// agreement is what somebody has agreed to: what was shown, and the name under which it is done once.
type agreement struct {
	quoted  command.Quotation
	request string
}

// agreed reads what the person has agreed to; ok is false if no page of ours sent it.
func (a *asked) agreed() (to agreement, ok bool) {
	quoted, ok := quotedFrom(a.form.Get("quoted"))
	to = agreement{quoted, a.form.Get("request")}
	return to, ok && ledger.CheckRequestID(to.request) == 0
}

// doAgreed carries out what was agreed to, once, and returns the answer that is kept of it. The person is at that shop
// from now on.
func (c *call) doAgreed(
	v *actView, a *asked, to agreement, cmd command.Command, answer func(command.Changes) []byte,
) (string, error) {
	c.keep(shopCookie, strconv.FormatInt(int64(v.shop), 10), placeKept)
	ch, err := c.do(command.Once{
		Command:     command.AsQuoted{Command: cmd, Quoted: to.quoted},
		Key:         ledger.RequestKey{Scope: scope, ID: to.request},
		Fingerprint: a.fingerprint(v.act),
		Answer:      answer,
	})
	switch {
	case err != nil:
		return "", err
	case ch.Denied != nil:
		return "", ch.Denied
	case ch.Replay != nil:
		return string(ch.Replay.Answer), nil
	}
	return string(answer(ch)), nil
}

// quotedText returns a quotation as a form has it.
func quotedText(q command.Quotation) string { return base64.RawURLEncoding.EncodeToString(q[:]) }

// quotedFrom reads what quotedText returned.
func quotedFrom(sent string) (q command.Quotation, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(sent)
	return q, copy(q[:], raw) == len(q) && len(raw) == len(q) && err == nil
}

// answer is what is kept of what was done: the card's entry that it is about, if it made one.
func (a *asked) answer(ch command.Changes) (entry []byte) {
	for i := range ch.Entries {
		if e := &ch.Entries[i]; e.Card == a.card.ID && !e.Kind.Follows() {
			entry = strconv.AppendInt(nil, int64(e.ID), 10)
		}
	}
	return entry
}

// refusal returns why the core refused what was to be done at the merchant: of an amount, with the limit.
func (c *call) refusal(r ledger.Refusal) text {
	if r.Reason == ledger.BadAmount {
		most := yuanSign(c.merchant.MaxAmount())
		return wAmountLimit.withText(text{most, most})
	}
	return text(phrase.Refusal(r))
}

// typed returns what was typed into the fields of an act and may be kept: all but passwords.
func (a *asked) typed(of *act) url.Values {
	form := url.Values{}
	for _, f := range of.fields {
		if f.kind != inPassword {
			form[f.name] = a.form[f.name]
		}
	}
	return form
}

// fingerprint stands for what was asked, so that a name serves one request. A password is no part of it: whoever has
// the stored hash could find out which of the few that people choose it is.
func (a *asked) fingerprint(of *act) [32]byte {
	form := a.typed(of)
	form.Set("at", a.form.Get("at"))
	return sha256.Sum256([]byte(of.name + "\n" + strconv.FormatInt(int64(a.card.ID), 10) + "\n" + form.Encode()))
}

// asked is what was typed to do something to a card.
type asked struct {
	*call
	card   *ledger.Card
	form   url.Values
	by     ledger.Caller
	faults map[string]text // by field
}

// wasField begins the names of what stood in the fields of a form at first.
const wasField = "was."

// moved reports whether what stood on the card in the fields of an act is another thing by now.
func (a *asked) moved(of *act) bool {
	return slices.ContainsFunc(of.fields, func(f field) bool {
		was, sent := a.form[wasField+f.name]
		stands, has := f.stood(a.card)
		return sent && has && was[0] != stands
	})
}

// follow has the fields that nobody has changed in the form follow the card, so that nothing is put back.
func (a *asked) follow(of *act) {
	for _, f := range of.fields {
		was, sent := a.form[wasField+f.name]
		if sent && f.from != nil && a.form.Get(f.name) == was[0] {
			a.form.Set(f.name, f.from(a.card))
		}
	}
}

// draw draws what was left empty and may be. What was drawn is shown, sent along and done.
func (a *asked) draw(of *act) error {
	for _, f := range of.fields {
		if !f.drawn || a.value(f.name) != "" || a.form.Get("sure") != "" {
			continue
		}
		number, err := a.cfg.NewNumber()
		if err != nil {
			return err
		}
		a.form.Set(f.name, number)
	}
	return nil
}

// bad notes what is wrong with a field.
func (a *asked) bad(name string, said text) { a.faults[name] = said }

// prose are the fields that people write to each other in, and which stay as they are typed.
var prose = map[string]bool{"name": true, "note": true, "remarks": true, "referrer": true}

// value returns what is typed in a field; numbers, amounts and codes of full width in their usual one.
func (a *asked) value(name string) string {
	typed := a.form.Get(name)
	if !prose[name] {
		typed = ledger.HalfWidth(typed)
	}
	return strings.TrimSpace(typed)
}

// fen reads an amount in yuan; 0 if the field is empty.
func (a *asked) fen(name string) ledger.Fen {
	typed := a.value(name)
	if typed == "" {
		return 0
	}
	f, err := typedFen(typed)
	if err != nil {
		a.bad(name, noAmount(err))
	}
	return f
}

// someMoney reads the amount of an act that cannot be without one.
func (a *asked) someMoney() ledger.Fen {
	f := a.fen("amount")
	if f <= 0 && a.faults["amount"] == (text{}) {
		a.bad("amount", wNoAmount)
	}
	return f
}

// moneyOrAll reads the amount of an act that is about all there is if the field is empty, which commands say by 0.
func (a *asked) moneyOrAll() ledger.Fen {
	if a.value("amount") == "" {
		return 0
	}
	return a.someMoney()
}

// count reads a number; 0 if the field is empty.
func (a *asked) count(name string) int64 {
	typed := ledger.Ungrouped(a.value(name))
	if typed == "" {
		return 0
	}
	n, err := strconv.ParseInt(typed, 10, 64)
	if err != nil || n < -ledger.MaxPoints || n > ledger.MaxPoints {
		a.bad(name, wNoCount)
		return 0
	}
	return n
}

// id reads which of several things is meant; 0 and a fault if none is.
func (a *asked) id(name string) int64 {
	n, err := strconv.ParseInt(a.value(name), 10, 64)
	if err != nil || n < 1 {
		a.bad(name, wChoose)
		return 0
	}
	return n
}

// paidBy reads by which pay type the holder is paid; 0 if none was chosen.
func (a *asked) paidBy() ledger.PayTypeID {
	if a.value("paytype") == "" {
		return 0
	}
	return ledger.PayTypeID(a.id("paytype"))
}

// proof is what the holder shows to agree. Before it is asked for, what would happen is shown as if it were there:
// the password is typed last, beneath what was shown, and a wrong one counts. Nothing that is only shown tries it.
func (a *asked) proof() *command.Proof {
	if !a.card.ProvesByPassword() {
		return nil
	}
	if _, shown := a.agreed(); !shown || a.form.Get("sure") != "yes" {
		return &command.Proof{Password: func(string) bool { return true }}
	}
	typed := a.form.Get("password")
	if typed == "" {
		return nil
	}
	merchant := strconv.FormatInt(int64(a.merchant.ID), 10)
	return &command.Proof{From: a.address(), Password: func(kept string) bool {
		return a.cfg.CheckPassword(merchant, typed, kept)
	}}
}
