package console

import (
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// What ends something at once or cannot be taken back is asked once more: on every page that does such a thing, the
// button that does it stands behind another one, which says what will happen.
func TestWhatCannotBeUndoneIsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.webhook(1)
	w.limit()
	w.job(1, "runs", ledger.JobRuns)
	w.proposal(1, "mine", 3, 11)
	w.signedIn("owner") // so that there is another device
	for _, c := range []struct {
		who, page, button string
		asks              sure
	}{
		{"admin", "/console/m/1/keys/5", `name="how" value="only"`, sureKeyOnly},
		{"admin", "/console/m/1/keys/5", `name="stopped" value="yes"`, sureKeyStop},
		{"owner", "/console/host/agents/1", `name="how" value="only"`, sureTokenOnly},
		{"owner", "/console/host/agents/2", `name="how" value="only"`, sureNewKey},
		{"owner", "/console/host/agents/1", `name="stopped" value="yes"`, sureAgentStop},
		{"admin", "/console/m/1/webhooks/1", `name="how" value="only"`, sureHookOnly},
		{"admin", "/console/m/1/webhooks/1", `name="stopped" value="yes"`, sureHookStop},
		{"admin", "/console/m/1/people/4", `name="stopped" value="yes"`, surePersonStop},
		{"owner", "/console/me", `name="session"`, sureEndOne},
		{"owner", "/console/me", wSure.Zh + " · " + wEndOthers.Zh, sureEndOthers},
		{"admin", "/console/m/1/jobs/runs", wSure.Zh + " · " + wJobCancel.Zh, sureJobCancel},
		{"manager", "/console/m/1/proposals/mine", `name="sure" value="no"`, sureTakeBack},
	} {
		page := w.signedIn(c.who).get(c.page).Body.String()
		at := strings.Index(page, c.button)
		if at < 0 {
			t.Errorf("%s lacks %s", c.page, c.button)
			continue
		}
		opened, closed := strings.LastIndex(page[:at], `<details class="sure">`), strings.LastIndex(page[:at], "</details>")
		if opened < closed || opened < 0 || !strings.Contains(page[opened:at], c.asks.then.Zh) {
			t.Errorf("%s does %q at once", c.page, c.asks.does.Zh)
		}
	}
}
