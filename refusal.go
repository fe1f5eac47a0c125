package tongka

// Refusal says that the rules do not allow a command. It is expected, and nothing was changed.
type Refusal struct {
	Reason Reason
	Detail string // what it is about, like a field or a card's number; may be empty
}

// Error is for logs; people's words are the dialect's.
func (r Refusal) Error() string {
	if r.Detail == "" {
		return r.Reason.String()
	}
	return r.Reason.String() + ": " + r.Detail
}

// refuse makes a Refusal. It answers error, so that it can be returned as it is.
func refuse(reason Reason, detail ...string) error {
	r := Refusal{Reason: reason}
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
	BadAmount                         // zero, negative or over the limit of one command
	BadDiscountable                   // negative or more than the bill
	BadScore                          // points: zero, or out of range
	BadNumber                         // a card number nobody may have
	BadHolder                         // a name, phone, gender or birthday nobody has; Detail names which
	BadExpiry                         // a last good day that has passed
	BadKind                           // a kind of card there is not
	BadDetails                        // facts no card can have; Detail names the field of Details, like "extid"
	BadCount                          // too many cards to issue at once, or none
	UnknownLevel                      //
	UnknownPayType                    //
	SameCard                          // both sides of a transfer or a replacement are one card
	CardNotFound                      // Detail is the number
	CardTaken                         // the number is or was another card's
	ExtIDTaken                        // the inner code is another card's; Detail is the code
	CardIsLost                        //
	CardIsReturned                    //
	CardIsReplaced                    //
	CardIsStopped                     //
	CardIsExpired                     //
	CardNotLost                       // nothing to un-lose
	CardNotStopped                    // nothing to resume
	CardNotEmpty                      // an opening balance goes on a card that was just opened
	EntryNotFound                     // the entry to undo is not on this card
	NotReversible                     // an entry of this kind cannot be undone
	AlreadyReversed                   // undone before, whole
	RefundTooMuch                     // more than is left of the bill
	NothingLeft                       // nothing of that recharge is left to take back
	NothingExpired                    //
	BalanceTooHigh                    // the card would hold more than the merchant allows
	ShortBalance                      // not enough money on the card
	ShortPoints                       // not enough points on the card
)

// Reasons are all of them, for tables that must be complete.
func Reasons() []Reason {
	all := make([]Reason, 0, ShortPoints)
	for r := LicenceOver; r <= ShortPoints; r++ {
		all = append(all, r)
	}
	return all
}

// String is the reason in English.
func (r Reason) String() string { return reasonNames[r] }

var reasonNames = map[Reason]string{
	LicenceOver:     "licence is over",
	RequestReused:   "request id was used for something else",
	BadAmount:       "amount is not allowed",
	BadDiscountable: "discountable part is not allowed",
	BadScore:        "number of points is not allowed",
	BadNumber:       "card number is not allowed",
	BadHolder:       "holder's data is not allowed",
	BadExpiry:       "expiry day has passed",
	BadKind:         "kind of card is unknown",
	BadDetails:      "card's details are not allowed",
	BadCount:        "number of cards is not allowed",
	UnknownLevel:    "level is unknown",
	UnknownPayType:  "pay type is unknown",
	SameCard:        "both cards are the same",
	CardNotFound:    "card not found",
	CardTaken:       "card number is taken",
	ExtIDTaken:      "inner code is taken",
	CardIsLost:      "card is lost",
	CardIsReturned:  "card is returned",
	CardIsReplaced:  "card is replaced",
	CardIsStopped:   "card is stopped",
	CardIsExpired:   "card is expired",
	CardNotLost:     "card is not lost",
	CardNotStopped:  "card is not stopped",
	CardNotEmpty:    "card was used before",
	EntryNotFound:   "entry not found",
	NotReversible:   "entry cannot be undone",
	AlreadyReversed: "entry was undone before",
	RefundTooMuch:   "refund is more than is left of the bill",
	NothingLeft:     "nothing is left of the recharge",
	NothingExpired:  "nothing has expired",
	BalanceTooHigh:  "balance would be too high",
	ShortBalance:    "balance is too low",
	ShortPoints:     "points are too low",
}
