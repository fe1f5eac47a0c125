package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Begun reports whether a database exists and holds tables; it creates nothing. It returns an error only if the
// server cannot be reached. Anything else that is wrong with the database is reported by Open.
func Begun(ctx context.Context, dsn string) (bool, error) {
	if file, isFile := strings.CutPrefix(dsn, "sqlite:"); isFile && file != "" {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
	}
	s, err := Open(ctx, dsn, Options{ReadOnly: true, Readers: 1})
	if err == nil {
		return true, s.Close()
	}
	if _, far := Unreachable(err); far {
		return false, err
	}
	return !errors.Is(err, errEmpty), nil
}

// SQLSTATEs of a server that is there but refuses the connection.
const (
	wrongPassword = "28P01"
	notLetIn      = "28000"
	noSuchCatalog = "3D000"
	startingUp    = "57P03"
	tooMany       = "53300"
)

// connectTry matches how the driver reports one attempt: ADDRESS (NAME), the steps so far, and the reason. It tries
// each address with and without TLS and reports each attempt separately.
var connectTry = regexp.MustCompile(`^(\S+) \([^)]*\): (?:dial error: )?(?:dial \w+ \S+: )?(?:connect: )?(.*)$`)

// Unreachable returns one line about an error of connecting to PostgreSQL, and what to do; ok is false for any other
// error.
func Unreachable(err error) (line string, ok bool) {
	failed, ok := errors.AsType[*pgconn.ConnectError](err)
	if !ok {
		return "", false
	}
	var tries []string
	for text := range strings.SplitSeq(err.Error(), "\n") {
		if _, rest, found := strings.Cut(text, "`:"); found {
			text = rest
		}
		text = strings.TrimPrefix(strings.TrimSpace(text), "hostname resolving error: ")
		if m := connectTry.FindStringSubmatch(text); m != nil {
			text = m[1] + ": " + m[2]
		}
		if text != "" && !slices.Contains(tries, text) {
			tries = append(tries, text)
		}
	}
	why := strings.Join(tries, "; ")
	if errors.Is(err, pgconn.ErrReadOnlyConnection) {
		why = strings.ReplaceAll(why, "ValidateConnect failed: ", "")
		return fmt.Sprintf("PostgreSQL takes no writes here (%s): it is a standby, or default_transaction_read_only is on "+
			"for the user or the database; give the primary's address in --db, or those of both", why), true
	}
	code := ""
	if said, ok := errors.AsType[*pgconn.PgError](err); ok {
		code = said.Code
	}
	switch code {
	case wrongPassword, notLetIn:
		return fmt.Sprintf("PostgreSQL does not let user %q in (%s): give the right user and password in --db, or let the "+
			"user in by pg_hba.conf", failed.Config.User, why), true
	case noSuchCatalog:
		return fmt.Sprintf("PostgreSQL has no database %q (%s): make it with createdb, or name another in --db",
			failed.Config.Database, why), true
	case startingUp, tooMany:
		return fmt.Sprintf("PostgreSQL takes no connection now (%s): try again, and see its log if that lasts", why), true
	}
	return fmt.Sprintf("PostgreSQL cannot be reached (%s): see that it runs, and that --db has its address", why), true
}
