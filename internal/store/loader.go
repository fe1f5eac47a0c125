package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// mostTogether is how many questions are asked together at most.
	mostTogether = 64
	// lookUpLimit bounds the answer to a group, which no caller can cut short.
	lookUpLimit = 10 * time.Second
)

var errClosed = errors.New("database is closed")

// loader asks quick questions of callers who ask at the same time as one, on one connection and as of
// one moment: a good part of what a question costs is the asking. As with commands, nobody waits for
// others to come: a group is what came while the ones before it were asked.
type loader struct {
	db    querier
	queue chan *question
	quit  chan struct{}
	ended sync.WaitGroup
}

// question is a query on its way.
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

// ask answers by the query's each function, which may still be called when the caller has left.
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

// gather takes what waits.
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

// answer asks for all of the group.
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

// row takes a row in. One that cannot be read is the trouble of its own question only.
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
