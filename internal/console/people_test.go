package console

import (
	"html"
	"net/http"
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Whoever gives somebody a new password chooses whether what is asked for besides stays, is told what that means, and
// signs the person out either way.
func TestResetWithALostPhone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signedIn("admin")
	const path = "/console/m/1/people/4"
	if body := admin.get(path).Body.String(); strings.Contains(body, `name="lost"`) || !strings.Contains(body, wResetHelp.Zh) {
		t.Error("it is asked whether something is lost that is not there")
	}
	whole := *w.person(4)
	whole.TOTP, whole.Recovery = []byte("sealed"), [][32]byte{{1}}
	whole.Passkeys = []ledger.Passkey{{ID: []byte("k"), Key: []byte("{}"), Name: "手机", Made: 20260105}}
	w.do(command.ChangePerson{To: whole})
	w.person(4)
	if body := admin.get(path).Body.String(); !strings.Contains(body, wLostBoth.Zh) || strings.Contains(body, "checked aria-describedby") {
		t.Error("it is not asked whether the phone is lost, or is taken for granted")
	}
	got := admin.post(path+"/password", "new", "short", "again", "short", "lost", "yes")
	if body := got.Body.String(); got.Code != 422 || !strings.Contains(body, `value="yes" checked aria-describedby`) {
		t.Errorf("what was ticked is lost: %d", got.Code)
	}
	cashier := w.signedIn("cashier")
	if got := admin.post(path+"/password", "new", password+"!", "again", password+"!"); got.Code != http.StatusSeeOther {
		t.Fatalf("a new password: %d", got.Code)
	}
	if p := w.person(4); p.TOTP == nil || p.Recovery == nil || len(p.Passkeys) != 1 {
		t.Errorf("what was not lost is gone: %+v", p)
	}
	if got := cashier.get("/console/me"); got.Code != http.StatusSeeOther {
		t.Errorf("still signed in: %d", got.Code)
	}
	cashier = w.signedIn("cashier")
	got = admin.post(path+"/password", "new", password+"?", "again", password+"?", "lost", "yes")
	if p := w.person(4); got.Code != http.StatusSeeOther || p.TOTP != nil || p.Recovery != nil || p.Passkeys != nil {
		t.Errorf("what was lost stays: %d %+v", got.Code, p)
	}
	if got := cashier.get("/console/me"); got.Code != http.StatusSeeOther {
		t.Errorf("still signed in: %d", got.Code)
	}
	if e := w.newest(); e.Kind != ledger.PersonChanged || e.By.Person != 2 {
		t.Errorf("the entry is %+v", e)
	}
}

// Nobody gets all shops by accident: none are ticked in advance, all and some are not both meant, and where there is
// but one it is that one.
func TestShopsOfANewPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("owner")
	if body := b.get("/console/m/1/people/new").Body.String(); strings.Contains(body, " checked") {
		t.Error("shops are ticked in advance")
	}
	form := []string{"person", "x", "name", "x1", "role", "cashier", "all", "yes", "shop", "12", "new", password, "again", password}
	got := b.post("/console/m/1/people/new", form...)
	if body := got.Body.String(); got.Code != 422 || !strings.Contains(body, wAllAndSome.Zh) || strings.Count(body, " checked") != 2 {
		t.Errorf("all shops and one of them: %d", got.Code)
	}
	one := *w.settings()
	one.Shops = one.Shops[:1]
	w.do(command.ChangeSettings{Merchant: 1, To: one, From: w.changed().ID})
	w.must(w.dir.Refresh(t.Context()))
	body := b.get("/console/m/1/people/new").Body.String()
	if strings.Count(body, " checked") != 1 || !strings.Contains(body, `name="shop" value="11" checked`) {
		t.Error("the only shop is not ticked, or more is")
	}
}

// The people of a merchant are taken out as a file, which is recorded and has nobody of another merchant.
func TestPeopleAsFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("admin")
	before := w.taken()
	got := b.get("/console/m/1/people.csv").Body.String()
	if !strings.Contains(got, "收银员,cashier,收银员,人民路店,,") || strings.Contains(got, "canary") || w.taken() != before+1 {
		t.Errorf("the file: %s, %d entries more", got, w.taken()-before)
	}
	if page := b.get("/console/m/1/people").Body.String(); !strings.Contains(page, `href="/console/m/1/people.xlsx"`) {
		t.Error("the page does not offer the file")
	}
	if page := w.signedIn("owner").get("/console/host/people.csv").Body.String(); !strings.Contains(page, "canary-person") {
		t.Errorf("the host's: %s", page)
	}
}

// Somebody whose last day has passed is not shown as one who may sign in.
func TestPeopleWhoseDayIsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to := *w.dir.PersonNamed("cashier")
	to.Until = ledger.DateOf(w.clock().UTC()).AddDays(-1)
	w.do(command.ChangePerson{To: to})
	w.must(w.dir.Refresh(t.Context()))
	b := w.signedIn("admin")
	if got := b.get("/console/m/1/people.csv").Body.String(); !strings.Contains(got, to.Until.String()+",已到期") {
		t.Errorf("the file: %s", got)
	}
	if page := b.get("/console/m/1/people").Body.String(); !strings.Contains(page, "已到期") {
		t.Error("the page shows nobody whose day is over")
	}
}

// A name to sign in by that somebody has is refused in the reader's language, also where it only looks the same.
func TestSignInNameTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("admin")
	for _, name := range []string{"cashier", "CASHIER", "cash\u200bier", "\u202ecashier"} {
		got := b.post("/console/m/1/people/new", "person", "新人", "name", name, "role", "cashier", "all", "yes",
			"new", password, "again", password)
		if body := got.Body.String(); got.Code != http.StatusUnprocessableEntity ||
			!strings.Contains(body, "登录名已有人使用") || strings.Contains(body, "somebody") {
			t.Errorf("%q: %d", name, got.Code)
		}
	}
}

// Whoever looks at his own page as one of the people is led to his account: no button is there that he may not use.
func TestOwnPageAmongPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, path := range map[string]string{"owner": "/console/host/people/1", "admin": "/console/m/1/people/2"} {
		page := w.signedIn(name).get(path).Body.String()
		if strings.Contains(page, `name="stopped"`) || strings.Contains(page, `name="role"`) ||
			strings.Contains(page, `name="new"`) || !strings.Contains(page, wThisIsYou.Zh) ||
			!strings.Contains(page, `href="/console/me"`) {
			t.Errorf("%s sees %s", name, words(page))
		}
	}
	if page := w.signedIn("admin").get("/console/m/1/people/4").Body.String(); !strings.Contains(page, `name="stopped"`) {
		t.Errorf("of another: %s", words(page))
	}
}

// The host's list says at which merchants and shops people are what they are, and the page of one who is of a merchant
// only says so instead of calling his role one of its own.
func TestPeopleOfTheHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("owner")
	page := words(b.get("/console/host/people").Body.String())
	for _, want := range []string{wAllMerchants.Zh, "聚客西餐 <b>& " + wAllShops.Zh, "聚客西餐 <b>& 人民路店"} {
		if !strings.Contains(html.UnescapeString(page), want) {
			t.Errorf("the list lacks %q: %s", want, page)
		}
	}
	for person, below := range map[string]bool{"4": true, "7": false} {
		page := b.get("/console/host/people/" + person).Body.String()
		if strings.Contains(page, wOfMerchants.Zh) != below || strings.Contains(page, wCustom.Zh) == below {
			t.Errorf("person %s: %s", person, words(page))
		}
	}
}

// A form that was open while somebody else changed the person is shown with what was typed over what is now, and can be
// saved.
func TestPersonMoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signedIn("admin")
	const path = "/console/m/1/people/4"
	page := admin.get(path).Body.String()
	form := func(page, name, until string) []string {
		return append(hidden(page), "person", name, "name", "cashier", "role", "cashier", "shop", "11", "until", until)
	}
	to := *w.person(4)
	to.Until = 2027_01_31
	w.do(command.ChangePerson{To: to})
	got := admin.post(path, form(page, "收银员甲", "")...)
	body := got.Body.String()
	if got.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(body, wChanged.Zh) || !strings.Contains(body, wMoved.Zh) ||
		!strings.Contains(body, `value="收银员甲"`) || !strings.Contains(body, `value="2027-01-31"`) {
		t.Fatalf("the form of before: %d %s", got.Code, words(body))
	}
	if got := admin.post(path, form(body, "收银员甲", "2027-01-31")...); got.Code != http.StatusSeeOther {
		t.Fatalf("sent again: %d %s", got.Code, fault(got.Body.String()))
	}
	if p := w.person(4); p.Name != "收银员甲" || p.Until != 2027_01_31 {
		t.Errorf("saved %+v", p)
	}
}
