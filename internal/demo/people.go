package demo

import (
	"slices"

	"tongka/internal/ledger"
)

// SignIn is how somebody signs in to the demo's console.
type SignIn struct {
	Name string // to sign in by
	Who  string // as screens show it
	Role string
	At   string // what the role is for; "" = everything
}

// SignIns are one for each role, and one of those who connect tills.
var SignIns = []SignIn{
	{"owner", "周启明", "owner", ""},
	{"admin", "陈立", "admin", "巷子口川菜"},
	{"manager", "林芳", "manager", "人民路店 湖滨店"},
	{"cashier", "吴晓琳", "cashier", "人民路店"},
	{"auditor", "何会计", "auditor", "巷子口川菜"},
	{"agent", "赵工", ofAgent, tillsAgent},
}

// ofAgent stands for the role of who looks after an agent's integration, which is no grant but follows from what the
// agent has been granted.
const ofAgent = "agent"

// shopsOf are the shops of those who have not all.
var shopsOf = map[string][]ledger.ShopID{"manager": {shops[0].id, shops[1].id}, "cashier": {shops[0].id}}

// person returns somebody as kept in the books; agent is the one whose integration is looked after by who has that
// role.
func (s SignIn) person(id ledger.PersonID, password string, agent ledger.AgentID) ledger.Person {
	p := ledger.Person{ID: id, SignIn: s.Name, Name: s.Who, Password: password}
	if s.Role == ofAgent {
		p.Agent = agent
		return p
	}
	role, ok := ledger.FindRole(s.Role)
	if !ok {
		panic("there is no role " + s.Role)
	}
	grant := ledger.PersonGrant{Merchant: Merchant, Shops: slices.Clone(shopsOf[s.Role]), Permissions: role.Allowed}
	if role.Of == ledger.AtHost {
		grant.Merchant = ledger.HostID
	}
	p.Grants = []ledger.PersonGrant{grant}
	return p
}

// The agents whose tills and program the merchant uses.
const (
	tillsAgent    = "巷子口收银"
	deliveryAgent = "外卖平台"
	reportsKey    = "财务报表"
)

// agentOf returns an agent as kept in the books.
func agentOf(id ledger.AgentID, name string, hash [32]byte, until ledger.Date) ledger.Agent {
	const may = ledger.MayRead | ledger.MayOpen | ledger.MayModify | ledger.MayRecharge | ledger.MayConsume |
		ledger.MayPoints | ledger.MayRefund | ledger.MayLose | ledger.MayCancelLoss
	return ledger.Agent{
		ID: id, Name: name, TokenHash: hash, Until: until, Grants: []ledger.Grant{{Merchant: Merchant, Permissions: may}},
	}
}

// keyOf returns an API key as kept in the books.
func keyOf(id ledger.AgentID, hash [32]byte) ledger.Agent {
	return ledger.Agent{
		ID: id, Name: reportsKey, TokenHash: hash, Owner: Merchant,
		Grants: []ledger.Grant{{Merchant: Merchant, Permissions: ledger.MayRead | ledger.MayReports | ledger.MayExport}},
	}
}
