package httpd

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Of a request that may be kept the first bytes of body and answer are handed over, of others nothing.
func TestKeep(t *testing.T) {
	t.Parallel()
	var got []string
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		note := NoteOf(r.Context())
		note.Keep, note.Outcome = r.URL.Path == "/kept", "ok"
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusTeapot)
		for _, piece := range bytes.SplitAfter(body, []byte(",")) {
			if _, err := w.Write(piece); err != nil {
				t.Error(err)
			}
		}
	})
	srv := New(handler, Config{Logger: slog.New(slog.DiscardHandler), Keep: func(x Exchange) {
		got = append(got, string(x.Body)+" → "+string(x.Answer))
		if x.Status != http.StatusTeapot || x.Note.Outcome != "ok" || x.Request.URL.Path != "/kept" || x.BodyLen != x.AnswerLen {
			t.Errorf("handed over %+v", x)
		}
		if len(x.Body) > MostKept || len(x.Answer) > MostKept || x.BodyLen > MostKept != (len(x.Body) == MostKept) {
			t.Errorf("%d bytes of %d", len(x.Body), x.BodyLen)
		}
	}}).Handler()
	for _, body := range []string{"a,b", strings.Repeat("long,", 2000), "c"} {
		for _, path := range []string{"/kept", "/secret"} {
			srv.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
		}
	}
	if len(got) != 3 || got[0] != "a,b → a,b" || got[2] != "c → c" {
		t.Errorf("handed over %.100q", got)
	}
}

// A handler that asks its own server something learns how that request is known, which comes from the same address.
func TestInnerNote(t *testing.T) {
	t.Parallel()
	var srv http.Handler
	var inner *Note
	srv = New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/inner" {
			NoteOf(r.Context()).Endpoint = "inner"
			return
		}
		asks := httptest.NewRequestWithContext(r.Context(), http.MethodGet, "/inner", nil)
		ComeFrom(asks, r)
		srv.ServeHTTP(w, asks)
		inner = NoteOf(r.Context()).Inner
	}), Config{Logger: slog.New(slog.DiscardHandler)}).Handler()
	asked := httptest.NewRequest(http.MethodGet, "/outer", nil)
	asked.RemoteAddr = "10.1.2.3:4000"
	asked.Header.Set("X-Forwarded-For", "127.0.0.1")
	srv.ServeHTTP(httptest.NewRecorder(), asked)
	if inner == nil || inner.Endpoint != "inner" || inner.ID == "" || inner.At.IsZero() || inner.Inner != nil ||
		!inner.Tried ||
		inner.Client.String() != "10.1.2.3" || !inner.Relayed {
		t.Errorf("got %+v", inner)
	}
}
