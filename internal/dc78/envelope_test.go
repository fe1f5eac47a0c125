package dc78

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// parse reads a request as the mux would pass it on.
func parse(r *http.Request) (*request, error) {
	var q *request
	var err error
	mux := http.NewServeMux()
	for _, base := range Bases {
		for _, path := range []string{"", "/{$}", "/{action}", "/{action}/{$}"} {
			mux.HandleFunc(base+path, func(_ http.ResponseWriter, r *http.Request) {
				if q, err = readRequest(r); err == nil {
					err = cmp.Or(q.rest(r), q.settle())
				}
				if err == nil {
					err = q.finish()
				}
			})
		}
	}
	mux.ServeHTTP(httptest.NewRecorder(), r)
	if q == nil {
		return nil, errors.New("no such path")
	}
	return q, err
}

// copyBody reads the body of a request, and returns a function that returns it again.
func copyBody(t testing.TB, r *http.Request) func() io.ReadCloser {
	t.Helper()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	again := func() io.ReadCloser { return io.NopCloser(bytes.NewReader(data)) }
	r.Body = again()
	return again
}

// told writes a request in one line: action, msid, get, post.
func told(q *request) string {
	var get, group []string
	for _, p := range q.get {
		get = append(get, p.name+"="+p.value)
	}
	for _, m := range q.group {
		group = append(group, m.name+"="+string(m.raw))
	}
	post := "none"
	if q.post != nil {
		post = fmt.Sprintf("%q as %s", q.post, strings.Join(group, " "))
	}
	return fmt.Sprintf("%s by %s get %s post %s", q.action, q.system.msid, strings.Join(get, " "), post)
}

// TestForms: the three forms of a request mean the same, and parameters keep the order they were sent in.
func TestForms(t *testing.T) {
	t.Parallel()
	const check = "mb_check by 10021 get mbno=47302320 getlist=1 post none"
	for _, test := range []struct{ name, method, target, media, body, want string }{
		{"envelope", "POST", "/Api?msid=10021", "application/json", `{"action":{"action":"mb_check"},"get":{"mbno":"47302320","getlist":1}}`, check},
		{"envelope, small letters, any type", "POST", "/api/?msid=10021", "application/x-www-form-urlencoded", ` {"get":{"mbno":"47302320","getlist":"1"},"action":{"action":"mb_check"},"post":null} `, check},
		{"envelope with a mark", "POST", "/Api?msid=10021", "text/plain; charset=UTF-8", "\xef\xbb\xbf" + `{"action":{"action":"mb_check"},"get":{"mbno":"\u0034\u0037302320","getlist":1}}`, check},
		{"path and no body", "POST", "/Api/mb_check?msid=10021&mbno=47302320&getlist=1", "", "", check},
		{"query", "GET", "/api/mb_check/?mbno=47302320&&msid=10021&getlist=1", "", "", check},
		{"empty values and escapes", "GET", "/Api/mb_check?msid=10021&mbno=&name=%E9%9B%AA+%E7%A2%A7&x", "", "", "mb_check by 10021 get mbno= name=雪 碧 x= post none"},
		{"numbers as written", "POST", "/Api?msid=1", "", `{"action":{"action":"x"},"get":{"a":1.50,"b":-0,"c":1e3,"d":47302320123456789012345678}}`, "x by 1 get a=1.50 b=-0 c=1e3 d=47302320123456789012345678 post none"},
		{"post as sent", "POST", "/Api?msid=1", "", `{"action":{"action":"x"},"get":{}, "post" : { "list": [ {"a":1 } ] } }`, `x by 1 get  post "{ \"list\": [ {\"a\":1 } ] }" as list=[ {"a":1 } ]`},
		{"no get group", "POST", "/Api?msid=1", "", `{"action":{"action":"x"},"get":null}`, "x by 1 get  post none"},
		{"null is absent", "POST", "/Api?msid=1", "", `{"action":{"action":"x"},"get":{"a":null,"b":"","c":"null"}}`, "x by 1 get b= c=null post none"},
		{"PHP's empty groups", "POST", "/Api?msid=1", "", `{"action":{"action":"x"},"get": [ ],"post":[]}`, `x by 1 get  post "[]" as `},
		{"PHP's empty body", "POST", "/Api/x?msid=1", "application/json", "[]", `x by 1 get  post "[]" as `},
		{"utf8 without its dash", "POST", "/Api?msid=1", `application/json; charset="UTF8"`, `{"action":{"action":"x"},"get":{"a":"雪"}}`, "x by 1 get a=雪 post none"},
		{"JSON body", "POST", "/Api/x?msid=1&op=a", "application/json;charset=utf-8", ` {"list":[{}],"n":null}`, `x by 1 get op=a post " {\"list\":[{}],\"n\":null}" as list=[{}] n=null`},
		{"JSON body said to be a form", "POST", "/Api/x?msid=1", "application/x-www-form-urlencoded", `{"list":[]}`, `x by 1 get  post "{\"list\":[]}" as list=[]`},
		{"form body", "POST", "/Api/x?msid=1", "application/x-www-form-urlencoded", "list=%5B%7B%22a%22%3A%0A1%7D%5D&memo=a%22%0Ab", `x by 1 get  post "list=%5B%7B%22a%22%3A%0A1%7D%5D&memo=a%22%0Ab" as list=[{"a":` + "\n" + `1}] memo="a\"\nb"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(test.method, test.target, strings.NewReader(test.body))
			r.Header.Set("Content-Type", test.media)
			q, err := parse(r)
			if err != nil {
				t.Fatal(err)
			}
			if got := told(q); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func withGet(get string) string { return `{"action":{"action":"x"},"get":` + get + `}` }

var unreadable = []struct{ name, method, target, header, body, want string }{
	{"no JSON", "POST", "/Api", "", `mbno=1`, "内容不是JSON"},
	{"empty", "POST", "/Api", "", ``, "内容不是JSON"},
	{"trailing", "POST", "/Api", "", withGet(`{}`) + `{}`, "内容不是JSON"},
	{"array", "POST", "/Api", "", `[]`, "内容不是JSON对象"},
	{"Latin", "POST", "/Api", "", withGet(`{"a":"` + "\xff" + `"}`), "编码应为UTF-8"},
	{"GBK", "POST", "/Api", "Content-Type: text/json; charset=GBK", withGet(`{}`), "编码应为UTF-8"},
	{"gzip", "POST", "/Api", "Content-Encoding: gzip", withGet(`{}`), "不支持压缩的内容"},
	{"group twice", "POST", "/Api", "", `{"action":{"action":"x"},"get":{},"get":{}}`, "字段重复"},
	{"name twice", "POST", "/Api", "", withGet(`{"a":1,"\u0061":2}`), "字段重复"},
	{
		"name twice deep in post", "POST", "/Api", "",
		`{"action":{"action":"x"},"post":{"list":[{"a":{"b":1,"c":[],"b":2}}]}}`, "字段重复",
	},
	{"half a character", "POST", "/Api", "", withGet(`{"a":"\ud83d"}`), "文本含半个字符"},
	{"half a character in a name", "POST", "/Api", "", withGet(`{"\ud83d":"a"}`), "文本含半个字符"},
	{"half beside a whole", "POST", "/Api", "", withGet(`{"a":"` + "\ufffd" + `\ud83d"}`), "文本含半个字符"},
	{"unknown group", "POST", "/Api", "", `{"action":{"action":"x"},"head":{}}`, "未知的参数组"},
	{"no action", "POST", "/Api", "", `{"get":{}}`, "缺少action组"},
	{"action null", "POST", "/Api", "", `{"action":null,"get":{}}`, "缺少action组"},
	{"action text", "POST", "/Api", "", `{"action":"x"}`, `action组应为{"action":"接口名称"}`},
	{"action more", "POST", "/Api", "", `{"action":{"action":"x","b":"y"}}`, `action组应为{"action":"接口名称"}`},
	{"action number", "POST", "/Api", "", `{"action":{"action":1}}`, `action组应为{"action":"接口名称"}`},
	{"action with a line feed", "POST", "/Api", "", `{"action":{"action":"x\n1"}}`, `action组应为{"action":"接口名称"}`},
	{"get list", "POST", "/Api", "", withGet(`[1]`), "get组不是对象"},
	{"get list of null", "POST", "/Api", "", withGet(`[null]`), "get组不是对象"},
	{"get text", "POST", "/Api", "", withGet(`"a"`), "get组不是对象"},
	{"get nested", "POST", "/Api", "", withGet(`{"a":{"b":1}}`), "get组的值应为文本或数字"},
	{"get null in the query too", "POST", "/Api?msid=1", "", withGet(`{"msid":null}`), "系统参数应在地址中:msid"},
	{"get null of no name", "POST", "/Api", "", withGet(`{"a=b":null}`), "参数名应为字母、数字和下划线"},
	{"get null twice", "POST", "/Api", "", withGet(`{"a":null,"a":1}`), "字段重复"},
	{"UTF-16", "POST", "/Api", "Content-Type: text/json; charset=utf16", withGet(`{}`), "编码应为UTF-8"},
	{"get bool", "POST", "/Api", "", withGet(`{"a":true}`), "get组的值应为文本或数字"},
	{"get line feed", "POST", "/Api", "", withGet(`{"a":"1\nb=2"}`), "参数含控制字符:a"},
	{"get =", "POST", "/Api", "", withGet(`{"a=b":"1"}`), "参数名应为字母、数字和下划线"},
	{"get no name", "POST", "/Api", "", withGet(`{"":"1"}`), "参数名应为字母、数字和下划线"},
	{"get long name", "POST", "/Api", "", withGet(`{"` + strings.Repeat("a", 65) + `":"1"}`), "参数名应为字母、数字和下划线"},
	{"system in get", "POST", "/Api", "", withGet(`{"msid":"10021"}`), "系统参数应在地址中:msid"},
	{"post list", "POST", "/Api", "", `{"action":{"action":"x"},"post":[{}]}`, "post组不是对象"},
	{"get in the query too", "POST", "/Api?msid=1&mbno=2", "", withGet(`{}`), "参数应在get组:mbno"},
	{"query twice", "GET", "/Api/x?a=1&%61=2", "", "", "参数重复:a"},
	{"system twice", "GET", "/Api/x?msid=1&msid=2", "", "", "参数重复:msid"},
	{"bad escape", "GET", "/Api/x?a=%zz", "", "", "地址编码错误"},
	{"GBK query", "GET", "/Api/x?a=%B1%CC", "", "", "编码应为UTF-8"},
	{"query line feed", "GET", "/Api/x?a=1%0A2", "", "", "参数含控制字符:a"},
	{"nonce line feed", "GET", "/Api/x?nonce=1%0A2", "", "", "参数含控制字符:nonce"},
	{"query name", "GET", "/Api/x?a%3D=1", "", "", "参数名应为字母、数字和下划线"},
	{"GET with a body", "GET", "/Api/x?a=1", "", "{}", "GET请求不能带内容"},
	{"JSON that is none", "POST", "/Api/x", "Content-Type: application/json", "list=[]", "内容不是JSON"},
	{"JSON body twice", "POST", "/Api/x", "", `{"list":[],"list":[]}`, "字段重复"},
	{"multipart", "POST", "/Api/x", "Content-Type: multipart/form-data; boundary=x", "--x--", "不支持multipart"},
	{"form twice", "POST", "/Api/x", "", "a=1&a=2", "参数重复:a"},
	{"form list no JSON", "POST", "/Api/x", "", "list=%5B", "内容不是JSON"},
	{"form list no array", "POST", "/Api/x", "", "list=%7B%7D", "list不是数组"},
	{"form list twice", "POST", "/Api/x", "", "list=%5B%7B%22a%22%3A1%2C%22a%22%3A2%7D%5D", "字段重复"},
}

// TestUnreadable: a request that can be understood in two ways, or not at all, is refused with a reason.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	for _, test := range unreadable {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(test.method, test.target, strings.NewReader(test.body))
			if name, value, ok := strings.Cut(test.header, ": "); ok {
				r.Header.Set(name, value)
			}
			if _, err := parse(r); err != faultForm(test.want) { //nolint:errorlint // the very value
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// TestMethods: no other methods than those of the forms are accepted.
func TestMethods(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ method, target string }{
		{"GET", "/Api"}, {"HEAD", "/Api/x"}, {"PUT", "/Api/x"}, {"OPTIONS", "/Api"}, {"DELETE", "/api/x"},
	} {
		if _, err := parse(httptest.NewRequest(test.method, test.target,
			nil)); err != faultMethod { //nolint:errorlint // the very value
			t.Errorf("%s %s: got %v", test.method, test.target, err)
		}
	}
}

// TestPublishedRequests: the published examples are understood unchanged.
func TestPublishedRequests(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]string{
		"mb_check": "mb_check by 1 get mbno=47302320 id=4730232 extid=47302320 phone=47302320 getlist=1 merge=1 coPage=1 " +
			"openid=o9gBSxJJlVsT6GZvwPVayMh49OfE getBindQr=0 post none",
		"mb_newcard": "mb_newcard by 1 get op=操作员 post",
	} {
		body, err := os.ReadFile("testdata/published/" + action + ".request.json")
		if err != nil {
			t.Fatal(err)
		}
		q, err := parse(httptest.NewRequest(http.MethodPost, "/Api?msid=1", bytes.NewReader(body)))
		if err != nil {
			t.Fatal(err)
		}
		if got := told(q); !strings.HasPrefix(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestControlCharacters(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "M000123": false, "王小明 ~": false, "\u00a0": false,
		"a\n": true, "\x00": true, "\x7f": true, "王\x1f": true, "\u0085": true, "a\u009f": true,
	} {
		if got := hasControl(text); got != want {
			t.Errorf("hasControl(%q) = %t, want %t", text, got, want)
		}
	}
}
