package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Limits of an exchange.
const (
	defaultTries = 4
	firstPause   = 250 * time.Millisecond // doubled after each try; a random part of up to half is added
	longestPause = 30 * time.Second       // if the server wants a longer one, the request is not repeated
	maxAnswer    = 4 << 20                // far above 500 entries of history, 500 cards or 500 coupons
	maxFile      = 64 << 20               // twice the largest file that is taken
)

// ordinary is the HTTP client used if the caller has set none.
var ordinary = &http.Client{Timeout: 30 * time.Second}

var (
	errTooLong    = errors.New("answer is too long")
	errUnreadable = errors.New("answer is not valid on this wire")
)

// exchange is one request with the rules for repeating it.
type exchange struct {
	http  *http.Client // nil = ordinary
	tries int          // 0 = defaultTries
	// repeatable is true if the server carries the request out only once, however often it is sent.
	repeatable bool
	// named is true if the request has the header Idempotency-Key. net/http then repeats it on its own when a connection
	// breaks, so a dial error does not say that it was never sent.
	named bool
	// file is true if a success is a file. All other answers are JSON.
	file bool
	// build makes a new request for each try.
	build func() (*http.Request, error)
}

// reply is the last answer.
type reply struct {
	status int
	header http.Header
	body   []byte
	// open is true if some try left it unknown whether the request was carried out.
	open bool
}

// run sends the request until it is answered, must not be repeated, has been sent often enough or ctx ends.
func (e *exchange) run(ctx context.Context) (reply, error) {
	c, tries, open := e.client(), e.tries, false
	if tries <= 0 {
		tries = defaultTries
	}
	for try := 1; ; try++ {
		if err := ctx.Err(); err != nil {
			return reply{open: open}, err
		}
		req, err := e.build()
		if err != nil {
			return reply{open: open}, err
		}
		r, err := e.send(c, req.WithContext(ctx))
		open = open || e.leavesOpen(r, err)
		r.open = open
		if try >= tries || !e.again(r, err) || !pause(ctx, r.wait(try)) {
			return r, err
		}
	}
}

// client returns an HTTP client that follows no redirect: neither wire has redirects, and neither a change nor a
// token must go to another address.
func (e *exchange) client() *http.Client {
	c := *ordinary
	if e.http != nil {
		c = *e.http
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// leavesOpen reports whether a try may have been carried out, though its answer does not say that it was.
func (e *exchange) leavesOpen(r reply, err error) bool {
	if err != nil {
		return e.named || !unsent(err)
	}
	return r.failed() || e.unreadable(r)
}

// again reports whether a try may be repeated. One that certainly was not carried out always may.
func (e *exchange) again(r reply, err error) bool {
	if err != nil {
		return unsent(err) || (e.repeatable && !errors.Is(err, errTooLong))
	}
	return r.busy() || r.undone() || (e.repeatable && (r.failed() || e.unreadable(r)))
}

// failed reports whether a status says nothing of what was done: that of a failure, or a 408 of somebody between, who
// may have waited for the server.
func (r reply) failed() bool {
	if r.status == http.StatusRequestTimeout {
		return !r.isProblem()
	}
	return r.status >= 500 && !r.undone()
}

// unreadable reports whether a success says nothing.
func (e *exchange) unreadable(r reply) bool {
	return success(r.status) && !e.file && (!json.Valid(r.body) || isNull(r.body))
}

// busy reports whether there are too many requests just now. Any other 429, like that for a password that was wrong too
// often, stays one however soon it is asked again.
func (r reply) busy() bool {
	return r.status == http.StatusTooManyRequests &&
		(r.header.Get("Retry-After") != "" || r.problem().Code == codeRate)
}

// undone reports whether Tongka itself says that this try did nothing. A 503 of a proxy has another body.
func (r reply) undone() bool {
	if r.status != http.StatusServiceUnavailable {
		return false
	}
	return bytes.Contains(r.body, []byte("本次未处理")) || r.isProblem()
}

// unsent reports whether there was no connection on which the request could have been sent. net/http returns a
// dial error only if no earlier connection had the request, unless the request is named: see exchange.
func unsent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// send sends one try. If the answer is not a success, it does not matter that its body is cut short.
func (e *exchange) send(c *http.Client, req *http.Request) (reply, error) {
	res, err := c.Do(req)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // the URL of a dc78 request contains its signature
		}
		return reply{}, fmt.Errorf("%s: %w", req.URL.Path, err)
	}
	defer func() { _ = res.Body.Close() }()
	r := reply{status: res.StatusCode, header: res.Header}
	most := maxAnswer
	if e.file {
		most = maxFile
	}
	r.body, err = io.ReadAll(io.LimitReader(res.Body, int64(most)+1))
	if err == nil && len(r.body) > most {
		err = fmt.Errorf("%w: more than %d bytes", errTooLong, most)
	}
	if err != nil && success(r.status) {
		return r, fmt.Errorf("%s: %w", req.URL.Path, err)
	}
	return r, nil
}

func success(status int) bool { return status/100 == 2 }

// wait returns how long to wait after a try: longer each time, and at least as long as the server asks for.
func (r reply) wait(try int) time.Duration {
	d := firstPause << min(try-1, 10)
	d += rand.N(d / 2)
	if seconds, err := strconv.ParseUint(r.header.Get("Retry-After"), 10, 32); err == nil {
		d = max(d, time.Duration(seconds)*time.Second)
	}
	return d
}

// pause waits and returns true, unless the wait would be too long or longer than ctx lasts: then it returns
// false, because the caller gains more from what is known already.
func pause(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); d > longestPause || (ok && time.Until(deadline) <= d) {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done(): // run returns ctx's error
	}
	return true
}

func isNull(body []byte) bool { return bytes.Equal(bytes.TrimSpace(body), []byte("null")) }

// decode reads a body that must be JSON. If need is not empty, the body must be an object with these members.
func decode(body []byte, into any, need ...string) error {
	if isNull(body) {
		return errUnreadable
	}
	if len(need) > 0 {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(body, &members); err != nil {
			return fmt.Errorf("%w: %w", errUnreadable, err)
		}
		for _, name := range need {
			if m := members[name]; m == nil || string(m) == "null" {
				return fmt.Errorf("%w: %s is missing", errUnreadable, name)
			}
		}
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return nil
}

// endpoint returns the address of a path under base.
func endpoint(base, path string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(base, "/") + path)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("base URL %q: want http:// or https:// and a host", base)
	}
	return u, nil
}
