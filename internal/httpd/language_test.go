package httpd

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"tongka/internal/ledger"
)

// What somebody chose goes before what the browser asks for, and a cookie with anything else is none.
func TestLanguage(t *testing.T) {
	t.Parallel()
	const url = "https://card.example.com"
	for _, c := range []struct {
		asks, kept string
		want       ledger.Language
	}{
		{"", "", ledger.Chinese},
		{"zh-TW", "", ledger.Chinese},
		{"fr", "", ledger.Chinese},
		{"en-GB,en;q=0.9", "", ledger.English},
		{"de-DE,en;q=0.5", "", ledger.English},
		{"zh-CN,en;q=0.5", "", ledger.Chinese},
		{"zh-CN", "en", ledger.English},
		{"en", "zh", ledger.Chinese},
		{"en", "xx", ledger.English},
	} {
		r := httptest.NewRequest(http.MethodGet, url, nil)
		r.Header.Set("Accept-Language", c.asks)
		if c.kept != "" {
			kept := Cookie(url, LanguageCookie)
			kept.Value = c.kept
			r.AddCookie(&kept)
		}
		if got := Language(url, r); got != c.want {
			t.Errorf("asks for %q, has chosen %q: got %s, want %s", c.asks, c.kept, got, c.want)
		}
	}
}
