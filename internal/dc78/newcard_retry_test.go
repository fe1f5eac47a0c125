package dc78

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// TestPasswordsToldOnce: nothing that is stored, logged or answered later has a password in it, nor a digest of
// one that could be tried out without the key.
func TestPasswordsToldOnce(t *testing.T) {
	t.Parallel()
	w := demo(t)
	var kept []ledger.Request
	w.overCounted(doFunc(func(ctx context.Context, c command.Command) (command.Changes, error) {
		ch, err := w.books.Do(ctx, c)
		kept = append(kept, ch.Requests...)
		return ch, err
	}))
	list := func(password string) string {
		return `{"list":[{"cardno":"6001","password":"` + password + `","name":"a","phone":"1","sex":1},{"type":15}]}`
	}
	first := w.post("10021", "ref=1", list("secret-1"))
	if got := issuedBy(t, first); got.List[0].Pwd != "secret-1" || got.List[1].Pwd != "31415927" {
		t.Errorf("got %+v", got)
	}
	again := w.post("10021", "ref=1", list("secret-1"))
	if got := issuedBy(t, again); got.List[0].Pwd != "" || got.List[1].Pwd != "" || got.List[0].CardNo != "6001" {
		t.Errorf("got %+v", got)
	}
	wantFault(t, w.post("10021", "ref=1", list("secret-2")), 200, "业务单号重复")
	wantFault(t, w.post("10021", "", list("secret-2")), 200, "第1张卡:卡号已存在(6001)")
	if len(kept) != 1 {
		t.Fatalf("%d requests are kept", len(kept))
	}
	seen := w.log.String() + string(kept[0].Answer) + w.ask("10021", pageKey, "mb_check", "mbno=6001").Body.String()
	for _, card := range w.books.cards {
		seen += fmt.Sprintf("%+v", card)
	}
	for _, secret := range []string{"secret-1", "31415927"} {
		if strings.Contains(seen, secret) {
			t.Errorf("%s is in %s", secret, seen)
		}
	}
}

// TestFingerprintsAreKeyed: whoever reads the database and knows the rest of a request still cannot try out
// passwords.
func TestFingerprintsAreKeyed(t *testing.T) {
	t.Parallel()
	fingerprint := func(secret, password string) [32]byte {
		body := `{"list":[{"type":15,"cardno":"6001","password":"` + password + `"}]}`
		q, err := parse(httptest.NewRequest(http.MethodPost, "/Api/mb_newcard?nonce=any-nonce", strings.NewReader(body)))
		if err != nil {
			t.Fatal(err)
		}
		c := &call{
			request: q, action: actionOf("mb_newcard"), agent: &ledger.Agent{},
			merchant: &ledger.Merchant{Settings: ledger.Settings{WeakPasswords: true}}, secret: secret,
		}
		i, err := c.newIssue(&fields{get: q.get})
		if err != nil {
			t.Fatal(err)
		}
		_, print := i.requestKey(c, &fields{get: q.get})
		return print
	}
	if a, b := fingerprint("", "123456"), fingerprint("", "654321"); a != b {
		t.Error("without a secret a password counts")
	}
	prints := map[[32]byte]bool{fingerprint("", "123456"): true}
	for _, secret := range []string{pageKey, otherKey} {
		for _, password := range []string{"123456", "654321", "123456"} {
			prints[fingerprint(secret, password)] = true
		}
	}
	if len(prints) != 5 { // one of the request without a secret, two of each of the others
		t.Errorf("%d fingerprints, want 5", len(prints))
	}
}

// overCounted serves the demo with another Doer, and draws numbers and passwords by counting.
func (w *world) overCounted(do Doer) {
	w.t.Helper()
	cfg := Config{}
	cfg.counted()
	w.overWith(cfg, do, w.books)
}

// TestNewcardRetry: what identifies a request decides what its repetition does.
func TestNewcardRetry(t *testing.T) {
	t.Parallel()
	const named = `{"list":[{"cardno":"6001","name":"a","phone":"1","sex":1}]}`
	const other = `{"list":[{"cardno":"6001","name":"b","phone":"1","sex":1}]}`
	const drawn, drawnOther = `{"list":[{"type":15,"balance":1}]}`, `{"list":[{"type":15,"balance":2}]}`
	type ask struct{ msid, get, body, nonce string }
	for name, test := range map[string]struct {
		first, second ask
		info          string // of the second answer; "" = success
		replayed      bool
	}{
		"a list with a number, signed anew":      {ask{"10021", "op=1", named, "nonce-01"}, ask{"10021", "op=1", named, "nonce-02"}, "", true},
		"of another shop":                        {ask{"10021", "op=1", named, "nonce-01"}, ask{"10029", "op=1", named, "nonce-01"}, "第1张卡:卡号已存在(6001)", false},
		"of another operator":                    {ask{"10021", "op=1", named, "nonce-01"}, ask{"10021", "op=2", named, "nonce-02"}, "第1张卡:卡号已存在(6001)", false},
		"of another content":                     {ask{"10021", "", named, "nonce-01"}, ask{"10021", "", other, "nonce-01"}, "第1张卡:卡号已存在(6001)", false},
		"of another content, same ref":           {ask{"10021", "ref=1", named, "nonce-01"}, ask{"10021", "ref=1", other, "nonce-02"}, "业务单号重复", false},
		"drawn, same nonce":                      {ask{"10021", "", drawn, "nonce-01"}, ask{"10021", "", drawn, "nonce-01"}, "", true},
		"drawn, same nonce, another content":     {ask{"10021", "", drawn, "nonce-01"}, ask{"10021", "", drawnOther, "nonce-01"}, "业务单号重复", false},
		"drawn, another nonce":                   {ask{"10021", "", drawn, "nonce-01"}, ask{"10021", "", drawn, "nonce-02"}, "", false},
		"drawn, same ref":                        {ask{"10021", "ref=1", drawn, "nonce-01"}, ask{"10021", "ref=1", drawn, "nonce-02"}, "", true},
		"drawn by the get group, same nonce":     {ask{"10021", "type=15&count=2", "", "nonce-01"}, ask{"10021", "type=15&count=2", "", "nonce-01"}, "", true},
		"drawn by the get group, another nonce":  {ask{"10021", "type=15&count=2", "", "nonce-01"}, ask{"10021", "type=15&count=2", "", "nonce-02"}, "", false},
		"nobody vouches, same nonce":             {ask{"10029", "", named, "nonce-01"}, ask{"10029", "", other, "nonce-01"}, "业务单号重复", false},
		"nobody vouches, another nonce":          {ask{"10029", "", named, "nonce-01"}, ask{"10029", "", named, "nonce-02"}, "第1张卡:卡号已存在(6001)", false},
		"without nonce, a number":                {ask{"10023", "", named, ""}, ask{"10023", "", named, ""}, "", true},
		"without nonce, drawn, then with a ref":  {ask{"10023", "ref=1", drawn, ""}, ask{"10023", "", drawn, ""}, "缺少参数:ref", false},
		"without nonce, by the get group, a ref": {ask{"10023", "ref=1&type=15&count=1", "", ""}, ask{"10023", "ref=1&type=15&count=1", "", ""}, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := demo(t)
			send := func(a ask) *httptest.ResponseRecorder {
				if a.msid == "10021" && a.body != "" {
					return w.postWith(a.msid, a.get, a.body, a.nonce)
				}
				target := "/Api/mb_newcard?" + a.get + "&msid=" + a.msid
				if a.nonce != "" {
					target += "&nonce=" + a.nonce + "&timestamp=" + strconv.FormatInt(w.now.Unix(), 10)
				}
				return w.send(w.signed(httptest.NewRequest(http.MethodPost, target, strings.NewReader(a.body)), pageKey))
			}
			first := issuedBy(t, send(test.first))
			opened := len(w.books.cards)
			w.now = w.now.Add(time.Minute)
			got := send(test.second)
			wantFault(t, got, 200, test.info)
			replayed := got.Header().Get("Idempotent-Replayed") == "true"
			if replayed != test.replayed || (replayed || test.info != "") != (opened == len(w.books.cards)) {
				t.Errorf("replayed is %v, %d cards of %d", replayed, opened, len(w.books.cards))
			}
			if replayed && issuedBy(t, got).List[0].ID != first.List[0].ID {
				t.Errorf("got %s", got.Body)
			}
		})
	}
}

// TestNewcardDraws: a number that is taken is drawn again. If no number can be drawn, the request fails.
func TestNewcardDraws(t *testing.T) {
	t.Parallel()
	bug := errors.New("no randomness")
	inTurn := func(numbers ...string) func() (string, error) {
		return func() (string, error) {
			if len(numbers) == 0 {
				return "", bug
			}
			number := numbers[0]
			numbers = numbers[1:]
			return number, nil
		}
	}
	always := func(number string) func() (string, error) { return func() (string, error) { return number, nil } }
	for name, test := range map[string]struct {
		cfg  Config
		info string // of the failure in the log; "" = success
		want []string
	}{
		"another card's": {
			Config{NewNumber: inTurn("PLAIN1", "7001", "47302320", "LOST01", "7002")}, "", []string{"7002", "6001", "7001"},
		},
		"the request's own": {
			Config{NewNumber: inTurn("6001", "7001", "7001", "6001", "7002")}, "", []string{"7001", "6001", "7002"},
		},
		"always another's":     {Config{NewNumber: always("PLAIN1")}, errNoNumber.Error(), nil},
		"always of the same":   {Config{NewNumber: always("6001")}, errNoNumber.Error(), nil},
		"no randomness":        {Config{NewNumber: inTurn("7001")}, "draw number: no randomness", nil},
		"none when drawn anew": {Config{NewNumber: inTurn("PLAIN1", "7002")}, "draw number: no randomness", nil},
		"no password": {
			Config{NewPassword: func() (string, error) { return "", bug }}, "draw password: no randomness", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := demoWith(t, test.cfg)
			opened := len(w.books.cards)
			got := w.issue(`[{"type":15},{"type":15,"cardno":"6001"},{"type":15,"count":1}]`)
			if test.info != "" {
				wantFault(t, got, 500, "内部错误")
				if !strings.Contains(w.log.String(), `"error":"`+test.info+`"`) || len(w.books.cards) != opened {
					t.Errorf("got %s", w.log)
				}
				return
			}
			var numbers []string
			for n, told := range issuedBy(t, got).List {
				numbers = append(numbers, told.CardNo)
				card := w.books.cards[ledger.CardKey{Merchant: 10000, Number: told.CardNo}]
				if card.Details.Password != hashPassword("10000", told.Pwd) {
					t.Errorf("card %d has not the password that was told", n)
				}
			}
			if !slices.Equal(numbers, test.want) {
				t.Errorf("got %v, want %v", numbers, test.want)
			}
		})
	}
}

// TestNewcardGivesUp: a server without a source of numbers issues nothing, and one that draws only taken numbers
// stops after some attempts.
func TestNewcardGivesUp(t *testing.T) {
	t.Parallel()
	w := demo(t)
	w.over(w.books, w.books)
	wantFault(t, w.ask("10021", pageKey, "mb_newcard", "type=15&count=1"), 500, "内部错误")
	if !strings.Contains(w.log.String(), errNoIssuing.Error()) {
		t.Errorf("the log does not tell: %s", w.log)
	}
	tries := 0
	w.overCounted(doFunc(func(context.Context, command.Command) (command.Changes, error) {
		tries++
		return command.Changes{}, command.RowRefusal{Index: 1, Refusal: ledger.Refusal{Reason: ledger.CardTaken}}
	}))
	wantFault(t, w.ask("10021", pageKey, "mb_newcard", "type=15&count=2"), 500, "内部错误")
	if tries != 1+maxRedraw || !strings.Contains(w.log.String(), errNoNumber.Error()) {
		t.Errorf("%d tries: %s", tries, w.log)
	}
}

// TestMostCards: 500 cards with everything a clerk types fit in each form of a request. One byte above the limit
// does not.
func TestMostCards(t *testing.T) {
	t.Parallel()
	list := func(cards int, first int) string {
		var rows []string
		for n := range cards {
			rows = append(
				rows,
				fmt.Sprintf(
					`{"cardno":"%d","password":"123456","extid":"%[1]d","balance":100.88,"points":200,"ext_info":%q,"subject":%q,`+
						`"expirydate":"20201225","sex":1,"birthday":"19940103","name":"欧阳娜娜","phone":"18862302465","level":1,"idnumber":"320501199001010011","type":2}`,
					first+n,
					strings.Repeat("测", 60),
					strings.Repeat("备", 40),
				),
			)
		}
		return "[" + strings.Join(rows, ",") + "]"
	}
	for name, post := range map[string]func(w *world, cards, first int) *httptest.ResponseRecorder{
		"JSON": func(w *world, cards, first int) *httptest.ResponseRecorder { return w.issue(list(cards, first)) },
		"form": func(w *world, cards, first int) *httptest.ResponseRecorder {
			return w.post("10021", "", "list="+url.QueryEscape(list(cards, first)))
		},
		"envelope": func(w *world, cards, first int) *httptest.ResponseRecorder {
			body := `{"action":{"action":"mb_newcard"},"post":{"list":` + list(cards, first) + `}}`
			target := "/Api?msid=10029&nonce=nonce-" + strconv.Itoa(first) + "&timestamp=1566296953"
			return w.send(w.signed(httptest.NewRequest(http.MethodPost, target, strings.NewReader(body)), pageKey))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := demo(t)
			wantFault(t, post(w, 501, 100000), 200, faultCount.info)
			if got := issuedBy(t, post(w, 500, 200000)); len(got.List) != 500 || got.List[499].CardNo != "200499" {
				t.Errorf("got %d cards", len(got.List))
			}
		})
	}
	w := demo(t)
	fill := func(size int) string {
		const body = `{"list":[{"type":15,"pad":""}]}`
		return strings.Replace(body, `"pad":"`, `"pad":"`+strings.Repeat("x", size-len(body)), 1)
	}
	issuedBy(t, w.post("10021", "", fill(maxIssueBody)))
	target := "/Api/mb_newcard?msid=10029&nonce=any-nonce&timestamp=1566296953"
	wantFault(t, w.send(httptest.NewRequest(http.MethodPost, target, strings.NewReader(fill(maxIssueBody+1)))), 200,
		faultTooLarge.info)
	wantFault(t, w.send(httptest.NewRequest(http.MethodPost, "/Api", strings.NewReader(fill(maxIssueBody+1)))), 200,
		faultTooLarge.info)
	late := `{"post":{"list":["` + strings.Repeat("x", maxBody) + `"]},"action":{"action":"mb_newcard"}}`
	wantFault(t, w.send(httptest.NewRequest(http.MethodPost, "/Api?msid=10021", strings.NewReader(late))), 200,
		"请求格式错误:action组和get组应在post组前")
	numbers := func(n int) string { return `{"list":[` + strings.Repeat("1,", n-6) + `1]}` } // a list of n tokens
	wantFault(t, w.post("10021", "", numbers(maxTokens)), 200, faultCount.info)
	wantFault(t, w.post("10021", "", numbers(maxTokens+1)), 200, faultTooLarge.info)
}
