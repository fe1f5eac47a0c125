package sandy

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// kindWorld is the demo with cards whose numbers are digits only or one letter, and an agent that reads only
// answers with HTTP status 200.
func kindWorld(t testing.TB) *world {
	w := demoWorld(t)
	for _, number := range []string{"20001", "7"} {
		w.do(command.Open{Merchant: 10000, Card: command.NewCard{
			Number: number, Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "张三", Phone: "66538536"},
			Principal: 1000_00,
		}})
	}
	a := ledger.Agent{
		ID: 8, Name: "old tills", TokenHash: auth.Hash("old-token"), Always200: true,
		Grants: []ledger.Grant{{Merchant: 10000, Permissions: ledger.MayRead}},
	}
	if err := w.store.SaveAgent(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	return w.again()
}

// again serves the world anew, with what was put into the store since.
func (w *world) again() *world {
	w.t.Helper()
	return build(w.t, w.now, func(n *world) { n.store = w.store })
}

// TestKind: what tills send in practice is accepted if it can mean only one thing, and refused if it could mean
// two.
func TestKind(t *testing.T) {
	t.Parallel()
	w := kindWorld(t)
	for _, c := range []struct{ endpoint, body, want string }{
		// The vendor's own till sends the discountable subtotal from before rounding down.
		{"consume", `{"card_id":"7","money":10,"money_discount":10.6}`, `"ori_money":10.0`},
		{"consume", `{"card_id":"7","money":10,"money_discount":-1}`, `参数错误:money_discount不能为负数`},
		// Integers are read as their digits.
		{"getcardinfo", `{"card_id":20001}`, `"card_id":"20001"`},
		{"getcardinfo", `{"card_id":7}`, `"card_id":"7"`},
		{"getcardinfo", `{"card_id":20001.0}`, `参数类型错误:card_id`},
		{"getcardinfo", `{"card_id":2e4}`, `参数类型错误:card_id`},
		{"getcards", `{"key":20001}`, `"card_id":"20001"`},
		{
			"cardopen", `{"cardID":30001,"cardLevelID":1,"uname":"李四","phone":13800138000}`,
			`"phone":"13800138000","amount":0.0,"card_id":"30001"`,
		},
		{"modcardinfo", `{"card_id":30001,"phone":66538537}`, `"phone":"66538537"`},
		{"modcardinfo", `{"card_id":30001,"uname":5}`, `参数类型错误:uname`},
		// Numbers may be amounts as doubles are printed; texts must be exact.
		{"consume", `{"card_id":"7","money":19.989999999999998}`, `"ori_money":19.99`},
		{"consume", `{"card_id":"7","money":"19.989999999999998"}`, `参数错误:money最多两位小数`},
		{"consume", `{"card_id":"7","money":19.985}`, `参数错误:money最多两位小数`},
		{"consume", `{"card_id":"7","money":"1.00000000000000000000000000000000000000"}`, `"ori_money":1.0`},
		{"consume_score", `{"card_id":"7","score":1.000000000000000000000000000000000000}`, `"cur_score"`},
		{"consume", `{"card_id":"7","money":0}`, `参数错误:money必须大于0`},
		{"consume", `{"card_id":"7","money":-5}`, `参数错误:money必须大于0`},
		{"consume", `{"card_id":"7","money":99999999999}`, `参数错误:money金额过大`},
		// Numbers of cards in any letter case and with space, shown as they were first written.
		{"getcardinfo", `{"card_id":" WX001 "}`, `"card_id":"wx001"`},
		{"recharge", `{"card_id":"Wx001","money":1,"pay_type":1}`, `"card_id":"wx001"`},
		{"consume", `{"card_id":"WX001","money":1}`, `"card_id":"wx001"`},
		{"getcardhis", `{"card_id":"WX001"}`, `"type":7`},
		{"cardopen", `{"cardID":"WX001","cardLevelID":1,"uname":"李四","phone":"1"}`, `"errcode":"3"`},
		{
			"cardopen", `{"cardID":"1234567890123456789012345678901234567890","cardLevelID":1,"uname":"李四","phone":"1"}`,
			`"card_id":"1234567890123456789012345678901234567890"`,
		},
		{"getcardinfo", `{"card_id":"  "}`, `参数不足:card_id`},
		// A page size above the limit is reduced.
		{"getcardhis", `{"card_id":"7","page_size":501}`, `"page_size":500`},
		{"getcardhis", `{"card_id":"7","page_size":100000}`, `"page_size":500`},
		// Half a character beside U+FFFD itself.
		{"modcardinfo", `{"card_id":"7","uname":"` + "\ufffd" + `\ud800"}`, `参数错误:请求内容含半个字符`},
		{"modcardinfo", `{"card_id":"7","uname":"\ufffd\ud800"}`, `参数错误:请求内容含半个字符`},
		{"modcardinfo", `{"card_id":"7","uname":"a\ufffd"}`, "\"uname\":\"a\ufffd\""},
		{"modcardinfo", "{\"card_id\":\"7\",\"uname\":\"\xc4\xe3\"}", `参数错误:请求内容不是UTF-8编码`},
	} {
		if got := w.ask("test", guidPage, c.endpoint, c.body); got.Code != 200 ||
			!strings.Contains(got.Body.String(), c.want) {
			t.Errorf("%s %s: got %d %s, want %s", c.endpoint, c.body, got.Code, got.Body, c.want)
		}
	}
}

// TestRepeatedHeaders: a header sent twice with different values is refused by name, because a proxy or a retry
// may change their order. Equal values count as one.
func TestRepeatedHeaders(t *testing.T) {
	t.Parallel()
	w := kindWorld(t)
	const body = `{"card_id":"7","money":1}`
	consume := func(body string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, Base+"consume", strings.NewReader(body))
		for i := 0; i < len(headers); i += 2 {
			r.Header.Add(headers[i], headers[i+1])
		}
		return w.send(r)
	}
	const who, where, name = "AUTHORIZATION", "CUSTOMERGUID", "Idempotency-Key"
	for _, c := range []struct {
		body    string
		headers []string
		want    string
	}{
		{body, []string{who, "test", who, "reader-token", where, guidPage}, "参数错误:AUTHORIZATION有多个不同的值"},
		{body, []string{who, "test", who, "Bearer test", where, guidPage, name, "a"}, `"ori_money":1.0`},
		{body, []string{who, "test", where, guidPage, where, guidSweets}, "参数错误:CUSTOMERGUID有多个不同的值"},
		{body, []string{who, "test", where, guidPage, where, strings.ToLower(guidPage), name, "b"}, `"ori_money":1.0`},
		{body, []string{who, "test", where, guidPage, name, "x", name, "y"}, "参数错误:request_id有多个不同的值"},
		{body, []string{who, "test", where, guidPage, name, "y", name, "x"}, "参数错误:request_id有多个不同的值"},
		{body, []string{who, "test", where, guidPage, name, "x", name, "x"}, `"ori_money":1.0`},
		{body, []string{who, "test, Bearer test", where, guidPage + "," + guidPage, name, "x, x"}, `"ori_money":1.0`}, // again
		{body, []string{who, "test,reader-token", where, guidPage}, "参数错误:AUTHORIZATION有多个不同的值"},
		{body, []string{who, "test", where, guidPage + ", " + guidSweets}, "参数错误:CUSTOMERGUID有多个不同的值"},
		{body, []string{who, "test", where, guidPage, name, "x, y"}, "参数错误:request_id有多个不同的值"},
		{`{"card_id":"7","money":1,"request_id":" x "}`, []string{who, "test", where, guidPage}, `"ori_money":1.0`}, // again
		{
			`{"card_id":"7","money":1,"request_id":" x"}`, []string{who, "test", where, guidPage, name, "x,x"},
			`"ori_money":1.0`, // again
		},
		{
			`{"card_id":"7","money":1,"request_id":"y"}`, []string{who, "test", where, guidPage, name, "x"},
			"参数错误:request_id有多个不同的值",
		},
		{body, []string{who, "test", where, guidPage, name, ""}, "参数错误:request_id不能为空"},
		{body, []string{who, "test", where, guidPage, name, "", name, "x"}, "参数错误:request_id有多个不同的值"},
		{`{"card_id":"7","money":1,"request_id":""}`, []string{who, "test", where, guidPage}, "参数错误:request_id不能为空"},
		{`{"card_id":"7","money":1,"request_id":"  "}`, []string{who, "test", where, guidPage}, "参数错误:request_id不能为空"},
		{
			`{"card_id":"7","money":1,"request_id":""}`, []string{who, "test", where, guidPage, name, "x"},
			"参数错误:request_id有多个不同的值",
		},
		{`{"card_id":"7","money":1,"request_id":null}`, []string{who, "test", where, guidPage, name, "n"}, `"ori_money":1.0`},
	} {
		if got := consume(c.body, c.headers...); !strings.Contains(got.Body.String(), c.want) {
			t.Errorf("%s %q: got %s, want %s", c.body, c.headers, got.Body, c.want)
		}
	}
	if got := w.ask("test", guidPage, "getcardinfo", `{"card_id":"7"}`); !strings.Contains(got.Body.String(),
		`"sum_consume":4.0`) {
		t.Errorf("want four bills carried out, got %s", got.Body)
	}
}

// TestAlways200: an agent that reads only answers with HTTP status 200 gets refusals with 200, and failures still
// with 500. A caller who is not identified as that agent gets the usual status.
func TestAlways200(t *testing.T) {
	t.Parallel()
	w := kindWorld(t)
	send := func(method, path, token string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(`{"card_id":"7","money":1}`))
		r.Header.Set("AUTHORIZATION", token)
		r.Header.Set("CUSTOMERGUID", guidPage)
		return w.send(r)
	}
	for _, c := range []struct {
		method, path, token, code string
		status                    int
	}{
		{"POST", Base + "consume", "old-token", "403", 200},
		{"POST", Base + "consume", "reader-token", "403", 403},
		{"POST", Base + "nothing", "old-token", "400", 200},
		{"POST", Base + "nothing", "test", "400", 404},
		{"GET", Base + "consume", "old-token", "400", 200},
		{"GET", Base + "consume", "test", "400", 405},
		{"POST", Base + "consume", "nobody", "401", 401},
	} {
		got := send(c.method, c.path, c.token)
		if want := `"errcode":"` + c.code + `"`; got.Code != c.status || !strings.Contains(got.Body.String(), want) {
			t.Errorf("%+v: got %d %s", c, got.Code, got.Body)
		}
	}
	for _, token := range []string{"old-token", "test"} {
		w.log.Reset()
		send("POST", Base+"nothing", token)
		if log := w.log.String(); !strings.Contains(log, `"path":"`+Base+`nothing"`) {
			t.Errorf("%s: no path in the log: %s", token, log)
		}
	}
	always := &ledger.Agent{Always200: true}
	for f, want := range map[fault]int{
		faultInternal: 500, faultOpen: 504, faultNotDone: 200, faultBusy: 200, faultDenied: 200, faultExpired: 200,
	} {
		if got := f.statusFor(always); got != want {
			t.Errorf("%v: status %d, want %d", f, got, want)
		}
	}
}
