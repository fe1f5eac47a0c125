package tongka

import (
	"errors"
	"fmt"
	"time"
)

// Command is one thing a caller asks to have done.
type Command interface {
	// Keys names every record Decide reads or writes.
	Keys() Keys
	// Decide answers the changes, a Refusal, or a ShallowError when the cards must be loaded whole
	// first, or a MissingError when more must be loaded. It changes nothing itself: same state and time, same answer.
	Decide(s *State, now time.Time) (Changes, error)
}

// Caller is who had a command done, where, and when by his own account. It stands in the entry.
type Caller struct {
	Agent    AgentID // 0 = not an agent
	Shop     ShopID
	Operator string // a person or a job, as the caller names it; at most 64 bytes are kept
	// Claimed is when the caller says it was done, where he tells so late; zero where he does not. It is
	// for people only: nothing is ordered, nor does anything expire, by it.
	Claimed time.Time
}

// Keys names records.
type Keys struct {
	Merchants []MerchantID
	Cards     []CardKey
	Whole     []CardKey  // cards that are needed with all of their lots
	Entries   []EntryKey // with every entry that is Of them, and every coupon that is used on them
	Requests  []RequestKey
	ExtIDs    []ExtIDKey // inner codes that a card is to get

	Coupons       []CouponKey
	Wallets       []CardKey // cards of which all unused coupons are needed
	WalletSizes   []CardKey // cards of which it is needed how many unused coupons they have
	CouponKinds   []CouponKindKey
	CouponNumbers []CouponNumberKey // that coupons are to get

	Guards []GuardKey
}

// ExtIDKey names a card by the code inside it.
type ExtIDKey struct {
	Merchant MerchantID
	ExtID    string
}

// Add joins the keys of another command.
func (k *Keys) Add(o Keys) {
	k.Merchants = append(k.Merchants, o.Merchants...)
	k.Cards = append(k.Cards, o.Cards...)
	k.Whole = append(k.Whole, o.Whole...)
	k.Entries = append(k.Entries, o.Entries...)
	k.Requests = append(k.Requests, o.Requests...)
	k.ExtIDs = append(k.ExtIDs, o.ExtIDs...)
	k.Coupons = append(k.Coupons, o.Coupons...)
	k.Wallets = append(k.Wallets, o.Wallets...)
	k.WalletSizes = append(k.WalletSizes, o.WalletSizes...)
	k.CouponKinds = append(k.CouponKinds, o.CouponKinds...)
	k.CouponNumbers = append(k.CouponNumbers, o.CouponNumbers...)
	k.Guards = append(k.Guards, o.Guards...)
}

// Reset names nothing, and keeps the room.
func (k *Keys) Reset() {
	k.Merchants, k.Cards, k.Whole = k.Merchants[:0], k.Cards[:0], k.Whole[:0]
	k.Entries, k.Requests, k.ExtIDs = k.Entries[:0], k.Requests[:0], k.ExtIDs[:0]
	k.Coupons, k.Wallets, k.WalletSizes = k.Coupons[:0], k.Wallets[:0], k.WalletSizes[:0]
	k.CouponKinds, k.CouponNumbers = k.CouponKinds[:0], k.CouponNumbers[:0]
	k.Guards = k.Guards[:0]
}

// addExtID names an inner code; "" is none.
func (k *Keys) addExtID(merchant MerchantID, code string) {
	if code != "" {
		k.ExtIDs = append(k.ExtIDs, ExtIDKey{merchant, code})
	}
}

// Empty tells whether k names nothing.
func (k *Keys) Empty() bool {
	return len(k.Merchants)+len(k.Cards)+len(k.Whole)+len(k.Entries)+len(k.Requests)+len(k.ExtIDs)+
		len(k.Coupons)+len(k.Wallets)+len(k.WalletSizes)+len(k.CouponKinds)+len(k.CouponNumbers)+len(k.Guards) == 0
}

// Plain tells whether k names nothing but merchants, cards, requests and guards. Of these, what a State
// knows is newer than what the store has.
func (k *Keys) Plain() bool {
	return len(k.Whole)+len(k.Entries)+len(k.ExtIDs)+
		len(k.Coupons)+len(k.Wallets)+len(k.WalletSizes)+len(k.CouponKinds)+len(k.CouponNumbers) == 0
}

// Changes are what a command, or a batch of them, has decided: records to save all or nothing, in
// their state after it.
type Changes struct {
	Heads    []Head // one for each merchant touched
	Opened   []Card // cards that were not there before
	Cards    []Card // cards whose amounts, status, level or newest entry changed
	Holders  []Card // of those, the ones whose number, holder, details, sums of invoices or signed bills, or forfeits changed
	Lots     []LotChange
	Entries  []Entry       // in the order of their ids
	Coupons  []Coupon      // whole: new ones and changed ones
	Stocks   []CouponStock // of the kinds that were sent
	Guards   []Guard       // whole: new ones and changed ones
	Messages []Message     // to be sent
	Requests []Request
	Refused  []RowRefusal // of an Import: the rows that were not taken
	Replay   *Request     // the answer was given before: nothing is saved
	Denied   error        // the Refusal that is answered: nothing is saved but guards
}

// RowRefusal is a row of an Import or an Issue that was refused. As an error it is the refusal too.
type RowRefusal struct {
	Index   int // from 0
	Refusal Refusal
}

// Row is the place of the row as people count, from 1.
func (r RowRefusal) Row() int { return r.Index + 1 }

// Error is for logs; people's words are the dialect's.
func (r RowRefusal) Error() string { return fmt.Sprintf("row %d: %v", r.Row(), r.Refusal) }

// Unwrap is the refusal.
func (r RowRefusal) Unwrap() error { return r.Refusal }

// ofRow returns why row i cannot be done: a RowRefusal where it is refused, and any other error, such as one
// that asks for more records, as it is. An error that is no refusal must not pass for a row that was taken.
func ofRow(i int, err error) error {
	if refusal, refused := errors.AsType[Refusal](err); refused {
		return RowRefusal{i, refusal}
	}
	return err
}

// LotChange is a lot of a card as it stands now. One that holds nothing is removed.
type LotChange struct {
	Merchant MerchantID
	Card     CardID
	Lot      Lot
}

// Newest is the last entry of all: what is left on its card is what is left in the end.
func (c *Changes) Newest() *Entry { return &c.Entries[len(c.Entries)-1] }

// Last is the entry the command is about: the newest, but for the cash back that goes with a bill or with
// its refund, and for what is forfeited of a refund.
func (c *Changes) Last() *Entry {
	last := len(c.Entries) - 1
	for last > 0 && c.Entries[last].Kind.follows() {
		last--
	}
	return &c.Entries[last]
}

// Card is the named card after the command; it is among Opened or Cards.
func (c *Changes) Card(number string) *Card {
	number = FoldNumber(number)
	for i := range c.Opened {
		if FoldNumber(c.Opened[i].Number) == number {
			return &c.Opened[i]
		}
	}
	for i := range c.Cards {
		if FoldNumber(c.Cards[i].Number) == number {
			return &c.Cards[i]
		}
	}
	return nil
}

// Head is a merchant's counters. Every save moves its version, so whatever was decided from an older
// one cannot be saved.
type Head struct {
	Merchant  MerchantID
	Version   int64 // as loaded
	LastEntry EntryID
	LastCard  CardID
	LastAt    time.Time
	Own       EntryID // the newest entry of the merchant itself, on card 0; 0 = none
	TakenBack EntryID // the newest of those that took the time back; 0 = none
}

// RequestKey is the name a caller gave to a request, so that asking again does nothing twice
// (invariants 14–17).
type RequestKey struct {
	Merchant MerchantID
	Agent    AgentID
	Scope    string // the wire and endpoint: the same id there and elsewhere are two requests
	ID       string
}

// Request is a request that was carried out, with the answer it got.
type Request struct {
	Key         RequestKey
	Fingerprint [32]byte // of what was asked
	Entry       EntryID
	Answer      []byte
	Proof       int64 // its Evidence when it was kept; 0 = not known
}

// ShallowError asks for all lots of a card: the command cannot be decided from the first ones.
type ShallowError struct{ Card CardKey }

func (e ShallowError) Error() string { return "all lots of the card are needed" }
