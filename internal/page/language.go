package page

import (
	"net/http"

	"tongka/internal/httpd"
)

func (p *Page) lang(r *http.Request) lang { return lang(httpd.Language(p.cfg.URL, r)) }

// setLanguage keeps the language that somebody chose, and goes back to where it was chosen.
func (p *Page) setLanguage(w http.ResponseWriter, r *http.Request) error {
	httpd.KeepLanguage(w, p.cfg.URL, r.PostFormValue("language"))
	http.Redirect(w, r, httpd.Within(Base, r.PostFormValue("back")), http.StatusSeeOther)
	return nil
}
