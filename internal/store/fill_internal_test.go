package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"tongka/internal/command"
	"tongka/internal/filetest"
	"tongka/internal/ledger"
	"tongka/internal/pgtest"
)

// openUnfilled opens a PostgreSQL database in which cards come into the index only when the test copies them.
func openUnfilled(t *testing.T, dsn string) (*Store, *postgresDB) {
	t.Helper()
	s, err := Open(t.Context(), dsn, Options{unfilled: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, s.backend.(*postgresDB)
}

// copyNext copies at most so many cards of merchant 1 into the index, and reports whether there are more.
func copyNext(t *testing.T, db *postgresDB, most int64) (more bool, err error) {
	t.Helper()
	mark, last, err := db.marks(t.Context(), 1)
	if err != nil || mark >= last {
		return false, err
	}
	to := min(mark+most, last)
	return to < last, db.copyCards(t.Context(), 1, to, to%2 == 0)
}

// perform decides a command of merchant 1 on what is stored and saves it; what is stale is decided again.
func perform(t *testing.T, s *Store, c command.Command) {
	t.Helper()
	performAt(t, s, 1, c)
}

func performAt(t *testing.T, s *Store, merchant ledger.MerchantID, c command.Command) {
	t.Helper()
	for {
		state := command.NewState(merchant)
		keys := state.Missing(c.Keys())
		records, err := s.Load(t.Context(), command.Want{Merchant: merchant, Keys: keys})
		if err != nil {
			t.Error(err)
			return
		}
		state.Learn(keys, records[0])
		ch, err := c.Decide(state, someTime)
		if err != nil || len(ch.Refused) > 0 {
			t.Error(err, ch.Refused)
			return
		}
		if err := s.Save(t.Context(), ch); !errors.Is(err, command.ErrStale) {
			if err != nil {
				t.Error(err)
			}
			return
		}
	}
}

// openSome opens cards with the numbers N00000 and on; each has a name of its own and one that it shares with others.
func openSome(t *testing.T, s *Store, from, to int) {
	t.Helper()
	batch := command.Import{Merchant: 1}
	for i := from; i < to; i++ {
		batch.Cards = append(batch.Cards, command.NewCard{
			Number: fmt.Sprintf("N%05d", i), Level: 1, Principal: 10_00,
			Holder: ledger.Holder{Name: fmt.Sprintf("王%d小%d", i%7, i), Phone: fmt.Sprint(13800000000 + i)},
		})
	}
	perform(t, s, batch)
}

// Whoever opens many cards has the planner know of them at once: until then each was looked for among all cards of its
// merchant, because the table was empty when the planner looked last.
func TestPlannerKnowsOfManyCards(t *testing.T) {
	t.Parallel()
	s, db := openUnfilled(t, pgtest.DSN(t))
	openLevels(t, s)
	known := func() (cards int64) {
		t.Helper()
		err := db.read(t.Context(), query{cardsKnown, noRows, func(r record) error {
			cards = r.int()
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		return cards
	}
	f, opened := fillerOf(t, db, nil), 0
	for _, step := range []struct{ cards, known int64 }{
		{10, -1}, {analyzeFrom, analyzeFrom}, {analyzeTimes*analyzeFrom - 1, analyzeFrom},
		{analyzeTimes * analyzeFrom, analyzeTimes * analyzeFrom},
	} {
		openSome(t, s, opened, int(step.cards))
		opened = int(step.cards)
		f.wake(map[ledger.MerchantID]int64{1: step.cards})
		f.analyze(t.Context())
		if got := known(); got != step.known {
			t.Errorf("of %d cards the planner knows of %d, want %d", step.cards, got, step.known)
		}
	}
}

func openLevels(t *testing.T, s *Store) {
	t.Helper()
	openMerchant(t, s, someMerchant)
}

func openMerchant(t *testing.T, s *Store, m ledger.Merchant) {
	t.Helper()
	m.Levels = []ledger.Level{{
		ID: 1, PayRate: ledger.Percent100, Rights: ledger.Rights{Account: ledger.HouseAccount{ID: 1, Name: "公司"}},
	}}
	m.PayTypes = []ledger.PayType{{ID: 1, Name: "现金", Invoiceable: true}}
	if err := s.SaveMerchant(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func rename(number, name string) command.ModifyHolder {
	return command.ModifyHolder{Merchant: 1, Card: number, Name: &name}
}

// faultsOf returns what verify finds wrong with the index.
func faultsOf(t *testing.T, s *Store) (faults []string) {
	t.Helper()
	err := s.Snapshot(t.Context(), func(v *View) (err error) {
		faults, err = v.IndexFaults(t.Context())
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return faults
}

// wantAlike fails if the index, with the cards that are not in it yet, finds for a key others than a look at all cards.
func wantAlike(t *testing.T, s *Store, keys ...string) {
	t.Helper()
	for _, key := range keys {
		for _, limit := range []int{3, 50} {
			q := ledger.SearchQuery{Merchant: 1, Key: key, Limit: limit}
			want, err := s.walk(t.Context(), q, key, nil, "")
			if err != nil {
				t.Fatal(err)
			}
			got, hits, err := s.indexed(t.Context(), q, key, true)
			if err != nil || hits < commonKey && !slices.Equal(got, want) {
				t.Errorf("%q, at most %d: got %v, %v, want %v", key, limit, got, err, want)
			}
			found, err := s.Search(t.Context(), q)
			if err != nil || len(found) != len(want) {
				t.Errorf("%q, at most %d: found %d, %v, want %d", key, limit, len(found), err, len(want))
			}
		}
	}
}

// TestSearchBehindTheMark: a card is found as soon as it is saved, by what it has now and by nothing that it had,
// whether it is in the index or not, and wherever the mark is.
func TestSearchBehindTheMark(t *testing.T) {
	t.Parallel()
	s, db := openUnfilled(t, pgtest.DSN(t))
	openLevels(t, s)
	const cards = walkCards + 5000 // more than a search looks at in one piece
	openSome(t, s, 0, cards)
	keys := []string{"小2", "小24999", "王3小1", "n000", "n24999", "4321", "改名", "小77", "王0小0", "没有的人"}
	wantAlike(t, s, keys...)
	for i, mark := range []int64{1, 3000, 19_000, cards} {
		more, err := copyNext(t, db, mark)
		for ; err == nil && more && i == 3; more, err = copyNext(t, db, mark) {
		}
		if err != nil || more != (i < 3) {
			t.Fatal(err, more)
		}
		wantAlike(t, s, keys...)
		perform(t, s, rename(fmt.Sprintf("N%05d", i), fmt.Sprint("改名", i)))
		perform(t, s, rename(fmt.Sprintf("N%05d", cards-i-1), fmt.Sprint("改名", cards-i)))
		perform(t, s, command.Replace{Merchant: 1, Card: fmt.Sprintf("N%05d", 100+i), Number: fmt.Sprintf("R%05d", 100+i)})
		wantAlike(t, s, append(keys, "r001", fmt.Sprintf("n%05d", 100+i))...)
		if faults := faultsOf(t, s); len(faults) > 0 {
			t.Errorf("up to %d: %v", mark, faults)
		}
	}
}

// TestCommonKeysBehindTheMark: with very many cards behind the mark a key that is on many is found by a walk that ends
// soon, and not by looking at all of them.
func TestCommonKeysBehindTheMark(t *testing.T) {
	t.Parallel()
	s, _ := openUnfilled(t, pgtest.DSN(t))
	openLevels(t, s)
	openSome(t, s, 0, walkCards+100)
	wantExactInTime(t, s)
	q := ledger.SearchQuery{Merchant: 1, Key: "138000", Limit: 3}
	if ids, hits, err := s.indexed(t.Context(), q, q.Key, false); err != nil || hits != commonKey || len(ids) > 0 {
		t.Errorf("looked at all: %v, %d, %v", ids, hits, err)
	}
	if found, err := s.Search(t.Context(), q); err != nil || len(found) != 3 || found[0].Number != "N00000" {
		t.Errorf("found %v, %v", found, err)
	}
}

// wantExactInTime fails if the card with a number is not found by it while others take so long to search that there is
// no time to look at all cards behind the mark.
func wantExactInTime(t *testing.T, s *Store) {
	t.Helper()
	for range cap(s.walks) {
		s.walks <- struct{}{}
		defer func() { <-s.walks }()
	}
	defer func(read time.Duration) { s.limits.Read = read }(s.limits.Read)
	s.limits.Read = 500 * time.Millisecond
	found, err := s.Search(t.Context(), ledger.SearchQuery{Merchant: 1, Key: "N20007", Limit: 3})
	if err != nil || len(found) != 1 || found[0].Number != "N20007" {
		t.Errorf("by its number a card was found as %v, %v", found, err)
	}
	if found, err := s.Search(t.Context(), ledger.SearchQuery{Merchant: 1, Key: "N99999", Limit: 3}); err == nil {
		t.Errorf("a search that had no time to look at all found %v", found)
	}
}

// waitingForLock returns when a session of the database waits for a lock.
func waitingForLock(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	for begun := time.Now(); askPostgres(t, conn, `SELECT count(*)::text FROM pg_stat_activity
		WHERE datname = current_database() AND wait_event_type = 'Lock'`) == "0"; {
		if time.Since(begun) > 10*time.Second {
			t.Fatal("nobody waits for a lock")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestTextChangedWhileCopied: a name that is changed while its card is copied into the index is found there afterwards,
// and the name before is not, whoever of the two is first; also where a transaction would by itself see nothing that
// was committed since it began. Tills that pay, open cards, take money to be invoiced or charge bills to an account
// wait for nobody who copies.
func TestTextChangedWhileCopied(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	first, _ := openUnfilled(t, dsn)
	openLevels(t, first)
	openSome(t, first, 0, 20)
	database := first.backend.(*postgresDB).pool.cfg.ConnConfig.Database
	conn := connectTo(t, dsn)
	askPostgres(t, conn, "ALTER DATABASE "+database+" SET default_transaction_isolation = 'repeatable read'")
	s, db := openUnfilled(t, dsn)
	other := connectTo(t, dsn)
	run := func(text string) { t.Helper(); askPostgres(t, other, text) }

	// The cards are copied, and the mark is held, when somebody changes a name.
	run("BEGIN ISOLATION LEVEL READ COMMITTED")
	run("INSERT INTO search_mark VALUES (1, 0) ON CONFLICT (merchant) DO UPDATE SET card = search_mark.card")
	run("INSERT INTO card_search SELECT merchant, ref, number, search FROM card WHERE id <= 10")
	run("UPDATE search_mark SET card = 10")
	saveBill(t, s, "N00002")
	openSome(t, s, 20, 22)
	perform(t, s, command.Recharge{Merchant: 1, Card: "N00002", Amount: 5_00, PayType: 1})
	perform(t, s, command.ChargeToAccount{Merchant: 1, Card: "N00002", Amount: 5_00})
	var both sync.WaitGroup
	both.Go(func() { perform(t, s, rename("N00002", "改名")) })
	waitingForLock(t, conn)
	run("COMMIT")
	both.Wait()
	if faults := faultsOf(t, s); len(faults) > 0 {
		t.Errorf("a name that is changed second: %v", faults)
	}

	// Somebody has changed a name, and not committed, when the card is copied.
	run("BEGIN ISOLATION LEVEL READ COMMITTED")
	run("INSERT INTO search_mark VALUES (1, 0) ON CONFLICT (merchant) DO UPDATE SET card = search_mark.card")
	run("UPDATE card SET name = '新名', search = 'n00015' || chr(10) || '新名' || chr(10) || phone WHERE number = 'N00015'")
	both.Go(func() {
		if _, err := copyNext(t, db, 100); err != nil {
			t.Error(err)
		}
	})
	waitingForLock(t, conn)
	run("COMMIT")
	both.Wait()
	if faults := faultsOf(t, s); len(faults) > 0 {
		t.Errorf("a name that is changed first: %v", faults)
	}
	if n := askPostgres(t, conn, "SELECT count(*)::text FROM card_search WHERE search LIKE '%新名%' OR search LIKE '%改名%'"); n != "2" {
		t.Errorf("%s cards have the names that were given", n)
	}
}

// connectTo returns a connection that is not the store's.
func connectTo(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// TestTextsChangedWhileCopied: the same, as it comes, with two processes that copy and two that change names.
func TestTextsChangedWhileCopied(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	s, db := openUnfilled(t, dsn)
	openLevels(t, s)
	const cards = 300
	openSome(t, s, 0, cards)
	second, db2 := openUnfilled(t, dsn)
	var all sync.WaitGroup
	for _, db := range []*postgresDB{db, db2} {
		all.Go(func() {
			for more := true; more; time.Sleep(5 * time.Millisecond) {
				var err error
				if more, err = copyNext(t, db, 3); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for k, s := range []*Store{s, second} {
		all.Go(func() {
			for i := k; i < cards; i += 4 {
				perform(t, s, rename(fmt.Sprintf("N%05d", i), fmt.Sprint("新", i)))
			}
		})
	}
	all.Wait()
	if faults := faultsOf(t, s); len(faults) > 0 {
		t.Error(faults)
	}
	wantAlike(t, s, "新1", "新29", "小", "n000")
}

// TestNoMarkBeforeItsCards: a server that took over may lack the last cards of the one whose mark and last card were
// read. Those that get their ids afterwards are found nevertheless.
func TestNoMarkBeforeItsCards(t *testing.T) {
	t.Parallel()
	s, db := openUnfilled(t, pgtest.DSN(t))
	openLevels(t, s)
	openSome(t, s, 0, 20)
	if err := db.copyCards(t.Context(), 1, 30, true); err != nil {
		t.Fatal(err)
	}
	if mark, last, err := db.marks(t.Context(), 1); err != nil || mark != 20 || last != 20 {
		t.Errorf("the mark is at %d of %d, %v", mark, last, err)
	}
	openSome(t, s, 20, 30)
	if faults := faultsOf(t, s); len(faults) > 0 {
		t.Error(faults)
	}
	wantAlike(t, s, "小29", "n000")
}

// wantFilled waits until no card is behind its mark, and has the index proved.
func wantFilled(t *testing.T, s *Store, cards string) {
	t.Helper()
	conn := connectTo(t, s.backend.(*postgresDB).pool.cfg.ConnString())
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		n := askPostgres(t, conn, "SELECT count(*)::text FROM card_search")
		if n == cards {
			break
		}
		if time.Since(begun) > 30*time.Second {
			t.Fatalf("%s cards are in the index, want %s", n, cards)
		}
	}
	if behind := askPostgres(t, conn, allBehind.postgres); behind != "" {
		t.Errorf("behind: %s", behind)
	}
	if faults := faultsOf(t, s); len(faults) > 0 {
		t.Error(faults)
	}
}

// TestIndexIsFilledByTheNext: cards that a process left behind its mark are in the index soon after the next one opened
// the database, and so are those that are opened then; two fill at the same time, and connections may break. Bulk
// returns when all are there.
func TestIndexIsFilledByTheNext(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	killed, db := openUnfilled(t, dsn)
	openLevels(t, killed)
	openSome(t, killed, 0, 5000)
	if more, err := copyNext(t, db, 700); err != nil || !more {
		t.Fatal(err, more)
	}
	var stores [2]*Store
	for i := range stores {
		var err error
		if stores[i], err = Open(t.Context(), dsn, Options{}); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = stores[i].Close() }()
	}
	conn := connectTo(t, dsn)
	for range 3 {
		askPostgres(t, conn, `SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%card_search%'`)
		time.Sleep(5 * time.Millisecond)
	}
	wantFilled(t, stores[0], "5000")
	openSome(t, stores[0], 5000, 5100)
	wantFilled(t, stores[1], "5100")
	err := stores[1].Bulk(t.Context(), 200, func(bool) error {
		openSome(t, stores[1], 5100, 5300)
		return nil
	})
	if n := askPostgres(t, conn, "SELECT count(*)::text FROM card_search"); err != nil || n != "5300" {
		t.Errorf("%s cards are in the index after Bulk, %v", n, err)
	}
}

// TestIndexCannotBeFilled: a save does not fail for an index that cannot be filled. That is logged, and tried again.
func TestIndexCannotBeFilled(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	var said lockedText
	log := slog.New(slog.NewTextHandler(&said, nil))
	s, err := Open(t.Context(), dsn, Options{Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	openLevels(t, s)
	conn := connectTo(t, dsn)
	askPostgres(t, conn, "ALTER TABLE card_search ADD CONSTRAINT never CHECK (ref < 0)")
	openSome(t, s, 0, 10)
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if said.count("cards are not in the index of searches yet") > 0 {
			break
		}
		if time.Since(begun) > 10*time.Second {
			t.Fatal("nothing is logged")
		}
	}
	if found, err := s.Search(t.Context(), ledger.SearchQuery{Merchant: 1, Key: "小7", Limit: 3}); err != nil || len(found) != 1 {
		t.Errorf("found %v, %v", found, err)
	}
	askPostgres(t, conn, "ALTER TABLE card_search DROP CONSTRAINT never")
	wantFilled(t, s, "10")
}

// TestFillStandsBack: tills are seen at work, of whatever process, and no longer than they are.
func TestFillStandsBack(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	s, db := openUnfilled(t, dsn)
	openLevels(t, s)
	openSome(t, s, 0, 4000)
	p := fillPace{db: db}
	for i, want := range []bool{true, false, true} {
		if i == 2 {
			saveBill(t, s, "N00000")
		}
		if busy, err := p.busy(t.Context()); err != nil || busy != want {
			t.Errorf("look %d: %v, %v", i, busy, err)
		}
		time.Sleep(versionsLook)
	}
	f := fillerOf(t, db, nil)
	conn := connectTo(t, dsn)
	for i, want := range []struct {
		busy bool
		size int64 // of pieces
		mark string
		sets string // run before
	}{
		{true, fillCalm, fmt.Sprint(fillPiece), ""},
		{false, fillCalm, fmt.Sprint(fillPiece + fillCalm), ""},
		{true, 7, fmt.Sprint(fillPiece + fillCalm + 7), ""},
		{true, fillCalm, fmt.Sprint(fillPiece + 2*fillCalm + 7), "UPDATE head SET last_card = 40000"}, // a long way behind
	} {
		if want.sets != "" {
			askPostgres(t, conn, want.sets)
		}
		p = fillPace{db: db, looked: time.Now().Add(time.Minute), size: want.size}
		if want.busy {
			p.until = p.looked.Add(time.Minute)
		}
		mark, last, err := f.step(t.Context(), 1, &p)
		n := askPostgres(t, conn, "SELECT card::text FROM search_mark WHERE merchant = 1")
		if err != nil || fmt.Sprint(mark) != n || mark > last || n != want.mark {
			t.Errorf("after piece %d: %v, %d of %d, %s cards are in the index, want %s", i, err, mark, last, n, want.mark)
		}
	}
}

// fillerOf returns a filler that was not started.
func fillerOf(t *testing.T, db *postgresDB, log *slog.Logger) *filler {
	t.Helper()
	f, err := newFiller(t.Context(), db, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.end)
	return f
}

// TestFillPieces: a piece takes neither so long that a till waits, nor so little that most of it is the way to the
// server and back; and whatever cannot be copied at once is copied in small pieces.
func TestFillPieces(t *testing.T) {
	t.Parallel()
	var p fillPace
	learn := func(card time.Duration) (size int64, took time.Duration) {
		size = p.piece(false)
		took = time.Millisecond + time.Duration(size)*card
		var err error
		if took > time.Second {
			err = context.DeadlineExceeded
		}
		p.learn(size, took, err)
		return size, took
	}
	for _, card := range []time.Duration{time.Microsecond, 100 * time.Microsecond, 10 * time.Millisecond, 0} {
		var size int64
		var took time.Duration
		for range 20 {
			size, took = learn(card)
		}
		if took > fillSlow || took < fillQuick/2 && size < fillCalm || size > fillCalm {
			t.Errorf("of cards that take %v each, %d are copied at a time, in %v", card, size, took)
		}
	}
	p.learn(1, time.Second, context.DeadlineExceeded)
	if size := p.piece(false); size != 1 {
		t.Errorf("after a card that could not be copied %d are", size)
	}
	p.learn(1, time.Millisecond, nil)
	if size := p.piece(true); size != 2 {
		t.Errorf("after a card that was copied soon %d are", size)
	}
}

// TestFillCostsNoConnections: cards that cannot be copied in time leave tills and searches their connections, are tried
// in smaller pieces, and keep no other merchant's cards from being copied. A command fills nothing but what it opens in
// bulk, and waits for nothing else.
func TestFillCostsNoConnections(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	s, err := Open(t.Context(), dsn, Options{
		Beside: true, Limits: Limits{Save: 300 * time.Millisecond}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if s.filler.cancel != nil {
		t.Error("a command fills the index")
	}
	db := s.backend.(*postgresDB)
	second := ledger.Merchant{
		ID: 2, GUID: "2", Zone: time.UTC, Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100}},
	}
	openLevels(t, s)
	openMerchant(t, s, second)
	openSome(t, s, 0, 200)
	var said lockedText
	f := fillerOf(t, db, slog.New(slog.NewTextHandler(&said, nil)))
	conn, other := connectTo(t, dsn), connectTo(t, dsn)
	askPostgres(t, conn, "INSERT INTO search_mark VALUES (1, 0)")
	askPostgres(t, other, "BEGIN")
	askPostgres(t, other, "UPDATE search_mark SET card = card WHERE merchant = 1")
	pool, finders := db.pool.current(), db.finder.pool.current()
	err = s.Bulk(t.Context(), 10, func(bool) error {
		performAt(t, s, 2, command.Import{Merchant: 2, Cards: []command.NewCard{
			{Number: "M1", Level: 1, Principal: 10_00, Holder: ledger.Holder{Name: "张三"}},
		}})
		return nil
	})
	if n := askPostgres(t, conn, "SELECT string_agg(number, ',') FROM card_search"); err != nil || n != "M1" {
		t.Errorf("after Bulk the index has %s, %v", n, err)
	}
	f.pace.size = 20
	askPostgres(t, conn, "UPDATE head SET last_card = last_card + 1 WHERE merchant = 2") // there is more to copy
	f.note(1, 2)
	for range 2 { // the second time merchant 1 is let alone
		if err := f.fill(t.Context()); err != nil || !f.unfinished() {
			t.Errorf("filled: %v", err)
		}
	}
	if n := askPostgres(t, conn, "SELECT card::text FROM search_mark WHERE merchant = 2"); n != "2" {
		t.Errorf("merchant 2's mark is at %s", n)
	}
	if n := said.count("cards are not in the index of searches yet"); n != 1 {
		t.Errorf("that is logged %d times", n)
	}
	if f.pace.size >= 20 {
		t.Errorf("pieces are of %d cards", f.pace.size)
	}
	if db.pool.current() != pool || db.finder.pool.current() != finders {
		t.Error("connections were given up")
	}
	askPostgres(t, other, "COMMIT")
	askPostgres(t, conn, "ALTER TABLE search_mark RENAME TO gone")
	f.looked, f.told = time.Time{}, false
	if err := f.fill(t.Context()); err == nil || said.count("it could not be seen which cards") != 1 {
		t.Errorf("without marks: %v", err)
	}
}

// lockedText is what was logged.
type lockedText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lockedText) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lockedText) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), what)
}

// TestUpgradeFillsTheIndex: after an upgrade the index has all cards, and nothing is left to be done behind it.
func TestUpgradeFillsTheIndex(t *testing.T) {
	t.Parallel()
	dsn := pgtest.Filled(t, string(filetest.Unzip(t, "../../cmd/tongka/testdata/schema-16.sql.gz")))
	s, err := Open(t.Context(), dsn, Options{unfilled: true, Upgrade: func(Older) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	n := askPostgres(t, connectTo(t, dsn), "SELECT count(*)::text FROM card")
	if n == "0" {
		t.Error("the database has no cards")
	}
	wantFilled(t, s, n)
}

// TestOlderInTheMiddleOfAnUpgrade: an older program that is started while the schema is brought up to date finds the
// one that it knows. It would change names and leave the index as it is, so what was begun is undone.
func TestOlderInTheMiddleOfAnUpgrade(t *testing.T) {
	t.Parallel()
	dsn := pgtest.Filled(t, string(filetest.Unzip(t, "../../cmd/tongka/testdata/schema-16.sql.gz")))
	conn, busy := connectTo(t, dsn), connectTo(t, dsn)
	askPostgres(t, busy, "BEGIN")
	askPostgres(t, busy, "LOCK TABLE card IN SHARE MODE")
	done := make(chan error, 1)
	upgrade := func() {
		s, err := Open(context.Background(), dsn, Options{unfilled: true, Upgrade: func(Older) error { return nil }})
		if err == nil {
			err = s.Close()
		}
		done <- err
	}
	go upgrade()
	waitingForLock(t, conn)
	version := func() string {
		return askPostgres(t, conn, "SELECT max(version_id)::text FROM schema_version WHERE is_applied")
	}
	before := version()
	older := connectTo(t, dsn)
	askPostgres(t, older, "SET application_name = 'tongka "+before+"'")
	askPostgres(t, busy, "COMMIT")
	err := <-done
	if _, used := errors.AsType[*usedError](err); !used || version() != before {
		t.Errorf("beside an older program the schema went from %s to %s, %v", before, version(), err)
	}
	askPostgres(t, older, "SET application_name = 'other'")
	if upgrade(); <-done != nil || version() == before {
		t.Errorf("after that had ended the schema is %s", version())
	}
}

// TestPostgresSearchPlans: the index of trigrams leads to what a search finds, and a card behind the mark, and one that
// is to be copied, is read by its id.
func TestPostgresSearchPlans(t *testing.T) {
	t.Parallel()
	s, conn := postgresWithConn(t)
	check := func() {
		t.Helper()
		for _, c := range []struct {
			s    *statement
			args string
			want []string
		}{
			{postgresSearch.hits, "1, '%123%', 10, 1000, '123'", []string{"Bitmap Index Scan on card_search_text"}},
			{postgresSearch.late, "1, '123', 10, 1000, 0", []string{"card_pkey on card", "(card.merchant = ", "(card.ref > "}},
			{copyCards, "1, 5", []string{"card_pkey on card", "(card.ref <= ", "(card.ref > "}},
			{markOf, "1", []string{"search_mark_pkey", "head_pkey"}},
			{postgresIndex.replace, "'{1}', '{5}', '{5}', '{5}'", []string{"card_search_pkey"}},
		} {
			if _, err := conn.Prepare(t.Context(), c.s.name, c.s.postgres); err != nil {
				t.Fatal(err)
			}
			plan := askPostgres(t, conn, "EXPLAIN (VERBOSE) EXECUTE "+c.s.name+"("+c.args+")")
			for _, want := range c.want {
				if !strings.Contains(strings.ReplaceAll(plan, "public.", ""), want) {
					t.Errorf("%s: lacks %s:\n%s", c.s.name, want, plan)
				}
			}
		}
	}
	check()
	openAlike(t, s)
	wantFilled(t, s, "4000")
	askPostgres(t, conn, "ANALYZE")
	check()
}
