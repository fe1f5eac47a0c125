package console

import "time"

// What Today and the reports say.
var (
	wReports      = text{"报表", "Reports"}
	wYesterday    = text{"昨日", "Yesterday"}
	wThisWeek     = text{"本周", "This week"}
	wThisMonth    = text{"本月", "This month"}
	wLastMonth    = text{"上月", "Last month"}
	wPeriod       = text{"期间", "Period"}
	wFromDay      = text{"从", "From"}
	wToDay        = text{"到", "To"}
	wShow         = text{"查看", "Show"}
	wFromBehindTo = text{"开始日期不能晚于结束日期", "The first day is behind the last"}
	wPeriodLong   = text{"一次最多看 N 天", "Want N days at most"}
	wAllIHave     = text{"全部门店", "All shops"}
	wMyShops      = text{"我的门店", "My shops"}

	wUpToDate    = text{"已计入全部流水", "Everything up to now is counted"}
	wBehind      = text{"还有 N 笔流水没有计入，稍后刷新", "N entries are not counted yet: look again in a moment"}
	wBehindOne   = text{"还有 1 笔流水没有计入，稍后刷新", "1 entry is not counted yet: look again in a moment"}
	wFoldedAnew  = text{"营业日的划分改过，正在重新汇总", "The business day has changed: figures are being added up anew"}
	wNoFigures   = text{"这段时间没有流水", "Nothing happened in these days"}
	wMoreRows    = text{"只显示前 N 行，请下载查看全部", "The first N lines are shown: download the file to see all"}
	wSum         = text{"合计", "Total"}
	wDownload    = text{"下载", "Download"}
	wOpenReport  = text{"查看报表", "Open"}
	wNothingHere = text{"没有您可以看的报表", "There is no report for you"}
	wNotStated   = text{"未注明", "Not stated"}

	wDay         = text{"日期", "Day"}
	wOperator    = text{"操作人", "Operator"}
	wAtTill      = text{"N（收银机）", "N (at a till)"}
	wRecharges   = text{"充值", "Recharged"}
	wTimes       = text{"笔数", "Count"}
	wRefunds     = text{"退款", "Refunded"}
	wSales       = text{"消费", "Consumed"}
	wNewCards    = text{"新卡", "New cards"}
	wPointsMoved = text{"积分变动", "Points"}
	wPaidBack    = text{"充值撤销", "Reversed"}
	wPaidToAll   = text{"付给会员", "Paid out"}
	wTaken       = text{"净收款", "Net taken"}
	wGivenBon    = text{"充值赠送", "Bonus given"}
	wBills       = text{"账单笔数", "Bills"}
	wBilled      = text{"账单金额", "Billed"}
	wSold        = text{"应付金额", "After discounts"}
	wOff         = text{"折扣与抵扣", "Discounts"}
	wCardPaid    = text{"卡付", "Paid by cards"}
	wGross       = text{"金额", "Gross"}
	wNet         = text{"净额", "Net"}
	wTopUps      = text{"充值笔数", "Recharges"}

	wOwed         = text{"对会员的负债", "Owed to members"}
	wOwedMoney    = text{"卡内余额", "On cards"}
	wOwedPoints   = text{"积分", "Points"}
	wPrincipalBy  = text{"本金变动", "Change of principal"}
	wBonusBy      = text{"赠送变动", "Bonus by"}
	wPointsBy     = text{"积分变动", "Points by"}
	wCause        = text{"业务", "What"}
	wCashBack     = text{"返现", "Cash back"}
	wByHand       = text{"手工赠送", "Given by hand"}
	wLapsed       = text{"到期与收回", "Expired, taken back"}
	wGiftCost     = text{"赠送净成本", "Bonus, net"}
	wByBills      = text{"消费与退款", "Bills and refunds"}
	wByRules      = text{"充值赠送", "With recharges"}
	wPointsUsed   = text{"积分消费", "Used"}
	wAdjusted     = text{"人工调整", "Adjusted"}
	wPointsLapsed = text{"到期", "Expired"}
	wOthers       = text{"其他", "Other"}
	wReturned     = text{"退卡", "Returned"}
	wMergedOnes   = text{"并卡", "Merged"}
	wReplacedOnes = text{"换卡", "Replaced"}
	wLostOnes     = text{"挂失", "Lost"}
	wFoundOnes    = text{"解挂", "Loss cancelled"}
	wStoppedOnes  = text{"停用", "Stopped"}
	wResumedOnes  = text{"恢复", "Resumed"}
	wLevelMoves   = text{"等级变更", "Level moves"}
	wRenewals     = text{"续费", "Renewed"}
	wSpentPrin    = text{"消费本金", "Principal spent"}
	wSpentBonus   = text{"消费赠送", "Bonus spent"}
	wPosition     = text{"收款减消费本金", "Taken less spent"}

	wByShop     = text{"按门店", "By shop"}
	wByOperator = text{"按操作人", "By operator"}
	wByPayType  = text{"按支付方式", "By pay type"}
	wByDay      = text{"按日", "By day"}
	wByKind     = text{"按业务", "By what was done"}

	wEntries    = text{"流水", "Entries"}
	wNotSoFar   = text{"到这里还没有，后面的还没有看", "None so far: those behind were not looked at yet"}
	wSeeEntries = text{"查看流水", "See the entries"}
	wLaterOnes  = text{"下一页", "Next page"}
	wAttention  = text{"需要留意", "Needs attention"}
	wAllWell    = text{"没有需要留意的事", "Nothing needs attention"}
	wLast30     = text{"近 30 天", "The last 30 days"}
	wFiguresOf  = text{"数据表", "The figures"}
	wScanFirst  = text{"扫卡或输入完整卡号，再选择充值或消费", "Scan a card or type its whole number, then choose what to do"}
	wSearchCard = text{"卡号、姓名、拼音首字母或手机", "Card number, name, initials or phone"}
	wSearch     = text{"查找", "Find"}
)

// lastWeekday are the days of last week.
var lastWeekday = map[time.Weekday]text{
	time.Monday: {"上周一", "Last Monday"}, time.Tuesday: {"上周二", "Last Tuesday"},
	time.Wednesday: {"上周三", "Last Wednesday"}, time.Thursday: {"上周四", "Last Thursday"},
	time.Friday: {"上周五", "Last Friday"}, time.Saturday: {"上周六", "Last Saturday"}, time.Sunday: {"上周日", "Last Sunday"},
}
