package dc78

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// TestRefusals: every reason of the core has a short Chinese text, and is sent with HTTP 200.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, reason := range ledger.Reasons() {
		f, ok := refusals[reason]
		if !ok {
			t.Errorf("%v has no answer", reason)
			continue
		}
		if n := utf8.RuneCountInString(f.info); n == 0 || n > 30 || f.info[0] < utf8.RuneSelf || f.status != http.StatusOK {
			t.Errorf("%v: %d %q is no short text in Chinese", reason, f.status, f.info)
		}
		if got := faultOf(fmt.Errorf("engine: %w", ledger.Refusal{Reason: reason, Detail: "PLAIN1"})); got != f {
			t.Errorf("%v answers %v, want %v", reason, got, f)
		}
	}
	if len(refusals) != len(ledger.Reasons()) {
		t.Errorf("%d answers for %d reasons", len(refusals), len(ledger.Reasons()))
	}
}

// TestFaultOf: the answer explains refusals and faults only. Of a failure it reveals nothing.
func TestFaultOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want fault
	}{
		{fmt.Errorf("x: %w", faultMissing("mbno")), faultMissing("mbno")},
		{ledger.Refusal{Reason: 0}, faultInternal},
		{ledger.Refusal{Reason: ledger.BadAmount, Detail: "100.01"}, faultBad("amt", "超过单笔上限")},
		{ledger.Refusal{Reason: ledger.BadAmount, Detail: "0.00"}, faultBad("amt", "必须大于0")},
		{ledger.Refusal{Reason: ledger.BadAmount, Detail: "-1.00"}, faultBad("amt", "必须大于0")},
		{engine.ErrBusy, faultBusy},
		{engine.ErrClosed, faultNotDone},
		{fmt.Errorf("%w: load: disk full", engine.ErrNotDone), faultNotDone},
		{context.Canceled, faultInternal},
		{fmt.Errorf("save: %w", command.ErrUnknown), faultOpen},
		{fmt.Errorf("left: %w", context.DeadlineExceeded), faultOpen},
		{errors.New("pq: password authentication failed"), faultInternal},
	} {
		if got := faultOf(test.err); got != test.want {
			t.Errorf("%v answers %v, want %v", test.err, got, test.want)
		}
	}
}

// TestStatuses: HTTP 401, 403, 429, 500, 503 and 504 are for credentials, grants, rate and failures only.
func TestStatuses(t *testing.T) {
	t.Parallel()
	outcomes := map[string]int{
		outUnreadable: 200, outUnknown: 200, outCredentials: 401, outDenied: 403, outRate: 429, outLicence: 200,
		outParameter: 200, outRefused: 200, outFailed: 500, outNotDone: 503, outOpen: 504,
	}
	for _, f := range []fault{
		faultAction, faultMethod, faultName, faultTooLarge, faultCount, faultBad("x", "y").inRow(2), faultCredentials,
		faultTime, faultReplay, faultDenied, faultLicence, faultBusy, faultInternal, faultNotDone, faultOpen,
		faultNoCard, faultNoResolver, faultForm("x"), faultTooMany(1), faultNoCredential("x"), faultBadCredential("x", "y"),
		faultMissing("x"),
		faultBad("x", "y"), faultUnsupported("x"), refused("x"),
	} {
		if want, ok := outcomes[f.outcome]; !ok || f.status != want {
			t.Errorf("%v has status %d, want %d", f, f.status, want)
		}
	}
}

// TestFailure: the caller gets a request id and nothing else; the log gets the rest.
func TestFailure(t *testing.T) {
	t.Parallel()
	w := demo(t)
	w.books.fail = errors.New("disk full")
	for action, get := range map[string]string{
		"mb_check": "mbno=PLAIN1", "mb_trans": "action=1&mbno=PLAIN1&amt=1", "mb_pttrans": "mbno=PLAIN1&pt=1",
		"mb_newcard": "type=15&count=1",
		"co_delist":  "", "co_send": "mbno=PLAIN1&deid=28200",
	} {
		w.log.Reset()
		got := w.ask("10021", pageKey, action, get)
		if asks := action == "mb_check" || action == "co_delist"; asks {
			wantFault(t, got, 503, "系统暂不可用,本次未处理,请稍后再试") // after a read it is known that nothing was done
		} else {
			wantFault(t, got, 500, "内部错误")
		}
		if id := got.Header().Get("X-Request-Id"); id == "" || !strings.Contains(w.log.String(), id) ||
			!strings.Contains(w.log.String(), "disk full") {
			t.Errorf("%s: request %q is not in the log: %s", action, id, w.log)
		}
	}
	wantFault(t, w.ask("10021", pageKey, "mb_check", "phone=1"), 503, "系统暂不可用,本次未处理,请稍后再试")
	wantFault(t, w.ask("10021", pageKey, "mb_check", "mbno=PLAIN1&getlist=1"), 503, "系统暂不可用,本次未处理,请稍后再试")
	for _, no := range []struct {
		err    error
		status int
		info   string
		again  string // Retry-After
	}{
		{engine.ErrBusy, 429, "系统繁忙,请稍后再试", "1"},
		{fmt.Errorf("%w: save: disk full", engine.ErrNotDone), 503, "系统暂不可用,本次未处理,请稍后再试", "1"},
		{fmt.Errorf("no answer: %w", command.ErrUnknown), 504, "处理结果未知,请用相同ref再次请求", ""},
	} {
		w.books.fail = no.err
		got := w.ask("10021", pageKey, "mb_pttrans", "mbno=PLAIN1&pt=1")
		wantFault(t, got, no.status, no.info)
		if got.Header().Get("Retry-After") != no.again {
			t.Errorf("%v: Retry-After is %q, want %q", no.err, got.Header().Get("Retry-After"), no.again)
		}
	}
}

// TestRefusalsAreLoggedWithTheirReason: the log says why a till was refused, and nothing about a card or a
// holder.
func TestRefusalsAreLoggedWithTheirReason(t *testing.T) {
	t.Parallel()
	w := demo(t)
	const taken = `{"list":[{"cardno":"47302320","name":"a","phone":"13900001111","sex":1}]}`
	w.ask("10021", pageKey, "mb_trans", "action=1&mbno=PLAIN1&amt=5&ref=r1")
	w.ask("10021", pageKey, "mb_trans", "action=1&mbno=PLAIN1&amt=x&ref=r2")
	w.post("10021", "", taken)
	log := w.log.String()
	for _, reason := range []string{
		`"reason":"balance is too low"`, `"reason":"参数错误:amt(不是金额)"`, `"reason":"card number is taken"`,
	} {
		if !strings.Contains(log, reason) {
			t.Errorf("%s is not in the log: %s", reason, log)
		}
	}
	for _, secret := range []string{"47302320", "PLAIN1", "13900001111"} {
		if strings.Contains(log, secret) {
			t.Errorf("%s is in the log: %s", secret, log)
		}
	}
}

// TestUnknownActionsAreLogged: what a till or a proxy got wrong in a path is in the log, though the answer has status
// 200. Requests of actions are logged without their paths.
func TestUnknownActionsAreLogged(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/Api/mb_chek?mbno=1": `"path":"/Api/mb_chek"`, "/api/mb_check/nothing": `"path":"/api/mb_check/nothing"`,
		"/Api/13800138000": `"path":"/Api/…"`, "/Api/mb_check?mbno=1": "",
	} {
		w := demo(t)
		w.send(newGet(path))
		log := w.log.String()
		if !strings.Contains(log, want) || strings.Contains(log, `"path"`) != (want != "") {
			t.Errorf("%s: want %q in the log: %s", path, want, log)
		}
	}
}

// TestBadParametersSayWhy: the answer names the parameter and what is wrong with it, but not the value that was
// sent.
func TestBadParametersSayWhy(t *testing.T) {
	t.Parallel()
	w := demo(t)
	for _, test := range []struct{ action, get, want string }{
		{"mb_trans", "action=1&mbno=47302320&amt=19.989", "参数错误:amt(最多两位小数)"},
		{"mb_trans", "action=1&mbno=47302320&amt=12345678901", "参数错误:amt(金额过大)"},
		{"mb_trans", "action=0&mbno=47302320&amt=-5", "参数错误:amt(不能为负数)"},
		{"mb_trans", "action=1&mbno=47302320&amt=4730x", "参数错误:amt(不是金额)"},
		{"mb_trans", "action=7&mbno=47302320&amt=1", "参数错误:action(应为0、1、2或3)"},
		{"mb_check", "id=1234567890123456", "参数错误:id(应为非负整数,最多15位)"},
		{"mb_pttrans", "mbno=47302320&pt=1000000000001", "参数错误:pt(不能为0,最多1000000000000)"},
		{"mb_invoice", "mbno=47302320&amt=9999999999.99", "超过可开票余额"},
	} {
		wantFault(t, w.ask("10021", pageKey, test.action, test.get), http.StatusOK, test.want)
	}
}
