package storetest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// hooks are the webhooks of a merchant.
type hooks struct {
	all     map[ledger.WebhookID]ledger.Webhook
	states  map[ledger.WebhookID]ledger.WebhookState
	retries []ledger.WebhookAgain
	tries   []ledger.WebhookTry // in order
}

func newHooks() hooks {
	return hooks{all: map[ledger.WebhookID]ledger.Webhook{}, states: map[ledger.WebhookID]ledger.WebhookState{}}
}

// hooksOf returns a merchant's webhooks; of one that is not there, none.
func (s *MemStore) hooksOf(merchant ledger.MerchantID) *hooks {
	if b, ok := s.books[merchant]; ok {
		return &b.hooks
	}
	none := newHooks()
	return &none
}

func cloneWebhook(w ledger.Webhook) ledger.Webhook {
	w.Kinds, w.Secret, w.Spare = slices.Clone(w.Kinds), slices.Clone(w.Secret), slices.Clone(w.Spare)
	return w
}

func (h *hooks) load(ids []ledger.WebhookID) (found []ledger.Webhook) {
	for _, id := range ids {
		if w, ok := h.all[id]; ok {
			found = append(found, cloneWebhook(w))
		}
	}
	return found
}

func (h *hooks) put(webhooks []ledger.Webhook) {
	for _, w := range webhooks {
		h.all[w.ID] = cloneWebhook(w)
	}
}

// forget removes webhooks with all that is kept of how they did.
func (h *hooks) forget(all []ledger.WebhookKey) {
	for _, of := range all {
		delete(h.all, of.ID)
		delete(h.states, of.ID)
		h.retries = slices.DeleteFunc(h.retries, func(a ledger.WebhookAgain) bool { return a.Webhook == of.ID })
		h.tries = slices.DeleteFunc(h.tries, func(t ledger.WebhookTry) bool { return t.Webhook == of.ID })
	}
}

// Webhooks returns a merchant's webhooks, by id.
func (s *MemStore) Webhooks(_ context.Context, merchant ledger.MerchantID) ([]ledger.Webhook, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hooksOf(merchant)
	return h.load(slices.Sorted(maps.Keys(h.all))), nil
}

// WebhookStates returns how far a merchant's webhooks are, by id.
func (s *MemStore) WebhookStates(_ context.Context, merchant ledger.MerchantID) (
	found []ledger.WebhookState, err error,
) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hooksOf(merchant)
	for _, id := range slices.Sorted(maps.Keys(h.states)) {
		found = append(found, h.states[id])
	}
	return found, nil
}

// SaveWebhookState saves a state whose turn was moved by one, with tries and how far again is.
func (s *MemStore) SaveWebhookState(
	_ context.Context, state ledger.WebhookState, tries []ledger.WebhookTry, again *ledger.WebhookAgain,
) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hooksOf(state.Merchant)
	if _, there := h.all[state.Webhook]; !there || h.states[state.Webhook].Turn != state.Turn-1 {
		return fmt.Errorf("state of a webhook: %w", command.ErrStale)
	}
	h.states[state.Webhook] = state
	for _, t := range tries {
		if i, there := slices.BinarySearchFunc(h.tries, t, compareTries); !there {
			h.tries = slices.Insert(h.tries, i, t)
		}
	}
	if again != nil {
		h.note(again)
	}
	return nil
}

// note notes how far something is that is sent once more, and removes it if it is done.
func (h *hooks) note(again *ledger.WebhookAgain) {
	i := slices.IndexFunc(h.retries, func(a ledger.WebhookAgain) bool { return sameRange(&a, again) })
	switch {
	case i < 0:
	case again.Done >= again.Last:
		h.retries = slices.Delete(h.retries, i, i+1)
	default:
		h.retries[i].Done = again.Done
	}
}

func sameRange(a, b *ledger.WebhookAgain) bool {
	return a.Webhook == b.Webhook && a.First == b.First && a.Last == b.Last
}

// ResumeWebhook has a webhook tried again at once.
func (s *MemStore) ResumeWebhook(_ context.Context, of ledger.WebhookKey) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hooksOf(of.Merchant)
	if state, there := h.states[of.ID]; there {
		state.Turn++
		state.Well()
		h.states[of.ID] = state
	}
	return nil
}

// PauseWebhook has a webhook not tried from a time on.
func (s *MemStore) PauseWebhook(_ context.Context, of ledger.WebhookKey, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hooksOf(of.Merchant)
	if w, there := h.all[of.ID]; there && !w.Stopped {
		state := h.states[of.ID]
		state.Merchant, state.Webhook, state.About = of.Merchant, of.ID, w.Version
		state.Turn++
		state.Well()
		state.Paused = at
		h.states[of.ID] = state
	}
	return nil
}

// AddWebhookAgain asks for entries to be sent once more.
func (s *MemStore) AddWebhookAgain(_ context.Context, a ledger.WebhookAgain) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hooksOf(a.Merchant)
	if !slices.ContainsFunc(h.retries, func(b ledger.WebhookAgain) bool { return sameRange(&a, &b) }) {
		h.retries = append(h.retries, a)
	}
	return nil
}

// DropWebhookAgain takes back that entries are to be sent once more.
func (s *MemStore) DropWebhookAgain(_ context.Context, a ledger.WebhookAgain) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.Done = a.Last
	s.hooksOf(a.Merchant).note(&a)
	return nil
}

// WebhookAgains returns what is to be sent once more to a webhook.
func (s *MemStore) WebhookAgains(_ context.Context, of ledger.WebhookKey) (
	found []ledger.WebhookAgain, err error,
) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.hooksOf(of.Merchant).retries {
		if a.Webhook == of.ID {
			found = append(found, a)
		}
	}
	slices.SortFunc(found, func(a, b ledger.WebhookAgain) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.First, b.First), cmp.Compare(a.Last, b.Last))
	})
	return found, nil
}

// WebhookTries returns a page of a webhook's tries, the newest first.
func (s *MemStore) WebhookTries(_ context.Context, q ledger.WebhookTryQuery) (found []ledger.WebhookTry, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := ledger.WebhookTry{Webhook: q.Webhook, At: q.At, Entry: q.Entry}
	for _, t := range slices.Backward(s.hooksOf(q.Merchant).tries) {
		if len(found) < q.Limit && t.Webhook == q.Webhook && (q.At.IsZero() || compareTries(t, before) < 0) {
			found = append(found, t)
		}
	}
	return found, nil
}

// DropWebhookTries removes the oldest of a webhook's tries from before a time.
func (s *MemStore) DropWebhookTries(
	_ context.Context, of ledger.WebhookKey, before time.Time, most int,
) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, h := 0, s.hooksOf(of.Merchant)
	h.tries = slices.DeleteFunc(h.tries, func(t ledger.WebhookTry) bool {
		over := t.Webhook == of.ID && t.At.Before(before) && n < most
		if over {
			n++
		}
		return over
	})
	return n == most, nil
}

func compareTries(a, b ledger.WebhookTry) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Entry, b.Entry), cmp.Compare(a.Webhook, b.Webhook))
}

// OldWebhookTries returns the webhooks that have tries from before a time.
func (s *MemStore) OldWebhookTries(_ context.Context, before time.Time) (found []ledger.WebhookKey, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, merchant := range s.ids() {
		h := s.hooksOf(merchant)
		for _, id := range slices.Sorted(maps.Keys(h.all)) {
			if slices.ContainsFunc(h.tries, func(t ledger.WebhookTry) bool { return t.Webhook == id && t.At.Before(before) }) {
				found = append(found, ledger.WebhookKey{Merchant: merchant, ID: id})
			}
		}
	}
	return found, nil
}

// DueWebhooks returns the webhooks for which there is something to do at a time.
func (s *MemStore) DueWebhooks(_ context.Context, now, latest time.Time) (found []ledger.DueWebhook, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, merchant := range s.ids() {
		b := s.books[merchant]
		for _, id := range slices.Sorted(maps.Keys(b.hooks.all)) {
			due := ledger.DueWebhook{
				Webhook: cloneWebhook(b.hooks.all[id]), State: b.hooks.states[id], Last: b.head.LastEntry,
				Again: slices.ContainsFunc(b.hooks.retries, func(a ledger.WebhookAgain) bool { return a.Webhook == id }),
			}
			is := due.State.At(&due.Webhook)
			waits := !is.Paused.IsZero() || is.Next.After(now) && !is.Next.After(latest)
			if !due.Stopped && !waits && (due.Last > is.Entry || due.Again) {
				found = append(found, due)
			}
		}
	}
	return found, nil
}

// DueWebhook returns one of DueWebhooks.
func (s *MemStore) DueWebhook(
	ctx context.Context, of ledger.WebhookKey, now, latest time.Time,
) (due ledger.DueWebhook, ok bool, err error) {
	all, err := s.DueWebhooks(ctx, now, latest)
	for _, one := range all {
		if one.Key() == of {
			return one, true, err
		}
	}
	return due, false, err
}
