package console

import "tongka/internal/ledger"

// What the pages of settings say.
var (
	wRules       = text{"规则", "Rules"}
	wRulesHelp   = text{"每次修改都会留下版本，可以查看和恢复。", "Each change is kept as a version that can be brought back."}
	wItemName    = text{"名称", "Name"}
	wInYuan      = text{"元", "yuan"}
	wPercent     = text{"%", "%"}
	wIsSo        = text{"是", "Yes"}
	wMonths      = text{"N 个月", "N months"}
	wNoLimit     = text{"不填表示不限", "Leave it empty if there is no limit"}
	wListPlace   = text{"排列顺序", "Place in the list"}
	wComesTo     = text{"效果", "What it comes to"}
	wComesHelp   = text{"按页面上的内容计算，还没有保存的也算", "By what stands on this page, saved or not"}
	wNoneYet     = text{"还没有", "There are none yet"}
	wHasEnded    = text{"已结束", "Ended"}
	wSentToday   = text{"今天发的券", "One that is sent today"}
	wThingAdded  = text{"新增", "Added"}
	wTakenOut    = text{"去掉", "Taken out"}
	wLicenceEnd  = text{"授权到期", "Last day of the licence"}
	wIDNumber    = text{"编号", "Number"}
	wAllOf       = text{"返回列表", "Back to the list"}
	wBadText     = text{"太长了，或者有不能用的字符", "It is too long, or has characters that cannot stand there"}
	wNeeded      = text{"请填写", "It is needed"}
	wNoShare     = text{"请输入百分数，例如 80 或 87.5", "Type a percentage, like 80 or 87.5"}
	wTenthsMeant = text{
		"付款比例不能低于 10%：打八折请填 80，不是 8",
		"A level pays 10 percent at least: for 20 percent off type 80, not 8",
	}
	wNoRate     = text{"请输入数字，最多四位小数，例如 1 或 0.5", "Type a number with at most four decimals, like 1 or 0.5"}
	wNoZone     = text{"没有这个时区", "There is no such time zone"}
	wNoRenewal  = text{"每个方案都要填月数和价格", "Each renewal needs months and a price"}
	wNoPlace    = text{"没有这个位置", "There is no such place in the list"}
	wNameTwice  = text{"已经有同名的了", "There is another of this name"}
	wOtherFault = text{"其他设置有问题，不能保存：", "It cannot be saved for another setting: "}
	wMoved      = text{
		"您打开以后，其他人修改了设置。您填的内容还在，请看看改了什么，再决定是否保存。",
		"Somebody has changed the settings since you opened this. What you typed is still here: see what was changed, " +
			"and decide again.",
	}
	wMovedBy     = text{"修改人", "Changed by"}
	wSettingName = text{"设置", "Setting"}
	wWasBefore   = text{"原来", "Before"}
	wIsMonths    = text{"月数", "Months"}
	wIsPrice     = text{"价格", "Price"}

	wVersions     = text{"修改记录", "Versions"}
	wVersion      = text{"版本", "Version"}
	wVersionsHelp = text{"谁在什么时候改了什么", "Who changed what, and when"}
	wNoVersions   = text{"还没有修改过", "Nothing has been changed yet"}
	wWhatChanged  = text{"改了什么", "What was changed"}
	wAsAdded      = text{"商户添加时的设置", "As the merchant was added"}
	wOfNow        = text{"当前", "In force"}
	wCameFrom     = text{"来源", "From where"}
	wAllSettings  = text{"全部内容", "All of it"}
	wBringBack    = text{"恢复这个版本", "Bring this version back"}
	wWouldChange  = text{
		"恢复后会有这些变化。之后新增的规则和支付方式会结束，其他新增的保留；授权到期日不变。",
		"This is what would change. Rules and pay types added since are ended, and whatever else was added stays, as does " +
			"the last day of the licence.",
	}
	wBeforeUnknown = text{
		"此前的设置没有记录，不知道改了什么", "The settings of before are not on record, so it is not known what was changed",
	}
	wSameAsNow   = text{"和当前的设置一样", "It is the same as the settings in force"}
	wBroughtBack = text{"恢复版本 ", "Brought back: version "}
)

var spendOrders = map[ledger.SpendOrder]text{
	ledger.Proportional:   {"本金和赠送按比例", "Principal and bonus in proportion"},
	ledger.BonusFirst:     {"先扣赠送", "Bonus first"},
	ledger.PrincipalFirst: {"先扣本金", "Principal first"},
}

var ruleKinds = map[ledger.RuleKind]text{
	ledger.EachTime:   {"每次充值", "Each recharge"},
	ledger.Percent:    {"按比例", "A share of what is paid"},
	ledger.FromAmount: {"满额", "From a threshold"},
}

var couponTypes = map[ledger.CouponType]text{
	ledger.CashCoupon:    {"代金券", "Cash"},
	ledger.GoodsCoupon:   {"兑换券", "Goods"},
	ledger.PercentCoupon: {"折扣券", "Percent"},
}

// settingFaults is what is wrong with a field that the core refuses, by page and field.
var settingFaults = map[string]text{
	"levels.name":           {"请填写名称", "It needs a name"},
	"levels.discount":       {"付款比例要大于 0，最多 100", "Want more than 0 and at most 100"},
	"levels.earn":           {"要在 0 到 999.9999 之间", "Want 0 to 999.9999"},
	"levels.cash_back_each": {"每满和返要一起填，返的不能超过每满的金额", "Want both amounts, and no more given back than paid"},
	"levels.renewals": {
		"每个方案都要有价格和 1 到 120 个月，月数不能重复，最多 20 个",
		"Each needs a price and 1 to 120 months, no months twice, and 20 at most",
	},
	"levels.account_id": {
		"签单账户要有编号和名称，每单上限不能超过总额上限",
		"A house account needs a number and a name, and one bill no more than the most a card charges",
	},
	"recharge.name": {"请填写名称", "It needs a name"},
	"recharge.kind": {"请选择种类", "Choose a kind"},
	"recharge.threshold": {
		"满额规则要填金额，不能是 0 或 1 元；其他规则不填",
		"Rules with a threshold need an amount other than 0 and 1, and others have none",
	},
	"recharge.add_money": {"每次和满额规则要送金额或积分，不能送比例", "Such a rule gives money or points, and no share"},
	"recharge.add_rate": {
		"按比例规则要填 100 以内的比例，不填金额",
		"A rule with a share needs one of at most 100, and gives no money besides",
	},
	"recharge.add_points": {"积分太多了", "These are too many points"},
	"recharge.last":       {"结束日期早于开始日期", "The last day comes before the first"},
	"recharge.until":      {"结束时间要和开始时间不同", "It must not end at the time at which it begins"},

	"points.points_ratio": {"要在 0 到 100000 之间", "Want 0 to 100000"},
	"points.points_days":  {"要在 0 到 100000 天之间", "Want 0 to 100000 days"},
	"points.bonus_days":   {"要在 0 到 100000 天之间", "Want 0 to 100000 days"},
	"points.policy":       {"请选择", "Choose one"},

	"coupons.name":    {"请填写名称，最多 64 个字", "It needs a name of at most 64 characters"},
	"coupons.type":    {"请选择种类", "Choose a kind"},
	"coupons.face":    {"代金券要填面额，其他券不填", "A cash coupon pays an amount, and others none"},
	"coupons.off":     {"折扣券要填 100 以内的比例，其他券不填", "A percent coupon takes off at most 100, and others nothing"},
	"coupons.max_off": {"只有折扣券有最多减", "Only a percent coupon has it"},
	"coupons.least":   {"金额太大", "The amount is too large"},
	"coupons.max_use": {"张数太多", "These are too many"},
	"coupons.grace":   {"天数太多", "These are too many days"},
	"coupons.end":     {"末日早于首日", "The last day comes before the first"},
	"coupons.days":    {"末日和有效天数只能填一个", "Want the last day or the days, not both"},
	"coupons.stock":   {"张数太多", "These are too many"},
	"coupons.info":    {"最多 200 个字，不能换行", "Want at most 200 characters in one line"},
	"coupons.shops":   {"没有这个门店", "There is no such shop"},

	"pay-types.name": {"请填写名称", "It needs a name"},
	"pay-types.code": {
		"最多 16 个小写字母或数字，不能和其他支付方式相同",
		"Want at most 16 letters from a to z and digits, which no other pay type has",
	},
	"limits.max_amount":  {"金额太大", "The amount is too large"},
	"limits.max_balance": {"金额太大", "The amount is too large"},
	"limits.code_from":   {"金额太大", "The amount is too large"},
	"shops.name":         {"请填写名称", "It needs a name"},
	"shops.guid":         {"请填写没有用过的 GUID", "It needs a GUID that nothing else has"},
	"merchant.name":      {"请填写名称", "It needs a name"},
	"merchant.guid":      {"请填写没有用过的 GUID", "It needs a GUID that nothing else has"},
	"merchant.cut_off":   {"请选择 0 到 23 点", "Choose an hour from 0 to 23"},

	"new.name":           {"请填写名称", "It needs a name"},
	"first.level1":       {"请填写名称", "It needs a name"},
	"first.level2":       {"请填写名称", "It needs a name"},
	"first.discount":     {"付款比例要大于 0，最多 100", "Want more than 0 and at most 100"},
	"first.threshold":    {"不能是 0 或 1 元", "Want an amount other than 0 and 1"},
	"first.add_money":    {"请填写金额", "Want an amount"},
	"first.points_ratio": {"要在 0 到 100000 之间", "Want 0 to 100000"},
}
