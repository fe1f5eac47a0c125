package main

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/verify"
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
		{
			"INSERT INTO request (merchant, name, fingerprint, entry, layout, sum, proof, kept) " +
				"VALUES (1, x'000102030405060708090a0b0c0d0e', 1, 0, 3, 1, 0, x'00')",
			"names no entry, and its answer is written out of one", "DELETE FROM request",
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

// Where some of a check's rows are not known, the last lines say so, although the check holds for the others.
func TestVerifySaysWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	var out, told strings.Builder
	con := &console{out: &out, err: &told}
	results := []verify.Result{
		{Invariant: 19, Rows: 5, Unknown: 2}, {Invariant: 21, Rows: 9}, {Invariant: 31, Rows: 3, Unknown: 3}, {Invariant: 42},
	}
	if err := (&verifyCmd{}).report(con, results, nil); err != nil {
		t.Fatal(err)
	}
	want := "2 checks hold, 0 are broken, 1 had nothing to check, 1 are not known\n" +
		"of the rows of checks that hold, 2 are not known, in 1 of these checks\n"
	if told.String() != want {
		t.Errorf("got %q, want %q", told.String(), want)
	}
}
