package console

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
	"tongka/internal/ledger"
)

// An admin adds a webhook, sees its secret once, sends a test, and finds out why it fails, on a phone and at a desk, in
// both languages.
func TestWebhooksInTheBrowser(t *testing.T) {
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
				tab.Save(name + "-webhook-" + page)
			}
			tab.Expect("status of 422") // how the form that cannot be accepted is answered
			enter(tab, srv.URL, "admin", map[string]string{"phone": "zh", "desktop": "en"}[name], "details.who")
			tab.Do(chromedp.Navigate(srv.URL+"/console/m/1/webhooks/new"), chromedp.WaitVisible("#url", chromedp.ByQuery),
				chromedp.Click("details.filters summary", chromedp.ByQuery))
			look("new")
			tab.Do(chromedp.SetValue("#name", "数据中心 <b>", chromedp.ByQuery),
				chromedp.SetValue("#url", "http://bi.example.com/in", chromedp.ByQuery),
				chromedp.Click("main form button", chromedp.ByQuery), chromedp.WaitVisible(".invalid-feedback", chromedp.ByQuery))
			look("wrong")
			tab.Do(chromedp.SetValue("#url", "https://bi.example.com/in", chromedp.ByQuery),
				chromedp.Click("main form button", chromedp.ByQuery), chromedp.WaitVisible("#secret", chromedp.ByQuery))
			look("made")
			since := time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC)
			w.pushed(ledger.WebhookState{
				Entry: 9, Tries: 30, Since: since, Paused: since.Add(72 * time.Hour), LastAt: since.Add(72 * time.Hour),
				LastCode: 502,
			}, ledger.WebhookTry{At: since, Entry: 10, Status: 502, Said: "<html>Bad gateway " + strings.Repeat("x", 80)},
				ledger.WebhookTry{At: since.Add(-time.Hour), Entry: 9, Status: 204, Took: 40 * time.Millisecond})
			w.tested = func(*ledger.Webhook) ledger.WebhookTry { return ledger.WebhookTry{Said: "no answer within 10s"} }
			tab.Do(chromedp.Navigate(srv.URL+"/console/m/1/webhooks"), chromedp.WaitVisible(".line", chromedp.ByQuery))
			look("list")
			tab.Do(chromedp.Click(".line a", chromedp.ByQuery), chromedp.WaitVisible("form[action$=test]", chromedp.ByQuery),
				chromedp.Click("form[action$=test] button", chromedp.ByQuery),
				chromedp.WaitVisible("[role=alert]", chromedp.ByQuery))
			look("paused")
			tab.Do(chromedp.Click("form[action$=resume] button", chromedp.ByQuery),
				chromedp.WaitNotPresent("form[action$=resume]", chromedp.ByQuery),
				chromedp.WaitVisible("form[action$=test]", chromedp.ByQuery))
			look("resumed")
			tab.Do(chromedp.Click("button[formaction$=pause]", chromedp.ByQuery),
				chromedp.WaitVisible("form[action$=resume]", chromedp.ByQuery))
			look("paused-by-hand")
		})
	}
}
