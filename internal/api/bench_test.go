package api

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// BenchmarkConsume pays bills by the API over a store in memory, so that little but the API itself is measured.
// BenchmarkRead is the same for what changes nothing.
func BenchmarkConsume(b *testing.B) {
	w := newWorld(b)
	n := 0
	for b.Loop() {
		n++
		w.paid(b, "/consumes", `{"card":"6001","amount":1}`, "bench-"+strconv.Itoa(n))
	}
}

func BenchmarkRead(b *testing.B) {
	w := newWorld(b)
	for b.Loop() {
		w.paid(b, "/cards/6001", "", "")
	}
}

func (w *world) paid(b *testing.B, path, body, name string) {
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	r := httptest.NewRequest(method, Base+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+keyAll)
	if name != "" {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", name)
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		b.Fatalf("%d %s", rec.Code, rec.Body)
	}
}

// BenchmarkQuote asks what a bill of 100 lines would do.
func BenchmarkQuote(b *testing.B) {
	w := newWorld(b)
	lines := strings.Repeat(`{"name":"noodles","quantity":2,"price":13},`, 99) + `{"price":1,"discountable":false}`
	for b.Loop() {
		w.paid(b, "/quotes", `{"card":"6001","lines":[`+lines+`]}`, "")
	}
}

// BenchmarkShares divides a bill over 100 lines, beside which the rest of a quotation is seen.
func BenchmarkShares(b *testing.B) {
	lines := make([]ledger.BillLine, 100)
	for i := range lines {
		lines[i] = ledger.BillLine{Gross: 26, Discounted: true}
	}
	bill := &ledger.Entry{Kind: ledger.Consumed, Gross: 2600, Net: 2340, Principal: -2340}
	for b.Loop() {
		ledger.ShareBill(bill, lines)
	}
}
