// Package store keeps the records, in SQLite or in PostgreSQL, with one SQL text for both.
//
// A save is one transaction: all of it is stored or none of it, it is on stable storage before Save returns, and it
// is refused if anything it was decided from has changed since. Everything one call reads is as of one moment.
// Entries are only ever added to the journal.
//
// Nothing is decided here, and no lock is held between a load and a save.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"tongka/internal/ledger"
)

// Options configure Open. The zero value is valid.
type Options struct {
	// ReadOnly opens a database that another process may be serving. Nothing can be saved through it, and its schema
	// must be exactly this program's.
	ReadOnly bool
	// Beside opens a database that another process may be serving, in order to change something in it. Without it (and
	// without ReadOnly) an SQLite file is opened as a server opens it, and only one process can do that at a time. On
	// PostgreSQL what is opened through it comes into the index of searches by a server, unless Bulk opens it.
	Beside bool
	// Begun opens only a database that exists, so that a mistyped name does not create an SQLite file.
	Begun bool
	// Upgrade is asked before an older schema is brought up to date, for which there is no way back; an error of it is
	// returned, and leaves everything as it was. nil = an older schema is refused, as by ReadOnly: only a server, which
	// is started on purpose and alone, brings it up to date. A new database is made in any case.
	Upgrade func(Older) error
	// Readers is the number of connections that read at the same time; 0 = 8.
	Readers int
	// Limits bound how long callers wait for the database.
	Limits Limits
	// Lost is called when the disk failed while SQLite was flushing. What was written may or may not be on the disk,
	// and the system may claim that it is when it is not, so nothing can be saved any longer. A server should end its
	// process at once; a restart finds out what is there. May be nil.
	Lost func(error)
	// Logger receives what goes wrong in the background; nil = slog.Default.
	Logger *slog.Logger

	unfilled bool // the index of searches is left as it is, for tests
}

// Older is what a database of an older schema, whichever, says of itself.
type Older struct {
	Demo     bool  // it is one for demonstration: see MarkDemo
	KeyCheck int64 // see KeyCheck
}

// defaultReaders is the number of connections that read, unless the options set another.
const defaultReaders = 8

// searchers is the number of connections that are kept for searches.
const searchers = 4

// reporters is the number of connections to a PostgreSQL server that are kept for reports and proofs, one for each.
const reporters = 4

// Limits bound how long callers wait for a database; zero stands for the default given beside each. None of them
// bounds a save on SQLite: that waits for the disk, and for a few seconds for another process that is writing.
type Limits struct {
	Connect time.Duration // to one server, unless the address has a connect_timeout: 3 s
	Read    time.Duration // one read: 5 s
	Save    time.Duration // one commit, or one load of records to be changed: 2 s
}

// ofTills is the largest number of rows for which a save keeps the limit of a save that tills wait for. A save with
// more rows opens cards in bulk, and has one more millisecond for each row beyond.
const ofTills = 4096

// save returns how long a save of these writes may take.
func (l Limits) save(writes []write) time.Duration {
	rows := 0
	for _, w := range writes {
		rows += w.args.n
	}
	return l.Save + time.Duration(max(0, rows-ofTills))*time.Millisecond
}

func (l Limits) withDefaults() Limits {
	if l.Connect <= 0 {
		l.Connect = 3 * time.Second
	}
	if l.Read <= 0 {
		l.Read = 5 * time.Second
	}
	if l.Save <= 0 {
		l.Save = 2 * time.Second
	}
	return l
}

// Store is a database of records. It is safe for concurrent use.
type Store struct {
	View
	backend  backend
	places   walks        // of searches
	saved    atomic.Int64 // when entries were last saved, in nanoseconds since 1970
	limits   Limits
	readOnly bool
	log      *slog.Logger
	filler   *filler // nil = the backend's saves fill the index of searches
}

// backend is what each database engine does in its own way.
type backend interface {
	querier
	// write carries out the writes in order, all of them or none. It returns command.ErrStale and command.ErrUnknown as
	// Save does.
	write(ctx context.Context, writes []write) error
	// searcher returns a querier for searches, on connections of its own.
	searcher() querier
	// forChange returns a querier for records that are about to be changed.
	forChange() querier
	// snapshot calls fn with a querier all of whose calls see the same moment.
	snapshot(ctx context.Context, fn func(querier) error) error
	// index describes the table of its own in which cards are indexed for search.
	index() *searchIndex
	// settle returns once every earlier commit is as safe as a save that has returned.
	settle(ctx context.Context) error
	shape() *shape
	// moved returns an ErrMoved if the database is no longer what others find by its name.
	moved() error
	// bulk calls fn, which opens about the given number of cards. Meanwhile it may drop indexes that are quicker to
	// make anew afterwards.
	bulk(ctx context.Context, cards int64, fn func(alone bool) error) error
	backup(ctx context.Context, file string, rest Rest) error
	// time returns what only the engine knows about the time.
	time(ctx context.Context) (TimeKnown, error)
	close() error
}

type querier interface {
	// read carries out the queries in order, all as of one moment.
	read(ctx context.Context, queries ...query) error
	search() *searchSQL
}

// query is a statement with its arguments and a function that is called with each row of the result. The record is
// valid only until each returns.
type query struct {
	statement *statement
	args      *rows
	each      func(record) error
}

// write is a statement with its arguments. It is skipped if there are no rows of arguments.
type write struct {
	statement *statement
	args      *rows
}

// Open opens the database "sqlite:FILE" or "postgres://…" and makes its schema, or brings it up to date if the options
// allow it. It refuses a schema newer than the program, an SQLite file that another server keeps, an older schema that
// other processes use, and database settings under which a save that has returned could still be lost.
func Open(ctx context.Context, dsn string, opts Options) (*Store, error) {
	if opts.Readers == 0 {
		opts.Readers = defaultReaders
	}
	if opts.Logger == nil {
		opts.Logger = slog.Default()
	}
	opts.Limits = opts.Limits.withDefaults()
	var b backend
	var err error
	switch file, isFile := strings.CutPrefix(dsn, "sqlite:"); {
	case isFile:
		b, err = openSQLite(ctx, file, opts)
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		b, err = openPostgres(ctx, dsn, opts)
	default:
		return nil, errors.New("database: want sqlite:FILE or postgres://…")
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	s := &Store{
		View: View{q: b, loader: newLoader(b, workers()), walks: newWalks(max(1, runtime.GOMAXPROCS(0)/4))}, backend: b,
		places: newWalks(searchPlaces()), limits: opts.Limits, readOnly: opts.ReadOnly, log: opts.Logger,
	}
	earlier, err := s.setting(ctx, earlierSetting)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), s.Close())
	}
	s.earlier = earlier != 0
	if db, behind := b.(*postgresDB); behind && !opts.ReadOnly && !opts.unfilled {
		if s.filler, err = newFiller(ctx, db, opts.Logger); err != nil {
			return nil, errors.Join(fmt.Errorf("open database: %w", err), s.Close())
		}
		if !opts.Beside { // what a command opens, the server copies
			s.filler.start()
		}
	}
	return s, nil
}

// searchPlaces is how many may search at the same time. A place is empty for most of the time after a search, so fewer
// connections serve them, and together they take a fifth of the processors.
func searchPlaces() int { return max(searchers, 2*runtime.GOMAXPROCS(0)) }

// workers is the number of groups of point queries that are asked at the same time. Sending a group takes about half
// as long as answering it, so on few processors one worker is enough; with more workers the groups become smaller.
func workers() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// Close closes the database. It must not be called before all calls of other methods have returned.
func (s *Store) Close() error {
	s.filler.end()
	s.loader.end()
	return s.backend.close()
}

// over returns a view of the database by another connection than the store's own.
func (s *Store) over(q querier) View { return View{q: q, earlier: s.earlier} }

// Snapshot calls fn with a view of the database as of one moment, however long fn takes.
func (s *Store) Snapshot(ctx context.Context, fn func(*View) error) error {
	return s.backend.snapshot(ctx, func(q querier) error {
		v := s.over(q)
		v.shape, v.rest = s.backend.shape(), s.rest
		return fn(&v)
	})
}

// Rest is called between the pages of a long read, with the time that the last page took. It may pause; an error from
// it ends the read and is returned.
type Rest func(ctx context.Context, took time.Duration) error

// StandBack makes walks, snapshots and backups call rest between their pages. It must be called before they begin.
func (s *Store) StandBack(rest Rest) { s.rest = rest }

// RefusesRepeats reports whether a save is sure to refuse a request that is stored already. One of before schema 32 is
// kept under another name, and is found by a load only.
func (s *Store) RefusesRepeats() bool { return !s.earlier }

// Ping returns an error unless the database can be read: it reads one row.
func (s *Store) Ping(ctx context.Context) error {
	return s.q.read(ctx, query{settingOf, rowsFor(settingOf, 1).text("version"), func(record) error { return nil }})
}

// Moved returns an ErrMoved if names of an SQLite database no longer lead to the files that are open. Nothing can be
// saved then.
func (s *Store) Moved() error { return s.backend.moved() }

// Probe returns an error unless the database can be written: it changes one row.
func (s *Store) Probe(ctx context.Context) error {
	return s.write(ctx, write{moveSetting, rowsFor(moveSetting, 1).text("probe")})
}

// Bulk calls fn, which opens about the given number of cards. If nobody serves the database, searches may fail until
// Bulk returns. alone is true if no other process can write while fn runs. Bulk returns when the index of searches has
// the cards, so that not every search has to look at many; if that fails, whoever serves the database next does it.
func (s *Store) Bulk(ctx context.Context, cards int64, fn func(alone bool) error) error {
	before := s.filler.openedUpTo()
	s.filler.start()
	if err := s.backend.bulk(ctx, cards, fn); err != nil {
		return err
	}
	if err := s.filler.finish(ctx, before); err != nil && ctx.Err() == nil {
		s.log.Warn("the index of searches lacks cards", "error", err)
	}
	return nil
}

// Backup writes a checked copy of the database, as of one moment, to a new file. PostgreSQL does not support it.
func (s *Store) Backup(ctx context.Context, file string) error {
	return s.backend.backup(ctx, file, s.rest)
}

func (s *Store) write(ctx context.Context, writes ...write) error {
	if s.readOnly {
		return errors.New("save: the database was opened for reading")
	}
	if err := sound(writes); err != nil {
		return err
	}
	if err := s.backend.write(context.WithoutCancel(ctx), writes); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

// saves notes that entries are being saved: somebody is at work. What follows the journal or keeps requests, searches
// too, is not noted.
func (s *Store) saves() { s.saved.Store(time.Now().UnixNano()) }

// sound refuses rows that hold a text no database can store. A row with too few values is a bug, and panics.
func sound(writes []write) error {
	for _, w := range writes {
		if w.args.err != nil {
			return fmt.Errorf("save: %w", w.args.err)
		}
		if w.args.next != 0 {
			panic("save: a row of " + w.statement.name + " is short")
		}
	}
	return nil
}

// View reads the database.
type View struct {
	q       querier
	loader  *loader // nil = every query is asked by itself
	walks   walks   // nil = any number of searches may look at all cards at the same time
	shape   *shape  // of a snapshot, else nil
	rest    Rest    // nil = never
	earlier bool    // some requests are kept under names of before
}

// point asks for a few rows that are found at once by a key.
func (v *View) point(ctx context.Context, q query) error {
	if v.loader == nil {
		return v.q.read(ctx, q)
	}
	return v.loader.ask(ctx, q)
}

// merchantRow returns one row of arguments that begins with the merchant.
func merchantRow(s *statement, id ledger.MerchantID) *rows { return rowsFor(s, 1).int(int64(id)) }
