package console

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"tongka/internal/auth"
	"tongka/internal/ledger"
)

// leastPaid is the smallest share of a bill that a level can be made to pay by a form.
const leastPaid = ledger.Percent100 / 10

// settingGroups are all settings of a merchant, as pages have them. The last day of its licence is the host's: see
// showMerchant.
var settingGroups = []*settingGroup{
	levelGroup, ruleGroup, pointGroup, couponGroup, payTypeGroup, limitGroup, shopGroup, merchantGroup,
}

func groupNamed(name string) *settingGroup {
	i := slices.IndexFunc(settingGroups, func(g *settingGroup) bool { return g.name == name })
	if i < 0 {
		return nil
	}
	return settingGroups[i]
}

func (t thing) level() *ledger.Level       { return &t.m.Levels[t.i] }
func (t thing) rule() *ledger.Rule         { return &t.m.Rules[t.i] }
func (t thing) payType() *ledger.PayType   { return &t.m.PayTypes[t.i] }
func (t thing) coupon() *ledger.CouponKind { return &t.m.CouponKinds[t.i] }
func (t thing) shop() *ledger.Shop         { return &t.m.Shops[t.i] }

var levelGroup = &settingGroup{
	name: "levels", title: text{"会员等级", "Levels"}, one: text{"新增等级", "Add a level"}, part: "level",
	help: text{"等级决定折扣、积分和其他权益。", "A level decides on discounts, points and other rights."},
	things: listOf[ledger.Level]{
		all:   func(m *ledger.Merchant) *[]ledger.Level { return &m.Levels },
		ident: func(l *ledger.Level) (int64, string) { return int64(l.ID), l.Name },
		fresh: func(_ *ledger.Merchant, id int64) ledger.Level {
			return ledger.Level{ID: ledger.LevelID(id), PayRate: ledger.Percent100, Earn: ledger.Percent100}
		},
	},
	boxes: []box{
		{name: "name", label: wItemName, need: true, short: true, at: func(t thing) any { return &t.level().Name }},
		{
			name: "discount", label: text{"付款比例", "Pays"}, unit: wPercent, need: true, share: true, short: true,
			least: leastPaid,
			hint:  text{"80 表示八折，100 表示不打折", "80 takes 20 percent off, 100 takes nothing off"},
			at:    func(t thing) any { return &t.level().PayRate },
		},
		{
			name: "earn", label: text{"每消费 1 元得积分", "Points for each yuan paid"}, short: true,
			hint: text{"0 表示不积分", "0 if there are none"}, at: func(t thing) any { return &t.level().Earn },
		},
		{
			name: "member_price", label: text{"收银机按会员价", "Tills charge members' prices"},
			at: func(t thing) any { return &t.level().Rights.MemberPrice },
		},
		{
			name: "no_recharge", label: text{"不能充值", "Cannot be recharged"},
			at: func(t thing) any { return &t.level().Rights.NoRecharge },
		},
		{
			name: "cash_back_each", fault: "cash_back", label: text{"返现：卡付每满", "Cash back: for each full"}, unit: wInYuan,
			hint: text{"不填表示不返现", "Leave it empty if there is none"},
			at:   func(t thing) any { return &t.level().Rights.CashBack.Each },
		},
		{
			name: "cash_back", label: text{"返现：返", "Cash back: gives back"}, unit: wInYuan,
			at: func(t thing) any { return &t.level().Rights.CashBack.Back },
		},
		{
			name: "renewals", label: text{"续费方案", "Renewals"},
			hint: text{"延长有效期的月数和价格，从卡内扣", "Months by which the last good day moves, and the price, paid by the card"},
			at:   func(t thing) any { return &t.level().Rights.Renewals },
		},
		{
			name: "account_id", fault: "account", label: text{"签单账户编号", "House account: number"},
			hint: text{"不填表示不能签单", "Leave it empty if there is none"},
			at:   func(t thing) any { return &t.level().Rights.Account.ID },
		},
		{
			name: "account_name", fault: "account", label: text{"签单账户名称", "House account: name"},
			at: func(t thing) any { return &t.level().Rights.Account.Name },
		},
		{
			name: "account_max", fault: "account", label: text{"每卡签单总额上限", "House account: most a card charges"},
			unit: wInYuan, hint: wNoLimit, at: func(t thing) any { return &t.level().Rights.Account.MaxAmount },
		},
		{
			name: "account_fixed", fault: "account", label: text{"每单签单上限", "House account: most of one bill"}, unit: wInYuan,
			hint: wNoLimit, at: func(t thing) any { return &t.level().Rights.Account.Fixed },
		},
		{
			name: "account_count", fault: "account", label: text{"每卡签单次数上限", "House account: most bills of a card"},
			hint: wNoLimit, at: func(t thing) any { return &t.level().Rights.Account.MaxCount },
		},
	},
	samples: (*sampler).level,
}

var ruleGroup = &settingGroup{
	name: "recharge", title: text{"充值规则", "Recharge rules"}, one: text{"新增规则", "Add a rule"}, part: "rule",
	help: text{
		"每次充值和按比例的规则都生效，满额的规则只取达到的最高一档。",
		"Rules add up: each of every recharge, and of those with a threshold the highest that is reached.",
	},
	things: listOf[ledger.Rule]{
		all:   func(m *ledger.Merchant) *[]ledger.Rule { return &m.Rules },
		ident: func(r *ledger.Rule) (int64, string) { return int64(r.ID), r.Name },
		fresh: func(_ *ledger.Merchant, id int64) ledger.Rule {
			return ledger.Rule{ID: ledger.RuleID(id), Kind: ledger.FromAmount}
		},
		ended: func(r *ledger.Rule, today ledger.Date) bool {
			return r.Ended || r.Last != 0 && r.Last < today
		},
		ending: func(r *ledger.Rule) { r.Ended = true },
	},
	boxes: []box{
		{
			name: "name", label: wItemName, hint: text{"例如 充500送100", "Such as: 100 for 500"}, need: true, short: true,
			at: func(t thing) any { return &t.rule().Name },
		},
		{name: "kind", label: text{"种类", "Kind"}, short: true, at: func(t thing) any { return &t.rule().Kind }},
		{
			name: "threshold", label: text{"充值满", "From a recharge of"}, unit: wInYuan, short: true,
			hint: text{"只用于满额规则", "Of rules with a threshold"}, at: func(t thing) any { return &t.rule().Threshold },
		},
		{
			name: "add_money", label: text{"送金额", "Gives money"}, unit: wInYuan, short: true,
			hint: text{"用于每次和满额规则", "Of rules of each recharge and with a threshold"},
			at:   func(t thing) any { return &t.rule().AddMoney },
		},
		{
			name: "add_rate", label: text{"送比例", "Gives a share"}, unit: wPercent, share: true, short: true,
			hint: text{"只用于按比例规则", "Of rules with a share"}, at: func(t thing) any { return &t.rule().AddRate },
		},
		{
			name: "add_points", label: text{"送积分", "Gives points"}, short: true,
			at: func(t thing) any { return &t.rule().AddPoints },
		},
		{
			name: "first", label: text{"开始日期", "First day"}, short: true,
			hint: text{"不填表示马上开始", "Leave it empty to begin at once"},
			at:   func(t thing) any { return &t.rule().First },
		},
		{
			name: "last", label: text{"结束日期", "Last day"}, hint: wUntilHelp, short: true,
			at: func(t thing) any { return &t.rule().Last },
		},
		{
			name: "weekdays", label: text{"星期", "Days of the week"}, hint: text{"不选表示每天", "Choose none for every day"},
			at: func(t thing) any { return &t.rule().Weekdays },
		},
		{
			name: "from", label: text{"每天从", "From this time of the day"},
			at: func(t thing) any { return &t.rule().From },
		},
		{
			name: "until", label: text{"每天到", "Until this time"},
			hint: text{"早于开始时间表示到次日", "Before the time at which it begins it is on the day after"},
			at:   func(t thing) any { return &t.rule().Until },
		},
		{name: "ended", label: text{"已结束", "Ended"}, at: func(t thing) any { return &t.rule().Ended }},
	},
	tidy: tidyRule, samples: (*sampler).recharge,
	brief: func(l lang, t thing) string { return l.hours(t.rule()) },
}

// tidyRule clears what was of the rule's kind before and is of none of its kind now.
func tidyRule(was, to thing) {
	from, r := was.rule(), to.rule()
	if from.Kind == r.Kind {
		return
	}
	if r.Threshold == from.Threshold && r.Kind != ledger.FromAmount {
		r.Threshold = 0
	}
	if r.AddMoney == from.AddMoney && r.Kind == ledger.Percent {
		r.AddMoney = 0
	}
	if r.AddRate == from.AddRate && r.Kind != ledger.Percent {
		r.AddRate = 0
	}
}

var pointGroup = &settingGroup{
	name: "points", title: text{"积分与赠送", "Points and bonus"},
	help: text{
		"积分抵多少钱，积分和赠送多久有效，消费先扣哪一部分。",
		"What points are worth, how long they and bonus are good, and what a bill takes first.",
	},
	boxes: []box{
		{
			name: "points_ratio", fault: "settings.points_ratio", label: text{"抵 1 元所需积分", "Points that stand for one yuan"},
			hint: text{"不填表示积分不能付款", "Leave it empty if points cannot pay"},
			at:   func(t thing) any { return &t.m.Settings.PointsRatio },
		},
		{
			name: "points_days", fault: "settings.points_days", label: text{"积分有效天数", "Days points are good"}, hint: wUntilHelp,
			at: func(t thing) any { return &t.m.Settings.PointsDays },
		},
		{
			name: "bonus_days", fault: "settings.bonus_days", label: text{"赠送有效天数", "Days bonus is good"}, hint: wUntilHelp,
			at: func(t thing) any { return &t.m.Settings.BonusDays },
		},
		{
			name: "policy", fault: "settings.policy", label: text{"消费扣款顺序", "What a bill takes"},
			at: func(t thing) any { return &t.m.Settings.SpendOrder },
		},
		{
			name: "part_payment", fault: "settings.part_payment",
			label: text{"余额不足时可以只付一部分", "A card may pay a part of a bill"},
			at:    func(t thing) any { return &t.m.Settings.PartPayment },
		},
	},
	samples: (*sampler).points,
}

var couponGroup = &settingGroup{
	name: "coupons", title: text{"优惠券种", "Coupon kinds"}, one: text{"新增券种", "Add a kind"}, part: "coupon kind",
	list: "coupon_kinds", whole: "shops", placed: true,
	help: text{"已经发出的券保留发券时的条件。", "Coupons that were sent keep the terms they were sent with."},
	things: listOf[ledger.CouponKind]{
		all:   func(m *ledger.Merchant) *[]ledger.CouponKind { return &m.CouponKinds },
		ident: func(k *ledger.CouponKind) (int64, string) { return int64(k.Kind), k.Name },
		fresh: func(_ *ledger.Merchant, id int64) ledger.CouponKind {
			return ledger.CouponKind{
				CouponTerms: ledger.CouponTerms{Kind: ledger.CouponKindID(id), Type: ledger.CashCoupon}, Days: 30,
			}
		},
		ended: func(k *ledger.CouponKind, today ledger.Date) bool {
			_, _, offered := k.Validity(today)
			return !offered
		},
	},
	boxes: []box{
		{name: "name", label: wItemName, need: true, short: true, at: func(t thing) any { return &t.coupon().Name }},
		{name: "type", label: text{"种类", "Kind"}, short: true, at: func(t thing) any { return &t.coupon().Type }},
		{
			name: "face", label: text{"面额", "Pays"}, unit: wInYuan, short: true, hint: text{"只用于代金券", "Of cash coupons"},
			at: func(t thing) any { return &t.coupon().Face },
		},
		{
			name: "off", label: text{"减免比例", "Takes off"}, unit: wPercent, share: true, short: true,
			hint: text{"只用于折扣券，20 表示八折", "Of percent coupons"},
			at:   func(t thing) any { return &t.coupon().Off },
		},
		{
			name: "max_off", label: text{"最多减", "Takes off at most"}, unit: wInYuan, hint: wNoLimit,
			at: func(t thing) any { return &t.coupon().MaxOff },
		},
		{
			name: "least", label: text{"账单满多少可用", "From a bill of"}, unit: wInYuan, short: true,
			hint: text{"每张券都要占用这么多账单", "Each coupon needs so much of the bill for itself"},
			at:   func(t thing) any { return &t.coupon().Least },
		},
		{
			name: "max_use", label: text{"每单最多用几张", "Most on one bill"}, hint: wNoLimit,
			at: func(t thing) any { return &t.coupon().MaxUse },
		},
		{
			name: "alone", label: text{"不与其他券同用", "Not with coupons of other kinds"},
			at: func(t thing) any { return &t.coupon().Alone },
		},
		{
			name: "shops", label: text{"可用门店", "Shops where it is good"},
			hint: text{"不选表示所有门店", "Choose none for all shops"}, at: func(t thing) any { return &t.coupon().Shops },
		},
		{
			name: "start", label: text{"首日", "First good day"}, hint: text{"不填表示发券当天", "Leave it empty for the day it is sent"},
			at: func(t thing) any { return &t.coupon().Start },
		},
		{
			name: "end", label: text{"末日", "Last good day"}, short: true,
			hint: text{"与有效天数二选一；过去的日子表示不再发", "Either this or the days; a day that has passed ends the kind"},
			at:   func(t thing) any { return &t.coupon().End },
		},
		{
			name: "days", label: text{"有效天数", "Days it is good"},
			hint: text{"含首日；都不填表示长期有效", "The first included; without both it never expires"},
			at:   func(t thing) any { return &t.coupon().Days },
		},
		{
			name: "grace", label: text{"退款后宽限天数", "Days of grace after a refund"},
			hint: text{"账单退款时券已过期，再给几天", "If a refund gives it back after its last day"},
			at:   func(t thing) any { return &t.coupon().Grace },
		},
		{
			name: "stock", label: text{"最多发多少张", "Most that are sent"}, hint: wNoLimit,
			at: func(t thing) any { return &t.coupon().Stock },
		},
		{
			name: "info", label: text{"券说明", "What holders read"}, most: ledger.MaxCouponInfo,
			at: func(t thing) any { return &t.coupon().Info },
		},
	},
	tidy: tidyCoupon, samples: (*sampler).coupon,
}

// tidyCoupon clears what was of the coupon's type before and is of none of its type now.
func tidyCoupon(was, to thing) {
	from, k := was.coupon(), to.coupon()
	if from.Type == k.Type {
		return
	}
	if k.Face == from.Face && k.Type != ledger.CashCoupon {
		k.Face = 0
	}
	if k.Off == from.Off && k.Type != ledger.PercentCoupon {
		k.Off = 0
	}
	if k.MaxOff == from.MaxOff && k.Type != ledger.PercentCoupon {
		k.MaxOff = 0
	}
}

var payTypeGroup = &settingGroup{
	name: "pay-types", title: text{"支付方式", "Pay types"}, one: text{"新增支付方式", "Add a pay type"}, part: "pay type",
	list: "pay_types", whole: "code", placed: true,
	help: text{
		"充值时可以选择的支付方式。停用后，历史和报表仍保留名称。",
		"How a recharge is paid. Those that have ended keep their names in histories and reports.",
	},
	things: listOf[ledger.PayType]{
		all:    func(m *ledger.Merchant) *[]ledger.PayType { return &m.PayTypes },
		ident:  func(p *ledger.PayType) (int64, string) { return int64(p.ID), p.Name },
		fresh:  func(_ *ledger.Merchant, id int64) ledger.PayType { return ledger.PayType{ID: ledger.PayTypeID(id)} },
		ended:  func(p *ledger.PayType, _ ledger.Date) bool { return p.Ended },
		ending: func(p *ledger.PayType) { p.Ended = true },
	},
	boxes: []box{
		{name: "name", label: wItemName, need: true, short: true, at: func(t thing) any { return &t.payType().Name }},
		{
			name: "code", label: text{"接口代码", "What tills call it"}, short: true,
			hint: text{"dc78 收银机用的代码，例如 wx；可以不填", "The code of dc78 tills, such as wx; may be empty"},
			at:   func(t thing) any { return &t.payType().Code },
		},
		{
			name: "invoiceable", label: text{"可以开发票", "May be invoiced"}, short: true,
			at: func(t thing) any { return &t.payType().Invoiceable },
		},
		{name: "ended", label: wStopped, at: func(t thing) any { return &t.payType().Ended }},
	},
	samples: (*sampler).payTypes,
}

var limitGroup = &settingGroup{
	name: "limits", title: text{"限额与密码", "Limits and passwords"},
	help: text{"防止输错金额和盗用。", "Against mistyped amounts and thieves."},
	boxes: []box{
		{
			name: "max_amount", fault: "settings.max_amount", label: text{"单笔金额上限", "Most of one recharge or bill"},
			unit: wInYuan, hint: wNoLimit, at: func(t thing) any { return &t.m.Settings.MaxAmount },
		},
		{
			name: "max_balance", fault: "settings.max_balance", label: text{"卡内余额上限", "Most a card may hold"}, unit: wInYuan,
			hint: wNoLimit, at: func(t thing) any { return &t.m.Settings.MaxBalance },
		},
		{
			name: "code_from", fault: "settings.code_from",
			label: text{
				"微卡消费满多少要验证码",
				"Phone cards: a code is sent for bills from",
			},
			unit: wInYuan, hint: text{"不填表示不要验证码", "Leave it empty if none is"},
			at: func(t thing) any { return &t.m.Settings.CodeFrom },
		},
		{
			name: "password_everywhere", fault: "settings.password_everywhere",
			label: text{"有密码的卡处处要输密码", "Cards with a password always need it"},
			hint:  text{"不能输密码的收银机会拒绝这样的卡", "Tills without a field for it refuse such cards"},
			at:    func(t thing) any { return &t.m.Settings.PasswordEverywhere },
		},
		{
			name: "weak_passwords", fault: "settings.weak_passwords",
			label: text{"允许 123456 这样的卡密码", "Cards may have passwords like 123456"},
			at:    func(t thing) any { return &t.m.Settings.WeakPasswords },
		},
		{
			name: "second_person", fault: "settings.second_person",
			label: text{"超过多少须由另一个人确认", "Another person has to confirm what is above"},
			unit:  wInYuan, hint: text{
				"退款、撤销、提现、退卡、手工赠送、积分和信用额度的调整；不填表示不需要",
				"Refunds, reversals, withdrawals, returns, bonus given by hand, changes of points and credit; leave it empty " +
					"if nobody has to",
			},
			at: func(t thing) any { return &t.m.Settings.SecondPerson },
		},
	},
	samples: (*sampler).limits,
}

var shopGroup = &settingGroup{
	name: "shops", title: wShops, one: text{"新增门店", "Add a shop"}, part: "shop", list: "shops", whole: "guid",
	placed: true,
	help: text{
		"排在第一的是主店。停业的门店不能再办理业务，历史保留名称。",
		"The first is the head shop. Nothing is done any more at one that is closed; its history keeps its name.",
	},
	things: listOf[ledger.Shop]{
		all:   func(m *ledger.Merchant) *[]ledger.Shop { return &m.Shops },
		ident: func(s *ledger.Shop) (int64, string) { return int64(s.ID), s.Name },
		first: func(m *ledger.Merchant) int64 { return int64(auth.FirstShop(m.ID)) },
		fresh: func(_ *ledger.Merchant, id int64) ledger.Shop { return ledger.Shop{ID: ledger.ShopID(id)} },
		ended: func(s *ledger.Shop, _ ledger.Date) bool { return s.Ended },
	},
	boxes: []box{
		{name: "name", label: wItemName, need: true, short: true, at: func(t thing) any { return &t.shop().Name }},
		{
			name: "guid", label: text{"门店标识 GUID", "GUID"},
			hint: text{"收银机用它认门店；新门店不填就自动生成", "Tills name the shop by it; of a new shop it is made if you leave it empty"},
			at:   func(t thing) any { return &t.shop().GUID },
		},
		{name: "ended", label: text{"已停业", "Closed"}, at: func(t thing) any { return &t.shop().Ended }},
	},
	tidy: func(was, to thing) {
		if s := to.shop(); s.GUID == "" && was.shop().GUID == "" {
			s.GUID = auth.NewGUID()
		}
	},
	samples: (*sampler).shops,
}

var merchantGroup = &settingGroup{
	name: "merchant", title: text{"商户与营业日", "Merchant and business day"},
	help: text{"零点以后、营业日开始以前的生意，算在前一天。", "What is sold after midnight and before the hour counts for the day before."},
	boxes: []box{
		{name: "name", label: text{"商户名称", "Name"}, need: true, at: func(t thing) any { return &t.m.Name }},
		{
			name: "cut_off", fault: "settings.cut_off", label: text{"营业日开始", "A business day begins at"},
			at: func(t thing) any { return &t.m.Settings.CutOff },
		},
		{
			name: "zone", label: text{"时区", "Time zone"}, hint: text{"例如 Asia/Shanghai", "Such as Asia/Shanghai"}, need: true,
			at: func(t thing) any { return &t.m.Zone },
		},
		{
			name: "guid", label: text{"商户标识 GUID", "GUID"}, need: true,
			hint: text{"更换后，用它的收银机就连不上了", "Tills that send the one of now are refused after it is changed"},
			at:   func(t thing) any { return &t.m.GUID },
		},
	},
	samples: (*sampler).day,
}

// nameTwice reports whether another thing of the list, which has not ended, has the name.
func (g *settingGroup) nameTwice(t thing, today ledger.Date) bool {
	return g.things != nil && slices.ContainsFunc(g.all(t.m), func(o thing) bool {
		return o.i != t.i && !g.things.over(o, today) && !g.things.over(t, today) && g.things.name(o) == g.things.name(t)
	})
}

// called returns what a thing is called by the core's faults, before a field's name.
func (g *settingGroup) called(t thing) string {
	if g.things == nil {
		return ""
	}
	return g.part + " " + strconv.FormatInt(g.things.id(t), 10) + "."
}

// boxOf returns the name of the box of a thing at which a fault of the core belongs; "" if it is of something else.
func (g *settingGroup) boxOf(f ledger.Fault, t thing) string {
	if g.list != "" && f.Field == g.list {
		return g.whole
	}
	field, ours := strings.CutPrefix(f.Field, g.called(t))
	i := slices.IndexFunc(g.boxes, func(b box) bool { return b.faultName() == cmp.Or(field, g.whole) })
	if !ours || i < 0 {
		return ""
	}
	return g.boxes[i].name
}
