package api

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tongka/internal/ledger"
)

// What has a version is changed by those who have seen the newest: reading it answers its ETag, and changing it takes
// that as If-Match.

// Matched is the part of a request that says which version is changed.
type Matched struct {
	IfMatch string `header:"If-Match" doc:"The ETag of what was read, so that nobody's change is overwritten. Required." example:"\"12\""` //nolint:lll // a tag
}

// Changed is one value that was changed.
type Changed struct {
	Field string `json:"field" doc:"Its name; what stands in a list is called by its id." example:"levels[2].pay_rate"` //nolint:lll // a tag
	From  string `json:"from,omitempty" doc:"Left out if it had none."`
	To    string `json:"to,omitempty" doc:"Left out if it has none now."`
}

// etag returns the ETag of a version.
func etag(version ledger.EntryID) string { return `"` + strconv.FormatInt(int64(version), 10) + `"` }

// readMatch reads which version is changed.
func (c *call) readMatch(ctx huma.Context) error {
	if !c.op.matched {
		return nil
	}
	sent := ctx.Header("If-Match")
	if sent == "" {
		return c.refuse(faultNoMatch)
	}
	sent = strings.TrimPrefix(sent, "W/") // which a proxy puts before it that packs the answer
	n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimPrefix(sent, `"`), `"`), 10, 64)
	if err != nil || etag(ledger.EntryID(n)) != sent {
		return c.refuseField("header.If-Match", "want one ETag, as it was read")
	}
	c.match = ledger.EntryID(n)
	return nil
}

// movedSince answers that something is of another version than the caller has seen. was and is are the values of both
// by path; was is nil if they are not known.
func (c *call) movedSince(now ledger.EntryID, was, is map[string]string) error {
	c.note.Outcome = faultMoved.code
	p := problemFor(faultMoved, c.lang, c.note.ID)
	p.Version = int64(now)
	if was != nil {
		p.Changes = changesOf(was, is)
	}
	return p
}

// changesOf returns what differs between values by path, in the order of the paths.
func changesOf(was, is map[string]string) []Changed {
	all := []Changed{}
	paths := maps.Clone(is)
	maps.Copy(paths, was)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if was[path] != is[path] {
			all = append(all, Changed{path, was[path], is[path]})
		}
	}
	return all
}

// faulty answers what is wrong with settings, field by field; nil if nothing is. name returns what a field of a fault
// is called here.
func (c *call) faulty(faults []ledger.Fault, name func(string) string) error {
	if len(faults) == 0 {
		return nil
	}
	c.note.Outcome = faultInvalid.code
	p := problemFor(faultInvalid, c.lang, c.note.ID)
	for _, f := range faults {
		p.Errors = append(p.Errors, FieldError{"body." + name(f.Field), wantOf(f.Text, c.lang)})
	}
	return p
}

// tagged is an answer that has a version.
type tagged[T any] struct {
	ETag string `header:"ETag" doc:"Its version: send it as If-Match to change it."`
	Body T
}

// readsVersion adds an operation that reads what has a version.
func readsVersion[I any, T interface{ version() ledger.EntryID }](
	a *API, o operation, do func(*call, *I) (T, error),
) {
	o.method = "GET"
	op := a.describe(&o)
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*tagged[T], error) {
		c := callOf(ctx)
		body, err := do(c, in)
		if err != nil {
			return nil, c.problem(notDone(err))
		}
		return &tagged[T]{etag(body.version()), body}, nil
	})
	o.illustrate(&op)
}

// changes adds an operation that changes what has a version.
func changes[I any, T any, P interface {
	*I
	content() any
}](a *API, o operation, do func(*call, *I) (outcome[T], error)) {
	o.matched = true
	acts[I, T, P](a, o, do)
}

// matched changes something by do, unless it is of another version than the caller has seen. change returns what
// changes it to what it is to be, and moved says what was changed since.
func matched[T, O any](
	c *call, is T, version ledger.EntryID, do func(*T) error, change func(T) outcome[O],
	moved func(*T) (problem, err error),
) (o outcome[O], err error) {
	to := is
	wrong := do(&to)
	if wrong != nil {
		to = is
	}
	o = change(to)
	o.against = cmp.Or(wrong, o.against)
	if version != c.match {
		o.against, err = moved(&is)
	}
	return o, err
}
