package console

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
)

// A manager brings a file in, takes that back and issues a series, on a phone and at a desk, in both languages, light
// and dark: from the
// list of cards to the report. The browser reports no errors, axe-core nothing serious, and no page is wider than its
// window.
func TestManyCardsInTheBrowser(t *testing.T) {
	t.Parallel()
	for name, as := range map[string]struct {
		size     browsertest.Size
		language string
		dark     bool
	}{
		"phone": {browsertest.Phone, "zh", true}, "desktop": {browsertest.Desktop, "en", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, srv := inBrowser(t, true)
			w.working()
			tab := browsertest.New(t, as.size)
			tab.Dark(as.dark)
			enter(tab, srv.URL, "manager", as.language, "nav.ways")
			look := func(page string) {
				t.Helper()
				tab.Fits()
				tab.Accessible()
				tab.Save(name + "-" + page)
			}
			bringIn(t, tab, look)
			takeBack(tab, look)
			issueMany(tab, look)
		})
	}
}

// working works on jobs until the test ends.
func (w *world) working() {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.desk().Run(ctx)
	}()
	w.t.Cleanup(func() {
		stop()
		<-ended
	})
}

// bringIn imports a file.
func bringIn(t *testing.T, tab *browsertest.Tab, look func(string)) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "旧系统会员.csv")
	if err := os.WriteFile(file, []byte(cardsCSV), 0o600); err != nil {
		t.Fatal(err)
	}
	tab.Do(browsertest.Leave(`nav.ways a[href$="/cards"]`),
		chromedp.WaitVisible(`a[href$="/import"]`, chromedp.ByQuery))
	look("cards")
	tab.Do(browsertest.Leave(`a[href$="/import"]`), chromedp.WaitVisible("#file", chromedp.ByQuery))
	look("import")
	tab.Do(chromedp.SetUploadFiles("#file", []string{file}, chromedp.ByQuery),
		browsertest.Leave("main button[type=submit]"), chromedp.WaitVisible("#column0", chromedp.ByQuery))
	look("import-columns")
	tab.Expect("status of 422") // how what cannot be so is answered
	tab.Do(chromedp.SetValue("#column3", "name", chromedp.ByQuery), browsertest.Leave("main form button.btn-primary"),
		chromedp.WaitVisible(".invalid-feedback", chromedp.ByQuery))
	look("import-columns-wrong")
	tab.Do(chromedp.SetValue("#column3", "", chromedp.ByQuery), chromedp.SetValue("#level", "1", chromedp.ByQuery),
		browsertest.Leave("main form button.btn-primary"),
		chromedp.WaitVisible(`form[action$="/confirm"]`, chromedp.ByQuery))
	look("import-trial")
	tab.Do(browsertest.Leave(`form[action$="/confirm"] button`),
		chromedp.WaitVisible(`form[action$="/undo"]`, chromedp.ByQuery))
	look("import-done")
}

// takeBack takes the import of the page back.
func takeBack(tab *browsertest.Tab, look func(string)) {
	tab.Do(chromedp.Click(`form[action$="/undo"] button`, chromedp.ByQuery),
		chromedp.WaitVisible(`form[action$="/undo/confirm"]`, chromedp.ByQuery))
	look("undo-trial")
	tab.Do(chromedp.Click(`form[action$="/undo/confirm"] button`, chromedp.ByQuery),
		chromedp.WaitVisible(`#job .card-footer a[href$="/import"]`, chromedp.ByQuery))
	look("undo-done")
}

// issueMany issues a series.
func issueMany(tab *browsertest.Tab, look func(string)) {
	tab.Do(browsertest.Leave(`nav.ways a[href$="/cards"]`),
		chromedp.WaitVisible(`a[href$="/series"]`, chromedp.ByQuery),
		browsertest.Leave(`a[href$="/series"]`), chromedp.WaitVisible("#count", chromedp.ByQuery))
	look("series")
	tab.Do(chromedp.SetValue("#prefix", "88", chromedp.ByQuery), chromedp.SetValue("#passwords", "yes", chromedp.ByQuery),
		browsertest.Leave("main form button.btn-primary"),
		chromedp.WaitVisible("button[name=sure]", chromedp.ByQuery))
	look("series-preview")
	tab.Do(browsertest.Leave("button[value=yes]"),
		chromedp.WaitVisible(`form[action$="/file"]`, chromedp.ByQuery))
	look("series-done")
}
