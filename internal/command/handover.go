package command

import (
	"time"

	"tongka/internal/ledger"
)

// HandOver closes a shift at a shop: it records what the books say was taken since the shift before, and what was
// counted. What was taken is added up by whoever asks, out of the entries that Of names, and again by tongka verify.
type HandOver struct {
	Merchant ledger.MerchantID
	By       ledger.Caller // its shop is the shift's
	Of       ledger.HandOver
	Note     string
}

// Keys names the guard that says how far shifts were closed.
func (h HandOver) Keys() Keys { return Keys{Guards: []ledger.GuardKey{h.of().GuardKey()}} }

// of is the shift as its entry names it.
func (h HandOver) of() *ledger.HandOver {
	of := h.Of
	of.Shop, of.Operator = h.By.Shop, Operator(of.Operator)
	return &of
}

// Decide makes the entry of the merchant itself, also if the licence or the shop has ended. It refuses if the shift
// does not begin where the one before ended: somebody has closed one meanwhile. So it does if its operator is not
// spelled as in entries, for then other sums were added up than those of the operator that would be named. What was
// counted and is not what the books say wants a note, for a shift that is closed cannot be opened again.
func (h HandOver) Decide(s *State, now time.Time) (Changes, error) {
	_, head := s.at(h.Merchant)
	d, err := draftAt(s, later(now, head.LastAt), h.Merchant, h.By)
	if err != nil {
		return Changes{}, err
	}
	of := h.of()
	guards, err := d.guards(of.GuardKey())
	if err != nil {
		return Changes{}, err
	}
	if err := h.refusal(d, of, guards[0].Count); err != nil {
		return Changes{}, err
	}
	own, err := d.own()
	if err != nil {
		return Changes{}, err
	}
	guards[0].Count = int64(of.UpTo)
	d.keep(guards...)
	d.post(own, ledger.Entry{Kind: ledger.HandedOver, Settings: of.Text(), Note: h.Note})
	return d.finish()
}

// refusal returns why the shift is not closed, of a shop or an operator whose shifts were closed up to an entry.
func (h HandOver) refusal(d *draft, of *ledger.HandOver, closed int64) error {
	switch {
	case of.Counted < 0 || of.Counted > ledger.MaxFen:
		return ledger.Refuse(ledger.BadAmount)
	case of.Cash != 0 && !hasPayType(d.m, of.Cash):
		return ledger.Refuse(ledger.UnknownPayType)
	case of.After < 0 || of.UpTo <= of.After || of.UpTo > d.head.LastEntry:
		return ledger.Refuse(ledger.ShiftMoved)
	case h.Of.Operator != of.Operator:
		return ledger.Refuse(ledger.ShiftMoved)
	case closed != 0 && closed != int64(of.After):
		return ledger.Refuse(ledger.ShiftMoved)
	case of.Difference() != 0 && ledger.Blank(h.Note):
		return ledger.Refuse(ledger.ShiftIsOff, of.Difference().String())
	}
	return nil
}

func hasPayType(m *ledger.Merchant, id ledger.PayTypeID) bool {
	_, ok := m.PayType(id)
	return ok
}
