package command

import "tongka/internal/ledger"

// Keys names records of one merchant. Numbers of cards are as ledger.FoldNumber makes them.
type Keys struct {
	Head     bool // the merchant itself and its counters: every command needs them, so none names them
	Cards    []string
	AllLots  []string         // cards that are needed with all of their lots
	Entries  []ledger.EntryID // with every entry that refers to them, and every coupon that is used on them
	Requests []ledger.RequestKey
	ExtIDs   []string // inner codes that a card is to get

	Coupons       []ledger.CouponID
	Wallets       []string // cards of which all unused coupons are needed
	WalletSizes   []string // cards of which it is needed how many unused coupons they have
	CouponKinds   []ledger.CouponKindID
	CouponNumbers []string // that coupons are to get

	Guards []ledger.GuardKey

	GUIDs []string // folded, that the merchant or its shops are to have; nobody else's may be
}

// Want is what is asked of one merchant.
type Want struct {
	Merchant ledger.MerchantID
	Keys     Keys
}

// Records are what a store found of a Want. What is not among them does not exist.
type Records struct {
	Merchant *ledger.Merchant // where Keys.Head asked for it; nil = there is none
	Head     ledger.Head
	Cards    []ledger.Card
	Entries  []ledger.Entry // those named, and those that refer to one of them
	Requests []ledger.Request
	ExtIDs   []string // of those named, the ones a card has

	// those named, those of wallets, and those used on an entry that is named; maybe twice
	Coupons       []ledger.Coupon
	WalletSizes   []ledger.WalletSize  // of the cards named that there are
	Stocks        []ledger.CouponStock // of the kinds named that were ever sent
	CouponNumbers []string             // of those named, the ones a coupon has

	Guards []ledger.Guard

	GUIDs []ledger.GUIDOwner // of those named, the ones that somebody has, whichever merchant that is
}

// Add joins the keys of another command at the same merchant.
func (k *Keys) Add(o Keys) {
	k.Head = k.Head || o.Head
	k.Cards = append(k.Cards, o.Cards...)
	k.AllLots = append(k.AllLots, o.AllLots...)
	k.Entries = append(k.Entries, o.Entries...)
	k.Requests = append(k.Requests, o.Requests...)
	k.ExtIDs = append(k.ExtIDs, o.ExtIDs...)
	k.Coupons = append(k.Coupons, o.Coupons...)
	k.Wallets = append(k.Wallets, o.Wallets...)
	k.WalletSizes = append(k.WalletSizes, o.WalletSizes...)
	k.CouponKinds = append(k.CouponKinds, o.CouponKinds...)
	k.CouponNumbers = append(k.CouponNumbers, o.CouponNumbers...)
	k.Guards = append(k.Guards, o.Guards...)
	k.GUIDs = append(k.GUIDs, o.GUIDs...)
}

// Reset names nothing, and keeps the room.
func (k *Keys) Reset() {
	k.Head = false
	k.Cards, k.AllLots = k.Cards[:0], k.AllLots[:0]
	k.Entries, k.Requests, k.ExtIDs = k.Entries[:0], k.Requests[:0], k.ExtIDs[:0]
	k.Coupons, k.Wallets, k.WalletSizes = k.Coupons[:0], k.Wallets[:0], k.WalletSizes[:0]
	k.CouponKinds, k.CouponNumbers = k.CouponKinds[:0], k.CouponNumbers[:0]
	k.Guards, k.GUIDs = k.Guards[:0], k.GUIDs[:0]
}

// addExtID names an inner code; "" is none.
func (k *Keys) addExtID(code string) {
	if code != "" {
		k.ExtIDs = append(k.ExtIDs, code)
	}
}

// Empty reports whether k names nothing.
func (k *Keys) Empty() bool {
	return !k.Head && len(k.Cards)+len(k.AllLots)+len(k.Entries)+len(k.Requests)+len(k.ExtIDs)+
		len(k.Coupons)+len(k.Wallets)+len(k.WalletSizes)+len(k.CouponKinds)+len(k.CouponNumbers)+len(k.Guards)+
		len(k.GUIDs) == 0
}

// Plain reports whether k names nothing but the merchant, cards, requests and guards. Of these, what a State
// knows is newer than what the store has.
func (k *Keys) Plain() bool {
	rest := *k // a kind of key that is new is not known to be safe
	rest.Head, rest.Cards, rest.Requests, rest.Guards = false, nil, nil, nil
	return rest.Empty()
}

// keysOf are the keys of a command on cards.
func keysOf(numbers ...string) (k Keys) {
	for _, n := range numbers {
		k.Cards = append(k.Cards, ledger.FoldNumber(n))
	}
	return k
}

// keysOfUndoing are the keys of a command that undoes an entry of a card.
func keysOfUndoing(number string, entry ledger.EntryID) Keys {
	k := keysOf(number)
	k.Entries = []ledger.EntryID{entry}
	return k
}
