package store

import (
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// A list walks the cards behind a number by the index of numbers, and looks up the few that it returns by their key,
// whether it is planned while there are no cards, or when there are many.
func TestSQLiteListPlan(t *testing.T) {
	t.Parallel()
	s, db, _ := openFile(t)
	for _, when := range []string{"empty", "full"} {
		explain := define("explain_listed_cards_"+when, "", "EXPLAIN QUERY PLAN "+listedCards.sqlite)
		explain.columns = listedCards.columns
		args := merchantRow(explain, 1).text("5").int(51).int(51)
		writeBounds(args, &ledger.CardFilter{Level: 1})
		var plan []string
		err := db.read(t.Context(), query{explain, args, func(r record) error {
			r.int()
			r.int()
			r.int()
			plan = append(plan, r.text())
			return nil
		}})
		all := strings.Join(plan, "\n")
		if err != nil || !strings.Contains(all, "SEARCH c USING INDEX card_number (merchant=? AND number>?)") ||
			!strings.Contains(all, "SEARCH card USING INTEGER PRIMARY KEY (rowid=?)") || strings.Contains(all, "SCAN card") {
			t.Errorf("%s: %v\n%s", when, err, all)
		}
		if when == "empty" {
			openAlike(t, s)
		}
	}
}

func TestPostgresListPlan(t *testing.T) {
	t.Parallel()
	s, conn := postgresWithConn(t)
	if _, err := conn.Prepare(t.Context(), listedCards.name, listedCards.postgres); err != nil {
		t.Fatal(err)
	}
	openAlike(t, s)
	if _, err := conn.Exec(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
	bounds := strings.Repeat(", 0, 9223372036854775807", 7)
	plan := askPostgres(t, conn, "EXPLAIN EXECUTE "+listedCards.name+"(1, '5', 51, 51"+bounds+")")
	if !strings.Contains(plan, "using card_number") || !strings.Contains(plan, "using card_pkey") || strings.Contains(plan, "Seq Scan") {
		t.Errorf("the plan:\n%s", plan)
	}
}

// The cards of a day are all due by the same date, and a sweep asks for a few of them at a time. They come in the order
// of an index: sorted, each few would cost as much as all.
func TestSQLiteDuePlan(t *testing.T) {
	t.Parallel()
	_, db, _ := openFile(t)
	explain := define("explain_due_cards", "", "EXPLAIN QUERY PLAN "+dueCards.sqlite)
	explain.columns = dueCards.columns
	var plan []string
	err := db.read(t.Context(), query{explain, merchantRow(explain, 1).int(20300101).int(50), func(r record) error {
		r.int()
		r.int()
		r.int()
		plan = append(plan, r.text())
		return nil
	}})
	all := strings.Join(plan, "\n")
	if err != nil || !strings.Contains(all, "USING INDEX card_next_expiry (merchant=? AND next_expiry<?)") || len(plan) != 1 {
		t.Errorf("%v\n%s", err, all)
	}
}

func TestPostgresDuePlan(t *testing.T) {
	t.Parallel()
	s, conn := postgresWithConn(t)
	if _, err := conn.Prepare(t.Context(), dueCards.name, dueCards.postgres); err != nil {
		t.Fatal(err)
	}
	openAlike(t, s)
	for _, statement := range []string{"UPDATE card SET next_expiry = 20260101", "ANALYZE card"} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	plan := askPostgres(t, conn, "EXPLAIN EXECUTE "+dueCards.name+"(1, 20300101, 50)")
	if !strings.Contains(plan, "using card_next_expiry") || strings.Contains(plan, "Sort") {
		t.Errorf("the plan:\n%s", plan)
	}
}
