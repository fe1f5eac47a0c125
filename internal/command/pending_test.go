package command

import (
	"reflect"
	"slices"
	"testing"

	"tongka/internal/ledger"
)

// pendingState returns a State of a merchant with three cards. A change of the first is pending: it gave its inner code
// away, under a request.
func pendingState() *State {
	s := NewState(1)
	numbers := []string{"6001", "6002", "6003"}
	r := Records{Merchant: &ledger.Merchant{ID: 1}, Head: ledger.Head{Merchant: 1}, ExtIDs: []string{"77"}}
	for i, number := range numbers {
		r.Cards = append(r.Cards, ledger.Card{Merchant: 1, ID: ledger.CardID(i + 1), Number: number})
	}
	r.Cards[0].Details.ExtID = "77"
	s.Learn(Keys{
		Head: true, Cards: numbers, ExtIDs: []string{"77", "78"}, Requests: []ledger.RequestKey{{ID: "old"}},
		Guards: []ledger.GuardKey{{Subject: "a"}, {Subject: "b"}}, Webhooks: []ledger.WebhookID{1},
	}, r)
	changed := r.Cards[0]
	changed.Details.ExtID, changed.Principal = "", 5
	s.Apply(Changes{
		Head: &ledger.Head{Merchant: 1}, Cards: []ledger.Card{changed}, Holders: []ledger.Card{changed},
		Requests: []ledger.Request{{Key: ledger.RequestKey{ID: "new"}}},
		Guards:   []ledger.Guard{{GuardKey: ledger.GuardKey{Subject: "a"}, Count: 1}},
		Webhooks: []ledger.Webhook{{Merchant: 1, ID: 1}},
	})
	return s
}

// A card whose change is not saved yet is not released: it would be loaded as it was before, and the next command on it
// would undo the change (invariant 03).
func TestReleaseKeepsWhatIsPending(t *testing.T) {
	t.Parallel()
	s := pendingState()
	s.Release("6001", "6002")
	if got := s.Missing(Keys{Cards: []string{"6001", "6002", "6003"}}).Cards; !slices.Equal(got, []string{"6002"}) {
		t.Errorf("missing %v, want the one that was released and has no change", got)
	}
	if got := s.card("6001").Principal; got != 5 {
		t.Errorf("%v is on the card, want 5", got)
	}
	if got := s.Pending(); len(got.Cards) != 1 || len(got.Holders) != 1 {
		t.Errorf("%d cards are to be saved, want 1", len(got.Cards))
	}
	s.Saved()
	s.Release("6001")
	if got := s.Missing(Keys{Cards: []string{"6001"}}).Cards; len(got) != 1 {
		t.Error("the card is kept when its change is saved")
	}
}

// A number that is free, which is not saved yet, is known to be free: the store would still find the card that had it,
// and the next command would be carried out on that (invariant 03).
func TestFreedNumbersStayFree(t *testing.T) {
	t.Parallel()
	s := pendingState()
	left := *s.card("6002")
	left.Number = left.FreedNumber()
	s.Apply(Changes{
		Head: &ledger.Head{Merchant: 1}, Cards: []ledger.Card{left}, Holders: []ledger.Card{left}, Freed: []string{"6002"},
	})
	freed := func(when string) {
		t.Helper()
		s.Release("6002")
		if len(s.Missing(Keys{Cards: []string{"6002"}}).Cards) > 0 || s.card("6002") != nil || s.card(left.Number) == nil {
			t.Errorf("%s: the number is not free", when)
		}
	}
	freed("decided")
	if got := s.Pending().Holders; len(got) != 2 || got[1].Number != left.Number {
		t.Errorf("%+v are to be saved, want the card under its new name", got)
	}
	s.Arrived() // what was sent before
	freed("not sent yet")
	s.Sent()
	s.Arrived()
	s.Release("6002")
	if got := s.Missing(Keys{Cards: []string{"6002"}}).Cards; len(got) != 1 {
		t.Error("the number is kept when that is saved")
	}
}

// What was changed and is not saved yet stays known when the rest is forgotten.
func TestForgetSaved(t *testing.T) {
	t.Parallel()
	s := pendingState()
	before := s.Pending()
	s.ForgetSaved()
	old, fresh := ledger.RequestKey{ID: "old"}, ledger.RequestKey{ID: "new"}
	a, b := ledger.GuardKey{Subject: "a"}, ledger.GuardKey{Subject: "b"}
	got := s.Missing(Keys{
		ExtIDs: []string{"77", "78"}, Requests: []ledger.RequestKey{old, fresh}, Guards: []ledger.GuardKey{a, b},
	})
	want := Keys{ExtIDs: []string{"78"}, Requests: []ledger.RequestKey{old}, Guards: []ledger.GuardKey{b}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("missing %+v, want %+v", got, want)
	}
	if s.extIDs.get("77") || s.requests.get(fresh) == nil || s.guards.get(a).Count != 1 {
		t.Error("what was changed is known as it was before")
	}
	if after := s.Pending(); !reflect.DeepEqual(after, before) {
		t.Errorf("%+v is to be saved, want %+v", after, before)
	}
}

// A State does not lose a change that is not saved: it panics, and the lane begins anew.
func TestPendingIsNotLost(t *testing.T) {
	t.Parallel()
	card := ledger.Card{Merchant: 1, ID: 1, Number: "6001"}
	learn := func(k Keys, r Records) func(*State) { return func(s *State) { s.Learn(k, r) } }
	for name, lose := range map[string]func(*State){
		"forget":         (*State).Forget,
		"evict":          func(s *State) { s.Evict("6003", "6001") },
		"load a card":    learn(Keys{Cards: []string{"6001"}}, Records{Cards: []ledger.Card{card}}),
		"load its lots":  learn(Keys{AllLots: []string{"6001"}}, Records{Cards: []ledger.Card{card}}),
		"load the head":  learn(Keys{Head: true}, Records{Merchant: &ledger.Merchant{ID: 1}}),
		"load a guard":   learn(Keys{Guards: []ledger.GuardKey{{Subject: "a"}}}, Records{}),
		"load a webhook": learn(Keys{Webhooks: []ledger.WebhookID{1}}, Records{}),
		"load its code":  learn(Keys{ExtIDs: []string{"77"}}, Records{ExtIDs: []string{"77"}}),
	} {
		if !panics(func() { lose(pendingState()) }) {
			t.Errorf("%s: a change is lost", name)
		}
	}
	for name, lawful := range map[string]func(*State){
		"saved":     func(s *State) { s.Saved(); s.Forget(); s.Evict("6001") },
		"others":    learn(Keys{Cards: []string{"6002"}, ExtIDs: []string{"79"}}, Records{}),
		"abandoned": func(s *State) { s.Abandon(); s.Learn(Keys{Head: true, Cards: []string{"6001"}}, Records{}) },
	} {
		if panics(func() { lawful(pendingState()) }) {
			t.Errorf("%s: panicked", name)
		}
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}
