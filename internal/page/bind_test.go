package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// A link binds a phone, which then sees the card. After that no address contains the token.
func TestBind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := &phone{w: w}
	link := w.link(1, "8800123456")
	offer := p.get(link)
	if offer.Code != http.StatusOK || p.cookie != nil || w.card(1, "8800123456").Details.Pass != 0 {
		t.Errorf("looking at a link changed something: %d, %v", offer.Code, p.cookie)
	}
	for want, there := range map[string]bool{
		"聚客西餐": true, "88****3456": true, "8800123456": false, "陈小明": false, "960.": false,
	} {
		if strings.Contains(offer.Body.String(), want) != there {
			t.Errorf("the offer has %s: got %v, want %v", want, !there, there)
		}
	}
	got := p.post("/m/bind", p.form(link))
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/m/" {
		t.Fatalf("got %d to %s", got.Code, got.Header().Get("Location"))
	}
	if c := p.cookie; c.Name != "__Host-tongka" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode ||
		c.Path != "/" || c.Domain != "" || c.MaxAge != 180*24*3600 {
		t.Errorf("cookie %+v", c)
	}
	if body := p.get("/m/").Body.String(); !strings.Contains(body, "8800123456") || !strings.Contains(body, "data-key=") {
		t.Errorf("the bound phone sees %s", body)
	}
	last, err := w.store.History(t.Context(), ledger.HistoryQuery{
		Card: ledger.CardKey{Merchant: 1, Number: "8800123456"}, Size: 1,
	})
	if err != nil || last.Entries[0].Kind != ledger.PhoneBound || last.Entries[0].By.Operator != "phone" {
		t.Errorf("the journal ends with %+v, %v", last.Entries, err)
	}
	for _, secret := range []string{strings.TrimPrefix(link, "/m/bind?bindToken="), p.cookie.Value, "8800123456"} {
		if strings.Contains(w.log.String(), secret) {
			t.Errorf("the log has %s", secret)
		}
	}
}

// A form over the limit is not read, and binds nothing.
func TestBindForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := strings.TrimPrefix(w.link(1, "8800123456"), "/m/bind?bindToken=")
	p := &phone{w: w}
	form := url.Values{"bindToken": {token}, "try": {"x"}, "pad": {strings.Repeat("x", maxForm)}}
	if got := p.post("/m/bind", form); got.Code != http.StatusRequestEntityTooLarge || p.cookie != nil {
		t.Errorf("a large one: %d, cookie %v", got.Code, p.cookie)
	}
	form.Del("pad")
	if got := p.post("/m/bind", form); p.cookie == nil {
		t.Errorf("as phones send it: %d, cookie %v", got.Code, p.cookie)
	}
}

// Whatever is wrong with a link, its page and its form get the same bytes as an answer.
func TestLinksThatBindNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	link := w.link(1, "8800123456")
	token := strings.TrimPrefix(link, "/m/bind?bindToken=")
	flipped := "B" + token[1:]
	until := w.now.Add(time.Hour)
	make := func(c claim) string { return w.page.links.make(c) }
	bad := map[string]string{
		"forged": flipped, "none": "", "of another key": stampOf(subkey("x")).make(claim{1, 1, 0, until}),
		"a session": w.page.sessions.make(claim{1, 1, 0, until}), "another pass": make(claim{1, 1, 1, until}),
		"no such card": make(claim{1, 99, 0, until}), "no card": make(claim{1, 0, 0, until}),
		"no such merchant": make(claim{9, 1, 0, until}),
		"another kind":     make(claim{1, 2, 0, until}), "too old": make(claim{1, 1, 0, w.now.Add(-time.Second)}),
	}
	want := ""
	for name, token := range bad {
		p := &phone{w: w}
		for _, got := range []*httptest.ResponseRecorder{
			p.get("/m/bind?bindToken=" + token), p.post("/m/bind", url.Values{"bindToken": {token}, "try": {"x"}}),
		} {
			if want == "" {
				want = got.Body.String()
			}
			if got.Code != http.StatusGone || got.Body.String() != want || p.cookie != nil || w.outcome() != outOver {
				t.Errorf("%s: %d, cookie %v, outcome %s: %s", name, got.Code, p.cookie, w.outcome(), got.Body)
			}
		}
	}
	if p := (&phone{w: w}); p.post("/m/bind", url.Values{"bindToken": {token}}).Code != http.StatusGone {
		t.Error("a form that was shown to nobody binds")
	}
	if c := w.card(1, "8800123456"); c.Details.Pass != 0 {
		t.Errorf("pass %d", c.Details.Pass)
	}
}

// A link ends after a day, with its use, when another phone is bound, and when the card is lost.
func TestLinksEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(w *world){
		"a day":          func(w *world) { w.later(24*time.Hour + time.Second) },
		"another phone":  func(w *world) { w.bound(1) },
		"a lost phone":   func(w *world) { w.do(command.ModifyDetails{Merchant: 1, Card: "8800123456", NewPass: true}) },
		"a lost card":    func(w *world) { w.do(command.ReportLost{Merchant: 1, Card: "8800123456"}) },
		"a stopped card": func(w *world) { w.do(command.Stop{Merchant: 1, Card: "8800123456"}) },
	} {
		w := newWorld(t)
		p := &phone{w: w}
		link := w.link(1, "8800123456")
		form := p.form(link)
		end(w)
		for what, got := range map[string]int{"page": p.get(link).Code, "form": p.post("/m/bind", form).Code} {
			if got != http.StatusGone {
				t.Errorf("%s after %s: %d", what, name, got)
			}
		}
	}
	w := newWorld(t)
	link := w.link(1, "8800123456")
	w.later(24 * time.Hour)
	if got := (&phone{w: w}).get(link).Code; got != http.StatusOK {
		t.Errorf("on its last second: %d", got)
	}
}

// If 64 phones use one link at the same moment, one is bound, and the pass is incremented once.
func TestBindRacers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	link := w.link(1, "8800123456")
	racers := make([]*phone, 64)
	forms := make([]url.Values, len(racers))
	for i := range racers {
		racers[i] = &phone{w: w}
		forms[i] = racers[i].form(link)
	}
	var all sync.WaitGroup
	for i, p := range racers {
		all.Go(func() { p.post("/m/bind", forms[i]) })
	}
	all.Wait()
	var winners int
	for _, p := range racers {
		if p.cookie != nil {
			winners++
		}
	}
	if pass := w.card(1, "8800123456").Details.Pass; winners != 1 || pass != 1 {
		t.Errorf("%d phones are bound, and the pass is %d", winners, pass)
	}
}

// A phone that did not get the answer asks again and is bound, although it has used the link itself. It gets the
// pass of its own binding, not a later one.
func TestBindAfterLostAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := &phone{w: w}
	form := p.form(w.link(1, "8800123456"))
	p.post("/m/bind", form)
	p.cookie = nil // the answer was lost
	if got := p.post("/m/bind", form); got.Code != http.StatusSeeOther || w.card(1, "8800123456").Details.Pass != 1 {
		t.Fatalf("got %d, pass %d", got.Code, w.card(1, "8800123456").Details.Pass)
	}
	if !strings.Contains(p.get("/m/").Body.String(), "8800123456") {
		t.Error("the phone sees no card")
	}
	w.bound(1)
	p.cookie = nil
	p.post("/m/bind", form)
	if body := p.get("/m/").Body.String(); strings.Contains(body, "8800123456") {
		t.Error("a phone came back after another was bound")
	}
}

// doer is a Doer that returns a given error.
type doer struct{ err error }

func (d doer) Do(context.Context, command.Command) (command.Changes, error) {
	return command.Changes{}, d.err
}

// The answer to a failure reveals nothing of the error, and a busy server says when to try again.
func TestFailures(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]int{
		fmt.Errorf("lane: %w", engine.ErrBusy): http.StatusTooManyRequests,
		errors.New("secret disk full"):         http.StatusInternalServerError,
	} {
		w := newWorldAt(t, phoneURL, Config{Doer: doer{err}})
		p := &phone{w: w}
		got := p.post("/m/bind", p.form(w.link(1, "8800123456")))
		if got.Code != want || strings.Contains(got.Body.String(), "secret") || p.cookie != nil {
			t.Errorf("%v: %d %s", err, got.Code, got.Body)
		}
		if busy := got.Header().Get("Retry-After") == "1"; busy != (want == http.StatusTooManyRequests) {
			t.Errorf("%v: Retry-After %q", err, got.Header().Get("Retry-After"))
		}
	}
}

// No link is made for a card that may not be bound.
func TestLinkIsForCardsThatMay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := w.link(1, "MICRO1"); got != "" {
		t.Errorf("a card of another kind has %s", got)
	}
	w.do(command.Stop{Merchant: 1, Card: "OVER01"})
	if got := w.link(1, "OVER01"); got != "" {
		t.Errorf("a stopped card has %s", got)
	}
	over := *w.card(1, "8800123456")
	over.Expires = 20260303
	if got := w.page.Link(&w.first, &over); got != "" {
		t.Errorf("an expired card has %s", got)
	}
}
