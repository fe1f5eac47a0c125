package console

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
)

// The owner of an empty server makes the first merchant, and gets the credentials of its tills; then a rule is changed
// with what it comes to beside it while it is typed. On a phone in Chinese and at a desk in English.
func TestFirstMerchantInTheBrowser(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]browsertest.Size{"phone": browsertest.Phone, "desktop": browsertest.Desktop} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var w *world
			srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				w.handler.ServeHTTP(rw, r)
			}))
			t.Cleanup(srv.Close)
			w = newEmptyWorld(t, srv.URL)
			tab := browsertest.New(t, size)
			if name == "phone" {
				tab.Do(chromedp.Navigate(srv.URL+"/console/sign-in"), chromedp.Click("button[value=zh]", chromedp.ByQuery),
					chromedp.WaitVisible("html[lang=zh-CN] #name", chromedp.ByQuery))
			}
			shop := &shopper{t, tab, name}
			tab.Do(chromedp.Navigate(w.console.FirstLink()), chromedp.WaitVisible("#again", chromedp.ByQuery))
			shop.fill("#person", "老板", "#name", "boss", "#new", password, "#again", password)
			shop.send("#shop")
			shop.look("merchant-new")
			shop.fill("#name", "聚客西餐 <b>", "#shop", "人民路店")
			shop.send("#level1")
			shop.look("merchant-levels")
			shop.fill("#discount", "85")
			shop.send("form[method=post] p + p")
			shop.look("merchant-till")
			shop.send("#token")
			shop.look("merchant-secrets")
			tab.Do(chromedp.Click("main a.btn-primary", chromedp.ByQuery), chromedp.WaitVisible("main .list-group", chromedp.ByQuery))
			shop.look("merchant-ready")
			shop.rules(srv.URL)
			if m := w.settings(); m.Rules[0].AddMoney != 80_00 || m.Levels[1].PayRate != 8500 {
				t.Errorf("set %+v", m.Rules)
			}
		})
	}
}

// shopper is somebody at a browser.
type shopper struct {
	t    *testing.T
	tab  *browsertest.Tab
	name string
}

func (s *shopper) look(page string) {
	s.t.Helper()
	s.tab.Fits()
	s.tab.Accessible()
	s.tab.Save(s.name + "-" + page)
}

func (s *shopper) fill(pairs ...string) {
	s.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		s.tab.Do(chromedp.SetValue(pairs[i], pairs[i+1], chromedp.ByQuery))
	}
}

// send sends the form of a page and waits for something on the next.
func (s *shopper) send(next string) {
	s.t.Helper()
	s.tab.Do(chromedp.Click("main button[type=submit].btn-primary, .page-center button.btn-primary", chromedp.ByQuery),
		chromedp.WaitVisible(next, chromedp.ByQuery))
}

// rules changes a rule, and looks at every page of settings.
func (s *shopper) rules(url string) {
	s.t.Helper()
	at := url + "/console/m/1/rules"
	open := func(path, wait string) {
		s.t.Helper()
		s.tab.Do(chromedp.Navigate(at+path), chromedp.WaitVisible(wait, chromedp.ByQuery))
	}
	open("", "a.card-link")
	s.look("rules")
	open("/recharge", "a.list-group-item")
	s.look("rules-recharge")
	open("/recharge/1", "#add_money")
	if got := s.tab.Text("#samples"); !strings.Contains(got, "¥550.00") {
		s.t.Errorf("what the rule comes to: %q", got)
	}
	// Typed, not set: what it comes to follows the keys.
	s.tab.Do(chromedp.Evaluate(`document.querySelector("#add_money").value = ""`, nil), chromedp.SendKeys("#add_money", "80", chromedp.ByQuery),
		chromedp.Poll(`document.querySelector("#samples").textContent.includes("¥580.00")`, nil))
	s.look("rules-recharge-typed")
	s.send(".alert-success")
	for _, g := range settingGroups {
		path, wait := "/"+g.name, "#samples"
		if g.things != nil {
			path += "/" + newThing
		}
		open(path, wait)
		s.look("rules-" + g.name + "-form")
	}
	open("/levels/2", "#samples")
	s.look("rules-level")
	open("/history", "main li.list-group-item")
	s.look("rules-history")
	open("/history/2", "main form")
	s.look("rules-version")
	s.tab.Do(chromedp.Navigate(url+"/console/host/merchants"), chromedp.WaitVisible(".list-group-item", chromedp.ByQuery))
	s.look("merchants")
	s.tab.Do(chromedp.Navigate(url+"/console/host/merchants/1"), chromedp.WaitVisible("#licence_end", chromedp.ByQuery))
	s.look("merchant-licence")
}
