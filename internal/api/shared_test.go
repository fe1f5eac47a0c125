package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// paid lists what each card paid or got back.
func paid(parts []CardPart) (all []string) {
	for _, p := range parts {
		all = append(all, fmt.Sprint(p.Card, " ", p.Amount, " ", p.Entry != 0))
	}
	return all
}

// Several cards pay one bill: a quotation says what each would pay, its token does exactly that, once, and a refund
// gives back of all of them, what was paid last first.
func TestSeveralCards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do(command.Recharge{Merchant: 1, Card: "6002", Amount: 50_00, PayType: 1})
	bill := strings.Replace(strings.Replace(lunch, "COUPON", w.coupon(), 1), `"card":"6001"`,
		`"cards":[{"card":"6001","amount":2000},{"card":"6002"},{"card":"6004"}]`, 1)
	before := w.entries()
	q := read[Quote](w, w.call(keyAll, http.MethodPost, "/quotes", bill), http.StatusOK)
	// As for one card: 94.00 after the discount, 10.00 of which the coupon pays.
	if q.Gross != 100_00 || q.Discount != 6_00 || q.Net != 84_00 || q.Due != 0 || q.Principal+q.Bonus != 84_00 ||
		q.Coupons[0].Amount != 10_00 || len(q.Cards) != 3 {
		t.Fatalf("quoted %+v", q)
	}
	for i, want := range []int64{20_00, 50_00, 14_00} {
		if c := q.Cards[i]; c.Paid != want || c.Bonus+c.Principal != want || c.After == nil {
			t.Errorf("card %d: %+v, want %d", i, c, want)
		}
	}
	if l := q.Lines; len(l) != 2 || l[0].Card+l[1].Card != 84_00 || l[0].Due+l[1].Due != 0 {
		t.Errorf("lines %+v", q.Lines)
	}
	if w.entries() != before {
		t.Error("a quotation has made entries")
	}
	p := w.problem(w.post(keyAll, "/consumes", "pay", `{"quote":"`+q.Token+`"}`), 409, "password_needed")
	if len(p.Errors) != 1 || p.Errors[0].Field != "body.cards[2]" {
		t.Errorf("errors %+v", p.Errors)
	}
	agreed := `{"quote":"` + q.Token + `","passwords":{"6004":"8250xz"}}`
	first := w.post(keyAll, "/consumes", "pay", agreed)
	got := read[Receipt](w, first, http.StatusOK)
	if want := []string{"6001 2000 true", "6002 5000 true", "6004 1400 true"}; !slices.Equal(paid(got.Cards), want) {
		t.Errorf("paid %v, want %v", paid(got.Cards), want)
	}
	if got.Due == nil || *got.Due != q.Due || got.Entry.Bill.Due == 0 {
		t.Errorf("due %v of %+v, quoted %d", got.Due, got.Entry.Bill, q.Due)
	}
	if got.Card != "6001" || !got.Balance.is(q.After) || got.Entry.Bill.Card != 20_00 ||
		!got.Cards[2].Balance.is(*q.Cards[2].After) {
		t.Errorf("done %+v, quoted %+v", got, q)
	}
	if again := w.post(keyAll, "/consumes", "pay", agreed); again.Body.String() != first.Body.String() ||
		again.Header().Get("Idempotent-Replayed") != "true" {
		t.Errorf("again: %s", again.Body)
	}
	if strings.Contains(first.Body.String()+w.log.String(), "8250xz") {
		t.Error("the password is told")
	}
	known := read[Request](w, w.call(keyAll, http.MethodGet, "/requests/pay", ""), http.StatusOK)
	if string(known.Answer.RawMessage)+"\n" != first.Body.String() && string(known.Answer.RawMessage) != first.Body.String() {
		t.Errorf("known as %s", known.Answer.RawMessage)
	}
	givenBackInTurn(t, w, got)
}

// givenBackInTurn refunds what several cards paid, in parts.
func givenBackInTurn(t *testing.T, w *world, got Receipt) {
	back := read[Receipt](w, w.post(keyAll, "/refunds", "back",
		`{"cards":["6001","6002","6004"],"request":"pay","amount":3000}`), http.StatusOK)
	if want := []string{"6001 0 false", "6002 1600 true", "6004 1400 true"}; !slices.Equal(paid(back.Cards), want) {
		t.Errorf("given back %v, want %v", paid(back.Cards), want)
	}
	if one := read[Receipt](w, w.post(keyAll, "/refunds", "one", `{"card":"6002","request":"pay"}`), 200); one.Entry.Moved.
		Total != 34_00 {
		t.Errorf("one card got back %+v", one.Entry.Moved)
	}
	w.problem(w.post(keyAll, "/refunds", "much", fmt.Sprintf(`{"cards":["6001","6002"],"entry":%d,"amount":2001}`,
		got.Entry.ID)), 409, "refund_too_much")
	rest := read[Receipt](w, w.post(keyAll, "/refunds", "rest", fmt.Sprintf(`{"cards":["6001","6002"],"entry":%d}`,
		got.Cards[1].Entry)), http.StatusOK)
	if len(rest.Entry.Coupons) != 1 || rest.Entry.Moved.Total != 20_00 {
		t.Errorf("the rest is %+v", rest.Entry)
	}
}

// What is wrong with one of several cards is told by its place, and nothing is done.
func TestSeveralCardsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do(command.Stop{Merchant: 1, Card: "6002"})
	before := w.entries()
	for _, c := range []struct {
		body, field string
		status      int
		code        string
	}{
		{`{"cards":[{"card":"6001"},{"card":"6001"}],"amount":100}`, "body.cards[1]", 422, "same_card"},
		{`{"cards":[{"card":"6001"},{"card":"7777"}],"amount":100}`, "body.cards[1]", 404, "card_not_found"},
		{`{"cards":[{"card":"6003"},{"card":"6001"}],"amount":100}`, "body.cards[0]", 409, "card_is_lost"},
		{`{"cards":[{"card":"6001"},{"card":"6002"}],"amount":100}`, "body.cards[1]", 409, "card_is_stopped"},
		{`{"cards":[{"card":"6001"},{"card":"6004","amount":50}],"amount":100}`, "body.cards[1]", 422, "bad_amount"},
		{`{"cards":[{"card":"6001"},{"card":"6004"}],"amount":100,"points":50}`, "body.cards[0]", 409, "short_points"},
		{`{"cards":[{"card":"6001"}],"amount":100000000,"in_full":true}`, "body.cards[0]", 409, "short_balance"},
		{`{"card":"6001","cards":[{"card":"6004"}],"amount":100}`, "body.cards", 422, "invalid_request"},
		{`{"cards":[],"amount":100}`, "body.card", 422, "invalid_request"},
		{`{"cards":[{"amount":5}],"amount":100}`, "body.cards[0].card", 422, "invalid_request"},
		{
			`{"cards":[` + strings.Repeat(`{"card":"6001"},`, 8) + `{"card":"6004"}],"amount":100}`, "body.cards", 422,
			"invalid_request",
		},
	} {
		for path, name := range map[string]string{"/quotes": "", "/consumes": "x"} {
			got := w.call(keyAll, http.MethodPost, path, c.body, "Idempotency-Key", name)
			p := w.problem(got, c.status, c.code)
			if len(p.Errors) == 0 || p.Errors[0].Field != c.field {
				t.Errorf("%s %s: errors %+v, want %s", path, c.body, p.Errors, c.field)
			}
		}
	}
	two := `{"cards":[{"card":"6001"},{"card":"6004"}],"amount":100}`
	q := read[Quote](w, w.call(keyAll, http.MethodPost, "/quotes", two), 200)
	for body, field := range map[string]string{
		`{"cards":[{"card":"6001"}],"amount":100,"password":"8250xz"}`:           "body.password",
		`{"cards":[{"card":"6001"}],"amount":100,"passwords":{"6004":"8250xz"}}`: "body.passwords",
		`{"card":"6004","amount":100,"passwords":{"6004":"8250xz"}}`:             "body.passwords",
		`{"cards":[{"card":"6001"}],"quote":"` + q.Token + `"}`:                  "body.quote",
		`{"quote":"` + q.Token + `","passwords":{"6002":"8250xz"}}`:              "body.passwords",
	} {
		if p := w.problem(w.post(keyAll, "/consumes", "x", body), 422, "invalid_request"); p.Errors[0].Field != field {
			t.Errorf("%s: errors %+v, want %s", body, p.Errors, field)
		}
	}
	for body, field := range map[string]string{
		`{"cards":["6001"]}`: "body.entry", `{"entry":1}`: "body.card",
		`{"card":"6001","cards":["6002"],"entry":1}`: "body.cards",
		`{"card":"6001","entry":1,"request":"x"}`:    "body.entry",
	} {
		if p := w.problem(w.post(keyAll, "/refunds", "x", body), 422, "invalid_request"); p.Errors[0].Field != field {
			t.Errorf("%s: errors %+v, want %s", body, p.Errors, field)
		}
	}
	if w.entries() != before {
		t.Error("something was done")
	}
}

// Cards of another merchant are no cards, also as one of several, and a key without the permission pays with none.
func TestSeveralCardsOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do(command.Open{Merchant: 2, Card: command.NewCard{Number: "9001", Level: 1, Holder: ledger.Holder{Name: "李四"}}})
	bill := `{"cards":[{"card":"6001"},{"card":"9001"}],"amount":100}`
	w.problem(w.post(keyAll, "/consumes", "x", bill), 404, "card_not_found")
	w.problem(w.post(keyRead, "/consumes", "x", bill), 403, "forbidden")
	w.problem(w.post(keyShop, "/consumes", "x", `{"shop":11,`+bill[1:]), 403, "shop_forbidden")
	if got := w.post(keyOther, "/consumes", "x", bill); got.Code != http.StatusOK {
		t.Errorf("its own merchant: %s", got.Body)
	}
}

// A quotation of several cards is what is done when nothing has moved, and its parts add up to it.
func TestQuoteOfSeveralCardsIsDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do(command.Recharge{Merchant: 1, Card: "6002", Amount: 300_00, PayType: 1})
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		bill := BillBody{Amount: rapid.Int64Range(1, 50_000).Draw(rt, "amount"), InFull: new(false)}
		for _, number := range rapid.Permutation([]string{"6001", "6002", "6004"}).Draw(rt, "cards") {
			bill.Cards = append(bill.Cards, Payer{number, rapid.Int64Range(0, 3).Draw(rt, "most") * 1000})
		}
		bill.Cards[2].Amount = 0
		quoted := w.call(keyAll, http.MethodPost, "/quotes", string(mustMarshal(bill)))
		q := read[Quote](w, quoted, http.StatusOK)
		body := fmt.Sprintf(`{"quote":%q,"passwords":{"6004":"8250xz"}}`, q.Token)
		got := read[Receipt](w, w.post(keyAll, "/consumes", fmt.Sprintf("shared-%d", n), body), http.StatusOK)
		var sum int64
		for i, c := range q.Cards {
			sum += c.Paid
			part := got.Cards[i]
			if c.Paid != part.Amount || (c.After == nil) != (part.Balance == nil) ||
				c.After != nil && !c.After.is(*part.Balance) {
				rt.Fatalf("quoted %+v, done %+v", c, part)
			}
		}
		if sum != q.Bonus+q.Principal || sum+q.Due != q.Net {
			rt.Fatalf("the cards add up to %d: %+v", sum, q)
		}
		if rapid.IntRange(0, 3).Draw(rt, "recharged") == 0 {
			w.do(command.Recharge{Merchant: 1, Card: bill.Cards[0].Card, Amount: 300_00, PayType: 1})
		}
	})
}
