package dc78

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// vector returns the request of the published test vector.
func vector() *request {
	return &request{
		action: "mb_check",
		method: http.MethodPost,
		system: system{msid: "10021", timestamp: "1566296953", nonce: "a1b2c3d4"},
		get:    params{{"mbno", "47302320"}, {"getlist", "1"}},
	}
}

const (
	vectorSign = "0a42919f876c039adca4905c8353a0b95d9cf50a6eb23c064c92c53cde1c446f"
	vectorText = "mb_check\n10021\n1566296953\na1b2c3d4\ngetlist=1\nmbno=47302320"
)

// TestVector: the text and the signature by which clients are checked.
func TestVector(t *testing.T) {
	t.Parallel()
	if got := vector().signText(); got != vectorText {
		t.Errorf("got %q, want %q", got, vectorText)
	}
	if got := signed(pageKey, vectorText); got != vectorSign {
		t.Errorf("got %s, want %s", got, vectorSign)
	}
}

// TestSignText: byte order of names, values as they are, empty ones kept.
func TestSignText(t *testing.T) {
	t.Parallel()
	q := vector()
	q.get = params{{"b", "2"}, {"B", "雪 碧=1&2"}, {"a_", ""}, {"a", "-1.50"}, {"a1", "x"}}
	const want = "mb_check\n10021\n1566296953\na1b2c3d4\nB=雪 碧=1&2\na=-1.50\na1=x\na_=\nb=2"
	if got := q.signText(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if q.get[0].name != "b" {
		t.Error("the request was sorted too")
	}
}

// signing is an edited request under a scheme, and the fault it gets.
type signing struct {
	name   string
	scheme *HMAC
	edit   func(*request)
	sign   string // "" = the right one
	now    time.Time
	want   error
}

// signings mend one fault after the other, in this order: missing parameters, form, signature, time, digest.
func signings() []signing {
	at := time.Unix(1566296953, 0)
	post := []byte(`{"list":[]}`)
	sum := sha256.Sum256(post)
	digest := hex.EncodeToString(sum[:])
	return []signing{
		{"no timestamp", &HMAC{Key: pageKey}, func(q *request) { q.system.timestamp, q.system.nonce = "", "" }, "x", at, faultNoCredential("timestamp")},
		{"no nonce", &HMAC{Key: pageKey}, func(q *request) { q.system.nonce, q.system.timestamp = "", "x" }, "x", at, faultNoCredential("nonce")},
		{"no sign", &HMAC{Key: pageKey}, func(q *request) { q.system.timestamp, q.system.sign = "x", "" }, "none", at, faultNoCredential("sign")},
		{"timestamp no number", &HMAC{Key: pageKey}, func(q *request) { q.system.timestamp, q.system.nonce = "+1566296953", "x" }, "x", at, faultBadCredential("timestamp", "应为unix秒")},
		{"timestamp in milliseconds", &HMAC{Key: pageKey}, func(q *request) { q.system.timestamp = "1566296953000" }, "", at, faultBadCredential("timestamp", "应为unix秒")},
		{"nonce short", &HMAC{Key: pageKey}, func(q *request) { q.system.nonce = "1234567" }, "x", at, faultBadCredential("nonce", "应为8到64个字符")},
		{"nonce long", &HMAC{Key: pageKey}, func(q *request) { q.system.nonce = strings.Repeat("n", 65) }, "x", at, faultBadCredential("nonce", "应为8到64个字符")},
		{"nonce in characters", &HMAC{Key: pageKey}, func(q *request) { q.system.nonce = strings.Repeat("字", 64) }, "", at, nil},
		{"wrong sign and old", &HMAC{Key: pageKey}, nil, strings.Repeat("0", 64), at.Add(time.Hour), faultCredentials},
		{"capital letters", &HMAC{Key: pageKey}, nil, strings.ToUpper(vectorSign), at, faultCredentials},
		{"other key", &HMAC{Key: otherKey}, nil, vectorSign, at, faultCredentials},
		{"empty key", &HMAC{}, nil, signed("", vectorText), at, faultCredentials},
		{"other value", &HMAC{Key: pageKey}, func(q *request) { q.get[0].value = "47302321" }, vectorSign, at, faultCredentials},
		{"other action", &HMAC{Key: pageKey}, func(q *request) { q.action = "mb_trans" }, vectorSign, at, faultCredentials},
		{"too old", &HMAC{Key: pageKey}, nil, "", at.Add(300*time.Second + 1), faultTime},
		{"too early", &HMAC{Key: pageKey}, nil, "", at.Add(-300*time.Second - 1), faultTime},
		{"ages away", &HMAC{Key: pageKey}, func(q *request) { q.system.timestamp = "99999999999" }, "", at, faultTime},
		{"oldest", &HMAC{Key: pageKey}, nil, "", at.Add(300 * time.Second), nil},
		{"earliest", &HMAC{Key: pageKey}, nil, "", at.Add(-300 * time.Second), nil},
		{"no digest, old", &HMAC{Key: pageKey}, func(q *request) { q.post = post }, "", at.Add(time.Hour), faultTime},
		{"no digest", &HMAC{Key: pageKey}, func(q *request) { q.post = post }, "", at, faultNoCredential("post_sha256")},
		{"no digest of an empty group", &HMAC{Key: pageKey}, func(q *request) { q.post = []byte("{}") }, "", at, faultNoCredential("post_sha256")},
		{"other digest", &HMAC{Key: pageKey}, digested(digest, append(post, ' ')), "", at, faultBadCredential("post_sha256", "与post内容不符")},
		{"digest of nothing sent", &HMAC{Key: pageKey}, digested(digest, nil), "", at, faultBadCredential("post_sha256", "与post内容不符")},
		{"digest", &HMAC{Key: pageKey}, digested(digest, post), "", at, nil},
		{"digest off", &HMAC{Key: pageKey, PostUnsigned: true}, func(q *request) { q.post = post }, "", at, nil},
		{"digest off, wrong", &HMAC{Key: pageKey, PostUnsigned: true}, digested(digest, []byte("{}")), "", at, faultBadCredential("post_sha256", "与post内容不符")},
		{"vector", &HMAC{Key: pageKey}, nil, vectorSign, at, nil},
	}
}

func TestHMAC(t *testing.T) {
	t.Parallel()
	for _, test := range signings() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			q := vector()
			q.system.sign = test.sign
			if test.edit != nil {
				test.edit(q)
			}
			if test.sign == "" {
				q.system.sign = signed(test.scheme.Key, q.signText())
			}
			got := test.scheme.verify(q, caller{}, test.now)
			if got == nil {
				got = test.scheme.digest(q)
			}
			if wrong, ok := errors.AsType[*signatureError](got); ok {
				got = wrong.Unwrap()
			}
			if got != test.want { //nolint:errorlint // the very value
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func digested(digest string, post []byte) func(*request) {
	return func(q *request) {
		q.get = append(q.get, param{digestName, digest})
		q.post = post
	}
}

// TestNone: it admits this machine and the listed addresses, whatever is sent.
func TestNone(t *testing.T) {
	t.Parallel()
	n := None{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}
	for from, in := range map[string]bool{
		"127.0.0.1": true, "::1": true, "::ffff:10.1.2.3": true, "10.1.2.3": true, "10.2.0.1": false, "203.0.113.9": false,
	} {
		err := n.verify(vector(), caller{addr: netip.MustParseAddr(from)}, time.Time{})
		if (err == nil) != in || err != nil && faultOf(err) != faultCredentials {
			t.Errorf("%s: got %v, let in: %t", from, err, in)
		}
	}
	if got := n.verify(vector(), caller{}, time.Time{}); faultOf(got) != faultCredentials {
		t.Errorf("nowhere: got %v", got)
	}
}

// TestNoneKeepsBrowsersOut: with scheme none the address is the only proof, and a browser on the till's machine has it.
// What any page that is open there can have it send is refused, but for GET requests without a mark where the operator
// allows GET.
func TestNoneKeepsBrowsersOut(t *testing.T) {
	t.Parallel()
	w := demo(t)
	balance := func() string { return w.ask("10021", pageKey, "mb_check", "mbno=PLAIN1").Body.String() }
	before := balance()
	const pay = "action=0&mbno=PLAIN1&amt=1234.56&ref=evil"
	for name, test := range map[string]struct {
		method, msid, header, value string
		want                        fault
	}{
		"an image":                      {http.MethodGet, "10030", "", "", faultByGet},
		"a form of another site":        {http.MethodPost, "10030", "Origin", "http://evil.example", faultBrowser},
		"a page without an origin":      {http.MethodPost, "10030", "Origin", "null", faultBrowser},
		"a name that leads here":        {http.MethodPost, "10030", "Origin", "http://example.com", faultBrowser},
		"GET allowed, but marked":       {http.MethodGet, "10023", "Sec-Fetch-Site", "cross-site", faultBrowser},
		"GET allowed, an address typed": {http.MethodGet, "10023", "Sec-Fetch-Site", "none", faultBrowser},
	} {
		r := httptest.NewRequest(test.method, "/Api/mb_trans?msid="+test.msid+"&"+pay, nil)
		if test.header != "" {
			r.Header.Set(test.header, test.value)
		}
		t.Log(name)
		wantFault(t, w.send(r), test.want.status, test.want.info)
	}
	if got := balance(); got != before {
		t.Errorf("the card was %s and is %s", before, got)
	}
	wantFault(t, w.send(httptest.NewRequest(http.MethodPost, "/Api/mb_check?msid=10030&mbno=PLAIN1", nil)), 200, "")
}

// TestSchemesPrintNoKey: printing a struct that contains a scheme must not put its key into a log.
func TestSchemesPrintNoKey(t *testing.T) {
	t.Parallel()
	if s := fmt.Sprintf("%v %+v %s", &HMAC{Key: pageKey}, Access{Scheme: &HMAC{Key: pageKey}}, &HMAC{
		Key: pageKey,
	}); strings.Contains(s, pageKey) {
		t.Errorf("got %s", s)
	}
}

// TestPostIsVouchedFor: in every form the digest is over the bytes as they were sent.
func TestPostIsVouchedFor(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ target, body, post string }{
		{"/Api?", `{"action":{"action":"x"},"post": { "a" : 1 } }`, `{ "a" : 1 }`},
		{"/Api/x?", " { \"a\" : 1 }\n", " { \"a\" : 1 }\n"},
		{"/Api/x?", "a=%31", "a=%31"},
	} {
		q, err := parse(httptest.NewRequest("POST", test.target, strings.NewReader(test.body)))
		if err != nil || string(q.post) != test.post {
			t.Errorf("%s: got %q, %v, want %q", test.body, q.post, err, test.post)
		}
	}
}

// TestMasked: of a value that tells of a person the log has its ends, of a secret nothing but its length.
func TestMasked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, value, want string }{
		{"mbno", "47302320", "47****20"}, {"phone", "13812345678", "13*******78"}, {"amt", "600.00", "600.00"},
		{"ref", "b-17", "****"}, {"vericode", "12345678", "********"}, {"password", "86421357", "********"},
		{"pwd", "975310", "******"}, {"list", `[{"password":"x"}]`, "******************"},
		{"body", "D41D8CD98F00B204E9800998ECF8427E", strings.Repeat("*", 32)},
	} {
		if got := masked(c.name, c.value); got != c.want {
			t.Errorf("%s %s is shown as %s, want %s", c.name, c.value, got, c.want)
		}
	}
}

// signed returns the signature of a text under an ApiKey.
func signed(key, text string) string { return string((&HMAC{Key: key}).sign(text)) }
