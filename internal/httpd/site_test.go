package httpd

import (
	"net/http/httptest"
	"testing"
)

// Whoever is led back to a page is led to none of another host, and to none beside those under the base.
func TestWithin(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"/console/": "/console/", "/console/m/1/cards?q=%E5%BC%A0&page=2": "/console/m/1/cards?q=%E5%BC%A0&page=2",
		"/console/m/1/#top": "/console/m/1/", "/console/a%2Fb": "/console/a%2Fb",
	} {
		if got := Within("/console/", address); got != want {
			t.Errorf("%q leads to %q, want %q", address, got, want)
		}
	}
	for _, foreign := range []string{
		"", "https://evil.example/console/", "//evil.example/console/", "http:/console/", "javascript:alert(1)", "%zz",
		"/console//evil.example", "/console/%2F/evil.example", `/console/\evil.example`, "/console/%5Cevil.example",
		`\\evil.example/console/`, "/console/../m/", "/console/%2e%2e/m/", "/consoles/", "/m/", "console/", "me",
		"//owner@evil.example/console/", "/console/\r\nSet-Cookie: a=b", "/\t/evil.example/console/",
	} {
		if got := Within("/console/", foreign); got != "/console/" {
			t.Errorf("%q leads to %q", foreign, got)
		}
	}
}

// A file is sent to pages of the server only. Where the browser does not say whose page asks, as over plain HTTP, the
// page that leads there must be the server's, by the host that was asked or by the address that it is configured with.
func TestForeign(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, site, referer string
		want                  bool
	}{
		{"GET", "same-origin", "", false}, {"GET", "none", "", false}, {"GET", "cross-site", "http://10.0.0.5/", true},
		{"GET", "same-site", "", true}, {"GET", "", "", true}, {"GET", "", "http://evil.example/", true},
		{"GET", "", "http://10.0.0.5/", false}, {"GET", "", "https://card.example.com/", false},
		{"GET", "", "http://10.0.0.5.evil.example/", true}, {"GET", "", "%zz", true}, {"GET", "", "/console/", true},
		{"POST", "", "", false}, {"POST", "cross-site", "", true}, // forms without it are told by their origin
	} {
		r := httptest.NewRequest(c.method, "http://10.0.0.5/console/m/1/cards.csv", nil)
		r.Header.Set("Sec-Fetch-Site", c.site)
		r.Header.Set("Referer", c.referer)
		if got := Foreign(r, "https://card.example.com"); got != c.want {
			t.Errorf("%+v: %t", c, got)
		}
	}
}
