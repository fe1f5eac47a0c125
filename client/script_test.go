package client

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// act is what happens to one try.
type act struct {
	status int // 0 = 200
	body   string
	after  string // Retry-After
	header string // Name: value
	cut    bool   // the connection breaks within the body
	err    error  // no answer at all
}

var (
	errLost = errors.New("connection reset")
	errDial = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
)

// script is the network with a server behind it. Each try gets the next act; when they are used up, the last one
// repeats.
type script struct {
	acts []act

	mu    sync.Mutex
	tries []try
}

// try is one request as it was sent.
type try struct {
	at     time.Time
	method string
	path   string
	query  map[string][]string
	header http.Header
	body   string
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	s.tries = append(s.tries, try{time.Now(), req.Method, req.URL.Path, req.URL.Query(), req.Header, string(body)})
	a := s.acts[min(len(s.tries), len(s.acts))-1]
	if a.err != nil {
		return nil, a.err
	}
	res := &http.Response{
		StatusCode: max(a.status, 200), Header: http.Header{}, Request: req, Body: io.NopCloser(strings.NewReader(a.body)),
	}
	if a.after != "" {
		res.Header.Set("Retry-After", a.after)
	}
	if name, value, ok := strings.Cut(a.header, ": "); ok {
		res.Header.Set(name, value)
	}
	if a.cut {
		res.Body = io.NopCloser(io.MultiReader(strings.NewReader(a.body), broken{}))
	}
	return res, nil
}

// broken is a body that breaks off.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// sandy returns a client on a script.
func sandy(acts ...act) (*Sandy, *script) {
	s := &script{acts: acts}
	return &Sandy{BaseURL: "http://tongka.test/", Token: "test", GUID: "{G}", HTTP: &http.Client{Transport: s}}, s
}

// dc78 returns a client on a script.
func dc78(acts ...act) (*DC78, *script) {
	s := &script{acts: acts}
	return &DC78{BaseURL: "http://tongka.test", MSID: "10021", Key: vectorKey, HTTP: &http.Client{Transport: s}}, s
}

// outcome returns a word for how a call ended.
func outcome(err error) string {
	if u, ok := errors.AsType[Unsure](err); ok {
		return "unsure " + outcome(u.Err)
	}
	if e, ok := errors.AsType[Error](err); ok {
		return e.Error()
	}
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, errUnreadable):
		return "unreadable"
	case errors.Is(err, errTooLong):
		return "too long"
	case errors.Is(err, errDial):
		return "not connected"
	case errors.Is(err, errLost), errors.Is(err, io.ErrUnexpectedEOF):
		return "lost"
	}
	return err.Error()
}

// sameAgain checks that all tries sent the same body.
func sameAgain(t *testing.T, tries []try) {
	t.Helper()
	for _, try := range tries {
		if try.body != tries[0].body || try.path != tries[0].path {
			t.Errorf("sent %s %s, and again %s %s", tries[0].path, tries[0].body, try.path, try.body)
		}
	}
}
