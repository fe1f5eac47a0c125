package console

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
	"tongka/internal/scheme"
)

// agentRoutes are the host's: who may connect tills, and what those may do. An agent's own people see their own.
var agentRoutes = []route{
	{"GET /console/host/agents", "agents", atHost, ledger.MayAgents, (*call).showAgents},
	{"GET /console/host/agents/new", "new agent", atHost, ledger.MayAgents, (*call).showNewAgent},
	{"POST /console/host/agents/new", "new agent", atHost, ledger.MayAgents, (*call).addAgent},
	{"GET /console/host/agents/{agent}", "agent", ofAgent, ledger.MayAgents, (*call).showAgent},
	{"POST /console/host/agents/{agent}", "agent", atHost, ledger.MayAgents, (*call).saveAgent},
	{"POST /console/host/agents/{agent}/secret", "agent secret", atHost, ledger.MayAgents, (*call).renewSecret},
	{"POST /console/host/agents/{agent}/signature", "agent signature", atHost, ledger.MayAgents, (*call).saveSignature},
	{"POST /console/host/agents/{agent}/stop", "agent stop", atHost, ledger.MayAgents, (*call).stopAgent},
}

// agentPath returns the address of an agent's page.
func agentPath(id ledger.AgentID) string {
	return Base + "host/agents/" + strconv.FormatInt(int64(id), 10)
}

// agentView is an agent's page.
type agentView struct {
	view
	agent  ledger.Agent
	form   agentForm
	places []*ledger.Merchant // all merchants
	moved  *moved             // somebody else was first
	secret string             // made just now, shown now and never again
	keyEnd string             // the last letters of the ApiKey
	signs  string             // the signature scheme as it is, or was typed
	beware string             // what the scheme leaves unprotected
	past   []pastVersion
	edits  bool     // the person may change it
	free   []shopOf // of a new one: the shops that it can be the tills of
}

// agentForm is what is typed of an agent.
type agentForm struct {
	Version     ledger.EntryID
	Name, Until string
	Allow       string
	Always200   bool
	Grants      map[ledger.MerchantID]ledger.Permission
	Add         string // one more merchant
	Shop        string // of a new one whose tills sign: the shop; "" = its tills send a token
}

func (f *agentForm) may(m ledger.MerchantID, p ledger.Permission) bool { return f.Grants[m]&p != 0 }

// over returns a form with what was typed into it, as far as that differs from what it was found with, over what the
// agent is now.
func (f agentForm) over(found, now agentForm) agentForm {
	now.Name = typedOver(f.Name, found.Name, now.Name)
	now.Until = typedOver(f.Until, found.Until, now.Until)
	if !slices.Equal(strings.Fields(f.Allow), strings.Fields(found.Allow)) {
		now.Allow = f.Allow
	}
	now.Always200 = typedOver(f.Always200, found.Always200, now.Always200)
	now.Add, now.Grants = f.Add, maps.Clone(now.Grants)
	for id, p := range f.Grants {
		now.Grants[id] = typedOver(p, found.Grants[id], now.Grants[id])
	}
	return now
}

// typedOver returns what was typed, or what is now if what was found was left.
func typedOver[T comparable](typed, found, now T) T {
	if typed == found {
		return now
	}
	return typed
}

// agentsNow returns all integrators and API keys as they are stored, to be changed.
func (c *call) agentsNow() ([]ledger.Agent, error) {
	records, err := c.cfg.Books.Load(c.r.Context(), command.Want{
		Merchant: ledger.HostID, Keys: command.Keys{Head: true},
	})
	if err != nil {
		return nil, err
	}
	return records[0].Host.Agents, nil
}

// ofOwner returns the API keys of a merchant, or the integrators, which are the host's.
func ofOwner(agents []ledger.Agent, owner ledger.MerchantID) []ledger.Agent {
	return slices.DeleteFunc(slices.Clone(agents), func(a ledger.Agent) bool { return a.Owner != owner })
}

// freshOf returns a new agent of an owner, with the next id. It has no version: nobody has seen it.
func freshOf(agents []ledger.Agent, owner ledger.MerchantID) ledger.Agent {
	return ledger.Agent{
		ID: ledger.NextID(agents, func(a *ledger.Agent) ledger.AgentID { return a.ID }), Owner: owner,
	}
}

// nameTaken reports whether another of the same owner's has the agent's name.
func nameTaken(to *ledger.Agent, agents []ledger.Agent) bool {
	return slices.ContainsFunc(ofOwner(agents, to.Owner), func(a ledger.Agent) bool {
		return a.Name == to.Name && a.ID != to.ID
	})
}

// refusedOr carries out a command. why is what the core has against it; the zero Refusal is nothing.
func (c *call) refusedOr(cmd command.Command) (why ledger.Refusal, err error) {
	_, err = c.do(cmd)
	if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
		c.note().Outcome = "refused"
		return refusal, nil
	}
	return why, err
}

// changeAgent changes an agent. why is what the core has against it; the zero Refusal is nothing.
func (c *call) changeAgent(to *ledger.Agent) (why ledger.Refusal, err error) {
	why, err = c.refusedOr(command.ChangeAgent{By: c.by(), To: *to})
	if err != nil || why.Reason != 0 {
		return why, err
	}
	return why, c.cfg.Directory.Refresh(c.r.Context())
}

func (c *call) showAgents() error {
	agents, err := c.agentsNow()
	if err != nil {
		return err
	}
	return c.show(http.StatusOK, agentsPage(c.view(wAgents), ofOwner(agents, ledger.HostID)))
}

// agentOf returns the owner's agent or API key with an id that was typed, as it is stored.
func (c *call) agentOf(owner ledger.MerchantID, typed string) (a ledger.Agent, err error) {
	id, err := strconv.ParseInt(typed, 10, 64)
	if err != nil {
		return a, errNowhere
	}
	agents, err := c.agentsNow()
	if err != nil {
		return a, err
	}
	agents = ofOwner(agents, owner)
	i := slices.IndexFunc(agents, func(a ledger.Agent) bool { return a.ID == ledger.AgentID(id) })
	if i < 0 {
		return a, errNowhere
	}
	return agents[i], nil
}

// agentHere returns the page of the agent in the path.
func (c *call) agentHere() (*agentView, error) {
	a, err := c.agentOf(ledger.HostID, c.r.PathValue("agent"))
	if err != nil {
		return nil, err
	}
	v := &agentView{
		view: c.view(wAgents), agent: a, places: c.cfg.Directory.Merchants(),
		edits: c.person.May(ledger.MayAgents, ledger.HostID, 0),
	}
	v.title, v.form, v.signs = v.agent.Name, formOfAgent(&v.agent), signsOf(&v.agent)
	if v.agent.Shop == 0 {
		return v, nil
	}
	v.keyEnd = keyEnd(c.cfg.Vault, &v.agent)
	if told, err := scheme.Parse(v.agent.Scheme); err == nil {
		v.beware = told.Unguarded()
	}
	return v, nil
}

// signsOf returns how an agent's tills sign, as its page shows it. What cannot be read is shown as it is.
func signsOf(a *ledger.Agent) string {
	told, err := scheme.Parse(a.Scheme)
	if a.Shop == 0 || err != nil {
		return a.Scheme
	}
	return told.String()
}

// formOfAgent returns an agent as a form shows it.
func formOfAgent(a *ledger.Agent) agentForm {
	f := agentForm{
		Version: a.Version, Name: a.Name, Allow: strings.Join(a.Allow, "\n"), Always200: a.Always200,
		Grants: map[ledger.MerchantID]ledger.Permission{},
	}
	if a.Until != 0 {
		f.Until = a.Until.String()
	}
	for _, g := range a.Grants {
		f.Grants[g.Merchant] = g.Permissions
	}
	return f
}

// granted are the merchants at which a form lets the agent do anything, or has it.
func (v *agentView) granted() (all []*ledger.Merchant) {
	for _, m := range v.places {
		if _, ok := v.form.Grants[m.ID]; ok {
			all = append(all, m)
		}
	}
	return all
}

// others are the merchants at which it may do nothing.
func (v *agentView) others() (all []*ledger.Merchant) {
	for _, m := range v.places {
		if _, ok := v.form.Grants[m.ID]; !ok {
			all = append(all, m)
		}
	}
	return all
}

// mayThere returns what an agent or an API key may do at a merchant, in words.
func (v view) mayThere(p ledger.Permission) string {
	var all []string
	for _, one := range keyPermissionWords {
		if p&one.of != 0 {
			all = append(all, v.lang.of(one.said))
		}
	}
	return join(all)
}

func (c *call) showAgent() error {
	v, err := c.agentHere()
	if err != nil {
		return err
	}
	return c.showAgentPage(http.StatusOK, v)
}

// showAgentPage shows an agent's page, with what was changed of it last.
func (c *call) showAgentPage(status int, v *agentView) (err error) {
	if v.past, err = c.pastOf(v.view, c.agentChanges(v.agent.ID)); err != nil {
		return err
	}
	return c.show(status, agentPage(v))
}

// readAgentForm reads what was typed, and puts it into an agent. fault says what is wrong with it.
func (c *call) readAgentForm(was *ledger.Agent) (f agentForm, to ledger.Agent, fault string) {
	f = agentForm{
		Version: versionSeen(c.r.PostFormValue("version")), Name: strings.TrimSpace(c.r.PostFormValue("name")),
		Until: strings.TrimSpace(c.r.PostFormValue("until")), Allow: strings.TrimSpace(c.r.PostFormValue("allow")),
		Always200: c.r.PostFormValue("always_200") == "yes", Add: c.r.PostFormValue("add"), Shop: c.r.PostFormValue("shop"),
	}
	to = *was
	to.Version, to.Name, to.Always200 = f.Version, f.Name, f.Always200
	f.Grants = c.typedGrants(was)
	to.Grants = grantList(f.Grants, f.Add)
	if fault = c.bounded(&to, f.Until, f.Allow); fault != "" {
		return f, to, fault
	}
	if to.Until != was.Until || !slices.Equal(to.Allow, was.Allow) { // a demo's may go on as it is
		for _, one := range auth.WeakFaults(&to, ledger.DateOf(c.cfg.Clock().UTC())) {
			return f, to, c.lang.of(weakFaults[one.Field].with(auth.MaxWeakDays))
		}
	}
	if err := auth.Signing(&to); to.Shop != 0 && err != nil {
		return f, to, c.lang.of(wRefused) + err.Error()
	}
	return f, to, ""
}

// bounded puts a last day and addresses into an agent, as they were typed. fault says what is wrong with them.
func (c *call) bounded(to *ledger.Agent, until, allow string) (fault string) {
	to.Until, to.Allow = 0, strings.Fields(allow)
	if until != "" {
		var err error
		if to.Until, err = ledger.ParseDate(until); err != nil {
			return c.lang.of(wNoDate)
		}
	}
	for _, one := range to.Allow {
		if len(auth.Ranges([]string{one})) == 0 {
			return c.lang.of(wNoAddress) + one
		}
	}
	return ""
}

// typedGrants reads what an agent may do at the merchants that the form has. What an agent cannot be let do here stays
// as it was.
func (c *call) typedGrants(was *ledger.Agent) map[ledger.MerchantID]ledger.Permission {
	all := map[ledger.MerchantID]ledger.Permission{}
	for _, g := range was.Grants {
		for _, one := range permissionWords {
			g.Permissions &^= one.of
		}
		all[g.Merchant] = g.Permissions
	}
	for _, one := range c.r.PostForm["grant"] {
		merchant, name, _ := strings.Cut(one, "=")
		id, err := strconv.ParseInt(merchant, 10, 64)
		p, known := ledger.ParsePermission(name)
		if _, there := all[ledger.MerchantID(id)]; err == nil && known && there {
			all[ledger.MerchantID(id)] |= p
		}
	}
	return all
}

// grantList returns grants in order of their merchants, with one more if one is named; those that allow nothing are
// none.
func grantList(all map[ledger.MerchantID]ledger.Permission, more string) (list []ledger.Grant) {
	all = maps.Clone(all)
	if id, err := strconv.ParseInt(more, 10, 64); err == nil && all[ledger.MerchantID(id)] == 0 {
		all[ledger.MerchantID(id)] = ledger.AtTheTill
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if all[id] != 0 {
			list = append(list, ledger.Grant{Merchant: id, Permissions: all[id]})
		}
	}
	return list
}

func (c *call) saveAgent() error {
	v, err := c.agentHere()
	if err != nil {
		return err
	}
	form, to, fault := c.readAgentForm(&v.agent)
	v.form = form
	if form.Version != v.agent.Version {
		return c.agentMoved(v, form.Version)
	}
	if v.fault = fault; fault != "" {
		c.note().Outcome = "refused"
		return c.showAgentPage(http.StatusUnprocessableEntity, v)
	}
	return c.agentChanged(v, &to, "")
}

// agentChanged changes an agent as its page asked for, and shows it with the secret that was made, if one was, or why
// it is not changed.
func (c *call) agentChanged(v *agentView, to *ledger.Agent, secret string) error {
	refusal, err := c.changeAgent(to)
	switch {
	case err != nil:
		return err
	case refusal.Reason == ledger.SettingsMoved:
		return c.agentMoved(v, to.Version)
	case refusal.Reason != 0:
		v.fault = v.lang.of(text(phrase.Refusal(refusal)))
		return c.showAgentPage(http.StatusUnprocessableEntity, v)
	case secret == "":
		return c.to(agentPath(to.ID) + "?saved")
	}
	return c.showSecret(to.ID, secret)
}

// agentMoved shows an agent as somebody else has just left it, what that was, and what was typed, to be looked at and
// saved again.
func (c *call) agentMoved(v *agentView, seen ledger.EntryID) error {
	c.note().Outcome = "refused"
	now, err := c.agentHere()
	if err != nil {
		return err
	}
	var found *ledger.Agent
	if now.moved, found, err = c.agentMovedSince(v.view, &now.agent, seen); err != nil {
		return err
	}
	if found != nil {
		now.form = v.form.over(formOfAgent(found), now.form)
		now.signs = typedOver(v.signs, signsOf(found), now.signs)
	}
	return c.showAgentPage(http.StatusConflict, now)
}

// agentChanges are the entries that changed an agent or an API key.
func (c *call) agentChanges(id ledger.AgentID) changesOf {
	return changesOf{
		journal: ledger.HostID, differences: c.agentDifferences,
		about: func(e *ledger.Entry) bool { return changedAgent(e, id) },
	}
}

// agentMovedSince returns who changed an agent since a version of it was seen, and how, with the agent as it was then;
// nil if that is not known.
func (c *call) agentMovedSince(v view, now *ledger.Agent, seen ledger.EntryID) (*moved, *ledger.Agent, error) {
	m, was, err := c.whoMoved(v, c.agentChanges(now.ID), now.Version, seen)
	if err != nil || was == "" {
		return m, nil, err
	}
	found, err := ledger.ParseAgent(was)
	return m, &found, err
}

// changedAgent reports whether an entry of the host's journal changed an agent.
func changedAgent(e *ledger.Entry, id ledger.AgentID) bool {
	if e.Kind != ledger.AgentChanged {
		return false
	}
	a, err := ledger.ParseAgent(e.Settings)
	return err == nil && a.ID == id
}

// agentDifferences returns what two entries state otherwise about an agent. Of a secret only that it is another.
func (c *call) agentDifferences(was, is string) (all []difference, err error) {
	before := map[string]string{}
	if was != "" {
		if before, err = ledger.AgentByPath(was); err != nil {
			return nil, err
		}
	}
	after, err := ledger.AgentByPath(is)
	if err != nil {
		return nil, err
	}
	for _, path := range slices.Sorted(maps.Keys(merged(before, after))) {
		if before[path] != after[path] && path != "id" && !strings.HasSuffix(path, ".merchant") && !c.isOwner(path) {
			all = append(all, c.agentDifference(path, before[path], after[path]))
		}
	}
	return all, nil
}

// isOwner reports whether a path is that of whose an API key is, on a page of the merchant that it is of.
func (c *call) isOwner(path string) bool { return path == "owner" && c.merchant != nil }

// agentDifference returns one fact of an agent that was changed, in words.
func (c *call) agentDifference(path, before, after string) difference {
	v := view{lang: c.lang, merchant: c.merchant}
	field, place, _ := strings.Cut(path, "[")
	name, known := agentFields[field]
	d := difference{of: path, before: before, after: after}
	if known {
		d.of = c.lang.of(name)
	}
	switch {
	case slices.Contains(secretParts, field):
		d.before, d.after = hiddenSecret(before), hiddenSecret(after)
	case field == "grants":
		id, _, _ := strings.Cut(place, "]")
		d.name = c.granteeName(id)
		d.before, d.after = v.permissionNames(before), v.permissionNames(after)
	default:
		d.before, d.after = v.partSaid(field, before), v.partSaid(field, after)
	}
	return d
}

// granteeName returns what the merchant with the id of a grant is called.
func (c *call) granteeName(id string) string {
	n, err := strconv.ParseInt(id, 10, 64)
	if m := c.cfg.Directory.Merchant(ledger.MerchantID(n)); err == nil && m != nil {
		return m.Name
	}
	return id
}

// hiddenSecret returns what is shown of a secret's fingerprint: as much as tells it from another.
func hiddenSecret(sum string) string {
	if sum == "" {
		return ""
	}
	return "#" + sum[:min(6, len(sum))]
}

// permissionNames returns the names of permissions as people read them.
func (v view) permissionNames(list string) string {
	var all ledger.Permission
	for name := range strings.SplitSeq(list, ",") {
		p, _ := ledger.ParsePermission(strings.TrimSpace(name)) // one that nobody knows is not shown
		all |= p
	}
	return v.mayThere(all)
}

func (c *call) showNewAgent() error {
	agents, err := c.agentsNow()
	if err != nil {
		return err
	}
	return c.show(http.StatusOK, newAgentPage(c.newAgentView(agents)))
}

func (c *call) newAgentView(agents []ledger.Agent) *agentView {
	v := &agentView{
		view: c.view(wNewAgent), places: c.cfg.Directory.Merchants(), edits: true, free: c.freeShops(agents),
	}
	v.form.Shop = c.r.URL.Query().Get("shop")
	return v
}

// shopOf is a shop with its merchant.
type shopOf struct {
	merchant *ledger.Merchant
	shop     ledger.Shop
}

func (s shopOf) id() string { return strconv.FormatInt(int64(s.shop.ID), 10) }

func (s shopOf) said() string { return s.merchant.Name + " · " + s.shop.Name }

// freeShops are the shops whose tills have no ApiKey yet.
func (c *call) freeShops(agents []ledger.Agent) (all []shopOf) {
	taken := map[ledger.ShopID]bool{}
	for i := range agents {
		taken[agents[i].Shop] = true
	}
	for _, m := range c.cfg.Directory.Merchants() {
		for _, s := range m.Shops {
			if !taken[s.ID] && !s.Ended {
				all = append(all, shopOf{m, s})
			}
		}
	}
	return all
}

// addAgent makes an agent with its first secret, and shows that, once.
func (c *call) addAgent() error {
	agents, err := c.agentsNow()
	if err != nil {
		return err
	}
	v := c.newAgentView(agents)
	fresh := freshOf(agents, ledger.HostID)
	var fault string
	var to ledger.Agent
	v.form, to, fault = c.readAgentForm(&fresh)
	if fault == "" {
		fault = v.tillsOf(&to)
	}
	if nameTaken(&to, agents) {
		fault = cmp.Or(fault, c.lang.of(wTakenName))
	}
	if fault == "" {
		to.Version, v.secret = 0, auth.NewSecret(c.cfg.Vault, &to)
		refusal, err := c.changeAgent(&to)
		if err != nil {
			return err
		}
		if refusal.Reason != 0 {
			fault = v.lang.of(text(phrase.Refusal(refusal)))
		}
	}
	if v.fault = fault; fault != "" {
		c.note().Outcome = "refused"
		return c.show(http.StatusUnprocessableEntity, newAgentPage(v))
	}
	return c.showSecret(to.ID, v.secret)
}

// tillsOf makes a new agent the tills of the shop that was chosen, if one was. fault says why that cannot be.
func (v *agentView) tillsOf(to *ledger.Agent) (fault string) {
	if v.form.Shop == "" {
		return ""
	}
	for _, s := range v.free {
		if s.id() == v.form.Shop {
			to.Shop, to.Grants = s.shop.ID, []ledger.Grant{{Merchant: s.merchant.ID, Permissions: ledger.AtTheTill}}
			return ""
		}
	}
	return v.lang.of(wShopHasTills)
}

// showSecret shows the page of an agent with what was made just now.
func (c *call) showSecret(id ledger.AgentID, secret string) error {
	c.r.SetPathValue("agent", strconv.FormatInt(int64(id), 10))
	v, err := c.agentHere()
	if err != nil {
		return err
	}
	v.secret = secret
	return c.showAgentPage(http.StatusOK, v)
}

// renewSecret makes another token or ApiKey, beside the one of before or in its place, or ends the one of before.
func (c *call) renewSecret() error {
	v, err := c.agentHere()
	if err != nil {
		return err
	}
	to := v.agent
	secret, ok := c.renewed(&to)
	switch {
	case to.Version != v.agent.Version:
		return c.agentMoved(v, to.Version)
	case !ok:
		return c.to(agentPath(to.ID))
	}
	return c.agentChanged(v, &to, secret)
}

// renewed makes another secret of an agent as a form asks for, and returns it, or ends the one of before; ok is false
// if it can do neither.
func (c *call) renewed(to *ledger.Agent) (secret string, ok bool) {
	to.Version = versionSeen(c.r.PostFormValue("version"))
	switch how := c.r.PostFormValue("how"); {
	case how == "beside" && to.Shop == 0 && to.Spare == [32]byte{}:
		return auth.NewBeside(to), true
	case how == "only":
		return auth.NewSecret(c.cfg.Vault, to), true
	case how == "end":
		to.EndSpare()
		return "", true
	}
	return "", false
}

// saveSignature sets how the tills of a shop sign.
func (c *call) saveSignature() error {
	v, err := c.agentHere()
	if err != nil {
		return err
	}
	if v.agent.Shop == 0 {
		return errNowhere
	}
	v.signs = strings.ReplaceAll(c.r.PostFormValue("signature"), "\r\n", "\n")
	to := v.agent
	if to.Version = versionSeen(c.r.PostFormValue("version")); to.Version != v.agent.Version {
		return c.agentMoved(v, to.Version)
	}
	secret := strings.TrimSpace(c.r.PostFormValue("secret"))
	if secret != "" {
		auth.SealSecret(c.cfg.Vault, &to, secret)
	}
	told, err := scheme.Parse(v.signs)
	if err == nil {
		to.Scheme = told.Kept()
		err = auth.Signing(&to)
	}
	if len(secret) > auth.MaxSecret {
		err = cmp.Or(err, fmt.Errorf("want a secret of at most %d letters", auth.MaxSecret))
	}
	if err != nil {
		c.note().Outcome = "refused"
		v.fault = c.lang.of(wRefused) + err.Error()
		return c.showAgentPage(http.StatusUnprocessableEntity, v)
	}
	return c.agentChanged(v, &to, "")
}

func (c *call) stopAgent() error {
	v, err := c.agentHere()
	if err != nil {
		return err
	}
	to := v.agent
	to.Version, to.Stopped = versionSeen(c.r.PostFormValue("version")), c.r.PostFormValue("stopped") == "yes"
	return c.agentChanged(v, &to, "")
}

// twoSecrets says that two tokens of an agent are good, or two of an API key.
func (v view) twoSecrets(a *ledger.Agent) string {
	if a.Owner != 0 {
		return v.lang.of(wTwoKeys)
	}
	return v.lang.of(wTwoTokens)
}

// over reports whether an agent's last day has passed.
func (v view) over(a *ledger.Agent) bool { return a.Over(ledger.DateOf(v.now.UTC())) }
