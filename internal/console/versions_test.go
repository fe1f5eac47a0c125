package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Each version of the settings is kept: who made it, from where, and what it changed; any can be looked at, and brought
// back by a change of its own. What was added since stays, and rules among it are ended.
func TestVersions(t *testing.T) { //nolint:funlen // one story, or one table
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("admin")
	must := func(path string, typed ...string) ledger.Entry {
		t.Helper()
		if code, body := b.fill("/console/m/1/rules/"+path, typed...); code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", path, code, fault(body))
		}
		return w.changed()
	}
	most := w.settings().Settings.MaxAmount
	first := must("levels/2", "discount", "75", "name", "金卡 <script>alert(1)</script>")
	must("recharge/new", "name", "充100送100", "threshold", "100", "add_money", "100")
	must("shops/new", "name", "新店")
	must("levels/2", "discount", "60")
	must("pay-types/2", "place", "1")
	licensed := w.settings()
	licensed.LicenceEnd = 20301231
	w.do(command.ChangeSettings{Merchant: 1, By: ledger.Caller{Operator: "host <b>"}, To: *licensed, From: w.changed().ID, Note: "<u>note"})
	list := b.get("/console/m/1/rules/history").Body.String()
	for _, want := range []string{"75% → 60%", "充100送100", "新店", "2030-12-31", "微信 · 现金", "host &lt;b&gt;", "&lt;u&gt;note", wBeforeUnknown.Zh, wOfNow.Zh} {
		if !strings.Contains(list, want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	if strings.Contains(list, "<script>alert") || strings.Contains(list, "<u>note") {
		t.Error("a name is no text")
	}
	path := "/console/m/1/rules/history/" + itoa(int64(first.ID))
	page := b.get(path).Body.String()
	for _, want := range []string{"75%", "60%", wBringBack.Zh, "¥500.00", `name="seen"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the version lacks %q", want)
		}
	}
	seen := hidden(page)
	must("limits/one", "max_amount", "777")
	if got := b.post(path, seen...); got.Code != http.StatusConflict || !strings.Contains(got.Body.String(), "¥777.00") {
		t.Fatalf("somebody was first: %d", got.Code)
	}
	got := b.post(path, hidden(b.get(path).Body.String())...)
	if got.Code != http.StatusSeeOther {
		t.Fatalf("bringing back: %d %s", got.Code, fault(got.Body.String()))
	}
	m, e := w.settings(), w.changed()
	if m.Levels[1].PayRate != 7500 || m.Settings.MaxAmount != most || m.PayTypes[0].ID != 1 {
		t.Errorf("brought back %+v", m)
	}
	if len(m.Rules) != 2 || !m.Rules[1].Ended || len(m.Shops) != 3 || m.Shops[2].Ended || m.LicenceEnd != 20301231 {
		t.Errorf("what was added since: %+v", m)
	}
	if e.By.Person != 2 || e.By.Address == "" || e.Note != broughtBackNote+first.At.UTC().Format(time.RFC3339) {
		t.Errorf("the entry says %+v %q", e.By, e.Note)
	}
	if page := b.get("/console/m/1/rules/history").Body.String(); !strings.Contains(page, wBroughtBack.Zh+"2026-03-04") {
		t.Error("the list does not say which version was brought back")
	}
	now := "/console/m/1/rules/history/" + itoa(int64(e.ID))
	if got := b.post(now, "seen", itoa(int64(e.ID))); got.Code != http.StatusUnprocessableEntity || w.changed().ID != e.ID {
		t.Errorf("bringing back what is in force: %d", got.Code)
	}
}

// Versions come a page at a time.
func TestManyVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range versionsAPage + 5 {
		to := w.settings()
		to.Settings.PointsRatio = int64(1000 + i)
		w.do(command.ChangeSettings{Merchant: 1, To: *to, From: w.changed().ID})
	}
	b := w.signedIn("auditor")
	page := b.get("/console/m/1/rules/history").Body.String()
	if strings.Count(page, "list-group-item") != versionsAPage || !strings.Contains(page, "1004 → 1005") || !strings.Contains(page, "from=5") {
		t.Errorf("the first page: %s", page)
	}
	page = b.get("/console/m/1/rules/history?from=5").Body.String()
	if strings.Count(page, "list-group-item") != 5 || !strings.Contains(page, wBeforeUnknown.Zh) || strings.Contains(page, "from=") {
		t.Errorf("the second page: %s", page)
	}
}

// What the first change changed is seen beside how the merchant was added, which can be brought back. Other entries in
// between make no page of nothing.
func TestFirstVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := *w.settings()
	m.ID, m.GUID, m.Shops = 3, "{3}", []ledger.Shop{{ID: 31, GUID: "{31}", Name: "新店"}}
	m.Settings.PointsRatio = 50
	w.do(command.AddMerchant{By: ledger.Caller{Operator: "host"}, To: m})
	w.must(w.dir.Refresh(t.Context()))
	b := w.signedIn("owner")
	const at = "/console/m/3/rules/history"
	if page := b.get(at).Body.String(); !strings.Contains(page, wAsAdded.Zh) || strings.Contains(page, wNoVersions.Zh) {
		t.Error("before any change it is not told how the merchant was added")
	}
	for range versionsAPage + 5 {
		w.do(command.ChangeSettings{Merchant: 3, To: m, From: w.versionNow(3)})
	}
	m.Settings.PointsRatio = 60
	w.do(command.ChangeSettings{Merchant: 3, To: m, From: w.versionNow(3)})
	page := b.get(at + "?from=1").Body.String()
	if !strings.Contains(page, wAsAdded.Zh) || strings.Contains(page, "from=") || strings.Contains(page, wBeforeUnknown.Zh) {
		t.Errorf("the last page: %s", words(page))
	}
	page = b.get(at + "/added").Body.String()
	if !strings.Contains(page, "60") || !strings.Contains(page, `name="seen"`) {
		t.Fatalf("how it was added: %s", words(page))
	}
	if got := b.post(at+"/added", hidden(page)...); got.Code != http.StatusSeeOther {
		t.Errorf("bringing it back: %d", got.Code)
	}
	w.must(w.dir.Refresh(t.Context()))
	if got := w.dir.Merchant(3).Settings.PointsRatio; got != 50 {
		t.Errorf("brought back %d", got)
	}
	if got := w.signedIn("admin").get("/console/m/1/rules/history/added"); got.Code != http.StatusNotFound {
		t.Errorf("of a merchant of before: %d", got.Code)
	}
}

// versionNow returns the entry that made the settings in force of a merchant.
func (w *world) versionNow(m ledger.MerchantID) ledger.EntryID {
	w.t.Helper()
	records, err := w.store.Load(w.t.Context(), command.Want{Merchant: m, Keys: command.Keys{Head: true}})
	w.must(err)
	return records[0].Head.Settings
}

// A version of another merchant, and an entry that is no version, are not there.
func TestVersionsOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	other := *w.dir.Merchant(2)
	w.do(command.ChangeSettings{Merchant: 2, To: other})
	b := w.signedIn("admin")
	for _, id := range []string{"1", "2", "6", "99"} {
		if got := b.get("/console/m/1/rules/history/" + id); got.Code != http.StatusNotFound {
			t.Errorf("version %s: %d", id, got.Code)
		}
	}
}
