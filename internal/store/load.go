package store

import (
	"context"
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // merchants' time zones must be known on every machine

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Load returns the records that the wants name, as of one moment: one Records for each Want, in the same order. Each
// merchant may be named only once. A record that is missing from the result does not exist.
func (v *View) Load(ctx context.Context, wants ...command.Want) ([]command.Records, error) {
	l := &loading{wants: wants, found: make([]command.Records, len(wants)), earlier: v.earlier}
	queries := l.queries()
	if len(queries) == 0 {
		return l.found, nil
	}
	if err := v.q.read(ctx, queries...); err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	for i := range l.merchants.found {
		m := &l.merchants.found[i]
		l.of(m.ID).Merchant = m
	}
	return l.found, nil
}

// Load is View.Load for records that are about to be changed.
func (s *Store) Load(ctx context.Context, wants ...command.Want) ([]command.Records, error) {
	v := s.over(s.backend.forChange())
	return v.Load(ctx, wants...)
}

// Card returns a card with all of its lots; nil if there is none of that number.
func (v *View) Card(ctx context.Context, key ledger.CardKey) (*ledger.Card, error) {
	var found []ledger.Card
	if err := v.point(ctx, wholeCard(key, &found)); err != nil {
		return nil, fmt.Errorf("card: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return &found[0], nil
}

// wholeCard asks for a card with all of its lots.
func wholeCard(key ledger.CardKey, found *[]ledger.Card) query {
	return query{
		wholeCards, merchantRow(wholeCards, key.Merchant).key(ledger.FoldNumber(key.Number)), eachCard(true, found),
	}
}

func eachCard(whole bool, found *[]ledger.Card) func(record) error {
	return func(r record) error {
		c, err := readCard(r, whole)
		*found = append(*found, c)
		return err
	}
}

// merchantReader assembles merchants from the rows of their tables.
type merchantReader struct {
	ids   []ledger.MerchantID
	found []ledger.Merchant
	err   error

	zoneless bool // an unknown time zone is left nil instead of being an error
}

// queries returns queries that read the merchants first and then the rows that belong to them.
func (m *merchantReader) queries() []query {
	return []query{
		m.query(merchantOf, m.merchant),
		m.query(shopsOf, m.detail(func(to *ledger.Merchant, r record) {
			to.Shops = append(to.Shops, ledger.Shop{
				ID: ledger.ShopID(r.int()), GUID: r.text(), Name: r.text(), Ended: readBool(r),
			})
		})),
		m.query(levelsOf, m.detail(func(to *ledger.Merchant, r record) {
			l, err := readLevel(r)
			to.Levels = append(to.Levels, l)
			m.err = errors.Join(m.err, err)
		})),
		m.query(rulesOf, m.detail(func(to *ledger.Merchant, r record) {
			to.Rules = append(to.Rules, ledger.Rule{
				ID: ledger.RuleID(r.int()), Name: r.text(), Kind: ledger.RuleKind(r.int()), Threshold: ledger.Fen(r.int()),
				AddMoney: ledger.Fen(r.int()), AddRate: ledger.Rate(r.int()), AddPoints: r.int(), First: readDate(r),
				Last: readDate(r), Ended: readBool(r), Weekdays: ledger.Weekdays(r.int()), From: ledger.Clock(r.int()),
				Until: ledger.Clock(r.int()),
			})
		})),
		m.query(payTypesOf, m.detail(func(to *ledger.Merchant, r record) {
			to.PayTypes = append(to.PayTypes, ledger.PayType{
				ID: ledger.PayTypeID(r.int()), Name: r.text(), Code: r.text(), Invoiceable: readBool(r), Ended: readBool(r),
			})
		})),
		m.query(couponKindsOf, m.detail(func(to *ledger.Merchant, r record) {
			k, err := readCouponKind(r)
			to.CouponKinds = append(to.CouponKinds, k)
			m.err = errors.Join(m.err, err)
		})),
	}
}

func (m *merchantReader) query(s *statement, each func(record) error) query {
	args := rowsFor(s, len(m.ids))
	for _, id := range m.ids {
		args.int(int64(id))
	}
	return query{s, args, each}
}

func (m *merchantReader) merchant(r record) error {
	one := ledger.Merchant{ID: ledger.MerchantID(r.int()), GUID: r.text(), Name: r.text()}
	zone := r.text()
	one.LicenceEnd = readDate(r)
	one.Settings = ledger.Settings{
		SpendOrder: ledger.SpendOrder(r.int()), PartPayment: readBool(r), BonusDays: int(r.int()), PointsDays: int(r.int()),
		PointsRatio: r.int(), MaxAmount: ledger.Fen(r.int()), MaxBalance: ledger.Fen(r.int()),
		CodeFrom: ledger.Fen(r.int()), PasswordEverywhere: readBool(r), WeakPasswords: readBool(r),
		CutOff: ledger.CutOff(r.int()), SecondPerson: ledger.Fen(r.int()),
	}
	var err error
	if one.Zone, err = time.LoadLocation(zone); err != nil && !m.zoneless {
		return fmt.Errorf("merchant %d: its time zone %q is not known: set column zone of its row in table merchant to a "+
			"name such as Asia/Shanghai", one.ID, zone)
	}
	m.found = append(m.found, one)
	return nil
}

// detail returns a function that adds a row to one of the merchant's lists. Every such row starts with the merchant
// and the place in the list.
func (m *merchantReader) detail(add func(*ledger.Merchant, record)) func(record) error {
	return func(r record) error {
		id := ledger.MerchantID(r.int())
		r.int() // the place: rows come in this order
		for i := range m.found {
			if m.found[i].ID == id {
				add(&m.found[i], r)
			}
		}
		return m.err
	}
}
