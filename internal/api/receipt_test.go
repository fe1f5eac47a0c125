package api

import (
	"bytes"
	"testing"
	"time"

	"pgregory.net/rapid"
)

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
		r.Balance = Balance{Currency: Currency, Total: rapid.Int64().Draw(t, "total")}
		for range rapid.IntRange(0, 2).Draw(t, "cards") {
			r.Cards = append(r.Cards, CardPart{Card: texts.Draw(t, "of cards"), Amount: rapid.Int64().Draw(t, "amount")})
		}
		for i := range r.Cards {
			if rapid.Bool().Draw(t, "paid") {
				r.Cards[i].Entry, r.Cards[i].Balance = rapid.Int64().Draw(t, "its entry"), &Balance{Currency: Currency}
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
