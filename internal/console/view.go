package console

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tongka/internal/ledger"
)

// view is what every page shows besides its own.
type view struct {
	lang     lang
	title    string
	path     string
	filling  string // the form in which the language is chosen, as it has what was typed; "" = none is
	person   *ledger.Person
	merchant *ledger.Merchant
	host     bool // the page is the host's
	answers  bool // it answers a form
	session  ledger.Session
	notice   string
	fault    string
	now      time.Time
	shared   *time.Location // that of all merchants whose pages the person may see; nil = they differ
	people   names
	connects bool // the person connects tills to the merchant
	keeper   Keeper
	waiting  int // proposals that wait for the person
	passkeys bool
	beside   beside
}

// view returns what a page of that title shows besides its own.
func (c *call) view(title text) view {
	v := view{
		lang: c.lang, title: c.lang.of(title), path: c.r.URL.Path, person: c.person, merchant: c.merchant, session: c.session,
		host: strings.HasPrefix(c.r.URL.Path, Base+"host/"), answers: !reads(c.r), now: c.cfg.Clock(), people: c.names(),
		waiting: c.toConfirm(), passkeys: c.cfg.SignIn.Passkeys(), keeper: c.cfg.Keeper,
	}
	if c.merchant == nil {
		v.shared = sharedZone(c.cfg.Directory.Merchants(), c.person)
	}
	if c.merchant != nil && c.person != nil {
		v.connects = c.person.AllowedSomewhere(c.merchant.ID)&mayConnect != 0 || c.looksAfter(c.merchant.ID)
	}
	if c.r.Method == "GET" && c.r.URL.Query().Has("saved") {
		v.notice = c.lang.of(wDone)
	}
	if c.r.Method == "GET" && c.r.URL.Query().Has("done") {
		v.notice = c.lang.of(wCarriedOut)
	}
	return v
}

// at returns the address of a page of the merchant, or of the host.
func (v view) at(page string) string {
	if v.merchant == nil {
		return Base + "host/" + page
	}
	return merchantPage(v.merchant.ID, page)
}

// of returns the view as one of a merchant's page.
func (v view) of(m *ledger.Merchant) view {
	v.merchant = m
	return v
}

// front returns the address of the first page of the merchant that the person may see.
func (v view) front() string {
	if !v.person.Enters(v.merchant.ID) {
		return v.at("integration")
	}
	return v.at("")
}

// merchantPage returns the address of a page of a merchant.
func merchantPage(id ledger.MerchantID, page string) string {
	return Base + "m/" + strconv.FormatInt(int64(id), 10) + "/" + page
}

// way leads to a page.
type way struct {
	name text
	url  string
	here bool
	news int // what waits there
}

// ways are the pages of the merchant that the person may see, or those of the host.
func (v view) ways() (all []way) {
	add := func(name text, page string, may bool) {
		if url := v.at(page); may {
			all = append(all, way{name: name, url: url, here: v.path == url || page != "" && strings.HasPrefix(v.path, url)})
		}
	}
	switch {
	case v.merchant != nil:
		may := v.person.AllowedSomewhere(v.merchant.ID)
		add(wToday, "", may != 0)
		add(wCards, "cards", may&ledger.MayRead != 0)
		add(wReports, "reports", may&ledger.MayReports != 0)
		add(wShifts, "shifts", may&(ledger.MayRecharge|ledger.MayReports) != 0)
		add(wRules, "rules", may&ledger.MayRead != 0)
		if v.merchant.Settings.SecondPerson > 0 && may&mayBeProposed != 0 {
			add(wProposals, "proposals", true)
			all[len(all)-1].news = v.waiting
		}
		add(wPeople, "people", may&ledger.MayPeople != 0)
		add(wIntegration, "integration", v.connects)
		add(wKeys, "keys", v.person.May(ledger.MayPeople, v.merchant.ID, 0))
		add(wHooks, "webhooks", v.person.May(ledger.MaySettings, v.merchant.ID, 0))
		add(wAudit, "audit", v.person.May(ledger.MayReports, v.merchant.ID, 0))
		add(wBooks, "books", v.person.May(ledger.MayReports, v.merchant.ID, 0))
	default:
		add(wMerchants, "merchants", v.person.May(ledger.MaySettings, ledger.HostID, 0))
		add(wPeople, "people", v.person.May(ledger.MayPeople, ledger.HostID, 0))
		if v.person.May(ledger.MayAgents, ledger.HostID, 0) {
			add(wAgents, "agents", true)
		} else if v.person.Agent != 0 {
			add(wMyAgent, "agents/"+strconv.FormatInt(int64(v.person.Agent), 10), true)
		}
		add(wAudit, "audit", v.person.May(ledger.MayReports, ledger.HostID, 0))
		add(wBooks, "books", v.person.May(ledger.MaySettings|ledger.MayReports, ledger.HostID, 0))
		add(wServer, "server", v.person.May(ledger.MaySettings, ledger.HostID, 0))
	}
	return all
}

// waysAtHand is how many ways a phone has room for, beside the one to all others.
const waysAtHand = 4

// behind returns those of the ways that a phone shows only when "more" is chosen: none where all have room. The first
// are those that somebody uses most.
func behind(ways []way) []way {
	if len(ways) <= waysAtHand+1 {
		return nil
	}
	return ways[waysAtHand:]
}

// together returns the way to several: it is where one of them is, and has the news of all.
func together(name text, ways []way) way {
	all := way{name: name}
	for _, w := range ways {
		all.here, all.news = all.here || w.here, all.news+w.news
	}
	return all
}

// elsewhere are the ways from a merchant's pages to what else the person may see: other merchants, and the host's. A
// phone has no room for the first page in its bar.
func (v view) elsewhere() (all []way) {
	if v.merchant == nil {
		return nil
	}
	if v.person.Allowed(ledger.HostID, 0) != 0 || len(v.person.Grants) > 1 || v.person.Agent != 0 {
		all = append(all, way{name: wGoHome, url: Base})
	}
	v.merchant = nil
	return append(all, v.ways()...)
}

// roles returns what a person is at the merchant of the page, or at the host.
func (v view) roles(p *ledger.Person) string {
	var names []string
	if p.Agent != 0 {
		names = append(names, v.lang.of(roleWords[ofAnAgent]))
	}
	for _, g := range p.Grants {
		if g.Merchant == ledger.HostID || v.merchant == nil || g.Merchant == v.merchant.ID {
			names = append(names, roleName(v.lang, g))
		}
	}
	return strings.Join(names, " · ")
}

// shops returns where a person is that at the merchant of the page.
func (v view) shops(p *ledger.Person) string {
	if v.merchant == nil {
		return v.everywhere(p)
	}
	var names []string
	for _, g := range p.Grants {
		if g.Merchant != v.merchant.ID || g.Shops == nil {
			if g.Merchant == v.merchant.ID || g.Merchant == ledger.HostID {
				return v.lang.of(wAllShops)
			}
			continue
		}
		for _, s := range v.merchant.Shops {
			if slices.Contains(g.Shops, s.ID) {
				names = append(names, s.Name)
			}
		}
	}
	return strings.Join(names, " · ")
}

// everywhere returns at which merchants and in which of their shops a person is what the roles say, or of which agent.
func (v view) everywhere(p *ledger.Person) string {
	var all []string
	if p.Agent != 0 {
		name, _ := v.people.agent(p.Agent)
		all = append(all, name)
	}
	for _, g := range p.Grants {
		if g.Merchant == ledger.HostID {
			all = append(all, v.lang.of(wAllMerchants))
			continue
		}
		m := v.people.from.Merchant(g.Merchant)
		if m == nil {
			continue
		}
		there := v.of(m)
		all = append(all, m.Name+" "+there.shops(p))
	}
	return strings.Join(all, " · ")
}

// sharedZone returns the zone in which all merchants are whose pages a person may see; nil = there is none. Of somebody
// who sees none, as those are who look after an agent's tills, it is that of all there are.
func sharedZone(all []*ledger.Merchant, p *ledger.Person) (shared *time.Location) {
	enters := func(m *ledger.Merchant) bool { return p != nil && p.Enters(m.ID) }
	some := slices.ContainsFunc(all, enters)
	for _, m := range all {
		switch {
		case some && !enters(m):
		case m.Zone == nil, shared != nil && shared.String() != m.Zone.String():
			return nil
		default:
			shared = m.Zone
		}
	}
	return shared
}

// moment returns a time as people of the merchant read it. Where there is no merchant it is that which all merchants
// share, or the world's, and says which, as nobody could know it otherwise.
func (v view) moment(at time.Time) string {
	at = at.In(v.zone())
	said := at.Format("2006-01-02 15:04")
	if v.merchant == nil {
		said += " " + v.zoneName(at)
	}
	return said
}

// day returns the civil day of a time, where moment has the minute too.
func (v view) day(at time.Time) string { return at.In(v.zone()).Format(time.DateOnly) }

// zoneName returns what the zone is called, like Asia/Shanghai, or how it stands to the world's at that time.
func (v view) zoneName(at time.Time) string {
	if name := v.zone().String(); name != "" {
		return name
	}
	return at.Format("UTC-07:00")
}

// zone returns the zone in which times are told.
func (v view) zone() *time.Location {
	switch {
	case v.merchant != nil && v.merchant.Zone != nil:
		return v.merchant.Zone
	case v.merchant == nil && v.shared != nil:
		return v.shared
	}
	return time.UTC
}

// browsers are what is looked for in how a browser names itself, the more special first.
var browsers = []struct{ sign, name string }{
	{"MicroMessenger", "微信"}, {"Edg/", "Edge"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
}

// browser returns a browser's name as people know it.
func (v view) browser(agent string) string {
	for _, b := range browsers {
		if strings.Contains(agent, b.sign) {
			return b.name
		}
	}
	return v.lang.of(text{"浏览器", "Browser"})
}

// count returns a number of things in words, like "2 shops".
func (v view) count(n int, one, many text) string {
	if n == 1 {
		return v.lang.of(one)
	}
	return v.lang.of(many.with(n))
}
