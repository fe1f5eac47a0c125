package console

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// season is a month of trade, with a busy and a quiet shop.
func (w *world) season() {
	w.t.Helper()
	w.cards()
	one, two := ledger.Caller{Shop: 11, Operator: "小王 <b>"}, ledger.Caller{Shop: 12, Operator: "李经理"}
	for day := range int64(32) {
		w.wait(24 * 60 * 60)
		pay := ledger.PayTypeID(1 + day%2)
		w.do(
			command.Recharge{Merchant: 1, By: one, Card: "6001", Amount: ledger.Fen(30_000 + 9_000*(day%7)), PayType: pay},
			command.Consume{Merchant: 1, By: one, Card: "6001", Amount: ledger.Fen(20_000 + 6_000*(day%5))},
		)
		if day%4 == 0 { // at the other shop, and with a coupon of its own
			w.do(
				command.Consume{Merchant: 1, By: two, Card: "6001", Amount: ledger.Fen(4_000 + 700*day)},
				command.SendCoupons{
					Merchant: 1, By: one, Card: "6001", Kind: 1, Numbers: []string{fmt.Sprint(29_000_000 + day)},
				},
			)
		}
		if day%3 == 0 {
			w.do(
				command.Recharge{Merchant: 1, By: two, Card: "6002", Amount: 500_00, PayType: pay},
				command.Consume{Merchant: 1, By: two, Card: "6002", Amount: ledger.Fen(8_000 + 500*day)},
			)
		}
	}
	w.fold()
}

// Today and every report, on a phone and at a desk, light and dark, in both languages: charts are drawn in colours that
// can be seen, nothing is wider than the window, and the browser has nothing to complain of.
func TestReportsInTheBrowser(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]browsertest.Size{"phone": browsertest.Phone, "desktop": browsertest.Desktop} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, srv := inBrowser(t, true)
			w.season()
			tab := browsertest.New(t, size)
			language := map[string]string{"phone": "zh", "desktop": "en"}[name]
			enter(tab, srv.URL, "admin", language, "[data-chart] svg")
			look := func(page, path string) {
				t.Helper()
				tab.Do(chromedp.Navigate(srv.URL+path), chromedp.WaitVisible("main h1", chromedp.ByQuery))
				if browsertest.Eval[bool](tab, `document.querySelector("[data-chart]") !== null`) {
					tab.Do(chromedp.WaitVisible("[data-chart] svg path", chromedp.ByQuery))
				}
				tab.Fits()
				tab.Accessible()
				tab.Save(name + "-" + page)
			}
			look("today", "/console/m/1/")
			look("reports", "/console/m/1/reports")
			for _, k := range reportKinds {
				look("report-"+k.name, "/console/m/1/reports/"+k.name+"?from=2026-03-05&to=2026-04-05")
			}
			look("entries", "/console/m/1/entries?day=2026-04-03")
			ink := `getComputedStyle(document.querySelector("[data-chart] svg text")).fill`
			look("today", "/console/m/1/")
			light := browsertest.Eval[string](tab, ink)
			tab.Do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}),
				chromedp.WaitVisible("html[data-bs-theme=dark] [data-chart] svg path", chromedp.ByQuery))
			tab.Save(name + "-today-dark")
			if dark := browsertest.Eval[string](tab, ink); dark == light || dark == "" {
				t.Errorf("the chart's words are %q in the light and %q in the dark", light, dark)
			}
			look("report-liability-dark", "/console/m/1/reports/liability?from=2026-03-05&to=2026-04-05")
			if got := tab.Text("h1"); !strings.Contains(got, map[string]string{"phone": "负债", "desktop": "Liability"}[name]) {
				t.Errorf("the title is %q", got)
			}
		})
	}
}
