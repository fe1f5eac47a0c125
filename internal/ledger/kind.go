package ledger

import (
	"fmt"
	"slices"
)

// Kind is what an entry records. Numbers up to 30 are the event numbers of member-cjb (published page, part 6); kinds
// that list lacks are numbered from 100.
type Kind int

const (
	Opened           Kind = 1
	CardReturned     Kind = 2 // with what was paid out
	CardReplaced     Kind = 3 // one entry on each of the two cards
	ReportedLost     Kind = 4
	LossCancelled    Kind = 5
	Recharged        Kind = 6
	Consumed         Kind = 7
	TransferredOut   Kind = 20
	TransferredIn    Kind = 21
	Withdrawn        Kind = 30
	PointsUsed       Kind = 100
	PointsAdjusted   Kind = 101
	RechargeReversed Kind = 102
	ConsumeRefunded  Kind = 103
	LevelChanged     Kind = 104
	HolderModified   Kind = 105
	LotsExpired      Kind = 106
	BalanceOpened    Kind = 107 // balance brought from another system
	CardStopped      Kind = 108
	CardResumed      Kind = 109
	DetailsChanged   Kind = 110
	PhoneBound       Kind = 111 // the card's pass moved to another phone
	Renewed          Kind = 112
	Invoiced         Kind = 113
	AccountCharged   Kind = 114
	ChargeRefunded   Kind = 115
	InvoiceReversed  Kind = 116
	OpeningReversed  Kind = 117 // a card should not have been brought in: what it brought goes back, its number is free
	RenewalReversed  Kind = 118
	CouponSent       Kind = 120
	CouponVoided     Kind = 121
	CouponExpired    Kind = 122
	CashedBack       Kind = 123 // given with a bill, or taken back with its refund
	MergedOut        Kind = 124 // all that a card still had went to another, and it is closed; see Merges
	MergedIn         Kind = 125 // directly after it, on the card that got it
	AmountHeld       Kind = 126 // an amount is reserved for a bill to come; see Hold
	HoldReleased     Kind = 127 // a hold, or the rest of one, is free again: see Released
	BonusForfeited   Kind = 130 // bonus whose principal was paid out came back; directly after the entry that brought it
	BonusGiven       Kind = 131 // bonus that somebody gave by hand, for no recharge
	ClockAccepted    Kind = 140 // somebody confirmed the time; on card 0
	ClockTakenBack   Kind = 141 // time before it was wrong: later entries may be dated earlier; on card 0
	ExpiryReversed   Kind = 142 // what expired in time that was taken back is good again, or expired points are taken back
	SettingsChanged  Kind = 150 // the entry holds the new settings; on card 0
	AgentChanged     Kind = 151 // the entry holds the agent as it is from then on; on card 0 of the host
	MerchantAdded    Kind = 152 // the entry holds the new merchant; on card 0 of the host
	PersonChanged    Kind = 153 // the entry holds the person as from then on; on card 0 of the host
	// ExpirySet sets a last good day that has already passed, on a card brought from another system. It comes after the
	// opening balance, which an expired card cannot get.
	ExpirySet    Kind = 155
	DataShown    Kind = 156 // somebody looked at data of the holder that screens mask; the note says which
	DataExported Kind = 157 // somebody took data out of the books; the note says what; on card 0
	HandedOver   Kind = 158 // a shift was closed at a shop; the entry holds the HandOver; on card 0
	// WebhookChanged holds the webhook as it is from then on; on card 0.
	WebhookChanged Kind = 159
)

// Kinds lists all kinds by number, for tables that must be complete.
var Kinds = []Kind{
	Opened, CardReturned, CardReplaced, ReportedLost, LossCancelled, Recharged, Consumed, TransferredOut, TransferredIn,
	Withdrawn,
	PointsUsed, PointsAdjusted, RechargeReversed, ConsumeRefunded, LevelChanged, HolderModified, LotsExpired,
	BalanceOpened, CardStopped, CardResumed, DetailsChanged, PhoneBound, Renewed, Invoiced, AccountCharged,
	ChargeRefunded, InvoiceReversed, OpeningReversed, RenewalReversed,
	CouponSent, CouponVoided, CouponExpired, CashedBack, MergedOut, MergedIn, AmountHeld, HoldReleased,
	BonusForfeited, BonusGiven,
	ClockAccepted, ClockTakenBack, ExpiryReversed, SettingsChanged, AgentChanged, MerchantAdded, PersonChanged,
	ExpirySet, DataShown, DataExported, HandedOver, WebhookChanged,
}

// Works reports whether entries of the kind are work that only a licensed merchant does, in a shop that has not ended.
// The others set right the time and the settings, or what expired by a wrong time and what follows from that, or say
// who looked at what, or count what was taken.
func (k Kind) Works() bool {
	switch k {
	case ClockAccepted, ClockTakenBack, SettingsChanged, AgentChanged, MerchantAdded, PersonChanged, ExpiryReversed,
		BonusForfeited, CashedBack, DataShown, DataExported, HandedOver, WebhookChanged:
		return false
	}
	return true
}

// Follows reports whether entries of the kind are only made together with the entry before them.
func (k Kind) Follows() bool { return k == CashedBack || k == BonusForfeited }

// Times returns how often what that many entries of the kind stand for was done. A replacement is an entry on each of
// the two cards, both of one command, so that they are of the same day, shop and operator.
func (k Kind) Times(entries int64) int64 {
	if k == CardReplaced {
		return entries / 2
	}
	return entries
}

// String names the kind for logs and for verify; texts for people are the dialect's.
func (k Kind) String() string {
	if name, ok := KindNames[k]; ok {
		return name
	}
	return fmt.Sprintf("kind %d", int(k))
}

// ParseKind returns the kind of that name; ok is false if none has it.
func ParseKind(name string) (k Kind, ok bool) {
	i := slices.IndexFunc(Kinds, func(k Kind) bool { return KindNames[k] == name })
	if i < 0 {
		return 0, false
	}
	return Kinds[i], true
}

// KindNames are the names of kinds in logs and in verify.
var KindNames = map[Kind]string{
	Opened: "open", CardReturned: "return", CardReplaced: "replace", ReportedLost: "lost", LossCancelled: "cancel-loss",
	Recharged: "recharge", Consumed: "consume", TransferredOut: "transfer-out", TransferredIn: "transfer-in",
	Withdrawn: "withdraw", PointsUsed: "use-points", PointsAdjusted: "adjust-points",
	RechargeReversed: "reverse-recharge", ConsumeRefunded: "refund-consume", LevelChanged: "change-level",
	HolderModified: "modify-holder", LotsExpired: "expire", BalanceOpened: "opening-balance", CardStopped: "stop",
	CardResumed: "resume", DetailsChanged: "modify-details", PhoneBound: "bind-phone", Renewed: "renew",
	Invoiced: "invoice", AccountCharged: "charge-account", ChargeRefunded: "refund-charge",
	InvoiceReversed: "reverse-invoice", OpeningReversed: "reverse-opening", RenewalReversed: "reverse-renewal",
	CouponSent: "send-coupons", CouponVoided: "void-coupon",
	CouponExpired: "expire-coupons", CashedBack: "cash-back", MergedOut: "merge-out", MergedIn: "merge-in",
	AmountHeld: "hold", HoldReleased: "release-hold",
	BonusForfeited: "forfeit-bonus", BonusGiven: "give-bonus",
	ClockAccepted: "accept-clock", ClockTakenBack: "take-back-clock", ExpiryReversed: "reverse-expiry",
	SettingsChanged: "change-settings", AgentChanged: "change-agent", MerchantAdded: "add-merchant",
	PersonChanged: "change-person",
	ExpirySet:     "set-expiry", DataShown: "show-data", DataExported: "export-data",
	HandedOver: "hand-over", WebhookChanged: "change-webhook",
}

// PaysOut reports whether entries of the kind take principal off the card without a sale.
func (k Kind) PaysOut() bool {
	return k == Withdrawn || k == TransferredOut || k == CardReturned || k == RechargeReversed
}

// Merges reports whether entries of the kind are a side of a merge. Principal has gone by a transfer before them, so
// what they move is bound to none.
func (k Kind) Merges() bool { return k == MergedOut || k == MergedIn }

// TakesInOrder reports whether entries of the kind pay with the card, in the merchant's spend order.
func (k Kind) TakesInOrder() bool { return k == Consumed || k == Renewed }
