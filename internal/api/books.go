package api

import (
	"context"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Proofs are asked for, and what they have found is kept, where the console finds it too.
type Proofs interface {
	// LastProof returns the newest proof of a merchant's books that has not failed, and what it has found; nil = there is
	// none, or it has found nothing yet.
	LastProof(ctx context.Context, merchant ledger.MerchantID) (*ledger.Job, *ProofFound, error)
	// Prove begins a proof of a merchant's books, unless one is under way.
	Prove(ctx context.Context, merchant ledger.MerchantID) error
}

// registerBooks adds what there is to the books as a whole.
func (a *API) registerBooks() {
	reads(a, operation{
		id: "getBooks", path: "/books", tag: "journal", needs: ledger.MayReports, whole: true,
		summary: "Get how far the books go, and what their newest proof has found",
	}, getBooks)
	asks(a, operation{
		id: "proveBooks", path: "/books/proofs", tag: "journal", needs: ledger.MayReports, whole: true,
		summary: "Have the books proved",
		about: "Every entry is folded again and held against every invariant, behind the tills. One is under way at a " +
			"time.",
	}, proveBooks)
}

// BookState says how far a merchant's books go.
type BookState struct {
	LastEntry int64      `json:"last_entry" doc:"The newest entry of the journal."`
	LastAt    *time.Time `json:"last_at,omitempty" doc:"When it was made."`
	Cards     int64      `json:"cards" doc:"How many cards were ever opened."`
	Proof     *BookProof `json:"proof,omitempty" doc:"The newest; left out if the books were never proved."`
}

// BookProof is a proof of the books.
type BookProof struct {
	Progress
	Found *ProofFound `json:"found,omitempty" doc:"Left out before it is done."`
}

// ProofFound is what a proof has found.
type ProofFound struct {
	Holds     bool         `json:"holds" doc:"Nothing is broken, and there was something to prove."`
	Cards     int64        `json:"cards" doc:"How many cards were folded again out of their entries."`
	Entries   int64        `json:"entries" doc:"How many entries of the journal were read."`
	Principal int64        `json:"principal" doc:"On all cards, in fen."`
	Bonus     int64        `json:"bonus" doc:"Bonus on all cards, in fen."`
	Points    int64        `json:"points" doc:"Points on all cards."`
	Checks    []ProofCheck `json:"checks" doc:"What was checked, one invariant each."`
}

// ProofCheck is one check of a proof.
type ProofCheck struct {
	Invariant  int    `json:"invariant" doc:"Its number in docs/reliability.md."`
	Name       string `json:"name" doc:"What the invariant says, in a few words."`
	State      string `json:"state" enum:"holds,broken,nothing to check,not known" doc:"What the check came to. not known: records of before do not tell enough."` //nolint:lll // a tag
	Rows       int64  `json:"rows" doc:"How many records were looked at."`
	Violations int64  `json:"violations" doc:"How many of them break it; 0 if it holds."`
	Unknown    int64  `json:"unknown" doc:"Records that do not tell enough."`
}

func getBooks(c *call, _ *Nothing) (out BookState, err error) {
	found, err := c.cfg.Books.Load(c.ctx, command.Want{Merchant: c.merchant.ID, Keys: command.Keys{Head: true}})
	if err != nil {
		return out, err
	}
	head := &found[0].Head
	out = BookState{LastEntry: int64(head.LastEntry), LastAt: moment(head.LastAt), Cards: int64(head.LastCard)}
	j, proof, err := c.cfg.Proofs.LastProof(c.ctx, c.merchant.ID)
	if err != nil || j == nil {
		return out, err
	}
	out.Proof = &BookProof{progressOf(j), proof}
	return out, nil
}

// BooksAsked is a request about the books.
type BooksAsked struct{ Body struct{} }

func proveBooks(c *call, _ *BooksAsked) (BookState, error) {
	if err := c.cfg.Proofs.Prove(c.ctx, c.merchant.ID); err != nil {
		return BookState{}, err
	}
	return getBooks(c, nil)
}
