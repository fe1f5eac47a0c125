package console

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tongka/internal/browsertest"
	"tongka/internal/ledger"
)

// inBrowser returns a world that browsers can reach.
func inBrowser(t *testing.T, peopled bool) (w *world, srv *httptest.Server) {
	t.Helper()
	srv = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.handler.ServeHTTP(rw, r)
	}))
	t.Cleanup(srv.Close)
	return newWorldAt(t, srv.URL, peopled), srv
}

// enter signs somebody in, in a language, and waits for what the first page has.
func enter(tab *browsertest.Tab, base, name, language, until string) {
	tab.Do(chromedp.Navigate(base+"/console/sign-in"), browsertest.Leave("button[value="+language+"]"),
		chromedp.WaitVisible("html[lang|="+language+"] #name", chromedp.ByQuery),
		chromedp.SetValue("#name", name, chromedp.ByQuery), chromedp.SetValue("#password", password, chromedp.ByQuery),
		browsertest.Leave("main button.btn-primary"), chromedp.WaitReady(until, chromedp.ByQuery))
}

// From the link of the first start to a cashier who is signed in: an owner is made, adds an admin, and looks at every
// page, on a phone and at a desk. The browser reports no errors, and no page is wider than its window.
func TestFirstStartInTheBrowser(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]browsertest.Size{"phone": browsertest.Phone, "desktop": browsertest.Desktop} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, srv := inBrowser(t, false)
			tab := browsertest.New(t, size)
			look := func(page string) {
				t.Helper()
				tab.Fits()
				tab.Accessible()
				tab.Save(name + "-" + page)
			}
			fill := func(pairs ...string) {
				t.Helper()
				for i := 0; i < len(pairs); i += 2 {
					tab.Do(chromedp.SetValue(pairs[i], pairs[i+1], chromedp.ByQuery))
				}
			}
			if name == "desktop" {
				tab.Do(chromedp.Navigate(srv.URL+"/console/sign-in"), chromedp.Click("button[value=zh]", chromedp.ByQuery),
					chromedp.WaitVisible("html[lang=zh-CN] #name", chromedp.ByQuery))
			}
			tab.Do(chromedp.Navigate(w.console.FirstLink()), chromedp.WaitVisible("#again", chromedp.ByQuery))
			look("first")
			fill("#person", "老板 <b>", "#name", "boss", "#new", password, "#again", password)
			tab.Do(chromedp.Click("button.btn-primary", chromedp.ByQuery), chromedp.WaitVisible("a.card-link", chromedp.ByQuery))
			look("home")
			tab.Do(chromedp.Navigate(srv.URL+"/console/host/people"), chromedp.WaitVisible("table", chromedp.ByQuery))
			look("people-of-host")
			tab.Do(chromedp.Navigate(srv.URL+"/console/m/1/people/new"), chromedp.WaitVisible("#role", chromedp.ByQuery))
			look("person-new")
			fill("#person", "林店长", "#name", "lin", "#new", password, "#again", password)
			tab.Do(chromedp.SetValue("#role", "manager", chromedp.ByQuery), chromedp.Click("[name=all]", chromedp.ByQuery),
				chromedp.Click("main button[type=submit]", chromedp.ByQuery),
				chromedp.WaitVisible(".alert-success", chromedp.ByQuery))
			look("people")
			if lines := browsertest.Eval[int](tab, `document.querySelector("tbody a").getClientRects().length`); lines != 1 {
				t.Errorf("a name is broken into %d lines", lines)
			}
			tab.Do(chromedp.Navigate(srv.URL+"/console/m/1/people/2"), chromedp.WaitVisible(".sure summary", chromedp.ByQuery))
			look("person")
			tab.Do(chromedp.Navigate(srv.URL+"/console/me"), chromedp.WaitVisible("#language", chromedp.ByQuery))
			look("me")
			tab.Do(chromedp.Navigate(srv.URL+"/console/me/device"), chromedp.WaitVisible(".qr svg", chromedp.ByQuery))
			look("device")
			tab.Do(chromedp.Click("details.who summary", chromedp.ByQuery), chromedp.WaitVisible("details.who button", chromedp.ByQuery))
			look("menu")
			tab.Do(chromedp.Click("details.who button", chromedp.ByQuery),
				chromedp.WaitVisible("form[action='/console/sign-in']", chromedp.ByQuery))
			look("sign-in")
			if p := w.person(2); p == nil || p.Name != "林店长" || p.Version == 0 {
				t.Errorf("added %+v", p)
			}
			if got := tab.Text("h1"); name == "desktop" && !strings.Contains(got, "登录") {
				t.Errorf("after signing out: %q", got)
			}
		})
	}
}

// A clerk finds out what a recharge gives, does it, and shows the slip; a bill with a coupon is paid, and refunded from
// the history. On a phone and at a desk, in both languages.
func TestCardInTheBrowser(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]browsertest.Size{"phone": browsertest.Phone, "desktop": browsertest.Desktop} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, srv := inBrowser(t, true)
			w.cards()
			tab := browsertest.New(t, size)
			look := func(page string) {
				t.Helper()
				tab.Fits()
				tab.Accessible()
				tab.Save(name + "-card-" + page)
			}
			card := srv.URL + "/console/m/1/cards/1"
			next := func(wait string) {
				t.Helper()
				tab.Do(chromedp.Click("main form button", chromedp.ByQuery), chromedp.WaitVisible(wait, chromedp.ByQuery))
			}
			language := map[string]string{"phone": "zh", "desktop": "en"}[name]
			enter(tab, srv.URL, "manager", language, "details.who")
			tab.Do(chromedp.Navigate(card), chromedp.WaitVisible(".history", chromedp.ByQuery))
			look("page")
			tab.Do(chromedp.Click("a[href$='/do/recharge']", chromedp.ByQuery), chromedp.WaitVisible("#amount", chromedp.ByQuery))
			look("recharge")
			tab.Do(chromedp.SetValue("#amount", "500", chromedp.ByQuery))
			next("button[value=yes]")
			look("recharge-preview")
			next(".slip")
			look("slip")
			tab.Do(chromedp.NavigateBack(), chromedp.WaitVisible("#amount", chromedp.ByQuery)) // to a form, and no error
			tab.Do(chromedp.Navigate(card+"/do/consume"), chromedp.WaitVisible("#amount", chromedp.ByQuery),
				chromedp.SetValue("#amount", "188", chromedp.ByQuery), chromedp.Click("input[name=coupon]", chromedp.ByQuery))
			look("consume")
			next("button[value=yes]")
			look("consume-preview")
			next(".slip")
			tab.Do(chromedp.Navigate(card), chromedp.Click("a[href*='/do/refund?']", chromedp.ByQuery),
				chromedp.WaitVisible("#entry", chromedp.ByQuery))
			look("refund")
			next("button[value=yes]")
			look("refund-preview")
			next(".slip")
			if got := w.newestOf("6001"); got.Kind != ledger.ConsumeRefunded || got.By.Person != 3 || got.By.Shop != 11 {
				t.Errorf("in the end there is %v by %+v", got.Kind, got.By)
			}
			tab.Do(chromedp.Navigate(card+"/do/transfer"), chromedp.WaitVisible("#to", chromedp.ByQuery),
				chromedp.SetValue("#to", "7777", chromedp.ByQuery), chromedp.SetValue("#amount", "1", chromedp.ByQuery))
			tab.Expect("status of 422") // how the form that cannot be accepted is answered
			next(".alert-danger")
			look("refused")
		})
	}
}

// On a narrow phone the bar at the bottom holds the pages that are used most, all in sight, and "more", which a key
// opens, leads to each of the others, and is marked where one of those is the page that one is on. From within a
// merchant the menu of whoever is signed in leads to the host's pages.
func TestMenuOfANarrowPhone(t *testing.T) {
	t.Parallel()
	w, srv := inBrowser(t, true)
	w.cards()
	w.limit() // so that proposals are there too
	tab := browsertest.New(t, browsertest.Size{Width: 360, Height: 740})
	enter(tab, srv.URL, "owner", "en", "details.who")
	const seen = `(selector) => [...document.querySelectorAll(selector)].filter((one) => {
		const at = one.getBoundingClientRect();
		return one.checkVisibility() && at.left >= 0 && at.right <= window.innerWidth && at.top >= 0 &&
			at.bottom <= window.innerHeight;
	}).length`
	count := func(selector string, want int) {
		t.Helper()
		if n := browsertest.Eval[int](tab, "("+seen+")(`"+selector+"`)"); n != want {
			t.Errorf("of %s there are %d in sight, want %d", selector, n, want)
		}
	}
	tab.Do(chromedp.Navigate(srv.URL+"/console/m/1/"), chromedp.WaitVisible(".ways", chromedp.ByQuery))
	count(".ways > a, .more summary", waysAtHand+1)
	count(".more a", 0)
	tab.Save("narrow-first")
	tab.Do(chromedp.Focus(".more summary", chromedp.ByQuery), chromedp.KeyEvent(kb.Enter),
		chromedp.WaitReady(".more[open]", chromedp.ByQuery))
	count(".more a", 12-waysAtHand)
	tab.Accessible()
	tab.Save("narrow-more")
	tab.Do(chromedp.KeyEvent(kb.Escape), chromedp.WaitReady(".more:not([open])", chromedp.ByQuery),
		chromedp.Click(".more summary", chromedp.ByQuery), browsertest.Leave(`.more a[href$="/books"]`))
	count(".more summary.active", 1)
	tab.Save("narrow-last")
	tab.Do(chromedp.Click("details.who summary", chromedp.ByQuery), chromedp.WaitReady(".who[open]", chromedp.ByQuery))
	count(`.who a[href="/console/"], .who a[href$="host/merchants"], .who a[href$="host/server"]`, 3)
	tab.Save("narrow-who")
}
