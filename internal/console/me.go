package console

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"tongka/internal/ledger"
	"tongka/internal/qrcode"
	"tongka/internal/signin"
)

func (c *call) showMe() error { return c.me("") }

// me shows the account of whoever is signed in.
func (c *call) me(fault string) error {
	sessions, err := c.cfg.Sessions.Sessions(c.r.Context(), c.person.ID)
	if err != nil {
		return err
	}
	v, status := c.view(wMine), http.StatusOK
	if v.fault = fault; fault != "" {
		status = http.StatusUnprocessableEntity
	}
	return c.show(status, mePage(v, sessions, c.r.PostFormValue("passkey")))
}

func (c *call) saveMe() error {
	to := *c.person
	to.Name, to.Language = strings.TrimSpace(c.r.PostFormValue("person")), ledger.Language(c.r.PostFormValue("language"))
	fault, err := c.change(c.by(), &to)
	return c.meDone(fault, err)
}

// recoveryLeft says how many recovery codes the person has left, and what to do where there is none.
func (v view) recoveryLeft() string {
	n := len(v.person.Recovery)
	if n == 0 {
		return v.lang.of(wNoRecovery)
	}
	return v.count(n, wOneRecovery, wManyRecovery)
}

// meDone answers a form on the account page.
func (c *call) meDone(fault string, err error) error {
	if err != nil {
		return err
	}
	if fault != "" {
		return c.me(fault)
	}
	return c.to(Base + "me?saved")
}

// confirm asks for the password of now before something that would give the account away.
func (c *call) confirm() (fault string, err error) {
	err = c.cfg.SignIn.Confirm(c.r.Context(), c.person, c.r.PostFormValue("password"), c.from())
	if errors.Is(err, signin.ErrWrong) || errors.Is(err, signin.ErrTries) {
		c.note().Outcome = "refused"
		return c.lang.of(c.whySignIn(err)), nil
	}
	return "", err
}

func (c *call) savePassword() error {
	fault, err := c.confirm()
	if fault != "" || err != nil {
		return c.meDone(fault, err)
	}
	password, fault := c.typedPassword(c.person)
	if fault != "" {
		return c.me(fault)
	}
	err = c.cfg.SignIn.SetPassword(c.r.Context(), c.by(), c.person.ID, password, c.session.Place)
	return c.meDone(c.notChanged(err))
}

// endSessions signs out the session that the form names, or all others. One that is not of this person is none.
func (c *call) endSessions() error {
	one := c.r.PostFormValue("session")
	if one == "" {
		return c.meDone("", c.cfg.Sessions.EndSessions(c.r.Context(), c.person.ID, c.session.Place))
	}
	sessions, err := c.cfg.Sessions.Sessions(c.r.Context(), c.person.ID)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		if sessionName(&s) == one {
			return c.meDone("", c.cfg.Sessions.EndSession(c.r.Context(), s.Place))
		}
	}
	return c.meDone("", nil)
}

// sessionName names a session in a form. Whoever knows it cannot use the session: the token is not in it.
func sessionName(s *ledger.Session) string { return base64.RawURLEncoding.EncodeToString(s.Place[:]) }

// deviceView is a new device as a page shows it.
type deviceView struct {
	QR     qrcode.Picture
	Text   string
	Sealed string // the seed, so that the form brings it back and nobody else reads it
}

// issuer names the server on devices.
func (c *call) issuer() string {
	host := strings.TrimPrefix(strings.TrimPrefix(c.cfg.URL, "https://"), "http://")
	return "Tongka " + host
}

func (c *call) showDevice() error { return c.device(signin.NewDevice(c.person, c.issuer()), "") }

func (c *call) device(d signin.Device, fault string) error {
	picture, err := qrcode.Draw(d.URL)
	if err != nil {
		return err
	}
	sealed := base64.RawURLEncoding.EncodeToString(c.cfg.Vault.Seal(c.deviceContext(), d.Seed))
	status := http.StatusOK
	if fault != "" {
		status = http.StatusUnprocessableEntity
	}
	return c.show(status, devicePage(c.view(wDevice), deviceView{picture, d.Text, sealed}, fault))
}

// deviceContext binds the seed in a form to whoever it was made for.
func (c *call) deviceContext() string {
	return "console new device " + base64.RawURLEncoding.EncodeToString(c.session.Place[:])
}

func (c *call) saveDevice() error {
	sealed, err := base64.RawURLEncoding.DecodeString(c.r.PostFormValue("seed"))
	if err != nil {
		return errNowhere
	}
	seed, err := c.cfg.Vault.Unseal(c.deviceContext(), sealed)
	if err != nil {
		return c.to(Base + "me/device") // the form is of another session
	}
	again := signin.DeviceOf(seed, c.person, c.issuer())
	fault, err := c.confirm()
	if err != nil {
		return err
	}
	if fault != "" {
		return c.device(again, fault)
	}
	codes, err := c.cfg.SignIn.SetDevice(c.r.Context(), c.by(), c.person.ID, seed, c.r.PostFormValue("code"),
		c.session.Place)
	if errors.Is(err, signin.ErrCode) {
		return c.device(again, c.lang.of(wDeviceWrong))
	}
	if fault, err := c.notChanged(err); fault != "" || err != nil {
		return c.meDone(fault, err)
	}
	return c.show(http.StatusOK, recoveryPage(c.view(wRecovery), codes))
}

func (c *call) dropDevice() error {
	fault, err := c.confirm()
	if fault != "" || err != nil {
		return c.meDone(fault, err)
	}
	return c.meDone(c.notChanged(c.cfg.SignIn.DropDevice(c.r.Context(), c.by(), c.person.ID, c.session.Place)))
}
