package console

import (
	"testing"

	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
)

// A clerk holds an amount until a time that the browser's own field takes, finds it on the card's page, captures a part
// of it and releases the rest there. On a phone and at a desk.
func TestHoldInTheBrowser(t *testing.T) {
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
				tab.Save(name + "-hold-" + page)
			}
			next := func(wait string) {
				t.Helper()
				tab.Do(chromedp.Click("main form button", chromedp.ByQuery), chromedp.WaitVisible(wait, chromedp.ByQuery))
			}
			card := srv.URL + "/console/m/1/cards/1"
			enter(tab, srv.URL, "cashier", map[string]string{"phone": "zh", "desktop": "en"}[name], "details.who")
			tab.Do(chromedp.Navigate(card+"/do/hold"), chromedp.WaitVisible("#until", chromedp.ByQuery),
				chromedp.SetValue("#amount", "60", chromedp.ByQuery),
				chromedp.SetValue("#until", "2026-03-07T12:30", chromedp.ByQuery),
				chromedp.SetValue("#note", "包厢 8 人", chromedp.ByQuery))
			look("form")
			next("button[value=yes]")
			look("preview")
			tab.Do(chromedp.Click("button[value=edit]", chromedp.ByQuery), chromedp.WaitVisible("#until", chromedp.ByQuery))
			if until := browsertest.Eval[string](tab, `document.getElementById("until").value`); until != "2026-03-07T12:30" {
				t.Errorf("to change it, the form has %q", until)
			}
			next("button[value=yes]")
			next(".slip")
			look("slip")
			tab.Do(chromedp.Navigate(card), chromedp.WaitVisible("a[href*='/do/release-hold?']", chromedp.ByQuery))
			look("card")
			tab.Do(chromedp.Click("a[href*='/do/capture-hold?']", chromedp.ByQuery), chromedp.WaitVisible("#keep", chromedp.ByQuery),
				chromedp.SetValue("#amount", "45", chromedp.ByQuery), chromedp.SetValue("#keep", "yes", chromedp.ByQuery))
			look("capture")
			next("button[value=yes]")
			look("capture-preview")
			next(".slip")
			look("capture-slip")
			if held := w.card("6001").Held(); held != 15_00 {
				t.Errorf("after the capture %v is held", held)
			}
			tab.Do(chromedp.Navigate(card), chromedp.WaitVisible("a[href*='/do/release-hold?']", chromedp.ByQuery),
				chromedp.Click("a[href*='/do/release-hold?']", chromedp.ByQuery), chromedp.WaitVisible("#entry", chromedp.ByQuery))
			look("release")
			next("button[value=yes]")
			look("release-preview")
			next(".slip")
			if holds := w.card("6001").Holds; len(holds) != 0 {
				t.Errorf("in the end there is %+v", holds)
			}
		})
	}
}
