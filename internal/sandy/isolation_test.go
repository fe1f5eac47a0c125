package sandy

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/wiretest"
)

// canaries are the data of the merchant that the agent "test" is not granted.
var canaries = []string{"secret-canary-holder", "13900009999", "88.88", "8888", "别家餐厅", "10003"}

// asked returns a body that asks an endpoint for the card of that merchant.
func asked(endpoint string) string {
	switch endpoint {
	case "getcards":
		return `{"key":"secret"}`
	case "cardopen":
		return `{"cardID":"S000001","cardLevelID":1,"uname":"u","phone":"1"}`
	case "recharge":
		return `{"card_id":"S000001","money":1,"pay_type":1}`
	case "consume":
		return `{"card_id":"S000001","money":1}`
	case "modcardinfo":
		return `{"card_id":"S000001","uname":"x"}`
	case "consume_score":
		return `{"card_id":"S000001","score":1}`
	}
	return `{"card_id":"S000001","id":1,"endpoint":"consume","request_id":"r"}`
}

// TestTenantIsolation: at every endpoint, a merchant that is not granted is answered like one that does not
// exist, and nothing of it is in any answer, header or line of the log (invariant 35).
func TestTenantIsolation(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			w := demoWorld(t)
			foreign := w.ask("test", guidOther, e.name, asked(e.name))
			nobody := w.ask("test", guidNobody, e.name, asked(e.name))
			if a, b := wiretest.AnswerText(foreign), wiretest.AnswerText(nobody); a != b {
				t.Errorf("a foreign merchant answers\n%s\nan unknown one\n%s", a, b)
			}
			wantFault(t, foreign, 403, "403", "没有权限")
			seen := wiretest.AnswerText(foreign)
			for _, guid := range []string{guidPage, guidBranch, guidSweets, guidExpired} {
				seen += wiretest.AnswerText(w.ask("test", guid, e.name, asked(e.name)))
			}
			seen += facts(t, w.log.String())
			for _, secret := range canaries {
				if strings.Contains(seen, secret) {
					t.Errorf("%q is in %s", secret, seen)
				}
			}
		})
	}
}

// TestPermissions: an agent may do what it was granted and nothing else.
func TestPermissions(t *testing.T) {
	t.Parallel()
	reads := map[string]bool{
		"cardlevellist": true, "getrechargerules": true, "getcards": true, "getcardinfo": true, "getcardhis": true,
		"request": true,
	}
	w := demoWorld(t)
	for _, e := range endpoints {
		steps := bodies[e.name]
		got := w.ask("reader-token", guidPage, e.name, steps[len(steps)-1].body)
		if allowed := faultIn(got).Code != "403"; allowed != reads[e.name] {
			t.Errorf("%s: reading only, got %s", e.name, got.Body)
		}
	}
}

// TestMissingPermissionIsLogged: the log names the permission that an agent lacked at which merchant, and tells a GUID
// that nobody has from a grant that is missing. The answers do not.
func TestMissingPermissionIsLogged(t *testing.T) {
	t.Parallel()
	w := demoWorld(t)
	for _, e := range endpoints {
		if e.may == ledger.MayRead {
			continue
		}
		w.log.Reset()
		wantFault(t, w.ask("reader-token", guidPage, e.name, `{}`), 403, "403", "没有权限")
		for _, want := range []string{
			`"error":"the agent lacks permission at the merchant: ` + e.may.String() + `"`, `"merchant":10000`,
		} {
			if !strings.Contains(w.log.String(), want) {
				t.Errorf("%s: %s is not in the log: %s", e.name, want, w.log)
			}
		}
	}
	w.log.Reset()
	wantFault(t, w.ask("reader-token", guidOther, "consume", `{}`), 403, "403", "没有权限")
	const noGrant = `"error":"the agent has no grant at the merchant it named, and needs: consume"`
	if !strings.Contains(w.log.String(), noGrant) {
		t.Errorf("another's merchant: %s", w.log)
	}
	w.log.Reset()
	wantFault(t, w.ask("reader-token", guidNobody, "consume", `{}`), 403, "403", "没有权限")
	if log := w.log.String(); !strings.Contains(log, errNoPlace.Error()) || strings.Contains(log, guidNobody) {
		t.Errorf("a GUID that nobody has: %s", log)
	}
	if strings.Contains(w.log.String(), "reader-token") {
		t.Errorf("the token is in the log: %s", w.log)
	}
}

// TestSameNumberElsewhere: one number stands for different cards at different merchants.
func TestSameNumberElsewhere(t *testing.T) {
	t.Parallel()
	w := demoWorld(t)
	wantFault(t, w.ask("test", guidPage, "consume", `{"card_id":"M000123","money":100}`), 200, "", "")
	got := w.ask("test", guidSweets, "getcardinfo", `{"card_id":"M000123"}`)
	if !strings.Contains(got.Body.String(), `"amount":14573.8,`) {
		t.Errorf("the other merchant's card has moved: %s", got.Body)
	}
}

// TestRequestIDsAreApart: an id is a separate request for each agent, merchant and endpoint (invariant 17).
func TestRequestIDsAreApart(t *testing.T) {
	t.Parallel()
	w := build(t, time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC), func(w *world) {
		fillDemo(w)
		w.agent(4, "second", "second-token", everything(10000)...)
	})
	const body = `{"card_id":"M000123","money":"100","pay_type":1,"request_id":"r-1"}`
	for _, test := range []struct {
		token, guid, endpoint string
		replayed              string
	}{
		{"test", guidPage, "recharge", ""},
		{"second-token", guidPage, "recharge", ""},
		{"test", guidSweets, "recharge", ""},
		{"test", guidPage, "consume", ""},
		{"test", guidBranch, "recharge", "true"}, // a shop shares its merchant's requests
		{"second-token", guidPage, "recharge", "true"},
	} {
		got := w.ask(test.token, test.guid, test.endpoint, body)
		wantFault(t, got, 200, "", "")
		if replayed := got.Header().Get("Idempotent-Replayed"); replayed != test.replayed {
			t.Errorf("%+v: replayed is %q", test, replayed)
		}
	}
}

// TestRequestOfNoEntry: a row of a request that stands for no entry, as somebody may have put it into the database, is
// no proof that a bill was paid.
func TestRequestOfNoEntry(t *testing.T) {
	t.Parallel()
	const body = `{"card_id":"M000123","money":"500","request_id":"FREE-1"}`
	w := build(t, time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC), func(w *world) {
		fillDemo(w)
		asked, err := parseObject([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		sum := asked.fingerprint()
		r := ledger.Request{
			Merchant: 10000, Key: ledger.RequestKey{Agent: 1, Scope: "sandy/consume", ID: "FREE-1"},
			Fingerprint: ledger.Fingerprint(sum[:8]), Answer: []byte(`{"amount":"500.00"}`),
		}
		r.Name = r.Key.Name()
		r.Proof = r.Evidence()
		head := w.head(10000)
		if err := w.store.Save(t.Context(), command.Changes{Head: &head, Requests: []ledger.Request{r}}); err != nil {
			t.Fatal(err)
		}
	})
	before := w.head(10000).LastEntry
	got := w.ask("test", guidPage, "consume", body)
	wantFault(t, got, 500, codeInternal, "内部错误")
	if got.Header().Get("Idempotent-Replayed") != "" || w.head(10000).LastEntry != before {
		t.Errorf("it was answered as repeated, or carried out: %v", got.Header())
	}
	if log := w.log.String(); !strings.Contains(log, "stands for no entry") {
		t.Errorf("the log does not say why: %s", log)
	}
}

// TestLogKeepsSecrets: no card number, name, phone, token or amount that was sent or answered is in the log
// (invariant 45).
func TestLogKeepsSecrets(t *testing.T) {
	t.Parallel()
	w := statusWorld(t)
	var answers []*httptest.ResponseRecorder
	for _, e := range endpoints {
		for _, s := range bodies[e.name] {
			answers = append(answers, w.ask("test", guidPage, e.name, s.body), w.ask("wrong-token", guidPage, e.name, s.body))
		}
	}
	answers = append(answers,
		w.ask("test", guidPage, "getcardinfo?card_id=wx001&phone=13800000002", `{"card_id":"wx001"}`))
	log := facts(t, w.log.String())
	if got, want := strings.Count(log, `"msg":"request"`), len(answers); got != want {
		t.Errorf("%d lines for %d requests", got, want)
	}
	for _, secret := range []string{
		"wx001", "wx002", "LOST01", "BACK01", "47302320", "M000123", "13800000002", "李小红", "状态", "wrong-token",
		"DEFAULT-AUTO", "1310", "errmsg", "phone=",
	} {
		if strings.Contains(log, secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	for _, fact := range []string{
		`"route":"/api2/member-cjb/consume"`, `"agent":"test"`, `"merchant":10000`, `"method":"POST"`,
		`"outcome":"ok"`, `"outcome":"401"`, `"outcome":"4"`, `"reason":"balance is too low"`, `"reason":"参数不足:card_id"`,
		`"status":401`, fmt.Sprintf(`"bytes":%d`, len(`{"card_id":"NOPE"}`)),
	} {
		if !strings.Contains(log, fact) {
			t.Errorf("%s is not in the log", fact)
		}
	}
}

// facts returns the log without times, ids and other random values, in which any four digits may turn up some
// day.
func facts(t *testing.T, log string) string {
	t.Helper()
	var kept strings.Builder
	for line := range strings.Lines(log) {
		var attrs map[string]any
		if err := json.Unmarshal([]byte(line), &attrs); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		for _, chance := range []string{"time", "id", "us"} {
			if attrs[chance] == nil {
				t.Errorf("no %s in %s", chance, line)
			}
			delete(attrs, chance)
		}
		rest, err := json.Marshal(attrs)
		if err != nil {
			t.Fatal(err)
		}
		kept.Write(append(rest, '\n'))
	}
	return kept.String()
}
