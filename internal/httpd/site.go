package httpd

import (
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Foreign reports whether a page of another site asked for something, as the browser says: for a GET that gives a file
// or leaves an entry, which passes the check of forms. A browser that does not say, as over plain HTTP, names the page
// that leads there instead: it must be one of the host that was asked, or of home, where browsers reach the server.
func Foreign(r *http.Request, home string) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "none", "same-origin":
		return false
	case "":
		return r.Method == http.MethodGet && !ledFrom(r, home)
	}
	return true
}

// ledFrom reports whether a page of the server leads to where a request is.
func ledFrom(r *http.Request, home string) bool {
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host == "" {
		return false
	}
	at, err := url.Parse(home)
	return from.Host == r.Host || err == nil && from.Host == at.Host
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
