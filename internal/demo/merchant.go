package demo

import (
	"fmt"
	"slices"
	"time"

	"tongka/internal/ledger"
)

// Merchant is the id of the merchant whose year it is.
const Merchant ledger.MerchantID = 10004

// shop is one of its shops, with those who work there.
type shop struct {
	id     ledger.ShopID
	name   string
	guests int      // who pay by card on a usual day
	tills  []string // who works there: early, late, at weekends
	school bool     // its guests are students
	from   int      // day of the year from which it is open
	until  int      // day on which it is closed for good; 0 = it is not
}

// shops are its shops, the head shop first.
var shops = []shop{
	{id: 10060, name: "人民路店", guests: 26, tills: []string{"吴晓琳", "郑凯", "赵敏"}},
	{id: 10061, name: "湖滨店", guests: 21, tills: []string{"孙倩", "周涛", "何静"}},
	{id: 10062, name: "大学城店", guests: 22, tills: []string{"马超", "林小雨", "高洁"}, school: true, from: 40},
	{id: 10063, name: "火车站店", guests: 13, tills: []string{"罗斌", "郭丽", "唐宁"}, until: 232},
}

// Levels, pay types and kinds of coupons.
const (
	plain ledger.LevelID = iota + 1
	silver
	gold
	firm
)

const (
	cash ledger.PayTypeID = iota + 1
	bank
	wechat
	alipay
	groupBuy
)

const (
	couponWelcome ledger.CouponKindID = iota + 1
	couponBirthday
	couponBack
	couponDish
)

const yuan ledger.Fen = 100

// begins returns the merchant as it was when the year began.
func begins(zone *time.Location) ledger.Merchant {
	m := ledger.Merchant{
		ID: Merchant, GUID: "{DEMO-AUTO-0005-YEAR}", Name: "巷子口川菜", Zone: zone,
		Settings: ledger.Settings{
			SpendOrder: ledger.BonusFirst, PartPayment: true, BonusDays: 180, PointsDays: 270, PointsRatio: 100,
			MaxBalance: 30_000 * yuan, MaxAmount: 10_000 * yuan,
		},
		Levels: []ledger.Level{
			{ID: plain, Name: "普通会员", PayRate: ledger.Percent100, Earn: ledger.Percent100},
			{ID: silver, Name: "银卡", PayRate: 9500, Earn: ledger.Percent100},
			{ID: gold, Name: "金卡", PayRate: 8800, Earn: 15_000, Rights: ledger.Rights{
				MemberPrice: true, Renewals: []ledger.Renewal{{Price: 68 * yuan, Months: 6}, {Price: 99 * yuan, Months: 12}},
			}},
			{ID: firm, Name: "企业签单", PayRate: ledger.Percent100, Rights: ledger.Rights{
				Account: ledger.HouseAccount{ID: 1, Name: "滨江科技", MaxAmount: 60_000 * yuan, Fixed: 3000 * yuan},
			}},
		},
		Rules: []ledger.Rule{
			{ID: 1, Name: "充300送20", Kind: ledger.FromAmount, Threshold: 300 * yuan, AddMoney: 20 * yuan},
			{ID: 2, Name: "充500送50", Kind: ledger.FromAmount, Threshold: 500 * yuan, AddMoney: 50 * yuan},
			{ID: 3, Name: "充1000送150", Kind: ledger.FromAmount, Threshold: 1000 * yuan, AddMoney: 150 * yuan, AddPoints: 200},
		},
		PayTypes: []ledger.PayType{
			{ID: wechat, Name: "微信", Code: "wx", Invoiceable: true}, {ID: alipay, Name: "支付宝", Code: "ali", Invoiceable: true},
			{ID: cash, Name: "现金", Invoiceable: true}, {ID: bank, Name: "银行卡", Code: "bank", Invoiceable: true},
			{ID: groupBuy, Name: "团购券"},
		},
		CouponKinds: []ledger.CouponKind{
			{
				CouponTerms: ledger.CouponTerms{
					Kind: couponWelcome, Name: "新客立减10元", Type: ledger.CashCoupon, Face: 10 * yuan, Least: 50 * yuan, MaxUse: 1,
				},
				Days: 60, Info: "新会员专享，堂食可用",
			},
			{
				CouponTerms: ledger.CouponTerms{Kind: couponBirthday, Name: "生日长寿面", Type: ledger.GoodsCoupon, Grace: 7},
				Days:        31, Info: "生日当月凭券送长寿面一碗",
			},
			{
				CouponTerms: ledger.CouponTerms{
					Kind: couponBack, Name: "老友85折券", Type: ledger.PercentCoupon, Off: 1500, MaxOff: 60 * yuan, Least: 80 * yuan,
					Alone: true,
				},
				Days: 21, Info: "感谢老友，堂食可用",
			},
		},
	}
	for _, s := range shops {
		m.Shops = append(m.Shops, ledger.Shop{ID: s.id, GUID: fmt.Sprintf("{DEMO-AUTO-0005-YEAR-%d}", s.id), Name: s.name})
	}
	return m
}

// change is a change of the settings in the course of the year.
type change struct {
	day  int
	note string
	make func(m *ledger.Merchant)
}

// changes are those of the year, by day.
var changes = []change{
	{72, "金卡每满100返3元", func(m *ledger.Merchant) {
		m.Levels = slices.Clone(m.Levels)
		m.Levels[gold-1].Rights.CashBack = ledger.CashBack{Each: 100 * yuan, Back: 3 * yuan}
	}},
	{118, "加一种菜品券", func(m *ledger.Merchant) {
		m.CouponKinds = append(slices.Clone(m.CouponKinds), ledger.CouponKind{
			CouponTerms: ledger.CouponTerms{
				Kind: couponDish, Name: "满100减20", Type: ledger.CashCoupon, Face: 20 * yuan, Least: 100 * yuan, MaxUse: 2,
			},
			Days: 45, Stock: 5000, Info: "酒水除外",
		})
	}},
	{176, "本金和赠送改为按比例扣", func(m *ledger.Merchant) { m.Settings.SpendOrder = ledger.Proportional }},
	{232, "火车站店租约到期", func(m *ledger.Merchant) {
		m.Shops = slices.Clone(m.Shops)
		m.Shops[3].Ended = true
	}},
	{301, "充500改为送60", func(m *ledger.Merchant) {
		m.Rules = slices.Clone(m.Rules)
		m.Rules[1].Name, m.Rules[1].AddMoney = "充500送60", 60*yuan
	}},
	{329, "不再收团购券", func(m *ledger.Merchant) {
		m.PayTypes = slices.Clone(m.PayTypes)
		m.PayTypes[4].Ended = true
	}},
}

// festival returns the rule that is added before the lunar new year, and the day on which it is.
func festival(first ledger.Date) (rule ledger.Rule, from ledger.Date) {
	return ledger.Rule{
		ID: 4, Name: "新春充2000送400", Kind: ledger.FromAmount, Threshold: 2000 * yuan, AddMoney: 400 * yuan,
		First: first.AddDays(-18), Last: first.AddDays(15),
	}, first.AddDays(-20)
}
