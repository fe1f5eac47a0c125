// Package store keeps the records, on SQLite or on PostgreSQL, by one SQL text.
//
// A save is one transaction: all of it or nothing, on stable storage before it answers, and only if
// nothing it was decided from has changed since. What is read by one call is as of one moment. The
// journal is only ever added to.
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
	"time"

	"tongka/internal/ledger"
)

// Options are choices of who opens a store. The zero value is valid.
type Options struct {
	// ReadOnly opens a database that another process may be serving. Nothing can be saved through it,
	// and its schema must be the program's.
	ReadOnly bool
	// Beside opens a database that another process may be serving, to change something in it. Without it the
	// store keeps an SQLite file as servers do: it refuses to be the second that does.
	Beside bool
	// Begun opens a database that is there only: of a name that is mistyped no SQLite file is made.
	Begun bool
	// Readers is how many connections read at a time; 0 = 8.
	Readers int
	// Limits bound what waits for the database.
	Limits Limits
	// Lost is told when the disk failed while SQLite made something safe: what was written may be there or
	// not, and the system may say that it is when it is not. Nothing can be saved any more. Who serves
	// should end the process at once, and start it anew to find out; nil = nobody is told.
	Lost func(error)
	// Logger is told what goes wrong in the background; nil = slog.Default.
	Logger *slog.Logger
}

// defaultReaders is how many connections read at a time unless the options say otherwise.
const defaultReaders = 8

// searchers is how many connections search.
const searchers = 4

// reporters is how many connections to a server reports and proofs have for themselves; each has one.
const reporters = 4

// Limits bound what waits for a database; a zero stands for the default named beside it. On SQLite, where
// nothing is waited for but the disk, a save has none.
type Limits struct {
	Connect time.Duration // to one server, unless the address has a connect_timeout: 3 s
	Read    time.Duration // an answer: 5 s
	Save    time.Duration // a commit, and the reading before it: 2 s
}

// ofTills is how many rows a save may have and still be one that tills wait for; what has more opens cards in
// numbers, and has a millisecond more for each.
const ofTills = 4096

// save is how long the writes may take.
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

// Store is a database of records. It is safe for many callers at once.
type Store struct {
	View
	backend  backend
	limits   Limits
	readOnly bool
}

// backend is what a database engine does in its own way.
type backend interface {
	querier
	// write carries the writes out in order: all or nothing. It answers command.ErrStale and
	// command.ErrUnknown as Save does.
	write(ctx context.Context, writes []write) error
	// searcher reads for those who search, on connections of its own.
	searcher() querier
	// forChange reads what is about to be changed.
	forChange() querier
	// snapshot gives fn a querier whose calls all see one moment.
	snapshot(ctx context.Context, fn func(querier) error) error
	// index is how cards are put into the search index besides their own rows; nil = not at all.
	index() *searchIndex
	// settle makes sure that what was committed before it is as safe as a commit of ours can be.
	settle(ctx context.Context) error
	// moved returns an ErrMoved if the database is no longer what others find by its name.
	moved() error
	// bulk calls fn, which opens about so many cards, and may leave out meanwhile what is quicker to make
	// in the end.
	bulk(ctx context.Context, cards int64, fn func(alone bool) error) error
	backup(ctx context.Context, file string, rest Rest) error
	// time is what the engine knows of the time by itself.
	time(ctx context.Context) (TimeKnown, error)
	close() error
}

// querier reads.
type querier interface {
	// read carries the queries out in order, all as of one moment.
	read(ctx context.Context, queries ...query) error
	search() *searchSQL
}

// query is a statement with its arguments, and what is done with each row. The record is good until
// each returns.
type query struct {
	statement *statement
	args      *rows
	each      func(record) error
}

// write is a statement with its arguments. Without any row it is left out.
type write struct {
	statement *statement
	args      *rows
}

// Open opens the database "sqlite:FILE" or "postgres://…" and brings its schema up to date. It
// refuses a schema newer than the program, a second server on an SQLite file, and settings under
// which a commit that was answered could be lost.
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
	return &Store{
		View: View{q: b, loader: newLoader(b, workers()), walks: newWalks(max(1, runtime.GOMAXPROCS(0)/4))}, backend: b,
		limits: opts.Limits, readOnly: opts.ReadOnly,
	}, nil
}

// workers is how many groups of quick questions are asked at a time. To ask takes half of what an answer
// does, so on few processors one is enough, and the more there are the smaller the groups.
func workers() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// Close gives the database back. It must not be called before the last call of another method has
// returned.
func (s *Store) Close() error {
	s.loader.end()
	return s.backend.close()
}

// Snapshot gives fn a view of the database as of one moment, however long fn takes.
func (s *Store) Snapshot(ctx context.Context, fn func(*View) error) error {
	return s.backend.snapshot(ctx, func(q querier) error { return fn(&View{q: q, rest: s.rest}) })
}

// Rest is called between the pieces of what reads all of the books, with how long the last one took. It may pause; an
// error ends the reading and is returned.
type Rest func(ctx context.Context, took time.Duration) error

// StandBack has walks, snapshots and backups rest between their pages. It must be called before those begin.
func (s *Store) StandBack(rest Rest) { s.rest = rest }

// Ping reports whether the database is reachable: it reads a row.
func (s *Store) Ping(ctx context.Context) error {
	return s.q.read(ctx, query{settingOf, rowsFor(settingOf, 1).text("version"), func(record) error { return nil }})
}

// Moved returns an ErrMoved if names of an SQLite database no longer lead to the files that are open. Nothing can be
// saved then.
func (s *Store) Moved() error { return s.backend.moved() }

// Probe reports whether the database takes writes: it makes one.
func (s *Store) Probe(ctx context.Context) error {
	return s.write(ctx, write{moveSetting, rowsFor(moveSetting, 1).text("probe")})
}

// Bulk calls fn, which opens about so many cards. Until it returns, searches may fail where nobody serves the
// database. fn is alone where nobody else can write meanwhile.
func (s *Store) Bulk(ctx context.Context, cards int64, fn func(alone bool) error) error {
	return s.backend.bulk(ctx, cards, fn)
}

// Backup makes a copy of the database as of one moment, checked, in a new file.
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

// sound refuses rows that no database keeps. One that is short is a bug.
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

// View reads.
type View struct {
	q      querier
	loader *loader // nil = every question is asked by itself
	walks  walks   // nil = whoever searches may look at all cards at once
	rest   Rest    // nil = never
}

// point asks for few rows that are found at once.
func (v *View) point(ctx context.Context, q query) error {
	if v.loader == nil {
		return v.q.read(ctx, q)
	}
	return v.loader.ask(ctx, q)
}

// merchantRow is the arguments of a statement that wants a merchant only.
func merchantRow(s *statement, id ledger.MerchantID) *rows { return rowsFor(s, 1).int(int64(id)) }
