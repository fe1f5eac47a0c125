package verify

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// Every check must find what it is there for, and say which entry or card it is about. The hash chain is repaired
// after the tampering, so that no check relies on it.
func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	findTampering(t, []tampering{
		{1, "a kind that may not move money", func(b *books) { b.entry(ledger.Consumed).Kind = ledger.ReportedLost }},
		{2, "a card that holds more than the journal gave", func(b *books) { b.cards[0].Principal += 100; b.cards[0].Lots[0].Principal += 100 }},
		{3, "a lot", func(b *books) { b.cards[0].Lots[0].Principal++ }},
		{3, "a name", func(b *books) { b.cards[0].Holder.Name = "别人" }},
		{3, "a last use", func(b *books) { b.cards[0].Used = b.cards[0].Used.Add(time.Hour) }},
		{3, "a kind of card", func(b *books) { b.cards[0].Kind = ledger.StoredValue }},
		{3, "an inner code", func(b *books) { b.cards[1].Details.ExtID = "9" }},
		{3, "a credit in the journal", func(b *books) { b.entry(ledger.DetailsChanged).Details.Credit++ }},
		{3, "a card without entries", func(b *books) { b.cards = append(b.cards, ledger.Card{Merchant: 1, ID: 99, Status: ledger.Active}) }},
		{3, "a card that is gone", func(b *books) { b.cards = b.cards[1:] }},
		{3, "a tally", func(b *books) { b.entry(ledger.Consumed).Tally[0].N++ }},
		{4, "a balance after", func(b *books) { b.entry(ledger.Consumed).PrincipalAfter += 100 }},
		{4, "points after", func(b *books) { b.entry(ledger.Consumed).PointsAfter++ }},
		{4, "a sequence", func(b *books) { b.entry(ledger.Consumed).Seq++ }},
		{5, "a balance below zero", func(b *books) { b.entry(ledger.Withdrawn).PrincipalAfter = -1 }},
		{6, "an amount out of range", func(b *books) { b.entry(ledger.Withdrawn).Gross = ledger.MaxFen + 1 }},
		{9, "a discount", func(b *books) { b.entry(ledger.Consumed).PayRate = 7000 }},
		{9, "a recharge that got more than the rules give", func(b *books) { b.entry(ledger.Recharged).Rules[0].Money = 0 }},
		{10, "another policy", func(b *books) { b.entry(ledger.Consumed).SpendOrder = ledger.PrincipalFirst }},
		{57, "a renewal to another day", func(b *books) { b.entry(ledger.Renewed).CardExpires++ }},
		{3, "a renewal that takes days", func(b *books) { b.entry(ledger.Renewed).CardExpires = 2027_01_31 }},
		{9, "a renewal at another price", func(b *books) { b.entry(ledger.Renewed).Gross++ }},
		{10, "a renewal by another policy", func(b *books) { b.entry(ledger.Renewed).SpendOrder = ledger.PrincipalFirst }},
		{11, "a renewal that was undone", func(b *books) { b.entry(ledger.ConsumeRefunded).RefersTo = b.entry(ledger.Renewed).ID }},
		{13, "a renewal undone to another day", func(b *books) { b.entry(ledger.RenewalReversed).CardExpires-- }},
		{13, "a renewal undone into another lot", func(b *books) { b.entry(ledger.RenewalReversed).Allocations[0].Lot++ }},
		{57, "a renewal that was of another day before", func(b *books) { b.entry(ledger.Renewed).ExpiredAt++ }},
		{11, "a refund of more than the bill", func(b *books) { b.entry(ledger.ConsumeRefunded).Principal += 1000_00 }},
		{11, "a refund of another card's bill", func(b *books) { b.entry(ledger.ConsumeRefunded).RefersTo = 3 }},
		{11, "a refund to another lot", func(b *books) { b.entry(ledger.ConsumeRefunded).Allocations[0].Lot++ }},
		{11, "a refund that is good for longer", func(b *books) { b.entry(ledger.ConsumeRefunded).Allocations[0].GoodUntil++ }},
		{11, "a refund of nothing that is there", func(b *books) { b.entry(ledger.ConsumeRefunded).RefersTo = 999 }},
		{12, "bonus that was paid out", func(b *books) { b.entry(ledger.Withdrawn).Gross++ }},
		{12, "bonus that arrived as principal", func(b *books) { b.entry(ledger.TransferredIn).Principal++ }},
		{12, "a pay-out of more than the principal", func(b *books) { b.entry(ledger.CardReturned).Gross++ }},
		{13, "a recharge reversed twice", func(b *books) {
			b.entry(ledger.ConsumeRefunded).RefersTo = 10
			b.entry(ledger.ConsumeRefunded).Kind = ledger.RechargeReversed
		}},
		{31, "a bill that does not say its rate", func(b *books) { b.withPoints(ledger.Consumed).EarnRate = 0 }},
		{57, "a rate that gives fewer points", func(b *books) { b.entry(ledger.Consumed).EarnRate /= 2 }},
		{21, "an entry that is gone", func(b *books) { b.entries = slices.Delete(b.entries, 4, 5) }},
		{21, "entries gone from the end", func(b *books) { b.entries = b.entries[:len(b.entries)-1] }},
		{22, "an entry dated back", func(b *books) { b.entry(ledger.Consumed).At = noon.Add(-time.Hour) }},
		{25, "a sum", func(b *books) { b.cards[0].SumConsume++ }},
		{26, "details of a closed card", func(b *books) { b.entry(ledger.DetailsChanged).Status = ledger.Returned }},
		{26, "a status out of turn", func(b *books) { b.entry(ledger.LossCancelled).Status = ledger.Stopped }},
		{26, "a closed card that holds something", func(b *books) { b.cards[2].Points = 1 }},
		{22, "entries of two cards the wrong way round", func(b *books) {
			b.entry(ledger.ReportedLost).At = noon.Add(time.Hour)
			b.entry(ledger.LossCancelled).At = noon.Add(time.Hour)
			b.entry(ledger.CardReturned).At = noon.Add(time.Hour)
		}},
	})
}

// The same holds for invoices and signed bills.
func TestTamperedInvoicesAreFound(t *testing.T) {
	t.Parallel()
	findTampering(t, []tampering{
		{3, "what was signed for", func(b *books) { b.cards[len(b.cards)-1].Charges.Bills++ }},
		{3, "a signed bill taken back for more", func(b *books) { b.entry(ledger.ChargeRefunded).Gross++ }},
		{9, "a bill signed for nobody", func(b *books) { b.entry(ledger.AccountCharged).ChargedTo = 0 }},
		{9, "a consume that somebody signed for", func(b *books) { b.entry(ledger.Consumed).ChargedTo = 5 }},
		{13, "a signed bill taken back from another", func(b *books) { b.entry(ledger.ChargeRefunded).ChargedTo++ }},
		{13, "a signed bill taken back in part", func(b *books) {
			e := b.entry(ledger.ChargeRefunded)
			e.Gross, e.Net = 1, 1
		}},
		{3, "what may be invoiced", func(b *books) { b.cards[len(b.cards)-1].Invoiceable++ }},
		{9, "an invoice for nothing", func(b *books) { b.entry(ledger.Invoiced).Invoice = 0 }},
		{9, "a consume that may be invoiced", func(b *books) { b.entry(ledger.Consumed).Invoice = 5 }},
		{9, "bonus that may be invoiced", func(b *books) { b.entry(ledger.Recharged).Invoice = 110_00 }},
		{12, "a recharge that was reversed and may be invoiced", func(b *books) { b.entries[ours+3].Invoice = 0 }},
		{13, "an invoice taken back for more", func(b *books) {
			e := b.entry(ledger.InvoiceReversed)
			e.Gross, e.Invoice = e.Gross+1, e.Invoice+1
		}},
		{13, "an invoice taken back twice", func(b *books) {
			e := &b.entries[ours+3] // the reversal
			e.Kind, e.RefersTo = ledger.InvoiceReversed, b.entry(ledger.Invoiced).ID
		}},
	})
}

// The same holds for requests and the entries they asked for.
func TestTamperedRequestsAreFound(t *testing.T) {
	t.Parallel()
	findTampering(t, []tampering{
		{19, "a request without its entry", func(b *books) { b.requests[0].Entry = 999 }},
		{19, "a request that is gone", func(b *books) { b.requests = nil }},
		{19, "a request that stands for another entry", func(b *books) { b.requests[0].Entry-- }},
		{19, "a request by another name", func(b *books) { b.requests[0].Name[0]++ }},
		{19, "an answer that is written otherwise", func(b *books) { b.requests[0].Layout = 1 }},
		{19, "another answer that is written again", func(b *books) { b.requests[0].Sum++ }},
		{19, "an answer written out of no entry", func(b *books) {
			r := ledger.Request{Merchant: 1, Name: ledger.RequestKey{ID: "r2"}.Name(), Layout: 1, Rest: []byte("x"), Sum: 5}
			r.Proof = r.Evidence()
			b.requests = append(b.requests, r)
		}},
		{19, "a request for something else", func(b *books) { b.requests[0].Fingerprint[0]++ }},
		{19, "another answer", func(b *books) { b.requests[0].Answer[0]++ }},
		{19, "a request without its proof", func(b *books) { b.requests[0].Proof = 0 }},
		{19, "a request for an entry that nobody asked for", func(b *books) {
			r := b.requests[0]
			r.Name, r.Entry = ledger.RequestKey{ID: "r2"}.Name(), 2
			r.Proof = r.Evidence()
			b.requests = append(b.requests, r)
		}},
	})
}

// The same holds for rows about which the journal says nothing, and for derived columns.
func TestTamperedRowsAreFound(t *testing.T) {
	t.Parallel()
	card := func(change func(*ledger.StoredCard)) func(*books) {
		return func(b *books) { b.derive = change }
	}
	findTampering(t, []tampering{
		{57, "a merchant without a head", func(b *books) { b.owners["head"], b.heads = nil, nil }},
		{57, "a merchant without settings", func(b *books) { b.owners["merchant"] = nil }},
		{57, "a level that cards have is gone", func(b *books) { b.settings[0].Levels = b.settings[0].Levels[1:] }},
		{57, "a setting below zero", func(b *books) { b.settings[0].Settings.PointsRatio = -1 }},
		{57, "a rule that takes", func(b *books) { b.settings[0].Rules[0].AddRate = -1 }},
		{57, "cards of another merchant", func(b *books) { b.owners["card"] = []ledger.MerchantID{1, 2} }},
		{57, "settings of a merchant that is not there", func(b *books) { b.owners["rule"] = []ledger.MerchantID{2} }},
		{
			57, "lots of a card that keeps its own",
			func(b *books) { b.strays = []ledger.Stray{{Table: "lot", Merchant: 1, ID: 1}} },
		},
		{57, "a counter that is gone", func(b *books) { b.counters = b.counters[1:] }},
		{57, "a guid that is gone", func(b *books) { delete(b.guids, ledger.FoldGUID("{S}")) }},
		{57, "a guid too many", func(b *books) { b.guids["{x}"] = 1 }},
		{57, "a guid of another", func(b *books) { b.guids[ledger.FoldGUID("{S}")] = 2 }},
		{57, "a last card too low", func(b *books) { b.heads[0].LastCard-- }},
		{57, "a last card too high", func(b *books) { b.heads[0].LastCard++ }},
		{57, "a head of another time", func(b *books) { b.heads[0].LastAt = noon.Add(time.Hour) }},
		{57, "a head of no version", func(b *books) { b.heads[0].Version = 0 }},
		{21, "a last entry too low", func(b *books) { b.heads[0].LastEntry-- }},
		{21, "a last entry far too high", func(b *books) { b.heads[0].LastEntry = 1 << 60 }},
		{21, "an entry very far away", func(b *books) { b.entries[len(b.entries)-1].ID = 1 << 60 }},
		{21, "an entry very far away that was asked for", func(b *books) {
			e := &b.entries[len(b.entries)-1]
			e.ID, e.Asked = 1<<60, 1
		}},
		{57, "a day of expiry", card(func(c *ledger.StoredCard) { c.NextExpiry++ })},
		{57, "a text to be found by", card(func(c *ledger.StoredCard) { c.Search += "x" })},
		{57, "lots in the row that are apart", card(func(c *ledger.StoredCard) { c.OwnLots = "20270131:7:1:0" })},
		{53, "a guard of no card", func(b *books) { b.guards[0].Subject = "99/7" }},
		{53, "a guard of nothing", func(b *books) { b.guards[0].Subject = "x" }},
		{53, "a guard of an unknown kind", func(b *books) { b.guards[0].Kind = 99 }},
		{53, "a guard that counted backwards", func(b *books) { b.guards[0].Count = -1 }},
		{42, "a message to no card", func(b *books) { b.messages[0].Card = 99 }},
		{42, "a message that is done and to be sent", func(b *books) { b.messages[0].Done = noon }},
		{42, "a message that is neither", func(b *books) { b.messages[0].Next = time.Time{} }},
	})
}

// So are the totals of lots and coupons.
func TestTamperedPartTotalsAreFound(t *testing.T) {
	t.Parallel()
	findTampering(t, []tampering{
		{60, "a total of lots that is gone", func(b *books) { b.lots = b.lots[1:] }},
		{60, "all totals of lots are gone", func(b *books) { b.lots = nil }},
		{60, "a total of lots that stands twice", func(b *books) { b.lots = append(b.lots, b.lots[0]) }},
		{60, "a total of no lot", func(b *books) {
			b.lots = append(b.lots, ledger.LotTotal{LotKey: ledger.LotKey{Day: 1999_09_09, Kind: ledger.Consumed}})
		}},
		{60, "principal", func(b *books) { b.lots[0].Principal++ }},
		{60, "bonus", func(b *books) { b.lots[0].Bonus-- }},
		{60, "another day", func(b *books) { b.lots[0].Day++ }},
		{60, "another shop that sold", func(b *books) { b.lots[0].Sold++ }},
		{60, "another shop", func(b *books) { b.lots[0].Shop++ }},
		{60, "another kind", func(b *books) { b.lots[0].Kind = ledger.CardStopped }},
		{60, "a total of coupons that is gone", func(b *books) { b.used = b.used[1:] }},
		{60, "all totals of coupons are gone", func(b *books) { b.used = nil }},
		{60, "a total of coupons that stands twice", func(b *books) { b.used = append(b.used, b.used[0]) }},
		{60, "a coupon more", func(b *books) { b.used[0].Count++ }},
		{60, "what coupons paid", func(b *books) { b.used[0].Pays++ }},
		{60, "another day of coupons", func(b *books) { b.used[0].Day++ }},
		{60, "another shop of coupons", func(b *books) { b.used[0].Shop++ }},
		{60, "another kind of coupon", func(b *books) { b.used[0].Coupon++ }},
		{60, "another kind of entry", func(b *books) { b.used[0].Kind = ledger.CardStopped }},
		{60, "another state", func(b *books) { b.used[0].State = 9 }},
		{60, "a cursor ahead of the journal", func(b *books) { b.cursors[1].Entry += 2 }},
		{60, "a cursor at the beginning", func(b *books) { b.cursors[1].Entry = 0 }},
		{60, "no cursor", func(b *books) { b.cursors = b.cursors[:1] }},
		{60, "a zone that is not known", func(b *books) { b.cursors[1].Calendar = "Mars/Olympus" }},
		{60, "another zone", func(b *books) { b.cursors[1].Calendar = "Pacific/Pago_Pago" }},
	})
}

// Totals are checked against the journal up to their cursor, and the cursor against the journal.
func TestTamperedDayTotalsAreFound(t *testing.T) {
	t.Parallel()
	findTampering(t, []tampering{
		{60, "a total that is gone", func(b *books) { b.days = b.days[1:] }},
		{60, "all totals are gone", func(b *books) { b.days = nil }},
		{60, "a total of nothing", func(b *books) {
			b.days = append(b.days, ledger.DayTotal{
				DayKey: ledger.DayKey{Day: 1999_09_09, Kind: ledger.Consumed}, DaySums: ledger.DaySums{Count: 1},
			})
		}},
		{60, "a total that stands twice", func(b *books) { b.days = append(b.days, b.days[0]) }},
		{60, "an entry more", func(b *books) { b.days[0].Count++ }},
		{60, "gross", func(b *books) { b.days[0].Gross-- }},
		{60, "net", func(b *books) { b.days[0].Net++ }},
		{60, "principal", func(b *books) { b.days[0].Principal++ }},
		{60, "bonus", func(b *books) { b.days[0].Bonus-- }},
		{60, "points", func(b *books) { b.days[0].Points++ }},
		{60, "another day", func(b *books) { b.days[0].Day++ }},
		{60, "another shop", func(b *books) { b.days[0].Shop++ }},
		{60, "another operator", func(b *books) { b.days[0].Operator += "x" }},
		{60, "another kind", func(b *books) { b.days[0].Kind = ledger.CardStopped }},
		{60, "another pay type", func(b *books) { b.days[0].PayType += 7 }},
		{60, "a cursor too early", func(b *books) { b.cursors[0].Entry-- }},
		{60, "a cursor too late", func(b *books) { b.cursors[0].Entry++ }},
		{60, "a cursor ahead of the journal", func(b *books) { b.cursors[0].Entry += 2 }},
		{
			60, "a cursor ahead of a journal that has no totals",
			func(b *books) { b.days, b.cursors[0].Follower, b.cursors[0].Entry = nil, "another", 1<<40 },
		},
		{60, "a cursor before the journal", func(b *books) { b.days, b.cursors[0].Entry = nil, -1 }},
		{60, "a cursor at the beginning", func(b *books) { b.cursors[0].Entry = 0 }},
		{60, "no cursor", func(b *books) { b.cursors = b.cursors[1:] }},
		{60, "a cursor of nobody", func(b *books) { b.cursors[0].Follower = "nobody" }},
		{60, "a cursor of no version", func(b *books) { b.cursors[0].Version = 0 }},
		{60, "a zone that is not known", func(b *books) { b.cursors[0].Calendar = "Mars/Olympus" }},
		{60, "no zone", func(b *books) { b.cursors[0].Calendar = "" }},
		{60, "another zone", func(b *books) { b.cursors[0].Calendar = "Pacific/Pago_Pago" }},
		{60, "a journal that says something else", func(b *books) { b.entries[3].By.Operator = "somebody else" }},
	})
	for what, b := range map[string]*books{"a cursor behind": sound(t), "nothing folded yet": sound(t)} {
		if what == "nothing folded yet" {
			b.days, b.lots, b.used, b.cursors = nil, nil, nil, nil
		}
		if r := run(t, b)[60]; r.Violations > 0 {
			t.Errorf("%s: %v", what, r.Examples)
		}
	}
}

// tampering is a change that a check must find.
type tampering struct {
	invariant int
	what      string
	tamper    func(*books)
}

func findTampering(t *testing.T, all []tampering) {
	t.Helper()
	findTamperingIn(t, sound, all)
}

// findTamperingIn is findTampering in other books than sound's.
func findTamperingIn(t *testing.T, books func(*testing.T) *books, all []tampering) {
	t.Helper()
	for _, tt := range all {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			b := books(t)
			tt.tamper(b)
			b.rehash()
			r := run(t, b)[tt.invariant]
			if r.Violations == 0 {
				t.Errorf("invariant %02d held", tt.invariant)
			}
			if strings.Contains(strings.Join(r.Examples, ""), "某人") {
				t.Errorf("the report names a holder: %v", r.Examples)
			}
		})
	}
}
