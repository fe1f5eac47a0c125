package console

import (
	"strings"
	"testing"

	"tongka/internal/command"
)

// Whoever would propose what waits already is told so before it is done, with where that is; so is whoever confirms
// one of two. Of another bill, another amount or another card nothing is said.
func TestTheSameIsProposedAlready(t *testing.T) {
	t.Parallel()
	w, path, bill := secondPerson(t)
	w.do(command.Consume{Merchant: 1, Card: "6001", Amount: 20_00})
	other := w.newestOf("6001").ID
	b := w.signedIn("manager")
	told := func(act string, form ...string) bool {
		t.Helper()
		page := b.post("/console/m/1/cards/"+act, append(form, "at", "11")...).Body.String()
		if !strings.Contains(page, `value="yes"`) {
			t.Fatalf("%s %q: no preview: %s", act, form, fault(page))
		}
		return strings.Contains(page, wAlike.Zh) && strings.Contains(page, `"/console/m/1/proposals/`)
	}
	refund := []string{"entry", itoa(int64(bill))}
	if !told("1/do/refund", refund...) || !told("1/do/refund", append(refund, "amount", "50")...) {
		t.Error("a second refund of the bill is proposed unknowingly")
	}
	if told("1/do/refund", "entry", itoa(int64(other))) {
		t.Error("the refund of another bill is taken for it")
	}
	b = w.signedIn("admin")
	if !told("1/do/refund", "entry", itoa(int64(bill))) {
		t.Error("another person proposes it unknowingly")
	}
	give := []string{"amount", "150", "note", "x"}
	if told("1/do/give-bonus", give...) {
		t.Error("another act is taken for it")
	}
	shown := b.post("/console/m/1/cards/1/do/give-bonus", append(give, "at", "11")...)
	b.post("/console/m/1/cards/1/do/give-bonus", append(hidden(shown.Body.String()), "sure", "yes")...)
	if !told("1/do/give-bonus", "amount", "１５０.00", "note", "y") {
		t.Error("the same amount is proposed unknowingly")
	}
	if told("1/do/give-bonus", "amount", "151", "note", "x") || told("2/do/give-bonus", give...) {
		t.Error("another amount or card is taken for it")
	}
	if page := b.get(path).Body.String(); strings.Contains(page, wAlike.Zh) {
		t.Error("a proposal is taken for itself")
	}
}
