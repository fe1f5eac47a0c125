package console

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Masked data is shown to those who may see it, and each look is an entry of the card, made first.
func TestReveal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	number := "32050119990909001X"
	w.do(command.ModifyDetails{Merchant: 1, Card: "6001", IDNumber: &number})
	path := "/console/m/1/cards/1"
	manager := w.signedIn("manager")
	page := manager.get(path).Body.String()
	for _, want := range []string{"186****2465", "32****001X", path + "/reveal", "显示 手机"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "18612342465") || strings.Contains(page, number) {
		t.Error("the page shows what is masked")
	}
	for what, want := range map[string]string{ledger.ShownPhone: "18612342465", ledger.ShownIDNumber: number} {
		for _, inPage := range []bool{true, false} {
			before := w.card("6001").Seq
			r := manager.request(http.MethodPost, path+"/reveal", strings.NewReader("what="+what))
			if inPage {
				r.Header.Set("HX-Request", "true")
			}
			got := manager.serve(r)
			body := got.Body.String()
			if got.Code != http.StatusOK || !strings.Contains(body, want) || strings.Contains(body, "<html") == inPage {
				t.Errorf("%s: %d %s", what, got.Code, body)
			}
			e := w.newestOf("6001")
			if e.Seq != before+1 || e.Kind != ledger.DataShown || e.Note != what || e.By.Person != 3 || e.By.Shop != 11 {
				t.Errorf("%s is recorded as %+v", what, e)
			}
		}
	}
	if page := manager.get(path).Body.String(); !strings.Contains(page, "查看会员资料") || strings.Contains(page, "idnumber<") {
		t.Error("the history does not say who looked")
	}
	seq := w.card("6001").Seq
	for _, what := range []string{"", "password", "balance"} {
		if got := manager.post(path+"/reveal", "what", what); got.Code != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", what, got.Code)
		}
	}
	cashier := w.signedIn("cashier")
	if got := cashier.post(path+"/reveal", "what", "phone"); got.Code != http.StatusForbidden ||
		strings.Contains(got.Body.String(), "18612342465") {
		t.Errorf("a cashier: %d", got.Code)
	}
	if page := cashier.get(path).Body.String(); strings.Contains(page, "/reveal") || !strings.Contains(page, "186****2465") {
		t.Error("a cashier is offered to see it")
	}
	if got := w.card("6001").Seq; got != seq {
		t.Error("what nobody saw was recorded")
	}
}

// broken carries nothing out.
type broken struct{}

func (broken) Do(context.Context, command.Command) (command.Changes, error) {
	return command.Changes{}, errors.New("disk full")
}

// What cannot be recorded is not shown.
func TestRevealIsRecordedFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("manager")
	w.console.cfg.Doer = broken{}
	got := b.post("/console/m/1/cards/1/reveal", "what", "phone")
	if got.Code != http.StatusInternalServerError || strings.Contains(got.Body.String(), "18612342465") {
		t.Errorf("got %d", got.Code)
	}
}

// An export is an entry of the merchant that names the person, the file and the number of rows.
func TestRecordExport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/console/m/1/cards.csv", nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	c := &call{Console: w.console, r: r, person: w.person(2), merchant: w.dir.Merchant(1)}
	w.must(c.recordExport("cards.csv", 1200))
	var last ledger.Entry
	w.must(w.store.EachEntry(t.Context(), 1, 0, func(e *ledger.Entry) error {
		last = *e
		return nil
	}))
	if last.Kind != ledger.DataExported || last.Card != 0 || last.By.Person != 2 || last.Note != "cards.csv × 1200" {
		t.Errorf("recorded as %+v", last)
	}
	c.person = w.person(4)
	if err := c.recordExport("cards.csv", 1); !errors.Is(err, errNotYours) {
		t.Errorf("by a cashier: %v", err)
	}
}

// Whatever is exported is recorded first, and not sent if it cannot be.
func TestExportsAreRecordedFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	admin := w.signedIn("admin")
	doer := w.console.cfg.Doer
	for path, want := range map[string]string{
		"/console/m/1/cards.csv": "cards-2026-03-04.csv × 2", "/console/m/1/reports/day/shops.csv": "day-shops-2026-03-04-2026-03-04.csv × ",
		"/console/m/1/integration/requests.csv": "requests-2026-03-04.csv × 1",
	} {
		before := len(w.exports())
		w.console.cfg.Doer = broken{}
		if got := admin.get(path); got.Code != http.StatusInternalServerError || strings.Contains(got.Body.String(), "6001") {
			t.Errorf("%s is sent without a record: %d", path, got.Code)
		}
		w.console.cfg.Doer = doer
		if got := admin.get(path); got.Code != http.StatusOK {
			t.Errorf("%s: %d", path, got.Code)
		}
		all := w.exports()
		if len(all) != before+1 || !strings.HasPrefix(all[before].Note, want) || all[before].By.Person != 2 {
			t.Errorf("%s is recorded as %+v", path, all[before:])
		}
	}
}

// exports are the first merchant's entries of data that was taken out.
func (w *world) exports() (all []ledger.Entry) {
	w.t.Helper()
	w.must(w.store.EachEntry(w.t.Context(), 1, 0, func(e *ledger.Entry) error {
		if e.Kind == ledger.DataExported {
			all = append(all, *e)
		}
		return nil
	}))
	return all
}
