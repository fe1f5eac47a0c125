package httpd

import (
	"net/http"
	"net/netip"
	"time"
)

// Screen is what all pages for browsers pass before they are answered: headers, a rate limit, and the refusal of forms
// from other sites and of what is no text.
type Screen struct {
	Dialect string // names the pages in logs and metrics
	Origins *http.CrossOriginProtection
	Loads   string // what pages may load besides scripts, styles and pictures of their own, as the policy writes it
	MaxForm int64  // bytes of a form without files
	// Wait returns how long an address must wait before its next request; nil = there is no limit.
	Wait func(netip.Addr) time.Duration
	// Refuse answers with a page. Outcome on the note says why: one of those below.
	Refuse func(w http.ResponseWriter, r *http.Request, status int)
}

// Outcomes of what a Screen refuses.
const (
	OutRate       = "rate"       // status 429
	OutOrigin     = "origin"     // 403
	OutUnreadable = "unreadable" // 400, or 413 for a form that is too large
)

// policy allows a page to load only its own files, and forbids scripts and styles within a page and being shown in a
// frame (threat E4).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Wrap returns the pages behind the screen.
func (s Screen) Wrap(pages http.Handler) http.Handler {
	policy := policy
	if s.Loads != "" {
		policy += "; " + s.Loads
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		// Addresses may contain links, so no other site may learn them. no-referrer would be too strict: browsers that do
		// not send Sec-Fetch-Site would then hide the origin of the pages' own forms.
		h.Set("Referrer-Policy", "strict-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Robots-Tag", "noindex")
		h.Set("Cache-Control", "no-store")
		note := NoteOf(r.Context())
		note.Dialect, note.Endpoint, note.Outcome = s.Dialect, "unknown", "ok"
		if s.Wait != nil {
			if wait := s.Wait(note.Neighbourhood()); wait > 0 {
				note.Outcome = OutRate
				RetryAfter(h, wait)
				s.Refuse(w, r, http.StatusTooManyRequests)
				return
			}
		}
		if err := s.Origins.Check(r); err != nil {
			note.Outcome = OutOrigin
			s.Refuse(w, r, http.StatusForbidden)
			return
		}
		if status := readable(r, s.MaxForm); status != 0 {
			note.Outcome = OutUnreadable
			s.Refuse(w, r, status)
			return
		}
		pages.ServeHTTP(w, r)
	})
}
