package dc78

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// TestTransOfThePage: what the published page says of mb_trans and a consume. LEVEL6 earns 1.5 points a yuan.
func TestTransOfThePage(t *testing.T) {
	t.Parallel()
	w := demo(t)
	for _, test := range []struct{ get, want string }{
		{
			"action=1&mbno=LEVEL6&amt=10&createpay=1&ref=a",
			`"id":"14","mbno":"LEVEL6","amt":"10.00","balance":"90.00","bns_balance":"0.00","points":"15","ref":"a","payid":"14","server`,
		},
		{
			"action=1&mbno=LEVEL6&amt=10&createpay=0&ref=b",
			`"balance":"80.00","bns_balance":"0.00","points":"30","ref":"b","server`,
		},
		{"action=1&mbno=LEVEL6&amt=10&nobonus=1&ref=c", `"balance":"70.00","bns_balance":"0.00","points":"30","ref":"c"`},
		{"action=1&mbno=LEVEL6&amt=10&ptamt=4&ref=d", `"balance":"60.00","bns_balance":"0.00","points":"36","ref":"d"`},
		// points are never earned on more than was paid
		{"action=1&mbno=LEVEL6&amt=10&ptamt=99&ref=e", `"balance":"50.00","bns_balance":"0.00","points":"51","ref":"e"`},
		{
			"action=1&mbno=LEVEL6&amt=10&ptamt=0&bonus=5&ref=f",
			`"balance":"40.00","bns_balance":"0.00","points":"66","ref":"f"`,
		},
		{
			"action=1&mbno=LEVEL6&amt=10&ptamt=4&nobonus=1&ref=g",
			`"balance":"30.00","bns_balance":"0.00","points":"66","ref":"g"`,
		},
		// bonus belongs to a recharge and has no effect here
		{"action=1&mbno=LEVEL6&amt=10&bonus=x&ref=h", `"balance":"20.00","bns_balance":"0.00","points":"81","ref":"h"`},
		{
			"action=0&mbno=LEVEL6&amt=10&createpay=1&nobonus=1&ref=i",
			`"balance":"30.00","bns_balance":"0.00","points":"81","ref":"i","server`,
		},
	} {
		wantPart(t, w.ask("10021", pageKey, "mb_trans", test.get), test.want)
	}
	// Its level gives 1 yuan back for each 500.
	wantPart(t, w.ask("10021", pageKey, "mb_trans", "action=1&mbno=47302320&amt=500&nobonus=1&ref=x"), `"points":"310"`)
	entries := w.books.of[10000].Pending().Entries
	if kind := entries[len(entries)-1].Kind; kind != ledger.Consumed {
		t.Errorf("the newest entry is a %v, want no cash back", kind)
	}
}

// TestNewcardOfAnotherSystem: mb_check returns the other system's card that is bound to a new one, and who
// referred its holder.
func TestNewcardOfAnotherSystem(t *testing.T) {
	t.Parallel()
	w := demo(t)
	const card = `"cardno":"70000001","name":"西瓜","phone":"18862302465","sex":1,"extid":"5001","password":"845913"`
	got := w.post("10021", "op=a",
		`{"list":[{`+card+
			`,"card_no":"A90866","card_type":"5","card_name":"老卡","card_balance":12.299999999999999,"card_points":7,"refId":"1234567890"}]}`)
	wantPart(t, got, `"cardno":"70000001"`)
	got = w.ask("10021", pageKey, "mb_check", "mbno=70000001")
	wantPart(t, got,
		`"card_no":"A90866","card_type":"5","card_name":"老卡","card_balance":"12.30","type":2,"card_points":"7"`)
	wantPart(t, got, `"refId":"1234567890"`)
	wantPart(t, got, `"mbid":"10000"`)
	wantPart(t, got, `"src_msid":"10021"`)
	got = w.post("10021", "op=b",
		`{"list":[{`+strings.NewReplacer("70000001", "70000002", "5001", "5002").Replace(card)+`,"card_no":"`+
			strings.Repeat("9", ledger.MaxNumber+1)+`"}]}`)
	wantFault(t, got, http.StatusOK, "第1张卡:参数错误:card_no(最多40个字)")
}

// TestRepeatedParameters: a parameter with two different values in a query is refused by name. With the same
// value twice it counts once.
func TestRepeatedParameters(t *testing.T) {
	t.Parallel()
	w := demo(t)
	send := func(more string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/Api/mb_check?msid=10021&timestamp=1566296953&nonce=a1b2c3d4&mbno=PLAIN1",
			nil)
		r = w.signed(r, pageKey)
		r.URL.RawQuery += more
		return w.send(r)
	}
	for more, want := range map[string]string{
		"&mbno=LEVEL6": "请求格式错误:参数重复:mbno",
		"&msid=10022":  "请求格式错误:参数重复:msid",
		"&mbno=":       "请求格式错误:参数重复:mbno",
		"&mbno=PLAIN1": `"mbno":"PLAIN1"`,
	} {
		if got := send(more).Body.String(); !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s in it", more, got, want)
		}
	}
}

// TestEmptyRef: a business number that is sent empty would protect nothing, and is refused by name.
func TestEmptyRef(t *testing.T) {
	t.Parallel()
	w := demo(t)
	for _, get := range []string{"ref=", "ref=+"} {
		wantFault(t, w.ask("10021", pageKey, "mb_trans", "action=1&mbno=LEVEL6&amt=1&"+get), http.StatusOK, "参数错误:ref(不能为空)")
		wantFault(t, w.ask("10021", pageKey, "mb_pttrans", "mbno=LEVEL6&pt=1&"+get), http.StatusOK, "参数错误:ref(不能为空)")
		wantFault(t, w.ask("10021", pageKey, "co_send", "mbno=LEVEL6&deid=28200&"+get), http.StatusOK, "参数错误:ref(不能为空)")
		wantFault(t, w.post("10021", get, `{"list":[{"cardno":"70000003","name":"a","phone":"1","sex":1}]}`), http.StatusOK,
			"参数错误:ref(不能为空)")
	}
	wantPart(t, w.ask("10021", pageKey, "mb_check", "mbno=LEVEL6&ref="), `"mbno":"LEVEL6"`)
}
