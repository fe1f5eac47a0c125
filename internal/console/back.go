package console

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"tongka/internal/httpd"
)

// Whoever is asked to sign in comes back to the page that was asked for, whatever proves who it is: the browser keeps
// which one that was.

// backFor is how long it does, and backMost the longest address that is worth it.
const (
	backFor  = time.Hour
	backMost = 1000
)

// keepWayBack has the browser keep the page that was asked for, or from which a form was sent. A part of a page that a
// script asks for, and a file, are none.
func (c *call) keepWayBack() {
	r := c.r
	dest := r.Header.Get("Sec-Fetch-Dest")
	if r.Header.Get("HX-Request") != "" || dest != "" && dest != "document" || path.Ext(r.URL.Path) != "" {
		return
	}
	back := r.URL.RequestURI()
	if r.Method != http.MethodGet {
		back = c.pageOfForm()
	}
	if len(back) <= backMost {
		c.keep(backCookie, url.QueryEscape(back), backFor)
	}
}

// pageOfForm returns the address of the page whose form was sent: that of the form itself, or the next one above it.
func (c *call) pageOfForm() string {
	if c.isPage(c.r.URL.Path) {
		return c.r.URL.RequestURI()
	}
	at := c.r.URL.Path
	for at != Base && !c.isPage(at) {
		at = at[:strings.LastIndexByte(strings.TrimSuffix(at, "/"), '/')+1]
		if trimmed := strings.TrimSuffix(at, "/"); c.isPage(trimmed) {
			at = trimmed
		}
	}
	return (&url.URL{Path: at}).RequestURI()
}

// isPage reports whether there is a page at a path.
func (c *call) isPage(at string) bool {
	_, pattern := c.pages.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: at}})
	return strings.HasPrefix(pattern, http.MethodGet+" ")
}

// wayBack returns the page to which whoever has signed in comes back.
func (c *call) wayBack() string {
	kept, err := url.QueryUnescape(c.cookie(backCookie))
	if err != nil {
		return Base
	}
	return httpd.Within(Base, kept)
}
