package command

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// order is a command, and the time at which it is given.
type order struct {
	cmd Command
	now time.Time
	set *ledger.Settings // the merchant's settings from then on; nil = unchanged
}

// numbers are the card numbers of every generated story; the first three are opened at its beginning.
var numbers = []string{"6001", "6002", "6003", "6004", "6005", "6006", "6007"}

// drawMerchant draws settings: every spend order, with and without expiry, limits and rules. Amounts are small, so
// that rounding matters and cards run empty.
func drawMerchant(t *rapid.T, id ledger.MerchantID) ledger.Merchant {
	m := ledger.Merchant{
		ID: id, Zone: shanghai,
		PayTypes: []ledger.PayType{{ID: 1, Name: "现金", Invoiceable: rapid.Bool().Draw(t, "invoiceable")}},
		Settings: ledger.Settings{
			SpendOrder: rapid.SampledFrom([]ledger.SpendOrder{
				ledger.Proportional, ledger.BonusFirst, ledger.PrincipalFirst,
			}).Draw(t, "policy"),
			PartPayment: rapid.Bool().Draw(t, "part payment"),
			BonusDays:   rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "bonus days"),
			PointsDays:  rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "points days"),
			PointsRatio: rapid.SampledFrom([]int64{0, 1, 7, 100, 300}).Draw(t, "points for a yuan"),
			MaxBalance:  rapid.SampledFrom([]ledger.Fen{0, 5000}).Draw(t, "most a card may hold"),
			MaxAmount:   rapid.SampledFrom([]ledger.Fen{0, 2000}).Draw(t, "most at once"),
		},
	}
	for level := range ledger.LevelID(2) {
		m.Levels = append(m.Levels, ledger.Level{
			ID:      level + 1,
			PayRate: rapid.SampledFrom([]ledger.Rate{ledger.Percent100, 8500, 3333, 0}).Draw(t, "discount"),
			Earn:    rapid.SampledFrom([]ledger.Rate{ledger.Percent100, 100 * ledger.Percent100, 0}).Draw(t, "earn"),
			Rights:  drawRights(t, level > 0),
		})
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "rules") {
		m.Rules = append(m.Rules, ledger.Rule{
			ID: ledger.RuleID(i + 1), Name: fmt.Sprintf("规则%d", i+1),
			Kind:      rapid.SampledFrom([]ledger.RuleKind{ledger.EachTime, ledger.Percent, ledger.FromAmount}).Draw(t, "kind"),
			Threshold: ledger.Fen(rapid.IntRange(1, 1000).Draw(t, "threshold")),
			AddMoney:  ledger.Fen(rapid.IntRange(0, 100).Draw(t, "add money")),
			AddRate:   ledger.Rate(rapid.IntRange(0, 10_000).Draw(t, "add rate")),
			AddPoints: int64(rapid.IntRange(0, 20).Draw(t, "add points")),
			Weekdays:  ledger.Weekdays(rapid.SampledFrom([]int{0, 0, 0b0111110, 0b1000001}).Draw(t, "weekdays")),
			From:      ledger.Clock(rapid.SampledFrom([]int{0, 0, 9 * 60, 22 * 60}).Draw(t, "from")),
			Until:     ledger.Clock(rapid.SampledFrom([]int{0, 0, 2 * 60, 21 * 60}).Draw(t, "until")),
		})
	}
	for kind := range ledger.CouponKindID(3) {
		m.CouponKinds = append(m.CouponKinds, drawCouponKind(t, kind+1))
	}
	return m
}

// drawRights draws what a level gives. If strict, its cards may not be recharged in some draws.
func drawRights(t *rapid.T, strict bool) ledger.Rights {
	return ledger.Rights{
		CashBack: rapid.SampledFrom([]ledger.CashBack{
			{}, {}, {Each: 100, Back: 7}, {Each: 30, Back: 30}, {Each: 10, Back: 50},
		}).Draw(t, "cash back"),
		NoRecharge: strict && rapid.Bool().Draw(t, "no recharge"),
		Account: ledger.HouseAccount{
			ID:        rapid.Int64Range(0, 2).Draw(t, "account"),
			MaxAmount: rapid.SampledFrom([]ledger.Fen{0, 900}).Draw(t, "most to sign for"),
			Fixed:     rapid.SampledFrom([]ledger.Fen{0, 400}).Draw(t, "most of one bill"),
			MaxCount:  rapid.IntRange(0, 3).Draw(t, "bills"),
		},
		Renewals: []ledger.Renewal{
			{Price: ledger.Fen(rapid.IntRange(1, 300).Draw(t, "price")), Months: 12}, {Price: 50, Months: 1},
		},
	}
}

// drawStory draws merchants and the commands given to them, in order.
func drawStory(t *rapid.T) ([]ledger.Merchant, []order) { return story{t: t}.draw() }

// drawChangingStory draws a story in which the merchants change their settings.
func drawChangingStory(t *rapid.T) ([]ledger.Merchant, []order) {
	return story{t: t, changing: true}.draw()
}

type story struct {
	t        *rapid.T
	changing bool
	people   bool // some commands are people's, and the merchants want a second one above small amounts
}

func (st story) draw() ([]ledger.Merchant, []order) {
	t := st.t
	merchants := []ledger.Merchant{drawMerchant(t, 1), drawMerchant(t, 2)}
	for i := range merchants {
		if st.people {
			merchants[i].Settings.SecondPerson = rapid.SampledFrom([]ledger.Fen{0, 10, 200}).Draw(t, "second person above")
		}
	}
	shadow := newMemStore(merchants...) // follows the story, so that undoing finds something to undo
	var orders []order
	add := func(o order) {
		shadow.change(o)
		if _, err := shadow.do(o.cmd, o.now); err != nil && reasonOf(err) < 0 {
			t.Fatalf("%+v: %v", o.cmd, err)
		}
		orders = append(orders, o)
	}
	for _, m := range merchants {
		for _, n := range numbers[:3] {
			c := NewCard{Number: n, Level: 1, Holder: ledger.Holder{Name: "张三"}}
			if rapid.IntRange(0, 3).Draw(t, "good for a few days only") == 0 {
				c.Expires = ledger.DateOf(monday).AddDays(5)
			}
			c.Details.Credit = rapid.SampledFrom([]ledger.Fen{0, 0, 300}).Draw(t, "credit")
			add(order{cmd: Open{Merchant: m.ID, Card: c}, now: monday})
			if rapid.Bool().Draw(t, "money to begin with") {
				add(order{cmd: Recharge{Merchant: m.ID, Card: n, Amount: 900, PayType: 1}, now: monday})
			}
		}
	}
	for range rapid.SampledFrom([]int{0, 0, ledger.CardLots - 1, ledger.CardLots + 1}).Draw(t, "lots to begin with") {
		add(order{cmd: Recharge{Merchant: 1, Card: numbers[0], Amount: 1, PayType: 1}, now: monday})
	}
	for range rapid.IntRange(0, 3).Draw(t, "coupons to begin with") {
		d := newDrawing(t, shadow)
		send := drawSend(d).(SendCoupons)
		add(order{cmd: send, now: monday})
		add(order{cmd: Recharge{Merchant: d.merchant, Card: send.Card, Amount: 900, PayType: 1}, now: monday})
	}
	now := monday
	n := rapid.IntRange(1, 60).Draw(t, "orders")
	if rapid.Bool().Draw(t, "a long story") { // most numbers drawn are small, and short stories undo hardly anything
		n += 80
	}
	for range n {
		now = now.Add(drawStep(t))
		o := order{now: now}
		d := newDrawing(t, shadow)
		if st.people {
			d.by = rapid.SampledFrom([]ledger.Caller{
				{}, {Person: 1}, {Person: 1, Proposer: 2}, {Person: 1, Proposer: 2}, {Person: 2, Proposer: 1},
				{Person: 2, Proposer: 1}, {Person: 1, Proposer: 1},
			}).Draw(t, "by")
		}
		if st.changing && rapid.IntRange(0, 3).Draw(t, "changes") == 0 {
			set := drawMerchant(t, d.merchant).Settings
			o.set = &set
		}
		o.cmd = d.command()
		add(o)
	}
	return merchants, orders
}

// change applies the settings an order brings.
func (l *memStore) change(o order) {
	if o.set == nil {
		return
	}
	m := l.merchants[o.cmd.MerchantID()]
	m.Settings = *o.set
	l.merchants[m.ID] = m
}

// drawStep draws how far the clock moves: usually a little, sometimes days, sometimes back.
func drawStep(t *rapid.T) time.Duration {
	return rapid.SampledFrom([]time.Duration{
		0, time.Millisecond, time.Second, time.Minute + time.Nanosecond, 5 * time.Hour, 24 * time.Hour, 50 * time.Hour,
		-time.Microsecond, -time.Hour, -30 * time.Hour,
	}).Draw(t, "step")
}

type drawing struct {
	t        *rapid.T
	shadow   *memStore
	merchant ledger.MerchantID
	by       ledger.Caller
}

func newDrawing(t *rapid.T, shadow *memStore) *drawing {
	return &drawing{
		t: t, shadow: shadow, merchant: ledger.MerchantID(rapid.SampledFrom([]int{1, 1, 1, 2}).Draw(t, "merchant")),
		by: ledger.Caller{Agent: ledger.AgentID(rapid.IntRange(0, 2).Draw(t, "agent"))},
	}
}

// command draws a command that names cards and entries which exist, or may exist.
func (d *drawing) command() Command {
	cmd := rapid.SampledFrom(drawings).Draw(d.t, "command")(d)
	if rapid.IntRange(0, 3).Draw(d.t, "named") > 0 {
		return cmd
	}
	once := Once{
		Command: cmd, Fingerprint: [32]byte{byte(rapid.IntRange(0, 1).Draw(d.t, "content"))}, Answer: answerOf,
		Key: d.requestKey(),
	}
	if mayMakeNoEntry(cmd) {
		once.Fingerprint[1] = 1 // the fingerprint of a request says which command it is
	}
	once.Layouts = layoutsOf(once.Key.ID)
	return once
}

// answerOf returns the stored answer of a request.
// layoutsOf has half of the answers written out of their entries, by what the request is called, and the others
// kept whole.
func layoutsOf(id string) []Layout {
	if (len(id)+int(id[len(id)-1]))%2 == 1 {
		return nil
	}
	return []Layout{{
		Version: 7,
		Rest: func(ch Changes) []byte {
			if ch.Last().Card == 0 {
				return nil
			}
			return []byte(ch.About().Number)
		},
		Write: func(rest []byte, last, newest *ledger.Entry) []byte {
			return fmt.Append(rest[:len(rest):len(rest)], last.ID, last.AmountAfter(), newest.ID, newest.PointsAfter)
		},
	}}
}

func answerOf(ch Changes) []byte {
	if len(ch.Entries) == 0 {
		return fmt.Append(nil, ch.Refused)
	}
	return fmt.Append(nil, ch.Last().ID, ch.Last().AmountAfter())
}

// card is usually one of the first, so that much happens to it.
func (d *drawing) card() string {
	return rapid.SampledFrom([]string{"6001", "6001", "6001", "6002", "6002", "6003", "6004", "6005"}).Draw(d.t, "card")
}

func (d *drawing) number() string { return rapid.SampledFrom(numbers).Draw(d.t, "number") }

// undo draws a card and an entry to undo: usually one of that kind, on its own card.
func (d *drawing) undo(kind ledger.Kind) (string, ledger.EntryID) {
	var there []*ledger.Entry
	for _, e := range d.shadow.entriesOf(d.merchant) {
		if e.Kind == kind {
			there = append(there, e)
		}
	}
	if len(there) == 0 || rapid.IntRange(0, 7).Draw(d.t, "any") == 0 {
		return d.card(), ledger.EntryID(rapid.IntRange(1, 40).Draw(d.t, "entry"))
	}
	e := rapid.SampledFrom(there).Draw(d.t, "to undo")
	return d.shadow.cards[row[ledger.CardID]{d.merchant, e.Card}].Number, e.ID
}

// request draws the request by which an entry to undo is named: usually none, otherwise the one that made it, or any.
func (d *drawing) request(entry ledger.EntryID) ledger.RequestKey {
	switch rapid.IntRange(0, 15).Draw(d.t, "by request") {
	case 0:
		return d.requestKey()
	case 1, 2, 3, 4, 5:
		for key, r := range d.shadow.requests {
			if key.merchant == d.merchant && r.Entry == entry {
				return r.Key // no other made that entry
			}
		}
	}
	return ledger.RequestKey{}
}

func (d *drawing) requestKey() ledger.RequestKey {
	return ledger.RequestKey{
		Agent: d.by.Agent, Scope: rapid.SampledFrom([]string{"a", "b"}).Draw(d.t, "scope"),
		ID: rapid.SampledFrom([]string{"r1", "r2", "r3", "r4"}).Draw(d.t, "request"),
	}
}

func (d *drawing) fen(least, most int) ledger.Fen {
	return ledger.Fen(rapid.IntRange(least, most).Draw(d.t, "amount"))
}

func (d *drawing) points() int64 { return int64(rapid.IntRange(-20, 60).Draw(d.t, "points")) }

// The number of times a function is listed is its weight.
var drawings = []func(*drawing) Command{
	drawRecharge, drawRecharge, drawRecharge, drawConsume, drawConsume, drawConsume, drawRefund, drawRefund, drawRefund,
	drawReversal, drawReversal, drawCouponBill, drawCouponBill, drawCouponBill,
	drawShared, drawShared, drawSharedRefund,
	func(d *drawing) Command {
		return UsePoints{Merchant: d.merchant, By: d.by, Card: d.card(), Points: d.points()}
	},
	func(d *drawing) Command {
		return AdjustPoints{Merchant: d.merchant, By: d.by, Card: d.card(), Points: d.points()}
	},
	func(d *drawing) Command { return Transfer{d.merchant, d.by, d.card(), d.card(), d.fen(-1, 700)} },
	func(d *drawing) Command { return Merge{d.merchant, d.by, d.card(), d.card()} },
	func(d *drawing) Command {
		until := rapid.SampledFrom([]ledger.Date{0, 0, ledger.DateOf(monday).AddDays(4), 2020_01_01, ledger.Forever})
		return GiveBonus{d.merchant, d.by, d.card(), d.fen(-1, 300), until.Draw(d.t, "last day"), "致歉"}
	},
	func(d *drawing) Command { return Withdraw{d.merchant, d.by, d.card(), d.fen(-1, 700), d.paidOutBy()} },
	drawHold, drawHold, drawHold, drawCapture, drawCapture,
	func(d *drawing) Command {
		card, entry := d.undo(ledger.AmountHeld)
		return ReleaseHold{d.merchant, d.by, card, entry, ""}
	},
	func(d *drawing) Command { return Expire{d.merchant, d.by, d.card()} },
	func(d *drawing) Command { return ReportLost{d.merchant, d.by, d.card()} },
	func(d *drawing) Command { return CancelLoss{d.merchant, d.by, d.card()} },
	func(d *drawing) Command { return CancelLoss{d.merchant, d.by, d.card()} },
	func(d *drawing) Command { return Stop{d.merchant, d.by, d.card(), ""} },
	func(d *drawing) Command { return Resume{d.merchant, d.by, d.card(), ""} },
	func(d *drawing) Command { return Resume{d.merchant, d.by, d.card(), ""} },
	func(d *drawing) Command { return Replace{d.merchant, d.by, d.card(), d.number()} },
	func(d *drawing) Command { return Return{d.merchant, d.by, d.card(), d.paidOutBy()} },
	func(d *drawing) Command {
		return ChangeLevel{d.merchant, d.by, d.card(), ledger.LevelID(rapid.IntRange(1, 3).Draw(d.t, "level")), ""}
	},
	func(d *drawing) Command {
		name := rapid.SampledFrom([]string{"", "李四"}).Draw(d.t, "name")
		return ModifyHolder{Merchant: d.merchant, By: d.by, Card: d.card(), Name: &name}
	},
	func(d *drawing) Command { return Open{d.merchant, d.by, d.newCard()} },
	func(d *drawing) Command {
		return Import{Merchant: d.merchant, By: d.by, Cards: []NewCard{d.brought(), d.brought()}}
	},
	drawReverseOpening, drawReverseOpening,
	func(d *drawing) Command {
		cards := make([]NewCard, rapid.IntRange(0, 3).Draw(d.t, "cards"))
		for i := range cards {
			cards[i] = d.newCard()
		}
		return Issue{Merchant: d.merchant, By: d.by, Cards: cards}
	},
	drawDetails, drawDetails,
	func(d *drawing) Command {
		c, _ := d.shadow.card(ledger.CardKey{Merchant: d.merchant, Number: d.card()}, 0)
		return BindPhone{
			d.merchant, d.by, c.ID, c.Number, c.Details.Pass - rapid.SampledFrom([]int64{0, 0, 0, 1}).Draw(d.t, "old pass"),
		}
	},
	func(d *drawing) Command {
		return ChargeToAccount{Merchant: d.merchant, By: d.by, Card: d.card(), Amount: d.fen(-1, 500)}
	},
	func(d *drawing) Command {
		card, entry := d.undo(ledger.AccountCharged)
		return RefundCharge{d.merchant, d.by, card, entry, d.request(entry), ""}
	},
	func(d *drawing) Command { return Invoice{d.merchant, d.by, d.card(), d.fen(-1, 900), ""} },
	func(d *drawing) Command {
		card, entry := d.undo(ledger.Invoiced)
		return ReverseInvoice{d.merchant, d.by, card, entry, d.request(entry), ""}
	},
	func(d *drawing) Command {
		card, entry := d.undo(ledger.Renewed)
		return ReverseRenewal{d.merchant, d.by, card, entry, ""}
	},
	func(d *drawing) Command {

		return Renew{
			Merchant: d.merchant, By: d.by, Card: d.card(), Months: rapid.SampledFrom([]int{1, 12, 12, 2}).Draw(d.t, "months"),
		}

	},
	drawSend, drawSend, drawSend, drawSend, drawVoid,
	func(d *drawing) Command { return ExpireCoupons{d.merchant, d.by, d.card()} },
	func(d *drawing) Command { return AcceptTime{d.merchant, d.by, d.timeBack(), ""} },
	func(d *drawing) Command { return TakeBackTime{d.merchant, d.by, d.timeBack(), "错"} },
	drawSettings, drawWebhook,
	drawReverseExpiry, drawReverseExpiry,
}

// drawSettings draws new settings by a caller who has usually seen the newest; sometimes they are invalid.
func drawSettings(d *drawing) Command {
	to := lawful(d.shadow.merchants[d.merchant])
	to.Settings = drawMerchant(d.t, d.merchant).Settings
	for i := range to.Levels {
		to.Levels = slices.Clone(to.Levels)
		to.Levels[i].Name = fmt.Sprint("等级", i)
	}
	if rapid.IntRange(0, 3).Draw(d.t, "unlawful") == 0 {
		to.Settings.BonusDays = -1
	}
	from := d.shadow.heads[d.merchant].Settings
	if rapid.IntRange(0, 3).Draw(d.t, "seen") == 0 {
		from++
	}
	return ChangeSettings{Merchant: d.merchant, By: d.by, To: to, From: from}
}

// drawWebhook draws another webhook by a caller who has usually seen the newest; sometimes it has a fault.
func drawWebhook(d *drawing) Command {
	id := ledger.WebhookID(rapid.IntRange(0, 2).Draw(d.t, "webhook"))
	w := aWebhook(id)
	w.Merchant, w.Stopped = d.merchant, rapid.Bool().Draw(d.t, "stopped")
	w.Name = rapid.SampledFrom([]string{"ERP", "BI", ""}).Draw(d.t, "name of the webhook")
	w.Version = d.shadow.webhooks[row[ledger.WebhookID]{d.merchant, id}].Version
	if rapid.IntRange(0, 3).Draw(d.t, "seen the webhook") == 0 {
		w.Version++
	}
	return ChangeWebhook{By: d.by, To: w}
}

// timeBack draws a time somewhat before the journal's last.
func (d *drawing) timeBack() time.Time {
	back := time.Duration(rapid.IntRange(-1, 100).Draw(d.t, "hours back")) * time.Hour
	return d.shadow.heads[d.merchant].LastAt.Add(-back)
}

func drawReverseExpiry(d *drawing) Command {
	card, entry := d.undo(rapid.SampledFrom([]ledger.Kind{
		ledger.LotsExpired, ledger.LotsExpired, ledger.CouponExpired, ledger.ConsumeRefunded,
	}).Draw(d.t, "expiry"))
	return ReverseExpiry{d.merchant, d.by, card, entry}
}

func (d *drawing) newCard() NewCard {
	return NewCard{
		Number: d.number(), Level: 1, Holder: ledger.Holder{Name: "王五"}, Details: ledger.Details{ExtID: d.extID()},
		Kind: rapid.SampledFrom([]ledger.CardKind{
			ledger.Micro, ledger.Micro, ledger.Common, ledger.Common, ledger.StoredValue, 3,
		}).Draw(d.t, "kind of card"),
		Principal: d.fen(-1, 500), Bonus: d.fen(0, 200), Points: int64(d.fen(0, 20)),
	}
}

// brought draws a new card as another system may have left it.
func (d *drawing) brought() NewCard {
	n := d.newCard()
	n.Status = rapid.SampledFrom([]ledger.Status{
		0, 0, ledger.Active, ledger.Lost, ledger.Stopped, ledger.Returned,
	}).Draw(d.t, "status")
	n.Expires = rapid.SampledFrom([]ledger.Date{0, 0, 2020_01_01, 2199_12_31}).Draw(d.t, "last good day")
	n.Owes = rapid.SampledFrom([]ledger.Fen{0, 0, 0, 70, 1, -1}).Draw(d.t, "owes")
	return n
}

// drawReverseOpening draws a card to be taken back: often one that has the entries it came with and no more. The cards
// to which most happens stay.
func drawReverseOpening(d *drawing) Command {
	number, first := d.undo(ledger.Opened)
	if number <= "6003" {
		number, first = d.card(), 0
	}
	b := BroughtCard{Number: number, First: first, Last: first}
	for _, e := range d.shadow.entriesOf(d.merchant) {
		if of := d.shadow.entries[row[ledger.EntryID]{d.merchant, first}]; e.Card == of.Card && e.SameCommand(&of) {
			b.Last = e.ID
		}
	}
	return ReverseOpenings{d.merchant, d.by, []BroughtCard{b}}
}

// extID draws one of few codes, so that cards want the same.
func (d *drawing) extID() string {
	return rapid.SampledFrom([]string{"", "", "101", "102", "103", "x"}).Draw(d.t, "inner code")
}

func drawDetails(d *drawing) Command {
	code, credit := d.extID(), d.fen(-1, 100)
	m := ModifyDetails{Merchant: d.merchant, By: d.by, Card: d.card(), ExtID: &code, Credit: &credit}
	if rapid.Bool().Draw(d.t, "keeps its code") {
		m.ExtID = nil
	}
	return m
}

// paidOutBy draws by which pay type somebody is paid: often none is named, and sometimes one that there is not.
func (d *drawing) paidOutBy() ledger.PayTypeID {
	return rapid.SampledFrom([]ledger.PayTypeID{0, 0, 1, 1, 9}).Draw(d.t, "paid out by")
}

func drawRecharge(d *drawing) Command {
	r := Recharge{Merchant: d.merchant, By: d.by, Card: d.card(), Amount: d.fen(0, 2100), PayType: 1}
	if rapid.IntRange(0, 3).Draw(d.t, "other bonus") == 0 {
		r.NoBonus, r.Bonus = rapid.Bool().Draw(d.t, "no bonus"), d.fen(-1, 150)
	}
	return r
}

func drawConsume(d *drawing) Command {
	amount := d.fen(0, 2100)
	c := Consume{
		Merchant: d.merchant, By: d.by, Card: d.card(), Amount: amount, NoDiscount: min(amount+1, d.fen(-100, 300)),
		Points: PointsOffered{
			Points: rapid.SampledFrom([]int64{0, 0, 0, 1, 3, 20, 100, -1}).Draw(d.t, "points to pay with"),
			Ratio:  rapid.SampledFrom([]int64{0, 0, 0, 0, 7}).Draw(d.t, "ratio of the till"),
		},
		InFull: rapid.IntRange(0, 3).Draw(d.t, "in full") == 0,
	}
	for range rapid.SampledFrom([]int{0, 0, 1, 2, 3}).Draw(d.t, "coupons") {
		card, id := d.coupon(c.Card)
		if len(c.Coupons) == 0 {
			c.Card = card
		} else if card != c.Card && rapid.IntRange(0, 3).Draw(d.t, "of another card") > 0 {
			continue
		}
		c.Coupons = append(c.Coupons, id)
	}
	return c
}

// drawCouponBill draws a bill that a coupon may well pay: of those of drawConsume hardly any would be carried out.
func drawCouponBill(d *drawing) Command {
	card, id := d.coupon(d.card())
	return Consume{
		Merchant: d.merchant, By: d.by, Card: card, Amount: d.fen(0, 1200), Coupons: []ledger.CouponID{id},
	}
}

func drawRefund(d *drawing) Command {
	card, entry := d.undo(ledger.Consumed)
	r := RefundConsume{Merchant: d.merchant, By: d.by, Card: card, Entry: entry, Request: d.request(entry)}
	if rapid.Bool().Draw(d.t, "a part") {
		r.Amount = d.fen(-1, 300)
	}
	return r
}

// drawShared draws a bill that two or three cards share.
func drawShared(d *drawing) Command {
	bill := drawConsume(d).(Consume)
	p := ConsumeShared{Bill: bill, Cards: []Payer{{Card: bill.Card}, {Card: d.card()}}}
	if rapid.Bool().Draw(d.t, "a third card") {
		p.Cards = append(p.Cards, Payer{Card: d.card()})
	}
	for i := range p.Cards[1:] {
		p.Cards[i].Most = rapid.SampledFrom([]ledger.Fen{0, 0, 100, 400}).Draw(d.t, "at most")
	}
	return p
}

// drawHold draws a hold that may well be longer than some bonus is good.
func drawHold(d *drawing) Command {
	h := Hold{Merchant: d.merchant, By: d.by, Card: d.card(), Amount: d.fen(-1, 900)}
	if rapid.Bool().Draw(d.t, "until a time") {
		h.Until = d.shadow.heads[d.merchant].LastAt.Add(
			time.Duration(rapid.SampledFrom([]int{-1, 1, 50, 100, 100, 800}).Draw(d.t, "hours")) * time.Hour)
	}
	return h
}

func drawCapture(d *drawing) Command {
	card, entry := d.undo(ledger.AmountHeld)
	p := Capture{Merchant: d.merchant, By: d.by, Card: card, Hold: entry}
	if rapid.Bool().Draw(d.t, "a part of it") {
		p.Amount, p.KeepRest = d.fen(-1, 500), rapid.Bool().Draw(d.t, "the rest is kept")
	}
	return p
}

func drawSharedRefund(d *drawing) Command {
	var shared []*ledger.Entry
	for _, e := range d.shadow.entriesOf(d.merchant) {
		if e.Shared() {
			shared = append(shared, e)
		}
	}
	if len(shared) == 0 {
		return drawRefund(d)
	}
	named := rapid.SampledFrom(shared).Draw(d.t, "to refund")
	r := RefundShared{Merchant: d.merchant, By: d.by, Entry: named.ID, Request: d.request(named.ID)}
	for _, e := range shared {
		if e.First() == named.First() && rapid.IntRange(0, 3).Draw(d.t, "not") > 0 {
			r.Cards = append(r.Cards, d.shadow.cards[row[ledger.CardID]{d.merchant, e.Card}].Number)
		}
	}
	if rapid.Bool().Draw(d.t, "a part") {
		r.Amount = d.fen(-1, 600)
	}
	return r
}

func drawReversal(d *drawing) Command {
	card, entry := d.undo(ledger.Recharged)
	return ReverseRecharge{d.merchant, d.by, card, entry, d.request(entry), rapid.Bool().Draw(d.t, "whole"), "错"}
}
