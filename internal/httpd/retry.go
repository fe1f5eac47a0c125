package httpd

import (
	"net/http"
	"strconv"
	"time"
)

// RetryAfter sets the header that says when to try again, in whole seconds, rounded up.
func RetryAfter(h http.Header, wait time.Duration) {
	seconds := max(1, int64((wait+time.Second-1)/time.Second))
	h.Set("Retry-After", strconv.FormatInt(seconds, 10))
}
