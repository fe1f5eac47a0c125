package store

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// verify asks every table that has a merchant in it for its merchants (invariant 57).
func TestOwnedTables(t *testing.T) {
	t.Parallel()
	st, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "books.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	var found []string
	tables := define("tables_with_merchants", "", `
		SELECT s.name FROM sqlite_schema AS s WHERE s.type = 'table'
		AND EXISTS (SELECT 1 FROM pragma_table_info(s.name) AS c WHERE c.name = 'merchant') ORDER BY s.name`)
	err = st.q.read(t.Context(), query{tables, rowsFor(tables, 0), func(r record) error {
		found = append(found, r.text())
		return nil
	}})
	if want := slices.Sorted(slices.Values(owned)); err != nil || !slices.Equal(found, want) {
		t.Errorf("tables %v, want %v, %v", found, want, err)
	}
	_, conn := postgresWithConn(t)
	found = strings.Fields(askPostgres(t, conn, `SELECT table_name::text FROM information_schema.columns
		WHERE table_schema = 'public' AND column_name = 'merchant' ORDER BY table_name COLLATE "C"`))
	if want := slices.Sorted(slices.Values(ofMerchants)); !slices.Equal(found, want) {
		t.Errorf("tables %v on PostgreSQL, want %v", found, want)
	}
}
