package api

import (
	"bytes"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tongka/internal/ledger"
)

// is reports whether both say the same.
func (b CardBalance) is(o CardBalance) bool { return reflect.DeepEqual(b, o) }

// A receipt is written as encoding/json would write it.
func TestReceiptBytes(t *testing.T) {
	t.Parallel()
	texts := rapid.SampledFrom([]string{"", "6001", "till-3", "李四 <&>", "a\nb", `"\\`, "2026-12-31", "used"})
	entries := rapid.Custom(func(t *rapid.T) Entry {
		n := func(name string) int64 {
			return rapid.Int64().Draw(t, name) * int64(rapid.IntRange(0, 1).Draw(t, "some"))
		}
		s := func(name string) string { return texts.Draw(t, name) }
		e := Entry{
			ID: n("id"), Card: n("card"), Seq: n("seq"), Kind: Kind(s("kind")), Note: s("note"), RefersTo: n("refers"),
			At: time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "at")).UTC(), OtherCard: s("other"),
			By:         Caller{n("agent"), n("person"), n("proposer"), n("shop"), s("operator")},
			Moved:      Moved{n("total"), n("principal"), n("bonus"), n("points")},
			After:      Balance{Currency, n("total"), n("principal"), n("bonus"), n("points"), n("owed")},
			CardStatus: Status(s("status")), CardLevel: n("level"),
		}
		if rapid.Bool().Draw(t, "bill") {
			e.Bill = &Bill{n("gross"), n("discount"), n("coupons"), n("points"), n("net"), n("card"), n("due"), n("type")}
		}
		for range rapid.IntRange(0, 2).Draw(t, "lists") {
			e.Lots = append(e.Lots, Allocation{n("lot"), Day(s("until")), n("principal"), n("bonus")})
			e.Rules = append(e.Rules, RuleHit{s("name"), n("bonus"), n("points")})
			e.Coupons = append(e.Coupons, CouponPart{n("id"), s("state"), n("pays")})
		}
		return e
	})
	rapid.Check(t, func(t *rapid.T) {
		r := Receipt{Card: texts.Draw(t, "card"), Also: rapid.SliceOfN(entries, 0, 2).Draw(t, "also")}
		r.Balance.Balance = Balance{Currency: Currency, Total: rapid.Int64().Draw(t, "total")}
		if rapid.Bool().Draw(t, "says what is held") {
			r.Balance.Held, r.Balance.Available = new(rapid.Int64().Draw(t, "held")), new(rapid.Int64().Draw(t, "available"))
		}
		for range rapid.IntRange(0, 2).Draw(t, "cards") {
			r.Cards = append(r.Cards, CardPart{Card: texts.Draw(t, "of cards"), Amount: rapid.Int64().Draw(t, "amount")})
		}
		for i := range r.Cards {
			if rapid.Bool().Draw(t, "paid") {
				r.Cards[i].Entry, r.Cards[i].Balance = rapid.Int64().Draw(t, "its entry"), &CardBalance{Balance: Balance{Currency: Currency}}
			}
		}
		if rapid.Bool().Draw(t, "entry") {
			r.Entry = new(entries.Draw(t, "of"))
		}
		if want, got := mustMarshal(r), r.bytes(); !bytes.Equal(got, want) {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	})
}

// Wherever a balance is answered it is said what of it a bill can take, also when the answer is written again.
func TestBalancesSayWhatIsAvailable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	read[Receipt](w, w.call(keyAll, http.MethodPut, "/cards/6001/credit", `{"credit":2000}`, "Idempotency-Key", "c"), 200)
	read[Receipt](w, w.post(keyAll, "/holds", "a", `{"card":"6001","amount":5000}`), http.StatusOK)
	const bill = `{"card":"6001","amount":1000,"shop":11}` // of which a discount is taken off
	first := w.post(keyAll, "/consumes", "b", bill)
	if again := w.post(keyAll, "/consumes", "b", bill); again.Body.String() != first.Body.String() ||
		again.Header().Get("Idempotent-Replayed") != "true" {
		t.Errorf("answered again: %s", again.Body)
	}
	for name, b := range map[string]CardBalance{
		"receipt": read[Receipt](w, first, http.StatusOK).Balance,
		"card":    read[Card](w, w.call(keyAll, http.MethodGet, "/cards/6001", ""), http.StatusOK).Balance,
	} {
		if b.Held == nil || *b.Held != 50_00 || *b.Available != b.Total+20_00-50_00 {
			t.Errorf("%s: %+v", name, b)
		}
	}
	q := read[Quote](w, w.call(keyAll, http.MethodPost, "/quotes", bill), http.StatusOK)
	if *q.After.Available != q.After.Total+20_00-50_00 {
		t.Errorf("a quotation: %+v", q.After)
	}
}

// Both lists of entries end before the time that is named: asked for day by day, each entry is in one list.
func TestEntriesEndBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t) // in which all was done at ten o'clock
	for path, n := range map[string]int{
		"?to=2026-03-04T10:00:00Z": 0, "?to=2026-03-04T10:00:00.001Z": 3, "?from=2026-03-04T10:00:00Z": 3,
	} {
		all := read[History](w, w.call(keyAll, http.MethodGet, "/cards/6001/entries"+path, ""), http.StatusOK)
		if len(all.Entries) != n {
			t.Errorf("of a card, %s: %d entries, want %d", path, len(all.Entries), n)
		}
		journal := read[Journal](w, w.call(keyAll, http.MethodGet, "/entries"+path, ""), http.StatusOK)
		if (len(journal.Entries) > 0) != (n > 0) {
			t.Errorf("of the journal, %s: %d entries", path, len(journal.Entries))
		}
	}
}

// A receipt of before it said what is held is written again as it was.
func TestReceiptsOfBefore(t *testing.T) {
	t.Parallel()
	e := &ledger.Entry{ID: 7, Card: 1, Kind: ledger.Consumed}
	old := receipts[1].Write([]byte("6001"), e, e)
	if !strings.Contains(string(old), `"card":"6001"`) || strings.Contains(string(old), "available") {
		t.Errorf("got %s", old)
	}
}
