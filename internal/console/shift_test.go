package console

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// takings are what was taken on a morning: by the cashier and by another operator at one shop, and at another.
func (w *world) takings() {
	w.t.Helper()
	w.cards()
	cashier, other := ledger.Caller{Shop: 11, Operator: "cashier"}, ledger.Caller{Shop: 11, Operator: "小王 <b>"}
	w.do(
		command.Recharge{Merchant: 1, By: cashier, Card: "6001", Amount: 300_00, PayType: 1},
		command.Recharge{Merchant: 1, By: other, Card: "6001", Amount: 200_00, PayType: 1},
		command.Recharge{Merchant: 1, By: other, Card: "6001", Amount: 50_00, PayType: 2},
		command.Recharge{Merchant: 1, By: ledger.Caller{Shop: 12, Operator: "cashier"}, Card: "6002", Amount: 7711_00, PayType: 1},
		command.Withdraw{Merchant: 1, By: cashier, Card: "6001", Amount: 20_00},
	)
}

const shiftPath = "/console/m/1/shifts"

// closed closes the shift that a page shows, and returns the answer.
func (b *tab) closed(page, counted, note string) (status int, location, body string) {
	b.t.Helper()
	got := b.post(shiftPath+"/close", append(hidden(page), "counted", counted, "note", note)...)
	return got.Code, got.Header().Get("Location"), got.Body.String()
}

// A cashier closes his own shift: what the books say he took, what he counted, and the difference, on a slip and in the
// merchant's journal.
func TestOwnShift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.takings()
	b := w.signedIn("cashier")
	page := b.get(shiftPath + "/close").Body.String()
	for _, want := range []string{"应有现金 ¥280.00", "现金 300.00 1 300.00", "付给会员（现金） -20.00 1 – – 20.00"} {
		if !strings.Contains(words(page), want) {
			t.Errorf("the page does not say %q: %s", want, words(page))
		}
	}
	for _, counted := range []string{"", "much", "-1", "1.234", "279,50", "２７９，５０"} {
		status, _, body := b.closed(page, counted, "<script>alert(1)</script>")
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, wTypeCounted.Zh) ||
			!strings.Contains(body, "&lt;script&gt;alert(1)&lt;/script&gt;") {
			t.Errorf("counted %q: %d %s", counted, status, words(body))
		}
	}
	status, _, body := b.closed(page, "279.50", " ")
	if status != http.StatusUnprocessableEntity || !strings.Contains(words(body), "实点与应有相差 -0.50，请重新点清") {
		t.Errorf("it is closed although nobody has said why the cash is short: %d %s", status, words(body))
	}
	status, slip, body := b.closed(page, "279.50", "<b>少五角")
	if status != http.StatusSeeOther {
		t.Fatalf("it is not closed: %d %s", status, words(body))
	}
	said := words(b.get(slip).Body.String())
	for _, want := range []string{"交班单 · 收银员", "现金 × 1 300.00", "应有现金 280.00", "实点现金 279.50", "差额 -0.50", "<b>少五角",
		"起 开账 止 2026-03-04 18:00"} {
		if !strings.Contains(said, want) {
			t.Errorf("the slip does not say %q: %s", want, said)
		}
	}
	own, err := w.store.OwnEntries(t.Context(), 1, 1<<40, 1)
	w.must(err)
	e := own[0]
	of, err := ledger.ParseHandOver(e.Settings)
	w.must(err)
	if e.Kind != ledger.HandedOver || e.By.Person != 4 || e.By.Shop != 11 || of.Operator != "cashier" ||
		of.Expected() != 280_00 || of.Difference() != -50 {
		t.Errorf("the entry is %+v", e)
	}
	if status, _, body := b.closed(page, "279.50", "again"); status != http.StatusUnprocessableEntity ||
		!strings.Contains(body, "刚刚有人交过班") || !strings.Contains(body, `value="again"`) {
		t.Errorf("closed twice: %d %s", status, words(body))
	}
	page = b.get(shiftPath + "/close").Body.String()
	if !strings.Contains(page, wNothingTook.Zh) {
		t.Errorf("the next shift: %s", words(page))
	}
	if list := words(b.get(shiftPath).Body.String()); !strings.Contains(list, "差额 -0.50") {
		t.Errorf("the list: %s", list)
	}
}

// Whoever closes a shift is told if the same money was handed over with another: a cashier's with the shop's, and the
// shop's with a cashier's. What is taken afterwards is nobody else's.
func TestHandedOverTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.takings()
	manager, cashier := w.signedIn("manager"), w.signedIn("cashier")
	page := func(b *tab) string { return b.get(shiftPath + "/close").Body.String() }
	recharge := command.Recharge{
		Merchant: 1, By: ledger.Caller{Shop: 11, Operator: "cashier"}, Card: "6001", Amount: 7_00, PayType: 1,
	}
	const told = "的班已于 2026-03-04 18:00 交过，其中包括这里的收款"
	if before := page(cashier); strings.Contains(before, "交过") {
		t.Errorf("told before: %s", words(before))
	}
	manager.closed(page(manager), "480", "")
	if said := words(page(cashier)); !strings.Contains(said, "整个门店 "+told) {
		t.Errorf("the cashier is not told: %s", said)
	}
	cashier.closed(page(cashier), "280", "")
	w.do(recharge)
	for name, b := range map[string]*tab{"the manager": manager, "the cashier": cashier} {
		if said := page(b); strings.Contains(said, "交过") {
			t.Errorf("%s is told of what is handed over once: %s", name, words(said))
		}
	}
	cashier.closed(page(cashier), "7", "")
	if said := words(page(manager)); !strings.Contains(said, "收银员 "+told) {
		t.Errorf("the manager is not told: %s", said)
	}
}

// The lines of a slip add up to the cash that is expected, also where a recharge was reversed: what was given back is
// taken off once. What does not lie in the till stands apart.
func TestSlipAddsUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.takings()
	cashier := ledger.Caller{Shop: 11, Operator: "cashier"}
	for payType := range ledger.PayTypeID(2) {
		w.do(command.Recharge{Merchant: 1, By: cashier, Card: "6001", Amount: 100_00, PayType: payType + 1})
		w.do(command.ReverseRecharge{Merchant: 1, By: cashier, Card: "6001", Entry: w.newestOf("6001").ID})
	}
	b := w.signedIn("cashier")
	_, slip, _ := b.closed(b.get(shiftPath+"/close").Body.String(), "280", "")
	said := words(b.get(slip).Body.String())
	for _, want := range []string{
		"现金 · 实收 400.00 现金 · 充值撤销 -100.00 付给会员（现金） -20.00 应有现金 280.00",
		"微信 · 实收 100.00 微信 · 充值撤销 -100.00 微信 · 净收 0.00",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the slip does not say %q: %s", want, said)
		}
	}
}

// The manager closes the shop's shift, and those of its operators. The shifts are apart, and begin where the one before
// ended.
func TestShiftOfAShop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.takings()
	b := w.signedIn("manager")
	page := b.get(shiftPath + "/close").Body.String()
	if said := words(page); !strings.Contains(said, "应有现金 ¥480.00") || !strings.Contains(said, "小王 <b>") ||
		strings.Contains(said, "7,711") {
		t.Errorf("the shop's shift: %s", said)
	}
	other := b.get(shiftPath + "/close?of=" + url.QueryEscape("小王 <b>") + "&cash=2").Body.String()
	if !strings.Contains(words(other), "应有现金 ¥50.00") {
		t.Errorf("the shift of another: %s", words(other))
	}
	w.do(command.Recharge{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: "6001", Amount: 5_00, PayType: 1})
	if status, _, body := b.closed(page, "480", ""); status != http.StatusSeeOther {
		t.Fatalf("what came after it was shown stands in the way: %d %s", status, words(body))
	}
	page = b.get(shiftPath + "/close").Body.String()
	if !strings.Contains(words(page), "应有现金 ¥5.00") {
		t.Errorf("the next shift: %s", words(page))
	}
	pairs := hidden(page)
	for i := range pairs {
		if pairs[i] == "after" {
			pairs[i+1] = "1"
		}
	}
	if got := b.post(shiftPath+"/close", append(pairs, "counted", "5")...); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("a shift that begins elsewhere: %d", got.Code)
	}
	if status, _, _ := b.closed(other, "50", ""); status != http.StatusSeeOther {
		t.Errorf("an operator's shift after the shop's: %d", status)
	}
}

// Whoever signs in by a name that is longer than the one that entries have closes his shift with what he took.
func TestShiftOfALongName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	cashier := *w.person(4)
	cashier.SignIn = strings.Repeat("收", ledger.MaxSignIn)
	w.do(command.ChangePerson{To: cashier}, command.Recharge{
		Merchant: 1, By: ledger.Caller{Shop: 11, Operator: cashier.SignIn}, Card: "6001", Amount: 300_00, PayType: 1,
	})
	w.must(w.dir.Refresh(t.Context()))
	b := w.signedIn(cashier.SignIn)
	page := b.get(shiftPath + "/close").Body.String()
	if !strings.Contains(words(page), "应有现金 ¥300.00") {
		t.Errorf("the page says %s", words(page))
	}
	if status, _, body := b.closed(page, "300", ""); status != http.StatusSeeOther {
		t.Errorf("it is not closed: %d %s", status, words(body))
	}
	if got := w.signedIn("manager").get(shiftPath + "/close?of=%EF%BF%BD"); got.Code != http.StatusNotFound {
		t.Errorf("nobody is called �: %d", got.Code)
	}
}

// exporting is what lets a person close the shifts of a shop and take them out.
const exporting = ledger.MayRead | ledger.MayRecharge | ledger.MayReports | ledger.MayExport

// The last shift of a shop that has ended is closed all the same, and taken out as a file.
func TestShiftOfAnEndedShop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.takings()
	to := *w.dir.Merchant(1)
	to.Shops = slices.Clone(to.Shops)
	to.Shops[0].Ended = true
	w.do(command.ChangeSettings{Merchant: 1, To: to, From: w.changed().ID})
	b := w.grant(11, exporting)
	if status, _, body := b.closed(b.get(shiftPath+"/close").Body.String(), "480", ""); status != http.StatusSeeOther {
		t.Errorf("it is not closed: %d %s", status, words(body))
	}
	if got := b.get(shiftPath + ".csv"); !strings.Contains(got.Body.String(), "480.00") {
		t.Errorf("the file: %d %s", got.Code, words(got.Body.String()))
	}
}

// A shift goes since the one before was closed, which is later than what was last done then; the first one goes since
// the business day before its own began.
func TestSinceWhenAShiftGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.takings()
	for range 2 {
		w.wait(24 * 60 * 60)
		w.do(command.Recharge{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: "6001", Amount: 5_00, PayType: 1})
	}
	b := w.signedIn("manager")
	page := b.get(shiftPath + "/close").Body.String()
	if !strings.Contains(words(page), "起 2026-03-05 04:00 · 止 2026-03-06 18:00") {
		t.Errorf("the first shift: %s", words(page))
	}
	w.wait(60 * 60)
	_, first, _ := b.closed(page, "10", "")
	w.wait(60 * 60)
	w.do(command.Recharge{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: "6001", Amount: 6_00, PayType: 1})
	page = b.get(shiftPath + "/close").Body.String()
	if !strings.Contains(words(page), "起 2026-03-06 19:00 · 止 2026-03-06 20:00") {
		t.Errorf("the next shift: %s", words(page))
	}
	_, next, _ := b.closed(page, "6", "")
	for slip, want := range map[string]string{
		first: "起 2026-03-05 04:00 止 2026-03-06 19:00", next: "起 2026-03-06 19:00 止 2026-03-06 20:00",
	} {
		if said := words(b.get(slip).Body.String()); !strings.Contains(said, want) {
			t.Errorf("%s does not say %q: %s", slip, want, said)
		}
	}
}

// A file of shifts has those of shops whose data the person may take out, and not his own at a shop where he was
// before.
func TestShiftsOfOneShopInAFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.takings()
	b := w.grant(12, exporting)
	for _, shop := range []ledger.ShopID{12, 11} {
		p := *w.person(8)
		p.Grants = []ledger.PersonGrant{{Merchant: 1, Shops: []ledger.ShopID{shop}, Permissions: exporting}}
		w.do(command.ChangePerson{To: p})
		w.must(w.dir.Refresh(t.Context()))
		page := b.get(shiftPath + "/close").Body.String()
		if status, _, body := b.closed(page, "0", "note-"+itoa(int64(shop))); status != http.StatusSeeOther {
			t.Fatalf("%d %s", status, words(body))
		}
	}
	if list := b.get(shiftPath).Body.String(); !strings.Contains(list, "note-11") || !strings.Contains(list, "note-12") {
		t.Errorf("the list: %s", words(list))
	}
	file := b.get(shiftPath + ".csv").Body.String()
	if !strings.Contains(file, "note-11") || strings.Contains(file, "note-12") {
		t.Errorf("the file: %s", file)
	}
}

// Nobody closes or sees a shift that is none of his: a cashier only his own, a manager those of his shop.
func TestShiftsOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.takings()
	manager := w.signedIn("manager")
	_, slip, _ := manager.closed(manager.get(shiftPath+"/close").Body.String(), "480", "canary-note")
	cashier := w.signedIn("cashier")
	for _, query := range []string{"?of=+", "?of=manager", "?at=12", "?at=0", "?at=x", "?cash=9", "?cash=x"} {
		if got := cashier.get(shiftPath + "/close" + query); got.Code != http.StatusNotFound {
			t.Errorf("a cashier, %s: %d", query, got.Code)
		}
	}
	for _, query := range []string{"?of=+x", "?of=" + strings.Repeat("x", 65)} {
		if got := manager.get(shiftPath + "/close" + query); got.Code != http.StatusNotFound {
			t.Errorf("nobody is called %s: %d", query, got.Code)
		}
	}
	elsewhere := w.grant(12, ledger.MayRead|ledger.MayRecharge|ledger.MayReports)
	for name, b := range map[string]*tab{"the cashier": cashier, "another shop's manager": elsewhere} {
		if got := b.get(strings.TrimSuffix(slip, "?done")); got.Code != http.StatusNotFound {
			t.Errorf("%s sees the slip: %d", name, got.Code)
		}
		if page := b.get(shiftPath).Body.String(); strings.Contains(page, "canary-note") {
			t.Errorf("%s sees the shift: %s", name, words(page))
		}
	}
	if got := w.signedIn("auditor").get(shiftPath); !strings.Contains(got.Body.String(), "canary-note") ||
		strings.Contains(got.Body.String(), "shifts/close") {
		t.Errorf("the auditor sees %s", words(got.Body.String()))
	}
	for _, path := range []string{"/1", "/0", "/x", "/99"} {
		if got := manager.get(shiftPath + path); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

// The list goes on by pages, and is taken out as a file, which is recorded.
func TestListOfShifts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("admin")
	if page := b.get(shiftPath).Body.String(); !strings.Contains(page, wNoShifts.Zh) || strings.Contains(page, ".csv") {
		t.Errorf("no shift yet: %s", words(page))
	}
	for range shiftsAPage + 2 {
		if status, _, body := b.closed(b.get(shiftPath+"/close?at=12").Body.String(), "0", "=1+1"); status != http.StatusSeeOther {
			t.Fatalf("%d %s", status, words(body))
		}
	}
	first := b.get(shiftPath).Body.String()
	next := regexp.MustCompile(`href="([^"]+from=\d+)"`).FindStringSubmatch(first)
	if strings.Count(first, "<li class=\"list-group-item\">") != shiftsAPage || next == nil {
		t.Fatalf("the first page: %s", words(first))
	}
	if last := b.get(next[1]).Body.String(); strings.Count(last, "<li class=\"list-group-item\">") != 2 || strings.Contains(last, "from=") {
		t.Errorf("the last page: %s", words(last))
	}
	got := b.get(shiftPath + ".csv")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.Body.String(), "\uFEFF"))).ReadAll()
	if err != nil || len(rows) != shiftsAPage+3 || rows[1][11] != "'=1+1" {
		t.Errorf("the file: %v %v", err, rows)
	}
	if got := b.get(shiftPath + ".xlsx"); got.Code != http.StatusOK {
		t.Errorf("the workbook: %d", got.Code)
	}
	own, err := w.store.OwnEntries(t.Context(), 1, 1<<40, 1)
	w.must(err)
	if own[0].Kind != ledger.DataExported || !strings.Contains(own[0].Note, "shifts-") {
		t.Errorf("it is not recorded: %+v", own[0])
	}
}

// People are called by their names wherever who did something is told, with the sign-in name where two have the same
// name, and tills by what their agent is called.
func TestWhoIsCalledHow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.takings()
	w.do(
		command.ChangePerson{To: ledger.Person{ID: 8, SignIn: "second", Name: "店长", Grants: grantOf("cashier", 1, 12)}},
		command.Recharge{Merchant: 1, By: ledger.Caller{Shop: 11, Agent: 1}, Card: "6001", Amount: 1_00, PayType: 1},
		command.Recharge{Merchant: 1, By: ledger.Caller{Shop: 11, Agent: 3}, Card: "6001", Amount: 1_00, PayType: 1},
		command.Recharge{Merchant: 1, By: ledger.Caller{Shop: 11, Operator: "stranger"}, Card: "6001", Amount: 1_00, PayType: 1},
		command.Recharge{
			Merchant: 1, By: ledger.Caller{Shop: 11, Person: 3, Operator: "manager"}, Card: "6001", Amount: 1_00, PayType: 1,
		},
	)
	w.must(w.dir.Refresh(t.Context()))
	w.fold()
	admin := w.signedIn("admin")
	for path, want := range map[string][]string{
		"cards/1":                        {"店长 (manager)", "vendor-1 #", wAgent.Zh + " 3 #", "stranger #"},
		"reports/day":                    {"收银员 ", "店长 (manager) ", "stranger "},
		"shifts/close?at=11":             {"收银员", "店长 (manager)", "stranger"},
		"shifts/close?at=11&of=cashier":  {"收银员"},
		"entries?day=2026-03-04&shop=11": {"店长 (manager)", "vendor-1"},
	} {
		page := words(admin.get("/console/m/1/" + path).Body.String())
		for _, said := range want {
			if !strings.Contains(page, said) {
				t.Errorf("%s does not say %q: %s", path, said, page)
			}
		}
		if strings.Contains(page, "canary") || path == "reports/day" && strings.Contains(page, " cashier ") {
			t.Errorf("%s calls somebody otherwise: %s", path, page)
		}
	}
}

// What a till took under the name of somebody who works at the console is of another shift. His own says so, and a
// manager can tell the two apart and choose either, also when the shop's shift was closed since.
func TestShiftOfANamesake(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	recharge := command.Recharge{
		Merchant: 1, By: ledger.Caller{Shop: 11, Agent: 1, Operator: "收银员"}, Card: "6001", Amount: 9_00, PayType: 1,
	}
	cashier, admin := w.signedIn("cashier"), w.signedIn("admin")
	if page := cashier.get("/console/m/1/shifts/close?at=11").Body.String(); strings.Contains(page, wNamesake.Zh) {
		t.Error("there is no namesake")
	}
	w.do(recharge)
	if page := cashier.get("/console/m/1/shifts/close?at=11").Body.String(); !strings.Contains(page, wNamesake.Zh) {
		t.Errorf("the cashier's own: %s", words(page))
	}
	page := admin.get("/console/m/1/shifts/close?at=11").Body.String()
	shown := hidden(page)
	value := func(name string) string { return shown[slices.Index(shown, name)+1] }
	admin.post("/console/m/1/shifts/close", "at", "11", "of", value("of"), "cash", value("cash"), "after", value("after"),
		"upto", value("upto"), "counted", "9")
	recharge.By.Operator, recharge.Amount = "cashier", 1_00
	w.do(recharge)
	page = admin.get("/console/m/1/shifts/close?at=11").Body.String()
	if !strings.Contains(page, `<option value="收银员">`) {
		t.Errorf("the manager cannot choose the till's operator: %s", words(page))
	}
	if of := admin.get("/console/m/1/shifts/close?at=11&of=cashier").Body.String(); !strings.Contains(of, "（收银机）") {
		t.Errorf("the two are not told apart: %s", words(of))
	}
}

// A cashier does not choose what of his shift is counted: what he took in cash stays cash, and is told with the shift.
func TestCashIsTheMerchants(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.takings()
	cashier := w.signedIn("cashier")
	page := cashier.get(shiftPath + "/close?cash=2").Body.String()
	if !strings.Contains(words(page), "应有现金 ¥280.00") || strings.Contains(page, `<select class="form-select" id="cash"`) {
		t.Errorf("another pay type as cash: %s", words(page))
	}
	form := hidden(page)
	form[slices.Index(form, "cash")+1] = "2"
	got := cashier.post(shiftPath+"/close", append(form, "counted", "0")...)
	if got.Code != http.StatusUnprocessableEntity || !strings.Contains(words(got.Body.String()), "实点与应有相差 -280.00") {
		t.Errorf("closed with nothing counted: %d %s", got.Code, words(got.Body.String()))
	}
	cashier.closed(page, "280", "")
	manager := w.grant(11, exporting)
	manager.closed(manager.get(shiftPath+"/close?cash=2&of="+url.QueryEscape("小王 <b>")).Body.String(), "50", "")
	if list := words(manager.get(shiftPath).Body.String()); !strings.Contains(list, "钱箱里的是 微信 · 应有现金 50.00") ||
		!strings.Contains(list, "钱箱里的是 现金 · 应有现金 280.00") {
		t.Errorf("the list: %s", list)
	}
	if file := manager.get(shiftPath + ".csv").Body.String(); !strings.Contains(file, ",微信,50.00,50.00,") {
		t.Errorf("the file: %s", file)
	}
}

// Whoever works past the hour at which days change, and closes a shift for the first time then, hands over what was
// taken before it.
func TestFirstShiftPastTheCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.takings() // at 18:00
	w.wait(11 * 60 * 60)
	w.do(command.Recharge{
		Merchant: 1, By: ledger.Caller{Shop: 11, Operator: "cashier"}, Card: "6001", Amount: 5_00, PayType: 1,
	})
	page := w.signedIn("cashier").get(shiftPath + "/close").Body.String()
	if !strings.Contains(words(page), "应有现金 ¥285.00") {
		t.Errorf("at 05:00 the first shift has %s", words(page))
	}
}

// What members were paid by another pay type is not missing in the till: its shift, its slip and the day close have it
// with that pay type. What nobody has said of counts as cash, as before.
func TestPaidOutByPayType(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.takings()
	b := w.signedIn("manager")
	for _, out := range []struct {
		path  string
		form  []string
		shows string
	}{
		{"1/do/withdraw", []string{"amount", "30", "paytype", "2"}, "支付方式 微信"},
		{"1/do/withdraw", []string{"amount", "5", "paytype", "1"}, "支付方式 现金"},
		{"1/do/withdraw", []string{"amount", "2", "paytype", ""}, "本金"},
		{"2/do/return", []string{"paytype", "2"}, "支付方式 微信"},
	} {
		path := "/console/m/1/cards/" + out.path
		if form := words(b.get(path).Body.String()); !strings.Contains(form, "支付方式 未注明 现金 微信") {
			t.Errorf("the form of %s: %s", out.path, form)
		}
		shown := b.post(path, append(out.form, "at", "11")...).Body.String()
		slip := b.post(path, append(hidden(shown), "sure", "yes")...).Header().Get("Location")
		for name, page := range map[string]string{"the preview": shown, "the slip": b.get(slip).Body.String()} {
			if said := words(page); !strings.Contains(said, out.shows) {
				t.Errorf("%s of %s %v does not say %q: %s", name, out.path, out.form, out.shows, said)
			}
		}
	}
	returned := w.newestOf("6002").Gross
	got := b.post("/console/m/1/cards/1/do/withdraw", "amount", "1", "paytype", "9", "at", "11")
	if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), `id="paytype-wrong"`) {
		t.Errorf("by a pay type that there is not: %d %s", got.Code, fault(got.Body.String()))
	}
	page := b.get(shiftPath + "/close?of=manager").Body.String()
	for _, want := range []string{
		"应有现金 -¥7.00", "现金 -5.00 1 – – 5.00", "付给会员（现金） -2.00 1 – – 2.00",
		"微信 " + phrase.SignedYuan(-30_00-returned) + " 2 – – " + phrase.Yuan(30_00+returned),
	} {
		if !strings.Contains(words(page), want) {
			t.Errorf("the page does not say %q: %s", want, words(page))
		}
	}
	_, slip, _ := b.closed(b.get(shiftPath+"/close").Body.String(), "473", "")
	said := words(b.get(slip).Body.String())
	for _, want := range []string{
		"现金 · 实收 500.00 现金 · 付给会员 -5.00 付给会员（现金） -22.00 应有现金 473.00",
		"微信 · 实收 50.00 微信 · 付给会员 " + phrase.SignedYuan(-30_00-returned) + " 微信 · 净收 ",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the slip does not say %q: %s", want, said)
		}
	}
	w.fold()
	day := words(b.get("/console/m/1/reports/day").Body.String())
	if want := "店长 微信 " + phrase.SignedYuan(-30_00-returned); !strings.Contains(day, want) {
		t.Errorf("the day close does not say %q: %s", want, day)
	}
}
