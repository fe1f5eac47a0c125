package console

// What the pages of shifts say.
var (
	wShifts       = text{"交班", "Shifts"}
	wCloseShift   = text{"办理交班", "Close a shift"}
	wShiftSlip    = text{"交班单", "Shift slip"}
	wNoShifts     = text{"还没有交过班", "No shift was closed yet"}
	wWhose        = text{"谁的班", "Whose"}
	wWholeShop    = text{"整个门店", "The whole shop"}
	wCashType     = text{"现金是哪种", "Which is the cash"}
	wCashIs       = text{"钱箱里的是", "In the till"}
	wCounted      = text{"实点现金", "Cash counted"}
	wCountedHelp  = text{"点清钱箱里的现金，不含备用金", "What lies in the till, without the float"}
	wExpected     = text{"应有现金", "Cash expected"}
	wDifference   = text{"差额", "Difference"}
	wSince        = text{"起", "Since"}
	wBookBegin    = text{"开账", "the first entry"}
	wUntilNow     = text{"止", "Until"}
	wShiftSums    = text{"本班收款", "What was taken"}
	wNetTaken     = text{"净收", "Net"}
	wPaidOutCash  = text{"付给会员（现金）", "Paid to members, in cash"}
	wNotInTill    = text{"不在钱箱里的收款", "Taken, and not in the till"}
	wShiftCrossed = text{
		"的班已于 N 交过，其中包括这里的收款；同一笔现金不要交两次",
		"(shift) · closed at N, with money that is counted here too: hand the same cash over only once",
	}
	wNamesake = text{
		"同名操作员在收银机上收的款不在这里，只含在控制台办理的；可由店长按整个门店或该操作员交班",
		"What a till took under the same name is not here, which has what was done at the console only: the shop manager " +
			"can close the whole shop's shift, or that operator's",
	}
	wNothingTook = text{"这个班次没有收款", "Nothing was taken in this shift"}
	wNoMore      = text{"上次交班后还没有流水", "Nothing has happened since the last shift was closed"}
	wShiftNote   = text{"备注", "Remarks"}
	wSayWhyOff   = text{
		"实点与应有相差 N，请重新点清，或在备注里写明原因",
		"What was counted is off by N: count again, or say why in the remarks",
	}
	wShiftNoteHelp = text{"实点与应有不同时必填", "Needed where what was counted is not what is expected"}
	wShiftEntries  = text{"本班流水", "Its entries"}
	wHandedBy      = text{"办理人", "Closed by"}
	wSeeShifts     = text{"查看交班记录", "See all shifts"}
	wTypeCounted   = text{"请输入实点金额，例如 0 或 1288.50", "Type what was counted, like 0 or 1288.50"}
	wOlderShifts   = text{"更早的", "Earlier ones"}
	wExpectedOf    = text{"充值收的现金，减去撤销和付给会员的", "Cash paid in, less what was given back and paid out"}
)
