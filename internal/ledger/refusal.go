package ledger

import "time"

// Refusal says that the rules do not allow a command. It is expected, and nothing was changed.
type Refusal struct {
	Reason Reason
	Detail string // what it is about, like a field or a card's number; may be empty
	// Until is when the same may be asked for again; zero where no time says so. What is refused before then is refused
	// for the time alone.
	Until time.Time
}

// Error is for logs; texts for people are the dialect's.
func (r Refusal) Error() string {
	if r.Detail == "" {
		return r.Reason.String()
	}
	return r.Reason.String() + ": " + r.Detail
}

// Refuse returns a Refusal. Its type is error so that callers can return it directly.
func Refuse(reason Reason, detail ...string) error {
	return RefuseUntil(time.Time{}, reason, detail...)
}

// RefuseUntil is Refuse where something may be asked for again from a time on.
func RefuseUntil(until time.Time, reason Reason, detail ...string) error {
	r := Refusal{Reason: reason, Until: until}
	if len(detail) > 0 {
		r.Detail = detail[0]
	}
	return r
}

// Reason is why a command was refused. The list is closed: every dialect has a text for each.
type Reason int

const (
	LicenceOver     Reason = iota + 1 // the merchant's licence has ended
	RequestReused                     // the request id was used for something else
	RequestUnknown                    // nothing has been carried out under the request id so far
	BadAmount                         // zero, negative or above the limit of one command
	BadDiscountable                   // negative or more than the bill
	BadScore                          // points: zero, or out of range
	BadNumber                         // not a possible card number
	BadHolder                         // an impossible name, phone, gender or birthday; Detail names which
	BadExpiry                         // a last good day that has passed
	BadKind                           // an unknown kind of card
	// details no card can have; Detail names the field of Details, like "extid", or "status"
	BadDetails
	BadCount       // too many cards to issue at once, or none
	UnknownLevel   //
	UnknownPayType //
	SameCard       // both sides of a transfer or replacement are the same card
	CardNotFound   // Detail is the number
	CardTaken      // another card has or had the number
	ExtIDTaken     // another card has the inner code; Detail is the code
	CardIsLost     //
	CardIsReturned //
	CardIsReplaced //
	CardIsStopped  //
	CardIsExpired  //
	CardNotLost    // its loss cannot be cancelled
	CardNotStopped // it cannot be resumed
	EntryNotFound  // the entry to undo is not on this card
	// an entry of this kind cannot be undone, or not by this command; Detail is the kind
	NotReversible
	AlreadyReversed  // already undone completely
	RefundTooMuch    // more than is left of the bill; Detail is what is left
	NothingLeft      // nothing of the recharge is left to reverse
	NothingExpired   //
	BalanceTooHigh   // the card would hold more than the merchant allows
	ShortBalance     // not enough money on the card
	CardOwes         // a card that owes money cannot be returned; Detail is what it owes
	ShortPoints      // not enough points on the card
	OtherPointsRatio // the caller's ratio is not the merchant's
	// the caller has another amount for the points; Detail is what they are worth
	OtherPointsWorth
	PointsNoMoney     // points cannot pay here, or so few are worth nothing
	TooManyPoints     // worth more than there is left to pay; Detail is that amount
	BadCouponCount    // too many coupons to send at once, or none
	BadCouponNumber   // not a possible coupon number, or the same one twice
	CouponTaken       // another coupon has the number
	UnknownCouponKind //
	CouponKindOver    // Detail is the kind's last day, which has passed
	NoCouponStock     // fewer coupons of the kind are left; Detail is its name
	WalletFull        // the card would have more than MaxWallet unused coupons
	CouponNotFound    // it is not on this card; Detail is its id
	// the same coupon is named twice; Detail is its masked number, as for the next two
	CouponTwice
	CouponIsUsed    //
	CouponIsVoid    //
	CouponIsExpired // Detail is its last good day, or its masked number once an entry recorded the expiry
	CouponNotYet    // Detail is its first good day
	CouponNotHere   // Detail is its name
	CouponNeedsBill // Detail is its name, and the bill that it needs with the coupons before it
	TooManyCoupons  // of one kind on a bill; Detail is its name
	CouponAlone     //
	PasswordNeeded  // the card has one and none was typed; Detail is the number, as for the next nine
	PasswordWrong   //
	// wrong passwords of the card at this agent: it is locked there for a while; of who signs in, Detail is until when
	TooManyTries
	PasswordLocked  // too many everywhere: a new password must be set
	CodeNeeded      // the sale needs a code that is sent to the holder
	CodeWrong       //
	CodeOver        // the code was used, tried too often or is too old, or none was sent
	CodeNotNeeded   // no code is sent for such a sale
	TooManyCodes    // recently sent for the card
	NoRecipient     // there is neither a phone nor an open id to send a code to
	NoSender        // no sender of codes is set up
	MemberCodeWrong // no card has it, or it is out of date
	MemberCodeUsed  // it or a newer one was already used
	TooManyMisses   // too many wrong guesses by the agent or from the address
	NoRecharge      // cards of the level cannot be recharged
	NoRenewal       // the card's level has no renewal by that number of months
	// the card has no last good day to extend, or it would be later than the last possible day
	NeverExpires
	BonusTooHigh     // more than the rules give; Detail is what they give
	BadClaimedTime   // too long ago, or in the future
	InvoiceTooMuch   // Detail is what may still be invoiced
	InvoicedMoney    // its invoice must be reversed before it is paid out; Detail is how much was invoiced
	NoAccount        // cards of the level have no house account
	OverAccountLimit // Detail is what the card may still charge, or may charge on one bill
	OverAccountCount //
	NoBinding        // cards of its kind cannot be bound to a phone; Detail is the number, as for the next
	BindingOver      // since it was offered, a phone was bound or the pass ended
	PointsPledged    // money that a card pledges for points it owes; Detail is how much must stay
	SettingsMoved    // somebody has changed them since the caller read them
	BadSettings      // Detail says which and why
	GUIDTaken        // Detail says which, and who has it to whoever may know
	CardAlike        // another card's number differs in leading zeros only; Detail is the other number
	ShopEnded        // the caller's shop is closed; Detail is its name
	NotAllowed       // the person who asks may not do that
	PasswordWeak     // the merchant allows no card a password that is guessed first
	QuoteMoved       // the command would do something else than was shown to whoever agreed to it
	// above the merchant's limit another person must have proposed what a person does by hand; Detail is that limit
	NeedsSecondPerson
	ShiftMoved     // a shift was closed since, or the books are not those that were read
	RenewedSince   // its newest renewal must be undone first; Detail is the card's last good day
	CardWasUsed    // something was done with the card since it was brought in; Detail is its number
	CouponDayOver  // Detail is a last good day that has passed, of a coupon to be brought in
	ShiftIsOff     // what was counted is not what the books say, and nothing says why; Detail is the difference
	MoneyHeld      // it would take money that is held on the card; Detail is how much is held
	NoHold         // the card never had such a hold; Detail is its id
	BadHoldEnd     // it has passed, or is later than a hold may last; Detail is the latest possible
	TooManyHolds   // Detail is the card's number
	HeldTooLittle  // more than the hold has; Detail is what it has
	HoldIsCaptured // Detail is the bill that took all, or the last, of it
	HoldIsReleased // Detail is the entry that released it
	HoldIsExpired  // Detail is when it ended
)

// lastReason ends the list.
const lastReason = HoldIsExpired

// Reasons returns all reasons, for tables that must be complete.
func Reasons() []Reason {
	all := make([]Reason, 0, lastReason)
	for r := LicenceOver; r <= lastReason; r++ {
		all = append(all, r)
	}
	return all
}

// String returns the reason in English.
func (r Reason) String() string { return ReasonNames[r] }

var ReasonNames = map[Reason]string{
	LicenceOver:      "licence has ended",
	RequestReused:    "request id was used for something else",
	RequestUnknown:   "request was not carried out",
	BadAmount:        "amount is not allowed",
	BadDiscountable:  "discountable part is not allowed",
	BadScore:         "number of points is not allowed",
	BadNumber:        "card number is not allowed",
	BadHolder:        "holder's data is not allowed",
	BadExpiry:        "expiry day has passed",
	BadKind:          "kind of card is unknown",
	BadDetails:       "card's details are not allowed",
	BadCount:         "number of cards is not allowed",
	UnknownLevel:     "level is unknown",
	UnknownPayType:   "pay type is unknown",
	SameCard:         "both cards are the same",
	CardNotFound:     "card not found",
	CardTaken:        "card number is taken",
	ExtIDTaken:       "inner code is taken",
	CardIsLost:       "card is lost",
	CardIsReturned:   "card is returned",
	CardIsReplaced:   "card is replaced",
	CardIsStopped:    "card is stopped",
	CardIsExpired:    "card is expired",
	CardNotLost:      "card is not lost",
	CardNotStopped:   "card is not stopped",
	EntryNotFound:    "entry not found",
	NotReversible:    "entry cannot be undone",
	AlreadyReversed:  "entry was already undone",
	RefundTooMuch:    "refund is more than is left of the bill",
	NothingLeft:      "nothing is left of the recharge",
	NothingExpired:   "nothing has expired",
	BalanceTooHigh:   "balance would be too high",
	CardOwes:         "card owes money",
	ShortBalance:     "balance is too low",
	ShortPoints:      "points are too low",
	PointsNoMoney:    "points cannot pay",
	OtherPointsRatio: "points have another ratio",
	OtherPointsWorth: "points have another worth",
	TooManyPoints:    "points are worth more than there is to pay",

	BadCouponCount:    "number of coupons is not allowed",
	BadCouponNumber:   "coupon number is not allowed",
	CouponTaken:       "coupon number is taken",
	UnknownCouponKind: "kind of coupon is unknown",
	CouponKindOver:    "kind of coupon has ended",
	NoCouponStock:     "coupons of this kind are sold out",
	WalletFull:        "card has too many coupons",
	CouponNotFound:    "coupon not found",
	CouponTwice:       "coupon is named twice",
	CouponIsUsed:      "coupon was already used",
	CouponIsVoid:      "coupon is void",
	CouponIsExpired:   "coupon has expired",
	CouponNotYet:      "coupon is not good yet",
	CouponNotHere:     "coupon is not good in this shop",
	CouponNeedsBill:   "bill is too low for the coupon",
	TooManyCoupons:    "too many coupons on a bill",
	CouponAlone:       "coupon may not be combined with others",
	NoRecharge:        "cards of the level cannot be recharged",
	NoRenewal:         "level has no such renewal",
	NeverExpires:      "card has no last good day",
	BonusTooHigh:      "bonus is more than the rules give",
	BadClaimedTime:    "time it was done is not allowed",
	InvoiceTooMuch:    "amount is more than may be invoiced",
	InvoicedMoney:     "the money was invoiced: reverse the invoice first, on the card that got it",
	NoAccount:         "level has no house account",
	OverAccountLimit:  "amount is more than may be charged to the account",
	OverAccountCount:  "card has charged as many bills to its account as it may",
	NoBinding:         "cards of the kind cannot be bound to a phone",
	BindingOver:       "binding was used or has ended",
	PointsPledged:     "card owes points: money of their worth must stay on it",
	SettingsMoved:     "somebody else changed the settings meanwhile",
	BadSettings:       "settings are not allowed",
	GUIDTaken:         "GUID is taken",
	CardAlike:         "card number differs from another card's in leading zeros only",
	ShopEnded:         "shop has ended",
	NotAllowed:        "person may not do that",
	QuoteMoved:        "it would do something else than was shown",
	NeedsSecondPerson: "second person is needed above this amount",
	ShiftMoved:        "another shift was closed meanwhile",
	RenewedSince:      "card was renewed since: undo its newest renewal first",
	CardWasUsed:       "card was used since it was opened",
	CouponDayOver:     "coupon's last day has passed",
	ShiftIsOff:        "what was counted differs, and no note says why",
	MoneyHeld:         "money is held",
	NoHold:            "hold not found",
	BadHoldEnd:        "end of the hold is not allowed",
	TooManyHolds:      "card has too many holds",
	HeldTooLittle:     "amount is more than is held",
	HoldIsCaptured:    "hold was captured",
	HoldIsReleased:    "hold was released",
	HoldIsExpired:     "hold has expired",

	PasswordNeeded:  "card's password is needed",
	PasswordWrong:   "card's password is wrong",
	TooManyTries:    "card's password was wrong too often here",
	PasswordLocked:  "card's password was wrong too often: a new one must be set",
	PasswordWeak:    "password is too easily guessed",
	CodeNeeded:      "code sent to the holder is needed",
	CodeWrong:       "code is wrong",
	CodeOver:        "code is no longer valid",
	CodeNotNeeded:   "no code is needed",
	TooManyCodes:    "too many codes were sent to the card",
	NoRecipient:     "holder has no phone or open id to send a code to",
	NoSender:        "no sender of codes is set up",
	MemberCodeWrong: "member code is not valid",
	MemberCodeUsed:  "member code was already used",
	TooManyMisses:   "too many wrong guesses",
}
