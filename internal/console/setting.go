package console

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// A merchant's settings are changed in forms, each of one thing, such as a recharge rule. What fields the things have
// is said in one table (see settingGroups): forms are drawn and read by it, versions are compared by it, and a test
// finds by it that every setting there is can be changed.

// settingGroup is a page of settings: a list of things of one kind, or a single thing that there is once.
type settingGroup struct {
	name  string // in its address
	title text
	help  text
	boxes []box

	// Of lists only.
	things things // nil = there is one thing, once
	one    text   // to add one
	part   string // what one is called by the core's faults: "rule" of "rule 3.add_money"
	list   string // what the list is called by the core's faults
	whole  string // the box at which faults of the whole list are shown
	placed bool   // the order of the list counts
	// fits reports whether a merchant has the things that the boxes point at; nil = every merchant has.
	fits func(*ledger.Merchant) bool
	// tidy completes what was typed, given what the thing was before; nil = there is nothing to complete.
	tidy func(was, to thing)

	// brief ends what a list shows of a thing, with what several boxes say together; nil = they say all by themselves.
	brief func(lang, thing) string

	// samples show what the settings come to.
	samples func(*sampler)
}

// thing is one of those of a list, at place i; or what there is once.
type thing struct {
	m *ledger.Merchant
	i int
}

// things are a list in a merchant's settings.
type things interface {
	len(m *ledger.Merchant) int
	id(t thing) int64
	name(t thing) string
	over(t thing, today ledger.Date) bool // it has ended
	end(t thing)                          // ends it, if a version without it would end it
	add(m *ledger.Merchant)               // adds a new one as the last, with the next id
	carry(from thing, m *ledger.Merchant) // adds one of another version as the last
	move(m *ledger.Merchant, from, to int)
}

// listOf is a list of things of one type.
type listOf[T any] struct {
	all    func(*ledger.Merchant) *[]T
	ident  func(*T) (id int64, name string)
	fresh  func(m *ledger.Merchant, id int64) T
	first  func(m *ledger.Merchant) int64 // the id of the first there is; nil = 1
	ended  func(*T, ledger.Date) bool
	ending func(*T) // nil = it stays where a version without it is brought back
}

func (l listOf[T]) at(t thing) *T              { return &(*l.all(t.m))[t.i] }
func (l listOf[T]) len(m *ledger.Merchant) int { return len(*l.all(m)) }
func (l listOf[T]) name(t thing) (name string) { _, name = l.ident(l.at(t)); return name }
func (l listOf[T]) id(t thing) (id int64)      { id, _ = l.ident(l.at(t)); return id }
func (l listOf[T]) over(t thing, today ledger.Date) bool {
	return l.ended != nil && l.ended(l.at(t), today)
}

func (l listOf[T]) end(t thing) {
	if l.ending != nil {
		l.ending(l.at(t))
	}
}

func (l listOf[T]) add(m *ledger.Merchant) {
	next := int64(1)
	if l.first != nil {
		next = l.first(m)
	}
	all := l.all(m)
	for i := range *all {
		id, _ := l.ident(&(*all)[i])
		next = max(next, id+1)
	}
	*all = append(*all, l.fresh(m, next))
}

func (l listOf[T]) carry(from thing, m *ledger.Merchant) {
	all := l.all(m)
	*all = append(*all, *l.at(from))
}

func (l listOf[T]) move(m *ledger.Merchant, from, to int) {
	all := l.all(m)
	one := (*all)[from]
	*all = slices.Insert(slices.Delete(*all, from, from+1), to, one)
}

// find returns the thing with an id; ok is false if there is none.
func (g *settingGroup) find(m *ledger.Merchant, id int64) (t thing, ok bool) {
	for i := range g.things.len(m) {
		if t := (thing{m, i}); g.things.id(t) == id {
			return t, true
		}
	}
	return thing{}, false
}

// all returns the things of a group, in their order.
func (g *settingGroup) all(m *ledger.Merchant) (all []thing) {
	if g.things == nil {
		return []thing{{m, 0}}
	}
	for i := range g.things.len(m) {
		all = append(all, thing{m, i})
	}
	return all
}

// box is one field of a form of settings.
type box struct {
	name  string // in the form; also what it is called by the core's faults, if fault is ""
	label text
	hint  text
	unit  text
	at    func(thing) any // a pointer to the setting, whose type says how it is typed
	fault string
	need  bool
	share bool // a rate that is typed in percent
	// least is the smallest rate that may be typed: below it somebody means tenths, as an 8 that stands for 80 percent.
	least ledger.Rate
	most  int  // characters; 0 = as many as a name has
	short bool // a list shows it
}

// faultName returns what the core's faults call the setting.
func (b *box) faultName() string { return cmp.Or(b.fault, b.name) }

// Names of the two fields that a renewal has, of which a form has any number.
const (
	monthsOf = ".months"
	priceOf  = ".price"
)

// fill puts a setting into a form as it is typed.
func (b *box) fill(form url.Values, t thing) {
	switch p := b.at(t).(type) {
	case *[]ledger.ShopID:
		form[b.name] = nil
		for _, id := range *p {
			form.Add(b.name, strconv.FormatInt(int64(id), 10))
		}
	case *ledger.Weekdays:
		form[b.name] = nil
		if *p != 0 {
			form[b.name] = strings.Split(p.String(), ",")
		}
	case *[]ledger.Renewal:
		form[b.name+monthsOf], form[b.name+priceOf] = nil, nil
		for _, r := range *p {
			form.Add(b.name+monthsOf, strconv.Itoa(r.Months))
			form.Add(b.name+priceOf, r.Price.String())
		}
	default:
		form.Set(b.name, b.typed(p))
	}
}

// typed returns a setting of one value as it is typed; "" where it says nothing.
func (b *box) typed(p any) string {
	switch p := p.(type) {
	case *string:
		return *p
	case *bool:
		if *p {
			return "yes"
		}
	case *ledger.Fen:
		if *p != 0 {
			return p.String()
		}
	case *ledger.Rate:
		if b.share && *p != 0 {
			return (100 * *p).String()
		}
		if !b.share {
			return p.String()
		}
	case *ledger.Date:
		return p.String()
	case *ledger.Clock:
		return p.String()
	case **time.Location:
		return (*p).String()
	default:
		return typedNumber(p)
	}
	return ""
}

func typedNumber(p any) string {
	switch p := p.(type) {
	case *int:
		if *p != 0 {
			return strconv.Itoa(*p)
		}
	case *int64:
		if *p != 0 {
			return strconv.FormatInt(*p, 10)
		}
	case *ledger.CutOff:
		return strconv.Itoa(p.Hour())
	case *ledger.SpendOrder:
		return p.String()
	case *ledger.RuleKind:
		return p.String()
	case *ledger.CouponType:
		return p.String()
	}
	return ""
}

// read sets a setting to what was typed, and returns what is wrong with that; the zero text if nothing is.
func (b *box) read(form url.Values, t thing) text {
	typed := strings.TrimSpace(form.Get(b.name))
	switch p := b.at(t).(type) {
	case *string:
		if !ledger.PlainText(typed, cmp.Or(b.most, ledger.MaxNameLen)) {
			return wBadText
		}
		*p = typed
	case *bool:
		*p = typed == "yes"
	case *ledger.Fen:
		return readFen(p, typed)
	case *ledger.Rate:
		if b.share {
			return b.readShare(p, typed)
		}
		return parsed(p, typed, ledger.ParseRate, wNoRate)
	case *ledger.Date:
		return parsed(p, typed, ledger.ParseDate, wNoDate)
	case *ledger.Clock:
		return parsed(p, typed, ledger.ParseClock, wNoClock)
	case *ledger.Weekdays:
		return parsed(p, strings.Join(form[b.name], ","), ledger.ParseWeekdays, wChoose)
	case *[]ledger.ShopID:
		return readShops(p, form[b.name], t.m)
	case *[]ledger.Renewal:
		return readRenewals(p, form[b.name+monthsOf], form[b.name+priceOf])
	default:
		return readNumber(p, typed)
	}
	return text{}
}

func readNumber(p any, typed string) text {
	switch p := p.(type) {
	case *int:
		return parsed(p, typed, typedCount[int], wNoCount)
	case *int64:
		return parsed(p, typed, typedCount[int64], wNoCount)
	case *ledger.CutOff:
		hour, err := strconv.Atoi(typed)
		if err != nil || hour < 0 || hour > 23 {
			return wChoose
		}
		*p = ledger.CutOffAt(hour)
	case *ledger.SpendOrder:
		return chosen(p, typed, ledger.ParseSpendOrder)
	case *ledger.RuleKind:
		return chosen(p, typed, ledger.ParseRuleKind)
	case *ledger.CouponType:
		return chosen(p, typed, ledger.ParseCouponType)
	case **time.Location:
		zone, err := ledger.ParseZone(typed)
		if err != nil {
			return wNoZone
		}
		*p = zone
	}
	return text{}
}

// readShare reads a share in percent. One below the least was meant in tenths, as a discount is called in Chinese.
func (b *box) readShare(p *ledger.Rate, typed string) text {
	said := parsed(p, strings.TrimSuffix(typed, "%"), typedShare, wNoShare)
	if said == (text{}) && 0 < *p && *p < b.least {
		return wTenthsMeant
	}
	return said
}

// parsed sets *p to what was typed; nothing is the zero value.
func parsed[T any](p *T, typed string, parse func(string) (T, error), wrong text) text {
	var zero T
	if typed == "" {
		*p = zero
		return text{}
	}
	value, err := parse(typed)
	if err != nil {
		return wrong
	}
	*p = value
	return text{}
}

func chosen[T any](p *T, typed string, parse func(string) (T, bool)) text {
	value, ok := parse(typed)
	if !ok {
		return wChoose
	}
	*p = value
	return text{}
}

// typedFen reads an amount as people type it: ¥1,000, also with the point of a Chinese keyboard.
func typedFen(typed string) (ledger.Fen, error) {
	typed = strings.ReplaceAll(ledger.HalfWidth(typed), "。", ".")
	return ledger.ParseYuan(ledger.Ungrouped(strings.TrimPrefix(typed, "¥")))
}

// noAmount says why a text is no amount.
func noAmount(err error) text {
	if errors.Is(err, ledger.ErrDigits) {
		most := yuanSign(ledger.MaxFen - 1)
		return wAmountTooLarge.withText(text{most, most})
	}
	return wNoAmount
}

// readFen reads the amount of a setting.
func readFen(p *ledger.Fen, typed string) text {
	if typed == "" {
		*p = 0
		return text{}
	}
	f, err := typedFen(typed)
	if err != nil {
		return noAmount(err)
	}
	*p = f
	return text{}
}

// typedShare reads a rate in percent, with at most two decimals, so that it has as many basis points as an amount has
// fen.
func typedShare(typed string) (ledger.Rate, error) {
	points, err := ledger.ParseYuan(ledger.HalfWidth(typed))
	return ledger.Rate(points), err
}

func typedCount[T int | int64](typed string) (T, error) {
	n, err := strconv.ParseInt(ledger.Ungrouped(ledger.HalfWidth(typed)), 10, 32)
	return T(n), err
}

func readShops(into *[]ledger.ShopID, typed []string, m *ledger.Merchant) text {
	var shops []ledger.ShopID
	for _, one := range typed {
		id, err := strconv.ParseInt(one, 10, 64)
		if _, ok := m.Shop(ledger.ShopID(id)); err != nil || !ok {
			return wNoShop
		}
		shops = append(shops, ledger.ShopID(id))
	}
	*into = shops
	return text{}
}

// readRenewals reads pairs of months and price. A pair of which nothing was typed is none.
func readRenewals(into *[]ledger.Renewal, months, prices []string) text {
	var all []ledger.Renewal
	for i := range min(len(months), len(prices)) {
		n, typed := strings.TrimSpace(months[i]), strings.TrimSpace(prices[i])
		if n == "" && typed == "" {
			continue
		}
		count, err := typedCount[int](n)
		price, wrong := typedFen(typed)
		if err != nil || wrong != nil {
			return wNoRenewal
		}
		all = append(all, ledger.Renewal{Price: price, Months: count})
	}
	*into = all
	return text{}
}

// said returns a setting as people read it; "" where it says nothing.
func (b *box) said(l lang, t thing) string {
	switch p := b.at(t).(type) {
	case *bool:
		if *p {
			return l.of(wIsSo)
		}
		return ""
	case *ledger.Fen:
		if *p == 0 {
			return ""
		}
		return yuanSign(*p)
	case *ledger.CutOff:
		return p.String()
	case *[]ledger.ShopID, *ledger.Weekdays, *[]ledger.Renewal:
		return join(b.saidEach(l, t))
	}
	typed := b.typed(b.at(t))
	switch {
	case typed == "":
		return ""
	case b.share:
		return typed + "%"
	}
	if i := slices.IndexFunc(b.picks(l, t), func(c choice) bool { return c.value == typed }); i >= 0 {
		return b.picks(l, t)[i].said
	}
	return strings.TrimSpace(typed + " " + l.of(b.unit))
}

// saidEach returns a setting that has any number of values as people read them.
func (b *box) saidEach(l lang, t thing) (all []string) {
	switch p := b.at(t).(type) {
	case *[]ledger.ShopID:
		return t.m.ShopNames(*p)
	case *ledger.Weekdays:
		for _, d := range ledger.Week() {
			if *p != 0 && p.Has(d) {
				all = append(all, l.of(weekdayWords[d]))
			}
		}
	case *[]ledger.Renewal:
		for _, r := range *p {
			all = append(all, l.of(wMonths.with(r.Months))+" ¥"+phrase.Yuan(r.Price))
		}
	}
	return all
}

// hours returns the days of the week and the hours in which a rule is in force, in one phrase; "" = always.
func (l lang) hours(r *ledger.Rule) string {
	if r.Weekdays == 0 && r.From == 0 && r.Until == 0 {
		return ""
	}
	var days []string
	for _, d := range ledger.Week() {
		if r.Weekdays != 0 && r.Weekdays.Has(d) {
			days = append(days, l.of(weekdayWords[d]))
		}
	}
	said := strings.Join(days, l.of(text{"、", ", "}))
	if said == "" {
		said = l.of(text{"每天", "Every day"})
	}
	if r.From != 0 || r.Until != 0 {
		said += " " + cmp.Or(r.From.String(), "00:00") + "–" + cmp.Or(r.Until.String(), "24:00")
	}
	return said
}

// picks are the values to choose from; nil = it is typed.
func (b *box) picks(l lang, t thing) (all []choice) {
	switch b.at(t).(type) {
	case *[]ledger.ShopID:
		for _, s := range t.m.Shops {
			all = append(all, choice{strconv.FormatInt(int64(s.ID), 10), s.Name})
		}
	case *ledger.Weekdays:
		for _, d := range ledger.Week() {
			all = append(all, choice{ledger.Weekdays(0).With(d).String(), l.of(weekdayWords[d])})
		}
	case *ledger.SpendOrder:
		for o := ledger.Proportional; o <= ledger.PrincipalFirst; o++ {
			all = append(all, choice{o.String(), l.of(spendOrders[o])})
		}
	case *ledger.RuleKind:
		for k := ledger.EachTime; k <= ledger.FromAmount; k++ {
			all = append(all, choice{k.String(), l.of(ruleKinds[k])})
		}
	case *ledger.CouponType:
		for k := ledger.CashCoupon; k <= ledger.PercentCoupon; k++ {
			all = append(all, choice{k.String(), l.of(couponTypes[k])})
		}
	case *ledger.CutOff:
		for hour := range 24 {
			all = append(all, choice{strconv.Itoa(hour), ledger.CutOffAt(hour).String()})
		}
	}
	return all
}

// placeField is the field for a thing's place in a list whose order counts.
const placeField = "place"

// tickField has the names of the boxes that are ticked: a browser sends nothing of one in which nothing is.
const tickField = "tick"

// sent reports whether a form has the box. What it has not stays as it is.
func (b *box) sent(form url.Values) bool {
	return form.Has(b.name) || form.Has(b.name+monthsOf) || slices.Contains(form[tickField], b.name)
}

// read sets a thing to what was typed, and returns it, as its place may be another then, with what is wrong with which
// field.
func (g *settingGroup) read(form url.Values, t thing, was thing) (thing, map[string]text) {
	wrong := map[string]text{}
	for i := range g.boxes {
		b := &g.boxes[i]
		if !b.sent(form) {
			continue
		}
		if said := b.read(form, t); said != (text{}) {
			wrong[b.name] = said
		} else if b.need && ledger.Blank(form.Get(b.name)) {
			wrong[b.name] = wNeeded
		}
	}
	if g.tidy != nil {
		g.tidy(was, t)
	}
	if !g.placed || form.Get(placeField) == "" {
		return t, wrong
	}
	place, err := strconv.Atoi(strings.TrimSpace(form.Get(placeField)))
	if last := g.things.len(t.m); err != nil || place < 1 || place > last {
		wrong[placeField] = wNoPlace
		return t, wrong
	}
	g.things.move(t.m, t.i, place-1)
	return thing{t.m, place - 1}, wrong
}

// form returns a thing as it stands in its form.
func (g *settingGroup) form(t thing) url.Values {
	form := url.Values{}
	for i := range g.boxes {
		g.boxes[i].fill(form, t)
	}
	if g.placed {
		form.Set(placeField, strconv.Itoa(t.i+1))
	}
	return form
}

// cloneSettings returns a merchant of which each list can be changed by itself.
func cloneSettings(m *ledger.Merchant) *ledger.Merchant {
	c := *m
	c.Shops, c.Levels, c.Rules = slices.Clone(m.Shops), slices.Clone(m.Levels), slices.Clone(m.Rules)
	c.PayTypes, c.CouponKinds = slices.Clone(m.PayTypes), slices.Clone(m.CouponKinds)
	return &c // what stands in the things themselves is only ever replaced as a whole
}
