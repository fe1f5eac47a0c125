package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tongka/client"
	"tongka/internal/command"
	"tongka/internal/config"
)

var hiddenField = regexp.MustCompile(`name="(\w+)" value="([^"]*)"`)

// The till shows the holder a link, the phone is bound by it, and pays by the code it shows. A phone that was
// reported lost can no longer pay or see anything. No link and no session is in the database or in the log.
func TestPageFromEndToEnd(t *testing.T) {
	t.Parallel()
	f := newShopFloor(t)
	ctx := t.Context()
	member, err := f.till.MbCheck(ctx, client.MbCheckRequest{Mbno: "M000123", Bind: 1})
	if err != nil {
		t.Fatal(err)
	}
	path, ok := strings.CutPrefix(string(member.BindQR), "https://card.example.com/m/")
	if !ok {
		t.Fatalf("bind_qr is %q", member.BindQR)
	}
	p := &cardPhone{t: t, base: f.till.BaseURL}
	form := p.bind("/m/" + path)
	if p.cookie == nil || p.cookie.Name != "__Host-tongka" {
		t.Fatalf("the phone has %v", p.cookie)
	}
	if body := p.ask(http.MethodGet, "/m/", nil); !strings.Contains(body, "14,573.80") {
		t.Errorf("the phone sees %s", body)
	}
	code := regexp.MustCompile(`77\d{18}`).FindString(p.ask(http.MethodGet, "/m/code", nil))
	paid, err := f.till.MbTrans(ctx, client.MbTransRequest{Action: client.TransConsume, Mbno: code, Amount: 10_00})
	if err != nil || paid.Mbno != "M000123" {
		t.Errorf("by the phone's code %s: %+v, %v", code, paid, err)
	}
	if body := p.ask(http.MethodGet, "/m/history", nil); !strings.Contains(body, "-8.00") &&
		!strings.Contains(body, "-10.00") {
		t.Errorf("the history is %s", body)
	}

	if _, err := f.service.books.engine.Do(ctx, command.ModifyDetails{
		Merchant: 10000, Card: "M000123", NewPass: true,
	}); err != nil {
		t.Fatal(err)
	}
	if body := p.ask(http.MethodGet, "/m/", nil); !strings.Contains(body, "门店已解除本手机") || strings.Contains(body, "14,5") {
		t.Errorf("a lost phone sees %s", body)
	}
	for name, data := range f.everything(t) {
		for _, secret := range []string{form.Get("bindToken"), form.Get("try"), p.cookie.Value, code} {
			if secret == "" || bytes.Contains(data, []byte(secret)) {
				t.Errorf("%q is in %s", secret, name)
			}
		}
	}
}

// A holder binds a new phone by his card's number and password, and changes the password there. Neither password is in
// the database or in the log.
func TestComeInFromEndToEnd(t *testing.T) {
	t.Parallel()
	f := newShopFloor(t)
	const first, second = "p-260817-old", "p-260817-new"
	kept := passwords{f.service.key}.hash("10000", first)
	if _, err := f.service.books.engine.Do(t.Context(), command.ModifyDetails{
		Merchant: 10000, Card: "M000123", Password: &kept,
	}); err != nil {
		t.Fatal(err)
	}
	p := &cardPhone{t: t, base: f.till.BaseURL}
	in := url.Values{"m": {"10000"}, "number": {"M000123"}, "password": {first}, "try": {"x"}}
	p.ask(http.MethodPost, "/m/in", in)
	if body := p.ask(http.MethodGet, "/m/", nil); !strings.Contains(body, "14,573.80") {
		t.Errorf("the phone sees %s", body)
	}
	p.ask(http.MethodPost, "/m/password", url.Values{"password": {first}, "new": {second}, "again": {second}})
	other := &cardPhone{t: t, base: f.till.BaseURL}
	for _, c := range []struct {
		password string
		in       bool
	}{{first, false}, {second, true}} {
		in.Set("password", c.password)
		other.ask(http.MethodPost, "/m/in", in)
		if got := other.cookie != nil; got != c.in {
			t.Errorf("%s lets a phone in: %t", c.password, got)
		}
	}
	if body := p.ask(http.MethodGet, "/m/", nil); !strings.Contains(body, "已绑定到另一部手机") {
		t.Errorf("the phone of before sees %s", body)
	}
	for name, data := range f.everything(t) {
		for _, secret := range []string{first, second} {
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("%q is in %s", secret, name)
			}
		}
	}
}

// cardPhone is a browser at the holder's page.
type cardPhone struct {
	t      *testing.T
	base   string
	cookie *http.Cookie
}

// bind opens a link and sends the form that it leads to, which it returns.
func (p *cardPhone) bind(path string) url.Values {
	p.t.Helper()
	form := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(p.ask(http.MethodGet, path, nil), -1) {
		form.Set(m[1], m[2])
	}
	p.ask(http.MethodPost, "/m/bind", form)
	return form
}

func (p *cardPhone) ask(method, path string, form url.Values) string {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if p.cookie != nil {
		r.AddCookie(p.cookie)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		p.t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		p.t.Fatal(err)
	}
	for _, c := range resp.Cookies() {
		p.cookie = c
	}
	return string(body)
}

// Without page-url there is no page, and no link to one.
func TestNoPage(t *testing.T) {
	t.Parallel()
	f := newShopFloor(t)
	f.service.settings.PageURL = ""
	mux := http.NewServeMux()
	link, err := f.service.holders(mux, nil, nil)
	if link != nil || err != nil {
		t.Errorf("got a link, %v", err)
	}
	if _, pattern := mux.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/m/"}}); pattern != "" {
		t.Errorf("/m/ is answered by %s", pattern)
	}
}

// The console is where the settings say, and else where the server listens, unless that is no address of this machine
// or a proxy may lead others to it.
func TestOfficeURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		http config.HTTP
		want string
	}{
		{config.HTTP{Addr: "127.0.0.1:0", PageURL: "https://card.example.com/"}, "https://card.example.com"},
		{config.HTTP{Addr: "127.0.0.1:0"}, "http://127.0.0.1:4711"},
		{config.HTTP{Addr: "127.0.0.1:0", TLSCert: "cert.pem"}, "https://127.0.0.1:4711"},
		{config.HTTP{Addr: "127.0.0.1:0", TrustedProxies: []string{"127.0.0.1"}}, ""},
		{config.HTTP{Addr: "0.0.0.0:0", TLSCert: "cert.pem"}, ""},
	} {
		s := service{settings: config.Settings{HTTP: c.http}, listens: "127.0.0.1:4711"}
		if got := s.officeURL(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.http, got, c.want)
		}
	}
}
