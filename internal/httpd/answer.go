package httpd

import (
	"context"
	"errors"
	"net/http"
)

// Header values that all answers share. They must not be modified.
var jsonText, notKept = []string{"application/json; charset=utf-8"}, []string{"no-store"}

// SendJSON sends an answer, given in consecutive pieces, that no cache on the way may keep.
func SendJSON(w http.ResponseWriter, status int, body ...[]byte) {
	h := w.Header()
	h["Content-Type"], h["Cache-Control"] = jsonText, notKept
	w.WriteHeader(status)
	for _, piece := range body {
		_, _ = w.Write(piece) // the caller is gone, and there is nobody to report it to
	}
}

// Gone reports whether the request failed because the caller went away before the answer.
func Gone(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}
