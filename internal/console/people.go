package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tongka/internal/ledger"
)

// personForm is what is typed of a person.
type personForm struct {
	ID       ledger.PersonID
	Version  ledger.EntryID
	Name     string
	SignIn   string
	Role     string // "" = permissions that are no role's
	Agent    string // whose integration is looked after
	AllShops bool
	Shops    []ledger.ShopID
	Until    string
	Stopped  bool
	Device   bool // a code is asked for besides the password
	Passkeys int
	Below    bool   // the person has nothing at the host, but at merchants
	Lost     bool   // what the person signs in with besides the password was said to be lost
	Moved    *moved // who has changed the person meanwhile; nil = nobody
}

// at returns the merchant of the page, which is the host's where there is none.
func (c *call) at() ledger.MerchantID {
	if c.merchant == nil {
		return ledger.HostID
	}
	return c.merchant.ID
}

// formOf returns a person as a form shows it.
func (c *call) formOf(p *ledger.Person) personForm {
	f := personForm{
		Version: p.Version, Name: p.Name, SignIn: p.SignIn, Lost: c.r.PostFormValue("lost") == "yes",
	}.of(p)
	if p.Until != 0 {
		f.Until = p.Until.String()
	}
	if p.Agent != 0 && c.merchant == nil {
		f.Role, f.Agent = ofAnAgent, strconv.FormatInt(int64(p.Agent), 10)
	}
	_, here := p.GrantAt(c.at())
	f.Below = c.merchant == nil && !here && len(p.Grants) > 0
	for _, g := range p.Grants {
		if g.Merchant != c.at() {
			continue
		}
		if r, ok := ledger.RoleOf(g); ok {
			f.Role = r.Name
		}
		f.AllShops, f.Shops = g.Shops == nil, g.Shops
	}
	return f
}

// of returns the form with what is not typed into it.
func (f personForm) of(p *ledger.Person) personForm {
	f.ID, f.Stopped, f.Device, f.Passkeys = p.ID, p.Stopped, p.TOTP != nil, len(p.Passkeys)
	return f
}

// over returns a form with what was typed into it, as far as that differs from what it was found with, over what the
// person is now.
func (f personForm) over(found, now personForm) personForm {
	now.Name = typedOver(f.Name, found.Name, now.Name)
	now.SignIn = typedOver(f.SignIn, found.SignIn, now.SignIn)
	now.Role = typedOver(f.Role, found.Role, now.Role)
	now.Agent = typedOver(f.Agent, found.Agent, now.Agent)
	now.Until = typedOver(f.Until, found.Until, now.Until)
	if f.AllShops != found.AllShops || !slices.Equal(f.Shops, found.Shops) {
		now.AllShops, now.Shops = f.AllShops, f.Shops
	}
	return now
}

// lostText says what goes if the person has lost it.
func (f personForm) lostText(v view) string {
	switch {
	case f.Passkeys == 0:
		return v.lang.of(wLostDevice)
	case !f.Device:
		return v.lang.of(wLostPasskeys)
	}
	return v.lang.of(wLostBoth)
}

// readForm reads a person's form.
func (c *call) readForm() (f personForm, fault string) {
	f = personForm{
		Version: versionSeen(c.r.PostFormValue("version")), Name: strings.TrimSpace(c.r.PostFormValue("person")),
		SignIn: ledger.FoldSignIn(c.r.PostFormValue("name")), Role: c.r.PostFormValue("role"),
		AllShops: c.r.PostFormValue("all") == "yes", Until: c.r.PostFormValue("until"), Agent: c.r.PostFormValue("agent"),
	}
	var known bool
	if f.Shops, known = c.typedShops(); !known {
		return f, c.lang.of(wNoShop)
	}
	if f.Until != "" {
		if _, err := ledger.ParseDate(f.Until); err != nil {
			return f, c.lang.of(wNoDate)
		}
	}
	return f, ""
}

// typedShops reads the shops of the merchant that were ticked, in order; known is false if one is no shop of it.
func (c *call) typedShops() (shops []ledger.ShopID, known bool) {
	for _, id := range c.r.PostForm["shop"] {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil || c.merchant == nil {
			return nil, false
		}
		if _, there := c.merchant.Shop(ledger.ShopID(n)); !there {
			return nil, false
		}
		shops = append(shops, ledger.ShopID(n))
	}
	slices.Sort(shops)
	return slices.Compact(shops), true
}

// apply puts what was typed into a person. The grants at other merchants stay as they are.
func (c *call) apply(f personForm, p *ledger.Person) (fault string) {
	p.Name, p.SignIn, p.Version, p.Until = f.Name, f.SignIn, f.Version, 0
	if f.Until != "" {
		p.Until, _ = ledger.ParseDate(f.Until) // readForm has looked
	}
	at := c.at()
	i := slices.IndexFunc(p.Grants, func(g ledger.PersonGrant) bool { return g.Merchant == at })
	g := ledger.PersonGrant{Merchant: at}
	p.Grants = slices.Clone(p.Grants)
	if i >= 0 {
		g = p.Grants[i]
		p.Grants = slices.Delete(p.Grants, i, i+1)
	}
	if f.Role == ofAnAgent && at == ledger.HostID {
		return c.ofAgent(f, p)
	}
	if at == ledger.HostID {
		p.Agent = 0
	}
	switch r, ok := ledger.FindRole(f.Role); {
	case ok && (r.Of == ledger.AtHost) == (at == ledger.HostID):
		g.Permissions = r.Allowed
	case f.Role != "" || g.Permissions == 0:
		return c.lang.of(wNoRole)
	}
	if g.Shops = f.Shops; at != ledger.HostID {
		if fault := c.shopsFault(f.AllShops, f.Shops); fault != "" {
			return fault
		}
	}
	p.Grants = append(p.Grants, g)
	return ""
}

// shopsFault says what is wrong with the shops that were ticked. Nobody is given all of them unless no other tick says
// less. Where there are none to tick, all are meant.
func (c *call) shopsFault(all bool, some []ledger.ShopID) string {
	switch {
	case all && len(some) > 0:
		return c.lang.of(wAllAndSome)
	case !all && len(some) == 0 && len(c.merchant.Shops) > 0:
		return c.lang.of(wNoShop)
	}
	return ""
}

// ofAgent makes somebody one who looks after the integration of an agent.
func (c *call) ofAgent(f personForm, p *ledger.Person) (fault string) {
	for _, a := range c.agentsToGive() {
		if strconv.FormatInt(int64(a.ID), 10) == f.Agent {
			p.Agent = a.ID
			return ""
		}
	}
	return c.lang.of(wNoRole)
}

// agentsToGive are the agents whose integration somebody can be made to look after, by whoever is signed in.
func (c *call) agentsToGive() []ledger.Agent {
	if c.merchant != nil || !c.person.May(ledger.MayPeople|ledger.MayAgents, ledger.HostID, 0) {
		return nil
	}
	return c.cfg.Directory.Agents()
}

// rolesHere are the roles that can be granted at the merchant of the page, or at the host, by whoever is signed in.
func (c *call) rolesHere() (all []ledger.Role) {
	for _, r := range ledger.Roles {
		if (r.Of == ledger.AtHost) == (c.merchant == nil) && c.person.May(r.Allowed|ledger.MayPeople, c.at(), 0) {
			all = append(all, r)
		}
	}
	return all
}

// peopleHere are the people of the merchant of the page, or of the host.
func (c *call) peopleHere() (all []*ledger.Person) {
	for _, p := range c.cfg.Directory.People() {
		if c.merchant == nil || isOf(p, c.merchant.ID) {
			all = append(all, p)
		}
	}
	return all
}

// personHere returns the person of the path; an error if that person is not one of peopleHere.
func (c *call) personHere() (*ledger.Person, error) {
	id, err := strconv.ParseInt(c.r.PathValue("person"), 10, 64)
	if err != nil {
		return nil, errNowhere
	}
	for _, p := range c.peopleHere() {
		if p.ID == ledger.PersonID(id) {
			return p, nil
		}
	}
	return nil, errNowhere
}

func (c *call) showPeople() error {
	return c.show(http.StatusOK, peoplePage(c.view(wPeople), c.peopleHere()))
}

// exportPeople sends what the list shows as a file.
func (c *call) exportPeople() error {
	format, err := c.format()
	if err != nil {
		return err
	}
	v := c.view(wPeople)
	t := &table{columns: []tableColumn{
		{name: wName}, {name: wSignName}, {name: wRole}, {name: wShops}, {name: wUntil}, {name: wState},
	}}
	for _, p := range c.peopleHere() {
		until := ""
		if p.Until != 0 {
			until = p.Until.String()
		}
		state, _ := v.personState(p)
		t.add(textCell(p.Name), textCell(p.SignIn), textCell(v.roles(p)), textCell(v.shops(p)), textCell(until),
			textCell(v.lang.of(state)))
	}
	return c.sendTable("people-"+ledger.DateOf(v.now.In(v.zone())).String(), v.title, format, t)
}

// personState returns whether somebody may sign in, and the color of that.
func (v *view) personState(p *ledger.Person) (state text, color string) {
	switch {
	case p.Stopped:
		return wStopped, "bg-red-lt"
	case p.Over(ledger.DateOf(v.now.UTC())):
		return wAgentEnded, "bg-yellow-lt"
	}
	return wActive, "bg-green-lt"
}

func (c *call) showNewPerson() error {
	var form personForm
	if c.merchant != nil && len(c.merchant.Shops) == 1 { // there is nothing to choose
		form.Shops = []ledger.ShopID{c.merchant.Shops[0].ID}
	}
	return c.showForm(c.view(wNewPerson), form, "")
}

func (c *call) addPerson() error {
	form, fault := c.readForm()
	p := ledger.Person{
		ID: ledger.NextID(c.cfg.Directory.People(), func(p **ledger.Person) ledger.PersonID { return (*p).ID }),
	}
	if fault == "" {
		fault = c.apply(form, &p)
	}
	var err error
	if fault == "" {
		p.Version = 0
		fault, err = c.newPerson(c.by(), &p)
	}
	if err != nil {
		return err
	}
	if fault != "" {
		return c.showForm(c.view(wNewPerson), form, fault)
	}
	return c.to(c.view(wPeople).at("people?saved"))
}

// showForm shows a person's form, with what is wrong with it; "" for nothing.
func (c *call) showForm(v view, form personForm, fault string) error {
	status := http.StatusOK
	if v.fault = fault; fault != "" {
		status = http.StatusUnprocessableEntity
	}
	return c.show(status, personPage(v, form, c.rolesHere(), c.agentsToGive()))
}

func (c *call) showPerson() error {
	p, err := c.personHere()
	if err != nil {
		return err
	}
	if p.ID == c.person.ID {
		return c.show(http.StatusOK, ownPersonPage(c.titled(p)))
	}
	return c.showForm(c.titled(p), c.formOf(p), "")
}

// titled returns a view with a person's name as its title.
func (c *call) titled(p *ledger.Person) view {
	v := c.view(wPeople)
	v.title = p.Name
	return v
}

func (c *call) savePerson() error {
	p, err := c.personHere()
	if err != nil {
		return err
	}
	form, fault := c.readForm()
	form = form.of(p)
	to := *p
	if fault == "" {
		fault = c.apply(form, &to)
	}
	if fault != "" {
		return c.showForm(c.titled(p), form, fault)
	}
	why, err := c.changePerson(c.by(), &to)
	switch {
	case err != nil:
		return err
	case why.Reason == ledger.SettingsMoved:
		return c.personMoved(form)
	case why.Reason != 0:
		return c.showForm(c.titled(p), form, c.unchanged(why))
	}
	return c.to(c.r.URL.Path + "?saved")
}

// personMoved shows a person as somebody else has just left him, with what was typed over it, to be looked at and saved
// again.
func (c *call) personMoved(form personForm) error {
	if err := c.cfg.Directory.Refresh(c.r.Context()); err != nil {
		return err
	}
	now, err := c.personHere()
	if err != nil {
		return err
	}
	v := c.titled(now)
	by, was, err := c.whoMoved(v, v.personChanges(now.ID), now.Version, form.Version)
	if err != nil {
		return err
	}
	var found personForm // what the form was shown with; nothing if that is not known
	if p, err := ledger.ParsePerson(was); was != "" && err == nil {
		found = c.formOf(&p)
	}
	form = form.over(found, c.formOf(now))
	form.Moved = by
	return c.showForm(v, form, c.lang.of(wChanged))
}

// personChanges are the entries that changed a person.
func (v view) personChanges(id ledger.PersonID) changesOf {
	return changesOf{
		journal: ledger.HostID,
		about: func(e *ledger.Entry) bool {
			p, err := ledger.ParsePerson(e.Settings)
			return e.Kind == ledger.PersonChanged && err == nil && p.ID == id
		},
		differences: func(was, is string) ([]difference, error) {
			return v.hostDifferences(ledger.PersonChanged, was, is)
		},
	}
}

func (c *call) resetPassword() error {
	p, err := c.personHere()
	if err != nil {
		return err
	}
	if p.ID == c.person.ID { // who changes one's own types the password of now
		return c.to(Base + "me")
	}
	to := *p
	if c.r.PostFormValue("lost") == "yes" {
		to.TOTP, to.Recovery, to.Passkeys = nil, nil, nil
	}
	fault, err := c.newPerson(c.by(), &to)
	if err == nil && fault == "" {
		err = c.cfg.Sessions.EndSessions(c.r.Context(), p.ID, [32]byte{})
	}
	return c.personDone(p, fault, err)
}

func (c *call) stopPerson() error {
	p, err := c.personHere()
	if err != nil {
		return err
	}
	to := *p
	to.Version, to.Stopped = versionSeen(c.r.PostFormValue("version")), c.r.PostFormValue("stopped") == "yes"
	fault, err := c.change(c.by(), &to)
	if err == nil && fault == "" && to.Stopped {
		err = c.cfg.Sessions.EndSessions(c.r.Context(), p.ID, [32]byte{})
	}
	return c.personDone(p, fault, err)
}

// personDone answers a form on a person's page.
func (c *call) personDone(p *ledger.Person, fault string, err error) error {
	if err != nil {
		return err
	}
	if fault != "" {
		return c.showForm(c.titled(p), c.formOf(p), fault)
	}
	return c.to(c.view(wPeople).at("people/" + strconv.FormatInt(int64(p.ID), 10) + "?saved"))
}
