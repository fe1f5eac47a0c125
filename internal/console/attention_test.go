package console

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

// cares leaves something of everything that needs attention at cards of the first merchant.
func (w *world) cares() {
	w.t.Helper()
	w.cards()
	word, clerk := "kept/right", ledger.Caller{Shop: 11, Operator: "小王 <script>alert(1)</script>"}
	w.do(
		command.ModifyDetails{Merchant: 1, Card: "6002", Password: &word},
		command.Recharge{Merchant: 1, Card: "6002", Amount: 100_00, PayType: 1},
		command.Consume{Merchant: 1, By: clerk, Card: "6001", Amount: 66_00},
		command.Consume{Merchant: 1, By: clerk, Card: "6001", Amount: 66_00},
	)
	for range 3 {
		_, err := w.engine.Do(w.t.Context(), command.Consume{
			Merchant: 1, By: ledger.Caller{Agent: 9, Shop: 11}, Card: "6002", Amount: 1_00,
			Proof: &command.Proof{From: "10.0.0.1", Password: func(string) bool { return false }},
		})
		if err == nil {
			w.t.Fatal("a wrong password paid")
		}
	}
	message := ledger.Message{Merchant: 1, ID: 7, Card: 1, At: w.clock(), Until: w.clock().Add(time.Minute), Sealed: []byte("x")}
	records, err := w.store.Load(w.t.Context(), command.Want{Merchant: 1, Keys: command.Keys{Head: true}})
	w.must(err)
	w.must(w.store.Save(w.t.Context(), command.Changes{Head: &records[0].Head, Messages: []ledger.Message{message}}))
	w.must(w.store.Settle(w.t.Context(), ledger.Parcel{Message: message}, w.clock(), "given up after 2 tries"))
	w.fold()
}

// What needs attention at cards is told on Today, which leads to the cards and says what to do; and once that is done,
// it is told no more.
func TestAttentionAtCards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cares()
	b := w.signedIn("admin")
	today := func() string { return b.get("/console/m/1/").Body.String() }
	for _, c := range []struct{ name, said, want string }{
		{"doubles", wDoublesOne.Zh, "2 × ¥66.00"}, {"locked", wLockedOne.Zh, wLockedTill.Zh},
		{"messages", wGivenUpOne.Zh, wTriesMade.Zh},
	} {
		page := today()
		path := "/console/m/1/attention/" + c.name
		if !strings.Contains(page, c.said) || !strings.Contains(page, path) {
			t.Errorf("%s: Today says %s", c.name, words(page))
		}
		list := b.get(path).Body.String()
		number := "6001"
		if c.name == "locked" {
			number = "6002"
		}
		if !strings.Contains(list, c.want) || !strings.Contains(list, ">"+number+"</a>") || strings.Contains(list, "<script>alert") {
			t.Errorf("%s: the list says %s", c.name, words(list))
		}
	}
	word := "kept/new"
	newest := w.newestOf("6001")
	w.do(
		command.ModifyDetails{Merchant: 1, Card: "6002", Password: &word},
		command.RefundConsume{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: "6001", Entry: newest.ID},
	)
	for path, said := range map[string]text{"doubles": wDoublesOne, "locked": wLockedOne} {
		if page := today(); strings.Contains(page, said.Zh) {
			t.Errorf("%s: it is mended, and told all the same: %s", path, words(page))
		}
		if list := b.get("/console/m/1/attention/" + path).Body.String(); !strings.Contains(list, wNoneOfThese.Zh) {
			t.Errorf("%s: it is mended, and listed all the same: %s", path, words(list))
		}
	}
}

// A lock is over when its time is, and a double when its day is.
func TestAttentionIsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cares()
	b := w.signedIn("admin")
	w.wait(31)
	if page := b.get("/console/m/1/").Body.String(); strings.Contains(page, wLockedOne.Zh) || !strings.Contains(page, wDoublesOne.Zh) {
		t.Errorf("after half a minute: %s", words(page))
	}
	w.wait(24 * 60 * 60)
	b = w.signedIn("admin")
	if page := b.get("/console/m/1/").Body.String(); strings.Contains(page, wDoublesOne.Zh) {
		t.Errorf("on the next day: %s", words(page))
	}
}

// counting counts the cards that are loaded.
type counting struct {
	DayBooks
	cards *int
}

func (c counting) Load(ctx context.Context, wants ...command.Want) ([]command.Records, error) {
	for i := range wants {
		*c.cards += len(wants[i].Keys.Cards)
	}
	return c.DayBooks.Load(ctx, wants...)
}

// Cards of which something expires within a week are listed, the soonest first. Today only counts them.
func TestAttentionToWhatExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	m := merchantOf(1, "聚客", time.UTC, ledger.Shop{ID: 11, Name: "人民路店"}, ledger.Shop{ID: 12, Name: "湖滨店"})
	m.Settings.BonusDays, m.Settings.PointsDays = 3, 3
	w.must(w.store.SaveMerchant(t.Context(), m))
	w.must(w.dir.Refresh(t.Context()))
	w.do(
		command.Open{Merchant: 1, Card: command.NewCard{
			Number: "6003", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "李四", Phone: "13900000000"},
		}},
		command.Recharge{Merchant: 1, Card: "6003", Amount: 500_00, PayType: 1},
	)
	b, loaded := w.signedIn("auditor"), 0
	w.console.cfg.Snapshot = func(_ context.Context, fn func(DayBooks) error) error {
		return fn(counting{w.store, &loaded})
	}
	if page := b.get("/console/m/1/").Body.String(); !strings.Contains(page, wLapsingOne.Zh) || loaded > 0 {
		t.Errorf("Today loads %d cards and says %s", loaded, words(page))
	}
	list := words(b.get("/console/m/1/attention/lapsing").Body.String())
	if !strings.Contains(list, "6003 李四 · 139****0000 "+wFirstExpiry.Zh+" 2026-03-07 赠送 ¥100.00") || strings.Contains(list, "6001") {
		t.Errorf("the list says %s", list)
	}
	if got := b.get("/console/m/1/attention/nothing"); got.Code != http.StatusNotFound {
		t.Errorf("what there is not: %d", got.Code)
	}
}

// Of very many entries Today looks at the newest, and it does not look at one twice.
func TestDoublesAreLookedForOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cares()
	b := w.signedIn("admin")
	_ = b.get("/console/m/1/")
	at := w.console.doubles.of(1)
	if last := w.newestOf("6001").ID; at.entry != last {
		t.Errorf("looked up to entry %d, the newest is %d", at.entry, last)
	}
	for range 2 {
		if page := b.get("/console/m/1/").Body.String(); !strings.Contains(page, wDoublesOne.Zh) {
			t.Errorf("looked again: %s", words(page))
		}
	}
	if other := w.signedIn("owner").get("/console/m/2/").Body.String(); strings.Contains(other, wDoublesOne.Zh) {
		t.Error("another merchant is told")
	}
}

// Today and what it leads to read the books over the one connection that they have: if each took a second, as many as
// there are connections would wait for each other until all have failed.
func TestTodayNeedsOneReader(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "one.db"), store.Options{Readers: 1})
	w.must(err)
	e := engine.New(db, engine.Config{Clock: w.clock, Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { w.must(errors.Join(e.Close(context.Background()), db.Close())) })
	w.must(db.SaveMerchant(t.Context(), *w.dir.Merchant(1)))
	do := func(cmd command.Command) error {
		_, err := e.Do(t.Context(), cmd)
		return err
	}
	w.must(do(command.Open{Merchant: 1, Card: command.NewCard{
		Number: "6001", Kind: ledger.Common, Level: 1, Principal: 10_00, Holder: ledger.Holder{Name: "张三"},
		Details: ledger.Details{Password: "kept/right"},
	}}))
	for range 3 {
		if do(command.Consume{
			Merchant: 1, By: ledger.Caller{Agent: 9, Shop: 11}, Card: "6001", Amount: 1_00,
			Proof: &command.Proof{From: "10.0.0.1", Password: func(string) bool { return false }},
		}) == nil {
			t.Fatal("a wrong password paid")
		}
	}
	cfg := &w.console.cfg
	cfg.Books, cfg.Jobs = db, db
	cfg.Snapshot = func(ctx context.Context, fn func(DayBooks) error) error {
		return db.Snapshot(ctx, func(v *store.View) error { return fn(v) })
	}
	b := w.signedIn("admin")
	for path, want := range map[string]text{"": wLockedOne, "attention/locked": wLockedTill} {
		if got := b.get("/console/m/1/" + path); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), want.Zh) {
			t.Errorf("%s: %d %s", path, got.Code, words(got.Body.String()))
		}
	}
}

// Whoever has some shops only is told what needs attention there, and of no other shop and of nothing that is the
// merchant's as a whole.
func TestAttentionOfSomeShops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cares()
	w.limit()
	other := ledger.Person{ID: 8, SignIn: "lake", Name: "湖滨店长", Grants: grantOf("manager", 1, 12)}
	w.do(command.ChangePerson{To: other})
	w.must(w.dir.Refresh(t.Context()))
	w.proposal(1, "p2", 4, 11)
	for name, want := range map[string]bool{"manager": true, "lake": false} {
		b := w.signedIn(name)
		page := b.get("/console/m/1/").Body.String()
		list := b.get("/console/m/1/attention/doubles")
		for where, has := range map[string]bool{
			"the double on Today":    strings.Contains(page, wDoublesOne.Zh),
			"where it is":            strings.Contains(page, "/console/m/1/attention/doubles"),
			"the proposal":           strings.Contains(page, wWaitsForYou.Zh),
			"the double in the list": strings.Contains(list.Body.String(), "2 × ¥66.00"),
		} {
			if has != want {
				t.Errorf("%s: %s: %t, want %t: %s", name, where, has, want, words(page))
			}
		}
		if list.Code != http.StatusOK {
			t.Errorf("%s: the list of doubles: %d", name, list.Code)
		}
		for _, said := range []text{wLockedOne, wGivenUpOne, wNeverProved, wOwedMoney} {
			if strings.Contains(page, said.Zh) {
				t.Errorf("%s is told what is of the whole merchant: %s", name, said.Zh)
			}
		}
		for _, whole := range []string{"messages", "locked", "lapsing"} {
			if got := b.get("/console/m/1/attention/" + whole); got.Code != http.StatusForbidden {
				t.Errorf("%s: %s: %d", name, whole, got.Code)
			}
		}
		if got := b.get("/console/m/2/attention/doubles"); got.Code != http.StatusNotFound {
			t.Errorf("%s: at another merchant: %d", name, got.Code)
		}
	}
}
