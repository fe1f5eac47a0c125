package command

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongka/internal/ledger"
)

// args are the words of a scenario's line: a verb, then name=value or bare words.
type args struct {
	verb  string
	said  string            // everything except the request's or the entry's name
	words []string          // the bare ones
	named map[string]string // removed as they are read
	names map[string]ledger.EntryID
	by    ledger.Caller
	err   error // the first value that cannot be read
}

// parseArgs splits a line; it returns nil for an empty one or a comment. "…" encloses a value with spaces.
func parseArgs(line string) (*args, error) {
	line, _, _ = strings.Cut(line, "  # ")
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return nil, nil
	}
	quoted := false
	fields := strings.FieldsFunc(line, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ' ' && !quoted
	})
	if quoted {
		return nil, errors.New("a quotation mark is missing")
	}
	a := &args{verb: fields[0], said: fields[0], named: map[string]string{}}
	for _, f := range fields[1:] {
		if !strings.HasPrefix(f, "request=") && !strings.HasPrefix(f, "as=") {
			a.said += " " + f
		}
		f = strings.ReplaceAll(f, `"`, "")
		name, value, named := strings.Cut(f, "=")
		if !named {
			a.words = append(a.words, f)
			continue
		}
		if _, twice := a.named[name]; twice {
			return nil, fmt.Errorf("%s= stands there twice", name)
		}
		a.named[name] = value
	}
	return a, nil
}

// done returns an error if a value cannot be read or was never read.
func (a *args) done() error {
	for name := range a.named {
		a.fail(fmt.Errorf("%s has no %s=", a.verb, name))
	}
	if len(a.words) > 0 {
		a.fail(fmt.Errorf("what does %q mean", a.words[0]))
	}
	return a.err
}

func (a *args) fail(err error) {
	if err != nil && a.err == nil {
		a.err = err
	}
}

func (a *args) has(name string) bool {
	_, there := a.named[name]
	return there
}

func (a *args) text(name string) string {
	v := a.named[name]
	delete(a.named, name)
	return v
}

// read parses a value; it returns the zero value if there is none.
func read[T any](a *args, name string, parse func(string) (T, error)) T {
	var zero T
	if !a.has(name) {
		return zero
	}
	v, err := parse(a.text(name))
	if err != nil {
		a.fail(fmt.Errorf("%s: %w", name, err))
	}
	return v
}

func (a *args) int(name string) int64 {
	return read(a, name, func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) })
}

// fen returns an amount; unlike on a wire it may be negative, so that refusals can be shown.
func (a *args) fen(name string) ledger.Fen {
	return read(a, name, func(s string) (ledger.Fen, error) {
		f, err := ledger.ParseYuan(strings.TrimPrefix(s, "-"))
		if strings.HasPrefix(s, "-") {
			f = -f
		}
		return f, err
	})
}

func (a *args) rate(name string) ledger.Rate { return read(a, name, ledger.ParseRate) }
func (a *args) date(name string) ledger.Date {
	if a.named[name] == "none" {
		a.text(name)
		return 0
	}
	return read(a, name, ledger.ParseDate)
}

func (a *args) time(name string) time.Time {
	return read(a, name, func(s string) (time.Time, error) {
		return time.ParseInLocation("2006-01-02 15:04", s, shanghai)
	})
}

func (a *args) yes(name string) bool {
	return read(a, name, func(s string) (bool, error) {
		if s != "yes" && s != "no" {
			return false, errors.New("want yes or no")
		}
		return s == "yes", nil
	})
}

// entry returns the entry that entry= names, by its number or by the name another line gave it.
func (a *args) entry() ledger.EntryID {
	return read(a, "entry", func(s string) (ledger.EntryID, error) {
		if id, named := a.names[s]; named {
			return id, nil
		}
		n, err := strconv.ParseInt(s, 10, 64)
		return ledger.EntryID(n), err
	})
}

// made returns the request that of= and at= name, by which an entry is named, too.
func (a *args) made() ledger.RequestKey {
	return ledger.RequestKey{Agent: a.by.Agent, Scope: a.text("at"), ID: a.text("of")}
}

// newCard returns a card to open; its holder is 张三 unless the line says otherwise.
func (a *args) newCard() NewCard {
	holder := ledger.Holder{Name: "张三", Phone: a.text("phone"), Gender: int(a.int("gender")), Birthday: a.date("birthday")}
	if a.has("name") {
		holder.Name = a.text("name")
	}
	n := NewCard{
		Number: a.text("number"), Kind: ledger.CardKind(a.int("kind")), Level: 1, Holder: holder, Expires: a.date("expires"),
		Principal: a.fen("principal"), Bonus: a.fen("bonus"), Points: a.int("points"), Details: a.details(),
		Owes: a.fen("owes"), Coupons: a.broughtCoupons(),
	}
	if a.has("status") {
		n.Status = map[string]ledger.Status{
			"lost": ledger.Lost, "stopped": ledger.Stopped, "returned": ledger.Returned,
		}[a.text("status")]
	}
	if a.has("level") {
		n.Level = ledger.LevelID(a.int("level"))
	}
	return n
}

// broughtCoupons are written 1:20000001,20000002 with the kind in front; until= is the last good day of all.
func (a *args) broughtCoupons() []BroughtCoupons {
	if !a.has("coupons") {
		return nil
	}
	var all []BroughtCoupons
	until := a.date("until")
	for one := range strings.SplitSeq(a.text("coupons"), ";") {
		kind, numbers, _ := strings.Cut(one, ":")
		id, err := strconv.ParseInt(kind, 10, 64)
		a.fail(err)
		all = append(all, BroughtCoupons{ledger.CouponKindID(id), strings.Split(numbers, ","), until})
	}
	return all
}

func (a *args) details() ledger.Details {
	return ledger.Details{
		ExtID: a.text("extid"), Remarks: a.text("remarks"), Subject: a.text("subject"), Referrer: a.text("referrer"),
		Physical: a.physical(),
		OpenID:   a.text("openid"), IDNumber: a.text("idnumber"), Credit: a.fen("credit"), Password: a.text("password"),
	}
}

func (a *args) physical() ledger.Physical {
	return ledger.Physical{
		No: a.text("physical-no"), Type: a.text("physical-type"), Name: a.text("physical-name"),
		Balance: a.fen("physical-balance"), Points: a.int("physical-points"),
	}
}

// settings are the verbs that set something and have no outcome.
var settings = map[string]func(*play, *args) error{
	"today": func(p *play, a *args) error {
		now, err := time.ParseInLocation("2006-01-02 15:04:05.999", a.clock(), p.merchant.Zone)
		p.now = now
		return err
	},
	"later":   func(p *play, a *args) error { return p.shift(a, 1) },
	"earlier": func(p *play, a *args) error { return p.shift(a, -1) },
	"merchant": func(p *play, a *args) error {
		return p.settings(a)
	},
	"neighbour": func(p *play, a *args) error { // another merchant with its own GUID
		p.memStore.merchants[2] = ledger.Merchant{ID: 2, GUID: a.text("guid"), Zone: shanghai}
		p.memStore.host.Merchants = append(slices.Clip(p.memStore.host.Merchants), 2)
		return nil
	},
	"level": func(p *play, a *args) error {
		l := ledger.Level{
			ID: ledger.LevelID(a.int("id")), Name: a.text("name"), PayRate: a.rate("discount"), Earn: a.rate("earn"),
			Rights: a.rights(),
		}
		l.Rights.CashBack = ledger.CashBack{Each: a.fen("each"), Back: a.fen("back")}
		p.merchant.Levels = append(p.merchant.Levels[:len(p.merchant.Levels):len(p.merchant.Levels)], l)
		return nil
	},
	"rule": func(p *play, a *args) error {
		return p.rule(a)
	},
	"coupon-kind": func(p *play, a *args) error {
		return p.couponKind(a)
	},
	"guess": func(p *play, a *args) error {
		return p.guess(a)
	},
	"paytype": func(p *play, a *args) error {
		p.merchant.PayTypes = append(p.merchant.PayTypes, ledger.PayType{
			ID: ledger.PayTypeID(a.int("id")), Name: a.text("name"), Invoiceable: a.yes("invoiceable"),
		})
		return nil
	},
}

// rights returns what a level gives besides discount and points.
func (a *args) rights() ledger.Rights {
	return ledger.Rights{NoRecharge: a.text("recharge") == "no", Renewals: a.renewals(), Account: a.account()}
}

// account returns the house account of a level.
func (a *args) account() ledger.HouseAccount {
	return ledger.HouseAccount{
		ID: a.int("account"), MaxAmount: a.fen("account-most"), Fixed: a.fen("account-once"), MaxCount: int(a.int("account-bills")),
	}
}

// renewals are written 12:2.00, separated by commas.
func (a *args) renewals() (all []ledger.Renewal) {
	if !a.has("renewals") {
		return nil
	}
	for one := range strings.SplitSeq(a.text("renewals"), ",") {
		months, price, _ := strings.Cut(one, ":")
		n, err := strconv.Atoi(months)
		a.fail(err)
		fen, err := ledger.ParseYuan(price)
		a.fail(err)
		all = append(all, ledger.Renewal{Price: fen, Months: n})
	}
	return all
}

// clock reads the bare words as a day and a time of day; the default is noon.
func (a *args) clock() string {
	words := append(a.words, "12:00")
	a.words = nil
	if len(words) < 2 {
		return ""
	}
	if strings.Count(words[1], ":") == 1 {
		words[1] += ":00"
	}
	return words[0] + " " + words[1]
}

func (p *play) shift(a *args, sign int) error {
	if len(a.words) != 2 {
		return errors.New("want a number and days, hours or minutes")
	}
	n, err := strconv.Atoi(a.words[0])
	switch a.words[1] {
	case "day", "days":
		p.now = p.now.AddDate(0, 0, sign*n)
	case "hour", "hours":
		p.now = p.now.Add(time.Duration(sign*n) * time.Hour)
	case "second", "seconds":
		p.now = p.now.Add(time.Duration(sign*n) * time.Second)
	case "minute", "minutes":
		p.now = p.now.Add(time.Duration(sign*n) * time.Minute)
	default:
		return fmt.Errorf("%q is no unit of time", a.words[1])
	}
	a.words = nil
	return err
}

// lawful returns the merchant with the fields every merchant must have.
func lawful(m ledger.Merchant) ledger.Merchant {
	m.GUID, m.Name = fmt.Sprintf("{%d}", m.ID), "南店"
	m.Shops = []ledger.Shop{{ID: 1, GUID: fmt.Sprintf("{%d-1}", m.ID), Name: "总店"}}
	return m
}

// settings changes what the line names and leaves the rest unchanged.
func (p *play) settings(a *args) error {
	s := &p.merchant.Settings
	if a.has("policy") {
		s.SpendOrder = read(a, "policy", func(name string) (ledger.SpendOrder, error) {
			policy, ok := ledger.ParseSpendOrder(name)
			if !ok {
				return 0, errors.New("no such policy")
			}
			return policy, nil
		})
	}
	if a.has("weak-passwords") {
		s.WeakPasswords = a.yes("weak-passwords")
	}
	if a.has("part-payment") {
		s.PartPayment = a.yes("part-payment")
	}
	if a.has("bonus-days") {
		s.BonusDays = int(a.int("bonus-days"))
	}
	if a.has("points-days") {
		s.PointsDays = int(a.int("points-days"))
	}
	if a.has("points-ratio") {
		s.PointsRatio = a.int("points-ratio")
	}
	if a.has("max-amount") {
		s.MaxAmount = a.fen("max-amount")
	}
	if a.has("max-balance") {
		s.MaxBalance = a.fen("max-balance")
	}
	if a.has("code-from") {
		s.CodeFrom = a.fen("code-from")
	}
	if a.has("second-person") {
		s.SecondPerson = a.fen("second-person")
	}
	if a.has("password-everywhere") {
		s.PasswordEverywhere = a.yes("password-everywhere")
	}
	if a.has("licence") {
		p.merchant.LicenceEnd = a.date("licence")
	}
	if a.has("zone") {
		p.merchant.Zone = read(a, "zone", time.LoadLocation)
	}
	if a.has("levels") { // levels=none removes all levels
		a.text("levels")
		p.merchant.Levels = nil
	}
	return nil
}

func (p *play) rule(a *args) error {
	r := ledger.Rule{ID: ledger.RuleID(len(p.merchant.Rules) + 1), Name: a.text("name"), AddPoints: a.int("points")}
	kind, ok := ledger.ParseRuleKind(a.text("kind"))
	if !ok {
		return errors.New("want kind=each, percent or threshold")
	}
	r.Kind = kind
	r.Threshold, r.AddMoney, r.AddRate = a.fen("from"), a.fen("money"), a.rate("rate")
	r.First, r.Last = a.date("first"), a.date("last")
	if a.has("ended") { // ended=yes
		r.Ended = a.text("ended") == "yes"
	}
	if err := whileInForce(&r, a); err != nil {
		return err
	}
	p.merchant.Rules = append(p.merchant.Rules[:len(p.merchant.Rules):len(p.merchant.Rules)], r)
	return nil
}

// whileInForce reads weekdays=sat,sun and hours=17:00-21:00.
func whileInForce(r *ledger.Rule, a *args) (err error) {
	if a.has("weekdays") {
		if r.Weekdays, err = ledger.ParseWeekdays(a.text("weekdays")); err != nil {
			return err
		}
	}
	if !a.has("hours") {
		return nil
	}
	from, until, _ := strings.Cut(a.text("hours"), "-")
	if r.From, err = ledger.ParseClock(from); err == nil {
		r.Until, err = ledger.ParseClock(until)
	}
	return err
}

// optional returns nil if the line does not name it.
func optional[T any](a *args, name string, get func(string) T) *T {
	if !a.has(name) {
		return nil
	}
	v := get(name)
	return &v
}

// commands make a command from a line.
var commands = map[string]func(*args, *play) Command{
	"card": func(a *args, _ *play) Command { return Open{1, a.by, a.newCard()} },
	"open": func(a *args, _ *play) Command { return Open{1, a.by, a.newCard()} },
	"import": func(a *args, p *play) Command {
		rows, alike := p.rows, p.alike
		p.rows, p.alike = nil, nil
		return Import{Merchant: 1, By: a.by, Cards: rows, Alike: alike}
	},
	"reverse-openings": func(a *args, p *play) Command {
		r := ReverseOpenings{Merchant: 1, By: a.by}
		for number := range strings.SplitSeq(a.text("cards"), ",") {
			r.Cards = append(r.Cards, p.brought[number])
		}
		return r
	},
	"issue": func(a *args, p *play) Command {
		rows := p.rows
		p.rows, p.alike = nil, nil
		issue := Issue{Merchant: 1, By: a.by, Cards: rows}
		if a.has("weak") { // the row whose password is weak
			issue.Weak = make([]bool, len(rows))
			issue.Weak[a.int("weak")-1] = true
		}
		return issue
	},
	"modify-details": func(a *args, _ *play) Command {
		m := ModifyDetails{
			Merchant: 1, By: a.by, Card: a.text("card"), ExtID: optional(a, "extid", a.text),
			Remarks:  optional(a, "remarks", a.text),
			Referrer: optional(a, "referrer", a.text), OpenID: optional(a, "openid", a.text),
			IDNumber: optional(a, "idnumber", a.text), Credit: optional(a, "credit", a.fen),
			Password: optional(a, "password", a.text), NewPass: a.has("new-pass") && a.yes("new-pass"),
		}
		if p := a.physical(); p != (ledger.Physical{}) {
			m.Physical = &p
		}
		return m
	},
	"bind-phone": func(a *args, p *play) Command {
		b := BindPhone{Merchant: 1, By: a.by, Card: a.text("card"), Pass: a.int("pass")}
		if c, ok := p.memStore.card(ledger.CardKey{Merchant: 1, Number: b.Card}, 0); ok {
			b.ID = c.ID
		}
		if a.has("id") {
			b.ID = ledger.CardID(a.int("id"))
		}
		return a.byHolder(p, b.Card, b)
	},
	"modify-holder": func(a *args, _ *play) Command {
		return ModifyHolder{
			1, a.by, a.text("card"), optional(a, "name", a.text), optional(a, "phone", a.text),
			optional(a, "gender", func(n string) int { return int(a.int(n)) }), optional(a, "birthday", a.date),
			a.has("if-changed"),
		}
	},
	"change-level": func(a *args, _ *play) Command {
		return ChangeLevel{1, a.by, a.text("card"), ledger.LevelID(a.int("level")), a.text("note")}
	},
	"report-lost": func(a *args, p *play) Command {
		card := a.text("card")
		return a.byHolder(p, card, ReportLost{1, a.by, card})
	},
	"cancel-loss": func(a *args, _ *play) Command { return CancelLoss{1, a.by, a.text("card")} },
	"stop":        func(a *args, _ *play) Command { return Stop{1, a.by, a.text("card"), a.text("note")} },
	"resume":      func(a *args, _ *play) Command { return Resume{1, a.by, a.text("card"), a.text("note")} },
	"replace":     func(a *args, _ *play) Command { return Replace{1, a.by, a.text("card"), a.text("number")} },
	"recharge": func(a *args, _ *play) Command {
		payType := ledger.PayTypeID(1)
		if a.has("paytype") {
			payType = ledger.PayTypeID(a.int("paytype"))
		}
		r := Recharge{
			Merchant: 1, By: a.by, Card: a.text("card"), Amount: a.fen("amount"), PayType: payType, Note: a.text("note"),
		}
		if r.NoBonus = a.named["bonus"] == "none"; r.NoBonus {
			a.text("bonus")
		}
		r.Bonus = a.fen("bonus")
		return r
	},
	"reverse-recharge": func(a *args, _ *play) Command {
		return ReverseRecharge{1, a.by, a.text("card"), a.entry(), a.made(), a.yes("whole"), a.text("note")}
	},
	"consume": func(a *args, p *play) Command {
		return a.scanned(p, a.consume(p))
	},
	"send-code":        func(a *args, p *play) Command { return a.sendCode() },
	"send-holder-code": func(a *args, p *play) Command { return a.sendHolderCode(p) },
	"look":             func(a *args, p *play) Command { return a.scanned(p, nil) },
	"consume-shared":   func(a *args, p *play) Command { return a.consumeShared(p) },
	"refund-shared": func(a *args, _ *play) Command {
		return RefundShared{
			1, a.by, strings.Split(a.text("cards"), ","), a.entry(), a.made(), a.fen("amount"), a.text("note"),
		}
	},
	"refund-consume": func(a *args, _ *play) Command {
		return RefundConsume{1, a.by, a.text("card"), a.entry(), a.made(), a.fen("amount"), a.text("note")}
	},
	"use-points": func(a *args, _ *play) Command {
		return UsePoints{Merchant: 1, By: a.by, Card: a.text("card"), Points: a.int("points"), Proof: a.shown(0)}
	},
	"adjust-points": func(a *args, _ *play) Command {
		return AdjustPoints{
			Merchant: 1, By: a.by, Card: a.text("card"), Points: a.int("points"), Note: a.text("note"), Proof: a.shown(0),
		}
	},
	"renew": func(a *args, _ *play) Command {
		return Renew{Merchant: 1, By: a.by, Card: a.text("card"), Months: int(a.int("months")), Proof: a.shown(0)}
	},
	"reverse-renewal": func(a *args, _ *play) Command {
		return ReverseRenewal{1, a.by, a.text("card"), a.entry(), a.text("note")}
	},
	"invoice": func(a *args, _ *play) Command {
		return Invoice{1, a.by, a.text("card"), a.fen("amount"), a.text("note")}
	},
	"reverse-invoice": func(a *args, _ *play) Command {
		return ReverseInvoice{1, a.by, a.text("card"), a.entry(), a.made(), a.text("note")}
	},
	"recall": func(a *args, _ *play) Command {
		return Recall{Merchant: 1, Key: ledger.RequestKey{Agent: a.by.Agent, Scope: a.text("at"), ID: a.text("id")}}
	},
	"change-settings": func(a *args, p *play) Command {
		to := play{merchant: lawful(p.merchant)}
		from := ledger.EntryID(a.int("from"))
		a.fail(to.settings(a))
		if a.has("guid") {
			to.merchant.GUID = a.text("guid")
		}
		if a.has("ended-shop") {
			to.merchant.Shops[0].Ended = a.yes("ended-shop")
		}
		return ChangeSettings{Merchant: 1, By: a.by, To: to.merchant, From: from}
	},
	"person":    func(a *args, p *play) Command { return a.person(p) },
	"webhook":   func(a *args, p *play) Command { return a.webhook(p) },
	"turn-down": func(a *args, _ *play) Command { return TurnDown{1, a.by} },
	"show-data": func(a *args, _ *play) Command { return ShowData{1, a.by, a.text("card"), a.text("what")} },
	"hand-over": func(a *args, _ *play) Command {
		of := ledger.HandOver{
			Operator: a.text("of"), After: ledger.EntryID(a.int("after")), UpTo: ledger.EntryID(a.int("up-to")),
			Cash: ledger.PayTypeID(a.int("cash")), Counted: a.fen("counted"),
		}
		if in := a.fen("taken"); in != 0 {
			of.Takings = []ledger.Taking{{PayType: of.Cash, Times: 1, In: in}}
		}
		return HandOver{Merchant: 1, By: a.by, Note: a.text("note"), Of: of}
	},
	"export": func(a *args, _ *play) Command { return RecordExport{1, a.by, a.text("what"), a.int("rows")} },
	"charge-account": func(a *args, _ *play) Command {
		amount := a.fen("amount")
		return ChargeToAccount{
			Merchant: 1, By: a.by, Card: a.text("card"), Amount: amount, Proof: a.shown(amount), Note: a.text("note"),
		}
	},
	"refund-charge": func(a *args, _ *play) Command {
		return RefundCharge{1, a.by, a.text("card"), a.entry(), a.made(), a.text("note")}
	},
	"transfer": func(a *args, _ *play) Command {
		return Transfer{1, a.by, a.text("from"), a.text("to"), a.fen("amount")}
	},
	"merge": func(a *args, _ *play) Command { return Merge{1, a.by, a.text("from"), a.text("to")} },
	"give-bonus": func(a *args, _ *play) Command {
		return GiveBonus{1, a.by, a.text("card"), a.fen("amount"), a.date("until"), a.text("note")}
	},
	"hold": func(a *args, _ *play) Command {
		amount := a.fen("amount")
		return Hold{1, a.by, a.text("card"), amount, a.time("until"), a.shown(amount), a.text("note")}
	},
	"capture": func(a *args, _ *play) Command {
		keep := a.has("keep-rest") && a.yes("keep-rest")
		return Capture{1, a.by, a.text("card"), a.entry(), a.fen("amount"), keep, a.text("note")}
	},
	"release-hold": func(a *args, _ *play) Command {
		return ReleaseHold{1, a.by, a.text("card"), a.entry(), a.text("note")}
	},
	"withdraw": func(a *args, _ *play) Command {
		return Withdraw{1, a.by, a.text("card"), a.fen("amount"), ledger.PayTypeID(a.int("paytype"))}
	},
	"send-coupons": func(a *args, p *play) Command {
		return SendCoupons{1, a.by, a.text("card"), ledger.CouponKindID(a.int("kind")), a.numbers(p), a.text("subject")}
	},
	"void-coupon": func(a *args, p *play) Command {
		return VoidCoupon{1, a.by, a.text("card"), p.coupon(a.text("coupon")), a.text("note")}
	},
	"expire-coupons": func(a *args, _ *play) Command { return ExpireCoupons{1, a.by, a.text("card")} },
	"return": func(a *args, _ *play) Command {
		return Return{1, a.by, a.text("card"), ledger.PayTypeID(a.int("paytype"))}
	},
	"expire": func(a *args, _ *play) Command { return Expire{1, a.by, a.text("card")} },
}
