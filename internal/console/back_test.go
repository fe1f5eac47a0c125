package console

import (
	"net/http"
	"net/url"
	"testing"

	"tongka/internal/httpd"
)

// Whoever signs in again comes back to the page that was asked for, or whose form was sent, once; a part of a page and
// a file are none.
func TestBackToWhereOneWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.tab()
	in := func(want string) {
		t.Helper()
		got := b.post("/console/sign-in", "name", "admin", "password", password)
		if to := got.Header().Get("Location"); got.Code != http.StatusSeeOther || to != want {
			t.Errorf("signing in leads to %q, want %q", to, want)
		}
		b.post("/console/sign-out")
	}
	in("/console/")
	const page = "/console/m/1/cards?q=%E5%BC%A0&status=lost"
	b.get(page)
	b.get("/console/sign-in")
	b.get("/console/m/1/cards.csv")
	part := b.request(http.MethodGet, "/console/m/1/people", nil)
	part.Header.Set("Sec-Fetch-Dest", "empty")
	b.serve(part)
	b.post("/console/sign-in", "name", "admin", "password", "wrong")
	in(page)
	in("/console/")
	for sent, want := range map[string]string{
		"/console/m/1/cards/1/do/refund?entry=3": "/console/m/1/cards/1/do/refund?entry=3",
		"/console/m/1/people/4/stop":             "/console/m/1/people/4",
		"/console/me/sessions":                   "/console/me",
	} {
		b.post(sent, "amount", "5")
		in(want)
	}
}

// What a browser has kept leads to no other host, and to nothing beside the console.
func TestBackToNoOtherHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, kept := range []string{
		"https://evil.example/console/", "//evil.example/console/", "/console//evil.example", `/console/\evil.example`, "/m/",
		"javascript:alert(1)", "%", "%zz",
	} {
		b := w.tab()
		cookie := httpd.Cookie(w.console.cfg.URL, backCookie)
		cookie.Value = url.QueryEscape(kept)
		if kept == "%" {
			cookie.Value = kept
		}
		b.cookies[cookie.Name] = &cookie
		got := b.post("/console/sign-in", "name", "admin", "password", password)
		if to := got.Header().Get("Location"); got.Code != http.StatusSeeOther || to != "/console/" {
			t.Errorf("%q leads to %q", kept, to)
		}
	}
}
