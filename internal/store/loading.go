package store

import (
	"fmt"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// loading holds the wants of a load and the records found for them so far.
type loading struct {
	wants     []command.Want
	found     []command.Records
	merchants merchantReader
	host      *ledger.Host // nil unless the host's head is wanted
	earlier   bool         // requests are looked for under their names of before too
}

// of returns the records found for a merchant, to be added to.
func (l *loading) of(id ledger.MerchantID) *command.Records {
	for i := range l.wants {
		if l.wants[i].Merchant == id {
			return &l.found[i]
		}
	}
	panic(fmt.Sprintf("a row of merchant %d, which was not asked for", id))
}

// queries returns the queries for everything that is wanted. The heads come first: if each query sees a moment of
// its own, the records are never older than the version they are later saved against.
func (l *loading) queries() []query {
	var all []query
	for i := range l.wants {
		if l.wants[i].Keys.Head {
			l.merchants.ids = append(l.merchants.ids, l.wants[i].Merchant)
			if l.wants[i].Merchant == ledger.HostID {
				l.host = &ledger.Host{}
				l.found[i].Host = l.host
			}
		}
	}
	if len(l.merchants.ids) > 0 {
		all = append(append(all, l.merchants.query(headOf, l.head)), l.merchants.queries()...)
	}
	if l.host != nil {
		all = append(append(all, agentQueries(&l.host.Agents)...), peopleQuery(&l.host.People), l.merchantIDs())
	}
	all = ask(all, l, frontCards, func(k *command.Keys) []string { return k.Cards }, writeText, l.card(false))
	all = ask(all, l, wholeCards, func(k *command.Keys) []string { return k.AllLots }, writeText, l.card(true))
	all = ask(all, l, entriesOf, entriesIn, writeID, l.entry())
	all = ask(all, l, lapsesOf, func(k *command.Keys) []ledger.EntryID { return k.Lapses }, writeID, l.entry())
	all = ask(all, l, couponsUsedBy, entriesIn, writeID, l.coupon())
	all = ask(all, l, requestsOf, requestsIn, writeRequestName, l.request)
	if l.earlier {
		all = ask(all, l, requestsOf, requestsIn, writeEarlierName, l.request)
	}
	all = ask(all, l, extIDsOf, func(k *command.Keys) []string { return k.ExtIDs }, writeText, l.extID)
	all = ask(all, l, couponsOf, func(k *command.Keys) []ledger.CouponID { return k.Coupons }, writeID, l.coupon())
	all = ask(all, l, walletsOf, func(k *command.Keys) []string { return k.Wallets }, writeText, l.coupon())
	all = ask(all, l, walletSizesOf, func(k *command.Keys) []string { return k.WalletSizes }, writeText, l.walletSize)
	all = ask(all, l, stocksOf, func(k *command.Keys) []ledger.CouponKindID { return k.CouponKinds }, writeID, l.stock)
	all = ask(all, l, couponNumbersOf, func(k *command.Keys) []string { return k.CouponNumbers }, writeText,
		l.couponNumber)
	all = ask(all, l, webhooksOf, func(k *command.Keys) []ledger.WebhookID { return k.Webhooks }, writeID, l.webhook)
	all = ask(all, l, guidsOf, func(k *command.Keys) []string { return k.GUIDs }, writeText, l.guid)
	return ask(all, l, guardsOf, func(k *command.Keys) []ledger.GuardKey { return k.Guards }, writeGuardKey, l.guard)
}

// ask adds a query for all keys of one kind, of all merchants, if there are any.
func ask[K any](
	all []query, l *loading, s *statement, keys func(*command.Keys) []K, write func(*rows, K), each func(record) error,
) []query {
	n := 0
	for i := range l.wants {
		n += len(keys(&l.wants[i].Keys))
	}
	if n == 0 {
		return all
	}
	args := rowsFor(s, n)
	for i := range l.wants {
		for _, key := range keys(&l.wants[i].Keys) {
			write(args.int(int64(l.wants[i].Merchant)), key)
		}
	}
	return append(all, query{s, args, each})
}

func entriesIn(k *command.Keys) []ledger.EntryID { return k.Entries }

func requestsIn(k *command.Keys) []ledger.RequestKey { return k.Requests }

func writeText(r *rows, s string) { r.key(s) }

func writeID[T ~int64](r *rows, id T) { r.int(int64(id)) }

// merchantIDs returns a query that lists the merchants, for the host's records.
func (l *loading) merchantIDs() query {
	return query{allMerchants, rowsFor(allMerchants, 0), func(r record) error {
		l.host.Merchants = append(l.host.Merchants, ledger.MerchantID(r.int()))
		return nil
	}}
}

func (l *loading) head(r record) error {
	h := readHead(r)
	l.of(h.Merchant).Head = h
	return nil
}

func (l *loading) card(whole bool) func(record) error {
	return func(r record) error {
		c, err := readCard(r, whole)
		if err != nil {
			return err
		}
		to := l.of(c.Merchant)
		to.Cards = append(to.Cards, c)
		return nil
	}
}

// entry adds each entry once. The query returns the entries that were named and those that reverse them, so an entry
// that is both comes twice.
func (l *loading) entry() func(record) error {
	type key struct {
		merchant ledger.MerchantID
		id       ledger.EntryID
	}
	seen := map[key]bool{}
	return func(r record) error {
		e, err := readEntry(r)
		if err != nil {
			return err
		}
		if k := (key{e.Merchant, e.ID}); !seen[k] {
			seen[k] = true
			to := l.of(e.Merchant)
			to.Entries = append(to.Entries, e)
		}
		return nil
	}
}

func (l *loading) request(r record) error {
	q, err := readRequest(r)
	if err != nil {
		return err
	}
	for i := range l.wants {
		if l.wants[i].Merchant != q.Merchant {
			continue
		}
		for _, key := range l.wants[i].Keys.Requests {
			if key.Name() == q.Name || l.earlier && key.EarlierName() == q.Name {
				q.Key = key
				l.found[i].Requests = append(l.found[i].Requests, q)
				return nil
			}
		}
	}
	return fmt.Errorf("a request of merchant %d, which was not asked for", q.Merchant)
}

func (l *loading) extID(r record) error {
	to := l.of(ledger.MerchantID(r.int()))
	to.ExtIDs = append(to.ExtIDs, r.text())
	return nil
}

func (l *loading) coupon() func(record) error {
	var terms termsReader
	return func(r record) error {
		c, err := readCoupon(r, &terms)
		if err != nil {
			return err
		}
		to := l.of(c.Merchant)
		to.Coupons = append(to.Coupons, c)
		return nil
	}
}

func (l *loading) walletSize(r record) error {
	to := l.of(ledger.MerchantID(r.int()))
	to.WalletSizes = append(to.WalletSizes, ledger.WalletSize{Card: ledger.CardID(r.int()), Unused: int(r.int())})
	return nil
}

func (l *loading) stock(r record) error {
	stock := readStock(r)
	to := l.of(stock.Merchant)
	to.Stocks = append(to.Stocks, stock)
	return nil
}

func (l *loading) couponNumber(r record) error {
	to := l.of(ledger.MerchantID(r.int()))
	to.CouponNumbers = append(to.CouponNumbers, r.text())
	return nil
}

func (l *loading) webhook(r record) error {
	w, err := readWebhook(r)
	if err != nil {
		return err
	}
	to := l.of(w.Merchant)
	to.Webhooks = append(to.Webhooks, w)
	return nil
}

func (l *loading) guid(r record) error {
	to := l.of(ledger.MerchantID(r.int()))
	to.GUIDs = append(to.GUIDs, ledger.GUIDOwner{GUID: r.text(), Merchant: ledger.MerchantID(r.int())})
	return nil
}

func (l *loading) guard(r record) error {
	g, err := readGuard(r)
	if err != nil {
		return err
	}
	to := l.of(g.Merchant)
	to.Guards = append(to.Guards, g)
	return nil
}
