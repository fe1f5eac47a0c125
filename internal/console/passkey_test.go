package console

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// What a script is told to ask for is bound to the console's host; without the password nobody is asked for a new
// passkey; and an answer that is none signs nobody in and is added to nobody.
func TestAskingForPasskeys(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, "https://console.example.com", true)
	type options struct {
		RPID                   string
		RP                     struct{ ID string }
		UserVerification       string
		Challenge              string
		Fault                  string
		AuthenticatorSelection struct{ ResidentKey, UserVerification string }
	}
	read := func(body string) (o options) {
		t.Helper()
		w.must(json.Unmarshal([]byte(body), &o))
		return o
	}
	b := w.tab()
	if body := b.get("/console/sign-in").Body.String(); !strings.Contains(body, `data-ask="/console/passkey/ask" hidden`) {
		t.Error("no passkey is asked for where one signs in")
	}
	got := b.post("/console/passkey/ask")
	if o := read(got.Body.String()); got.Code != http.StatusOK || o.RPID != "console.example.com" || o.UserVerification != "required" ||
		len(o.Challenge) != 43 || b.cookies["__Host-tongka-asked"] == nil {
		t.Errorf("to sign in: %d %s %v", got.Code, got.Body, b.cookies)
	}
	for _, answer := range []string{"", "{}", "<script>alert(1)</script>"} {
		got := b.post("/console/passkey", "answer", answer)
		if got.Code != 422 || !strings.Contains(got.Body.String(), wPasskeyNot.Zh) || strings.Contains(got.Body.String(), "alert(1)") {
			t.Errorf("%q: %d", answer, got.Code)
		}
	}
	if got := b.post("/console/code/ask"); got.Code != 422 || read(got.Body.String()).Fault != wPasskeyNot.Zh {
		t.Errorf("for a second step without a first: %d %s", got.Code, got.Body)
	}
	in := w.signedIn("cashier")
	for fault, form := range map[string][]string{
		wWrong.Zh: {"password", "wrong", "passkey", "手机"}, wPasskeyNoName.Zh: {"password", password, "passkey", "a\nb"},
	} {
		if got := in.post("/console/me/passkey/ask", form...); got.Code != 422 || read(got.Body.String()).Fault != fault {
			t.Errorf("want %q: %d %s", fault, got.Code, got.Body)
		}
	}
	got = in.post("/console/me/passkey/ask", "password", password, "passkey", "手机")
	if o := read(got.Body.String()); got.Code != http.StatusOK || o.RP.ID != "console.example.com" ||
		o.AuthenticatorSelection.ResidentKey != "required" || o.AuthenticatorSelection.UserVerification != "required" {
		t.Errorf("for a new one: %d %s", got.Code, got.Body)
	}
	got = in.post("/console/me/passkey", "answer", "{}", "passkey", `<b>"手机`)
	if body := got.Body.String(); got.Code != 422 || !strings.Contains(body, wPasskeyNot.Zh) ||
		!strings.Contains(body, `value="&lt;b&gt;&#34;手机"`) || len(w.person(4).Passkeys) > 0 {
		t.Errorf("an answer that is none: %d %s", got.Code, body)
	}
}

// Where browsers have no passkeys for the console's address, none is asked for, and everything else is as before.
func TestNoPasskeysHere(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, "http://127.0.0.1:8080", true)
	b := w.tab()
	if body := b.get("/console/sign-in").Body.String(); strings.Contains(body, "passkey") {
		t.Error("a passkey is asked for")
	}
	if got := b.post("/console/passkey/ask"); got.Code != 422 || !strings.Contains(got.Body.String(), wPasskeyNot.Zh) {
		t.Errorf("asking all the same: %d %s", got.Code, got.Body)
	}
	if body := w.signedIn("cashier").get("/console/me").Body.String(); strings.Contains(body, wPasskeys.Zh) {
		t.Error("a passkey is offered")
	}
	p := *w.person(4)
	p.Passkeys = []ledger.Passkey{{ID: []byte("k"), Key: []byte("{}"), Name: "<i>手机", Made: 20260105}}
	w.do(command.ChangePerson{To: p})
	w.person(4)
	cashier := w.signedIn("cashier")
	body := cashier.get("/console/me").Body.String()
	if !strings.Contains(body, "&lt;i&gt;手机") || !strings.Contains(body, wPasskeysNotHere.Zh) || !strings.Contains(body, "2026-01-05") {
		t.Error("a passkey of another address is not listed")
	}
	drop := func(word, id string) int {
		return cashier.post("/console/me/passkey/drop", "password", word, "id", id).Code
	}
	if got := drop("wrong", "aw"); got != 422 || len(w.person(4).Passkeys) != 1 {
		t.Errorf("removed without the password: %d", got)
	}
	if got := drop(password, "!"); got != http.StatusNotFound {
		t.Errorf("what is none: %d", got)
	}
	if got := drop(password, "aw"); got != http.StatusSeeOther || len(w.person(4).Passkeys) != 0 {
		t.Errorf("not removed: %d", got)
	}
	if e := w.newest(); e.Kind != ledger.PersonChanged || e.By.Person != 4 {
		t.Errorf("the entry is %+v", e)
	}
}
