package demo

import (
	"fmt"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// How many members there are when the year has ended: those brought from another system when it began, and those who
// joined, gift cards included.
const (
	brought = 620
	gifts   = 40
	joined  = 1360
)

// member is somebody with a card.
type member struct {
	id    ledger.CardID
	home  *shop
	often int // how often he comes, beside others
	purse int // what a usual dinner of his costs, in yuan
	until int // the day of the year on which he comes for the last time
	seen  int // the day on which he came last
}

// Names as there are most of them.
var (
	families = []rune("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付" +
		"方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤")
	given = []rune("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅鹏辉斌宇浩凯健俊帆雪婷慧莹琳佳欣怡晨轩梓涵子睿诗雨嘉思文博一诺可心天佑若溪雅楠安然")
)

// holder draws a holder.
func (y *year) holder() ledger.Holder {
	name := string(families[y.below(len(families))]) + string(given[y.below(len(given))])
	if y.percent(62) {
		name += string(given[y.below(len(given))])
	}
	h := ledger.Holder{Name: name, Gender: y.below(2)}
	if y.percent(92) {
		y.phones++
		begins := [...]string{"1380000", "1390000", "1590000", "1860000"}[y.below(4)]
		h.Phone = fmt.Sprintf("%s%04d", begins, (y.phones*7919)%10000)
	}
	if y.percent(70) {
		h.Birthday = ledger.DateOf(time.Date(1956+y.below(50), time.January, 1+y.below(365), 0, 0, 0, 0, time.UTC))
	}
	return h
}

// number returns the number of the next card.
func (y *year) number() string {
	y.numbers++
	return "8826" + fmt.Sprintf("%06d", y.numbers*37+1000)
}

// couponNumber returns the number of the next coupon. Each is another: the factor shares none with the modulus.
func (y *year) couponNumber() string {
	y.couponNumbers++
	return fmt.Sprintf("28%010d", y.couponNumbers*7_654_321%10_000_000_000)
}

// newCard draws a card of a holder.
func (y *year) newCard(level ledger.LevelID) command.NewCard {
	c := command.NewCard{Number: y.number(), Kind: ledger.Common, Level: level, Holder: y.holder()}
	if y.percent(12) {
		c.Kind = ledger.Micro
	}
	if level == gold {
		c.Expires = y.day.AddDays(20 + y.below(500))
	}
	return c
}

// newMember notes who has a card.
func (y *year) newMember(card ledger.CardID, home *shop) *member {
	m := &member{id: card, home: home, until: y.cfg.days, seen: y.on}
	m.often = [...]int{1, 1, 1, 2, 2, 4, 4, 9, 20}[y.below(9)]
	m.purse = 50 + y.below(110)
	if home.school {
		m.purse = 28 + y.below(45)
	}
	if y.percent(35) { // comes for some weeks and then no more
		m.until = y.on + 7 + y.below(200)
	}
	if y.percent(6) { // tables for guests
		m.purse *= 4
	}
	y.members = append(y.members, m)
	return m
}

// bring brings the cards of another system, some of which were lost, stopped or over there.
func (y *year) bring() {
	open := command.Import{Merchant: Merchant, By: y.person("admin", nil)}
	for i := range brought {
		level := plain
		switch {
		case i%100 < 6:
			level = gold
		case i%100 < 22:
			level = silver
		}
		c := y.newCard(level)
		c.Principal, c.Points = ledger.Fen(y.below(60)*10)*yuan, int64(y.below(900))
		c.Bonus = c.Principal / 12 / yuan * yuan
		switch {
		case i%150 == 7:
			c.Status = ledger.Lost
		case i%200 == 11:
			c.Status = ledger.Stopped
		case i%140 == 13:
			c.Expires = y.day.AddDays(-30 - y.below(200))
		}
		if i == 0 {
			c.Kind, c.Status, c.Details.Password = ledger.Common, ledger.Active, y.cfg.CardPassword
		}
		open.Cards = append(open.Cards, c)
	}
	ch := y.do(open)
	for i := range ch.Opened {
		y.newMember(ch.Opened[i].ID, y.openShop())
	}
}

// firms opens the cards of a firm whose people sign for their bills.
func (y *year) firms() {
	for range 6 {
		c := y.newCard(firm)
		c.Kind, c.Details.Remarks = ledger.Common, "滨江科技员工,签单月结"
		ch := y.do(command.Open{Merchant: Merchant, By: y.person("admin", &shops[0]), Card: c})
		if len(ch.Opened) > 0 {
			y.signers = append(y.signers, ch.Opened[0].ID)
		}
	}
}

// join opens the card of a new member, who is given a coupon and mostly recharges at once.
func (y *year) join(s *shop) {
	c := y.newCard(plain)
	if y.percent(18) {
		c.Details.Referrer = s.tills[y.below(len(s.tills))]
	}
	ch := y.do(command.Open{Merchant: Merchant, By: y.till(s), Card: c})
	if len(ch.Opened) == 0 {
		return
	}
	m, opened := y.newMember(ch.Opened[0].ID, s), ch.Opened[0]
	y.plan(y.at.Add(20*time.Second), func() { y.send(m.id, couponWelcome, "开卡礼", y.till(s)) })
	if y.percent(72) {
		y.plan(y.at.Add(time.Minute), func() { y.recharge(m, s, 0) })
	}
	if opened.Kind == ledger.Common && y.percent(30) {
		y.plan(y.at.Add(3*time.Minute), func() { y.bind(m.id) })
	}
}

// bind binds the phone of a holder.
func (y *year) bind(id ledger.CardID) {
	c := y.card(id)
	y.do(command.BindPhone{Merchant: Merchant, ID: id, Card: c.Number, Pass: c.Details.Pass})
}

// giftCards issues a series of cards that carry money for whoever has them, and sells them one after the other.
func (y *year) giftCards() {
	issue := command.Issue{Merchant: Merchant, By: y.person("admin", &shops[0])}
	for range gifts / 2 {
		issue.Cards = append(issue.Cards, command.NewCard{Number: "G" + y.number(), Kind: ledger.StoredValue, Level: plain})
	}
	ch := y.do(issue)
	for i := range ch.Opened {
		id, number := ch.Opened[i].ID, ch.Opened[i].Number
		s := &shops[i%2]
		sold := y.at.Add(time.Duration(i/4)*24*time.Hour + time.Duration(2+2*(i%4))*time.Hour)
		y.plan(sold, func() {
			amount := ledger.Fen(200+100*(i%4)) * yuan
			y.do(command.Recharge{
				Merchant: Merchant, By: y.till(s), Card: number, Amount: amount, PayType: y.payType(), NoBonus: true, Note: "礼品卡",
			})
		})
		m := y.newMember(id, s)
		m.until = y.on + 60
	}
}
