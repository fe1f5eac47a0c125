package httpd

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"time"
)

// wrap adds the limits and the log to a handler.
func wrap(handler http.Handler, cfg Config) http.Handler {
	handler = Recover(handler, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "internal error", http.StatusInternalServerError)
	})
	inFlight := newTally(cfg.MaxInFlight, cfg.MaxInFlightOfOne)
	uploads := newTally(cfg.MaxUploads, cfg.MaxUploads)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := cfg.Clock()
		note := &Note{ID: rand.Text(), At: start, Client: clientOf(r, cfg.Proxies), Relayed: relayed(r, cfg.Proxies)}
		if !note.Client.IsValid() {
			note.proxy = addrOf(r.RemoteAddr)
		}
		if outer, inside := r.Context().Value(noteKey{}).(*Note); inside {
			outer.Inner, note.Tried = note, true
		}
		r = r.WithContext(context.WithValue(r.Context(), noteKey{}, note))
		cleanPath(r)
		kept := newKeeper(&cfg, note)
		read := &counted{
			ReadCloser: http.MaxBytesReader(w, r.Body, cfg.MaxBodyBytes), w: w, whole: r.Body,
			inFlight: inFlight, uploads: uploads, from: note.Neighbourhood(), kept: kept,
		}
		r.Body = read
		defer func() { read.inFlight.give(read.from, read.taken, false) }()
		sent := &recorded{ResponseWriter: w, kept: kept}
		sent.Header().Set("X-Request-Id", note.ID)
		defer func() {
			took := cfg.Clock().Sub(start)
			finish(cfg, r, note, Done{
				Dialect: note.Dialect, Endpoint: note.Endpoint, Outcome: note.Outcome, Status: sent.status(), Took: took,
			}, read.n)
			kept.end(cfg.Keep, Exchange{
				Request: r, At: start, Took: took, Status: sent.status(), BodyLen: read.n, AnswerLen: sent.n,
			})
		}()
		handler.ServeHTTP(sent, r)
	})
}

// finish logs a request and passes it to the metrics.
func finish(cfg Config, r *http.Request, note *Note, done Done, bytesIn int64) {
	level := slog.LevelInfo
	if done.Status >= http.StatusInternalServerError && r.Context().Err() == nil { // and the caller is still waiting
		level = slog.LevelError
	}
	if log := cfg.Logger.Handler(); log.Enabled(r.Context(), level) {
		// A logger would look up the source line of the call. The record is made without one, because every line
		// says "request".
		line := slog.NewRecord(cfg.Clock(), level, "request", 0)
		line.AddAttrs(
			slog.String("id", note.ID),
			slog.String("method", method(r.Method)),
			slog.String("route", r.Pattern),
			slog.Int("status", done.Status),
			slog.String("outcome", note.Outcome),
			slog.Int64("us", done.Took.Microseconds()),
			slog.String("agent", note.Agent),
			slog.Int64("merchant", int64(note.Merchant)),
			slog.Int64("bytes", bytesIn),
		)
		if note.Client.IsValid() {
			line.AddAttrs(slog.String("from", note.Client.String()))
		} else {
			line.AddAttrs(slog.String("from", "unknown"), slog.String("proxy", note.proxy.String()))
		}
		if note.Endpoint != "" {
			line.AddAttrs(slog.String("endpoint", note.Endpoint))
		}
		if note.Reason != "" {
			line.AddAttrs(slog.String("reason", note.Reason))
		}
		if note.Astray || done.Status == http.StatusNotFound {
			line.AddAttrs(slog.String("path", loggable(r.URL.Path)))
		}
		if note.Err != nil {
			line.AddAttrs(slog.String("error", note.Err.Error()))
		}
		_ = log.Handle(r.Context(), line) // a log that cannot be written cannot say so
	}
	if cfg.Observe != nil {
		cfg.Observe(done)
	}
}

const (
	longestPath    = 100 // bytes of an unknown path that are logged
	longestSegment = 20  // bytes of a segment that may be a name
	mostDigits     = 4   // in a segment that may be a name, such as api2 or dc78
)

// loggable returns an unknown path as the log may have it, so that an operator sees what a till or a proxy got wrong.
// The caller chose the path, and a mistyped prefix before a holder's link leaves the link in it: a segment that may
// be a token, a phone or a card number is replaced by an ellipsis.
func loggable(path string) string {
	segments := strings.Split(path[:min(len(path), longestPath)], "/")
	for i, s := range segments {
		if !isName(s) {
			segments[i] = "…"
		}
	}
	return strings.Join(segments, "/")
}

// isName reports whether a segment of a path reads like the name of a route.
func isName(segment string) bool {
	digits := 0
	for _, c := range []byte(segment) {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case 'a' <= c|0x20 && c|0x20 <= 'z', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return digits <= mostDigits && len(segment) <= longestSegment
}

// method returns the request's method if it is a standard one. Other methods are text of the caller's choice, and
// must stay out of the log.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return m
	}
	return "other"
}

// cleanPath removes empty and dot segments. The mux would answer with a redirect, which turns a POST into a GET
// in many clients.
func cleanPath(r *http.Request) {
	p := r.URL.Path
	clean := path.Clean("/" + p)
	if strings.HasSuffix(p, "/") && clean != "/" {
		clean += "/"
	}
	if clean != p && r.Method != http.MethodConnect {
		u := *r.URL
		u.Path, u.RawPath = clean, ""
		r.URL = &u
	}
}

// AllowBody lets a request have a body of up to most bytes, for routes that take more than Config.MaxBodyBytes.
// It must be called before any of the body is read.
func AllowBody(r *http.Request, most int64) {
	if c, ok := r.Body.(*counted); ok {
		c.ReadCloser = http.MaxBytesReader(c.w, c.whole, most)
	}
}

// AllowUpload lets a request have a body of up to most bytes, a file, and the sender so long to send it. Its bytes are
// counted apart from those of other requests, so that no till waits for somebody who sends a file. It must be called
// before any of the body is read, for people who may send files only.
func AllowUpload(w http.ResponseWriter, r *http.Request, most int64, patience time.Duration) {
	c, ok := r.Body.(*counted)
	if !ok {
		return
	}
	AllowBody(r, most)
	c.inFlight = c.uploads
	// A server that cannot set deadlines for one request keeps its own.
	until := time.Now().Add(patience)
	_ = http.NewResponseController(w).SetReadDeadline(until)
	_ = http.NewResponseController(w).SetWriteDeadline(until.Add(answerTime))
}

// answerTime is how long the answer to an upload may take.
const answerTime = time.Minute

// counted counts the bytes read of a body, and returns ErrBusy if they exceed what may be in flight.
type counted struct {
	io.ReadCloser
	n int64

	w     http.ResponseWriter
	whole io.ReadCloser // the body without its limit

	inFlight *tally
	uploads  *tally // takes the place of inFlight for a file
	from     netip.Addr
	taken    int64 // bytes taken from inFlight
	kept     *keeper
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n += int64(n)
	c.kept.read(p[:n])
	if n > 0 && !c.inFlight.take(c.from, int64(n), false) {
		return 0, ErrBusy
	}
	c.taken += int64(n)
	return n, err
}

// recorded keeps the status that was sent.
type recorded struct {
	http.ResponseWriter
	code int // 0 = nothing sent yet
	n    int64
	kept *keeper
}

func (r *recorded) WriteHeader(code int) {
	if r.code == 0 && code >= http.StatusOK {
		r.code = code
	}
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorded) Write(p []byte) (int, error) {
	if r.code == 0 {
		r.code = http.StatusOK
	}
	r.n += int64(len(p))
	r.kept.sent(p)
	return r.ResponseWriter.Write(p)
}

// Unwrap gives http.ResponseController the underlying writer.
func (r *recorded) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorded) status() int { return or(r.code, http.StatusOK) }

// started reports whether part of an answer was sent, so that it cannot be replaced any more.
func started(w http.ResponseWriter) bool {
	r, ok := w.(*recorded)
	return ok && r.code != 0
}
