package console

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// ruleRoutes are of a merchant's settings. Whoever looks up cards may see them; changing them takes a grant for all
// shops.
var ruleRoutes = []route{
	{"GET /console/m/{merchant}/rules", "rules", inside, ledger.MayRead, (*call).showRules},
	{"GET /console/m/{merchant}/rules/history", "versions", inside, ledger.MayRead, (*call).showVersions},
	{"GET /console/m/{merchant}/rules/history/{version}", "version", inside, ledger.MayRead, (*call).showVersion},
	{"POST /console/m/{merchant}/rules/history/{version}", "version", inside, ledger.MaySettings, (*call).bringBack},
	{"GET /console/m/{merchant}/rules/{group}", "settings", inside, ledger.MayRead, (*call).showGroup},
	{"GET /console/m/{merchant}/rules/{group}/{item}", "setting", inside, ledger.MayRead, (*call).showSetting},
	{"POST /console/m/{merchant}/rules/{group}/{item}", "setting", inside, ledger.MaySettings, (*call).saveSetting},
	{"POST /console/m/{merchant}/rules/{group}/{item}/try", "setting", inside, ledger.MaySettings, (*call).trySetting},
}

// What stands in an address in place of an id.
const (
	onlyThing = "one" // of a group that has one thing
	newThing  = "new"
)

// maySet reports whether the person may change the merchant's settings, which are those of all its shops.
func (v view) maySet() bool { return v.person.May(ledger.MaySettings, v.merchant.ID, 0) }

// settingsNow returns a merchant's settings as they are stored, to be changed, and the entry that made them; 0 = none
// did.
func (c *call) settingsNow(id ledger.MerchantID) (*ledger.Merchant, ledger.EntryID, error) {
	records, err := c.cfg.Books.Load(c.r.Context(), command.Want{Merchant: id, Keys: command.Keys{Head: true}})
	if err != nil {
		return nil, 0, err
	}
	if records[0].Merchant == nil {
		return nil, 0, errNowhere
	}
	return cloneSettings(records[0].Merchant), records[0].Head.Settings, nil
}

// changeSettings sets a merchant's settings, if they are still those that the person has seen. why is what the core
// has against it; the zero Refusal is nothing.
func (c *call) changeSettings(to *ledger.Merchant, seen ledger.EntryID, note string) (why ledger.Refusal, err error) {
	_, err = c.do(command.ChangeSettings{
		Merchant: to.ID, By: c.by(), To: *to, From: seen, Note: note,
	})
	if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
		c.note().Outcome = "refused"
		return refusal, nil
	}
	if err != nil {
		return ledger.Refusal{}, err
	}
	return ledger.Refusal{}, c.cfg.Directory.Refresh(c.r.Context())
}

// settingView is a thing of a merchant's settings in its form.
type settingView struct {
	view
	group   *settingGroup
	was     *ledger.Merchant // as it is stored
	thing   thing            // with what was typed
	fresh   bool             // it is a new one
	version ledger.EntryID
	form    url.Values
	faults  map[string]text // by box
	moved   *moved          // somebody else was first
}

// moved is what was changed by somebody else meanwhile.
type moved struct {
	by      ledger.Caller
	when    string
	changes []difference // nil = it is not known from what
}

// item returns what stands for the thing in an address.
func (v *settingView) item() string {
	switch {
	case v.group.things == nil:
		return onlyThing
	case v.fresh:
		return newThing
	}
	return strconv.FormatInt(v.group.things.id(v.thing), 10)
}

// groupHere returns the group of the path.
func (c *call) groupHere() (*settingGroup, error) {
	if g := groupNamed(c.r.PathValue("group")); g != nil {
		return g, nil
	}
	return nil, errNowhere
}

// settingHere returns the thing of the path, as it is stored.
func (c *call) settingHere() (*settingView, error) {
	g, err := c.groupHere()
	if err != nil {
		return nil, err
	}
	v := &settingView{view: c.view(g.title), group: g}
	if v.was, v.version, err = c.settingsNow(c.merchant.ID); err != nil {
		return nil, err
	}
	item, to, ok := c.r.PathValue("item"), cloneSettings(v.was), true
	switch {
	case g.things == nil:
		v.thing, ok = thing{to, 0}, item == onlyThing || item == ""
	case item == newThing:
		g.things.add(to)
		v.thing, v.fresh = thing{to, g.things.len(to) - 1}, true
		if g == shopGroup {
			c.freeShop(to)
		}
	default:
		id, wrong := strconv.ParseInt(item, 10, 64)
		if v.thing, ok = g.find(to, id); wrong != nil {
			ok = false
		}
	}
	if !ok {
		return nil, errNowhere
	}
	v.form = g.form(v.thing)
	switch {
	case v.fresh:
		v.title = v.lang.of(g.one)
	case g.things != nil:
		v.title = g.things.name(v.thing)
	}
	return v, nil
}

// freeShop gives the last shop of a merchant an id that no other merchant's shop has.
func (c *call) freeShop(m *ledger.Merchant) {
	last := &m.Shops[len(m.Shops)-1]
	last.ID = c.cfg.Directory.FreeShop(m.ID, last.ID)
}

// showRules shows what there is to set.
func (c *call) showRules() error {
	m, _, err := c.settingsNow(c.merchant.ID)
	if err != nil {
		return err
	}
	return c.show(http.StatusOK, rulesPage(c.view(wRules), m))
}

// showGroup shows a list, or the form of what there is once.
func (c *call) showGroup() error {
	g, err := c.groupHere()
	if err != nil {
		return err
	}
	if g.things == nil {
		return c.showSetting()
	}
	m, _, err := c.settingsNow(c.merchant.ID)
	if err != nil {
		return err
	}
	return c.show(http.StatusOK, groupPage(c.view(g.title), g, m))
}

func (c *call) showSetting() error {
	v, err := c.settingHere()
	if err != nil {
		return err
	}
	if v.fresh && !v.maySet() {
		return errNotYours
	}
	return c.show(http.StatusOK, settingPage(v))
}

// typedSetting returns the thing of the path with what was typed.
func (c *call) typedSetting() (v *settingView, seen ledger.EntryID, err error) {
	if v, err = c.settingHere(); err != nil {
		return nil, 0, err
	}
	if !v.maySet() {
		return nil, 0, errNotYours
	}
	return v, v.typedIn(c.r.PostForm), nil
}

// typedIn puts what was typed into the thing, notes what is wrong with it, and returns the version that was seen.
func (v *settingView) typedIn(form url.Values) (seen ledger.EntryID) {
	v.form = form
	before := thing{cloneSettings(v.thing.m), v.thing.i}
	v.thing, v.faults = v.group.read(form, v.thing, before)
	v.check()
	return versionSeen(form.Get("version"))
}

// versionSeen returns the version that a form was opened with, as the form has it.
func versionSeen(typed string) ledger.EntryID {
	version, err := strconv.ParseInt(typed, 10, 64)
	if err != nil {
		return -1 // no entry has it, so somebody else counts as having been first
	}
	return ledger.EntryID(version)
}

// check notes what the core has against the settings, at the boxes that it is about.
func (v *settingView) check() {
	note := func(name string, said text) {
		if _, known := v.faults[name]; !known {
			v.faults[name] = said
		}
	}
	other := ""
	for _, f := range v.thing.m.AllFaults() {
		name := v.group.boxOf(f, v.thing)
		if said, known := settingFaults[v.group.name+"."+name]; known {
			note(name, said)
		} else {
			other = cmp.Or(other, v.lang.of(wOtherFault)+f.Field+": "+f.Text)
		}
	}
	if v.group.nameTwice(v.thing, v.thing.m.Today(v.now)) {
		note("name", wNameTwice)
	}
	if len(v.faults) == 0 {
		v.fault = other
	}
}

func (c *call) saveSetting() error {
	return c.saveForm(settingForm{
		read: c.typedSetting, page: settingPage,
		there: func(v *settingView) string {
			saved := *v
			saved.fresh = false
			return v.at("rules/" + v.group.name + "/" + saved.item() + "?saved")
		},
	})
}

// settingForm is a form by which settings are changed.
type settingForm struct {
	// read returns the settings as they are stored with what was typed, and the version that the person has seen.
	read  func() (*settingView, ledger.EntryID, error)
	page  func(*settingView) templ.Component
	there func(*settingView) string // where it leads once they are saved
}

// saveForm saves what was typed into a form. If somebody has changed the settings since it was opened, that is told
// instead, and nothing is overwritten.
func (c *call) saveForm(f settingForm) error {
	v, seen, err := f.read()
	if err != nil {
		return err
	}
	if seen != v.version {
		return c.tellMoved(f, v, seen)
	}
	if len(v.faults) > 0 || v.fault != "" {
		return c.again(f, v)
	}
	if len(v.differences(v.was, v.thing.m)) == 0 {
		return c.to(f.there(v)) // nothing was changed, and an entry would say nothing
	}
	refusal, err := c.changeSettings(v.thing.m, seen, "")
	switch {
	case err != nil:
		return err
	case refusal.Reason == ledger.SettingsMoved:
		if v, _, err = f.read(); err != nil {
			return err
		}
		return c.tellMoved(f, v, seen)
	case refusal.Reason == ledger.GUIDTaken:
		v.faults["guid"] = text(phrase.Refusals[ledger.GUIDTaken])
		return c.again(f, v)
	case refusal.Reason != 0:
		v.fault = v.lang.of(text(phrase.Refusal(refusal)))
		return c.again(f, v)
	}
	return c.to(f.there(v))
}

// again shows a form again, with what is wrong.
func (c *call) again(f settingForm, v *settingView) error {
	c.note().Outcome = "refused"
	return c.show(http.StatusUnprocessableEntity, f.page(v))
}

// tellMoved shows a form again, with what was typed and what somebody else has changed meanwhile.
func (c *call) tellMoved(f settingForm, v *settingView, seen ledger.EntryID) error {
	c.note().Outcome = "refused"
	moved, was, err := c.movedSince(v.view, seen, v.version, v.was)
	if err != nil {
		return err
	}
	v.moved = moved
	v.keepOthers(was)
	return c.show(http.StatusConflict, f.page(v))
}

// keepOthers takes what somebody else has set meanwhile into those fields of the form that stand as the person found
// them, so that saving it again undoes nothing that was not typed.
func (v *settingView) keepOthers(was *ledger.Merchant) {
	if v.fresh || was == nil || v.group.fits != nil && !v.group.fits(was) {
		return
	}
	to := cloneSettings(v.was)
	before, there := v.group.same(v.thing, was)
	now, still := v.group.same(v.thing, to)
	if !there || !still {
		return
	}
	form, found, is := maps.Clone(v.form), v.group.form(before), v.group.form(now)
	for name := range is {
		if filled(form[name]) == filled(found[name]) {
			form[name] = is[name]
		}
	}
	v.thing, v.fault = now, ""
	v.typedIn(form)
}

// filled returns the values of a field that say something, as one text to compare.
func filled(values []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(values), func(s string) bool { return s == "" }), "\n")
}

// movedSince returns who changed the settings last, and what was changed since the version that the person has seen,
// with that version; nil if there is no such version.
func (c *call) movedSince(
	v view, seen, now ledger.EntryID, is *ledger.Merchant,
) (m *moved, was *ledger.Merchant, err error) {
	m = &moved{}
	last, _, err := c.versionOf(is.ID, now)
	if err != nil {
		return nil, nil, err
	}
	if last != nil {
		m.by, m.when = last.By, v.moment(last.At)
	}
	if _, was, err = c.versionOf(is.ID, seen); err != nil {
		return nil, nil, err
	}
	if was != nil {
		m.changes = v.differences(was, is)
	}
	return m, was, nil
}

// versionOf returns the entry of a version and the settings it made; nil if there is no such version.
func (c *call) versionOf(
	merchant ledger.MerchantID, id ledger.EntryID,
) (*ledger.Entry, *ledger.Merchant, error) {
	if id < 1 {
		return nil, nil, nil
	}
	e, err := entryOf(c.r.Context(), c.cfg.Books, merchant, id)
	if e == nil || e.Kind != ledger.SettingsChanged {
		return nil, nil, err
	}
	m, err := ledger.ParseMerchant(merchant, e.Settings)
	if err != nil {
		return nil, nil, fmt.Errorf("entry %d: %w", id, err)
	}
	return e, m, nil
}

// trySetting shows what the settings would come to with what was typed. Nothing is saved.
func (c *call) trySetting() error {
	v, _, err := c.typedSetting()
	if err != nil {
		return err
	}
	return c.show(http.StatusOK, sampleList(v))
}

// samples are what the thing comes to; none while the core has something against it other than its name.
func (v *settingView) samples() []sample {
	for name := range v.faults {
		if name != "name" {
			return nil
		}
	}
	if v.fault != "" {
		return nil
	}
	return samplesOf(v.group, v.thing, v.lang, v.now)
}

// wrong returns what is wrong with a field; "" = nothing.
func (v *settingView) wrong(name string) string { return v.lang.of(v.faults[name]) }

// has reports whether a form has a value of a field.
func (v *settingView) has(name, value string) bool { return slices.Contains(v.form[name], value) }

// boxKind is how a box is drawn.
type boxKind int

const (
	lineBox boxKind = iota
	checkBox
	pickBox
	someBox
	renewalsBox
)

func (v *settingView) kindOf(b *box) boxKind {
	switch b.at(v.thing).(type) {
	case *bool:
		return checkBox
	case *[]ledger.ShopID, *ledger.Weekdays:
		return someBox
	case *[]ledger.Renewal:
		return renewalsBox
	}
	if b.picks(v.lang, v.thing) != nil {
		return pickBox
	}
	return lineBox
}

// narrow reports whether two such boxes stand side by side where there is room.
func (v *settingView) narrow(b *box) bool {
	kind := v.kindOf(b)
	return kind == lineBox || kind == pickBox
}

// typed returns the type of the input of a box, and which keys a phone shows for it.
func (v *settingView) typed(b *box) (kind, mode string) {
	switch b.at(v.thing).(type) {
	case *ledger.Date:
		return "date", "text"
	case *ledger.Clock:
		return "time", "text"
	case *ledger.Fen, *ledger.Rate:
		return "text", "decimal"
	case *int, *int64:
		return "text", "numeric"
	}
	return "text", "text"
}

// spareRenewals is how many empty lines there are to add renewals.
const spareRenewals = 2

// renewals are the pairs of months and price that were typed, and some empty ones.
func (v *settingView) renewals(b *box) (pairs [][2]string) {
	months, prices := v.form[b.name+monthsOf], v.form[b.name+priceOf]
	for i := range min(len(months), len(prices)) {
		if months[i]+prices[i] != "" {
			pairs = append(pairs, [2]string{months[i], prices[i]})
		}
	}
	for range min(spareRenewals, ledger.MaxRenewals-len(pairs)) {
		pairs = append(pairs, [2]string{})
	}
	return pairs
}

// zones are proposed where a zone is typed; any other may be typed too.
var zones = []string{
	"Asia/Shanghai", "Asia/Urumqi", "Asia/Hong_Kong", "Asia/Macau", "Asia/Taipei", "Asia/Singapore", "Asia/Kuala_Lumpur",
}

// isZone reports whether a box is of a time zone.
func (v *settingView) isZone(b *box) bool {
	_, is := b.at(v.thing).(**time.Location)
	return is
}

// names are those of the things of a group that have not ended.
func (v view) names(g *settingGroup, m *ledger.Merchant) string {
	var names []string
	for _, t := range g.all(m) {
		if !g.things.over(t, m.Today(v.now)) {
			names = append(names, g.things.name(t))
		}
	}
	if len(names) == 0 {
		return v.lang.of(wNoneYet)
	}
	return join(names)
}

// brief is what a list shows of a thing besides its name.
func (v view) brief(g *settingGroup, t thing) string {
	var all []string
	for i := range g.boxes {
		b := &g.boxes[i]
		if said := b.said(v.lang, t); b.short && b.name != "name" && said != "" {
			all = append(all, v.lang.of(b.label)+" "+said)
		}
	}
	if g.brief != nil {
		all = append(all, notEmpty(g.brief(v.lang, t))...)
	}
	return join(all)
}
