package page

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// theCode is what holders are sent. Messages are not sealed, so that tests can read them.
const theCode = "031415"

func sender() Config {
	var id atomic.Int64
	return Config{Outbox: &Outbox{
		NewCode: func() (string, error) { return theCode, nil },
		NewID:   func() ledger.MessageID { return ledger.MessageID(id.Add(1)) },
		Seal:    func(_ ledger.MerchantID, _ ledger.MessageID, text string) []byte { return []byte(text) },
	}}
}

// withPhone gives the first merchant's card a phone number.
func (w *world) withPhone() {
	w.t.Helper()
	number := "13800138000"
	w.do(command.ModifyHolder{Merchant: 1, Card: "8800123456", Phone: &number})
}

// sent returns what holders were sent.
func (w *world) sent() []ledger.Parcel {
	w.t.Helper()
	all, err := w.store.Outbox(w.t.Context(), w.clock(), 1000)
	w.must(err)
	return all
}

// askCode asks for a code at a phone; try is what its browser was shown.
func (p *phone) askCode(merchant, number, try string) *httptest.ResponseRecorder {
	p.w.t.Helper()
	return p.post("/m/in/ask", url.Values{"m": {merchant}, "number": {number}, "try": {try}})
}

func (p *phone) typeCode(merchant, number, try, code string) *httptest.ResponseRecorder {
	p.w.t.Helper()
	return p.post("/m/in/code", url.Values{"m": {merchant}, "number": {number}, "try": {try}, "code": {code}})
}

// A phone gets the card by a code that goes to the number the shop has, named by the card's number or that of the
// phone. The phone before it is told, the journal has it, and nothing that was typed is in the log.
func TestComeInByCode(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"8800123456", "13800138000", " +86 138-0013-8000 "} {
		w := newWorldAt(t, phoneURL, sender())
		w.withPhone()
		old, p := w.bound(1), &phone{w: w, asks: "zh"}
		if body := p.get("/m/in?m=1").Body.String(); !strings.Contains(body, `href="/m/in/code?m=1"`) {
			t.Errorf("the form leads nowhere else: %s", body)
		}
		if body := p.get("/m/in/code?m=1").Body.String(); !strings.Contains(body, `name="m" value="1"`) {
			t.Errorf("the form: %s", body)
		}
		if got := p.askCode("1", typed, "t"); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), wAskedHelp.Zh) {
			t.Fatalf("%q: %d %s", typed, got.Code, got.Body)
		}
		sent := w.sent()
		if len(sent) != 1 || sent[0].To.Phone != "13800138000" || !strings.Contains(string(sent[0].Sealed), theCode) ||
			!strings.Contains(string(sent[0].Sealed), "聚客西餐") {
			t.Fatalf("%q: sent %+v", typed, sent)
		}
		if got := p.typeCode("1", typed, "t", "031 416"); got.Code != 422 || !strings.Contains(got.Body.String(), wNoCode.Zh) ||
			strings.Contains(got.Body.String(), "416") {
			t.Errorf("%q, a wrong code: %d", typed, got.Code)
		}
		if got := p.typeCode("1", typed, "t", " 031 415"); got.Code != http.StatusSeeOther || p.cookie == nil {
			t.Fatalf("%q: %d %s", typed, got.Code, got.Body)
		}
		if body := p.get("/m/").Body.String(); !strings.Contains(body, "卡号 8800123456") {
			t.Errorf("the phone sees %s", body)
		}
		if body := old.get("/m/").Body.String(); !strings.Contains(body, wTakenOver.Zh) {
			t.Errorf("the phone of before sees %s", body)
		}
		again := &phone{w: w} // the answer was lost
		if got := again.typeCode("1", typed, "t", theCode); got.Code != http.StatusSeeOther || w.card(1, "8800123456").Details.Pass != 2 {
			t.Errorf("the same form again: %d", got.Code)
		}
		for _, secret := range []string{theCode, "8800123456", "138001"} {
			if strings.Contains(w.log.String(), secret) {
				t.Errorf("the log has %s", secret)
			}
		}
	}
}

// A holder whose card has no password is told on the phone he has how a new one gets the card; not where nothing sends
// codes, or there is no number to send one to.
func TestMovingByCode(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cfg   Config
		phone bool
		want  bool
	}{"sent": {sender(), true, true}, "no number": {sender(), false, false}, "no sender": {Config{}, true, false}} {
		w := newWorldAt(t, phoneURL, c.cfg)
		if c.phone {
			w.withPhone()
		}
		p := w.bound(1)
		if body := p.get("/m/service").Body.String(); strings.Contains(body, phoneURL+"/m/in/code") != c.want {
			t.Errorf("%s: %s", name, body)
		}
	}
}

// Of several cards with the phone number it is the one used last.
func TestCodeForOneOfSeveralCards(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, phoneURL, sender())
	w.withPhone()
	w.later(time.Minute)
	w.do(command.Open{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: command.NewCard{
		Number: "7700", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "陈小明", Phone: "13800138000"},
	}})
	p := &phone{w: w}
	p.askCode("1", "13800138000", "t")
	p.typeCode("1", "13800138000", "t", theCode)
	if body := p.get("/m/").Body.String(); !strings.Contains(body, "卡号 7700") {
		t.Errorf("the phone sees %s", body)
	}
}

// A stranger is answered the same whether there is such a merchant, card or phone number, and whether the card can be
// bound; so is a wrong code of each of them.
func TestCodesTellStrangersNothing(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, phoneURL, sender())
	w.withPhone()
	for name, step := range map[string]func(p *phone, merchant, number string) *httptest.ResponseRecorder{
		"asked": func(p *phone, m, number string) *httptest.ResponseRecorder { return p.askCode(m, number, "t") },
		"typed": func(p *phone, m, number string) *httptest.ResponseRecorder { return p.typeCode(m, number, "t", "1") },
	} {
		want, code := "", 0
		for _, typed := range [][2]string{
			{"1", "8800123456"}, {"1", "13800138000"}, {"1", "nothing"}, {"1", "OVER01"}, {"1", "MICRO1"}, {"2", "8800123456"},
			{"9", "8800123456"}, {"x", "8800123456"}, {"", "8800123456"}, {"1", ""}, {"1", `"><script>`}, {"1", "13900139000"},
		} {
			p := &phone{w: w}
			got := step(p, typed[0], typed[1])
			body := got.Body.String()
			if strings.Contains(body, "<script>") || p.cookie != nil {
				t.Errorf("%s %q: %s", name, typed, body)
			}
			for _, was := range typed {
				if was != "" {
					body = strings.ReplaceAll(body, `value="`+was+`"`, `value=""`)
				}
			}
			body = strings.ReplaceAll(body, `value="&#34;&gt;&lt;script&gt;"`, `value=""`)
			if want == "" {
				want, code = body, got.Code
			}
			if got.Code != code || body != want {
				t.Errorf("%s %q: %d %s", name, typed, got.Code, body)
			}
		}
	}
	if sent := w.sent(); len(sent) != 1 || sent[0].To.Phone != "13800138000" || w.card(1, "8800123456").Details.Pass != 0 {
		t.Errorf("sent %+v", sent)
	}
}

// A code is good in the browser that asked for it, for minutes, and a few wrong ones use it up. Whoever asks for many
// is told to wait, and keeps nothing out but strangers.
func TestCodesOfStrangers(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, phoneURL, sender())
	w.withPhone()
	old := w.bound(1)
	w.bound(1)
	p := &phone{w: w, asks: "zh"}
	p.askCode("1", "8800123456", "own")
	if got := p.typeCode("1", "8800123456", "another", theCode); got.Code != 422 {
		t.Errorf("in another browser: %d", got.Code)
	}
	w.later(command.CodeLife)
	if got := p.typeCode("1", "8800123456", "own", theCode); got.Code != 422 {
		t.Errorf("too late: %d", got.Code)
	}
	p.askCode("1", "8800123456", "tries")
	for range 5 {
		p.typeCode("1", "8800123456", "tries", "000000")
	}
	if got := p.typeCode("1", "8800123456", "tries", theCode); got.Code != 422 || !strings.Contains(got.Body.String(), wNoCode.Zh) {
		t.Errorf("after five wrong ones: %d", got.Code)
	}
	last := 0
	for range 30 {
		last = p.askCode("1", "8800123456", "many").Code
	}
	got := p.askCode("1", "8800123456", "more")
	if body := got.Body.String(); last != 422 || got.Code != 422 || !strings.Contains(body, "验证码发送过多") ||
		!strings.Contains(body, `value="8800123456"`) {
		t.Errorf("one who asks for many: %d %s", got.Code, body)
	}
	before := len(w.sent())
	if got := old.askCode("1", "8800123456", "old"); got.Code != http.StatusOK || len(w.sent()) != before+1 {
		t.Errorf("the phone of before: %d", got.Code)
	}
	if got := old.typeCode("1", "8800123456", "old", theCode); got.Code != http.StatusSeeOther {
		t.Errorf("the phone of before, with its code: %d", got.Code)
	}
	if got := old.askCode("1", "8800123456", "old"); got.Code != http.StatusSeeOther {
		t.Errorf("the phone that is bound: %d", got.Code)
	}
}

// Where nothing sends codes, none is offered, and its pages are not there.
func TestNoCodesWithoutASender(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.withPhone()
	p := &phone{w: w}
	if body := p.get("/m/in").Body.String(); strings.Contains(body, "in/code") {
		t.Error("a code is offered that nothing sends")
	}
	for _, got := range []int{
		p.get("/m/in/code").Code, p.askCode("1", "8800123456", "t").Code, p.typeCode("1", "8800123456", "t", theCode).Code,
	} {
		if got != http.StatusNotFound {
			t.Errorf("status %d", got)
		}
	}
}

// A code is kept as a hash that needs the server's key, and differs by merchant, card and browser.
func TestHashesOfCodes(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, phoneURL, sender())
	seen := map[[32]byte]bool{}
	for _, m := range []ledger.MerchantID{1, 11} {
		for _, card := range []ledger.CardID{1, 11} {
			for _, asker := range []string{askerOf("a"), askerOf("b")} {
				for _, code := range []string{theCode, "271828"} {
					seen[w.page.bindCode(m, asker, code)(card)] = true
				}
			}
		}
	}
	if len(seen) != 16 {
		t.Errorf("%d different hashes, want 16", len(seen))
	}
}
