package page

import (
	"context"
	"image"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"

	"tongka/internal/browsertest"
	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

// inBrowser returns a world that browsers can reach.
func inBrowser(t *testing.T) (w *world, srv *httptest.Server) {
	t.Helper()
	return inBrowserWith(t, Config{})
}

func inBrowserWith(t *testing.T, cfg Config) (w *world, srv *httptest.Server) {
	t.Helper()
	srv = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("since") == "NaN" {
			t.Errorf("a page asks for %s", r.URL)
		}
		if w.down.Load() {
			panic(http.ErrAbortHandler) // as if there were no network
		}
		if w.silent.Load() {
			<-r.Context().Done() // as if the signal were bad
			return
		}
		w.handler.ServeHTTP(rw, r)
	}))
	t.Cleanup(srv.Close)
	w = newWorldAt(t, srv.URL, cfg)
	return w, srv
}

// open returns a tab of a browser in which somebody has chosen a language.
func open(t *testing.T, srv *httptest.Server, size browsertest.Size, l ledger.Language) *browsertest.Tab {
	t.Helper()
	tab := browsertest.New(t, size)
	tab.Do(chromedp.ActionFunc(func(ctx context.Context) error {
		return network.SetCookie(httpd.LanguageCookie, string(l)).WithURL(srv.URL).Do(ctx)
	}))
	return tab
}

// bindIn binds the browser to the first merchant's card, and waits for its code.
func (w *world) bindIn(tab *browsertest.Tab, srv *httptest.Server) {
	w.t.Helper()
	tab.Do(
		chromedp.Navigate(srv.URL+w.link(1, "8800123456")), chromedp.Click("#bind button", chromedp.ByQuery),
		chromedp.WaitVisible("#bars path[d]", chromedp.ByQuery),
	)
}

// A phone and a desktop are bound by the link of the QR code, show the card and its history, get a second card,
// and leave both. The browser reports no errors, and no page is wider than its window.
func TestInTheBrowser(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]browsertest.Size{"phone": browsertest.Phone, "desktop": browsertest.Desktop} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, srv := inBrowser(t)
			for range linesAPage {
				w.later(time.Minute)
				w.do(command.Consume{Merchant: 1, By: ledger.Caller{Shop: 12}, Card: "8800123456", Amount: 1_00})
			}
			l := map[string]lang{"phone": lang(ledger.Chinese), "desktop": lang(ledger.English)}[name]
			tab := open(t, srv, size, ledger.Language(l))
			look := func(page string) {
				t.Helper()
				tab.Fits()
				tab.Accessible()
				tab.Save(name + "-" + page)
			}
			tab.Do(chromedp.Navigate(srv.URL + "/m/"))
			look("nobody")
			tab.Do(chromedp.Navigate(srv.URL + w.link(1, "8800123456")))
			look("bind")
			tab.Do(chromedp.Click("#bind button", chromedp.ByQuery), chromedp.WaitVisible("#bars path", chromedp.ByQuery))
			look("card")
			if got := tab.Text(".balance"); !strings.Contains(got, "969.32") {
				t.Errorf("balance %q", got)
			}
			if used := browsertest.Eval[bool](tab, `location.search !== "" || document.referrer.includes("bindToken")`); used {
				t.Error("the token is still in an address")
			}
			tab.Do(chromedp.Click(`a[href="/m/history"]`, chromedp.ByQuery), chromedp.WaitVisible(".more a", chromedp.ByQuery))
			look("history")
			tab.Do(chromedp.Click(".more a", chromedp.ByQuery), chromedp.WaitNotPresent(".more", chromedp.ByQuery))
			look("history-2")
			tab.Do(
				chromedp.Navigate(srv.URL+w.link(2, "8800123456")), chromedp.Click("#bind button", chromedp.ByQuery),
				chromedp.WaitVisible(".switch", chromedp.ByQuery),
			)
			look("second")
			tab.Do(chromedp.Click(".switch", chromedp.ByQuery), chromedp.WaitVisible(".coupon:nth-child(3)", chromedp.ByQuery))
			for _, page := range []string{"lost", "password", "statement", "data", "in", "offline"} {
				tab.Do(chromedp.Navigate(srv.URL+"/m/"+page), chromedp.WaitVisible("main", chromedp.ByQuery))
				look(page)
			}
			leave := func() {
				t.Helper()
				tab.Do(
					chromedp.Navigate(srv.URL+"/m/service"), chromedp.Click("summary", chromedp.ByQuery),
					chromedp.WaitVisible(".leave button", chromedp.ByQuery),
				)
				look("service")
				tab.Do(chromedp.Click(".leave button", chromedp.ByQuery), chromedp.WaitNotPresent(".leave", chromedp.ByQuery))
			}
			leave()
			tab.Do(chromedp.WaitNotPresent(".switch", chromedp.ByQuery))
			leave()
			if got := tab.Text("h1"); !strings.Contains(got, l.of(nobody.title)) {
				t.Errorf("after leaving: %q", got)
			}
		})
	}
}

// Scripts make the same code as the server, a scanner can read it from the screen, and the next one appears
// without the server.
func TestCodeInTheBrowser(t *testing.T) {
	t.Parallel()
	w, srv := inBrowser(t)
	w.later(27 * time.Second) // three seconds before the next step
	tab := open(t, srv, browsertest.Phone, ledger.Chinese)
	w.bindIn(tab, srv)
	tab.Sever()
	srv.Close()
	if browsertest.Eval[bool](tab, `document.getElementById("code").hasAttribute("data-key")`) {
		t.Error("the key stays in the page")
	}
	first, read := shown(t, tab)
	if read != strings.ReplaceAll(first, " ", "") || !w.accepted(first) {
		t.Errorf("%s is not taken, or is read as %s", first, read)
	}
	tab.Do(chromedp.Poll(`document.getElementById("digits").textContent !== "`+first+`"`, nil,
		chromedp.WithPollingTimeout(time.Minute)))
	w.later(5 * time.Second)
	second, read := shown(t, tab)
	if read != strings.ReplaceAll(second, " ", "") || !w.accepted(second) {
		t.Errorf("%s, made without the server, is not taken, or is read as %s", second, read)
	}
}

// When a till has used the code, the next one appears within seconds, and tills accept it. If both are used, the
// page says so until the next step begins.
func TestNextCodeAfterUse(t *testing.T) {
	t.Parallel()
	w, srv := inBrowser(t)
	tab := open(t, srv, browsertest.Phone, ledger.Chinese)
	w.bindIn(tab, srv)
	first := tab.Text("#digits")
	w.pay(first)
	tab.Do(chromedp.Poll(`document.getElementById("digits").textContent !== "`+first+`"`, nil,
		chromedp.WithPollingTimeout(15*time.Second)))
	tab.Do(chromedp.WaitVisible("#used", chromedp.ByQuery), chromedp.WaitVisible("#news", chromedp.ByQuery))
	if got := tab.Text("#news"); got != "已支付 ¥0.88 余额 ¥986.04" {
		t.Errorf("after a payment the phone says %q", got)
	}
	tab.Do(chromedp.Poll(`document.querySelector(".balance").textContent === "¥986.04"`, nil))
	tab.Fits()
	tab.Accessible()
	tab.Save("phone-next-code")
	second, read := shown(t, tab)
	if read != strings.ReplaceAll(second, " ", "") {
		t.Errorf("%s is read as %s", second, read)
	}
	w.pay(second)
	tab.Do(chromedp.WaitVisible("#wait", chromedp.ByQuery))
	tab.Save("phone-wait-for-code")
	if got := tab.Text("#digits"); got != "—" {
		t.Errorf("a code that is used is shown: %s", got)
	}
	w.later(codes.Step)
	tab.Do(chromedp.Navigate(srv.URL+"/m/"), chromedp.WaitVisible("#bars path[d]", chromedp.ByQuery))
	w.pay(tab.Text("#digits"))
}

// pay uses a code as a till does.
func (w *world) pay(text string) {
	w.t.Helper()
	c, ok := codes.Parse(strings.ReplaceAll(text, " ", ""))
	if !ok {
		w.t.Fatalf("no code: %q", text)
	}
	w.do(command.Scanned{
		Merchant: 1, By: ledger.Caller{Agent: 1, Shop: 12}, ID: w.card(1, "8800123456").ID, Card: "8800123456",
		From: "10.0.0.0/24",
		Check: func(card *ledger.Card, now time.Time) (int64, bool) {
			keys := codes.KeysOf(subkey)
			return keys.Check(c, codes.Member{Merchant: 1, Card: int64(card.ID)}, card.Details.Pass, now)
		},
		Command: command.Consume{Merchant: 1, By: ledger.Caller{Agent: 1, Shop: 12}, Card: "8800123456", Amount: 1_00},
	})
}

// A phone that opens the link again, or another link for its card, shows the card and stays bound.
func TestLinkOnTheBoundPhone(t *testing.T) {
	t.Parallel()
	w, srv := inBrowser(t)
	tab := open(t, srv, browsertest.Phone, ledger.Chinese)
	link := w.link(1, "8800123456")
	tab.Do(
		chromedp.Navigate(srv.URL+link), chromedp.Click("#bind button", chromedp.ByQuery),
		chromedp.WaitVisible(".card", chromedp.ByQuery),
		chromedp.Navigate(srv.URL+w.link(2, "8800123456")), chromedp.Click("#bind button", chromedp.ByQuery),
		chromedp.WaitVisible(".switch", chromedp.ByQuery),
	)
	pass := w.card(1, "8800123456").Details.Pass
	for _, again := range []string{link, w.link(1, "8800123456")} {
		tab.Do(chromedp.Navigate(srv.URL+again), chromedp.WaitVisible(".card", chromedp.ByQuery))
		if got := browsertest.Eval[string](tab, "location.pathname + location.search"); got != "/m/" {
			t.Errorf("the phone is at %s", got)
		}
		if got := tab.Text("body"); !strings.Contains(got, "聚客西餐") {
			t.Errorf("another card is shown: %s", got)
		}
	}
	if got := w.card(1, "8800123456").Details.Pass; got != pass {
		t.Errorf("the pass was %d and is %d: a phone was bound", pass, got)
	}
	if got := (&phone{w: w}).get(link); got.Code != http.StatusGone {
		t.Errorf("another phone: %d", got.Code)
	}
}

// shown returns the code on the screen as digits, and as a scanner reads it.
func shown(t *testing.T, tab *browsertest.Tab) (digits, read string) {
	t.Helper()
	for { // the code may change between the two
		digits = tab.Text("#digits")
		picture := tab.Picture("#bars")
		if tab.Text("#digits") == digits {
			return digits, scan(t, picture)
		}
	}
}

// A browser that cannot make codes asks for them, and says so if it gets none.
func TestCodeWithoutCrypto(t *testing.T) {
	t.Parallel()
	w, srv := inBrowser(t)
	tab := open(t, srv, browsertest.Phone, ledger.Chinese)
	tab.Before(`Object.defineProperty(window, "crypto", { value: undefined })`)
	w.bindIn(tab, srv)
	if got := tab.Text("#digits"); !w.accepted(got) {
		t.Errorf("%s is not taken", got)
	}
}

// scan reads the bar code in a picture.
func scan(t *testing.T, picture image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	read, err := oned.NewCode128Reader().Decode(bitmap, nil)
	if err != nil {
		t.Fatal(err)
	}
	return read.GetText()
}

// readQR reads the QR code in a picture.
func readQR(t *testing.T, picture image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	read, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		t.Fatal(err)
	}
	return read.GetText()
}

// The QR code beside the bars says the same, for many codes, and both can be read in the dark, and where they fill the
// screen.
func TestQRInTheBrowser(t *testing.T) {
	t.Parallel()
	w, srv := inBrowser(t)
	tab := open(t, srv, browsertest.Phone, ledger.Chinese)
	w.bindIn(tab, srv)
	same := func(when, bars, qr string) {
		t.Helper()
		for { // the code may change between the pictures
			digits := strings.ReplaceAll(tab.Text("#digits"), " ", "")
			one, other := tab.Picture(bars), tab.Picture(qr)
			if strings.ReplaceAll(tab.Text("#digits"), " ", "") != digits {
				continue
			}
			if got := scan(t, one); got != digits {
				t.Errorf("%s: the bars of %s are read as %s", when, digits, got)
			}
			if got := readQR(t, other); got != digits {
				t.Errorf("%s: the QR code of %s is read as %s", when, digits, got)
			}
			return
		}
	}
	for range 12 {
		same("by day", "#bars", "#qr")
		w.later(codes.Step)
		tab.Do(chromedp.Navigate(srv.URL+"/m/"), chromedp.WaitVisible("#bars path[d]", chromedp.ByQuery))
	}
	tab.Do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}))
	if got := browsertest.Eval[string](tab, `getComputedStyle(document.body).color`); got != "rgb(231, 236, 233)" {
		t.Errorf("in the dark the letters are %s", got)
	}
	same("in the dark", "#bars", "#qr")
	tab.Fits()
	tab.Save("phone-dark")
	tab.Do(chromedp.Click("#enlarge", chromedp.ByQuery), chromedp.WaitVisible("#big-qr", chromedp.ByQuery))
	same("large", "#big-bars", "#big-qr")
	tab.Save("phone-large")
	tab.Do(chromedp.Click("#big .plain", chromedp.ByQuery), chromedp.WaitNotVisible("#big", chromedp.ByQuery))
	for _, page := range []string{"history", "service", "statement", "data", "lost"} {
		tab.Do(chromedp.Navigate(srv.URL+"/m/"+page), chromedp.WaitVisible("main", chromedp.ByQuery))
		tab.Save("phone-dark-" + page)
	}
}

// kept reports whether the browser has kept the page that works offline.
const kept = `caches.match("/m/offline", {ignoreSearch: true}).then((page) =>
	!!page && navigator.serviceWorker.ready.then(() => !!navigator.serviceWorker.controller))`

// until waits for a promise in the page to come to true.
func until(t *testing.T, tab *browsertest.Tab, script string) {
	t.Helper()
	for range 200 {
		if browsertest.Await[bool](tab, script) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("it does not come to pass: %s", script)
}

// After a reload without a network the phone still shows codes that tills take. What makes them is nowhere but in the
// browser's own store, as a key that cannot be read, and nothing of the card is in a cache.
func TestReloadWithoutANetwork(t *testing.T) {
	t.Parallel()
	w, srv := inBrowser(t)
	tab := open(t, srv, browsertest.Phone, ledger.English)
	w.bindIn(tab, srv)
	until(t, tab, kept)
	pass, err := w.page.pass(&visit{card: *w.card(1, "8800123456")})
	w.must(err)
	cached := browsertest.Await[string](tab, `(async () => {
		let all = "";
		for (const name of await caches.keys()) {
			const cache = await caches.open(name);
			for (const request of await cache.keys()) all += request.url + " " + await (await cache.match(request)).text();
		}
		return all;
	})()`)
	for _, of := range []string{"8800123456", "88****3456", "聚客西餐", `data-key="`, "986.92", strconv.FormatInt(pass.Alias, 10)} {
		if strings.Contains(cached, of) {
			t.Errorf("the cache has %s", of)
		}
	}
	const readKey = `new Promise((done) => {
		const open = indexedDB.open("tongka", 1);
		open.onsuccess = () => {
			const asked = open.result.transaction("pass").objectStore("pass").get("now");
			asked.onsuccess = () => { open.result.close(); done(asked.result); };
		};
	})`
	if got := browsertest.Await[string](tab, readKey+`.then((pass) => pass.key.extractable + " " +
		Object.values(pass).filter((one) => one instanceof ArrayBuffer || ArrayBuffer.isView(one)).length)`); got != "false 0" {
		t.Errorf("the phone keeps a key that can be read: %s", got)
	}
	w.down.Store(true)
	tab.Sever()
	tab.Do(chromedp.Navigate(srv.URL+"/m/"), chromedp.WaitVisible("#bars path[d]", chromedp.ByQuery))
	tab.Fits()
	tab.Save("phone-offline")
	first, read := shown(t, tab)
	if read != strings.ReplaceAll(first, " ", "") || !w.accepted(first) {
		t.Errorf("%s is not taken, or is read as %s", first, read)
	}
	if got := tab.Text(".kept"); got != "聚客西餐 88****3456" {
		t.Errorf("the card is called %q", got)
	}
	w.down.Store(false)
	tab.Do(chromedp.WaitVisible(".balance", chromedp.ByQuery)) // by itself, once there is a network
	w.down.Store(true)
	tab.Do(chromedp.Reload(), chromedp.WaitVisible("#bars path[d]", chromedp.ByQuery))
	w.bound(1) // another phone
	w.down.Store(false)
	tab.Do(chromedp.WaitVisible(".state strong", chromedp.ByQuery))
	if got := tab.Text("main"); !strings.Contains(got, wTakenOver.En) {
		t.Errorf("a phone that was taken over is told %s", got)
	}
	tab.Save("phone-taken-over")
	until(t, tab, readKey+`.then((pass) => pass === undefined)`)
	w.down.Store(true)
	tab.Do(chromedp.Navigate(srv.URL+"/m/"), chromedp.WaitVisible("#no-pass", chromedp.ByQuery))
	if code := browsertest.Eval[bool](tab, `document.getElementById("code").hidden`); !code {
		t.Error("a phone that was taken over shows codes offline")
	}
}

// Where the server is reached and does not answer, a reload shows within seconds what the phone has kept, and the
// card's page again once it answers.
func TestReloadWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	w, srv := inBrowser(t)
	tab := open(t, srv, browsertest.Phone, ledger.Chinese)
	w.bindIn(tab, srv)
	until(t, tab, kept)
	w.silent.Store(true)
	begun := time.Now()
	tab.Do(chromedp.Navigate(srv.URL+"/m/"), chromedp.WaitVisible(".kept", chromedp.ByQuery),
		chromedp.WaitVisible("#bars path[d]", chromedp.ByQuery))
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("the kept page is shown after %v", took)
	}
	w.silent.Store(false)
	tab.Do(chromedp.WaitVisible(".balance", chromedp.ByQuery)) // by itself
}

// The browser finds what it needs to put the card on the home screen.
func TestHomeScreen(t *testing.T) {
	t.Parallel()
	w, srv := inBrowser(t)
	tab := open(t, srv, browsertest.Phone, ledger.English)
	w.bindIn(tab, srv)
	until(t, tab, kept)
	tab.Do(chromedp.ActionFunc(func(ctx context.Context) error {
		url, faults, data, _, err := page.GetAppManifest().Do(ctx)
		if err != nil || len(faults) > 0 || !strings.HasSuffix(url, "/m/manifest?language=en") || !strings.Contains(data, "Member card") {
			t.Errorf("the manifest: %s %v %s, %v", url, faults, data, err)
		}
		bad, err := page.GetInstallabilityErrors().Do(ctx)
		for _, one := range bad {
			t.Errorf("the card cannot be put on the home screen: %s %v", one.ErrorID, one.ErrorArguments)
		}
		return err
	}))
}

// A phone on which the card is open is told within seconds that another was bound.
func TestTakenOverWhileOpen(t *testing.T) {
	t.Parallel()
	w, srv := inBrowser(t)
	tab := open(t, srv, browsertest.Phone, ledger.Chinese)
	w.bindIn(tab, srv)
	w.bound(1)
	tab.Do(chromedp.WaitVisible(".state strong", chromedp.ByQuery))
	if got := tab.Text("main"); !strings.Contains(got, wTakenOver.Zh) {
		t.Errorf("it is told %s", got)
	}
	tab.Do(chromedp.Click("main button", chromedp.ByQuery), chromedp.WaitNotPresent(".state", chromedp.ByQuery))
	if got := tab.Text("h1"); got != nobody.title.Zh {
		t.Errorf("after that it says %s", got)
	}
}

// A holder gets back in by his card's password, changes it, and reports the card lost.
func TestServicesInTheBrowser(t *testing.T) {
	t.Parallel()
	w, srv := inBrowser(t)
	w.withPassword("260817")
	tab := open(t, srv, browsertest.Phone, ledger.Chinese)
	in := func(password, wait string) {
		t.Helper()
		tab.Do(
			chromedp.Navigate(srv.URL+"/m/in?m=1"), chromedp.SetValue("#number", "8800123456", chromedp.ByQuery),
			chromedp.SetValue("#password", password, chromedp.ByQuery), chromedp.Click("main button", chromedp.ByQuery),
			chromedp.WaitVisible(wait, chromedp.ByQuery),
		)
	}
	tab.Expect("status of 422") // the browser notes that a form was refused
	in("1", ".state")
	tab.Save("phone-in-refused")
	in("260817", "#bars path[d]")
	tab.Do(
		chromedp.Navigate(srv.URL+"/m/password"), chromedp.SetValue("#password", "260817", chromedp.ByQuery),
		chromedp.SetValue("#new", "8642xz", chromedp.ByQuery), chromedp.SetValue("#again", "8642xz", chromedp.ByQuery),
	)
	tab.Save("phone-password")
	tab.Do(chromedp.Click("main button", chromedp.ByQuery), chromedp.WaitVisible(".news", chromedp.ByQuery))
	tab.Save("phone-service-saved")
	tab.Do(chromedp.Navigate(srv.URL+"/m/lost"), chromedp.SetValue("#password", "8642xz", chromedp.ByQuery))
	tab.Save("phone-lost")
	tab.Do(chromedp.Click("main button", chromedp.ByQuery), chromedp.WaitVisible(".card", chromedp.ByQuery))
	if got := tab.Text(".state"); got != "已挂失" {
		t.Errorf("the card is %s", got)
	}
	tab.Fits()
	tab.Save("phone-card-lost")
}
