package verify

import (
	"context"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/report"
)

// followed is how far the followers of a merchant's journal say they have come.
type followed struct {
	days  *report.Days   // folded again; nil = none are stored
	upTo  ledger.EntryID // the last entry in the day totals
	parts foldedParts
}

// followers checks the cursors. A cursor behind the journal is no fault, because it always lags a little.
func (l *audit) followers(ctx context.Context, books Books, merchant ledger.MerchantID, last ledger.EntryID) error {
	l.followed = followed{}
	cursors, err := books.CursorsOf(ctx, merchant)
	r := l.checks[60]
	for _, c := range cursors {
		r.Rows++
		if c.Entry < 0 || c.Entry > last || c.Version < 1 {
			r.fail("merchant %d: %s are said to be folded up to entry %d of %d, in version %d", merchant, c.Follower, c.Entry,
				last, c.Version)
		}
		if c.Follower != ledger.DayTotals && c.Follower != ledger.PartTotals || c.Entry == 0 {
			continue
		}
		calendar, err := ledger.ParseCalendar(c.Calendar)
		if err != nil {
			r.fail("merchant %d: %s were folded by calendar %q, which is not known", merchant, c.Follower, c.Calendar)
			calendar.Zone = time.UTC
		}
		if c.Follower == ledger.PartTotals {
			l.followed.parts = foldedParts{report.NewParts(calendar, report.NewOrigins()), c.Entry}
			continue
		}
		l.followed.days, l.followed.upTo = report.NewDays(calendar), c.Entry
	}
	return err
}

// days folds day totals again.
func (l *audit) days(entries []*ledger.Entry) {
	if l.followed.days == nil {
		return
	}
	begun := time.Now()
	for _, e := range entries {
		if e.ID > l.followed.upTo {
			break
		}
		l.followed.days.Add(e)
	}
	l.checks[60].Took += time.Since(begun)
}

// dayTotals checks the stored totals against the folded ones.
func (l *audit) dayTotals(ctx context.Context, books Books, merchant ledger.MerchantID) error {
	days, r := l.followed.days, l.checks[60]
	if days == nil {
		days = report.NewDays(ledger.Calendar{Zone: time.UTC})
	}
	err := books.EachDayTotal(ctx, merchant, 0, 0, func(t *ledger.DayTotal) error {
		r.Rows++
		if sums, ok := days.Take(t.DayKey); !ok {
			r.fail("merchant %d: a total of %v of day %v is of no entry up to entry %d", merchant, t.Kind, t.Day,
				l.followed.upTo)
		} else if sums != t.DaySums {
			r.fail("merchant %d: a total of %v of day %v is not what its entries up to entry %d add up to", merchant, t.Kind,
				t.Day, l.followed.upTo)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, t := range days.Totals() {
		r.fail("merchant %d: the total of %v of day %v is missing", merchant, t.Kind, t.Day)
	}
	return nil
}
