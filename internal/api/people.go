package api

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"slices"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/signin"
)

// registerPeople adds what there is to people. Only the token of an agent that has been granted the permission looks
// after people: a key never has it.
func (a *API) registerPeople() {
	person := func(id, path, summary, about string) operation {
		return operation{
			id: id, path: "/people" + path, tag: "people", needs: ledger.MayPeople, whole: true, summary: summary,
			about: about,
		}
	}
	const one = "/{person}"
	reads(a, person("listPeople", "", "List who may do something at the merchant", ""), listPeople)
	acts(a, person("addPerson", "", "Add somebody who signs in to the console",
		"With permissions that the caller has itself. A password is made and answered once: sent again, the request is "+
			"answered without it."), addPerson)
	readsVersion(a, person("getPerson", one, "Get somebody", ""), getPerson)
	update := person("changePerson", one, "Change what somebody may do at the merchant", "What is left out stays.")
	update.method = http.MethodPatch
	changes(a, update, changePerson)
	changes(a, person("resetPassword", one+"/password", "Make another password for somebody",
		"It is answered once. Every browser is signed out, and with lost no code of a device and no passkey is asked for."),
		resetPassword)
	changes(a, person("stopPerson", one+"/stop", "Stop somebody", "Every browser is signed out."), stopPerson)
	changes(a, person("startPerson", one+"/start", "Let somebody who was stopped sign in again", ""), startPerson)
}

// OfPerson names somebody.
type OfPerson struct {
	Person int64 `path:"person" minimum:"1" doc:"The person's id." example:"3"`
}

// Person is somebody who signs in to the console.
type Person struct {
	ID          int64        `json:"id" doc:"The person's id."`
	Version     int64        `json:"version" doc:"The entry of the host's journal that changed him last. His ETag has it."`
	SignIn      string       `json:"sign_in" doc:"The name he signs in by."`
	Name        string       `json:"name" doc:"What he is called."`
	Role        string       `json:"role,omitempty" doc:"If his permissions are those of a role."`
	Permissions []Permission `json:"permissions" doc:"At this merchant."`
	Shops       []int64      `json:"shops,omitempty" doc:"Where; left out for all shops."`
	Until       Day          `json:"until,omitempty" doc:"His last day, of UTC."`
	Stopped     bool         `json:"stopped" doc:"He cannot sign in until he is resumed."`
	Code        bool         `json:"code" doc:"A code of a device is asked for besides the password."`
	Passkeys    int          `json:"passkeys" doc:"How many passkeys he signs in by; 0 = none."`
	Password    string       `json:"password,omitempty" doc:"That was made just now. Answered once, and kept nowhere."`
}

func (p Person) version() ledger.EntryID { return ledger.EntryID(p.Version) }

// People are those who may do something at a merchant.
type People struct {
	People []Person `json:"people" doc:"All who may do something at the merchant, in the order of their ids."`
}

// personOf returns somebody as the merchant sees him: what he may do elsewhere is no business of it.
func (c *call) personOf(p *ledger.Person) Person {
	out := Person{
		ID: int64(p.ID), Version: int64(p.Version), SignIn: p.SignIn, Name: p.Name, Until: dayOf(p.Until),
		Stopped: p.Stopped, Code: p.TOTP != nil, Passkeys: len(p.Passkeys), Permissions: []Permission{},
	}
	if g, ok := p.GrantAt(c.merchant.ID); ok {
		out.Permissions, out.Shops = permissionsOf(g.Permissions), idsOf(g.Shops)
		if r, ok := ledger.RoleOf(g); ok {
			out.Role = r.Name
		}
	}
	return out
}

func listPeople(c *call, _ *Nothing) (People, error) {
	out := People{[]Person{}}
	host, err := c.hostNow()
	if err != nil {
		return out, err
	}
	for i := range host.People {
		p := &host.People[i]
		if _, ours := p.GrantAt(c.merchant.ID); ours {
			out.People = append(out.People, c.personOf(p))
		}
	}
	return out, nil
}

func getPerson(c *call, in *OfPerson) (Person, error) {
	all, err := listPeople(c, nil)
	if err != nil {
		return Person{}, err
	}
	for _, p := range all.People {
		if p.ID == in.Person {
			return p, nil
		}
	}
	return Person{}, c.refuse(faultNowhere)
}

// PersonBody is somebody to be added.
type PersonBody struct {
	WhoDoes
	SignIn string  `json:"sign_in" minLength:"1" maxLength:"64" doc:"The name he signs in by." example:"zhang"`
	Name   string  `json:"name,omitempty" maxLength:"64" doc:"As screens show it; the one he signs in by if it is left out." example:"张三"` //nolint:lll // a tag
	Role   string  `json:"role" enum:"admin,manager,cashier,auditor" doc:"What he may do at the merchant, as a role has it."`              //nolint:lll // a tag
	Shops  []int64 `json:"shops,omitempty" maxItems:"10000" doc:"Where; left out for all shops."`
	Until  Day     `json:"until,omitempty" doc:"His last day, of UTC; left out for no end."`
}

func addPerson(c *call, in *Asked[PersonBody]) (o outcome[Person], err error) {
	host, err := c.hostNow()
	if err != nil {
		return o, err
	}
	b := &in.Body
	p := ledger.Person{
		ID:     ledger.NextID(host.People, func(p *ledger.Person) ledger.PersonID { return p.ID }),
		SignIn: ledger.FoldSignIn(b.SignIn), Name: cmp.Or(b.Name, b.SignIn),
	}
	against := c.putPerson(&p, PersonPatch{Role: &b.Role, Shops: &b.Shops, Until: &b.Until})
	password, err := c.newPassword(&p)
	if err != nil {
		return o, err
	}
	o = c.personChange(host, p, b.Operator)
	o.against = cmp.Or(against, o.against)
	o.show = func(p *Person) { p.Password = password }
	return o, nil
}

// newPassword gives somebody a password, and returns it.
func (c *call) newPassword(p *ledger.Person) (password string, err error) {
	if c.dry || c.repeats(ledger.HostID) {
		return "", nil // it would be of nobody
	}
	password = rand.Text()
	p.Password, err = signin.HashPassword(c.ctx, password)
	return password, err
}

// PersonPatch is what is to be changed of somebody.
type PersonPatch struct {
	WhoDoes
	Name  *string  `json:"name,omitempty" minLength:"1" maxLength:"64" doc:"What he is called: another name, up to 64 characters."`                 //nolint:lll // a tag
	Role  *string  `json:"role,omitempty" enum:"admin,manager,cashier,auditor" doc:"What he may do at the merchant from now on, as a role has it."` //nolint:lll // a tag
	Shops *[]int64 `json:"shops,omitempty" maxItems:"10000" doc:"None for all shops."`
	Until *Day     `json:"until,omitempty" doc:"Nothing for no end."`
}

// putPerson puts what was sent into a person, and returns what is wrong with it. What he may do at other merchants
// stays.
func (c *call) putPerson(p *ledger.Person, b PersonPatch) (err error) {
	g, _ := p.GrantAt(c.merchant.ID)
	g.Merchant = c.merchant.ID
	if b.Name != nil {
		p.Name = *b.Name
	}
	if b.Role != nil {
		r, _ := ledger.FindRole(*b.Role) // the description has no other
		g.Permissions = r.Allowed
	}
	if b.Shops != nil {
		if g.Shops, err = c.shopsNamed(*b.Shops); err != nil {
			return err
		}
	}
	if b.Until != nil {
		if p.Until, err = c.date("body.until", *b.Until); err != nil {
			return err
		}
	}
	here := func(o ledger.PersonGrant) bool { return o.Merchant == g.Merchant }
	p.Grants = slices.DeleteFunc(slices.Clone(p.Grants), here)
	p.Grants = append(p.Grants, g)
	return nil
}

// personChange changes somebody, or says what is wrong with what he is to be.
func (c *call) personChange(host *ledger.Host, to ledger.Person, operator string) outcome[Person] {
	return outcome[Person]{
		command: command.ChangePerson{By: ledger.Caller{Agent: c.agent.ID, Operator: operator}, To: to},
		answer: func(ch *command.Changes) Person {
			if len(ch.People) == 0 { // nothing was to be changed
				return c.personOf(&to)
			}
			return c.personOf(&ch.People[0])
		},
		against: c.faulty(host.PersonFaults(&to), func(field string) string { return field }),
		moves:   true,
	}
}

// matchingPerson changes the person of a path by do, if he is of the version that the caller has seen.
func (c *call) matchingPerson(
	of OfPerson, operator string, do func(*ledger.Person) error,
) (o outcome[Person], err error) {
	host, err := c.hostNow()
	if err != nil {
		return o, err
	}
	was := host.Person(ledger.PersonID(of.Person))
	if was == nil {
		return o, c.refuse(faultNowhere)
	}
	if _, ours := was.GrantAt(c.merchant.ID); !ours {
		return o, c.refuse(faultNowhere)
	}
	change := func(to ledger.Person) outcome[Person] { return c.personChange(host, to, operator) }
	return matched(c, *was, was.Version, do, change, c.personMoved)
}

// personMoved says what was changed of somebody, as the merchant sees him, since the version that the caller has seen.
func (c *call) personMoved(is *ledger.Person) (problem, err error) {
	e, err := c.entryAt(ledger.HostID, c.match, ledger.PersonChanged)
	if err != nil || e == nil {
		return c.movedSince(is.Version, nil, nil), err
	}
	was, err := ledger.ParsePerson(e.Settings)
	if err != nil || was.ID != is.ID {
		return c.movedSince(is.Version, nil, nil), err
	}
	now := *is
	now.TOTP, now.Passkeys, was.TOTP, was.Passkeys = nil, nil, nil, nil // which the journal does not tell
	return c.movedSince(is.Version, valuesOf(c.personOf(&was)), valuesOf(c.personOf(&now))), nil
}

// PersonPatched is a request that changes somebody.
type PersonPatched struct {
	Named
	Matched
	OfPerson
	Body PersonPatch
}

func (p *PersonPatched) content() any { return &p.Body }

func changePerson(c *call, in *PersonPatched) (outcome[Person], error) {
	return c.matchingPerson(in.OfPerson, in.Body.Operator, func(p *ledger.Person) error { return c.putPerson(p, in.Body) })
}

// PasswordReset is a request for another password.
type PasswordReset struct {
	Named
	Matched
	OfPerson
	Body struct {
		WhoDoes
		Lost bool `json:"lost,omitempty" doc:"He has lost his device: its codes and his passkeys end."`
	}
}

func (p *PasswordReset) content() any { return &p.Body }

func resetPassword(c *call, in *PasswordReset) (outcome[Person], error) {
	password := ""
	o, err := c.matchingPerson(in.OfPerson, in.Body.Operator, func(p *ledger.Person) (err error) {
		if in.Body.Lost {
			p.TOTP, p.Recovery, p.Passkeys = nil, nil, nil
		}
		password, err = c.newPassword(p)
		return err
	})
	o.show = func(p *Person) { p.Password = password }
	o.signsOut = ledger.PersonID(in.Person)
	return o, err
}

// PersonAsked is a request that does something to somebody.
type PersonAsked struct {
	Named
	Matched
	OfPerson
	Body WhoDoes
}

func (p *PersonAsked) content() any { return &p.Body }

func stopPerson(c *call, in *PersonAsked) (outcome[Person], error) {
	o, err := c.matchingPerson(in.OfPerson, in.Body.Operator, func(p *ledger.Person) error {
		p.Stopped = true
		return nil
	})
	o.signsOut = ledger.PersonID(in.Person)
	return o, err
}

func startPerson(c *call, in *PersonAsked) (outcome[Person], error) {
	return c.matchingPerson(in.OfPerson, in.Body.Operator, func(p *ledger.Person) error {
		p.Stopped = false
		return nil
	})
}
