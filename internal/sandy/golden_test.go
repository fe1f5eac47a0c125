package sandy

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/big"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tongka/internal/wiretest"
)

var update = flag.Bool("update", false, "rewrite the answers in testdata/*.http")

// worlds maps the NAME in "world: NAME", with which every recording begins, to its world.
var worlds = map[string]func(testing.TB) *world{
	"demo": demoWorld, "status": statusWorld, "history": historyWorld, "page": pageWorld,
}

// TestGolden sends every recorded request and compares every byte of the answer. An exchange with "page: NAME"
// must have the published answer (testdata/published/NAME.json), except for the fields of its "except: FIELD…",
// which the published example has from another request.
func TestGolden(t *testing.T) {
	t.Parallel()
	wiretest.Run(t, *update, func(t *testing.T, r *wiretest.Recording) wiretest.Send {
		name := r.Exchanges[0].Field("world")
		start, ok := worlds[name]
		if !ok {
			t.Fatalf("no world %q", name)
		}
		w := start(t)
		return func(x *wiretest.Exchange) *httptest.ResponseRecorder {
			got := w.send(wiretest.Request(t, x.Request))
			if page := x.Field("page"); page != "" {
				comparePublished(t, page, got.Body.Bytes(), strings.Fields(x.Field("except")))
			}
			return got
		}
	})
}

// comparePublished requires the answer to have every field of the published example, in its order and, except for
// some fields, with its value.
func comparePublished(t *testing.T, page string, got []byte, except []string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "published", page+".json"))
	if err != nil {
		t.Fatal(err)
	}
	want, have := decode(t, data), decode(t, got)
	for _, field := range except {
		delete(want.(map[string]any), field)
		delete(have.(map[string]any), field)
	}
	if diff := differs("answer", have, want); diff != "" {
		t.Errorf("published example %s: %s", page, diff)
	}
	if h, w := keyOrder(t, got), keyOrder(t, data); !slices.Equal(h, w) {
		t.Errorf("published example %s: keys in order %v, want %v", page, h, w)
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

// differs compares JSON values. Numbers are compared as numbers, so that 0 equals 0.0, but a text never equals a
// number.
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

// keyOrder returns all names of a JSON text in order.
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
