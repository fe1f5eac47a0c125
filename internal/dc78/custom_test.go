package dc78

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"tongka/internal/auth"
	"tongka/internal/httpd"
	"tongka/internal/scheme"
)

const devSecret = "developer-secret-9876"

// customShop makes shop 10021 use a scheme that is described by data.
func customShop(t testing.TB, w *world, settings ...string) *Custom {
	t.Helper()
	s, err := scheme.New(scheme.Custom)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range settings {
		name, value, _ := strings.Cut(one, "=")
		if err := s.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	c := &Custom{Scheme: s, Credentials: scheme.Credentials{Key: pageKey, Secret: devSecret}}
	access := w.shops["10021"]
	access.Scheme = c
	w.shops["10021"] = access
	return c
}

// signedBy signs a request by the scheme as a client does. The request is read as a recording.
func signedBy(t testing.TB, c *Custom, method, target, header, body string) *http.Request {
	t.Helper()
	text := strings.TrimSpace(method+" "+target+" HTTP/1.1\nHost: x\n"+header) + "\n\n" + body
	sent, err := ReadRecording(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	sign := c.Scheme.Signature(c.Scheme.Settle(sent), c.Credentials)
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if name, value, ok := strings.Cut(header, ": "); ok {
		r.Header.Set(name, value)
	}
	switch c.Scheme.Sign.In {
	case scheme.InHeader:
		r.Header.Set(c.Scheme.Sign.Name, sign)
	case scheme.InGet:
		r = httptest.NewRequest(method, target,
			strings.NewReader(strings.Replace(body, `"get":{`, `"get":{"`+c.Scheme.Sign.Name+`":"`+sign+`",`, 1)))
	default:
		r.URL.RawQuery += "&" + c.Scheme.Sign.Name + "=" +
			strings.ReplaceAll(strings.ReplaceAll(sign, "+", "%2B"), "=", "%3D")
	}
	return r
}

// TestCustom: a till that signs by a scheme of its own is admitted, in each form of the request, whatever else is
// in the query of an envelope.
func TestCustom(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, settings, method, target, header, body string }{
		{"md5 behind", "key=suffix", "GET", "/Api/mb_check?msid=10021&mbno=PLAIN1", "", ""},
		{
			"upper, both around", "form=upper;key=prefix;secret=suffix;join=;pair=namevalue", "GET",
			"/Api/mb_check?msid=10021&mbno=PLAIN1&timestamp=1566296953", "", "",
		},
		{
			"names of their own",
			"msid_name=shop_id;time_name=t;nonce_name=r;sign_name=sig;time=required;nonce=required;time_form=ms", "GET",
			"/Api/mb_check?shop_id=10021&t=1566296953123&r=7&mbno=PLAIN1", "", ""},
		{
			"a day as time", "time_form=yyyyMMddHHmmss;time=required", "GET",
			"/Api/mb_check?msid=10021&timestamp=20190820182913&mbno=PLAIN1", "", "",
		},
		{
			"in headers", "sign_in=header;sign_name=X-Sign;msid_in=header;msid_name=X-Shop", "POST", "/Api", "X-Shop: 10021",
			`{"action":{"action":"mb_check"},"get":{"mbno":"PLAIN1"}}`,
		},
		{"in the get group", "sign_in=get;msid_in=get;digest=hmac-sha256;key=hmac;form=base64", "POST", "/Api?v=2&_=1566", "",
			`{"action":{"action":"mb_check"},"get":{"msid":"10021","mbno":"PLAIN1","x-y":"odd name"}}`},
		{
			"raw get group", "order=raw;system=first;join=", "POST", "/Api?msid=10021", "",
			`{"action":{"action":"mb_check"},"get":{ "mbno" : "PLAIN1" }}`,
		},
		{"post as bytes", "post=raw", "POST", "/Api/mb_check?msid=10021&mbno=PLAIN1", "", `{"a":[1]}`},
		{"post merged", "post=merged", "POST", "/Api/mb_check?msid=10021&mbno=PLAIN1", "", `{"list":[1]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := demo(t)
			c := customShop(t, w, strings.Split(test.settings, ";")...)
			r := signedBy(t, c, test.method, test.target, test.header, test.body)
			wantPart(t, w.send(r), `"mbno":"PLAIN1"`)
			c.Credentials.Key = otherKey
			wantFault(t,
				w.send(signedBy(t, &Custom{Scheme: c.Scheme, Credentials: scheme.Credentials{Key: pageKey, Secret: devSecret}},
					test.method, test.target, test.header, test.body)), 401, faultCredentials.info)
			if strings.Contains(w.log.String(), pageKey) || strings.Contains(w.log.String(), otherKey) ||
				strings.Contains(w.log.String(), devSecret) {
				t.Errorf("the log: %s", w.log)
			}
		})
	}
}

// TestCustomNeeds: what a scheme requires must be present and right, and is tested in this order.
func TestCustomNeeds(t *testing.T) {
	t.Parallel()
	w := demo(t)
	c := customShop(t, w, "time=required", "nonce=required", "time_name=ts", "window=60", "post=parameter-md5",
		"post_name=digest")
	ask := func(query string) *httptest.ResponseRecorder {
		return w.send(signedBy(t, c, "GET", "/Api/mb_check?mbno=PLAIN1&msid=10021"+query, "", ""))
	}
	wantFault(t, w.send(newGet("/Api/mb_check?mbno=PLAIN1&msid=10021")), 401, "缺少参数:sign")
	wantFault(t, ask(""), 401, "缺少参数:ts")
	wantFault(t, ask("&ts=1566296953"), 401, "缺少参数:nonce")
	wantFault(t, ask("&ts=now&nonce=1"), 401, "参数错误:ts(应为unix秒)")
	wantFault(t, ask("&ts=1566296953&nonce="+strings.Repeat("n", 65)), 401, "参数错误:nonce(最多64个字符)")
	wantFault(t, ask("&ts=1566296892&nonce=1"), 401, faultTime.info)
	wantFault(t, ask("&ts=1566296893&nonce=1"), 200, "")
	wantFault(t, ask("&ts=1566296893&nonce=1"), 401, faultReplay.info)
	// this scheme has short nonces: the signature identifies the request
	wantFault(t, ask("&ts=1566296894&nonce=1"), 200, "")
	post := func(query string) *httptest.ResponseRecorder {
		return w.send(signedBy(t, c, "POST", "/Api/mb_check?mbno=PLAIN1&msid=10021&ts=1566296953&nonce=2"+query, "",
			`{"a":1}`))
	}
	wantFault(t, post(""), 401, "缺少参数:digest")
	wantFault(t, post("&digest=0"), 401, "参数错误:digest(与post内容不符)")
	wantFault(t, post("&digest=BB6CB5C68DF4652941CAF652A366F2D8"), 200, "")
}

// TestCustomUnguarded: without a nonce a change needs a ref, and is carried out once however often it is sent. A
// read is answered again.
func TestCustomUnguarded(t *testing.T) {
	t.Parallel()
	w := demo(t)
	c := customShop(t, w, "time=ignored", "nonce=ignored")
	send := func(action, query string) *httptest.ResponseRecorder {
		return w.send(signedBy(t, c, "GET", "/Api/"+action+"?msid=10021&"+query, "", ""))
	}
	for range 2 {
		wantFault(t, send("mb_check", "mbno=PLAIN1"), 200, "")
	}
	wantFault(t, send("mb_pttrans", "mbno=PLAIN1&pt=5"), 200, "缺少参数:ref")
	wantFault(t, send("mb_pttrans", "mbno=PLAIN1&pt=5&nonce=any-nonce"), 200, "缺少参数:ref") // nonce is an ordinary one
	for range 2 {
		wantPart(t, send("mb_pttrans", "mbno=PLAIN1&pt=5&ref=1"), `"ptbalance":5`)
	}
	wantFault(t, send("mb_pttrans", "mbno=PLAIN1&pt=6&ref=1"), 200, "业务单号重复")
}

// TestCustomSplits: a value that would be signed as another parameter is refused, so that whoever saw a request cannot
// send it again under another ref. A value that only holds such a character is fine.
func TestCustomSplits(t *testing.T) {
	t.Parallel()
	for _, settings := range []string{"join=&", "join=|", "join=,;pair=name:value", "join=&;pair=value"} {
		t.Run(settings, func(t *testing.T) {
			t.Parallel()
			w := demo(t)
			c := customShop(t, w, strings.Split(settings, ";")...)
			sep := url.QueryEscape(c.Scheme.Join + strings.ReplaceAll(strings.TrimSuffix(
				strings.Replace(c.Scheme.Pair, "name", "subject", 1), "value"), "%", ""))
			const path = "/Api/mb_pttrans?msid=10021&mbno=PLAIN1&pt=5"
			r := signedBy(t, c, "GET", path+"&ref=1&subject=x", "", "")
			wantPart(t, w.send(r), `"ptbalance":5`)
			_, sign, _ := strings.Cut(r.URL.RawQuery, "&sign=")
			again := w.send(newGet(path + "&ref=1" + sep + "x&sign=" + sign))
			wantFault(t, again, 401, "参数错误:ref(会被当作另一个参数签名)")
			if c.Scheme.Pair == "value" {
				return // there the beginning of a value is all a parameter needs
			}
			fine := path + "&ref=2&subject=" + url.QueryEscape("A"+c.Scheme.Join+"B")
			wantPart(t, w.send(signedBy(t, c, "GET", fine, "", "")), `"ptbalance":10`)
		})
	}
}

// TestCustomOneEffect: nobody who saw a signed change has it done again, or as another, by sending something else that
// has the same signed text (invariant 41). What cannot be read in one way only is refused, whether a time is required
// or not; what the scheme does not tell apart is told by the signature, which serves one change.
func TestCustomOneEffect(t *testing.T) {
	t.Parallel()
	const system, taken = "msid=10021&timestamp=1566296953&nonce=nonce-1001", "业务单号重复"
	for _, c := range []struct{ name, settings, genuine, action, query, body, refused string }{
		{
			"a name with a parameter in it", "", "q=x&ref=1", "mb_pttrans", system + "&mbno=PLAIN1&pt=5&q%3Dx%26ref=1", "",
			"q=x&ref(会被当作另一个参数签名)",
		},
		{
			"a name with a parameter in it, values encoded", "encode=form", "q=x&ref=1", "mb_pttrans",
			system + "&mbno=PLAIN1&pt=5&q%3Dx%26ref=1", "", "q=x&ref(会被当作另一个参数签名)",
		},
		{
			"a name with a parameter in it, other separators", "pair=name:value;join=|", "q=x&ref=1", "mb_pttrans",
			system + "&mbno=PLAIN1&pt=5&q%3Ax%7Cref=1", "", "q:x|ref(会被当作另一个参数签名)",
		},
		{
			"ref in the post group", "post=merged", "ref=1", "mb_pttrans", system + "&mbno=PLAIN1&pt=5", `{"ref":"1"}`,
			"参数应在get组:ref",
		},
		{
			"ref in a post group behind the list", "post=raw;system=first", "ref=1", "mb_pttrans",
			system + "&mbno=PLAIN1&pt=5", "ref=1", "参数应在get组:ref",
		},
		{
			"ref in the nonce", "order=reverse;system=first", "ref=1", "mb_pttrans", system + "%26ref%3D1&mbno=PLAIN1&pt=5", "",
			"nonce(会被当作另一个参数签名)",
		},
		{"ref in another letter case", "fold=lower", "ref=aB", "mb_pttrans", system + "&mbno=PLAIN1&pt=5&ref=Ab", "", taken},
		{
			"another action", "signed=msid time nonce get", "amt=1&action=1&ref=1", "mb_trans",
			system + "&mbno=PLAIN1&pt=5&amt=1&action=1&ref=1", "", taken,
		},
		{
			"names that are not signed", "pair=value;order=sent", "ref=1", "mb_pttrans", system + "&mbno=PLAIN1&pt=5&reg=1", "", taken,
		},
		{
			"ends that are not signed", "join=;order=sent", "op=x&ref=1", "mb_pttrans",
			system + "&mbno=PLAIN1&pt=5&op=xref%3D1", "", taken,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := demo(t)
			settings := strings.FieldsFunc(c.settings, func(r rune) bool { return r == ';' })
			if c.refused == taken {
				settings = append(settings, "time=required", "nonce=required")
			}
			shop := customShop(t, w, settings...)
			r := signedBy(t, shop, "POST", "/Api/mb_pttrans?"+system+"&mbno=PLAIN1&pt=5&"+c.genuine, "", "")
			_, sign, _ := strings.Cut(r.URL.RawQuery, "&sign=")
			wantPart(t, w.send(r), `"ptbalance":5`)
			forged := httptest.NewRequest("POST", "/Api/"+c.action+"?"+c.query+"&sign="+sign, strings.NewReader(c.body))
			if answer := w.send(forged).Body.String(); !strings.Contains(answer, c.refused) {
				t.Errorf("got %s, want %s", answer, c.refused)
			}
			check := signedBy(t, shop, "GET", "/Api/mb_check?mbno=PLAIN1&"+strings.Replace(system, "1001", "1002", 1), "", "")
			wantPart(t, w.send(check), `"points":"5"`)
		})
	}
}

// TestCustomOneEffectAtTwoShops: where the shop's number is not signed, a signature serves one change at all shops with
// the same ApiKey.
func TestCustomOneEffectAtTwoShops(t *testing.T) {
	t.Parallel()
	w := demo(t)
	c := customShop(t, w, "signed=action time nonce get", "time=required", "nonce=required")
	other := w.shops["10022"]
	other.Merchant, other.Shop, other.Agent, other.Scheme = 10000, 10022, w.shops["10021"].Agent, c
	w.shops["10022"] = other
	r := signedBy(
		t,
		c,
		"GET",
		"/Api/mb_pttrans?msid=10021&timestamp=1566296953&nonce=nonce-1001&mbno=PLAIN1&pt=5&ref=1",
		"",
		"",
	)
	elsewhere := strings.Replace(r.URL.String(), "msid=10021", "msid=10022", 1)
	wantPart(t, w.send(r), `"ptbalance":5`)
	wantFault(t, w.send(newGet(elsewhere)), 200, "业务单号重复")
}

// TestCustomRetries: where the signature identifies the request, the same request is carried out once, whatever
// the letter case of its signature.
func TestCustomRetries(t *testing.T) {
	t.Parallel()
	w := demo(t)
	c := customShop(t, w, "nonce=required", "form=either")
	r := signedBy(t, c, "GET", "/Api/mb_pttrans?msid=10021&mbno=PLAIN1&pt=5&nonce=1", "", "")
	target := r.URL.String()
	wantPart(t, w.send(r), `"ptbalance":5`)
	query, sign, _ := strings.Cut(target, "&sign=")
	wantPart(t, w.send(newGet(query+"&sign="+strings.ToUpper(sign))), `"ptbalance":5`)
}

// TestCustomLarge: if the signature covers the post group, the body must be a small one, because it is read
// before the signature is verified.
func TestCustomLarge(t *testing.T) {
	t.Parallel()
	w := demo(t)
	c := customShop(t, w, "post=raw")
	body := `{"list":[{"type":15,"pad":"` + strings.Repeat("x", maxBody) + `"}]}`
	wantFault(t, w.send(httptest.NewRequest("POST", "/Api/mb_newcard?msid=10021&ref=1&sign=x", strings.NewReader(body))),
		200, faultTooLarge.info)
	c.Scheme.Post = "out"
	r := signedBy(t, c, "POST", "/Api/mb_newcard?msid=10021&ref=1", "", body)
	wantFault(t, w.send(r), 200, "")
}

// TestNoneElsewhere: with scheme none, an untrusted proxy on this machine does not admit everybody who uses it.
func TestNoneElsewhere(t *testing.T) {
	t.Parallel()
	w := demo(t)
	r := newGet("/Api/mb_check?msid=10023&mbno=PLAIN1")
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	wantFault(t, w.send(r), 401, faultCredentials.info)
	wantFault(t, w.send(newGet("/Api/mb_check?msid=10023&mbno=PLAIN1&a-b=1&_=2")), 200, "") // unknown ones are ignored
	n := None{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}
	if err := n.verify(vector(), caller{addr: netip.MustParseAddr("10.1.2.3"), relayed: true}, time.Time{}); err == nil {
		t.Error("a listed proxy that is not trusted speaks for everybody")
	}
}

// TestNoneUnknownClient: with scheme none, a client of whom a trusted proxy on this machine says nothing that can be
// read is not this machine, and at no address of a list.
func TestNoneUnknownClient(t *testing.T) {
	t.Parallel()
	w := demo(t)
	w.behind()
	here := w.shops["10023"].Scheme.(None)
	for _, test := range []struct {
		allow, forwarded string
		want             int
	}{
		{"", "127.0.0.1", 200}, {"", "127.0.0.1:4711", 200}, {"", "203.0.113.9", 401}, {"", "203.0.113.9:4711", 401},
		{"", "unknown", 401}, {"", "", 401}, {"", "missing", 401}, {"", "127.0.0.1, unknown", 401},
		{"203.0.113.9/32", "203.0.113.9:4711", 200}, {"203.0.113.9/32", "203.0.113.9, unknown", 401},
		{"127.0.0.1/32", "unknown", 401}, {"0.0.0.0/0", "unknown", 401}, {"::/0", "missing", 401},
	} {
		n := here
		if test.allow != "" {
			n.Allow = []netip.Prefix{netip.MustParsePrefix(test.allow)}
		}
		access := w.shops["10023"]
		access.Scheme = n
		w.shops["10023"] = access
		r := newGet("/Api/mb_check?msid=10023&mbno=PLAIN1")
		if test.forwarded != "missing" {
			r.Header.Set("X-Forwarded-For", test.forwarded)
		}
		if got := w.send(r); got.Code != test.want {
			t.Errorf("allowed %q, forwarded for %q: got %d %s", test.allow, test.forwarded, got.Code, got.Body)
		}
	}
}

// TestUnknownClientsShareOneBucket: clients of whom a trusted proxy says nothing are counted as the proxy is, and
// others apart from them.
func TestUnknownClientsShareOneBucket(t *testing.T) {
	t.Parallel()
	now := time.Unix(1566296953, 0)
	clock := func() time.Time { return now }
	w := demoWith(t, Config{ByAddress: auth.NewLimiter[netip.Addr](auth.Limit{PerSecond: 1}, clock)})
	w.behind()
	for _, test := range []struct {
		forwarded string
		want      int
	}{{"unknown", 200}, {"nonsense", 429}, {"", 429}, {"203.0.113.9:1", 200}, {"203.0.113.9:2", 429}, {"127.0.0.1", 429}} {
		r := newGet("/Api/nothing")
		r.Header.Set("X-Forwarded-For", test.forwarded)
		if got := w.send(r); got.Code != test.want {
			t.Errorf("forwarded for %q: got %d %s, want %d", test.forwarded, got.Code, got.Body, test.want)
		}
	}
}

// TestSignedTextIsShown: a wrong signature puts the text that the server signed into the log, without the key and
// with all values masked that are about a card (B3).
func TestSignedTextIsShown(t *testing.T) {
	t.Parallel()
	w := demo(t)
	w.ask("10021", otherKey, "mb_trans", "mbno=47302320&amt=8.50&action=1&vericode=123456&ref=r1")
	if log := w.log.String(); !strings.Contains(
		log,
		`signed here: \"mb_trans\\n10021\\n1566296953\\nnonce-1001\\naction=1\\namt=8.50\\nmbno=47****20\\nref=**\\nvericode=******\"`,
	) {
		t.Errorf("ours: %s", log)
	}
	c := customShop(t, w, "secret=prefix", "key=last", "signed=get")
	c.Credentials.Key = otherKey
	w.log.Reset()
	wantFault(t, w.send(newGet("/Api/mb_check?msid=10021&phone=15606132502&getlist=1&sign=00")), 401,
		faultCredentials.info)
	if log := w.log.String(); !strings.Contains(log,
		`signed here: \"{developer secret}getlist=1&phone=15*******02&key={ApiKey}\"`) {
		t.Errorf("custom: %s", log)
	}
}

// TestDigestIsNotShown: the log has no digest of a post group, by which a password of four digits in it could be found.
func TestDigestIsNotShown(t *testing.T) {
	t.Parallel()
	const post = `{"password":"4711"}`
	sum := sha256.Sum256([]byte(post))
	digest := hex.EncodeToString(sum[:])
	for name, sets := range map[string][]string{
		"ours":             nil,
		"in the text":      {"post=sha256", "key=last", "signed=get"},
		"as a parameter":   {"post=sha256", "post_name=body", "key=last", "signed=get"},
		"in the get group": {"post=parameter-sha256", "post_name=body", "key=last", "signed=get"},
	} {
		w := demo(t)
		query := "getlist=1&" + digestName + "=" + digest
		if sets != nil {
			customShop(t, w, sets...)
			query = "getlist=1&body=" + digest
		}
		r := httptest.NewRequest(
			http.MethodPost,
			"/Api/mb_newcard?msid=10021&timestamp=1566296953&nonce=nonce-1001&sign=00&"+query,
			strings.NewReader(post),
		)
		wantFault(t, w.send(r), 401, faultCredentials.info)
		log := w.log.String()
		masked := digest[:2] + "*" // as other values are, with two characters at each end
		if !strings.Contains(log, "signed here") || strings.Contains(log, digest[:4]) || strings.Contains(log, masked) {
			t.Errorf("%s: %s", name, log)
		}
	}
}

// TestDemoShowsSignedText: the demo's answer to a wrong signature has the complete signed text, except for the
// key. Other servers do not show it.
func TestDemoShowsSignedText(t *testing.T) {
	t.Parallel()
	w := demoWith(t, Config{ShowSigned: true})
	got := w.ask("10021", otherKey, "mb_check", "mbno=47302320&getlist=1")
	wantFault(t, got, 401,
		faultCredentials.info+`;服务器签名原文:mb_check\n10021\n1566296953\nnonce-1001\ngetlist=1\nmbno=47302320`)
	w = demo(t)
	wantFault(t, w.ask("10021", otherKey, "mb_check", "mbno=47302320"), 401, faultCredentials.info)
}

// TestWrongSignatureIsNoted: those who connect tills compare the signature that came, wherever its scheme has it, with
// the text that the server signed. The server's own signature is not noted: it would prove the request.
func TestWrongSignatureIsNoted(t *testing.T) {
	t.Parallel()
	w := demo(t)
	var kept httpd.Note
	w.handler = httpd.New(w.mux, httpd.Config{
		Logger: slog.New(slog.DiscardHandler), Keep: func(x httpd.Exchange) { kept = *x.Note },
	}).Handler()
	wantFault(t, w.ask("10021", otherKey, "mb_check", "mbno=47302320"), 401, faultCredentials.info)
	came := signed(otherKey, "mb_check\n10021\n1566296953\nnonce-1001\nmbno=47302320")
	if kept.Sign != came || kept.Signed == "" {
		t.Errorf("noted %q and %q, came %q", kept.Sign, kept.Signed, came)
	}
}
