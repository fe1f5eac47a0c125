package ledger

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// HandOver is how a shift is closed at a shop: what the books say was taken of holders since the one before, and what
// was counted in the till.
type HandOver struct {
	Shop     ShopID    `json:"shop"`
	Operator string    `json:"operator,omitempty"` // whose shift; "" = the shop's, whoever was there
	After    EntryID   `json:"after"`              // what was taken by the entries behind this one,
	UpTo     EntryID   `json:"up_to"`              // up to this one
	Takings  []Taking  `json:"takings,omitempty"`  // by pay type, in their order
	Cash     PayTypeID `json:"cash"`               // the pay type that lies in the till
	Counted  Fen       `json:"counted"`
}

// Taking is what was taken by one pay type. What holders were paid without saying by which is of the pay type 0.
type Taking struct {
	PayType PayTypeID `json:"pay_type,omitempty"`
	Times   int64     `json:"times"`          // entries
	In      Fen       `json:"in,omitempty"`   // paid for recharges
	Back    Fen       `json:"back,omitempty"` // given back for recharges that were reversed
	Out     Fen       `json:"out,omitempty"`  // paid out, for what was withdrawn or with returned cards
}

// Net returns what is left of what was paid.
func (t *Taking) Net() Fen { return t.In - t.Back - t.Out }

// Plus returns the taking with an entry counted in. Entries that take or give no money leave it as it is.
func (t Taking) Plus(e *Entry) Taking {
	switch e.Kind {
	case Recharged:
		t.In += e.Gross
	case RechargeReversed:
		t.Back += e.Gross
	case Withdrawn, CardReturned:
		t.Out += e.Gross
	}
	t.Times++
	return t
}

// TakesMoney reports whether holders paid money for the entry or were paid by it.
func (e *Entry) TakesMoney() bool {
	switch e.Kind {
	case Recharged, RechargeReversed, Withdrawn, CardReturned:
		return e.Gross != 0
	}
	return false
}

// Concerns reports whether an entry is of the shift.
func (h *HandOver) Concerns(e *Entry) bool {
	return h.After < e.ID && e.ID <= h.UpTo && e.By.Shop == h.Shop && (h.Operator == "" || h.Operator == e.By.Operator)
}

// InTill reports whether what was taken lies in the till, or was paid out from it. So was what nobody has said of by
// which pay type it was.
func (h *HandOver) InTill(t *Taking) bool { return t.PayType == h.Cash || t.PayType == 0 }

// Expected returns what should be in the till: the cash that was taken, less what was paid out from it.
func (h *HandOver) Expected() (sum Fen) {
	for _, t := range h.Takings {
		if h.InTill(&t) {
			sum += t.Net()
		}
	}
	return sum
}

// Difference returns by how much more was counted than expected.
func (h *HandOver) Difference() Fen { return h.Counted - h.Expected() }

// GuardKey returns the key of the guard that counts how far shifts of the shop, or of one operator there, were closed.
func (h *HandOver) GuardKey() GuardKey {
	return GuardKey{ShiftClosed, strconv.FormatInt(int64(h.Shop), 10) + "/" + h.Operator}
}

// Text returns the hand-over as its entry holds it: JSON, zero values left out.
func (h *HandOver) Text() string {
	b, err := json.Marshal(h)
	if err != nil {
		panic(fmt.Sprintf("hand-over: %v", err)) // it is numbers and a text
	}
	return string(b)
}

// ParseHandOver reads what Text returns. Another spelling of the same is refused, so that a hand-over has one text.
func ParseHandOver(text string) (h HandOver, err error) {
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		return h, fmt.Errorf("hand-over: %w", err)
	}
	if h.Text() != text {
		return h, fmt.Errorf("hand-over: not as it is written")
	}
	return h, nil
}
