package console

import "tongka/internal/ledger"

// roleWords are what roles are called.
var roleWords = map[string]text{
	"owner":   {"平台负责人", "Owner"},
	"admin":   {"商户管理员", "Merchant admin"},
	"manager": {"店长", "Shop manager"},
	"cashier": {"收银员", "Cashier"},
	"auditor": {"审计", "Auditor"},
	ofAnAgent: {"代理商的人员", "Of an agent"},
}

// ofAnAgent stands in the form of a person of the host for who looks after the integration of an agent, and nothing
// else: that is no grant, but follows from what the agent has been granted.
const ofAnAgent = "agent"

// roleName returns what a grant is called: its role, or that it is one of its own.
func roleName(l lang, g ledger.PersonGrant) string {
	if r, ok := ledger.RoleOf(g); ok {
		return l.of(roleWords[r.Name])
	}
	return l.of(text{"自定义", "Custom"})
}
