package console

import (
	"net/http"
	"strconv"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// merchantRoutes are the host's: its merchants, and what a new one needs before its first card, one page after the
// other.
var merchantRoutes = []route{
	{"GET /console/host/merchants", "merchants", atHost, ledger.MaySettings, (*call).showMerchants},
	{"GET /console/host/merchants/new", "new merchant", atHost, ledger.MaySettings, (*call).showNewMerchant},
	{"POST /console/host/merchants/new", "new merchant", atHost, ledger.MaySettings, (*call).addMerchant},
	{"GET /console/host/merchants/{merchant}", "merchant", atHost, ledger.MaySettings, (*call).showMerchant},
	{"POST /console/host/merchants/{merchant}", "merchant", atHost, ledger.MaySettings, (*call).saveMerchant},
	{"GET /console/host/merchants/{merchant}/levels", "first levels", atHost, ledger.MaySettings, (*call).showFirstLevels},
	{
		"POST /console/host/merchants/{merchant}/levels", "first levels", atHost, ledger.MaySettings,
		(*call).saveFirstLevels,
	},
	{"GET /console/host/merchants/{merchant}/till", "first till", atHost, ledger.MayAgents, (*call).showFirstTill},
	{"POST /console/host/merchants/{merchant}/till", "first till", atHost, ledger.MayAgents, (*call).makeFirstTill},
	{"GET /console/host/merchants/{merchant}/ready", "ready", atHost, ledger.MaySettings, (*call).showReady},
}

// usualZone is the zone of a new merchant.
const usualZone = "Asia/Shanghai"

// newGroup is what is asked of a new merchant.
var newGroup = &settingGroup{
	name: "new", title: text{"新增商户", "Add a merchant"},
	help: text{"其他的以后都可以改。", "Everything else can be set later."},
	boxes: []box{
		{name: "name", label: text{"商户名称", "Name of the merchant"}, need: true, at: func(t thing) any { return &t.m.Name }},
		{
			name: "shop", label: text{"第一家门店", "Its first shop"}, need: true,
			at: func(t thing) any { return &t.m.Shops[0].Name },
		},
		{name: "licence_end", label: wLicenceEnd, hint: wUntilHelp, at: func(t thing) any { return &t.m.LicenceEnd }},
	},
}

// licenceGroup is what the host alone sets of a merchant.
var licenceGroup = &settingGroup{
	name: "licence", title: wLicenceEnd,
	help: text{"到期后，除了设置什么都不能办理。", "After it nothing is done there any more but settings."},
	boxes: []box{
		{name: "licence_end", label: wLicenceEnd, hint: wUntilHelp, at: func(t thing) any { return &t.m.LicenceEnd }},
	},
}

// firstGroup is what is asked first of a merchant's levels and rules; the rest of them is as newMerchant made it.
var firstGroup = &settingGroup{
	name: "first", title: text{"等级和规则", "Levels and rules"},
	help: text{
		"先用这些就可以开业。支付方式已有现金、微信、支付宝和银行卡。以后在规则里都可以改，也可以增加。",
		"This is enough to begin with. There are the pay types cash, WeChat, Alipay and bank card. All of it can be " +
			"changed under Rules, and more added.",
	},
	boxes: []box{
		{
			name: "level1", fault: "level 1.name", label: text{"普通等级的名称", "Name of the usual level"}, need: true,
			at: func(t thing) any { return &t.m.Levels[0].Name },
		},
		{
			name: "level2", fault: "level 2.name", label: text{"高级等级的名称", "Name of the higher level"}, need: true,
			at: func(t thing) any { return &t.m.Levels[1].Name },
		},
		{
			name: "discount", fault: "level 2.discount", label: text{"高级等级的付款比例", "The higher level pays"}, unit: wPercent,
			need: true, share: true, least: leastPaid, hint: text{"90 表示九折", "90 takes 10 percent off"},
			at: func(t thing) any { return &t.m.Levels[1].PayRate },
		},
		{
			name: "threshold", fault: "rule 1.threshold", label: text{"充值满", "For a recharge from"}, unit: wInYuan, need: true,
			at: func(t thing) any { return &t.m.Rules[0].Threshold },
		},
		{
			name: "add_money", fault: "rule 1.add_money", label: text{"送", "gives a bonus of"}, unit: wInYuan, need: true,
			at: func(t thing) any { return &t.m.Rules[0].AddMoney },
		},
		{
			name: "points_ratio", fault: "settings.points_ratio", label: text{"抵 1 元所需积分", "Points that stand for one yuan"},
			hint: text{"每消费 1 元得 1 分；不填表示积分不能付款", "A yuan paid earns one; leave it empty if points cannot pay"},
			at:   func(t thing) any { return &t.m.Settings.PointsRatio },
		},
	},
	fits: asFirst,
	tidy: func(was, to thing) {
		from, r := &was.m.Rules[0], &to.m.Rules[0]
		switch from.Name { // a name that somebody has chosen stays
		case ruleName(from).Zh:
			r.Name = ruleName(r).Zh
		case ruleName(from).En:
			r.Name = ruleName(r).En
		}
	},
}

// ruleName is what a rule with a threshold is called, as people write it on a board.
func ruleName(r *ledger.Rule) text {
	paid, gets := short(r.Threshold), short(r.AddMoney)
	return text{"充" + paid + "送" + gets, gets + " for " + paid}
}

// short returns an amount without decimals that say nothing.
func short(f ledger.Fen) string {
	if f%100 == 0 {
		return strconv.FormatInt(int64(f/100), 10)
	}
	return f.String()
}

// newMerchant returns a merchant with what most begin with.
func (c *call) newMerchant() (*ledger.Merchant, error) {
	zone, err := time.LoadLocation(usualZone)
	if err != nil {
		return nil, err
	}
	m := &ledger.Merchant{
		ID: 1, GUID: auth.NewGUID(), Zone: zone,
		Settings: ledger.Settings{PointsRatio: 100, MaxAmount: 5_000_00, MaxBalance: 20_000_00},
		Levels: []ledger.Level{
			{ID: 1, Name: c.lang.of(text{"普通会员", "Member"}), PayRate: ledger.Percent100, Earn: ledger.Percent100},
			{ID: 2, Name: c.lang.of(text{"金卡会员", "Gold"}), PayRate: 9000, Earn: ledger.Percent100},
		},
		Rules: []ledger.Rule{{ID: 1, Kind: ledger.FromAmount, Threshold: 500_00, AddMoney: 50_00}},
		PayTypes: []ledger.PayType{
			{ID: 1, Name: c.lang.of(text{"现金", "Cash"}), Invoiceable: true},
			{ID: 2, Name: c.lang.of(text{"微信", "WeChat"}), Code: "wx", Invoiceable: true},
			{ID: 3, Name: c.lang.of(text{"支付宝", "Alipay"}), Invoiceable: true},
			{ID: 4, Name: c.lang.of(text{"银行卡", "Bank card"}), Invoiceable: true},
		},
	}
	m.Rules[0].Name = c.lang.of(ruleName(&m.Rules[0]))
	for _, o := range c.cfg.Directory.Merchants() {
		m.ID = max(m.ID, o.ID+1)
	}
	shopGroup.things.add(m)
	c.freeShop(m)
	m.Shops[0].GUID = auth.NewGUID()
	return m, nil
}

// showMerchants lists the merchants of the host.
func (c *call) showMerchants() error {
	return c.show(http.StatusOK, merchantsPage(c.view(wMerchants), c.cfg.Directory.Merchants()))
}

// newMerchantView is the form of a new merchant.
func (c *call) newMerchantView() (*settingView, error) {
	m, err := c.newMerchant()
	if err != nil {
		return nil, err
	}
	v := &settingView{
		view: c.view(newGroup.title), group: newGroup, was: m, thing: thing{cloneSettings(m), 0}, fresh: true,
	}
	v.form = newGroup.form(v.thing)
	return v, nil
}

func (c *call) showNewMerchant() error {
	v, err := c.newMerchantView()
	if err != nil {
		return err
	}
	return c.show(http.StatusOK, newMerchantPage(v))
}

// addMerchant adds a merchant, and puts its settings into its own journal. If the server ends between the two, the
// merchant is there with its settings, and the next change of them is its first version.
func (c *call) addMerchant() error {
	v, err := c.newMerchantView()
	if err != nil {
		return err
	}
	v.typedIn(c.r.PostForm)
	if len(v.faults) > 0 || v.fault != "" {
		c.note().Outcome = "refused"
		return c.show(http.StatusUnprocessableEntity, newMerchantPage(v))
	}
	m := v.thing.m
	why := ledger.Refusal{Reason: ledger.SettingsMoved} // a form that is sent twice adds one merchant
	if c.r.PostFormValue("id") == strconv.FormatInt(int64(m.ID), 10) {
		if why, err = c.refusedOr(command.AddMerchant{By: c.by(), To: *m}); err != nil {
			return err
		}
	}
	if why.Reason != 0 {
		c.note().Outcome = "refused"
		v.fault = c.lang.of(text(phrase.Refusal(why)))
		if why.Reason == ledger.SettingsMoved { // another was added just now, with the id
			v.fault = c.lang.of(wAddedToo)
		}
		return c.show(http.StatusConflict, newMerchantPage(v))
	}
	refusal, err := c.changeSettings(m, 0, "")
	if err != nil {
		return err
	}
	if refusal.Reason != 0 { // somebody has changed its settings already, so they are in its journal
		if err := c.cfg.Directory.Refresh(c.r.Context()); err != nil {
			return err
		}
	}
	return c.to(merchantPath(m.ID, "/levels"))
}

// merchantPath returns the address of a page of the host about a merchant.
func merchantPath(id ledger.MerchantID, page string) string {
	return Base + "host/merchants/" + strconv.FormatInt(int64(id), 10) + page
}

// merchantHere returns a form of the merchant that a page of the host is about.
func (c *call) merchantHere(g *settingGroup) (*settingView, error) {
	id, err := strconv.ParseInt(c.r.PathValue("merchant"), 10, 64)
	if err != nil || id < 1 {
		return nil, errNowhere
	}
	v := &settingView{view: c.view(g.title), group: g}
	if v.was, v.version, err = c.settingsNow(ledger.MerchantID(id)); err != nil {
		return nil, err
	}
	v.thing = thing{cloneSettings(v.was), 0}
	return v, nil
}

// typedHere returns a form of the merchant that a page of the host is about, with what was typed.
func (c *call) typedHere(g *settingGroup) (*settingView, ledger.EntryID, error) {
	v, err := c.merchantHere(g)
	if err != nil {
		return nil, 0, err
	}
	if g.fits != nil && !g.fits(v.was) { // what the form was of has just gone
		return nil, 0, errNowhere
	}
	return v, v.typedIn(c.r.PostForm), nil
}

// showMerchant shows what the host sets of a merchant: how long its licence goes.
func (c *call) showMerchant() error {
	v, err := c.merchantHere(licenceGroup)
	if err != nil {
		return err
	}
	v.title, v.form = v.was.Name, licenceGroup.form(v.thing)
	return c.show(http.StatusOK, licencePage(v))
}

func (c *call) saveMerchant() error {
	return c.saveForm(settingForm{
		read: func() (*settingView, ledger.EntryID, error) {
			v, seen, err := c.typedHere(licenceGroup)
			if err == nil {
				v.title = v.was.Name
			}
			return v, seen, err
		},
		page:  licencePage,
		there: func(v *settingView) string { return merchantPath(v.was.ID, "?saved") },
	})
}

// asFirst reports whether a merchant still has the two levels and the rule it began with.
func asFirst(m *ledger.Merchant) bool {
	return len(m.Levels) >= 2 && m.Levels[0].ID == 1 && m.Levels[1].ID == 2 && len(m.Rules) >= 1 && m.Rules[0].ID == 1 &&
		m.Rules[0].Kind == ledger.FromAmount
}

// showFirstLevels asks for the levels and the rule that a merchant begins with. One that has others is led to its own
// pages.
func (c *call) showFirstLevels() error {
	v, err := c.merchantHere(firstGroup)
	if err != nil {
		return err
	}
	if !asFirst(v.was) {
		return c.to(merchantPage(v.was.ID, "rules"))
	}
	v.form = firstGroup.form(v.thing)
	return c.show(http.StatusOK, firstLevelsPage(v))
}

func (c *call) saveFirstLevels() error {
	v, err := c.merchantHere(firstGroup)
	if err != nil {
		return err
	}
	if !asFirst(v.was) {
		return c.to(merchantPage(v.was.ID, "rules"))
	}
	return c.saveForm(settingForm{
		read:  func() (*settingView, ledger.EntryID, error) { return c.typedHere(firstGroup) },
		page:  firstLevelsPage,
		there: (*settingView).afterLevels,
	})
}

// afterLevels returns where the first steps go on; who may not make credentials goes past them.
func (v *settingView) afterLevels() string {
	if !v.person.May(ledger.MayAgents, ledger.HostID, 0) {
		return merchantPath(v.was.ID, "/ready")
	}
	return merchantPath(v.was.ID, "/till")
}

// showReady says what to do next.
func (c *call) showReady() error {
	v, err := c.merchantHere(licenceGroup)
	if err != nil {
		return err
	}
	v.title = v.lang.of(wReady)
	return c.show(http.StatusOK, readyPage(v))
}
