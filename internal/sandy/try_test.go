package sandy

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tongka/internal/ledger"
	"tongka/internal/wire"
	"tongka/internal/wiretest"
)

// named matches a field in a heading of the contract.
var named = regexp.MustCompile("`(\\w+)`(\\*?)")

// TestTriedFields: whoever tries an endpoint is offered the fields that the contract has, and those it requires.
func TestTriedFields(t *testing.T) {
	t.Parallel()
	readme := wiretest.Text(t, contracts[0])
	for _, e := range (Tried{}).Endpoints() {
		_, behind, _ := strings.Cut(readme, "### "+heading(e.Name))
		line, _, _ := strings.Cut(behind, "\n")
		want := map[string]bool{}
		for _, m := range named.FindAllStringSubmatch(line, -1) {
			if _, known := want[m[1]]; !known {
				want[m[1]] = m[2] == "*"
			}
		}
		if slices.Contains(changing, e.Name) {
			want["request_id"] = false
		}
		got := map[string]bool{}
		for _, f := range e.Fields {
			got[f.Name] = f.Required
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: got %v, the contract has %v", e.Name, got, want)
		}
	}
}

// sampled returns values for the fields of an endpoint that a till needs.
func sampled(e *wire.Endpoint, values map[string]string) map[string]string {
	all := map[string]string{}
	for _, f := range e.Fields {
		all[f.Name] = f.Sample
		if f.Required {
			all[f.Name] = values[f.Name]
			if all[f.Name] == "" {
				all[f.Name] = f.Sample
			}
		}
	}
	return all
}

// try sends what somebody tries.
func (w *world) try(try wire.Try) *httptest.ResponseRecorder {
	w.t.Helper()
	b, ok := Tried{}.Build(&try)
	if !ok {
		w.t.Fatalf("there is no %s", try.Endpoint)
	}
	r := httptest.NewRequest(b.Method, b.Path, strings.NewReader(b.Body))
	r.Header = b.Header
	return w.send(r)
}

// TestTried: what is made of the fields is carried out, and without one that is required that one is missing.
func TestTried(t *testing.T) {
	t.Parallel()
	all := Tried{}.Endpoints()
	if len(all) != len(endpoints) {
		t.Fatalf("%d of %d endpoints can be tried", len(all), len(endpoints))
	}
	for i := range all {
		e := &all[i]
		w := demoWorld(t)
		w.ask("test", guidPage, "consume", `{"card_id":"wx001","money":5}`)
		values := sampled(e, map[string]string{
			"card_id": "wx001", "key": "wx001", "cardID": "NEW1", "cardLevelID": "1", "pay_type": "1", "request_id": "r1",
		})
		if e.Name == "cancel_lost" {
			w.ask("test", guidPage, "report_lost", `{"card_id":"wx001"}`)
		}
		if e.Name == "refund" {
			values["id"] = strconv.FormatInt(int64(w.last()), 10)
		}
		if e.Name == "consume_score" {
			values["card_id"] = "M000123"
		}
		try := wire.Try{Endpoint: e.Name, Values: values, Shop: ledger.Shop{GUID: guidPage}, Key: "test"}
		for _, f := range e.Fields {
			if !f.Required {
				continue
			}
			without := try
			without.Values = maps.Clone(values)
			delete(without.Values, f.Name)
			if got := w.try(without); !strings.Contains(got.Body.String(), "参数不足:"+f.Name+`"`) {
				t.Errorf("%s without %s: %s", e.Name, f.Name, got.Body)
			}
		}
		if got := w.try(try); got.Code != http.StatusOK || strings.Contains(got.Body.String(), "errcode") {
			t.Errorf("%s: %d %s", e.Name, got.Code, got.Body)
		}
	}
	if _, ok := (Tried{}).Build(&wire.Try{Endpoint: "../consume"}); ok {
		t.Error("made a request to no endpoint")
	}
}
