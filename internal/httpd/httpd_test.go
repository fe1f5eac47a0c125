package httpd

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// running is a server on a free loopback port, with its log. It is shut down with the test.
type running struct {
	addr string
	log  *bytes.Buffer // may be read only after end
	end  func() error
}

func start(t *testing.T, h http.Handler, cfg Config) *running {
	t.Helper()
	r := &running{log: &bytes.Buffer{}}
	cfg.Logger = slog.New(slog.NewJSONHandler(r.log, nil))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.addr = ln.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- New(h, cfg).Serve(ctx, ln) }()
	ended := false
	r.end = func() error {
		if ended {
			return nil
		}
		ended = true
		cancel()
		return <-served
	}
	t.Cleanup(func() { _ = r.end() })
	return r
}

// TestServeEndsGracefully: requests under way when the server is told to shut down are still answered.
func TestServeEndsGracefully(t *testing.T) {
	t.Parallel()
	inside, leave := make(chan bool), make(chan bool)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		inside <- true
		<-leave
		fmt.Fprint(w, "done")
	}), Config{})
	answer := make(chan string, 1)
	go func() { answer <- fetch("http://" + s.addr) }()
	<-inside
	ended := make(chan error, 1)
	go func() { ended <- s.end() }()
	select {
	case err := <-ended:
		t.Fatalf("ended while a request was under way: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(leave)
	if got := <-answer; got != "200 done" {
		t.Errorf("got %s", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
	if got := fetch("http://" + s.addr); !strings.Contains(got, "refused") {
		t.Errorf("after the end: %s", got)
	}
}

// TestTLS: with a certificate the server speaks HTTPS, HTTP/2 included, and nothing else.
func TestTLS(t *testing.T) {
	t.Parallel()
	lender := httptest.NewTLSServer(http.NotFoundHandler()) // lends its certificate
	t.Cleanup(lender.Close)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }),
		Config{TLS: &tls.Config{Certificates: lender.TLS.Certificates}})
	got, err := lender.Client().Get("https://" + s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, got.Body)
	if body, err := io.ReadAll(got.Body); err != nil || string(body) != "HTTP/1.1" {
		t.Errorf("got %s, %v", body, err)
	}
	conn, err := tls.Dial("tcp", s.addr, &tls.Config{
		NextProtos: []string{"h2"}, RootCAs: lender.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs,
		ServerName: "example.com",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, conn)
	if p := conn.ConnectionState().NegotiatedProtocol; p != "h2" {
		t.Errorf("negotiated %q", p)
	}
	if got := fetch("http://" + s.addr); !strings.HasPrefix(got, "400 ") {
		t.Errorf("plain HTTP got %s", got)
	}
}

// TestGraceIsBounded: a request that does not end is cut off, and Serve returns an error.
func TestGraceIsBounded(t *testing.T) {
	t.Parallel()
	inside := make(chan bool)
	s := start(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		inside <- true
		<-r.Context().Done()
	}), Config{Grace: 20 * time.Millisecond})
	answer := make(chan string, 1)
	go func() { answer <- fetch("http://" + s.addr) }()
	<-inside
	if err := s.end(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ended with %v", err)
	}
	if got := <-answer; !strings.Contains(got, "EOF") && !strings.Contains(got, "reset") {
		t.Errorf("got %s", got)
	}
}

// fetch returns an answer in one line, or the error.
func fetch(url string) string {
	got, err := http.Get(url)
	if err != nil {
		return err.Error()
	}
	body, err := io.ReadAll(got.Body)
	if err := errors.Join(err, got.Body.Close()); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d %s", got.StatusCode, body)
}

func closing(t *testing.T, c io.Closer) {
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// TestSlowHeaders: a client that sends its headers one byte at a time is cut off (threat E2).
func TestSlowHeaders(t *testing.T) {
	t.Parallel()
	s := start(t, http.NotFoundHandler(), Config{ReadHeaderTimeout: 50 * time.Millisecond})
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, c)
	if _, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nX-Slow: "); err != nil {
		t.Fatal(err)
	}
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(c); err != nil {
		t.Errorf("the server did not hang up: %v", err)
	}
}

// TestHeadersTooLarge: headers over the limit are refused before the handler sees them.
func TestHeadersTooLarge(t *testing.T) {
	t.Parallel()
	s := start(t, http.NotFoundHandler(), Config{})
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, c)
	go func() {
		// The server may close the connection before it has read everything.
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nX-Big: "+strings.Repeat("x", 64<<10)+"\r\n\r\n")
	}()
	got, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, got.Body)
	if got.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("got %s", got.Status)
	}
}

// TestBodyLimit: reading a body returns an error at the limit, with and without a given length.
func TestBodyLimit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body io.Reader
		ok   bool
	}{
		"at the limit":   {strings.NewReader(strings.Repeat("x", 100)), true},
		"over it":        {strings.NewReader(strings.Repeat("x", 101)), false},
		"over, unstated": {io.MultiReader(strings.NewReader(strings.Repeat("x", 101))), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var err error
			h := New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, err = io.ReadAll(r.Body) }), Config{
				MaxBodyBytes: 100, Logger: slog.New(slog.DiscardHandler),
			})
			h.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", test.body))
			if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) == test.ok {
				t.Errorf("read ends with %v", err)
			}
		})
	}
}

// TestAllowBody: one route accepts larger bodies than the others, up to a limit of its own.
func TestAllowBody(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	read := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		_, tooLarge := errors.AsType[*http.MaxBytesError](err)
		fmt.Fprint(w, len(body), " ", tooLarge)
	}
	mux.HandleFunc("/small", read)
	mux.HandleFunc("/large", func(w http.ResponseWriter, r *http.Request) {
		AllowBody(r, 300)
		read(w, r)
	})
	var log bytes.Buffer
	h := New(mux, Config{MaxBodyBytes: 100, Logger: slog.New(slog.NewJSONHandler(&log, nil))}).Handler()
	for _, test := range []struct {
		path string
		size int
		want string
	}{
		{"/small", 100, "100 false"}, {"/small", 101, "100 true"}, {"/large", 300, "300 false"}, {"/large", 301, "300 true"},
	} {
		log.Reset()
		got := httptest.NewRecorder()
		h.ServeHTTP(got, httptest.NewRequest(http.MethodPost, test.path, strings.NewReader(strings.Repeat("x", test.size))))
		if got.Body.String() != test.want {
			t.Errorf("%s %d: got %s, want %s", test.path, test.size, got.Body, test.want)
		}
		counted, _, _ := strings.Cut(test.want, " ")
		if !strings.Contains(log.String(), `"bytes":`+counted+`,`) {
			t.Errorf("%s %d: the log has %s", test.path, test.size, log.String())
		}
	}
	AllowBody(httptest.NewRequest(http.MethodPost, "/", nil), 1) // outside a Server there is no limit to change
}

// TestAllowUpload: a file may be larger than what one address may have in flight, and takes nothing of what tills have.
func TestAllowUpload(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	var during string
	var h http.Handler
	till := func() string {
		got := httptest.NewRecorder()
		h.ServeHTTP(got, httptest.NewRequest(http.MethodPost, "/till", strings.NewReader(strings.Repeat("x", 90))))
		return got.Body.String()
	}
	read := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Fprint(w, len(body), " ", err)
	}
	mux.HandleFunc("/till", read)
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		AllowUpload(w, r, 300, time.Minute)
		read(w, r)
		during = till()
	})
	h = New(mux, Config{MaxBodyBytes: 100, MaxInFlight: 100, MaxInFlightOfOne: 100, MaxUploads: 350}).Handler()
	for range 3 { // the room of the one before is free again
		got := httptest.NewRecorder()
		h.ServeHTTP(got, httptest.NewRequest(http.MethodPost, "/file", strings.NewReader(strings.Repeat("x", 300))))
		if got.Body.String() != "300 <nil>" || during != "90 <nil>" {
			t.Errorf("the file: %s, a till meanwhile: %s", got.Body, during)
		}
	}
	got := httptest.NewRecorder()
	h.ServeHTTP(got, httptest.NewRequest(http.MethodPost, "/file", strings.NewReader(strings.Repeat("x", 301))))
	if !strings.Contains(got.Body.String(), "too large") {
		t.Errorf("a file that is too large: %s", got.Body)
	}
	if got := till(); got != "90 <nil>" {
		t.Errorf("a till afterwards: %s", got)
	}
	AllowUpload(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil), 1, time.Minute)
}

// TestLog: one line with what the handler noted, and nothing that the caller chose.
func TestLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	var seen Done
	clock := time.Unix(0, 0)
	mux := http.NewServeMux()
	mux.HandleFunc("/thing/{id}", func(w http.ResponseWriter, r *http.Request) {
		n := NoteOf(r.Context())
		n.Dialect, n.Endpoint, n.Outcome, n.Agent, n.Merchant = "d", "thing", "2", "vendor", 7
		_, _ = io.ReadAll(r.Body)
		clock = clock.Add(3 * time.Millisecond)
		w.WriteHeader(http.StatusTeapot)
	})
	s := New(mux, Config{
		Logger: slog.New(slog.NewJSONHandler(&log, nil)), Clock: func() time.Time { return clock },
		Observe: func(d Done) { seen = d },
	})
	r := httptest.NewRequest("SECRET", "//thing//secret-number?secret=1", strings.NewReader("secret body"))
	r.Header.Set("Authorization", "secret-token")
	r.Header.Set("X-Request-Id", "secret-id")
	got := httptest.NewRecorder()
	s.Handler().ServeHTTP(got, r)
	var line map[string]any
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, &log)
	}
	want := map[string]any{
		"level": "INFO", "msg": "request", "id": got.Header().Get("X-Request-Id"), "method": "other", "route": "/thing/{id}",
		"status": 418.0, "outcome": "2", "us": 3000.0, "agent": "vendor", "merchant": 7.0, "bytes": 11.0, "from": "192.0.2.1",
		"endpoint": "thing",
	}
	delete(line, "time")
	if fmt.Sprint(line) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", line, want)
	}
	if strings.Contains(log.String(), "secret") {
		t.Errorf("the log holds what the caller sent: %s", &log)
	}
	if wantSeen := (Done{"d", "thing", "2", 418, 3 * time.Millisecond}); seen != wantSeen {
		t.Errorf("metrics were told %+v, want %+v", seen, wantSeen)
	}
}

// TestUnknownPath: the log shows what a till or a proxy got wrong in a path, but no link, phone or card number in it.
func TestUnknownPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/api2/member_cjb/consume":                       "/api2/member_cjb/consume",
		"/dc78/index.php":                                "/dc78/index.php",
		"/loyalty/m/l/7KQ2M4XW9PZTB3VDA6HJ5RCEGN":        "/loyalty/m/l/…",
		"/api2/member-cjb/consume/13800138000":           "/api2/member-cjb/consume/…",
		"/cards/A0001":                                   "/cards/A0001",
		"/cards/A10001/":                                 "/cards/…/",
		"/token/averylongwordthatmaybeasecretofsomebody": "/token/…",
		"/a%20b/会员":                                      "/…/…",
		"/" + strings.Repeat("words/", 100):              "/" + strings.Repeat("words/", 16) + "wor",
	} {
		var log bytes.Buffer
		h := New(http.NewServeMux(), Config{Logger: slog.New(slog.NewJSONHandler(&log, nil))}).Handler()
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, path, nil))
		var line struct{ Path string }
		if err := json.Unmarshal(log.Bytes(), &line); err != nil || line.Path != want {
			t.Errorf("%s: the log has %q, want %q (%v)", path, line.Path, want, err)
		}
	}
}

// TestAstray: a request that reached no endpoint is logged with its path also where the answer has another status.
func TestAstray(t *testing.T) {
	t.Parallel()
	for astray, want := range map[bool]string{true: "/api/nothing/…", false: ""} {
		var log bytes.Buffer
		h := New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { NoteOf(r.Context()).Astray = astray }),
			Config{Logger: slog.New(slog.NewJSONHandler(&log, nil))}).Handler()
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/api/nothing/13800138000", nil))
		var line struct {
			Path   string
			Status int
		}
		if err := json.Unmarshal(log.Bytes(), &line); err != nil || line.Path != want || line.Status != http.StatusOK {
			t.Errorf("astray %v: %+v, want %q (%v)", astray, line, want, err)
		}
	}
}

// TestRecover: a panic before the answer is answered; one in the middle of it closes the connection.
func TestRecover(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/before", func(http.ResponseWriter, *http.Request) { panic("bug") })
	mux.HandleFunc("/amidst", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, strings.Repeat("half", 4096))
		panic("bug")
	})
	s := start(t, mux, Config{})
	if got := fetch("http://" + s.addr + "/before"); got != "500 internal error\n" {
		t.Errorf("got %s", got)
	}
	if got := fetch("http://" + s.addr + "/amidst"); !strings.Contains(got, "EOF") {
		t.Errorf("got %.100s", got)
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
	if n := strings.Count(s.log.String(), "panic: bug"); n != 2 {
		t.Errorf("%d panics are in the log: %s", n, s.log)
	}
}

// TestCleanPath: no request is answered by a redirect.
func TestCleanPath(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ target, want string }{
		{"/a/b", "/a/b"},
		{"/a/b/", "/a/b/"},
		{"//a///b", "/a/b"},
		{"/a/./b/../c/", "/a/c/"},
		{"/../../etc", "/etc"},
		{"/", "/"},
		{"//", "/"},
		{"/a%2Fb", "/a/b"},
		{"/a/%2e%2e/b", "/b"},
	} {
		var got string
		h := New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.URL.Path }), Config{
			Logger: slog.New(slog.DiscardHandler),
		})
		h.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, test.target, nil))
		if got != test.want {
			t.Errorf("%s is seen as %s, want %s", test.target, got, test.want)
		}
	}
}

// TestUnknownClientIsLogged: the log says that a trusted proxy does not tell who the client is, and which proxy.
func TestUnknownClientIsLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := New(http.NotFoundHandler(), Config{
		Logger: slog.New(slog.NewJSONHandler(&log, nil)), Proxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")},
	})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("X-Forwarded-For", "secret")
	s.Handler().ServeHTTP(httptest.NewRecorder(), r)
	if got := log.String(); !strings.Contains(got, `"from":"unknown","proxy":"192.0.2.1"`) ||
		strings.Contains(got, "secret") {
		t.Errorf("got %s", got)
	}
}

// TestClient: a proxy is believed only if it is trusted, and only for what it wrote itself (threats B1, E1). A client
// of whom it says nothing that can be read is not the proxy, which may be this machine.
func TestClient(t *testing.T) {
	t.Parallel()
	const unknown = "invalid IP"
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.1/32")}
	for _, test := range []struct {
		peer      string
		forwarded []string
		want      string
	}{
		{"203.0.113.9:1", nil, "203.0.113.9"},
		{"203.0.113.9:1", []string{"127.0.0.1"}, "203.0.113.9"},
		{"10.0.0.1:1", []string{"203.0.113.9"}, "203.0.113.9"},
		{"[::ffff:10.0.0.1]:1", []string{"203.0.113.9"}, "203.0.113.9"},
		{"10.0.0.1:1", []string{"127.0.0.1, 203.0.113.9"}, "203.0.113.9"},
		{"10.0.0.1:1", []string{"203.0.113.9", "10.0.0.2"}, "203.0.113.9"},
		{"nonsense", []string{"127.0.0.1"}, unknown},
		{"127.0.0.1:1", []string{"127.0.0.1"}, "127.0.0.1"},
		{"127.0.0.1:1", []string{"nonsense, 203.0.113.9"}, "203.0.113.9"},

		// The forms in which proxies and gateways write an address.
		{"127.0.0.1:1", []string{"203.0.113.9:4711"}, "203.0.113.9"},
		{"127.0.0.1:1", []string{"203.0.113.9:4711,\t10.0.0.2:80 "}, "203.0.113.9"},
		{"127.0.0.1:1", []string{"2001:db8::9"}, "2001:db8::9"},
		{"127.0.0.1:1", []string{"[2001:db8::9]"}, "2001:db8::9"},
		{"127.0.0.1:1", []string{"[2001:db8::9]:4711"}, "2001:db8::9"},
		{"127.0.0.1:1", []string{"fe80::9%eth0"}, "fe80::9"},
		{"127.0.0.1:1", []string{"[fe80::9%25]:80"}, "fe80::9"},
		{"127.0.0.1:1", []string{"[::ffff:203.0.113.9]:4711"}, "203.0.113.9"},

		// Who the client is, is not known: it is not the proxy.
		{"127.0.0.1:1", nil, unknown},
		{"127.0.0.1:1", []string{""}, unknown},
		{"127.0.0.1:1", []string{"unknown"}, unknown},
		{"127.0.0.1:1", []string{"_hidden"}, unknown},
		{"127.0.0.1:1", []string{"203.0.113.9:http"}, unknown},
		{"127.0.0.1:1", []string{"203.0.113.9:65536"}, unknown},
		{"127.0.0.1:1", []string{"203.0.113.9, nonsense"}, unknown},
		{"127.0.0.1:1", []string{"203.0.113.9", ""}, unknown},
		{"127.0.0.1:1", []string{"nonsense, 10.0.0.2"}, unknown},
		{"10.0.0.1:1", []string{"203.0.113.9,, 10.0.0.2"}, unknown},
		{"10.0.0.1:1", nil, unknown},
		// This is the machine of the proxy that wrote it.
		{"10.0.0.1:1", []string{"127.0.0.1"}, unknown},
		{"10.0.0.1:1", []string{"[::1]:4711"}, unknown},
		{"127.0.0.1:1", []string{"::1, 10.0.0.2"}, unknown},
	} {
		r := &http.Request{RemoteAddr: test.peer, Header: http.Header{"X-Forwarded-For": test.forwarded}}
		if got := clientOf(r, proxies); got.String() != test.want {
			t.Errorf("%s forwarded for %q is %s, want %s", test.peer, test.forwarded, got, test.want)
		}
	}
}

// TestRetryAfter rounds up, because a caller who comes back too early is only told to wait again.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]string{
		0: "1", time.Millisecond: "1", time.Second: "1", 1001 * time.Millisecond: "2",
	} {
		h := http.Header{}
		RetryAfter(h, wait)
		if got := h.Get("Retry-After"); got != want {
			t.Errorf("%v is %q, want %q", wait, got, want)
		}
	}
}
