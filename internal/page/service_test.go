package page

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// The holder reports the card lost: with its password if it has one, and by the button alone if it has none.
func TestReportLost(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"", "260817"} {
		w := newWorld(t)
		if password != "" {
			w.withPassword(password)
		}
		p := w.bound(1)
		if asks := strings.Contains(p.get("/m/lost").Body.String(), `type="password"`); asks != (password != "") {
			t.Errorf("%q: the form asks for a password: %t", password, asks)
		}
		if w.card(1, "8800123456").Status != ledger.Active {
			t.Fatal("looking at the form changed something")
		}
		if password != "" {
			for typed, want := range map[string]string{"": "请会员输入卡密码", "1": "卡密码不对"} {
				got := p.post("/m/lost", url.Values{"password": {typed}})
				if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), want) {
					t.Errorf("with the password %q: %d %s", typed, got.Code, got.Body)
				}
			}
		}
		for range 2 { // the answer may have got lost
			if got := p.post("/m/lost", url.Values{"password": {password}}); got.Code != http.StatusSeeOther {
				t.Errorf("%q: %d %s", password, got.Code, got.Body)
			}
		}
		body := p.get("/m/").Body.String()
		if !strings.Contains(body, "已挂失") || strings.Contains(body, "data-key") || !strings.Contains(body, "<body data-forget>") {
			t.Errorf("after that: %s", body)
		}
		if body := p.get("/m/service").Body.String(); strings.Contains(body, "/m/lost") {
			t.Error("a lost card can be reported lost")
		}
		if c := w.card(1, "8800123456"); c.Status != ledger.Lost || w.card(2, "8800123456").Status != ledger.Active {
			t.Errorf("status %v", c.Status)
		}
	}
}

// Whoever holds the phone and guesses the password is stopped, and the card stays as it was.
func TestGuessesAtTheBoundPhone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withPassword("260817")
	p := w.bound(1)
	said := ""
	for range 4 {
		said = p.post("/m/password", url.Values{"password": {"1"}, "new": {"8642xz"}, "again": {"8642xz"}}).Body.String()
	}
	if !strings.Contains(said, "卡密码错误次数过多，请 30 秒后再试") {
		t.Errorf("after four tries: %s", said)
	}
	w.later(10 * time.Second)
	got := p.post("/m/lost", url.Values{"password": {"260817"}})
	if body := got.Body.String(); got.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(body, "卡密码错误次数过多，请 20 秒后再试") {
		t.Errorf("the right one then: %d %s", got.Code, body)
	}
	w.later(time.Minute)
	if got := p.post("/m/lost", url.Values{"password": {"260817"}}); got.Code != http.StatusSeeOther {
		t.Errorf("the right one a minute later: %d", got.Code)
	}
}

// The password is changed by whoever knows the old one, to one that is not guessed first.
func TestSetPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.bound(1)
	if body := p.get("/m/password").Body.String(); strings.Contains(body, "<input id") || !strings.Contains(body, wSetNone.Zh) {
		t.Errorf("of a card without one: %s", body)
	}
	p.post("/m/password", url.Values{"new": {"8642xz"}, "again": {"8642xz"}})
	if kept := w.card(1, "8800123456").Details.Password; kept != "" {
		t.Errorf("a card without a password has got %s", kept)
	}
	w.withPassword("260817")
	for _, c := range []struct{ old, typed, again, want string }{
		{"260817", "123", "123", wNoPassword.Zh},
		{"260817", strings.Repeat("a1", 20), strings.Repeat("a1", 20), wNoPassword.Zh},
		{"260817", "8642xz", "8642xy", wNotSame.Zh},
		{"260817", "123456", "123456", wWeak.Zh},
		{"260817", "123456", "123456", wWeak.Zh},
		{"260817", "3456", "3456", wWeak.Zh}, // the end of the card's number
		{"", "8642xz", "8642xz", "请会员输入卡密码"},
		{"wrong", "8642xz", "8642xz", "卡密码不对"},
	} {
		got := p.post("/m/password", url.Values{"password": {c.old}, "new": {c.typed}, "again": {c.again}})
		if body := got.Body.String(); got.Code != http.StatusUnprocessableEntity || !strings.Contains(body, c.want) ||
			strings.Contains(body, `value="`+c.typed+`"`) {
			t.Errorf("%+v: %d %s", c, got.Code, body)
		}
	}
	got := p.post("/m/password", url.Values{"password": {"260817"}, "new": {"8642xz"}, "again": {"8642xz"}})
	if got.Header().Get("Location") != "/m/service?saved" || w.card(1, "8800123456").Details.Password != "hash of 1 8642xz" {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if body := p.get("/m/service?saved").Body.String(); !strings.Contains(body, wSetDone.Zh) {
		t.Errorf("after that: %s", body)
	}
	if strings.Contains(w.log.String(), "8642xz") {
		t.Error("the log has the password")
	}
}

// A statement adds up: what was there before, what came and went, what is there after; by the merchant's months.
func TestStatement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.bound(1)
	for _, want := range []string{
		"2026-03", "期初余额</dt><dd>0.00", "收入</dt><dd>+1,100.00", "支出</dt><dd>-113.08", "期末余额</dt><dd>986.92",
		"充值", "消费 · 湖滨店", "会员折扣 -15.42", "88****3456",
	} {
		if body := p.get("/m/statement").Body.String(); !strings.Contains(body, want) || strings.Contains(body, "收到优惠券") {
			t.Errorf("the statement lacks %s, or has what moved nothing: %s", want, body)
		}
	}
	w.later(31 * 24 * time.Hour)
	w.do(command.Consume{Merchant: 1, By: ledger.Caller{Shop: 12}, Card: "8800123456", Amount: 100_00, NoDiscount: 100_00})
	april := p.get("/m/statement").Body.String()
	for _, want := range []string{
		"2026-04", "期初余额</dt><dd>986.92", "收入</dt><dd>0.00", "支出</dt><dd>-100.00", "期末余额</dt><dd>886.92",
		`href="/m/statement?month=2026-03"`,
	} {
		if !strings.Contains(april, want) {
			t.Errorf("the statement of April lacks %s: %s", want, april)
		}
	}
	if strings.Contains(april, "month=2026-05") {
		t.Error("a month that has not begun has a statement")
	}
	march := p.get("/m/statement?month=2026-03").Body.String()
	if !strings.Contains(march, "期末余额</dt><dd>986.92") || !strings.Contains(march, "month=2026-04") ||
		strings.Contains(march, "month=2026-02") {
		t.Errorf("March: %s", march)
	}
	if body := p.get("/m/statement?month=2026-02").Body.String(); !strings.Contains(body, wNoEntries.Zh) ||
		!strings.Contains(body, "期初余额</dt><dd>0.00") {
		t.Errorf("before the card: %s", body)
	}
	for _, month := range []string{"2027-01", "x", "1999-01", "2026-13", "2026-1", "-1"} {
		if got := p.get("/m/statement?month=" + month).Body.String(); !strings.Contains(got, "<h1>月对账单 2026-04</h1>") {
			t.Errorf("%s is not this month: %s", month, got)
		}
	}
}

// A page of another site is sent no file of the holder's.
func TestExportForAnotherSite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.bound(1)
	for _, path := range []string{"/m/data/json", "/m/data/csv"} {
		for site, want := range map[string]int{
			"cross-site": 403, "same-site": 403, "same-origin": 200, "none": 200, "": 403,
		} {
			r := httptest.NewRequest(http.MethodGet, phoneURL+path, nil)
			r.Header.Set("Sec-Fetch-Site", site)
			got := p.send(r)
			if file := got.Header().Get("Content-Disposition") != ""; got.Code != want || file != (want == 200) {
				t.Errorf("%s for %s: %d", path, site, got.Code)
			}
		}
	}
}

// A statement and an export go through all pages of the journal, and say so where there is more.
func TestLongJournals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 2*readAtOnce + 5 {
		w.later(time.Second)
		w.do(command.Consume{Merchant: 1, By: ledger.Caller{Shop: 12}, Card: "8800123456", Amount: 1})
	}
	p := w.bound(1)
	want := w.card(1, "8800123456").Seq
	if got := strings.Count(p.get("/m/statement").Body.String(), "<tr>"); got != 2*readAtOnce+5+3 {
		t.Errorf("%d lines on the statement, want those that moved money, and a head", got)
	}
	var e export
	w.must(json.Unmarshal(p.get("/m/data/json").Body.Bytes(), &e))
	if int64(len(e.Entries)) != want {
		t.Errorf("%d entries are exported, want %d", len(e.Entries), want)
	}
	v := visit{merchant: &w.first, card: *w.card(1, "8800123456")}
	some, total, err := w.page.journal(t.Context(), ledger.HistoryQuery{Card: v.key()}, readAtOnce+1)
	if err != nil || len(some) != readAtOnce+1 || total != want {
		t.Errorf("%d of %d entries, %v", len(some), total, err)
	}
}

// A holder gets all that is known of him and his card, and nothing of anybody else: not what the shop noted, not the
// password's hash, and of an identity card's number its end.
func TestExport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withPassword("260817")
	phone, number, remarks, birthday := "13800138000", "110101199003072316", "秘密备注", ledger.Date(19900307)
	evil := `=HYPERLINK("http://x")`
	m := w.first
	m.Shops[1].Name = evil
	w.must(w.store.SaveMerchant(t.Context(), m))
	w.must(w.page.cfg.Directory.Refresh(t.Context()))
	w.do(
		command.ModifyHolder{Merchant: 1, Card: "8800123456", Phone: &phone, Birthday: &birthday},
		command.ModifyDetails{Merchant: 1, Card: "8800123456", IDNumber: &number, Remarks: &remarks},
		command.AdjustPoints{Merchant: 1, Card: "8800123456", Points: 1, Note: remarks},
	)
	p := w.bound(1)
	got := p.get("/m/data/json")
	var e export
	if err := json.Unmarshal(got.Body.Bytes(), &e); err != nil || got.Header().Get("Content-Disposition") == "" {
		t.Fatalf("%v: %s", err, got.Body)
	}
	if e.Card.Number != "8800123456" || e.Card.Principal != "897.20" || e.Holder.Name != "陈小明" ||
		e.Holder.Phone != phone || e.Holder.Birthday != "1990-03-07" || e.Holder.IDNumber != "****2316" || len(e.Coupons) != 4 {
		t.Errorf("exported %+v", e)
	}
	if int64(len(e.Entries)) != w.card(1, "8800123456").Seq {
		t.Errorf("%d entries", len(e.Entries))
	}
	table := p.get("/m/data/csv")
	text := table.Body.String()
	if !strings.HasPrefix(text, "\ufeff") || table.Header().Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("the table is %s, %q", table.Header(), text)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != len(e.Entries)+1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		for _, field := range row {
			if strings.HasPrefix(field, "=") {
				t.Errorf("a spreadsheet runs %s", field)
			}
		}
	}
	if !strings.Contains(text, "'=HYPERLINK") || !strings.Contains(text, "卡付 113.08") || !strings.Contains(text, ",-102.80,-10.28,113,986.92,") {
		t.Errorf("the table: %s", text)
	}
	for _, body := range []string{got.Body.String(), text} {
		for _, not := range []string{remarks, "hash of", "110101199003", "canary", "data-key"} {
			if strings.Contains(body, not) {
				t.Errorf("the export has %s: %s", not, body)
			}
		}
	}
	p.asks = "en"
	if body := p.get("/m/data/csv").Body.String(); !strings.Contains(body, "Recharged") || strings.Contains(body, "充值,") {
		t.Errorf("in English: %s", body)
	}
}
