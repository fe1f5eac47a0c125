package dc78

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"tongka"
	"tongka/internal/engine"
)

// TestRefusals walks every reason the core may give: each must have a short text in Chinese, and come
// with HTTP 200.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, reason := range tongka.Reasons() {
		f, ok := refusals[reason]
		if !ok {
			t.Errorf("%v has no answer", reason)
			continue
		}
		if n := utf8.RuneCountInString(f.info); n == 0 || n > 30 || f.info[0] < utf8.RuneSelf || f.status != http.StatusOK {
			t.Errorf("%v: %d %q is no short text in Chinese", reason, f.status, f.info)
		}
		if got := faultOf(fmt.Errorf("engine: %w", tongka.Refusal{Reason: reason, Detail: "PLAIN1"})); got != f {
			t.Errorf("%v answers %v, want %v", reason, got, f)
		}
	}
	if len(refusals) != len(tongka.Reasons()) {
		t.Errorf("%d answers for %d reasons", len(refusals), len(tongka.Reasons()))
	}
}

// TestFaultOf: only refusals and faults may say anything; a failure says nothing of its inside.
func TestFaultOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want fault
	}{
		{fmt.Errorf("x: %w", faultMissing("mbno")), faultMissing("mbno")},
		{tongka.Refusal{Reason: 0}, faultInternal},
		{engine.ErrBusy, faultBusy},
		{engine.ErrClosed, faultInternal},
		{context.Canceled, faultInternal},
		{fmt.Errorf("save: %w", tongka.ErrUnknown), faultInternal},
		{errors.New("pq: password authentication failed"), faultInternal},
	} {
		if got := faultOf(test.err); got != test.want {
			t.Errorf("%v answers %v, want %v", test.err, got, test.want)
		}
	}
}

// TestStatuses: HTTP 401, 403, 429 and 500 are for credentials, grants, rate and failures only.
func TestStatuses(t *testing.T) {
	t.Parallel()
	outcomes := map[string]int{
		outUnreadable: 200, outUnknown: 200, outCredentials: 401, outDenied: 403, outRate: 429, outLicence: 200,
		outParameter: 200, outRefused: 200, outFailed: 500,
	}
	for _, f := range []fault{
		faultAction, faultMethod, faultName, faultTooLarge, faultCount, faultBad("x").inRow(2), faultCredentials, faultTime, faultReplay, faultDenied, faultLicence, faultBusy, faultInternal,
		faultNoCard, faultNoResolver, faultForm("x"), faultTooMany(1), faultNoCredential("x"), faultBadCredential("x"), faultMissing("x"),
		faultBad("x"), faultUnsupported("x"), refused("x"),
	} {
		if want, ok := outcomes[f.outcome]; !ok || f.status != want {
			t.Errorf("%v has status %d, want %d", f, f.status, want)
		}
	}
}

// TestFailure: the caller learns a request id and nothing else; the log learns the rest.
func TestFailure(t *testing.T) {
	t.Parallel()
	w := demo(t)
	w.books.fail = errors.New("disk full")
	for action, get := range map[string]string{
		"mb_check": "mbno=PLAIN1", "mb_trans": "action=1&mbno=PLAIN1&amt=1", "mb_pttrans": "mbno=PLAIN1&pt=1", "mb_newcard": "type=15&count=1",
		"co_delist": "", "co_send": "mbno=PLAIN1&deid=28200",
	} {
		w.log.Reset()
		got := w.ask("10021", pageKey, action, get)
		wantFault(t, got, 500, "内部错误")
		if id := got.Header().Get("X-Request-Id"); id == "" || !strings.Contains(w.log.String(), id) || !strings.Contains(w.log.String(), "disk full") {
			t.Errorf("%s: request %q is not in the log: %s", action, id, w.log)
		}
	}
	wantFault(t, w.ask("10021", pageKey, "mb_check", "phone=1"), 500, "内部错误")
	wantFault(t, w.ask("10021", pageKey, "mb_check", "mbno=PLAIN1&getlist=1"), 500, "内部错误")
	w.books.fail = engine.ErrBusy
	got := w.ask("10021", pageKey, "mb_pttrans", "mbno=PLAIN1&pt=1")
	wantFault(t, got, 429, "系统繁忙,请稍后再试")
	if got.Header().Get("Retry-After") != "1" {
		t.Errorf("Retry-After is %q", got.Header().Get("Retry-After"))
	}
}
