package demo

import (
	"fmt"
	"slices"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// planDay plans a day: what the office does, who comes to the shops, and who joins.
func (y *year) planDay() {
	y.plan(y.clock(35*time.Minute), y.sweep)
	if y.on == 0 {
		y.plan(y.clock(8*time.Hour), func() { y.setTo("开业设置", func(*ledger.Merchant) {}) })
		y.plan(y.clock(9*time.Hour), y.bring)
		y.plan(y.clock(9*time.Hour+30*time.Minute), y.firms)
	}
	if y.on == 25 || y.on == 210 {
		y.plan(y.clock(10*time.Hour), y.giftCards)
	}
	y.planOffice()
	quiet := y.percent(6) // rain
	for i := range shops {
		s := &shops[i]
		if !y.isOpen(s) {
			continue
		}
		percent := busy(s, y.at) * (85 + y.below(31)) / 100
		if quiet {
			percent = percent * 55 / 100
		}
		y.planShop(s, s.guests*percent/100)
		y.plan(y.clock(23*time.Hour+5*time.Minute), func() { y.handOver(s) })
	}
	y.planScenes()
}

// planOffice plans what the office does on certain days.
func (y *year) planOffice() {
	for _, c := range changes {
		if c.day == y.on {
			y.plan(y.clock(15*time.Hour+20*time.Minute), func() { y.setTo(c.note, c.make) })
		}
	}
	for _, first := range lunar {
		if rule, from := festival(first); from == y.day {
			y.plan(y.clock(16*time.Hour), func() {
				y.setTo("新春充值活动", func(m *ledger.Merchant) { m.Rules = append(slices.Clone(m.Rules), rule) })
			})
		}
	}
	if y.day%100 == 1 {
		y.plan(y.clock(9*time.Hour+10*time.Minute), y.birthdays)
		y.plan(y.clock(17*time.Hour), func() {
			what := fmt.Sprintf("day-%v.xlsx", y.day.AddDays(-1))
			y.do(command.RecordExport{Merchant: Merchant, By: y.person("admin", nil), What: what, Rows: 30})
		})
	}
	if y.at.Weekday() == time.Monday {
		y.plan(y.clock(10*time.Hour+5*time.Minute), y.levels)
	}
	switch y.day % 10_000 {
	case 618, 1111, 315:
		y.plan(y.clock(9*time.Hour+30*time.Minute), y.callBack)
	}
}

// planShop plans the guests of a shop on a day.
func (y *year) planShop(s *shop, guests int) {
	y.guests[s] = y.weigh(s)
	for range guests {
		h := hours[0]
		for at, i := y.below(100), 0; ; i++ {
			if h = hours[i]; at < h.share || i == len(hours)-1 {
				break
			}
			at -= h.share
		}
		at := h.from + time.Duration(y.random.Int64N(int64((h.until-h.from)/time.Millisecond)))*time.Millisecond
		y.plan(y.clock(at), func() { y.visit(s, h.dinner) })
	}
	for range y.newOf(s, guests) {
		at := 11*time.Hour + time.Duration(y.below(10*3600))*time.Second
		y.plan(y.clock(at), func() { y.join(s) })
	}
	for range 1 + y.below(2) {
		if guests > 0 {
			y.plan(y.clock(11*time.Hour+time.Duration(y.below(9*3600))*time.Second), func() { y.task(s) })
		}
	}
}

// newOf returns how many join in a shop on a day, so that as many as should have joined by then, in all shops.
func (y *year) newOf(s *shop, guests int) int {
	should := joined * (y.on + 1) / (y.cfg.days + 1)
	have := len(y.members) - brought
	for _, day := range []int{25, 210} {
		if y.on >= day {
			have -= gifts / 2
		}
	}
	open := 0
	for i := range shops {
		if y.isOpen(&shops[i]) {
			open += shops[i].guests
		}
	}
	if guests == 0 || y.on == 0 {
		return 0
	}
	return max(0, (should-have)*s.guests+open/2) / open
}

// weights draws members of a shop, those who come more often more often.
type weights struct {
	members []*member
	upTo    []int // of each the weights up to it
}

// weigh returns the members who may come to a shop today.
func (y *year) weigh(s *shop) (w weights) {
	sum := 0
	for _, m := range y.members {
		if m.home != s && (m.home.until == 0 || y.on < m.home.until) || y.on > m.until {
			continue
		}
		sum += m.often
		w.members, w.upTo = append(w.members, m), append(w.upTo, sum)
	}
	return w
}

// guest draws somebody who comes to a shop: one of its members, or now and then one of another.
func (y *year) guest(s *shop) *member {
	w := y.guests[s]
	if y.percent(14) {
		if other := y.openShop(); y.guests[other].members != nil {
			w = y.guests[other]
		}
	}
	if len(w.members) == 0 {
		return nil
	}
	at, _ := slices.BinarySearch(w.upTo, 1+y.below(w.upTo[len(w.upTo)-1]))
	return w.members[at]
}

// setTo changes the settings.
func (y *year) setTo(note string, change func(*ledger.Merchant)) {
	to := *y.own.state.Merchant()
	change(&to)
	y.do(command.ChangeSettings{
		Merchant: Merchant, By: y.person("admin", nil), To: to, From: y.own.state.Head().Settings, Note: note,
	})
}

// sweep takes off what expired yesterday, as a server does by itself.
func (y *year) sweep() {
	open := []ledger.Status{ledger.Active, ledger.Lost, ledger.Stopped}
	for id := 1; id < len(y.cards); id++ {
		c := y.cards[id]
		if !slices.Contains(open, c.Status) {
			continue
		}
		if next := c.NextExpiry(); next != 0 && next < y.day {
			y.do(command.Expire{Merchant: Merchant, By: ledger.ByItself, Card: c.Number})
		}
		over := func(one *ledger.Coupon) bool { return one.Over(y.day) }
		if slices.ContainsFunc(y.wallets[c.ID], over) {
			y.do(command.ExpireCoupons{Merchant: Merchant, By: ledger.ByItself, Card: c.Number})
		}
	}
}

// birthdays sends a coupon to those who have their birthday in this month.
func (y *year) birthdays() {
	for _, m := range y.members {
		c := y.card(m.id)
		if c.Holder.Birthday/100%100 == y.day/100%100 && y.on-m.seen < 120 {
			y.send(m.id, couponBirthday, "生日礼", y.person("admin", nil))
		}
	}
}

// callBack sends a coupon to those who have not come for a while.
func (y *year) callBack() {
	for _, m := range y.members {
		if away := y.on - m.seen; away > 30 && away < 200 {
			y.send(m.id, couponBack, "好久不见", y.person("admin", nil))
		}
	}
}

// levels raises those who have spent enough, and lowers those who do not come any more.
func (y *year) levels() {
	for _, m := range y.members {
		c := y.card(m.id)
		to, note := c.Level, ""
		switch {
		case c.Kind == ledger.StoredValue || c.Level == firm:
		case c.Level != gold && c.SumConsume > 4000*yuan:
			to, note = gold, "累计消费满4000元"
		case c.Level == plain && c.SumConsume > 1500*yuan:
			to, note = silver, "累计消费满1500元"
		case c.Level == silver && y.on-m.seen > 150 && c.SumConsume < 1000*yuan:
			to, note = plain, "五个月未到店"
		}
		if to != c.Level && c.Status == ledger.Active {
			y.do(command.ChangeLevel{Merchant: Merchant, By: y.person("admin", nil), Card: c.Number, Level: to, Note: note})
		}
	}
}

// send sends a coupon to a card that can have it.
func (y *year) send(id ledger.CardID, kind ledger.CouponKindID, what string, by ledger.Caller) {
	c := y.card(id)
	if c.Status != ledger.Active || len(y.wallets[id]) > 6 {
		return
	}
	y.do(command.SendCoupons{
		Merchant: Merchant, By: by, Card: c.Number, Kind: kind, Numbers: []string{y.couponNumber()}, Subject: what,
	})
}
