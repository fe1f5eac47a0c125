package httpd

import (
	"fmt"
	"net/http"
	"runtime/debug"
)

// Recover turns a panic of next into the answer that fail writes in its dialect, and records the panic for the
// log. If part of an answer was sent already, it closes the connection instead, so that nobody takes half an
// answer for a whole one.
func Recover(next http.Handler, fail http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler { //nolint:errorlint // the very value, as net/http compares it
				panic(v)
			}
			note := NoteOf(r.Context())
			note.Outcome = "panic"
			note.Err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
			if started(w) {
				panic(http.ErrAbortHandler)
			}
			fail(w, r)
		}()
		next.ServeHTTP(w, r)
	})
}
