package ledger

import (
	"fmt"
	"slices"
	"strings"
)

// Fault is what is wrong with a setting. Field is its name in configuration files, "" for the whole.
type Fault struct{ Field, Text string }

// Bounds of settings.
const (
	MaxDays       = 100_000 // days something stays good
	MaxRatio      = 100_000 // points that stand for one yuan
	MaxRulePoints = 1_000_000_000
	MaxMonths     = 120 // months by which one renewal moves the last good day
	MaxSigned     = 1_000_000
	maxRate       = 1000*Percent100 - 1 // see ParseRate
	maxPayCode    = 16
	oneYuan       = Fen(100)
)

// faults collects them.
type faults []Fault

func (f *faults) when(wrong bool, field, text string, args ...any) {
	if wrong {
		*f = append(*f, Fault{field, fmt.Sprintf(text, args...)})
	}
}

func (f *faults) name(name string) { f.when(Blank(name), "name", "want a name") }

func (f *faults) amount(field string, amount Fen) {
	f.when(amount < 0 || amount > MaxFen, field, "want at most %v", MaxFen)
}

func (f *faults) count(field string, n, most int64) {
	f.when(n < 0 || n > most, field, "want a whole number from 0 to %d", most)
}

// Faults returns what is wrong with the merchant's own settings and between its parts. What is wrong within a part is
// reported by the part's Faults.
func (m *Merchant) Faults() []Fault {
	var f faults
	f.name(m.Name)
	f.when(FoldGUID(m.GUID) == "", "guid", "want a GUID")
	f.when(len(m.Shops) == 0, "shops", "want at least one shop: the first is the head shop")
	seen := map[string]bool{}
	for _, guid := range m.GUIDs() {
		f.when(seen[guid], "shops", "GUID %s stands twice: each has its own", guid)
		seen[guid] = true
	}
	for i, p := range m.PayTypes {
		twice := p.Code != "" && !p.Ended &&
			slices.ContainsFunc(m.PayTypes[:i], func(q PayType) bool { return !q.Ended && q.Code == p.Code })
		f.when(twice, "pay_types", "code %s stands for two pay types", p.Code)
	}
	for _, k := range m.CouponKinds {
		for _, id := range k.Shops {
			_, ok := m.Shop(id)
			f.when(!ok, "coupon_kinds", "coupon kind %d: there is no shop %d", k.Kind, id)
		}
	}
	return f
}

// AllFaults returns the faults of the merchant and of all its parts. The field begins with the part: "shop 3.guid".
func (m *Merchant) AllFaults() []Fault {
	all := m.Faults()
	add := func(part string, id int64, faults []Fault) {
		for _, f := range faults {
			all = append(all, Fault{strings.TrimSuffix(fmt.Sprintf("%s %d.%s", part, id, f.Field), "."), f.Text})
		}
	}
	for _, f := range m.Settings.Faults() {
		all = append(all, Fault{"settings." + f.Field, f.Text})
	}
	for i := range m.Shops {
		add("shop", int64(m.Shops[i].ID), m.Shops[i].Faults())
	}
	for i := range m.Levels {
		add("level", int64(m.Levels[i].ID), m.Levels[i].Faults())
	}
	for i := range m.Rules {
		add("rule", int64(m.Rules[i].ID), m.Rules[i].Faults())
	}
	for i := range m.PayTypes {
		add("pay type", int64(m.PayTypes[i].ID), m.PayTypes[i].Faults())
	}
	for i := range m.CouponKinds {
		add("coupon kind", int64(m.CouponKinds[i].Kind), m.CouponKinds[i].Faults())
	}
	return all
}

// Faults returns the settings that are out of bounds.
func (s Settings) Faults() []Fault {
	var f faults
	f.when(s.SpendOrder < Proportional ||
		s.SpendOrder > PrincipalFirst, "policy", "want proportional, bonus_first or principal_first")
	f.count("bonus_days", int64(s.BonusDays), MaxDays)
	f.count("points_days", int64(s.PointsDays), MaxDays)
	f.when(s.CutOff.Hour() < 0 || s.CutOff.Hour() > 23, "cut_off", "want an hour, 0 to 23")
	f.count("points_ratio", s.PointsRatio, MaxRatio)
	f.amount("max_amount", s.MaxAmount)
	f.amount("max_balance", s.MaxBalance)
	f.amount("code_from", s.CodeFrom)
	return f
}

// Faults returns what a shop lacks.
func (s Shop) Faults() []Fault {
	var f faults
	f.name(s.Name)
	f.when(FoldGUID(s.GUID) == "", "guid", "want a GUID")
	return f
}

// Faults reports a pay type without a name, or with a code no wire can carry.
func (p PayType) Faults() []Fault {
	var f faults
	f.name(p.Name)
	other := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }
	f.when(len(p.Code) > maxPayCode ||
		strings.ContainsFunc(p.Code, other), "code", "want at most %d letters from a to z and digits, got %q", maxPayCode,
		p.Code)
	return f
}

// Faults reports a kind that promises nothing, or terms no bill can be calculated with. Such a kind is not sent.
func (k *CouponKind) Faults() []Fault {
	var f faults
	cash, percent := k.Type == CashCoupon, k.Type == PercentCoupon
	f.when(k.Kind <= 0, "id", "want an id from 1")
	f.name(k.Name)
	f.when(!PlainText(k.Name, MaxNameLen), "name", "want at most %d characters in one line", MaxNameLen)
	f.when(k.Type < CashCoupon || k.Type > PercentCoupon, "type", "want cash, goods or percent")
	f.amount("face", k.Face)
	f.when((k.Face != 0) != cash, "face", "a cash coupon has a face above 0, and no other has one")
	f.when(k.Off < 0 || k.Off > Percent100, "off", "want a ratio above 0 and at most 1")
	f.when((k.Off != 0) != percent, "off", "a percent coupon takes off a share, and no other does")
	f.amount("max_off", k.MaxOff)
	f.when(k.MaxOff != 0 && !percent, "max_off", "only a percent coupon has one")
	f.amount("least", k.Least)
	f.count("max_use", int64(k.MaxUse), MaxUse)
	f.count("grace", int64(k.Grace), MaxDays)
	f.when(k.End != 0 && k.End < k.Start, "end", "the last day comes before the first")
	f.when(k.End != 0 && k.Days != 0, "days", "want end or days, not both")
	f.count("days", int64(k.Days), MaxDays)
	f.count("stock", k.Stock, MaxStock)
	f.when(!PlainText(k.Info, MaxCouponInfo), "info", "want at most %d characters in one line", MaxCouponInfo)
	return f
}

// Faults reports a pay rate that makes a bill free or dearer, a bad earning rate, and the faults of the level's rights.
func (l Level) Faults() []Fault {
	var f faults
	f.name(l.Name)
	f.when(l.PayRate <= 0 || l.PayRate > Percent100, "discount", "want a ratio above 0 and at most 1")
	f.when(l.Earn < 0 || l.Earn > maxRate, "earn", "want a ratio from 0 to 999.9999")
	return append(f, l.Rights.Faults()...)
}

// Faults reports rights that have no effect, or that a till would read as something else.
func (g Rights) Faults() []Fault {
	var f faults
	back := g.CashBack
	f.when((back.Each == 0) != (back.Back == 0) || back.Back > back.Each || back.Back < 0 || back.Each > MaxFen,
		"cash_back", "want each and back, and back no more than each")
	f.when(len(g.Renewals) > MaxRenewals, "renewals", "want at most %d", MaxRenewals)
	seen := map[int]bool{}
	for _, one := range g.Renewals {
		f.when(one.Price <= 0 || one.Price > MaxFen || one.Months <= 0 || one.Months > MaxMonths, "renewals",
			"want a price and at most %d months for each", MaxMonths)
		f.when(seen[one.Months], "renewals", "%d months stand twice", one.Months)
		seen[one.Months] = true
	}
	a := g.Account
	if a == (HouseAccount{}) {
		return f
	}
	f.when(a.ID <= 0 || Blank(a.Name), "account", "want an id and a name")
	f.amount("account", a.MaxAmount)
	f.amount("account", a.Fixed)
	f.count("account", int64(a.MaxCount), MaxSigned)
	f.when(a.MaxAmount > 0 && a.Fixed > a.MaxAmount, "account", "one bill may not be more than max_amount")
	return f
}

// Faults reports a rule that gives nothing, or that member-cjb would misstate: on that wire a threshold of 0 means
// "each time" and one of 1 yuan means "percent" (getrechargerules).
func (r Rule) Faults() []Fault {
	var f faults
	f.name(r.Name)
	f.amount("add_money", r.AddMoney)
	f.amount("threshold", r.Threshold)
	f.count("add_points", r.AddPoints, MaxRulePoints)
	f.when(r.AddRate < 0 || r.AddRate > Percent100, "add_rate", "want a ratio above 0 and at most 1")
	f.when(r.First != 0 && r.Last != 0 && r.First > r.Last, "last", "the last day comes before the first")
	percent := r.Kind == Percent
	switch r.Kind {
	case FromAmount:
		f.when(r.Threshold == 0 || r.Threshold == oneYuan, "threshold",
			"want an amount other than 0 and 1.00: the member-cjb wire gives those another meaning")
	case EachTime, Percent:
		f.when(r.Threshold != 0, "threshold", "only a rule of kind threshold has one")
	default:
		f.when(true, "kind", "want a kind: each, percent or threshold")
		return f
	}
	f.when(percent && (r.AddRate == 0 || r.AddMoney != 0), "add_rate", "a percent rule gives add_rate and no add_money")
	f.when(!percent && (r.AddRate != 0 || r.AddMoney == 0 && r.AddPoints == 0), "add_money",
		"a rule of this kind gives add_money or add_points and no add_rate")
	return f
}
