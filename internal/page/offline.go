package page

import (
	_ "embed" // for the worker
	"encoding/json"
	"net/http"

	"tongka/internal/ledger"
)

// worker is the script that answers for the server when there is no network.
//
//go:embed web/sw.js
var worker []byte

// sendWorker sends the worker. Its address never changes, since browsers ask at it whether there is a newer one.
func (p *Page) sendWorker(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	_, _ = w.Write(worker) // the browser is gone, and nobody reads the error
	return nil
}

// showOffline sends the page that browsers keep for when there is no network. It is the same for everybody.
func (p *Page) showOffline(w http.ResponseWriter, r *http.Request) error {
	v := p.viewOf(r, nil)
	v.here = Base
	return p.show(w, r, offlinePage(v))
}

// manifest is what a browser needs to know to put the card on the home screen.
type manifest struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	ShortName  string `json:"short_name"`
	Language   string `json:"lang"`
	Start      string `json:"start_url"`
	Scope      string `json:"scope"`
	Display    string `json:"display"`
	Colour     string `json:"theme_color"`
	Background string `json:"background_color"`
	Icons      []icon `json:"icons"`
}

type icon struct {
	Source  string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

// sendManifest sends the manifest in the language of its address: browsers ask for it without cookies.
func (p *Page) sendManifest(w http.ResponseWriter, r *http.Request) error {
	l := lang(ledger.Chinese)
	if r.URL.Query().Get("language") == string(ledger.English) {
		l = lang(ledger.English)
	}
	name := l.of(wCard)
	text, err := json.Marshal(manifest{
		ID: Base, Name: name, ShortName: name, Language: l.tag(), Start: Base, Scope: Base, Display: "standalone",
		Colour: "#0f5748", Background: "#f3f5f2",
		Icons: []icon{
			{files.URL("icon-192.png"), "192x192", "image/png", "any"},
			{files.URL("icon-512.png"), "512x512", "image/png", "any"},
			{files.URL("icon-full.png"), "512x512", "image/png", "maskable"},
		},
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/manifest+json")
	_, _ = w.Write(text) // the browser is gone, and nobody reads the error
	return nil
}
