package httpd

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"tongka/internal/auth"
)

// ErrBusy is returned by Read for a body for which there is no room, because too many bytes are in flight from
// its address or in all. Nothing was done, and the caller may try again.
var ErrBusy = errors.New("too many bytes in flight")

// BodyFault returns which of three faults an error from reading a body is: too large, no room for it now, or cut off;
// nil if there was no error.
func BodyFault(err, tooLarge, busy, cut error) error {
	if err == nil {
		return nil
	}
	if _, is := errors.AsType[*http.MaxBytesError](err); is {
		return tooLarge
	}
	if errors.Is(err, ErrBusy) {
		return busy
	}
	return cut
}

// tally counts something by neighbourhood and in all, with a limit for each. Neighbourhoods with a count of 0 are
// removed.
type tally struct {
	most, mostOfOne int64

	mu    sync.Mutex
	all   int64
	byOne map[netip.Addr]int64
}

func newTally(most, mostOfOne int64) *tally {
	return &tally{most: most, mostOfOne: mostOfOne, byOne: map[netip.Addr]int64{}}
}

// take adds n and returns true, unless a limit would be exceeded. If exempt is true, n counts only in all.
func (t *tally) take(from netip.Addr, n int64, exempt bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all+n > t.most || !exempt && t.byOne[from]+n > t.mostOfOne {
		return false
	}
	t.all += n
	if !exempt {
		t.byOne[from] += n
	}
	return true
}

// give subtracts n. Its arguments must be those of a take that returned true.
func (t *tally) give(from netip.Addr, n int64, exempt bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all -= n
	if exempt {
		return
	}
	if t.byOne[from] -= n; t.byOne[from] <= 0 {
		delete(t.byOne, from)
	}
}

// bounded is a listener that closes connections beyond a limit by address and in all. Trusted proxies count only
// in all, because many people's connections come through them.
type bounded struct {
	net.Listener
	conns   *tally
	proxies []netip.Prefix
	log     *slog.Logger
	told    time.Time // when too many connections were last logged
}

// Accept waits for a connection within the limits.
func (b *bounded) Accept() (net.Conn, error) {
	for {
		c, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		addr := addrOf(c.RemoteAddr().String())
		from, exempt := auth.Neighbourhood(addr), trusted(addr, b.proxies)
		if b.conns.take(from, 1, exempt) {
			return &boundedConn{Conn: c, end: func() { b.conns.give(from, 1, exempt) }}, nil
		}
		_ = c.Close() // nobody reads the error
		if now := time.Now(); now.Sub(b.told) > time.Second {
			b.told = now
			b.log.Warn("too many connections", "from", from.String())
		}
	}
}

// boundedConn is a connection that is counted until it is closed.
type boundedConn struct {
	net.Conn
	once sync.Once
	end  func()
}

// Close closes the connection and makes room for another.
func (c *boundedConn) Close() error {
	c.once.Do(c.end)
	return c.Conn.Close()
}

// addrOf returns an address without its port; the zero address if it cannot be parsed.
func addrOf(hostPort string) netip.Addr {
	peer, err := netip.ParseAddrPort(hostPort)
	if err != nil {
		return netip.Addr{}
	}
	return peer.Addr().Unmap()
}
