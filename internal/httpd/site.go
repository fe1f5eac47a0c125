package httpd

import "net/http"

// Foreign reports whether a page of another site asked for something, as the browser says: for a GET that gives a file
// or leaves an entry, which passes the check of forms.
func Foreign(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return false
	}
	return true
}
