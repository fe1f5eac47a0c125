package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"

	"tongka/internal/httpd"
)

// serveEcho answers with the JSON it was sent, through the same server code, and does nothing else. No server of
// this kind can be faster on this machine.
func serveEcho(ctx context.Context, addr string) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			CardID string      `json:"card_id"`
			Money  json.Number `json:"money"`
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(body)
	})
	file := httpd.OpenLog(os.Stderr)
	defer file.End()
	log, err := file.Logger("info")
	if err != nil {
		return err
	}
	return httpd.New(mux, httpd.Config{Logger: log}).Serve(ctx, ln)
}
