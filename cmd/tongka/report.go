package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tongka/internal/cardfile"
	"tongka/internal/command"
	"tongka/internal/config"
	"tongka/internal/ledger"
	"tongka/internal/report"
	"tongka/internal/store"
)

type reportCmd struct {
	Days   reportDays   `cmd:"" help:"Print totals of business days, by kind of entry. A day begins at the merchant's cut_off, 04:00 where it has set none."`
	Refold reportRefold `cmd:"" help:"Delete a merchant's totals so that the server folds them again, if tongka verify found them wrong."`
}

// day is a date on the command line.
type day ledger.Date

// UnmarshalText parses a date like 2026-12-31.
func (d *day) UnmarshalText(text []byte) error {
	date, err := ledger.ParseDate(string(text))
	*d = day(date)
	return err
}

// reportDays prints totals of business days.
type reportDays struct {
	config.Database
	listing
	Merchant string   `required:"" placeholder:"ID|GUID" help:"Whose days."`
	From     day      `placeholder:"YYYY-MM-DD" help:"The first day; by default the first there is."`
	To       day      `placeholder:"YYYY-MM-DD" help:"The last day; by default the last there is."`
	By       []string `enum:"kind,shop,operator,paytype" default:"kind" placeholder:"COLUMN,…" help:"Add up by kind of entry alone (kind), or by shop, operator and pay type (paytype) as well, alone or together: shop,paytype is what each shop took in of each."`
	CSV      bool     `name:"csv" help:"Print CSV that a spreadsheet opens instead of a table."`
}

// Help explains the columns.
func (c *reportDays) Help() string {
	return "count is how often it was done: a replacement, an entry on each of two cards, counts once. " +
		"Amounts are in yuan. gross is the bill, what was paid in, or what was paid out, before discounts, coupons " +
		"and points; net is the bill after them, or what the card got of a recharge; principal, bonus and points are " +
		"what cards gained, negative where they were taken. Of a bill, net and principal and bonus together are what " +
		"was paid elsewhere than by the card. What undoes an entry stands on the day, and at the shop and pay type, " +
		"on which it was undone; cash back that was taken back counts against what was given. A column that --by does" +
		" not name is empty, and so is a shop, operator or pay type that an entry does not have. Totals are folded " +
		"from the journal by tongka serve, a second or two behind it: the last line says up to which entry. If the " +
		"rest has entries of the days that were asked for, or the days are not yet folded by the merchant's newest " +
		"zone and cut-off, the report is printed all the same, and the exit code is 5. So ask with --to for days that" +
		" are over, and again on 5."
}

// dayLine is a line of the report.
type dayLine struct {
	Day       string `json:"day"`
	Shop      string `json:"shop"`
	Operator  string `json:"operator"`
	PayType   string `json:"paytype"`
	Kind      string `json:"kind"`
	Count     int64  `json:"count"`
	Gross     string `json:"gross"`
	Net       string `json:"net"`
	Principal string `json:"principal"`
	Bonus     string `json:"bonus"`
	Points    int64  `json:"points"`
}

// Run prints the report. It reads everything at one moment, so the books may be in use at the same time.
func (c *reportDays) Run(ctx context.Context, con *console) (err error) {
	if c.JSON && c.CSV {
		return errors.New("--json and --csv: want one of them")
	}
	if c.From != 0 && c.To != 0 && c.From > c.To {
		return fmt.Errorf("--from %v is behind --to %v", ledger.Date(c.From), ledger.Date(c.To))
	}
	s, err := openReader(ctx, c.DB)
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	return s.Snapshot(ctx, func(v *store.View) error {
		m, err := findMerchant(ctx, v, c.Merchant)
		if err != nil {
			return err
		}
		lines, err := c.lines(ctx, v, m)
		if err != nil {
			return err
		}
		if err := c.print(con, lines); err != nil {
			return err
		}
		return c.complete(ctx, con, v, m)
	})
}

// lines returns the totals of the requested days, added up by what --by names.
func (c *reportDays) lines(ctx context.Context, v *store.View, m *ledger.Merchant) ([]dayLine, error) {
	sums := report.NewDays(m.Calendar())
	err := v.EachDayTotal(ctx, m.ID, ledger.Date(c.From), ledger.Date(c.To), func(t *ledger.DayTotal) error {
		key := ledger.DayKey{Day: t.Day, Kind: t.Kind}
		if c.by("shop") {
			key.Shop = t.Shop
		}
		if c.by("operator") {
			key.Operator = t.Operator
		}
		if c.by("paytype") {
			key.PayType = t.PayType
		}
		sums.Plus(ledger.DayTotal{DayKey: key, DaySums: t.DaySums})
		return nil
	})
	var lines []dayLine
	for _, t := range sums.Totals() {
		lines = append(lines, dayLine{
			t.Day.String(), shopText(m, t.Shop), t.Operator, payTypeText(m, t.PayType), t.Kind.String(),
			t.Kind.Times(t.Count), t.Gross.String(), t.Net.String(),
			t.Principal.String(), t.Bonus.String(), t.Points,
		})
	}
	return lines, err
}

// by reports whether totals are added up by a column.
func (c *reportDays) by(column string) bool { return slices.Contains(c.By, column) }

// shopText returns a shop's number with its name, if it still has one; "" for none.
func shopText(m *ledger.Merchant, id ledger.ShopID) string {
	if id == 0 {
		return ""
	}
	shop, _ := m.Shop(id)
	return named(id, shop.Name)
}

// payTypeText returns a pay type's number with its name, if it still has one; "" for none.
func payTypeText(m *ledger.Merchant, id ledger.PayTypeID) string {
	if id == 0 {
		return ""
	}
	payType, _ := m.PayType(id)
	return named(id, payType.Name)
}

func named[ID ~int64](id ID, name string) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", id, name))
}

func (c *reportDays) print(con *console, lines []dayLine) error {
	if !c.CSV {
		return print(con, c.listing, lines)
	}
	header, rows := cells(lines)
	w, err := cardfile.NewWriter(con.out, header)
	for _, row := range rows {
		if err == nil {
			err = w.Row(row...)
		}
	}
	if err != nil {
		return err
	}
	return w.Flush()
}

// complete prints how far the totals go. It prints to standard error, so that standard output is the report alone. If
// the report lacks entries of its days, the error says so, so that scripts notice.
func (c *reportDays) complete(ctx context.Context, con *console, v *store.View, m *ledger.Merchant) error {
	cursor, err := cursorOf(ctx, v, m.ID, ledger.DayTotals)
	if err != nil {
		return err
	}
	_, last, err := v.Span(ctx, m.ID)
	if err != nil {
		return err
	}
	missing, err := c.unfolded(ctx, v, m, cursor.Entry)
	if err != nil {
		return err
	}
	behind := []string{fmt.Sprintf("totals of %s are folded up to entry %d of %d", m.Name, cursor.Entry, last)}
	switch {
	case missing:
		behind = append(behind, "tongka serve folds the rest")
	case cursor.Entry < last:
		behind = append(behind, "the rest is of other days")
	}
	anew := cursor.Entry > 0 && cursor.Calendar != m.Calendar().String()
	if anew {
		behind = append(behind,
			fmt.Sprintf("by calendar %s: tongka serve folds them anew by %v", cursor.Calendar, m.Calendar()))
	}
	fmt.Fprintln(con.err, strings.Join(behind, "; "))
	if missing || anew {
		return errBehind
	}
	return nil
}

var errBehind = exitError{
	exitBehind, "the report is not complete: see that tongka serve runs on this database, and ask again in some " +
		"seconds; for days that are over, name the last by --to",
}

// unfolded reports whether an entry that the totals do not include is of one of the report's days.
func (c *reportDays) unfolded(
	ctx context.Context, v *store.View, m *ledger.Merchant, after ledger.EntryID,
) (bool, error) {
	errFound, calendar := errors.New("found"), m.Calendar()
	err := v.EachEntryInBrief(ctx, m.ID, after, func(e *ledger.Entry) error {
		day := calendar.Day(e.At)
		if day < ledger.Date(c.From) || c.To != 0 && day > ledger.Date(c.To) {
			return nil
		}
		return errFound
	})
	if errors.Is(err, errFound) {
		return true, nil
	}
	return false, err
}

// cursorOf returns the cursor of a follower at a merchant; if none was saved yet, one at the start of the journal.
func cursorOf(
	ctx context.Context, v *store.View, merchant ledger.MerchantID, follower string,
) (ledger.Cursor, error) {
	cursors, err := v.CursorsOf(ctx, merchant)
	for _, c := range cursors {
		if c.Follower == follower {
			return c, err
		}
	}
	return ledger.Cursor{Merchant: merchant, Follower: follower}, err
}

// reportRefold deletes a merchant's totals, so that the server folds them again.
type reportRefold struct {
	config.Database
	Merchant string `required:"" placeholder:"ID|GUID" help:"Whose totals."`
}

// refoldTries bounds how often the deletion is tried. A server that is folding moves the cursor with each of its
// saves, and the deletion must come between two of them.
const refoldTries = 50

// Run deletes the totals and resets their cursor.
func (c *reportRefold) Run(ctx context.Context, con *console) (err error) {
	s, err := store.Open(ctx, c.DB, store.Options{Beside: true, Begun: true})
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	m, err := findMerchant(ctx, s, c.Merchant)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		drop func(ledger.Cursor) error
	}{
		{ledger.DayTotals, func(c ledger.Cursor) error { return s.SaveDayTotals(ctx, c, nil) }},
		{ledger.PartTotals, func(c ledger.Cursor) error { return s.SavePartTotals(ctx, c, nil, nil) }},
	} {
		if err := forget(ctx, &s.View, m.ID, f.name, f.drop); err != nil {
			return err
		}
	}
	fmt.Fprintf(con.out, "totals of %s are forgotten: tongka serve folds them anew\n", m.Name)
	return nil
}

// forget drops the totals of one follower at a merchant, and sets its cursor back.
func forget(
	ctx context.Context, v *store.View, merchant ledger.MerchantID, follower string, drop func(ledger.Cursor) error,
) error {
	for tries := 1; ; tries++ {
		cursor, err := cursorOf(ctx, v, merchant, follower)
		if err != nil {
			return err
		}
		err = drop(ledger.Cursor{Merchant: merchant, Follower: follower, Version: cursor.Version + 1})
		if err == nil || !errors.Is(err, command.ErrStale) || tries == refoldTries {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}
