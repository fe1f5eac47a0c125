package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
)

// oracle answers each query with its name, when the test lets it.
type oracle struct {
	querier
	let chan error // the result of the next group

	mu     sync.Mutex
	groups []int // the number of queries in each group
}

var errRow = errors.New("row cannot be read")

func (o *oracle) read(ctx context.Context, queries ...query) error {
	o.mu.Lock()
	o.groups = append(o.groups, len(queries))
	o.mu.Unlock()
	select {
	case err := <-o.let:
		if err != nil {
			return err
		}
	case <-ctx.Done():
		return ctx.Err()
	}
	for _, q := range queries {
		if err := q.each(&named{name: q.statement.name}); err != nil {
			return err
		}
	}
	return nil
}

// named is a row that contains a name.
type named struct {
	record
	name string
}

func (n *named) text() string { return n.name }

// asking is a caller who waits for an answer.
type asking struct {
	got string
	err error
}

// asks starts a caller that asks by a name and gets it back; a row named "bad" cannot be read, and "worse" panics.
func asks(ctx context.Context, t *loader, name string) *asking {
	a := &asking{}
	go func() {
		a.err = t.ask(ctx, query{&statement{name: name}, noRows, func(r record) error {
			switch a.got = r.text(); a.got {
			case "bad":
				return errRow
			case "worse":
				panic("no such column")
			}
			return nil
		}})
	}()
	synctest.Wait()
	return a
}

func testTogether(t *testing.T, test func(*testing.T, *oracle, *loader)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{let: make(chan error)}
		all := newLoader(o, 1)
		test(t, o, all)
		all.end()
	})
}

// Queries that come while others are carried out are carried out as one group, and every caller gets its own answer.
// A row that cannot be read is an error only for the caller that asked for it.
func TestTogether(t *testing.T) {
	testTogether(t, func(t *testing.T, o *oracle, all *loader) {
		first := asks(t.Context(), all, "first")
		rest := map[string]*asking{}
		ask := func(name string) *asking {
			rest[name] = asks(t.Context(), all, name)
			return rest[name]
		}
		ask("second")
		bad, worse := asks(t.Context(), all, "bad"), asks(t.Context(), all, "worse")
		ask("third")
		last := ask("last")
		o.let <- nil
		synctest.Wait()
		if first.got != "first" || first.err != nil || last.got != "" {
			t.Errorf("got %q, %v; and too early %q", first.got, first.err, last.got)
		}
		o.let <- nil
		synctest.Wait()
		for name, a := range rest {
			if a.got != name || a.err != nil {
				t.Errorf("%s got %q, %v", name, a.got, a.err)
			}
		}
		if !errors.Is(bad.err, errRow) || worse.err == nil {
			t.Errorf("got %v and %v, want errors", bad.err, worse.err)
		}
		if fmt.Sprint(o.groups) != "[1 5]" {
			t.Errorf("asked in groups of %v, want 1 and 5", o.groups)
		}
	})
}

// If the database fails, all callers of the group get the error, and those of the next group do not.
func TestTogetherFails(t *testing.T) {
	testTogether(t, func(t *testing.T, o *oracle, all *loader) {
		broken := errors.New("connection lost")
		first := asks(t.Context(), all, "first")
		second, third := asks(t.Context(), all, "second"), asks(t.Context(), all, "third")
		for _, err := range []error{nil, broken} {
			o.let <- err
			synctest.Wait()
		}
		if first.err != nil || !errors.Is(second.err, broken) || !errors.Is(third.err, broken) {
			t.Errorf("got %v, %v and %v", first.err, second.err, third.err)
		}
		next := asks(t.Context(), all, "next")
		o.let <- nil
		synctest.Wait()
		if next.err != nil || next.got != "next" {
			t.Errorf("got %q, %v", next.got, next.err)
		}
	})
}

// A caller whose context ends waits no longer, and the others get their answers.
func TestTogetherLeaves(t *testing.T) {
	testTogether(t, func(t *testing.T, o *oracle, all *loader) {
		ctx, leave := context.WithCancel(t.Context())
		leaving, staying := asks(ctx, all, "leaving"), asks(t.Context(), all, "staying")
		leave()
		synctest.Wait()
		if !errors.Is(leaving.err, context.Canceled) || staying.err != nil || staying.got != "" {
			t.Errorf("got %v; and %q, %v before an answer", leaving.err, staying.got, staying.err)
		}
		for range 2 {
			o.let <- nil
			synctest.Wait()
		}
		if staying.got != "staying" || staying.err != nil {
			t.Errorf("got %q, %v", staying.got, staying.err)
		}
	})
}

// A database that never answers keeps no caller longer than the limit.
func TestTogetherIsBounded(t *testing.T) {
	testTogether(t, func(t *testing.T, _ *oracle, all *loader) {
		err := all.ask(t.Context(), query{&statement{name: "first"}, noRows, nil})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the end of the time", err)
		}
	})
}

// No caller waits for a database that was closed.
func TestTogetherEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{let: make(chan error)}
		all := newLoader(o, 1)
		first, second := asks(t.Context(), all, "first"), asks(t.Context(), all, "second")
		go all.end()
		synctest.Wait()
		third := asks(t.Context(), all, "third")
		for _, a := range []*asking{first, second, third} {
			if !errors.Is(a.err, errClosed) {
				t.Errorf("got %v, want %v", a.err, errClosed)
			}
		}
		close(o.let)
	})
}
