package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Pages of listed sites may call from browsers, and no others.
func TestOrigins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.api.cfg.Origins = []string{"https://shop.example.com"}
	asked := w.call("", http.MethodOptions, "/recharges", "", "Origin", "https://shop.example.com",
		"Access-Control-Request-Method", "POST")
	if h := asked.Header(); asked.Code != http.StatusNoContent || h.Get("Access-Control-Allow-Methods") != "POST" ||
		h.Get("Access-Control-Allow-Origin") != "https://shop.example.com" || h.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("asked first: %d %v", asked.Code, h)
	}
	got := w.call(keyAll, http.MethodGet, "/merchant", "", "Origin", "https://shop.example.com")
	if got.Code != http.StatusOK || got.Header().Get("Access-Control-Allow-Origin") != "https://shop.example.com" {
		t.Errorf("a listed site: %d %v", got.Code, got.Header())
	}
	for _, origin := range []string{"https://evil.example.com", "null", "https://shop.example.com.evil.com"} {
		got := w.call(keyAll, http.MethodGet, "/merchant", "", "Origin", origin)
		if got.Header().Get("Access-Control-Allow-Origin") != "" || got.Header().Get("Vary") != "Origin" {
			t.Errorf("%s: %v", origin, got.Header())
		}
	}
}

// Pages of other sites may send every header that an operation takes, and read every one that an answer has.
func TestHeadersAreShared(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sent, read := strings.Split(sentHeaders, ", "), strings.Split(readHeaders, ", ")
	for op := range described(w.api.huma.OpenAPI()) {
		for _, p := range op.Parameters {
			if p.In == "header" && !slices.Contains(sent, p.Name) {
				t.Errorf("%s takes %s, which a page of another site may not send", op.OperationID, p.Name)
			}
		}
		for _, answered := range op.Responses {
			for name := range answered.Headers {
				if !slices.Contains(read, name) {
					t.Errorf("%s answers %s, which a page of another site may not read", op.OperationID, name)
				}
			}
		}
	}
}
