package console

import "tongka/internal/phrase"

// What the pages of cards say.
var (
	wCard         = text{"会员卡", "Card"}
	wCards        = text{"会员", "Cards"}
	wCardNumber   = text{"卡号", "Card"}
	wBalance      = text{"余额", "Balance"}
	wPrincipal    = text{"本金", "Principal"}
	wBonus        = text{"赠送", "Bonus"}
	wPoints       = text{"积分", "Points"}
	wPointsUnit   = text{"分", "points"}
	wLevel        = text{"等级", "Level"}
	wExpires      = text{"有效期至", "Good through"}
	wForever      = text{"长期", "No end"}
	wExpired      = text{"已过期", "Expired"}
	wPhone        = text{"手机", "Phone"}
	wCredit       = text{"信用额度", "Credit"}
	wRemarks      = text{"备注", "Remarks"}
	wPhysical     = text{"实体卡号", "Number of the physical card"}
	wReferrer     = text{"推荐人", "Referrer"}
	wInvoiceable  = text{"可开票金额", "May be invoiced"}
	wHeld         = text{"预留", "Held"}
	wHeldUntil    = text{"预留截止", "Held until"}
	wStillHeld    = text{"剩余预留", "Still held"}
	wWithCredit   = text{"（含信用额度 N）", " (with a credit of N)"}
	wAvailable    = text{"可用", "Available"}
	wCapture      = text{"扣款", "Capture"}
	wRelease      = text{"解除", "Release"}
	wCharged      = text{"签单金额", "Charged to account"}
	wOneBill      = text{"1 笔未撤销", "1 bill"}
	wManyBills    = text{"N 笔未撤销", "N bills"}
	wRefunded     = text{"已退款", "Refunded"}
	wLeftToRefund = text{"还可以退", "Left to refund"}
	wAllRefunded  = text{"这笔消费已全部退款", "All of the bill was refunded"}
	wCardPassword = text{"卡密码", "The card's password"}
	wNewOne       = text{"已更换", "Changed"}
	wCoupons      = text{"优惠券", "Coupons"}
	wHistory      = text{"流水", "History"}
	wNoHistory    = text{"还没有流水", "Nothing has happened yet"}
	wOlder        = text{"更早", "Older"}
	wNewest       = text{"最新", "Newest"}
	wWhen         = text{"时间", "When"}
	wWhere        = text{"门店", "Shop"}
	wWho          = text{"操作人", "By"}
	wChange       = text{"变动", "Balance change"}
	wVoid         = text{"作废", "Take back"}
	wCarriedOut   = text{"已办理", "Done"}
	wClosedEither = text{"已退卡或已并入其他卡", "Returned or merged"}
	wUndo         = text{"撤销", "Undo"}
	wRefund       = text{"退款", "Refund"}
	wSlip         = text{"小票", "Slip"}
	wPrint        = text{"打印", "Print"}
	wEntry        = text{"记录号", "Entry"}
	wAgent        = text{"代理商", "Agent"}
	wProposedBy   = text{"（申请人 N）", " (proposed by N)"}
	wHeadOffice   = text{"总部", "Head office"}
	wBill         = text{"账单金额", "Bill"}
	wPaidIn       = text{"实收", "Paid in"}
	wOtherCard    = text(phrase.OtherNumber)
	wNewNumber    = text(phrase.NewNumber)
	wAmount       = text{"金额", "Amount"}
	wPayType      = text{"支付方式", "Pay type"}
	wPaidByHelp   = text{"未注明的，交班时算作从钱箱付出的现金", "What is not stated, a shift counts as cash out of the till"}
	wNext         = text{"下一步", "Next"}
	wConfirm      = text{"确认办理", "Confirm"}
	wEdit         = text{"返回修改", "Change it"}
	wBefore       = text{"现在", "Now"}
	wThen         = text{"之后", "Then"}
	wNothing      = text{"没有变化", "Nothing would change"}
	wWouldBe      = text{"请核对。确认之前什么都不会改变。", "Look at it. Nothing changes before you confirm."}
	wChoose       = text{"请选择", "Choose one"}
	wNoAmount     = text{"请输入金额，例如 100 或 88.50", "Type an amount, like 100 or 88.50"}
	wSayWhy       = text{"请填写原因", "Say why"}
	wAmountLimit  = text{"金额须大于 0，不超过单笔上限 N", "Want an amount above 0 and of N at most"}
	wSendCount    = text{"请输入 1 至 N 的整数", "Type a whole number from 1 to N"}
	wNoCount      = text{"请输入整数", "Type a whole number"}
	wNoPassword   = text{"卡密码须为 4 到 32 位字母、数字或符号", "Want 4 to 32 letters, digits or signs"}
	wRemoved      = text{"清除密码", "Removed"}
	wNotBoth      = text{"清除密码时不要输入新密码", "Type no new password to remove the one of now"}
	wKeepsEmpty   = text{"不填表示不变", "Leave it empty to keep the one of now"}
	wClearsOrNew  = text{"清除时不要输入新的", "Type no new one to clear the one of now"}
	wHasNone      = text{"这张卡没有密码", "The card has no password"}
	wTypeAgain    = text{"页面已过期，请重新输入密码", "This page is too old: type the password again"}
	wWeakPassword = text{"这个密码太容易猜到", "The password is guessed first"}
	wHolderAsks   = text{"请会员输入卡密码", "The holder types the card's password"}
	wIfWanted     = text{"会员不在场时可以不填", "May be left empty if the holder is not there"}
	wGood         = text{"有效期", "Good through"}
	wBonusGood    = text{"赠送有效期至", "Bonus good through"}
	wLot          = text{"批次 N", "Lot N"}
	wLots         = text{"所用批次", "Lots"}
	wLotFrom      = text{"来自", "From"}
	wMadeOf       = text{"余额和积分明细", "What balance and points are made of"}
	wLostAsk      = text{
		"卡已挂失，不能办理业务。解挂或补卡请找店长或商户管理员",
		"The card was reported lost, and nothing is done with it. Ask the shop manager or the merchant's admin to cancel " +
			"the loss or to replace it",
	}
	wStoppedAsk = text{
		"卡已停用，不能办理业务。恢复使用请找店长或商户管理员",
		"The card is stopped, and nothing is done with it. Ask the shop manager or the merchant's admin to resume it",
	}
	wReplacedSee = text{
		"卡已换号，这个卡号已作废，业务在新卡号上办理", "The card was replaced and this number is closed: go on with the new one",
	}
	wClosedSee      = text{"这张卡已关闭，不能再办理业务", "The card is closed, and nothing is done with it any more"}
	wAmountTooLarge = text{"金额太大，最多 N", "The amount is too large: N at most"}
)
