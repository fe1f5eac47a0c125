package console

import (
	"net/http"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// What a Chinese keyboard writes in full width is read as what it means: names to sign in by, numbers, phones, amounts
// and searches. What people write to each other stays as it is.
func TestFullWidth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.tab()
	if got := b.post("/console/sign-in", "name", "ｍａｎａｇｅｒ　", "password", password); got.Code != http.StatusSeeOther {
		t.Errorf("signing in: %d", got.Code)
	}
	b = w.signedIn("manager")
	page := b.post("/console/m/1/cards/1/do/recharge", "amount", "￥１，２００。５", "paytype", "１", "note", "（电话：１）", "at", "11")
	if !strings.Contains(page.Body.String(), "1,200.50") || !strings.Contains(page.Body.String(), "（电话：１）") {
		t.Errorf("an amount: %s", fault(page.Body.String()))
	}
	page = b.post("/console/m/1/cards/1/do/transfer", "to", "６００２", "amount", "１", "at", "11")
	if !strings.Contains(page.Body.String(), ">6002<") {
		t.Errorf("a number: %s", fault(page.Body.String()))
	}
	page = b.get("/console/m/1/cards?q=" + "１８６１２３４２４６５")
	if !strings.Contains(page.Body.String()+page.Header().Get("Location"), "cards/1") {
		t.Error("a phone is not found")
	}
	if got := ledger.HalfWidth("ＡＢ＠１－２　￥！～中"); got != "AB@1-2 ¥!~中" {
		t.Errorf("got %q", got)
	}
}
