package store

import (
	"context"
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // merchants' zones must be known on every machine

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Load finds the records of the keys, all as of one moment. What is not among them does not exist.
func (v *View) Load(ctx context.Context, keys command.Keys) (command.Records, error) {
	var found command.Records
	var queries []query
	var merchants *merchantReader
	if len(keys.Merchants) > 0 {
		merchants = newMerchantReader(keys.Merchants)
		// The heads come first: where each query sees a moment of its own, what is read is never older than
		// the version it is saved by.
		queries = append(queries, headsByKey(keys.Merchants, &found.Heads))
		queries = append(queries, merchants.queries()...)
	}
	if len(keys.Cards) > 0 {
		queries = append(queries, cardsByNumber(frontCards, keys.Cards, false, &found.Cards))
	}
	if len(keys.Whole) > 0 {
		queries = append(queries, cardsByNumber(wholeCards, keys.Whole, true, &found.Cards))
	}
	if len(keys.Entries) > 0 {
		queries = append(queries, entriesByKey(keys.Entries, &found.Entries), couponsOfBills(keys.Entries, &found.Coupons))
	}
	if len(keys.Requests) > 0 {
		queries = append(queries, requestsByKey(keys.Requests, &found.Requests))
	}
	if len(keys.ExtIDs) > 0 {
		queries = append(queries, extIDsByKey(keys.ExtIDs, &found.ExtIDs))
	}
	queries = append(queries, couponQueries(keys, &found)...)
	if len(keys.Guards) > 0 {
		queries = append(queries, guardsByKey(keys.Guards, &found.Guards))
	}
	if len(queries) == 0 {
		return found, nil
	}
	if err := v.q.read(ctx, queries...); err != nil {
		return command.Records{}, fmt.Errorf("load: %w", err)
	}
	if merchants != nil {
		found.Merchants = merchants.found
	}
	return found, nil
}

// Load is View.Load for what is about to be changed.
func (s *Store) Load(ctx context.Context, keys command.Keys) (command.Records, error) {
	v := View{q: s.engine.forChange()}
	return v.Load(ctx, keys)
}

// Card finds a card with all of its lots; nil when there is none.
func (v *View) Card(ctx context.Context, key ledger.CardKey) (*ledger.Card, error) {
	var found []ledger.Card
	if err := v.quick(ctx, cardsByNumber(wholeCards, []ledger.CardKey{key}, true, &found)); err != nil {
		return nil, fmt.Errorf("card: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return &found[0], nil
}

func headsByKey(ids []ledger.MerchantID, found *[]ledger.Head) query {
	args := rowsFor(headOf, len(ids))
	for _, id := range ids {
		args.int(int64(id))
	}
	return query{headOf, args, func(r record) error {
		*found = append(*found, readHead(r))
		return nil
	}}
}

func cardsByNumber(s *statement, keys []ledger.CardKey, whole bool, found *[]ledger.Card) query {
	args := rowsFor(s, len(keys))
	for _, key := range keys {
		args.int(int64(key.Merchant)).text(ledger.FoldNumber(key.Number))
	}
	return query{s, args, eachCard(whole, found)}
}

func eachCard(whole bool, found *[]ledger.Card) func(record) error {
	return func(r record) error {
		c, err := readCard(r, whole)
		*found = append(*found, c)
		return err
	}
}

// entriesByKey finds entries and those that undo them, each once: one that undoes another may be
// named itself.
func entriesByKey(keys []ledger.EntryKey, found *[]ledger.Entry) query {
	args := rowsFor(entriesOf, len(keys))
	for _, key := range keys {
		args.int(int64(key.Merchant)).int(int64(key.ID))
	}
	seen := map[ledger.EntryKey]bool{}
	return query{entriesOf, args, func(r record) error {
		e, err := readEntry(r)
		if !seen[e.Key()] {
			seen[e.Key()] = true
			*found = append(*found, e)
		}
		return err
	}}
}

func requestsByKey(keys []ledger.RequestKey, found *[]ledger.Request) query {
	args := rowsFor(requestsOf, len(keys))
	for _, key := range keys {
		writeRequestKey(args, key)
	}
	return query{requestsOf, args, func(r record) error {
		q, err := readRequest(r)
		*found = append(*found, q)
		return err
	}}
}

// extIDsByKey finds which inner codes a card has.
func extIDsByKey(keys []command.ExtIDKey, found *[]command.ExtIDKey) query {
	args := rowsFor(extIDsOf, len(keys))
	for _, key := range keys {
		args.int(int64(key.Merchant)).text(key.ExtID)
	}
	return query{extIDsOf, args, func(r record) error {
		*found = append(*found, command.ExtIDKey{Merchant: ledger.MerchantID(r.int()), ExtID: r.text()})
		return nil
	}}
}

// merchantReader puts merchants together from their tables.
type merchantReader struct {
	ids   []ledger.MerchantID
	found []ledger.Merchant
	err   error

	zoneless bool // a merchant whose zone is not known has none, and is no error
}

func newMerchantReader(ids []ledger.MerchantID) *merchantReader { return &merchantReader{ids: ids} }

// queries read the merchants first, then what belongs to them.
func (m *merchantReader) queries() []query {
	return []query{
		m.query(merchantOf, m.merchant),
		m.query(shopsOf, m.detail(func(to *ledger.Merchant, r record) {
			to.Shops = append(to.Shops, ledger.Shop{ID: ledger.ShopID(r.int()), GUID: r.text(), Name: r.text()})
		})),
		m.query(levelsOf, m.detail(func(to *ledger.Merchant, r record) {
			l, err := readLevel(r)
			to.Levels = append(to.Levels, l)
			m.err = errors.Join(m.err, err)
		})),
		m.query(rulesOf, m.detail(func(to *ledger.Merchant, r record) {
			to.Rules = append(to.Rules, ledger.Rule{
				ID: ledger.RuleID(r.int()), Name: r.text(), Kind: ledger.RuleKind(r.int()), Threshold: ledger.Fen(r.int()),
				AddMoney: ledger.Fen(r.int()), AddRate: ledger.Rate(r.int()), AddPoints: r.int(), First: readDate(r), Last: readDate(r), Ended: readBool(r),
			})
		})),
		m.query(payTypesOf, m.detail(func(to *ledger.Merchant, r record) {
			to.PayTypes = append(to.PayTypes, ledger.PayType{
				ID: ledger.PayTypeID(r.int()), Name: r.text(), Code: r.text(), Invoiceable: readBool(r),
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
		Policy: ledger.Policy(r.int()), PartPayment: readBool(r), BonusDays: int(r.int()), PointsDays: int(r.int()),
		PointsRatio: r.int(), MaxAmount: ledger.Fen(r.int()), MaxBalance: ledger.Fen(r.int()),
		CodeFrom: ledger.Fen(r.int()), PasswordEverywhere: readBool(r), WeakPasswords: readBool(r),
	}
	var err error
	if one.Zone, err = time.LoadLocation(zone); err != nil && !m.zoneless {
		return fmt.Errorf("merchant %d: its time zone %q is not known: set column zone of its row in table merchant to a name such as Asia/Shanghai", one.ID, zone)
	}
	m.found = append(m.found, one)
	return nil
}

// detail adds a row of one of the merchant's lists; every list starts with the merchant and the place.
func (m *merchantReader) detail(add func(*ledger.Merchant, record)) func(record) error {
	return func(r record) error {
		id := ledger.MerchantID(r.int())
		r.int() // the place: rows come in its order
		for i := range m.found {
			if m.found[i].ID == id {
				add(&m.found[i], r)
			}
		}
		return m.err
	}
}
