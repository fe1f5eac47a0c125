package ledger

// uses says of each kind of entry whether the card's holder uses his card by it: he is there, or asks for it himself.
// What the merchant does to a card while its holder stays away is no use, and neither is what sets right an earlier
// entry. A new kind needs a line here; another word for a kind there is takes a migration, as 0026 was one, or verify
// finds the cards of before wrong.
var uses = map[Kind]bool{
	Opened:       true, // also a card brought from another system, where nothing says when it was used there
	CardReturned: true,
	CardReplaced: true, // he gets the new card

	ReportedLost:  false, // by phone
	LossCancelled: false,
	CardStopped:   false,
	CardResumed:   false,

	Recharged:        true,
	RechargeReversed: false,
	BalanceOpened:    false,
	OpeningReversed:  false,
	Withdrawn:        true,
	TransferredOut:   true,
	TransferredIn:    false, // whoever sends it asks for it
	MergedOut:        true,
	MergedIn:         true, // both cards are one holder's
	BonusGiven:       false,
	AmountHeld:       true,
	HoldReleased:     false, // its capture is the bill

	Consumed:        true,
	ConsumeRefunded: false,
	CashedBack:      false, // by its bill
	BonusForfeited:  false,
	Renewed:         true,
	RenewalReversed: false,
	AccountCharged:  true,
	ChargeRefunded:  false,
	Invoiced:        false, // of bills there were
	InvoiceReversed: false,

	PointsUsed:     true,
	PointsAdjusted: false,
	LotsExpired:    false,
	ExpiryReversed: false,

	ExpirySet:      false,
	LevelChanged:   false,
	HolderModified: false,
	DetailsChanged: false,
	PhoneBound:     false, // at home, maybe

	CouponSent:    false,
	CouponVoided:  false,
	CouponExpired: false,

	ClockAccepted:   false,
	ClockTakenBack:  false,
	SettingsChanged: false,
	AgentChanged:    false,
	MerchantAdded:   false,
	PersonChanged:   false,
	DataShown:       false,
	DataExported:    false,
	HandedOver:      false,
	WebhookChanged:  false,
}

// Uses reports whether a holder uses his card by entries of the kind: see Card.Used.
func (k Kind) Uses() bool { return uses[k] }
