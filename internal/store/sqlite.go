package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	driver "modernc.org/sqlite"
	"zombiezen.com/go/sqlite"

	"tongka/internal/ledger"
)

// oldestSQLite is the first version without the bug that could corrupt a database when its write-ahead log was
// reset.
const oldestSQLite = 3_051_003

// loaders is how many connections load beside the writer. A load takes a moment, and each lane has one at a time.
const loaders = 2

// sqliteDB is a database file with one connection that writes and several that read.
type sqliteDB struct {
	file    string
	given   string     // absolute, as it was named
	names   *fileNames // nil = it is only read
	sealed  sealed     // how the file is read if nobody can write it
	log     *slog.Logger
	hold    *hold
	keeps   bool      // it keeps the file, as servers do
	written time.Time // when the newest of its files was written, before they were opened
	readers *pool
	finders *pool // readers that search
	loaders *pool // readers of what is about to be changed, never lent for long reads
	limits  Limits
	lost    func(error)

	mu     sync.Mutex // guards the fields up to broken
	writer *sqliteConn
	turn   turn
	broken error // set when the disk has failed: what it holds is unknown until a restart

	checkpointer *checkpointer
}

var sqliteSearch = &searchSQL{
	// CROSS makes the planner begin with the hits, rather than walk the cards and look for each among the hits.
	hits: define("hits_sqlite", hitsList, `
		WITH hit AS MATERIALIZED (
			SELECT rowid AS ref FROM card_search
			WHERE card_search MATCH $2 AND rowid > ($1 << 32) AND rowid < (($1 + 1) << 32) LIMIT $4
		)
		SELECT (SELECT count(*) FROM hit), 0 AS id, '' AS number
		UNION ALL SELECT * FROM (
			SELECT 0, card.id, card.number FROM hit CROSS JOIN card ON card.ref = hit.ref
			WHERE instr(card.search, $5) > 0 ORDER BY card.number LIMIT $3)
		ORDER BY number`),
	pattern: lastTrigrams,
	front: define("front_sqlite", frontList, `
		SELECT ref - ($1 << 32) AS id FROM (
			SELECT ref, number, search FROM card INDEXED BY card_walk
			WHERE merchant = $1 AND number > $5 ORDER BY number LIMIT $4) AS c
		WHERE instr(search, $2) > 0 ORDER BY number LIMIT $3`),
	small: 3_000,
}

var sqliteIndex = &searchIndex{
	add: define("index_card", "ref search:text", `INSERT INTO card_search (rowid, search) VALUES ($1, $2)`),
	replace: define("reindex_card", "ref search:text",
		`INSERT OR REPLACE INTO card_search (rowid, search) VALUES ($1, $2)`),
	write: func(r *rows, c *ledger.Card) {
		r.int(refOf(c)).text(c.SearchText())
	},
}

// lastTrigrams asks for the cards that have the last trigram of the key and the one before it. Two trigrams find few
// enough cards; a third would often be the beginning that all numbers share, with all the merchant's cards in its
// list. Whether a card contains the whole key is seen on the card.
func lastTrigrams(key string) string {
	letters := []rune(key)
	trigram := func(end int) string {
		return `"` + strings.ReplaceAll(string(letters[end-shortKey:end]), `"`, `""`) + `"`
	}
	last := len(letters)
	if last == shortKey {
		return trigram(last)
	}
	return trigram(last) + " AND " + trigram(max(last-shortKey, shortKey))
}

func openSQLite(ctx context.Context, file string, opts Options) (*sqliteDB, error) {
	if file == "" || strings.HasPrefix(file, ":") {
		return nil, errors.New("sqlite: want a file")
	}
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	db := &sqliteDB{
		file: file, given: file, log: opts.Logger, readers: newPool(opts.Readers), finders: newPool(searchers),
		loaders: newPool(loaders), limits: opts.Limits, lost: opts.Lost,
	}
	if err := db.open(ctx, opts); err != nil {
		return nil, full(db.file, errors.Join(err, db.close()))
	}
	return db, nil
}

func (db *sqliteDB) open(ctx context.Context, opts Options) (err error) {
	db.written = writtenAt(db.file)
	if db.hold, err = holdFile(db.file, !opts.ReadOnly, !opts.ReadOnly && !opts.Begun); err != nil {
		return err
	}
	db.file, db.turn.hold = db.hold.path, db.hold
	switch {
	case opts.ReadOnly:
		if err = db.hold.beside(); err == nil {
			db.sealed, err = findSealed(ctx, db.file, func() (*sqliteConn, error) { return db.connect() })
		}
		if err == nil {
			err = db.check(ctx)
		}
	case opts.Beside:
		err = db.join(ctx, opts.Upgrade)
	default:
		err = db.keep(ctx, opts.Upgrade)
	}
	if err != nil {
		return err
	}
	for _, p := range db.pools() {
		for range cap(p.free) {
			c, err := db.connect("query_only(1)", readerCache)
			if err != nil {
				return err
			}
			p.put(c)
		}
	}
	if opts.ReadOnly {
		return nil
	}
	if err := db.noteNames(); err != nil || !db.keeps {
		return err
	}
	db.checkpointer, err = db.startCheckpointer() // which looks at the names
	return err
}

// noteNames remembers which files the database consists of and, if this store keeps it, tells other processes.
func (db *sqliteDB) noteNames() (err error) {
	if db.names, err = namesOf(db.given, db.file); err != nil || !db.keeps {
		return err
	}
	return db.hold.tell(db.names)
}

// keep makes this store the one that keeps the file, as a server does.
func (db *sqliteDB) keep(ctx context.Context, upgrade func(Older) error) error {
	if err := db.hold.keep(lockPatience); err != nil {
		return err
	}
	db.keeps = true
	return db.renew(ctx, upgrade)
}

// renew makes the schema or brings it up to date, opens the connection that writes, and makes the indexes that are
// missing. This store must keep the file meanwhile.
func (db *sqliteDB) renew(ctx context.Context, upgrade func(Older) error) error {
	err := db.withMigrator(ctx, false, func(m *migrator) error { return m.up(ctx, upgrade) })
	if err != nil {
		return err
	}
	if err := db.startWriting(ctx); err != nil {
		return err
	}
	return db.makeIndexes()
}

// join opens the file beside whoever keeps it. If nobody does, it keeps the file itself while it makes the schema;
// otherwise the schema must be this program's.
func (db *sqliteDB) join(ctx context.Context, upgrade func(Older) error) error {
	for begun := time.Now(); ; time.Sleep(lockEvery) {
		if kept, err := db.hold.tryKeep(); err != nil {
			return err
		} else if kept {
			return errors.Join(db.renew(ctx, upgrade), db.hold.letGo())
		}
		if err := db.hold.beside(); err != nil {
			return err
		}
		err := db.check(ctx)
		if err == nil {
			return db.startWriting(ctx)
		}
		if time.Since(begun) > lockPatience { // until then, another process may be making the schema
			return err
		}
	}
}

// startWriting opens the connection that writes.
func (db *sqliteDB) startWriting(ctx context.Context) (err error) {
	own := []string{"journal_mode(WAL)", db.autoCheckpoint(), "threads(2)", writerCache}
	if db.writer, err = db.connect(own...); err != nil {
		return err
	}
	if err = db.writer.checkSafe(ctx); err != nil {
		return err
	}
	return db.writer.runOnce("PRAGMA busy_timeout(0)") // see insist
}

// autoCheckpoint returns the setting for the number of pages in the log after which a commit copies the log into the
// file: none for whoever keeps the file, whose checkpointer does so beside the commits. A store beside a server need
// not copy either, and while a commit copied the log it would keep the turn. Where there is no server, the
// connection that is closed last copies the log, so the limit is for a store that works long after the server has
// ended.
func (db *sqliteDB) autoCheckpoint() string {
	if db.keeps {
		return "wal_autocheckpoint(0)"
	}
	return fmt.Sprintf("wal_autocheckpoint(%d)", 2*checkpointLarge)
}

// readerCache is what a connection that reads keeps of the file: the upper pages of the trees. To find a page in a
// large cache, spread over memory, takes longer than to have the system copy it.
const readerCache = "cache_size(-1024)"

// writerCache is what the connection that writes keeps of the file. After most commits SQLite goes through all of
// it: to sort the parts of a page that was split, it gives one of them for a moment the number of a page one
// gigabyte into the file, and afterwards searches the cache for pages past the end of the file. With 128 MB, which
// do not fit a processor's cache, that took a fifth of all time, and 0.2 s after a pause.
const writerCache = "cache_size(-8192)"

// While many cards are opened, which changes pages all over the trees between two commits, the writer keeps much and
// flushes its commits later; otherwise it keeps little and flushes each.
const (
	keepMuch   = "PRAGMA cache_size(-131072)"
	keepLittle = "PRAGMA " + writerCache
	flushLater = "PRAGMA synchronous(NORMAL)"
	flushEach  = "PRAGMA " + flushing
)

// flushing makes a commit return only when it is on the disk.
const flushing = "synchronous(FULL)"

// settings are the settings of every connection.
var settings = []string{"busy_timeout(5000)", flushing, "foreign_keys(1)", "fullfsync(1)", "temp_store(MEMORY)"}

// check refuses a schema that is not this program's.
func (db *sqliteDB) check(ctx context.Context) error {
	return db.withMigrator(ctx, true, func(m *migrator) error { return m.check(ctx) })
}

// withMigrator calls fn with what knows the schema, and changes it unless readOnly.
func (db *sqliteDB) withMigrator(ctx context.Context, readOnly bool, fn func(*migrator) error) (err error) {
	pool, err := db.sqlPool(readOnly)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	if err := db.refuseForeign(ctx, pool); err != nil {
		return err
	}
	m, err := newMigrator(pool, sqliteSchema)
	if err != nil {
		return err
	}
	return fn(m)
}

// sqliteMagic is how every database of SQLite begins.
const sqliteMagic = "SQLite format 3\x00"

// refuseForeign refuses a file that is no database, and the database of another program, to which our tables would
// be added.
func (db *sqliteDB) refuseForeign(ctx context.Context, pool *sql.DB) error {
	foreign, err := holdsOthers(ctx, pool,
		"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
	if e, ok := errors.AsType[*driver.Error](err); ok && sqlite.ResultCode(e.Code()).ToPrimary() == sqlite.ResultNotADB {
		return db.noDatabase()
	}
	if foreign {
		return fmt.Errorf("%s is the database of another program: choose another file with --db", db.file)
	}
	return err
}

// noDatabase returns the error of a file that SQLite does not take for a database: one that begins like a database is
// a damaged one.
func (db *sqliteDB) noDatabase() error {
	begins := make([]byte, len(sqliteMagic))
	if _, err := db.hold.file.ReadAt(begins, 0); err == nil && string(begins) == sqliteMagic {
		return &damagedError{db.file, sqlite.ResultCorrupt.ToError()}
	}
	return fmt.Errorf("%s is not a database: choose another file with --db", db.file)
}

// refused returns the error of a connection that does not take a setting.
func (db *sqliteDB) refused(setting string, err error) error {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultNotADB:
		return db.noDatabase()
	case sqlite.ResultCorrupt: // the setting has no part in that
		return err
	}
	return fmt.Errorf("%s: %w", setting, err)
}

// sqlPool opens a pool of one connection for code that knows only database/sql.
func (db *sqliteDB) sqlPool(readOnly bool) (*sql.DB, error) {
	pragmas, lock := append(slices.Clone(settings), "journal_mode(WAL)"), "immediate"
	if readOnly {
		pragmas, lock = db.sealed.settings(), "deferred"
	}
	parameters := url.Values{"_txlock": {lock}, "_pragma": pragmas}.Encode()
	if db.sealed.query != "" {
		parameters += "&" + db.sealed.query
	}
	connector, err := driver.NewConnector(db.uri(parameters))
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(1)
	return pool, nil
}

// connect opens a connection with settings of its own.
func (db *sqliteDB) connect(own ...string) (*sqliteConn, error) {
	name, flags := db.file, sqlite.OpenReadWrite|sqlite.OpenCreate
	if db.sealed.query != "" {
		name, flags = db.uri(db.sealed.query), sqlite.OpenReadOnly|sqlite.OpenURI
	}
	c, err := openDatabase(name, flags)
	if err != nil {
		return nil, err
	}
	for _, setting := range append(db.sealed.settings(), own...) {
		if err := c.runOnce("PRAGMA " + setting); err != nil {
			return nil, errors.Join(db.refused(setting, err), c.close())
		}
	}
	return c, nil
}

// uri returns the file's name with parameters for SQLite.
func (db *sqliteDB) uri(parameters string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(db.file)}).EscapedPath(), RawQuery: parameters}
	return u.String()
}

func (db *sqliteDB) search() *searchSQL  { return sqliteSearch }
func (db *sqliteDB) searcher() querier   { return sqliteFinder{db} }
func (db *sqliteDB) index() *searchIndex { return sqliteIndex }

// settle fails if what was committed may not be safe, or cannot be found under the database's name.
func (db *sqliteDB) settle(context.Context) error {
	if err := db.failure(); err != nil {
		return err
	}
	return db.moved()
}

func (db *sqliteDB) shape() *shape { return sqliteShape }

func (db *sqliteDB) pools() []*pool { return []*pool{db.readers, db.finders, db.loaders} }

func (db *sqliteDB) read(ctx context.Context, queries ...query) error {
	ctx, cancel := context.WithTimeout(ctx, db.limits.Read)
	defer cancel()
	return damaged(db.file, db.readers.read(ctx, queries))
}

// sqliteFinder searches on connections of its own.
type sqliteFinder struct{ db *sqliteDB }

func (f sqliteFinder) search() *searchSQL { return sqliteSearch }

func (f sqliteFinder) read(ctx context.Context, queries ...query) error {
	return damaged(f.db.file, f.db.finders.read(ctx, queries))
}

// read carries out the queries on one of the connections, all as of one moment.
func (p *pool) read(ctx context.Context, queries []query) error {
	return p.with(ctx, func(c *sqliteConn) error { return c.readAtOnce(ctx, queries) })
}

// forChange reads on the connection that writes if nobody is writing: a save need not read again the pages that its
// load has read, and the cache of this connection outlasts commits, unlike those of the others. While somebody is
// writing, the load reads what was committed last on another connection, since it must not wait for the disk. What
// is decided then is older than the commit under way, as if loaded just before it; the versions of the heads show
// that.
func (db *sqliteDB) forChange() querier {
	if db.writer == nil {
		return db
	}
	return changeReads{db}
}

// changeReads reads what is about to be changed.
type changeReads struct{ db *sqliteDB }

func (c changeReads) search() *searchSQL { return sqliteSearch }

func (c changeReads) read(ctx context.Context, queries ...query) error {
	if !c.db.mu.TryLock() {
		return damaged(c.db.file, c.db.loaders.read(ctx, queries))
	}
	defer c.db.mu.Unlock()
	return damaged(c.db.file, c.db.writer.readAtOnce(ctx, queries))
}

func (db *sqliteDB) snapshot(ctx context.Context, fn func(querier) error) error {
	return damaged(db.file, db.withReader(ctx, func(c *sqliteConn) error {
		return c.transaction(beginRead, func() error { return fn(c) })
	}))
}

func (db *sqliteDB) withReader(ctx context.Context, fn func(*sqliteConn) error) error {
	return db.readers.with(ctx, fn)
}

func (db *sqliteDB) close() error {
	errs := []error{db.stopCheckpointer()}
	db.leave()
	for _, p := range db.pools() {
		for c, ok := p.take(); ok; c, ok = p.take() {
			errs = append(errs, c.close())
		}
	}
	if db.writer != nil {
		errs = append(errs, db.writer.close()) // the last connection of all processes empties the log
	}
	if db.hold == nil {
		return errors.Join(errs...)
	}
	db.turn.end(false)
	if db.keeps {
		errs = append(errs, db.hold.letGo())
	}
	return errors.Join(append(errs, db.hold.release())...)
}

func (db *sqliteDB) stopCheckpointer() error {
	if db.checkpointer == nil {
		return nil
	}
	err := db.checkpointer.stop()
	db.checkpointer = nil
	return err
}
