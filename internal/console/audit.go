package console

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"tongka/internal/ledger"
)

// The audit says who changed what: the entries that belong to the merchant itself, or to the host, and to no card.
// People stand in the host's journal; a merchant sees what was changed of those that have anything to do with it,
// and of their grants no other than its own, and what was changed of its API keys.

// auditRoutes are for those who see the reports of all shops, or of the host.
var auditRoutes = []route{
	{"GET /console/m/{merchant}/audit", "audit", inside, ledger.MayReports, (*call).showAudit},
	{"GET /console/m/{merchant}/audit/{entry}", "audit", inside, ledger.MayReports, (*call).showAudited},
	{"GET /console/m/{merchant}/audit.csv", "audit file", inside, ledger.MayReports | ledger.MayExport, (*call).sendAudit},
	{"GET /console/m/{merchant}/audit.xlsx", "audit file", inside, ledger.MayReports | ledger.MayExport,
		(*call).sendAudit},
	{"GET /console/host/audit", "audit", atHost, ledger.MayReports, (*call).showAudit},
	{"GET /console/host/audit/{entry}", "audit", atHost, ledger.MayReports, (*call).showAudited},
	{"GET /console/host/audit.csv", "audit file", atHost, ledger.MayReports | ledger.MayExport, (*call).sendAudit},
	{"GET /console/host/audit.xlsx", "audit file", atHost, ledger.MayReports | ledger.MayExport, (*call).sendAudit},
}

const (
	auditAPage  = 30
	auditRead   = 100    // entries that are read at a time
	auditLooks  = 1000   // that a page looks through for those that are wanted
	auditInFile = 20_000 // lines of a file
	auditBack   = 2000   // entries that are looked through for what was before
	lookDays    = 30     // of which looks at masked data are told, where no period is chosen
)

// aboutPeople chooses what was changed of people and API keys, and nobody those changes that no person made.
const (
	aboutPeople = "people"
	nobody      = "0"
)

// auditKinds are what entries of a merchant itself, and of the host, are about.
var auditKinds = map[bool][]ledger.Kind{
	false: {
		ledger.SettingsChanged, ledger.WebhookChanged, ledger.DataExported, ledger.HandedOver, ledger.ClockAccepted,
		ledger.ClockTakenBack,
	},
	true: {
		ledger.PersonChanged, ledger.AgentChanged, ledger.MerchantAdded, ledger.DataExported, ledger.ClockAccepted,
		ledger.ClockTakenBack,
	},
}

// auditView is a time line of who changed what, newest first.
type auditView struct {
	view
	of       string      // aboutPeople, or "" for the merchant's own entries
	byWhom   string      // the person that is chosen, by id
	ofKind   ledger.Kind // 0 = every kind
	typed    [2]string   // the first and the last day, as they were typed
	from, to ledger.Date // 0 = no bound
	known    []*ledger.Person
	lines    []auditLine
	next     int64 // place of the first entry of the next page; 0 = this is the last
	looks    *table
	exports  bool
	settings settingsLine
	back     int64 // the place where time was taken back; 0 = it never was
	newer    map[ledger.PersonID]personLine
	told     int             // how many lines there are, without those that turned out to be of others
	eldest   map[subject]int // the line of each subject for which no change before it was met
	lowest   int64           // the place of the last entry that was looked at; 0 = none was
}

// personLine is the change of a person that was met last, newer than what is read next.
type personLine struct {
	entry *ledger.Entry
	line  int
}

// settingsLine is the change of settings that was met last, newer than what is read next, and its line; -1 = it has
// none.
type settingsLine struct {
	is   *ledger.Merchant
	line int
}

// told is how many of the settings that were changed a line names.
const told = 3

// compare says of the change of settings that was met last what it changed, now that what was before is known, and
// remembers this one.
func (v *auditView) compare(e *ledger.Entry, wanted bool) error {
	was, err := ledger.ParseMerchant(v.merchant.ID, e.Settings)
	if err != nil {
		return err
	}
	if newer := v.settings; newer.is != nil && newer.line >= 0 {
		l, changes := &v.lines[newer.line], v.differences(was, newer.is)
		var names []string
		for _, d := range changes[:min(len(changes), told)] {
			names = append(names, d.of+" "+d.name)
		}
		if len(changes) > told {
			names = append(names, "…")
		}
		l.about = join(notEmpty(append(names, l.about)...))
	}
	v.settings = settingsLine{was, -1}
	if wanted {
		v.settings.line = len(v.lines) - 1
	}
	return nil
}

// auditLine is one entry: what it is about, and where what it changed is seen.
type auditLine struct {
	ledger.Entry
	about  string
	url    string // "" = there is nothing more to see
	owned  bool   // it is about a merchant's own agent, which is an API key
	fresh  bool   // what it is about was added by it
	gone   bool   // and removed by it
	hidden bool   // it changed nothing that the merchant sees
}

// journal returns whose entries are looked at.
func (v *auditView) journal() ledger.MerchantID {
	if v.merchant == nil || v.of == aboutPeople {
		return ledger.HostID
	}
	return v.merchant.ID
}

// kinds are what can be chosen.
func (v *auditView) kinds() []ledger.Kind {
	if v.of == aboutPeople {
		return nil
	}
	return auditKinds[v.merchant == nil]
}

// here returns the address of the time line with what is chosen, as a page or as a file.
func (v *auditView) here(page string, from int64) string {
	q := url.Values{}
	for name, value := range map[string]string{"of": v.of, "who": v.byWhom, "from": v.typed[0], "to": v.typed[1]} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if v.ofKind != 0 {
		q.Set("kind", strconv.Itoa(int(v.ofKind)))
	}
	if from > 0 {
		q.Set("place", strconv.FormatInt(from, 10))
	}
	if len(q) == 0 {
		return v.at(page)
	}
	return v.at(page + "?" + q.Encode())
}

// tab returns the address of one of the time lines.
func (v *auditView) tab(of string) string {
	if of == "" {
		return v.at("audit")
	}
	return v.at("audit?of=" + of)
}

// auditView reads what is chosen. Somebody who sees the reports of some shops only sees no audit.
func (c *call) auditView(needs ledger.Permission) (*auditView, error) {
	if !c.person.May(needs, c.at(), 0) {
		return nil, errNotYours
	}
	q := c.r.URL.Query()
	v := &auditView{
		view: c.view(wAudit), byWhom: q.Get("who"), typed: [2]string{q.Get("from"), q.Get("to")},
		exports: c.person.May(ledger.MayExport, c.at(), 0),
	}
	if c.merchant != nil && q.Get("of") == aboutPeople {
		v.of = aboutPeople
	}
	if kind, err := strconv.Atoi(q.Get("kind")); err == nil && slices.Contains(v.kinds(), ledger.Kind(kind)) {
		v.ofKind = ledger.Kind(kind)
	}
	for i, day := range []*ledger.Date{&v.from, &v.to} {
		if v.typed[i] == "" {
			continue
		}
		var err error
		if *day, err = ledger.ParseDate(v.typed[i]); err != nil {
			v.fault = c.lang.of(wNoDate)
		}
	}
	if v.from != 0 && v.to != 0 && v.from > v.to {
		v.fault = c.lang.of(wFromBehindTo)
	}
	for _, p := range c.cfg.Directory.People() {
		if c.merchant == nil || p.Enters(c.merchant.ID) {
			v.known = append(v.known, p)
		}
	}
	return v, nil
}

// day returns the day of a time, as people of the merchant count it.
func (v *auditView) day(at time.Time) ledger.Date { return ledger.DateOf(at.In(v.zone())) }

// wants reports whether an entry is one of those that are chosen, but for its day.
func (v *auditView) wants(e *ledger.Entry) bool {
	return (v.ofKind == 0 || v.ofKind == e.Kind) && v.tells(e) &&
		(v.byWhom == "" || v.byWhom == strconv.FormatInt(int64(e.By.Person), 10))
}

// tells reports whether an entry is about what the time line is.
func (v *auditView) tells(e *ledger.Entry) bool {
	return v.of != aboutPeople || e.Kind == ledger.PersonChanged || changedKey(e, v.merchant.ID)
}

// changedKey reports whether an entry of the host's journal changed an API key of a merchant.
func changedKey(e *ledger.Entry, merchant ledger.MerchantID) bool {
	if e.Kind != ledger.AgentChanged {
		return false
	}
	a, err := ledger.ParseAgent(e.Settings)
	return err == nil && a.Owner == merchant
}

// readAudit adds to the lines up to most, from the place on, looking through so many entries at most. What is behind
// the last of them is next.
func (c *call) readAudit(v *auditView, place int64, most, looks int) error {
	if err := c.readPlaces(v, place, most, looks); err != nil {
		return err
	}
	for _, newer := range v.newer { // what was before them was not read
		before, err := c.versionBefore(&auditedView{}, newer.entry)
		if err != nil {
			return err
		}
		if err := v.comparePerson(newer, before); err != nil {
			return err
		}
	}
	if err := c.findAdded(v); err != nil {
		return err
	}
	v.lines = slices.DeleteFunc(v.lines, func(l auditLine) bool { return l.hidden })
	return nil
}

func (c *call) readPlaces(v *auditView, place int64, most, looks int) error {
	for looked := 0; place > 0; {
		entries, err := c.cfg.Books.OwnEntries(c.r.Context(), v.journal(), place, auditRead)
		if err != nil || len(entries) == 0 {
			return err
		}
		place = entries[len(entries)-1].Seq - 1
		for i := range entries {
			e := &entries[i]
			if v.from != 0 && v.day(e.At) < v.from {
				place = v.behind(e)
				break
			}
			if v.told >= most || looked == looks {
				v.next = e.Seq
				return nil
			}
			looked++
			v.lowest = e.Seq
			if v.to != 0 && v.day(e.At) > v.to { // before time was taken back
				continue
			}
			if err := v.take(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// behind returns the place from which entries may be of the days again that are wanted, where one is of an earlier day:
// all before it are, but those from before time was taken back. 0 and less = none is.
func (v *auditView) behind(e *ledger.Entry) int64 {
	if e.Seq >= v.back {
		return v.back - 1
	}
	return 0
}

// take adds an entry to the lines if it is one of those that are chosen.
func (v *auditView) take(e *ledger.Entry) error {
	line, p, err := v.line(e)
	if err != nil {
		return err
	}
	n := len(v.lines)
	if err := v.takeLine(e, line, &p); err != nil {
		return err
	}
	return v.meets(e, n)
}

func (v *auditView) takeLine(e *ledger.Entry, line auditLine, p *ledger.Person) error {
	if v.of == aboutPeople && e.Kind == ledger.PersonChanged {
		return v.takePerson(e, line, p)
	}
	wanted := v.wants(e)
	if wanted {
		v.lines = append(v.lines, line)
		v.told++
	}
	if e.Kind == ledger.SettingsChanged && v.merchant != nil {
		return v.compare(e, wanted)
	}
	return nil
}

// takePerson adds a change of a person, which is shown if it changed anything that the merchant sees: that is known
// once the change before it is.
func (v *auditView) takePerson(e *ledger.Entry, line auditLine, p *ledger.Person) error {
	if newer, there := v.newer[p.ID]; there {
		if err := v.comparePerson(newer, e.Settings); err != nil {
			return err
		}
		delete(v.newer, p.ID)
	}
	if !v.wants(e) {
		return nil
	}
	line.hidden = !isOf(p, v.merchant.ID)
	if !line.hidden {
		v.told++
	}
	v.lines = append(v.lines, line)
	if v.newer == nil {
		v.newer = map[ledger.PersonID]personLine{}
	}
	v.newer[p.ID] = personLine{e, len(v.lines) - 1}
	return nil
}

// comparePerson decides whether a change of a person is shown, now that what was before is known.
func (v *auditView) comparePerson(newer personLine, before string) error {
	shown, err := v.concerns(newer.entry, before)
	l := &v.lines[newer.line]
	switch {
	case shown && l.hidden:
		v.told++
	case !shown && !l.hidden:
		v.told--
	}
	l.hidden = !shown
	return err
}

// isOf reports whether a person has been granted anything at a merchant.
func isOf(p *ledger.Person, merchant ledger.MerchantID) bool {
	_, granted := p.GrantAt(merchant)
	return granted
}

// line returns an entry as a line, with the person it is about if it is about one.
func (v *auditView) line(e *ledger.Entry) (line auditLine, p ledger.Person, err error) {
	line = auditLine{Entry: *e, about: v.noted(e.Note)}
	line.Settings = "" // it is long, and seen elsewhere
	number := strconv.FormatInt(int64(e.ID), 10)
	switch e.Kind {
	case ledger.SettingsChanged:
		line.url = v.at("rules/history/" + number)
	case ledger.HandedOver:
		var of ledger.HandOver
		of, err = ledger.ParseHandOver(e.Settings)
		line.about, line.url = join(notEmpty(v.placeName(of.Shop), v.whoseShift(&of), e.Note)), v.at("shifts/"+number)
	case ledger.PersonChanged:
		p, err = ledger.ParsePerson(e.Settings)
		line.about, line.url = join(notEmpty(p.Name, p.SignIn, v.noted(e.Note))), v.at("audit/"+number)
	case ledger.AgentChanged:
		var a ledger.Agent
		a, err = ledger.ParseAgent(e.Settings)
		line.owned = a.Owner != 0
		line.about, line.url = join(notEmpty(v.keyWord(&a), a.Name, v.noted(e.Note))), v.at("audit/"+number)
	case ledger.WebhookChanged:
		var w ledger.Webhook
		w, err = ledger.ParseWebhook(e.Settings)
		line.about, line.gone = join(notEmpty(w.Name, v.noted(e.Note))), w.Removed
		if !w.Removed && v.person.May(ledger.MaySettings, v.journal(), 0) {
			line.url = v.at("webhooks/" + strconv.FormatInt(int64(w.ID), 10))
		}
	case ledger.MerchantAdded:
		var id ledger.MerchantID
		id, _, err = ledger.ParseAdded(e.Settings)
		line.about = join(notEmpty(v.lang.of(wIDNumber)+" "+strconv.FormatInt(int64(id), 10), e.Note))
		line.url = merchantPath(id, "")
	}
	return line, p, err
}

// notEmpty returns the texts that say something.
func notEmpty(all ...string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// placeOf returns the place of the newest entry of a day or of one before it. Where time was taken back and all since
// is later, that is the place before, behind which entries are looked at one by one.
func (c *call) placeOf(v *auditView, day ledger.Date) (int64, error) {
	at := func(place int64) (*ledger.Entry, error) {
		found, err := c.cfg.Books.OwnEntries(c.r.Context(), v.journal(), place, 1)
		if err != nil || len(found) == 0 {
			return nil, err
		}
		return &found[0], nil
	}
	newest, err := at(math.MaxInt64)
	if err != nil || newest == nil {
		return 0, err
	}
	low, high := max(v.back-1, 0), newest.Seq
	for low < high {
		middle := low + (high-low+1)/2
		e, err := at(middle)
		if err != nil {
			return 0, err
		}
		if e == nil || v.day(e.At) > day {
			high = middle - 1
		} else {
			low = middle
		}
	}
	return low, nil
}

// firstPlace returns where the time line begins.
func (c *call) firstPlace(v *auditView) (int64, error) {
	var err error
	if v.back, err = c.takenBackAt(v.journal()); err != nil {
		return 0, err
	}
	if place, err := strconv.ParseInt(c.r.URL.Query().Get("place"), 10, 64); err == nil && place > 0 {
		return place, nil
	}
	if v.to != 0 {
		return c.placeOf(v, v.to)
	}
	return math.MaxInt64, nil
}

// takenBackAt returns the place in a merchant's own journal where time was taken back; 0 = it never was.
func (c *call) takenBackAt(journal ledger.MerchantID) (int64, error) {
	head, err := headOf(c.r.Context(), c.cfg.Books, journal)
	if err != nil || head.TakenBack == 0 {
		return 0, err
	}
	e, err := entryOf(c.r.Context(), c.cfg.Books, journal, head.TakenBack)
	if err != nil || e == nil {
		return 0, err
	}
	return e.Seq, nil
}

func (c *call) showAudit() error {
	v, err := c.auditView(ledger.MayReports)
	if err != nil {
		return err
	}
	if v.fault != "" {
		return c.show(http.StatusUnprocessableEntity, auditPage(v))
	}
	place, err := c.firstPlace(v)
	if err != nil {
		return err
	}
	if err := c.readAudit(v, place, auditAPage, auditLooks); err != nil {
		return err
	}
	if c.merchant != nil && v.of == "" {
		if err := cmp.Or(c.readLooks(v), c.unlinkHooks(v)); err != nil {
			return err
		}
	}
	return c.show(http.StatusOK, auditPage(v))
}

// unlinkHooks takes the address from lines about webhooks that were removed since: there is no page of them.
func (c *call) unlinkHooks(v *auditView) error {
	links := func(l auditLine) bool { return l.Kind == ledger.WebhookChanged && l.url != "" }
	if !slices.ContainsFunc(v.lines, links) {
		return nil
	}
	all, err := c.cfg.Webhooks.Webhooks(c.r.Context(), c.merchant.ID)
	for i := range v.lines {
		l := &v.lines[i]
		if links(*l) && !slices.ContainsFunc(all, func(w ledger.Webhook) bool { return hookPath(&w) == l.url }) {
			l.url = ""
		}
	}
	return err
}

// readLooks adds up who looked at what is masked, from the totals of the days.
func (c *call) readLooks(v *auditView) error {
	v.looks = v.newTable("looks", wLooks, []text{wDay, wOperator}, []figure{timesFigure(wTimes, ledger.DataShown)})
	first, last := v.from, v.to
	if last == 0 {
		last = c.businessDay()
	}
	if first == 0 {
		first = last.AddDays(1 - lookDays)
	}
	type key struct {
		day      ledger.Date
		operator string
	}
	sums, order := map[key]int64{}, []key{}
	var fresh freshness
	err := c.readBooks(ledger.DayTotals, &fresh, func(ctx context.Context, books DayBooks) error {
		return books.EachDayTotal(ctx, c.merchant.ID, first, last, func(t *ledger.DayTotal) error {
			k := key{t.Day, t.Operator}
			if t.Kind != ledger.DataShown {
				return nil
			}
			if _, there := sums[k]; !there {
				order = append(order, k)
			}
			sums[k] += t.Count
			return nil
		})
	})
	for _, k := range slices.Backward(order) {
		cell := dayCell(k.day)
		if c.person.May(ledger.MayRead, c.merchant.ID, 0) {
			cell = cell.to(v.entriesOf(sought{Period: aDay(k.day), ofKind: ledger.DataShown}.by(k.operator)))
		}
		v.looks.add(cell, textCell(v.operator(k.operator)), countCell(sums[k]))
	}
	return err
}

// sendAudit sends the time line as a file.
func (c *call) sendAudit() error {
	v, err := c.auditView(ledger.MayReports | ledger.MayExport)
	if err != nil {
		return err
	}
	format, err := c.format()
	if err != nil || v.fault != "" {
		return errNowhere
	}
	place, err := c.firstPlace(v)
	if err != nil {
		return err
	}
	if err := c.readAudit(v, place, auditInFile, math.MaxInt); err != nil {
		return err
	}
	t := v.filed()
	if v.next != 0 {
		t.ends(v.lang.of(wFirstOnes.with(auditInFile)))
	}
	return c.sendTable("audit-"+v.day(v.now).String(), v.title, format, t)
}

// filed returns the time line as a file has it.
func (v *auditView) filed() *table {
	t := &table{columns: []tableColumn{
		{name: wWhen}, {name: wWho}, {name: wCameFrom}, {name: wKindOf}, {name: wAbout}, {name: wEntry, kind: ofCount},
	}}
	for i := range v.lines {
		l := &v.lines[i]
		t.add(textCell(v.moment(l.At)), textCell(v.who(l.By)), textCell(l.By.Address), textCell(v.called(l)),
			textCell(l.about), countCell(int64(l.ID)))
	}
	return t
}
