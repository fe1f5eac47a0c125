package sandy

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the answers in testdata/*.http")

// exchange is one request of a golden file, with what must come back.
//
// A file begins with "world: NAME" and holds exchanges, carried out one after the other. Each is
// lines of remarks (#), perhaps "page: NAME" when the answer is a published example (testdata/published/NAME.json)
// and "except: FIELD…" for what that example has from another request; then ">>>", the request, "<<<"
// and the answer.
type exchange struct {
	head    []string
	page    string
	except  []string
	request string
	answer  string
}

var worlds = map[string]func(testing.TB) *world{"demo": demoWorld, "status": statusWorld, "history": historyWorld, "page": pageWorld}

// TestGolden sends every recorded request and wants every byte of the answer as recorded.
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
	name, exchanges := parseGolden(t, string(data))
	start, ok := worlds[name]
	if !ok {
		t.Fatalf("%s: no world %q", file, name)
	}
	w := start(t)
	for i := range exchanges {
		x := &exchanges[i]
		got := w.exchange(t, x.request)
		if x.page != "" {
			comparePublished(t, x, got.Body.Bytes())
		}
		if text := answerText(got); text != x.answer && !*update {
			t.Errorf("%s: exchange %d: %s\ngot:\n%s\nwant:\n%s", file, i+1, x.request, text, x.answer)
		} else {
			x.answer = text
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(goldenText(name, exchanges)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func parseGolden(t *testing.T, data string) (world string, exchanges []exchange) {
	t.Helper()
	first, rest, _ := strings.Cut(data, "\n")
	world, ok := strings.CutPrefix(first, "world: ")
	if !ok {
		t.Fatalf("want a line \"world: NAME\", got %q", first)
	}
	for strings.TrimSpace(rest) != "" {
		head, tail, ok1 := strings.Cut(rest, ">>>\n")
		request, tail, ok2 := strings.Cut(tail, "<<<\n")
		if !ok1 || !ok2 {
			t.Fatalf("want >>> and <<< in %q", rest)
		}
		x := exchange{head: strings.Split(strings.TrimSpace(head), "\n"), request: request}
		for _, line := range x.head {
			if page, ok := strings.CutPrefix(line, "page: "); ok {
				x.page = page
			}
			if except, ok := strings.CutPrefix(line, "except: "); ok {
				x.except = strings.Fields(except)
			}
		}
		x.answer, rest, _ = strings.Cut(tail, "\n===\n")
		x.answer = strings.TrimSuffix(x.answer, "\n")
		exchanges = append(exchanges, x)
	}
	return world, exchanges
}

func goldenText(world string, exchanges []exchange) string {
	var b strings.Builder
	fmt.Fprintf(&b, "world: %s\n", world)
	for i, x := range exchanges {
		if i > 0 {
			b.WriteString("===\n")
		}
		fmt.Fprintf(&b, "%s\n>>>\n%s<<<\n%s\n", strings.Join(x.head, "\n"), x.request, x.answer)
	}
	return b.String()
}

// exchange sends a request written as in HTTP, with the body behind the first empty line.
func (w *world) exchange(t *testing.T, text string) *httptest.ResponseRecorder {
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
	return w.send(r)
}

// answerText is an answer as the golden files hold it. The request id is random and left out.
func answerText(got *httptest.ResponseRecorder) string {
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

// comparePublished wants the answer to have the values of the published example, and every field of
// it, in its order.
func comparePublished(t *testing.T, x *exchange, got []byte) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "published", x.page+".json"))
	if err != nil {
		t.Fatal(err)
	}
	want, have := decode(t, data), decode(t, got)
	for _, field := range x.except {
		delete(want.(map[string]any), field)
		delete(have.(map[string]any), field)
	}
	if diff := differs("answer", have, want); diff != "" {
		t.Errorf("published example %s: %s", x.page, diff)
	}
	if h, w := keyOrder(t, got), keyOrder(t, data); !slices.Equal(h, w) {
		t.Errorf("published example %s: keys in order %v, want %v", x.page, h, w)
	}
}

func decode(t *testing.T, data []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return v
}

// differs compares JSON values: numbers as numbers, so that 0 is 0.0, but never text as a number.
func differs(at string, got, want any) string {
	switch want := want.(type) {
	case map[string]any:
		have, ok := got.(map[string]any)
		if !ok || len(have) != len(want) {
			return fmt.Sprintf("%s: got %v, want %v", at, got, want)
		}
		for key := range want {
			if diff := differs(at+"."+key, have[key], want[key]); diff != "" {
				return diff
			}
		}
		return ""
	case []any:
		have, ok := got.([]any)
		if !ok || len(have) != len(want) {
			return fmt.Sprintf("%s: got %v, want %v", at, got, want)
		}
		for i := range want {
			if diff := differs(fmt.Sprintf("%s[%d]", at, i), have[i], want[i]); diff != "" {
				return diff
			}
		}
		return ""
	case json.Number:
		have, ok := got.(json.Number)
		if ok && rat(have).Cmp(rat(want)) == 0 {
			return ""
		}
	default:
		if got == want {
			return ""
		}
	}
	return fmt.Sprintf("%s: got %v (%T), want %v (%T)", at, got, got, want, want)
}

func rat(n json.Number) *big.Rat {
	r, _ := new(big.Rat).SetString(n.String())
	return r
}

// keyOrder lists all names of a JSON text as they come.
func keyOrder(t *testing.T, data []byte) []string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	var keys []string
	var inObject []bool
	name := false
	for {
		token, err := d.Token()
		if err == io.EOF {
			return keys
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			inObject = append(inObject, token == json.Delim('{'))
			name = token == json.Delim('{')
			continue
		case json.Delim('}'), json.Delim(']'):
			inObject = inObject[:len(inObject)-1]
		default:
			if name {
				keys = append(keys, token.(string))
				name = false
				continue
			}
		}
		name = len(inObject) > 0 && inObject[len(inObject)-1]
	}
}
