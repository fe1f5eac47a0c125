package readmetest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// address is where the README has the demo listen.
const address = "127.0.0.1:8080"

// patience is how long the program may take to start or to stop.
const patience = time.Minute

// TestSession carries out every command of both READMEs' console blocks, in order, each page against a demo of
// its own, and compares the answers byte for byte; "…" stands for anything. Then the books must hold.
func TestSession(t *testing.T) {
	t.Parallel()
	program := build(t)
	for _, page := range []string{"README.md", "README.zh.md"} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			carryOut(t, program, page)
		})
	}
}

func carryOut(t *testing.T, program, page string) {
	steps := session(t, read(t, page))
	if len(steps) < 5 {
		t.Fatalf("%s has %d commands in console blocks, too few to be a session", page, len(steps))
	}
	db := "sqlite:" + filepath.Join(t.TempDir(), "demo.db")
	addr, _, stop := demo(t, program, db)
	for _, s := range steps {
		got, err := s.curl(t.Context(), addr)
		if err != nil {
			t.Fatalf("%s: %v", s.command, err)
		}
		if !s.answers(got) {
			t.Errorf("%s\n got %s\nwant %s", s.command, got, s.want)
		}
	}
	stop()
	out, err := exec.Command(program, "verify", "--db", db).CombinedOutput()
	if err != nil {
		t.Errorf("verify after the session: %v", err)
	}
	t.Logf("tongka verify:\n%s", out)
}

// TestReadsPage proves that the page is read as a shell and a reader would, and that a wrong answer
// is noticed.
func TestReadsPage(t *testing.T) {
	t.Parallel()
	steps := session(t,
		"# x\n```console\n$ curl -H 'A: b c' \\\n    --data '{\"x\": 1}' u\n{\"y\":…,\"z\":1}\n$ curl v\nw\n```\n")
	if len(steps) != 2 || steps[1].want != "w\n" {
		t.Fatalf("got steps %q", steps)
	}
	words, err := split(steps[0].command)
	want := []string{"curl", "-H", "A: b c", "--data", `{"x": 1}`, "u"}
	if err != nil || !slices.Equal(words, want) {
		t.Errorf("got words %q, %v, want %q", words, err, want)
	}
	for answer, right := range map[string]bool{
		`{"y":17,"z":1}`: true, `{"y":,"z":1}`: false, `{"y":17,"z":12}`: false, `{"y":17,"z":1}x`: false,
	} {
		if steps[0].answers(answer) != right {
			t.Errorf("answer %s: got right = %v, want %v", answer, !right, right)
		}
	}
	if _, err := split("curl 'open"); err == nil {
		t.Error("an open quote is taken")
	}
}

// build makes the program as it is released.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "tongka")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	cmd := exec.Command("go", "build", "-o", program, "./cmd/tongka")
	cmd.Dir = top
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return program
}

// demo starts a demo, with more flags if there are any, and waits until it is ready. stop ends it and waits for that.
func demo(t *testing.T, program, db string, more ...string) (addr string, printed *output, stop func()) {
	t.Helper()
	addr = freeAddr(t)
	out := &output{}
	cmd := exec.Command(program, append([]string{"demo", "--addr", addr, "--db", db}, more...)...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("demo: %v\n%s", err, out.String())
			}
		case <-time.After(patience):
			_ = cmd.Process.Kill()
			t.Errorf("demo does not stop when it is interrupted: %v", <-done)
		}
	}
	t.Cleanup(stop)
	for deadline := time.Now().Add(patience); !ready(addr); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-done:
			stopped = true
			t.Fatalf("demo ended: %v\n%s", err, out.String())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal("demo is not ready")
		}
	}
	return addr, out, stop
}

func ready(addr string) bool {
	res, err := http.Get("http://" + addr + "/readyz")
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// step is one command of a console block and the answer printed under it.
type step struct {
	command string
	want    string
}

var consoleBlock = regexp.MustCompile("(?s)```console\n(.*?)```")

// session finds the commands: lines that begin with "$ ", each continued while it ends in a
// backslash. What follows until the next is the answer.
func session(t *testing.T, text string) []step {
	t.Helper()
	var steps []step
	for _, block := range consoleBlock.FindAllStringSubmatch(text, -1) {
		continued := false
		for _, line := range strings.Split(strings.TrimSuffix(block[1], "\n"), "\n") {
			command, begins := strings.CutPrefix(line, "$ ")
			switch {
			case begins:
				steps = append(steps, step{})
				fallthrough
			case continued:
				steps[len(steps)-1].command += strings.TrimSuffix(command, `\`)
				continued = strings.HasSuffix(command, `\`)
			case len(steps) == 0:
				t.Fatalf("console block begins without a command: %s", line)
			default:
				steps[len(steps)-1].want += line + "\n"
			}
		}
	}
	return steps
}

// answers reports whether got is what the page says.
func (s step) answers(got string) bool {
	parts := strings.Split(strings.TrimSpace(s.want), "…")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(`\A` + strings.Join(parts, ".+?") + `\z`).MatchString(strings.TrimSpace(got))
}

// curl sends the request of a curl command line to addr and answers the body, as curl would. It knows
// the flags the README uses.
func (s step) curl(ctx context.Context, addr string) (string, error) {
	words, err := split(s.command)
	if err != nil {
		return "", err
	}
	if words[0] != "curl" {
		return "", fmt.Errorf("only curl is known here")
	}
	method, url, body, header := "", "", "", http.Header{}
	for i := 1; i < len(words); i++ {
		flag := words[i]
		if flag == "-s" {
			continue
		}
		if !strings.HasPrefix(flag, "-") {
			url = strings.Replace(flag, address, addr, 1)
			continue
		}
		if i++; i == len(words) {
			return "", fmt.Errorf("%s: no value", flag)
		}
		switch value := words[i]; flag {
		case "-X":
			method = value
		case "-d", "--data":
			body = value
			header.Set("Content-Type", "application/x-www-form-urlencoded")
		case "-H":
			name, text, _ := strings.Cut(value, ":")
			header.Set(name, strings.TrimSpace(text))
		default:
			return "", fmt.Errorf("%s: flag is not known here", flag)
		}
	}
	if method == "" && body != "" {
		method = http.MethodPost
	}
	return send(ctx, method, url, header, body)
}

func send(ctx context.Context, method, url string, header http.Header, body string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header = header
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	got, err := io.ReadAll(res.Body)
	return string(got), err
}

// split cuts a command line into words, with quotes as a shell has them.
func split(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote rune
	within := false
	for _, r := range line + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, within = r, true
		case quote == 0 && r == ' ':
			if within {
				words = append(words, word.String())
			}
			word.Reset()
			within = false
		default:
			word.WriteRune(r)
			within = true
		}
	}
	if quote != 0 || len(words) == 0 {
		return nil, fmt.Errorf("not a command line: %s", line)
	}
	return words, nil
}
