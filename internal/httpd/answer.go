package httpd

import "net/http"

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
