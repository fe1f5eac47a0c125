package console

import (
	"encoding/csv"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// file returns the rows of a table of a report, without its header.
func (b *tab) file(path string) (rows [][]string) {
	b.t.Helper()
	got := b.get(path)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.Body.String(), "\uFEFF"))).ReadAll()
	if err != nil || got.Code != http.StatusOK || len(rows) == 0 {
		b.t.Fatalf("%s: %d, %v", path, got.Code, err)
	}
	return rows[1:]
}

// wantRows checks rows against lines of cells with spaces between them.
func wantRows(t *testing.T, what string, got [][]string, want ...string) {
	t.Helper()
	var lines []string
	for _, row := range got {
		lines = append(lines, strings.Join(row, " "))
	}
	if fmt.Sprint(lines) != fmt.Sprint(want) {
		t.Errorf("%s:\n got %q\nwant %q", what, lines, want)
	}
}

// between is trade between the two shops of the first merchant, all on one day: a card that is charged at the one with
// a bonus, spent, refunded in part and paid out at the other.
func (w *world) between() {
	w.t.Helper()
	one, two := ledger.Caller{Shop: 11}, ledger.Caller{Shop: 12}
	w.do(
		command.Open{Merchant: 1, By: one, Card: command.NewCard{
			Number: "7001", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "李四"},
		}},
		command.Recharge{Merchant: 1, By: one, Card: "7001", Amount: 500_00, PayType: 1}, // with a bonus of 100.00
		command.Consume{Merchant: 1, By: two, Card: "7001", Amount: 120_00},
		command.Consume{Merchant: 1, By: one, Card: "7001", Amount: 60_00},
	)
	w.do(
		command.RefundConsume{Merchant: 1, By: two, Card: "7001", Entry: w.lastOf(ledger.Consumed, 12), Amount: 30_00},
		command.Withdraw{Merchant: 1, By: two, Card: "7001", Amount: 10_00},
	)
	w.fold()
}

// lastOf returns the newest entry of a kind at a shop of the first merchant.
func (w *world) lastOf(kind ledger.Kind, shop ledger.ShopID) (id ledger.EntryID) {
	w.t.Helper()
	w.must(w.store.EachEntry(w.t.Context(), 1, 0, func(e *ledger.Entry) error {
		if e.Kind == kind && e.By.Shop == shop {
			id = e.ID
		}
		return nil
	}))
	return id
}

// What was paid in at one shop and spent, refunded or paid out at another is what they owe each other, principal and
// bonus apart; what stays in a shop is not in it.
func TestSettlement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.between()
	b := w.signedIn("admin")
	const path, of = "/console/m/1/reports/settlement", "?from=2026-03-04&to=2026-03-04"
	wantRows(t, "shops", b.file(path+"/shops.csv"+of),
		"人民路店 0.00 85.00 -85.00 0.00 15.00", "湖滨店 85.00 0.00 85.00 15.00 0.00")
	wantRows(t, "pairs", b.file(path+"/pairs.csv"+of),
		"人民路店 湖滨店 85.00 15.00 100.00 20.00 25.00 5.00 10.00")
	wantRows(t, "days", b.file(path+"/days.csv"+of), "2026-03-04 85.00 15.00 100.00 20.00 25.00 5.00 10.00")
	page := b.get(path + of).Body.String()
	for _, link := range []string{"entries?day=2026-03-04", "reports/settlement?from=2026-03-04&amp;shop=12&amp;to=2026-03-04"} {
		if !strings.Contains(page, link) {
			t.Errorf("it does not lead to %s", link)
		}
	}
}

// Who looks after one shop sees what it has with others, and nothing that two others have with each other.
func TestSettlementOfOneShop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards() // 6001 was charged at the head office
	w.do(command.Consume{Merchant: 1, By: ledger.Caller{Shop: 12}, Card: "6001", Amount: 77_00})
	w.between()
	b := w.grant(11, ledger.MayRead|ledger.MayReports|ledger.MayExport)
	const path, of = "/console/m/1/reports/settlement", "?from=2026-03-04&to=2026-03-04"
	wantRows(t, "shops", b.file(path+"/shops.csv"+of), "人民路店 0.00 85.00 -85.00 0.00 15.00")
	wantRows(t, "pairs", b.file(path+"/pairs.csv"+of), "人民路店 湖滨店 85.00 15.00 100.00 20.00 25.00 5.00 10.00")
	page := b.get(path + of).Body.String()
	if strings.Contains(words(page), "总部") || strings.Contains(page, "shop=12") {
		t.Errorf("the manager of one shop sees %s", words(page))
	}
	if rows := w.signedIn("admin").file(path + "/pairs.csv" + of); len(rows) != 2 {
		t.Errorf("all pairs: %v", rows)
	}
}

// Coupons are told by kind and day: sent, used, given back, taken back, and what they took off bills.
func TestCouponReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards() // one was sent
	by := ledger.Caller{Shop: 11}
	w.do(command.SendCoupons{Merchant: 1, By: by, Card: "6001", Kind: 1, Numbers: []string{"28000002", "28000003", "28000004"}})
	coupons, err := w.store.Coupons(t.Context(), ledger.CouponQuery{Merchant: 1, Card: w.card("6001").ID, Limit: 9})
	w.must(err)
	w.wait(24 * 60 * 60)
	for _, coupon := range coupons[:2] {
		w.do(command.Consume{Merchant: 1, By: by, Card: "6001", Amount: 70_00, Coupons: []ledger.CouponID{coupon.ID}})
	}
	w.do(
		command.RefundConsume{Merchant: 1, By: by, Card: "6001", Entry: w.lastOf(ledger.Consumed, 11)},
		command.VoidCoupon{Merchant: 1, By: by, Card: "6001", Coupon: coupons[2].ID},
	)
	w.fold()
	b := w.signedIn("admin")
	const path, of = "/console/m/1/reports/coupons", "?from=2026-03-04&to=2026-03-05"
	if page := words(b.get(path + of).Body.String()); !strings.Contains(page, wUpToDate.Zh) {
		t.Errorf("it does not say how far it goes: %s", page)
	}
	wantRows(t, "kinds", b.file(path+"/kinds.csv"+of), "满减券 4 2 0 10.00 1 1 2")
	wantRows(t, "days", b.file(path+"/days.csv"+of), "2026-03-04 4 0 0 0.00 0 0 4", "2026-03-05 0 2 0 10.00 1 1 -2")
	wantRows(t, "all", b.file(path+"/all.csv"+of), "2026-03-04 满减券 4 0 0 0.00 0 0 4", "2026-03-05 满减券 0 2 0 10.00 1 1 -2")
	wantRows(t, "of a shop", b.file(path+"/kinds.csv"+of+"&shop=11"), "满减券 3 2 0 10.00 1 1 1")
}

// What is owed is told by the age of the recharge it came from, and what expires by month: together it is what is on
// the cards.
func TestLiabilityByAge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.between() // 500.00 and a bonus of 100.00, of which 315.00 and 75.00 are left
	w.wait(40 * 24 * 60 * 60)
	w.do(command.Recharge{Merchant: 1, Card: "7001", Amount: 20_00, PayType: 1})
	b := w.signedIn("admin")
	card := w.card("7001")
	const path = "/console/m/1/reports/ages"
	page := words(b.get(path).Body.String())
	old, fresh := card.Principal-20_00, ledger.Fen(20_00)
	for _, want := range []string{
		"30 天以内 " + fresh.String() + " – ", "31–90 天 " + old.String() + " " + card.Bonus.String(),
		"2027-03 " + card.Bonus.String(), wAsOf.Zh + "2026-04-13 18:00",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q: %s", want, page)
		}
	}
	if strings.Contains(page, wFromDay.Zh+" "+wToDay.Zh) {
		t.Errorf("it asks for a period: %s", page)
	}
	w.wait(60)
	w.do(command.Recharge{Merchant: 1, Card: "7001", Amount: 7_00, PayType: 1})
	if page := words(b.get(path).Body.String()); !strings.Contains(page, wAsOf.Zh+"2026-04-13 18:00") {
		t.Errorf("all cards are read again after a minute: %s", page)
	}
	w.wait(int(standingKept.Seconds()))
	if page := words(b.get(path).Body.String()); !strings.Contains(page, "30 天以内 27.00") {
		t.Errorf("and not after five: %s", page)
	}
	if got := w.grant(11, ledger.MayRead|ledger.MayReports).get(path); got.Code != http.StatusForbidden {
		t.Errorf("the manager of one shop: %d", got.Code)
	}
}

// Cards are told by when they were last used, and each number leads to the list of those very cards.
func TestSleepingMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	open := func(number string, shop ledger.ShopID) {
		w.do(command.Open{Merchant: 1, By: ledger.Caller{Shop: shop}, Card: command.NewCard{
			Number: number, Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "某人", Phone: "138" + number}, Principal: 10_00,
		}})
	}
	open("7001", 11)
	open("7002", 12)
	w.do(command.Stop{Merchant: 1, Card: "7002"})
	w.wait(100 * 24 * 60 * 60)
	open("7003", 11)
	open("7004", 12)
	w.wait(40 * 24 * 60 * 60)
	// None of that is a visit.
	w.do(command.ChangeLevel{Merchant: 1, Card: "7001", Level: 2})
	w.do(command.ShowData{Merchant: 1, Card: "7001", What: ledger.ShownPhone})
	b := w.signedIn("admin")
	const path = "/console/m/1/reports/sleeping"
	page := b.get(path).Body.String()
	if said := words(page); !strings.Contains(said, "31–60 天 2 20.00") || !strings.Contains(said, "91–180 天 1 10.00") ||
		!strings.Contains(said, "人民路店 2 1 10.00 湖滨店 1 – –") {
		t.Errorf("the page says %s", said)
	}
	links := regexp.MustCompile(`href="(/console/m/1/cards\?[^"]+)">(\d+)</a>`).FindAllStringSubmatch(page, -1)
	if len(links) != 2 {
		t.Fatalf("it leads to %v", links)
	}
	for i, numbers := range [][]string{{"7003", "7004"}, {"7001"}} {
		list := words(b.get(html.UnescapeString(links[i][1])).Body.String())
		for _, number := range []string{"7001", "7002", "7003", "7004"} {
			if strings.Contains(list, number) != slices.Contains(numbers, number) {
				t.Errorf("%s leads to %s", links[i][1], list)
			}
		}
	}
	lin := w.grant(11, ledger.MayRead|ledger.MayReports)
	page = lin.get(path).Body.String()
	if said := words(page); !strings.Contains(said, "31–60 天 1 10.00") || strings.Contains(said, "湖滨店") ||
		!strings.Contains(page, "shop=11&amp;since") {
		t.Errorf("the manager of one shop sees %s", said)
	}
}

// What a shop is owed was done at others, so its days lead to the entries of all shops, and nobody is led to some of
// them only.
func TestSettlementLeadsToAllEntries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.between()
	const path = "/console/m/1/reports/settlement?from=2026-03-04&to=2026-03-04"
	page := w.signedIn("admin").get(path + "&shop=11").Body.String()
	if n := strings.Count(page, `href="/console/m/1/entries?day=2026-03-04"`); n != 2 {
		t.Errorf("%d links to the entries of the day: %s", n, page)
	}
	page = w.grant(11, ledger.MayRead|ledger.MayReports).get(path).Body.String()
	if strings.Contains(page, `entries?day=2026-03-04"`) {
		t.Errorf("the manager of one shop is led to its own entries: %s", page)
	}
}
