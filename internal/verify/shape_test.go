package verify_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tongka/internal/filetest"
	"tongka/internal/pgtest"
	"tongka/internal/store"
	"tongka/internal/verify"
)

// shapeResult is what verify says of the shape of a database.
func shapeResult(t *testing.T, dsn string) (shape verify.Result) {
	t.Helper()
	st, err := store.Open(t.Context(), dsn, store.Options{ReadOnly: true, Readers: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	err = st.Snapshot(t.Context(), func(v *store.View) error {
		results, _, err := verify.Run(t.Context(), v, st, func(int64, int64) {})
		if i := slices.IndexFunc(results, func(r verify.Result) bool { return r.Invariant == 65 }); i >= 0 {
			shape = results[i]
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return shape
}

// Whatever is done to an SQLite database besides its rows is found: by the name of the part, or of what the
// search index does not find.
func TestInvariant65ShapeOnSQLite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "books.db")
	whole(t, "sqlite:"+file)
	if r := shapeResult(t, "sqlite:"+file); r.State() != verify.Holds || r.Rows < 30 || r.Unknown != 0 {
		t.Fatalf("books that are sound: %+v", r)
	}
	for i, m := range []struct{ statement, found string }{
		{"DROP INDEX card_number", "index card_number is missing"},
		{"DROP INDEX entry_card; CREATE INDEX entry_card ON entry (merchant, card, seq)", "index entry_card is not as"},
		{"CREATE INDEX mine ON entry (agent)", "index mine was added"},
		{"CREATE UNIQUE INDEX one ON entry (merchant, id, kind)", "index one was added"},
		{"CREATE TRIGGER quiet BEFORE INSERT ON entry BEGIN SELECT RAISE(IGNORE); END", "trigger quiet was added"},
		{"CREATE TABLE notes (text TEXT)", "table notes was added"},
		{"CREATE VIEW rich AS SELECT * FROM card", "view rich was added"},
		{"ALTER TABLE card ADD COLUMN vip INTEGER", "table card is not as"},
		{"ALTER TABLE shop RENAME COLUMN name TO title; ALTER TABLE shop RENAME COLUMN title TO name", ""},
		{`PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql =
			replace(sql, 'points_owed INTEGER NOT NULL DEFAULT 0', 'points_owed INTEGER NOT NULL DEFAULT 1')
			WHERE name = 'card'; PRAGMA writable_schema = RESET`, "table card is not as"},
		{`PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'bonus >= 0', 'bonus >= -9')
			WHERE name = 'card'; PRAGMA writable_schema = RESET`, "table card is not as"},
		{"DROP TABLE card_search", "table card_search is missing"},
		{"DELETE FROM card_search_data", "card_search"},
		{"DELETE FROM card_search_idx", ""},
		{"DELETE FROM card_search_docsize", "card_search: card 1 of merchant 1 cannot be found"},
		{"DELETE FROM card_search WHERE rowid = (SELECT ref FROM card LIMIT 1)", "cannot be found"},
		{"INSERT INTO card_search (rowid, search) VALUES (7, 'somebody')",
			"card_search: card 7 of merchant 0 is not there"},
	} {
		copied := filepath.Join(dir, fmt.Sprintf("copy%d.db", i))
		filetest.Copy(t, file, copied, 0o600)
		db := open(t, copied)
		if _, err := db.Exec(m.statement); err != nil {
			t.Fatalf("%s: %v", m.statement, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		finds(t, "sqlite:"+copied, m.statement, m.found)
	}
}

// finds fails unless verify says what was found, and no more than a few lines; "" = nothing may be.
func finds(t *testing.T, dsn, statement, found string) {
	t.Helper()
	st, err := store.Open(t.Context(), dsn, store.Options{ReadOnly: true, Readers: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	n, what := proved(st)
	if (n > 0) != (found != "") || !strings.Contains(what, found) {
		t.Errorf("%s: %d violations, %q, want %q", statement, n, what, found)
	}
}

// An index that a server makes when it starts is not known while it is missing: a large import leaves it out. Another
// of its name is found like any other part that somebody changed.
func TestShapeOfLateIndexes(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "books.db")
	whole(t, "sqlite:"+file)
	change := func(statement string) {
		db := open(t, file)
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	change("DROP INDEX card_walk")
	if r := shapeResult(t, "sqlite:"+file); r.Violations != 0 || r.Unknown != 1 {
		t.Errorf("while it is missing: %+v", r)
	}
	st, err := store.Open(t.Context(), "sqlite:"+file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if r := shapeResult(t, "sqlite:"+file); r.Violations != 0 || r.Unknown != 0 {
		t.Errorf("after a start: %+v", r)
	}
	change("DROP INDEX card_walk; CREATE INDEX card_walk ON card (merchant, name)")
	finds(t, "sqlite:"+file, "another index of that name", "index card_walk is not as")
}

// tampering is done to a database, with what undoes it and what verify says of it.
type tampering struct{ do, undo, found string }

// misindexed is what may be wrong with the table that PostgreSQL searches by.
var misindexed = []tampering{
	{"DELETE FROM card_search WHERE merchant = 1 AND ref = (1::bigint << 32) + 1",
		"INSERT INTO card_search SELECT merchant, ref, number, search FROM card WHERE merchant = 1 AND id = 1",
		"card_search: card 1 of merchant 1 is not found by its text"},
	{"UPDATE card_search SET search = upper(search) || 'X' WHERE merchant = 1 AND ref = (1::bigint << 32) + 1",
		"UPDATE card_search AS s SET search = c.search FROM card AS c WHERE c.merchant = s.merchant AND c.ref = s.ref",
		"card_search: card 1 of merchant 1 is not found by its text"},
	{"UPDATE card_search SET number = number || 'X' WHERE merchant = 1 AND ref = (1::bigint << 32) + 1",
		"UPDATE card_search AS s SET number = c.number FROM card AS c WHERE c.merchant = s.merchant AND c.ref = s.ref",
		"card_search: card 1 of merchant 1 is not found by its text"},
	{"INSERT INTO card_search VALUES (1, (1::bigint << 32) + 77777, '', 'somebody')",
		"DELETE FROM card_search WHERE search = 'somebody'", "card_search: card 77777 of merchant 1 is not there"},
	{"UPDATE search_mark SET card = card - 1 WHERE merchant = 1", "UPDATE search_mark SET card = card + 1 WHERE merchant = 1",
		"of merchant 1 is not there, or behind the mark"},
	{"UPDATE search_mark SET card = card + 1 WHERE merchant = 1", "UPDATE search_mark SET card = card - 1 WHERE merchant = 1",
		"search_mark: merchant 1 has no card"},
}

// The same on PostgreSQL, each with what undoes it. What operators set for speed is not found.
func TestInvariant65ShapeOnPostgres(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	whole(t, dsn)
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	finds(t, dsn, "nothing", "")
	const quiet = "CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
	for _, m := range slices.Concat(misindexed, []tampering{
		{"DROP INDEX card_number", "CREATE UNIQUE INDEX card_number ON card (merchant, number)",
			"index card_number is missing"},
		{"UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'card_number'::regclass",
			"UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'card_number'::regclass",
			"index card_number is not as"},
		{"CREATE INDEX mine ON entry (agent)", "DROP INDEX mine", "index mine was added"},
		{quiet, "DROP FUNCTION quiet", "function quiet() was added"},
		{quiet + "; CREATE TRIGGER quiet BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION quiet()",
			"DROP FUNCTION quiet CASCADE", "trigger entry.quiet was added"},
		{"CREATE RULE never AS ON INSERT TO outbox DO INSTEAD NOTHING", "DROP RULE never ON outbox",
			"rule outbox.never was added"},
		{"CREATE TABLE notes (note text)", "DROP TABLE notes", "table notes was added"},
		{"CREATE VIEW rich AS SELECT * FROM card", "DROP VIEW rich", "view rich was added"},
		{"ALTER TABLE card ALTER points_owed SET DEFAULT 1", "ALTER TABLE card ALTER points_owed SET DEFAULT 0",
			"table card, column points_owed is not as"},
		{"ALTER TABLE card ALTER name DROP NOT NULL", "ALTER TABLE card ALTER name SET NOT NULL",
			"table card, column name is not as"},
		{"ALTER TABLE card ADD vip bigint", "ALTER TABLE card DROP vip", "table card, column vip was added"},
		{"ALTER TABLE guard SET UNLOGGED", "ALTER TABLE guard SET LOGGED", "table guard is not as"},
		{"ALTER TABLE card ENABLE ROW LEVEL SECURITY", "ALTER TABLE card DISABLE ROW LEVEL SECURITY",
			"table card is not as"},
		{"ALTER TABLE coupon_stock DROP CONSTRAINT coupon_stock_pkey",
			"ALTER TABLE coupon_stock ADD PRIMARY KEY (merchant, kind)",
			"constraint coupon_stock.coupon_stock_pkey is missing"},
		{"ALTER TABLE lot ADD CONSTRAINT positive CHECK (bonus >= -1)", "ALTER TABLE lot DROP CONSTRAINT positive",
			"constraint lot.positive was added"},
		{"ALTER TABLE card SET (fillfactor = 50); ANALYZE card", "ALTER TABLE card RESET (fillfactor)", ""},
	}) {
		if _, err := db.Exec(m.do); err != nil {
			t.Fatalf("%s: %v", m.do, err)
		}
		finds(t, dsn, m.do, m.found)
		if _, err := db.Exec(m.undo); err != nil {
			t.Fatalf("%s: %v", m.undo, err)
		}
	}
	finds(t, dsn, "everything undone", "")
}

// A database that was brought up to date has the shape of a new one.
func TestShapeOfUpgraded(t *testing.T) {
	t.Parallel()
	const dir = "../../cmd/tongka/testdata/"
	dsns := map[string]string{
		"schema-16 of PostgreSQL": pgtest.Filled(t, string(filetest.Unzip(t, dir+"schema-16.sql.gz"))),
	}
	for _, old := range []string{"schema-1", "schema-14", "schema-16"} {
		file := filepath.Join(t.TempDir(), "books.db")
		if err := os.WriteFile(file, filetest.Unzip(t, dir+old+".db.gz"), 0o600); err != nil {
			t.Fatal(err)
		}
		dsns[old] = "sqlite:" + file
	}
	for old, dsn := range dsns {
		st, err := store.Open(t.Context(), dsn, store.Options{Upgrade: func(store.Older) error { return nil }})
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		if r := shapeResult(t, dsn); r.State() != verify.Holds || r.Unknown != 0 {
			t.Errorf("%s: %+v", old, r)
		}
	}
}
