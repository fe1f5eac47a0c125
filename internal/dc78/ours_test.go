package dc78

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// TestOurs: the actions we added to the published pages. LEVEL6 earns 1.5 points a yuan.
func TestOurs(t *testing.T) {
	t.Parallel()
	w := demo(t)
	for _, test := range []struct{ action, get, want string }{
		{"mb_state", "action=2&of=mb_trans&ofAction=1&ref=a", `"info":"未处理","done":"0","ref":"a","server`},
		{"mb_trans", "action=1&mbno=LEVEL6&amt=40&ref=a", `"id":"14"`},
		{
			"mb_state", "action=2&of=mb_trans&ofAction=1&ref=a",
			`"info":"已处理","done":"1","ref":"a","id":"14","answer":{"status":"1","info":"消费成功","id":"14","mbno":"LEVEL6","amt":"40.00","balance":"60.00","bns_balance":"2.00","points":"60","ref":"a"},"server`,
		},
		{"mb_trans", "action=1&mbno=LEVEL6&amt=40&ref=+a%20", `"id":"14"`},
		{"mb_state", "action=2&of=mb_trans&ofAction=1&ref=%20a+", `"done":"1","ref":"a","id":"14"`},
		{"mb_state", "action=2&of=mb_trans&ofAction=0&ref=a", `"done":"0"`},
		{
			"mb_refund", "action=1&mbno=LEVEL6&id=14&amt=10&ref=r",
			`"info":"退款成功","id":"16","mbno":"LEVEL6","amt":"10.00","balance":"70.00","bns_balance":"1.50","points":"45","ref":"r","server`,
		},
		{"mb_refund", "action=1&mbno=LEVEL6&id=14&amt=10&ref=r", `"id":"16"`},
		{
			"mb_refund", "action=1&mbno=level6&id=14&ref=r2",
			`"mbno":"LEVEL6","amt":"30.00","balance":"100.00","bns_balance":"0.00","points":"0"`,
		},
		{"mb_trans", "action=0&mbno=LEVEL6&amt=100&ref=b", `"id":"20"`},
		{
			"mb_refund", "action=0&mbno=LEVEL6&id=20&ref=r3",
			`"info":"充值撤销成功","id":"21","mbno":"LEVEL6","amt":"100.00","balance":"100.00","bns_balance":"0.00"`,
		},
		{"mb_state", "action=0&mbno=LEVEL6&ref=l", `"info":"挂失成功","id":"22","mbno":"LEVEL6","state":"-1","server`},
		{"mb_state", "action=0&mbno=LEVEL6&ref=l", `"info":"挂失成功","id":"22"`},
		{"mb_state", "action=1&mbno=LEVEL6&ref=l", `"info":"解挂成功","id":"23","mbno":"LEVEL6","state":"1","server`},
		{"mb_state", "action=2&of=mb_state&ofAction=0&ref=l", `"done":"1","ref":"l","id":"22"`},
	} {
		wantPart(t, w.ask("10021", pageKey, test.action, test.get), test.want)
	}
	for _, test := range []struct{ action, get, want string }{
		{"mb_refund", "action=1&mbno=LEVEL6&id=14&amt=0.01", "记录已撤销"},
		{"mb_refund", "action=1&mbno=LEVEL6&id=14&amt=0", "参数错误:amt(必须大于0)"},
		{"mb_refund", "action=1&mbno=LEVEL6&id=14&amt=", "参数错误:amt(必须大于0)"},
		{"mb_refund", "action=0&mbno=LEVEL6&id=20&amt=1", "参数错误:amt(整笔处理,不可传)"},
		{"mb_refund", "action=0&mbno=LEVEL6&id=14", "记录类型不符:该记录为消费,请用mb_refund的action=1"},
		{"mb_refund", "action=1&mbno=LEVEL6&id=20", "记录类型不符:该记录为充值,请用mb_refund的action=0"},
		{"mb_trans", "action=3&mbno=LEVEL6&id=14", "记录类型不符:该记录为消费,请用mb_refund的action=1"},
		{"mb_invoice", "action=1&mbno=LEVEL6&id=20", "记录类型不符:该记录为充值,请用mb_refund的action=0"},
		{"mb_refund", "action=1&mbno=LEVEL6&id=15", "记录不可撤销"},
		{"mb_refund", "action=2&mbno=LEVEL6&id=14", "参数错误:action(应为0或1)"},
		{"mb_refund", "mbno=LEVEL6&id=14", "缺少参数:action"},
		{"mb_refund", "action=1&mbno=LEVEL6", "缺少参数:id"},
		{"mb_state", "action=1&mbno=LEVEL6", "卡状态不允许:未挂失"},
		{"mb_state", "action=3&mbno=LEVEL6", "参数错误:action(应为0、1或2)"},
		{"mb_state", "mbno=LEVEL6", "缺少参数:action"},
		{"mb_state", "action=2&of=mb_check&ref=a", "参数错误:of(不在列表中)"},
		{"mb_state", "action=2&of=mb_trans&ref=a", "缺少参数:ofAction"},
		{"mb_state", "action=2&of=mb_trans&ofAction=&ref=a", "缺少参数:ofAction"},
		{"mb_state", "action=2&of=mb_trans&ofAction=9&ref=a", "参数错误:ofAction(不在列表中)"},
		{"mb_state", "action=2&of=mb_invoice&ref=a", ""},
		{"mb_state", "action=2&of=mb_renew&ofAction=1&ref=a", "参数错误:ofAction(不在列表中)"},
		{"mb_state", "action=2&of=mb_trans&ofAction=1", "缺少参数:ref"},
		{"mb_state", "action=2&of=mb_trans&ofAction=1&ref=+", "参数错误:ref(不能为空)"},
	} {
		wantFault(t, w.ask("10021", pageKey, test.action, test.get), http.StatusOK, test.want)
	}
}

// TestTakenBackByRef: what a request did is taken back by its ref alone, and once where that is asked again. Of a
// request that was not carried out the answer says so, and nothing is done.
func TestTakenBackByRef(t *testing.T) {
	t.Parallel()
	w := demo(t)
	const part = "action=1&mbno=LEVEL6&ofRef=a&amt=10&ref=v"
	refunded := `"info":"退款成功","id":"16","mbno":"LEVEL6","amt":"10.00","balance":"70.00","bns_balance":"1.50",` +
		`"points":"45","ref":"v","server`
	for _, test := range []struct{ action, get, want string }{
		{"mb_refund", part, "原业务未处理"},
		{"mb_trans", "action=1&mbno=LEVEL6&amt=40&ref=a", `"info":"消费成功","id":"14"`},
		{"mb_refund", part, refunded},
		{"mb_refund", part, refunded},
		{"mb_refund", "action=1&mbno=LEVEL6&ofRef=a&amt=11&ref=v", "业务单号重复"},
		{"mb_refund", "action=0&mbno=LEVEL6&ofRef=a", "原业务未处理"}, // a is no recharge so far
		{"mb_refund", "action=1&mbno=PLAIN1&ofRef=a", "记录不存在"},
		{"mb_refund", "action=1&mbno=LEVEL6&ofRef=%20a", `"info":"退款成功","id":"18","mbno":"LEVEL6","amt":"30.00","balance":"100.00"`},
		{"mb_refund", "action=1&mbno=LEVEL6&ofRef=a", "记录已撤销"},
		{"mb_trans", "action=0&mbno=LEVEL6&amt=100&ref=a", `"info":"充值成功"`},
		{"mb_refund", "action=0&mbno=LEVEL6&ofRef=a&subject=x", `"info":"充值撤销成功"`},
		{"mb_refund", "action=0&mbno=LEVEL6&ofRef=a", "记录已撤销"},
		{"mb_trans", "action=3&mbno=47302320&ofRef=a", "原业务未处理"},
		{"mb_trans", "action=2&mbno=47302320&amt=15&ref=a", `"info":"签单成功"`},
		{"mb_trans", "action=3&mbno=47302320&ofRef=a", `"info":"签单撤销成功"`},
		{"mb_trans", "action=0&mbno=PLAIN1&amt=90&paytype=wx", `"info":"充值成功"`},
		{"mb_invoice", "mbno=PLAIN1&amt=20&ref=a", `"info":"开票登记成功"`},
		{"mb_invoice", "action=1&mbno=PLAIN1&ofRef=a", `"info":"开票撤销成功"`},
	} {
		got := w.ask("10021", pageKey, test.action, test.get)
		if strings.HasPrefix(test.want, `"info"`) {
			wantPart(t, got, test.want)
		} else {
			wantFault(t, got, http.StatusOK, test.want)
		}
	}
	for _, test := range []struct{ action, get, want string }{
		{"mb_refund", "action=1&mbno=LEVEL6&id=14&ofRef=+", "参数错误:id(不能与ofRef同用)"},
		{"mb_refund", "action=1&mbno=LEVEL6&ofRef=+", "参数错误:ofRef(不能为空)"},
		{"mb_refund", "action=1&mbno=LEVEL6&ofRef=" + strings.Repeat("r", 65), "参数错误:ofRef(最多64个字符)"},
		{"mb_refund", "action=1&mbno=LEVEL6&ofRef=", "缺少参数:id"},
		{"mb_trans", "action=3&mbno=47302320&id=1&ofRef=a", "参数错误:id(不能与ofRef同用)"},
		{"mb_invoice", "action=1&mbno=PLAIN1&id=1&ofRef=a", "参数错误:id(不能与ofRef同用)"},
		{"mb_refund", "action=1&mbno=NOPE&ofRef=b", "会员不存在"},
	} {
		wantFault(t, w.ask("10021", pageKey, test.action, test.get), http.StatusOK, test.want)
	}
	// a ref is one shop's
	wantFault(t, w.ask("10029", pageKey, "mb_refund", "action=1&mbno=LEVEL6&ofRef=a"), http.StatusOK, "原业务未处理")
}

// TestLookingARequestUpIsARead: the question what became of a request is answered once for a nonce, as everything that
// only reads, and when it fails it has certainly done nothing.
func TestLookingARequestUpIsARead(t *testing.T) {
	t.Parallel()
	w := demo(t)
	const question = "action=2&of=mb_trans&ofAction=1&ref=a"
	wantPart(t, w.askWith("10021", pageKey, "mb_state", question, "nonce-01"), `"done":"0"`)
	wantFault(t, w.askWith("10021", pageKey, "mb_state", question, "nonce-01"), http.StatusUnauthorized, faultReplay.info)
	for range 2 { // others are protected by their request ids
		wantPart(t, w.askWith("10021", pageKey, "mb_state", "action=0&mbno=LEVEL6", "nonce-02"), `"info":"挂失成功"`)
	}
	for _, failure := range []error{errors.New("disk full"), fmt.Errorf("no answer: %w", command.ErrUnknown)} {
		w.books.fail = failure
		wantFault(t, w.ask("10021", pageKey, "mb_state", question), http.StatusServiceUnavailable, faultNotDone.info)
	}
}

// TestOursPermissions: each of them needs its own permission.
func TestOursPermissions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		action, get string
		may         ledger.Permission
	}{
		{"mb_refund", "action=1", ledger.MayRefund}, {"mb_refund", "action=0", ledger.MayRefund},
		{"mb_state", "action=0", ledger.MayLose}, {"mb_state", "action=1", ledger.MayCancelLoss},
		{"mb_state", "action=2", ledger.MayRead},
	} {
		name, value := "action", c.get[len("action="):]
		if got := actionOf(c.action).may(params{{name, value}}); got != c.may {
			t.Errorf("%s with %s takes %v, want %v", c.action, c.get, got, c.may)
		}
	}
}

// TestRefKinds: mb_state can report what became of a ref of every action that takes one.
func TestRefKinds(t *testing.T) {
	t.Parallel()
	for _, a := range actions {
		if _, known := refKinds[a.name]; known != (a.ask == nil) {
			t.Errorf("%s: asked about %v, takes a ref %v", a.name, known, a.ask == nil)
		}
	}
}

// TestRefundTellsWhatCanBeSpent: bonus that had expired when its bill was refunded is not in the answer, as it is in
// no balance.
func TestRefundTellsWhatCanBeSpent(t *testing.T) {
	t.Parallel()
	w := demo(t)
	m := demoMerchants()[0]
	m.Settings.BonusDays = 3
	w.books.set(m)
	w.open(10000, command.NewCard{Number: "SPENT1", Level: 1, Holder: ledger.Holder{Name: "甲"}})
	w.do(
		command.Recharge{Merchant: 10000, Card: "SPENT1", Amount: 100_00, PayType: 1},
		command.Consume{Merchant: 10000, Card: "SPENT1", Amount: 55_00},
	)
	bill := w.books.of[10000].Head().LastEntry
	w.now = w.now.AddDate(0, 0, 4)
	refund := fmt.Sprintf("action=1&mbno=SPENT1&id=%d&ref=r", bill)
	const want = `"mbno":"SPENT1","amt":"55.00","balance":"100.00","bns_balance":"0.00","points":"0"`
	wantPart(t, w.ask("10021", pageKey, "mb_refund", refund), want)
	wantPart(t, w.ask("10021", pageKey, "mb_check", "mbno=SPENT1"), `"bns_balance":"0.00"`)
	w.now = w.now.AddDate(0, 0, 1)
	wantPart(t, w.ask("10021", pageKey, "mb_refund", refund), want) // again
}

// TestCheckOfReplacedCard: a number that was replaced has no time and no shop of opening: those of the replacement are
// not the card's. The number in its stead has the card's.
func TestCheckOfReplacedCard(t *testing.T) {
	t.Parallel()
	w := demo(t)
	w.do(command.Consume{Merchant: 10000, Card: "LEVEL6", Amount: 1_00})
	var before, after, old struct {
		Source string `json:"src_msid"`
		State  string `json:"state"`
		Right  struct {
			Opened string `json:"card_createTime"`
		} `json:"mb_right"`
	}
	check := func(mbno string, into any) {
		t.Helper()
		got := w.ask("10021", pageKey, "mb_check", "mbno="+mbno)
		if err := json.Unmarshal(got.Body.Bytes(), into); err != nil {
			t.Fatalf("%v: %s", err, got.Body)
		}
	}
	check("LEVEL6", &before)
	w.now = w.now.AddDate(0, 0, 1)
	w.do(command.Replace{Merchant: 10000, Card: "LEVEL6", Number: "LEVEL7"})
	check("LEVEL7", &after)
	check("LEVEL6", &old)
	if before.Source == "" || before.Right.Opened == "" || after != before {
		t.Errorf("got %+v, was %+v", after, before)
	}
	before.Source, before.State, before.Right.Opened = "", "-2", ""
	if old != before {
		t.Errorf("got %+v, want %+v", old, before)
	}
}

// TestRefundOfReplacedCard: who asks by the number on the receipt is told that the card was replaced, and not by
// which.
func TestRefundOfReplacedCard(t *testing.T) {
	t.Parallel()
	w := demo(t)
	w.do(command.Consume{Merchant: 10000, Card: "LEVEL6", Amount: 1_00})
	bill := w.books.of[10000].Head().LastEntry
	w.do(command.Replace{Merchant: 10000, Card: "LEVEL6", Number: "LEVEL7"})
	for _, get := range []string{"mb_refund action=1", "mb_refund action=0", "mb_trans action=3", "mb_invoice action=1"} {
		var action, rest string
		if _, err := fmt.Sscan(get, &action, &rest); err != nil {
			t.Fatal(err)
		}
		got := w.ask("10021", pageKey, action, fmt.Sprintf("%s&mbno=LEVEL6&id=%d", rest, bill))
		wantFault(t, got, http.StatusOK, "卡状态不允许:已换卡")
	}
}
