package store

import (
	"context"
	"fmt"

	"tongka/internal/ledger"
)

// slack is the number of entries that are read beyond those expected to do, and rangeMost the largest number
// expected: if chosen entries are rarer than that, searching for each is quicker than reading all entries between
// them.
const (
	slack     = 16
	rangeMost = 400
)

// fan is the number of places that one step of a search looks at, to save round trips.
const fan = 15

// History returns one page of a card's journal, newest entry first, and how many entries there are on all pages; an
// empty page if there is no such card. The cost of a page grows neither with its number nor with the length of the
// journal: every entry carries a tally of the entries up to it, so the total and the first entry of the page are
// found by a search and never by counting.
func (v *View) History(ctx context.Context, q ledger.HistoryQuery) (ledger.HistoryPage, error) {
	page, err := v.history(ctx, q)
	if err != nil {
		return ledger.HistoryPage{}, fmt.Errorf("history: %w", err)
	}
	return page, nil
}

func (v *View) history(ctx context.Context, q ledger.HistoryQuery) (ledger.HistoryPage, error) {
	j, newest, err := v.journal(ctx, q)
	if err != nil || newest.seq == 0 {
		return ledger.HistoryPage{}, err
	}
	// Entries up to newest never change, so everything below is as of the moment when newest was read.
	before, last, err := j.span(ctx, q, newest)
	if err != nil {
		return ledger.HistoryPage{}, err
	}
	count := func(m mark) int64 { return m.tally.Count(q.Filter) }
	page := ledger.HistoryPage{Total: count(last) - count(before)}
	size := int64(q.Size)
	if size < 1 || q.Page-1 > page.Total/size {
		return page, nil
	}
	rank := count(last) - (max(q.Page, 1)-1)*size // of the page's first entry among the chosen ones, from 1
	page.Entries, err = j.page(ctx, rank, q.Size, before, last)
	return page, err
}

// page returns up to size chosen entries, newest first, starting with the rank-th one and ending before the mark
// before.
func (j *journal) page(ctx context.Context, rank int64, size int, before, last mark) ([]ledger.Entry, error) {
	var page []ledger.Entry
	if rank == last.tally.Count(j.filter) && rank > before.tally.Count(j.filter) {
		found, err := j.down(ctx, last.seq, size, before, last) // the first page seldom needs a search
		if err != nil {
			return nil, err
		}
		page, rank = found, rank-int64(len(found))
	}
	for len(page) < size && rank > before.tally.Count(j.filter) {
		first, err := j.ranked(ctx, rank, before, last)
		if err != nil {
			return nil, err
		}
		found, err := j.down(ctx, first, size-len(page), before, last)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("card %d: its tallies do not count its entries", j.card)
		}
		page, rank = append(page, found...), rank-int64(len(found))
	}
	return page, nil
}

// journal is the entries of one card, numbered from 1, and a filter that chooses some of them.
type journal struct {
	q        querier
	merchant ledger.MerchantID
	card     ledger.CardID
	filter   ledger.Filter
	backs    []ledger.TimeBack // of the merchant; only if the query asks by time
}

// mark is what is known about one place in a journal.
type mark struct {
	seq   int64
	at    int64 // when it was done (ledger.DoneAt), in milliseconds; never before that of the mark before
	tally ledger.Tally
}

// journal finds the card and the newest mark of its journal.
func (v *View) journal(ctx context.Context, q ledger.HistoryQuery) (*journal, mark, error) {
	j := &journal{q: v.q, merchant: q.Card.Merchant, filter: q.Filter}
	var newest mark
	args := merchantRow(cardPlace, q.Card.Merchant).key(ledger.FoldNumber(q.Card.Number))
	queries := []query{{cardPlace, args, func(r record) error {
		j.card, newest.seq = ledger.CardID(r.int()), r.int()
		var err error
		newest.tally, err = decodeTally(r.text())
		return err
	}}}
	if !q.From.IsZero() || !q.To.IsZero() {
		queries = append(queries, j.backsQuery())
	}
	err := v.q.read(ctx, queries...)
	return j, newest, err
}

// at returns the mark at a place of the journal; the zero mark before its first.
func (j *journal) at(ctx context.Context, seq int64) (mark, error) {
	if seq == 0 {
		return mark{}, nil
	}
	found, err := j.marks(ctx, []int64{seq})
	if err != nil {
		return mark{}, err
	}
	return found[0], nil
}

// span returns the mark before the first entry that the query is about by its times and its place, and the mark of the
// last one.
func (j *journal) span(ctx context.Context, q ledger.HistoryQuery, newest mark) (before, last mark, err error) {
	last = newest
	if q.Below > 0 && q.Below <= newest.seq {
		if last, err = j.at(ctx, q.Below-1); err != nil {
			return before, last, err
		}
	}
	if !q.To.IsZero() {
		to := q.To.UnixMilli()
		if last, err = j.lastMark(ctx, last, func(m mark) bool { return m.at <= to }); err != nil {
			return before, last, err
		}
	}
	if !q.From.IsZero() {
		from := q.From.UnixMilli()
		if q.From.Nanosecond()%1e6 != 0 { // entries are stored at the beginning of their millisecond
			from++
		}
		before, err = j.lastMark(ctx, last, func(m mark) bool { return m.at < from })
	}
	return before, last, err
}

// backsQuery asks where the merchant's time was taken back, which few merchants ever do.
func (j *journal) backsQuery() query {
	return query{timeBacks, merchantRow(timeBacks, j.merchant), func(r record) error {
		back := ledger.TimeBack{Entry: ledger.EntryID(r.int()), At: readTime(r)}
		if ledger.Kind(r.int()) == ledger.ClockTakenBack {
			j.backs = append(j.backs, back)
		}
		return nil
	}}
}

// lastMark returns the last mark up to limit for which ok is true; the zero mark if there is none. ok must be true
// up to some place and false after it.
func (j *journal) lastMark(ctx context.Context, limit mark, ok func(mark) bool) (mark, error) {
	first, err := j.search(ctx, mark{}, limit.seq+1, func(m mark) bool { return !ok(m) })
	if err != nil || first.seq == 1 {
		return mark{}, err
	}
	if first.seq > limit.seq {
		return limit, nil
	}
	return j.at(ctx, first.seq-1)
}

// ranked returns the place of the rank-th chosen entry, which lies after one mark and at or before another.
func (j *journal) ranked(ctx context.Context, rank int64, after, last mark) (int64, error) {
	passed := after.tally.Count(j.filter)
	if last.seq-after.seq == last.tally.Count(j.filter)-passed { // every entry is chosen
		return after.seq + rank - passed, nil
	}
	found, err := j.search(ctx, after, last.seq, func(m mark) bool { return m.tally.Count(j.filter) >= rank })
	return found.seq, err
}

// search returns the first mark between after and end, both excluded, for which ok is true; a mark that has only the
// place end if there is none. ok must be false up to some place and true from there on.
func (j *journal) search(ctx context.Context, after mark, end int64, ok func(mark) bool) (mark, error) {
	low, high := after.seq, mark{seq: end} // not ok at low, ok at high
	for low+1 < high.seq {
		found, err := j.marks(ctx, between(low, high.seq))
		if err != nil {
			return mark{}, err
		}
		for _, m := range found {
			if ok(m) {
				high = m
				break
			}
			low = m.seq
		}
	}
	return high, nil
}

// between returns up to fan numbers, evenly spread between low and high, both excluded.
func between(low, high int64) []int64 {
	n := min(fan, high-low-1)
	seqs := make([]int64, n)
	for i := range n {
		seqs[i] = low + (high-low)*(i+1)/(n+1)
	}
	return seqs
}

// marks returns the marks at the given places, all of which must be in the journal.
func (j *journal) marks(ctx context.Context, seqs []int64) ([]mark, error) {
	args := rowsFor(marksOf, len(seqs))
	for _, seq := range seqs {
		args.int(int64(j.merchant)).int(int64(j.card)).int(seq)
	}
	bySeq := make(map[int64]mark, len(seqs))
	err := j.q.read(ctx, query{marksOf, args, func(r record) error {
		m := mark{seq: r.int()}
		m.at = ledger.DoneAt(ledger.EntryID(r.int()), readTime(r), j.backs).UnixMilli()
		var err error
		m.tally, err = decodeTally(r.text())
		bySeq[m.seq] = m
		return err
	}})
	if err != nil {
		return nil, err
	}
	found := make([]mark, len(seqs))
	for i, seq := range seqs {
		m, ok := bySeq[seq]
		if !ok {
			return nil, fmt.Errorf("card %d: entry %d is missing", j.card, seq)
		}
		found[i] = m
	}
	return found, nil
}

// down returns up to n chosen entries, newest first, from the place seq down to the mark before, which is excluded.
// It reads about as many entries as would do if the chosen ones were evenly spread, so it may return fewer than
// there are.
func (j *journal) down(ctx context.Context, seq int64, n int, before, last mark) ([]ledger.Entry, error) {
	chosen := last.tally.Count(j.filter) - before.tally.Count(j.filter)
	most := min(int64(n)*(last.seq-before.seq)/chosen, rangeMost) + slack
	var all []ledger.Entry
	args := merchantRow(entriesDown, j.merchant).int(int64(j.card)).int(seq).int(min(most, seq-before.seq))
	if err := j.q.read(ctx, query{entriesDown, args, eachEntry(&all)}); err != nil {
		return nil, err
	}
	var found []ledger.Entry
	for i := range all {
		if len(found) < n && j.filter.Chooses(&all[i]) {
			found = append(found, all[i])
		}
	}
	return found, nil
}
