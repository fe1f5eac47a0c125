package httpd

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// readable returns 0 if a request has an address and a form that no database refuses, and otherwise the status that
// says what is wrong: 400, or 413 for a form above maxForm bytes. After it pages find the form in PostForm, but for one
// with files, which it leaves unread.
func readable(r *http.Request, maxForm int64) int {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || !isText(r.URL.Path) || !areTexts(query) {
		return http.StatusBadRequest
	}
	AllowBody(r, maxForm)
	err = r.ParseForm()
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return http.StatusRequestEntityTooLarge
	}
	if err != nil || !areTexts(r.PostForm) {
		return http.StatusBadRequest
	}
	return 0
}

func areTexts(values url.Values) bool {
	for name, all := range values {
		for _, v := range all {
			if !isText(v) {
				return false
			}
		}
		if !isText(name) {
			return false
		}
	}
	return true
}

// isText reports whether a database can look for a text: PostgreSQL takes no NUL, and nothing that is no UTF-8.
func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }
