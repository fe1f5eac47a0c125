package dc78

import (
	"encoding/json"
	"maps"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/scheme"
	"tongka/internal/wire"
	"tongka/internal/wiretest"
)

// TestTriedFields: whoever tries an action is offered fields that the contract has for it.
func TestTriedFields(t *testing.T) {
	t.Parallel()
	readme := wiretest.Text(t, contracts[0])
	named := regexp.MustCompile("`(\\w+)`")
	for _, e := range (Tried{}).Endpoints() {
		action, _, _ := strings.Cut(e.Name, "/")
		_, behind, _ := strings.Cut(readme, "### "+action)
		told, _, _ := strings.Cut(behind, "\n### ")
		var known []string
		for _, m := range named.FindAllStringSubmatch(told, -1) {
			known = append(known, m[1])
		}
		for _, f := range e.Fields {
			if !slices.Contains(known, f.Name) {
				t.Errorf("%s: the contract has no %s", e.Name, f.Name)
			}
		}
	}
}

// built makes a request of shop 10021, whose tills sign by a scheme.
func (w *world) built(told scheme.Scheme, try wire.Try) (wire.Built, bool) {
	try.Agent, try.Shop = &ledger.Agent{Scheme: told.String()}, ledger.Shop{ID: 10021}
	return Tried{Clock: func() time.Time { return w.now }}.Build(&try)
}

// try sends what somebody tries.
func (w *world) try(told scheme.Scheme, try wire.Try) *httptest.ResponseRecorder {
	w.t.Helper()
	b, ok := w.built(told, try)
	if !ok {
		w.t.Fatalf("there is no %s", try.Endpoint)
	}
	r := httptest.NewRequest(b.Method, b.Path+"?"+b.Query, strings.NewReader(b.Body))
	r.Header = b.Header
	return w.send(r)
}

func schemeOf(t *testing.T, kind string, settings ...string) scheme.Scheme {
	t.Helper()
	s, err := scheme.New(kind)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range settings {
		name, value, _ := strings.Cut(one, "=")
		if err := s.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// TestTried: every action can be tried, is carried out with the fields it needs, and without one of them that one is
// missing.
func TestTried(t *testing.T) {
	t.Parallel()
	own := schemeOf(t, scheme.HMAC)
	all := Tried{}.Endpoints()
	for i := range actions {
		if !slices.ContainsFunc(all, func(e wire.Endpoint) bool { return strings.HasPrefix(e.Name, actions[i].name) }) {
			t.Errorf("%s cannot be tried", actions[i].name)
		}
	}
	for i := range all {
		e := &all[i]
		w := demo(t)
		values := w.values(t, e)
		try := wire.Try{Endpoint: e.Name, Values: values, Key: pageKey}
		for _, f := range e.Fields {
			if !f.Required || f.Fixed {
				continue
			}
			without := try
			without.Values = maps.Clone(values)
			delete(without.Values, f.Name)
			if got := w.try(own, without); !strings.Contains(got.Body.String(), "缺少参数:"+f.Name+`"`) {
				t.Errorf("%s without %s: %s", e.Name, f.Name, got.Body)
			}
		}
		if got := w.try(own, try); strings.Contains(got.Body.String(), `"status":"0"`) {
			t.Errorf("%s: %s", e.Name, got.Body)
		}
	}
}

// before is what has to be done so that an action can be: its id is that of the last.
var before = map[string][]string{
	"mb_trans/3": {"mb_trans/2"}, "mb_refund/1": {"mb_trans/1"}, "mb_refund/0": {"mb_trans/0"},
	"mb_state/1": {"mb_state/0"}, "mb_invoice/0": {"mb_trans/0"}, "mb_invoice/1": {"mb_trans/0", "mb_invoice/0"},
}

// values returns what a till sends for an action, after what has to be done before.
func (w *world) values(t *testing.T, e *wire.Endpoint) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, f := range e.Fields {
		all[f.Name] = f.Sample
	}
	maps.Copy(all, map[string]string{
		"mbno": "47302320", "ref": "r1", "deid": "28200", "level": "1", "cardno": "TRY001", "paytype": "wx",
	})
	for i, first := range before[e.Name] {
		values := maps.Clone(all)
		values["ref"], values["amt"] = "before-"+strconv.Itoa(i), "1"
		got := w.try(schemeOf(t, scheme.HMAC), wire.Try{Endpoint: first, Values: values, Key: pageKey})
		var answer struct{ ID string }
		if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil || answer.ID == "" {
			t.Fatalf("%s: %s, %v", first, got.Body, err)
		}
		all["id"] = answer.ID
	}
	return all
}

// TestTriedSchemes: a request is signed as the tills of the agent sign, and with no key or another it is refused. The
// text that is signed is told without the key.
func TestTriedSchemes(t *testing.T) {
	t.Parallel()
	for _, settings := range []string{
		"key=suffix", "form=upper;key=prefix;secret=suffix;join=;pair=namevalue",
		"msid_name=shop_id;time_name=t;nonce_name=r;sign_name=sig;time=required;nonce=required;time_form=ms",
		"time_form=yyyyMMddHHmmss;time=required;nonce=ignored", "order=raw;system=first;join=",
		"sign_in=header;sign_name=X-Sign;msid_in=header;msid_name=X-Shop", "post=raw",
		"sign_in=get;msid_in=get;digest=hmac-sha256;key=hmac;form=base64;time=ignored",
	} {
		w := demo(t)
		told := schemeOf(t, scheme.Custom, strings.Split(settings, ";")...)
		customShop(t, w, strings.Split(settings, ";")...)
		try := wire.Try{Endpoint: "mb_check", Values: map[string]string{"mbno": "PLAIN1"}, Key: pageKey, Secret: devSecret}
		wantPart(t, w.try(told, try), `"mbno":"PLAIN1"`)
		try.Key = otherKey
		wantFault(t, w.try(told, try), 401, faultCredentials.info)
		try.Key = ""
		if got := w.try(told, try); got.Code != 401 {
			t.Errorf("%s: without a key: %d %s", settings, got.Code, got.Body)
		}
		b, _ := w.built(told, wire.Try{Endpoint: "mb_check", Values: try.Values, Key: pageKey, Secret: devSecret})
		if b.Sign == "" || !strings.Contains(b.Signed, "PLAIN1") || strings.Contains(b.Signed, pageKey) ||
			strings.Contains(b.Signed, devSecret) {
			t.Errorf("%s: signs %q by %q", settings, b.Signed, b.Sign)
		}
	}
}

// TestTriedUnsigned: of a shop whose tills do not sign nothing but the address tells.
func TestTriedUnsigned(t *testing.T) {
	t.Parallel()
	w := demo(t)
	told := schemeOf(t, scheme.None)
	access := w.shops["10021"]
	access.Scheme = None{Scheme: &told}
	w.shops["10021"] = access
	wantPart(t, w.try(told, wire.Try{Endpoint: "mb_check", Values: map[string]string{"mbno": "PLAIN1"}}), `"mbno":"PLAIN1"`)
}

// What gives back or away is said to, each by a name that there is.
func TestTriedThatGive(t *testing.T) {
	var found []string
	for _, e := range (Tried{}).Endpoints() {
		if e.Gives {
			found = append(found, e.Name)
		}
	}
	if slices.Sort(found); !slices.Equal(found, slices.Sorted(slices.Values(gives))) {
		t.Errorf("got %q", found)
	}
}
