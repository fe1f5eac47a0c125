package console

import (
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// The audit tells what was added from what was changed, in its list, in its file, and on the page of each.
func TestAuditTellsWhatWasAdded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.webhook(1)
	hook := *w.hook()
	hook.Name = "ERP 2"
	key := *w.key()
	key.Name = "key 2"
	cashier := *w.person(4)
	cashier.Name = "cashier 2"
	w.do(command.ChangeWebhook{To: hook}, command.ChangeAgent{To: key}, command.ChangePerson{To: cashier},
		command.ChangePerson{To: ledger.Person{
			ID: 9, SignIn: "fresh", Name: "fresh 1", Grants: []ledger.PersonGrant{{Merchant: 1, Permissions: ledger.MayRead}},
		}})
	w.must(w.dir.Refresh(t.Context()))
	b := w.signedIn("owner")
	for path, want := range map[string][]string{
		"/console/host/audit.csv": {
			"新增人员,fresh 1", "修改人员,cashier 2", "修改 API 密钥,API 密钥 · key 2", "新增代理商,vendor-1", "新增 API 密钥,",
		},
		"/console/m/1/audit.csv?of=people": {"新增人员,fresh 1", "修改人员,cashier 2", "修改 API 密钥,API 密钥 · key 2"},
		"/console/m/1/audit.csv":           {"修改推送地址,ERP 2", "新增推送地址,ERP <b>"},
		"/console/m/1/audit":               {"修改推送地址", "新增推送地址"},
	} {
		got := b.get(path).Body.String()
		for _, one := range want {
			if !strings.Contains(got, one) {
				t.Errorf("%s lacks %q:\n%s", path, one, got)
			}
		}
	}
	// What was before the page counts too.
	of := b.get("/console/host/audit?kind=" + itoa(int64(ledger.PersonChanged))).Body.String()
	if !strings.Contains(of, "修改人员") || !strings.Contains(of, ">人员变动<") || !strings.Contains(of, "新增人员") {
		t.Errorf("the host's people: %s", words(of))
	}
}
