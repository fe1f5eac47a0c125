package api

import (
	"net/http"
	"strings"
	"testing"
)

// Whoever pays a holder out may say by which pay type, and the entry tells it. One that there is not is refused, and
// without one nothing is told.
func TestPaidOutByPayType(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.post(keyAll, "/recharges", "in", `{"card":"6002","amount":5000,"pay_type":1}`)
	for _, ask := range []struct {
		path, request, body string
		paid                int64
	}{
		{"/withdrawals", "a", `{"card":"6002","amount":1000,"pay_type":2}`, 2},
		{"/withdrawals", "b", `{"card":"6002","amount":1000}`, 0},
		{"/cards/6002/return", "c", `{"pay_type":1}`, 1},
	} {
		unknown := strings.Replace(ask.body, "{", `{"pay_type":9,`, 1)
		if ask.paid != 0 {
			unknown = strings.Replace(ask.body, `"pay_type":`, `"pay_type":9`, 1)
		}
		w.problem(w.post(keyAll, ask.path, ask.request+"9", unknown), 422, "unknown_pay_type")
		done := read[Receipt](w, w.post(keyAll, ask.path, ask.request, ask.body), http.StatusOK)
		if got := done.Entry.Bill.PayType; got != ask.paid {
			t.Errorf("%s %s: paid by %d", ask.path, ask.body, got)
		}
	}
}
