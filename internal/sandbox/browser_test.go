package sandbox

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// served returns a server with the page, and the page; made counts how often it was asked to make the demo anew.
func served(t *testing.T, made *atomic.Int64) (*httptest.Server, *Page) {
	t.Helper()
	var handler http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	p, err := New(Config{
		URL: srv.URL, Key: "key-of-the-page", Lan: true, Requests: []Place{{phrase.Text{Zh: "聚客西餐", En: "聚客西餐"}, "/console/"}},
		Places:      []Place{{phrase.Text{Zh: "后台", En: "The console"}, srv.URL + "/console/"}},
		Credentials: []Place{{phrase.Text{Zh: "令牌", En: "Token"}, "canary-f38534856f710fd0a78ea9926f3616cb"}},
		Cards: func(context.Context) ([]Card, error) {
			return []Card{{
				"样例餐厅", "70000001", "样例", phrase.Text{Zh: "已挂失", En: "Lost"}, ledger.Fen(-120_00), 5000,
			}}, nil
		},
		Afresh: func(context.Context) error {
			if made.Add(1) > 1 {
				return ErrBusy
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	p.Register(mux)
	handler = mux
	return srv, p
}

// The page opens by its link only, in the language and the light that somebody wants, fits a phone and a desktop, and
// its button makes the demo anew.
func TestInTheBrowser(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		size browsertest.Size
		lang ledger.Language
		dark bool
		want string
	}{
		"phone":   {browsertest.Phone, ledger.Chinese, true, "已挂失"},
		"desktop": {browsertest.Desktop, ledger.English, false, "Lost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var made atomic.Int64
			srv, p := served(t, &made)
			tab := browsertest.New(t, c.size)
			tab.Dark(c.dark)
			look := func(page string) {
				t.Helper()
				tab.Fits()
				tab.Accessible()
				tab.Save(name + "-" + page)
			}
			tab.Expect("403") // and 409 below: answers with a page
			tab.Do(
				chromedp.ActionFunc(func(ctx context.Context) error {
					return network.SetCookie(httpd.LanguageCookie, string(c.lang)).WithURL(srv.URL).Do(ctx)
				}),
				chromedp.Navigate(srv.URL+Base),
			)
			look("locked")
			if got := tab.Text("main"); strings.Contains(got, "canary") {
				t.Errorf("whoever has not got in sees %s", got)
			}
			tab.Do(chromedp.Navigate(p.Link()), chromedp.WaitVisible(".qr path", chromedp.ByQuery))
			look("sandbox")
			if got := tab.Text("#cards"); !strings.Contains(got, c.want) || !strings.Contains(got, "-120.00") {
				t.Errorf("the cards are %s", got)
			}
			if got := browsertest.Eval[string](tab, "location.search + document.referrer"); strings.Contains(got, "key") {
				t.Errorf("the key is still in an address: %s", got)
			}
			again := func(then string) {
				t.Helper()
				tab.Do(
					chromedp.Click("summary", chromedp.ByQuery), chromedp.WaitVisible("#afresh button", chromedp.ByQuery),
					browsertest.Leave("#afresh button"), chromedp.WaitVisible(then, chromedp.ByQuery),
				)
			}
			again("#cards")
			if n := made.Load(); n != 1 {
				t.Errorf("made anew %d times", n)
			}
			tab.Expect("409")
			again("main > p.panel")
			look("busy")
			tab.Do(browsertest.Leave(".tongue"), chromedp.WaitVisible("#cards", chromedp.ByQuery))
			if got := tab.Text("#cards"); strings.Contains(got, c.want) {
				t.Errorf("in the other language: %s", got)
			}
		})
	}
}

// No form of another site is heard, no key but the right one opens the page, and nothing of it is said before.
func TestLocked(t *testing.T) {
	t.Parallel()
	var made atomic.Int64
	srv, p := served(t, &made)
	for _, c := range []struct {
		method, path, cookie, site string
		want                       int
	}{
		{"GET", "/sandbox/", "", "none", 403},
		{"GET", "/sandbox/", "key-of-the-pag", "none", 403},
		{"GET", "/sandbox/", p.cfg.Key, "none", 200},
		{"GET", "/sandbox/in?key=wrong", "", "none", 403},
		{"GET", "/sandbox/in", "", "none", 403},
		{"GET", "/sandbox/none", "", "none", 404},
		{"POST", "/sandbox/afresh", "", "same-origin", 403},
		{"POST", "/sandbox/afresh", p.cfg.Key, "cross-site", 403},
		{"GET", "/sandbox/afresh", p.cfg.Key, "same-origin", 404},
	} {
		r := httptest.NewRequest(c.method, srv.URL+c.path, nil)
		r.Header.Set("Sec-Fetch-Site", c.site)
		r.AddCookie(&http.Cookie{Name: p.cookie.Name, Value: c.cookie})
		w := httptest.NewRecorder()
		srv.Config.Handler.ServeHTTP(w, r)
		if w.Code != c.want || (c.want == 200) != strings.Contains(w.Body.String(), "canary") {
			t.Errorf("%s %s with %q from %s: %d %s", c.method, c.path, c.cookie, c.site, w.Code, w.Body)
		}
	}
	if n := made.Load(); n != 0 {
		t.Errorf("made anew %d times", n)
	}
}
