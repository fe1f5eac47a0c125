package api

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// What an operation wants of a field can be said in Chinese.
func TestWants(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	refused, n := regexp.MustCompile(`refuseField\([^\n]*("want[^"\n]*")\)`), 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range refused.FindAllStringSubmatch(string(text), -1) {
			n++
			want, err := strconv.Unquote(found[1])
			if err != nil || wantOf(want, ledger.Chinese) == want || wantOf(want, ledger.English) != want {
				t.Errorf("%s: %s has no words in Chinese in wantsOwn", file, found[1])
			}
		}
	}
	if n < 25 {
		t.Errorf("only %d were found", n)
	}
	for english, chinese := range map[string]string{
		"expected number >= 1":                          "须不小于 1",
		"expected required property card to be present": "缺少字段 card",
		`expected value to be one of "a, b"`:            "须为其中之一：a, b",
		"there is no shop 99":                           "没有门店 99",
		"there is no 11: leave out the id of a new one": "没有 11：新增的不要写编号",
		"want at most 64 characters in one line":        "最多 64 个字符，不换行",
		"want at most 9.00":                             "须不超过 9.00",
	} {
		if got := wantOf(english, ledger.Chinese); got != chinese {
			t.Errorf("%s: %s, want %s", english, got, chinese)
		}
	}
}

// A number that is written with a point or an exponent is refused by its field, in words of JSON.
func TestWholeNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for number, good := range map[string]bool{
		"100": true, "100.0": false, "1e2": false, "1E2": false, "100.5": false, "1" + strings.Repeat("0", 400): false,
	} {
		got := w.call(keyAll, http.MethodPost, "/quotes", `{"card":"6001","amount":`+number+`}`)
		if good {
			if got.Code != http.StatusOK {
				t.Errorf("%s: %d %s", number, got.Code, got.Body)
			}
			continue
		}
		p := w.problem(got, http.StatusUnprocessableEntity, "invalid_request")
		if len(p.Errors) != 1 || p.Errors[0].Field != "body.amount" || p.Errors[0].Want != wantInteger {
			t.Errorf("%s: %+v", number, p.Errors)
		}
	}
	far := w.call(keyAll, http.MethodPost, "/quotes", `{"card":"6001","amount":1,"shop":99999999999999999999}`)
	p := w.problem(far, http.StatusUnprocessableEntity, "invalid_request")
	if len(p.Errors) != 1 || strings.Contains(p.Errors[0].Want, "Go") {
		t.Errorf("%+v", p.Errors)
	}
}
