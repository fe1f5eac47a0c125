package api

import (
	"embed"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"tongka/internal/asset"
	"tongka/internal/httpd"
)

//go:embed web/files
var web embed.FS

// files are what the reference page loads.
var files = asset.Embedded("/docs/assets/", web, "web/files")

// referencePage shows the operations, and lets people try them with a key of their own.
var referencePage = strings.NewReplacer("CSS", files.URL("swagger-ui.css"), "UI", files.URL("swagger-ui.js"), "JS",
	files.URL("reference.js")).Replace(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tongka API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="CSS">
<script src="UI" defer></script>
<script src="JS" defer></script>
</head>
<body><main id="reference"></main><noscript>This page needs scripts. The document is at <a
href="/v1/openapi.json">/v1/openapi.json</a>.</noscript></body>
</html>
`)

// registerReference adds the reference page and what it loads. It is the same for everybody, and asks for no key.
func (a *API) registerReference(mux *http.ServeMux) {
	pages := http.NewServeMux()
	pages.HandleFunc("GET /docs", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(referencePage)) // the browser is gone, and nobody reads the error
	})
	pages.Handle("GET /docs/{$}", http.RedirectHandler("/docs", http.StatusMovedPermanently))
	pages.HandleFunc("GET /docs/assets/", func(w http.ResponseWriter, r *http.Request) {
		if !files.Serve(w, r) {
			http.NotFound(w, r)
		}
	})
	screen := httpd.Screen{
		Dialect: dialect, Origins: http.NewCrossOriginProtection(),
		Wait: func(from netip.Addr) time.Duration { return a.cfg.ByAddress.Wait(from) },
		Refuse: func(w http.ResponseWriter, _ *http.Request, status int) {
			http.Error(w, http.StatusText(status), status)
		},
	}.Wrap(pages)
	mux.Handle("GET /docs", screen)
	mux.Handle("GET /docs/{$}", screen)
	mux.Handle("GET /docs/assets/", screen)
}
