package store_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
	"tongka/internal/store"
	"tongka/internal/store/storetest"
)

func sqlOn(t *testing.T, dsn string, statements ...string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	must(t, err)
	for _, s := range statements {
		_, err := conn.Exec(ctx, s)
		must(t, err)
	}
	must(t, conn.Close(ctx))
}

// Two servers that start on a new database at the same time share it and lose nothing.
func TestPostgresTwoServers(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	var stores [2]*store.Store
	var both sync.WaitGroup
	for i := range stores {
		both.Go(func() {
			var err error
			if stores[i], err = store.Open(context.Background(), dsn, store.Options{}); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if t.Failed() {
		return
	}
	openShop(t, stores[0])
	storetest.Race(t, stores[0], stores[1], "6001", 20)
	for _, s := range stores {
		must(t, s.Close())
	}
}

func TestPostgresUnsafe(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{
		"synchronous_commit = off", "synchronous_commit = local", "default_transaction_read_only = on",
	} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			dsn := pgtest.DSN(t)
			u, err := url.Parse(dsn)
			must(t, err)
			sqlOn(t, dsn, "ALTER DATABASE "+strings.TrimPrefix(u.Path, "/")+" SET "+setting)
			if s, err := store.Open(context.Background(), dsn, store.Options{}); err == nil {
				t.Errorf("opened with %s: %v", setting, s.Close())
			}
		})
	}
}

// If a connection breaks before the commit, the outcome is unknown, and nothing is saved.
func TestPostgresConnectionLostBeforeCommit(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dsn := pgtest.DSN(t)
	s, err := store.Open(ctx, dsn, store.Options{Limits: store.Limits{Save: time.Minute}}) // must not end first
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	openShop(t, s)
	ch := decide(t, s, bill(100))
	other, err := pgx.Connect(ctx, dsn)
	must(t, err)
	_, err = other.Exec(ctx, "BEGIN; SELECT * FROM head FOR UPDATE")
	must(t, err)
	saved := make(chan error)
	go func() { saved <- s.Save(ctx, ch) }()
	for killed := false; !killed; {
		must(t, other.QueryRow(ctx, `SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&killed))
	}
	if err := <-saved; !errors.Is(err, command.ErrUnknown) {
		t.Errorf("save = %v, want ErrUnknown", err)
	}
	must(t, other.Close(ctx))
	if ok, err := s.Saved(ctx, ch); err != nil || ok {
		t.Errorf("saved = %v, %v, want false", ok, err)
	}
	must(t, s.Save(ctx, ch)) // now it can be saved
}

// If the answer to a commit is lost, the outcome is unknown, and Saved finds it.
func TestPostgresAnswerLost(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dsn := pgtest.DSN(t)
	wire := newWire(t, dsn)
	s := open(t, wire.dsn)
	openShop(t, s)
	save(t, s, bill(100)) // prepares the statements, so that the commit is what is cut
	ch := decide(t, s, bill(100))
	wire.cut.Store(true)
	if err := s.Save(ctx, ch); !errors.Is(err, command.ErrUnknown) {
		t.Errorf("save = %v, want ErrUnknown", err)
	}
	wire.cut.Store(false)
	// The server may not have committed yet; Saved reports it when it has.
	for deadline := time.Now().Add(10 * time.Second); ; {
		ok, err := s.Saved(ctx, ch)
		must(t, err)
		if ok {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("what was committed is not found")
		}
	}
	if err := s.Save(ctx, ch); !errors.Is(err, command.ErrStale) {
		t.Errorf("saved again = %v, want ErrStale", err)
	}
	if got := balance(t, s); got != 98_00 {
		t.Errorf("balance = %v, want 98.00", got)
	}
}

// A save during whose commit the server warns, for example that a wait for a standby was cancelled, is not known to
// be safe.
func TestPostgresWarning(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dsn := pgtest.DSN(t)
	s := open(t, dsn)
	openShop(t, s)
	sqlOn(
		t,
		dsn,
		`CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'canceling wait for synchronous replication'; RETURN NULL; END $$`,
		`CREATE TRIGGER warn AFTER INSERT ON entry EXECUTE FUNCTION warn()`,
	)
	ch := decide(t, s, bill(100))
	if err := s.Save(ctx, ch); !errors.Is(err, command.ErrUnknown) {
		t.Errorf("save = %v, want ErrUnknown", err)
	}
	if ok, err := s.Saved(ctx, ch); err != nil || !ok {
		t.Errorf("saved = %v, %v, want true", ok, err)
	}
}

// A save to a server that cannot be reached certainly saved nothing.
func TestPostgresGone(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	wire := newWire(t, pgtest.DSN(t))
	s := open(t, wire.dsn)
	openShop(t, s)
	ch := decide(t, s, bill(100))
	wire.close()
	for range 20 { // saves on connections that were open may be in doubt, but not all of them
		err := s.Save(ctx, ch)
		if err == nil {
			t.Fatal("saved without a server")
		}
		if !errors.Is(err, command.ErrUnknown) {
			return
		}
	}
	t.Error("a server that cannot be reached still leaves the outcome unknown")
}

// wire passes bytes between a store and its server. Once it is cut, what the server sends is lost.
type wire struct {
	dsn    string
	server string
	listen net.Listener
	cut    atomic.Bool
	pooled atomic.Bool // names another process than the one that answers, as a pooler does

	mu    sync.Mutex
	conns []net.Conn
	said  bytes.Buffer // by the store while pooled is set
}

func newWire(t *testing.T, dsn string) *wire {
	t.Helper()
	u, err := url.Parse(dsn)
	must(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	w := &wire{server: u.Host, listen: l}
	u.Host = l.Addr().String()
	w.dsn = u.String()
	var done sync.WaitGroup
	done.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			done.Go(func() { w.pass(client) })
		}
	})
	t.Cleanup(func() {
		w.close()
		done.Wait()
	})
	return w
}

// close closes all connections. It may be called again.
func (w *wire) close() {
	_ = w.listen.Close() // closing it twice does no harm
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		_ = c.Close() // as a broken wire would
	}
}

func (w *wire) pass(client net.Conn) {
	server, err := net.Dial("tcp", w.server)
	if err != nil {
		_ = client.Close() // there is no server
		return
	}
	w.mu.Lock()
	w.conns = append(w.conns, client, server)
	w.mu.Unlock()
	go func() {
		_, _ = io.Copy(server, io.TeeReader(client, w)) // ends when either side does
		_ = server.Close()
	}()
	b := make([]byte, 1<<16)
	for {
		n, err := server.Read(b)
		if err != nil || w.cut.Load() {
			break
		}
		if at := bytes.Index(b[:n], backendKey); at >= 0 && w.pooled.Load() {
			b[at+len(backendKey)]++
		}
		if _, err := client.Write(b[:n]); err != nil {
			break
		}
	}
	_ = client.Close()
}

// backendKey begins the message in which a server says which process serves a connection.
var backendKey = []byte{'K', 0, 0, 0, 12}

// Write records what the store sends.
func (w *wire) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pooled.Load() {
		w.said.Write(b)
	}
	return len(b), nil
}

// A save sends BEGIN and COMMIT explicitly, and waits for the server once. A save that is refused leaves no
// transaction open.
func TestPostgresSaveIsOneRoundTrip(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	wire := newWire(t, dsn)
	wire.pooled.Store(true) // nothing is prepared before
	s := open(t, wire.dsn)
	openShop(t, s)
	wantFilled(t, dsn) // so that nothing else is sent
	ch := decide(t, s, bill(100))
	wire.mu.Lock()
	wire.said.Reset()
	wire.mu.Unlock()
	must(t, s.Save(context.Background(), ch))
	wire.mu.Lock()
	said := bytes.Clone(wire.said.Bytes())
	wire.mu.Unlock()
	begin, head := bytes.Index(said, []byte("BEGIN ISOLATION LEVEL READ COMMITTED\x00")), bytes.Index(said, []byte("INSERT INTO head"))
	request, commit := bytes.Index(said, []byte("INSERT INTO entry")), bytes.Index(said, []byte("COMMIT\x00"))
	if begin < 0 || head < begin || request < head || commit < request {
		t.Errorf("BEGIN is at %d, the first write at %d, the last at %d, COMMIT at %d", begin, head, request, commit)
	}
	if n := bytes.Count(said, []byte{'S', 0, 0, 0, 4}); n != 1 { // Sync, after which the server answers
		t.Errorf("it took %d round trips", n)
	}
	if err := s.Save(context.Background(), ch); !errors.Is(err, command.ErrStale) {
		t.Errorf("saved again: %v", err)
	}
	conn, err := pgx.Connect(context.Background(), dsn)
	must(t, err)
	defer conn.Close(context.Background()) //nolint:errcheck // the test has ended
	var open int
	must(t, conn.QueryRow(context.Background(), `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND state LIKE 'idle in transaction%'`).Scan(&open))
	if open != 0 {
		t.Errorf("%d transactions are open", open)
	}
	if got := balance(t, s); got != 99_00 {
		t.Errorf("balance = %v, want 99.00", got)
	}
}

// Behind a pooler that lends a connection for one transaction, nothing is left on the connection: no setting, no
// prepared statement, no lock. Whoever has it next would have them too, and the store would miss them.
func TestPostgresPooled(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	wire := newWire(t, pgtest.DSN(t))
	wire.pooled.Store(true)
	s := open(t, wire.dsn)
	openShop(t, s)
	save(t, s, bill(100))
	_, err := s.Search(ctx, ledger.SearchQuery{Merchant: 1, Key: "600", Limit: 10})
	must(t, err)
	_, turn, err := s.Turn(ctx, wantOf(bill(100)))
	must(t, err)
	turn.End()
	must(t, s.Snapshot(ctx, func(v *store.View) error {
		return v.EachEntry(ctx, 1, 0, func(*ledger.Entry) error { return nil })
	}))
	if got := balance(t, s); got != 99_00 {
		t.Errorf("balance = %v, want 99.00", got)
	}
	wire.mu.Lock()
	defer wire.mu.Unlock()
	if said := wire.said.Bytes(); !bytes.Contains(said, []byte("set_config('enable_seqscan', 'off', true)")) {
		t.Error("it did not see that the connection is shared")
	}
	// A prepared statement has a name: ours, or one of pgx.
	for _, stays := range []string{
		"SET enable", "tongka_move_head\x00", "tongka_insert_entry\x00", "tongka_front_cards\x00", "stmtcache_", "lrupsc_",
		"pg_advisory_lock",
	} {
		if bytes.Contains(wire.said.Bytes(), []byte(stays)) {
			t.Errorf("%q stays on a shared connection", stays)
		}
	}
}
