package exchange

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

// memory is a store that keeps what is saved.
type memory struct{ all []ledger.Exchange }

func (m *memory) AddExchanges(_ context.Context, all []ledger.Exchange) error {
	m.all = append(m.all, all...)
	return nil
}

var noon = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)

// sent is a request with its answer, of agent 3 at merchant 1 unless note says otherwise.
type sent struct {
	url, body, answer string
	header            http.Header
	note              httpd.Note
	took              time.Duration
}

func (s sent) exchange() httpd.Exchange {
	r := httptest.NewRequest(http.MethodPost, s.url, nil)
	if s.header != nil {
		r.Header = s.header
	}
	n := s.note
	n.Keep, n.ID = true, "ID"
	return httpd.Exchange{
		Note: &n, Request: r, At: noon, Took: s.took, Status: 200, Body: []byte(s.body), Answer: []byte(s.answer),
		BodyLen: int64(len(s.body)), AnswerLen: int64(len(s.answer)),
	}
}

func known(outcome string) httpd.Note {
	return httpd.Note{Merchant: 1, AgentID: 3, Shop: 11, Dialect: "dc78", Endpoint: "mb_trans", Outcome: outcome}
}

// recorded returns what a recorder keeps of some exchanges.
func recorded(t *testing.T, all ...sent) []ledger.Exchange {
	t.Helper()
	store := &memory{}
	r := New(store, slog.New(slog.DiscardHandler), func() time.Time { return noon })
	for _, s := range all {
		r.Take(s.exchange())
	}
	for r.save(t.Context()) {
	}
	return store.all
}

// What is kept says what was sent and answered, and has no secret, no whole phone and no code by which somebody pays.
func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	canaries := []string{
		"hunter2", "654321", "18612342465", "13900001111", "330106199001011234", "77123456789012345678", "tok-canary", "0a42919f",
		"o9gBSxJJlVsT6GZvwPVayMh49OfE", "http://bind", "134567890123456789", "0123456789abcdef", "c2lnbmVkIGJ5IHNvbWVib2R5",
	}
	got := recorded(t,
		sent{
			url: "/Api?msid=11&nonce=n1&timestamp=1&sign=0a42919f876c", note: known("ok"),
			header: http.Header{"Authorization": {"tok-canary"}, "Content-Type": {"application/json"}, "Cookie": {"tok-canary"}},
			body: `{"action":{"action":"mb_trans"},"get":{"mbno":"M0001","vericode":654321,"amt":12.50,"phone":"18612342465",
				"openid":"o9gBSxJJlVsT6GZvwPVayMh49OfE","open_id":"o9gBSxJJlVsT6GZvwPVayMh49OfE","note":"call 13900001111, 13900001111"},
				"post":{"list":[{"password":"hunter2","idnumber":"330106199001011234","name":"张三 <b>"}]}}`,
			answer: `{"status":"1","pwd":"hunter2","bind_qr":"http://bind/x","phone":"18612342465","balance":"1.00"}`,
		},
		sent{
			url: "/Api/mb_check?msid=11&mac=0123456789abcdef0123456789ABCDEF&h=c2lnbmVkIGJ5IHNvbWVib2R5IQ%3D%3D&mbno=77123456789012345678&password=hunter2", note: known("ok"),
			body: "Sign=0a42919f&mbno=134567890123456789&vericode=654321&phone=18612342465",
		},
	)
	if len(got) != 2 {
		t.Fatalf("kept %d", len(got))
	}
	for _, x := range got {
		for _, canary := range canaries {
			if strings.Contains(x.Told, canary) {
				t.Errorf("%s is in %s", canary, x.Told)
			}
		}
	}
	told, err := ledger.ParseTold(got[0].Told)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"action":{"action":"mb_trans"},"get":{"mbno":"M0001","vericode":"******","amt":12.50,"phone":"186****2465",` +
		`"openid":"o9****9OfE","open_id":"o9****9OfE","note":"call 139****1111, 139****1111"},` +
		`"post":{"list":[{"password":"******","idnumber":"33****1234","name":"张三 <b>"}]}}`
	if told.Body != want {
		t.Errorf("got  %s\nwant %s", told.Body, want)
	}
	if got[0].Card != "M0001" || got[1].Card != "" || got[0].Agent != 3 || got[0].Mark != ledger.ExchangeFine {
		t.Errorf("kept as %+v", got)
	}
	names := ""
	for _, h := range told.Header {
		names += h.Name + "=" + h.Value + " "
	}
	if names != "Authorization= Content-Type=application/json Cookie= " {
		t.Errorf("headers: %s", names)
	}
}

// A GUID in braces is no JSON that was cut off.
func TestGUIDIsKept(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"{DEFAULT-AUTO-8E5A-BDE2-34ABA1BD956C9}": "{DEFAULT-AUTO-8E5A-BDE2-34ABA1BD956C9}",
		`{"pwd":"hunter2"}`:                      `{"pwd":"******"}`,
		`{"pwd`:                                  "{…",
	} {
		if got := masked("", value); got != want {
			t.Errorf("%s: %s, want %s", value, got, want)
		}
	}
}

// Secrets are found wherever they stand: in JSON within other values, under longer names, behind a mark, and in what is
// neither a form nor JSON.
func TestSecretsWithinOthersAreMasked(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]sent{
		"JSON in a form":         {body: "data=%7B%22password%22%3A%22hunter2%22%7D&mbno=M1"},
		"JSON in a query":        {url: "/Api?data=%20%7B%22password%22%3A%22hunter2%22%7D"},
		"cut JSON in a form":     {body: "data=%7B%22password%22%3A%22hunter2"},
		"JSON in JSON":           {body: `{"data":"{\"a\":\"[{\\\"pwd\\\":\\\"hunter2\\\"}]\"}"}`},
		"a JSON text in a form":  {body: `data="{\"pwd\":\"hunter2\"}"`},
		"an address in JSON":     {body: `{"back":"https://example.com/?access_token=hunter2&x=1"}`},
		"a new password":         {body: `{"new_password":"hunter2"}`},
		"a card's":               {body: `cardPwd=hunter2&x=1`},
		"a user's token":         {body: `USER_TOKEN=hunter2&x=1`},
		"a code that was sent":   {body: `{"smsCode":"hunter2"}`},
		"what a secret has":      {body: `{"password":{"old":"hunter2","new":["hunter2"]}}`},
		"a mark before JSON":     {body: "\ufeff{\"note\":\"a=b\",\"pwd\":\"hunter2\"}"},
		"a mark within a form":   {body: "data=%EF%BB%BF%7B%22pwd%22%3A%22hunter2%22%7D"},
		"a text with an equals":  {body: "my password is hunter2=x"},
		"a text of quotes":       {body: `"hunter2=x`},
		"braces":                 {body: `{hunter2}=1`},
		"XML":                    {body: `<a password="hunter2" b="x"/>`},
		"parts":                  {body: "--b\r\nContent-Disposition: form-data; name=\"pwd\"\r\n\r\nhunter2\r\n--b--"},
		"a long name":            {body: strings.Repeat("x", 64) + "hunter2=x"},
		"a PIN":                  {body: `{"pin":"hunter2","cardPin":"hunter2","userpin":"hunter2","PIN_2":"hunter2"}`},
		"a PIN in a form":        {body: "pin=hunter2&x=1"},
		"a Chinese name":         {body: `{"会员密码":"hunter2","验证码":"hunter2"}`},
		"a name and its value":   {body: `[{"name":"password","value":"hunter2"}]`},
		"a value and its name":   {body: `[{"a":1,"value":{"b":["hunter2"]},"key":"Pin"}]`},
		"a value without a name": {body: `[{"Value":"hunter2","na`},
		"a pair":                 {body: `{"all":[["password","hunter2"]]}`},
		"a pair in a form":       {body: "name=password&value=hunter2"},
		"a pair, value first":    {body: "f[0][value]=hunter2&f[0][name]=pwd"},
		"a pair in a query":      {url: "/Api?value=hunter2&key=pwd"},
		"a pair in an address":   {body: `{"back":"https://example.com/?key=pwd&value=hunter2"}`},
		"a pair in JSON in JSON": {body: `{"data":"{\"name\":\"pwd\",\"value\":\"hunter2\"}"}`},
		"a secret in the answer": {answer: `{"data":"{\"bindToken\":\"hunter2\"}"}`},
	} {
		s.url, s.note = cmp.Or(s.url, "/Api"), known("ok")
		got := recorded(t, s)
		if len(got) != 1 || strings.Contains(got[0].Told, "hunter2") {
			t.Errorf("%s: kept %+v", name, got)
		}
	}
}

// What tells tills what came of a request, and what is no secret, stays.
func TestWhatIsNoSecretStays(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		`{"errcode":4,"note":"a=b"}`:     `{"errcode":4,"note":"a=b"}`,
		`{"data":"{\"a\": 1,\"b\":[]}"}`: `{"data":"{\"a\":1,\"b\":[]}"}`,
		`{"hotel":"Astoria"}`:            `{"hotel":"Astoria"}`,
		`{"shipping":"x","pinyin":"y"}`:  `{"shipping":"x","pinyin":"y"}`,
		`{"name":"size","value":["xl"]}`: `{"name":"size","value":["xl"]}`,
		`{"value":"xl","name":"size"}`:   `{"value":"xl","name":"size"}`,
		`[{"name":"pwd","value":1,"x":2},{"name":"a","value":3}]`: `[{"name":"pwd","value":"******","x":2},` +
			`{"name":"a","value":3}]`,
	} {
		if got := maskedJSON([]byte(value), func(string, string) {}); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// What happened is told of an answer of the API; what somebody sends under that name is not, nor what is another code.
func TestProblemCodeStays(t *testing.T) {
	t.Parallel()
	problem := `{"type":"urn:tongka:problem:short_balance","status":409,"code":"short_balance"}`
	got := recorded(t, sent{
		url: "/v1/consumes", note: known("short_balance"), body: `{"code":"short_balance"}`, answer: problem,
	})
	told, err := ledger.ParseTold(got[0].Told)
	if err != nil || told.Answer != problem || told.Body != `{"code":"******"}` {
		t.Errorf("%v, kept %+v", err, told)
	}
	if answer := MaskedAnswer([]byte(`{"code":"hunter2","sms_code":"abc"}`)); answer != `{"code":"******","sms_code":"******"}` {
		t.Errorf("kept %s", answer)
	}
}

// Which of several things an action does is one digit, named once: endpoints are from a fixed list.
func TestWhichThingAnActionDoes(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"action":{"action":"mb_trans"},"get":{"action":"1"}}`: "mb_trans/1",
		`{"action":{"action":"mb_trans"},"get":{"action":0}}`:   "mb_trans/0",
		`{"get":{"action":"x"}}`:                                "mb_trans",
		`{"get":{"action":"12"}}`:                               "mb_trans",
		`{"get":{"action":"1"},"post":{"action":"0"}}`:          "mb_trans",
		"action=1&action=1":                                     "mb_trans",
		"data=%7B%22action%22%3A1%7D":                           "mb_trans",
	} {
		if got := recorded(t, sent{url: "/Api", body: body, note: known("ok")}); got[0].Endpoint != want {
			t.Errorf("%s: %s, want %s", body, got[0].Endpoint, want)
		}
	}
}

// A signature that is wrong stands beside what should have been signed; one that is right is hidden.
func TestWrongSignatureIsShown(t *testing.T) {
	t.Parallel()
	note := known("credentials")
	note.Merchant, note.Claimed, note.Signed, note.Sign = 0, 1, "mb_check\n11\n1\nn1", "0a42919f876c"
	got := recorded(t, sent{url: "/Api?msid=11&sign=0a42919f876c&mysign=c0ffee", note: note})
	if len(got) != 1 || !strings.Contains(got[0].Told, `"sign":"0a42919f876c"`) || !strings.Contains(got[0].Told, `mb_check\n11`) ||
		strings.Contains(got[0].Told, "c0ffee") || got[0].Mark != ledger.ExchangeFailed || got[0].Merchant != 1 {
		t.Errorf("kept %+v", got)
	}
}

// What is no JSON is kept as far as it is, and never raw.
func TestWhatIsNoJSON(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"a":1,"pwd":"hunter2`:     `{"a":1,"pwd":…`,
		`{"a":[1,{"b":"x"},`:        `{"a":[1,{"b":"x"},…`,
		`hunter2`:                   `…`,
		`{"a":1} hunter2`:           `{"a":1}…`,
		`[true,null,1e5,"\u0000x"]`: `[true,null,1e5,"\u0000x"]`,
		"{\"a\":\"\xff\"}":          `{"a":"�"}`,
		`{"a" 1}`:                   `{"a":…`,
		`"18612342465"`:             `"186****2465"`,
		`{"n":18612342465}`:         `{"n":"186****2465"}`,
	} {
		if got := maskedJSON([]byte(body), func(string, string) {}); got != want {
			t.Errorf("%s: got %s, want %s", body, got, want)
		}
	}
}

// Of one merchant only so much is kept, of what went wrong apart from what went well, and of strangers little; the
// rest is counted, and another merchant's is kept.
func TestMuchIsNotKept(t *testing.T) {
	t.Parallel()
	store := &memory{}
	r := New(store, slog.New(slog.DiscardHandler), func() time.Time { return noon })
	stranger := httpd.Note{Claimed: 1, Outcome: "401", Dialect: "member-cjb"}
	other, nobodys := known("ok"), httpd.Note{Outcome: "401"}
	other.Merchant = 2
	for range 200 {
		for _, n := range []httpd.Note{known("ok"), known("refused"), stranger, nobodys} {
			r.Take(sent{url: "/Api", note: n}.exchange())
		}
	}
	r.Take(sent{url: "/Api", note: other}.exchange())
	for r.save(t.Context()) {
	}
	if want := wellASecond + illASecond + strangeAtOnce + 1; len(store.all) != want {
		t.Errorf("kept %d, want %d", len(store.all), want)
	}
	if got := r.Dropped(1); got != int64(600+1-len(store.all)) || r.Dropped(2) != 0 {
		t.Errorf("counted %d and %d", got, r.Dropped(2))
	}
	if got := r.LastUse(3); !got.Equal(noon) || !r.LastUse(4).IsZero() {
		t.Errorf("last use: %v", got)
	}
}

// Tills never wait: when nobody saves, what finds no room is dropped.
func TestNobodySaves(t *testing.T) {
	t.Parallel()
	store := &memory{}
	r := New(store, slog.New(slog.DiscardHandler), func() time.Time { return noon })
	for m := range ledger.MerchantID(2 * queued) {
		n := known("ok")
		n.Merchant = m + 1
		r.Take(sent{url: "/Api", note: n}.exchange())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.Run(ctx) // what is left is saved in the end
	if len(store.all) != queued || r.Dropped(2*queued) != 1 {
		t.Errorf("kept %d, dropped %d of the last", len(store.all), r.Dropped(2*queued))
	}
}

// What somebody tried on a page of the server is kept as that, and is no use of the agent by a till.
func TestTried(t *testing.T) {
	t.Parallel()
	store := &memory{}
	r := New(store, slog.New(slog.DiscardHandler), func() time.Time { return noon })
	note := known("ok")
	note.Tried = true
	r.Take(sent{url: "/Api", note: note}.exchange())
	for r.save(t.Context()) {
	}
	told, err := ledger.ParseTold(store.all[0].Told)
	if err != nil || !told.Tried || !r.LastUse(3).IsZero() {
		t.Errorf("kept %+v, last used %v, %v", told, r.LastUse(3), err)
	}
}

// A slow answer is marked, as one that failed is.
func TestMarks(t *testing.T) {
	t.Parallel()
	got := recorded(t, sent{url: "/Api", note: known("ok"), took: SlowFrom}, sent{url: "/Api", note: known("replayed")},
		sent{url: "/Api", note: known("open"), took: SlowFrom})
	marks := []ledger.ExchangeMark{got[0].Mark, got[1].Mark, got[2].Mark}
	if marks[0] != ledger.ExchangeSlow || marks[1] != ledger.ExchangeFine || marks[2] != ledger.ExchangeFailed {
		t.Errorf("marked %v", marks)
	}
}

// The copy that tills pay for is small.
func BenchmarkTake(b *testing.B) {
	r := New(&memory{}, slog.New(slog.DiscardHandler), time.Now)
	x := sent{
		url: "/Api?msid=11", note: known("ok"), body: strings.Repeat("x", 300), answer: strings.Repeat("y", 300),
	}.exchange()
	b.ReportAllocs()
	for b.Loop() {
		r.Take(x)
		select {
		case <-r.queue:
		default:
		}
	}
}
