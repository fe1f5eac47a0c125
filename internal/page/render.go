package page

import (
	"bytes"
	"embed"
	"io/fs"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"tongka/internal/asset"
	"tongka/internal/ledger"
)

//go:embed web
var web embed.FS

// files are what the pages load.
var files = func() *asset.Set {
	folder, err := fs.Sub(web, "web/files")
	if err != nil {
		panic(err) // the folder is embedded
	}
	set, err := asset.New(Base+"assets/", folder)
	if err != nil {
		panic(err)
	}
	return set
}()

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
	return send(w, r, http.StatusOK, page)
}

// tell sends a page with nothing but a text.
func (p *Page) tell(w http.ResponseWriter, r *http.Request, status int, m message) {
	v := p.viewOf(r, nil)
	v.here = Base // the address may be that of a link, and whatever is wrong with one is answered alike
	if err := send(w, r, status, messagePage(v, m)); err != nil {
		panic(err) // texts alone cannot make a page fail
	}
}

func send(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(r.Context(), &b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the browser is gone, and nobody reads the error
	return nil
}
