package console

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// changes makes one change of each kind that the audit tells, by an admin unless it says otherwise.
func (w *world) changes() {
	w.t.Helper()
	w.cards()
	w.changesOf()
}

// changesOf is changes without cards.
func (w *world) changesOf() {
	w.t.Helper()
	by := ledger.Caller{Person: 2, Operator: "admin", Address: "10.1.2.0/24"}
	to := w.settings()
	to.Settings.PointsRatio = 1000
	cashier := *w.person(4)
	cashier.Name = "=canary <script>alert(1)</script>"
	stranger := *w.person(6)
	stranger.Name = "canary-renamed"
	w.do(
		command.ChangeSettings{Merchant: 1, By: by, To: *to, From: w.changed().ID, Note: "<u>points"},
		command.RecordExport{Merchant: 1, By: by, What: "cards.csv", Rows: 7},
		command.ChangePerson{By: by, To: cashier},
		command.ChangePerson{By: ledger.Caller{Person: 6}, To: stranger},
		command.ChangeAgent{By: ledger.Caller{Operator: "root"}, To: ledger.Agent{
			ID: 99, Name: "till-vendor", TokenHash: [32]byte{99}, Grants: []ledger.Grant{{Merchant: 1, Permissions: ledger.MayRead}},
		}, Note: "agent token"},
	)
	w.must(w.dir.Refresh(w.t.Context()))
}

// The audit of a merchant says who changed its settings and its people, from where and to what, and nothing of another
// merchant's.
func TestAudit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.changes()
	b := w.signedIn("auditor")
	page := b.get("/console/m/1/audit").Body.String()
	for _, want := range []string{
		"修改设置", "&lt;u&gt;points", "管理员", "10.1.2.0/24", "导出数据", "cards.csv × 7", "/console/m/1/rules/history/5",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("it lacks %q: %s", want, words(page))
		}
	}
	of := b.get("/console/m/1/audit?of=people").Body.String()
	if !strings.Contains(of, "=canary &lt;script&gt;") || strings.Contains(of, "<script>alert") || strings.Contains(of, "canary-renamed") ||
		strings.Contains(of, "till-vendor") || strings.Contains(of, "canary-person") {
		t.Errorf("of people: %s", words(of))
	}
	if strings.Contains(page, "audit.csv") {
		t.Error("an auditor is offered a file")
	}
	host := w.signedIn("owner").get("/console/host/audit").Body.String()
	for _, want := range []string{"canary-renamed", "till-vendor", "agent token", "root"} {
		if !strings.Contains(host, want) {
			t.Errorf("the host's lacks %q: %s", want, words(host))
		}
	}
}

// Each change of settings says what it changed, so that one can be told from another; one by whom nobody has chosen
// counts where what was before is looked for.
func TestAuditNamesSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	by := ledger.Caller{Person: 2, Operator: "admin"}
	for i, who := range []ledger.Caller{by, {Person: 1, Operator: "owner"}, by} {
		to := w.settings()
		to.Settings.PointsRatio = 500 + int64(i)
		if i == 2 {
			to.Levels[0].Name, to.PayTypes[0].Name = "银卡", "钞票"
		}
		from := ledger.EntryID(0)
		if i > 0 {
			from = w.changed().ID
		}
		w.do(command.ChangeSettings{Merchant: 1, By: who, To: *to, From: from})
	}
	w.must(w.dir.Refresh(t.Context()))
	page := words(w.signedIn("auditor").get("/console/m/1/audit?who=2").Body.String())
	if !strings.Contains(page, "会员等级 · 银卡 名称 · 积分与赠送 抵 1 元所需积分 · 支付方式 · 钞票 名称") {
		t.Errorf("it does not say what was changed: %s", page)
	}
}

// What an entry changed of somebody is shown beside what was before, secrets as changed and no more; of another
// merchant's people there is nothing.
func TestAuditedChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.changes()
	b, owner := w.signedIn("auditor"), w.signedIn("owner")
	cashier, stranger := w.person(4), w.person(6)
	page := words(b.get("/console/m/1/audit/" + itoa(int64(cashier.Version))).Body.String())
	if !strings.Contains(page, wName.Zh+" 收银员 =canary <script>") || strings.Contains(page, wRole.Zh) {
		t.Errorf("a new name: %s", page)
	}
	for path, code := range map[string]int{
		"/console/m/1/audit/" + itoa(int64(stranger.Version)): http.StatusNotFound, "/console/m/1/audit/9999": http.StatusNotFound,
		"/console/m/1/audit/x": http.StatusNotFound, "/console/host/audit/" + itoa(int64(stranger.Version)): http.StatusForbidden,
		"/console/m/1/audit/" + itoa(int64(w.newest().ID)): http.StatusNotFound, // an agent's
	} {
		if got := b.get(path); got.Code != code || strings.Contains(got.Body.String(), "canary-renamed") {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
	changed := *cashier
	changed.Password = "another"
	changed.Grants = []ledger.PersonGrant{
		{Merchant: 2, Permissions: ledger.MayRead}, {Merchant: 1, Permissions: ledger.MayRead},
	}
	w.do(command.ChangePerson{To: changed})
	page = words(b.get("/console/m/1/audit/" + itoa(int64(w.person(4).Version))).Body.String())
	for _, want := range []string{
		wPassword.Zh + " " + wSecretSet.Zh + " " + wSecretChanged.Zh, "收银员 · 人民路店 查询",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("it lacks %q: %s", want, page)
		}
	}
	if strings.Count(page, "查询") != 1 || strings.Contains(page, "another") {
		t.Errorf("it tells what is another merchant's, or a secret: %s", page)
	}
	page = words(owner.get("/console/host/audit/" + itoa(int64(w.person(4).Version))).Body.String())
	if strings.Count(page, "查询") != 2 {
		t.Errorf("the host sees %s", page)
	}
	first := words(owner.get("/console/host/audit/1").Body.String())
	if !strings.Contains(first, wNewThen.Zh) || !strings.Contains(first, "平台负责人") {
		t.Errorf("the first: %s", first)
	}
}

// That a token of before was ended is told, in the words of the agent's page.
func TestAuditOfTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	owner := w.signedIn("owner")
	told := func(to ledger.Agent) string {
		t.Helper()
		w.do(command.ChangeAgent{To: to})
		w.must(w.dir.Refresh(t.Context()))
		return words(owner.get("/console/host/audit/" + itoa(int64(w.newest().ID))).Body.String())
	}
	a := *w.agent(1)
	a.Renew([32]byte{7})
	if page := told(a); !strings.Contains(page, wTokenBefore.Zh+" - "+wSecretSet.Zh) ||
		!strings.Contains(page, wToken.Zh+" "+wSecretSet.Zh+" "+wSecretChanged.Zh) {
		t.Errorf("a token beside: %s", page)
	}
	a = *w.agent(1)
	a.EndSpare()
	if page := told(a); !strings.Contains(page, wTokenBefore.Zh+" "+wSecretSet.Zh) {
		t.Errorf("the one of before is ended: %s", page)
	}
}

// Somebody who is no longer of the merchant was made so by a change of its own, which is told.
func TestAuditOfWhoHasLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	manager := *w.person(3)
	manager.Grants = nil
	w.do(command.ChangePerson{To: manager, Note: "moved away"})
	manager = *w.person(3)
	manager.Name = "canary-later"
	w.do(command.ChangePerson{To: manager})
	page := w.signedIn("admin").get("/console/m/1/audit?of=people").Body.String()
	if !strings.Contains(page, "moved away") || strings.Contains(page, "canary-later") {
		t.Errorf("it says %s", words(page))
	}
}

// The audit is chosen from by person, kind and day; what cannot be a day is told.
func TestAuditIsChosenFrom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.changes()
	w.wait(2 * 24 * 60 * 60)
	w.do(command.RecordExport{Merchant: 1, By: ledger.Caller{Operator: "later"}, What: "later.csv"})
	b := w.signedIn("auditor")
	for path, want := range map[string][]bool{ // settings, the first export, the last
		"?who=2": {true, true, false}, "?who=0": {false, false, true}, "?who=9": {false, false, false},
		"?kind=157": {false, true, true}, "?kind=150": {true, false, false}, "?kind=153": {true, true, true}, "?kind=x": {true, true, true},
		"?to=2026-03-05": {true, true, false}, "?from=2026-03-05": {false, false, true}, "?from=2026-03-06&to=2026-03-06": {false, false, true},
		"?to=2026-03-03": {false, false, false}, "?to=2027-01-01": {true, true, true},
	} {
		page := b.get("/console/m/1/audit" + path).Body.String()
		got := []bool{
			strings.Contains(page, "&lt;u&gt;points"), strings.Contains(page, "cards.csv"), strings.Contains(page, "later.csv"),
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	for _, path := range []string{"?from=yesterday", "?from=2026-03-05&to=2026-03-04"} {
		if got := b.get("/console/m/1/audit" + path); got.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

// A long time line comes page by page, each entry once.
func TestAuditPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const n = 2*auditAPage + 5
	for i := range n {
		w.do(command.RecordExport{Merchant: 1, What: "file-" + itoa(int64(i)) + ".csv"})
	}
	b := w.signedIn("admin")
	path, seen := "/console/m/1/audit", 0
	for range 4 {
		page := b.get(path).Body.String()
		seen += strings.Count(page, "file-")
		_, rest, more := strings.Cut(page, "place=")
		if !more {
			break
		}
		place, _, _ := strings.Cut(rest, `"`)
		path = "/console/m/1/audit?place=" + place
	}
	if seen != n {
		t.Errorf("%d of %d are listed", seen, n)
	}
	rows, err := csv.NewReader(strings.NewReader(b.get("/console/m/1/audit.csv?kind=157").Body.String())).ReadAll()
	if err != nil || len(rows) != n+1 {
		t.Errorf("the file has %d rows, %v", len(rows), err)
	}
	if all := w.exports(); !strings.HasPrefix(all[len(all)-1].Note, "audit-") || all[len(all)-1].By.Person != 2 {
		t.Errorf("the export is recorded as %+v", all[len(all)-1])
	}
}

// The host's audit is taken out by an entry of the host, and a name is no formula in it.
func TestHostAuditAsFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.changes()
	got := w.signedIn("owner").get("/console/host/audit.csv").Body.String()
	if !strings.Contains(got, "canary-renamed") || strings.Contains(got, ",=canary") || !strings.Contains(got, "=canary") {
		t.Errorf("the file: %s", got)
	}
	if e := w.newest(); e.Kind != ledger.DataExported || e.By.Person != 1 || !strings.HasPrefix(e.Note, "audit-2026-03-04.csv × ") {
		t.Errorf("recorded as %+v", e)
	}
	rec := w.signedIn("owner").get("/console/host/audit.xlsx")
	if rec.Code != http.StatusOK || !strings.HasPrefix(rec.Body.String(), "PK") {
		t.Errorf("the workbook: %d", rec.Code)
	}
}

// Looks at what is masked are told by day and by who looked, and lead to the entries.
func TestAuditOfLooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	for range 3 {
		w.do(command.ShowData{Merchant: 1, By: ledger.Caller{Person: 3, Operator: "manager", Shop: 11}, Card: "6001", What: ledger.ShownPhone})
	}
	w.fold()
	page := w.signedIn("auditor").get("/console/m/1/audit").Body.String()
	if !strings.Contains(words(page), "2026-03-04 店长 3") || !strings.Contains(page, "kind=156") {
		t.Errorf("it says %s", words(page))
	}
}

// A merchant is told nothing of what another has granted to somebody who works at both, nor by whom; what both see of
// him it is told.
func TestAuditOfWhoWorksAtTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do(command.ChangePerson{To: ledger.Person{
		ID: 10, SignIn: "canary-regional", Name: "canary-10", Grants: append(grantOf("admin", 1), grantOf("admin", 2)...),
	}})
	by := ledger.Caller{Person: 10, Operator: "canary-regional", Address: "10.66.0.0/24"}
	change := func(by ledger.Caller, fn func(*ledger.Person)) ledger.EntryID {
		to := *w.person(4)
		to.Grants = slices.Clone(to.Grants)
		fn(&to)
		w.do(command.ChangePerson{By: by, To: to})
		return w.person(4).Version
	}
	others := []ledger.EntryID{
		change(by, func(p *ledger.Person) { p.Grants = append(p.Grants, grantOf("cashier", 2)...) }),
		change(by, func(p *ledger.Person) { p.Grants[1] = grantOf("manager", 2)[0] }),
	}
	shown := change(ledger.Caller{Person: 1}, func(p *ledger.Person) { p.Name = "收银员乙" })
	others = append(others, change(by, func(p *ledger.Person) { p.Grants = p.Grants[:1] }))
	to := *w.dir.Person(10)
	to.Grants = grantOf("admin", 2)
	w.do(command.ChangePerson{By: ledger.Caller{Person: 1}, To: to})
	b := w.grantAt1(ledger.MayReports | ledger.MayExport)
	for _, path := range []string{"audit?of=people", "audit.csv?of=people"} {
		page := b.get("/console/m/1/" + path).Body.String()
		if strings.Contains(page, "10.66.0.0") || !strings.Contains(page, "收银员乙") {
			t.Errorf("%s tells what is another merchant's, or not what both see: %s", path, words(page))
		}
	}
	page := b.get("/console/m/1/audit?of=people").Body.String()
	for _, id := range others {
		if got := b.get("/console/m/1/audit/" + itoa(int64(id))); got.Code != http.StatusNotFound ||
			strings.Contains(page, "audit/"+itoa(int64(id))+`"`) {
			t.Errorf("change %d of the other's grant: %d", id, got.Code)
		}
	}
	if got := b.get("/console/m/1/audit/" + itoa(int64(shown))); got.Code != http.StatusOK {
		t.Errorf("the new name: %d", got.Code)
	}
	if page := w.signedIn("owner").get("/console/host/audit").Body.String(); !strings.Contains(page, "10.66.0.0/24") {
		t.Errorf("the host sees %s", words(page))
	}
}

// grantAt1 signs somebody in who may do that at the whole first merchant.
func (w *world) grantAt1(may ledger.Permission) *tab {
	w.t.Helper()
	w.do(command.ChangePerson{To: ledger.Person{
		ID: 9, SignIn: "whole", Name: "总部", Grants: []ledger.PersonGrant{{Merchant: 1, Permissions: may}},
	}})
	w.must(w.dir.Refresh(w.t.Context()))
	return w.signedIn("whole")
}

// wrongTime lets a clock be three days ahead for one recharge and one export, between others of the day.
func (w *world) wrongTime() {
	w.t.Helper()
	w.cards()
	trade := func(amount ledger.Fen, what string) {
		w.do(
			command.Recharge{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: "6001", Amount: amount, PayType: 1},
			command.RecordExport{Merchant: 1, By: ledger.Caller{Person: 2, Operator: "admin"}, What: what, Rows: 1},
		)
	}
	trade(11_00, "before.csv")
	w.wait(3 * 24 * 60 * 60)
	trade(22_00, "wrong.csv")
	w.wait(-3*24*60*60 + 60)
	w.do(command.TakeBackTime{Merchant: 1, At: w.clock()})
	trade(33_00, "after.csv")
}

// Where time was taken back, a day has its entries of before and of after that, and those that are dated later stand
// among those of their days.
func TestEntriesOfTimeTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.wrongTime()
	b := w.signedIn("admin")
	for day, want := range map[string][3]bool{"2026-03-04": {true, false, true}, "2026-03-07": {false, true, false}} {
		entries := words(b.get("/console/m/1/entries?day=" + day).Body.String())
		audit := words(b.get("/console/m/1/audit?from=" + day + "&to=" + day).Body.String())
		for i, amount := range []string{"+11.00", "+22.00", "+33.00"} {
			if strings.Contains(entries, amount) != want[i] {
				t.Errorf("the entries of %s, %s: %s", day, amount, entries)
			}
		}
		for i, what := range []string{"before.csv", "wrong.csv", "after.csv"} {
			if strings.Contains(audit, what) != want[i] {
				t.Errorf("the audit of %s, %s: %s", day, what, audit)
			}
		}
	}
	if page := words(b.get(shiftPath + "/close?at=11").Body.String()); !strings.Contains(page, "应有现金 ¥66.00") {
		t.Errorf("the shift of the day: %s", page)
	}
	w.wait(2 * 24 * 60 * 60)
	w.do(command.Recharge{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: "6001", Amount: 44_00, PayType: 1})
	b = w.signedIn("admin")
	if page := words(b.get(shiftPath + "/close?at=11").Body.String()); !strings.Contains(page, "应有现金 ¥44.00") {
		t.Errorf("the shift two days later: %s", page)
	}
}

// A file of the audit that ends before it does says so.
func TestAuditBeyondAFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range auditInFile + 1 {
		w.do(command.RecordExport{Merchant: 1, What: "x.csv", Rows: 1})
	}
	got := w.signedIn("admin").get("/console/m/1/audit.csv").Body.String()
	if !strings.HasSuffix(strings.TrimSpace(got), wFirstOnes.with(auditInFile).Zh+",,,,,") {
		t.Errorf("the file ends with %q", got[max(0, len(got)-200):])
	}
}
