package command

import (
	"testing"

	"tongka/internal/ledger"
)

// withRights returns cornered with a level that has all rights, an invoiceable recharge, and an invoice and a signed
// bill to undo.
func withRights(t *testing.T) (l *memStore, invoice, bill ledger.EntryID) {
	t.Helper()
	l, _, _ = cornered(t)
	m := l.merchants[1]
	m.Levels = []ledger.Level{{ID: 1, PayRate: ledger.Percent100, Earn: ledger.Percent100, Rights: ledger.Rights{
		Renewals: []ledger.Renewal{{Price: 90_00, Months: 12}, {Price: 1000_01, Months: 24}, {Price: 1, Months: 120_000}},
		Account:  ledger.HouseAccount{ID: 7, MaxAmount: 50_00, Fixed: 40_00, MaxCount: 2},
	}}}
	m.PayTypes = append(m.PayTypes, ledger.PayType{ID: 2, Name: "微信", Invoiceable: true})
	l.merchants[1] = m
	last := func(cmd Command) ledger.EntryID {
		ch, err := l.do(cmd, monday)
		if err != nil {
			t.Fatalf("%+v: %v", cmd, err)
		}
		return ch.Last().ID
	}
	last(Open{
		Merchant: 1,
		Card:     NewCard{Number: "ends", Level: 1, Holder: ledger.Holder{Name: "张三"}, Expires: 2026_02_28, Principal: 89_99},
	})
	last(Recharge{Merchant: 1, Card: "good", Amount: 50_00, PayType: 2})
	invoice = last(Invoice{Merchant: 1, Card: "good", Amount: 20_00})
	bill = last(ChargeToAccount{Merchant: 1, Card: "good", Amount: 20_00})
	return l, invoice, bill
}

// Each row corrects the fault of the row above it, for the commands that use a level's rights.
func TestPrecedenceOfRights(t *testing.T) {
	t.Parallel()
	_, invoice, bill := withRights(t)
	for name, rows := range map[string][]attempt{
		"renew": attemptsToRenew(), "invoice": attemptsToInvoice(invoice, bill), "sign": attemptsToSign(bill, invoice),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, row := range rows {
				l, _, _ := withRights(t)
				_, err := l.do(row.cmd, row.now)
				if got := reasonOf(err); got != row.want {
					t.Errorf("%+v: got %v, want %v", row.cmd, err, row.want)
				}
			}
		})
	}
}

// A card that is good through a month's last day stays at month's ends when it is renewed; other cards keep their day
// of the month where it exists.
func TestRenewalsStayAtTheMonthsEnd(t *testing.T) {
	t.Parallel()
	for from, want := range map[ledger.Date][]ledger.Date{
		2026_01_31: {2026_02_28, 2026_03_31, 2026_04_30, 2026_05_31},
		2027_12_31: {2028_01_31, 2028_02_29, 2028_03_31, 2028_04_30},
		2026_02_28: {2026_03_31, 2026_04_30, 2026_05_31, 2026_06_30},
		2026_01_15: {2026_02_15, 2026_03_15, 2026_04_15, 2026_05_15},
		2028_02_28: {2028_03_28, 2028_04_28, 2028_05_28, 2028_06_28},
	} {
		l := newMemStore(ledger.Merchant{
			ID: 1, Zone: shanghai, Levels: []ledger.Level{{ID: 1, PayRate: ledger.Percent100, Rights: ledger.Rights{
				Renewals: []ledger.Renewal{{Price: 1, Months: 1}, {Price: 1, Months: 12}},
			}}}})
		l.mustAt(t, monday, Open{
			Merchant: 1,
			Card:     NewCard{Number: "6001", Level: 1, Holder: ledger.Holder{Name: "张三"}, Expires: from, Principal: 100},
		})
		for i, day := range want {
			if got := l.mustAt(t, monday, Renew{Merchant: 1, Card: "6001", Months: 1})[0].CardExpires; got != day {
				t.Errorf("%v and %d months: %v, want %v", from, i+1, got, day)
			}
		}
	}
	for text, want := range map[string]ledger.Date{"1month": 2026_03_31, "12month": 2027_02_28, "2year": 2028_02_29} {
		if got, err := ledger.ParseExpiry(text, 2026_02_28); err != nil || got != want {
			t.Errorf("%s from the end of February: %v, %v, want %v", text, got, err, want)
		}
	}
}

func attemptsToRenew() []attempt {
	return []attempt{
		{tooLate, Renew{Merchant: 1, Card: "none", Months: 7}, ledger.LicenceOver},
		{nextDay, Renew{Merchant: 1, Card: "none", Months: 7}, ledger.CardNotFound},
		{nextDay, Renew{Merchant: 1, Card: "lost", Months: 7}, ledger.CardIsLost},
		{nextDay, Renew{Merchant: 1, Card: "good", Months: 7}, ledger.NoRenewal},
		{nextDay, Renew{Merchant: 1, Card: "good", Months: 24}, ledger.NeverExpires},
		{nextDay, Renew{Merchant: 1, Card: "ends", Months: 120_000}, ledger.NeverExpires},
		{nextDay, Renew{Merchant: 1, Card: "ends", Months: 24}, ledger.BadAmount},
		{nextDay, Renew{Merchant: 1, Card: "ends", Months: 12}, ledger.ShortBalance},
		{nextDay, Renew{Merchant: 1, Card: "expired", Months: 12}, ledger.ShortBalance},
	}
}

func attemptsToInvoice(invoice, bill ledger.EntryID) []attempt {
	return []attempt{
		{tooLate, Invoice{Merchant: 1, Card: "none"}, ledger.LicenceOver},
		{nextDay, Invoice{Merchant: 1, Card: "none"}, ledger.BadAmount},
		{nextDay, Invoice{Merchant: 1, Card: "none", Amount: ledger.MaxFen + 1}, ledger.BadAmount},
		{nextDay, Invoice{Merchant: 1, Card: "none", Amount: 30_01}, ledger.CardNotFound},
		{nextDay, Invoice{Merchant: 1, Card: "returned", Amount: 30_01}, ledger.CardIsReturned},
		{nextDay, Invoice{Merchant: 1, Card: "stopped", Amount: 30_01}, ledger.InvoiceTooMuch},
		{nextDay, Invoice{Merchant: 1, Card: "expired", Amount: 30_01}, ledger.InvoiceTooMuch},
		{nextDay, Invoice{Merchant: 1, Card: "good", Amount: 30_01}, ledger.InvoiceTooMuch},
		{nextDay, Invoice{Merchant: 1, Card: "good", Amount: 30_00}, 0},
		{tooLate, ReverseInvoice{Merchant: 1, Card: "none", Entry: bill}, ledger.LicenceOver},
		{nextDay, ReverseInvoice{Merchant: 1, Card: "none", Entry: bill}, ledger.CardNotFound},
		{nextDay, ReverseInvoice{Merchant: 1, Card: "poor", Entry: invoice}, ledger.EntryNotFound},
		{nextDay, ReverseInvoice{Merchant: 1, Card: "good", Entry: bill}, ledger.NotReversible},
		{nextDay, ReverseInvoice{Merchant: 1, Card: "good", Entry: invoice}, 0},
	}
}

func attemptsToSign(bill, invoice ledger.EntryID) []attempt {
	return []attempt{
		{tooLate, ChargeToAccount{Merchant: 1, Card: "none"}, ledger.LicenceOver},
		{nextDay, ChargeToAccount{Merchant: 1, Card: "none"}, ledger.BadAmount},
		{nextDay, ChargeToAccount{Merchant: 1, Card: "none", Amount: 1000_01}, ledger.BadAmount},
		{nextDay, ChargeToAccount{Merchant: 1, Card: "none", Amount: 40_01}, ledger.CardNotFound},
		{nextDay, ChargeToAccount{Merchant: 1, Card: "stopped", Amount: 40_01}, ledger.CardIsStopped},
		{nextDay, ChargeToAccount{Merchant: 1, Card: "expired", Amount: 40_01}, ledger.CardIsExpired},
		{nextDay, ChargeToAccount{Merchant: 1, Card: "good", Amount: 40_01}, ledger.OverAccountLimit},
		{nextDay, ChargeToAccount{Merchant: 1, Card: "good", Amount: 30_01}, ledger.OverAccountLimit},
		{nextDay, ChargeToAccount{Merchant: 1, Card: "good", Amount: 30_00}, 0},
		{tooLate, RefundCharge{Merchant: 1, Card: "none", Entry: invoice}, ledger.LicenceOver},
		{nextDay, RefundCharge{Merchant: 1, Card: "none", Entry: invoice}, ledger.CardNotFound},
		{nextDay, RefundCharge{Merchant: 1, Card: "poor", Entry: bill}, ledger.EntryNotFound},
		{nextDay, RefundCharge{Merchant: 1, Card: "good", Entry: invoice}, ledger.NotReversible},
		{nextDay, RefundCharge{Merchant: 1, Card: "good", Entry: bill}, 0},
	}
}
