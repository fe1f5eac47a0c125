package console

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// sample is what settings come to in one case.
type sample struct{ what, comes string }

// sampler works out what settings come to, by the functions of the core that decide on real bills.
type sampler struct {
	lang
	thing
	now time.Time
	all []sample
}

func (s *sampler) add(what, comes string) { s.all = append(s.all, sample{what, comes}) }

func (s *sampler) today() ledger.Date { return s.m.Today(s.now) }

// samplesOf returns what a thing comes to at a merchant that has it.
func samplesOf(g *settingGroup, t thing, l lang, now time.Time) []sample {
	s := &sampler{lang: l, thing: t, now: now}
	g.samples(s)
	return s.all
}

// on returns a text with a value in place of X.
func (s *sampler) on(zh, en, value string) string { return s.of(text{zh + value, en + value}) }

func (s *sampler) scored(n int64) string { return phrase.Count(n) + " " + s.of(wPointsUnit) }

// level shows what bills cost and bring, and what renewals there are.
func (s *sampler) level() {
	l := s.thing.level()
	for _, bill := range []ledger.Fen{100_00, 500_00} {
		paid := bill.HalfUp(l.PayRate)
		comes := s.on("付 ", "pays ", yuanSign(paid))
		if n := l.PointsFor(paid); n > 0 {
			comes += s.on("，得 ", ", earns ", s.scored(n))
		}
		if back := l.Rights.CashBack.Of(paid); back > 0 {
			comes += s.on("，返 ", ", gets back ", yuanSign(back))
		}
		s.add(s.on("账单 ", "A bill of ", yuanSign(bill)), comes)
	}
	for _, r := range l.Rights.Renewals {
		s.add(s.on("续费 ", "A renewal by ", s.of(wMonths.with(r.Months))), s.on("卡付 ", "the card pays ", yuanSign(r.Price)))
	}
	if l.Rights.NoRecharge {
		s.add(s.of(text{"充值", "A recharge"}), s.of(text{"不可以", "is refused"}))
	}
}

// recharge shows what recharges give by all rules together, the next time that the rule at hand is in force.
func (s *sampler) recharge() {
	now, r := s.now.In(s.m.Zone), s.rule()
	at, ok := r.Next(now)
	switch {
	case !ok:
		s.add(s.of(text{"这条规则", "This rule"}), s.of(text{"已结束，下面没有计入", "has ended, and is not counted here"}))
		at = now
	case at.After(now):
		s.add(s.of(text{"这条规则", "This rule"}), s.on("下次生效 ", "is in force again on ", at.Format("2006-01-02 15:04")))
	}
	if hours := s.hours(r); hours != "" && ok {
		s.add(s.of(text{"下面的金额", "What is below"}), s.on("只适用于 ", "holds only on ", hours))
	}
	amounts := []ledger.Fen{100_00, 500_00, 1000_00}
	for _, r := range s.m.Rules {
		if r.Kind == ledger.FromAmount && r.Threshold > 0 && r.InForce(at) {
			amounts = append(amounts, r.Threshold)
		}
	}
	slices.Sort(amounts)
	for _, paid := range slices.Compact(amounts) {
		bonus, points := ledger.SumHits(s.m.RulesFor(paid, at))
		comes := s.on("得 ", "gives ", yuanSign(paid+bonus))
		if points > 0 {
			comes += s.on(" 和 ", " and ", s.scored(points))
		}
		s.add(s.on("充值 ", "A recharge of ", yuanSign(paid)), comes)
	}
}

// points shows what points are worth, until when they and bonus are good, and what a bill takes.
func (s *sampler) points() {
	set := s.m.Settings
	for _, n := range []int64{100, 1000} {
		comes := s.of(text{"不能付款", "cannot pay"})
		if set.PointsRatio > 0 {
			comes = s.on("抵 ", "pay ", yuanSign(set.WorthOf(n)))
		}
		s.add(s.scored(n), comes)
	}
	until := func(days int) string {
		if last := ledger.GoodUntil(s.today(), days); last != ledger.Forever {
			return s.on("到 ", "good through ", last.String())
		}
		return s.of(wForever)
	}
	s.add(s.of(text{"今天得的积分", "Points earned today"}), until(set.PointsDays))
	s.add(s.of(text{"今天的赠送", "Bonus of today"}), until(set.BonusDays))
	card := ledger.Card{Principal: 100_00, Bonus: 20_00, Lots: []ledger.Lot{
		{ID: 1, GoodUntil: ledger.Forever, Principal: 100_00, Bonus: 20_00},
	}}
	parts, err := ledger.Take(&card, 60_00, set.SpendOrder)
	if err != nil {
		return // the card has one lot, and it is there
	}
	s.add(s.of(text{"本金 100 赠送 20 的卡消费 ¥60", "A bill of ¥60, of a card with 100 of principal and 20 of bonus"}),
		s.on("扣本金 ", "takes principal ", yuanSign(-parts[0].Principal))+s.on("，赠送 ", ", bonus ", yuanSign(-parts[0].Bonus)))
}

// coupon shows on which bills a coupon can be used and what it takes off, and how long one of today is good.
func (s *sampler) coupon() {
	k := s.thing.coupon()
	shop := ledger.ShopID(0)
	if head, ok := s.m.HeadShop(); ok {
		shop = head.ID
	}
	if len(k.Shops) > 0 {
		shop = k.Shops[0]
	}
	for _, bill := range []ledger.Fen{50_00, 100_00, 200_00, 500_00} {
		one := []ledger.Coupon{{CouponTerms: k.CouponTerms}}
		comes := s.on("减 ", "takes off ", yuanSign(ledger.Worth(one, bill)[0]))
		if k.Type == ledger.GoodsCoupon {
			comes = s.of(text{"可用，换商品", "can be used, for goods"})
		}
		if refusal, refused := errors.AsType[ledger.Refusal](ledger.Fit(one, shop, bill)); refused {
			comes = s.of(text(phrase.Refusal(refusal)))
		}
		s.add(s.on("账单 ", "A bill of ", yuanSign(bill)), comes)
	}
	from, until, offered := k.Validity(s.today())
	switch {
	case !offered:
		s.add(s.of(wSentToday), s.of(text{"不再发了", "is sent no more"}))
	case until == ledger.Forever:
		s.add(s.of(wSentToday), s.on("长期有效，从 ", "has no end, from ", from.String()))
	default:
		s.add(s.of(wSentToday), s.on("有效 ", "is good from ", from.String())+s.on(" 到 ", " to ", until.String()))
	}
}

// payTypes shows what is offered where a recharge is paid.
func (s *sampler) payTypes() {
	var names []string
	for _, p := range s.m.PayTypesNow() {
		names = append(names, p.Name)
	}
	s.add(s.of(text{"充值时可选", "Offered for a recharge"}), join(names))
}

// limits shows what may be done at most.
func (s *sampler) limits() {
	s.add(s.of(text{"单笔最多", "One recharge or bill"}), s.on("", "at most ", yuanSign(s.m.MaxAmount())))
	s.add(s.of(text{"卡内最多", "A card holds"}), s.on("", "at most ", yuanSign(s.m.MaxBalance())))
	comes := s.of(text{"从不需要", "never"})
	if from := s.m.Settings.CodeFrom; from > 0 {
		comes = s.on("账单满 ", "for bills from ", yuanSign(from))
	}
	s.add(s.of(text{"微卡消费要验证码", "A code for phone cards"}), comes)
	comes = s.of(text{"从不需要", "never"})
	if above := s.m.Settings.SecondPerson; above > 0 {
		comes = s.on("超过 ", "above ", yuanSign(above))
	}
	s.add(s.of(text{"退款、提现、手工赠送由另一个人确认", "Another person for a refund, a withdrawal, bonus by hand"}), comes)
}

// shops shows which shop stands for the merchant.
func (s *sampler) shops() {
	if head, ok := s.m.HeadShop(); ok {
		s.add(s.of(text{"商户 GUID 代表的门店", "The merchant's own GUID stands for"}), head.Name)
	}
	if shop := s.shop(); shop.ID != 0 {
		s.add("msid", strconv.FormatInt(int64(shop.ID), 10))
	}
}

// day shows to which business day the minutes around its beginning belong.
func (s *sampler) day() {
	calendar := s.m.Calendar()
	year, month, day := s.now.In(s.m.Zone).Date()
	begins := time.Date(year, month, day, s.m.Settings.CutOff.Hour(), 0, 0, 0, s.m.Zone)
	for _, at := range []time.Time{begins.Add(-time.Minute), begins} {
		s.add(at.Format("2006-01-02 15:04"), s.on("算在 ", "counts for ", calendar.Day(at).String()))
	}
}
