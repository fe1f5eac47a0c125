package httpd

import "testing"

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
