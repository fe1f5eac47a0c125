package httpd

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"tongka/internal/auth"
)

// ErrBusy ends the reading of a body for which there is no room: too much is being read already, from the
// address or from all. Nothing was done, and the caller may come again.
var ErrBusy = errors.New("too many bytes in flight")

// tally counts something by neighbourhood and in all, up to a bound of each. Addresses without any are
// forgotten.
type tally struct {
	most, mostOfOne int64

	mu    sync.Mutex
	all   int64
	byOne map[netip.Addr]int64
}

func newTally(most, mostOfOne int64) *tally {
	return &tally{most: most, mostOfOne: mostOfOne, byOne: map[netip.Addr]int64{}}
}

// take counts n more, and reports whether there was room. What is exempt counts in all only.
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

// give takes n back off.
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

// bounded is a listener that hangs up on connections beyond a bound by address and in all. Trusted proxies
// are bounded in all only: theirs are many people's.
type bounded struct {
	net.Listener
	conns   *tally
	proxies []netip.Prefix
	log     *slog.Logger
	told    time.Time // when it was last said that there are too many
}

// Accept waits for a connection that there is room for.
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
		_ = c.Close() // nobody is left to tell
		if now := time.Now(); now.Sub(b.told) > time.Second {
			b.told = now
			b.log.Warn("too many connections", "from", from.String())
		}
	}
}

// boundedConn is counted until it is closed.
type boundedConn struct {
	net.Conn
	once sync.Once
	end  func()
}

// Close closes the connection.
func (c *boundedConn) Close() error {
	c.once.Do(c.end)
	return c.Conn.Close()
}

// addrOf is the address without its port; the zero one when it cannot be read.
func addrOf(hostPort string) netip.Addr {
	peer, err := netip.ParseAddrPort(hostPort)
	if err != nil {
		return netip.Addr{}
	}
	return peer.Addr().Unmap()
}
