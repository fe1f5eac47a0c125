package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tongka/internal/apply"
)

// printed is what a program prints while it runs.
type printed struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// runDemo runs a demo until the test ends, and returns what it printed and a function that ends it.
func runDemo(t *testing.T, args ...string) (out *printed, end func()) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, fault := &printed{}, &printed{}
	done := make(chan int, 1)
	go func() { done <- run(ctx, &console{out: out, err: fault}, append([]string{"demo"}, args...)) }()
	end = sync.OnceFunc(func() {
		stop()
		if code := <-done; code != 0 {
			t.Errorf("the demo ended with %d: %s", code, fault)
		}
	})
	t.Cleanup(end)
	for tries := 0; !strings.Contains(out.String(), "Below is a line"); tries++ {
		if tries == 600 {
			t.Fatalf("the demo does not begin: %s%s", out, fault)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return out, end
}

var (
	sandboxLink = regexp.MustCompile(`(https?://\S+)/sandbox/in\?key=(\S+)`)
	drawnToken  = regexp.MustCompile(`(?m)^AUTHORIZATION: (\S+)$`)
)

// consume sends a bill of a till, over a connection of its own.
func consume(client *http.Client, base, token string) (string, error) {
	r, err := http.NewRequest(http.MethodPost, base+"/api2/member-cjb/consume",
		strings.NewReader(`{"card_id": "wx001", "money": 1}`))
	if err != nil {
		return "", err
	}
	r.Header.Set("AUTHORIZATION", token)
	r.Header.Set("CUSTOMERGUID", demoMerchant)
	answer, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", answer.StatusCode, text)
	}
	return string(text), err
}

// beginAfresh presses the button of the page, from a site and with a cookie, and returns the status of the answer.
func beginAfresh(t *testing.T, client *http.Client, base, cookie, site string) int {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, base+"/sandbox/afresh", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", site)
	r.AddCookie(&http.Cookie{Name: "tongka-sandbox", Value: cookie})
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// A demo that is made anew while tills are at work answers every one of them, and begins with what it had at first. No
// other site can have it made anew, nor whoever has not got in.
func TestDemoAfresh(t *testing.T) {
	t.Parallel()
	out, end := runDemo(t, "--addr", "127.0.0.1:0", "--no-year", "--db", "sqlite:"+filepath.Join(t.TempDir(), "demo.db"))
	found := sandboxLink.FindStringSubmatch(out.String())
	if found == nil {
		t.Fatalf("no link in %s", out)
	}
	base, client := found[1], &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true}, // one that is kept may be closed as it is used again
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if status := beginAfresh(t, client, base, found[2], "cross-site"); status != http.StatusForbidden {
		t.Fatalf("another site is answered %d", status)
	}
	if status := beginAfresh(t, client, base, "other", "same-origin"); status != http.StatusForbidden {
		t.Fatalf("one who has not got in is answered %d", status)
	}
	var bills atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	var tills sync.WaitGroup
	for range 6 {
		tills.Go(func() {
			for ctx.Err() == nil {
				if _, err := consume(client, base, demoToken); err != nil {
					t.Error(err)
					return
				}
				bills.Add(1)
			}
		})
	}
	for range 3 {
		before := bills.Load()
		if status := beginAfresh(t, client, base, found[2], "same-origin"); status != http.StatusSeeOther {
			t.Errorf("status %d", status)
		}
		for deadline := time.Now().Add(20 * time.Second); bills.Load() < before+20; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("no bills any more")
			}
		}
	}
	stop()
	tills.Wait()
	if status := beginAfresh(t, client, base, found[2], "same-origin"); status != http.StatusSeeOther {
		t.Errorf("status %d", status)
	}
	if got, err := consume(client, base, demoToken); err != nil || !strings.Contains(got, `"amount":"1309.00"`) {
		t.Errorf("after it was made anew: %s, %v", got, err)
	}
	t.Logf("%d bills", bills.Load())
	end()
}

// A demo for a network has nothing that is published, keeps what it has drawn, and is served by the certificate it
// says.
func TestDemoOnLan(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "lan.db")
	args := []string{"--lan", "https", "--addr", "127.0.0.1:0", "--no-year", "--db", "sqlite:" + file}
	out, end := runDemo(t, args...)
	text := out.String()
	for _, published := range []string{apply.DemoAPIKey, demoPassword, "AUTHORIZATION: test"} {
		if strings.Contains(text, published) {
			t.Errorf("what is printed has %q", published)
		}
	}
	found, token := sandboxLink.FindStringSubmatch(text), drawnToken.FindStringSubmatch(text)
	if found == nil || token == nil || len(token[1]) != 32 || !strings.Contains(text, "█") {
		t.Fatalf("printed %s", text)
	}
	trusted, err := os.ReadFile(strings.TrimSuffix(file, ".key") + ".tls.crt")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(trusted)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	_, port, err := net.SplitHostPort(strings.TrimPrefix(found[1], "https://"))
	if err != nil {
		t.Fatal(err)
	}
	base := "https://127.0.0.1:" + port
	if got, err := consume(client, base, token[1]); err != nil || !strings.Contains(got, `"amount":"1309.00"`) {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := consume(client, base, demoToken); err == nil {
		t.Errorf("the published token is answered %s", got)
	}
	client.CloseIdleConnections()
	end()

	again, end := runDemo(t, args...)
	if got := drawnToken.FindStringSubmatch(again.String()); got == nil || got[1] != token[1] {
		t.Errorf("it has another token: %q, %q", got, token)
	}
	end()
	var fault printed
	if code := run(t.Context(), &console{out: io.Discard, err: &fault}, []string{
		"demo", "--addr", "127.0.0.1:0", "--no-year", "--db", "sqlite:" + file,
	}); code != 1 || !strings.Contains(fault.String(), "were drawn for a network") {
		t.Errorf("served without --lan: %d, %s", code, &fault)
	}
}

// What was published is on no network, not even where the making of a demo was broken off.
func TestDemoOnLanOfPublished(t *testing.T) {
	t.Parallel()
	file := "sqlite:" + filepath.Join(t.TempDir(), "demo.db")
	_, end := runDemo(t, "--addr", "127.0.0.1:0", "--no-year", "--db", file)
	end()
	var fault printed
	if code := run(t.Context(), &console{out: io.Discard, err: &fault}, []string{
		"demo", "--lan", "http", "--addr", "127.0.0.1:0", "--no-year", "--db", file,
	}); code != 1 || !strings.Contains(fault.String(), "does not have the credentials") {
		t.Errorf("%d, %s", code, &fault)
	}
}
