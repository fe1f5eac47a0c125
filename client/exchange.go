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
	firstPause   = 250 * time.Millisecond // doubled after each try, and up to half of it more
	longestPause = 30 * time.Second       // a server that wants more is not asked again
	maxAnswer    = 4 << 20                // far above 500 entries of history, 500 cards or 500 coupons
)

// ordinary is the HTTP client for those who bring none.
var ordinary = &http.Client{Timeout: 30 * time.Second}

var (
	errTooLong    = fmt.Errorf("answer is longer than %d bytes", maxAnswer)
	errUnreadable = errors.New("answer is not what the wire has")
)

// exchange is one request and how often it may be sent.
type exchange struct {
	http  *http.Client // nil = ordinary
	tries int          // 0 = defaultTries
	// repeatable says that the wire carries the request out once, however often it comes.
	repeatable bool
	// build makes the request anew for each try.
	build func() (*http.Request, error)
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   []byte
	// open says that some try left it open whether the request was carried out.
	open bool
}

// run sends the request until it is answered, may not be repeated, was sent often enough or ctx ends.
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
		r, err := send(c, req.WithContext(ctx))
		open = open || (err != nil && !unsent(err)) || (r.status >= 500 && !r.undone())
		r.open = open
		if try >= tries || !e.again(r, err) || !pause(ctx, r.wait(try)) {
			return r, err
		}
	}
}

// client follows no redirect: neither wire has any, and a change or a token must not go elsewhere.
func (e *exchange) client() *http.Client {
	c := *ordinary
	if e.http != nil {
		c = *e.http
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// again tells whether a try may be repeated. What certainly was not carried out always may.
func (e *exchange) again(r reply, err error) bool {
	if err != nil {
		return unsent(err) || (e.repeatable && !errors.Is(err, errTooLong))
	}
	return r.status == http.StatusTooManyRequests || r.undone() || (e.repeatable && r.status >= 500)
}

// undone reports whether Tongka itself says that this try did nothing. A proxy's 503 has another body.
func (r reply) undone() bool {
	return r.status == http.StatusServiceUnavailable && bytes.Contains(r.body, []byte("本次未处理"))
}

// unsent tells that there was no connection to send anything on. net/http reports it only when no
// earlier connection had the request, because no request here has an Idempotency-Key header, which
// would have it sent again unasked.
func unsent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// send is one try. Of an answer that is no success a body cut short does no harm.
func send(c *http.Client, req *http.Request) (reply, error) {
	res, err := c.Do(req)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // the URL of a dc78 request holds its signature
		}
		return reply{}, fmt.Errorf("%s: %w", req.URL.Path, err)
	}
	defer func() { _ = res.Body.Close() }()
	r := reply{status: res.StatusCode, header: res.Header}
	r.body, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err == nil && len(r.body) > maxAnswer {
		err = errTooLong
	}
	if err != nil && success(r.status) {
		return r, fmt.Errorf("%s: %w", req.URL.Path, err)
	}
	return r, nil
}

func success(status int) bool { return status/100 == 2 }

// wait is how long to wait after a try: longer each time, and no shorter than the server asks for.
func (r reply) wait(try int) time.Duration {
	d := firstPause << min(try-1, 10)
	d += rand.N(d / 2)
	if seconds, err := strconv.ParseUint(r.header.Get("Retry-After"), 10, 32); err == nil {
		d = max(d, time.Duration(seconds)*time.Second)
	}
	return d
}

// pause waits, unless that would take too long or longer than ctx lasts: what is known already helps
// more then.
func pause(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); d > longestPause || (ok && time.Until(deadline) <= d) {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done(): // run answers its error
	}
	return true
}

// decode reads a body that must be JSON and, where it is an object, have the members of need.
func decode(body []byte, into any, need ...string) error {
	if bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
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

// endpoint is the address of a path under base.
func endpoint(base, path string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(base, "/") + path)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("base URL %q: want http:// or https:// and a host", base)
	}
	return u, nil
}
