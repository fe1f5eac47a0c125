package verify_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to write past the store, as somebody would who tampers

	"tongka"
	"tongka/internal/engine"
	"tongka/internal/store"
	"tongka/internal/verify"
)

// Whatever column of whatever kind of entry is changed behind the program's back must be found.
func TestEveryColumnOfTheJournalIsProved(t *testing.T) {
	t.Parallel()
	dsn := filepath.Join(t.TempDir(), "books.db")
	fill(t, dsn)
	if n := violations(t, dsn); n != 0 {
		t.Fatalf("%d violations before anything was changed", n)
	}
	db, err := sql.Open("sqlite", "file:"+dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	columns, tried := columnsOf(t, db), 0
	for id := 1; id <= 12; id++ {
		for _, c := range columns {
			if id > 8 && c.name != "extra" {
				continue // what the newer kinds have of their own is in there
			}
			undo := tamper(t, db, c, id)
			if n := violations(t, dsn); n == 0 {
				t.Errorf("a changed %s of entry %d was not found", c.name, id)
			}
			undo()
			tried++
		}
	}
	if n := violations(t, dsn); n != 0 {
		t.Errorf("%d violations after everything was put back", n)
	}
	t.Logf("%d changed values were found", tried)
}

func fill(t *testing.T, file string) {
	t.Helper()
	ctx := t.Context()
	st, err := store.Open(ctx, "sqlite:"+file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rights := tongka.Rights{Renewals: []tongka.Renewal{{Price: 2_00, Months: 12}}, Account: tongka.SigningAccount{ID: 7, Name: "某公司"}}
	err = st.SaveMerchant(ctx, tongka.Merchant{
		ID: 1, GUID: "{V}", Name: "某店", Zone: time.UTC, Settings: tongka.Settings{BonusDays: 30, PointsDays: 30},
		Shops:       []tongka.Shop{{ID: 1, GUID: "{S}", Name: "总店"}},
		Levels:      []tongka.Level{{ID: 1, Name: "会员", Discount: 8000, Earn: tongka.Whole, Rights: rights}},
		Rules:       []tongka.Rule{{ID: 1, Name: "充值送10%", Kind: tongka.Percent, AddRate: 1000}},
		PayTypes:    []tongka.PayType{{ID: 1, Name: "现金"}, {ID: 2, Name: "微信", Invoiceable: true}},
		CouponKinds: []tongka.CouponKind{{CouponTerms: tongka.CouponTerms{Kind: 1, Name: "代金券", Type: tongka.CashCoupon, Face: 10_00}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(st, engine.Config{})
	for _, c := range []tongka.Command{
		tongka.Open{Merchant: 1, Card: tongka.NewCard{Number: "A0001", Level: 1, Holder: tongka.Holder{Name: "某人"}, Principal: 500_00, Points: 9, Expires: 2099_12_31}},
		tongka.Recharge{Merchant: 1, Card: "A0001", Amount: 100_00, PayType: 1},
		tongka.Consume{Merchant: 1, Card: "A0001", Amount: 600_00},
		tongka.RefundConsume{Merchant: 1, Card: "A0001", Entry: 4, Amount: 50_00},
		tongka.UsePoints{Merchant: 1, Card: "A0001", Points: 7},
		tongka.SendCoupons{Merchant: 1, Card: "A0001", Kind: 1, Numbers: []string{"28000001"}},
		tongka.Consume{Merchant: 1, Card: "A0001", Amount: 20_00, Coupons: []tongka.CouponID{7*128 + 1}},
		tongka.Recharge{Merchant: 1, By: tongka.Caller{Claimed: time.Now().Add(-time.Hour)}, Card: "A0001", Amount: 30_00, PayType: 2},
		tongka.Invoice{Merchant: 1, Card: "A0001", Amount: 10_00, Note: "普票"},
		tongka.SignBill{Merchant: 1, Card: "A0001", Amount: 15_00},
		tongka.Renew{Merchant: 1, Card: "A0001", Months: 12},
	} {
		if _, err := e.Do(ctx, c); err != nil {
			t.Fatalf("%T: %v", c, err)
		}
	}
	if err := e.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

// violations is how many checks failed; books that cannot even be read count as one.
func violations(t *testing.T, file string) int64 {
	t.Helper()
	st, err := store.Open(t.Context(), "sqlite:"+file, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	var found int64
	err = st.Snapshot(t.Context(), func(v *store.View) error {
		results, err := verify.Run(context.Background(), v, st, func(int64, int64) {})
		for _, r := range results {
			found += r.Violations
		}
		return err
	})
	if err != nil {
		return 1
	}
	return found
}

type column struct{ name, typ string }

func columnsOf(t *testing.T, db *sql.DB) (all []column) {
	t.Helper()
	rows, err := db.Query("SELECT name, type FROM pragma_table_info('entry')")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.name, &c.typ); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	if err := rows.Err(); err != nil || !slices.Contains(all, column{"hash", "BLOB"}) {
		t.Fatalf("columns %v, %v", all, err)
	}
	return all
}

// tamper changes one value of one entry by as little as there is, and answers how to undo it.
func tamper(t *testing.T, db *sql.DB, c column, id int) (undo func()) {
	t.Helper()
	var before any
	if err := db.QueryRow("SELECT "+c.name+" FROM entry WHERE id = $1", id).Scan(&before); err != nil {
		t.Fatal(err)
	}
	var after any
	switch v := before.(type) {
	case int64:
		after = v + 1
		if c.name == "id" {
			after = v + 1000 // the next one is taken
		}
	case string:
		after = v + "1"
	case []byte:
		flipped := slices.Clone(v)
		flipped[len(flipped)-1] ^= 1
		after = flipped
	default:
		t.Fatalf("column %s holds a %T", c.name, before)
	}
	set := func(from, to any) {
		if c.name != "id" {
			from = id
		}
		if _, err := db.Exec(fmt.Sprintf("UPDATE entry SET %s = $1 WHERE id = $2", c.name), to, from); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
	}
	if c.name == "seq" {
		after = int64(1000) // the next one is taken
	}
	set(before, after)
	return func() { set(after, before) }
}
