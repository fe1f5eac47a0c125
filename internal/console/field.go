package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// field is one thing that is typed or chosen.
type field struct {
	name  string
	label text
	hint  text
	kind  fieldKind
	need  bool                      // it must not be empty
	star  bool                      // it is marked like one that must not be: most cards need it
	drawn bool                      // left empty, a card number is drawn for it
	from  func(*ledger.Card) string // what stands in it at first; nil = nothing
	masks func(*ledger.Card) string // what the card has, masked, and so not shown to be changed: left empty, it stays
}

// stood returns what the field is about, as whoever fills it in may see it. ok is false if the card has nothing of it.
func (f field) stood(c *ledger.Card) (was string, ok bool) {
	switch {
	case f.from != nil:
		return f.from(c), true
	case f.masks != nil:
		return f.masks(c), true
	}
	return "", false
}

// fieldKind is how a field is typed.
type fieldKind int

const (
	inText fieldKind = iota
	inMoney
	inCount
	inDate
	inMoment // of the merchant's clocks
	inPhone
	inPassword
	inHidden // a link has filled it in
	inLevel
	inPayType
	inCouponKind
	inRenewal
	inGender
	inCardKind
	inNumbers // how the numbers of a series are made
	inYesNo
	inPINs    // whether cards get a password each
	inCoupons // any number of the card's coupons
)

// choice is one of those to choose from.
type choice struct{ value, said string }

// first returns the values that stand in the fields of an act at first.
func first(a *act, c *ledger.Card) url.Values {
	form := url.Values{}
	for _, f := range a.fields {
		if f.from != nil {
			form.Set(f.name, f.from(c))
		}
	}
	return form
}

// choices are those that a field offers; nil = it is typed.
func (v *actView) choices(f field) (all []choice) {
	add := func(id int64, said string) { all = append(all, choice{strconv.FormatInt(id, 10), said}) }
	switch f.kind {
	case inLevel:
		for _, l := range v.merchant.Levels {
			add(int64(l.ID), l.Name)
		}
	case inPayType:
		return v.payTypes(f)
	case inCouponKind:
		for _, k := range v.merchant.CouponKinds {
			add(int64(k.Kind), k.Name+" · "+v.worth(&k.CouponTerms))
		}
	case inRenewal:
		for _, r := range v.merchant.LevelOf(&v.card).Rights.Renewals {
			add(int64(r.Months), v.lang.of(text{"N 个月", "N months"}.with(r.Months))+" · ¥"+phrase.Yuan(r.Price))
		}
	case inGender:
		for n := range genders {
			add(int64(n), v.gender(n))
		}
	case inCardKind:
		for _, k := range []ledger.CardKind{ledger.Common, ledger.StoredValue, ledger.Micro} {
			add(int64(k), v.lang.of(text(phrase.CardKinds[k])))
		}
	default:
		for _, one := range twoOf[f.kind] {
			all = append(all, choice{one.value, v.lang.of(one.said)})
		}
	}
	return all
}

// payTypes are those of now, and none where the field may say none.
func (v *actView) payTypes(f field) (all []choice) {
	if !f.need {
		all = append(all, choice{"", v.lang.of(wNotStated)})
	}
	for _, p := range v.merchant.PayTypesNow() {
		all = append(all, choice{strconv.FormatInt(int64(p.ID), 10), p.Name})
	}
	return all
}

// twoOf are the values of fields that have two.
var twoOf = map[fieldKind][]struct {
	value string
	said  text
}{
	inNumbers: {{"counted", wCountedUp}, {drawnNumbers, wDrawn}},
	inYesNo:   {{"", wNo}, {chosenYes, wYes}},
	inPINs:    {{"", wNoPIN}, {chosenYes, wDrawnPIN}},
}

// chosen reports whether a form has a value, of a field that may have several.
func (v *actView) chosen(name, value string) bool { return slices.Contains(v.form[name], value) }

// with returns a text with a number in place of N.
func (t text) with(n int) text {
	number := strconv.Itoa(n)
	return t.withText(text{number, number})
}

// withText returns the text with something else where N stands.
func (t text) withText(n text) text {
	return text{strings.ReplaceAll(t.Zh, "N", n.Zh), strings.ReplaceAll(t.En, "N", n.En)}
}

// wrong returns what is wrong with a field; "" = nothing.
func (v *actView) wrong(f field) string { return v.lang.of(v.faults[f.name]) }

// shown returns what stands in a field. A password is never sent back to be seen.
func (v *actView) shown(f field) string {
	if f.kind == inPassword {
		return ""
	}
	return v.form.Get(f.name)
}

// typed returns the type of the input for a field.
func (f field) typed() string {
	switch f.kind {
	case inDate:
		return "date"
	case inMoment:
		return "datetime-local"
	case inPhone:
		return "tel"
	case inPassword:
		return "password"
	}
	return "text"
}

// mode returns which keys a phone shows for a field.
func (f field) mode() string {
	switch f.kind {
	case inMoney:
		return "decimal"
	case inCount:
		return "numeric"
	case inPhone:
		return "tel"
	}
	return "text"
}

// ready are the card's coupons that can be used today, for the person to choose from.
func (v *actView) ready() (all []ledger.Coupon) {
	today := v.merchant.Today(v.now)
	for _, c := range v.coupons {
		if !c.Over(today) && c.From <= today {
			all = append(all, c)
		}
	}
	return all
}
