package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// mostTogether is the largest number of queries in a group.
	mostTogether = 64
	// lookUpLimit bounds how long a group may take. No single caller can cancel it.
	lookUpLimit = 10 * time.Second
)

var errClosed = errors.New("database is closed")

// loader joins the point queries of callers who ask at the same time into one request, on one connection and as of
// one moment, because much of the cost of such a query is the round trip. Nobody waits for a group to fill: a group
// is whatever arrived while the groups before it were being asked.
type loader struct {
	db    querier
	queue chan *question
	quit  chan struct{}
	ended sync.WaitGroup
}

// question is a query in the loader's queue.
type question struct {
	query
	err      error
	answered chan struct{}
}

func newLoader(db querier, workers int) *loader {
	t := &loader{db: db, queue: make(chan *question, 1024), quit: make(chan struct{})}
	for range workers {
		t.ended.Go(t.run)
	}
	return t
}

// ask carries out a query. If ctx ends first, ask returns, but the query's each function may still be called later.
func (t *loader) ask(ctx context.Context, q query) error {
	asked := &question{query: q, answered: make(chan struct{})}
	select {
	case t.queue <- asked:
	case <-ctx.Done():
		return ctx.Err()
	case <-t.quit:
		return errClosed
	}
	select {
	case <-asked.answered:
		return asked.err
	case <-ctx.Done():
		return ctx.Err()
	case <-t.quit:
		return errClosed
	}
}

func (t *loader) run() {
	for {
		select {
		case first := <-t.queue:
			t.answer(t.gather(first))
		case <-t.quit:
			return
		}
	}
}

// gather returns the first question together with those that are waiting, up to mostTogether.
func (t *loader) gather(first *question) []*question {
	group := append(make([]*question, 0, mostTogether), first)
	for len(group) < mostTogether {
		select {
		case q := <-t.queue:
			group = append(group, q)
		default:
			return group
		}
	}
	return group
}

// answer carries out all queries of a group.
func (t *loader) answer(group []*question) {
	ctx, cancel := context.WithTimeout(context.Background(), lookUpLimit)
	defer cancel()
	queries := make([]query, len(group))
	for i, q := range group {
		queries[i] = query{q.statement, q.args, q.row}
	}
	err := t.db.read(ctx, queries...)
	for _, q := range group {
		if err != nil {
			q.err = fmt.Errorf("together with %d: %w", len(group), err)
		}
		close(q.answered)
	}
}

// row hands a row to the question. A row that cannot be read fails only its own question, not the group.
func (q *question) row(r record) error {
	defer func() {
		if p := recover(); p != nil {
			q.err = fmt.Errorf("bug: a row panicked: %v", p)
		}
	}()
	if q.err == nil {
		q.err = q.each(r)
	}
	return nil
}

func (t *loader) end() {
	close(t.quit)
	t.ended.Wait()
}
