package httpd

import (
	"net/http"
	"strconv"
	"time"
)

// RetryAfter says in an answer's header, in whole seconds, when to ask again.
func RetryAfter(h http.Header, wait time.Duration) {
	seconds := max(1, int64((wait+time.Second-1)/time.Second))
	h.Set("Retry-After", strconv.FormatInt(seconds, 10))
}
