package api

import "testing"

// A header without which a request is refused is described as one that it must have, so that generated clients ask for
// it; and the request's id is in every answer.
func TestRequiredHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ofID, n := map[string]*operation{}, 0
	for _, o := range w.api.operations {
		ofID[o.id] = o
	}
	for op := range described(w.api.huma.OpenAPI()) {
		o := ofID[op.OperationID]
		for _, p := range op.Parameters {
			want := p.Name == "If-Match" && o.matched || p.Name == "Idempotency-Key" && o.once
			if p.In == "header" && p.Required != want {
				t.Errorf("%s: %s is required: %v", o.id, p.Name, p.Required)
			}
			if want {
				n++
			}
		}
		for status, answered := range op.Responses {
			if answered.Headers["X-Request-Id"] == nil {
				t.Errorf("%s: %s has no X-Request-Id", o.id, status)
			}
		}
	}
	if n < 10 {
		t.Errorf("%d headers are required", n)
	}
}
