package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The server is asked at the address at which its settings make it listen.
func TestPingAsksWhereItListens(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ask  pingCmd
		want string
	}{
		{pingCmd{Addr: "127.0.0.1:8080"}, "http://127.0.0.1:8080/healthz"},
		{pingCmd{Addr: "127.0.0.1:8080", Ready: true}, "http://127.0.0.1:8080/readyz"},
		{pingCmd{Addr: "0.0.0.0:8080"}, "http://127.0.0.1:8080/healthz"},
		{pingCmd{Addr: ":8080"}, "http://127.0.0.1:8080/healthz"},
		{pingCmd{Addr: "[::]:8080"}, "http://127.0.0.1:8080/healthz"},
		{pingCmd{Addr: "[::1]:8080"}, "http://[::1]:8080/healthz"},
		{pingCmd{Addr: "10.0.0.1:443", TLSCert: "c.pem"}, "https://10.0.0.1:443/healthz"},
		{pingCmd{Addr: "10.0.0.1:443", TLSCert: "c.pem", AdminAddr: "127.0.0.1:9090"}, "http://127.0.0.1:9090/healthz"},
	} {
		if got, err := test.ask.url(); got != test.want || err != nil {
			t.Errorf("%+v: got %q, %v, want %q", test.ask, got, err, test.want)
		}
	}
}

// A server that is not ready, or does not respond, is an error; a certificate for another name is not.
func TestPing(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "not ready: saves fail\nnot ready: the clock is in doubt", http.StatusServiceUnavailable)
	})
	server := httptest.NewTLSServer(mux)
	t.Cleanup(server.Close)
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(hangs.Close)
	closes := httptest.NewServer(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
	)
	t.Cleanup(closes.Close)
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	gone := httptest.NewServer(nil)
	gone.Close()
	at := func(s *httptest.Server) string { return s.Listener.Addr().String() }
	for _, test := range []struct {
		ask    pingCmd
		said   string
		failed string
	}{
		{pingCmd{Addr: at(server), TLSCert: "x", Within: time.Minute}, "ok\n", ""},
		{pingCmd{Addr: at(server), TLSCert: "x", Within: time.Minute, Ready: true}, "",
			"/readyz: not ready: saves fail; not ready: the clock is in doubt"},
		{pingCmd{Addr: at(server), Within: time.Minute}, "", "http://" + at(server) +
			"/healthz: HTTPS is spoken there: give --tls-cert or TONGKA_TLS_CERT, as tongka serve has it"},
		{pingCmd{AdminAddr: at(server), TLSCert: "x", Within: time.Minute}, "", "http://" + at(server) +
			"/healthz: HTTPS is spoken there: it is not the admin address of tongka serve: give that with --admin-addr or " +
			"TONGKA_ADMIN_ADDR"},
		{pingCmd{Addr: at(other), TLSCert: "x", Within: time.Minute}, "", "https://" + at(other) +
			"/healthz: plain HTTP is spoken there: leave --tls-cert and TONGKA_TLS_CERT out, as tongka serve has none, or " +
			"give its address with --addr or TONGKA_ADDR"},
		{pingCmd{Addr: at(hangs), Within: 50 * time.Millisecond}, "",
			"/healthz: nothing was said within 50ms: see the server's log, and whether it listens there " +
				"(--addr or TONGKA_ADDR)"},
		{pingCmd{Addr: at(gone), Within: time.Minute}, "", "http://" + at(gone) +
			"/healthz: nobody listens there: see whether tongka serve runs, and give its address with --addr or TONGKA_ADDR"},
		{pingCmd{AdminAddr: at(gone), Within: time.Minute}, "", "http://" + at(gone) +
			"/healthz: nobody listens there: see whether tongka serve runs, and give its address with --admin-addr or " +
			"TONGKA_ADMIN_ADDR"},
		{pingCmd{Addr: at(other), Within: time.Minute}, "", "/healthz: 404 Not Found: another program answers there: give " +
			"the address of tongka serve with --addr or TONGKA_ADDR"},
		{pingCmd{Addr: at(closes), Within: time.Minute}, "", "/healthz: EOF: see whether tongka serve listens there with " +
			"these settings: --addr or TONGKA_ADDR, and TONGKA_TLS_CERT where it speaks TLS"},
	} {
		var out bytes.Buffer
		err := test.ask.Run(t.Context(), &console{out: &out})
		if out.String() != test.said || (err == nil) != (test.failed == "") ||
			err != nil && !strings.HasSuffix(err.Error(), test.failed) {
			t.Errorf("%+v: got %q, %v, want %q, %q", test.ask, out.String(), err, test.said, test.failed)
		}
	}
}
