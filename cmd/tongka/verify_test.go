package main

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// For books that somebody broke, verify says what is wrong and what to do in its own words, not in those of the
// database.
func TestVerifySaysWhatIsBroken(t *testing.T) {
	t.Parallel()
	b, dsn := newBooks(t, time.Now(), ledger.Settings{})
	b.mustDo(t, command.Open{Merchant: 1, Card: newCard("A0001")})
	b.mustClose(t)
	db, err := sql.Open("sqlite", strings.TrimPrefix(dsn, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ change, want, mend string }{
		{
			"UPDATE merchant SET zone = 'Mars/X'", "its time zone is not known: set column zone",
			"UPDATE merchant SET zone = 'UTC'",
		},
		{
			"INSERT INTO guard (merchant, kind, subject, count, until, hash) VALUES (1, 1, '1', 1, 0, x'00')",
			"guard of kind 1 of merchant 1: its hash has 1 bytes, want 32", "DELETE FROM guard",
		},
		{
			"ALTER TABLE coupon RENAME TO gone", "the books could not be read to the end, so nothing is proved",
			"ALTER TABLE gone RENAME TO coupon",
		},
		{"DELETE FROM schema_version", "restore the newest backup", ""},
	} {
		if _, err := db.Exec(c.change); err != nil {
			t.Fatal(err)
		}
		code, text := carryOut(t.Context(), "verify", "--db", dsn)
		if code != exitFailed || !strings.Contains(text, c.want) {
			t.Errorf("%s: status %d: %s", c.change, code, text)
		}
		if _, err := db.Exec(c.mend); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
