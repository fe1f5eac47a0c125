package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"tongka/internal/ledger"
)

// preparations are what a migration needs that no database can compute. Each leaves a table, which the migration drops.
var preparations = map[int64]func(context.Context, *sql.Tx) error{25: prepareInitials}

// namesAtOnce is how many names one statement adds.
const namesAtOnce = 500

// prepareInitials leaves the initials of the names of all cards in the table initials.
func prepareInitials(ctx context.Context, tx *sql.Tx) error {
	names, err := namesOfCards(ctx, tx)
	if err != nil {
		return err
	}
	const create = "CREATE TEMPORARY TABLE initials (name text PRIMARY KEY, letters text NOT NULL)"
	if _, err := tx.ExecContext(ctx, create); err != nil {
		return err
	}
	var args []any
	add := func() error {
		if len(args) == 0 {
			return nil
		}
		var values []string
		for i := 1; i < len(args); i += 2 {
			values = append(values, fmt.Sprintf("($%d, $%d)", i, i+1))
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO initials (name, letters) VALUES "+strings.Join(values, ", "), args...)
		args = nil
		return err
	}
	for _, name := range names {
		if all := ledger.Initials(name); all != nil {
			args = append(args, name, "\n"+strings.Join(all, "\n"))
		}
		if len(args) >= 2*namesAtOnce {
			if err := add(); err != nil {
				return err
			}
		}
	}
	return add()
}

func namesOfCards(ctx context.Context, tx *sql.Tx) (names []string, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT DISTINCT name FROM card")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}
