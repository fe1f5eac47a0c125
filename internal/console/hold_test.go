package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// held holds an amount on the first card, for a day, and returns the hold's entry.
func (w *world) held(amount ledger.Fen, note string) ledger.EntryID {
	w.t.Helper()
	w.do(command.Hold{
		Merchant: 1, By: ledger.Caller{Shop: 12}, Card: "6001", Amount: amount, Note: note,
	})
	return w.newestOf("6001").ID
}

// A card's page lists what is held on it, as much as is left of it, and beside the balance, which stays what is on the
// card, says what can be used. Whoever may not release it is not offered that, and what has ended is not there.
func TestHeldIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	const page, heading = "/console/m/1/cards/1", "预留 2"
	if said := words(w.signedIn("admin").get(page).Body.String()); strings.Contains(said, "· 预留 ¥") {
		t.Errorf("nothing is held, and the page says %s", said)
	}
	hold := w.held(60_00, "包厢 <b>")
	w.do(command.Capture{Merchant: 1, Card: "6001", Hold: hold, Amount: 20_00, KeepRest: true})
	other := w.held(8_00, "")
	b := w.signedIn("cashier")
	shown := b.get(page).Body.String()
	said := words(shown)
	for _, want := range []string{
		"余额 ¥580.00 本金", "可用 ¥532.00 · 预留 ¥48.00", heading,
		numbered(hold) + " 2026-03-04 湖滨店 包厢 <b> ¥40.00 预留截止 2026-03-05 18:00 扣款 解除",
		numbered(other) + " 2026-03-04 湖滨店 ¥8.00 预留截止 2026-03-05 18:00 扣款 解除",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the page lacks %q: %s", want, said)
		}
	}
	for _, act := range []string{"capture-hold", "release-hold"} {
		form := page + "/do/" + act + "?entry=" + itoa(int64(hold))
		if !strings.Contains(shown, `href="`+form+`"`) || strings.Contains(shown, `/do/`+act+`"`) {
			t.Errorf("%s is not offered at the hold alone", act)
		}
		if said := words(b.get(form).Body.String()); !strings.Contains(said, "预留 "+numbered(hold)) ||
			!strings.Contains(said, "剩余预留 40.00") {
			t.Errorf("the form does not say which hold it is, and how much is left of it: %s", said)
		}
	}
	auditor := w.signedIn("auditor").get(page).Body.String()
	if !strings.Contains(words(auditor), heading) || strings.Contains(auditor, "-hold?") {
		t.Error("an auditor does not see what is held, or may capture or release it")
	}
	w.wait(24 * 3600)
	if said := words(w.signedIn("admin").get(page).Body.String()); strings.Contains(said, "· 预留 ¥") ||
		strings.Contains(said, heading) {
		t.Errorf("after it has ended: %s", said)
	}
}

// The end of a hold is that which was shown, also where it was left empty and some time went by before it was
// confirmed.
func TestHoldIsUntilWhatWasShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("cashier")
	const path = "/console/m/1/cards/1/do/hold"
	w.wait(42)
	shown := b.post(path, "amount", "60", "at", "11").Body.String()
	if said := words(shown); !strings.Contains(said, "预留截止 2026-03-05 18:00") || !strings.Contains(said, "预留 0.00 60.00") {
		t.Errorf("the preview says %s", said)
	}
	w.wait(90)
	rec := b.post(path, append(hidden(shown), "sure", "yes")...)
	holds := w.card("6001").Holds
	if rec.Code != http.StatusSeeOther || len(holds) != 1 || holds[0].Amount != 60_00 ||
		!holds[0].Until.Equal(time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("%d, %+v", rec.Code, holds)
	}
	slip := words(b.get(rec.Header().Get("Location")).Body.String())
	if !strings.Contains(slip, "预留截止 2026-03-05 18:00") {
		t.Errorf("the slip says %s", slip)
	}
}

// A part of a hold pays a bill, as was shown, and the rest is free again, or stays held if that is wanted.
func TestCaptureAPart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("cashier")
	const path = "/console/m/1/cards/1/do/capture-hold"
	hold := itoa(int64(w.held(60_00, "")))
	capture := func(amount, keep string) {
		t.Helper()
		shown := b.post(path, "entry", hold, "amount", amount, "keep", keep, "at", "11").Body.String()
		rec := b.post(path, append(hidden(shown), "sure", "yes")...)
		if rec.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", rec.Code, fault(rec.Body.String()))
		}
		slip := words(b.get(rec.Header().Get("Location")).Body.String())
		if !strings.Contains(slip, "卡付 "+amount+".00") || !strings.Contains(slip, "扣自预留 #"+hold) {
			t.Errorf("the slip says %s", slip)
		}
	}
	capture("20", "yes")
	if c := w.card("6001"); c.Amount() != 580_00 || c.Held() != 40_00 {
		t.Errorf("with the rest kept: %v, held %v", c.Amount(), c.Held())
	}
	shown := b.post(path, "entry", hold, "amount", "40.01", "at", "11")
	if said := fault(shown.Body.String()); shown.Code != http.StatusUnprocessableEntity || !strings.Contains(said, "40.00") {
		t.Errorf("of more than is held it says %d %q", shown.Code, said)
	}
	capture("15", "")
	if c := w.card("6001"); c.Amount() != 565_00 || c.Held() != 0 {
		t.Errorf("with the rest free again: %v, held %v", c.Amount(), c.Held())
	}
}

// What is held is released on a card that is lost as well; it pays no bill there.
func TestReleaseOfALostCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	hold := itoa(int64(w.held(60_00, "")))
	w.do(command.ReportLost{Merchant: 1, Card: "6001"})
	b := w.signedIn("cashier")
	if page := b.get("/console/m/1/cards/1").Body.String(); !strings.Contains(page, "/do/release-hold?entry="+hold) ||
		strings.Contains(page, "capture-hold") {
		t.Error("it is not offered, or a bill is")
	}
	const path = "/console/m/1/cards/1/do/release-hold"
	shown := b.post(path, "entry", hold, "at", "11").Body.String()
	if rec := b.post(path, append(hidden(shown), "sure", "yes")...); rec.Code != http.StatusSeeOther ||
		w.card("6001").Held() != 0 {
		t.Errorf("%d %s", rec.Code, fault(rec.Body.String()))
	}
}
