package console

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongka/internal/cardfile"
	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// opening is what opens a card. It goes the three steps of every act, but for the card, which is not there yet.
var opening = &act{
	name: "open", title: wOpenCard, needs: ledger.MayOpen, make: (*asked).open,
	fields: []field{
		{name: "number", label: wNumber, hint: wNumberHelp, drawn: true},
		{name: "kind", label: wKind, kind: inCardKind, need: true},
		{name: "level", label: wLevel, kind: inLevel, need: true},
		{name: "name", label: wName, hint: wNameHelp, star: true},
		{name: "phone", label: wPhone, kind: inPhone},
		{name: "gender", label: wGender, kind: inGender},
		{name: "birthday", label: wBirthday, kind: inDate},
		{name: "expires", label: wExpires, hint: wOpensUntil, kind: inDate},
		{name: "extid", label: wInnerCode, hint: wInnerHelp, kind: inCount},
		{name: "referrer", label: wReferrer},
		{name: "remarks", label: wRemarks},
		{name: "new", label: wCardPassword, hint: wPasswordOpt, kind: inPassword},
		{name: "again", label: wAgain, kind: inPassword},
	},
}

// samePhone is how many of the cards that have the phone already are named.
const samePhone = 5

// openView is the form of a new card, or what would be opened.
type openView struct {
	actView
	others []ledger.Card // that have the phone
}

// openView returns the form of a new card.
func (c *call) openView() (openView, error) {
	v := openView{actView: actView{cardView: cardView{view: c.view(opening.title)}, act: opening, form: url.Values{}}}
	v.places, v.seal = c.placesFor(opening.needs), c.sealed
	var err error
	v.shop, err = c.usual(v.places)
	return v, err
}

func (c *call) showNewCard() error {
	v, err := c.openView()
	if err != nil {
		return err
	}
	v.form.Set("kind", strconv.Itoa(int(ledger.Common)))
	for name := range c.r.URL.Query() { // a link fills in what was searched for
		v.form.Set(name, c.r.URL.Query().Get(name))
	}
	return c.show(http.StatusOK, newCardPage(v))
}

// openCard shows the card that would be opened or, if that was seen and is wanted, opens it.
func (c *call) openCard() error {
	v, err := c.openView()
	if err != nil {
		return err
	}
	v.form = c.r.PostForm
	a, err := c.ask(&v.actView)
	if err != nil {
		return err
	}
	if err := a.draw(opening); err != nil {
		return err
	}
	cmd := opening.make(a)
	if v.faults = a.faults; len(v.faults) > 0 {
		return c.show(http.StatusUnprocessableEntity, newCardPage(v))
	}
	switch v.form.Get("sure") {
	case "yes":
		return c.carryOutOpening(&v, a, cmd)
	case "edit":
		return c.show(http.StatusOK, newCardPage(v))
	}
	return c.quoteOpening(&v, cmd, http.StatusOK)
}

// open reads a new card.
func (a *asked) open() command.Command {
	n := command.NewCard{
		Number: a.value("number"), Level: ledger.LevelID(a.id("level")),
		Holder: ledger.Holder{Name: a.value("name"), Phone: a.value("phone"), Birthday: a.date("birthday")},
		Details: ledger.Details{
			ExtID: a.value("extid"), Referrer: a.value("referrer"), Remarks: a.value("remarks"),
		},
		Expires: a.date("expires"),
	}
	kind, err := strconv.Atoi(a.value("kind"))
	if err != nil {
		a.bad("kind", wChoose)
	}
	n.Kind = ledger.CardKind(kind)
	if n.Holder.Gender, err = strconv.Atoi(a.value("gender")); err != nil {
		n.Holder.Gender = 0
	}
	n.Holder = n.Holder.Tidy()
	n.Details.Password = a.newPassword(n.Number, n.Holder)
	return command.Open{Merchant: a.merchant.ID, By: a.by, Card: n}
}

// date reads a day; 0 if the field is empty.
func (a *asked) date(name string) ledger.Date {
	typed := a.value(name)
	if typed == "" {
		return 0
	}
	d, err := ledger.ParseDate(typed)
	if err != nil {
		a.bad(name, wNoDate)
	}
	return d
}

// newPassword reads the password that a card is to have, twice, and returns it as it is kept; "" for none.
func (a *asked) newPassword(number string, h ledger.Holder) (kept string) {
	typed := a.form.Get("new")
	switch {
	case typed != a.form.Get("again"):
		a.bad("again", wNotSame)
	case typed == "":
	case !codes.Typeable(typed):
		a.bad("new", wNoPassword)
	case !a.merchant.Settings.WeakPasswords && codes.WeakFor(typed, number, h.Phone, h.Birthday.String()):
		a.bad("new", wWeakPassword)
	default:
		kept = a.cfg.HashPassword(strconv.FormatInt(int64(a.merchant.ID), 10), typed)
	}
	return kept
}

// quoteOpening shows the card that would be opened, and which cards have the phone already.
func (c *call) quoteOpening(v *openView, cmd command.Command, status int) error {
	ch, err := c.decide(cmd)
	if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
		return c.openingRefused(v, refusal)
	}
	if err != nil {
		return err
	}
	v.card = ch.Opened[0]
	if phone := v.card.Holder.Phone; phone != "" {
		v.others, err = c.cfg.Books.Find(c.r.Context(), ledger.FindQuery{Merchant: c.merchant.ID, Phone: phone})
		if err != nil {
			return err
		}
		v.others = slices.DeleteFunc(v.others, func(card ledger.Card) bool { return card.Freed() }) // nobody ever had it
	}
	v.quoted, v.request = quotedText(ch.Quote()), rand.Text()
	return c.show(status, openingPage(*v))
}

// openingRefused shows the form again, with why the card cannot be opened.
func (c *call) openingRefused(v *openView, refusal ledger.Refusal) error {
	c.note().Outcome = "refused"
	v.fault = c.lang.of(text(phrase.Refusal(refusal)))
	v.faults = v.act.faultsOf(refusal, v.form)
	return c.show(http.StatusUnprocessableEntity, newCardPage(*v))
}

// refusedFields are the fields that refusals are about.
var refusedFields = map[ledger.Reason]string{
	ledger.BadNumber: "number", ledger.CardTaken: "number", ledger.BadKind: "kind", ledger.UnknownLevel: "level",
	ledger.BadExpiry: "expires", ledger.ExtIDTaken: "extid", ledger.UnknownPayType: "paytype",
}

// impossible returns why what was typed in a field of a holder or a card's details cannot be so.
func impossible(field, typed string) text {
	switch {
	case field == "name" && ledger.Blank(typed):
		return wNameNeeded
	case field == "name":
		return wNameLong.with(ledger.MaxNameLen)
	case field == "phone":
		return wPhoneWrong.with(ledger.MaxPhoneLen)
	case field == "birthday":
		return wBirthAhead
	}
	if want, known := cardfile.Wanted(field); known {
		return text{want.Chinese, want.English}
	}
	return wNotPossible
}

// Digits that a phone has at least and at most, if it is one that somebody could call. Cards may have others, as tills
// send what they have.
const leastPhone, mostPhone = 7, 15

// oddPhone returns a warning of the phone that was typed; "" if it looks like one, or there is none.
func (v *actView) oddPhone() string {
	phone := ledger.NormalPhone(ledger.HalfWidth(v.form.Get("phone")))
	chinese := strings.HasPrefix(phone, "1") // a mobile phone of China, where no country is named
	digits := ledger.Digits(strings.TrimPrefix(phone, "+"), leastPhone, mostPhone)
	if phone == "" || digits && (!chinese || len(phone) == 11) {
		return ""
	}
	return v.lang.of(wPhoneOdd.withText(text{phone, phone}))
}

// faultsOf returns what a refusal says of a field of the act, if it is about one; form is what was typed.
func (a *act) faultsOf(r ledger.Refusal, form url.Values) map[string]text {
	name, said := refusedFields[r.Reason], text(phrase.Refusals[r.Reason])
	if r.Reason == ledger.BadHolder || r.Reason == ledger.BadDetails { // the detail names the field
		name, said = r.Detail, impossible(r.Detail, form.Get(r.Detail))
	}
	if !slices.ContainsFunc(a.fields, func(f field) bool { return f.name == name }) {
		return nil
	}
	return map[string]text{name: said}
}

// carryOutOpening opens the card that was shown.
func (c *call) carryOutOpening(v *openView, a *asked, cmd command.Command) error {
	agreed, ok := a.agreed()
	if !ok {
		return c.quoteOpening(v, cmd, http.StatusOK)
	}
	id, err := c.doAgreed(&v.actView, a, agreed, cmd, answerOpening)
	if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
		if refusal.Reason == ledger.QuoteMoved {
			v.fault = c.lang.of(text(phrase.Refusal(refusal)))
			return c.quoteOpening(v, cmd, http.StatusConflict)
		}
		return c.openingRefused(v, refusal)
	}
	if err != nil {
		return err
	}
	return c.to(v.at("cards/" + id + "?saved"))
}

// answerOpening is what is kept of what was done: the card.
func answerOpening(ch command.Changes) []byte {
	return strconv.AppendInt(nil, int64(ch.Opened[0].ID), 10)
}

// facts are what the new card would have.
func (v *openView) facts() (all []part) {
	add := func(name text, value string) {
		if value != "" {
			all = append(all, part{name, value})
		}
	}
	c := &v.card
	add(wKind, v.lang.of(text(phrase.CardKinds[c.Kind])))
	add(wLevel, v.level())
	add(wName, c.Holder.Name)
	add(wPhone, c.Holder.Phone)
	add(wGender, v.gender(c.Holder.Gender))
	add(wBirthday, c.Holder.Birthday.String())
	add(wExpires, v.until(c.Expires))
	add(wInnerCode, c.Details.ExtID)
	add(wReferrer, c.Details.Referrer)
	add(wRemarks, c.Details.Remarks)
	if c.Details.Password != "" {
		add(wCardPassword, v.lang.of(wHasPassword))
	}
	add(wOpenedAt, v.placeName(v.shop))
	return all
}

// first returns those of the other cards that are named.
func (v *openView) first() []cardView {
	var all []cardView
	for _, card := range v.others[:min(len(v.others), samePhone)] {
		all = append(all, cardView{view: v.view, card: card})
	}
	return all
}
