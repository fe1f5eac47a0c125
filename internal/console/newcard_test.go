package console

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

const newCard = "/console/m/1/cards/new"

// A card is shown before it is opened, and then has all that was typed, from the person and the shop. Sent twice, it is
// opened once.
func TestOpenCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("cashier")
	form := []string{
		"number", " A-77 ", "kind", "2", "level", "2", "name", "王五 <script>", "phone", "+86 139-0000-1111", "gender", "1",
		"birthday", "1990-04-12", "expires", "2027-12-31", "extid", "0012345", "referrer", "6001", "remarks", "<i>靠窗", "new", "8642xz",
		"again", "8642xz", "at", "11",
	}
	rec := b.post(newCard, form...)
	shown := rec.Body.String()
	if rec.Code != http.StatusOK || w.card("A-77") != nil {
		t.Fatalf("what would be opened: %d %s", rec.Code, fault(shown))
	}
	for _, want := range []string{
		wWouldOpen.Zh, "A-77", "金卡", "王五 &lt;script&gt;", "13900001111", "男", "1990-04-12", "2027-12-31", "0012345", "&lt;i&gt;靠窗",
		wHasPassword.Zh, "人民路店",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("what would be opened lacks %q", want)
		}
	}
	if strings.Contains(shown, "8642xz") {
		t.Error("the password is sent back")
	}
	if got := w.signedIn("cashier").post(newCard, append(hidden(shown), "sure", "yes")...); got.Code != 422 ||
		!strings.Contains(got.Body.String(), wTypeAgain.Zh) || w.card("A-77") != nil {
		t.Errorf("in another session: %d", got.Code)
	}
	if strings.Contains(shown, "张卡，确定") {
		t.Error("it warns of a phone that nobody else has")
	}
	sure := append(hidden(shown), "sure", "yes")
	rec = b.post(newCard, sure...)
	card := w.card("A-77")
	if card == nil {
		t.Fatalf("no card: %d %s", rec.Code, fault(rec.Body.String()))
	}
	at := "/console/m/1/cards/" + itoa(int64(card.ID)) + "?saved"
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != at {
		t.Errorf("leads to %d %s, want %s", rec.Code, rec.Header().Get("Location"), at)
	}
	want := ledger.Details{ExtID: "0012345", Referrer: "6001", Remarks: "<i>靠窗", Password: "kept/1/8642xz"}
	if h := card.Holder; card.Details != want || card.Kind != ledger.Common || card.Level != 2 || card.OpenedShop != 11 ||
		card.Expires != 2027_12_31 ||
		h != (ledger.Holder{Name: "王五 <script>", Phone: "13900001111", Gender: 1, Birthday: 1990_04_12}) {
		t.Errorf("opened %+v", card)
	}
	if e := w.newestOf("A-77"); e.Kind != ledger.Opened || e.By.Person != 4 || e.By.Operator != "cashier" {
		t.Errorf("opened by %+v", e.By)
	}
	if rec = b.post(newCard, sure...); rec.Header().Get("Location") != at || w.card("A-77").ID != card.ID {
		t.Errorf("sent again: %d %s", rec.Code, rec.Header().Get("Location"))
	}
	if page := b.get(at); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), wDone.Zh) {
		t.Errorf("the new card's page: %d", page.Code)
	}
	if strings.Contains(w.log.String(), "8642xz") {
		t.Error("a card's password is in the log")
	}
}

// What was searched for and not found is in the form of a new card.
func TestNewCardHasWhatWasTyped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	if page := w.signedIn("cashier").get(newCard + "?number=A-77").Body.String(); !strings.Contains(page, `value="A-77"`) {
		t.Error("what was searched for is not in the form")
	}
}

// A card without a number gets one that was drawn, which is the one that was shown.
func TestOpenCardWithDrawnNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("cashier")
	shown := b.post(newCard, "kind", "15", "level", "1", "at", "11").Body.String()
	form := hidden(shown)
	number := form[slices.Index(form, "number")+1]
	if !codes.Valid(number) || len(number) != 13 {
		t.Fatalf("drawn %q: %s", number, fault(shown))
	}
	edit := b.post(newCard, append(form, "sure", "edit")...).Body.String()
	if !strings.Contains(edit, `value="`+number+`"`) {
		t.Error("changing it draws another number")
	}
	b.post(newCard, append(form, "sure", "yes")...)
	if c := w.card(number); c == nil || c.Kind != ledger.StoredValue {
		t.Errorf("opened %+v", c)
	}
}

// Who opens another card for a phone is told which cards it has, and may open it.
func TestOpenCardOfTheSamePhone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("cashier")
	form := []string{"number", "6100", "kind", "2", "level", "1", "name", "张三", "phone", "186-1234-2465", "at", "11"}
	shown := b.post(newCard, form...).Body.String()
	if !strings.Contains(shown, wPhoneTaken.Zh) || !strings.Contains(shown, `href="/console/m/1/cards/1"`) {
		t.Fatalf("no warning: %s", shown)
	}
	if strings.Contains(shown, "canary") {
		t.Error("a card of another merchant is named")
	}
	b.post(newCard, append(hidden(shown), "sure", "yes")...)
	if w.card("6100") == nil {
		t.Error("a warning is a refusal")
	}
	form[1] = "6101"
	if shown := b.post(newCard, form...).Body.String(); !strings.Contains(shown, wSamePhone.with(2).Zh) {
		t.Error("two cards are not counted")
	}
}

// A card that cannot be opened is not; the form says why, beside the field, and keeps what was typed but for passwords.
func TestOpenCardFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	extid := "12"
	w.do(command.ModifyDetails{Merchant: 1, Card: "6001", ExtID: &extid})
	b := w.signedIn("admin")
	for _, c := range []struct{ field, typed, want string }{
		{"number", "6001", "卡号已被使用"},
		{"number", "6 001", "卡号须为"},
		{"level", "9", "没有这个等级"},
		{"level", "", wChoose.Zh},
		{"kind", "7", "没有这种卡"},
		{"kind", "x", wChoose.Zh},
		{"name", "", wNameNeeded.Zh},
		{"name", strings.Repeat("长", ledger.MaxNameLen+1), wNameLong.with(ledger.MaxNameLen).Zh},
		{"phone", "1.38E+10", wPhoneWrong.with(ledger.MaxPhoneLen).Zh},
		{"birthday", "2030-01-01", wBirthAhead.Zh},
		{"birthday", "x", wNoDate.Zh},
		{"expires", "2026-03-03", "有效期已过"},
		{"extid", "12", "卡内编码已被使用"},
		{"extid", "x", "应为数字"},
		{"remarks", strings.Repeat("长", 201), "最多200个字"},
		{"new", "a7", wNoPassword.Zh},
		{"new", "1234", wWeakPassword.Zh},
	} {
		form := map[string]string{"number": "6200", "kind": "2", "level": "1", "name": "李四 \"", "at": "0"}
		form[c.field] = c.typed
		if c.field == "new" {
			form["again"] = c.typed
		}
		var pairs []string
		for name, typed := range form {
			pairs = append(pairs, name, typed)
		}
		rec := b.post(newCard, pairs...)
		page := rec.Body.String()
		if rec.Code != http.StatusUnprocessableEntity || !strings.Contains(page, c.want) ||
			!strings.Contains(page, `id="`+c.field+`-wrong"`) {
			t.Errorf("%s %q: %d, want %s", c.field, c.typed, rec.Code, c.want)
		}
		if c.field == "new" && strings.Contains(page, `value="`+c.typed+`"`) {
			t.Error("a password is sent back")
		}
		if c.field != "name" && !strings.Contains(page, "李四 &#34;") {
			t.Errorf("%s %q: what else was typed is gone", c.field, c.typed)
		}
	}
	if w.card("6200") != nil {
		t.Error("a card was opened")
	}
	if rec := b.post(newCard, "new", "8642xz", "again", "8643xz", "level", "1", "kind", "15", "at", "0"); !strings.Contains(rec.Body.String(), wNotSame.Zh) {
		t.Error("two passwords are one")
	}
}

// That a card needs its holder's name is marked before anything is sent. A phone that hardly is one is no fault, since
// tills send such too, but is pointed out.
func TestOpenCardPointsOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("cashier")
	if page := b.get(newCard).Body.String(); !strings.Contains(page, `required" for="name"`) ||
		!strings.Contains(page, wNameHelp.Zh) {
		t.Error("the name has no mark")
	}
	warning := wPhoneOdd.withText(text{"12345", "12345"}).Zh
	for phone, odd := range map[string]bool{
		"12345": true, "1380013800": true, "": false, "+852 1234 5678": false, "13800138000": false, "0571-88888888": false,
	} {
		shown := b.post(newCard, "number", "6300", "kind", "2", "level", "1", "name", "张三", "phone", phone, "at", "11").Body.String()
		said := strings.Contains(shown, wPhoneOdd.withText(text{phone, phone}).Zh)
		if said != odd || !strings.Contains(shown, wWouldOpen.Zh) {
			t.Errorf("%q: %s", phone, fault(shown))
		}
	}
	w.cards()
	shown := w.signedIn("manager").post("/console/m/1/cards/1/do/holder", "name", "张三", "phone", "12345", "at", "11")
	if !strings.Contains(shown.Body.String(), warning) {
		t.Error("a change of the phone is not pointed out")
	}
}

// A card that is opened meanwhile under the number is not opened twice, and what was not shown is not opened.
func TestOpenCardMoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("cashier")
	form := []string{"number", "6300", "kind", "2", "level", "1", "name", "张三", "at", "11"}
	sure := append(hidden(b.post(newCard, form...).Body.String()), "sure", "yes")
	other := slices.Clone(sure)
	other[slices.Index(other, "name")+1] = "李四"
	if rec := b.post(newCard, other...); rec.Code != http.StatusConflict || w.card("6300") != nil {
		t.Errorf("another card than was shown: %d", rec.Code)
	}
	w.do(command.Open{Merchant: 1, Card: command.NewCard{
		Number: "6300", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "王五"},
	}})
	if rec := b.post(newCard, sure...); rec.Code != http.StatusUnprocessableEntity || w.card("6300").Holder.Name != "王五" {
		t.Errorf("a number that was taken meanwhile: %d", rec.Code)
	}
	for at, want := range map[string]int{"12": 403, "0": 403, "21": 403, "x": 403} {
		if rec := b.post(newCard, append(slices.Clone(form[:8]), "at", at)...); rec.Code != want {
			t.Errorf("at %q: %d", at, rec.Code)
		}
	}
}
