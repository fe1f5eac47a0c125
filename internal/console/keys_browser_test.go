package console

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tongka/internal/browsertest"
)

// An admin makes an API key, sees it once, and finds it in the list, on a phone and at a desk, in both languages.
func TestKeysInTheBrowser(t *testing.T) {
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
				tab.Save(name + "-" + page)
			}
			enter(tab, srv.URL, "admin", map[string]string{"phone": "zh", "desktop": "en"}[name], "details.who")
			tab.Do(chromedp.Navigate(srv.URL+"/console/m/1/keys/new"), chromedp.WaitVisible("#allow", chromedp.ByQuery))
			look("key-new")
			tab.Do(chromedp.SetValue("#name", "配送 <b>", chromedp.ByQuery), chromedp.Click("[name=may]", chromedp.ByQuery),
				chromedp.Click("[name=all]", chromedp.ByQuery), chromedp.Click("main form button", chromedp.ByQuery),
				chromedp.WaitVisible("#secret", chromedp.ByQuery))
			look("key")
			if _, err := w.dir.Caller(tab.Text("#secret"), fromHere); err != nil {
				t.Error(err)
			}
			tab.Do(chromedp.Navigate(srv.URL+"/console/m/1/keys"), chromedp.WaitVisible(".line", chromedp.ByQuery))
			look("keys")
			if got := tab.Text("main"); !strings.Contains(got, "配送 <b>") || strings.Contains(got, "tk_") {
				t.Errorf("the list says %s", got)
			}
			// By the keys alone it is asked, and done.
			tab.Do(browsertest.Leave(`a[href$="/keys/5"]`), chromedp.WaitVisible(`form[action$="/stop"] summary`, chromedp.ByQuery),
				chromedp.Focus(`form[action$="/stop"] summary`, chromedp.ByQuery), chromedp.KeyEvent(kb.Enter),
				chromedp.WaitVisible(`form[action$="/stop"] button`, chromedp.ByQuery))
			look("key-stop")
			if w.key().Stopped {
				t.Error("it is stopped before that was confirmed")
			}
			tab.Do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(".alert-success", chromedp.ByQuery))
			if !w.key().Stopped {
				t.Error("it is not stopped")
			}
		})
	}
}
