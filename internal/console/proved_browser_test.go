package console

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
)

// What needs attention, who did what, and what a proof has found, on a phone and at a desk, in both languages, in light
// and dark: an auditor begins a proof, and reads one that has found something.
func TestBooksInTheBrowser(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]browsertest.Size{"phone": browsertest.Phone, "desktop": browsertest.Desktop} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, srv := inBrowser(t, true)
			w.cares()
			w.changesOf()
			w.proof(1, "good", 30*time.Hour, someProof(0))
			w.proof(1, "bad", 26*time.Hour, someProof(1))
			tab := browsertest.New(t, size)
			language := map[string]string{"phone": "zh", "desktop": "en"}[name]
			enter(tab, srv.URL, "auditor", language, "details.who")
			look := func(page, path string) {
				t.Helper()
				tab.Do(chromedp.Navigate(srv.URL+"/console/m/1/"+path), chromedp.WaitVisible("main h1", chromedp.ByQuery))
				tab.Fits()
				tab.Accessible()
				tab.Save(name + "-" + page)
			}
			look("today-attention", "")
			for _, k := range caresOf() {
				look("attention-"+k.name, "attention/"+k.name)
			}
			look("audit", "audit")
			look("audit-people", "audit?of=people&who=2")
			look("audited", "audit/"+itoa(int64(w.person(4).Version)))
			look("books", "books")
			look("proof-good", "jobs/good")
			look("proof-bad", "jobs/bad")
			if got := tab.Text(".alert-danger"); !strings.Contains(got, map[string]string{"phone": "1 条规则", "desktop": "1 rule"}[name]) {
				t.Errorf("the proof says %q", got)
			}
			tab.Do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}),
				chromedp.WaitVisible("html[data-bs-theme=dark] .alert-danger", chromedp.ByQuery))
			look("proof-bad-dark", "jobs/bad")
			look("audit-dark", "audit")
			tab.Do(chromedp.Navigate(srv.URL+"/console/m/1/books"), chromedp.WaitVisible("main form button", chromedp.ByQuery),
				chromedp.Click("main form button", chromedp.ByQuery), chromedp.WaitVisible("#job progress", chromedp.ByQuery))
			tab.Accessible()
			tab.Save(name + "-proof-begun")
		})
	}
}
