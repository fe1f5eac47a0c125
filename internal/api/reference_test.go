package api

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// The page is found with a slash behind its name, too.
func TestReferencePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, want := range map[string]int{"/docs": 200, "/docs/": 301, "/docs/nothing": 404} {
		got := httptest.NewRecorder()
		w.handler.ServeHTTP(got, httptest.NewRequest(http.MethodGet, path, nil))
		if got.Code != want || want == 301 && got.Header().Get("Location") != "/docs" {
			t.Errorf("%s: %d %s", path, got.Code, got.Header().Get("Location"))
		}
	}
}
