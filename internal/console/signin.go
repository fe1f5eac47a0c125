package console

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
	"tongka/internal/signin"
)

// notDone is in the address to which whoever sent a form and is not signed in any more is led.
const notDone = "not-done"

func (c *call) showSignIn() error {
	if c.person != nil {
		return c.to(Base)
	}
	fault := ""
	if c.r.URL.Query().Has(notDone) {
		fault = c.lang.of(wNotDone)
	}
	v := c.view(wSignIn)
	if len(c.cfg.Directory.People()) == 0 {
		v.notice = c.lang.of(wNobodyYet)
	}
	return c.show(http.StatusOK, signInPage(v, "", fault))
}

func (c *call) signIn() error {
	name := c.r.PostFormValue("name")
	in, half, err := c.cfg.SignIn.Password(c.r.Context(), name, c.r.PostFormValue("password"), c.from())
	switch {
	case errors.Is(err, signin.ErrWrong), errors.Is(err, signin.ErrTries):
		c.note().Outcome = "refused"
		return c.show(http.StatusUnprocessableEntity, signInPage(c.view(wSignIn), name, c.lang.of(c.whySignIn(err))))
	case err != nil:
		return err
	case in == nil:
		c.keep(halfCookie, half, signin.HalfFor)
		return c.show(http.StatusOK, codePage(c.view(wCode), "", c.cfg.SignIn.OffersPasskey(half)))
	}
	return c.welcome(in)
}

// showCode asks for the code of whoever has typed the password, once more: the page may be read in another language.
func (c *call) showCode() error {
	half := c.cookie(halfCookie)
	if half == "" {
		return c.to(Base + "sign-in")
	}
	return c.show(http.StatusOK, codePage(c.view(wCode), "", c.cfg.SignIn.OffersPasskey(half)))
}

// code signs in whoever has typed the password, by a code or a passkey.
func (c *call) code() error {
	if c.r.PostFormValue("answer") != "" {
		return c.signInByPasskey(func(fault string) templ.Component {
			return codePage(c.view(wCode), fault, c.cfg.SignIn.OffersPasskey(c.cookie(halfCookie)))
		})
	}
	in, err := c.cfg.SignIn.Code(c.r.Context(), c.cookie(halfCookie), c.r.PostFormValue("code"), c.from())
	if errors.Is(err, signin.ErrWrong) || errors.Is(err, signin.ErrTries) {
		c.note().Outcome = "refused"
		offers := c.cfg.SignIn.OffersPasskey(c.cookie(halfCookie))
		return c.show(http.StatusUnprocessableEntity, codePage(c.view(wCode), c.lang.of(c.whySignIn(err)), offers))
	}
	if err != nil {
		return err
	}
	return c.welcome(in)
}

// whySignIn says why somebody is not signed in, and in how many hours, minutes or seconds it can be tried again.
func (c *call) whySignIn(err error) text {
	late, is := errors.AsType[*signin.TriesError](err)
	if !is {
		return wWrong
	}
	return wTriesOver.withText(text(phrase.Wait(late.Until.Sub(c.cfg.Clock()))))
}

// welcome gives the browser what somebody who is signed in has.
func (c *call) welcome(in *signin.In) error {
	c.clear(halfCookie)
	c.keep(sessionCookie, in.Token, ledger.SessionMost)
	c.keep(deviceCookie, in.Device, signin.DeviceFor)
	back := c.wayBack()
	c.clear(backCookie)
	return c.to(back)
}

func (c *call) signOut() error {
	if err := c.cfg.SignIn.Out(c.r.Context(), c.cookie(sessionCookie)); err != nil {
		return err
	}
	c.clear(sessionCookie)
	return c.to(Base + "sign-in")
}

// setLanguage keeps what somebody chose before signing in.
func (c *call) setLanguage() error {
	httpd.KeepLanguage(c.w, c.cfg.URL, c.r.PostFormValue("language"))
	return c.to(httpd.Within(Base, c.r.PostFormValue("back")))
}

// FirstLink returns the address at which the first person can be made; "" once there is somebody.
func (c *Console) FirstLink() string {
	if len(c.cfg.Directory.People()) > 0 {
		return ""
	}
	return c.cfg.URL + Base + "first?key=" + c.firstKey()
}

// firstKey is the same for all servers of a database, as any of them may be asked.
func (c *Console) firstKey() string {
	key := c.cfg.Subkey("console first 1")
	h := hmac.New(sha256.New, key[:])
	h.Write([]byte("first person"))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:24])
}

// mayBegin returns an error unless there is nobody yet and the key is right.
func (c *call) mayBegin(key string) error {
	if !hmac.Equal([]byte(key), []byte(c.firstKey())) {
		return errNowhere
	}
	if err := c.cfg.Directory.Refresh(c.r.Context()); err != nil {
		return err
	}
	if len(c.cfg.Directory.People()) > 0 {
		return errBegun
	}
	return nil
}

func (c *call) showFirst() error {
	key := c.r.URL.Query().Get("key")
	if err := c.mayBegin(key); err != nil {
		return err
	}
	return c.show(http.StatusOK, firstPage(c.firstView(), key, personForm{}, ""))
}

// firstView is what the form is shown with, by whose own buttons the language is chosen: it has the key.
func (c *call) firstView() view {
	v := c.view(wFirst)
	v.filling = "first"
	return v
}

// first makes the owner of the server and signs in.
func (c *call) first() error {
	key := c.r.PostFormValue("key")
	if err := c.mayBegin(key); err != nil {
		return err
	}
	form := personForm{Name: c.r.PostFormValue("person"), SignIn: c.r.PostFormValue("name")}
	if language := ledger.Language(c.r.PostFormValue("language")); language != "" {
		return c.firstAnew(language, key, form)
	}
	owner := ledger.Person{
		ID: 1, SignIn: ledger.FoldSignIn(form.SignIn), Name: strings.TrimSpace(form.Name), Language: ledger.Language(c.lang),
		Grants: []ledger.PersonGrant{{Merchant: ledger.HostID, Permissions: ledger.AllPermissions}},
	}
	fault, err := c.newPerson(ledger.Caller{Operator: "first start", Address: c.address()}, &owner)
	if err != nil {
		return err
	}
	if fault != "" {
		return c.show(http.StatusUnprocessableEntity, firstPage(c.firstView(), key, form, fault))
	}
	in, _, err := c.cfg.SignIn.Password(c.r.Context(), owner.SignIn, c.r.PostFormValue("new"), c.from())
	if err != nil {
		return err
	}
	return c.welcome(in)
}

// firstAnew shows the form in another language, with what was typed; passwords are never sent back.
func (c *call) firstAnew(language ledger.Language, key string, form personForm) error {
	if language != ledger.Chinese && language != ledger.English {
		return errNowhere
	}
	httpd.KeepLanguage(c.w, c.cfg.URL, string(language))
	c.lang = lang(language)
	return c.show(http.StatusOK, firstPage(c.firstView(), key, form, ""))
}

// newPerson makes a person with the password of the form. fault is what is wrong with what was typed.
func (c *call) newPerson(by ledger.Caller, p *ledger.Person) (fault string, err error) {
	password, fault := c.typedPassword(p)
	if fault != "" {
		return fault, nil
	}
	if p.Password, err = c.cfg.SignIn.Hash(c.r.Context(), password); err != nil {
		return "", err
	}
	return c.change(by, p)
}

// typedPassword returns the new password of a form, or what is wrong with it.
func (c *call) typedPassword(of *ledger.Person) (password, fault string) {
	password = c.r.PostFormValue("new")
	if password != c.r.PostFormValue("again") {
		return "", c.lang.of(wNotSame)
	}
	switch err := signin.Acceptable(password, of); {
	case errors.Is(err, signin.ErrShort):
		return "", c.lang.of(wShort)
	case errors.Is(err, signin.ErrLong):
		return "", c.lang.of(wLong)
	case errors.Is(err, signin.ErrName):
		return "", c.lang.of(wNameInside)
	case err != nil:
		return "", c.lang.of(wCommon)
	}
	return password, ""
}

// change changes a person. fault says why that is refused.
func (c *call) change(by ledger.Caller, p *ledger.Person) (fault string, err error) {
	why, err := c.changePerson(by, p)
	if err != nil || why.Reason == 0 {
		return "", err
	}
	return c.unchanged(why), nil
}

// changePerson changes a person. why is what the core has against it; the zero Refusal is nothing.
func (c *call) changePerson(by ledger.Caller, p *ledger.Person) (why ledger.Refusal, err error) {
	if why, err = c.refusedOr(command.ChangePerson{By: by, To: *p}); err != nil || why.Reason != 0 {
		return why, err
	}
	return why, c.cfg.Directory.Refresh(c.r.Context())
}

// notChanged says why a change of a person was refused; any other error it returns.
func (c *call) notChanged(err error) (fault string, other error) {
	refusal, ok := errors.AsType[ledger.Refusal](err)
	if !ok {
		return "", err
	}
	c.note().Outcome = "refused"
	return c.unchanged(refusal), nil
}

// unchanged says why the core does not change a person.
func (c *call) unchanged(why ledger.Refusal) string {
	switch why.Reason {
	case ledger.SettingsMoved:
		return c.lang.of(wChanged)
	case ledger.NotAllowed:
		return c.lang.of(wNotYours)
	}
	field, _, _ := strings.Cut(why.Detail, ":")
	if said, ok := personFaults[field]; ok {
		return c.lang.of(wRefused) + c.lang.of(said)
	}
	return c.lang.of(wRefused) + why.Detail
}

// personFaults are what the core has against the fields of a person that people fill in.
var personFaults = map[string]text{
	"sign_in": {
		"登录名已有人使用，或与别人的看起来太像，或者不是1至64个字符",
		"the name to sign in by is somebody else's, or looks too much like it, or has not 1 to 64 characters",
	},
	"name":     {"姓名须为1至64个可见字符", "want a name of 1 to 64 visible characters"},
	"passkeys": {"通行密钥已登记过，或者太多", "the passkey is registered already, or there are too many"},
	"grants":   {"权限或门店不对，请重新选择", "the permissions or shops are not right: choose them again"},
}
