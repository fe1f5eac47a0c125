package storetest

import (
	"testing"
	"time"

	"tongka/internal/ledger"
)

// Proposals wait until their time is over, are decided once, and are found by their merchant only.
func testProposals(t *testing.T, b *books) {
	at := func(hours int) time.Time { return time.Date(2026, 3, 5, hours, 0, 0, 7_000_000, time.UTC) }
	b.must(b.s.SaveMerchant(b.ctx, merchant(2)))
	proposal := func(id string, hours int) ledger.Proposal {
		return ledger.Proposal{
			Merchant: 1, ID: id, Card: 7, Number: "6001", Act: "refund", Form: `{"note":["退 <b>\"'\\"]}`,
			Quoted: [32]byte{1, 0, 255}, Person: 3, Shop: 4, At: at(hours), Until: at(hours).Add(ledger.ProposalGood),
			State: ledger.ProposalWaits,
		}
	}
	first, second, third, others := proposal("B", 1), proposal("A", 2), proposal("C", 2), proposal("D", 2)
	others.Merchant = 2
	for _, p := range []ledger.Proposal{third, others, first, second} {
		b.must(b.s.AddProposal(b.ctx, p))
	}
	again := first
	again.Act, again.Person = "withdraw", 9
	b.must(b.s.AddProposal(b.ctx, again))
	get := func(merchant ledger.MerchantID, id string) (p ledger.Proposal, ok bool) {
		p, ok, err := b.s.Proposal(b.ctx, merchant, id)
		b.must(err)
		return p, ok
	}
	got, _ := get(1, "B")
	same(t, "one that was sent twice", got, first)
	if _, ok := get(1, "D"); ok {
		t.Error("another merchant's is found")
	}
	if _, ok := get(1, "b"); ok {
		t.Error("one of another name is found")
	}
	waiting := func(now time.Time, limit int) []ledger.Proposal {
		found, err := b.s.WaitingProposals(b.ctx, ledger.WaitingQuery{Merchant: 1, Now: now, Limit: limit})
		b.must(err)
		return found
	}
	same(t, "all that wait", waiting(at(3), 9), []ledger.Proposal{first, second, third})
	same(t, "the first that wait", waiting(at(3), 2), []ledger.Proposal{first, second})
	waitingInTurn(t, b, at(3), first, second, third)
	same(t, "a moment before the first is over", waiting(first.Until.Add(-time.Millisecond), 1), []ledger.Proposal{first})
	same(t, "when the first is over", waiting(first.Until, 9), []ledger.Proposal{second, third})

	decided := second
	decided.State, decided.DecidedBy, decided.DecidedAt, decided.Entry = ledger.ProposalConfirmed, 5, at(4), 88
	b.must(b.s.DecideProposal(b.ctx, decided))
	late := second
	late.State, late.DecidedBy, late.DecidedAt, late.Why = ledger.ProposalTurnedDown, 6, at(5), "不对"
	b.must(b.s.DecideProposal(b.ctx, late))
	got, _ = get(1, "A")
	same(t, "one that two decided", got, decided)
	refused := third
	refused.State, refused.DecidedBy, refused.DecidedAt, refused.Why = ledger.ProposalTurnedDown, 6, at(5), "金额不对 <b>"
	b.must(b.s.DecideProposal(b.ctx, refused))
	nobodys := refused
	nobodys.ID = "none"
	b.must(b.s.DecideProposal(b.ctx, nobodys))
	same(t, "those that still wait", waiting(at(5), 9), []ledger.Proposal{first})

	proposalPages(t, b, first, decided, refused)
	got, _ = get(2, "D")
	same(t, "another merchant's stays", got, others)
}

// proposalPages goes through all proposals of a merchant, newest first: three, of which the first was proposed before
// the others.
func proposalPages(t *testing.T, b *books, first, second, third ledger.Proposal) {
	page := func(q ledger.ProposalQuery) []ledger.Proposal {
		q.Merchant = 1
		found, err := b.s.Proposals(b.ctx, q)
		b.must(err)
		return found
	}
	same(t, "the newest", page(ledger.ProposalQuery{Limit: 2}), []ledger.Proposal{third, second})
	same(t, "those before", page(ledger.ProposalQuery{Until: second.Until, ID: "A", Limit: 2}), []ledger.Proposal{first})
	none := page(ledger.ProposalQuery{Until: first.Until, ID: "B", Limit: 2})
	same(t, "none before the first", none, []ledger.Proposal(nil))
}

// waitingInTurn reads what waits at a time one after the other.
func waitingInTurn(t *testing.T, b *books, now time.Time, all ...ledger.Proposal) {
	q := ledger.WaitingQuery{Merchant: 1, Now: now, Limit: 1}
	for _, want := range all {
		found, err := b.s.WaitingProposals(b.ctx, q)
		b.must(err)
		same(t, "the next that waits", found, []ledger.Proposal{want})
		q.Until, q.ID = want.Until, want.ID
	}
	found, err := b.s.WaitingProposals(b.ctx, q)
	b.must(err)
	same(t, "behind the last", found, nil)
}
