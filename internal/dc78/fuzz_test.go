package dc78

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// FuzzEnvelope compares the reader with encoding/json: both read the same from what is accepted, whatever is
// ambiguous is refused, and the post group is a part of the body's bytes.
func FuzzEnvelope(f *testing.F) {
	for _, action := range []string{"mb_check", "mb_newcard"} {
		example, err := os.ReadFile("testdata/published/" + action + ".request.json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(example)
	}
	for _, seed := range []string{
		`{"action":{"action":"x"},"get":{"a":1e3,"b":"\u0041","c":-0.10}}`,
		`{"action":{"action":"x"},"post":{"list":[{"a":{"a":[]}}]}}`,
		`{"action":{"action":"x"},"get":{"a":1,"\u0061":2}}`, `{"action":{"action":"x"},"get":[]}`,
		`{"action":{"action":"x"},"get":{"a":null,"b":"null"}}`, `{"action":{"action":"x"}}{}`,
		`{"action":{"action":"\ud83d"}}`, "\xef\xbb\xbf{}", `[[[{"":`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		q, err := parse(httptest.NewRequest(http.MethodPost, "/Api?msid=1", bytes.NewReader(body)))
		if err != nil {
			return
		}
		var want struct {
			Action map[string]string `json:"action"`
			Get    json.RawMessage   `json:"get"`
			Post   json.RawMessage   `json:"post"`
		}
		var get map[string]json.RawMessage
		if err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), &want); err != nil {
			t.Fatalf("took %q, which is %v", body, err)
		}
		if err := json.Unmarshal(want.Get, &get); err != nil && strings.Join(strings.Fields(string(want.Get)), "") != "[]" &&
			want.Get != nil {
			t.Fatalf("took %q, which is %v", body, err)
		}
		maps.DeleteFunc(get, func(_ string, v json.RawMessage) bool { return string(v) == "null" })
		if q.action != want.Action["action"] || len(q.get) != len(get) {
			t.Fatalf("took %q as %s", body, told(q))
		}
		for _, p := range q.get {
			var value any
			d := json.NewDecoder(bytes.NewReader(get[p.name]))
			d.UseNumber()
			if err := d.Decode(&value); err != nil || (value != p.value && value != json.Number(p.value)) {
				t.Fatalf("%q: took %s as %q, %v", body, get[p.name], p.value, err)
			}
		}
		if q.post != nil && (!bytes.Contains(body, q.post) || !bytes.Equal(q.post, want.Post)) {
			t.Fatalf("%q: the post group is %q", body, q.post)
		}
	})
}

// FuzzSignText: a request can be restored from its signature text, so no two requests share one. A query is read
// as net/url reads it, and a name that stands there twice with one value is one.
func FuzzSignText(f *testing.F) {
	for _, seed := range []string{
		"mbno=47302320&getlist=1&msid=10021&timestamp=1566296953&nonce=a1b2c3d4", "a=1%0Ab=2", "a%3Db=1", "a=&b", "a=1&a=2",
		"a=%zz", "a=+%2B&&=", "%e9=1", "x=雪",
	} {
		f.Add("mb_check", seed)
	}
	f.Fuzz(func(t *testing.T, action, query string) {
		if !isName(action) {
			return
		}
		q, err := parse(&http.Request{
			Method: http.MethodGet, URL: &url.URL{Path: "/Api/" + action, RawQuery: query}, Body: http.NoBody,
		})
		if err != nil {
			return
		}
		lines := strings.Split(q.signText(), "\n")
		back := request{
			action: lines[0], system: system{msid: lines[1], timestamp: lines[2], nonce: lines[3], sign: q.system.sign},
		}
		for _, line := range lines[4:] {
			name, value, _ := strings.Cut(line, "=")
			back.get = append(back.get, param{name, value})
		}
		slices.SortFunc(q.get, func(a, b param) int { return strings.Compare(a.name, b.name) })
		if told(&back) != told(q) || back.system != q.system {
			t.Fatalf("%q: the text tells of %s, not of %s", query, told(&back), told(q))
		}
		want, err := url.ParseQuery(query)
		for _, p := range q.get {
			if err == nil && !slices.Equal(slices.Compact(want[p.name]), []string{p.value}) {
				t.Fatalf("%q: %s is %q, want %q", query, p.name, p.value, want[p.name])
			}
		}
	})
}

// FuzzNewcards sends any list. Either all of its cards are opened as described, and repeating the request opens
// none, or none is opened.
func FuzzNewcards(f *testing.F) {
	for _, seed := range []string{
		`[{"cardno":"6001","password":"123456","extid":"109","balance":100.88,"points":200,"expirydate":"1month","sex":"1","name":"a","phone":1,"level":5}]`,
		`[{"type":15,"count":3,"balance":"0.5"},{"type":15}]`, `[{"type":15,"cardno":1e9}]`, `[null]`,
		`[{"type":15,"a":{}},{"type":15,"password":"1"}]`, `5`, `[`,
		`[{"type":15,"cardno":"PLAIN1"}]`, `[{"type":15,"count":501}]`,
		`[{"type":15,"cardno":"6001"},{"type":15,"cardno":6001}]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list string) {
		w := demo(t)
		before := len(w.books.cards)
		send := func() *httptest.ResponseRecorder {
			body := strings.NewReader(`{"list":` + list + `}`)
			return w.send(httptest.NewRequest(http.MethodPost, "/Api/mb_newcard?msid=10023&ref=1", body))
		}
		got := send()
		opened := len(w.books.cards) - before
		if strings.HasPrefix(got.Body.String(), `{"status":"0"`) {
			if opened != 0 || got.Code != http.StatusOK {
				t.Fatalf("%d cards were opened: %d %s", opened, got.Code, got.Body)
			}
			return
		}
		first := issuedBy(t, got)
		if len(first.List) != opened || opened < 1 || opened > command.MaxIssue {
			t.Fatalf("%d cards were opened: %s", opened, got.Body)
		}
		for _, told := range first.List {
			card, ok := w.books.cards[ledger.CardKey{Merchant: 10000, Number: told.CardNo}]
			balance, err := ledger.ParseYuan(strings.Trim(string(told.Balance), `"`))
			if !ok || int64(card.ID) != told.ID || card.Details.ExtID != told.ExtID ||
				(err == nil && balance != card.Principal) ||
				(err != nil && card.Principal != 0) || card.Details.Password != hashPassword("10000", told.Pwd) {
				t.Fatalf("told %+v of %+v", told, card)
			}
		}
		again := issuedBy(t, send())
		if len(w.books.cards)-before != opened || len(again.List) != opened || again.List[0].ID != first.List[0].ID ||
			again.List[0].Pwd != "" {
			t.Fatalf("again: %+v", again)
		}
	})
}

// FuzzRequest sends anything to any path: the answer is always one of this wire.
func FuzzRequest(f *testing.F) {
	for action, steps := range parameters {
		for _, s := range steps {
			f.Add(http.MethodGet, "/Api/"+action, "msid=10023&nonce=any-nonce&"+s.get, "", "")
		}
	}
	f.Add(http.MethodPost, "/api", "msid=10023", "application/json",
		`{"action":{"action":"mb_check"},"get":{"mbno":"PLAIN1"}}`)
	f.Add(http.MethodPost, "/Api/mb_trans", "msid=10023&action=0&mbno=PLAIN1&amt=1&ref=x",
		"application/x-www-form-urlencoded", `list=[{}]`)
	f.Add("BREW", "/Api/x/y", "msid=10023", "multipart/form-data", "\xff")
	w := demo(f)
	f.Fuzz(func(t *testing.T, method, path, query, media, body string) {
		if method == "" || !strings.HasPrefix(path, "/Api/") && path != "/api" {
			return
		}
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Method, r.URL = method, &url.URL{Path: path, RawQuery: query}
		r.Header["Content-Type"] = []string{media}
		got := w.send(r)
		w.log.Reset()
		var answer struct {
			Status string `json:"status"`
			Info   string `json:"info"`
			Time   string `json:"server_time"`
		}
		err := json.Unmarshal(got.Body.Bytes(), &answer)
		yes, no := (answer.Status == "1" || answer.Status == "2") && got.Code == http.StatusOK, answer.Status == "0" &&
			answer.Info != ""
		if err != nil || got.Code >= http.StatusInternalServerError || answer.Time == "" || (!yes && !no) {
			t.Fatalf("%s %s?%s: got %d %s", method, path, query, got.Code, got.Body)
		}
	})
}
