package dc78

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tongka/internal/wiretest"
)

// TestNonces: a nonce is accepted once within twice the window, for each shop separately, whatever generations
// end between.
func TestNonces(t *testing.T) {
	t.Parallel()
	n := newNonces(100)
	start := time.Unix(1566296953, 0)
	for i, step := range []struct {
		after time.Duration // since the previous step
		msid  string
		nonce string
		want  error
	}{
		{0, "1", "a", nil},
		{0, "1", "a", faultReplay},
		{0, "2", "a", nil},
		{remembered - time.Second, "1", "b", nil},
		{0, "1", "a", faultReplay},
		{time.Second, "1", "a", faultReplay}, // a new generation has begun
		{0, "1", "c", nil},
		{remembered - 2*time.Second, "1", "b", faultReplay},
		{2 * time.Second, "1", "b", nil}, // a second more than it is remembered after its first use
		{0, "1", "c", faultReplay},
		{2 * remembered, "1", "c", nil},
		{0, "1", "c", faultReplay},
	} {
		start = start.Add(step.after)
		if got := n.use(system{msid: step.msid, nonce: step.nonce},
			start); got != step.want { //nolint:errorlint // the very value
			t.Errorf("step %d: got %v, want %v", i, got, step.want)
		}
	}
}

// TestNoncesAreBounded: there is a limit to the nonces kept, and the oldest are forgotten first.
func TestNoncesAreBounded(t *testing.T) {
	t.Parallel()
	n := newNonces(20)
	now := time.Unix(1566296953, 0)
	use := func(nonce int) error { return n.use(system{msid: "1", nonce: strconv.Itoa(nonce)}, now) }
	for i := range 1000 {
		if err := use(i); err != nil {
			t.Fatalf("nonce %d: %v", i, err)
		}
		if n.used.Len() > 20 {
			t.Fatalf("%d are kept", n.used.Len())
		}
		for late := max(0, i-9); late <= i; late++ {
			if err := use(late); err != faultReplay { //nolint:errorlint // the very value
				t.Fatalf("nonce %d after %d: %v", late, i, err)
			}
		}
	}
}

// TestNoncesInParallel: of many requests with one nonce, one is accepted.
func TestNoncesInParallel(t *testing.T) {
	t.Parallel()
	n := newNonces(maxNonces)
	for round := range 50 {
		var running sync.WaitGroup
		var count atomic.Int64
		begin := make(chan struct{})
		for range 32 {
			running.Go(func() {
				<-begin
				if n.use(system{msid: "1", nonce: strconv.Itoa(round)}, time.Unix(0, 0)) == nil {
					count.Add(1)
				}
			})
		}
		close(begin)
		running.Wait()
		if count.Load() != 1 {
			t.Fatalf("%d got in", count.Load())
		}
	}
}

// TestForward: the clock never runs backwards, except when a wrong time is corrected.
func TestForward(t *testing.T) {
	t.Parallel()
	var f forward
	for _, step := range []struct{ now, want int64 }{
		{10_000, 10_000}, {9_990, 10_000}, {10_000, 10_000}, {10_001, 10_001}, {9_401, 10_001}, {9_400, 9_400},
		{9_399, 9_400},
	} {
		if got := f.at(time.Unix(step.now, 0)).Unix(); got != step.want {
			t.Errorf("at %d: got %d, want %d", step.now, got, step.want)
		}
	}
}

// TestReplay: a read is answered once for a nonce, even after the clock was set back. A change is answered again,
// and carried out once.
func TestReplay(t *testing.T) {
	t.Parallel()
	w := demo(t)
	check := func(nonce string) (int, string) {
		got := w.askWith("10021", pageKey, "mb_check", "mbno=PLAIN1", nonce)
		return got.Code, got.Body.String()
	}
	if code, body := check("nonce-01"); code != 200 {
		t.Fatalf("got %d %s", code, body)
	}
	if code, body := check("nonce-01"); code != 401 {
		t.Errorf("again: got %d %s", code, body)
	}
	recorded := w.now
	w.now = recorded.Add(8 * time.Minute)
	if code, _ := check("nonce-02"); code != 200 {
		t.Errorf("later: got %d", code)
	}
	w.now = recorded // as if somebody had set the clock back
	if code, body := check("nonce-01"); code != 401 {
		t.Errorf("with the clock set back: got %d %s", code, body)
	}
	w.now = recorded.Add(time.Hour)
	for range 2 {
		wantFault(t, w.askWith("10021", pageKey, "mb_pttrans", "mbno=PLAIN1&pt=5", "nonce-03"), 200, "")
	}
	got := w.ask("10021", pageKey, "mb_pttrans", "mbno=PLAIN1&pt=1")
	wantPart(t, got, `"ptbalance":6`)
}

// TestReadAgainAfterRestart holds what the contract says of recorded requests: nonces are in the memory of one process,
// so another one answers a signed read once more, until its time is 300 seconds old.
func TestReadAgainAfterRestart(t *testing.T) {
	t.Parallel()
	w := demo(t)
	target := "/Api/mb_check?mbno=PLAIN1&msid=10021&nonce=recorded&timestamp=" + strconv.FormatInt(w.now.Unix(), 10)
	wantFault(t, w.send(w.signed(newGet(target), pageKey)), 200, "")
	wantFault(t, w.send(w.signed(newGet(target), pageKey)), 401, faultReplay.info)
	restarted := demo(t)
	restarted.now = w.now.Add(300 * time.Second)
	wantFault(t, restarted.send(w.signed(newGet(target), pageKey)), 200, "")
	late := demo(t)
	late.now = w.now.Add(301 * time.Second)
	wantFault(t, late.send(w.signed(newGet(target), pageKey)), 401, faultTime.info)
	for page, said := range map[string]string{
		contracts[0]: "After a restart, and at each further process", contracts[1]: "服务重启之后，或有其他进程同时服务同一账本时",
	} {
		if !strings.Contains(wiretest.Text(t, page), said) {
			t.Errorf("%s does not say %q", page, said)
		}
	}
}
