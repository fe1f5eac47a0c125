package console

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
	"tongka/internal/command"
)

// What was typed into a form is there again for whoever goes back to it from what it would do, and for whoever comes
// back to it by signing in anew; not for somebody else, not after it was done, and never a password.
func TestWhatWasTypedInTheBrowser(t *testing.T) { //nolint:funlen // one story
	t.Parallel()
	w, srv := inBrowser(t, true)
	doer := &failsNow{Doer: w.engine}
	w.console.cfg.Doer = doer
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
	doer.now.Store(true)
	tab.Expect("status of 500")
	next("main p.mb-3")
	doer.now.Store(false)
	tab.Do(chromedp.Evaluate("history.go(-2)", nil))
	typed("123 张 <b>") // it was not done

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

// failsNow fails while now is set.
type failsNow struct {
	Doer
	now atomic.Bool
}

func (d *failsNow) Do(ctx context.Context, cmd command.Command) (command.Changes, error) {
	if d.now.Load() {
		return command.Changes{}, errors.New("disk full")
	}
	return d.Doer.Do(ctx, cmd)
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
