package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

const secondYAML = `
merchants:
  - id: 2
    guid: "{CLOCK-TEST-2}"
    name: 分号
    settings: {bonus_days: 30}
    shops: [{id: 20002, guid: "{CLOCK-TEST-SHOP-2}", name: 分店}]
    levels: [{id: 1, name: 普通, discount: 1, earn: 1}]
`

// TestTakeBackKilled kills the program while it takes the time back: after it has done so at a merchant, and after some
// of what expired was given back there and at another. Called again it gives back the rest, and nothing twice.
func TestTakeBackKilled(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, dsn string) {
		s := openShop(t, dsn)
		yaml := filepath.Join(t.TempDir(), "second.yaml")
		if err := os.WriteFile(yaml, []byte(secondYAML), 0o600); err != nil {
			t.Fatal(err)
		}
		s.must("apply", "--db", dsn, "--key-file", filepath.Join(filepath.Dir(s.file), "key"), yaml)
		const cards = 60 // at each of two merchants
		s.openMany(cards)
		before := s.everyCard()
		const wrong = 40 * 24 * time.Hour
		b, err := openBooks(t.Context(), dsn, engine.Config{Clock: func() time.Time { return time.Now().Add(wrong) }})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.sweep(nil).Expire(t.Context(), time.Now().Add(wrong)); err != nil {
			t.Fatal(err)
		}
		b.mustClose(t)
		st := s.reader()
		defer func() { _ = st.Close() }()
		begun := entriesOf(t, st)
		for _, posted := range []int64{1, 10, cards + 20} {
			s.killTakeBack(st, begun+posted)
		}
		if left := int64(2*cards) - (entriesOf(t, st) - begun); left <= 0 {
			t.Errorf("it was killed after all was done: %d entries are left", left)
		}
		s.must("clock", "take-back", "--db", dsn, time.Now().UTC().Format(time.DateOnly))
		if after := s.everyCard(); !reflect.DeepEqual(after, before) {
			t.Errorf("got %+v, want %+v", after, before)
		}
		s.reversedOnce(st, 2*cards)
		s.verify()
	})
}

// openMany opens cards with bonus at each of the two merchants.
func (s *shop) openMany(cards int) {
	s.t.Helper()
	b, err := openBooks(s.t.Context(), s.dsn, engine.Config{})
	if err != nil {
		s.t.Fatal(err)
	}
	defer b.mustClose(s.t)
	for m := range ledger.MerchantID(2) {
		batch := command.Import{Merchant: m + 1}
		for i := range cards {
			c := newCard(fmt.Sprintf("B%04d", i))
			c.Principal, c.Bonus = 10_00, 1_00
			batch.Cards = append(batch.Cards, c)
		}
		b.mustDo(s.t, batch)
	}
}

// everyCard returns what every card holds that can expire, without coupons.
func (s *shop) everyCard() map[ledger.CardKey]holds {
	s.t.Helper()
	st := s.reader()
	defer func() { _ = st.Close() }()
	all := map[ledger.CardKey]holds{}
	for m := range ledger.MerchantID(2) {
		err := st.EachCard(s.t.Context(), m+1, func(c *ledger.Card) error {
			all[c.Key()] = holds{Lots: c.Lots, Points: c.PointLots}
			return nil
		})
		if err != nil {
			s.t.Fatal(err)
		}
	}
	return all
}

// entriesOf returns how many entries all journals have.
func entriesOf(t *testing.T, st *store.Store) (n int64) {
	t.Helper()
	heads, err := st.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range heads {
		n += int64(h.LastEntry)
	}
	return n
}

// killTakeBack begins to take the time back, and kills the program once the journals have that many entries.
func (s *shop) killTakeBack(st *store.Store, entries int64) {
	s.t.Helper()
	cmd := s.program("clock", "take-back", "--db", s.dsn, time.Now().UTC().Format(time.DateOnly))
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for begun := time.Now(); entriesOf(s.t, st) < entries; time.Sleep(time.Millisecond) {
		if time.Since(begun) > 30*time.Second {
			s.t.Error("it does not get that far")
			break
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// reversedOnce checks that each merchant's time was taken back once, and that at least so many entries by which
// something expired were reversed, each once.
func (s *shop) reversedOnce(st *store.Store, least int) {
	s.t.Helper()
	reversed := 0
	for m := range ledger.MerchantID(2) {
		backs, of := 0, map[ledger.EntryID]int{}
		err := st.EachEntry(s.t.Context(), m+1, 0, func(e *ledger.Entry) error {
			switch e.Kind {
			case ledger.ClockTakenBack:
				backs++
			case ledger.ExpiryReversed:
				reversed++
				if of[e.RefersTo]++; of[e.RefersTo] > 1 {
					s.t.Errorf("merchant %d: entry %d was reversed %d times", m+1, e.RefersTo, of[e.RefersTo])
				}
			}
			return nil
		})
		if err != nil || backs != 1 {
			s.t.Errorf("merchant %d: the time was taken back %d times, %v", m+1, backs, err)
		}
	}
	if reversed < least {
		s.t.Errorf("%d entries were reversed, want at least %d", reversed, least)
	}
}
