package sandy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// TestRefusals: every reason of the core has a code of the page and a short Chinese text.
func TestRefusals(t *testing.T) {
	t.Parallel()
	codes := map[string]bool{"2": true, "3": true, "4": true, "300": true, "400": true}
	for _, reason := range ledger.Reasons() {
		f, ok := refusals[reason]
		if !ok {
			t.Errorf("%v has no answer", reason)
			continue
		}
		if !codes[f.code] {
			t.Errorf("%v: code %s is none of the page's", reason, f.code)
		}
		if n := utf8.RuneCountInString(f.text); n == 0 || n > 30 || f.text[0] < utf8.RuneSelf {
			t.Errorf("%v: %q is no short text in Chinese", reason, f.text)
		}
		if got := faultOf(fmt.Errorf("engine: %w", ledger.Refusal{Reason: reason, Detail: "wx001"})); got != f {
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
		err    error
		code   string
		text   string
		status int
	}{
		{ledger.Refusal{Reason: ledger.BadHolder, Detail: "name"}, "400", "参数错误:uname不能为空,最多64个字", 200},
		{ledger.Refusal{Reason: ledger.BadHolder, Detail: "shoe size"}, "400", "参数错误", 200},
		{ledger.Refusal{Reason: 0}, "500", "内部错误", 500},
		{engine.ErrBusy, "429", "系统繁忙,请稍后再试", 429},
		{engine.ErrClosed, "503", "系统暂不可用,本次未处理,请稍后再试", 503},
		{fmt.Errorf("%w: load: disk full", engine.ErrNotDone), "503", "系统暂不可用,本次未处理,请稍后再试", 503},
		{context.Canceled, "500", "内部错误", 500},
		{fmt.Errorf("save: %w", command.ErrUnknown), "504", "处理结果未知,请用相同请求编号再次请求", 504},
		{fmt.Errorf("left: %w", context.DeadlineExceeded), "504", "处理结果未知,请用相同请求编号再次请求", 504},
		{errors.New("pq: password authentication failed"), "500", "内部错误", 500},
	} {
		f := faultOf(test.err)
		if f.code != test.code || f.text != test.text || f.status() != test.status {
			t.Errorf("%v answers %d %v, want %d %s %s", test.err, f.status(), f, test.status, test.code, test.text)
		}
	}
}

// TestDescribeCoupons: what coupons paid on a bill is shown beside what the card paid. A coupon that paid nothing
// is not mentioned.
func TestDescribeCoupons(t *testing.T) {
	t.Parallel()
	bill := ledger.Entry{
		Kind: ledger.Consumed, Gross: 100_00, Discountable: 100_00, Net: 50_00, PayRate: 8000, Principal: -50_00, Points: 50,
	}
	bill.Coupons = []ledger.CouponPart{{Coupon: 1, Pays: 10_00}, {Coupon: 2, Pays: 20_00}, {Coupon: 3}}
	if got, want := describe(&bill), "8折(0.8)<br/>消费50.0,优惠券抵扣30.0,获得积分50\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	bill.Net, bill.Principal, bill.Coupons = 80_00, -80_00, bill.Coupons[2:]
	if got, want := describe(&bill), "8折(0.8)<br/>消费80.0,获得积分50\n"; got != want {
		t.Errorf("of goods alone: got %q, want %q", got, want)
	}
}

// TestKinds: every kind of entry is in the table. One that is not would be missing from histories without anybody
// noticing.
func TestKinds(t *testing.T) {
	t.Parallel()
	unlisted := map[ledger.Kind]bool{
		ledger.LevelChanged: true, ledger.HolderModified: true, ledger.CardStopped: true, ledger.CardResumed: true,
		ledger.DetailsChanged: true, ledger.PhoneBound: true, ledger.Invoiced: true, ledger.InvoiceReversed: true,
		ledger.CouponSent: true, ledger.CouponVoided: true, ledger.CouponExpired: true, ledger.ExpirySet: true,
		ledger.ClockAccepted: true, ledger.ClockTakenBack: true, ledger.SettingsChanged: true,
		ledger.AgentChanged: true, ledger.MerchantAdded: true, ledger.PersonChanged: true,
		ledger.DataShown: true, ledger.DataExported: true, ledger.HandedOver: true,
		ledger.WebhookChanged: true,
	}
	for _, k := range ledger.Kinds {
		s, ok := kinds[k]
		if !ok {
			t.Errorf("%v is not in the table", k)
			continue
		}
		if (s.event == 0) != unlisted[k] {
			t.Errorf("%v shows as event %d", k, s.event)
		}
		if k < 100 && s.event != int64(k) {
			t.Errorf("%v has the page's number %d, and shows as %d", k, int(k), s.event)
		}
		if !unlisted[k] && strings.TrimSpace(describe(&ledger.Entry{Kind: k})) == "" {
			t.Errorf("%v has no description", k)
		}
	}
}
