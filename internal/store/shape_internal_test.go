package store

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tongka/internal/filetest"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
)

var writeShapes = flag.Bool("update", false, "write schema/shape.*.txt anew")

// TestShapes proves that the shape with which verify compares a database is what the migrations make of an empty
// one.
func TestShapes(t *testing.T) {
	t.Parallel()
	for file, dsn := range map[string]string{
		"schema/shape.sqlite.txt":   "sqlite:" + filepath.Join(t.TempDir(), "books.db"),
		"schema/shape.postgres.txt": pgtest.DSN(t),
	} {
		s, err := Open(t.Context(), dsn, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var text string
		err = s.Snapshot(t.Context(), func(v *View) error {
			parts, err := v.Shape(t.Context())
			text = shapeText(parts)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if *writeShapes {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		made, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(made) != text {
			t.Errorf("the migrations make another schema than %s says: go test ./internal/store -run TestShapes -update, "+
				"and read the difference", file)
		}
	}
}

// TestIndexIsProvedByPages: verify looks at the index that PostgreSQL searches by in pages, and rests after each of
// them; what is wrong on any page is found.
func TestIndexIsProvedByPages(t *testing.T) {
	t.Parallel()
	s, db := openUnfilled(t, pgtest.DSN(t))
	openLevels(t, s)
	openSome(t, s, 0, 2*walkPage+100)
	for more := true; more; {
		var err error
		if more, err = copyNext(t, db, walkPage); err != nil {
			t.Fatal(err)
		}
	}
	rests := 0
	s.StandBack(func(context.Context, time.Duration) error { rests++; return nil })
	if faults := faultsOf(t, s); len(faults) > 0 || rests != len(postgresShape.index)+3*len(postgresShape.pages) {
		t.Errorf("%d rests, found %v", rests, faults)
	}
	conn := connectTo(t, db.pool.cfg.ConnString())
	askPostgres(t, conn, "DELETE FROM card_search WHERE ref & 4294967295 = 1050")
	askPostgres(t, conn, "UPDATE card_search SET search = number WHERE ref & 4294967295 = 501")
	askPostgres(t, conn, "INSERT INTO card_search VALUES (1, (1::bigint << 32) + 5000, 'X', 'x'), (7, 7::bigint << 32, 'X', 'x')")
	want := []string{
		"card_search: card 501 of merchant 1 is not found by its text",
		"card_search: card 1050 of merchant 1 is not found by its text",
		"card_search: card 5000 of merchant 1 is not there, or behind the mark",
		"card_search: card 0 of merchant 7 is not there, or behind the mark",
	}
	if faults := faultsOf(t, s); !slices.Equal(faults, want) {
		t.Errorf("found %q, want %q", faults, want)
	}
	askPostgres(t, conn, "DELETE FROM card_search")
	if faults := faultsOf(t, s); len(faults) != mostFaults {
		t.Errorf("found %q, want the first %d", faults, mostFaults)
	}
}

// TestUpgradeTakesItsTime: a limit that a database or a role has for statements ends no migration, and an index of
// searches that somebody dropped before is none that must be there.
func TestUpgradeTakesItsTime(t *testing.T) {
	t.Parallel()
	dsn := pgtest.Filled(t, string(filetest.Unzip(t, "../../cmd/tongka/testdata/schema-16.sql.gz")))
	conn := connectTo(t, dsn)
	for _, text := range []string{
		"DROP INDEX card_search",
		"ALTER DATABASE " + conn.Config().Database + " SET statement_timeout = '2s'",
		"CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(2.5); END'",
		"CREATE EVENT TRIGGER slow ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION slow()",
	} {
		askPostgres(t, conn, text)
	}
	s, err := Open(t.Context(), dsn, Options{Upgrade: func(Older) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestOnOneLine(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"CREATE TABLE a (\n  b TEXT, -- what it is\n\tc)": "CREATE TABLE a ( b TEXT, c)",
		"x DEFAULT ' a  -- b'  y":                         "x DEFAULT ' a  -- b' y",
	} {
		if got := onOneLine(sql); got != want {
			t.Errorf("%q: got %q, want %q", sql, got, want)
		}
	}
}

// shapeText is the parts of a database in the form that schema/shape.*.txt has.
func shapeText(parts []ledger.Part) string {
	var b strings.Builder
	for _, p := range parts {
		if p.IsThere {
			fmt.Fprintf(&b, "%s\t%s\n", p.Name, p.Has)
		}
	}
	return b.String()
}
