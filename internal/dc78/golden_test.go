package dc78

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite signatures and answers in testdata/*.http")

// exchange is one request of a golden file, with what must come back: lines of remarks (#), ">>>", the
// request, "<<<" and the answer. With -update, sign=? and post_sha256=? in a request are filled in with
// what is right for it under the key of the test vector.
type exchange struct{ head, request, answer string }

// TestGolden sends every recorded request and wants every byte of the answer as recorded. The exchanges
// of one file follow one another in one world.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.http")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".http"), func(t *testing.T) {
			t.Parallel()
			golden(t, file)
		})
	}
}

func golden(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w := demo(t)
	switch filepath.Base(file) {
	case "proofs.http":
		w = proofs(t)
	case "bindings.http":
		w = demoWith(t, Config{BindLink: bindLink})
	}
	var text []string
	for i, part := range strings.Split(string(data), "===\n") {
		x := parseExchange(t, part)
		if *update {
			x.request = fill(t, x.request)
		}
		got := answerText(w.send(readHTTP(t, x.request)))
		if got != x.answer && !*update {
			t.Errorf("%s: exchange %d: %s\ngot:\n%s\nwant:\n%s", file, i+1, x.request, got, x.answer)
		}
		text = append(text, x.head+">>>\n"+x.request+"<<<\n"+got)
	}
	if *update {
		if err := os.WriteFile(file, []byte(strings.Join(text, "===\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func parseExchange(t *testing.T, part string) exchange {
	t.Helper()
	head, tail, ok1 := strings.Cut(part, ">>>\n")
	request, answer, ok2 := strings.Cut(tail, "<<<\n")
	if !ok1 || !ok2 {
		t.Fatalf("want >>> and <<< in %q", part)
	}
	return exchange{head, request, answer}
}

// fill replaces what stands as a question.
func fill(t *testing.T, text string) string {
	t.Helper()
	q, _ := parse(readHTTP(t, text)) // what cannot be read has no signature to fill in
	if q != nil {
		sum := sha256.Sum256(q.post)
		text = strings.ReplaceAll(text, digestName+"=?", digestName+"="+hex.EncodeToString(sum[:]))
		text = strings.ReplaceAll(text, `"`+digestName+`":"?"`, `"`+digestName+`":"`+hex.EncodeToString(sum[:])+`"`)
		q, _ = parse(readHTTP(t, text))
		text = strings.ReplaceAll(text, "sign=?", "sign="+Sign(pageKey, q.signText()))
	}
	return text
}

// readHTTP reads a request written as in HTTP, with the body behind the first empty line.
func readHTTP(t *testing.T, text string) *http.Request {
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

// answerText is an answer as the golden files hold it. The request id is random and left out.
func answerText(got *httptest.ResponseRecorder) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s\n", got.Code, http.StatusText(got.Code))
	var names []string
	for name := range got.Header() {
		if name != "X-Request-Id" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "%s: %s\n", name, got.Header().Get(name))
	}
	b.WriteString("\n" + got.Body.String() + "\n")
	return b.String()
}
