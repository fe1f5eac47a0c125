package httpd

import (
	"net/http"
	"strings"
)

// Cookie returns a cookie of that name, without its value, for pages that browsers reach at url. Over HTTPS its name
// makes browsers refuse one that was set by another host, for a path or over plain HTTP.
func Cookie(url, name string) http.Cookie {
	c := http.Cookie{Name: name, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if strings.HasPrefix(url, "https://") {
		c.Name, c.Secure = "__Host-"+name, true
	}
	return c
}
