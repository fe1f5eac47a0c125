package command

import (
	"fmt"
	"strconv"
	"strings"

	"tongka/internal/ledger"
)

// person changes what it names of a person, or creates one.
func (a *args) person(p *play) Command {
	to := ledger.Person{ID: ledger.PersonID(a.int("id"))}
	if was := p.memStore.host.Person(to.ID); was != nil {
		to = *was
	}
	if a.has("name") {
		to.Name = a.text("name")
	}
	if a.has("sign-in") {
		to.SignIn = a.text("sign-in")
	}
	if a.has("password") {
		to.Password = a.text("password")
	}
	if a.has("stopped") {
		to.Stopped = a.yes("stopped")
	}
	if a.has("until") {
		to.Until = a.date("until")
	}
	if a.has("agent-of") {
		to.Agent = ledger.AgentID(a.int("agent-of"))
	}
	if a.has("role") {
		to.Grants = []ledger.PersonGrant{a.grant()}
	}
	if a.has("version") {
		to.Version = ledger.EntryID(a.int("version"))
	}
	return ChangePerson{By: a.by, To: to, Note: a.text("note")}
}

// grant reads role= with merchant= and shops=, separated by commas.
func (a *args) grant() ledger.PersonGrant {
	role, ok := ledger.FindRole(a.text("role"))
	if !ok {
		a.fail(fmt.Errorf("no such role"))
	}
	g := ledger.PersonGrant{Merchant: ledger.MerchantID(a.int("merchant")), Permissions: role.Allowed}
	if a.has("shops") {
		for id := range strings.SplitSeq(a.text("shops"), ",") {
			n, err := strconv.ParseInt(id, 10, 64)
			a.fail(err)
			g.Shops = append(g.Shops, ledger.ShopID(n))
		}
	}
	return g
}
