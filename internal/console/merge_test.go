package console

import (
	"net/http"
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// A card is merged into another after what would happen to both was shown, and the slip has all that went, principal
// too. The closed card says so, and offers nothing more.
func TestMerge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.do(command.Consume{Merchant: 1, Card: "6001", Amount: 100_00})
	b := w.signedIn("manager")
	path := "/console/m/1/cards/1/do/merge"
	shown := b.post(path, "to", "6002", "at", "11").Body.String()
	for _, want := range []string{"520.00", "已并入其他卡", "优惠券", ">6002<", "canary-holder", "433.33", "86.67"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the preview does not show %s: %s", want, shown)
		}
	}
	if strings.Contains(words(shown), "转出 · 积分") {
		t.Error("the preview has the points in parts, although they only go")
	}
	if got := w.card("6001"); got.Status != ledger.Active {
		t.Fatal("the preview did it")
	}
	done := b.post(path, append(hidden(shown), "sure", "yes")...)
	slip := done.Header().Get("Location")
	if done.Code != http.StatusSeeOther || !strings.Contains(slip, "/slip/") {
		t.Fatalf("%d %s %s", done.Code, slip, fault(done.Body.String()))
	}
	from, to := w.card("6001"), w.card("6002")
	if from.Status != ledger.Returned || from.Amount() != 0 || to.Amount() != 520_00 || to.Points != 80 ||
		to.Holder.Name != "canary-holder" {
		t.Errorf("%v and %d points of %q came, of the merged card %v are left", to.Amount(), to.Points, to.Holder.Name,
			from.Amount())
	}
	printed := b.get(slip).Body.String()
	for _, want := range []string{"并卡转出", "转出", "-520.00", "<dd>6****02</dd>", "<dd>0.00</dd>"} {
		if !strings.Contains(printed, want) {
			t.Errorf("the slip does not say %s: %s", want, printed)
		}
	}
	if page := b.get("/console/m/1/cards/1").Body.String(); strings.Contains(page, "/do/") ||
		!strings.Contains(page, "已并入其他卡") || strings.Contains(page, "已退卡") || !strings.Contains(page, "cards?q=6002") {
		t.Errorf("the closed card offers something, or does not say where all went: %s", words(page))
	}
	for _, path := range []string{"cards", "cards?q=600", "cards?status=returned", "cards.csv"} {
		got := w.signedIn("admin").get("/console/m/1/" + path).Body.String()
		got = strings.ReplaceAll(got, wClosedEither.Zh, "") // the filter
		if !strings.Contains(got, "已并入其他卡") || strings.Contains(got, "已退卡") {
			t.Errorf("%s calls the merged card otherwise", path)
		}
	}
	for card, want := range map[string]string{"1": "并卡转出", "2": "并卡转入"} {
		if page := b.get("/console/m/1/cards/" + card).Body.String(); !strings.Contains(page, want) {
			t.Errorf("card %s does not say %s", card, want)
		}
	}
}

// Bonus above the merchant's limit is proposed, like a refund, and the second person gives it.
func TestGiveBonusTakesTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.limit()
	act := "/console/m/1/cards/1/do/give-bonus"
	b := w.signedIn("manager")
	shown := b.post(act, "amount", "100.01", "note", "开业纠纷 <b>", "at", "11")
	path := strings.TrimSuffix(b.post(act, append(hidden(shown.Body.String()), "sure", "yes")...).Header().Get("Location"),
		"?proposed")
	if !strings.HasPrefix(path, "/console/m/1/proposals/") || w.card("6001").Bonus != 100_00 {
		t.Fatalf("it leads to %q, and the card has a bonus of %v", path, w.card("6001").Bonus)
	}
	admin := w.signedIn("admin")
	page := admin.get(path)
	if done := admin.post(path, append(hidden(page.Body.String()), "sure", "yes")...); done.Code != http.StatusSeeOther {
		t.Fatalf("confirmed: %d %s", done.Code, fault(done.Body.String()))
	}
	e := w.newestOf("6001")
	if e.Kind != ledger.BonusGiven || e.By.Person != 2 || e.By.Proposer != 3 || e.Bonus != 100_01 {
		t.Errorf("got a %v of %v by %+v", e.Kind, e.Bonus, e.By)
	}
	within := b.post(act, "amount", "100", "note", "x", "at", "11")
	b.post(act, append(hidden(within.Body.String()), "sure", "yes")...)
	if got := w.card("6001").Bonus; got != 300_01 {
		t.Errorf("within the limit one person gives it: the card has %v", got)
	}
}
