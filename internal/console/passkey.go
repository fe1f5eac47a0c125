package console

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"tongka/internal/ledger"
	"tongka/internal/signin"
)

// askPasskey tells a script what to ask the browser for, so that anybody may sign in.
func (c *call) askPasskey() error { return c.askScript(c.cfg.SignIn.AskPasskey()) }

// askSecond does so for whoever has typed the password.
func (c *call) askSecond() error { return c.askScript(c.cfg.SignIn.AskSecond(c.cookie(halfCookie))) }

// askNewPasskey does so for a new passkey, once the password was typed again.
func (c *call) askNewPasskey() error {
	if !ledger.PlainText(c.r.PostFormValue("passkey"), ledger.MaxNameLen) {
		return c.refuseScript(c.lang.of(wPasskeyNoName))
	}
	fault, err := c.confirm()
	if err != nil {
		return err
	}
	if fault != "" {
		return c.refuseScript(fault)
	}
	return c.askScript(c.cfg.SignIn.AskNewPasskey(c.person))
}

// askScript answers a script, and has the browser keep what was asked.
func (c *call) askScript(asked signin.Asked, err error) error {
	if errors.Is(err, signin.ErrPasskey) {
		return c.refuseScript(c.lang.of(wPasskeyNot))
	}
	if err != nil {
		return err
	}
	c.keep(askedCookie, asked.Token, signin.AskedFor)
	return c.sendJSON(http.StatusOK, asked.Options)
}

// refuseScript tells a script what to say in place of asking.
func (c *call) refuseScript(fault string) error {
	c.note().Outcome = "refused"
	said, err := json.Marshal(map[string]string{"fault": fault})
	if err != nil {
		return err
	}
	return c.sendJSON(http.StatusUnprocessableEntity, said)
}

func (c *call) sendJSON(status int, body []byte) error {
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body) // the browser is gone, and nobody reads the error
	return nil
}

// passkey signs in by a passkey.
func (c *call) passkey() error {
	return c.signInByPasskey(func(fault string) templ.Component { return signInPage(c.view(wSignIn), "", fault) })
}

// signInByPasskey signs in by what the browser answered. again is the page that is shown if that is refused.
func (c *call) signInByPasskey(again func(fault string) templ.Component) error {
	in, err := c.cfg.SignIn.Passkey(c.r.Context(), c.cookie(askedCookie), c.r.PostFormValue("answer"), c.from())
	c.clear(askedCookie)
	if errors.Is(err, signin.ErrPasskey) {
		c.note().Outcome = "refused"
		return c.show(http.StatusUnprocessableEntity, again(c.lang.of(wPasskeyNot)))
	}
	if err != nil {
		return err
	}
	return c.welcome(in)
}

// addPasskey gives whoever is signed in the passkey that the browser answered with.
func (c *call) addPasskey() error {
	v := c.view(wMine)
	name := strings.TrimSpace(c.r.PostFormValue("passkey"))
	if name == "" {
		name = v.browser(c.r.UserAgent())
	}
	err := c.cfg.SignIn.AddPasskey(c.r.Context(), c.by(), c.person.ID, c.cookie(askedCookie),
		c.r.PostFormValue("answer"), name, c.session.Place)
	c.clear(askedCookie)
	if errors.Is(err, signin.ErrPasskey) {
		c.note().Outcome = "refused"
		return c.me(c.lang.of(wPasskeyNot))
	}
	return c.meDone(c.notChanged(err))
}

func (c *call) dropPasskey() error {
	fault, err := c.confirm()
	if fault != "" || err != nil {
		return c.meDone(fault, err)
	}
	id, err := base64.RawURLEncoding.DecodeString(c.r.PostFormValue("id"))
	if err != nil {
		return errNowhere
	}
	return c.meDone(c.notChanged(c.cfg.SignIn.DropPasskey(c.r.Context(), c.by(), c.person.ID, id, c.session.Place)))
}
