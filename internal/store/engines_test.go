package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
	"tongka/internal/store"
)

// engines runs a test on a new SQLite database and on a new PostgreSQL database.
func engines(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { t.Parallel(); test(t, sqliteDSN(t)) })
	t.Run("Postgres", func(t *testing.T) { t.Parallel(); test(t, pgtest.DSN(t)) })
}

// shop is a merchant with one card.
func openShop(t *testing.T, s *store.Store) {
	t.Helper()
	m := ledger.Merchant{ID: 1, GUID: "{1}", Zone: time.UTC, Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100}}}
	must(t, s.SaveMerchant(context.Background(), m))
	save(t, s, command.Open{Merchant: 1, Card: command.NewCard{
		Number: "6001", Level: 1, Principal: 100_00, Holder: ledger.Holder{Name: "张三", Phone: "13800138000"},
	}})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var noon = time.Date(2026, 3, 5, 4, 0, 0, 0, time.UTC)

// wantOf returns what a command needs when nothing has been loaded yet.
func wantOf(c command.Command) command.Want {
	keys := c.Keys()
	keys.Head = true
	return command.Want{Merchant: c.MerchantID(), Keys: keys}
}

func decide(t *testing.T, s *store.Store, c command.Command) command.Changes {
	t.Helper()
	want := wantOf(c)
	records, err := s.Load(context.Background(), want)
	must(t, err)
	state := command.NewState(want.Merchant)
	state.Learn(want.Keys, records[0])
	ch, err := c.Decide(state, noon)
	must(t, err)
	return ch
}

func save(t *testing.T, s *store.Store, c command.Command) {
	t.Helper()
	must(t, s.Save(context.Background(), decide(t, s, c)))
}

func bill(amount ledger.Fen) command.Consume {
	return command.Consume{Merchant: 1, Card: "6001", Amount: amount}
}

func balance(t *testing.T, s *store.Store) ledger.Fen {
	t.Helper()
	c, err := s.Card(context.Background(), ledger.CardKey{Merchant: 1, Number: "6001"})
	must(t, err)
	return c.Amount()
}

// What was saved is there when the database is opened again, and so is the mark of a demonstration.
func TestReopen(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		ctx := context.Background()
		s, err := store.Open(ctx, dsn, store.Options{})
		must(t, err)
		openShop(t, s)
		save(t, s, bill(100))
		if demo, err := s.Demo(ctx); err != nil || demo {
			t.Errorf("a new database is a demo: %v, %v", demo, err)
		}
		must(t, s.MarkDemo(ctx))
		must(t, s.Ping(ctx))
		must(t, s.Probe(ctx))
		must(t, s.Close())
		s = open(t, dsn)
		if got := balance(t, s); got != 99_00 {
			t.Errorf("balance = %v, want 99.00", got)
		}
		if demo, err := s.Demo(ctx); err != nil || !demo {
			t.Errorf("demo = %v, %v, want true", demo, err)
		}
		if at, err := s.Newest(ctx); err != nil || !at.Equal(noon) {
			t.Errorf("newest = %v, %v, want %v", at, err, noon)
		}
		save(t, s, bill(100))
	})
}

// A store opened for reading sees what the server saves, and saves nothing.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		ctx := context.Background()
		if early, err := store.Open(ctx, dsn, store.Options{ReadOnly: true}); err == nil {
			t.Error("a database without a schema was opened for reading", early.Close())
		}
		s := open(t, dsn)
		openShop(t, s)
		reader, err := store.Open(ctx, dsn, store.Options{ReadOnly: true})
		must(t, err)
		save(t, s, bill(100))
		if got := balance(t, reader); got != 99_00 {
			t.Errorf("balance = %v, want 99.00", got)
		}
		if err := reader.Save(ctx, decide(t, reader, bill(1))); err == nil {
			t.Error("saved through a database opened for reading")
		}
		must(t, reader.Close())
		save(t, s, bill(100))
	})
}

// Opening an empty database for reading returns an error that says it is empty, and leaves it empty.
func TestReadOnlyEmpty(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		file, isFile := strings.CutPrefix(dsn, "sqlite:")
		if isFile {
			must(t, os.WriteFile(file, nil, 0o600))
		}
		for range 2 { // the second time would show what the first one wrote
			_, err := store.Open(t.Context(), dsn, store.Options{ReadOnly: true})
			if err == nil || !strings.Contains(err.Error(), "the database is empty") {
				t.Errorf("err = %v, want that the database is empty", err)
			}
		}
		if isFile {
			if info, err := os.Stat(file); err != nil || info.Size() != 0 {
				t.Errorf("reading made %v of an empty file, %v", info, err)
			}
		}
	})
}

// All calls within a snapshot read as of one moment, while others save.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		ctx := context.Background()
		s := open(t, dsn)
		openShop(t, s)
		must(t, s.Snapshot(ctx, func(v *store.View) error {
			before, err := v.Heads(ctx)
			must(t, err)
			save(t, s, bill(100))
			c, err := v.Card(ctx, ledger.CardKey{Merchant: 1, Number: "6001"})
			must(t, err)
			after, err := v.Heads(ctx)
			must(t, err)
			if c.Amount() != 100_00 || after[0] != before[0] {
				t.Errorf("in the snapshot the balance is %v and the head %+v, want 100.00 and %+v", c.Amount(), after[0], before[0])
			}
			page, err := v.History(ctx, ledger.HistoryQuery{Card: c.Key(), Page: 1, Size: 9})
			if err != nil || page.Total != 2 {
				t.Errorf("in the snapshot %d entries, %v, want 2", page.Total, err)
			}
			return nil
		}))
		if got := balance(t, s); got != 99_00 {
			t.Errorf("balance = %v, want 99.00", got)
		}
	})
}

// A GUID belongs to one merchant or shop, however it is written.
func TestGUIDTaken(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		ctx := context.Background()
		s := open(t, dsn)
		first := ledger.Merchant{ID: 1, GUID: "{AB}", Zone: time.UTC, Shops: []ledger.Shop{{ID: 1, GUID: "{CD}"}}}
		must(t, s.SaveMerchant(ctx, first))
		must(t, s.SaveMerchant(ctx, first)) // with the GUIDs it has already
		second := ledger.Merchant{ID: 2, GUID: "cd", Zone: time.UTC}
		if err := s.SaveMerchant(ctx, second); err == nil || !strings.Contains(err.Error(), "GUID") {
			t.Errorf("a GUID of another merchant's shop: %v, want an error about it", err)
		}
		if all, err := s.Merchants(ctx); err != nil || len(all) != 1 {
			t.Errorf("%d merchants, %v, want 1", len(all), err)
		}
	})
}

// A save with a text that is not valid UTF-8, or has a zero in it, is refused: it would come back as something else,
// and break the hash chain.
func TestNotAText(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		openShop(t, s)
		for name, spoil := range map[string]func(*ledger.Entry){
			"operator": func(e *ledger.Entry) { e.By.Operator = "小\xe5" },
			"zero":     func(e *ledger.Entry) { e.By.Operator = "a\x00b" },
			"note":     func(e *ledger.Entry) { e.Note = "\xff" },
		} {
			ch := decide(t, s, bill(100))
			spoil(&ch.Entries[0])
			err := s.Save(context.Background(), ch)
			if err == nil || errors.Is(err, command.ErrStale) || errors.Is(err, command.ErrUnknown) {
				t.Errorf("%s: %v, want a plain error", name, err)
			}
		}
		if got := balance(t, s); got != 100_00 {
			t.Errorf("balance = %v, want 100.00", got)
		}
	})
}

func TestOpenRefusesDSN(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{
		"", "file.db", "mysql://x", "sqlite:", "sqlite::memory:", "postgres://[", "sqlite:/no/such/folder/x.db",
	} {
		if s, err := store.Open(context.Background(), dsn, store.Options{}); err == nil {
			t.Errorf("%q was opened: %v", dsn, s.Close())
		}
	}
}

// The database of another program is refused.
func TestSQLiteForeign(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "other.db")
	c, err := sqlite.OpenConn(file, sqlite.OpenReadWrite|sqlite.OpenCreate)
	must(t, err)
	must(t, sqlitex.ExecuteTransient(c, "CREATE TABLE thing (id INTEGER)", nil))
	must(t, c.Close())
	for name, opts := range map[string]store.Options{"serve": {}, "beside": {Beside: true}, "read": {ReadOnly: true}} {
		if _, err := store.Open(context.Background(), "sqlite:"+file, opts); err == nil ||
			!strings.Contains(err.Error(), "of another program") {
			t.Errorf("%s: %v, want a refusal that says why", name, err)
		}
	}
}

// The same on PostgreSQL, also where the other program has a table with the name of our table of versions: no table
// is made.
func TestPostgresForeign(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, table := range []string{"thing", "schema_version"} {
		dsn := pgtest.DSN(t)
		admin, err := pgx.Connect(ctx, dsn)
		must(t, err)
		_, err = admin.Exec(ctx, "CREATE TABLE thing (id bigint); CREATE TABLE IF NOT EXISTS "+table+" (id bigint)")
		must(t, err)
		for name, opts := range map[string]store.Options{"serve": {}, "beside": {Beside: true}, "read": {ReadOnly: true}} {
			if _, err := store.Open(ctx, dsn, opts); err == nil || !strings.Contains(err.Error(), "of another program") {
				t.Errorf("%s: %v, want a refusal that says why", name, err)
			}
		}
		var tables string
		must(t,
			admin.QueryRow(ctx,
				"SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables))
		if tables != "thing" && tables != "schema_version thing" {
			t.Errorf("tables were made: %s", tables)
		}
		must(t, admin.Close(ctx))
	}
}

// A second server is refused a file that one has; when the first has ended, another may have it.
func TestSQLiteSecondServer(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dsn := sqliteDSN(t)
	first, err := store.Open(ctx, dsn, store.Options{})
	must(t, err)
	if _, err := store.Open(ctx, dsn, store.Options{}); err == nil ||
		!strings.Contains(err.Error(), "in use by another process") {
		t.Errorf("second server: %v, want a refusal that says why", err)
	}
	must(t, first.Close())
	open(t, dsn)
}

func TestSQLiteOddName(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "会员 100%?a=b#c.db")
	s := open(t, "sqlite:"+file)
	openShop(t, s)
	if _, err := os.Stat(file); err != nil {
		t.Errorf("the database is elsewhere: %v", err)
	}
}

// A database holds names and phones: only its owner may read it, its log, its lock file and a copy of it.
func TestFilesArePrivate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, copied := filepath.Join(dir, "tongka.db"), filepath.Join(dir, "copy.db")
	s := open(t, "sqlite:"+file)
	openShop(t, s)
	must(t, s.Backup(context.Background(), copied))
	for _, name := range []string{file, file + "-wal", file + ".lock", copied} {
		info, err := os.Stat(name)
		must(t, err)
		if mode := info.Mode().Perm(); mode&0o077 != 0 {
			t.Errorf("%s has mode %v", filepath.Base(name), mode)
		}
	}
}

// A backup that is taken while bills are saved is complete and as of one moment.
func TestBackup(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := open(t, sqliteDSN(t))
	openShop(t, s)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				save(t, s, bill(1))
			}
		}
	}()
	file := filepath.Join(t.TempDir(), "copy.db")
	must(t, s.Backup(ctx, file))
	close(stop)
	<-done
	if err := s.Backup(ctx, file); err == nil {
		t.Error("a backup went over a file that was there")
	}
	restored := open(t, "sqlite:"+file)
	card, err := restored.Card(ctx, ledger.CardKey{Merchant: 1, Number: "6001"})
	must(t, err)
	if card.Amount()+card.SumConsume != 100_00 {
		t.Errorf("the copy has %v on the card and %v spent", card.Amount(), card.SumConsume)
	}
	save(t, restored, bill(1))
}

// Numbers come in the order of their bytes, over more than one page, without those at the bounds and those of others.
func TestEachNumber(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		s, err := store.Open(t.Context(), dsn, store.Options{})
		must(t, err)
		defer s.Close() //nolint:errcheck // the test has ended
		openShop(t, s)
		var cards []command.NewCard
		var want []string
		for n := range 2500 {
			number := fmt.Sprintf("0%05d", n)
			cards = append(cards, command.NewCard{Number: number, Level: 1, Kind: ledger.StoredValue})
			want = append(want, number)
		}
		for _, other := range []string{"0", "1", "00A", "A0", "9"} {
			cards = append(cards, command.NewCard{Number: other, Level: 1, Kind: ledger.StoredValue})
		}
		save(t, s, command.Import{Merchant: 1, Cards: cards})
		var got []string
		must(t, s.EachNumber(t.Context(), 1, "0", "1", func(number string) error {
			got = append(got, number)
			return nil
		}))
		if want = append(want, "00A"); !slices.Equal(got, want) {
			t.Errorf("got %d numbers from %s to %s, want %d", len(got), got[0], got[len(got)-1], len(want))
		}
		must(t, s.EachNumber(t.Context(), 2, "", ":", func(number string) error { return errors.New(number) }))
	})
}
