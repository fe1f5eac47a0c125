package api

import (
	"net/http"
	"slices"
	"strings"
)

// Headers that pages of other sites may send, and read from answers.
const (
	sentHeaders = "Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID, Accept-Language, " +
		merchantHeader
	readHeaders = "ETag, Idempotent-Replayed, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
)

// shared lets pages of listed sites call the API from browsers. No cookie is ever read here, so a page of another site
// could do nothing but fail; it is not even told why.
func (a *API) shared(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin == "" {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Add("Vary", "Origin")
		if !slices.Contains(a.cfg.Origins, origin) {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", readHeaders)
		if r.Method != http.MethodOptions {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Methods", strings.Join(a.methodsAt(r.URL.Path), ", "))
		h.Set("Access-Control-Allow-Headers", sentHeaders)
		h.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
	})
}
