package httpd

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestConnectionsAreBounded: connections are limited by address and in all, and closed ones make room.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }),
		Config{
			MaxConnsOfOne: 3, MaxConns: 100,
		})
	var open []net.Conn
	for range 3 {
		c := dialAndAsk(t, s.addr)
		if c == nil {
			t.Fatal("refused within the bound")
		}
		open = append(open, c)
	}
	if c := dialAndAsk(t, s.addr); c != nil {
		t.Error("one more than the bound was answered")
	}
	closing(t, open[0])
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if c := dialAndAsk(t, s.addr); c != nil {
			open[0] = c
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("a closed connection makes no room")
		}
	}
	for _, c := range open {
		closing(t, c)
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(s.log.String(), "too many connections") {
		t.Errorf("the log: %s", s.log)
	}
}

// dialAndAsk returns a connection on which one request was answered; nil if the server closed it.
func dialAndAsk(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n") // it may be closed already
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		_ = c.Close()
		return nil
	}
	_ = resp.Body.Close()
	return c
}

// TestTally: one address does not use up the room of others, a proxy is limited only in all, and a count of 0 is
// removed.
func TestTally(t *testing.T) {
	t.Parallel()
	n := newTally(10, 4)
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	for _, step := range []struct {
		from   netip.Addr
		n      int64
		exempt bool
		want   bool
	}{
		{a, 4, false, true}, {a, 1, false, false}, {b, 3, false, true}, {b, 2, false, false}, {b, 3, true, true},
		{a, 1, true, false},
	} {
		if got := n.take(step.from, step.n, step.exempt); got != step.want {
			t.Errorf("%+v: got %v", step, got)
		}
	}
	n.give(a, 4, false)
	n.give(b, 3, false)
	n.give(b, 3, true)
	if n.all != 0 || len(n.byOne) != 0 {
		t.Errorf("left: %+v", n)
	}
}

// TestBytesInFlightAreBounded: the bytes of all bodies in memory have a limit. Reading beyond it returns ErrBusy,
// and room is given back.
func TestBytesInFlightAreBounded(t *testing.T) {
	t.Parallel()
	inside, leave := make(chan bool), make(chan bool)
	h := New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		if r.URL.Path == "/wait" {
			inside <- err == nil
			<-leave
			return
		}
		inside <- !errors.Is(err, ErrBusy)
	}), Config{MaxInFlight: 1000, MaxInFlightOfOne: 100}).Handler()
	send := func(path, from string, size int) {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(strings.Repeat("x", size)))
		r.RemoteAddr = from + ":1"
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	var running sync.WaitGroup
	running.Go(func() { send("/wait", "192.0.2.1", 80) })
	if !<-inside {
		t.Fatal("refused within the bound")
	}
	for _, test := range []struct {
		from string
		size int
		want bool
	}{{"192.0.2.1", 20, true}, {"192.0.2.1", 21, false}, {"192.0.2.2", 100, true}, {"192.0.2.2", 101, false}} {
		running.Go(func() { send("/", test.from, test.size) })
		if got := <-inside; got != test.want {
			t.Errorf("%s, %d bytes: got %v", test.from, test.size, got)
		}
	}
	close(leave)
	running.Wait()
	running.Go(func() { send("/", "192.0.2.1", 100) })
	if !<-inside {
		t.Error("no room came back")
	}
	running.Wait()
}

// TestRelayed: a request that a proxy passed on is recognized as such, unless the proxy is trusted.
func TestRelayed(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, test := range []struct {
		peer, header string
		want         bool
	}{
		{"127.0.0.1:1", "", false}, {"127.0.0.1:1", "X-Forwarded-For", true}, {"127.0.0.1:1", "Forwarded", true},
		{"127.0.0.1:1", "X-Real-Ip", true}, {"10.0.0.1:1", "X-Forwarded-For", false},
	} {
		r := &http.Request{RemoteAddr: test.peer, Header: http.Header{}}
		if test.header != "" {
			r.Header.Set(test.header, "203.0.113.9")
		}
		if got := relayed(r, proxies); got != test.want {
			t.Errorf("%+v: got %v", test, got)
		}
	}
}
