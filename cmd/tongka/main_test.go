package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tongka/internal/apply"
	"tongka/internal/auth"
	"tongka/internal/pgtest"
)

func TestMain(m *testing.M) {
	switch os.Getenv(testProgramEnv) {
	case "plain":
		main()
	case "clock":
		replaceClock(os.Getenv(testClockEnv))
		main()
	default:
		exitSoon()
		testscript.Main(m, map[string]func(){
			"tongka": main, "tongka-bad-disk": mainOnBadDisk, "receiver": mainReceiver,
		})
	}
}

// exitSoon makes the programs that the tests start, which are this one, exit at once if it has the race detector.
// They would sleep for a second, and the tests start hundreds. A race is still reported when it happens, and the
// exit status of the program that had it is another: what is lost is that second to run into one. GORACE wins where
// it sets the same.
func exitSoon() {
	if err := os.Setenv("GORACE", strings.TrimSpace("atexit_sleep_ms=10 "+os.Getenv("GORACE"))); err != nil {
		panic(err)
	}
}

// TestScripts runs testdata/script: every command of the program, and what it refuses.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, scripts("testdata/script", ""))
}

// TestScriptsPostgres runs testdata/postgres on a database of its own, which the scripts find in $PG.
func TestScriptsPostgres(t *testing.T) {
	t.Parallel()
	testscript.Run(t, scripts("testdata/postgres", pgtest.DSN(t)))
}

func scripts(dir, dsn string) testscript.Params {
	return testscript.Params{
		Dir:                 dir,
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			addr, err := freeAddr()
			env.Setenv("ADDR", addr)
			hook, again := freeAddr()
			env.Setenv("HOOK", hook)
			err = errors.Join(err, again)
			env.Setenv("PG", dsn)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, "cache"))
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"http": httpCmd, "grab": grabCmd, "status": statusCmd, "until": untilCmd,
		},
	}
}

// freeAddr returns a loopback address on which nobody listens.
func freeAddr() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

// httpCmd is: http METHOD URL [-H 'NAME: VALUE']... [BODY]. It prints status and body, and tries again for a while
// if nobody listens. Negated it wants any status but 200.
func httpCmd(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: http METHOD URL [-H HEADER]... [BODY]")
	}
	header, body := http.Header{}, ""
	for rest := args[2:]; len(rest) > 0; rest = rest[1:] {
		if rest[0] == "-H" && len(rest) > 1 {
			name, value, _ := strings.Cut(rest[1], ": ")
			header.Set(name, value)
			rest = rest[1:]
			continue
		}
		body = rest[0]
	}
	var resp *http.Response
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		req, err := http.NewRequest(args[0], args[1], strings.NewReader(body))
		ts.Check(err)
		req.Header = header
		if resp, err = http.DefaultClient.Do(req); err == nil {
			break
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%v", err)
		}
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	answer, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d %s\n", resp.StatusCode, answer)
	if (resp.StatusCode == http.StatusOK) == neg {
		ts.Fatalf("%s %s: got %d %s", args[0], args[1], resp.StatusCode, answer)
	}
}

// statusCmd is: status CODE PROGRAM [ARG]... It wants the program to exit with that code.
func statusCmd(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: status CODE PROGRAM [ARG]...")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit status %d, want %s", code, args[0])
	}
}

// untilCmd is: until REGEXP PROGRAM [ARG]... It runs the program for a while, again and again, until a line that it
// prints matches.
func untilCmd(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: until REGEXP PROGRAM [ARG]...")
	}
	want := regexp.MustCompile("(?m)" + args[0])
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		ts.Check(ts.Exec(args[1], args[2:]...))
		if want.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("no line matches %s", args[0])
		}
	}
}

// grabCmd is: grab VARIABLE FILE REGEXP. It sets the variable to what the first group of the expression matches.
func grabCmd(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: grab VARIABLE FILE REGEXP")
	}
	found := regexp.MustCompile(args[2]).FindStringSubmatch(ts.ReadFile(args[1]))
	if found == nil {
		ts.Fatalf("%s: no match of %s", args[1], args[2])
	}
	ts.Setenv(args[0], found[1])
}

// A manual that is out of date misleads operators. `make gen` writes it again.
func TestManual(t *testing.T) {
	t.Parallel()
	on, err := os.ReadFile("../../docs/manual.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(on) != manual() {
		t.Error("docs/manual.md is out of date: run make gen")
	}
}

// The example file in the manual must work.
func TestExample(t *testing.T) {
	t.Parallel()
	opt := apply.Options{Now: time.Now(), NewToken: auth.NewToken}
	if _, err := apply.NewPlan([]byte(example), apply.Current{}, opt); err != nil {
		t.Error(err)
	}
	weak := strings.NewReplacer("  # - name: old", "  - name: old", "  #   token", "    token").Replace(example)
	if _, err := apply.NewPlan([]byte(weak), apply.Current{}, opt); err == nil ||
		!strings.Contains(err.Error(), "a chosen token needs") {
		t.Errorf("the weak token: got %v", err)
	}
	if n := len(inComments.FindAllString(example, -1)); n != 9 {
		t.Errorf("%d lines of the example are in comments", n)
	}
	opt.Vault = plainVault{}
	if _, err := apply.NewPlan([]byte(inComments.ReplaceAllString(example, "$1$2")), apply.Current{}, opt); err != nil {
		t.Errorf("with what stands in comments: %v", err)
	}
}

// inComments are the lines of the example that only some need.
var inComments = regexp.MustCompile(`(?m)^( *)# ((?:kind|extid|- name: tills)\b|  (?:shop|api_key|developer_secret|` +
	`signature|grants):|    - \{merchant)`)
