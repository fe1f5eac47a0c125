package api

import (
	"context"
	"net/http"
	"testing"

	"tongka/internal/command"
)

// overtaker does something else before the first command that it is given.
type overtaker struct {
	Doer
	first func()
}

func (o *overtaker) Do(ctx context.Context, cmd command.Command) (command.Changes, error) {
	if do := o.first; do != nil {
		o.first = nil
		do()
	}
	return o.Doer.Do(ctx, cmd)
}

// Who adds something while another adds something else is not refused for it.
func TestAddedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, bodies := range map[string][2]string{
		"/webhooks": {`{"name":"a","url":"https://a.example.com/"}`, `{"name":"b","url":"https://b.example.com/"}`},
		"/keys":     {`{"name":"a","permissions":["read"]}`, `{"name":"b","permissions":["read"]}`},
		"/people":   {`{"sign_in":"li","role":"cashier"}`, `{"sign_in":"wu","role":"cashier"}`},
	} {
		add := func(name, body string) map[string]any {
			return read[map[string]any](w, w.call(keyBoth, http.MethodPost, path, body, "Idempotency-Key", name,
				"Tongka-Merchant", "1"), http.StatusOK)
		}
		var other map[string]any
		w.api.cfg.Doer = &overtaker{w.engine, func() { other = add(path+"other", bodies[0]) }}
		if own := add(path+"own", bodies[1]); own["id"] == other["id"] || other == nil {
			t.Errorf("%s: %v and %v", path, own, other)
		}
	}
}

// Who changes something that another has changed since he looked is told what, also if it was just before the commit.
func TestChangedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	change := func(name, body, match string) int {
		rec := w.call(keyAll, http.MethodPatch, "/settings", body, "Idempotency-Key", name, "If-Match", match)
		if rec.Code == http.StatusPreconditionFailed {
			if p := w.problem(rec, rec.Code, "version_moved"); len(p.Changes) != 1 || p.Changes[0].To != "other" {
				t.Errorf("told %+v", p)
			}
		}
		return rec.Code
	}
	if code := change("first", `{"name":"first"}`, `"0"`); code != http.StatusOK {
		t.Fatal(code)
	}
	seen := etag(read[Settings](w, w.call(keyAll, http.MethodGet, "/settings", ""), 200).version())
	w.api.cfg.Doer = &overtaker{w.engine, func() { change("other", `{"name":"other"}`, seen) }}
	if code := change("own", `{"name":"own"}`, seen); code != http.StatusPreconditionFailed {
		t.Errorf("status %d", code)
	}
}
