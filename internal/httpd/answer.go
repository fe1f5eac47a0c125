package httpd

import (
	"context"
	"errors"
	"net/http"
)

// Values of headers that all answers share. Nobody changes them.
var jsonText, notKept = []string{"application/json; charset=utf-8"}, []string{"no-store"}

// SendJSON sends an answer, in pieces that lie behind each other, that nobody between may keep.
func SendJSON(w http.ResponseWriter, status int, body ...[]byte) {
	h := w.Header()
	h["Content-Type"], h["Cache-Control"] = jsonText, notKept
	w.WriteHeader(status)
	for _, piece := range body {
		_, _ = w.Write(piece) // nobody is left to tell
	}
}

// Gone reports whether the caller went away before there was an answer.
func Gone(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}
