package api

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tongka/internal/codes"
	"tongka/internal/command"
)

const lunch = `{"card":"6001","shop":11,"coupons":[COUPON],"points":0,"lines":[
	{"name":"面","quantity":2,"price":3000},{"name":"酒","price":4000,"discountable":false}]}`

// coupon is the id of the coupon that card 6001 has.
func (w *world) coupon() string {
	w.t.Helper()
	all := read[Coupons](w, w.call(keyAll, http.MethodGet, "/cards/6001/coupons", ""), http.StatusOK)
	id, err := json.Marshal(all.Coupons[0].ID)
	w.must(err)
	return string(id)
}

// A quotation says what a bill would do, step by step and line by line, and saves nothing; its token does exactly that.
func TestQuote(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bill := strings.Replace(lunch, "COUPON", w.coupon(), 1)
	before := w.entries()
	q := read[Quote](w, w.call(keyAll, http.MethodPost, "/quotes", bill), http.StatusOK)
	// 60.00 with 10 % off and 40.00 without: 94.00; the coupon pays 10.00.
	if q.Gross != 100_00 || q.Discount != 6_00 || q.Net != 84_00 || q.Due != 0 || q.Principal+q.Bonus != 84_00 ||
		len(q.Coupons) != 1 || q.Coupons[0].Amount != 10_00 {
		t.Fatalf("quoted %+v", q)
	}
	if l := q.Lines; len(l) != 2 || l[0].Discount != 6_00 || l[1].Discount != 0 || l[0].Coupons+l[1].Coupons != 10_00 ||
		l[0].Card+l[1].Card != 84_00 {
		t.Errorf("lines %+v", q.Lines)
	}
	if w.entries() != before {
		t.Error("a quotation has made entries")
	}
	got := read[Receipt](w, w.post(keyAll, "/consumes", "lunch", `{"quote":"`+q.Token+`"}`), http.StatusOK)
	if !got.Balance.is(q.After) || got.Entry.Bill.Card != 84_00 || got.Entry.By.Shop != 11 {
		t.Errorf("done %+v, quoted %+v", got.Balance, q.After)
	}
}

// The longest bill that can be quoted can be done.
func TestQuoteOfALongBill(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	line := fmt.Sprintf(`,{"name":%q,"price":1}`, strings.Repeat("x", 100))
	lines := strings.Repeat(line, 500)[1:]
	q := read[Quote](w, w.call(keyAll, http.MethodPost, "/quotes", `{"card":"6001","lines":[`+lines+`]}`), http.StatusOK)
	got := read[Receipt](w, w.post(keyAll, "/consumes", "long", `{"quote":"`+q.Token+`"}`), http.StatusOK)
	if !got.Balance.is(q.After) {
		t.Errorf("done %+v, quoted %+v", got.Balance, q.After)
	}
}

// If something has changed since, nothing is done, and the answer has a fresh quotation, which can be agreed to.
func TestQuoteMoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := read[Quote](w, w.call(keyAll, http.MethodPost, "/quotes", `{"card":"6001","amount":10000}`), http.StatusOK)
	read[Receipt](w, w.post(keyAll, "/consumes", "between", `{"card":"6001","amount":1000}`), http.StatusOK)
	before := w.entries()
	p := w.problem(w.post(keyAll, "/consumes", "late", `{"quote":"`+q.Token+`"}`), 409, "quote_moved")
	if w.entries() != before || p.Quote == nil || p.Quote.After.is(q.After) {
		t.Fatalf("moved: %+v", p.Quote)
	}
	got := read[Receipt](w, w.post(keyAll, "/consumes", "late", `{"quote":"`+p.Quote.Token+`"}`), http.StatusOK)
	if !got.Balance.is(p.Quote.After) {
		t.Errorf("done %+v, quoted %+v", got.Balance, p.Quote.After)
	}
}

// A token of another merchant, a broken one and one beside a bill are refused.
func TestBadQuotes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := read[Quote](w, w.call(keyAll, http.MethodPost, "/quotes", `{"card":"6001","amount":10000}`), http.StatusOK)
	w.problem(w.post(keyOther, "/consumes", "a", `{"quote":"`+q.Token+`"}`), 422, "bad_quote")
	w.problem(w.post(keyAll, "/consumes", "a", `{"quote":"`+q.Token[:len(q.Token)-4]+`"}`), 422, "bad_quote")
	w.problem(w.post(keyAll, "/consumes", "a", `{"amount":1,"quote":"`+q.Token+`"}`), 422, "invalid_request")
	w.problem(w.post(keyShop, "/consumes", "a", `{"amount":1,"card":"6001","shop":11}`), 403, "shop_forbidden")
	for _, lines := range []string{
		`{"card":"6001","amount":5,"lines":[{"price":4}]}`, `{"card":"6001","lines":[{"price":1000000000000,"quantity":2}]}`,
		`{"amount":5}`,
	} {
		w.problem(w.call(keyAll, http.MethodPost, "/quotes", lines), 422, "invalid_request")
	}
}

// What a phone shows pays with its own card, once, and stands for the holder of no other: a code beside a quotation
// must be one of the quotation's card.
func TestMemberCodeBesideAQuotation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := read[Quote](w, w.call(keyAll, http.MethodPost, "/quotes", `{"card":"6001","amount":10000}`), http.StatusOK)
	pay := func(card string) string { return `{"quote":"` + q.Token + `","member_code":"` + w.code(card) + `"}` }
	before := w.entries()
	p := w.problem(w.post(keyAll, "/consumes", "a", pay("6002")), 422, "invalid_request")
	if w.entries() != before || p.Errors[0].Field != "body.member_code" {
		t.Fatalf("%d entries, errors %+v", w.entries()-before, p.Errors)
	}
	read[Receipt](w, w.post(keyAll, "/consumes", "a", pay("6001")), http.StatusOK)
	w.problem(w.post(keyAll, "/consumes", "b", `{"amount":100,"member_code":"`+w.code("6001")+`"}`), 409,
		"member_code_used")
	nobody, err := memberKeys.Pass(codes.Member{Merchant: 1, Card: 99}, 0) // there is no such card
	w.must(err)
	for name, code := range map[string]string{"nobody": nobody.Make(w.now), "wrong": w.code("6002")[:19] + "x"} {
		w.problem(w.post(keyAll, "/consumes", name, `{"amount":100,"member_code":"`+code+`"}`), 409,
			"member_code_wrong")
	}
	several := `{"cards":[{"card":"6001"},{"card":"6004"}],"amount":100,"member_code":"` + w.code("6001") + `"}`
	if p := w.problem(w.post(keyAll, "/consumes", "c", several), 422, "invalid_request"); p.Errors[0].
		Field != "body.member_code" {
		t.Errorf("errors %+v", p.Errors)
	}
}

// A quotation that somebody made himself is held to what a bill is held to that is sent: it does nothing that could not
// be asked for without it, and nothing fails.
func TestQuoteMadeByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := func(bill string) string {
		token := `{"m":1,"b":` + bill + `,"q":"` + base64.StdEncoding.EncodeToString(make([]byte, 32)) + `"}`
		return `{"quote":"` + base64.RawURLEncoding.EncodeToString([]byte(token)) + `"}`
	}
	before := w.entries()
	for name, bill := range map[string]string{
		"a note that is too long":      `{"card":"6001","amount":1,"note":"` + strings.Repeat("n", 201) + `"}`,
		"a line below nothing":         `{"card":"6001","lines":[{"price":-50000},{"price":50100}]}`,
		"a line that overflows":        `{"card":"6001","lines":[{"quantity":17179869184,"price":-1073741824}]}`,
		"lines without end":            `{"card":"6001","lines":[` + strings.Repeat(`{"price":1},`, 500) + `{"price":1}]}`,
		"what a bill does not have":    `{"card":"6001","amount":1,"else":1}`,
		"an amount that stands twice":  `{"card":"6001","amount":1,"amount":2}`,
		"an amount that is below zero": `{"card":"6001","amount":-1}`,
		"nothing":                      `null`,
	} {
		if got := w.post(keyAll, "/consumes", "a", made(bill)); got.Code != 422 {
			t.Errorf("%s: %d %s", name, got.Code, got.Body)
		}
	}
	for name, more := range map[string]string{
		"a second bill":           `,"B":{"card":"6001","amount":-1}`,
		"a second bill, unlisted": `,"B":{"lines":[{"price":-50000},{"price":50100}]}`,
		"something else":          `,"else":1`,
	} {
		got := w.post(keyAll, "/consumes", "a", made(`{"card":"6001","amount":100}`+more))
		if got.Code != 422 {
			t.Errorf("%s: %d %s", name, got.Code, got.Body)
		}
	}
	w.problem(w.post(keyAll, "/consumes", "a", made(`{"card":"6001","amount":100}`)), 409, "quote_moved")
	if w.entries() != before {
		t.Error("something was done")
	}
}

// A card with a password pays only with it, and a wrong one counts; the password is in no answer, log or fingerprint.
func TestPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pay := func(password string) string {
		return `{"card":"6004","amount":1000` + password + `}`
	}
	w.problem(w.post(keyAll, "/consumes", "a", pay("")), 409, "password_needed")
	w.problem(w.post(keyAll, "/consumes", "a", pay(`,"password":"1111"`)), 409, "password_wrong")
	got := w.post(keyAll, "/consumes", "a", pay(`,"password":"8250xz"`))
	read[Receipt](w, got, http.StatusOK)
	if strings.Contains(got.Body.String()+w.log.String(), "8250xz") {
		t.Error("the password is told")
	}
	if again := w.post(keyAll, "/consumes", "a", pay(`,"password":"9999"`)); again.Body.String() != got.Body.String() {
		t.Errorf("another password makes another request: %s", again.Body)
	}
	for _, name := range []string{"b", "c"} {
		w.problem(w.post(keyAll, "/consumes", name, pay(`,"password":"1111"`)), 409, "password_wrong")
	}
	w.problem(w.post(keyAll, "/consumes", "d", pay(`,"password":"1111"`)), 409, "password_wrong")
	w.now = w.now.Add(10 * time.Second)
	locked := w.post(keyAll, "/consumes", "e", pay(`,"password":"8250xz"`))
	w.problem(locked, 429, "too_many_tries")
	if wait := locked.Header().Get("Retry-After"); wait != "20" {
		t.Errorf("a card that is locked: try again after %q s", wait)
	}
}

// A quotation is what is done when nothing has moved, whatever the bill: the same amounts, the same balance after it,
// and lines that add up to it.
func TestQuoteIsDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		bill := BillBody{
			Card: rapid.SampledFrom([]string{"6001", "6002", "6004"}).Draw(rt, "card"), InFull: new(rapid.Bool().Draw(rt, "full")),
		}
		for range rapid.IntRange(0, 5).Draw(rt, "lines") {
			bill.Lines = append(bill.Lines, Line{
				Quantity: rapid.Int64Range(1, 9).Draw(rt, "quantity"), Price: rapid.Int64Range(0, 9999).Draw(rt, "price"),
				Discountable: new(rapid.Bool().Draw(rt, "discountable")),
			})
		}
		if len(bill.Lines) == 0 {
			bill.Amount = rapid.Int64Range(1, 100_000).Draw(rt, "amount")
		}
		bill.Points = rapid.Int64Range(0, 3).Draw(rt, "points") * 100
		quoted := w.call(keyAll, http.MethodPost, "/quotes", string(mustMarshal(bill)))
		if quoted.Code != http.StatusOK { // no points to pay with, or nothing to pay
			return
		}
		q := read[Quote](w, quoted, http.StatusOK)
		body := mustMarshal(map[string]string{"quote": q.Token, "password": "8250xz"})
		got := read[Receipt](w, w.post(keyAll, "/consumes", fmt.Sprintf("property-%d", n), string(body)), http.StatusOK)
		b := got.Entry.Bill
		if !got.Balance.is(q.After) || b.Gross != q.Gross || b.Discount != q.Discount || b.Net != q.Net || b.Due != q.Due ||
			b.Card != q.Bonus+q.Principal || b.Points != q.Points.Amount {
			rt.Fatalf("quoted %+v, done %+v with %+v", q, b, got.Balance)
		}
		var sum LineShare
		for _, l := range q.Lines {
			sum.Gross, sum.Discount, sum.Points = sum.Gross+l.Gross, sum.Discount+l.Discount, sum.Points+l.Points
			sum.Card, sum.Due = sum.Card+l.Card, sum.Due+l.Due
		}
		if want := (LineShare{q.Gross, q.Discount, 0, q.Points.Amount, b.Card, q.Due}); len(q.Lines) > 0 && sum != want {
			rt.Fatalf("the lines add up to %+v, the bill is %+v", sum, want)
		}
		if rapid.IntRange(0, 3).Draw(rt, "recharged") == 0 {
			w.do(command.Recharge{Merchant: 1, Card: bill.Card, Amount: 300_00, PayType: 1})
		}
	})
}

// A dry run that is asked whether a member code is right counts the wrong ones as a bill does, or all could be tried.
// The right one is not used up, and a bill that was paid with it is answered again though it is over by then.
func TestDryRunsGuessNoCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const dry = "/consumes?dry_run=true"
	right := `{"amount":100,"member_code":"` + w.code("6001") + `"}`
	read[Receipt](w, w.post(keyAll, dry, "paid", right), http.StatusOK)
	done := w.post(keyAll, "/consumes", "paid", right)
	read[Receipt](w, done, http.StatusOK)
	w.now = w.now.Add(time.Hour)
	if again := w.post(keyAll, dry, "paid", right); again.Body.String() != done.Body.String() {
		t.Errorf("of what was done: %d %s", again.Code, again.Body)
	}
	guessed := []byte(w.code("6002"))
	guessed[len(guessed)-1] = '0' + (guessed[len(guessed)-1]-'0'+1)%10
	wrong := `{"amount":100,"member_code":"` + string(guessed) + `"}`
	for range 30 {
		w.problem(w.call(keyAll, http.MethodPost, dry, wrong), 409, "member_code_wrong")
	}
	full := w.call(keyAll, http.MethodPost, dry, wrong)
	w.problem(full, 429, "too_many_misses")
	if wait := full.Header().Get("Retry-After"); wait != "600" {
		t.Errorf("too many misses: try again after %q s", wait)
	}
	w.problem(w.call(keyAll, http.MethodPost, dry, `{"amount":100,"member_code":"`+w.code("6001")+`"}`), 429,
		"too_many_misses")
}
