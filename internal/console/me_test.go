package console

import (
	"strings"
	"testing"

	"tongka/internal/command"
)

// Somebody's own account says how many recovery codes are left, and what to do where there is none.
func TestRecoveryCodesLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n, want := range []string{wNoRecovery.Zh, wOneRecovery.Zh, wManyRecovery.with(2).Zh} {
		whole := *w.person(4)
		whole.TOTP, whole.Recovery = []byte("sealed"), nil
		for i := range n {
			whole.Recovery = append(whole.Recovery, [32]byte{byte(i + 1)})
		}
		w.do(command.ChangePerson{To: whole})
		w.person(4) // is read anew
		if page := w.signedIn("cashier").get("/console/me").Body.String(); !strings.Contains(page, want) {
			t.Errorf("with %d left the page lacks %q", n, want)
		}
	}
}
