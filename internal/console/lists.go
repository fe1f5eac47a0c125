package console

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// What a list shows can be taken out of it by whoever may see it and export. Files have no secrets and nothing that is
// made of them; of an address that a webhook is sent to they have what comes before the query, which may hold one.

// What it takes to take a list out.
const (
	takesKeys     = ledger.MayPeople | ledger.MayExport
	takesHooks    = ledger.MaySettings | ledger.MayExport
	takesSettings = ledger.MayRead | ledger.MayExport
	takesHost     = ledger.MaySettings | ledger.MayExport
	takesAgents   = ledger.MayAgents | ledger.MayExport
)

// listFileRoutes are the files of lists that have no part of their own for them.
var listFileRoutes = []route{
	{"GET /console/m/{merchant}/keys.csv", "keys as a file", inside, takesKeys, ofKeys((*call).exportKeys)},
	{"GET /console/m/{merchant}/keys.xlsx", "keys as a file", inside, takesKeys, ofKeys((*call).exportKeys)},
	{"GET /console/m/{merchant}/webhooks.csv", "webhooks as a file", inside, takesHooks, ofHooks((*call).exportHooks)},
	{"GET /console/m/{merchant}/webhooks.xlsx", "webhooks as a file", inside, takesHooks, ofHooks((*call).exportHooks)},
	{"GET /console/m/{merchant}/jobs.csv", "jobs as a file", inside, ledger.MayExport, (*call).exportJobs},
	{"GET /console/m/{merchant}/jobs.xlsx", "jobs as a file", inside, ledger.MayExport, (*call).exportJobs},
	{"GET /console/m/{merchant}/rules/history.csv", "versions as a file", inside, takesSettings, (*call).exportVersions},
	{"GET /console/m/{merchant}/rules/history.xlsx", "versions as a file", inside, takesSettings, (*call).exportVersions},
	{"GET /console/m/{merchant}/rules/{group}/list/{file}", "settings as a file", inside, takesSettings,
		(*call).exportGroup},
	{"GET /console/host/jobs.csv", "jobs as a file", atHost, takesHost, (*call).exportJobs},
	{"GET /console/host/jobs.xlsx", "jobs as a file", atHost, takesHost, (*call).exportJobs},
	{"GET /console/host/merchants.csv", "merchants as a file", atHost, takesHost, (*call).exportMerchants},
	{"GET /console/host/merchants.xlsx", "merchants as a file", atHost, takesHost, (*call).exportMerchants},
	{"GET /console/host/agents.csv", "agents as a file", atHost, takesAgents, (*call).exportAgents},
	{"GET /console/host/agents.xlsx", "agents as a file", atHost, takesAgents, (*call).exportAgents},
}

// listInFile is how many rows a file of a list has at most, where a list has no end.
const listInFile = 20_000

// takes reports whether the person may take out what a list of the page's merchant, or of the host, shows.
func (v view) takes(needs ledger.Permission) bool {
	if v.merchant == nil {
		return v.person.May(needs, ledger.HostID, 0)
	}
	return v.person.AllowedSomewhere(v.merchant.ID)&needs == needs
}

// exportsJobs is what it takes to take the list of jobs out.
func (v view) exportsJobs() ledger.Permission {
	if v.merchant == nil {
		return takesHost
	}
	return ledger.MayExport
}

// sendList sends what a list shows as a file that has the day in its name.
func (c *call) sendList(name string, v view, t *table) error {
	format, err := c.format()
	if err != nil {
		return err
	}
	return c.sendTable(name+"-"+ledger.DateOf(v.now.In(v.zone())).String(), v.title, format, t)
}

// untilCell returns a last day, or that there is none.
func (v view) untilCell(d ledger.Date) tableCell {
	if d == ledger.Forever || d == 0 {
		return textCell(v.until(d))
	}
	return dayCell(d)
}

// momentCell returns a time; nothing where there is none.
func (v view) momentCell(at time.Time) tableCell {
	if at.IsZero() {
		return textCell("")
	}
	return textCell(v.moment(at))
}

// exportKeys sends the API keys of the merchant.
func (c *call) exportKeys() error {
	uses, err := c.uses()
	if err != nil {
		return err
	}
	v := c.view(wKeys)
	t := &table{columns: []tableColumn{
		{name: wItemName}, {name: wState}, {name: wKeyMay}, {name: wShops}, {name: wAddresses}, {name: wUntil, kind: ofDay},
		{name: wUsed}, {name: wCameFrom},
	}}
	for _, a := range c.cfg.Directory.Keys(c.merchant.ID) {
		use := uses[a.ID]
		t.add(textCell(a.Name), textCell(v.agentState(a)), textCell(v.mayThere(a.Granted())), textCell(v.keyShops(a)),
			textCell(strings.Join(a.Allow, " ")), v.untilCell(a.Until), v.momentCell(use.At), textCell(use.Address))
	}
	return c.sendList("keys", v, t)
}

// agentState says whether an agent or API key may come in.
func (v view) agentState(a *ledger.Agent) string {
	switch {
	case a.Stopped:
		return v.lang.of(wStopped)
	case v.over(a):
		return v.lang.of(wAgentEnded)
	}
	return v.lang.of(wActive)
}

// exportAgents sends the agents of the host.
func (c *call) exportAgents() error {
	agents, err := c.agentsNow()
	if err != nil {
		return err
	}
	v := c.view(wAgents)
	t := &table{columns: []tableColumn{
		{name: wItemName}, {name: wState}, {name: wSpeaks}, {name: text{"msid", "msid"}}, {name: wAddresses},
		{name: wUntil, kind: ofDay}, {name: wUsed},
	}}
	for _, a := range ofOwner(agents, ledger.HostID) {
		dialect, shop := "member-cjb", ""
		if a.Shop != 0 {
			dialect, shop = "dc78", strconv.FormatInt(int64(a.Shop), 10)
		}
		t.add(textCell(a.Name), textCell(v.agentState(&a)), textCell(dialect), textCell(shop),
			textCell(strings.Join(a.Allow, " ")), v.untilCell(a.Until), textCell(v.used(&a)))
	}
	return c.sendList("agents", v, t)
}

// exportMerchants sends the merchants of the host.
func (c *call) exportMerchants() error {
	v := c.view(wMerchants)
	t := &table{columns: []tableColumn{
		{name: wIDNumber}, {name: wItemName}, {name: wShops, kind: ofCount}, {name: wLicenceEnd, kind: ofDay},
		{name: wState},
	}}
	for _, m := range c.cfg.Directory.Merchants() {
		state := wActive
		if !m.Licensed(v.now) {
			state = wLicenceOver
		}
		t.add(textCell(strconv.FormatInt(int64(m.ID), 10)), textCell(m.Name), countCell(int64(len(m.Shops))),
			v.untilCell(m.LicenceEnd), textCell(v.lang.of(state)))
	}
	return c.sendList("merchants", v, t)
}

// exportHooks sends the webhooks of the merchant.
func (c *call) exportHooks() error {
	all, err := hookLines(c.r.Context(), c.cfg.Webhooks, c.merchant.ID)
	if err == nil {
		err = c.withReasons(all)
	}
	if err != nil {
		return err
	}
	v := c.view(wHooks)
	t := &table{columns: []tableColumn{
		{name: wItemName}, {name: wState}, {name: wHookURL}, {name: wHookKinds}, {name: wLastTry}, {name: wFailsSince},
		{name: wLastAnswer},
	}}
	for i := range all {
		l := &all[i]
		since := tableCell{}
		if l.fails() {
			since = v.momentCell(l.state.Since)
		}
		address, _, _ := strings.Cut(l.URL, "?")
		t.add(textCell(l.Name), textCell(v.lang.of(l.standing())), textCell(address), textCell(v.wantedKinds(&l.Webhook)),
			v.momentCell(l.state.LastAt), since, textCell(l.said))
	}
	return c.sendList("webhooks", v, t)
}

// standing says in a word how a webhook is doing.
func (l *hookLine) standing() text {
	switch {
	case l.Stopped:
		return wStopped
	case l.paused():
		return wHookPaused
	case l.fails():
		return wHookFails
	}
	return wHookWell
}

// exportGroup sends all things of a group of settings with all that each says.
func (c *call) exportGroup() error {
	g, err := c.groupHere()
	if err != nil {
		return err
	}
	if g.things == nil {
		return errNowhere
	}
	m, _, err := c.settingsNow(c.merchant.ID)
	if err != nil {
		return err
	}
	v := c.view(g.title)
	t := &table{columns: []tableColumn{{name: wIDNumber}}}
	for i := range g.boxes {
		t.columns = append(t.columns, tableColumn{name: g.boxes[i].label})
	}
	t.columns = append(t.columns, tableColumn{name: wState})
	for _, one := range g.all(m) {
		state := wActive
		if g.things.over(one, m.Today(v.now)) {
			state = wHasEnded
		}
		row := []tableCell{textCell(strconv.FormatInt(g.things.id(one), 10))}
		for i := range g.boxes {
			row = append(row, textCell(g.boxes[i].said(v.lang, one)))
		}
		t.add(append(row, textCell(v.lang.of(state)))...)
	}
	return c.sendList(g.name, v, t)
}

// exportVersions sends what was changed of the settings, one line for each change, the newest first.
func (c *call) exportVersions() error {
	v := c.view(wVersions)
	t := &table{columns: []tableColumn{
		{name: wWhen}, {name: wWho}, {name: wCameFrom}, {name: wShiftNote}, {name: wAbout}, {name: wSettingName},
		{name: wWasBefore}, {name: wThen}, {name: wEntry, kind: ofCount},
	}}
	all, rest, err := c.allVersions()
	if err != nil {
		return err
	}
	for _, one := range all {
		lines := one.changes
		if len(lines) == 0 {
			lines = []difference{{}}
		}
		for _, d := range lines {
			t.add(v.momentCell(one.entry.At), textCell(v.who(one.entry.By)), textCell(one.entry.By.Address),
				textCell(v.noted(one.entry.Note)), textCell(d.of), textCell(d.name), textCell(d.before), textCell(d.after),
				countCell(int64(one.entry.ID)))
		}
	}
	if rest > 0 {
		t.ends(c.lang.of(wFirstOnes.with(len(t.rows))))
	}
	return c.sendList("settings-history", v, t)
}

// exportJobs sends the jobs that the person sees, the newest first.
func (c *call) exportJobs() error {
	v := c.view(wJobs)
	t := &table{columns: []tableColumn{
		{name: wKindOf}, {name: wAbout}, {name: wJobBy}, {name: wWhen}, {name: wJobEnd}, {name: wState},
		{name: wJobCame}, {name: text{"ID", "ID"}},
	}}
	for q := (ledger.JobQuery{Merchant: c.at(), Limit: jobsShown}); ; {
		found, err := c.cfg.Jobs.Jobs(c.r.Context(), q)
		if err != nil {
			return err
		}
		if len(found) > 0 && len(t.rows) >= listInFile {
			t.ends(c.lang.of(wFirstOnes.with(len(t.rows))))
			break
		}
		for _, j := range c.jobsSeen(v, found) {
			state, _ := j.state()
			t.add(textCell(v.lang.of(j.kind.title)), textCell(j.about()), textCell(j.who), v.momentCell(j.At),
				v.momentCell(j.EndedAt), textCell(state), textCell(cmp.Or(j.came(), phrase.Count(j.Done))), textCell(j.ID))
		}
		if len(found) < q.Limit {
			break
		}
		last := &found[len(found)-1]
		q.At, q.ID = last.At, last.ID
	}
	return c.sendList("jobs", v, t)
}
