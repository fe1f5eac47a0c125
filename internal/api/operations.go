package api

import (
	"net/http"

	"tongka/internal/ledger"
)

// register adds all operations, in the order in which they are described.
func (a *API) register() {
	a.registerCards()
	a.registerCardActs()
	a.registerMoney()
	a.registerPoints()
	a.registerRest()
	a.registerSettings()
	a.registerWebhooks()
	a.registerKeys()
	a.registerPeople()
	a.registerBooks()
	a.registerImports()
	a.registerExports()
	a.registerSeries()
}

// shownWhole is what holds where a card is shown by itself.
const shownWhole = "To a key with the permission `reveal` the phone is shown whole, and an entry of the card says so."

func (a *API) registerCards() {
	reads(a, operation{
		id: "listCards", path: "/cards", tag: "cards", needs: ledger.MayRead, summary: "List cards by number",
		about: "Cards that a filter chooses, in the order of their numbers. Phones are masked.",
	}, listCards)
	reads(a, operation{
		id: "lookupCards", path: "/cards/lookup", tag: "cards", needs: ledger.MayRead,
		summary: "Find cards by id, inner code, phone, open id or member code",
		about: "A member code is checked and not used up: the bill is paid with the same code. " + shownWhole +
			" One that was looked up by is known, and no entry is made of it.",
	}, lookupCards)
	reads(a, operation{
		id: "searchCards", path: "/cards/search", tag: "cards", needs: ledger.MayRead,
		summary: "Search cards by part of a number, a name or a phone",
		about: "A key that sees phones masked finds a card by its holder's whole phone, or by the part that is shown. " +
			"Phones are masked.",
	}, searchCards)
	reads(a, operation{
		id: "getCard", path: "/cards/{number}", tag: "cards", needs: ledger.MayRead, summary: "Get a card",
		about: "A number is found however its letters are written: one that is `lookup` or `search`, which are addresses " +
			"of their own, as `LOOKUP` or `SEARCH`. " + shownWhole,
	}, getCard)
	reads(a, operation{
		id: "getBalance", path: "/cards/{number}/balance", tag: "cards", needs: ledger.MayRead,
		summary: "Get what is on a card, lot by lot",
	}, getBalance)
	reads(a, operation{
		id: "listCardEntries", path: "/cards/{number}/entries", tag: "cards", needs: ledger.MayRead,
		summary: "List what was done with a card, the newest first",
	}, listCardEntries)
	reads(a, operation{
		id: "listCardCoupons", path: "/cards/{number}/coupons", tag: "coupons", needs: ledger.MayRead,
		summary: "List the coupons of a card",
	}, listCoupons)
}

func (a *API) registerCardActs() {
	acts(a, operation{
		id: "openCard", path: "/cards", tag: "cards", needs: ledger.MayOpen, summary: "Open a card",
		holder: "body.holder.",
	}, openCard)
	acts(a, operation{
		id: "changeHolder", method: http.MethodPatch, path: "/cards/{number}/holder", tag: "cards", needs: ledger.MayModify,
		summary: "Change what is known of a holder", holder: "body.",
	}, changeHolder)
	acts(a, operation{
		id: "changeDetails", method: http.MethodPatch, path: "/cards/{number}/details", tag: "cards",
		needs: ledger.MayModify, summary: "Change details of a card",
	}, changeDetails)
	acts(a, operation{
		id: "changeLevel", method: http.MethodPut, path: "/cards/{number}/level", tag: "cards", needs: ledger.MayModify,
		summary: "Give a card another level",
	}, changeLevel)
	acts(a, operation{
		id: "setPassword", method: http.MethodPut, path: "/cards/{number}/password", tag: "cards", needs: ledger.MayModify,
		summary: "Set the password of a card",
	}, setPassword)
	acts(a, operation{
		id: "setCredit", method: http.MethodPut, path: "/cards/{number}/credit", tag: "cards", needs: ledger.MayAdjust,
		summary: "Set how far bills may take a card below zero",
	}, setCredit)
	a.registerStatus()
	acts(a, operation{
		id: "replaceCard", path: "/cards/{number}/replace", tag: "cards", needs: ledger.MayTransfer,
		summary: "Give a card a new number", about: "The old number is closed, and everything is found under the new one.",
	}, replaceCard)
	acts(a, operation{
		id: "mergeCard", path: "/cards/{number}/merge", tag: "cards", needs: ledger.MayTransfer,
		summary: "Move all that is on a card to another, and close it",
	}, mergeCard)
	acts(a, operation{
		id: "renewCard", path: "/cards/{number}/renew", tag: "cards", needs: ledger.MayConsume,
		summary: "Extend the last good day of a card for money",
	}, renew)
	acts(a, operation{
		id: "sendCoupons", path: "/cards/{number}/coupons", tag: "coupons", needs: ledger.MayCoupons,
		summary: "Send coupons to a card",
	}, sendCoupons)
	acts(a, operation{
		id: "voidCoupon", path: "/cards/{number}/coupons/void", tag: "coupons", needs: ledger.MayCoupons,
		summary: "Take a coupon back",
	}, voidCoupon)
}

func (a *API) registerStatus() {
	acts(a, operation{
		id: "reportLost", path: "/cards/{number}/report-lost", tag: "cards", needs: ledger.MayLose,
		summary: "Report a card lost",
	}, status(reportLost))
	acts(a, operation{
		id: "cancelLoss", path: "/cards/{number}/cancel-loss", tag: "cards", needs: ledger.MayCancelLoss,
		summary: "Let a lost card be used again",
	}, status(cancelLoss))
	acts(a, operation{
		id: "stopCard", path: "/cards/{number}/stop", tag: "cards", needs: ledger.MayLose, summary: "Stop a card",
	}, status(stop))
	acts(a, operation{
		id: "resumeCard", path: "/cards/{number}/resume", tag: "cards", needs: ledger.MayCancelLoss,
		summary: "Let a stopped card be used again",
	}, status(resume))
	acts(a, operation{
		id: "returnCard", path: "/cards/{number}/return", tag: "cards", needs: ledger.MayCashOut,
		summary: "Pay out the principal of a card, and close it for good",
	}, giveBack)
}

func (a *API) registerMoney() {
	acts(a, operation{
		id: "recharge", path: "/recharges", tag: "money", needs: ledger.MayRecharge, summary: "Recharge a card",
		about: "The merchant's rules give bonus and points on top.",
	}, recharge)
	acts(a, operation{
		id: "reverseRecharge", path: "/recharge-reversals", tag: "money", needs: ledger.MayRefund,
		summary: "Take back what is left of a recharge",
		about:   "Named by its entry or by its request. All of it or nothing; what is left of it with `in_full` false.",
	}, reverseRecharge)
	asks(a, operation{
		id: "quote", path: "/quotes", tag: "money", needs: ledger.MayConsume, summary: "Ask what paying a bill would do",
		about: "Step by step and line by line, with a token by which exactly that is done. Nothing is reserved.",
	}, quote)
	acts(a, operation{
		id: "consume", path: "/consumes", tag: "money", needs: ledger.MayConsume, summary: "Pay a bill",
		most: 2 * maxBody, // a token has the whole bill, and is longer than that
		about: "By a quotation, or at once, with one card or several. What they cannot pay is left to be paid elsewhere if " +
			"the merchant allows it.",
	}, consume)
	a.registerHolds()
	acts(a, operation{
		id: "refund", path: "/refunds", tag: "money", needs: ledger.MayRefund, summary: "Refund a bill, in part or whole",
		about: "Money goes back to the lots that it came from, of several cards to the last that paid first.",
	}, refund)
	acts(a, operation{
		id: "transfer", path: "/transfers", tag: "money", needs: ledger.MayTransfer,
		summary: "Move principal to another card", about: "The bonus that was given for it goes along.",
	}, transfer)
	acts(a, operation{
		id: "withdraw", path: "/withdrawals", tag: "money", needs: ledger.MayCashOut,
		summary: "Pay principal out to the holder", about: "The bonus that was given for it is forfeited.",
	}, withdraw)
	acts(a, operation{
		id: "giveBonus", path: "/bonus-gifts", tag: "money", needs: ledger.MayAdjust,
		summary: "Give bonus that belongs to no recharge",
	}, giveBonus)
	acts(a, operation{
		id: "charge", path: "/account-charges", tag: "money", needs: ledger.MayConsume,
		summary: "Charge a bill to the house account of the card's level",
	}, charge)
	acts(a, operation{
		id: "refundCharge", path: "/account-charge-refunds", tag: "money", needs: ledger.MayRefund,
		summary: "Take back a bill that was charged to a house account",
	}, undo(refundCharge))
	acts(a, operation{
		id: "invoice", path: "/invoices", tag: "money", needs: ledger.MayRecharge,
		summary: "Note that money that was paid in was invoiced",
	}, invoice)
	acts(a, operation{
		id: "reverseInvoice", path: "/invoice-reversals", tag: "money", needs: ledger.MayRefund,
		summary: "Note that an invoice was reversed",
	}, undo(reverseInvoice))
	acts(a, operation{
		id: "reverseRenewal", path: "/renewal-reversals", tag: "cards", needs: ledger.MayRefund,
		summary: "Undo the newest renewal of a card",
		about:   "The price goes back to the lots that it came from, and the card is good as long as it was before.",
	}, undo(reverseRenewal))
}

func (a *API) registerPoints() {
	acts(a, operation{
		id: "usePoints", path: "/point-uses", tag: "points", needs: ledger.MayPoints, summary: "Use points",
	}, usePoints)
	acts(a, operation{
		id: "adjustPoints", path: "/point-adjustments", tag: "points", needs: ledger.MayAdjust,
		summary: "Give points or take them, by hand",
	}, adjustPoints)
}

// registerHolds adds what reserves amounts for bills to come.
func (a *API) registerHolds() {
	acts(a, operation{
		id: "placeHold", path: "/holds", tag: "money", needs: ledger.MayConsume,
		summary: "Reserve an amount on a card for a bill to come",
		about: "No other bill, and nothing else that takes money off the card, has it until it is captured or released, or " +
			"ends by itself. The holder agrees to it as to a bill. The id of the hold is that of the entry.",
	}, placeHold)
	reads(a, operation{
		id: "getHold", path: "/holds/{hold}", tag: "money", needs: ledger.MayRead,
		summary: "Get a hold, with what became of it",
	}, getHold)
	reads(a, operation{
		id: "listHolds", path: "/cards/{number}/holds", tag: "money", needs: ledger.MayRead,
		summary: "List what is held on a card",
	}, listHolds)
	acts(a, operation{
		id: "captureHold", path: "/holds/{hold}/capture", tag: "money", needs: ledger.MayConsume,
		summary: "Pay a bill out of a hold, in part or whole",
		about: "The amount is what is paid: the level's discount is not taken off it, and no coupons and no points pay. It " +
			"earns points and cash back like any bill, and is refunded like one.",
	}, captureHold)
	acts(a, operation{
		id: "releaseHold", path: "/holds/{hold}/release", tag: "money", needs: ledger.MayConsume,
		summary: "Set free what is held", about: "Also on a card that is lost, stopped or past its last good day.",
	}, releaseHold)
}

func (a *API) registerRest() {
	reads(a, operation{
		id: "listEntries", path: "/entries", tag: "journal", needs: ledger.MayReports,
		summary: "List the merchant's journal, in the order in which it was written",
		about: "A page says where to go on, also at its end: whoever asks again from there gets what was written since, " +
			"each entry once and none left out. A key of some shops gets what was done there.",
	}, listEntries)
	reads(a, operation{
		id: "getEntry", path: "/entries/{entry}", tag: "journal", needs: ledger.MayRead, summary: "Get an entry",
	}, getEntry)
	reads(a, operation{
		id: "listEvents", path: "/events", tag: "journal", needs: ledger.MayReports,
		summary: "List what happened, in the order in which it did",
		about: "Events are what webhooks get. A page says where to go on, also at its end: whoever asks again from there " +
			"gets what happened since, each event once and none left out, for as long as the books are kept. A key of some " +
			"shops gets what was done there.",
	}, listEvents)
	a.registerStream()
	reads(a, operation{
		id: "dayTotals", path: "/reports/days", tag: "journal", needs: ledger.MayReports,
		summary: "Get the totals of business days",
		about:   "By shop, operator, kind and pay type. They are added up behind the journal, and `through` says how far.",
	}, dayTotals)
	reads(a, operation{
		id: "settlement", path: "/reports/settlement", tag: "journal", needs: ledger.MayReports,
		summary: "Get what shops owe each other",
		about: "What was paid in at one shop and spent, refunded or paid out at another, principal and bonus apart. A key " +
			"of some shops gets what these have with others.",
	}, settlement)
	reads(a, operation{
		id: "liability", path: "/reports/liability", tag: "journal", needs: ledger.MayReports, whole: true,
		summary: "Get what the merchant owes to the holders of its cards",
	}, liability)
	reads(a, operation{
		id: "getRequest", path: "/requests/{id}", tag: "requests",
		summary: "Ask what became of a request, without doing it",
		about: "Only requests of the same key are found. One that was not carried out is not found; it may be under way " +
			"still, and sending it again with its Idempotency-Key is always safe.",
	}, getRequest)
	reads(a, operation{
		id: "getMerchant", path: "/merchant", tag: "merchant", summary: "Get the merchant of the key",
	}, getMerchant)
	reads(a, operation{id: "listShops", path: "/shops", tag: "merchant", summary: "List the shops"}, listShops)
	reads(a, operation{id: "listLevels", path: "/levels", tag: "merchant", summary: "List the levels"}, listLevels)
	reads(a, operation{id: "listRules", path: "/rules", tag: "merchant", summary: "List the recharge rules"}, listRules)
	reads(a, operation{
		id: "listPayTypes", path: "/pay-types", tag: "merchant", summary: "List the pay types",
	}, listPayTypes)
	reads(a, operation{
		id: "listCouponKinds", path: "/coupon-kinds", tag: "coupons", summary: "List the kinds of coupons",
	}, listCouponKinds)
}
