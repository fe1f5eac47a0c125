package command

import "tongka/internal/ledger"

// Keys names records of one merchant. Card numbers must be as ledger.FoldNumber returns them.
type Keys struct {
	Head    bool // the merchant and its counters; every command gets them, so none needs to name them
	Cards   []string
	AllLots []string         // cards needed with all their lots
	Entries []ledger.EntryID // with all entries that refer to them and all coupons used on them
	// Lapses are entries that gave points, with the entries after them on their cards by which points expired or came
	// back after that. They must be among Entries, or known, too.
	Lapses   []ledger.EntryID
	Requests []ledger.RequestKey
	ExtIDs   []string // inner codes that cards are to get

	Coupons       []ledger.CouponID
	Wallets       []string // cards whose unused coupons are needed
	WalletSizes   []string // cards whose number of unused coupons is needed
	CouponKinds   []ledger.CouponKindID
	CouponNumbers []string // numbers that coupons are to get

	Guards []ledger.GuardKey

	Webhooks []ledger.WebhookID

	GUIDs []string // folded; GUIDs the merchant and its shops are to have, which no other merchant may have
}

// Want names what to load of one merchant.
type Want struct {
	Merchant ledger.MerchantID
	Keys     Keys
}

// Records is what a store found of a Want. A record that is named and not among them does not exist.
type Records struct {
	Merchant *ledger.Merchant // if Keys.Head; nil = there is none
	Head     ledger.Head
	Host     *ledger.Host // if Keys.Head, for the host, which is no merchant; otherwise nil
	Cards    []ledger.Card
	Entries  []ledger.Entry // those named, those that refer to them, and those of Lapses; one may be listed twice
	Requests []ledger.Request
	ExtIDs   []string // those of the named ones that a card has

	// Coupons are those named, those of wallets, and those used on named entries. One may be listed twice.
	Coupons       []ledger.Coupon
	WalletSizes   []ledger.WalletSize  // of the named cards that exist
	Stocks        []ledger.CouponStock // of the named kinds of which coupons were ever sent
	CouponNumbers []string             // those of the named ones that a coupon has

	Guards []ledger.Guard

	Webhooks []ledger.Webhook

	GUIDs []ledger.GUIDOwner // those of the named ones that any merchant has
}

// Add adds the keys of another command at the same merchant.
func (k *Keys) Add(o Keys) {
	k.Head = k.Head || o.Head
	k.Cards = append(k.Cards, o.Cards...)
	k.AllLots = append(k.AllLots, o.AllLots...)
	k.Entries = append(k.Entries, o.Entries...)
	k.Lapses = append(k.Lapses, o.Lapses...)
	k.Requests = append(k.Requests, o.Requests...)
	k.ExtIDs = append(k.ExtIDs, o.ExtIDs...)
	k.Coupons = append(k.Coupons, o.Coupons...)
	k.Wallets = append(k.Wallets, o.Wallets...)
	k.WalletSizes = append(k.WalletSizes, o.WalletSizes...)
	k.CouponKinds = append(k.CouponKinds, o.CouponKinds...)
	k.CouponNumbers = append(k.CouponNumbers, o.CouponNumbers...)
	k.Guards = append(k.Guards, o.Guards...)
	k.Webhooks = append(k.Webhooks, o.Webhooks...)
	k.GUIDs = append(k.GUIDs, o.GUIDs...)
}

// Reset empties k and keeps its capacity.
func (k *Keys) Reset() {
	k.Head = false
	k.Cards, k.AllLots = k.Cards[:0], k.AllLots[:0]
	k.Entries, k.Lapses = k.Entries[:0], k.Lapses[:0]
	k.Requests, k.ExtIDs = k.Requests[:0], k.ExtIDs[:0]
	k.Coupons, k.Wallets, k.WalletSizes = k.Coupons[:0], k.Wallets[:0], k.WalletSizes[:0]
	k.CouponKinds, k.CouponNumbers = k.CouponKinds[:0], k.CouponNumbers[:0]
	k.Guards, k.Webhooks, k.GUIDs = k.Guards[:0], k.Webhooks[:0], k.GUIDs[:0]
}

// addExtID names an inner code, unless it is "".
func (k *Keys) addExtID(code string) {
	if code != "" {
		k.ExtIDs = append(k.ExtIDs, code)
	}
}

// Empty reports whether k names nothing.
func (k *Keys) Empty() bool {
	return !k.Head && len(k.Cards)+len(k.AllLots)+len(k.Entries)+len(k.Lapses)+len(k.Requests)+len(k.ExtIDs)+
		len(k.Coupons)+len(k.Wallets)+len(k.WalletSizes)+len(k.CouponKinds)+len(k.CouponNumbers)+len(k.Guards)+
		len(k.Webhooks)+len(k.GUIDs) == 0
}

// Plain reports whether k names only the merchant, cards, requests and guards. What a State knows of these is newer
// than what the store has.
func (k *Keys) Plain() bool {
	rest := *k // a kind of key added later counts as not plain
	rest.Head, rest.Cards, rest.Requests, rest.Guards = false, nil, nil, nil
	return rest.Empty()
}

// keysOf returns the keys of a command on cards.
func keysOf(numbers ...string) (k Keys) {
	for _, n := range numbers {
		k.Cards = append(k.Cards, ledger.FoldNumber(n))
	}
	return k
}
