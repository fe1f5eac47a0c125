package store

import (
	"fmt"

	"tongka/internal/ledger"
)

// All SQL is here, in the migrations, in search.go, and, where only one of the databases has it, beside the code for
// that one. The constructs: SELECT with joins, row values, string_agg, sum and count, INSERT … SELECT, UPDATE … FROM,
// upserts, DELETE with IN or EXISTS, and {rows} (see statement).

const (
	headList = "merchant version last_entry last_card last_at own taken_back clock settings"
	cardList = "merchant id number:text spelled:text kind opened_at opened_shop status level expires name:text " +
		"phone:text gender birthday " + detailList + " " + amountList
	detailList = "extid:text openid:text details:text holds:text"
	amountList = "principal bonus points points_owed sum_recharge sum_consume lots_apart point_lots:text seq " +
		"hash:bytea last_at used_at tally:text"
	lotList   = "merchant card good_until id principal bonus"
	entryList = "merchant id card seq kind at agent shop operator:text writer " + moveList + " " + billList +
		" parts:text point_parts:text level status extra:text tally:text hash:bytea asked earn"
	moveList    = "principal bonus points points_owed principal_after bonus_after points_after owed_after"
	billList    = "original discountable actual discount policy pay_type undoes"
	couponList  = "merchant id card number:text terms:text good_from good_until state sent subject:text used_by paid"
	stockList   = "merchant kind sent"
	guardList   = "merchant kind subject:text count until hash:bytea"
	outboxList  = "merchant id card at until openid:text phone:text sealed:bytea next_at tries"
	requestList = "merchant name:bytea fingerprint entry layout sum proof kept:bytea"

	merchantList = "merchant guid:text name:text zone:text licence_end policy part_payment bonus_days points_days " +
		"points_ratio max_amount max_balance code_from password_everywhere weak_passwords cut_off second_person"
	shopList  = "merchant place id guid:text name:text ended"
	levelList = "merchant place id name:text discount earn rights:text"
	ruleList  = "merchant place id name:text kind threshold add_money add_rate add_points first last ended " +
		"weekdays from_clock until_clock"
	payTypeList    = "merchant place id name:text code:text invoiceable ended"
	couponKindList = "merchant place terms:text start last days stock info:text"
	agentList      = "agent name:text token_hash:bytea weak allow:text until stopped shop api_key:bytea always_200 " +
		"scheme:text secret:bytea entry spare:bytea owner shops:text"
	grantList  = "agent place merchant permissions"
	personList = "person sign_in:text name:text language:text password:text totp:bytea recovery:text passkeys:text " +
		"grants:text until stopped agent entry"
	sessionList = "place:bytea person made_at seen_at until address:text browser:text"
)

// Writing.
var (
	// moveHead is the guard of a save. A head at another version than the one the save was decided from makes the
	// version NULL, which the column refuses. To refuse a head that is not there would take a subquery (decision 0032),
	// so it is made; guarded refuses a caller that loaded none, merchants are never removed, and verify reports a head
	// without a merchant.
	moveHead = define("move_head", headList, `
		INSERT INTO head ({columns})
		SELECT v.merchant, v.version + 1, v.last_entry, v.last_card, v.last_at, v.own, v.taken_back, v.clock, v.settings
		FROM {rows} AS v WHERE true
		ON CONFLICT (merchant) DO UPDATE SET
			version = CASE WHEN head.version = excluded.version - 1 THEN excluded.version END,
			last_entry = excluded.last_entry, last_card = excluded.last_card, last_at = excluded.last_at,
			own = excluded.own, taken_back = excluded.taken_back, clock = excluded.clock, settings = excluded.settings`)
	// touchHead makes what was decided by older settings stale.
	touchHead = define("touch_head", "merchant", `
		INSERT INTO head (merchant, version, last_entry, last_card, last_at)
		SELECT v.merchant, 1, 0, 0, 0 FROM {rows} AS v WHERE true
		ON CONFLICT (merchant) DO UPDATE SET version = head.version + 1`)

	// addHead begins the journal of a new merchant.
	addHead = insert("head", "merchant version")

	openCard   = insert("card", "ref "+cardList+" lots:text next_expiry search:text hold_until")
	updateCard = update("update_card", "card",
		"merchant ref status level expires "+amountList+" lots:text next_expiry", 2)
	updateHolder = update("update_holder", "card",
		"merchant ref number:text spelled:text name:text phone:text gender birthday "+detailList+
			" search:text hold_until", 2)
	// dropExtID takes inner codes off cards first, so that a code may pass from one card to another in one save.
	dropExtID = update("drop_extid", "card", "merchant ref extid:text", 2)

	putLot  = put("lot", lotList, 4)
	dropLot = drop("lot", "merchant card good_until id")

	addEntry   = small(insert("entry", entryList), 4)
	addRequest = small(insert("request", requestList), 3)

	putCoupon = put("coupon", couponList, 2)
	putStock  = put("coupon_stock", stockList, 2)

	putGuard   = put("guard", guardList, 3)
	dropGuards = define("drop_guards", "until", `
		DELETE FROM guard WHERE until <> 0 AND EXISTS (SELECT 1 FROM {rows} AS v WHERE guard.until < v.until)`)

	addMessage = insert("outbox", outboxList)
	// claimMessage is refused, like a save with an old head, if somebody else has claimed or settled the message since.
	claimMessage = define("claim_message", "merchant id tries next_at", `
		UPDATE outbox SET tries = CASE WHEN outbox.tries = v.tries AND outbox.done_at = 0 THEN v.tries + 1 END,
			next_at = v.next_at
		FROM {rows} AS v WHERE outbox.merchant = v.merchant AND outbox.id = v.id`)
	settleMessage = update("settle_message", "outbox", "merchant id next_at done_at error:text sealed:bytea", 2)
	dropMessages  = define("drop_messages", "at", `
		DELETE FROM outbox WHERE EXISTS (SELECT 1 FROM {rows} AS v WHERE outbox.at < v.at)`)

	setSetting  = update("set_setting", "setting", "name:text value", 1)
	moveSetting = define("move_setting", "name:text",
		`UPDATE setting SET value = value + 1 FROM {rows} AS v WHERE setting.name = v.name`)

	putMerchant   = put("merchant", merchantList, 1)
	putAgent      = put("agent", agentList, 1)
	putPerson     = put("person", personList, 1)
	addGUID       = insert("guid", "merchant guid:text")
	addShop       = insert("shop", shopList)
	addLevel      = insert("level", levelList)
	addRule       = insert("rule", ruleList)
	addPayType    = insert("pay_type", payTypeList)
	addCouponKind = insert("coupon_kind", couponKindList)
	addGrant      = insert("agent_grant", grantList)

	// dropDetails empties the lists of a merchant before they are written again.
	dropDetails = []*statement{
		drop("guid", "merchant"), drop("shop", "merchant"), drop("level", "merchant"),
		drop("rule", "merchant"), drop("pay_type", "merchant"), drop("coupon_kind", "merchant"),
	}
	dropGrants = drop("agent_grant", "agent")

	addSession  = insert("session", sessionList)
	seeSession  = update("see_session", "session", "place:bytea seen_at", 1)
	endSession  = drop("session", "place:bytea")
	endSessions = define("end_sessions", "person but:bytea",
		`DELETE FROM session WHERE EXISTS
			(SELECT 1 FROM {rows} AS v WHERE session.person = v.person AND session.place <> v.but)`)
	dropSessions = define("drop_sessions", "idle now",
		`DELETE FROM session WHERE EXISTS
			(SELECT 1 FROM {rows} AS v WHERE session.seen_at < v.idle OR session.until <= v.now)`)
)

// staleColumns are the columns that a stale write sets to NULL, which they do not allow.
var staleColumns = []string{"head.version", "outbox.tries", "follower.version", "job.turn", "webhook_state.turn"}

// Reading by key.
var (
	headOf        = find("head", headList, "")
	merchantOf    = find("merchant", merchantList, " ORDER BY t.merchant")
	shopsOf       = find("shop", shopList, " ORDER BY t.place")
	levelsOf      = find("level", levelList, " ORDER BY t.place")
	rulesOf       = find("rule", ruleList, " ORDER BY t.place")
	payTypesOf    = find("pay_type", payTypeList, " ORDER BY t.place")
	couponKindsOf = find("coupon_kind", couponKindList, " ORDER BY t.place")

	frontCards = define("front_cards", "merchant number:text", selectCards(front)+`
		FROM {rows} AS k JOIN card ON card.merchant = k.merchant AND card.number = k.number`)
	wholeCards = define("whole_cards", "merchant number:text", selectCards("")+`
		FROM {rows} AS k JOIN card ON card.merchant = k.merchant AND card.number = k.number`)
	wholeCardsByRef = define("whole_cards_by_ref", "merchant ref", selectCards("")+`
		FROM {rows} AS k JOIN card ON card.merchant = k.merchant AND card.ref = k.ref`)
	frontCardsByRef = define("front_cards_by_ref", "merchant ref", selectCards(front)+`
		FROM {rows} AS k JOIN card ON card.merchant = k.merchant AND card.ref = k.ref`)

	// Entries that undo one are found in their index first: SQLite uses a partial index only if it needs nothing but
	// the index.
	entriesOf = define("entries_of", "merchant id", `
		SELECT `+listed("e.", entryList)+` FROM {rows} AS k JOIN entry AS e ON e.merchant = k.merchant AND e.id = k.id
		UNION ALL
		SELECT `+listed("e.", entryList)+` FROM {rows} AS k
		JOIN entry AS u ON u.merchant = k.merchant AND u.undoes = k.id AND u.undoes <> 0
		JOIN entry AS e ON e.merchant = u.merchant AND e.id = u.id`)
	// The index by card and place leads to what came after an entry on its card; lapses are chosen among that. All of it
	// is read, because no index has the kind (BenchmarkLapses): it is asked only when points are to be taken back that
	// have expired, and an index would be written with every bill.
	lapsesOf = define("lapses_of", "merchant id", "SELECT "+listed("l.", entryList)+" FROM (SELECT "+
		listed("e.", entryList)+fmt.Sprintf(` FROM {rows} AS k JOIN entry AS g ON g.merchant = k.merchant AND g.id = k.id
		JOIN entry AS e ON e.merchant = g.merchant AND e.card = g.card AND e.seq > g.seq) AS l
		WHERE l.kind IN (%d, %d) AND l.points <> 0`, ledger.LotsExpired, ledger.ExpiryReversed))
	entriesByID = define("entries_by_id", "merchant id", "SELECT "+listed("e.", entryList)+`
		FROM {rows} AS k JOIN entry AS e ON e.merchant = k.merchant AND e.id = k.id`)
	requestsOf = define("requests_of", "merchant name:bytea", `
		SELECT `+listed("r.", requestList)+` FROM {rows} AS k JOIN request AS r
		ON r.merchant = k.merchant AND r.name = k.name`)
	extIDsOf = define("extids_of", "merchant extid:text", `
		SELECT k.merchant, k.extid FROM {rows} AS k
		JOIN card ON card.merchant = k.merchant AND card.extid = k.extid AND card.extid <> ''`)
	couponsOf = define("coupons_of", "merchant id", "SELECT "+listed("c.", couponList)+`
		FROM {rows} AS k JOIN coupon AS c ON c.merchant = k.merchant AND c.id = k.id`)
	// In one step, with more columns than the index has, SQLite would walk all coupons of the merchant instead.
	walletsOf = define("wallets_of", "merchant number:text", "SELECT "+listed("c.", couponList)+`
		FROM {rows} AS k JOIN card ON card.merchant = k.merchant AND card.number = k.number
		JOIN coupon AS u ON u.merchant = card.merchant AND u.card = card.id AND u.state = 1
		JOIN coupon AS c ON c.merchant = u.merchant AND c.id = u.id`)
	walletSizesOf = define("wallet_sizes_of", "merchant number:text", `
		SELECT card.merchant, card.id,
			(SELECT count(*) FROM coupon AS c WHERE c.merchant = card.merchant AND c.card = card.id AND c.state = 1)
		FROM {rows} AS k JOIN card ON card.merchant = k.merchant AND card.number = k.number`)
	couponsUsedBy = define("coupons_used_by", "merchant id", "SELECT "+listed("c.", couponList)+`
		FROM {rows} AS k JOIN coupon AS u ON u.merchant = k.merchant AND u.used_by = k.id AND u.used_by <> 0
		JOIN coupon AS c ON c.merchant = u.merchant AND c.id = u.id`)
	stocksOf = define("stocks_of", "merchant kind", "SELECT "+listed("s.", stockList)+`
		FROM {rows} AS k JOIN coupon_stock AS s ON s.merchant = k.merchant AND s.kind = k.kind`)
	couponNumbersOf = define("coupon_numbers_of", "merchant number:text", `
		SELECT k.merchant, k.number FROM {rows} AS k JOIN coupon AS c ON c.merchant = k.merchant AND c.number = k.number`)
	guardsOf = define("guards_of", "merchant kind subject:text", "SELECT "+listed("g.", guardList)+`
		FROM {rows} AS k JOIN guard AS g ON g.merchant = k.merchant AND g.kind = k.kind AND g.subject = k.subject`)
	// GUIDs are unique over all merchants: the first merchant of a row is the one that asks, the last one has the GUID.
	guidsOf = define("guids_of", "merchant guid:text", `
		SELECT k.merchant, g.guid, g.merchant FROM {rows} AS k JOIN guid AS g ON g.guid = k.guid`)
	messageOf = define("message_of", "merchant id", `
		SELECT o.id FROM {rows} AS k JOIN outbox AS o ON o.merchant = k.merchant AND o.id = k.id`)
	hashOf = define("hash_of", "merchant id", `
		SELECT e.hash FROM {rows} AS k JOIN entry AS e ON e.merchant = k.merchant AND e.id = k.id`)
)

// find returns a statement that reads the rows of a table that belong to merchants.
func find(table, list, order string) *statement {
	return define("find_"+table, "merchant", "SELECT "+listed("t.", list)+
		" FROM {rows} AS k JOIN "+table+" AS t ON t.merchant = k.merchant"+order)
}

// front bounds the lots that are read of a card: one more than a card is loaded with, to see whether there are more.
const front = " ORDER BY l.good_until, l.id LIMIT 33"

// selectCards begins a query for cards, each with its lots as one text, wherever the lots are kept.
func selectCards(bound string) string {
	return "SELECT " + listed("card.", cardList) + `, CASE WHEN card.lots_apart = 0 THEN card.lots ELSE COALESCE((
			SELECT string_agg(f.good_until || ':' || f.id || ':' || f.principal || ':' || f.bonus, ',') FROM (
				SELECT l.good_until, l.id, l.principal, l.bonus FROM lot AS l
				WHERE l.merchant = card.merchant AND l.card = card.id` + bound + `
			) AS f), '') END AS lots`
}

// cardsBy returns a statement that reads the first cards by id, and therefore by ref, with the same text in a
// column. The inner query needs only the column's index; in one step SQLite would walk the cards instead.
func cardsBy(column string) *statement {
	return define("cards_by_"+column, "merchant "+column+":text most", selectCards("")+` FROM (
			SELECT c.ref FROM card AS c WHERE c.merchant = $1 AND c.`+column+` = $2 AND c.`+column+` <> ''
			ORDER BY c.ref LIMIT $3
		) AS f JOIN card ON card.merchant = $1 AND card.ref = f.ref`)
}

// couponsOn returns a query for the first coupons of a card by id, which come in no particular order. The inner
// query needs only an index.
func couponsOn(which string) string {
	return "SELECT " + listed("coupon.", couponList) + ` FROM (
			SELECT c.id FROM coupon AS c WHERE c.merchant = $1 AND c.card = $2 AND ` + which + ` ORDER BY c.id LIMIT $4
		) AS f JOIN coupon ON coupon.merchant = $1 AND coupon.id = f.id`
}

// Reading in order. Each takes one row of arguments.
var (
	cardByExtID = define("card_by_extid", "merchant extid:text", selectCards("")+`
		FROM card WHERE card.merchant = $1 AND card.extid = $2 AND card.extid <> ''`)
	cardsByPhone  = cardsBy("phone")
	cardsByOpenID = cardsBy("openid")

	allMerchants = define("all_merchants", "", "SELECT merchant FROM merchant ORDER BY merchant")
	allPeople    = define("all_people", "", "SELECT "+listed("", personList)+" FROM person ORDER BY person")
	sessionAt    = define("session_at", "place:bytea", "SELECT "+listed("s.", sessionList)+` FROM {rows} AS k
		JOIN session AS s ON s.place = k.place`)
	sessionsOf = define("sessions_of", "person", "SELECT "+listed("s.", sessionList)+` FROM {rows} AS k
		JOIN session AS s ON s.person = k.person ORDER BY s.seen_at DESC, s.place`)
	allAgents = define("all_agents", "", "SELECT "+listed("", agentList)+" FROM agent ORDER BY agent")
	allGrants = define("all_grants", "", "SELECT "+listed("", grantList)+" FROM agent_grant ORDER BY agent, place")
	allHeads  = define("all_heads", "", "SELECT "+listed("", headList)+" FROM head ORDER BY merchant")
	settingOf = define("setting_of", "name:text", "SELECT value FROM setting WHERE name = $1")

	entriesAfter = define("entries_after", "merchant id most", "SELECT "+listed("", entryList)+`
		FROM entry WHERE merchant = $1 AND id > $2 ORDER BY id LIMIT $3`)
	// The merchant's own entries are those of card 0.
	ownAfter = define("own_after", "merchant seq most", "SELECT "+listed("", entryList)+`
		FROM entry WHERE merchant = $1 AND card = 0 AND seq > $2 ORDER BY seq LIMIT $3`)
	cardsBetween = define("cards_between", "merchant ref end most", selectCards("")+`
		FROM card WHERE {only}card.merchant = $1 AND card.ref > $2 AND card.ref < $3 ORDER BY card.ref LIMIT $4`)
	numbersAfter = define("numbers_after", "merchant number:text end:text most", `
		SELECT number FROM card WHERE merchant = $1 AND number > $2 AND number < $3 ORDER BY number LIMIT $4`)
	requestsAfter = define("requests_after", "merchant name:bytea most", "SELECT "+listed("", requestList)+`
		FROM request WHERE merchant = $1 AND name > $2 ORDER BY name LIMIT $3`)
	couponsAfter = define("coupons_after", "merchant id most", "SELECT "+listed("", couponList)+`
		FROM coupon WHERE merchant = $1 AND id > $2 ORDER BY id LIMIT $3`)
	allStocks = define("all_stocks", "merchant", "SELECT "+listed("", stockList)+`
		FROM coupon_stock WHERE merchant = $1 ORDER BY kind`)
	cardCoupons = define("card_coupons", "merchant card id most", couponsOn("c.id > $3"))
	cardUnused  = define("card_unused", "merchant card id most", couponsOn("c.state = 1 AND c.id > $3"))
	outboxDue   = define("outbox_due", "now most", "SELECT "+listed("o.", outboxList)+`
		FROM merchant AS m JOIN outbox AS o ON o.merchant = m.merchant AND o.next_at > 0 AND o.next_at <= $1
		ORDER BY o.at, o.merchant, o.id LIMIT $2`)
	// Of messages that were sent next_at is 0, and of those given up it is when that was, below 0: so they are found, the
	// newest first. A try is counted when it begins.
	failing = define("failing", "merchant",
		"SELECT count(*) FROM outbox WHERE merchant = $1 AND next_at > 0 AND tries > 1")
	givenUp = define("given_up", "merchant most", `
		SELECT card, done_at, tries FROM outbox WHERE merchant = $1 AND next_at < 0
		ORDER BY next_at LIMIT $2`)
	guardsFull = define("guards_full", "merchant kind least after looks most", "SELECT "+listed("g.", guardList)+`
		FROM (SELECT `+listed("", guardList)+` FROM guard WHERE merchant = $1 AND kind = $2 ORDER BY subject LIMIT $5) AS g
		WHERE g.count >= $3 AND g.until > $4 ORDER BY g.subject LIMIT $6`)
	// What is due is found in the index first: SQLite uses a partial index only if it needs nothing but the index.
	dueCoupons = define("due_coupons", "merchant day most", `
		SELECT card.number FROM (
			SELECT c.card FROM coupon AS c WHERE c.merchant = $1 AND c.state = 1 AND c.good_until < $2
			ORDER BY c.good_until, c.id LIMIT $3
		) AS f JOIN card ON card.merchant = $1 AND card.ref = ($1 << 32) + f.card`)
	dueCards = define("due_cards", "merchant day most", `
		SELECT number FROM card WHERE merchant = $1 AND next_expiry <> 0 AND next_expiry < $2
		ORDER BY next_expiry, ref LIMIT $3`)
	dueHolds = define("due_holds", "merchant now most", `
		SELECT number FROM card WHERE merchant = $1 AND hold_until <> 0 AND hold_until <= $2
		ORDER BY hold_until, ref LIMIT $3`)

	// A page of history: the entries of a card from one place down, newest first, and single entries that are looked at
	// to find that place.
	cardPlace = define("card_place", "merchant number:text", `
		SELECT id, seq, tally FROM card WHERE merchant = $1 AND number = $2`)
	entriesDown = define("entries_down", "merchant card seq most", "SELECT "+listed("", entryList)+`
		FROM entry WHERE merchant = $1 AND card = $2 AND seq <= $3 ORDER BY seq DESC LIMIT $4`)
	marksOf = define("marks_of", "merchant card seq", `
		SELECT e.seq, e.id, e.at, e.tally FROM {rows} AS k JOIN entry AS e
		ON e.merchant = k.merchant AND e.card = k.card AND e.seq = k.seq`)
	// The merchant's own entries are those of card 0. The kind shows which of them took the time back.
	timeBacks = define("time_backs", "merchant", `
		SELECT e.id, e.at, e.kind FROM head AS h JOIN entry AS e ON e.merchant = h.merchant AND e.card = 0
		WHERE h.merchant = $1 AND h.taken_back <> 0 ORDER BY e.seq`)
)
