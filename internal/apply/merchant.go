package apply

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tongka"
)

const defaultZone = "Asia/Shanghai"

// merchant reads one merchant onto the one with its id, or a new one.
func (b *builder) merchant(v value) {
	id, ok := idOf(b, v, maxID[tongka.MerchantID]())
	if !ok {
		return
	}
	if slices.ContainsFunc(b.plan.Lines, func(l Line) bool { return l.Kind == "merchant" && l.Merchant == id }) {
		b.fail(v.key("id"), "merchant %d stands twice: say all of it in one place", id)
		return
	}
	m, fresh := b.find(id), false
	if m == nil {
		m, fresh = newMerchant(id), true
		b.merchants = append(b.merchants, m)
	}
	at := len(b.plan.Lines)
	b.note("merchant", id, "", "", nil)
	d, moved := b.merchantFields(v, m)
	b.checkMerchant(v, m)
	b.checkGifts(v, m)
	result, changed := outcome(fresh, d)
	b.plan.Lines[at] = Line{"merchant", id, m.Name, result, strings.Join(changed, ", ")}
	if fresh || moved || len(d) > 0 {
		b.plan.merchants = append(b.plan.merchants, *m)
	}
	b.checkCards(m)
}

// stays refuses to remove what has a history.
func (b *builder) stays(why string) func(value) {
	return func(v value) { b.fail(v, "%s", why) }
}

func (b *builder) find(id tongka.MerchantID) *tongka.Merchant {
	for _, m := range b.merchants {
		if m.ID == id {
			return m
		}
	}
	return nil
}

func newMerchant(id tongka.MerchantID) *tongka.Merchant {
	zone, err := time.LoadLocation(defaultZone)
	if err != nil {
		panic(fmt.Sprintf("time zone data is missing: %v", err)) // it is part of the program
	}
	return &tongka.Merchant{ID: id, Zone: zone}
}

// merchantFields answers which of the merchant's own fields changed, and whether any of its lists did.
func (b *builder) merchantFields(v value, m *tongka.Merchant) (d diff, moved bool) {
	shops, endShops := merge(b, m, &m.Shops, b.shopKind())
	levels, endLevels := merge(b, m, &m.Levels, b.levelKind(m.ID))
	rules, endRules := merge(b, m, &m.Rules, b.ruleKind())
	payTypes, endPayTypes := merge(b, m, &m.PayTypes, b.payTypeKind())
	coupons, endCoupons := merge(b, m, &m.CouponKinds, b.couponKind())
	r := &b.reader
	b.object(v, fields{
		"id":           func(value) {},
		"absent":       b.stays("a merchant stays in the books: give it a licence_end"),
		"guid":         scalar(r, &d, &m.GUID, parseText),
		"name":         scalar(r, &d, &m.Name, parseText),
		"zone":         b.zone(&d, m),
		"licence_end":  scalar(r, &d, &m.LicenceEnd, parseDay),
		"settings":     b.settings(&d, &m.Settings),
		"shops":        shops,
		"levels":       levels,
		"rules":        rules,
		"pay_types":    payTypes,
		"coupon_kinds": coupons,
		"cards":        b.cards(m),
	})
	for _, end := range []func(*diff) bool{endShops, endLevels, endRules, endPayTypes, endCoupons} {
		moved = end(&d) || moved
	}
	return d, moved
}

func (b *builder) zone(d *diff, m *tongka.Merchant) func(value) {
	return func(v value) {
		name := m.Zone.String()
		scalar(&b.reader, d, &name, func(s string) (string, error) {
			if _, err := time.LoadLocation(s); err != nil || s == "" || s == "Local" {
				return "", fmt.Errorf("want a time zone like Asia/Shanghai, got %q", s)
			}
			return s, nil
		})(v)
		if zone, err := time.LoadLocation(name); err == nil {
			m.Zone = zone
		}
	}
}

func (b *builder) settings(d *diff, s *tongka.Settings) func(value) {
	r := &b.reader
	return func(v value) {
		b.object(v, fields{
			"policy":       scalar(r, d, &s.Policy, parsePolicy),
			"part_payment": scalar(r, d, &s.PartPayment, parseBool),
			"bonus_days":   scalar(r, d, &s.BonusDays, parseCount(0, tongka.MaxDays)),
			"points_days":  scalar(r, d, &s.PointsDays, parseCount(0, tongka.MaxDays)),
			"points_ratio": scalar(r, d, &s.PointsRatio, parseCount[int64](0, tongka.MaxRatio)),
			"max_amount":   scalar(r, d, &s.MaxAmount, parseMoney),
			"max_balance":  scalar(r, d, &s.MaxBalance, parseMoney),
			"code_from":    scalar(r, d, &s.CodeFrom, parseMoney),

			"password_everywhere": scalar(r, d, &s.PasswordEverywhere, parseBool),
			"weak_passwords":      scalar(r, d, &s.WeakPasswords, parseBool),
		})
	}
}

// checkMerchant is asked when the whole merchant was read.
func (b *builder) checkMerchant(v value, m *tongka.Merchant) {
	b.faulty(v, m.Faults())
	if tongka.FoldGUID(m.GUID) != "" {
		b.claim(v.key("guid"), m.GUID)
	}
	for _, s := range m.Shops {
		// A shop the file does not name is claimed here too, so that no other can take its place.
		b.claim(v.key("shops"), s.GUID)
		b.claimShop(v.key("shops"), s.ID)
	}
}

// faulty notes what is wrong with what was read.
func (b *builder) faulty(v value, faults []tongka.Fault) {
	for _, f := range faults {
		b.fail(v.key(f.Field), "%s", f.Text)
	}
}

func (b *builder) shopKind() kind[tongka.Shop, tongka.ShopID] {
	return kind[tongka.Shop, tongka.ShopID]{
		name: "shop", order: asKept,
		id:    func(s *tongka.Shop) *tongka.ShopID { return &s.ID },
		title: func(s *tongka.Shop) string { return s.Name },
		fields: func(s *tongka.Shop, d *diff) fields {
			return fields{
				"guid": scalar(&b.reader, d, &s.GUID, parseText),
				"name": scalar(&b.reader, d, &s.Name, parseText),
			}
		},
		check: func(v value, s *tongka.Shop) {
			b.faulty(v, s.Faults())
		},
		remove: func(v value, s *tongka.Shop) {
			for _, a := range b.now.Agents {
				if a.Shop == s.ID {
					b.fail(v, "agent %s is the tills of the shop: give it another first", a.Name)
				}
			}
		},
	}
}

func (b *builder) levelKind(m tongka.MerchantID) kind[tongka.Level, tongka.LevelID] {
	return kind[tongka.Level, tongka.LevelID]{
		name: "level", order: byID, fresh: tongka.Level{Discount: tongka.Whole},
		id:    func(l *tongka.Level) *tongka.LevelID { return &l.ID },
		title: func(l *tongka.Level) string { return l.Name },
		fields: func(l *tongka.Level, d *diff) fields {
			fs := b.rights(&l.Rights, d)
			fs["name"] = scalar(&b.reader, d, &l.Name, parseText)
			fs["discount"] = scalar(&b.reader, d, &l.Discount, parseShare)
			fs["earn"] = scalar(&b.reader, d, &l.Earn, tongka.ParseRate)
			return fs
		},
		check: func(v value, l *tongka.Level) {
			b.faulty(v, l.Faults())
		},
		remove: func(v value, l *tongka.Level) {
			if b.now.LevelInUse == nil {
				return
			}
			switch used, err := b.now.LevelInUse(m, l.ID); {
			case err != nil:
				b.fail(v, "%v", err)
			case used:
				b.fail(v, "there are cards of the level: give them another first")
			}
		},
	}
}

func (b *builder) payTypeKind() kind[tongka.PayType, tongka.PayTypeID] {
	return kind[tongka.PayType, tongka.PayTypeID]{
		name: "pay type", order: asFiled,
		id:    func(p *tongka.PayType) *tongka.PayTypeID { return &p.ID },
		title: func(p *tongka.PayType) string { return p.Name },
		fields: func(p *tongka.PayType, d *diff) fields {
			return fields{
				"name":        scalar(&b.reader, d, &p.Name, parseText),
				"code":        scalar(&b.reader, d, &p.Code, parseText),
				"invoiceable": scalar(&b.reader, d, &p.Invoiceable, parseBool),
			}
		},
		check: func(v value, p *tongka.PayType) { b.faulty(v, p.Faults()) },
	}
}

func parsePolicy(s string) (tongka.Policy, error) {
	p, ok := tongka.ParsePolicy(s)
	if !ok {
		return 0, fmt.Errorf("want proportional, bonus_first or principal_first, got %q", s)
	}
	return p, nil
}

// parseShare reads a rate above 0 and not above 1.
func parseShare(s string) (tongka.Rate, error) {
	r, err := tongka.ParseRate(s)
	if err == nil && (r <= 0 || r > tongka.Whole) {
		return 0, fmt.Errorf("want a ratio above 0 and at most 1, got %q", s)
	}
	return r, err
}

func parseMoney(s string) (tongka.Fen, error) {
	f, err := tongka.ParseYuan(s)
	if err == nil && f > tongka.MaxFen {
		return 0, fmt.Errorf("want at most %v", tongka.MaxFen)
	}
	return f, err
}

// parseDay reads a day; "" is none.
func parseDay(s string) (tongka.Date, error) {
	if s == "" {
		return 0, nil
	}
	return tongka.ParseDate(s)
}
