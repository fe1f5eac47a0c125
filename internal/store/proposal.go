package store

import (
	"context"
	"fmt"
	"math"

	"tongka/internal/ledger"
)

const proposalList = "merchant id:text card number:text act:text form:text quoted:bytea person shop at until state " +
	"decided_by decided_at why:text entry"

var (
	// A proposal that is sent twice is one.
	addProposal = insertAnd("add_proposal", "proposal", proposalList, "INSERT", " ON CONFLICT (merchant, id) DO NOTHING")
	// What was decided first stays.
	decideProposal = define("decide_proposal", "merchant id:text state decided_by decided_at why:text entry", `
		UPDATE proposal SET state = v.state, decided_by = v.decided_by, decided_at = v.decided_at, why = v.why,
			entry = v.entry
		FROM {rows} AS v WHERE proposal.merchant = v.merchant AND proposal.id = v.id AND proposal.state = 1`)

	proposalOf = define("proposal_of", "merchant id:text", "SELECT "+listed("p.", proposalList)+`
		FROM {rows} AS k JOIN proposal AS p ON p.merchant = k.merchant AND p.id = k.id`)
	proposalsWaiting = define("proposals_waiting", "merchant now until id:text most", "SELECT "+
		listed("", proposalList)+`
		FROM proposal WHERE merchant = $1 AND until > $2 AND (until, id) > ($3, $4) AND state = 1
		ORDER BY until, id LIMIT $5`)
	proposalsBefore = define("proposals_before", "merchant until id:text most", "SELECT "+listed("", proposalList)+`
		FROM proposal WHERE merchant = $1 AND (until, id) < ($2, $3) ORDER BY until DESC, id DESC LIMIT $4`)
)

// AddProposal adds a proposal. If there is one of that id, nothing changes.
func (s *Store) AddProposal(ctx context.Context, p ledger.Proposal) error {
	row := merchantRow(addProposal, p.Merchant).text(p.ID).int(int64(p.Card)).text(p.Number).text(p.Act).text(p.Form)
	row.bytes(p.Quoted[:]).int(int64(p.Person)).int(int64(p.Shop)).time(p.At).time(p.Until).int(int64(p.State))
	row.int(int64(p.DecidedBy)).time(p.DecidedAt).text(p.Why).int(int64(p.Entry))
	return s.write(ctx, write{addProposal, row})
}

// DecideProposal notes what has become of a proposal, unless that is noted already.
func (s *Store) DecideProposal(ctx context.Context, p ledger.Proposal) error {
	row := merchantRow(decideProposal, p.Merchant).text(p.ID).int(int64(p.State)).int(int64(p.DecidedBy))
	row.time(p.DecidedAt).text(p.Why).int(int64(p.Entry))
	return s.write(ctx, write{decideProposal, row})
}

// Proposal returns a proposal; ok is false if there is none of that id.
func (v *View) Proposal(ctx context.Context, merchant ledger.MerchantID, id string) (
	p ledger.Proposal, ok bool, err error,
) {
	found, err := v.proposals(ctx, query{statement: proposalOf, args: merchantRow(proposalOf, merchant).text(id)})
	if err != nil || len(found) == 0 {
		return p, false, err
	}
	return found[0], true, nil
}

// WaitingProposals returns a page of the proposals that can be confirmed at a time.
func (v *View) WaitingProposals(ctx context.Context, q ledger.WaitingQuery) ([]ledger.Proposal, error) {
	args := merchantRow(proposalsWaiting, q.Merchant).time(q.Now).time(q.Until).text(q.ID).int(int64(q.Limit))
	return v.proposals(ctx, query{statement: proposalsWaiting, args: args})
}

// Proposals returns a page of a merchant's proposals, whatever has become of them.
func (v *View) Proposals(ctx context.Context, q ledger.ProposalQuery) ([]ledger.Proposal, error) {
	args := merchantRow(proposalsBefore, q.Merchant)
	if q.Until.IsZero() {
		args.int(math.MaxInt64)
	} else {
		args.time(q.Until)
	}
	args.text(q.ID).int(int64(q.Limit))
	return v.proposals(ctx, query{statement: proposalsBefore, args: args})
}

func (v *View) proposals(ctx context.Context, q query) (found []ledger.Proposal, err error) {
	q.each = func(r record) error {
		p, err := readProposal(r)
		found = append(found, p)
		return err
	}
	if err := v.q.read(ctx, q); err != nil {
		return nil, fmt.Errorf("proposals: %w", err)
	}
	return found, nil
}

func readProposal(r record) (p ledger.Proposal, err error) {
	p.Merchant, p.ID, p.Card = ledger.MerchantID(r.int()), r.text(), ledger.CardID(r.int())
	p.Number, p.Act, p.Form = r.text(), r.text(), r.text()
	if p.Quoted, err = readHash(r); err != nil {
		return p, err
	}
	p.Person, p.Shop = ledger.PersonID(r.int()), ledger.ShopID(r.int())
	p.At, p.Until, p.State = readTime(r), readTime(r), ledger.ProposalState(r.int())
	p.DecidedBy, p.DecidedAt = ledger.PersonID(r.int()), readTime(r)
	p.Why, p.Entry = r.text(), ledger.EntryID(r.int())
	return p, nil
}
