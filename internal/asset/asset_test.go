package asset

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func gz(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A file is served under its own address only, which is another one for other contents, packed to those who unpack.
func TestServe(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a{color:red}", 100)
	s, err := New("/x/", fstest.MapFS{
		"big.css.gz": {Data: gz(t, text)}, "icon.svg": {Data: []byte("<svg/>")}, "more/no.css": {Data: []byte("b{}")},
	})
	if err != nil {
		t.Fatal(err)
	}
	get := func(url, encoding string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, url, nil)
		r.Header.Set("Accept-Encoding", encoding)
		w := httptest.NewRecorder()
		if !s.Serve(w, r) {
			return nil
		}
		return w
	}
	packed, plain := get(s.URL("big.css"), "br, gzip"), get(s.URL("big.css"), "")
	if packed == nil || packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() >= len(text) {
		t.Errorf("packed: %v", packed)
	}
	if plain == nil || plain.Header().Get("Content-Encoding") != "" || plain.Body.String() != text ||
		plain.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("plain: %v", plain)
	}
	if icon := get(s.URL("icon.svg"), "gzip"); icon == nil || icon.Body.String() != "<svg/>" {
		t.Errorf("a small file: %v", icon)
	}
	for _, url := range []string{"/x/", "/x/big.css", "/x/000000000000/big.css", "/x/no.css", "/y" + s.URL("icon.svg")[2:]} {
		if got := get(url, ""); got != nil {
			t.Errorf("%s is served", url)
		}
	}
	other, err := New("/x/", fstest.MapFS{"icon.svg": {Data: []byte("<svg />")}})
	if err != nil || other.URL("icon.svg") == s.URL("icon.svg") {
		t.Errorf("other contents have the same address, %v", err)
	}
	if _, err := New("/x/", fstest.MapFS{"a.exe": {}}); err == nil {
		t.Error("a file of an unknown kind is served")
	}
}
