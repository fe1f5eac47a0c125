package browsertest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A page with faults is told of them, one that is hard to read in dark colours only among them, and one without is not.
func TestFindings(t *testing.T) {
	t.Parallel()
	const top = `<!DOCTYPE html><html lang="en"><title>t</title><link rel="icon" href="data:,"><main><h1>t</h1>`
	pages := map[string]string{
		"/good":  top + `<label>Name <input></label>`,
		"/label": top + `<input>`,
		"/faint": top + `<p style="color:#ccc;background:#fff">text`,
		"/dark": top + `<style>@media (prefers-color-scheme: dark) { p { color: #333; background: #000 } }</style>` +
			`<p>text`,
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(pages[r.URL.Path])) // the browser says if it gets nothing
	}))
	t.Cleanup(srv.Close)
	tab := New(t, Phone)
	for path, want := range map[string]string{
		"/good": "", "/label": "light: label, critical", "/faint": "light: color-contrast, serious",
		"/dark": "dark: color-contrast, serious",
	} {
		tab.Do(chromedp.Navigate(srv.URL + path))
		found := tab.findings()
		switch {
		case want == "" && len(found) > 0, want != "" && (len(found) == 0 || !strings.HasPrefix(found[0], want)):
			t.Errorf("%s: found %q, want %q", path, found, want)
		}
		if Eval[bool](tab, `matchMedia("(prefers-color-scheme: dark)").matches`) {
			t.Errorf("%s: the page stays dark", path)
		}
	}
}
