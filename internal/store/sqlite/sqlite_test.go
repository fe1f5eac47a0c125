package sqlite_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"tongka/internal/store/sqlite"
)

func open(t *testing.T) *sqlite.Conn {
	t.Helper()
	c, err := sqlite.Open(filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	run(t, c, "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL, data BLOB) STRICT")
	return c
}

func run(t *testing.T, c *sqlite.Conn, text string) {
	t.Helper()
	if err := c.Run(text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func prepare(t *testing.T, c *sqlite.Conn, text string) *sqlite.Stmt {
	t.Helper()
	s, err := c.Prepare(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// step expects a row or none.
func step(t *testing.T, s *sqlite.Stmt, want bool) {
	t.Helper()
	if row, err := s.Step(); err != nil || row != want {
		t.Fatalf("step: %v, %v, want %v", row, err, want)
	}
}

// Whatever is put in comes out again, one row after the other by the same two statements, be it so large
// that the memory of before does not do.
func TestValues(t *testing.T) {
	t.Parallel()
	c := open(t)
	add := prepare(t, c, "INSERT INTO thing VALUES (?1, ?2, ?3)")
	find := prepare(t, c, "SELECT id, name, data, NULL FROM thing WHERE id = ?1 AND name = ?2")
	for i, tt := range []struct {
		id   int64
		name string
		data []byte
	}{
		{0, "", []byte{}},
		{-1 << 63, "王小明", []byte{0, 1, 0}},
		{1<<63 - 1, "a\x00b", []byte("x")},
		{1, strings.Repeat("long", 1000), bytes.Repeat([]byte{7}, 100_000)},
		{2, strings.Repeat("y", 70_000), bytes.Repeat([]byte{8}, 1000)},
		{3, "short again", []byte{9}},
	} {
		add.BindInt(1, tt.id)
		add.BindText(2, tt.name)
		add.BindBytes(3, tt.data)
		step(t, add, false)
		add.Reset()
		find.BindInt(1, tt.id)
		find.BindText(2, tt.name)
		step(t, find, true)
		if id, name, data := find.Int(0), find.Text(1), find.Bytes(2); id != tt.id || name != tt.name || !bytes.Equal(data, tt.data) {
			t.Errorf("row %d: got %d, %.20q, %.20q", i, id, name, data)
		}
		if find.Text(3) != "" || find.Int(3) != 0 || find.Bytes(3) == nil {
			t.Error("NULL is not read as nothing")
		}
		step(t, find, false)
		find.Reset()
	}
}

// NULL is equal to nothing, and an empty blob is not NULL.
func TestNull(t *testing.T) {
	t.Parallel()
	c := open(t)
	s := prepare(t, c, "SELECT ?1 IS NULL, ?2 IS NULL, ?3 IS NULL")
	s.BindNull(1)
	s.BindBytes(2, nil)
	s.BindText(3, "")
	step(t, s, true)
	if s.Int(0) != 1 || s.Int(1) != 0 || s.Int(2) != 0 {
		t.Errorf("got %d, %d, %d, want 1, 0, 0", s.Int(0), s.Int(1), s.Int(2))
	}
}

// Errors have the extended code and say what they are about; the statement works again after them.
func TestErrors(t *testing.T) {
	t.Parallel()
	c := open(t)
	add := prepare(t, c, "INSERT INTO thing VALUES (?1, ?2, x'')")
	insert := func(id int64, name string, null bool) error {
		defer add.Reset()
		add.BindInt(1, id)
		if add.BindText(2, name); null {
			add.BindNull(2)
		}
		_, err := add.Step()
		return err
	}
	for _, tt := range []struct {
		name string
		err  error
		code int
		text string
	}{
		{"first", insert(1, "one", false), 0, ""},
		{"twice", insert(1, "two", false), sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, "thing.id"},
		{"null", insert(2, "", true), sqlite3.SQLITE_CONSTRAINT_NOTNULL, "thing.name"},
		{"another", insert(2, "two", false), 0, ""},
		{"no SQL", c.Run("NONSENSE"), sqlite3.SQLITE_ERROR, "syntax error"},
		{"not there", c.Run("SELECT * FROM nowhere"), sqlite3.SQLITE_ERROR, "no such table: nowhere"},
		{"no such argument", func() error {
			defer add.Reset()
			add.BindInt(3, 1)
			_, err := add.Step()
			return err
		}(), sqlite3.SQLITE_RANGE, "out of range"},
		{"after it", insert(3, "three", false), 0, ""},
	} {
		e, failed := errors.AsType[*sqlite.Error](tt.err)
		switch {
		case tt.code == 0 && tt.err != nil, tt.code != 0 && !failed:
			t.Errorf("%s: %v", tt.name, tt.err)
		case failed && (e.Code != tt.code || !strings.Contains(e.Error(), tt.text)):
			t.Errorf("%s: got %d %v, want %d … %s", tt.name, e.Code, e, tt.code, tt.text)
		}
	}
	if _, err := c.Prepare(" "); err == nil {
		t.Error("prepared nothing")
	}
	if _, err := sqlite.Open(t.TempDir()); err == nil {
		t.Error("opened a directory")
	}
}

// What takes for ever can be ended by somebody else, and the connection works on.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	c := open(t)
	timer := time.AfterFunc(20*time.Millisecond, c.Interrupt)
	defer timer.Stop()
	err := c.Run("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")
	if e, ok := errors.AsType[*sqlite.Error](err); !ok || e.Code != sqlite3.SQLITE_INTERRUPT {
		t.Fatalf("got %v, want interrupted", err)
	}
	run(t, c, "INSERT INTO thing VALUES (1, 'one', x'')")
}

func TestCopyTo(t *testing.T) {
	t.Parallel()
	c, copied := open(t), open(t)
	run(t, c, "INSERT INTO thing WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i, 'name', x'' FROM n")
	enough := errors.New("enough")
	if err := c.CopyTo(copied, 1, func() error { return enough }); !errors.Is(err, enough) {
		t.Errorf("got %v, want %v", err, enough)
	}
	steps := 0
	if err := c.CopyTo(copied, 2, func() error { steps++; return nil }); err != nil || steps < 2 {
		t.Errorf("%v after %d steps", err, steps)
	}
	count := prepare(t, copied, "SELECT count(*) FROM thing")
	step(t, count, true)
	if n := count.Int(0); n != 1000 {
		t.Errorf("the copy has %d rows, want 1000", n)
	}
	count.Reset()
	run(t, c, "BEGIN")
	run(t, c, "INSERT INTO thing VALUES (2000, 'name', x'')")
	run(t, copied, "BEGIN IMMEDIATE")
	if err := c.CopyTo(copied, 2, func() error { return nil }); err == nil {
		t.Error("copied over a transaction")
	}
}
