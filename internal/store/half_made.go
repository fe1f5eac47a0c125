package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// inUse finds something in a database that was ever used. Whatever a program does first moves a setting; the others are
// for a database that was filled by hand.
var inUse = []string{
	"SELECT 1 FROM setting WHERE value <> 0 LIMIT 1", "SELECT 1 FROM merchant LIMIT 1", "SELECT 1 FROM agent LIMIT 1",
	"SELECT 1 FROM card LIMIT 1", "SELECT 1 FROM entry LIMIT 1",
}

// holdsAny reports whether a database whose schema is of the given version is whole, or anything is in it.
func (m *migrator) holdsAny(ctx context.Context, version int64) (bool, error) {
	switch version {
	case m.newest:
		return true, nil
	case 0: // there is only the table of versions
		return false, nil
	}
	for _, question := range inUse {
		var one int
		err := m.db.QueryRowContext(ctx, question).Scan(&one)
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return true, fmt.Errorf("schema of version %d: %w", version, err)
		}
	}
	return false, nil
}
