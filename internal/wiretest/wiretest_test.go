package wiretest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// recorded is two exchanges with echo.
const recorded = `world: demo
# A remark.
>>>
POST /a?b=c
X-One: 1

{"d":"=== >>> <<<"}
<<<
200 OK
B: second
X-One: 1

POST /a?b=c|{"d":"=== >>> <<<"}
===
>>>
GET /
<<<
200 OK
B: second

GET /|
`

// echo answers with what it was sent, and with a random header.
func echo(t *testing.T, x *Exchange) *httptest.ResponseRecorder {
	r := Request(t, x.Request)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := httptest.NewRecorder()
	if one := r.Header.Get("X-One"); one != "" {
		got.Header().Set("X-One", one)
	}
	got.Header().Set("X-Request-Id", "random")
	got.Header().Set("B", "second")
	got.WriteHeader(http.StatusOK)
	got.Body.WriteString(r.Method + " " + r.URL.String() + "|" + string(body))
	return got
}

// TestReplay: each row is one change to a recording, and how many exchanges then went otherwise. A
// harness that lets something through takes the recordings of all dialects with it.
func TestReplay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		old, new string
		wrong    int
	}{
		"as recorded":       {"", "", 0},
		"another remark":    {"A remark", "Another", 0},
		"another status":    {"200 OK", "201 Created", 2},
		"another header":    {"B: second", "B: other", 2},
		"a header less":     {"200 OK\nB: second\nX-One: 1\n", "200 OK\nB: second\n", 1},
		"a byte more":       {"POST /a?b=c|{", "POST /a?b=c| {", 1},
		"another request":   {"GET /\n", "GET /x\n", 1},
		"a line at the end": {"\nGET /|\n", "\nGET /|\n\n", 1},
	} {
		data := strings.ReplaceAll(recorded, test.old, test.new)
		exchanges, err := parse(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r := &Recording{Exchanges: exchanges}
		if got := r.text(); got != data {
			t.Errorf("%s: written again it is\n%s", name, got)
		}
		send := func(x *Exchange) *httptest.ResponseRecorder { return echo(t, x) }
		if wrong := r.replay(send); len(wrong) != test.wrong {
			t.Errorf("%s: got %d wrong, want %d: %s", name, len(wrong), test.wrong, wrong)
		}
		if wrong := r.replay(send); len(wrong) > 0 {
			t.Errorf("%s: what was answered is not kept: %s", name, wrong)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"nothing":              "",
		"no request":           "# A remark.\n<<<\n200 OK\n\n\n",
		"no answer":            ">>>\nGET /\n",
		"a remark for the end": recorded + "===\n# A remark.\n",
	} {
		if exchanges, err := parse(data); err == nil {
			t.Errorf("%s: got %q", name, exchanges)
		}
	}
}

func TestField(t *testing.T) {
	t.Parallel()
	x := Exchange{Head: "world: demo\n# page: no\nexcept: a b\nexcept: c\n"}
	for name, want := range map[string]string{"world": "demo", "except": "a b", "page": "", "wor": ""} {
		if got := x.Field(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
