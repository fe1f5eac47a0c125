package console

import (
	"net/http"
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Whoever gives somebody a new password chooses whether what is asked for besides stays, is told what that means, and
// signs the person out either way.
func TestResetWithALostPhone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signedIn("admin")
	const path = "/console/m/1/people/4"
	if body := admin.get(path).Body.String(); strings.Contains(body, `name="lost"`) || !strings.Contains(body, wResetHelp.Zh) {
		t.Error("it is asked whether something is lost that is not there")
	}
	whole := *w.person(4)
	whole.TOTP, whole.Recovery = []byte("sealed"), [][32]byte{{1}}
	whole.Passkeys = []ledger.Passkey{{ID: []byte("k"), Key: []byte("{}"), Name: "手机", Made: 20260105}}
	w.do(command.ChangePerson{To: whole})
	w.person(4)
	if body := admin.get(path).Body.String(); !strings.Contains(body, wLostBoth.Zh) || strings.Contains(body, "checked aria-describedby") {
		t.Error("it is not asked whether the phone is lost, or is taken for granted")
	}
	got := admin.post(path+"/password", "new", "short", "again", "short", "lost", "yes")
	if body := got.Body.String(); got.Code != 422 || !strings.Contains(body, `value="yes" checked aria-describedby`) {
		t.Errorf("what was ticked is lost: %d", got.Code)
	}
	cashier := w.signedIn("cashier")
	if got := admin.post(path+"/password", "new", password+"!", "again", password+"!"); got.Code != http.StatusSeeOther {
		t.Fatalf("a new password: %d", got.Code)
	}
	if p := w.person(4); p.TOTP == nil || p.Recovery == nil || len(p.Passkeys) != 1 {
		t.Errorf("what was not lost is gone: %+v", p)
	}
	if got := cashier.get("/console/me"); got.Code != http.StatusSeeOther {
		t.Errorf("still signed in: %d", got.Code)
	}
	cashier = w.signedIn("cashier")
	got = admin.post(path+"/password", "new", password+"?", "again", password+"?", "lost", "yes")
	if p := w.person(4); got.Code != http.StatusSeeOther || p.TOTP != nil || p.Recovery != nil || p.Passkeys != nil {
		t.Errorf("what was lost stays: %d %+v", got.Code, p)
	}
	if got := cashier.get("/console/me"); got.Code != http.StatusSeeOther {
		t.Errorf("still signed in: %d", got.Code)
	}
	if e := w.newest(); e.Kind != ledger.PersonChanged || e.By.Person != 2 {
		t.Errorf("the entry is %+v", e)
	}
}
