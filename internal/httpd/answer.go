package httpd

import (
	"bytes"
	"context"
	"io"
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

// Page is what a browser shows. It writes itself as HTML.
type Page interface {
	Render(ctx context.Context, w io.Writer) error
}

// SendPage sends a page. If the page cannot be written it returns why, and has sent nothing.
func SendPage(w http.ResponseWriter, r *http.Request, status int, page Page) error {
	var b bytes.Buffer
	if err := page.Render(r.Context(), &b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the browser is gone, and nobody reads the error
	return nil
}
