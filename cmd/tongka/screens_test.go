package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
	"tongka/internal/clock"
	"tongka/internal/config"
	"tongka/internal/demo"
	"tongka/internal/ledger"
	"tongka/internal/page"
	"tongka/internal/store"
)

// screensEnv names the folder into which TestScreens writes its pictures; make screenshots sets it.
const screensEnv = "TONGKA_SCREENS"

// screen is a page of the demo.
type screen struct {
	name string                   // of its pictures
	who  string                   // who looks at it, by the name to sign in by; "" = nobody is signed in
	path string                   // {m}, {card}, {recharge} and {link} stand for what the demo has
	do   func() []chromedp.Action // what is done there before it is looked at
	best bool                     // it has a picture in every look
}

// screens are all pages. Those of one person stand together, because people are signed in one after the other.
var screens = []screen{
	{name: "sign-in", path: "/console/sign-in"},
	{name: "holder-nobody", path: "/m/"},
	{name: "holder-in", path: "/m/in"},
	{name: "holder-in-code", path: "/m/in/code"},
	{name: "holder-bind", path: "{link}"},
	{name: "holder-card", path: "{link}", do: click("#bind button", "#bars path"), best: true},
	{name: "holder-history", path: "/m/history"},

	{name: "home", who: "owner", path: "/console/"},
	{name: "people-of-host", who: "owner", path: "/console/host/people"},
	{name: "person-new", who: "owner", path: "/console/m/{m}/people/new"},
	{name: "audit-of-host", who: "owner", path: "/console/host/audit"},
	{name: "books-of-host", who: "owner", path: "/console/host/books"},
	{name: "server", who: "owner", path: "/console/host/server"},
	{name: "merchants", who: "owner", path: "/console/host/merchants"},
	{name: "merchant-new", who: "owner", path: "/console/host/merchants/new"},
	{name: "till", who: "owner", path: "/console/host/merchants/{m}/till"},

	{name: "agents", who: "owner", path: "/console/host/agents"},
	{name: "agent-new", who: "owner", path: "/console/host/agents/new"},
	{name: "agent", who: "owner", path: "/console/host/agents/1"},
	{name: "integration", who: "owner", path: "/console/m/{m}/integration"},
	{name: "requests", who: "owner", path: "/console/m/{m}/integration/requests"},
	{name: "check", who: "owner", path: "/console/m/{m}/integration/check"},
	{name: "try", who: "owner", path: "/console/m/{m}/integration/try?endpoint=consume"},
	{
		name: "try-answered", who: "owner", path: "/console/m/{m}/integration/try?endpoint=getcardinfo",
		do: func() []chromedp.Action { // the key is nobody's; the menu of a phone is in front of what is at the bottom
			center := `document.querySelector("#try button[value=send]").scrollIntoView({block: "center"})`
			return append([]chromedp.Action{chromedp.Evaluate(center, nil)},
				typed("#try button[value=send]", "#answered", "#key", "x")()...)
		},
	},
	{name: "merchants", who: "owner", path: "/console/host/merchants"},
	{name: "merchant-new", who: "owner", path: "/console/host/merchants/new"},
	{name: "merchant", who: "owner", path: "/console/host/merchants/{m}"},

	{name: "today", who: "admin", path: "/console/m/{m}/", best: true},
	{name: "reports", who: "admin", path: "/console/m/{m}/reports"},
	{name: "report-day", who: "admin", path: "/console/m/{m}/reports/day"},
	{name: "report-pay", who: "admin", path: "/console/m/{m}/reports/pay"},
	{name: "report-shops", who: "admin", path: "/console/m/{m}/reports/shops"},
	{name: "report-settlement", who: "admin", path: "/console/m/{m}/reports/settlement"},
	{name: "report-coupons", who: "admin", path: "/console/m/{m}/reports/coupons"},
	{name: "report-liability", who: "admin", path: "/console/m/{m}/reports/liability"},
	{name: "report-ages", who: "admin", path: "/console/m/{m}/reports/ages"},
	{name: "report-sleeping", who: "admin", path: "/console/m/{m}/reports/sleeping"},
	{name: "report-cost", who: "admin", path: "/console/m/{m}/reports/cost"},
	{name: "report-points", who: "admin", path: "/console/m/{m}/reports/points"},
	{name: "report-cards", who: "admin", path: "/console/m/{m}/reports/cards"},
	{name: "report-kinds", who: "admin", path: "/console/m/{m}/reports/kinds"},
	{name: "rules", who: "admin", path: "/console/m/{m}/rules"},
	{name: "rules-recharge", who: "admin", path: "/console/m/{m}/rules/recharge"},
	{name: "rule", who: "admin", path: "/console/m/{m}/rules/recharge/3"},
	{name: "rules-history", who: "admin", path: "/console/m/{m}/rules/history"},
	{name: "people", who: "admin", path: "/console/m/{m}/people"},
	{name: "person", who: "admin", path: "/console/m/{m}/people/4"},
	{name: "keys", who: "admin", path: "/console/m/{m}/keys"},
	{name: "key", who: "admin", path: "/console/m/{m}/keys/3"},
	{name: "key-new", who: "admin", path: "/console/m/{m}/keys/new"},
	{name: "webhooks", who: "admin", path: "/console/m/{m}/webhooks"},
	{name: "webhook-new", who: "admin", path: "/console/m/{m}/webhooks/new", do: click("details.filters summary", "[name=kind]")},
	{name: "rules", who: "admin", path: "/console/m/{m}/rules"},
	{name: "levels", who: "admin", path: "/console/m/{m}/rules/levels"},
	{name: "rule", who: "admin", path: "/console/m/{m}/rules/recharge/1"},
	{name: "coupon-kind-new", who: "admin", path: "/console/m/{m}/rules/coupons/new"},
	{name: "points", who: "admin", path: "/console/m/{m}/rules/points"},
	{name: "versions", who: "admin", path: "/console/m/{m}/rules/history"},
	{name: "version", who: "admin", path: "/console/m/{m}/rules/history/now"},
	{name: "audit", who: "admin", path: "/console/m/{m}/audit"},
	{name: "audit-people", who: "admin", path: "/console/m/{m}/audit?of=people"},
	{name: "books", who: "admin", path: "/console/m/{m}/books"},
	{name: "attention", who: "admin", path: "/console/m/{m}/attention/lapsing"},
	{name: "me", who: "admin", path: "/console/me"},
	{name: "device", who: "admin", path: "/console/me/device"},

	{name: "cards", who: "manager", path: "/console/m/{m}/cards", best: true},
	{name: "cards-found", who: "manager", path: "/console/m/{m}/cards?q=139"},
	{name: "proposals", who: "manager", path: "/console/m/{m}/proposals"},
	{name: "card", who: "manager", path: "/console/m/{m}/cards/{card}", best: true},
	{name: "refund", who: "manager", path: "/console/m/{m}/cards/{card}/do/refund?entry={bill}"},
	{name: "transfer", who: "manager", path: "/console/m/{m}/cards/{card}/do/transfer"},
	{name: "merge", who: "manager", path: "/console/m/{m}/cards/{card}/do/merge"},
	{name: "give-bonus", who: "manager", path: "/console/m/{m}/cards/{card}/do/give-bonus"},
	{name: "slip", who: "manager", path: "/console/m/{m}/cards/{card}/slip/{recharge}"},

	{name: "shift", who: "manager", path: "/console/m/{m}/shifts/close"},
	{name: "shifts", who: "manager", path: "/console/m/{m}/shifts"},
	{name: "import", who: "manager", path: "/console/m/{m}/import"},
	{name: "series", who: "manager", path: "/console/m/{m}/series"},

	{name: "card-new", who: "cashier", path: "/console/m/{m}/cards/new"},
	{name: "recharge", who: "cashier", path: "/console/m/{m}/cards/{card}/do/recharge"},
	{
		name: "recharge-preview", who: "cashier", path: "/console/m/{m}/cards/{card}/do/recharge", best: true,
		do: typed("form.card button[type=submit]", "[name=sure]", "#amount", "500"),
	},

	{name: "card-read-only", who: "auditor", path: "/console/m/{m}/cards/{card}"},
}

// click clicks what a selector finds, and waits until another finds something.
func click(what, until string) func() []chromedp.Action { return typed(what, until) }

// typed types into fields, given as pairs of a selector and a text, before it clicks.
func typed(click, until string, pairs ...string) func() []chromedp.Action {
	return func() (do []chromedp.Action) {
		for i := 0; i < len(pairs); i += 2 {
			do = append(do, chromedp.SetValue(pairs[i], pairs[i+1], chromedp.ByQuery))
		}
		return append(do, chromedp.Click(click, chromedp.ByQuery), chromedp.WaitVisible(until, chromedp.ByQuery))
	}
}

// look is how a page is looked at.
type look struct {
	name     string
	size     browsertest.Size
	language string
	dark     bool
	every    bool // every page has a picture in it
}

var looks = []look{
	{"phone", browsertest.Phone, "zh", false, true},
	{"desktop", browsertest.Desktop, "zh", false, false},
	{"phone-dark", browsertest.Phone, "zh", true, false},
	{"desktop-dark-en", browsertest.Desktop, "en", true, true},
}

// Every page of the demo opens for whom it is meant, fits into the window, and makes the browser complain of nothing.
// Each is looked at once, on a phone or at a desk: the tests of the pages look at them both ways. Where TONGKA_SCREENS
// names a folder, all are opened in all looks, axe-core looks at them, and pictures are written there.
func TestScreens(t *testing.T) {
	t.Parallel()
	d := newScreenDemo(t)
	for i, l := range looks {
		if !l.every && os.Getenv(screensEnv) == "" {
			continue
		}
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			g := &gallery{t: t, demo: d, look: l, tab: browsertest.New(t, l.size), link: d.links[i]}
			g.tab.Dark(l.dark)
			// What nobody has chosen a language for is in that of the browser.
			g.tab.Do(network.Enable(), network.SetExtraHTTPHeaders(network.Headers{"Accept-Language": l.language}))
			for at := range screens {
				if os.Getenv(screensEnv) != "" || at%2 == i%2 {
					g.show(&screens[at])
				}
			}
		})
	}
}

// screenDemo is a running demo.
type screenDemo struct {
	base   string
	ahead  time.Duration // of its clock
	values *strings.Replacer
	links  []string // by which phones may be bound, of a card each
}

// newScreenDemo starts a demo in which it is evening, when the shops have seen most of their guests.
func newScreenDemo(t *testing.T) *screenDemo {
	t.Helper()
	dir := t.TempDir()
	s := &shop{t: t, dsn: "sqlite:" + filepath.Join(dir, "demo.db"), file: filepath.Join(dir, "clock")}
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().In(zone)
	evening := time.Date(now.Year(), now.Month(), now.Day(), 20, 40, 0, 0, zone)
	d := &screenDemo{ahead: evening.Sub(now).Round(time.Second)}
	s.set(d.ahead, clock.Unsynchronised)
	addr, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd := s.program("demo", "--addr", addr, "--db", s.dsn)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // Wait says how it ended
		if err := cmd.Wait(); err != nil {
			t.Errorf("the demo: %v\n%s", err, &said)
		}
	})
	d.base = "http://" + addr
	d.await(t)
	d.find(t, s)
	return d
}

// await waits until the demo listens.
func (d *screenDemo) await(t *testing.T) {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < 3*time.Minute; time.Sleep(100 * time.Millisecond) {
		resp, err := http.Get(d.base + "/healthz")
		if err == nil {
			_ = resp.Body.Close()
			return
		}
	}
	t.Fatal("the demo does not listen")
}

// find finds cards on which much has happened, and entries of the first.
func (d *screenDemo) find(t *testing.T, s *shop) {
	t.Helper()
	st := s.reader()
	defer func() { _ = st.Close() }()
	coupons, last := map[ledger.CardID]bool{}, map[ledger.Kind]ledger.EntryID{}
	var cards []ledger.Card
	err := errors.Join(
		st.Snapshot(t.Context(), func(v *store.View) error {
			return v.EachCoupon(t.Context(), demo.Merchant, func(c *ledger.Coupon) error {
				coupons[c.Card] = coupons[c.Card] || c.State == ledger.Unused
				return nil
			})
		}),
		st.EachCard(t.Context(), demo.Merchant, func(c *ledger.Card) error {
			lately := c.Last.After(time.Now().Add(d.ahead - 4*24*time.Hour))
			if lately && c.Bindable(0) && coupons[c.ID] && c.Principal > 100_00 && c.Bonus > 0 && c.Details.Credit == 0 {
				cards = append(cards, *c)
			}
			return nil
		}))
	if err != nil || len(cards) < len(looks) {
		t.Fatalf("there are %d cards with much on them, %v", len(cards), err)
	}
	slices.SortFunc(cards, func(a, b ledger.Card) int { return cmp.Compare(b.Seq, a.Seq) })
	err = st.EachEntry(t.Context(), demo.Merchant, 0, func(e *ledger.Entry) error {
		if e.Card == cards[0].ID {
			last[e.Kind] = e.ID
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	d.values = strings.NewReplacer("{m}", fmt.Sprint(demo.Merchant), "{card}", fmt.Sprint(cards[0].ID),
		"{recharge}", fmt.Sprint(last[ledger.Recharged]), "{bill}", fmt.Sprint(last[ledger.Consumed]))
	d.link(t, s, st, cards[:len(looks)])
}

// link makes a link to bind a phone for each of some cards, as the demo would.
func (d *screenDemo) link(t *testing.T, s *shop, st *store.Store, cards []ledger.Card) {
	t.Helper()
	key, err := openKey(t.Context(), st, s.dsn, config.Secrets{}, "")
	if err != nil {
		t.Fatal(err)
	}
	p, err := page.New(page.Config{
		URL: d.base, Subkey: key.Subkey, Clock: func() time.Time { return time.Now().Add(d.ahead) },
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range cards {
		d.links = append(d.links, p.Link(&ledger.Merchant{ID: demo.Merchant, Zone: time.UTC}, &cards[i]))
	}
}

// gallery goes through the pages in one look.
type gallery struct {
	t    *testing.T
	demo *screenDemo
	look look
	tab  *browsertest.Tab
	link string // by which the phone is bound
	who  string // is signed in
}

// show opens a page and looks at it.
func (g *gallery) show(s *screen) {
	g.t.Helper()
	if s.who != g.who {
		g.signIn(s.who)
	}
	url := g.demo.base + g.demo.values.Replace(s.path)
	if s.path == "{link}" {
		url = g.link
	}
	g.tab.Do(chromedp.Navigate(url), chromedp.WaitVisible("main", chromedp.ByQuery))
	if browsertest.Eval[bool](g.tab, `document.querySelector("[data-chart]") !== null`) {
		g.tab.Do(chromedp.WaitVisible("[data-chart] svg path", chromedp.ByQuery))
	}
	if s.do != nil {
		g.tab.Do(s.do()...)
	}
	g.tab.Fits()
	dir := os.Getenv(screensEnv)
	if dir == "" { // whether it can be read is looked at by the tests of the pages themselves
		return
	}
	g.tab.Accessible()
	if g.look.every || s.best {
		g.picture(filepath.Join(dir, s.name+"-"+g.look.name+".png"))
	}
}

// signIn signs somebody in, in the language of the look, and whoever was signed in out.
func (g *gallery) signIn(who string) {
	g.t.Helper()
	g.who = who
	g.tab.Do(
		chromedp.ActionFunc(func(ctx context.Context) error { return network.ClearBrowserCookies().Do(ctx) }),
		chromedp.Navigate(g.demo.base+"/console/sign-in"), browsertest.Leave("button[value="+g.look.language+"]"),
		chromedp.WaitVisible("html[lang^="+g.look.language+"] #name", chromedp.ByQuery),
		chromedp.SetValue("#name", who, chromedp.ByQuery), chromedp.SetValue("#password", demoPassword, chromedp.ByQuery),
		browsertest.Leave("main form button[type=submit]"), chromedp.WaitVisible("header", chromedp.ByQuery),
	)
}

// tallest is the most of a page that a picture shows, in windows.
const tallest = 2

// picture writes how the page looks.
func (g *gallery) picture(file string) {
	g.t.Helper()
	height := browsertest.Eval[int64](g.tab, "document.documentElement.scrollHeight")
	size := g.look.size
	size.Height = min(max(size.Height, height), tallest*size.Height)
	g.tab.View(size, 1)
	g.tab.Dark(g.look.dark)
	var shot []byte
	g.tab.Do(chromedp.CaptureScreenshot(&shot))
	small, err := fewColours(shot)
	if err == nil {
		err = os.WriteFile(file, small, 0o644)
	}
	if err != nil {
		g.t.Fatal(err)
	}
	g.tab.View(g.look.size, 1)
}
