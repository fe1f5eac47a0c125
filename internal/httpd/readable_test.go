package httpd

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What no database can look for is refused before any page is asked, and so is a form that is too large.
func TestScreenReads(t *testing.T) {
	t.Parallel()
	asked := 0
	pages := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked++
		_ = r.ParseForm()
		if r.Method == http.MethodPost && r.PostForm.Get("name") != "王" {
			t.Errorf("the form is %v", r.PostForm)
		}
	})
	mux := http.NewServeMux()
	mux.Handle("/", Screen{
		Dialect: "page", Origins: http.NewCrossOriginProtection(), MaxForm: 100,
		Refuse: func(w http.ResponseWriter, _ *http.Request, status int) { w.WriteHeader(status) },
	}.Wrap(pages))
	h := New(mux, Config{}).Handler()
	for _, c := range []struct {
		method, target, body string
		want                 int
	}{
		{http.MethodGet, "/cards?q=%E7%8E%8B", "", http.StatusOK},
		{http.MethodGet, "/cards?q=%00", "", http.StatusBadRequest},
		{http.MethodGet, "/cards?q=%FF", "", http.StatusBadRequest},
		{http.MethodGet, "/cards?q=%zz", "", http.StatusBadRequest},
		{http.MethodGet, "/cards?%00=1", "", http.StatusBadRequest},
		{http.MethodGet, "/cards/6001%00", "", http.StatusBadRequest},
		{http.MethodGet, "/cards/%FF", "", http.StatusBadRequest},
		{http.MethodPost, "/cards", "name=%E7%8E%8B", http.StatusOK},
		{http.MethodPost, "/cards", "name=%00", http.StatusBadRequest},
		{http.MethodPost, "/cards", "name=%FF", http.StatusBadRequest},
		{http.MethodPost, "/cards", "name=%zz", http.StatusBadRequest},
		{http.MethodPost, "/cards", "pad=" + strings.Repeat("x", 100), http.StatusRequestEntityTooLarge},
	} {
		before := asked
		r := httptest.NewRequest(c.method, c.target, strings.NewReader(c.body))
		if c.body != "" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.want || (asked > before) != (c.want == http.StatusOK) {
			t.Errorf("%s %s %.20s: %d", c.method, c.target, c.body, w.Code)
		}
	}
}
