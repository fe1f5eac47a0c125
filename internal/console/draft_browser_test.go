package console

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
)

// What was typed into a form is there again for whoever goes back to it from what it would do, and for whoever comes
// back to it by signing in anew; not for somebody else, not after it was done, and never a password.
func TestWhatWasTypedInTheBrowser(t *testing.T) {
	t.Parallel()
	w, srv := inBrowser(t, true)
	w.cards()
	tab := browsertest.New(t, browsertest.Desktop)
	enter(tab, srv.URL, "manager", "zh", "details.who")
	form := srv.URL + "/console/m/1/cards/1/do/recharge"
	typed := func(want string) {
		t.Helper()
		tab.Do(chromedp.WaitVisible("#amount", chromedp.ByQuery))
		if got := browsertest.Eval[string](tab, `[amount.value, note.value].join(" ")`); strings.TrimSpace(got) != want {
			t.Errorf("the form has %q, want %q", got, want)
		}
	}
	fill := func() {
		t.Helper()
		tab.Do(chromedp.Navigate(form), chromedp.WaitVisible("#amount", chromedp.ByQuery),
			chromedp.SetValue("#amount", "123", chromedp.ByQuery),
			chromedp.SetValue("#note", "张 <b>", chromedp.ByQuery))
	}
	next := func(until string) {
		t.Helper()
		tab.Do(browsertest.Leave("main form button"), chromedp.WaitVisible(until, chromedp.ByQuery))
	}
	fill()
	next("button[value=yes]")
	tab.Do(chromedp.NavigateBack())
	typed("123 张 <b>")
	next("button[value=yes]")
	next(".slip")
	tab.Do(chromedp.NavigateBack())
	typed("") // it is done

	fill()
	next("button[value=yes]")
	tab.Do(chromedp.Navigate(srv.URL+"/console/m/1/cards/1"), chromedp.Navigate(form))
	typed("") // one begins anew

	fill()
	w.signAllOut()
	next("#password")
	signInAgain(tab, "manager")
	typed("123 张 <b>")

	fill()
	w.signAllOut()
	next("#password")
	signInAgain(tab, "admin")
	typed("") // it is somebody else's

	tab.Do(chromedp.Navigate(strings.Replace(form, "recharge", "password", 1)),
		chromedp.WaitVisible("#new", chromedp.ByQuery), chromedp.SetValue("#new", "secret-7", chromedp.ByQuery),
		chromedp.SetValue("#again", "secret-7", chromedp.ByQuery))
	next("button[value=yes]")
	if got := browsertest.Eval[string](tab, `JSON.stringify(sessionStorage)`); strings.Contains(got, "secret-7") {
		t.Errorf("a password is kept: %s", got)
	}
}

func signInAgain(tab *browsertest.Tab, name string) {
	tab.Do(chromedp.SetValue("#name", name, chromedp.ByQuery),
		chromedp.SetValue("#password", password, chromedp.ByQuery), browsertest.Leave("main button.btn-primary"))
}

func (w *world) signAllOut() {
	w.t.Helper()
	for _, p := range w.dir.People() {
		w.must(w.store.EndSessions(w.t.Context(), p.ID, [32]byte{}))
	}
}
