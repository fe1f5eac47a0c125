package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
)

// lookups are the statements of Find, of coupons, and of the inner codes that a command names, with the index that
// each must use in both databases.
var lookups = []struct {
	s        *statement
	args     string // in the syntax of PostgreSQL
	sqlite   string // what a plan must contain
	postgres string // the index; "" = any plan will do while there are no statistics
	analyzed string // the index once there are statistics; "" = as before
}{
	{cardsBetween, "1, 1, 5, 1", "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)", "card_pkey", ""},
	{cardByExtID, "1, '5'", "USING INDEX card_extid (merchant=? AND extid=?)", "card_extid", ""},
	{cardsByPhone, "1, '5', 1000", "USING COVERING INDEX card_phone (merchant=? AND phone=?)", "card_phone", ""},
	{cardsByOpenID, "1, '5', 1000", "USING COVERING INDEX card_openid (merchant=? AND openid=?)", "card_openid", ""},
	{entriesOf, "'{1}', '{5}'", "USING COVERING INDEX entry_undoes (merchant=? AND undoes=?)", "", ""},
	{lapsesOf, "'{1}', '{5}'", "USING INDEX entry_card (merchant=? AND card=? AND seq>?)", "", ""},
	{couponsOf, "'{1}', '{5}'", "USING PRIMARY KEY (merchant=? AND id=?)", "coupon_pkey", ""},
	{walletsOf, "'{1}', '{5}'", "USING COVERING INDEX coupon_state (merchant=? AND card=? AND state=?)", "", ""},
	{walletSizesOf, "'{1}', '{5}'", "USING COVERING INDEX coupon_state (merchant=? AND card=? AND state=?)", "", ""},
	{couponsUsedBy, "'{1}', '{5}'", "USING COVERING INDEX coupon_used_by (merchant=? AND used_by=?)", "", ""},
	{couponNumbersOf, "'{1}', '{5}'", "USING COVERING INDEX coupon_number (merchant=? AND number=?)", "coupon_number", ""},
	{cardCoupons, "1, 5, 5, 100", "USING COVERING INDEX coupon_card (merchant=? AND card=? AND id>?)", "coupon_card", ""},
	{dueCoupons, "1, 5, 100", "USING COVERING INDEX coupon_due (merchant=? AND good_until<?)", "coupon_due", ""},
	{
		cardUnused, "1, 5, 5, 100", "USING COVERING INDEX coupon_state (merchant=? AND card=? AND state=? AND id>?)",
		"coupon_", "",
	},
	{extIDsOf, "'{1}', '{5}'", "USING COVERING INDEX card_extid (merchant=? AND extid=?)", "", "card_extid"},
}

// openAlike opens cards of which every second has the same phone and open id.
func openAlike(t *testing.T, s *Store) {
	t.Helper()
	ctx := context.Background()
	m := someMerchant
	m.Levels = []ledger.Level{{ID: 1, PayRate: ledger.Percent100}}
	if err := s.SaveMerchant(ctx, m); err != nil {
		t.Fatal(err)
	}
	batch := command.Import{Merchant: 1}
	for i := range 4000 {
		n := command.NewCard{
			Number: fmt.Sprint(10000 + i), Level: 1, Principal: 1_00, Holder: ledger.Holder{Name: "张三", Phone: "1"},
		}
		n.Details = ledger.Details{ExtID: fmt.Sprint(i), OpenID: "o"}
		if i%2 == 0 {
			n.Holder.Phone, n.Details.OpenID = fmt.Sprint(13800000000+i), fmt.Sprint("o", i)
		}
		batch.Cards = append(batch.Cards, n)
	}
	state := command.NewState(1)
	keys := state.Missing(batch.Keys())
	records, err := s.Load(ctx, command.Want{Merchant: 1, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	state.Learn(keys, records[0])
	ch, err := batch.Decide(state, someTime)
	if err != nil || len(ch.Refused) > 0 {
		t.Fatal(err, ch.Refused)
	}
	if err := s.Save(ctx, ch); err != nil {
		t.Fatal(err)
	}
}

// Every look-up uses its index, whether it is planned while there are no cards, or when there are many with one
// phone on half of them.
func TestSQLiteFindPlans(t *testing.T) {
	t.Parallel()
	s, db, _ := openFile(t)
	check := func() {
		t.Helper()
		for _, l := range lookups {
			explain := define("explain_"+l.s.name, "", "EXPLAIN QUERY PLAN "+l.s.sqlite)
			explain.columns = l.s.columns
			args := rowsFor(explain, 1)
			for _, c := range explain.columns {
				if c.kind == textual {
					args.text("5")
				} else {
					args.int(1)
				}
			}
			var plan []string
			err := db.read(t.Context(), query{explain, args, func(r record) error {
				r.int()
				r.int()
				r.int()
				plan = append(plan, r.text())
				return nil
			}})
			all := strings.Join(plan, "\n")
			if err != nil || !strings.Contains(all, l.sqlite) || strings.Contains(all, "TEMP B-TREE") ||
				strings.Contains(all, "SCAN card") {
				t.Errorf("%s: %v\n%s\nwant %s", l.s.name, err, all, l.sqlite)
			}
		}
	}
	check()
	openAlike(t, s)
	check()
}

func TestPostgresFindPlans(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, conn := postgresWithConn(t)
	check := func(when string) {
		t.Helper()
		for _, l := range lookups {
			if _, err := conn.Prepare(ctx, l.s.name, l.s.postgres); err != nil {
				t.Fatal(err)
			}
			plan := askPostgres(t, conn, "EXPLAIN EXECUTE "+l.s.name+"("+l.args+")")
			want := l.postgres
			if when == "analyzed" {
				want = cmp.Or(l.analyzed, want)
			}
			if want != "" && !strings.Contains(plan, "using "+want) { // card or coupon
				t.Errorf("%s %s:\n%s\nwant %s", when, l.s.name, plan, want)
			}
		}
	}
	check("empty")
	openAlike(t, s)
	check("full")
	if _, err := conn.Exec(ctx, "ANALYZE"); err != nil {
		t.Fatal(err)
	}
	check("analyzed")
}

// postgresWithConn returns an empty store and one of its connections.
func postgresWithConn(t *testing.T) (*Store, *pgx.Conn) {
	t.Helper()
	s, err := Open(context.Background(), pgtest.DSN(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	conn, _, err := s.backend.(*postgresDB).pool.acquire(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Release) // before the store is closed
	return s, conn.Conn()
}

// The statements that tills need are planned only once, although nothing forces that; statements for reports are
// planned as the server plans by default.
func TestPostgresPlanning(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, err := Open(ctx, pgtest.DSN(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // the test has ended
	openAlike(t, s)
	for i := range 12 {
		saveBill(t, s, fmt.Sprint(10000+i))
		askAll(t, s, i)
	}
	conn, _, err := s.backend.(*postgresDB).pool.acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if mode := askPostgres(t, conn.Conn(), "SHOW plan_cache_mode"); mode != "auto" {
		t.Errorf("plan_cache_mode is %s", mode)
	}
	again := askPostgres(t, conn.Conn(), `SELECT name || ' ' || generic_plans FROM pg_prepared_statements
		WHERE name LIKE 'tongka%' AND generic_plans + custom_plans > 8`)
	for _, want := range []string{"update_card", "front_cards", "whole_cards_by_ref", "card_by_extid", "wallets_of"} {
		if !strings.Contains(again, "tongka_"+want) {
			t.Errorf("%s is not among what was carried out several times:\n%s", want, again)
		}
	}
	for line := range strings.Lines(again) {
		if strings.HasSuffix(strings.TrimSpace(line), " 0") {
			t.Errorf("planned every time: %s", line)
		}
	}
	err = s.Snapshot(ctx, func(v *View) error {
		for setting, want := range map[string]string{"enable_seqscan": "on", "plan_cache_mode": "auto"} {
			if got := askPostgres(t, v.q.(postgresConn).conn, "SHOW "+setting); got != want {
				t.Errorf("%s of a report is %s", setting, got)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// askAll reads about card i what tills and phones read.
func askAll(t *testing.T, s *Store, i int) {
	t.Helper()
	ctx, key := t.Context(), ledger.CardKey{Merchant: 1, Number: fmt.Sprint(10000 + i)}
	for _, q := range []ledger.FindQuery{
		{ID: ledger.CardID(i + 1)}, {ExtID: fmt.Sprint(i)}, {Phone: fmt.Sprint(13800000000 + i)}, {OpenID: fmt.Sprint("o", i)},
	} {
		q.Merchant = 1
		if _, err := s.Find(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.Card(ctx, key)
	_, _, err2 := s.Wallet(ctx, key)
	_, err3 := s.Stocks(ctx, 1)
	_, err4 := s.UsedStep(ctx, 1, ledger.CardID(i+1))
	_, err5 := s.History(ctx, ledger.HistoryQuery{Card: key, Page: 1, Size: 20})
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
}

// saveBill saves a bill that a card of merchant 1 pays.
func saveBill(t *testing.T, s *Store, card string) {
	t.Helper()
	bill := command.Consume{Merchant: 1, Card: card, Amount: 100}
	state := command.NewState(1)
	keys := state.Missing(bill.Keys())
	records, err := s.Load(t.Context(), command.Want{Merchant: 1, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	state.Learn(keys, records[0])
	ch, err := bill.Decide(state, someTime)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Save(t.Context(), ch); err != nil {
		t.Fatal(err)
	}
}

func askPostgres(t *testing.T, conn *pgx.Conn, text string) string {
	t.Helper()
	rows, err := conn.Query(context.Background(), text, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// A bill changes no indexed column but the next expiry, so that PostgreSQL can put the card's new row beside the old
// one without touching the indexes.
func TestPostgresBillsStayOutOfIndexes(t *testing.T) {
	t.Parallel()
	_, conn := postgresWithConn(t)
	indexed := strings.Split(askPostgres(t, conn, `SELECT DISTINCT a.attname::text FROM pg_index AS i
		JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) WHERE i.indrelid = 'card'::regclass`), "\n")
	for _, name := range []string{"ref", "merchant", "number", "phone", "extid", "openid", "next_expiry"} {
		if !slices.Contains(indexed, name) {
			t.Errorf("%s is in no index", name)
		}
	}
	for _, c := range updateCard.columns[2:] {
		if slices.Contains(indexed, c.name) && c.name != "next_expiry" {
			t.Errorf("every bill changes %s, which is in an index", c.name)
		}
	}
}

// What a card has in its column for rare things is read back, and a card without such things has an empty text
// there.
func TestAsideText(t *testing.T) {
	t.Parallel()
	for _, want := range []ledger.Card{
		{}, {Invoiceable: 395_00}, {Charges: ledger.Charges{Amount: 15_00, Bills: 2}},
		{Invoiceable: 7, Charges: ledger.Charges{Bills: 1}}, {Invoiceable: -1, Details: ledger.Details{Remarks: "{,:"}},
		{Details: ledger.Details{Remarks: "备注 <b>\"\\"}}, {Details: ledger.Details{Referrer: "7"}},
		{Details: ledger.Details{IDNumber: "32050119990909001X"}},
		{Details: ledger.Details{Password: "aGFzaA"}}, {Details: ledger.Details{Credit: 100}},
		{Details: ledger.Details{Subject: "开业"}},
		{Details: ledger.Details{Physical: ledger.Physical{No: "1", Type: "2", Name: "3", Balance: 4, Points: 5}}},
	} {
		text, err := encodeAside(&want)
		if err != nil || (text == "") != reflect.DeepEqual(want, ledger.Card{}) {
			t.Errorf("%+v is kept as %q, %v", want, text, err)
		}
		var got ledger.Card
		if err := decodeAside(text, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q is read as %+v, %v, want %+v", text, got, err, want)
		}
	}
	if text, err := encodeAside(&ledger.Card{Details: ledger.Details{ExtID: "1", OpenID: "2"}}); err != nil || text != "" {
		t.Errorf("what has columns of its own is kept as %q, %v", text, err)
	}
	if text, err := encodeAside(&ledger.Card{Details: ledger.Details{Remarks: "\xff"}}); err == nil {
		t.Errorf("what is not a text is kept as %q", text)
	}
	for _, text := range []string{"x", "[]", `{"c":"1"}`, "1", "1:2", "1:2:3:4", "1:2:3,4:5:6{}", "{}{}"} {
		var got ledger.Card
		if err := decodeAside(text, &got); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

// Terms that were read before are those of the text again, and share no memory with another coupon's. What is no
// text of terms is an error, wherever it comes.
func TestTermsReader(t *testing.T) {
	t.Parallel()
	one, two := ledger.CouponTerms{Kind: 1, Type: ledger.GoodsCoupon, Shops: []ledger.ShopID{7}}, ledger.CouponTerms{
		Kind: 2, Type: ledger.GoodsCoupon,
	}
	var r termsReader
	if _, err := r.decode(""); err == nil {
		t.Error("nothing was read as terms")
	}
	for _, want := range []ledger.CouponTerms{one, one, two, one} {
		text, err := encodeTerms(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.decode(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is read as %+v, %v", text, got, err)
		}
		if len(got.Shops) > 0 {
			got.Shops[0] = 9
		}
		if _, err := r.decode("{"); err == nil {
			t.Error("half a text was read as terms")
		}
	}
}

// An id out of bounds belongs to no card: as a part of a ref it would name a card of another merchant.
func TestFindIDOutOfBounds(t *testing.T) {
	t.Parallel()
	for _, id := range []ledger.CardID{-1, maxCard + 1, 1<<32 + 5, 1 << 62} {
		var found []ledger.Card
		if _, ok := lookup(ledger.FindQuery{Merchant: 1, ID: id}, &found); ok {
			t.Errorf("card %d is looked up", id)
		}
	}
	var found []ledger.Card
	if _, ok := lookup(ledger.FindQuery{Merchant: 1, ID: maxCard}, &found); !ok {
		t.Error("the last card is not looked up")
	}
}
