package store

import (
	"context"
	"errors"
	"fmt"
	"math"

	"tongka/internal/ledger"
)

const (
	cursorList = "merchant name:text version entry calendar:text holder until"
	briefList  = "merchant id kind at card agent shop operator:text pay_type undoes asked principal bonus points " +
		"original actual"
	dayKeyList = "day shop operator:text kind pay_type"
	dayList    = "merchant " + dayKeyList + " count gross net principal bonus points"
)

var (
	// moveFollower makes a follower's save stale if the stored version is not the one before, as moveHead does for a
	// command's. The first version of a cursor needs a head of its merchant.
	moveFollower = define("move_follower", cursorList, `
		INSERT INTO follower (merchant, name, version, entry, calendar, holder, until)
		SELECT v.merchant, v.name, CASE
				WHEN v.version = 1 AND EXISTS (SELECT 1 FROM head AS h WHERE h.merchant = v.merchant) THEN 1
				WHEN EXISTS (SELECT 1 FROM follower AS f WHERE f.merchant = v.merchant AND f.name = v.name) THEN v.version END,
			v.entry, v.calendar, v.holder, v.until
		FROM {rows} AS v WHERE true
		ON CONFLICT (merchant, name) DO UPDATE SET
			version = CASE WHEN follower.version = excluded.version - 1 THEN excluded.version END,
			entry = excluded.entry, calendar = excluded.calendar, holder = excluded.holder, until = excluded.until`)
	addDayTotal = insertAnd("add_day_total", "day_total", dayList, "INSERT",
		` ON CONFLICT (merchant, day, shop, operator, kind, pay_type) DO UPDATE SET
		count = day_total.count + excluded.count,
		gross = day_total.gross + excluded.gross, net = day_total.net + excluded.net,
		principal = day_total.principal + excluded.principal, bonus = day_total.bonus + excluded.bonus,
		points = day_total.points + excluded.points`)
	dropDayTotals = drop("day_total", "merchant")

	// The rest of an entry is long, and only of one that refers to another it says what is wanted in brief.
	entriesInBrief = define("entries_in_brief", "merchant id most", "SELECT "+listed("", briefList)+`,
			CASE undoes WHEN 0 THEN '' ELSE extra END
		FROM entry WHERE merchant = $1 AND id > $2 ORDER BY id LIMIT $3`)

	allCursors = define("all_cursors", "name:text",
		"SELECT "+listed("", cursorList)+" FROM follower WHERE name = $1 ORDER BY merchant")
	cursorsOf = define("cursors_of", "merchant",
		"SELECT "+listed("", cursorList)+" FROM follower WHERE merchant = $1 ORDER BY name")
	totalsBehind = define("totals_behind", "merchant "+dayKeyList+" last most",
		"SELECT "+listed("", dayList)+` FROM day_total
		WHERE merchant = $1 AND (day, shop, operator, kind, pay_type) > ($2, $3, $4, $5, $6) AND day <= $7
		ORDER BY day, shop, operator, kind, pay_type LIMIT $8`)
	owedThrough = define("owed_through", "merchant last", `
		SELECT CAST(COALESCE(sum(principal), 0) AS bigint), CAST(COALESCE(sum(bonus), 0) AS bigint),
			CAST(COALESCE(sum(points), 0) AS bigint)
		FROM day_total WHERE merchant = $1 AND day <= $2`)
)

func writeCursor(r *rows, c *ledger.Cursor) {
	r.int(int64(c.Merchant)).text(c.Follower).int(c.Version).int(int64(c.Entry)).text(c.Calendar)
	r.int(c.Holder).time(c.Until)
}

func readCursor(r record) ledger.Cursor {
	return ledger.Cursor{
		Merchant: ledger.MerchantID(r.int()), Follower: r.text(), Version: r.int(), Entry: ledger.EntryID(r.int()),
		Calendar: r.text(), Holder: r.int(), Until: readTime(r),
	}
}

func writeDayKey(r *rows, k ledger.DayKey) *rows {
	return writePlace(r.int(int64(k.Day)), k)
}

func writePlace(r *rows, k ledger.DayKey) *rows {
	return r.int(int64(k.Shop)).text(k.Operator).int(int64(k.Kind)).int(int64(k.PayType))
}

func writeDayTotal(r *rows, t *ledger.DayTotal) {
	writeDayKey(r,
		t.DayKey).int(t.Count).int(int64(t.Gross)).int(int64(t.Net)).int(int64(t.Principal)).int(int64(t.Bonus)).int(t.Points)
}

func readDayTotal(r record) (ledger.DayTotal, error) {
	r.int() // the merchant
	day, err := dayOf(r.int())
	return ledger.DayTotal{
		DayKey: ledger.DayKey{
			Day: day, Shop: ledger.ShopID(r.int()), Operator: r.text(), Kind: ledger.Kind(r.int()),
			PayType: ledger.PayTypeID(r.int()),
		},
		DaySums: ledger.DaySums{
			Count: r.int(), Gross: ledger.Fen(r.int()), Net: ledger.Fen(r.int()), Principal: ledger.Fen(r.int()),
			Bonus: ledger.Fen(r.int()), Points: r.int(),
		},
	}, err
}

// daysBetween returns the bounds of a walk over totals by day; a first or last of 0 is none.
func daysBetween(first, last ledger.Date) (from, to int64) {
	from, to = int64(first), int64(last)
	if first == 0 {
		from = math.MinInt64
	}
	if last == 0 {
		to = math.MaxInt64 // a damaged row may have a day that is no date
	}
	return from, to
}

// dayOf returns a stored day, or an error if it is none.
func dayOf(n int64) (ledger.Date, error) {
	if day := ledger.Date(n); int64(day) == n {
		return day, nil
	}
	return 0, fmt.Errorf("a total is of day %d, which is none", n)
}

// Cursors returns the cursors of the follower of that name, by merchant. Where it has not begun there is none.
func (v *View) Cursors(ctx context.Context, follower string) ([]ledger.Cursor, error) {
	return v.cursors(ctx, query{statement: allCursors, args: rowsFor(allCursors, 1).text(follower)})
}

// CursorsOf returns the cursors of all followers of a merchant's journal, by name.
func (v *View) CursorsOf(ctx context.Context, merchant ledger.MerchantID) ([]ledger.Cursor, error) {
	return v.cursors(ctx, query{statement: cursorsOf, args: merchantRow(cursorsOf, merchant)})
}

func (v *View) cursors(ctx context.Context, q query) (found []ledger.Cursor, err error) {
	q.each = func(r record) error {
		found = append(found, readCursor(r))
		return nil
	}
	err = v.readPage(ctx, "cursors", q)
	return found, err
}

// EachDayTotal calls fn with the merchant's totals of the business days from first to last, both included, in the
// order of their keys; a first or last of 0 is no bound. It stops at the first error of fn and returns it.
func (v *View) EachDayTotal(
	ctx context.Context, merchant ledger.MerchantID, first, last ledger.Date, fn func(*ledger.DayTotal) error,
) error {
	from, to := daysBetween(first, last)
	after := ledger.DayKey{Shop: math.MinInt64, Kind: math.MinInt64, PayType: math.MinInt64}
	return walk(func(end *ledger.DayTotal, page *[]ledger.DayTotal) error {
		if end != nil {
			from, after = int64(end.Day), end.DayKey
		}
		args := writePlace(merchantRow(totalsBehind, merchant).int(from), after).int(to).int(walkPage)
		return v.readPage(ctx, "day totals", query{totalsBehind, args, func(r record) error {
			t, err := readDayTotal(r)
			*page = append(*page, t)
			return err
		}})
	}, fn)
}

// OwedThrough returns what the merchant owed at the end of a business day, or with 0 what it owes by all of its totals.
// It adds up every total up to that day, so it takes longer the longer the merchant has been at work.
func (v *View) OwedThrough(
	ctx context.Context, merchant ledger.MerchantID, last ledger.Date,
) (owed ledger.Owed, err error) {
	to := int64(last)
	if last == 0 {
		to = math.MaxInt64
	}
	args := merchantRow(owedThrough, merchant).int(to)
	err = v.readPage(ctx, "what is owed", query{owedThrough, args, func(r record) error {
		owed = ledger.Owed{Principal: ledger.Fen(r.int()), Bonus: ledger.Fen(r.int()), Points: r.int()}
		return nil
	}})
	return owed, err
}

// EachEntryInBrief calls fn as EachEntry does, but with only those fields set from which day totals are computed, and
// by which two entries are told to be alike: merchant and id, kind and time, card, agent, shop, operator and pay type,
// which entry it refers to and which request asked for it, the amounts that the entry added to the card, the bill's
// Gross and Net, and whether a hold pays it.
func (v *View) EachEntryInBrief(
	ctx context.Context, merchant ledger.MerchantID, after ledger.EntryID, fn func(*ledger.Entry) error,
) error {
	return walk(func(last *ledger.Entry, page *[]ledger.Entry) error {
		if last != nil {
			after = last.ID
		}
		args := merchantRow(entriesInBrief, merchant).int(int64(after)).int(walkPage)
		return v.readPage(ctx, "entries", query{entriesInBrief, args, func(r record) error {
			e := ledger.Entry{
				Merchant: ledger.MerchantID(r.int()), ID: ledger.EntryID(r.int()), Kind: ledger.Kind(r.int()), At: readTime(r),
				Card: ledger.CardID(r.int()),
				By: ledger.Caller{
					Agent: ledger.AgentID(r.int()), Shop: ledger.ShopID(r.int()), Operator: r.text(),
				},
				PayType: ledger.PayTypeID(r.int()), RefersTo: ledger.EntryID(r.int()), Asked: r.int(),
				Principal: ledger.Fen(r.int()), Bonus: ledger.Fen(r.int()), Points: r.int(), Gross: ledger.Fen(r.int()),
				Net: ledger.Fen(r.int()),
			}
			err := readCapture(r.text(), &e)
			*page = append(*page, e)
			return err
		}})
	}, fn)
}

// readCapture reads of the rest of an entry whether it is a bill that a hold pays. Only one that refers to another
// entry can be.
func readCapture(extra string, e *ledger.Entry) error {
	if e.Kind != ledger.Consumed || e.RefersTo == 0 {
		return nil
	}
	var whole ledger.Entry
	err := decodeExtra(extra, &whole)
	e.Released = whole.Released
	return err
}

// SaveCursor saves a cursor whose version the caller has moved by one since reading it; the first version is 1. It
// returns command.ErrStale if somebody else has saved the cursor meanwhile, or if there is no such merchant.
func (s *Store) SaveCursor(ctx context.Context, c ledger.Cursor) error {
	return s.write(ctx, cursorWrite(c))
}

// SaveDayTotals saves a cursor as SaveCursor does, and in the same commit adds the amounts of the entries between
// the old cursor and the new one to the day totals. add may hold each key only once. With the cursor at entry 0 all
// totals of the merchant are removed instead, and add must be empty.
func (s *Store) SaveDayTotals(ctx context.Context, c ledger.Cursor, add []ledger.DayTotal) error {
	if c.Entry == 0 {
		if len(add) > 0 {
			return errors.New("save: totals of no entry")
		}
		return s.write(ctx, cursorWrite(c), write{dropDayTotals, merchantRow(dropDayTotals, c.Merchant)})
	}
	args := rowsFor(addDayTotal, len(add))
	for i := range add {
		writeDayTotal(args.int(int64(c.Merchant)), &add[i])
	}
	return s.write(ctx, cursorWrite(c), write{addDayTotal, args})
}

func cursorWrite(c ledger.Cursor) write {
	args := rowsFor(moveFollower, 1)
	writeCursor(args, &c)
	return write{moveFollower, args}
}

// errFound ends a walk that has found what it looked for.
var errFound = errors.New("found")

// ShopInUse reports whether the merchant's journal has an entry of the shop.
func (v *View) ShopInUse(ctx context.Context, merchant ledger.MerchantID, shop ledger.ShopID) (bool, error) {
	return v.anyEntry(ctx, merchant, func(of ledger.DayKey) bool { return of.Shop == shop })
}

// PayTypeInUse reports whether the merchant's journal has an entry of the pay type.
func (v *View) PayTypeInUse(ctx context.Context, merchant ledger.MerchantID, id ledger.PayTypeID) (bool, error) {
	return v.anyEntry(ctx, merchant, func(of ledger.DayKey) bool { return of.PayType == id })
}

// anyEntry reports whether is accepts the shop, pay type and kind of any of the merchant's entries. It looks at all
// of the merchant's day totals, and at the entries that they do not include yet.
func (v *View) anyEntry(ctx context.Context, merchant ledger.MerchantID, is func(ledger.DayKey) bool) (bool, error) {
	cursors, err := v.CursorsOf(ctx, merchant)
	if err != nil {
		return false, err
	}
	var folded ledger.EntryID
	for _, c := range cursors {
		if c.Follower == ledger.DayTotals {
			folded = c.Entry
		}
	}
	look := func(of ledger.DayKey) error {
		if is(of) {
			return errFound
		}
		return nil
	}
	err = v.EachDayTotal(ctx, merchant, 0, 0, func(t *ledger.DayTotal) error { return look(t.DayKey) })
	if err == nil {
		err = v.EachEntryInBrief(ctx, merchant, folded, func(e *ledger.Entry) error {
			return look(ledger.DayKey{Shop: e.By.Shop, Kind: e.Kind, PayType: e.PayType})
		})
	}
	if errors.Is(err, errFound) {
		return true, nil
	}
	return false, err
}
