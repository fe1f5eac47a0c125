package store

import (
	"context"
	"fmt"
	"time"

	"tongka/internal/ledger"
)

const exchangeList = "merchant at id:text agent shop dialect:text endpoint:text outcome:text reason:text mark status " +
	"took card:text told:text"

var (
	addExchange = insertAnd("add_exchange", "exchange", exchangeList, "INSERT",
		" ON CONFLICT (merchant, at, id) DO NOTHING")
	// Rows of a page are removed at a time, so that no transaction keeps tills waiting.
	dropExchanges = define("drop_exchanges", "merchant at", `
		DELETE FROM exchange WHERE EXISTS (SELECT 1 FROM {rows} AS v
			WHERE exchange.merchant = v.merchant AND exchange.at <= v.at)`)

	exchangeAt = define("exchange_at", "merchant at id:text", "SELECT "+listed("x.", exchangeList)+`
		FROM {rows} AS k JOIN exchange AS x ON x.merchant = k.merchant AND x.at = k.at AND x.id = k.id`)
	exchangeSeen = define("exchange_seen", "merchant agent endpoint:text outcome:text reason:text before id:text",
		"SELECT "+listed("", exchangeList)+` FROM exchange WHERE merchant = $1 AND agent = $2 AND endpoint = $3
			AND outcome = $4 AND reason = $5 AND (at, id) < ($6, $7) ORDER BY at DESC, id DESC LIMIT 1`)
	// The last of the oldest, up to a number: what is removed at a time.
	oldestExchanges = define("oldest_exchanges", "merchant before most",
		"SELECT at FROM exchange WHERE merchant = $1 AND at < $2 ORDER BY at, id LIMIT $3")

	exchanges       = exchangesBy("")
	exchangesOf     = exchangesBy("agent")
	exchangesMarked = exchangesBy("mark")
	exchangesOfCard = exchangesBy("card")
)

// exchangesBy returns the statement for a page of exchanges that is read by the index of a column, or if it is "" by
// time. It looks at all other conditions too, those that are not zero.
func exchangesBy(column string) *statement {
	by := ""
	if column != "" {
		place := map[string]string{"agent": "$2", "mark": "$6", "card": "$7"}[column]
		by = " AND " + column + " = " + place
	}
	return define("exchanges_by_"+column,
		"merchant agent shop endpoint:text outcome:text mark card:text since before id:text most",
		"SELECT "+listed("", exchangeList)+" FROM exchange WHERE merchant = $1"+by+` AND at >= $8 AND (at, id) < ($9, $10)
			AND (agent = $2 OR $2 = 0) AND (shop = $3 OR $3 = 0) AND (endpoint = $4 OR $4 = '')
			AND (outcome = $5 OR $5 = '') AND (mark = $6 OR $6 = 0) AND (card = $7 OR $7 = '')
			ORDER BY at DESC, id DESC LIMIT $11`)
}

// AddExchanges adds what tills sent and were answered.
func (s *Store) AddExchanges(ctx context.Context, all []ledger.Exchange) error {
	args := rowsFor(addExchange, len(all))
	for i := range all {
		x := &all[i]
		args.int(int64(x.Merchant)).time(x.At).text(x.ID).int(int64(x.Agent)).int(int64(x.Shop)).text(x.Dialect).
			text(x.Endpoint).text(x.Outcome).text(x.Reason).int(int64(x.Mark)).int(int64(x.Status)).
			int(x.Took.Microseconds()).text(x.Card).text(x.Told)
	}
	return s.write(ctx, write{addExchange, args})
}

// DropExchanges removes the oldest of a merchant's exchanges from before a time, about as many as most, and reports
// whether there are more.
func (s *Store) DropExchanges(ctx context.Context, merchant ledger.MerchantID, before time.Time, most int) (
	more bool, err error,
) {
	var last time.Time
	n := 0
	args := merchantRow(oldestExchanges, merchant).time(before).int(int64(most))
	err = s.q.read(ctx, query{oldestExchanges, args, func(r record) error {
		last = readTime(r)
		n++
		return nil
	}})
	if err != nil {
		return false, fmt.Errorf("exchanges: %w", err)
	}
	if n == 0 {
		return false, nil
	}
	return n == most, s.write(ctx, write{dropExchanges, merchantRow(dropExchanges, merchant).time(last)})
}

// Exchange returns one exchange; ok is false if there is none of that time and id.
func (v *View) Exchange(ctx context.Context, merchant ledger.MerchantID, at time.Time, id string) (
	x ledger.Exchange, ok bool, err error,
) {
	return v.oneExchange(ctx, query{statement: exchangeAt, args: merchantRow(exchangeAt, merchant).time(at).text(id)})
}

// SeenExchange returns the newest exchange of an agent that ended in a way; ok is false if there is none.
func (v *View) SeenExchange(ctx context.Context, q ledger.SeenExchange) (x ledger.Exchange, ok bool, err error) {
	args := merchantRow(exchangeSeen, q.Merchant).int(int64(q.Agent)).text(q.Endpoint).text(q.Outcome).text(q.Reason)
	args.before(q.Before).text(q.ID)
	return v.oneExchange(ctx, query{statement: exchangeSeen, args: args})
}

func (v *View) oneExchange(ctx context.Context, q query) (x ledger.Exchange, ok bool, err error) {
	found, err := v.exchanges(ctx, q)
	if err != nil || len(found) == 0 {
		return x, false, err
	}
	return found[0], true, nil
}

// Exchanges returns a page of a merchant's exchanges, the newest first.
func (v *View) Exchanges(ctx context.Context, q ledger.ExchangeQuery) ([]ledger.Exchange, error) {
	s := exchanges
	switch {
	case q.Card != "":
		s = exchangesOfCard
	case q.Mark != ledger.ExchangeFine:
		s = exchangesMarked
	case q.Agent != 0:
		s = exchangesOf
	}
	args := merchantRow(s, q.Merchant).int(int64(q.Agent)).int(int64(q.Shop)).text(q.Endpoint).text(q.Outcome).
		int(int64(q.Mark)).text(q.Card).time(q.Since)
	args.before(q.Before).text(q.ID).int(int64(q.Limit))
	return v.exchanges(ctx, query{statement: s, args: args})
}

func (v *View) exchanges(ctx context.Context, q query) (found []ledger.Exchange, err error) {
	q.each = func(r record) error {
		found = append(found, readExchange(r))
		return nil
	}
	if err := v.q.read(ctx, q); err != nil {
		return nil, fmt.Errorf("exchanges: %w", err)
	}
	return found, nil
}

func readExchange(r record) ledger.Exchange {
	x := ledger.Exchange{Merchant: ledger.MerchantID(r.int()), At: readTime(r), ID: r.text()}
	x.Agent, x.Shop = ledger.AgentID(r.int()), ledger.ShopID(r.int())
	x.Dialect, x.Endpoint, x.Outcome, x.Reason = r.text(), r.text(), r.text(), r.text()
	x.Mark, x.Status = ledger.ExchangeMark(r.int()), int(r.int())
	x.Took = time.Duration(r.int()) * time.Microsecond
	x.Card, x.Told = r.text(), r.text()
	return x
}
