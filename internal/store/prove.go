package store

import (
	"context"
	"slices"
	"time"

	"tongka/internal/ledger"
)

// What only a proof of the books reads.

// owned lists the tables whose rows belong to a merchant, in both databases. A test of the schema checks that there are
// no others but those that only one has.
var owned = []string{
	"merchant", "head", "guid", "shop", "level", "rule", "pay_type", "coupon_kind", "agent_grant",
	"card", "lot", "entry", "coupon", "coupon_stock", "guard", "outbox", "request", "follower", "day_total", "proposal",
	"job", "job_file", "lot_total", "coupon_total", "exchange", "key_use", "webhook", "webhook_state", "webhook_again",
	"webhook_try",
}

// ownersAfter are statements that read the next merchant after a given one that has rows in a table, by an index if
// the table may be long.
var ownersAfter = func() map[string]*statement {
	all := map[string]*statement{}
	for _, table := range slices.Concat(owned, sqliteShape.owned, postgresShape.owned) {
		all[table] = define("owners_"+table, "merchant",
			"SELECT merchant FROM "+table+" WHERE merchant > $1 ORDER BY merchant LIMIT 1")
	}
	return all
}()

var (
	allGUIDs = define("all_guids", "", "SELECT guid, merchant FROM guid ORDER BY guid")
	spanOf   = define("span_of", "merchant", `SELECT COALESCE((SELECT min(id) FROM entry WHERE merchant = $1), 0),
		COALESCE((SELECT max(id) FROM entry WHERE merchant = $1), 0)`)
	// A stored card is read like any other, together with the columns that are derived from it.
	storedCards = define("stored_cards", "merchant ref end most", selectCards("")+`, card.next_expiry, card.search,
		card.hold_until, CASE card.lots_apart WHEN 0 THEN '' WHEN 1 THEN card.lots ELSE 'neither' END
		FROM card WHERE {only}card.merchant = $1 AND card.ref > $2 AND card.ref < $3 ORDER BY card.ref LIMIT $4`)
	strayLots = define("stray_lots", "", `
		SELECT DISTINCT l.merchant, l.card FROM lot AS l LEFT JOIN card
		ON card.merchant = l.merchant AND card.ref = (l.merchant << 32) + l.card
		WHERE card.ref IS NULL OR card.lots_apart = 0`)
	strayGrants = define("stray_grants", "", `
		SELECT g.merchant, g.agent FROM agent_grant AS g LEFT JOIN agent ON agent.agent = g.agent WHERE agent.agent IS NULL`)
	guardsAfter = define("guards_after", "merchant kind subject:text most", "SELECT "+listed("", guardList)+`
		FROM guard WHERE merchant = $1 AND (kind, subject) > ($2, $3) ORDER BY kind, subject LIMIT $4`)
	messagesAfter = define("messages_after", "merchant id most",
		"SELECT id, card, at, until, next_at, tries, done_at FROM outbox WHERE merchant = $1 AND id > $2 "+
			"ORDER BY id LIMIT $3")
	allSettings = define("all_settings", "", "SELECT name FROM setting ORDER BY name")
)

// Owners returns, for each table, the merchants that have rows in it.
func (v *View) Owners(ctx context.Context) (map[string][]ledger.MerchantID, error) {
	owners := map[string][]ledger.MerchantID{}
	for _, table := range slices.Concat(owned, v.shape.owned) {
		ids, err := v.ownersOf(ctx, ownersAfter[table])
		if err != nil {
			return nil, err
		}
		owners[table] = ids
	}
	return owners, nil
}

func (v *View) ownersOf(ctx context.Context, next *statement) (ids []ledger.MerchantID, err error) {
	for after, more := int64(-1<<63), true; more; {
		more = false
		err := v.readPage(ctx, "merchants of a table", query{next, rowsFor(next, 1).int(after), func(r record) error {
			after, more = r.int(), true
			ids = append(ids, ledger.MerchantID(after))
			return nil
		}})
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// GUIDs returns all GUIDs in use, folded, each with the merchant that it names or whose shop it names.
func (v *View) GUIDs(ctx context.Context) (map[string]ledger.MerchantID, error) {
	found := map[string]ledger.MerchantID{}
	err := v.readPage(ctx, "guids", query{allGUIDs, rowsFor(allGUIDs, 0), func(r record) error {
		guid := r.text()
		found[guid] = ledger.MerchantID(r.int())
		return nil
	}})
	return found, err
}

// Counters returns the names of the numbers that the program keeps for itself.
func (v *View) Counters(ctx context.Context) (names []string, err error) {
	err = v.readPage(ctx, "settings", query{allSettings, rowsFor(allSettings, 0), func(r record) error {
		names = append(names, r.text())
		return nil
	}})
	return names, err
}

// Span returns the ids of a merchant's first and last entry; 0 if there is none.
func (v *View) Span(ctx context.Context, merchant ledger.MerchantID) (first, last ledger.EntryID, err error) {
	err = v.readPage(ctx, "first and last entry", query{spanOf, merchantRow(spanOf, merchant), func(r record) error {
		first, last = ledger.EntryID(r.int()), ledger.EntryID(r.int())
		return nil
	}})
	return first, last, err
}

// Strays returns rows that belong to nothing: lots of cards that do not exist or have their lots in their own row,
// and grants of agents that do not exist.
func (v *View) Strays(ctx context.Context) (all []ledger.Stray, err error) {
	for _, s := range []struct {
		table     string
		statement *statement
	}{{"lot", strayLots}, {"agent_grant", strayGrants}} {
		err := v.readPage(ctx, "strays", query{s.statement, rowsFor(s.statement, 0), func(r record) error {
			all = append(all, ledger.Stray{Table: s.table, Merchant: ledger.MerchantID(r.int()), ID: r.int()})
			return nil
		}})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// EachStoredCard calls fn with every card of the merchant, by id, each with all of its lots. It stops at the first
// error of fn and returns it.
func (v *View) EachStoredCard(
	ctx context.Context, merchant ledger.MerchantID, fn func(*ledger.StoredCard) error,
) error {
	return walk(func(last *ledger.StoredCard, page *[]ledger.StoredCard) error {
		after := cardRef(merchant, 0) - 1
		if last != nil {
			after = cardRef(merchant, last.ID)
		}
		args := merchantRow(storedCards, merchant).int(after).int(cardRef(merchant+1, 0) - 1).int(walkPage)
		return v.readPage(ctx, "cards", query{storedCards, args, func(r record) error {
			c, err := readCard(r, true)
			*page = append(*page, ledger.StoredCard{
				Card: c, NextExpiry: readDate(r), Search: r.text(), HoldUntil: readTime(r), OwnLots: r.text(),
			})
			return err
		}})
	}, fn)
}

// EachGuard calls fn with every guard of the merchant, by kind and subject. It stops at the first error of fn and
// returns it.
func (v *View) EachGuard(ctx context.Context, merchant ledger.MerchantID, fn func(*ledger.Guard) error) error {
	return walk(func(last *ledger.Guard, page *[]ledger.Guard) error {
		after := ledger.GuardKey{Kind: -1 << 62}
		if last != nil {
			after = last.GuardKey
		}
		args := merchantRow(guardsAfter, merchant).int(int64(after.Kind)).text(after.Subject).int(walkPage)
		return v.readPage(ctx, "guards", query{guardsAfter, args, func(r record) error {
			g, err := readGuard(r)
			*page = append(*page, g)
			return err
		}})
	}, fn)
}

// readNext reads when a message is tried next; one that was given up never is.
func readNext(r record) time.Time {
	if next := readTime(r); next.UnixMilli() > 0 {
		return next
	}
	return time.Time{}
}

// EachMessage calls fn with every message of the merchant, by id, without text and recipient. It stops at the first
// error of fn and returns it.
func (v *View) EachMessage(
	ctx context.Context, merchant ledger.MerchantID, fn func(*ledger.StoredMessage) error,
) error {
	return walk(func(last *ledger.StoredMessage, page *[]ledger.StoredMessage) error {
		after := int64(-1 << 62)
		if last != nil {
			after = last.ID
		}
		args := merchantRow(messagesAfter, merchant).int(after).int(walkPage)
		return v.readPage(ctx, "messages", query{messagesAfter, args, func(r record) error {
			*page = append(*page, ledger.StoredMessage{
				ID: r.int(), Card: ledger.CardID(r.int()), At: readTime(r), Until: readTime(r), Next: readNext(r), Tries: r.int(),
				Done: readTime(r),
			})
			return nil
		}})
	}, fn)
}
