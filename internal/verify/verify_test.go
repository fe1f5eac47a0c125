package verify

import (
	"reflect"
	"slices"
	"testing"

	"tongka/internal/ledger"
)

// run checks the books at once, and entry by entry with every card packed in between. Both must find the same.
func run(t *testing.T, b *books) map[int]Result {
	t.Helper()
	found := checked(t, newAudit(), b)
	packing := newAudit()
	packing.chunk, packing.most = 1, 0
	if packed := checked(t, packing, b); !reflect.DeepEqual(found, packed) {
		t.Errorf("found %+v, and with packed cards %+v", found, packed)
	}
	return found
}

// checked returns what an audit finds, by invariant, without the times.
func checked(t *testing.T, l *audit, b *books) map[int]Result {
	t.Helper()
	results, err := l.run(t.Context(), b, b, func(int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	found := map[int]Result{}
	for _, r := range results {
		r.Took = 0
		if same, twice := found[r.Invariant]; twice { // the invariant has several checks
			r.Rows, r.Violations, r.Examples = r.Rows+same.Rows, r.Violations+
				same.Violations, append(same.Examples, r.Examples...)
		}
		slices.Sort(r.Examples) // those of the end have no order
		found[r.Invariant] = r
	}
	return found
}

// Sound books must have no violations, and every check must have checked something.
func TestSoundBooksHold(t *testing.T) {
	t.Parallel()
	for number, r := range run(t, sound(t)) {
		if r.Violations != 0 {
			t.Errorf("invariant %02d: %v", number, r.Examples)
		}
		// Nobody signs in to these books, or closes a shift, and no cards share a bill.
		if r.Rows == 0 && !slices.Contains([]int{49, 62, 64}, number) {
			t.Errorf("invariant %02d looked at nothing", number)
		}
	}
}

// Books without an entry prove nothing, and say so, unless something is left that an entry must have made.
func TestEmptyBooksAreNotGreen(t *testing.T) {
	t.Parallel()
	empty := around(&books{heads: []ledger.Head{{Merchant: 1, Version: 1}}})
	empty.guards, empty.messages = nil, nil
	results, err := newAudit().run(t.Context(), empty, empty, func(int64, int64) {})
	if err != nil || !Empty(results) {
		t.Errorf("empty: %v, %v", Empty(results), err)
	}
	for _, r := range results {
		want := (r.Invariant == 57 || r.Invariant == 65) && r.Rows > 0 // there are tables, also without a row
		if (r.State() == Holds) != want {
			t.Errorf("invariant %02d %s of nothing", r.Invariant, r.State())
		}
	}
	for what, b := range map[string]*books{
		"no heads": around(&books{owners: map[string][]ledger.MerchantID{}}),
		"a card left": {
			heads: empty.heads, settings: empty.settings, guids: empty.guids, owners: empty.owners, counters: empty.counters,
			cards: sound(t).cards[:1],
		},
		"sound": sound(t),
	} {
		if what == "no heads" {
			b.owners["head"] = nil
		}
		results, err := newAudit().run(t.Context(), b, b, func(int64, int64) {})
		if err != nil || Empty(results) {
			t.Errorf("%s: empty, %v", what, err)
		}
	}
}

// A change of an entry without its hash is found by the chain, whatever was changed.
func TestChangedEntryBreaksTheChain(t *testing.T) {
	t.Parallel()
	b := sound(t)
	b.entry(ledger.Opened).Note = "x"
	if r := run(t, b)[23]; r.Violations == 0 {
		t.Error("the chain held")
	}
}

// A journal longer than a chunk must be read completely and in order.
func TestChunksJoin(t *testing.T) {
	t.Parallel()
	b := around(&books{})
	card := &ledger.Card{}
	for i := range int64(2*chunkSize + 1) {
		e := ledger.Entry{
			Merchant: 1, ID: ledger.EntryID(i + 1), Card: 1, Seq: i + 1, Kind: ledger.HolderModified, At: noon,
			Status: ledger.Active, Level: 1, Holder: &ledger.Holder{Name: "某人"},
		}
		if i == 0 {
			e.Kind, e.Number = ledger.Opened, "A0001"
		}
		e.Hash = e.Chain(card.Hash)
		next := *card
		if _, err := next.Fold(&e); err != nil {
			e.Tally = next.Tally // Fold checks the tally it has just calculated
		}
		if _, err := card.Fold(&e); err != nil {
			t.Fatal(err)
		}
		b.entries = append(b.entries, e)
	}
	b.cards = []ledger.Card{*card}
	b.heads = []ledger.Head{
		{Merchant: 1, Version: 1, LastEntry: ledger.EntryID(len(b.entries)), LastCard: 1, LastAt: noon},
	}
	found := checked(t, newAudit(), b)
	for number, r := range found {
		if r.Violations != 0 {
			t.Errorf("invariant %02d: %v", number, r.Examples)
		}
	}
	if got := found[21].Rows; got != 2*chunkSize+1 {
		t.Errorf("%d entries were checked, want %d", got, 2*chunkSize+1)
	}
}

// What cards are said to hold is what their entries moved, in all and so in the sum of the day totals.
func TestHeldIsWhatEntriesMoved(t *testing.T) {
	t.Parallel()
	b := sound(t)
	results, held, err := Run(t.Context(), b, b, func(int64, int64) {})
	if err != nil || len(results) == 0 || len(held) != 1 {
		t.Fatalf("got %d results, %+v, %v", len(results), held, err)
	}
	want := Held{Merchant: 1, Cards: int64(len(b.cards)), Entries: int64(len(b.entries))}
	for _, e := range b.entries {
		want.Principal += e.Principal
		want.Bonus += e.Bonus
		want.Points += e.Points
	}
	if held[0] != want || want.Principal == 0 || want.Bonus == 0 || want.Points == 0 {
		t.Errorf("got %+v, want %+v", held[0], want)
	}
}
