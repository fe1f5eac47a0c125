package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
	"tongka/internal/report"
)

// careNeeds is what it takes to see the cards that need attention.
const careNeeds = ledger.MayReports | ledger.MayRead

// takesCares is what it takes to take them out.
const takesCares = careNeeds | ledger.MayExport

// attentionRoutes are of what needs attention at cards.
var attentionRoutes = []route{
	{"GET /console/m/{merchant}/attention/{what}", "attention", inside, careNeeds, (*call).showAttention},
	{"GET /console/m/{merchant}/attention/{what}/list.csv", "attention file", inside, takesCares, (*call).takeAttention},
	{"GET /console/m/{merchant}/attention/{what}/list.xlsx", "attention file", inside, takesCares, (*call).takeAttention},
}

// What is read to know what needs attention is bounded, so that Today takes no longer where there is much of it.
const (
	lapseDays  = 7      // how long before its last day bonus needs attention
	mostListed = 100    // lines of a list
	mostLocked = 20     // locked cards, each of which is looked at
	mostGuards = 20_000 // guards of a kind that are looked through for those that lock a card
	mostAlike  = 5_000  // entries that are looked through for doubles, where nobody has looked for long
)

// care is something that needs attention at cards: how many there are is told on Today, which they are on a page.
type care struct {
	name        string // in its address
	title, help text
	one, many   text // what Today says of one, and of several
	most        int  // lines that are looked for
	ofShops     bool // it is of a shop each, and so of those who see some shops only as well
	// read returns the lines of the shops that are seen, one more than most if there are more.
	read func(*call, context.Context, DayBooks, *freshness, seen) ([]careLine, error)
	// fill adds to the lines what Today does not tell; nil = there is no more.
	fill func(*call, context.Context, DayBooks, []careLine) error
}

// seen reports whether what is of a shop is to be seen.
type seen func(ledger.ShopID) bool

// careLine is a card that needs attention.
type careLine struct {
	card   ledger.CardID
	number string
	holder string    // name and masked phone
	at     time.Time // zero = there is no such time
	facts  []part
	where  string // who did it, and at which shop
}

// caresOf are all there are, in the order in which Today tells them. They are made by a function, as they call what
// refers to them.
func caresOf() []care {
	return []care{
		{
			name: "doubles", title: wDoubles, help: wDoublesHelp, one: wDoublesOne, many: wDoublesNow, most: mostListed,
			ofShops: true, read: (*call).readDoubles, fill: (*call).numberCares,
		},
		{
			name: "messages", title: wGivenUp, help: wGivenUpHelp, one: wGivenUpOne, many: wGivenUpNow, most: mostListed,
			read: (*call).readGivenUp, fill: (*call).numberCares,
		},
		{
			name: "locked", title: wLocked, help: wLockedHelp, one: wLockedOne, many: wLockedNow, most: mostLocked,
			read: (*call).readLocked,
		},
		{
			name: "lapsing", title: wLapse, help: wLapseHelp, one: wLapsingOne, many: wLapsing, most: mostListed,
			read: (*call).readLapsing, fill: (*call).fillLapsing,
		},
	}
}

// caresFor are those of the person, who has some permissions at all shops or at some: what is of no shop is for whoever
// has them at all.
func (c *call) caresFor(needs ledger.Permission) []care {
	whole := c.person.May(needs, c.merchant.ID, 0)
	return slices.DeleteFunc(caresOf(), func(k care) bool { return !whole && !k.ofShops })
}

// cares returns a notice of each thing that needs attention in the shops whose figures the person sees.
func (c *call) cares(ctx context.Context, books DayBooks, v *todayView) (all []notice, err error) {
	opens := c.caresFor(careNeeds)
	for _, k := range c.caresFor(ledger.MayReports) {
		lines, err := k.read(c, ctx, books, &v.fresh, c.seesOnly(ledger.MayReports, ""))
		if err != nil {
			return nil, err
		}
		if len(lines) == 0 {
			continue
		}
		n := notice{said: v.countUpTo(len(lines), k.most, k.one, k.many)}
		if slices.ContainsFunc(opens, func(o care) bool { return o.name == k.name }) && v.searches {
			n.url = v.at("attention/" + k.name)
		}
		all = append(all, n)
	}
	if v.waiting > 0 {
		all = append(all, notice{said: v.count(v.waiting, wWaitsForYou, wWaitForYou), url: v.at("proposals")})
	}
	imports, err := c.importsToConfirm(ctx, v.view)
	if err != nil {
		return nil, err
	}
	all = append(all, imports...)
	if !v.whole {
		return all, nil
	}
	if v.fresh.counted+ledger.EntryID(v.fresh.behind) > 0 {
		proved, err := c.provedNotice(ctx, books, v.view)
		if err != nil {
			return nil, err
		}
		all = append(all, proved...)
	}
	failing, err := books.Failing(ctx, c.merchant.ID)
	if failing > 0 {
		all = append(all, notice{said: v.count(int(failing), wFailingOne, wFailing), bad: true})
	}
	if err != nil {
		return nil, err
	}
	hooks, err := c.hookNotices(ctx, books, v.view)
	return append(all, hooks...), err
}

// hookNotices are notices of the webhooks that fail, and of those that are not even tried any more.
func (c *call) hookNotices(ctx context.Context, books DayBooks, v view) (all []notice, err error) {
	lines, err := hookLines(ctx, books, c.merchant.ID)
	for i := range lines {
		if !lines[i].waits() {
			continue
		}
		n := notice{said: v.lang.of(wHookIsIll) + lines[i].Name, bad: lines[i].paused()}
		if n.bad {
			n.said = v.lang.of(wHookIsPaused) + lines[i].Name
		}
		if c.person.May(ledger.MaySettings, c.merchant.ID, 0) {
			n.url = hookPath(&lines[i].Webhook)
		}
		all = append(all, n)
	}
	return all, err
}

// countUpTo returns a number of things in words, or that there are more than most.
func (v view) countUpTo(n, most int, one, many text) string {
	if n <= most {
		return v.count(n, one, many)
	}
	number := strconv.Itoa(most)
	many.Zh = strings.ReplaceAll(many.Zh, "N ", "N") // 100 多张, and not 100 多 张
	return v.lang.of(many.withText(text{number + " 多", "more than " + number}))
}

// endings are notices of what ends soon, or has ended.
func (c *call) endings(v *todayView) (all []notice) {
	today, utc := c.today(), ledger.DateOf(c.cfg.Clock().UTC())
	if end := c.merchant.LicenceEnd; end != 0 && end < today.AddDays(soonDays) {
		n := v.ending(wLicenceEnds, wLicencePast, end < today, "", end)
		if c.person.May(ledger.MaySettings, ledger.HostID, 0) {
			n.url = merchantPath(c.merchant.ID, "")
		}
		all = append(all, n)
	}
	for _, a := range slices.Concat(c.cfg.Directory.AgentsAt(c.merchant.ID), c.cfg.Directory.Keys(c.merchant.ID)) {
		if a.Until == 0 || a.Stopped || a.Until >= utc.AddDays(soonDays) {
			continue
		}
		n := v.ending(wAgentEnds, wAgentOver, a.Over(utc), a.Name, a.Until)
		switch {
		case a.Owner != 0:
			n = v.ending(wKeyEnds, wKeyOver, a.Over(utc), a.Name, a.Until)
			n.url = c.keyPathFor(a)
		case c.person.May(ledger.MayAgents, ledger.HostID, 0) || c.person.Agent == a.ID:
			n.url = agentPath(a.ID)
		}
		all = append(all, n)
	}
	return all
}

// ending is a notice of what ends on a day, or has ended.
func (v view) ending(ends, over text, isOver bool, name string, day ledger.Date) notice {
	said := ends
	if isOver {
		said = over
	}
	what := day.String()
	if name != "" {
		what = name + " · " + what
	}
	return notice{said: v.lang.of(said) + what, bad: isOver}
}

// worstFirst puts what has stopped working before the rest.
func worstFirst(all []notice) []notice {
	slices.SortStableFunc(all, func(a, b notice) int {
		switch {
		case a.bad == b.bad:
			return 0
		case a.bad:
			return -1
		}
		return 1
	})
	return all
}

// attentionView is the page of one thing that needs attention.
type attentionView struct {
	view
	of    care
	lines []careLine
	more  bool // there are more than are listed
	sends bool // the person may export the list
}

func (c *call) showAttention() error {
	v, err := c.attention(careNeeds)
	if err != nil {
		return err
	}
	v.sends = c.person.AllowedSomewhere(c.merchant.ID)&takesCares == takesCares
	return c.show(http.StatusOK, attentionPage(*v))
}

// takeAttention sends the lines that the page has as a file. Where there are more, its last row says so.
func (c *call) takeAttention() error {
	format, err := c.format()
	if err != nil {
		return err
	}
	v, err := c.attention(takesCares)
	if err != nil {
		return err
	}
	t := &table{columns: []tableColumn{{name: wCardNumber}, {name: wName}, {name: wFacts}, {name: wWhen}, {name: wWhere}}}
	for _, l := range v.lines {
		at := ""
		if !l.at.IsZero() {
			at = v.moment(l.at)
		}
		t.add(textCell(l.number), textCell(l.holder), textCell(v.inWords(l.facts)), textCell(at), textCell(l.where))
	}
	if v.more {
		t.ends(v.lang.of(wFirstOnes.with(v.of.most)))
	}
	return c.sendTable(v.of.name+"-"+c.today().String(), v.title, format, t)
}

// attention returns the thing of the path with its lines, of the shops where the person has some permissions.
func (c *call) attention(needs ledger.Permission) (*attentionView, error) {
	all, what := c.caresFor(needs), c.r.PathValue("what")
	named := func(k care) bool { return k.name == what }
	i := slices.IndexFunc(all, named)
	switch {
	case i < 0 && slices.ContainsFunc(caresOf(), named):
		return nil, errNotYours
	case i < 0:
		return nil, errNowhere
	}
	v := &attentionView{view: c.view(all[i].title), of: all[i]}
	var fresh freshness
	err := c.readBooks(ledger.DayTotals, &fresh, func(ctx context.Context, books DayBooks) (err error) {
		v.lines, err = v.of.read(c, ctx, books, &fresh, c.seesOnly(needs, ""))
		if err == nil && v.of.fill != nil {
			err = v.of.fill(c, ctx, books, v.lines)
		}
		return err
	})
	if v.more = len(v.lines) > v.of.most; v.more {
		v.lines = v.lines[:v.of.most]
	}
	return v, err
}

// numberCares finds the numbers of the cards that lack theirs.
func (c *call) numberCares(ctx context.Context, books DayBooks, lines []careLine) error {
	for i := range lines {
		if l := &lines[i]; l.number == "" {
			card, err := c.cardOf(ctx, books, l.card)
			if err != nil {
				return err
			}
			if card != nil {
				l.number = card.Number
			}
		}
	}
	return nil
}

// readLocked finds cards whose password is locked. A guard of a password that the card has no more locks nothing.
func (c *call) readLocked(ctx context.Context, books DayBooks, _ *freshness, _ seen) (all []careLine, err error) {
	now, seen := c.cfg.Clock(), map[ledger.CardID]bool{}
	for _, lock := range command.Locks {
		guards, err := books.Guards(ctx, ledger.GuardQuery{
			Merchant: c.merchant.ID, Kind: lock.Kind, Least: lock.Least, After: now, Looks: mostGuards, Limit: mostLocked + 1,
		})
		if err != nil {
			return nil, err
		}
		for i := range guards {
			id, ok := guards[i].About()
			if !ok || seen[id] || len(all) > mostLocked {
				continue
			}
			seen[id] = true
			card, err := c.cardOf(ctx, books, id)
			if err != nil {
				return nil, err
			}
			if card != nil && command.LockedBy(card, &guards[i], now) {
				all = append(all, careLine{
					card: id, number: card.Number,
					facts: []part{{wLockedTill, c.view(wLocked).moment(guards[i].Until)}},
				})
			}
		}
	}
	return all, nil
}

// readGivenUp finds messages that were given up.
func (c *call) readGivenUp(ctx context.Context, books DayBooks, _ *freshness, _ seen) (all []careLine, err error) {
	found, err := books.GivenUp(ctx, c.merchant.ID, mostListed+1)
	for _, m := range found {
		all = append(all, careLine{
			card: m.Card, at: m.EndedAt, facts: []part{{wTriesMade, strconv.Itoa(m.Tries)}},
		})
	}
	return all, err
}

// readLapsing finds cards with bonus or points that expire soon.
func (c *call) readLapsing(ctx context.Context, books DayBooks, _ *freshness, _ seen) (all []careLine, err error) {
	due, err := books.DueCards(ctx, c.merchant.ID, c.today().AddDays(lapseDays+1), mostListed+1)
	for _, key := range due {
		all = append(all, careLine{number: key.Number})
	}
	return all, err
}

// fillLapsing finds out when something expires, and puts the soonest first.
func (c *call) fillLapsing(ctx context.Context, books DayBooks, lines []careLine) error {
	if len(lines) == 0 {
		return nil
	}
	keys := command.Keys{}
	for i := range lines {
		keys.Cards = append(keys.Cards, lines[i].number)
	}
	records, err := books.Load(ctx, command.Want{Merchant: c.merchant.ID, Keys: keys})
	if err != nil {
		return err
	}
	slices.SortStableFunc(records[0].Cards, func(a, b ledger.Card) int {
		return cmp.Compare(a.NextExpiry(), b.NextExpiry())
	})
	for i := range records[0].Cards {
		card := &records[0].Cards[i]
		lines[i] = careLine{
			card: card.ID, number: card.Number, holder: join(notEmpty(card.Holder.Name, phrase.Masked(card.Holder.Phone))),
		}
		if next := card.NextExpiry(); next > ledger.FirstDay { // else it has more lots than are loaded
			lines[i].facts = []part{{wFirstExpiry, next.String()}}
		}
		lines[i].facts = append(lines[i].facts, lapsingOn(card, c.today().AddDays(lapseDays))...)
	}
	return nil
}

// lapsingOn says how much of a card expires up to a day. Of a card with more lots than are loaded that is not known.
func lapsingOn(card *ledger.Card, last ledger.Date) (all []part) {
	if card.MoreLots {
		return nil
	}
	var bonus ledger.Fen
	for _, l := range card.Lots {
		if l.GoodUntil <= last {
			bonus += l.Bonus
		}
	}
	var points int64
	for _, l := range card.PointLots {
		if l.GoodUntil <= last {
			points += l.Points
		}
	}
	if bonus > 0 {
		all = append(all, part{wBonus, yuanSign(bonus)})
	}
	if points > 0 {
		all = append(all, part{wPoints, phrase.Count(points)})
	}
	return all
}

// doublesAfter are the doubles of a merchant up to an entry, from where whoever looks next goes on.
type doublesAfter struct {
	sync.Mutex
	entry ledger.EntryID
	found report.Doubles
}

// readDoubles finds entries of today that may have been made twice. It goes on from where somebody looked last; where
// that is long ago, only the newest entries are looked at.
func (c *call) readDoubles(
	ctx context.Context, books DayBooks, fresh *freshness, sees seen,
) (all []careLine, err error) {
	at, last := c.doubles.of(c.merchant.ID), fresh.counted+ledger.EntryID(fresh.behind)
	at.Lock()
	defer at.Unlock()
	if at.entry < last-mostAlike {
		at.entry, at.found = last-mostAlike, report.Doubles{}
	}
	err = books.EachEntryInBrief(ctx, c.merchant.ID, at.entry, func(e *ledger.Entry) error {
		at.found.Add(e)
		at.entry = e.ID
		return nil
	})
	v := c.view(wDoubles)
	for _, d := range at.found.Of(c.merchant.Calendar(), c.businessDay()) {
		if !sees(d.Shop) {
			continue
		}
		all = append(all, careLine{
			card: d.Card, at: d.At, where: join([]string{c.merchant.ShopName(d.Shop), v.operator(d.Operator)}),
			facts: []part{{text(phrase.Kinds[d.Kind]), doubled(&d, v)}},
		})
	}
	return all[:min(len(all), mostListed+1)], err
}

// doubled says how much was paid twice, by which entries.
func doubled(d *report.Double, v view) string {
	sum := yuanSign(d.Gross)
	if d.Points != 0 {
		sum = phrase.Count(d.Points) + " " + v.lang.of(wPointsUnit)
	}
	number := func(id ledger.EntryID) string { return "#" + strconv.FormatInt(int64(id), 10) }
	return "2 × " + sum + " (" + number(d.First) + ", " + number(d.Second) + ")"
}
