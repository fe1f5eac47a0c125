package page

import (
	"image"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"

	"tongka/internal/browsertest"
	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// inBrowser returns a world that browsers can reach.
func inBrowser(t *testing.T) (w *world, srv *httptest.Server) {
	t.Helper()
	srv = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.handler.ServeHTTP(rw, r)
	}))
	t.Cleanup(srv.Close)
	return newWorldAt(t, srv.URL, Config{}), srv
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
			tab := browsertest.New(t, size)
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
			tab.Do(chromedp.Click("summary", chromedp.ByQuery))
			look("leave")
			tab.Do(
				chromedp.Click(".leave button", chromedp.ByQuery), chromedp.WaitNotPresent(".switch", chromedp.ByQuery),
				chromedp.Click("summary", chromedp.ByQuery), chromedp.Click(".leave button", chromedp.ByQuery),
				chromedp.WaitNotPresent(".card", chromedp.ByQuery),
			)
			if got := tab.Text("h1"); !strings.Contains(got, "尚未绑定") {
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
	tab := browsertest.New(t, browsertest.Phone)
	tab.Do(
		chromedp.Navigate(srv.URL+w.link(1, "8800123456")), chromedp.Click("#bind button", chromedp.ByQuery),
		chromedp.WaitVisible("#bars path[d]", chromedp.ByQuery),
	)
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
	tab := browsertest.New(t, browsertest.Phone)
	tab.Do(
		chromedp.Navigate(srv.URL+w.link(1, "8800123456")), chromedp.Click("#bind button", chromedp.ByQuery),
		chromedp.WaitVisible("#bars path[d]", chromedp.ByQuery),
	)
	first := tab.Text("#digits")
	w.pay(first)
	tab.Do(chromedp.Poll(`document.getElementById("digits").textContent !== "`+first+`"`, nil,
		chromedp.WithPollingTimeout(15*time.Second)))
	tab.Do(chromedp.WaitVisible("#used", chromedp.ByQuery))
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
	tab := browsertest.New(t, browsertest.Phone)
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
	tab := browsertest.New(t, browsertest.Phone)
	tab.Before(`Object.defineProperty(window, "crypto", { value: undefined })`)
	tab.Do(
		chromedp.Navigate(srv.URL+w.link(1, "8800123456")), chromedp.Click("#bind button", chromedp.ByQuery),
		chromedp.WaitVisible("#bars path[d]", chromedp.ByQuery),
	)
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
