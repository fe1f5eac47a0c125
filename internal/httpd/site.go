package httpd

import (
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Foreign reports whether a page of another site asked for something, as the browser says: for a GET that gives a file
// or leaves an entry, which passes the check of forms.
func Foreign(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return false
	}
	return true
}

// Within returns an address if it is that of a page under base, which ends with a slash, of this server: its path and
// query, and nothing that a browser could take for another host. Any other is base.
func Within(base, address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.Contains(u.Path, "//") ||
		strings.Contains(u.Path, `\`) || !strings.HasPrefix(path.Clean(u.Path)+"/", base) {
		return base
	}
	return u.RequestURI()
}
