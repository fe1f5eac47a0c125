package console

import (
	"strconv"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// names says what people and agents are called on pages of a merchant, or of the host.
type names struct {
	from *auth.Directory
	at   ledger.MerchantID // ledger.HostID = on pages of the host
}

func (c *call) names() names {
	n := names{from: c.cfg.Directory}
	if c.merchant != nil {
		n.at = c.merchant.ID
	}
	return n
}

// person returns what somebody is called, with the sign-in name where a colleague has the same name.
func (n names) person(p *ledger.Person) string {
	for _, other := range n.from.People() {
		if other.ID != p.ID && other.Name == p.Name && other.Enters(n.at) {
			return p.Name + " (" + p.SignIn + ")"
		}
	}
	return p.Name
}

// called returns a person's name; otherwise the name that an entry has.
func (n names) called(id ledger.PersonID, otherwise string) string {
	if p := n.from.Person(id); p != nil {
		return n.person(p)
	}
	return otherwise
}

// operator returns the name of whoever an entry calls an operator. Only those who work at the merchant are looked for:
// what a till calls its clerk may be the sign-in name of a stranger.
func (n names) operator(name string) string {
	if p := n.from.PersonNamed(name); p != nil && p.Enters(n.at) {
		return n.person(p)
	}
	return name
}

// namesake reports whether a till calls its clerk by the name of a person, who signs in by another one. Whether it is
// that person, no till proves.
func (n names) namesake(name string) bool {
	if p := n.from.PersonNamed(name); p != nil && p.Enters(n.at) {
		return false
	}
	for _, p := range n.from.People() {
		if p.Enters(n.at) && command.Operator(p.Name) == name {
			return true
		}
	}
	return false
}

// agent returns the name of an agent or an API key that has been granted anything at the merchant, and of others the
// number: they are not the merchant's to know. The host knows all.
func (n names) agent(id ledger.AgentID) (name string, known bool) {
	a := n.from.AgentByID(id)
	if a != nil && (n.at == ledger.HostID || a.At(n.at)) {
		return a.Name, true
	}
	return strconv.FormatInt(int64(id), 10), false
}
