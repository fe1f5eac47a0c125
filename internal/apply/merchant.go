package apply

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tongka/internal/ledger"
)

const defaultZone = "Asia/Shanghai"

// merchant reads one merchant of the file, and updates the merchant with that id or adds a new one.
func (b *builder) merchant(v value) {
	id, ok := idOf(b, v, maxID[ledger.MerchantID]())
	if !ok {
		return
	}
	if slices.ContainsFunc(b.plan.Lines, func(l Line) bool { return l.Kind == "merchant" && l.Merchant == id }) {
		b.fail(v.key("id"), "merchant %d stands twice: say all of it in one place", id)
		return
	}
	if b.stays(v, "a merchant stays in the books: give it a licence_end") {
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
	if from := b.now.Settings[id]; fresh || moved || len(d) > 0 || from == 0 {
		b.plan.merchants = append(b.plan.merchants, settings{*m, from, fresh})
	}
	b.checkCards(m)
}

// stays refuses the field absent of what can never be removed, and reports whether there is one. Nothing else is said
// about that item: what it lacks is no matter then. instead says what to do.
func (b *builder) stays(v value, instead string) bool {
	if v.find("absent") == nil {
		return false
	}
	b.fail(v.key("absent"), "%s (absent is for shops, levels, rules, pay types and coupon kinds)", instead)
	return true
}

func (b *builder) find(id ledger.MerchantID) *ledger.Merchant {
	for _, m := range b.merchants {
		if m.ID == id {
			return m
		}
	}
	return nil
}

func newMerchant(id ledger.MerchantID) *ledger.Merchant {
	zone, err := time.LoadLocation(defaultZone)
	if err != nil {
		panic(fmt.Sprintf("time zone data is missing: %v", err)) // cannot happen: time/tzdata is linked in
	}
	return &ledger.Merchant{ID: id, Zone: zone}
}

// merchantFields reads the merchant's fields. It returns the changes of the merchant's own fields, and reports in
// moved whether a record of one of its lists was created, updated or removed.
func (b *builder) merchantFields(v value, m *ledger.Merchant) (d diff, moved bool) {
	shops, endShops := merge(b, m, &m.Shops, b.shopKind(m.ID))
	levels, endLevels := merge(b, m, &m.Levels, b.levelKind(m.ID))
	rules, endRules := merge(b, m, &m.Rules, b.ruleKind())
	payTypes, endPayTypes := merge(b, m, &m.PayTypes, b.payTypeKind(m.ID))
	coupons, endCoupons := merge(b, m, &m.CouponKinds, b.couponKind(m.ID))
	r := &b.reader
	b.object(v, fields{
		"id":           func(value) {},
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

func (b *builder) zone(d *diff, m *ledger.Merchant) func(value) {
	return func(v value) {
		name := m.Zone.String()
		scalar(&b.reader, d, &name, func(s string) (string, error) {
			_, err := ledger.ParseZone(s)
			return s, err
		})(v)
		if zone, err := ledger.ParseZone(name); err == nil {
			m.Zone = zone
		}
	}
}

func (b *builder) settings(d *diff, s *ledger.Settings) func(value) {
	r := &b.reader
	return func(v value) {
		b.object(v, fields{
			"policy":       scalar(r, d, &s.SpendOrder, parsePolicy),
			"part_payment": scalar(r, d, &s.PartPayment, parseBool),
			"bonus_days":   scalar(r, d, &s.BonusDays, parseCount(0, ledger.MaxDays)),
			"points_days":  scalar(r, d, &s.PointsDays, parseCount(0, ledger.MaxDays)),
			"cut_off":      scalar(r, d, &s.CutOff, parseHour),
			"points_ratio": scalar(r, d, &s.PointsRatio, parseCount[int64](0, ledger.MaxRatio)),
			"max_amount":   scalar(r, d, &s.MaxAmount, parseMoney),
			"max_balance":  scalar(r, d, &s.MaxBalance, parseMoney),
			"code_from":    scalar(r, d, &s.CodeFrom, parseMoney),

			"password_everywhere": scalar(r, d, &s.PasswordEverywhere, parseBool),
			"weak_passwords":      scalar(r, d, &s.WeakPasswords, parseBool),
			"second_person":       scalar(r, d, &s.SecondPerson, parseMoney),
		})
	}
}

// checkMerchant checks the merchant as it will be, after all of it was read.
func (b *builder) checkMerchant(v value, m *ledger.Merchant) {
	b.faulty(v, m.Faults())
	if v.find("licence_end") != nil && !m.Licensed(b.opt.Now) {
		b.warn(v, "licence_end %v has passed: tills of %s are refused", m.LicenceEnd, m.Name)
	}
	if ledger.FoldGUID(m.GUID) != "" {
		b.claim(v.key("guid"), m.GUID)
	}
	b.checkNames(v, m)
	for _, s := range m.Shops {
		// m.Shops includes shops the file does not name, whose GUID and id no other may take either.
		b.claim(v.key("shops"), s.GUID)
		b.claimShop(v.key("shops"), s.ID)
	}
}

// checkNames refuses two records of one name in a list of the file, where people choose them by name and reports tell
// them by it. What has ended does not count: its successor may be called the same.
func (b *builder) checkNames(v value, m *ledger.Merchant) {
	for _, f := range m.NamesTwice(m.Today(b.opt.Now)) {
		if v.find(f.Field) != nil {
			b.fail(v.key(f.Field), "%s", f.Text)
		}
	}
}

// faulty notes each fault as a problem of its field, unless the field has one already because it could not be read.
func (b *builder) faulty(v value, faults []ledger.Fault) {
	for _, f := range faults {
		if !slices.Contains(b.unread, v.path+"."+f.Field) {
			b.fail(v.key(f.Field), "%s", f.Text)
		}
	}
}

// faultyTogether is faulty for a record whose fields must fit each other. Where one could not be read, the record does
// not have what the file meant, and what does not fit is not said.
func (b *builder) faultyTogether(v value, faults []ledger.Fault) {
	ofRecord := func(path string) bool { return strings.HasPrefix(path, v.path+".") }
	if !slices.ContainsFunc(b.unread, ofRecord) {
		b.faulty(v, faults)
	}
}

func (b *builder) shopKind(m ledger.MerchantID) kind[ledger.Shop, ledger.ShopID] {
	return kind[ledger.Shop, ledger.ShopID]{
		name: "shop", order: asKept,
		id:    func(s *ledger.Shop) *ledger.ShopID { return &s.ID },
		title: func(s *ledger.Shop) string { return s.Name },
		fields: func(s *ledger.Shop, d *diff) fields {
			return fields{
				"guid": scalar(&b.reader, d, &s.GUID, parseText),
				"name": scalar(&b.reader, d, &s.Name, parseText),

				"ended": scalar(&b.reader, d, &s.Ended, parseBool),
			}
		},
		check: func(v value, s *ledger.Shop) {
			b.faulty(v, s.Faults())
			if s.Ended && v.find("ended") != nil {
				b.warn(v.key("ended"), "shop %d %s is closed: its tills are refused", s.ID, s.Name)
			}
		},
		remove: func(v value, s *ledger.Shop) {
			for _, a := range b.now.Agents {
				if a.Shop == s.ID {
					b.fail(v, "agent %s is the tills of the shop: give it another first", a.Name)
				}
			}
			unused(b, v, b.now.ShopInUse, m, s.ID,
				"the journal names the shop, and its history would lose the name: keep it, and close it with ended: true")
		},
	}
}

func (b *builder) levelKind(m ledger.MerchantID) kind[ledger.Level, ledger.LevelID] {
	return kind[ledger.Level, ledger.LevelID]{
		name: "level", order: byID, fresh: ledger.Level{PayRate: ledger.Percent100},
		id:    func(l *ledger.Level) *ledger.LevelID { return &l.ID },
		title: func(l *ledger.Level) string { return l.Name },
		fields: func(l *ledger.Level, d *diff) fields {
			fs := b.rights(&l.Rights, d)
			fs["name"] = scalar(&b.reader, d, &l.Name, parseText)
			fs["discount"] = scalar(&b.reader, d, &l.PayRate, parseShare)
			fs["earn"] = scalar(&b.reader, d, &l.Earn, ledger.ParseRate)
			return fs
		},
		check: func(v value, l *ledger.Level) {
			b.faulty(v, l.Faults())
		},
		remove: func(v value, l *ledger.Level) {
			unused(b, v, b.now.LevelInUse, m, l.ID, "there are cards of the level: give them another first")
		},
	}
}

func (b *builder) payTypeKind(m ledger.MerchantID) kind[ledger.PayType, ledger.PayTypeID] {
	return kind[ledger.PayType, ledger.PayTypeID]{
		name: "pay type", order: asFiled,
		id:    func(p *ledger.PayType) *ledger.PayTypeID { return &p.ID },
		title: func(p *ledger.PayType) string { return p.Name },
		fields: func(p *ledger.PayType, d *diff) fields {
			return fields{
				"name":        scalar(&b.reader, d, &p.Name, parseText),
				"code":        scalar(&b.reader, d, &p.Code, parseText),
				"invoiceable": scalar(&b.reader, d, &p.Invoiceable, parseBool),
				"ended":       scalar(&b.reader, d, &p.Ended, parseBool),
			}
		},
		check: func(v value, p *ledger.PayType) { b.faulty(v, p.Faults()) },
		remove: func(v value, p *ledger.PayType) {
			unused(b, v, b.now.PayTypeInUse, m, p.ID,
				"the journal names the pay type, and reports would lose the name: keep it, with ended: true")
		},
	}
}

// unused notes a problem if a record that is to be removed is in use. inUse may be nil: then none is.
func unused[ID any](
	b *builder, v value, inUse func(ledger.MerchantID, ID) (bool, error), m ledger.MerchantID, id ID, why string,
) {
	if inUse == nil {
		return
	}
	switch used, err := inUse(m, id); {
	case err != nil:
		b.fail(v, "%v", err)
	case used:
		b.fail(v, "%s", why)
	}
}

func parsePolicy(s string) (ledger.SpendOrder, error) {
	p, ok := ledger.ParseSpendOrder(s)
	if !ok {
		return 0, fmt.Errorf("want proportional, bonus_first or principal_first, got %q", s)
	}
	return p, nil
}

// parseShare reads a rate above 0 and at most 1.
func parseShare(s string) (ledger.Rate, error) {
	r, err := ledger.ParseRate(s)
	if err == nil && (r <= 0 || r > ledger.Percent100) {
		return 0, fmt.Errorf("want a ratio above 0 and at most 1, got %q", s)
	}
	return r, err
}

func parseMoney(s string) (ledger.Fen, error) {
	f, err := ledger.ParseYuan(s)
	if err == nil && f > ledger.MaxFen {
		return 0, fmt.Errorf("want at most %v", ledger.MaxFen)
	}
	return f, err
}

// parseDay reads a day; "" is the zero Date, no day.
func parseDay(s string) (ledger.Date, error) {
	if s == "" {
		return 0, nil
	}
	return ledger.ParseDate(s)
}
