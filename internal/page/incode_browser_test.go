package page

import (
	"testing"

	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
	"tongka/internal/ledger"
)

// A holder with a new phone asks for a code, types a wrong one and then the right one, and sees his card. On a phone
// and at a desk, in both languages.
func TestComeInByCodeInTheBrowser(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]browsertest.Size{"phone": browsertest.Phone, "desktop": browsertest.Desktop} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, srv := inBrowserWith(t, sender())
			w.withPhone()
			l := map[string]ledger.Language{"phone": ledger.Chinese, "desktop": ledger.English}[name]
			tab := open(t, srv, size, l)
			look := func(page string) {
				t.Helper()
				tab.Fits()
				tab.Accessible()
				tab.Save(name + "-" + page)
			}
			next := func(click, until string) {
				t.Helper()
				tab.Do(chromedp.Click(click, chromedp.ByQuery), chromedp.WaitVisible(until, chromedp.ByQuery))
			}
			tab.Do(chromedp.Navigate(srv.URL + "/m/in?m=1"))
			look("in-with-codes")
			next(`a[href^="/m/in/code"]`, `form[action="/m/in/ask"] #number`)
			tab.Do(chromedp.SetValue("#number", "13800138000", chromedp.ByQuery))
			look("in-ask")
			next(".form button", "#typed")
			tab.Do(chromedp.SetValue("#typed", "000000", chromedp.ByQuery))
			tab.Expect("status of 422") // the browser notes that a form was refused
			next(".form button", ".state")
			look("in-code-refused")
			tab.Do(chromedp.SetValue("#typed", theCode, chromedp.ByQuery))
			next(".form button", "#bars path[d]")
			if sent := w.sent(); len(sent) != 1 || w.card(1, "8800123456").Details.Pass != 1 {
				t.Errorf("sent %+v", sent)
			}
		})
	}
}
