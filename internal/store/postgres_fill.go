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
	// fillPiece is how many cards are copied at a time at most while tills are at work, and fillCalm while none is. A save
	// that changes a name waits for a piece, so the next is half as large after one that took longer than fillSlow, and up
	// to twice as large after one quicker than fillQuick.
	fillPiece = 50
	fillCalm  = 2000
	fillSlow  = 50 * time.Millisecond
	fillQuick = 25 * time.Millisecond
	// shortList is how many kB of texts may wait to go into the index together, and longList what a piece has at most.
	shortList = "256"
	longList  = "65536"
	// fillTimes is the length of the pause after a piece while tills are at work, as a multiple of the piece's. The more
	// cards are behind, the shorter it is: with walkCards, more than a search looks at in one piece, there is none, and
	// pieces are as large as while no till is at work.
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
	// fillers is the number of connections to copy by: one for what is behind, and one for a Bulk that waits.
	fillers = 2
)

var (
	// holdMark locks the marks of merchants until the transaction ends. It makes those that are not there, because what
	// is not there cannot be locked. So whoever writes to the index comes through here, and the list of texts that wait
	// to go into it stays short until the transaction ends: whoever fills the list empties it, and every search reads it.
	holdMark = define("hold_mark", "merchant", `
		INSERT INTO search_mark (merchant, card) SELECT v.merchant, 0 FROM {rows} AS v WHERE true
		ON CONFLICT (merchant) DO UPDATE SET card = search_mark.card
		RETURNING set_config('gin_pending_list_limit', '`+shortList+`', true)`)
	listOf = define("list_of", "value:text", "SELECT set_config('gin_pending_list_limit', $1, true)")
	// copyCards comes behind holdMark as a statement of its own, which sees what was committed before it began, hence all
	// that was changed under the lock before. It copies cards and moves the mark as of one moment, and not past the last
	// card that there is then: the id may have been read from a server that had more of them than the one that took over.
	copyCards = define("copy_cards", "merchant card", `
		WITH goal AS MATERIALIZED (SELECT LEAST($2, h.last_card) AS card FROM head AS h WHERE h.merchant = $1),
		moved AS (
			UPDATE search_mark AS m SET card = (SELECT card FROM goal)
			WHERE m.merchant = $1 AND m.card < (SELECT card FROM goal)
		)
		INSERT INTO card_search (merchant, ref, number, search)
		SELECT card.merchant, card.ref, card.number, card.search FROM card
		WHERE card.merchant = $1 AND card.ref <= ($1 << 32) + (SELECT card FROM goal)
		AND card.ref > ($1 << 32) + (SELECT m.card FROM search_mark AS m WHERE m.merchant = $1) ORDER BY card.ref`)
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
// any moment: whoever serves the database next goes on. A nil one does nothing.
type filler struct {
	db   *postgresDB // with a pool of its own: a piece that takes too long must not cost tills their connections
	log  *slog.Logger
	bell chan struct{}
	done chan struct{}

	// What only run uses.
	pace   fillPace
	looked time.Time // when it last looked for what others have left
	// planned is how many cards the planner was last found to know of.
	planned int64
	told    bool // that cards cannot be copied

	mu     sync.Mutex
	cancel context.CancelFunc              // nil = it was not started
	behind map[ledger.MerchantID]time.Time // who may have cards behind their marks, and when they are tried next
	opened map[ledger.MerchantID]int64     // the last card that this process opened
}

func newFiller(ctx context.Context, db *postgresDB, log *slog.Logger) (*filler, error) {
	pool, err := openPool(ctx, db.pool.cfg, fillers)
	if err != nil {
		return nil, err
	}
	own := &postgresDB{pool: pool, limits: db.limits}
	return &filler{
		db: own, log: log, bell: make(chan struct{}, 1), done: make(chan struct{}), pace: fillPace{db: own},
		behind: map[ledger.MerchantID]time.Time{}, opened: map[ledger.MerchantID]int64{},
	}, nil
}

// start begins to copy what is behind, unless that goes on already.
func (f *filler) start() {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cancel != nil {
		return
	}
	var ctx context.Context
	ctx, f.cancel = context.WithCancel(context.Background())
	go func() {
		defer close(f.done)
		f.run(ctx)
	}()
}

// wake says that cards were opened, up to the given one of each merchant.
func (f *filler) wake(opened map[ledger.MerchantID]int64) {
	if f == nil || len(opened) == 0 {
		return
	}
	f.mu.Lock()
	for m, last := range opened {
		f.opened[m] = max(f.opened[m], last)
	}
	f.mu.Unlock()
	f.note(slices.Collect(maps.Keys(opened))...)
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
	if f.cancel != nil {
		f.cancel()
		<-f.done
	}
	f.db.pool.close()
}

// run copies what is behind until ctx ends.
func (f *filler) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := f.fill(ctx); err != nil {
			f.looked = time.Time{}    // who is behind was forgotten with the error
			_ = sleep(ctx, fillAgain) // the loop looks at ctx
			continue
		}
		f.await(ctx)
	}
}

// await returns a moment after cards were opened, or when it is time to look for what others have left, or to try again
// what failed.
func (f *filler) await(ctx context.Context) {
	pause := fillLook - time.Since(f.looked)
	if f.unfinished() {
		pause = min(pause, fillAgain)
	}
	timer := time.NewTimer(pause)
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

// openedUpTo returns the last card of each merchant that this process has opened.
func (f *filler) openedUpTo() map[ledger.MerchantID]int64 {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.opened)
}

// finish copies what this process has opened since it had opened the cards before; what others open meanwhile, and what
// they left, is not waited for.
func (f *filler) finish(ctx context.Context, before map[ledger.MerchantID]int64) error {
	if f == nil {
		return nil
	}
	pace := fillPace{db: f.db}
	for merchant, goal := range f.openedUpTo() {
		if goal <= before[merchant] {
			continue
		}
		for mark, last := int64(0), goal; mark < min(goal, last); {
			var err error
			if mark, last, err = f.step(ctx, merchant, &pace); err != nil {
				return fmt.Errorf("merchant %d: %w", merchant, err)
			}
		}
	}
	return nil
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

// fill copies cards until no merchant is known to have any behind its mark but those whose cards could not be copied.
// It returns an error if there is no server.
func (f *filler) fill(ctx context.Context) error {
	for ctx.Err() == nil {
		f.analyze(ctx)
		if time.Since(f.looked) >= fillLook {
			found, err := f.look(ctx)
			if err != nil {
				f.warn(ctx, "it could not be seen which cards the index of searches lacks", err)
				return err
			}
			f.looked = time.Now()
			f.note(found...)
		}
		merchants := f.takeBehind()
		if len(merchants) == 0 {
			f.told = f.told && f.unfinished()
			return nil
		}
		if err := f.round(ctx, merchants); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// warn logs the first error since all was well.
func (f *filler) warn(ctx context.Context, text string, err error) {
	if f.told || ctx.Err() != nil {
		return
	}
	f.told = true
	f.log.Warn(text, "error", err)
}

// round copies a piece of each merchant's cards. Two may do so at the same time, in this process or in several: each
// copies what the others have not. A merchant whose cards the server refuses, or does not copy in time, is tried later
// and does not keep the others from being filled; with no server the round ends.
func (f *filler) round(ctx context.Context, merchants []ledger.MerchantID) error {
	for _, m := range merchants {
		mark, last, err := f.step(ctx, m, &f.pace)
		if err == nil {
			if mark < last {
				f.note(m)
			}
			continue
		}
		err = fmt.Errorf("merchant %d: %w", m, err)
		f.warn(ctx, "cards are not in the index of searches yet, which look at them one by one until then", err)
		if _, told := errors.AsType[*pgconn.PgError](err); !told && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		f.putOff(m)
	}
	return nil
}

// takeBehind returns the merchants that may have cards behind their marks and are to be tried now, and forgets them.
func (f *filler) takeBehind() (merchants []ledger.MerchantID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range slices.Sorted(maps.Keys(f.behind)) {
		if time.Now().Before(f.behind[m]) {
			continue
		}
		merchants = append(merchants, m)
		delete(f.behind, m)
	}
	return merchants
}

// note remembers that these merchants may have cards behind their marks.
func (f *filler) note(merchants ...ledger.MerchantID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range merchants {
		if _, known := f.behind[m]; !known { // else it may have been put off
			f.behind[m] = time.Time{}
		}
	}
}

// putOff remembers that a merchant has cards behind its mark that could not be copied just now.
func (f *filler) putOff(merchant ledger.MerchantID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.behind[merchant] = time.Now().Add(fillAgain)
}

// unfinished reports whether any merchant may have cards behind its mark.
func (f *filler) unfinished() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.behind) > 0
}

// step copies a piece of a merchant's cards, and returns the last card that the index has then and the merchant's last.
func (f *filler) step(ctx context.Context, merchant ledger.MerchantID, pace *fillPace) (mark, last int64, err error) {
	busy, err := pace.busy(ctx)
	if err == nil {
		mark, last, err = f.db.marks(ctx, merchant)
	}
	behind := last - mark
	if err != nil || behind <= 0 {
		return mark, last, err
	}
	busy = busy && behind < walkCards
	size := min(pace.piece(busy), behind)
	begun := time.Now()
	err = f.db.copyCards(ctx, merchant, mark+size, !busy)
	took := time.Since(begun)
	pace.learn(size, took, err)
	if err != nil {
		return mark, last, err
	}
	if busy {
		pause := min(fillTimes*took, calm)
		err = sleep(ctx, pause-pause*time.Duration(behind)/walkCards)
	}
	return mark + size, last, err
}

// marks returns the last card of a merchant that is in the index, and its last card.
func (db *postgresDB) marks(ctx context.Context, merchant ledger.MerchantID) (mark, last int64, err error) {
	err = db.read(ctx, query{markOf, merchantRow(markOf, merchant), func(r record) error {
		mark, last = r.int(), r.int()
		return nil
	}})
	return mark, last, err
}

// copyCards puts a merchant's cards into the index up to the given one. If together is true it does so at once: the
// texts of all but the last wait in the list, which the last one finds too long. It is not stopped by ctx once it has
// begun: that would cost a connection.
func (db *postgresDB) copyCards(ctx context.Context, merchant ledger.MerchantID, to int64, together bool) error {
	writes := []write{
		{commitLater, rowsFor(commitLater, 1).text("off")},
		{holdMark, merchantRow(holdMark, merchant)},
	}
	if together {
		writes = append(writes,
			write{listOf, rowsFor(listOf, 1).text(longList)},
			write{copyCards, merchantRow(copyCards, merchant).int(to - 1)},
			write{listOf, rowsFor(listOf, 1).text(shortList)})
	}
	writes = append(writes, write{copyCards, merchantRow(copyCards, merchant).int(to)})
	return db.write(context.WithoutCancel(ctx), writes)
}

// fillPace knows how many cards to copy at a time, and whether tills are at work, in any process: every save moves the
// version of a head.
type fillPace struct {
	size     int64 // of a piece that takes neither too long nor hardly any time; 0 = not known
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

// piece returns how many cards to copy next.
func (p *fillPace) piece(busy bool) int64 {
	if p.size == 0 {
		p.size = fillPiece
	}
	if busy {
		return min(p.size, fillPiece)
	}
	return p.size
}

// learn changes the size of pieces after one of so many cards. One that failed may have been too large for the time
// that a save is given.
func (p *fillPace) learn(size int64, took time.Duration, err error) {
	switch {
	case err != nil:
		p.size = max(size/4, 1)
	case took > fillSlow:
		p.size = max(size/2, 1)
	case took < fillQuick:
		p.size = max(p.size, min(2*size, fillCalm))
	}
}
