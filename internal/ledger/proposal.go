package ledger

import "time"

// ProposalGood is how long a proposal waits for a second person.
const ProposalGood = 24 * time.Hour

// Proposal is what one person wants to have done and another one confirms or turns down. It is in no journal: it moves
// nothing. What was carried out of it is in an entry that names both, made by the request that has the proposal's name;
// so that request, and not the proposal's state, is what decides whether it was carried out or turned down.
type Proposal struct {
	Merchant MerchantID
	ID       string // drawn
	Card     CardID
	Number   string   // the card's, as it was
	Act      string   // what is to be done to it
	Form     string   // what was typed, as JSON
	Quoted   [32]byte // stands for what would have been done at the time
	Person   PersonID // who proposed it
	Shop     ShopID   // where it is to be done
	At       time.Time
	Until    time.Time
	State    ProposalState

	// Who confirmed it or turned it down, and when. Why is the reason for turning it down, Entry what was made of it.
	DecidedBy PersonID
	DecidedAt time.Time
	Why       string
	Entry     EntryID
}

// ProposalState is what has become of a proposal. One that waits is over when its time has passed.
type ProposalState int

// States of proposals.
const (
	ProposalWaits ProposalState = iota + 1
	ProposalConfirmed
	ProposalTurnedDown
)

// Waits reports whether a proposal can still be confirmed.
func (p *Proposal) Waits(now time.Time) bool { return p.State == ProposalWaits && now.Before(p.Until) }

// ProposalQuery asks for a merchant's proposals, the newest first: those before a place in that order; the zero value
// begins at the newest.
type ProposalQuery struct {
	Merchant MerchantID
	Until    time.Time
	ID       string
	Limit    int
}

// WaitingQuery asks for proposals of a merchant that can be confirmed at a time, those whose time is over first: those
// behind a place in that order; the zero value begins at the first.
type WaitingQuery struct {
	Merchant MerchantID
	Now      time.Time
	Until    time.Time
	ID       string
	Limit    int
}
