package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"tongka/internal/wiretest"
)

var update = flag.Bool("update", false, "write the recordings, the examples and the OpenAPI document anew")

// recorder sends the exchanges of a recording one after the other. A request may name what an earlier answer had, and
// is kept with its value.
type recorder struct {
	*world
	entries map[string]int64 // by operation
	coupon  int64
	version int64             // of what was read or changed last
	jobs    map[string]string // their ids, by the operation that asked for them
}

// secrets are made at random, and left out of what is kept.
var secrets = regexp.MustCompile(`("password":"|"whsec_|"tk_)[A-Za-z0-9+/=_-]+`)

// hashes are in ids of events. They are over what is made at random, too.
var hashes = regexp.MustCompile(`(evt_\d+_\d+_)[0-9a-f]{8}`)

var wanted = regexp.MustCompile(`(ENTRY|JOB):(\w+)|COUPON|VERSION`)

// send carries out an exchange. What is random is left out of its answer.
func (r *recorder) send(t *testing.T, x *wiretest.Exchange) *httptest.ResponseRecorder {
	x.Request = wanted.ReplaceAllStringFunc(x.Request, func(name string) string {
		if operation, ok := strings.CutPrefix(name, "ENTRY:"); ok {
			return strconv.FormatInt(r.entries[operation], 10)
		}
		if operation, ok := strings.CutPrefix(name, "JOB:"); ok {
			return r.jobs[operation]
		}
		if name == "VERSION" {
			return strconv.FormatInt(r.version, 10)
		}
		return strconv.FormatInt(r.coupon, 10)
	})
	r.work()
	if strings.Contains(x.Request, Base+"/reports/settlement") { // it would be an example without anything in it
		r.fold()
	}
	got := httptest.NewRecorder()
	r.handler.ServeHTTP(got, wiretest.Request(t, x.Request))
	var known struct {
		Entry   *Entry   `json:"entry"`
		Coupons []Coupon `json:"coupons"`
		Version int64    `json:"version"`
		State   string   `json:"state"`
		ID      any      `json:"id"`
	}
	_ = json.Unmarshal(got.Body.Bytes(), &known) // what other operations answer has neither
	if known.Entry != nil {
		r.entries[x.Field("operation")] = known.Entry.ID
	}
	if id, is := known.ID.(string); is && known.State != "" {
		r.jobs[x.Field("operation")] = id
	}
	if known.Version != 0 {
		r.version = known.Version
	}
	if len(known.Coupons) > 0 {
		r.coupon = known.Coupons[0].ID
	}
	body := bytes.ReplaceAll(got.Body.Bytes(), []byte(got.Header().Get("X-Request-Id")), []byte("REQUEST"))
	body = secrets.ReplaceAll(body, []byte(`${1}SECRET`))
	body = hashes.ReplaceAll(body, []byte(`${1}9f3c01ab`))
	got.Body = bytes.NewBuffer(body)
	return got
}

// Every answer is byte for byte what was recorded. The examples of the document are those of the recordings.
func TestGolden(t *testing.T) {
	examples := map[string]example{}
	var one sync.Mutex
	t.Run("all", func(t *testing.T) {
		wiretest.Run(t, *update, func(t *testing.T, _ *wiretest.Recording) wiretest.Send {
			r := &recorder{world: newWorld(t), entries: map[string]int64{}, jobs: map[string]string{}}
			return func(x *wiretest.Exchange) *httptest.ResponseRecorder {
				got := r.send(t, x)
				if name := x.Field("operation"); name != "" {
					one.Lock()
					examples[name] = exampleOf(x, got)
					one.Unlock()
				}
				return got
			}
		})
	})
	text, err := json.MarshalIndent(examples, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if *update {
		if err := os.WriteFile("examples.json", text, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(text, examplesFile) {
		t.Error("examples.json is not of these recordings: go test ./internal/api -run TestGolden -update")
	}
}

func exampleOf(x *wiretest.Exchange, got *httptest.ResponseRecorder) example {
	_, body, _ := strings.Cut(x.Request, "\n\n")
	return example{Body: asJSON(body), Answer: asJSON(got.Body.String())}
}

// asJSON returns a body as an example has it. That of a file is a text.
func asJSON(body string) json.RawMessage {
	switch body = strings.TrimSpace(body); {
	case body == "":
		return nil
	case json.Valid([]byte(body)):
		return json.RawMessage(body)
	}
	return mustMarshal(body)
}
