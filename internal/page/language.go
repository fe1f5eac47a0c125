package page

import (
	"net/http"
	"net/url"
	"strings"

	"tongka/internal/httpd"
)

func (p *Page) lang(r *http.Request) lang { return lang(httpd.Language(p.cfg.URL, r)) }

// setLanguage keeps the language that somebody chose, and goes back to where it was chosen.
func (p *Page) setLanguage(w http.ResponseWriter, r *http.Request) error {
	httpd.KeepLanguage(w, p.cfg.URL, r.PostFormValue("language"))
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
