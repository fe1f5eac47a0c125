package console

import (
	"testing"

	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// On a phone in Chinese and at a desk in English, the history folds out which lots paid a bill, the form of its refund
// has what is left of it, and what the balance is made of fits.
func TestRefundInTheBrowser(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]browsertest.Size{"phone": browsertest.Phone, "desktop": browsertest.Desktop} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, srv := inBrowser(t, true)
			coupon := w.coupon(w.cards())
			remarks := "靠窗"
			w.do(
				command.Recharge{Merchant: 1, By: ledger.Caller{Shop: 12}, Card: "6001", Amount: 30_00, PayType: 1},
				command.ModifyDetails{Merchant: 1, Card: "6001", Remarks: &remarks},
				command.ChargeToAccount{Merchant: 1, Card: "6001", Amount: 820_00},
				command.Consume{Merchant: 1, Card: "6001", Amount: 765_00, Coupons: []ledger.CouponID{coupon}},
			)
			bill := w.newestOf("6001").ID
			w.do(command.RefundConsume{Merchant: 1, Card: "6001", Entry: bill, Amount: 2_00})
			tab := browsertest.New(t, size)
			look := func(page string) {
				t.Helper()
				tab.Fits()
				tab.Accessible()
				tab.Save("refund-" + name + "-" + page)
			}
			language := map[string]string{"phone": "zh", "desktop": "en"}[name]
			enter(tab, srv.URL, "manager", language, "details.who")
			form := "a[href$='/do/refund?entry=" + itoa(int64(bill)) + "']"
			tab.Do(chromedp.Navigate(srv.URL+"/console/m/1/cards/1"), chromedp.WaitVisible(form, chromedp.ByQuery))
			opened := `[...document.querySelectorAll("main details")].filter(d => d.open = true).length`
			if browsertest.Eval[int](tab, opened) < 3 {
				t.Error("neither lots nor what the balance is made of fold out")
			}
			look("card")
			tab.Do(chromedp.Click(form, chromedp.ByQuery), chromedp.WaitVisible("#entry", chromedp.ByQuery))
			look("form")
			tab.Do(chromedp.Click("main form button", chromedp.ByQuery),
				chromedp.WaitVisible("button[value=yes]", chromedp.ByQuery))
			look("preview")
			tab.Do(chromedp.Click("button[value=yes]", chromedp.ByQuery), chromedp.WaitVisible(".slip", chromedp.ByQuery))
			look("slip")
		})
	}
}
