package console

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what devices for codes use
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// Whoever sends a form when his session is over is told that nothing was done.
func TestFormOfAnEndedSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("admin")
	w.wait(int(ledger.SessionMost / time.Second))
	got := b.post("/console/m/1/cards/new", "number", "7001")
	page := b.get(got.Header().Get("Location")).Body.String()
	if got.Code != http.StatusSeeOther || !strings.Contains(page, wNotDone.Zh) {
		t.Errorf("%d %s: %s", got.Code, got.Header().Get("Location"), fault(page))
	}
	if page := b.get("/console/sign-in").Body.String(); strings.Contains(page, wNotDone.Zh) {
		t.Error("whoever sent nothing is told so too")
	}
}

// Whoever types name and password is signed in, stays so, and is signed out; the cookies are for this server only.
func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, "https://console.example.com", true)
	b := w.tab()
	if got := b.get("/console/me"); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/console/sign-in" {
		t.Errorf("nobody: %d %s", got.Code, got.Header())
	}
	if got := b.post("/console/sign-in", "name", "admin", "password", "wrong"); got.Code != 422 ||
		!strings.Contains(got.Body.String(), wWrong.Zh) || !strings.Contains(got.Body.String(), `value="admin"`) {
		t.Errorf("a wrong password: %d", got.Code)
	}
	got := b.post("/console/sign-in", "name", " ADMIN", "password", password)
	if got.Code != http.StatusSeeOther || len(b.cookies) != 2 {
		t.Fatalf("signing in: %d, %v", got.Code, b.cookies)
	}
	for name, c := range b.cookies {
		if !strings.HasPrefix(name, "__Host-") || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" {
			t.Errorf("a cookie that others may read: %+v", c)
		}
	}
	if got := b.get("/console/me"); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "管理员") {
		t.Errorf("signed in: %d", got.Code)
	}
	kept := *b.cookies["__Host-tongka-session"]
	if got := b.post("/console/sign-out"); got.Code != http.StatusSeeOther || b.cookies["__Host-tongka-session"] != nil {
		t.Errorf("signing out: %d", got.Code)
	}
	b.cookies[kept.Name] = &kept
	if got := b.get("/console/me"); got.Code != http.StatusSeeOther {
		t.Errorf("a session that was ended: %d", got.Code)
	}
	if strings.Contains(w.log.String(), kept.Value) || strings.Contains(w.log.String(), password) {
		t.Error("a secret is in the log")
	}
}

// Who is at one merchant only is led there.
func TestHome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := w.signedIn("cashier").get("/console/"); got.Header().Get("Location") != "/console/m/1/" {
		t.Errorf("a cashier is led to %q", got.Header().Get("Location"))
	}
	body := w.signedIn("owner").get("/console/").Body.String()
	if !strings.Contains(body, "canary-merchant") || !strings.Contains(body, "聚客西餐 &lt;b&gt;&amp;") {
		t.Errorf("the owner does not see both merchants: %s", body)
	}
	if body := w.signedIn("nothing").get("/console/").Body.String(); !strings.Contains(body, wNoMerchants.Zh) {
		t.Error("who has nothing to do here is not told so")
	}
}

// The link of the first start makes an owner, once; without its key there is no such page.
func TestFirstStart(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, "http://console.example.com", false)
	b := w.tab()
	link := w.console.FirstLink()
	u, err := url.Parse(link)
	w.must(err)
	if got := b.get("/console/first?key=x"); got.Code != http.StatusNotFound {
		t.Errorf("with another key: %d", got.Code)
	}
	if got := b.get(u.RequestURI()); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), wFirst.Zh) {
		t.Fatalf("the first page: %d %s", got.Code, got.Body)
	}
	form := []string{"key", u.Query().Get("key"), "person", "老板", "name", "Boss", "new", "short", "again", "short"}
	if got := b.post("/console/first", form...); got.Code != 422 || !strings.Contains(got.Body.String(), wShort.Zh) ||
		!strings.Contains(got.Body.String(), `value="老板"`) {
		t.Errorf("a short password: %d", got.Code)
	}
	form[7], form[9] = password, password+"x"
	if got := b.post("/console/first", form...); got.Code != 422 || !strings.Contains(got.Body.String(), wNotSame.Zh) {
		t.Errorf("two passwords: %d", got.Code)
	}
	// Choosing a language keeps what was typed, and the key.
	got := b.post("/console/first", "key", u.Query().Get("key"), "person", "O'Hara <b>", "name", "boss", "language", "en")
	if page := got.Body.String(); got.Code != http.StatusOK || !strings.Contains(page, `value="O&#39;Hara &lt;b&gt;"`) ||
		!strings.Contains(page, `value="boss"`) || !strings.Contains(page, wBegin.En) || strings.Contains(page, wBegin.Zh) ||
		!strings.Contains(page, `form="first"`) || !strings.Contains(page, `id="first"`) {
		t.Errorf("another language: %d %s", got.Code, page)
	}
	if got := b.post("/console/first", "key", u.Query().Get("key"), "language", "xx"); got.Code != http.StatusNotFound {
		t.Errorf("no language: %d", got.Code)
	}
	b.post("/console/first", "key", u.Query().Get("key"), "language", "zh")
	if strings.Contains(w.log.String(), u.Query().Get("key")) {
		t.Error("the key is in the log")
	}
	form[9] = password
	if got := b.post("/console/first", form...); got.Code != http.StatusSeeOther {
		t.Fatalf("the first person: %d %s", got.Code, got.Body)
	}
	if p := w.person(1); p == nil || p.SignIn != "boss" || !p.Owns() {
		t.Errorf("made %+v", p)
	}
	if got := b.get("/console/host/people"); got.Code != http.StatusOK {
		t.Errorf("the owner is not signed in: %d", got.Code)
	}
	form[3], form[5] = "第二", "second"
	for _, got := range []int{b.get(u.RequestURI()).Code, w.tab().post("/console/first", form...).Code} {
		if got != http.StatusGone {
			t.Errorf("the link again: %d", got)
		}
	}
	if w.console.FirstLink() != "" || w.person(2) != nil {
		t.Error("the link made a second person")
	}
}

// An admin adds somebody, who can sign in and do that much; changes the role and the shops; and stops the person, who
// is out at once.
func TestPeopleOfAShop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signedIn("admin")
	form := []string{"person", "小新", "name", "Xin", "role", "cashier", "shop", "12", "until", "", "new", password, "again", password}
	if got := admin.post("/console/m/1/people/new", form...); got.Code != http.StatusSeeOther {
		t.Fatalf("adding: %d %s", got.Code, got.Body)
	}
	p := w.person(8)
	if p == nil || p.SignIn != "xin" || len(p.Grants) != 1 || p.Grants[0].Merchant != 1 || p.Grants[0].Shops[0] != 12 {
		t.Fatalf("added %+v", p)
	}
	xin := w.signedIn("xin")
	if got := xin.get("/console/m/1/people"); got.Code != http.StatusForbidden {
		t.Errorf("a cashier sees people: %d", got.Code)
	}
	for name, wrong := range map[string][]string{
		"a name twice":      {"person", "x", "name", "xin", "role", "cashier", "all", "yes", "new", password, "again", password},
		"an owner":          {"person", "x", "name", "x1", "role", "owner", "all", "yes", "new", password, "again", password},
		"a role of nobody":  {"person", "x", "name", "x2", "role", "king", "all", "yes", "new", password, "again", password},
		"another's shop":    {"person", "x", "name", "x3", "role", "cashier", "shop", "21", "new", password, "again", password},
		"no shop":           {"person", "x", "name", "x4", "role", "cashier", "new", password, "again", password},
		"no name":           {"person", " ", "name", "x5", "role", "cashier", "all", "yes", "new", password, "again", password},
		"a day of nobody's": {"person", "x", "name", "x6", "role", "cashier", "all", "yes", "until", "soon", "new", password, "again", password},
	} {
		got := admin.post("/console/m/1/people/new", wrong...)
		if got.Code != 422 || !strings.Contains(got.Body.String(), `role="alert"`) || !strings.Contains(got.Body.String(), `value="`+wrong[3]+`"`) {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
	if w.person(9) != nil {
		t.Error("somebody was added by a form that is wrong")
	}
	change := []string{"person", "小新店长", "name", "xin", "role", "manager", "all", "yes", "until", "2026-12-31", "version", "8"}
	if got := admin.post("/console/m/1/people/8", change...); got.Code != http.StatusSeeOther {
		t.Errorf("changing: %d %s", got.Code, got.Body)
	}
	if p := w.person(8); p.Name != "小新店长" || p.Grants[0].Shops != nil || p.Until != 20261231 {
		t.Errorf("changed to %+v", p)
	}
	if got := admin.post("/console/m/1/people/8", change...); got.Code != 422 || !strings.Contains(got.Body.String(), wChanged.Zh) {
		t.Errorf("with a version of before: %d", got.Code)
	}
	version := func() string { return itoa(int64(w.person(8).Version)) }
	if got := admin.post("/console/m/1/people/8/stop", "stopped", "yes", "version", version()); got.Code != http.StatusSeeOther {
		t.Errorf("stopping: %d %s", got.Code, got.Body)
	}
	if got := xin.get("/console/m/1/"); got.Code != http.StatusSeeOther {
		t.Errorf("who is stopped is still in: %d", got.Code)
	}
	admin.post("/console/m/1/people/8/stop", "stopped", "no", "version", version())
	if got := admin.post("/console/m/1/people/8/password", "new", password+" 2", "again", password+" 2"); got.Code != http.StatusSeeOther {
		t.Errorf("a new password: %d", got.Code)
	}
	if got := w.tab().post("/console/sign-in", "name", "xin", "password", password+" 2"); got.Code != http.StatusSeeOther {
		t.Errorf("with the new password: %d", got.Code)
	}
	if e := w.newest(); e.By.Person != 2 || e.By.Address == "" || e.Kind != ledger.PersonChanged {
		t.Errorf("the entry says %+v", e.By)
	}
}

// Nobody changes what he may do himself, and nobody gives more than he has.
func TestNobodyRises(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signedIn("admin")
	if got := admin.post("/console/m/1/people/2", "person", "管理员", "name", "admin", "role", "auditor", "all", "yes", "version", "2"); got.Code != 422 {
		t.Errorf("own role: %d", got.Code)
	}
	if got := admin.post("/console/m/1/people/2/password", "new", password+"!", "again", password+"!"); got.Code != http.StatusSeeOther ||
		got.Header().Get("Location") != "/console/me" || w.person(2).Version != 2 {
		t.Errorf("the own password without the one of now: %d %s", got.Code, got.Header())
	}
	form := []string{"person", "x", "name", "x1", "role", "owner", "all", "yes", "new", password, "again", password}
	if got := w.signedIn("owner").post("/console/m/1/people/new", form...); got.Code != 422 || !strings.Contains(got.Body.String(), wNoRole.Zh) {
		t.Errorf("an owner of a merchant: %d", got.Code)
	}
	if body := admin.get("/console/m/1/people/new").Body.String(); strings.Contains(body, `value="owner"`) {
		t.Error("a role is offered that cannot be given")
	}
	if got := admin.post("/console/me", "person", "新名字", "language", "en"); got.Code != http.StatusSeeOther {
		t.Errorf("own name: %d", got.Code)
	}
	if p := w.person(2); p.Name != "新名字" || p.Language != ledger.English || p.Grants[0].Permissions != people[1].Grants[0].Permissions {
		t.Errorf("changed to %+v", p)
	}
}

// The account page changes the password, asks for a code from then on, and ends other sessions.
func TestMine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.signedIn("cashier"), w.signedIn("cashier")
	if got := one.post("/console/me/sessions"); got.Code != http.StatusSeeOther || two.get("/console/me").Code != http.StatusSeeOther {
		t.Errorf("ending the others: %d", got.Code)
	}
	two, three := w.signedIn("cashier"), w.signedIn("cashier")
	names := regexp.MustCompile(`name="session" value="([^"]+)"`).FindAllStringSubmatch(one.get("/console/me").Body.String(), -1)
	if len(names) != 2 {
		t.Fatalf("%d other devices", len(names))
	}
	w.signedIn("admin").post("/console/me/sessions", "session", names[0][1])
	if two.get("/console/me").Code != http.StatusOK || three.get("/console/me").Code != http.StatusOK {
		t.Error("somebody else has signed it out")
	}
	one.post("/console/me/sessions", "session", names[0][1])
	ended := two.get("/console/me").Code != http.StatusOK
	if ended == (three.get("/console/me").Code != http.StatusOK) || one.get("/console/me").Code != http.StatusOK {
		t.Error("not one device was signed out")
	}
	if got := one.post("/console/me/password", "password", "wrong", "new", password+"!", "again", password+"!"); got.Code != 422 {
		t.Errorf("without the password of now: %d", got.Code)
	}
	if got := one.post("/console/me/password", "password", password, "new", password+"!", "again", password+"!"); got.Code != http.StatusSeeOther {
		t.Errorf("a new password: %d", got.Code)
	}
	if got := one.get("/console/me"); got.Code != http.StatusOK {
		t.Errorf("the session with the new password has ended: %d", got.Code)
	}
	page := one.get("/console/me/device").Body.String()
	seed := regexp.MustCompile(`name="seed" value="([^"]+)"`).FindStringSubmatch(page)
	if seed == nil || !strings.Contains(page, "<svg") {
		t.Fatalf("no device to scan: %s", page)
	}
	if got := one.post("/console/me/device", "seed", seed[1], "code", "000000", "password", password+"!"); got.Code != 422 ||
		!strings.Contains(got.Body.String(), seed[1][:20]) {
		t.Errorf("a wrong code: %d", got.Code)
	}
	if got := w.signedIn("owner").post("/console/me/device", "seed", seed[1], "code", "000000", "password", password); got.Code != http.StatusSeeOther {
		t.Errorf("the seed of somebody else: %d", got.Code)
	}
	if w.person(4).TOTP != nil {
		t.Error("a device that was not confirmed counts")
	}
	w.now = w.now.Add(time.Hour)
}

// codeOf returns the code that a device shows whose seed is in a form.
func codeOf(t *testing.T, sealed string, now time.Time) string {
	t.Helper()
	plain, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	_, seed, _ := strings.Cut(string(plain), "\x00")
	mac := hmac.New(sha1.New, []byte(seed))
	_ = binary.Write(mac, binary.BigEndian, now.Unix()/30)
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[len(sum)-1]&15:])&0x7fffffff%1_000_000)
}

// Whoever was changed by somebody else just now is told so when changing what one signs in with, and no more is done.
func TestMineIsChangedByTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("cashier")
	page := b.get("/console/me/device").Body.String()
	seed := regexp.MustCompile(`name="seed" value="([^"]+)"`).FindStringSubmatch(page)[1]
	other := *w.dir.Person(4)
	other.Name = "改了名字"
	w.do(command.ChangePerson{To: other}) // by another server: this one has not heard of it
	for path, pairs := range map[string][]string{
		"password":     {"new", password + "!", "again", password + "!"},
		"device":       {"seed", seed, "code", codeOf(t, seed, w.clock())},
		"device/drop":  nil,
		"passkey/drop": {"id", "AAAA"},
	} {
		got := b.post("/console/me/"+path, append(pairs, "password", password)...)
		if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), wChanged.Zh) {
			t.Errorf("%s: %d %s", path, got.Code, words(got.Body.String()))
		}
	}
	if p := w.person(4); p.Name != "改了名字" || p.TOTP != nil {
		t.Errorf("changed to %+v", p)
	}
}

// In English no Chinese is shown but names, and in Chinese the page says that it is Chinese.
func TestLanguages(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, "https://console.example.com", true)
	b := w.tab()
	if body := b.get("/console/sign-in").Body.String(); !strings.Contains(body, `lang="zh-CN"`) || !strings.Contains(body, "登录") {
		t.Error("not Chinese")
	}
	b.language = "en-GB,en;q=0.9"
	b.post("/console/sign-in", "name", "owner", "password", password)
	names := strings.NewReplacer("聚客西餐", "", "人民路店", "", "湖滨店", "", "老板", "", "管理员", "", "店长", "", "收银员", "", "审计", "",
		"无权限", "", "中文", "")
	for _, path := range []string{
		"/console/", "/console/me", "/console/me/device", "/console/host/people", "/console/host/people/new", "/console/host/people/3",
		"/console/m/1/", "/console/m/1/people", "/console/m/1/people/new", "/console/m/1/people/4", "/console/nowhere",
	} {
		body := names.Replace(b.get(path).Body.String())
		if i := strings.IndexFunc(body, func(r rune) bool { return unicode.Is(unicode.Han, r) }); i >= 0 {
			t.Errorf("%s: %q", path, body[max(0, i-40):min(len(body), i+20)])
		}
	}
	b = w.tab()
	if got := b.post("/console/language", "language", "en", "back", "/console/sign-in"); got.Header().Get("Location") != "/console/sign-in" {
		t.Errorf("led to %q", got.Header().Get("Location"))
	}
	if body := b.get("/console/sign-in").Body.String(); !strings.Contains(body, `lang="en"`) {
		t.Error("the language that was chosen is not kept")
	}
	for _, back := range []string{"https://evil.example", "//evil.example", "/console//evil.example", ""} {
		if got := b.post("/console/language", "language", "en", "back", back); got.Header().Get("Location") != "/console/" {
			t.Errorf("%q leads to %q", back, got.Header().Get("Location"))
		}
	}
}

// brokenDoer fails.
type brokenDoer struct{ err error }

func (d *brokenDoer) Do(context.Context, command.Command) (command.Changes, error) {
	return command.Changes{}, d.err
}

// What a page says of a failure is so: nothing was changed only where nothing was, and nobody is told that it is not
// known whether he has looked at something.
func TestWhatAFailureLeaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("owner")
	doer := &brokenDoer{}
	w.console.cfg.Doer = doer
	const merchants, file = "/console/host/merchants/new", "/console/m/1/cards.csv"
	for _, c := range []struct {
		err    error
		post   bool
		status int
		said   text
	}{
		{errors.New("disk full"), true, 500, wBroken},
		{errors.New("disk full"), false, 500, wPageFailed},
		{command.ErrUnknown, true, 503, wUnknown},
		{command.ErrUnknown, false, 500, wPageFailed},
		{engine.ErrClock, true, 503, wNoTime},
		{engine.ErrClock, false, 503, wNoTime},
	} {
		doer.err = c.err
		got := b.get(file)
		if c.post {
			got = b.post(merchants, append(hidden(b.get(merchants).Body.String()), "name", "三", "shop", "店")...)
		}
		if got.Code != c.status || !strings.Contains(got.Body.String(), c.said.Zh) {
			t.Errorf("%v, sent %t: %d %s, want %d %s", c.err, c.post, got.Code, words(got.Body.String()), c.status, c.said.Zh)
		}
	}
}

// Where something was done and only its page fails, nobody is told that nothing was changed.
func TestDoneAndNotShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("owner")
	const path = "/console/host/merchants/new"
	form := append(hidden(b.get(path).Body.String()), "name", "三", "shop", "店")
	w.console.cfg.Doer = &failsLater{Doer: w.engine}
	got := b.post(path, form...)
	if got.Code != http.StatusInternalServerError || !strings.Contains(got.Body.String(), wDoneUnseen.Zh) ||
		strings.Contains(got.Body.String(), wBroken.Zh) {
		t.Errorf("the merchant is there, and the page says %d %s", got.Code, words(got.Body.String()))
	}
}

// failsLater carries out the first command, and no other.
type failsLater struct {
	Doer
	did bool
}

func (d *failsLater) Do(ctx context.Context, cmd command.Command) (command.Changes, error) {
	if d.did {
		return command.Changes{}, errors.New("disk full")
	}
	d.did = true
	return d.Doer.Do(ctx, cmd)
}
