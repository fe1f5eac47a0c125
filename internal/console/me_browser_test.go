package console

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
)

// From the page of one's account a phone leads back: by the head, which has the name of the product there, and by a
// link. There is no bar with nothing in it, and each recovery code stands on one line.
func TestAccountOnAPhone(t *testing.T) {
	t.Parallel()
	w, srv := inBrowser(t, true)
	w.cards()
	tab := browsertest.New(t, browsertest.Phone)
	enter(tab, srv.URL, "cashier", "zh", "details.who")
	tab.Do(chromedp.Navigate(srv.URL+"/console/me"), chromedp.WaitVisible(".navbar-brand", chromedp.ByQuery))
	tab.Fits()
	tab.Accessible()
	if n := browsertest.Eval[int](tab, `document.querySelectorAll(".ways").length`); n != 0 {
		t.Errorf("there are %d bars with nothing in them", n)
	}
	const codes = `<ul class="recovery"><li><code>abcde-fghij-klmno-pqrst</code></li></ul>`
	tall := browsertest.Eval[bool](tab, `(() => {
		document.querySelector("main .container-xl").insertAdjacentHTML("beforeend", `+"`"+codes+"`"+`);
		const code = document.querySelector(".recovery code");
		return code.getClientRects().length > 1;
	})()`)
	if tall {
		t.Error("a recovery code stands on two lines")
	}
	tab.Fits()
	for _, link := range []string{".navbar-brand", "main a[href='/console/']"} {
		tab.Do(chromedp.Navigate(srv.URL+"/console/me"), chromedp.WaitVisible(link, chromedp.ByQuery),
			browsertest.Leave(link), chromedp.WaitVisible("a.merchant", chromedp.ByQuery))
		if at := browsertest.Eval[string](tab, `location.pathname`); !strings.HasPrefix(at, "/console/m/1/") {
			t.Errorf("%s leads to %s", link, at)
		}
	}
}
