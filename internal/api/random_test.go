package api

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"tongka/internal/ledger"
	"tongka/internal/sheet"
)

func init() {
	openapi3filter.RegisterBodyDecoder(sheet.XLSX.ContentType(), openapi3filter.FileBodyDecoder)
}

// contract holds answers against the document.
type contract struct {
	doc    *openapi3.T
	router routers.Router
	strict bool // each code of a problem must be described at its operation, too
}

func contractOf(w *world) *contract {
	w.t.Helper()
	text, err := w.api.huma.OpenAPI().MarshalJSON()
	w.must(err)
	doc, err := openapi3.NewLoader().LoadFromData(text)
	w.must(err)
	w.must(doc.Validate(w.t.Context(), openapi3.IsOpenAPI31OrLater()))
	for _, s := range doc.Components.Schemas {
		if len(s.Value.Properties) > 0 && s.Value.AdditionalProperties.Schema == nil {
			s.Value.AdditionalProperties.Has = new(bool) // answers have what is described now, and nothing else
		}
	}
	router, err := gorillamux.NewRouter(doc)
	w.must(err)
	return &contract{doc: doc, router: router}
}

// check returns what is wrong with an answer; and whether the request itself is as the document says.
func (c *contract) check(
	ctx context.Context, r *http.Request, status int, header http.Header, body []byte,
) (valid bool, err error) {
	route, params, err := c.router.FindRoute(r)
	if err != nil {
		return false, nil // a request to no operation
	}
	in := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: !*update,
		},
	}
	valid = openapi3filter.ValidateRequest(ctx, in) == nil
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: status, Header: header}
	out.SetBodyBytes(body)
	err = openapi3filter.ValidateResponse(ctx, out)
	if err == nil && c.strict && !*update {
		err = tells(route.Operation, status, body)
	}
	return valid, err
}

// chance draws requests, most of them nearly right.
type chance struct {
	*rand.Rand
	doc  *openapi3.T
	jobs *[]string // those that were begun
}

// texts are what stands where a text is wanted, besides what the description gives as an example.
var texts = []string{
	"6001", "6002", "6003", "6004", "", " ", "0", "-1", "a", "张三", "\x00", "\u202e", "😀", strings.Repeat("x", 65),
	strings.Repeat("9", 300), "2026-12-31", "2026-02-30", "13800000000", "' OR 1=1 --", "../..", "%00", "null", "1e9",
}

// cardFiles are what stands where a file of cards is wanted.
var cardFiles = []string{
	"", "\x00\xff", "PK\x03\x04", "number,name,level,balance\n7001,a,1,10\n6001,b,1,5\n,c,9,x\n", "卡号,姓名\n7002,王五\n",
	"number,name,phone,level,principal\n" + strings.Repeat("7003,a,13800138000,1,1\n", 30),
}

var numbers = []int64{
	0, 1, 2, 3, 4, 5, 7, 11, 12, 21, 50, 100, 5000, 10000, -1, -5000, 1 << 40, 1 << 53, 1<<63 - 1, -1 << 63,
}

// value draws a value of a schema, or now and then one of another type.
func (c chance) value(ref *openapi3.SchemaRef, depth int) any {
	if c.IntN(80) == 0 {
		return []any{nil, true, 1.5, "x", []any{}, map[string]any{}, int64(-7), []any{1, "a"}}[c.IntN(8)]
	}
	s := ref.Value
	if len(s.Enum) > 0 && c.IntN(4) > 0 {
		return s.Enum[c.IntN(len(s.Enum))]
	}
	switch {
	case s.Type.Is("object"):
		return c.object(s, depth)
	case s.Type.Is("array"):
		list := []any{}
		for range c.IntN(4) {
			list = append(list, c.value(s.Items, depth+1))
		}
		return list
	case s.Type.Is("integer"), s.Type.Is("number"):
		if c.IntN(2) == 0 {
			return numbers[1+c.IntN(4)]
		}
		return numbers[c.IntN(len(numbers))]
	case s.Type.Is("boolean"):
		return c.IntN(2) == 0
	}
	if len(s.Examples) > 0 && c.IntN(2) == 0 {
		return s.Examples[0]
	}
	if c.IntN(2) == 0 {
		return texts[c.IntN(4)]
	}
	return texts[c.IntN(len(texts))]
}

func (c chance) object(s *openapi3.Schema, depth int) any {
	o := map[string]any{}
	for name, p := range s.Properties {
		needed := false
		for _, r := range s.Required {
			needed = needed || r == name
		}
		if depth < 4 && (needed && c.IntN(60) > 0 || !needed && c.IntN(6) == 0) {
			o[name] = c.value(p, depth+1)
		}
	}
	if c.IntN(60) == 0 {
		o[texts[c.IntN(len(texts))]] = 1
	}
	return o
}

// request draws a request for an operation.
func (c chance) request(o *operation) *http.Request {
	path := o.path
	for strings.Contains(path, "{") {
		from, to := strings.Index(path, "{"), strings.Index(path, "}")
		one := []string{
			"6001", "6002", "6003", "6004", "6001", "6002", "1", "2", "5", "9", "x", "-1", "%E5%BC%A0", "9999999999999999999",
		}[c.IntN(14)]
		if name := path[from:to]; (name == "{import" || name == "{export") && len(*c.jobs) > 0 && c.IntN(8) > 0 {
			one = (*c.jobs)[c.IntN(len(*c.jobs))]
		}
		path = path[:from] + one + path[to+1:]
	}
	item := c.doc.Paths.Value(Base + o.path).GetOperation(o.method)
	query := []string{}
	alone := o.path == "/cards/lookup" && c.IntN(4) == 0 // a code is looked up only if it is all that is sent
	for _, p := range item.Parameters {
		if p.Value.In == "query" && (alone && p.Value.Name == "member_code" || !alone && c.IntN(3) == 0) {
			v, _ := json.Marshal(c.value(p.Value.Schema, 3))
			query = append(query, p.Value.Name+"="+escaped(strings.Trim(string(v), `"`)))
		}
	}
	body := ""
	switch {
	case o.takes:
		body = cardFiles[c.IntN(len(cardFiles))]
	case item.RequestBody != nil && c.IntN(30) > 0:
		b, _ := json.Marshal(c.value(item.RequestBody.Value.Content["application/json"].Schema, 0))
		body = string(b)
		if c.IntN(40) == 0 {
			body = body[:c.IntN(len(body)+1)]
		}
	}
	r := httptest.NewRequest(o.method, Base+path+"?"+strings.Join(query, "&"), strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+[]string{keyAll, keyAll, keyAll, keyAll, keyAll, keyAll, keyShop, keyShop, keyRead, keyBoth, "x"}[c.IntN(11)])
	if o.takes && c.IntN(20) > 0 {
		r.Header.Set("Content-Type", "text/csv")
	} else if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.IntN(30) > 0 {
		r.Header.Set("Idempotency-Key", "r"+strconv.Itoa(c.IntN(100_000)))
	}
	if c.IntN(10) > 0 {
		r.Header.Set("If-Match", etag(ledger.EntryID(8+c.IntN(4))))
	}
	if c.IntN(40) == 0 {
		r.Header.Set(merchantHeader, texts[c.IntN(len(texts))])
	}
	return r
}

func escaped(text string) string {
	return strings.NewReplacer("%", "%25", " ", "%20", "&", "%26", "#", "%23", "+", "%2B", "\x00", "%00").Replace(text)
}

// Whatever is sent, nothing fails, and every answer is as the document says. TONGKA_API_CALLS says how many calls; then
// a code that its operation does not have is a fault, which would be one by chance where there are few calls.
func TestRandomCalls(t *testing.T) {
	t.Parallel()
	calls, strict := 3000, false
	if n, err := strconv.Atoi(os.Getenv("TONGKA_API_CALLS")); err == nil {
		calls, strict = n, true
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	source := rand.New(rand.NewPCG(seed, 1))
	statuses, done := map[int]int{}, 0
	for left := calls; left > 0; left -= inOneWorld {
		w := newWorld(t)
		c := contractOf(w)
		c.strict = strict
		done += w.callAtRandom(c, chance{source, c.doc, new([]string)}, min(left, inOneWorld), statuses)
	}
	t.Logf("answers by status: %v; %d have done something", statuses, done)
	if done < calls/100 || statuses[http.StatusUnprocessableEntity] < calls/100 {
		t.Error("the calls try next to nothing")
	}
}

// inOneWorld is how many calls are made before all begins anew: after many of them every card is closed.
const inOneWorld = 1000

// callAtRandom makes calls, and returns how many have done something.
func (w *world) callAtRandom(c *contract, draw chance, calls int, statuses map[int]int) (done int) {
	w.t.Helper()
	for n := range calls {
		if n%100 == 0 {
			w.work()
		}
		o := w.api.operations[draw.IntN(len(w.api.operations))]
		if o.streams {
			continue // what is sent has no end
		}
		r := draw.request(o)
		sent := r.Clone(w.t.Context())
		body := bodyOf(w.t, r)
		got := httptest.NewRecorder()
		w.handler.ServeHTTP(got, withBody(r, body))
		statuses[got.Code]++
		if got.Code == http.StatusOK && o.acts {
			done++
		}
		if job := (Progress{}); o.once && json.Unmarshal(got.Body.Bytes(), &job) == nil && job.ID != "" {
			*draw.jobs = append(*draw.jobs, job.ID)
		}
		_, err := c.check(w.t.Context(), withBody(sent, body), got.Code, got.Header(), got.Body.Bytes())
		if err != nil || got.Code >= http.StatusInternalServerError {
			w.t.Fatalf("%s %s %s: %d %s\n%v", o.method, r.URL, body, got.Code, got.Body, err)
		}
	}
	return done
}
