package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// ofCards are the operations that tell what was done with a card, wherever it was: cards are the merchant's, and
// whoever reads one reads all of it, as in the console.
var ofCards = map[string]bool{"listCardEntries": true, "listHolds": true, "getHold": true}

// elsewhere is who works at the shop that a key of the other shop sees nothing of.
const elsewhere = "somebody elsewhere"

// twoShops has a card recharged at both shops, adds the totals up, and returns the entries of the one and of the other.
func (w *world) twoShops() (there, here ledger.EntryID) {
	w.t.Helper()
	var totals []ledger.DayTotal
	recharge := func(shop ledger.ShopID, operator string) ledger.EntryID {
		ch, err := w.engine.Do(w.t.Context(), command.Recharge{
			Merchant: 1, Card: "6002", Amount: 1_00, PayType: 1,
			By: ledger.Caller{Agent: 1, Shop: shop, Operator: operator},
		})
		w.must(err)
		totals = append(totals, ledger.DayTotal{
			DayKey:  ledger.DayKey{Day: 2026_03_04, Shop: shop, Operator: operator, Kind: ledger.Recharged},
			DaySums: ledger.DaySums{Count: 1},
		})
		return ch.Newest().ID
	}
	there, here = recharge(11, elsewhere), recharge(12, "here")
	cursor := ledger.Cursor{Merchant: 1, Follower: ledger.DayTotals, Entry: here, Version: 1}
	w.must(w.store.SaveDayTotals(w.t.Context(), cursor, totals))
	return there, here
}

// A key of some shops reads what was done there, and nothing of other shops or of the head office. Every operation that
// reads is tried, so that one that is added is not forgotten.
func TestKeySeesItsShops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	there, here := w.twoShops()
	if page := read[Events](w, w.call(keyShop, http.MethodGet, "/events", ""), 200); len(page.Events) != 1 ||
		page.Next != int64(here) {
		t.Errorf("events %+v", page)
	}
	for _, o := range w.api.operations {
		if o.method != http.MethodGet || o.streams || ofCards[o.id] {
			continue
		}
		path, _ := sample(o)
		if answer := w.call(keyShop, o.method, path, "").Body.String(); strings.Contains(answer, elsewhere) {
			t.Errorf("%s tells of another shop: %s", o.id, answer)
		}
	}
	for path, want := range map[string]string{
		"/entries/" + fmt.Sprint(there): "", "/entries?shop=11": "", "/entries?shop=99": "", "/entries/1": "",
		"/reports/liability": "", "/books": "", "/settings/versions": "",
		"/entries/" + fmt.Sprint(here): "here", "/entries": "here", "/entries?shop=12": "here", "/events": "here",
		"/reports/days?from=2026-03-04&to=2026-03-04": "here",
		"/cards/6002/entries":                         elsewhere, // of a card that the key reads
	} {
		got := w.call(keyShop, http.MethodGet, path, "")
		if want == "" {
			w.problem(got, http.StatusForbidden, "shop_forbidden")
		} else if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), want) {
			t.Errorf("%s: %d %s", path, got.Code, got.Body)
		}
	}
	if all := w.call(keyAll, http.MethodGet, "/entries", "").Body.String(); !strings.Contains(all, elsewhere) {
		t.Errorf("a key of all shops: %s", all)
	}
}

// The stream of a key of some shops passes over what was done at others.
func TestStreamOfSomeShops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, here := w.twoShops()
	ctx, url := w.listens()
	next, status := w.stream(ctx, keyShop, url, "?after=1", "")
	if e := next(); status != http.StatusOK || e[0] != fmt.Sprint(here) {
		t.Errorf("status %d, first %q", status, e)
	}
}

// A stream ends when its key may not have it any more, whatever was changed: nothing that happened later is sent.
func TestStreamEndsWithItsKey(t *testing.T) {
	t.Parallel()
	grants := func(p ledger.Permission) []ledger.Grant { return []ledger.Grant{{Merchant: 1, Permissions: p}} }
	for name, change := range map[string]func(*ledger.Agent){
		"stopped":   func(a *ledger.Agent) { a.Stopped = true },
		"over":      func(a *ledger.Agent) { a.Until = 2026_03_03 },
		"addresses": func(a *ledger.Agent) { a.Allow = []string{"203.0.113.9"} },
		"forbidden": func(a *ledger.Agent) { a.Grants = grants(ledger.AllPermissions &^ ledger.MayReports) },
		"renewed":   func(a *ledger.Agent) { auth.NewInstead(a) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ctx, url := w.listens()
			next, _ := w.stream(ctx, keyAll, url, "?after=1", "")
			for range w.entries() - 1 {
				next()
			}
			a := *w.dir.AgentByID(1)
			change(&a)
			w.must(w.store.SaveAgent(ctx, a))
			w.must(w.dir.Refresh(ctx))
			w.twoShops()
			if e := next(); e[0] != "" {
				t.Errorf("sent to a key that may not have it: %q", e)
			}
		})
	}
}
