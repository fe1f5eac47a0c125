package console

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// From a refund above the limit to the slip: a manager asks for it on a phone, an admin confirms it at a desk. A masked
// phone is shown in its place. The browsers report no errors, and no page is wider than its window.
func TestSecondPersonInTheBrowser(t *testing.T) {
	t.Parallel()
	w, srv := inBrowser(t, true)
	w.cards()
	w.limit()
	number := "32050119990909001X"
	w.do(command.ModifyDetails{Merchant: 1, Card: "6001", IDNumber: &number})
	phone, desk := browsertest.New(t, browsertest.Phone), browsertest.New(t, browsertest.Desktop)
	signIn := func(tab *browsertest.Tab, name, language string) {
		t.Helper()
		enter(tab, srv.URL, name, language, "header")
	}
	look := func(tab *browsertest.Tab, name string) {
		t.Helper()
		tab.Fits()
		tab.Accessible()
		tab.Save("second-" + name)
	}
	signIn(phone, "manager", "zh")
	signIn(desk, "admin", "en")
	phone.Do(chromedp.Navigate(srv.URL+"/console/m/1/cards/1"), chromedp.WaitVisible(".masked button", chromedp.ByQuery))
	look(phone, "phone-card")
	phone.Do(chromedp.Click(".masked button", chromedp.ByQuery),
		chromedp.WaitNotPresent(".masked input[value=phone]", chromedp.ByQuery))
	if got := phone.Text(".facts"); !strings.Contains(got, "18612342465") {
		t.Errorf("the phone is not shown: %q", got)
	}
	look(phone, "phone-shown")
	if e := w.newestOf("6001"); e.Kind != ledger.DataShown {
		t.Errorf("the look is not recorded: %+v", e)
	}
	phone.Do(chromedp.Navigate(srv.URL+"/console/m/1/cards/1/do/withdraw"), chromedp.WaitVisible("#amount", chromedp.ByQuery),
		chromedp.SetValue("#amount", "150", chromedp.ByQuery), chromedp.Click("main button.btn-primary", chromedp.ByQuery),
		chromedp.WaitVisible(".alert-warning", chromedp.ByQuery))
	look(phone, "phone-preview")
	phone.Do(chromedp.Click("button[value=yes]", chromedp.ByQuery), chromedp.WaitVisible(".alert-success", chromedp.ByQuery))
	look(phone, "phone-proposed")

	desk.Do(chromedp.Navigate(srv.URL+"/console/m/1/proposals"), chromedp.WaitVisible(".list-group", chromedp.ByQuery))
	look(desk, "desktop-list")
	desk.Do(chromedp.Navigate(srv.URL+"/console/m/1/cards/1"), chromedp.WaitVisible(".list-group", chromedp.ByQuery))
	look(desk, "desktop-card")
	found, err := w.store.WaitingProposals(t.Context(), ledger.WaitingQuery{Merchant: 1, Now: w.clock(), Limit: 9})
	w.must(err)
	desk.Do(chromedp.Navigate(srv.URL+"/console/m/1/proposals/"+found[len(found)-1].ID),
		chromedp.WaitVisible("button[value=yes]", chromedp.ByQuery))
	look(desk, "desktop-proposal")
	desk.Do(chromedp.Click("button[value=yes]", chromedp.ByQuery), chromedp.WaitVisible(".slip", chromedp.ByQuery))
	look(desk, "desktop-slip")
	phone.Do(chromedp.Navigate(srv.URL+"/console/m/1/proposals"), chromedp.WaitVisible(".list-group", chromedp.ByQuery))
	look(phone, "phone-list")
	if e := w.newestOf("6001"); e.Kind != ledger.Withdrawn || e.By.Person != 2 || e.By.Proposer != 3 {
		t.Errorf("the entry: %+v", e)
	}
}
