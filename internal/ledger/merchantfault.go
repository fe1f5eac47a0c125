package ledger

import (
	"fmt"
	"slices"
	"strings"
)

const maxPayCode = 16 // characters of a pay type's code

// Faults returns what is wrong with the merchant's own settings and between its parts. What is wrong within a part is
// reported by the part's Faults.
func (m *Merchant) Faults() []Fault {
	var f faults
	f.name(m.Name)
	f.guid(m.GUID)
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

// NamesTwice returns which lists have two records of one name. People choose records by name, and reports tell them by
// it. What has ended does not count: its successor may be called the same.
func (m *Merchant) NamesTwice(today Date) []Fault {
	var f faults
	namesTwice(&f, "shops", m.Shops, func(s *Shop) (int64, string, bool) { return int64(s.ID), s.Name, s.Ended })
	namesTwice(&f, "levels", m.Levels, func(l *Level) (int64, string, bool) { return int64(l.ID), l.Name, false })
	namesTwice(&f, "pay_types", m.PayTypes, func(p *PayType) (int64, string, bool) {
		return int64(p.ID), p.Name, p.Ended
	})
	namesTwice(&f, "rules", m.Rules, func(r *Rule) (int64, string, bool) {
		return int64(r.ID), r.Name, r.Ended || r.Last != 0 && r.Last < today
	})
	namesTwice(&f, "coupon_kinds", m.CouponKinds, func(k *CouponKind) (int64, string, bool) {
		_, _, offered := k.Validity(today)
		return int64(k.Kind), k.Name, !offered
	})
	return f
}

func namesTwice[T any](f *faults, list string, all []T, of func(*T) (id int64, name string, over bool)) {
	known := map[string]int64{}
	for i := range all {
		id, name, over := of(&all[i])
		if over || name == "" {
			continue
		}
		other, twice := known[name]
		f.when(twice, list, "%d and %d are both named %s: give one another name", other, id, name)
		known[name] = id
	}
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
	f.amount("second_person", s.SecondPerson)
	return f
}

// Faults returns what a shop lacks.
func (s Shop) Faults() []Fault {
	var f faults
	f.name(s.Name)
	f.guid(s.GUID)
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
