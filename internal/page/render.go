package page

import (
	"embed"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"tongka/internal/asset"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

//go:embed web
var web embed.FS

// files are what the pages load.
var files = asset.Embedded(Base+"assets/", web, "web/files")

func (p *Page) sendAsset(w http.ResponseWriter, r *http.Request) error {
	if !files.Serve(w, r) {
		return p.nowhere(w, r)
	}
	return nil
}

// view is what every page shows besides its own.
type view struct {
	lang    lang
	title   string
	here    string // where a change of the language leads back to
	shop    string // the merchant's name
	initial string // its first letter
	more    bool   // the phone has other cards to show
	forget  bool   // the phone must not show codes that it has kept any more
}

// viewOf returns the view of a page of a merchant, or of none in particular.
func (p *Page) viewOf(r *http.Request, m *ledger.Merchant) view {
	v := view{lang: p.lang(r), here: Base, initial: "卡"}
	if r.Method == http.MethodGet {
		v.here = r.URL.RequestURI()
	}
	v.shop = v.lang.of(wCard)
	v.title = v.shop
	if m != nil {
		v.shop = m.Name
		v.title = m.Name + " · " + v.title
	}
	for _, letter := range strings.ToUpper(v.shop) {
		v.initial = string(letter)
		break
	}
	return v
}

// show sends a page. If it cannot be rendered, nothing is sent.
func (p *Page) show(w http.ResponseWriter, r *http.Request, page templ.Component) error {
	return httpd.SendPage(w, r, http.StatusOK, page)
}

// tell sends a page with nothing but a text.
func (p *Page) tell(w http.ResponseWriter, r *http.Request, status int, m message) {
	v := p.viewOf(r, nil)
	v.here = Base // the address may be that of a link, and whatever is wrong with one is answered alike
	if err := httpd.SendPage(w, r, status, messagePage(v, m)); err != nil {
		panic(err) // texts alone cannot make a page fail
	}
}
