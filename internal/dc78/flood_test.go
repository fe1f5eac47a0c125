package dc78

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"tongka/internal/httpd"
)

// hostile returns requests without a signature, as large as anybody may send and shaped to cost as much as
// possible.
func hostile() map[string]string {
	fit := func(head, unit, tail string) string {
		return head + strings.Repeat(unit, (maxBody-len(head)-len(tail))/len(unit)) + tail
	}
	many := func(unit func(int) string, n int) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = unit(i)
		}
		return strings.Join(parts, ",")
	}
	const head = `{"action":{"action":"mb_newcard"},`
	return map[string]string{
		"deep":       head + `"post":{"a":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}}`,
		"objects":    fit(head+`"post":{"list":[`, `{},`, `{}]}}`),
		"numbers":    fit(head+`"post":{"list":[`, `1,`, `1]}}`),
		"big number": fit(head+`"get":{"a":`, `9`, `}}`),
		"texts":      fit(head+`"post":{"list":[`, `"",`, `""]}}`),
		"escapes":    fit(head+`"get":{"a":"`, `\u0041`, `"}}`),
		"names":      head + `"post":{` + many(func(i int) string { return fmt.Sprintf(`"%x":1`, i) }, 6000) + `}}`,
		"get":        head + `"get":{` + many(func(i int) string { return fmt.Sprintf(`"%x":1`, i) }, 6000) + `}}`,
		"groups": `{"action":{"action":"mb_newcard"},` +
			many(func(i int) string { return fmt.Sprintf(`"%x":1`, i) }, 6000) + `}`,
		"large": head + `"post":{"list":["` + strings.Repeat("x", maxIssueBody-100) + `"]}}`,
	}
}

// TestHostileShapes: reading an unsigned request of any shape takes at most a few times its size, and none makes
// the server fail. The test runs alone, because it measures what the whole program allocates.
func TestHostileShapes(t *testing.T) {
	const most = 700 << 10 // bytes
	w := demo(t)
	for name, body := range hostile() {
		send := func() *httptest.ResponseRecorder {
			return w.send(httptest.NewRequest(http.MethodPost, "/Api?msid=10021", strings.NewReader(body)))
		}
		if got := send(); got.Code == http.StatusOK && !strings.Contains(got.Body.String(), `"status":"0"`) ||
			got.Code >= 500 {
			t.Errorf("%s: %d %s", name, got.Code, got.Body)
		}
		const times = 20
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range times {
			send()
		}
		runtime.ReadMemStats(&after)
		if each := (after.TotalAlloc - before.TotalAlloc) / times; each > most {
			t.Errorf("%s: %d bytes a request, want at most %d", name, each, most)
		}
	}
}

// TestFlood: many connections that each send all they may, without a signature, take no more memory than is
// reserved for bodies. The test runs alone.
func TestFlood(t *testing.T) {
	const (
		callers = 300
		room    = 4 << 20
		most    = 64 << 20 // what the program may grow by, with connections and garbage
	)
	w := demo(t)
	logger := slog.New(slog.DiscardHandler)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", w.handler)
	server := &http.Server{
		Handler:           httpd.New(mux, httpd.Config{Logger: logger, MaxInFlight: room, MaxInFlightOfOne: room}).Handler(),
		ReadHeaderTimeout: time.Minute,
	}
	go func() { _ = server.Serve(ln) }() // it returns after Close
	t.Cleanup(func() { _ = server.Close() })
	body := []byte(hostile()["large"]) // all callers share it, so that only the server's memory grows
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var running sync.WaitGroup
	for range callers {
		running.Go(func() {
			c, err := net.Dial("tcp", ln.Addr().String())
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()                                    //nolint:errcheck // it was a hostile one
			_ = c.SetDeadline(time.Now().Add(3 * time.Second)) // of a connection just opened
			_, _ = fmt.Fprintf(c, "POST /Api?msid=10021 HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", len(body))
			_, _ = c.Write(body[:len(body)-1]) // the server may hang up before
			_, _ = io.Copy(io.Discard, c)
		})
	}
	ended := make(chan bool)
	go func() { running.Wait(); close(ended) }()
	grown := uint64(0)
	for {
		runtime.ReadMemStats(&now)
		grown = max(grown, now.HeapAlloc-min(now.HeapAlloc, before.HeapAlloc))
		select {
		case <-ended:
			if grown > most {
				t.Errorf("%d callers took %d MB, want at most %d", callers, grown>>20, most>>20)
			}
			wantPart(t, w.ask("10021", pageKey, "mb_check", "mbno=PLAIN1"), `"mbno":"PLAIN1"`)
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// BenchmarkHostile measures what an unsigned request of each shape costs.
func BenchmarkHostile(b *testing.B) {
	w := demo(b)
	for name, body := range hostile() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				w.send(httptest.NewRequest(http.MethodPost, "/Api?msid=10021", strings.NewReader(body)))
				w.log.Reset()
			}
		})
	}
}
