package ledger

import "fmt"

// Kind is what an entry records. Up to 30 they are the event numbers of the member-cjb wire
// (published page, part 6); what that list lacks is numbered from 100 up.
type Kind int

const (
	Opened           Kind = 1
	CardReturned     Kind = 2 // returned, with what was paid out
	CardReplaced     Kind = 3 // replaced; stands on both cards
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
	BalanceOpened    Kind = 107 // brought along from another system
	CardStopped      Kind = 108
	CardResumed      Kind = 109
	DetailsChanged   Kind = 110
	PhoneBound       Kind = 111 // another phone got the card's pass
	Renewed          Kind = 112
	Invoiced         Kind = 113
	AccountCharged   Kind = 114
	ChargeRefunded   Kind = 115
	InvoiceReversed  Kind = 116
	CouponSent       Kind = 120
	CouponVoided     Kind = 121
	CouponExpired    Kind = 122
	CashedBack       Kind = 123 // given with a bill, or taken again with its refund
	// a last good day that had passed was brought along; behind the opening balance, for an expired card takes none
	ExpirySet       Kind = 155
	SettingsChanged Kind = 150 // the merchant's settings are those it says; on card 0
	ClockAccepted   Kind = 140 // somebody vouched for the time; on card 0, as the next
	ClockTakenBack  Kind = 141 // the time before it was wrong: what comes after it may be dated earlier
	ExpiryReversed  Kind = 142 // what expired in a time that was taken back is there again
	BonusForfeited  Kind = 130 // came back when the principal it was given for was paid out; behind what brought it
)

// Kinds are all of them, for tables that must be complete.
var Kinds = []Kind{
	Opened, CardReturned, CardReplaced, ReportedLost, LossCancelled, Recharged, Consumed, TransferredOut, TransferredIn,
	Withdrawn,
	PointsUsed, PointsAdjusted, RechargeReversed, ConsumeRefunded, LevelChanged, HolderModified, LotsExpired,
	BalanceOpened, CardStopped, CardResumed, DetailsChanged, PhoneBound, Renewed, Invoiced, AccountCharged, ChargeRefunded,
	InvoiceReversed,
	CouponSent, CouponVoided, CouponExpired, CashedBack, ExpirySet,
	ClockAccepted, ClockTakenBack, ExpiryReversed, BonusForfeited, SettingsChanged,
}

// Follows reports whether entries of the kind only go with one before them.
func (k Kind) Follows() bool { return k == CashedBack || k == BonusForfeited }

// String names the kind for logs and for verify; people's words are the dialect's.
func (k Kind) String() string {
	if name, ok := KindNames[k]; ok {
		return name
	}
	return fmt.Sprintf("kind %d", int(k))
}

var KindNames = map[Kind]string{
	Opened: "open", CardReturned: "return", CardReplaced: "replace", ReportedLost: "lost", LossCancelled: "unlose",
	Recharged: "recharge", Consumed: "consume", TransferredOut: "transfer-out", TransferredIn: "transfer-in",
	Withdrawn: "withdraw", PointsUsed: "use-points", PointsAdjusted: "adjust-points",
	RechargeReversed: "reverse-recharge", ConsumeRefunded: "refund-consume", LevelChanged: "change-level",
	HolderModified: "modify-holder", LotsExpired: "expire", BalanceOpened: "opening-balance",
	CardStopped: "stop", CardResumed: "resume", DetailsChanged: "modify-details", PhoneBound: "bind-phone",
	Renewed: "renew", Invoiced: "invoice", InvoiceReversed: "reverse-invoice",
	AccountCharged: "sign-bill", ChargeRefunded: "refund-signed",
	CouponSent: "send-coupons", CouponVoided: "void-coupon", CouponExpired: "expire-coupons",
	CashedBack: "cash-back", ExpirySet: "set-expiry",
	ClockAccepted: "accept-clock", ClockTakenBack: "take-back-clock", ExpiryReversed: "reverse-expiry",
	BonusForfeited:  "forfeit-bonus",
	SettingsChanged: "change-settings",
}

// PaysOut reports whether principal leaves the card by entries of the kind.
func (k Kind) PaysOut() bool {
	return k == Withdrawn || k == TransferredOut || k == CardReturned || k == RechargeReversed
}

// TakesInOrder reports whether entries of the kind pay with the card, by the merchant's policy.
func (k Kind) TakesInOrder() bool { return k == Consumed || k == Renewed }
