package scheme

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const (
	testKey    = "b77217c91f9d0f5670de0dfab0e75378176d6c2e"
	testSecret = "developer-secret-0123456789"
)

var creds = Credentials{testKey, testSecret}

// published returns the request of the test vector.
func published() *Sent {
	return &Sent{
		Action: "mb_check", Enveloped: true, GetText: `{"mbno":"47302320","getlist":"1"}`,
		QueryText: "msid=10021&timestamp=1566296953&nonce=a1b2c3d4",
		Query:     []Param{{"msid", "10021"}, {"timestamp", "1566296953"}, {"nonce", "a1b2c3d4"}},
		Get:       []Param{{"mbno", "47302320"}, {"getlist", "1"}},
	}
}

func custom(t testing.TB, settings ...string) Scheme {
	t.Helper()
	s, err := New(Custom)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range settings {
		name, value, _ := strings.Cut(one, ": ")
		if err := s.Set(name, value); err != nil {
			t.Fatalf("%s: %v", one, err)
		}
	}
	if err := s.Check(); err != nil {
		t.Fatalf("%q: %v", settings, err)
	}
	return s
}

// TestVector: our own scheme, by which clients are checked, and the same described by data.
func TestVector(t *testing.T) {
	t.Parallel()
	const (
		wantText = "mb_check\n10021\n1566296953\na1b2c3d4\ngetlist=1\nmbno=47302320"
		wantSign = "0a42919f876c039adca4905c8353a0b95d9cf50a6eb23c064c92c53cde1c446f"
	)
	q := published()
	sys := System{MSID: "10021", Time: "1566296953", Nonce: "a1b2c3d4"}
	if got := OwnText(q.Action, sys, q.Get); got != wantText {
		t.Errorf("got %q", got)
	}
	s := custom(t)
	s.Rule = ownRule()
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	if got := s.Text(s.Settle(q), Credentials{Key: testKey}); got != wantText {
		t.Errorf("as data: got %q", got)
	}
	if got := s.Signature(s.Settle(q), Credentials{Key: testKey}); got != wantSign {
		t.Errorf("as data: got %s", got)
	}
}

// golden returns a request on which every setting makes a difference.
func golden() *Sent {
	return &Sent{
		Action:    "mb_trans",
		QueryText: "msid=10021&t=1566296953&n=77&amt=8.50&b=&A=x%20y&zero=0&sign=zz",
		Query: []Param{
			{"msid", "10021"}, {"t", "1566296953"}, {"n", "77"}, {"amt", "8.50"}, {"b", ""}, {"A", "x y/雪"}, {"zero", "0"},
			{"sign", "zz"},
		},
		Post: []byte(`{"list":[1]}`), Members: []Param{{"list", "[1]"}},
	}
}

// TestText: the text of each setting, written by hand from its description. The signatures were made without this
// code, by openssl dgst.
func TestText(t *testing.T) {
	t.Parallel()
	names := []string{"time_name: t", "nonce_name: n"}
	for _, test := range []struct{ settings, text string }{
		{"", "A=x y/雪&action=mb_trans&amt=8.50&b=&msid=10021&n=77&t=1566296953&zero=0KEY"},
		{"key: prefix", "KEYA=x y/雪&action=mb_trans&amt=8.50&b=&msid=10021&n=77&t=1566296953&zero=0"},
		{"key: around; pair: namevalue; join: ", "KEYAx y/雪actionmb_transamt8.50bmsid10021n77t1566296953zero0KEY"},
		{"key: last; empty: drop; signed: get", "A=x y/雪&amt=8.50&zero=0&key=KEY"},
		{"key: first; key_name: k; empty: drop0; signed: get; join: |", "k=KEY|A=x y/雪|amt=8.50"},
		{"key: sorted; key_name: apikey; signed: get", "A=x y/雪&amt=8.50&apikey=KEY&b=&zero=0"},
		{"key: suffix; secret: suffix; signed: get; order: reverse", "zero=0&b=&amt=8.50&A=x y/雪KEYSECRET"},
		{"key: suffix; secret: suffix; secret_first: true; signed: get; order: fold", "A=x y/雪&amt=8.50&b=&zero=0SECRETKEY"},
		{
			"secret: prefix; signed: action time get; system: first; pair: value; join: ,; order: sent",
			"SECRETmb_trans,1566296953,8.50,,x y/雪,0KEY",
		},
		{
			"signed: msid nonce get; system: last; pair: value; join: |; order: values; empty: drop", "0|8.50|x y/雪|10021|77KEY",
		},
		{"signed: get; encode: form; pair: name:value", "A:x+y%2F%E9%9B%AA&amt:8.50&b:&zero:0KEY"},
		{"signed: get; encode: rfc3986; fold: upper", "A=X%20Y%2F%E9%9B%AA&AMT=8.50&B=&ZERO=0KEY"},
		{"signed: get; encode: form-lower; fold: lower", "a=x+y%2f%e9%9b%aa&amt=8.50&b=&zero=0KEY"},
		{"signed: get; post: raw", `A=x y/雪&amt=8.50&b=&zero=0&{"list":[1]}KEY`},
		{"signed: get; post: raw; post_name: data", `A=x y/雪&amt=8.50&b=&data={"list":[1]}&zero=0KEY`},
		{"signed: get; post: md5", `A=x y/雪&amt=8.50&b=&zero=0&975a3407cbfcd885a79d0219578d8281KEY`},
		{"signed: get; post: merged", `A=x y/雪&amt=8.50&b=&list=[1]&zero=0KEY`},
		{"signed: get; order: raw", "msid=10021&t=1566296953&n=77&amt=8.50&b=&A=x%20y&zero=0KEY"},
		{"signed: get; fold: upper-all; key: around", "KEYA=X Y/雪&AMT=8.50&B=&ZERO=0KEY"},
		{"signed: get; fold: lower-all; secret: prefix; inner: none", "SECRETa=x y/雪&amt=8.50&b=&zero=0KEY"},
		{"signed: get; inner: md5; empty: drop0", "7549707cef47e2b95bfb9a42e327b803KEY"},
	} {
		s := custom(t, append(names, settingsOf(test.settings)...)...)
		key, secret := testKey, testSecret
		if s.Fold == "upper-all" {
			key, secret = strings.ToUpper(key), strings.ToUpper(secret)
		}
		want := strings.NewReplacer("SECRET", secret, "KEY", key).Replace(test.text)
		if got := s.Text(s.Settle(golden()), creds); got != want {
			t.Errorf("%s\ngot  %q\nwant %q", test.settings, got, want)
		}
		shown := s.Shown(s.Settle(golden()), nil)
		if strings.Contains(shown, testKey) || strings.Contains(shown, testSecret) {
			t.Errorf("%s is shown as %q", test.settings, shown)
		}
	}
}

// TestActionTwice: of two actions both are signed, or one in the place of the first. No second parameter replaces
// another system parameter or the key.
func TestActionTwice(t *testing.T) {
	t.Parallel()
	q := published()
	q.Get = []Param{{"amt", "8.50"}, {"action", "1"}, {"timestamp", "7"}, {"key", "mine"}, {"zero", "0"}}
	for _, test := range []struct{ settings, text string }{
		{
			"action_twice: both",
			"action=mb_check&action=1&amt=8.50&key=mine&msid=10021&nonce=a1b2c3d4&timestamp=1566296953&timestamp=7&zero=0KEY",
		},
		{
			"action_twice: system",
			"action=mb_check&amt=8.50&key=mine&msid=10021&nonce=a1b2c3d4&timestamp=1566296953&timestamp=7&zero=0KEY",
		},
		{
			"action_twice: request",
			"action=1&amt=8.50&key=mine&msid=10021&nonce=a1b2c3d4&timestamp=1566296953&timestamp=7&zero=0KEY",
		},
		{
			"action_twice: request; order: sent; key: sorted; signed: action get",
			"action=1&amt=8.50&timestamp=7&key=mine&zero=0&key=KEY",
		},
		{"action_twice: system; order: sent; signed: action get", "action=mb_check&amt=8.50&timestamp=7&key=mine&zero=0KEY"},
	} {
		s := custom(t, settingsOf(test.settings)...)
		if got, want := s.Text(s.Settle(q), creds), strings.ReplaceAll(test.text, "KEY", testKey); got != want {
			t.Errorf("%s\ngot  %q\nwant %q", test.settings, got, want)
		}
	}
	for settings, want := range map[string]string{
		"action_twice: both": "", "action_twice: system": "parameter action is not signed",
		"action_twice: request": "the system's is not signed",
		"join: ":                "where a name or a value ends is not signed", "pair: namevalue": "where a name or a value ends",
		"pair: value": "the names of parameters are not signed", "join: ; order: raw; system: first": "",
		"order: raw": "without a signed time and nonce", "order: raw; signed: msid get": "the action is not signed",
		"signed: msid time nonce get":   "the action is not signed",
		"signed: action time nonce get": "the shop's number is not signed", "fold: upper": "letter case is not signed",
		"empty: drop0": "a parameter that is 0 is not signed",
	} {
		s := custom(t, append(settingsOf(settings), "time: required", "nonce: required", "post: raw")...)
		if got := s.Unguarded(); got != want && (want == "" || !strings.Contains(got, want)) {
			t.Errorf("%s is told as %q, want %q", settings, got, want)
		}
	}
	old, err := Parse("scheme: custom\ndigest: sha1\n") // as stored before the setting existed
	if err != nil || old.Twice != "both" {
		t.Errorf("%v, %v", old, err)
	}
}

// settingsOf splits "a: b; c: d".
func settingsOf(text string) (all []string) {
	for _, one := range strings.Split(text, "; ") {
		if one != "" {
			all = append(all, one)
		}
	}
	return all
}

// TestPrinted: what is printed reads as the same scheme, with every value of every setting.
func TestPrinted(t *testing.T) {
	t.Parallel()
	for _, set := range settings {
		for _, value := range slices.Concat(set.values, []string{set.normal}) {
			s := custom(t, "key: sorted", "secret: last")
			if set.name == "order" && value == "raw" || set.name == "digest" || set.name == "post" || set.name == "key" ||
				set.name == "secret" {
				s.Key, s.Secret, s.PostName = "suffix", "none", "p"
			}
			if s.Set(set.name, value) != nil || s.Check() != nil {
				continue
			}
			got, err := Parse(s.String())
			if err != nil || got != s {
				t.Errorf("%s %q: %v\ngot  %+v\nwant %+v", set.name, value, err, got, s)
			}
		}
	}
	for _, text := range []string{
		"", "scheme: hmac\n", "scheme: hmac\npost_sha256: optional\n", "scheme: none\nmsid_in: header\nmsid_name: X-Shop\n",
	} {
		s, err := Parse(text)
		if again, err2 := Parse(s.String()); err != nil || err2 != nil || again != s {
			t.Errorf("%q: %v, %v", text, err, err2)
		}
	}
}

// TestContradictions: settings with which anybody could sign, or nobody, are refused.
func TestContradictions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"scheme: sm2\n":                                              "want hmac, none or custom",
		"digest: md5\n":                                              "first line",
		"scheme: custom\nkey: none\n":                                "anybody could sign",
		"scheme: custom\ndigest: hmac-md5\n":                         "needs the ApiKey",
		"scheme: custom\nkey: hmac\n":                                "needs a digest that is one",
		"scheme: custom\nsigned: action time\n":                      "get group must take part",
		"scheme: custom\nsigned: get time\n":                         "in this order",
		"scheme: custom\npost: parameter-md5\n":                      "post_name",
		"scheme: custom\norder: raw\nkey: sorted\n":                  "no parameters to stand among",
		"scheme: custom\ntime_name: sign\n":                          "cannot both be sign in the query",
		"scheme: custom\naction_twice: system\nsystem: first\n":      "among the others",
		"scheme: custom\naction_twice: system\norder: raw\n":         "not raw",
		"scheme: custom\naction_twice: request\nsigned: get\n":       "among the others",
		"scheme: custom\naction_twice: first\n":                      "want one of both",
		"scheme: custom\nwindow: 0\n":                                "whole seconds",
		"scheme: custom\ndigest: md4\n":                              "want one of md5, sha1",
		"scheme: custom\nkey_name: \"a b\"\n":                        "without spaces",
		"scheme: hmac\ndigest: md5\n":                                "has no setting",
		"scheme: custom\npost_sha256: optional\n":                    "has no setting",
		"scheme: custom\nwhat: x\n":                                  "has no setting",
		"scheme: custom\nkey_name: \"a\n":                            "key_name",
		"scheme: custom\ntime: ignored\ntime_name: sign\nfoo: bar\n": "has no setting",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

// TestVerify: only the right signature is accepted, in the letter case of the scheme.
func TestVerify(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		settings string
		given    func(string) string
		creds    Credentials
		want     bool
	}{
		{"", strings.ToLower, creds, true},
		{"", strings.ToUpper, creds, false},
		{"form: upper", strings.ToUpper, creds, true},
		{"form: upper", strings.ToLower, creds, false},
		{"form: either", strings.ToUpper, creds, true},
		{"form: base64", func(s string) string { return s }, creds, true},
		{"form: base64", strings.ToLower, creds, false},
		{"", func(string) string { return "" }, creds, false},
		{"", func(s string) string { return s + " " }, creds, false},
		{"", func(s string) string { return s }, Credentials{}, false},
		{"secret: prefix", func(s string) string { return s }, Credentials{Key: testKey}, false},
		{"key: none; secret: prefix", func(s string) string { return s }, Credentials{Secret: testSecret}, true},
		{"key: hmac; digest: hmac-sha1", func(s string) string { return s }, Credentials{Key: testKey}, true},
		{"key: hmac; digest: hmac-sha1", func(s string) string { return s }, Credentials{}, false},
	} {
		s := custom(t, settingsOf(test.settings)...)
		r := s.Settle(published())
		r.Sign = test.given(s.Signature(r, test.creds))
		if _, got := s.Verify(r, test.creds); got != test.want {
			t.Errorf("%q with %q: got %v", test.settings, r.Sign, got)
		}
	}
}

// TestNothingPrints: printing a struct does not reveal the credentials in it.
func TestNothingPrints(t *testing.T) {
	t.Parallel()
	if s := fmt.Sprintf("%v %+v %#v %s", creds, struct{ C Credentials }{creds}, creds, creds); strings.Contains(s,
		testKey) || strings.Contains(s, testSecret) {
		t.Errorf("got %s", s)
	}
}

// FuzzText: for any request and any settings there is no panic, the text is the same each time, and what is shown
// contains neither key nor secret.
func FuzzText(f *testing.F) {
	for choice := range uint64(1000) { // a sixth of these are schemes
		f.Add("mbno=1&amt=&msid=10021&sign=x", `{"list":[1]}`, choice)
		f.Add("a=%E9%9B%AA+x&a1=0&timestamp=1&nonce=2", "", choice)
	}
	f.Fuzz(func(t *testing.T, query, post string, choice uint64) {
		s := custom(t)
		for _, set := range settings {
			if n := uint64(len(set.values)); n > 0 && set.of(Custom) {
				if err := s.Set(set.name, set.values[choice%n]); err != nil {
					t.Fatalf("%s=%s: %v", set.name, set.values[choice%n], err)
				}
				choice = choice/n ^ choice<<7
			}
		}
		if s.Check() != nil || strings.Contains(query+post, "b77217") ||
			strings.Contains(strings.ToLower(query+post), "developer") {
			return
		}
		sent := &Sent{Action: "mb_check", QueryText: query, Post: []byte(post), Members: []Param{{"list", post}}}
		for pair := range strings.SplitSeq(query, "&") {
			name, value, _ := strings.Cut(pair, "=")
			plain, err := url.QueryUnescape(value)
			if err != nil {
				return
			}
			sent.Query = append(sent.Query, Param{name, plain})
		}
		r := s.Settle(sent)
		text, signature := s.Text(r, creds), s.Signature(r, creds)
		if again := s.Settle(sent); text != s.Text(again, creds) || signature != s.Signature(again, creds) {
			t.Fatal("two texts of one request")
		}
		for _, mask := range []func(string, string) string{nil, func(string, string) string { return "*" }} {
			shown := s.Shown(r, mask)
			if low := strings.ToLower(shown); strings.Contains(low, testKey) || strings.Contains(low, testSecret) {
				t.Fatalf("%v shows %q", s, shown)
			}
		}
		if s.Key != "none" && s.Signature(r, creds) == s.Signature(r, Credentials{testKey + "x", testSecret}) {
			t.Fatalf("the key does not matter: %v", s)
		}
	})
}

// ownRule returns our own scheme as a custom rule. It makes the same signature, but does not include the strict
// checks.
func ownRule() Rule {
	s, err := New(Custom)
	if err != nil {
		panic(err) // it is one of the kinds
	}
	s.Digest, s.Key, s.System, s.Join = "hmac-sha256", "hmac", "first", "\n"
	s.Post, s.PostName = "parameter-sha256", "post_sha256"
	return s.Rule
}
