package hook

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"tongka/internal/ledger"
)

var loopback = prefixes("127.0.0.0/8", "::1/128")

// client returns one that calls addresses of this machine, and waits for a short time only.
func client(listed []netip.Prefix) *Client {
	c := NewClient(listed)
	c.secure.Timeout, c.plain.Timeout = time.Second, time.Second
	return c
}

// switching answers that another protocol is wanted, and holds the connection until the caller goes.
func switching(t *testing.T) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, err = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		}
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.Copy(io.Discard, conn)
		_ = conn.Close()
	}
}

// TestAnswers: only a status of the 200s delivers; of others the beginning is kept, in one line.
func TestAnswers(t *testing.T) {
	t.Parallel()
	var followed atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("/204", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/200", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "thanks") })
	mux.HandleFunc("/302", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/followed", http.StatusFound)
	})
	mux.HandleFunc("/307", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/followed", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/followed", func(http.ResponseWriter, *http.Request) { followed.Add(1) })
	mux.HandleFunc("/500", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, "坏\n\x00\xff"+strings.Repeat("很", 100))
	})
	gone := func(r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only behind the body it is seen that the caller has gone
		<-r.Context().Done()
	}
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { gone(r) })
	mux.HandleFunc("/slow-body", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		gone(r)
	})
	mux.HandleFunc("/101", switching(t))
	mux.HandleFunc("/endless", func(w http.ResponseWriter, _ *http.Request) {
		for range 1000 {
			if _, err := w.Write(make([]byte, 4096)); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/heads", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X", strings.Repeat("x", 1<<20))
	})
	mux.HandleFunc("/gone", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	c := client(loopback)
	for path, want := range map[string]Answer{
		"/204": {Status: 204}, "/200": {Status: 200}, "/endless": {Status: 200},
		"/101": {101, "another protocol is not spoken"},
		"/302": {302, "redirects are not followed"}, "/307": {307, "redirects are not followed"},
		"/404": {404, "404 page not found"}, "/500": {500, "坏  "},
		"/slow": {0, "no answer within"}, "/slow-body": {0, "no answer within"}, "/heads": {0, ""}, "/gone": {0, "EOF"},
	} {
		got := c.Post(t.Context(), srv.URL+path, http.Header{}, []byte("{}"))
		if got.Status != want.Status || !strings.HasPrefix(got.Said, want.Said) || len(got.Said) > ledger.MaxSaid ||
			!utf8.ValidString(got.Said) || strings.ContainsAny(got.Said, "\n\x00") || strings.Contains(got.Said, srv.URL) {
			t.Errorf("%s: %d, %q", path, got.Status, got.Said)
		}
		if delivered := got.Status >= 200 && got.Status < 300; delivered != (got.Said == "") {
			t.Errorf("%s: %d, %q", path, got.Status, got.Said)
		}
	}
	if followed.Load() > 0 {
		t.Error("a redirect was followed")
	}
}

// TestUnlistedAddresses: what is on this machine is called only if it is listed, whatever it is called by, and without
// TLS never if it is not.
func TestUnlistedAddresses(t *testing.T) {
	t.Parallel()
	var called atomic.Int64
	count := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called.Add(1) })
	plain, secure := httptest.NewServer(count), httptest.NewTLSServer(count)
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(plain.URL, "http://"), ":")
	_, tlsPort, _ := strings.Cut(strings.TrimPrefix(secure.URL, "https://"), ":")
	elsewhere := client(prefixes("10.0.0.0/8"))
	for _, host := range []string{"127.0.0.1", "localhost", "127.1", "2130706433", "0", "[::ffff:127.0.0.1]", "0x7f.1"} {
		if got := elsewhere.Post(t.Context(), "http://"+host+":"+port+"/?key=s3cret", http.Header{}, nil); got.Status != 0 ||
			strings.Contains(got.Said, "s3cret") {
			t.Errorf("%s: %+v", host, got)
		}
		if got := elsewhere.Post(t.Context(), "https://"+host+":"+tlsPort, http.Header{}, nil); got.Status != 0 {
			t.Errorf("%s with TLS: %+v", host, got)
		}
	}
	got := elsewhere.Post(t.Context(), "https://127.0.0.1:"+tlsPort, http.Header{}, nil)
	if got.Said != errNotCalled.Error() {
		t.Errorf("refused by %q", got.Said)
	}
	if got := elsewhere.Post(t.Context(), plain.URL, http.Header{}, nil); got.Said != errPlain.Error() {
		t.Errorf("refused by %q", got.Said)
	}
	patient := NewClient(loopback) // a handshake takes a while on a busy machine
	if got := patient.Post(t.Context(), secure.URL, http.Header{}, nil); got.Status != 0 ||
		!strings.Contains(got.Said, "certificate") {
		t.Errorf("with a certificate of nobody: %+v", got)
	}
	if called.Load() > 0 {
		t.Errorf("called %d times", called.Load())
	}
	if got := patient.Post(t.Context(), plain.URL, http.Header{}, nil); got.Status != 200 || called.Load() != 1 {
		t.Errorf("listed: %+v", got)
	}
}

// TestFailuresTellNothingOfTheNetwork: neither the addresses of both ends nor the name server's are told, and a name
// that is not there is told like one that must not be called.
func TestFailuresTellNothingOfTheNetwork(t *testing.T) {
	t.Parallel()
	here, there := &net.TCPAddr{IP: net.IPv4(10, 1, 2, 3), Port: 5555}, &net.TCPAddr{IP: net.IPv4(10, 9, 9, 9), Port: 443}
	for want, err := range map[string]error{
		errNotCalled.Error(): &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{
			Err: "no such host", Name: "nope.internal", Server: "10.255.255.53:53", IsNotFound: true,
		}},
		"connect: connection refused": &net.OpError{
			Op: "dial", Net: "tcp", Addr: there, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED),
		},
		"read: connection reset by peer": &net.OpError{
			Op: "read", Net: "tcp", Source: here, Addr: there, Err: os.NewSyscallError("read", syscall.ECONNRESET),
		},
	} {
		if got := failure(&url.Error{Op: "Post", URL: "https://nope.internal/?key=s3cret", Err: err}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := brief("a\u202eb\u2067c"); got != "a b c" {
		t.Errorf("what turns the direction of text is kept: %q", got)
	}
}

// TestProxiesAreNotAsked: a proxy of the environment is not asked, as it would call whatever it is told to.
func TestProxiesAreNotAsked(t *testing.T) {
	t.Parallel()
	c := NewClient(nil)
	for _, one := range []*http.Client{c.secure, c.plain} {
		if one.Transport.(*http.Transport).Proxy != nil || one.Timeout != longest {
			t.Errorf("%+v", one)
		}
	}
}
