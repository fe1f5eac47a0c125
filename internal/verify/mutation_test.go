package verify_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // as below
	_ "modernc.org/sqlite"             // to write past the store, as somebody would who tampers

	"tongka/internal/filetest"
	"tongka/internal/pgtest"
	"tongka/internal/store"
	"tongka/internal/verify"
)

var mutations = flag.Int("mutations", 600, "how many random mutations are tried besides the listed ones")

// fewest is the least number of mutations that must have been made and found.
const fewest = 5_000

// outside lists the columns and rows about which verify cannot know, and why. Only a checkpoint kept outside the
// database finds changes there. docs/reliability.md has the same list.
var outside = map[string]string{
	"setting.value": "counters and marks of the program",
	"head.version":  "a counter of saves; it may only not be below 1",

	"follower.version": "a counter of saves; it may only not be below 1",
	"follower.holder":  "which process works for a follower",
	"follower.until":   "from when on another may",

	"shop.place":            "only the order of places counts",
	"level.place":           "as a shop's",
	"rule.place":            "as a shop's",
	"pay_type.place":        "as a shop's",
	"coupon_kind.place":     "as a shop's",
	"merchant.part_payment": "any number but 0 is yes",
	"pay_type.invoiceable":  "any number but 0 is yes",

	"agent_grant.place": "as a shop's",
	"agent.weak":        "any number but 0 is yes",
	"agent.stopped":     "any number but 0 is yes",
	"agent.always_200":  "any number but 0 is yes",

	"card.next_expiry": "of a card that keeps lots apart it may be too early: it is looked at sooner",

	"guard.*":   "tries are in no journal; what a guard is about must be there",
	"outbox.*":  "messages are in no journal; the card must be there",
	"session.*": "a browser in which somebody is signed in moves nothing by itself",

	"proposal.*": "what is proposed moves nothing; what was carried out of it is an entry",

	"job.*":      "what a job does to cards are entries",
	"job_file.*": "what a job was given, or made",
	"exchange.*": "what tills sent is kept to be read for some days",
	"key_use.*":  "when a key was last used; what was done with it are entries",

	"person.stopped":  "any number but 0 is yes",
	"webhook.stopped": "any number but 0 is yes",

	"webhook_state.*": "how far a webhook is, is in no journal; the webhook and the entry must be there",
	"webhook_again.*": "what somebody wants to be sent once more",
	"webhook_try.*":   "tries are in no journal",

	"request.*": "one that stands for no entry may be removed, or put in",
}

// explained reports whether changes of a column of a table, or of its rows if column is "", need not be found.
func explained(table, column string) bool {
	_, all := outside[table+".*"]
	_, one := outside[table+"."+column]
	return all || one
}

// A mutation changes one value or removes one row.
type mutation struct {
	table, column string
	key           []string // columns of the primary key
	id            []any    // their values in the row
	before, after any
	row           map[string]any // the row, if it is removed
	empty         string         // an empty blob in SQL
}

func (m *mutation) String() string {
	if m.row != nil {
		return fmt.Sprintf("%s %v removed", m.table, m.id)
	}
	return fmt.Sprintf("%s %v: %s = %v, was %v", m.table, m.id, m.column, m.after, m.before)
}

// Whatever is changed or removed in any table behind the program's back is found, or listed as impossible to find.
func TestEveryMutationIsFound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "books.db")
	whole(t, "sqlite:"+file)
	db := open(t, file)
	all := mutationsOf(t, db, sqliteSchema)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	all = append(all, randomMutations(rand.New(rand.NewPCG(seed, 0)), all, *mutations)...)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	tally := &tally{missed: map[string]int{}}
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for n := range workers {
		copied := filepath.Join(dir, fmt.Sprintf("copy%d.db", n))
		filetest.Copy(t, file, copied, 0o600)
		wg.Go(func() {
			db := open(t, copied)
			defer func() { _ = db.Close() }()
			tryAll(t, db, "sqlite:"+copied, every(all, workers, n), tally)
		})
	}
	wg.Wait()
	t.Logf("%d mutations found, %d refused by the database, not found: %v", tally.found, tally.refused, tally.missed)
	if tally.found < fewest {
		t.Errorf("%d mutations were found, want %d", tally.found, fewest)
	}
	doc, err := os.ReadFile("../../docs/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range outside {
		if !strings.Contains(string(doc), "`"+name+"`") {
			t.Errorf("%s is not in docs/reliability.md as what verify cannot find", name)
		}
		table, column, _ := strings.Cut(name, ".")
		if !slices.ContainsFunc(slices.Collect(keys(tally.missed)), func(missed string) bool {
			return missed == name || column == "*" && strings.HasPrefix(missed, table+".")
		}) {
			t.Errorf("%s is listed as what cannot be found, and was", name)
		}
	}
}

// The same holds on PostgreSQL, which has the same columns but is read by other code: here one value of every column
// of every table is changed, and for entries every fiftieth.
func TestMutationsOnPostgres(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	whole(t, dsn)
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var some []mutation
	seen := map[string]int{}
	for _, m := range mutationsOf(t, db, postgresSchema) {
		if m.table == "entry" {
			seen["entry"]++
			if seen["entry"]%50 == 0 {
				some = append(some, m)
			}
			continue
		}
		if what := m.table + "." + m.column; seen[what] == 0 {
			seen[what]++
			some = append(some, m)
		}
	}
	tally := &tally{missed: map[string]int{}}
	tryAll(t, db, dsn, some, tally)
	t.Logf("%d mutations found, %d refused by the database, not found: %v", tally.found, tally.refused, tally.missed)
	if tally.found < 150 {
		t.Errorf("%d mutations were found", tally.found)
	}
}

// schema is how to query tables and their keys.
type schema struct{ tables, key, empty string }

var (
	// All tables except those of SQLite, the search index and the migrations.
	sqliteSchema = schema{
		`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
			AND name NOT LIKE 'card_search%' AND name <> 'schema_version' ORDER BY name`,
		"SELECT name FROM pragma_table_info('%s') WHERE pk > 0 ORDER BY pk", "x''",
	}
	postgresSchema = schema{
		"SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'schema_%' ORDER BY 1",
		`SELECT k.column_name FROM information_schema.table_constraints AS c JOIN information_schema.key_column_usage AS k USING (constraint_name, table_name)
			WHERE c.constraint_type = 'PRIMARY KEY' AND c.table_name = '%s' ORDER BY k.ordinal_position`, "''::bytea",
	}
)

type tally struct {
	mu             sync.Mutex
	found, refused int
	missed         map[string]int
}

func keys(m map[string]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// every returns every n-th mutation.
func every(all []mutation, n, from int) (some []mutation) {
	for i := from; i < len(all); i += n {
		some = append(some, all[i])
	}
	return some
}

func tryAll(t *testing.T, db *sql.DB, dsn string, all []mutation, sum *tally) {
	st, err := store.Open(t.Context(), dsn, store.Options{ReadOnly: true, Readers: 4})
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = st.Close() }()
	sound := func() bool {
		n, what := proved(st)
		if n != 0 {
			t.Errorf("%d violations in books that are sound: %s", n, what)
		}
		return n == 0
	}
	if !sound() {
		return
	}
	for i := range all {
		m := &all[i]
		undo, err := m.apply(db)
		if err != nil {
			sum.mu.Lock()
			sum.refused++
			sum.mu.Unlock()
			continue
		}
		n, _ := proved(st)
		if err := undo(); err != nil {
			t.Errorf("%v: cannot be undone: %v", m, err)
			return
		}
		sum.mu.Lock()
		if n > 0 {
			sum.found++
		} else {
			sum.missed[m.table+"."+m.column]++
			if !explained(m.table, m.column) {
				t.Errorf("%v: not found", m)
			}
		}
		sum.mu.Unlock()
		if i%500 == 499 && !sound() {
			return
		}
	}
	sound()
}

// proved returns how many violations verify finds; books that cannot be read count as one.
func proved(st *store.Store) (found int64, what string) {
	err := st.Snapshot(context.Background(), func(v *store.View) error {
		results, _, err := verify.Run(context.Background(), v, st, func(int64, int64) {})
		for _, r := range results {
			found += r.Violations
			what += strings.Join(r.Examples, "; ")
		}
		return err
	})
	if err != nil {
		return found + 1, err.Error()
	}
	return found, what
}

func open(t *testing.T, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=synchronous(OFF)&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

// mutationsOf returns the systematic mutations: every value of every row of every table is changed in a few
// ways, and every row removed.
func mutationsOf(t *testing.T, db *sql.DB, s schema) (all []mutation) {
	t.Helper()
	seen := map[string]bool{}
	for _, table := range column(t, db, s.tables) {
		key := column(t, db, fmt.Sprintf(s.key, table))
		rows := rowsOf(t, db, table)
		if len(rows) == 0 {
			t.Errorf("%s has no row: the books do not hold everything", table)
		}
		for _, row := range rows {
			var id []any
			for _, k := range key {
				id = append(id, row[k])
			}
			all = append(all, mutation{table: table, key: key, id: id, row: row, empty: s.empty})
			first := !seen[fmt.Sprint(table, row["kind"])]
			seen[fmt.Sprint(table, row["kind"])] = true
			for name, before := range row {
				for i, after := range others(before) {
					if i > 0 && !first && table == "entry" {
						break // for entries after the first of their kind, one change of each value suffices
					}
					all = append(all, mutation{
						table: table, column: name, key: key, id: id, before: before, after: after, empty: s.empty,
					})
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b mutation) int { return strings.Compare(a.String(), b.String()) })
	return all
}

func column(t *testing.T, db *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func rowsOf(t *testing.T, db *sql.DB, table string) (all []map[string]any) {
	t.Helper()
	rows, err := db.Query("SELECT * FROM " + table)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, places := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			t.Fatal(err)
		}
		row := map[string]any{}
		for i, name := range names {
			if b, isBlob := values[i].([]byte); isBlob && b == nil {
				values[i] = []byte{} // nil would be written as NULL
			}
			row[name] = values[i]
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// inText matches a value in a text of JSON, after the name it has or as the first of a list.
var inText = regexp.MustCompile(`[:\[](true|[0-9]+|"[^"\\]*")`)

// others returns the values next to v.
func others(v any) (all []any) {
	switch v := v.(type) {
	case int64:
		all = []any{v + 1, v - 1}
	case string:
		all = []any{v + "1"}
		if v != "" {
			all = append(all, v[:len(v)-1])
		}
		for _, at := range inText.FindAllStringSubmatchIndex(v, -1) { // each value of a text that holds several
			switch value, after := v[at[2]:at[3]], v[at[3]:]; {
			case value == "true":
				all = append(all, v[:at[2]]+"false"+after)
			case value[0] == '"':
				all = append(all, v[:at[3]-1]+"1"+v[at[3]-1:])
			default:
				all = append(all, v[:at[3]]+"1"+after)
			}
		}
	case []byte:
		all = []any{append(slices.Clone(v), 1)}
		if len(v) > 0 {
			flipped := slices.Clone(v)
			flipped[len(v)/2] ^= 1
			all = append(all, flipped)
		}
	}
	return all
}

// randomMutations change values that the systematic ones change, each to a random value.
func randomMutations(r *rand.Rand, listed []mutation, n int) (all []mutation) {
	for len(all) < n {
		m := listed[r.IntN(len(listed))]
		if m.row != nil {
			continue
		}
		switch v := m.before.(type) {
		case int64:
			m.after = v + r.Int64N(1_000_000) - 500_000
		case string:
			if v == "" {
				continue
			}
			b := []byte(v)
			b[r.IntN(len(b))] = byte('0' + r.IntN(10))
			m.after = string(b)
		case []byte:
			if len(v) == 0 {
				continue
			}
			b := slices.Clone(v)
			b[r.IntN(len(b))] ^= byte(1 + r.IntN(255))
			m.after = b
		}
		if fmt.Sprint(m.after) != fmt.Sprint(m.before) {
			all = append(all, m)
		}
	}
	return all
}

// apply makes the change and returns a function that undoes it. The error means that the database refuses it.
func (m *mutation) apply(db *sql.DB) (undo func() error, err error) {
	if m.row != nil {
		return m.remove(db)
	}
	if err := m.set(db, m.before, m.after); err != nil {
		return nil, err
	}
	return func() error { return m.set(db, m.after, m.before) }, nil
}

func (m *mutation) set(db *sql.DB, from, to any) error {
	where, args := m.where(from, 2)
	_, err := db.Exec("UPDATE "+m.table+" SET "+quoted(m.column)+" = "+m.place(1, to)+" WHERE "+where,
		append([]any{to}, args...)...)
	return err
}

// where identifies the row. The changed column may be part of its key and hold value now.
func (m *mutation) where(value any, first int) (where string, args []any) {
	var parts []string
	for i, k := range m.key {
		parts = append(parts, fmt.Sprintf("%s = $%d", quoted(k), first+i))
		if k == m.column {
			args = append(args, value)
		} else {
			args = append(args, m.id[i])
		}
	}
	return strings.Join(parts, " AND "), args
}

func (m *mutation) remove(db *sql.DB) (undo func() error, err error) {
	where, args := m.where(nil, 1)
	if _, err := db.Exec("DELETE FROM "+m.table+" WHERE "+where, args...); err != nil {
		return nil, err
	}
	return func() error {
		var names, places []string
		var values []any
		for name, v := range m.row {
			names, values = append(names, quoted(name)), append(values, v)
			places = append(places, m.place(len(values), v))
		}
		_, err := db.Exec("INSERT INTO "+m.table+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(places, ", ")+")",
			values...)
		return err
	}, nil
}

// place returns the placeholder of argument n. The driver would write an empty blob as NULL.
func (m *mutation) place(n int, v any) string {
	if b, isBlob := v.([]byte); isBlob && len(b) == 0 {
		return fmt.Sprintf("COALESCE($%d, %s)", n, m.empty)
	}
	return fmt.Sprintf("$%d", n)
}

func quoted(name string) string { return `"` + name + `"` }
