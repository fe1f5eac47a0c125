package console

import (
	"strconv"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// acts are all that people do to a card, in the order in which they are offered.
var acts = []*act{
	{
		daily: true, name: "recharge", title: text{"充值", "Recharge"}, needs: ledger.MayRecharge, make: (*asked).recharge,
		fields: []field{fAmount, {name: "paytype", label: wPayType, kind: inPayType, need: true}, fNote},
		fits: func(c *ledger.Card, m *ledger.Merchant) bool {
			return c.Status == ledger.Active && !m.LevelOf(c).Rights.NoRecharge
		},
	},
	{
		daily: true, name: "consume", title: text{"消费", "Consume"}, needs: ledger.MayConsume, make: (*asked).consume,
		proves: true,
		fields: []field{
			{name: "amount", label: wBill, hint: text{"打折前的账单金额", "Before any discount"}, kind: inMoney, need: true},
			{name: "nodiscount", label: text{"其中不打折", "Part without discount"}, kind: inMoney},
			{name: "coupon", label: wCoupons, kind: inCoupons},
			{name: "points", label: text{"积分抵扣", "Points to pay with"}, kind: inCount},
			fNote,
		},
	},
	{
		name: "hold", title: text{"预留", "Hold an amount"}, needs: ledger.MayConsume, make: (*asked).hold, proves: true,
		help: text{
			"为将来的账单预留一笔钱：截止之前，别的业务都动不了",
			"Reserve an amount for a bill to come: until it ends, nothing else takes it",
		},
		fields: []field{
			fAmount, {
				name: "until", label: wHeldUntil, kind: inMoment,
				hint: text{"不填表示一天，最长 31 天", "Leave it empty for a day; 31 days at most"},
			}, fNote,
		},
		fits: func(c *ledger.Card, _ *ledger.Merchant) bool { return c.Status == ledger.Active && c.Available() > 0 },
	},
	{
		name: "capture-hold", title: text{"预留扣款", "Capture what is held"}, needs: ledger.MayConsume,
		make: (*asked).captureHold,
		fields: []field{
			{name: "entry", label: text{"预留记录号", "Number of the hold's entry"}, kind: inCount, need: true}, {
				name: "amount", label: text{"扣款金额", "Amount"}, kind: inMoney,
				hint: text{
					"不填表示全部扣款。按此金额收取，不再打折",
					"Leave it empty for all that is held. It is what is paid: no discount is taken off it",
				},
			}, {
				name: "keep", label: text{"剩余继续预留", "Keep the rest held"}, kind: inYesNo,
				hint: text{"否则剩余部分解除预留", "Otherwise the rest is free again"},
			}, fNote,
		},
		fits: func(c *ledger.Card, _ *ledger.Merchant) bool { return c.Status == ledger.Active && c.Held() > 0 },
	},
	{
		name: "release-hold", title: text{"解除预留", "Release what is held"}, needs: ledger.MayConsume,
		make: (*asked).releaseHold,
		fields: []field{
			{name: "entry", label: text{"预留记录号", "Number of the hold's entry"}, kind: inCount, need: true}, fWhy,
		},
		fits: func(c *ledger.Card, _ *ledger.Merchant) bool { return c.Held() > 0 },
	},
	{
		name: "refund", title: text{"消费退款", "Refund"}, needs: ledger.MayRefund, make: (*asked).refund, harsh: true,
		help: text{"在流水里选择要退的消费", "Choose the bill in the history"}, fits: inUse,
		fields: []field{
			{name: "entry", label: text{"消费记录号", "Number of the bill's entry"}, kind: inCount, need: true},
			{
				name: "amount", label: text{"退款金额", "Amount"}, kind: inMoney,
				hint: text{"不填表示全部退回，包括券和积分", "Leave it empty to refund all of it, coupons and points included"},
			},
			fWhy,
		},
	},
	{
		name: "reverse", title: text{"充值撤销", "Reverse a recharge"}, needs: ledger.MayRefund, make: (*asked).reverse,
		harsh: true, help: text{"在流水里选择要撤销的充值", "Choose the recharge in the history"}, fits: inUse,
		fields: []field{
			{name: "entry", label: text{"充值记录号", "Number of the recharge's entry"}, kind: inCount, need: true}, fWhy,
		},
	},
	{
		name: "use-points", title: text{"积分消费", "Use points"}, needs: ledger.MayPoints, make: (*asked).usePoints,
		proves: true, fields: []field{fPoints},
		fits: func(c *ledger.Card, _ *ledger.Merchant) bool { return c.Status == ledger.Active && c.Points > 0 },
	},
	{
		name: "adjust-points", title: text{"积分调整", "Adjust points"}, needs: ledger.MayAdjust, make: (*asked).adjustPoints,
		fields: []field{
			{
				name: "points", label: wPoints, kind: inCount, need: true,
				hint: text{"负数表示扣减", "A negative number takes"},
			}, fWhy,
		},
	},
	{
		name: "give-bonus", title: text{"手工赠送", "Give bonus"}, needs: ledger.MayAdjust, make: (*asked).giveBonus,
		help: text{
			"不充值也赠送，例如致歉；提现时不收回",
			"Bonus for no recharge, to say sorry for instance; it stays when money is withdrawn",
		},
		fields: []field{
			fAmount, {
				name: "until", label: wExpires, kind: inDate,
				hint: text{"不填表示和充值赠送一样", "Leave it empty for as long as a recharge's bonus is good"},
			}, {name: "note", label: text{"原因", "Why"}, need: true},
		},
	},
	{
		name: "coupons", title: text{"发券", "Send coupons"}, needs: ledger.MayCoupons, make: (*asked).sendCoupons,
		fields: []field{
			{name: "kind", label: text{"券", "Kind"}, kind: inCouponKind, need: true},
			{name: "count", label: text{"张数", "How many"}, kind: inCount, need: true, from: one}, fSubject,
		},
		fits: func(c *ledger.Card, m *ledger.Merchant) bool {
			return c.Status == ledger.Active && len(m.CouponKinds) > 0
		},
	},
	{
		name: "void-coupon", title: text{"作废优惠券", "Take a coupon back"}, needs: ledger.MayCoupons,
		make: (*asked).voidCoupon, harsh: true, fits: inUse,
		fields: []field{{name: "coupon", label: text{"券编号", "Coupon"}, kind: inCount, need: true}, fWhy},
	},
	{
		name: "transfer", title: text{"转账", "Transfer"}, needs: ledger.MayTransfer, make: (*asked).transfer, harsh: true,
		help:   text{"本金转到另一张卡，赠送按比例同去", "Principal goes to another card, and the bonus given for it along"},
		fields: []field{{name: "to", label: wOtherCard, need: true}, fAmount}, fits: hasMoney,
	},
	{
		name: "merge", title: text{"并卡", "Merge into another card"}, needs: ledger.MayTransfer, make: (*asked).merge,
		harsh: true,
		help: text{
			"本金、赠送、积分、优惠券和可开票金额全部转到另一张卡，这张卡永久关闭；它的消费和充值以后不能再退",
			"Principal, bonus, points, coupons and what may be invoiced go to another card, and this one is closed for good; " +
				"what was paid with it cannot be refunded from then on",
		},
		fields: []field{{name: "to", label: wOtherCard, need: true}},
	},
	{
		name: "withdraw", title: text{"提现", "Withdraw"}, needs: ledger.MayCashOut, make: (*asked).withdraw, harsh: true,
		help:   text{"付给会员的是本金；相应的赠送收回", "Principal is paid out; the bonus given for it is taken back"},
		fields: []field{fAmount, fPaidBy}, fits: hasMoney,
	},
	{
		name: "charge", title: text{"签单", "Charge to account"}, needs: ledger.MayConsume, make: (*asked).charge,
		proves: true, fields: []field{fAmount, fNote},
		fits: func(c *ledger.Card, m *ledger.Merchant) bool {
			return c.Status == ledger.Active && m.LevelOf(c).Rights.Account.ID != 0
		},
	},
	{
		name: "refund-charge", title: text{"签单撤销", "Refund a charge"}, needs: ledger.MayRefund,
		make: (*asked).refundCharge, harsh: true,
		fields: []field{
			{name: "entry", label: text{"签单记录号", "Number of the charge's entry"}, kind: inCount, need: true}, fWhy,
		},
		fits: func(c *ledger.Card, _ *ledger.Merchant) bool { return c.Charges.Bills > 0 },
	},
	{
		name: "invoice", title: text{"开票", "Invoice"}, needs: ledger.MayRecharge, make: (*asked).invoice,
		fields: []field{{
			name: "amount", label: wAmount, kind: inMoney, need: true,
			from: func(c *ledger.Card) string { return c.Invoiceable.String() },
		}, fNote},
		fits: func(c *ledger.Card, _ *ledger.Merchant) bool { return c.Invoiceable > 0 },
	},
	{
		name: "reverse-invoice", title: text{"发票冲红", "Reverse an invoice"}, needs: ledger.MayRefund,
		make: (*asked).reverseInvoice, harsh: true, fits: inUse,
		fields: []field{
			{name: "entry", label: text{"开票记录号", "Number of the invoice's entry"}, kind: inCount, need: true}, fWhy,
		},
	},
	{
		name: "renew", title: text{"续费", "Renew"}, needs: ledger.MayConsume, make: (*asked).renew, proves: true,
		fields: []field{{name: "months", label: text{"续费方案", "Renewal"}, kind: inRenewal, need: true}},
		fits: func(c *ledger.Card, m *ledger.Merchant) bool {
			return c.Status == ledger.Active && c.Expires != 0 && len(m.LevelOf(c).Rights.Renewals) > 0
		},
	},
	{
		name: "reverse-renewal", title: text{"续费撤销", "Undo a renewal"}, needs: ledger.MayRefund,
		make: (*asked).reverseRenewal, harsh: true,
		help: text{
			"只能撤销最近一次续费：费用退回卡内，有效期恢复到续费之前",
			"Only the newest renewal: its price goes back to the card, and its last good day is the one of before",
		},
		fields: []field{
			{name: "entry", label: text{"续费记录号", "Number of the renewal's entry"}, kind: inCount, need: true}, fWhy,
		},
		fits: func(c *ledger.Card, _ *ledger.Merchant) bool { return c.Status == ledger.Active && c.Expires != 0 },
	},
	{
		name: "level", title: text{"调整等级", "Change the level"}, needs: ledger.MayModify, make: (*asked).level,
		fields: []field{{
			name: "level", label: wLevel, kind: inLevel, need: true,
			from: func(c *ledger.Card) string { return strconv.FormatInt(int64(c.Level), 10) },
		}, fNote}, fits: inUse,
	},
	{
		name: "holder", title: text{"修改会员资料", "Change the holder"}, needs: ledger.MayModify, make: (*asked).holder,
		fields: holderFields, fits: inUse,
	},
	{
		name: "details", title: text{"修改卡资料", "Change the card's details"}, needs: ledger.MayModify,
		make: (*asked).details, fields: detailFields, fits: inUse,
	},
	{
		name: "password", title: text{"设置卡密码", "Set the card's password"}, needs: ledger.MayModify,
		make: (*asked).setPassword, fits: inUse,
		fields: []field{
			{
				name: "new", label: wCardPassword, kind: inPassword,
				hint: text{"4 到 32 位字母、数字或符号", "4 to 32 letters, digits or signs"},
			},
			{name: "again", label: wAgain, kind: inPassword},
			{name: "remove", label: text{"清除密码", "Remove the password"}, kind: inYesNo},
		},
	},
	{
		name: "credit", title: text{"信用额度", "Credit"}, needs: ledger.MayAdjust, make: (*asked).credit,
		help: text{"余额不足时最多可以透支的金额", "How far bills may take the card below zero"},
		fields: []field{{
			name: "amount", label: wAmount, kind: inMoney,
			from: func(c *ledger.Card) string { return c.Details.Credit.String() },
		}}, fits: inUse,
	},
	{
		name: "lost", title: text{"挂失", "Report lost"}, needs: ledger.MayLose, make: (*asked).lost,
		help: text{"挂失后卡不能使用，余额都保留", "The card cannot be used from then on; what is on it stays"},
		fits: in(ledger.Active),
	},
	{
		name: "found", title: text{"解挂", "Cancel the loss"}, needs: ledger.MayCancelLoss, make: (*asked).found,
		fits: in(ledger.Lost),
	},
	{
		name: "replace", title: text{"补卡换号", "Replace"}, needs: ledger.MayTransfer, make: (*asked).replace,
		help:   text{"余额、积分和券都到新卡号，旧卡号作废", "Everything is found under the new number; the old one is closed"},
		fields: []field{{name: "number", label: wNewNumber, hint: wNumberHelp, drawn: true}},
		fits:   in(ledger.Active, ledger.Lost),
	},
	{
		name: "stop", title: text{"停用", "Stop"}, needs: ledger.MayLose, make: (*asked).stop, fields: []field{fWhy},
		fits: in(ledger.Active),
	},
	{
		name: "resume", title: text{"恢复使用", "Resume"}, needs: ledger.MayCancelLoss, make: (*asked).resume,
		fields: []field{fWhy}, fits: in(ledger.Stopped),
	},
	{
		name: "return", title: text{"退卡", "Return"}, needs: ledger.MayCashOut, make: (*asked).giveBack, harsh: true,
		help:   text{"付清本金，赠送、积分和券作废，卡永久关闭", "Principal is paid out, all else is void, and the card is closed for good"},
		fields: []field{fPaidBy},
	},
}

// Fields that several acts have.
var (
	fAmount  = field{name: "amount", label: wAmount, kind: inMoney, need: true}
	fPoints  = field{name: "points", label: wPoints, kind: inCount, need: true}
	fPaidBy  = field{name: "paytype", label: wPayType, kind: inPayType, hint: wPaidByHelp}
	fNote    = field{name: "note", label: text{"备注", "Note"}}
	fWhy     = field{name: "note", label: text{"原因", "Why"}}
	fSubject = field{name: "note", label: text{"活动", "What for"}}
)

// holderFields are what people tell about a holder.
var holderFields = []field{
	{name: "name", label: wName, from: func(c *ledger.Card) string { return c.Holder.Name }},
	{
		name: "phone", label: text{"新手机号", "New phone"}, kind: inPhone,
		hint: wKeepsEmpty, masks: func(c *ledger.Card) string { return phrase.Masked(c.Holder.Phone) },
	},
	{name: "nophone", label: text{"清除手机号", "Clear the phone"}, kind: inYesNo},
	{
		name: "gender", label: wGender, kind: inGender,
		from: func(c *ledger.Card) string { return strconv.Itoa(c.Holder.Gender) },
	},
	{
		name: "birthday", label: wBirthday, kind: inDate,
		from: func(c *ledger.Card) string { return c.Holder.Birthday.String() },
	},
}

// detailFields are facts about a card that are no money.
var detailFields = []field{
	{name: "referrer", label: wReferrer, from: func(c *ledger.Card) string { return c.Details.Referrer }},
	{name: "remarks", label: wRemarks, from: func(c *ledger.Card) string { return c.Details.Remarks }},
	{name: "physical", label: wPhysical, from: func(c *ledger.Card) string {
		return c.Details.Physical.No
	}},
	{
		name: "idnumber", label: text{"新证件号", "New identity number"},
		hint: wKeepsEmpty, masks: func(c *ledger.Card) string { return phrase.Masked(c.Details.IDNumber) },
	},
	{name: "noidnumber", label: text{"清除证件号", "Clear the identity number"}, kind: inYesNo},
}

func one(*ledger.Card) string { return "1" }

// in returns what fits cards of these statuses.
func in(statuses ...ledger.Status) func(*ledger.Card, *ledger.Merchant) bool {
	return func(c *ledger.Card, _ *ledger.Merchant) bool {
		for _, s := range statuses {
			if c.Status == s {
				return true
			}
		}
		return false
	}
}

// inUse fits cards that are not closed for good.
var inUse = in(ledger.Active, ledger.Lost, ledger.Stopped)

func hasMoney(c *ledger.Card, _ *ledger.Merchant) bool {
	return c.Status == ledger.Active && c.Principal > 0
}

func (a *asked) recharge() command.Command {
	return command.Recharge{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Amount: a.someMoney(),
		PayType: ledger.PayTypeID(a.id("paytype")), Note: a.value("note"),
	}
}

func (a *asked) consume() command.Command {
	bill := command.Consume{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Amount: a.fen("amount"), NoDiscount: a.fen("nodiscount"),
		Points: command.PointsOffered{Points: a.count("points")}, Proof: a.proof(), Note: a.value("note"),
	}
	for _, typed := range a.form["coupon"] {
		id, err := strconv.ParseInt(typed, 10, 64)
		if err != nil {
			a.bad("coupon", wChoose)
		}
		bill.Coupons = append(bill.Coupons, ledger.CouponID(id))
	}
	if bill.Amount == 0 && len(bill.Coupons) == 0 && a.faults["amount"] == (text{}) {
		a.bad("amount", wNoAmount)
	}
	return bill
}

func (a *asked) refund() command.Command {
	return command.RefundConsume{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Entry: ledger.EntryID(a.id("entry")),
		Amount: a.moneyOrAll(), Note: a.value("note"),
	}
}

func (a *asked) reverse() command.Command {
	return command.ReverseRecharge{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Entry: ledger.EntryID(a.id("entry")), Note: a.value("note"),
	}
}

func (a *asked) usePoints() command.Command {
	return command.UsePoints{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Points: a.count("points"), Proof: a.proof(),
	}
}

func (a *asked) adjustPoints() command.Command {
	return command.AdjustPoints{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Points: a.count("points"), Note: a.value("note"),
	}
}

func (a *asked) sendCoupons() command.Command {
	send := command.SendCoupons{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Kind: ledger.CouponKindID(a.id("kind")),
		Subject: a.value("note"),
	}
	n := a.count("count")
	if n < 1 || n > ledger.MaxSend {
		a.bad("count", wSendCount.with(ledger.MaxSend))
		return send
	}
	for range n {
		number, err := a.cfg.CouponNumber()
		if err != nil {
			panic(err) // the source of randomness is broken
		}
		send.Numbers = append(send.Numbers, number)
	}
	return send
}

func (a *asked) voidCoupon() command.Command {
	return command.VoidCoupon{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Coupon: ledger.CouponID(a.id("coupon")),
		Note: a.value("note"),
	}
}

func (a *asked) transfer() command.Command {
	return command.Transfer{
		Merchant: a.merchant.ID, By: a.by, From: a.card.Number, To: a.value("to"), Amount: a.someMoney(),
	}
}

func (a *asked) merge() command.Command {
	return command.Merge{Merchant: a.merchant.ID, By: a.by, From: a.card.Number, To: a.value("to")}
}

func (a *asked) giveBonus() command.Command {
	if a.value("note") == "" {
		a.bad("note", wSayWhy)
	}
	return command.GiveBonus{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Amount: a.someMoney(), Until: a.date("until"),
		Note: a.value("note"),
	}
}

func (a *asked) withdraw() command.Command {
	return command.Withdraw{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Amount: a.someMoney(), PayType: a.paidBy(),
	}
}

func (a *asked) charge() command.Command {
	return command.ChargeToAccount{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Amount: a.someMoney(), Proof: a.proof(),
		Note: a.value("note"),
	}
}

func (a *asked) refundCharge() command.Command {
	return command.RefundCharge{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Entry: ledger.EntryID(a.id("entry")), Note: a.value("note"),
	}
}

func (a *asked) invoice() command.Command {
	return command.Invoice{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Amount: a.someMoney(), Note: a.value("note"),
	}
}

func (a *asked) reverseInvoice() command.Command {
	return command.ReverseInvoice{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Entry: ledger.EntryID(a.id("entry")), Note: a.value("note"),
	}
}

func (a *asked) renew() command.Command {
	return command.Renew{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Months: int(a.id("months")), Proof: a.proof(),
	}
}

func (a *asked) reverseRenewal() command.Command {
	return command.ReverseRenewal{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Entry: ledger.EntryID(a.id("entry")), Note: a.value("note"),
	}
}

func (a *asked) level() command.Command {
	return command.ChangeLevel{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Level: ledger.LevelID(a.id("level")), Note: a.value("note"),
	}
}

func (a *asked) holder() command.Command {
	name := a.value("name")
	change := command.ModifyHolder{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Name: &name, IfChanged: true,
	}
	change.Phone = a.kept("phone", "nophone")
	if gender, err := strconv.Atoi(a.value("gender")); err == nil {
		change.Gender = &gender
	}
	birthday := a.date("birthday")
	change.Birthday = &birthday
	return change
}

func (a *asked) details() command.Command {
	referrer, remarks, physical := a.value("referrer"), a.value("remarks"), a.card.Details.Physical
	physical.No = a.value("physical")
	return command.ModifyDetails{
		Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Referrer: &referrer, Remarks: &remarks, Physical: &physical,
		IDNumber: a.kept("idnumber", "noidnumber"),
	}
}

// kept reads what is masked and so not sent to be changed: nil if it stays, "" if it is to be cleared.
func (a *asked) kept(name, no string) *string {
	typed, cleared := a.value(name), a.form.Get(no) == chosenYes
	switch {
	case cleared && typed != "":
		a.bad(no, wClearsOrNew)
	case !cleared && typed == "":
		return nil
	}
	return &typed
}

func (a *asked) setPassword() command.Command {
	remove, typed := a.form.Get("remove") == chosenYes, a.form.Get("new") != ""
	kept := a.newPassword(a.card.Number, a.card.Holder)
	switch {
	case remove && typed:
		a.bad("remove", wNotBoth)
	case remove && a.card.Details.Password == "":
		a.bad("remove", wHasNone)
	case !remove && !typed && len(a.faults) == 0:
		a.bad("new", wNoPassword)
	}
	return command.ModifyDetails{Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Password: &kept}
}

func (a *asked) credit() command.Command {
	amount := a.fen("amount")
	return command.ModifyDetails{Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Credit: &amount}
}

func (a *asked) lost() command.Command {
	return command.ReportLost{Merchant: a.merchant.ID, By: a.by, Card: a.card.Number}
}

func (a *asked) found() command.Command {
	return command.CancelLoss{Merchant: a.merchant.ID, By: a.by, Card: a.card.Number}
}

func (a *asked) replace() command.Command {
	return command.Replace{Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Number: a.value("number")}
}

func (a *asked) stop() command.Command {
	return command.Stop{Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Note: a.value("note")}
}

func (a *asked) resume() command.Command {
	return command.Resume{Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, Note: a.value("note")}
}

func (a *asked) giveBack() command.Command {
	return command.Return{Merchant: a.merchant.ID, By: a.by, Card: a.card.Number, PayType: a.paidBy()}
}
