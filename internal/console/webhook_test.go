package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// webhook adds a webhook of a merchant, with the id 1.
func (w *world) webhook(m ledger.MerchantID) {
	w.t.Helper()
	hook := ledger.Webhook{Merchant: m, ID: 1, Name: "ERP <b>", URL: "https://erp.example.com/tongka?k=1"}
	if m == 2 {
		hook.Name = "canary-webhook"
	}
	auth.RenewWebhook(vault{}, &hook)
	w.do(command.ChangeWebhook{To: hook})
}

// hook returns what the store has of the first webhook of the first merchant.
func (w *world) hook() *ledger.Webhook {
	w.t.Helper()
	all, err := w.store.Webhooks(w.t.Context(), 1)
	w.must(err)
	for i := range all {
		if all[i].ID == 1 {
			return &all[i]
		}
	}
	w.t.Fatal("there is no webhook 1")
	return nil
}

// pushed saves how far the webhook is, and what was tried.
func (w *world) pushed(state ledger.WebhookState, tries ...ledger.WebhookTry) {
	w.t.Helper()
	hook := w.hook()
	state.Merchant, state.Webhook, state.About = 1, 1, hook.Version
	states, err := w.store.WebhookStates(w.t.Context(), 1)
	w.must(err)
	state.Turn = 1
	if len(states) > 0 {
		state.Turn = states[0].Turn + 1
	}
	for i := range tries {
		tries[i].Merchant, tries[i].Webhook = 1, 1
	}
	w.must(w.store.SaveWebhookState(w.t.Context(), state, tries, nil))
}

func (w *world) testHook(hook *ledger.Webhook) ledger.WebhookTry {
	if w.tested == nil {
		return ledger.WebhookTry{Status: 200}
	}
	return w.tested(hook)
}

// An admin adds a webhook, whose secret is shown once and is the one that signs; a form that is sent twice makes one,
// and what is wrong with it is told at its field, with what was typed.
func TestWebhookIsMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("admin")
	form := []string{"name", "数据中心 <b>", "url", "https://bi.example.com/in", "kind", "recharge", "kind", "consume"}
	got := b.post("/console/m/1/webhooks/new", form...)
	shown := secretShown.FindStringSubmatch(got.Body.String())
	if got.Code != http.StatusOK || shown == nil || !strings.HasPrefix(shown[1], "whsec_") {
		t.Fatalf("adding: %d %s", got.Code, got.Body.String())
	}
	hook := w.hook()
	if hook.Name != "数据中心 <b>" || len(hook.Kinds) != 2 || hook.Spare != nil || !hook.Wants(ledger.Recharged) {
		t.Errorf("made %+v", hook)
	}
	if e := w.newestAt(1); e.Kind != ledger.WebhookChanged || e.By.Person != 2 || strings.Contains(e.Settings, shown[1]) {
		t.Errorf("the entry says %+v", e)
	}
	if body := b.get("/console/m/1/webhooks/1").Body.String(); strings.Contains(body, shown[1]) || strings.Contains(body, "whsec_") {
		t.Error("the secret is shown again")
	}
	got = b.post("/console/m/1/webhooks/new", form...)
	if body := got.Body.String(); got.Code != http.StatusUnprocessableEntity || !strings.Contains(body, wTakenHook.Zh) ||
		strings.Count(body, " checked") != 2 || strings.Contains(body, "whsec_") {
		t.Errorf("sent twice: %d", got.Code)
	}
	for what, pairs := range map[string][]string{
		wHookNotSafe.Zh:   {"name", "x", "url", "http://erp.example.com/"},
		"不是公网地址":          {"name", "x", "url", "https://10.0.0.1/"},
		wHookURLWrong.Zh:  {"name", "x", "url", "erp.example.com"},
		wHookNameWrong.Zh: {"name", " ", "url", "https://erp.example.com/"},
	} {
		got := b.post("/console/m/1/webhooks/new", pairs...)
		if body := got.Body.String(); got.Code != http.StatusUnprocessableEntity || !strings.Contains(body, what) {
			t.Errorf("%v: %d", pairs, got.Code)
		}
	}
	for range ledger.MaxWebhooks - 1 {
		b.post("/console/m/1/webhooks/new", "name", "更多 "+itoa(w.now.UnixNano()), "url", "https://bi.example.com/in")
		w.now = w.now.Add(time.Second)
	}
	got = b.post("/console/m/1/webhooks/new", "name", "太多", "url", "https://bi.example.com/in")
	if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), wManyHooks.Zh) {
		t.Errorf("one more than there may be: %d", got.Code)
	}
}

// The list, the page and Today say of a webhook that fails since when and why, and of one that is paused that nothing
// goes out; who resumes it has it tried from where it stands.
func TestWebhookThatFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.webhook(1)
	b := w.signedIn("admin")
	if body := b.get("/console/m/1/").Body.String(); strings.Contains(body, wHookIsPaused.Zh) || strings.Contains(body, wHookIsIll.Zh) {
		t.Error("Today speaks of a webhook that is well")
	}
	since := time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC)
	state := ledger.WebhookState{
		Entry: 2, Tries: 21, Since: since, Next: since.Add(time.Hour), LastAt: since.Add(time.Minute), LastCode: 500,
	}
	w.pushed(state, ledger.WebhookTry{At: since, Entry: 3, Status: 500, Said: "<i>database</i> is full", Took: time.Second})
	for _, path := range []string{"webhooks", "webhooks/1", "webhooks/1/tries"} {
		body := b.get("/console/m/1/" + path).Body.String()
		for _, want := range []string{"HTTP 500", "&lt;i&gt;database&lt;/i&gt; is full"} {
			if !strings.Contains(body, want) {
				t.Errorf("%s does not say %s", path, want)
			}
		}
		if path != "webhooks/1/tries" && (!strings.Contains(body, wHookFails.Zh) || !strings.Contains(body, "2026-03-01 09:00")) {
			t.Errorf("%s does not say since when it fails", path)
		}
	}
	if body := b.get("/console/m/1/").Body.String(); !strings.Contains(body, wHookIsIll.Zh+"ERP &lt;b&gt;") {
		t.Error("Today does not say that it fails")
	}
	state.Paused = since.Add(72 * time.Hour)
	w.pushed(state)
	body := b.get("/console/m/1/webhooks/1").Body.String()
	if !strings.Contains(body, wPausedBecause.Zh) || !strings.Contains(body, wLastAnswer.Zh) {
		t.Error("the page does not say that it is paused, or why")
	}
	for name, link := range map[string]bool{"admin": true, "auditor": false} {
		body := w.signedIn(name).get("/console/m/1/").Body.String()
		if !strings.Contains(body, wHookIsPaused.Zh+"ERP &lt;b&gt;") || strings.Contains(body, `webhooks/1"`) != link {
			t.Errorf("Today says to %s: no pause, or a way that is not theirs", name)
		}
	}
	if got := b.post("/console/m/1/webhooks/1/resume"); got.Code != http.StatusSeeOther {
		t.Errorf("resuming: %d", got.Code)
	}
	states, err := w.store.WebhookStates(t.Context(), 1)
	w.must(err)
	if s := states[0]; s.Tries != 0 || !s.Paused.IsZero() || s.Entry != 2 {
		t.Errorf("resumed: %+v", s)
	}
}

// Who pauses a webhook sees that on its page and on Today, and that nothing has failed; who lets it go on has it sent
// from where it stood, while one that is started again is not.
func TestWebhookIsPausedByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.webhook(1)
	b := w.signedIn("admin")
	const path = "/console/m/1/webhooks/1"
	w.pushed(ledger.WebhookState{Entry: 2})
	if body := b.get(path).Body.String(); !strings.Contains(body, `formaction="`+path+`/pause"`) {
		t.Error("the pause is not offered")
	}
	if got := b.post(path + "/pause"); got.Code != http.StatusSeeOther {
		t.Fatalf("pausing: %d", got.Code)
	}
	body := b.get(path).Body.String()
	for _, want := range []string{wHookPaused.Zh, wPausedByHand.Zh, wPausedSince.Zh, path + "/resume"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	if strings.Contains(body, wFailsSince.Zh) || strings.Contains(body, path+"/pause") {
		t.Error("the page says that it fails, or offers the pause again")
	}
	if today := b.get("/console/m/1/").Body.String(); !strings.Contains(today, wHookIsPaused.Zh) {
		t.Error("Today does not say that it is paused")
	}
	b.post(path + "/resume")
	states, err := w.store.WebhookStates(t.Context(), 1)
	w.must(err)
	if s := states[0]; !s.Paused.IsZero() || s.Entry != 2 {
		t.Errorf("resumed: %+v", s)
	}
}

// A webhook is changed, its secret renewed beside the one of before or in its place, and it is stopped and started; the
// page says what was changed, by whom, and of two people the second is told what the first did.
func TestWebhookIsChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.webhook(1)
	b := w.signedIn("admin")
	version := func() string { return itoa(int64(w.hook().Version)) }
	path := "/console/m/1/webhooks/1"
	first := version()
	form := func(v string, more ...string) []string {
		return append([]string{"version", v, "name", "ERP <b>", "url", "https://new.example.com/"}, more...)
	}
	if got := b.post(path, form(first, "kind", "open")...); got.Code != http.StatusSeeOther {
		t.Fatalf("changing: %d %s", got.Code, fault(got.Body.String()))
	}
	got := b.post(path, "version", first, "name", "仓库", "url", "https://erp.example.com/tongka?k=1")
	if body := got.Body.String(); got.Code != http.StatusConflict || !strings.Contains(body, wMoved.Zh) ||
		!strings.Contains(body, `value="仓库"`) || !strings.Contains(body, `value="https://new.example.com/"`) {
		t.Errorf("the second of two: %d", got.Code)
	}
	renew := func(how string) {
		got := b.post(path+"/secret", "version", version(), "how", how)
		shown := secretShown.FindStringSubmatch(got.Body.String())
		if got.Code != http.StatusOK || shown == nil {
			t.Fatalf("%s: %d", how, got.Code)
		}
	}
	before := w.hook().Secret
	renew("beside")
	if now := w.hook(); string(now.Spare) != string(before) || string(now.Secret) == string(before) {
		t.Error("beside: not both sign")
	}
	if got := b.post(path+"/secret", "version", version(), "how", "beside"); got.Code != http.StatusSeeOther || w.hook().Spare == nil {
		t.Errorf("a third secret: %d", got.Code)
	}
	if b.post(path+"/secret", "version", version(), "how", "end"); w.hook().Spare != nil {
		t.Error("the one of before still signs")
	}
	if renew("only"); w.hook().Spare != nil {
		t.Error("in its place: both sign")
	}
	after := w.hook().After
	b.post(path+"/stop", "version", version(), "stopped", "yes")
	stopped := w.hook().Stopped
	b.post(path+"/stop", "version", version(), "stopped", "no")
	if now := w.hook(); !stopped || now.Stopped || now.After <= after {
		t.Errorf("stopped %t, then %+v", stopped, now)
	}
	body := b.get(path).Body.String()
	for _, want := range []string{wAgentHistory.Zh, "https://new.example.com/", "管理员"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
}

// A webhook is removed when it is stopped and that is asked for once more. The audit says so, names no page that is not
// there, and another one may follow.
func TestWebhookIsRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.webhook(1)
	b := w.signedIn("admin")
	const path = "/console/m/1/webhooks/1"
	version := func() string { return itoa(int64(w.hook().Version)) }
	if body := b.get(path).Body.String(); strings.Contains(body, path+"/remove") {
		t.Error("one that is not stopped may be removed")
	}
	if got := b.post(path+"/remove", "version", version()); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("removed before it was stopped: %d", got.Code)
	}
	seen := version()
	b.post(path+"/stop", "version", seen, "stopped", "yes")
	body := b.get(path).Body.String()
	at := strings.Index(body, `formaction="`+path+`/remove"`)
	if at < 0 || !strings.Contains(body[strings.LastIndex(body[:at], `<details class="sure">`):at], sureHookRemove.then.Zh) {
		t.Fatal("the removal is not offered, or not asked once more")
	}
	if got := b.post(path+"/remove", "version", seen); got.Code != http.StatusConflict {
		t.Errorf("removed by somebody who has not seen that it is stopped: %d", got.Code)
	}
	got := b.post(path+"/remove", "version", version())
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/console/m/1/webhooks?done" {
		t.Fatalf("removing: %d to %s", got.Code, got.Header().Get("Location"))
	}
	all, err := w.store.Webhooks(t.Context(), 1)
	w.must(err)
	if len(all) != 0 || b.get(path).Code != http.StatusNotFound || b.post(path+"/remove").Code != http.StatusNotFound {
		t.Errorf("it is still there: %+v", all)
	}
	audit := b.get("/console/m/1/audit").Body.String()
	if !strings.Contains(audit, wHookRemoved.Zh) || !strings.Contains(audit, "ERP") || strings.Contains(audit, `href="`+path) {
		t.Error("the audit does not say that it was removed, or leads to it")
	}
	w.webhook(1)
	audit = b.get("/console/m/1/audit").Body.String()
	if strings.Count(words(audit), addedWords[ledger.WebhookChanged].Zh) != 2 {
		t.Error("the audit does not say of both that they were added")
	}
	if body := b.get(path).Body.String(); !strings.Contains(body, wAgentHistory.Zh) || !strings.Contains(audit, `href="`+path) {
		t.Error("another one lacks its history, or the audit the way to it")
	}
}

// What was sent is sent once more, one entry or a range; what was not sent yet is not asked for. A test says what came
// of it, and changes nothing.
func TestWebhookIsSentAgainAndTested(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.webhook(1)
	w.pushed(ledger.WebhookState{Entry: 4}, ledger.WebhookTry{At: w.now, Entry: 4, Status: 204})
	b := w.signedIn("admin")
	path := "/console/m/1/webhooks/1"
	for what, pairs := range map[string][]string{
		"nothing": {}, "none": {"first", "0"}, "backwards": {"first", "4", "last", "3"}, "no number": {"first", "x"},
		"no last": {"first", "1", "last", "x"},
		"ahead":   {"first", "3", "last", itoa(int64(w.hook().After) + 1)},
	} {
		if got := b.post(path+"/again", pairs...); got.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", what, got.Code)
		}
	}
	for _, pairs := range [][]string{{"first", "4"}, {"first", "1", "last", "#3"}} {
		if got := b.post(path+"/again", pairs...); got.Code != http.StatusSeeOther {
			t.Errorf("%v: %d", pairs, got.Code)
		}
	}
	repeats, err := w.store.WebhookAgains(t.Context(), ledger.WebhookKey{Merchant: 1, ID: 1})
	w.must(err)
	if len(repeats) != 2 || repeats[0].First+repeats[1].First != 5 || repeats[0].Last+repeats[1].Last != 7 {
		t.Errorf("to be sent: %+v", repeats)
	}
	page, back := b.get(path).Body.String(), []string{"first", "1", "last", "3"}
	if !strings.Contains(page, wNotAgain.Zh+" #1 – #3") || !strings.Contains(page, wNotAgain.Zh+" #4 – #4") {
		t.Error("the page does not let what waits be taken back")
	}
	for _, pairs := range [][]string{back, back, {"first", "x"}} {
		if got := b.post(path+"/again/cancel", pairs...); got.Code != http.StatusSeeOther {
			t.Errorf("taken back %v: %d", pairs, got.Code)
		}
	}
	repeats, err = w.store.WebhookAgains(t.Context(), ledger.WebhookKey{Merchant: 1, ID: 1})
	if w.must(err); len(repeats) != 1 || repeats[0].First != 4 {
		t.Errorf("left of it: %+v", repeats)
	}
	for status, want := range map[int]text{204: wTestTaken, 0: wTestFailed, 410: wTestFailed} {
		w.tested = func(hook *ledger.Webhook) ledger.WebhookTry {
			return ledger.WebhookTry{Status: status, Said: "said <b>" + hook.URL}
		}
		if body := b.post(path + "/test").Body.String(); !strings.Contains(body, want.Zh) || !strings.Contains(body, "said &lt;b&gt;https://erp") {
			t.Errorf("%d: the page does not say %s", status, want.Zh)
		}
	}
}

// The tries are paged by their place and go out as a file, with an entry.
func TestTriesOfAWebhook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.webhook(1)
	var tries []ledger.WebhookTry
	for i := range triesAPage + 2 {
		at := w.now.Add(time.Duration(i) * time.Second)
		tries = append(tries, ledger.WebhookTry{At: at, Entry: ledger.EntryID(i + 1), Status: 200})
	}
	w.pushed(ledger.WebhookState{Entry: 1}, tries...)
	b := w.signedIn("admin")
	body := b.get("/console/m/1/webhooks/1/tries").Body.String()
	_, after, more := strings.Cut(body, `tries?before=`)
	place, _, _ := strings.Cut(after, `"`)
	if !more || strings.Contains(body, ">#2<") {
		t.Fatal("the first page has all, or leads to no other")
	}
	if body := b.get("/console/m/1/webhooks/1/tries?before=" + place).Body.String(); !strings.Contains(body, ">#2<") ||
		!strings.Contains(body, ">#1<") || strings.Contains(body, ">#3<") {
		t.Error("the second page has others")
	}
	got := b.get("/console/m/1/webhooks/1/tries.csv")
	if lines := strings.Count(got.Body.String(), "\n"); got.Code != http.StatusOK || lines != triesAPage+3 {
		t.Errorf("the file: %d, %d lines", got.Code, lines)
	}
	if w.taken() != 1 {
		t.Error("taken without an entry")
	}
}

// A file that ends before the tries do says so, and one that has them all does not.
func TestTriesBeyondAFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.webhook(1)
	tries := make([]ledger.WebhookTry, triesInFile)
	for i := range tries {
		tries[i] = ledger.WebhookTry{At: w.now.Add(time.Duration(i) * time.Millisecond), Entry: 1, Status: 200}
	}
	w.pushed(ledger.WebhookState{Entry: 1}, tries...)
	b := w.signedIn("admin")
	cut := wFirstOnes.with(triesInFile).Zh
	file := func() string { return b.get("/console/m/1/webhooks/1/tries.csv").Body.String() }
	if got := file(); strings.Contains(got, cut) || strings.Count(got, "\n") != triesInFile+1 {
		t.Errorf("all of them are said to be the first of more, or are %d lines", strings.Count(got, "\n"))
	}
	w.pushed(ledger.WebhookState{Entry: 1}, ledger.WebhookTry{At: w.now.Add(time.Hour), Entry: 1, Status: 200})
	if !strings.Contains(file(), cut) {
		t.Error("it does not say that there are more")
	}
}
