package page

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

// withPassword gives the first merchant's card a password.
func (w *world) withPassword(password string) {
	w.t.Helper()
	kept := w.page.cfg.HashPassword("1", password)
	w.do(command.ModifyDetails{Merchant: 1, Card: "8800123456", Password: &kept})
}

// comeIn types a card's number and password at a phone.
func (p *phone) comeIn(merchant, number, password string) *httptest.ResponseRecorder {
	p.w.t.Helper()
	return p.post("/m/in", url.Values{"m": {merchant}, "number": {number}, "password": {password}, "try": {"t"}})
}

// A phone gets the card by its number and password. The phone before it is told, the journal has it, and nothing that
// was typed is in the log.
func TestComeIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withPassword("260817")
	old, p := w.bound(1), &phone{w: w}
	if body := p.get("/m/in?m=1").Body.String(); !strings.Contains(body, `name="m" value="1"`) || strings.Contains(body, "聚客") {
		t.Errorf("the form: %s", body)
	}
	if got := p.comeIn("1", "8800123456", "260817"); got.Code != http.StatusSeeOther || p.cookie == nil {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	if body := p.get("/m/").Body.String(); !strings.Contains(body, "卡号 8800123456") {
		t.Errorf("the phone sees %s", body)
	}
	if body := old.get("/m/").Body.String(); !strings.Contains(body, wTakenOver.Zh) {
		t.Errorf("the phone of before sees %s", body)
	}
	last, err := w.store.History(t.Context(), ledger.HistoryQuery{
		Card: ledger.CardKey{Merchant: 1, Number: "8800123456"}, Size: 1,
	})
	if err != nil || last.Entries[0].Kind != ledger.PhoneBound || last.Entries[0].By.Operator != "phone" {
		t.Errorf("the journal ends with %+v, %v", last.Entries, err)
	}
	again := &phone{w: w} // the answer was lost
	if got := again.comeIn("1", "8800123456", "260817"); got.Code != http.StatusSeeOther {
		t.Errorf("the same form again: %d", got.Code)
	}
	if pass := w.card(1, "8800123456").Details.Pass; pass != 2 {
		t.Errorf("pass %d after the form was sent twice", pass)
	}
	for _, secret := range []string{"260817", "8800123456"} {
		if strings.Contains(w.log.String(), secret) {
			t.Errorf("the log has %s", secret)
		}
	}
}

// A stranger is told the same whatever is wrong: merchant, card, password, or that there is none. The number is kept in
// the form, and the password is not.
func TestComeInTellsStrangersNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withPassword("260817")
	want := ""
	for _, typed := range [][3]string{
		{"1", "8800123456", "111"}, {"1", "8800123456", ""}, {"1", "nothing", "260817"}, {"1", "OVER01", "260817"},
		{"1", "MICRO1", "260817"}, {"2", "8800123456", "260817"}, {"9", "8800123456", "260817"}, {"x", "8800123456", "260817"},
		{"", "8800123456", "260817"}, {"1", "", "260817"}, {"1", `"><script>`, "x"},
	} {
		p := &phone{w: w}
		got := p.comeIn(typed[0], typed[1], typed[2])
		body := got.Body.String()
		if strings.Contains(body, "260817") || strings.Contains(body, "<script>") || p.cookie != nil || w.outcome() != outRefused {
			t.Errorf("%q: %s, %s", typed, w.outcome(), body)
		}
		for _, was := range typed[:2] {
			if was != "" {
				body = strings.ReplaceAll(body, `value="`+was+`"`, `value=""`)
			}
		}
		body = strings.ReplaceAll(body, `value="&#34;&gt;&lt;script&gt;"`, `value=""`)
		if want == "" {
			want = body
		}
		if got.Code != http.StatusUnprocessableEntity || body != want || !strings.Contains(body, wNoComeIn.Zh) {
			t.Errorf("%q: %d %s", typed, got.Code, body)
		}
	}
	if pass := w.card(1, "8800123456").Details.Pass; pass != 0 {
		t.Errorf("pass %d", pass)
	}
}

// Wrong passwords of strangers close the way to strangers. The phone that was bound before still gets back in, and is
// told exactly what was wrong.
func TestStrangersLockOutStrangers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withPassword("260817")
	old := w.bound(1)
	w.bound(1)
	for range 12 {
		(&phone{w: w}).comeIn("1", "8800123456", "wrong")
	}
	if got := (&phone{w: w}).comeIn("1", "8800123456", "260817"); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("a stranger with the password: %d", got.Code)
	}
	if got := old.comeIn("1", "8800123456", "wrong"); !strings.Contains(got.Body.String(), "卡密码不对") {
		t.Errorf("the phone of before, with a wrong one: %s", got.Body)
	}
	for range 3 {
		old.comeIn("1", "8800123456", "wrong")
	}
	if got := old.comeIn("1", "8800123456", "260817"); !strings.Contains(got.Body.String(), "请 30 秒后再试") {
		t.Errorf("the phone of before, after four wrong ones: %s", got.Body)
	}
	w.later(2 * time.Minute)
	if got := old.comeIn("1", "8800123456", "260817"); got.Code != http.StatusSeeOther {
		t.Errorf("the phone of before: %d %s", got.Code, got.Body)
	}
	w.later(25 * time.Hour)
	if got := (&phone{w: w}).comeIn("1", "8800123456", "260817"); got.Code != http.StatusSeeOther {
		t.Errorf("a new phone a day later: %d", got.Code)
	}
}

// Whoever proves to be the holder is told why the card cannot be bound. A bound phone needs no password.
func TestComeInWithABlockedCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withPassword("260817")
	p := w.bound(1)
	pass := w.card(1, "8800123456").Details.Pass
	if got := p.comeIn("1", "8800123456", "wrong"); got.Code != http.StatusSeeOther ||
		w.card(1, "8800123456").Details.Pass != pass {
		t.Errorf("the bound phone: %d", got.Code)
	}
	w.do(command.Stop{Merchant: 1, Card: "8800123456"})
	for password, want := range map[string]string{"260817": "卡已停用", "wrong": wNoComeIn.Zh} {
		if got := (&phone{w: w}).comeIn("1", "8800123456", password); !strings.Contains(got.Body.String(), want) {
			t.Errorf("%s of a stopped card: %s", password, got.Body)
		}
	}
}

// Where there is one merchant, nobody is asked for its number.
func TestComeInAtTheOnlyMerchant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withPassword("260817")
	if p := (&phone{w: w}); !strings.Contains(p.get("/m/in").Body.String(), `name="m"`) {
		t.Error("with two merchants, the form does not ask for one")
	}
	one := newWorldOf(t, phoneURL, Config{}, 1)
	one.withPassword("260817")
	p := &phone{w: one}
	if body := p.get("/m/in").Body.String(); strings.Contains(body, `name="m"`) {
		t.Errorf("with one merchant: %s", body)
	}
	if got := p.comeIn("", "8800123456", "260817"); got.Code != http.StatusSeeOther {
		t.Errorf("with one merchant: %d %s", got.Code, got.Body)
	}
}

// A form over the limit is not read.
func TestComeInForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withPassword("260817")
	p := &phone{w: w}
	got := p.post("/m/in", url.Values{
		"m": {"1"}, "number": {"8800123456"}, "password": {"260817"}, "pad": {strings.Repeat("x", maxForm)},
	})
	if p.cookie != nil || got.Code == http.StatusSeeOther || w.outcome() == httpd.OutRate {
		t.Errorf("%d, %v", got.Code, p.cookie)
	}
}
