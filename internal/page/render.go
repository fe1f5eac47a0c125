package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"strings"

	"tongka/internal/ledger"
)

//go:embed web
var web embed.FS

// assets maps the names of the files that a page loads to their content types.
var assets = map[string]string{
	"page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
}

var templates = template.Must(template.New("").Funcs(template.FuncMap{"asset": assetURL}).ParseFS(web, "web/*.html"))

// assetURL returns the address of an asset. It changes with the content, so browsers may keep the content
// permanently.
func assetURL(name string) string {
	sum := sha256.Sum256(assetBytes(name))
	return Base + "assets/" + name + "?v=" + hex.EncodeToString(sum[:6])
}

func assetBytes(name string) []byte {
	content, err := web.ReadFile("web/" + name)
	if err != nil {
		panic(err) // the files are embedded
	}
	return content
}

func (p *Page) sendAsset(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	kind, ok := assets[name]
	if !ok {
		return p.nowhere(w, r)
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(assetBytes(name)) // the browser is gone, and nobody reads the error
	return nil
}

// head is the part that all pages of a merchant share.
type head struct {
	Merchant string
	Initial  string // its first letter
	More     bool   // the phone has other cards to show
}

func headOf(m *ledger.Merchant) head {
	for _, letter := range strings.ToUpper(m.Name) {
		return head{Merchant: m.Name, Initial: string(letter)}
	}
	return head{Merchant: m.Name, Initial: "卡"}
}

// show sends a page. If its template fails, nothing is sent.
func (p *Page) show(w http.ResponseWriter, name string, data any) error {
	return send(w, http.StatusOK, name, data)
}

// tell sends a page with nothing but a text.
func (p *Page) tell(w http.ResponseWriter, status int, m message) {
	if err := send(w, status, "message", struct {
		head
		message
	}{head{Merchant: "会员卡", Initial: "卡"}, m}); err != nil {
		panic(err) // texts alone cannot make the template fail
	}
}

func send(w http.ResponseWriter, status int, name string, data any) error {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the browser is gone, and nobody reads the error
	return nil
}
