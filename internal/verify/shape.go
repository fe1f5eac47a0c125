package verify

import (
	"context"
	"time"
)

// shape checks that the database is made of what the migrations make. What is not a row keeps promises too: a dropped
// index lets two cards have one number, and a trigger may change what is saved.
func (l *audit) shape(ctx context.Context, books Books) error {
	r, begun := l.checks[shapes], time.Now()
	parts, err := books.Shape(ctx)
	if err != nil {
		return err
	}
	for _, p := range parts {
		r.Rows++
		switch {
		case !p.IsThere && p.Late:
			r.Unknown++ // it is made when a server starts
		case !p.IsThere:
			r.fail("%s is missing", p.Name)
		case !p.IsOurs:
			r.fail("%s was added by other than Tongka", p.Name)
		case p.Has != p.Want:
			has, want := difference(p.Has, p.Want)
			r.fail("%s is not as Tongka makes it: it has %q where %q should be", p.Name, has, want)
		}
	}
	faults, err := books.IndexFaults(ctx)
	if err != nil && r.Violations == 0 { // else it may not be there to be asked
		return err
	}
	for _, fault := range faults {
		r.fail("%s", fault)
	}
	r.Took += time.Since(begun)
	return nil
}

// difference returns where two texts differ, from a few letters before on.
func difference(a, b string) (inA, inB string) {
	from := 0
	for from < min(len(a), len(b)) && a[from] == b[from] {
		from++
	}
	from = max(0, from-20)
	return a[from:min(len(a), from+60)], b[from:min(len(b), from+60)]
}
