package readmetest

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"
)

// output is what a program prints, while it prints.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

var signed = regexp.MustCompile(`(?m)^t=\$\(date .*$`)

// TestDemoSigns runs the line that the demo prints for dc78 in a shell, twice: it signs anew each time.
func TestDemoSigns(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"sh", "curl", "openssl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("the demo's line needs %s: install the package of that name", program)
		}
	}
	_, printed, _ := demo(t, build(t), "sqlite:"+filepath.Join(t.TempDir(), "demo.db"))
	line := signed.FindString(printed.String())
	for tries := 0; line == "" && tries < 100; tries++ { // the demo prints where it is first
		time.Sleep(100 * time.Millisecond)
		line = signed.FindString(printed.String())
	}
	if line == "" {
		t.Fatalf("the demo printed no such line:\n%s", printed)
	}
	for range 2 {
		out, err := exec.CommandContext(t.Context(), "sh", "-c", line).Output()
		if err != nil {
			t.Fatal(err)
		}
		var answer struct{ Status, Mbno, Name, Extid, Balance string }
		if err := json.Unmarshal(out, &answer); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		if answer.Status != "1" || answer.Mbno != "47302320" || answer.Name != "雪碧" ||
			answer.Extid != "123456789012312345678" || answer.Balance != "5795.99" {
			t.Errorf("got %s", out)
		}
	}
}
