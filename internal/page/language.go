package page

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

// languageFor is how long the choice of a language is kept.
const languageFor = 365 * 24 * time.Hour

func (p *Page) lang(r *http.Request) lang { return lang(httpd.Language(p.cfg.URL, r)) }

// setLanguage keeps the language that somebody chose, and goes back to where it was chosen.
func (p *Page) setLanguage(w http.ResponseWriter, r *http.Request) error {
	httpd.AllowBody(r, maxForm)
	switch l := ledger.Language(r.PostFormValue("language")); l {
	case ledger.Chinese, ledger.English:
		kept := httpd.Cookie(p.cfg.URL, httpd.LanguageCookie)
		kept.Value, kept.MaxAge = string(l), int(languageFor/time.Second)
		http.SetCookie(w, &kept)
	}
	http.Redirect(w, r, ours(r.PostFormValue("back")), http.StatusSeeOther)
	return nil
}

// ours returns an address if it is one of the page's own, or else that of the card.
func ours(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(u.Path, Base) ||
		strings.Contains(u.Path, "//") || strings.Contains(u.Path, `\`) {
		return Base
	}
	return u.RequestURI()
}
