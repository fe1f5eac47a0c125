package crashtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// request is one request of a till, under its own id.
type request struct {
	id     string
	kind   string
	card   int
	name   string     // the card's number; "" = that of card
	fen    ledger.Fen // what is charged or paid in
	answer []byte     // nil = the outcome is not known
}

// moves returns what the request adds to the card if it is carried out.
func (r *request) moves() ledger.Fen {
	if r.kind == "consume" {
		return -r.fen
	}
	return r.fen + r.fen/10 // the merchant's rule gives 10 %
}

// asked has all requests of the tills.
type asked struct {
	pause time.Duration // of a till, after each answer

	mu    sync.Mutex
	acked int
	open  int
	moved [cards]ledger.Fen
	left  []*request // the outcome is not known
	known []*request // acknowledged since the last kill
}

// load runs tills that send requests until the server is gone or ctx is done. It closes the channel when all of
// them have stopped.
func (a *asked) load(ctx context.Context, s *server, round int) <-chan struct{} {
	var running sync.WaitGroup
	for till := range tills {
		running.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				r := &request{
					id: fmt.Sprintf("r%d-t%d-n%d", round, till, n), kind: "consume", card: rand.IntN(cards),
					fen: ledger.Fen(1 + rand.IntN(500)),
				}
				if n%5 == 0 {
					r.kind, r.fen = "recharge", r.fen*10
				}
				answer, _, err := s.ask(ctx, r)
				a.note(r, answer)
				if err != nil {
					return
				}
				time.Sleep(a.pause)
			}
		})
	}
	done := make(chan struct{})
	go func() { running.Wait(); close(done) }()
	return done
}

func (a *asked) note(r *request, answer []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if answer == nil {
		a.open++
		a.left = append(a.left, r)
		return
	}
	r.answer = answer
	a.acked++
	a.moved[r.card] += r.moves()
	a.known = append(a.known, r)
}

// settle repeats the requests that a kill left open: each must be carried out now or have been before, once. It
// also repeats some of those that were acknowledged: these must get the same bytes, marked as replayed.
func (a *asked) settle(t *testing.T, s *server) {
	t.Helper()
	for i, r := range a.known {
		if i%10 != 0 {
			continue
		}
		answer, replayed, err := s.ask(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(answer, r.answer) || !replayed {
			t.Errorf("%s was answered %s, and asked again %s (replayed: %t)", r.id, r.answer, answer, replayed)
		}
	}
	left := a.left
	a.left, a.known = nil, nil
	for _, r := range left {
		answer, _, err := s.ask(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		a.note(r, answer)
	}
}

// server is a tongka process.
type server struct {
	cmd    *exec.Cmd
	url    string
	client *http.Client
	log    *serverLog
}

// serverLog is what a server wrote to its log, also while it runs.
type serverLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *serverLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *serverLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func startServer(t *testing.T, dsn string) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s := &server{
		cmd: exec.Command(program, "serve", "--addr", addr, "--db", dsn, "--agent-rate", "0", "--address-rate", "0",
			"--log-level", "warn",
			"--key-file", filepath.Join(filepath.Dir(program), "key")),
		url: "http://" + addr, log: &serverLog{},
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: tills}, Timeout: 30 * time.Second},
	}
	s.cmd.Stderr = s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		res, err := s.client.Get(s.url + "/readyz")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return s
			}
		}
		if time.Now().After(deadline) {
			s.kill(t)
			t.Fatalf("the server does not answer: %v: %s", err, s.log)
		}
	}
}

// kill ends the process at once, as kill -9 does, and waits for it. Unlike a power failure this loses nothing
// that the process had written to a file.
func (s *server) kill(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.cmd.Wait() // returns that it was killed
	s.client.CloseIdleConnections()
}

// stop ends the process in the ordinary way, and waits for it.
func (s *server) stop(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("the server was stopped: %v: %s", err, s.log)
	}
	s.client.CloseIdleConnections()
}

// ask sends the request. answer is nil if it is not known whether it was carried out.
func (s *server) ask(ctx context.Context, r *request) (answer []byte, replayed bool, err error) {
	card := r.name
	if card == "" {
		card = number(r.card)
	}
	body := fmt.Sprintf(`{"card_id":%q,"money":"%v","pay_type":1}`, card, r.fen)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/api2/member-cjb/"+r.kind, strings.NewReader(body))
	if err != nil {
		return nil, false, err
	}
	req.Header.Set("AUTHORIZATION", token)
	req.Header.Set("CUSTOMERGUID", guid)
	req.Header.Set("Idempotency-Key", r.id)
	res, err := s.client.Do(req)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err = io.ReadAll(res.Body)
	if err != nil {
		return nil, false, err
	}
	if res.StatusCode != http.StatusOK || bytes.Contains(answer, []byte("errcode")) {
		return nil, false, fmt.Errorf("%s: %d %s", r.id, res.StatusCode, answer)
	}
	return answer, res.Header.Get("Idempotent-Replayed") == "true", nil
}
