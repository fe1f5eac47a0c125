package httpd

import (
	"context"
	"errors"
	"net/http"
)

// SendJSON sends an answer that nobody between may keep.
func SendJSON(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // nobody is left to tell
}

// Gone tells whether the caller went away before there was an answer.
func Gone(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}
