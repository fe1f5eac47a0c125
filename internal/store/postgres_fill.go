package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"tongka/internal/ledger"
)

// PostgreSQL searches by an index on card_search, a table to which cards are copied behind the saves that open them:
// to put a card into the index takes twenty times as long as to store it. search_mark says of each merchant up to which
// id its cards are there. Both are changed in one transaction, so of any moment the index has the cards up to the mark
// with the text they have then, and a search looks at those behind it by itself (see View.indexed).
//
// What holds the two together is a lock on the merchant's mark. Whoever copies cards takes it before it reads them, and
// whoever changes the text of a card takes it before it changes it: so no text is copied that somebody is changing. A
// save that changes no text takes no such lock, and waits for nobody who copies. One that changes a text waits for a
// piece, and with it whatever is saved in the same batch or comes behind it.

const (
	// fillPiece is how many cards are copied at a time while tills are at work, and fillCalm while none is: a save that
	// changes a name waits for no more than those.
	fillPiece = 50
	fillCalm  = 1000
	// fillTimes is the length of the pause after a piece while tills are at work, as a multiple of the piece's.
	fillTimes = 9
	// fillGather is how long after a card was opened it is copied, so that those opened meanwhile go along with it.
	fillGather = 200 * time.Millisecond
	// fillLook is the time between two looks for what other processes have left, and fillAgain between two attempts
	// after one that failed.
	fillLook  = 5 * time.Minute
	fillAgain = 5 * time.Second
	// versionsLook is the time between two looks at the versions of heads. If one has moved, tills are believed to be at
	// work for as long as calm.
	versionsLook = 50 * time.Millisecond
)

var (
	// holdMark locks the marks of merchants until the transaction ends. It makes those that are not there, because what
	// is not there cannot be locked.
	holdMark = define("hold_mark", "merchant", `
		INSERT INTO search_mark (merchant, card) SELECT v.merchant, 0 FROM {rows} AS v WHERE true
		ON CONFLICT (merchant) DO UPDATE SET card = search_mark.card`)
	// copyCards and moveMark come behind holdMark as statements of their own: each sees what was committed before it
	// began, hence all that was changed under the lock before.
	copyCards = define("copy_cards", "merchant card", `
		INSERT INTO card_search (merchant, ref, number, search)
		SELECT card.merchant, card.ref, card.number, card.search FROM card
		WHERE card.merchant = $1 AND card.ref <= ($1 << 32) + $2
		AND card.ref > ($1 << 32) + (SELECT m.card FROM search_mark AS m WHERE m.merchant = $1) ORDER BY card.ref`)
	moveMark = define("move_mark", "merchant card",
		"UPDATE search_mark SET card = $2 WHERE merchant = $1 AND card < $2")
	// commitLater has a transaction end before it is on the disk. The next save makes sure of it, and if the power fails
	// before, cards and mark are as they were.
	commitLater = define("commit_later", "value:text", "SELECT set_config('synchronous_commit', $1, true)")

	markOf = define("mark_of", "merchant", `
		SELECT COALESCE((SELECT m.card FROM search_mark AS m WHERE m.merchant = $1), 0), h.last_card
		FROM head AS h WHERE h.merchant = $1`)
	allBehind = define("all_behind", "", `
		SELECT h.merchant FROM head AS h LEFT JOIN search_mark AS m ON m.merchant = h.merchant
		WHERE h.last_card > COALESCE(m.card, 0) ORDER BY h.merchant`)
	allVersions = define("all_versions", "", "SELECT COALESCE(sum(version), 0)::bigint FROM head")
)

// postgresIndex replaces what a changed card is found by, if it is in the index already.
var postgresIndex = &searchIndex{
	hold: holdMark,
	replace: define("recopy_card", "merchant ref number:text search:text", `
		UPDATE card_search AS s SET number = v.number, search = v.search FROM {rows} AS v
		WHERE s.merchant = v.merchant AND s.ref = v.ref AND (s.search <> v.search OR s.number <> v.number)`),
	write: func(r *rows, c *ledger.Card) {
		writeRef(r, c).text(c.Key().Number).text(c.SearchText())
	},
}

// filler copies cards into the index behind the saves that opened them. It stands back for tills, and may be stopped at
// any moment: whoever opens the database next goes on. A nil one does nothing.
type filler struct {
	db   *postgresDB
	log  *slog.Logger
	bell chan struct{}
	stop context.CancelFunc
	done chan struct{}

	mu     sync.Mutex
	behind map[ledger.MerchantID]bool // merchants that may have cards behind their marks
}

func newFiller(db *postgresDB, log *slog.Logger) *filler {
	f := &filler{
		db: db, log: log, bell: make(chan struct{}, 1), done: make(chan struct{}), behind: map[ledger.MerchantID]bool{},
	}
	ctx, stop := context.WithCancel(context.Background())
	f.stop = stop
	go func() {
		defer close(f.done)
		f.run(ctx)
	}()
	return f
}

// wake says that cards of these merchants were opened.
func (f *filler) wake(merchants []ledger.MerchantID) {
	if f == nil || len(merchants) == 0 {
		return
	}
	f.note(merchants...)
	select {
	case f.bell <- struct{}{}:
	default: // it has been rung already
	}
}

// end returns when nothing is copied any longer.
func (f *filler) end() {
	if f == nil {
		return
	}
	f.stop()
	<-f.done
}

// run copies what is behind until ctx ends.
func (f *filler) run(ctx context.Context) {
	for looked := (time.Time{}); ctx.Err() == nil; {
		var err error
		if time.Since(looked) >= fillLook {
			var found []ledger.MerchantID
			looked = time.Now()
			found, err = f.look(ctx)
			f.note(found...)
		}
		if err == nil {
			err = f.fill(ctx)
		}
		if err == nil {
			f.await(ctx)
			continue
		}
		looked = time.Time{}
		if ctx.Err() == nil {
			f.log.Warn("cards are not in the index of searches yet, which look at them one by one until then", "error", err)
			_ = sleep(ctx, fillAgain) // the loop looks at ctx
		}
	}
}

// await returns a moment after cards were opened, or when it is time to look for what others have left.
func (f *filler) await(ctx context.Context) {
	timer := time.NewTimer(fillLook)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-f.bell:
		_ = sleep(ctx, fillGather) // the caller looks at ctx
	}
}

func sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// finish copies all that is behind, unless ctx ends before.
func (f *filler) finish(ctx context.Context) error {
	if f == nil {
		return nil
	}
	merchants, refused := f.look(ctx)
	pace := fillPace{db: f.db}
	for refused == nil && len(merchants) > 0 {
		merchants, refused = f.round(ctx, merchants, &pace)
	}
	return refused
}

// look finds all merchants with cards behind their marks.
func (f *filler) look(ctx context.Context) (found []ledger.MerchantID, err error) {
	err = f.db.read(ctx, query{allBehind, noRows, func(r record) error {
		found = append(found, ledger.MerchantID(r.int()))
		return nil
	}})
	if err != nil {
		return nil, fmt.Errorf("marks: %w", err)
	}
	return found, nil
}

// fill copies cards until no merchant is known to have any behind its mark.
func (f *filler) fill(ctx context.Context) (refused error) {
	pace := fillPace{db: f.db}
	for merchants := f.takeBehind(); len(merchants) > 0; merchants = f.takeBehind() {
		left, err := f.round(ctx, merchants, &pace)
		if err != nil {
			refused = err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		f.note(left...)
	}
	return refused
}

// round copies a piece of each merchant's cards, and returns those who have more. Two may do so at the same time, in
// this process or in several: each copies what the others have not. A merchant whose cards the server refuses does not
// keep the others from being filled; with no server the round ends.
func (f *filler) round(
	ctx context.Context, merchants []ledger.MerchantID, pace *fillPace,
) (left []ledger.MerchantID, refused error) {
	for _, m := range merchants {
		more, err := f.step(ctx, m, pace)
		if more {
			left = append(left, m)
		}
		if err == nil {
			continue
		}
		refused = fmt.Errorf("merchant %d: %w", m, err)
		if _, told := errors.AsType[*pgconn.PgError](err); !told {
			return nil, refused
		}
	}
	return left, refused
}

// takeBehind returns the merchants that may have cards behind their marks, and forgets them.
func (f *filler) takeBehind() []ledger.MerchantID {
	f.mu.Lock()
	defer f.mu.Unlock()
	merchants := slices.Sorted(maps.Keys(f.behind))
	clear(f.behind)
	return merchants
}

// note remembers that these merchants may have cards behind their marks.
func (f *filler) note(merchants ...ledger.MerchantID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range merchants {
		f.behind[m] = true
	}
}

// step copies a piece of a merchant's cards, and reports whether there are more.
func (f *filler) step(ctx context.Context, merchant ledger.MerchantID, pace *fillPace) (more bool, err error) {
	busy, err := pace.busy(ctx)
	if err != nil {
		return false, err
	}
	size := int64(fillCalm)
	if busy {
		size = fillPiece
	}
	begun := time.Now()
	more, err = f.db.copyCards(ctx, merchant, size)
	if err != nil || !busy {
		return more, err
	}
	return more, sleep(ctx, min(fillTimes*time.Since(begun), calm))
}

// copyCards puts a merchant's next cards into the index, and reports whether there are more. It is not stopped by ctx
// once it has begun: that would cost a connection.
func (db *postgresDB) copyCards(ctx context.Context, merchant ledger.MerchantID, most int64) (more bool, err error) {
	var mark, last int64
	err = db.read(ctx, query{markOf, merchantRow(markOf, merchant), func(r record) error {
		mark, last = r.int(), r.int()
		return nil
	}})
	if err != nil || mark >= last {
		return false, err
	}
	to := min(mark+most, last)
	err = db.write(context.WithoutCancel(ctx), []write{
		{commitLater, rowsFor(commitLater, 1).text("off")},
		{holdMark, merchantRow(holdMark, merchant)},
		{copyCards, merchantRow(copyCards, merchant).int(to)},
		{moveMark, merchantRow(moveMark, merchant).int(to)},
	})
	return err == nil && to < last, err
}

// fillPace knows whether tills are at work, in any process: every save moves the version of a head.
type fillPace struct {
	db       *postgresDB
	versions int64
	looked   time.Time
	until    time.Time // tills are taken to be at work
}

// busy reports whether anything was saved lately. At first it takes that for granted.
func (p *fillPace) busy(ctx context.Context) (bool, error) {
	now := time.Now()
	if now.Sub(p.looked) < versionsLook {
		return now.Before(p.until), nil
	}
	var versions int64
	err := p.db.read(ctx, query{allVersions, noRows, func(r record) error {
		versions = r.int()
		return nil
	}})
	if p.looked.IsZero() {
		p.until = now.Add(versionsLook)
	} else if versions != p.versions {
		p.until = now.Add(calm)
	}
	p.versions, p.looked = versions, now
	return now.Before(p.until), err
}
