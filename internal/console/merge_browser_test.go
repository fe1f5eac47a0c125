package console

import (
	"testing"

	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
	"tongka/internal/ledger"
)

// A manager gives a bonus to say sorry, and merges the card into the holder's other one: on a phone in Chinese and at a
// desk in English, from the form to the slip and to both cards.
func TestMergeInTheBrowser(t *testing.T) {
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
				tab.Save("merge-" + name + "-" + page)
			}
			next := func(wait string) {
				t.Helper()
				tab.Do(chromedp.Click("main form button", chromedp.ByQuery), chromedp.WaitVisible(wait, chromedp.ByQuery))
			}
			language := map[string]string{"phone": "zh", "desktop": "en"}[name]
			enter(tab, srv.URL, "manager", language, "details.who")
			card := srv.URL + "/console/m/1/cards/1"
			tab.Do(chromedp.Navigate(card+"/do/give-bonus"), chromedp.WaitVisible("#until", chromedp.ByQuery))
			look("give")
			tab.Do(chromedp.SetValue("#amount", "20", chromedp.ByQuery),
				chromedp.SetValue("#until", "2026-12-31", chromedp.ByQuery),
				chromedp.SetValue("#note", "上菜慢,致歉 <b>", chromedp.ByQuery))
			next("button[value=yes]")
			look("give-preview")
			next(".slip")
			look("give-slip")
			tab.Do(chromedp.Navigate(card), chromedp.WaitVisible("a[href$='/do/merge']", chromedp.ByQuery))
			look("before")
			tab.Do(chromedp.Click("a[href$='/do/merge']", chromedp.ByQuery), chromedp.WaitVisible("#to", chromedp.ByQuery))
			look("form")
			tab.Do(chromedp.SetValue("#to", "6002", chromedp.ByQuery))
			next("button[value=yes]")
			look("preview")
			next(".slip")
			look("slip")
			tab.Do(chromedp.Navigate(card), chromedp.WaitVisible(".history", chromedp.ByQuery))
			look("closed")
			tab.Do(chromedp.Navigate(srv.URL+"/console/m/1/cards/2"), chromedp.WaitVisible(".history", chromedp.ByQuery))
			look("other")
			if got := w.card("6002"); got.Amount() != 620_00 || w.card("6001").Status != ledger.Returned {
				t.Errorf("%v came to the other card", got.Amount())
			}
		})
	}
}
