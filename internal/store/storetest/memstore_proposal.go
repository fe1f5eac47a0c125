package storetest

import (
	"cmp"
	"context"
	"slices"

	"tongka/internal/ledger"
)

// AddProposal adds a proposal, unless there is one of that id.
func (s *MemStore) AddProposal(_ context.Context, p ledger.Proposal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.proposals[proposalKey{p.Merchant, p.ID}]; !there {
		s.proposals[proposalKey{p.Merchant, p.ID}] = p
	}
	return nil
}

// DecideProposal notes what has become of a proposal, unless that is noted already.
func (s *MemStore) DecideProposal(_ context.Context, p ledger.Proposal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := proposalKey{p.Merchant, p.ID}
	if was, there := s.proposals[key]; there && was.State == ledger.ProposalWaits {
		was.State, was.DecidedBy, was.DecidedAt, was.Why, was.Entry = p.State, p.DecidedBy, p.DecidedAt, p.Why, p.Entry
		s.proposals[key] = was
	}
	return nil
}

// Proposal returns a proposal.
func (s *MemStore) Proposal(_ context.Context, merchant ledger.MerchantID, id string) (ledger.Proposal, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.proposals[proposalKey{merchant, id}]
	return p, ok, nil
}

// WaitingProposals returns a page of the proposals that can be confirmed at a time.
func (s *MemStore) WaitingProposals(_ context.Context, q ledger.WaitingQuery) ([]ledger.Proposal, error) {
	after := ledger.Proposal{Until: q.Until, ID: q.ID}
	return s.proposalsOf(q.Merchant, q.Limit, compareProposals, func(p *ledger.Proposal) bool {
		return p.Waits(q.Now) && compareProposals(*p, after) > 0
	}), nil
}

// Proposals returns a page of a merchant's proposals, the newest first.
func (s *MemStore) Proposals(_ context.Context, q ledger.ProposalQuery) ([]ledger.Proposal, error) {
	before := ledger.Proposal{Until: q.Until, ID: q.ID}
	newestFirst := func(a, b ledger.Proposal) int { return compareProposals(b, a) }
	return s.proposalsOf(q.Merchant, q.Limit, newestFirst, func(p *ledger.Proposal) bool {
		return q.Until.IsZero() || compareProposals(*p, before) < 0
	}), nil
}

// proposalKey is what a proposal is found by.
type proposalKey struct {
	merchant ledger.MerchantID
	id       string
}

func compareProposals(a, b ledger.Proposal) int {
	return cmp.Or(a.Until.Compare(b.Until), cmp.Compare(a.ID, b.ID))
}

// proposalsOf returns the first of a merchant's proposals that are wanted.
func (s *MemStore) proposalsOf(
	merchant ledger.MerchantID, limit int, order func(a, b ledger.Proposal) int, wanted func(*ledger.Proposal) bool,
) (found []ledger.Proposal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.proposals {
		if p.Merchant == merchant && wanted(&p) {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, order)
	return found[:min(len(found), limit)]
}
