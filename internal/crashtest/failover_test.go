//go:build unix

package crashtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"tongka/internal/ledger"
	"tongka/internal/pgtest"
)

// recoverWithin is how soon after a new primary accepts writes each of the processes must have done a bill on it.
const recoverWithin = 5 * time.Second

// faults are the ways in which a primary fails.
var faults = map[string]func(*site) error{
	// The machine loses power.
	"kill": func(s *site) error { return s.primary.Kill() },
	// The machine hangs: connections stay, new ones are taken, nothing answers.
	"freeze": func(s *site) error { return s.primary.Freeze() },
	// The network is cut for everybody: no packet arrives.
	"cut off": func(s *site) error { s.cut(); return nil },
	// An operator moves the primary in an orderly way.
	"switchover": func(s *site) error {
		if err := s.primary.Shutdown(); err != nil {
			return err
		}
		return s.gone()
	},
}

// TestFailover fails if two processes do not recover by themselves within 5 s after a standby was promoted, or if
// an acknowledged bill is lost or one is done twice on the way. TONGKA_FAILOVERS says how often each fault
// happens, each time on new servers.
func TestFailover(t *testing.T) {
	rounds := 1
	if _, err := fmt.Sscan(os.Getenv("TONGKA_FAILOVERS"), &rounds); err != nil && os.Getenv("TONGKA_FAILOVERS") != "" {
		t.Fatal(err)
	}
	for name, fault := range faults {
		for round := range rounds {
			t.Run(fmt.Sprintf("%s/%d", name, round), func(t *testing.T) {
				t.Parallel()
				failover(t, fault)
			})
		}
	}
}

func failover(t *testing.T, fault func(*site) error) {
	s := newSite(t)
	openBooks(t, s.dsn)
	servers := []*server{startServer(t, s.dsn), startServer(t, s.dsn)}
	var book asked
	ctx, stop := context.WithCancel(t.Context())
	var seen arrivals
	var running sync.WaitGroup
	for i, server := range servers {
		running.Go(func() { book.keepAsking(ctx, server, i, &seen) })
	}
	time.Sleep(time.Second)
	if err := fault(s); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500*time.Millisecond + rand.N(1500*time.Millisecond)) // what promotes a standby needs a while to be sure
	promoted := s.promote(t)
	deadline := promoted.Add(recoverWithin)
	for i := range servers {
		for !seen.since(i, promoted) {
			if time.Now().After(deadline) {
				t.Errorf("process %d has done nothing %v after the promotion: %s", i, recoverWithin, servers[i].log)
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	t.Logf("done again %v after the promotion", time.Since(promoted).Round(10*time.Millisecond))
	time.Sleep(time.Second)
	stop()
	running.Wait()
	book.settle(t, servers[0])
	for _, server := range servers {
		server.kill(t)
	}
	t.Logf("%d bills acknowledged, %d were left open and settled", book.acked, book.open)
	checkBooks(t, s.newDSN(t), &book)
}

// arrivals records the last bill that each process did.
type arrivals struct {
	mu   sync.Mutex
	last [2]time.Time
}

func (a *arrivals) note(i int, asked time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last[i] = asked
}

// since reports whether the process did a bill that was requested later than at.
func (a *arrivals) since(i int, at time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last[i].After(at)
}

// keepAsking runs tills that send bills to a process, and repeat each under its id until it is answered.
func (a *asked) keepAsking(ctx context.Context, s *server, process int, seen *arrivals) {
	var running sync.WaitGroup
	for till := range tills / 2 {
		running.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				r := &request{
					id: fmt.Sprintf("p%d-t%d-n%d", process, till, n), kind: "consume", card: rand.IntN(cards),
					fen: ledger.Fen(1 + rand.IntN(500)),
				}
				var answer []byte
				for ctx.Err() == nil && answer == nil {
					begun := time.Now()
					answer, _, _ = s.ask(ctx, r)
					if answer != nil {
						seen.note(process, begun)
					} else {
						time.Sleep(50 * time.Millisecond)
					}
				}
				a.note(r, answer)
			}
		})
	}
	running.Wait()
}

// site is a primary and a synchronous standby, each reached through a wire that can be cut.
type site struct {
	primary, standby *pgtest.Cluster
	wires            []*wire
	dsn              string
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{}
	var err error
	if s.primary, err = pgtest.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.primary.Stop() }) // it may have been killed
	first, err := s.primary.Create(t.Context(), "books")
	if err != nil {
		t.Fatal(err)
	}
	if s.standby, err = s.primary.Standby(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.standby.Stop() })
	s.run(t, s.primary.URL(), "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
	s.follow(t)
	u, err := url.Parse(first)
	if err != nil {
		t.Fatal(err)
	}
	var hosts []string
	for _, c := range []*pgtest.Cluster{s.primary, s.standby} {
		w := newWire(t, c.Addr())
		s.wires = append(s.wires, w)
		hosts = append(hosts, w.listen.Addr().String())
	}
	u.Host = strings.Join(hosts, ",")
	u.RawQuery += "&target_session_attrs=read-write"
	s.dsn = u.String()
	return s
}

func (s *site) run(t *testing.T, server string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, statement := range statements {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// follow waits until commits wait for the standby.
func (s *site) follow(t *testing.T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.primary.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var waits bool
		err := conn.QueryRow(t.Context(),
			"SELECT count(*) > 0 FROM pg_stat_replication WHERE sync_state = 'sync'").Scan(&waits)
		if err != nil {
			t.Fatal(err)
		}
		if waits {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the standby does not follow")
		}
	}
}

// promote promotes the standby and returns the time from which it accepts writes.
func (s *site) promote(t *testing.T) time.Time {
	t.Helper()
	s.run(t, s.standby.URL(), "SELECT pg_promote(true, 30)")
	return time.Now()
}

// newDSN returns the address of the new primary alone.
func (s *site) newDSN(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(s.dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = s.standby.Addr()
	return u.String()
}

// cut keeps all packets from the primary, on old and new connections.
func (s *site) cut() { s.wires[0].cut() }

// gone waits until the primary has stopped.
func (s *site) gone() error {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", s.primary.Addr())
		if err != nil {
			return nil
		}
		_ = c.Close()
	}
	return fmt.Errorf("the primary did not end")
}

// wire passes bytes to a server until it is cut. From then on it accepts connections and bytes and passes nothing
// on, like a network that loses every packet.
type wire struct {
	server string
	listen net.Listener

	mu    sync.Mutex
	dead  bool
	conns []net.Conn
}

func newWire(t *testing.T, server string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{server: server, listen: l}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { w.pass(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		w.mu.Lock()
		for _, c := range w.conns {
			_ = c.Close()
		}
		w.mu.Unlock()
		running.Wait()
	})
	return w
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dead = true
}

func (w *wire) isCut() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dead
}

func (w *wire) keep(c ...net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conns = append(w.conns, c...)
}

func (w *wire) pass(client net.Conn) {
	w.keep(client)
	if w.isCut() {
		return // it hangs until the test ends
	}
	server, err := net.Dial("tcp", w.server)
	if err != nil {
		_ = client.Close()
		return
	}
	w.keep(server)
	var both sync.WaitGroup
	both.Go(func() { w.copy(server, client) })
	w.copy(client, server)
	both.Wait()
}

// copy passes bytes one way. When the wire is cut, neither side notices.
func (w *wire) copy(to, from net.Conn) {
	b := make([]byte, 1<<16)
	for {
		n, err := from.Read(b)
		if w.isCut() {
			if err != nil {
				return
			}
			continue
		}
		if _, no := to.Write(b[:n]); err != nil || no != nil {
			_, _ = to.Close(), from.Close()
			return
		}
	}
}
