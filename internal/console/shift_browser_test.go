package console

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
)

// A shift is closed in a browser, on a phone and at a desk, in both languages, light and dark.
func TestShiftInTheBrowser(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]browsertest.Size{"phone": browsertest.Phone, "desktop": browsertest.Desktop} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, srv := inBrowser(t, true)
			w.takings()
			tab := browsertest.New(t, size)
			language := map[string]string{"phone": "zh", "desktop": "en"}[name]
			enter(tab, srv.URL, "manager", language, `a[href="/console/m/1/shifts"]`)
			tab.Do(chromedp.Navigate(srv.URL+shiftPath+"/close"), chromedp.WaitVisible("#counted", chromedp.ByQuery))
			look := func(page string) {
				t.Helper()
				tab.Fits()
				tab.Accessible()
				tab.Save(name + "-" + page)
			}
			look("shift")
			tab.Do(chromedp.SetValue("#counted", "478.50", chromedp.ByQuery), chromedp.SetValue("#note", "少一块五", chromedp.ByQuery),
				chromedp.Click("form[method=post] button.btn-primary[type=submit]", chromedp.ByQuery),
				chromedp.WaitVisible(".slip", chromedp.ByQuery))
			look("shift-slip")
			if slip := tab.Text(".slip"); !strings.Contains(slip, "-1.50") {
				t.Errorf("the slip says %s", slip)
			}
			tab.Do(chromedp.Navigate(srv.URL+shiftPath), chromedp.WaitVisible(".line", chromedp.ByQuery))
			look("shifts")
			tab.Do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}),
				chromedp.Navigate(srv.URL+shiftPath+"/close"),
				chromedp.WaitVisible("html[data-bs-theme=dark] #counted", chromedp.ByQuery))
			look("shift-dark")
		})
	}
}
