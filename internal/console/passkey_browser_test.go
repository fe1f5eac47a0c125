package console

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// onLocalhost returns a world that browsers reach by a host name, since passkeys are bound to one.
func onLocalhost(t *testing.T) (w *world, address string) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.handler.ServeHTTP(rw, r)
	}))
	t.Cleanup(srv.Close)
	address = strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)
	w = newWorldAt(t, address, true)
	return w, address
}

// authenticator gives a browser a device that keeps passkeys, and whose holder has looked at it if he is known.
func authenticator(tab *browsertest.Tab) (id webauthn.AuthenticatorID) {
	tab.Do(webauthn.Enable(), chromedp.ActionFunc(func(ctx context.Context) (err error) {
		id, err = webauthn.AddVirtualAuthenticator(&webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}).Do(ctx)
		return err
	}))
	return id
}

// byPasskey is the button that asks a device.
const byPasskey = "form[data-ask] button"

// passkeyTab is a browser with a device that keeps passkeys.
type passkeyTab struct {
	*browsertest.Tab
	t    *testing.T
	name string // of its size
}

func (tab *passkeyTab) look(page string) {
	tab.t.Helper()
	tab.Fits()
	tab.Accessible()
	tab.Save(tab.name + "-passkey-" + page)
}

func (tab *passkeyTab) click(what, until string) {
	tab.t.Helper()
	tab.Do(chromedp.Click(what, chromedp.ByQuery), chromedp.WaitVisible(until, chromedp.ByQuery))
}

// leaves does what a page comes after; the browser may take a while until it asks for it.
func (tab *passkeyTab) leaves(do chromedp.Action, until string) {
	tab.t.Helper()
	tab.Do(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := chromedp.RunResponse(ctx, do)
		return err
	}), chromedp.WaitVisible(until, chromedp.ByQuery))
}

func (tab *passkeyTab) goes(what, until string) {
	tab.t.Helper()
	tab.leaves(chromedp.Click(what, chromedp.ByQuery), until)
}

func (tab *passkeyTab) fill(what, value string) {
	tab.t.Helper()
	tab.Do(chromedp.SetValue(what, value, chromedp.ByQuery))
}

func (tab *passkeyTab) typed(until string) {
	tab.t.Helper()
	tab.fill("#name", "cashier")
	tab.fill("#password", password)
	tab.goes("button.btn-primary", until)
}

// out signs out. The menu may be under way, so the form in it is sent without it.
func (tab *passkeyTab) out() {
	tab.t.Helper()
	tab.leaves(chromedp.Evaluate(`document.querySelector("form[action$='/sign-out']").requestSubmit()`, nil), byPasskey)
}

// A clerk adds a passkey, signs in by it without a name and in place of a code, removes it, and does not get in by it
// any more. On a phone and at a desk, in both languages.
func TestPasskeyInTheBrowser(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]browsertest.Size{"phone": browsertest.Phone, "desktop": browsertest.Desktop} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, address := onLocalhost(t)
			tab := &passkeyTab{browsertest.New(t, size), t, name}
			authenticator(tab.Tab)
			language := map[string]string{"phone": "zh", "desktop": "en"}[name]
			tab.Do(chromedp.Navigate(address + "/console/sign-in"))
			tab.goes("button[value="+language+"]", "html[lang|="+language+"] "+byPasskey)
			tab.look("sign-in")
			tab.click(byPasskey, "[role=alert]:not([hidden])") // the device has none yet
			tab.look("none")
			tab.typed("details.who")
			tab.Do(chromedp.Navigate(address+"/console/me"), chromedp.WaitVisible("#passkey", chromedp.ByQuery))
			tab.fill("#passkey", "我的手机 <b>")
			tab.fill("#passkey-password", "wrong")
			tab.Expect("status of 422") // how what cannot be accepted is answered
			tab.click(byPasskey, "[role=alert]:not([hidden])")
			tab.look("wrong-password")
			tab.fill("#passkey-password", password)
			tab.goes(byPasskey, ".alert-success")
			tab.look("added")
			if p := w.person(4); len(p.Passkeys) != 1 || p.Passkeys[0].Name != "我的手机 <b>" {
				t.Fatalf("added %+v", p.Passkeys)
			}
			tab.fill("#passkey-password", password)
			tab.click(byPasskey, "[role=alert]:not([hidden])") // the device has one already
			tab.look("twice")
			tab.out()
			tab.goes(byPasskey, "details.who")
			if got := tab.Text("details.who summary"); got != "收银员" {
				t.Errorf("signed in as %q", got)
			}
			tab.out()
			p := *w.person(4)
			p.TOTP = []byte("person/4 codes\x00seed")
			w.do(command.ChangePerson{To: p})
			w.person(4)
			tab.typed("#code")
			tab.look("second")
			tab.goes(byPasskey, "details.who")
			tab.Do(chromedp.Navigate(address + "/console/me"))
			tab.click("li details summary", "#drop-0")
			tab.look("remove")
			tab.fill("#drop-0", password)
			tab.goes("li details button", ".alert-success")
			if e := w.newest(); len(w.person(4).Passkeys) != 0 || e.Kind != ledger.PersonChanged || e.By.Person != 4 {
				t.Errorf("not removed; the newest entry is %+v", e)
			}
			tab.out()
			tab.goes(byPasskey, ".alert-danger:not([hidden])")
			tab.look("refused")
			if got := tab.Text(".alert-danger"); got != lang(language).of(wPasskeyNot) {
				t.Errorf("by what was removed: %q", got)
			}
		})
	}
}
