package sandy

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// TestOurs: each endpoint we added to the published page, under a request id.
func TestOurs(t *testing.T) {
	t.Parallel()
	w := kindWorld(t)
	ask := func(endpoint, body, want string) {
		t.Helper()
		if got := w.ask("test", guidPage, endpoint, body).Body.String(); !strings.Contains(got, want) {
			t.Errorf("%s %s: got %s, want %s in it", endpoint, body, got, want)
		}
	}
	ask("request", `{"endpoint":"consume","request_id":"c-1"}`,
		`{"request_id":"c-1","endpoint":"consume","done":0,"id":0,"answer":null}`)
	ask("consume", `{"card_id":"7","money":100,"request_id":"c-1"}`, `"amount":"900.00"`)
	bill := w.last()
	ask("request", `{"endpoint":"consume","request_id":"c-1"}`,
		fmt.Sprintf(`"done":1,"id":%d,"answer":{"cur_score":100,"ori_money":100.0,`, bill))
	ask("request", `{"endpoint":"consume","request_id":" c-1 "}`, `{"request_id":"c-1","endpoint":"consume","done":1`)
	ask("request", `{"endpoint":"consume","request_id":" "}`, `参数错误:request_id不能为空`)
	ask("request", `{"endpoint":"recharge","request_id":"c-1"}`, `"done":0`)
	ask("refund", fmt.Sprintf(`{"card_id":"7","id":%d,"money":30,"request_id":"r-1"}`, bill),
		`{"cur_score":70,"money":30.0,"amount":"930.00","card_id":"7","type":7,"id":`)
	ask("refund", fmt.Sprintf(`{"card_id":"7","id":%d,"money":30,"request_id":"r-1"}`, bill), `"amount":"930.00"`) // once
	ask("refund", fmt.Sprintf(`{"card_id":"7","id":%d,"money":70.01}`, bill), `"errmsg":"退款超过可退金额"`)
	ask("refund", fmt.Sprintf(`{"card_id":"7","id":%d,"money":0}`, bill), `参数错误:money必须大于0`)
	ask("refund", fmt.Sprintf(`{"card_id":"7","id":%d,"money":""}`, bill), `参数错误:money必须大于0`)
	ask("refund", fmt.Sprintf(`{"card_id":"7","id":%d,"money":null}`, bill), `参数错误:money必须大于0`)
	ask("refund", fmt.Sprintf(`{"card_id":"7","id":%d,"money":0.0000001}`, bill), `参数错误:money最多两位小数`)
	ask("consume", `{"card_id":"7","money":0.0000001}`, `参数错误:money最多两位小数`)
	ask("recharge", `{"card_id":"7","money":0.0000,"pay_type":1}`, `参数错误:money必须大于0`)
	ask("recharge", `{"card_id":"7","money":100,"pay_type":1,"Request_ID":"x"}`, `参数错误:request_id拼写不同`)
	ask("recharge", `{"card_id":"7","money":100,"pay_type":1,"requestId":"x"}`, `参数错误:request_id拼写不同`)
	ask("recharge", `{"card_id":"7","money":100,"pay_type":1,"request-id":"x"}`, `参数错误:request_id拼写不同`)
	ask("recharge", `{"card_id":"7","money":100,"pay_type":1,"request_id":"x","REQUEST_ID":""}`, `参数错误:request_id拼写不同`)
	ask("refund", fmt.Sprintf(`{"card_id":"7","id":%d}`, bill), `{"cur_score":0,"money":70.0,"amount":"1000.00"`)
	ask("refund", fmt.Sprintf(`{"card_id":"7","id":%d}`, bill), `"errmsg":"记录已撤销"`)
	ask("refund", fmt.Sprintf(`{"card_id":"20001","id":%d}`, bill), `"errmsg":"记录不存在"`)
	ask("recharge", `{"card_id":"7","money":100,"pay_type":1}`, `"amount":"1110.00"`)
	paid := w.last()
	ask("refund", fmt.Sprintf(`{"card_id":"7","id":%d,"type":6,"money":5}`, paid), `参数错误:money不能与充值撤销同用`)
	ask("refund", fmt.Sprintf(`{"card_id":"7","id":%d}`, paid), `"errmsg":"记录类型不符:该记录为充值,type应为6"`)
	ask("refund", fmt.Sprintf(`{"card_id":"7","id":%d,"type":6}`, bill), `"errmsg":"记录类型不符:该记录为消费,type应为7"`)
	ask("refund", fmt.Sprintf(`{"card_id":"7","id":%d}`, bill+1), `"errmsg":"记录不可撤销"`) // the entry is a refund itself
	ask("refund", fmt.Sprintf(`{"card_id":"7","id":%d,"type":6,"reason":"按错"}`, paid),
		`{"cur_score":0,"money":100.0,"amount":"1000.00","card_id":"7","type":6,`)
	ask("refund", `{"card_id":"7","id":1,"type":8}`, `参数错误:type应为6或7`)
	ask("refund", `{"card_id":"7"}`, `参数不足:id`)
	ask("report_lost", `{"card_id":"7","request_id":"l-1"}`, `{"card_id":"7","card_status":"挂失"}`)
	ask("report_lost", `{"card_id":"7","request_id":"l-1"}`, `{"card_id":"7","card_status":"挂失"}`)
	ask("report_lost", `{"card_id":"7"}`, `卡状态不允许:挂失`)
	ask("consume", `{"card_id":"7","money":1}`, `卡状态不允许:挂失`)
	ask("cancel_lost", `{"card_id":"7"}`, `{"card_id":"7","card_status":"正常"}`)
	ask("cancel_lost", `{"card_id":"7"}`, `卡状态不允许:未挂失`)
	ask("request", `{"endpoint":"getcards","request_id":"x"}`, `参数错误:endpoint不在列表中`)
	ask("request", `{"endpoint":"consume"}`, `参数不足:request_id`)
}

// TestRefundByRequest: what a request made is taken back by its id alone, and once where that is asked again, whatever
// program answers. Of a request that was not carried out the answer says so, and nothing is done.
func TestRefundByRequest(t *testing.T) {
	t.Parallel()
	w := kindWorld(t)
	ask := func(endpoint, body, want string) {
		t.Helper()
		if got := w.ask("test", guidPage, endpoint, body).Body.String(); !strings.Contains(got, want) {
			t.Errorf("%s %s: got %s, want %s in it", endpoint, body, got, want)
		}
	}
	const part = `{"card_id":"7","ori_request_id":"c-1","money":30,"request_id":"r-1"}`
	const unknown = `{"errcode":"400","errmsg":"原请求未处理"}`
	ask("refund", part, unknown)
	ask("consume", `{"card_id":"7","money":100,"request_id":"c-1"}`, `"amount":"900.00"`)
	ask("refund", part, `{"cur_score":70,"money":30.0,"amount":"930.00","card_id":"7","type":7,"id":`)
	ask("refund", `{"card_id":"7","ori_request_id":"c-1","money":31,"request_id":"r-1"}`, `请求编号已用于其他内容:request_id`)
	ask("refund", `{"card_id":"7","ori_request_id":"c-1","type":6}`, unknown) // c-1 is no recharge
	ask("refund", `{"card_id":"20001","ori_request_id":"c-1"}`, `"errmsg":"记录不存在"`)
	ask("recharge", `{"card_id":"7","money":100,"pay_type":1,"request_id":"c-1"}`, `"amount":"1040.00"`)
	w = w.again()
	ask("report_lost", `{"card_id":"20001"}`, `挂失`) // from now on the new program takes requests for new ones
	ask("refund", `{"card_id":"7","ori_request_id":" c-1 "}`, `"money":70.0,"amount":"1110.00"`)
	ask("refund", part, `"amount":"930.00"`)
	ask("refund", `{"card_id":"7","ori_request_id":"c-1"}`, `"errmsg":"记录已撤销"`)
	ask("refund", `{"card_id":"7","ori_request_id":"c-1","type":6,"reason":"按错"}`,
		`{"cur_score":0,"money":100.0,"amount":"1000.00","card_id":"7","type":6,`)
	ask("refund", `{"card_id":"7","ori_request_id":"c-1","type":6}`, `"errmsg":"记录已撤销"`)
	ask("refund", `{"card_id":"7","ori_request_id":"c-2"}`, unknown)
}

// TestRefundByRequestOfOthers: the id of a request of another agent, or at another merchant, names none (invariants 17
// and 35).
func TestRefundByRequestOfOthers(t *testing.T) {
	t.Parallel()
	w := demoWorld(t)
	w.agent(20, "another", "another", everything(10000)...)
	w = w.again()
	wantFault(t, w.ask("test", guidPage, "consume", `{"card_id":"M000123","money":1,"request_id":"mine"}`), 200, "", "")
	const undo = `{"card_id":"M000123","ori_request_id":"mine"}`
	wantFault(t, w.ask("another", guidPage, "refund", undo), 200, "400", "原请求未处理")
	wantFault(t, w.ask("test", guidSweets, "refund", undo), 200, "400", "原请求未处理")
	wantFault(t, w.ask("test", guidPage, "refund", undo), 200, "", "")
}

// TestOursPermissions: permission for everything on the published page does not open these endpoints; each needs
// its own. The requests of another agent are not found.
func TestOursPermissions(t *testing.T) {
	t.Parallel()
	const ofThePage = ledger.MayRead | ledger.MayOpen | ledger.MayModify | ledger.MayRecharge | ledger.MayConsume |
		ledger.MayPoints
	w := kindWorld(t)
	doors := map[string]ledger.Permission{
		"refund": ledger.MayRefund, "report_lost": ledger.MayLose, "cancel_lost": ledger.MayCancelLoss,
	}
	id := ledger.AgentID(20)
	for name, door := range doors {
		for token, may := range map[string]ledger.Permission{
			"page": ofThePage, "others": allPermissions &^ door, "key": door,
		} {
			id++
			w.agent(id, name+token, name+token, ledger.Grant{Merchant: 10000, Permissions: may})
		}
	}
	w.agent(id+1, "another", "another", ledger.Grant{Merchant: 10000, Permissions: ledger.MayRead})
	w = w.again()
	for name := range doors {
		for token, want := range map[string]int{
			"page": http.StatusForbidden, "others": http.StatusForbidden, "key": http.StatusOK,
		} {
			if got := w.ask(name+token, guidPage, name, `{"card_id":"NOPE","id":1}`); got.Code != want {
				t.Errorf("%s by %s: got %d %s, want %d", name, token, got.Code, got.Body, want)
			}
		}
	}
	wantFault(t, w.ask("test", guidPage, "consume", `{"card_id":"7","money":1,"request_id":"mine"}`), 200, "", "")
	if got := w.ask("another", guidPage, "request",
		`{"endpoint":"consume","request_id":"mine"}`).Body.String(); !strings.Contains(got, `"done":0`) {
		t.Errorf("another agent's request: %s", got)
	}
}

// TestChanging: request can report on every endpoint that takes a request id.
func TestChanging(t *testing.T) {
	t.Parallel()
	var names []string
	for _, e := range endpoints {
		if e.do != nil {
			names = append(names, e.name)
		}
	}
	if !slices.Equal(names, changing) {
		t.Errorf("got %q, want %q", changing, names)
	}
}

// Whoever asks again gets the bytes of the first answer, whatever became of the card and the merchant's settings
// since, and so does whoever asks what became of the request: answers that are written out of their entries tell of
// nothing else.
func TestReplaysAreTheFirstAnswer(t *testing.T) {
	t.Parallel()
	w := kindWorld(t)
	said := map[string]string{}
	requests := []struct{ endpoint, body string }{
		{"consume", `{"card_id":"7","money":100.07,"money_discount":50,"request_id":"a"}`},
		{"consume", `{"card_id":" 7","money":0.01,"request_id":"b"}`},
		{"recharge", `{"card_id":"7","money":1000,"pay_type":1,"request_id":"a"}`},
		{"consume_score", `{"card_id":"7","score":3,"request_id":"a"}`},
	}
	ask := func(endpoint, body string) string {
		return w.ask("test", guidPage, endpoint, body).Body.String()
	}
	for _, r := range requests {
		if said[r.endpoint+r.body] = ask(r.endpoint, r.body); !strings.Contains(said[r.endpoint+r.body], "cur_score") {
			t.Fatalf("%s %s: %s", r.endpoint, r.body, said[r.endpoint+r.body])
		}
	}
	merchants, err := w.store.Merchants(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m := merchants[slices.IndexFunc(merchants, func(m ledger.Merchant) bool { return m.GUID == guidPage })]
	for i := range m.Levels {
		m.Levels[i].Name, m.Levels[i].PayRate, m.Levels[i].Earn = "改名", 5000, 7000
	}
	m.Rules, m.Settings.SpendOrder, m.Zone = nil, ledger.BonusFirst, time.UTC
	w.merchant(m)
	last := w.last()
	w.do(command.RefundConsume{Merchant: m.ID, Card: "7", Entry: last - 3, Amount: 1},
		command.ModifyHolder{Merchant: m.ID, Card: "7", Name: new("别人")},
		command.Replace{Merchant: m.ID, Card: "7", Number: "70007"})
	w.now = w.now.Add(24 * time.Hour)
	for _, r := range requests {
		want := said[r.endpoint+r.body]
		if got := ask(r.endpoint, r.body); got != want {
			t.Errorf("%s %s: got %s, want %s", r.endpoint, r.body, got, want)
		}
		id, _, _ := strings.Cut(r.body[strings.Index(r.body, "request_id")+len(`request_id":"`):], `"`)
		got := ask("request", fmt.Sprintf(`{"endpoint":%q,"request_id":%q}`, r.endpoint, id))
		if !strings.HasSuffix(got, `"answer":`+want+"}") {
			t.Errorf("request %s of %s: got %s, want %s in it", id, r.endpoint, got, want)
		}
	}
	kept := 0
	err = w.store.EachRequest(t.Context(), m.ID, func(q *ledger.Request) error {
		if q.Layout != 0 && q.Answer == nil && len(q.Rest) < 10 {
			kept++
		}
		return nil
	})
	if err != nil || kept != len(requests) {
		t.Errorf("%d of %d answers are not kept whole, %v", kept, len(requests), err)
	}
}

// TestRefundTellsWhatCanBeSpent: bonus that had expired when its bill was refunded is not in the answer, as it is in
// no balance.
func TestRefundTellsWhatCanBeSpent(t *testing.T) {
	t.Parallel()
	w := historyWorld(t)
	w.do(command.Recharge{Merchant: 10000, Card: "H0004", Amount: 100_00, PayType: 4})
	w.do(command.Consume{Merchant: 10000, Card: "H0004", Amount: 150_00})
	bill := w.last()
	w.now = w.now.AddDate(0, 0, 4)
	body := fmt.Sprintf(`{"card_id":"H0004","id":%d,"request_id":"r"}`, bill)
	refund := w.ask("test", guidPage, "refund", body).Body.String()
	info := w.ask("test", guidPage, "getcardinfo", `{"card_id":"H0004"}`).Body.String()
	if !strings.Contains(refund, `"amount":"200.00"`) || !strings.Contains(info, `"amount":200.0,`) {
		t.Errorf("got %s, and then %s", refund, info)
	}
	w.now = w.now.AddDate(0, 0, 1)
	if again := w.ask("test", guidPage, "refund", body).Body.String(); again != refund {
		t.Errorf("asked again, got %s, want %s", again, refund)
	}
}

// TestRefundOfReplacedCard: who asks by the number on the receipt is told that the card was replaced, and not by
// which.
func TestRefundOfReplacedCard(t *testing.T) {
	t.Parallel()
	w := kindWorld(t)
	w.do(command.Consume{Merchant: 10000, Card: "20001", Amount: 1_00})
	bill := w.last()
	w.do(command.Replace{Merchant: 10000, Card: "20001", Number: "20002"})
	for _, refundType := range []int{6, 7} {
		got := w.ask("test", guidPage, "refund", fmt.Sprintf(`{"card_id":"20001","id":%d,"type":%d}`, bill, refundType))
		if want := `{"errcode":"400","errmsg":"卡状态不允许:已换卡"}`; got.Body.String() != want {
			t.Errorf("got %s, want %s", got.Body, want)
		}
	}
}
