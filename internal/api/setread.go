package api

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tongka/internal/auth"
	"tongka/internal/ledger"
)

// settingParts are what the core calls the items of lists.
var settingParts = map[string]string{
	"shop": "shops", "level": "levels", "rule": "rules", "pay type": "pay_types", "coupon kind": "coupon_kinds",
}

// settingField returns what a field of a fault is called here: levels[2].discount for "level 2.discount".
func settingField(field string) string {
	for part, list := range settingParts {
		if rest, ours := strings.CutPrefix(field, part+" "); ours {
			id, name, _ := strings.Cut(rest, ".")
			return strings.Trim(list+"["+id+"]."+name, ".")
		}
	}
	return field
}

// settingsReader makes settings of what was sent, and notes what cannot be read.
type settingsReader struct {
	*call
	now    *ledger.Merchant
	faults []ledger.Fault
}

func (r *settingsReader) fault(field, text string) {
	r.faults = append(r.faults, ledger.Fault{Field: field, Text: text})
}

// parsed reads a value; nothing is its zero value.
func parsed[T any](r *settingsReader, field, text string, parse func(string) (T, error)) (v T) {
	if text == "" {
		return v
	}
	v, err := parse(text)
	if err != nil {
		r.fault(field, err.Error())
	}
	return v
}

func (r *settingsReader) read(s *Settings) *ledger.Merchant {
	set := s.Settings
	to := &ledger.Merchant{
		ID: r.now.ID, GUID: s.GUID, Name: s.Name, Zone: r.now.Zone, LicenceEnd: r.now.LicenceEnd,
		Settings: ledger.Settings{
			PartPayment: set.PartPayment, BonusDays: set.BonusDays, PointsDays: set.PointsDays,
			CutOff: ledger.CutOffAt(set.CutOff), PointsRatio: set.PointsRatio, MaxAmount: ledger.Fen(set.MaxAmount),
			MaxBalance: ledger.Fen(set.MaxBalance), CodeFrom: ledger.Fen(set.CodeFrom), PasswordEverywhere: set.Everywhere,
			WeakPasswords: set.Weak, SecondPerson: ledger.Fen(set.SecondPerson),
		},
	}
	to.Settings.SpendOrder, _ = ledger.ParseSpendOrder(cmp.Or(set.Policy, ledger.Proportional.String()))
	zone, err := ledger.ParseZone(s.Zone)
	if to.Zone = zone; err != nil {
		r.fault("zone", err.Error())
		to.Zone = time.UTC // so that the rest can be looked at
	}
	if s.LicenceEnd != dayOf(r.now.LicenceEnd) {
		r.fault("licence_end", "want it as it is: it is the host's")
	}
	r.readShops(s, to)
	r.readLevels(s, to)
	r.readRules(s, to)
	for i := range s.PayTypes {
		p := &s.PayTypes[i]
		to.PayTypes = append(to.PayTypes, ledger.PayType{
			ID: ledger.PayTypeID(p.ID), Name: p.Name, Code: p.Code, Invoiceable: p.Invoiceable, Ended: p.Ended,
		})
	}
	r.readKinds(s, to)
	r.keep(to)
	r.number(to)
	return to
}

func (r *settingsReader) readShops(s *Settings, to *ledger.Merchant) {
	for _, o := range s.Shops {
		if o.ID == 0 && o.GUID == "" {
			o.GUID = auth.NewGUID()
		}
		to.Shops = append(to.Shops, ledger.Shop{ID: ledger.ShopID(o.ID), GUID: o.GUID, Name: o.Name, Ended: o.Ended})
	}
}

func (r *settingsReader) readLevels(s *Settings, to *ledger.Merchant) {
	for _, l := range s.Levels {
		name := fmt.Sprintf("level %d.", l.ID)
		one := ledger.Level{
			ID: ledger.LevelID(l.ID), Name: l.Name,
			PayRate: parsed(r, name+"discount", string(l.Discount), ledger.ParseRate),
			Earn:    parsed(r, name+"earn", string(l.Earn), ledger.ParseRate),
			Rights: ledger.Rights{
				NoRecharge: l.NoRecharge, MemberPrice: l.MemberPrice,
				CashBack: ledger.CashBack{Each: ledger.Fen(l.Each), Back: ledger.Fen(l.Back)},
			},
		}
		for _, n := range l.Renewals {
			one.Rights.Renewals = append(one.Rights.Renewals, ledger.Renewal{Price: ledger.Fen(n.Price), Months: n.Months})
		}
		if a := l.Account; a != nil && a.ID != 0 {
			one.Rights.Account = ledger.HouseAccount{
				ID: a.ID, Name: a.Name, MaxAmount: ledger.Fen(a.MaxAmount), Fixed: ledger.Fen(a.Fixed), MaxCount: a.MaxCount,
			}
		}
		to.Levels = append(to.Levels, one)
	}
}

func (r *settingsReader) readRules(s *Settings, to *ledger.Merchant) {
	for _, o := range s.Rules {
		name := fmt.Sprintf("rule %d.", o.ID)
		kind, _ := ledger.ParseRuleKind(o.Kind) // the core says what is wrong with it
		to.Rules = append(to.Rules, ledger.Rule{
			ID: ledger.RuleID(o.ID), Name: o.Name, Kind: kind, Threshold: ledger.Fen(o.Threshold),
			AddMoney: ledger.Fen(o.AddMoney), AddPoints: o.AddPoints, Ended: o.Ended,
			AddRate:  parsed(r, name+"add_rate", string(o.AddRate), ledger.ParseRate),
			First:    parsed(r, name+"first", string(o.First), ledger.ParseDate),
			Last:     parsed(r, name+"last", string(o.Last), ledger.ParseDate),
			Weekdays: parsed(r, name+"weekdays", o.Weekdays, ledger.ParseWeekdays),
			From:     parsed(r, name+"from", o.From, ledger.ParseClock),
			Until:    parsed(r, name+"until", o.Until, ledger.ParseClock),
		})
	}
}

func (r *settingsReader) readKinds(s *Settings, to *ledger.Merchant) {
	for _, o := range s.CouponKinds {
		name := fmt.Sprintf("coupon kind %d.", o.ID)
		kind, _ := ledger.ParseCouponType(o.Type) // the core says what is wrong with it
		k := ledger.CouponKind{
			CouponTerms: ledger.CouponTerms{
				Kind: ledger.CouponKindID(o.ID), Name: o.Name, Type: kind, Face: ledger.Fen(o.Face),
				Off:    parsed(r, name+"off", string(o.Off), ledger.ParseRate),
				MaxOff: ledger.Fen(o.MaxOff), Least: ledger.Fen(o.Least), MaxUse: o.MaxUse, Alone: o.Alone, Grace: o.Grace,
			},
			Start: parsed(r, name+"start", string(o.Start), ledger.ParseDate),
			End:   parsed(r, name+"end", string(o.End), ledger.ParseDate),
			Days:  o.Days, Stock: o.Stock, Info: o.Info,
		}
		for _, id := range o.Shops {
			k.Shops = append(k.Shops, ledger.ShopID(id))
		}
		to.CouponKinds = append(to.CouponKinds, k)
	}
}

// number gives new items their ids, behind those that there are. Levels and rules are kept in the order of these.
func (r *settingsReader) number(to *ledger.Merchant) {
	numbered(to.Levels, 1, func(l *ledger.Level) *ledger.LevelID { return &l.ID })
	numbered(to.Rules, 1, func(o *ledger.Rule) *ledger.RuleID { return &o.ID })
	numbered(to.PayTypes, 1, func(p *ledger.PayType) *ledger.PayTypeID { return &p.ID })
	numbered(to.CouponKinds, 1, func(k *ledger.CouponKind) *ledger.CouponKindID { return &k.Kind })
	fresh := numbered(to.Shops, auth.FirstShop(to.ID), func(s *ledger.Shop) *ledger.ShopID { return &s.ID })
	for _, i := range fresh {
		next := to.Shops[i].ID
		for _, s := range to.Shops[:i] {
			next = max(next, s.ID+1)
		}
		to.Shops[i].ID = r.cfg.Directory.FreeShop(to.ID, next)
	}
	slices.SortStableFunc(to.Levels, func(a, b ledger.Level) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortStableFunc(to.Rules, func(a, b ledger.Rule) int { return cmp.Compare(a.ID, b.ID) })
}

// numbered gives items without an id the next ones, from first on, and returns the places of those.
func numbered[T any, ID ~int64](all []T, first ID, id func(*T) *ID) (fresh []int) {
	next := first
	for i := range all {
		next = max(next, *id(&all[i])+1)
	}
	for i := range all {
		if of := id(&all[i]); *of == 0 {
			*of, fresh = next, append(fresh, i)
			next++
		}
	}
	return fresh
}

// keep notes what is wrong with which items there are: none of now may be missing, and none may stand twice or have an
// id that nobody gave it.
func (r *settingsReader) keep(to *ledger.Merchant) {
	kept(r, "shops", to.Shops, r.now.Shops, func(s *ledger.Shop) int64 { return int64(s.ID) })
	kept(r, "levels", to.Levels, r.now.Levels, func(l *ledger.Level) int64 { return int64(l.ID) })
	kept(r, "rules", to.Rules, r.now.Rules, func(o *ledger.Rule) int64 { return int64(o.ID) })
	kept(r, "pay_types", to.PayTypes, r.now.PayTypes, func(p *ledger.PayType) int64 { return int64(p.ID) })
	kept(r, "coupon_kinds", to.CouponKinds, r.now.CouponKinds, func(k *ledger.CouponKind) int64 { return int64(k.Kind) })
}

func kept[T any](r *settingsReader, list string, to, was []T, id func(*T) int64) {
	sent := map[int64]int{}
	for i := range to {
		sent[id(&to[i])]++
	}
	delete(sent, 0) // new ones
	for i := range was {
		of := id(&was[i])
		if sent[of] == 0 {
			r.fault(list, fmt.Sprintf("%d is missing: nothing is removed, as entries name it; end it instead", of))
		}
		if sent[of] > 1 {
			r.fault(list, fmt.Sprintf("%d stands twice", of))
		}
		delete(sent, of)
	}
	for _, of := range slices.Sorted(maps.Keys(sent)) {
		r.fault(list, fmt.Sprintf("there is no %d: leave out the id of a new one", of))
	}
}
