// Package wiretest replays the recorded requests of a dialect and compares the answers with those recorded: the
// status, the headers in the order of their names, and every byte of the body. It leaves out the header X-Request-Id,
// which is random, and of a header that is sent more than once all values but the first.
//
// A recording is a file testdata/*.http: exchanges with a line === between them. Each is a head, a line >>>, the
// request, a line <<< and the answer. In the head, lines "name: value" hold what the dialect's test has to know; all
// other lines are remarks, by custom with a # in front. The exchanges of one recording follow one another in one world,
// which is all a recording remembers.
//
// The package knows no dialect: the dialect's test makes the world and sends the requests, and may change a request
// before it does. Only tests import the package.
package wiretest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Recording is one file.
type Recording struct {
	Name      string // of the file, without folder and ending
	Exchanges []Exchange
}

// Exchange is one request of a recording, with what must come back.
type Exchange struct {
	Head    string
	Request string
	Answer  string
}

// Send carries out one exchange. It may change the request: with -update it is kept as it was sent.
type Send func(x *Exchange) *httptest.ResponseRecorder

// Run replays every recording of the folder, each as a subtest of its own in a world that open makes.
// With update it writes the files anew with what was sent and answered, and wants nothing.
func Run(t *testing.T, update bool, open func(*testing.T, *Recording) Send) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.http")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r := &Recording{Name: strings.TrimSuffix(filepath.Base(file), ".http")}
		if r.Exchanges, err = parse(string(data)); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			if wrong := r.replay(open(t, r)); !update {
				for _, text := range wrong {
					t.Error(text)
				}
			} else if err := os.WriteFile(file, []byte(r.text()), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// replay carries out all exchanges, keeps how they went, and says of each that went otherwise than
// recorded.
func (r *Recording) replay(send Send) (wrong []string) {
	for i := range r.Exchanges {
		x := &r.Exchanges[i]
		want := x.Answer
		if x.Answer = AnswerText(send(x)); x.Answer != want {
			wrong = append(wrong, fmt.Sprintf("exchange %d: %s\ngot:\n%s\nwant:\n%s", i+1, x.Request, x.Answer, want))
		}
	}
	return wrong
}

const between = "\n===\n"

func parse(data string) (exchanges []Exchange, err error) {
	for part := range strings.SplitSeq(strings.TrimSuffix(data, "\n"), between) {
		head, tail, ok1 := strings.Cut(part, ">>>\n")
		request, answer, ok2 := strings.Cut(tail, "<<<\n")
		if !ok1 || !ok2 {
			return nil, fmt.Errorf("want >>> and <<< in %q", part)
		}
		exchanges = append(exchanges, Exchange{head, request, answer})
	}
	return exchanges, nil
}

// text is the file again.
func (r *Recording) text() string {
	parts := make([]string, len(r.Exchanges))
	for i, x := range r.Exchanges {
		parts[i] = x.Head + ">>>\n" + x.Request + "<<<\n" + x.Answer
	}
	return strings.Join(parts, between) + "\n"
}

// Field is the value of the head's line "name: value", "" where it has none.
func (x *Exchange) Field(name string) string {
	for line := range strings.Lines(x.Head) {
		if value, ok := strings.CutPrefix(line, name+": "); ok {
			return strings.TrimSuffix(value, "\n")
		}
	}
	return ""
}

// Request reads a request written as in HTTP, with the body behind the first empty line.
func Request(t *testing.T, text string) *http.Request {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimSpace(head), "\n")
	method, target, ok := strings.Cut(lines[0], " ")
	if !ok {
		t.Fatalf("no request line: %q", lines[0])
	}
	r := httptest.NewRequest(method, target, strings.NewReader(strings.TrimSuffix(body, "\n")))
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ": ")
		if !ok {
			t.Fatalf("no header: %q", line)
		}
		r.Header.Add(name, value)
	}
	return r
}

// AnswerText is an answer as recordings hold it. The request id is random and left out.
func AnswerText(got *httptest.ResponseRecorder) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s\n", got.Code, http.StatusText(got.Code))
	names := make([]string, 0, len(got.Header()))
	for name := range got.Header() {
		if name != "X-Request-Id" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "%s: %s\n", name, got.Header().Get(name))
	}
	b.WriteString("\n" + got.Body.String())
	return b.String()
}

// Each calls fn with every exchange of every recording, and the name of its file.
func Each(t *testing.T, fn func(name string, x *Exchange)) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.http")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		exchanges, err := parse(string(data))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for i := range exchanges {
			fn(filepath.Base(file), &exchanges[i])
		}
	}
}

// Answer reads what AnswerText wrote.
func Answer(t *testing.T, text string) (status int, header http.Header, body []byte) {
	t.Helper()
	head, rest, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	number, _, _ := strings.Cut(lines[0], " ")
	status, err := strconv.Atoi(number)
	if err != nil {
		t.Fatalf("no status: %q", lines[0])
	}
	header = http.Header{}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		header.Add(name, value)
	}
	return status, header, []byte(rest)
}
