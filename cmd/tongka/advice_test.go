package main

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongka/internal/cardfile"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// demosOwn opens new books where a demo's own file is.
func demosOwn(t *testing.T) (dsn string, b *books) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dsn, err := (&demoCmd{}).dsn()
	if err != nil {
		t.Fatal(err)
	}
	if b, err = openBooks(t.Context(), dsn, engine.Config{}); err != nil {
		t.Fatal(err)
	}
	return dsn, b
}

// A demo that another build left is begun anew where that is the demo's own file. A file that somebody named may hold
// a merchant's books: no advice has it removed, and --fresh leaves it alone.
func TestDemoOfAnotherBuild(t *testing.T) {
	dsn, b := demosOwn(t)
	b.mustClose(t)
	file := strings.TrimPrefix(dsn, "sqlite:")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	const fresh, other = "tongka demo --fresh removes it and begins anew", "choose another database with --db"
	for _, change := range []string{
		"INSERT INTO schema_version (version_id, is_applied) VALUES (9999, 1)", // of a newer build
		"DELETE FROM schema_version WHERE version_id IN (3, 9999)",             // of an older one
	} {
		if _, err := db.Exec(change); err != nil {
			t.Fatal(err)
		}
		for want, args := range map[string][]string{
			fresh: {"demo", "--addr", "127.0.0.1:0"},
			other: {"demo", "--addr", "127.0.0.1:0", "--db", dsn},
		} {
			code, text := carryOut(t.Context(), args...)
			if code != exitFailed || !strings.Contains(text, ": "+want+"\n") || strings.Contains(text, "restore") {
				t.Errorf("%s, %v: status %d: %s", change, args, code, text)
			}
		}
		code, text := carryOut(t.Context(), "demo", "--addr", "127.0.0.1:0", "--fresh", "--db", dsn)
		if _, err := os.Stat(file); err != nil || code != exitFailed || !strings.Contains(text, other) {
			t.Errorf("%s: --fresh of a named file: status %d: %s, %v", change, code, text, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := beginAnew(t.Context(), dsn, true); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the demo's own file stays: %v", err)
	}
}

// Books that are no demo stay, also where a demo's own file would be.
func TestFreshSparesBooks(t *testing.T) {
	dsn, b := demosOwn(t)
	if err := b.SaveMerchant(t.Context(), ledger.Merchant{ID: 1, GUID: "{A}", Name: "面馆", Zone: time.UTC}); err != nil {
		t.Fatal(err)
	}
	b.mustClose(t)
	if err := beginAnew(t.Context(), dsn, true); err == nil || !strings.Contains(err.Error(), "books that are no demo") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(strings.TrimPrefix(dsn, "sqlite:")); err != nil {
		t.Error(err)
	}
}

// What the environment names without a value is not set.
func TestEmptySettings(t *testing.T) {
	t.Setenv("TONGKA_CONFIG", "")
	t.Setenv("TONGKA_DB", "")
	t.Setenv("TONGKA_ADDR", "127.0.0.1:0")
	unsetEmpty()
	for name, there := range map[string]bool{"TONGKA_CONFIG": false, "TONGKA_DB": false, "TONGKA_ADDR": true} {
		if _, got := os.LookupEnv(name); got != there {
			t.Errorf("%s: set %t, want %t", name, got, there)
		}
	}
}

// full is a disk with room for so many bytes.
type full struct{ room int }

var errFull = errors.New("no space left on device")

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// An export on a full disk says so once, wherever the disk becomes full.
func TestExportOnAFullDisk(t *testing.T) {
	t.Parallel()
	b, _ := newBooks(t, time.Now(), ledger.Settings{})
	defer b.mustClose(t)
	b.importer(t, cardsFile(t, 5000), 0).run(t)
	m, err := findMerchant(t.Context(), b, "1")
	if err != nil {
		t.Fatal(err)
	}
	for _, room := range []int{0, 1 << 16, 2 << 16} {
		if _, err := exportCards(t.Context(), b.Store, m, b.clock.Now(), &full{room}); !errors.Is(err, errFull) ||
			strings.Count(err.Error(), errFull.Error()) != 1 {
			t.Errorf("room for %d bytes: got %v", room, err)
		}
	}
}

// An import whose file of refused rows cannot be written says so once.
func TestRefusedRowsOnAFullDisk(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "refused.csv"))
	if err != nil {
		t.Fatal(err)
	}
	b, _ := newBooks(t, time.Now(), ledger.Settings{})
	defer b.mustClose(t)
	from := b.importer(t, cardsFile(t, 100), 0).Rows
	rows, err := cardfile.NewRefused(&full{10_000}, from.Header)
	if err != nil {
		t.Fatal(err)
	}
	refused := refusedFile{from: from, file: file, rows: rows}
	row := cardfile.Row{Fields: []string{strings.Repeat("x", 1000)}}
	for range 100 {
		if err = refused.add(row, cardfile.Reason{English: "why", Chinese: "因"}); err != nil {
			break
		}
	}
	if err = errors.Join(err, refused.close()); err == nil || strings.Count(err.Error(), errFull.Error()) != 1 {
		t.Errorf("got %v", err)
	}
}
