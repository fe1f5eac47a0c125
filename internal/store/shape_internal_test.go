package store

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
