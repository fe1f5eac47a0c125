package client

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

const vectorKey = "b77217c91f9d0f5670de0dfab0e75378176d6c2e"

// tail ends every answer of this wire.
const tail = `,"server_timestamp":1566296953,"server_time":"2019-08-20 18:29:13","server_name":"wx-task2.hz","msid":"10021"}`

// TestSign is the published test vector.
func TestSign(t *testing.T) {
	t.Parallel()
	c, err := newCall("mb_check", map[string]string{"mbno": "47302320", "getlist": "1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	text := c.signText("10021", "1566296953", "a1b2c3d4")
	if want := "mb_check\n10021\n1566296953\na1b2c3d4\ngetlist=1\nmbno=47302320"; text != want {
		t.Errorf("got text %q, want %q", text, want)
	}
	if got, want := sign(vectorKey,
		text), "0a42919f876c039adca4905c8353a0b95d9cf50a6eb23c064c92c53cde1c446f"; got != want {
		t.Errorf("got sign %s, want %s", got, want)
	}
	if want := `{"action":{"action":"mb_check"},"get":{"getlist":"1","mbno":"47302320"}}`; string(c.envelope) != want {
		t.Errorf("got envelope %s, want %s", c.envelope, want)
	}
}

// A query that somebody else sends is signed with the parameters it has.
func TestSignedQuery(t *testing.T) {
	t.Parallel()
	d := DC78{MSID: "10021", Key: vectorKey}
	q, err := url.ParseQuery(d.SignedQuery("mb_check", map[string]string{"phone": "+86 1&2", "getlist": "1"}))
	if err != nil {
		t.Fatal(err)
	}
	text := "mb_check\n10021\n" + q.Get("timestamp") + "\n" + q.Get("nonce") + "\ngetlist=1\nphone=+86 1&2"
	if got, want := q.Get("sign"), sign(vectorKey, text); got != want || len(q) != 6 || len(q.Get("nonce")) < 8 {
		t.Errorf("got %v, want sign %s", q, want)
	}
	if again, _ := url.ParseQuery(d.SignedQuery("mb_check", nil)); again.Get("nonce") == q.Get("nonce") {
		t.Error("a nonce came twice")
	}
}

// verify does what a server does: it takes a request apart and computes the signature again from what it
// received.
func verify(t *testing.T, got try) (action string, get map[string]string) {
	t.Helper()
	var in struct {
		Action map[string]string
		Get    map[string]string
		Post   json.RawMessage
	}
	if err := json.Unmarshal([]byte(got.body), &in); err != nil {
		t.Fatalf("%s: %v", got.body, err)
	}
	lines := []string{in.Action["action"], got.query["msid"][0], got.query["timestamp"][0], got.query["nonce"][0]}
	var params []string
	for name, value := range in.Get {
		params = append(params, name+"="+value)
	}
	slices.Sort(params)
	mac := hmac.New(sha256.New, []byte(vectorKey))
	mac.Write([]byte(strings.Join(append(lines, params...), "\n")))
	if want := hex.EncodeToString(mac.Sum(nil)); got.query["sign"][0] != want {
		t.Errorf("sign is %s, want %s, of %s", got.query["sign"][0], want, got.body)
	}
	if n := len(got.query["nonce"][0]); n < 8 || n > 64 || len(got.query) != 4 || got.path != "/Api" ||
		got.method != "POST" {
		t.Errorf("got %s %s?%v", got.method, got.path, got.query)
	}
	digest := ""
	if in.Post != nil {
		digest = fmt.Sprintf("%x", sha256.Sum256(in.Post))
	}
	if in.Get["post_sha256"] != digest {
		t.Errorf("post_sha256 is %q, want %q, of %s", in.Get["post_sha256"], digest, in.Post)
	}
	delete(in.Get, "post_sha256")
	return in.Action["action"], in.Get
}

// actions has a call of each action and its answer: the published one or, if the page has none, one from the
// server's contract.
var actions = []struct {
	action string
	call   func(*DC78, context.Context) (any, error)
	get    map[string]string
	answer string
	want   any
}{
	{
		"mb_check",
		func(d *DC78, ctx context.Context) (any, error) {
			return d.MbCheck(ctx, MbCheckRequest{Mbno: "47302320", Coupons: 1})
		},
		map[string]string{"mbno": "47302320", "getlist": "1"},
		published("mb_check"),
		Member{
			Mbno: "47302320", ID: "4730232", ExtID: "123456789012312345678", Kind: "0", State: "1", Balance: 579599,
			Bonus: 4000939, Points: 310,
			Level: "5", LevelName: "钻石卡1", Name: "雪碧", Phone: "15606132502", ExpiryDate: "2019-07-25",
			Coupons: []Coupon{{
				ID: "27207625", Activity: "28200", Name: "彭老板的券", Info: "这是券说明", Type: CouponCash, Cash: 3000, Least: 10000,
				MaxUse: 3, Shops: "全部",
				Valid: "20190723~20190822", No: "28*******395", SentAt: "2019-07-23 16:08:49", Subject: "赠送",
			}},
			BindQR: "https://mc-4124.hz.dc78.cn/Member/register.html?p=gpcs&bindToken=8ce5557a**************ce121ecfc",
		},
	},
	{
		"mb_check",
		func(d *DC78, ctx context.Context) (any, error) {
			m, err := d.MbCheck(ctx, MbCheckRequest{Phone: "1", Coupons: 1, Merge: 1, CouponPage: 2, Bind: 1})
			return m.Coupons, err
		},
		map[string]string{"phone": "1", "getlist": "1", "merge": "1", "coPage": "2", "getBindQr": "1"},
		`{"status":"1","mbno":"1","balance":"0.00","bns_balance":"0.00","points":"0","state":"1","colist":[{"coid":"7","maxUseQty":"100","cash":"0","price":0,` +
			`"requireamt":"0","type":"1","qty":2,"coids":["7","8"]}]` + tail,
		[]Coupon{{ID: "7", MaxUse: 100, Type: CouponGoods, Qty: 2, IDs: CouponIDs{"7", "8"}}},
	},
	{
		"mb_newcard",
		func(d *DC78, ctx context.Context) (any, error) {
			return d.MbNewcard(ctx, MbNewcardRequest{Op: "操作员", Ref: "n-1", Cards: []NewCard{{
				CardNo: "100101", Name: "西瓜 <&>", Phone: "18862302465", Level: 1, Sex: new(0), Birthday: "19940103", ExtID: "109",
				Password: "123456", Balance: 10088, Points: 200, ExpiryDate: "20201225",
			}}})
		},
		map[string]string{"op": "操作员", "ref": "n-1"},
		published("mb_newcard"),
		[]Issued{{"8481085", "15696132601", "15696132601", "123456", "100000001", ""}},
	},
	{
		"mb_trans",
		func(d *DC78, ctx context.Context) (any, error) {
			return d.MbTrans(ctx, MbTransRequest{
				Action: TransConsume, Mbno: "47302320", Amount: 1250, Points: 100, PtAmount: 100, PtRate: "100:1", Ref: "b-1",
				Coupons: CouponIDs{"7", "8"},
			})
		},
		map[string]string{
			"action": "1", "mbno": "47302320", "amt": "12.50", "points": "100", "ptamt": "1.00", "ptrate": "100:1", "ref": "b-1",
			"lsco": "7,8",
		},
		`{"status":"1","info":"交易成功","id":"9","mbno":"47302320","amt":"12.50","co_amt":"2.50","ptamt":"1.00","balance":"100.00","bns_balance":"0.05","points":"210","ref":"b-1"` + tail,
		Transaction{"9", "47302320", 1250, 250, 100, 10000, 5, 210, "b-1", ""},
	},
	{
		"mb_trans",
		func(d *DC78, ctx context.Context) (any, error) {
			return d.MbTrans(ctx, MbTransRequest{
				Action: TransConsume, Mbno: "77745054383187054228", Amount: 100, Ref: "b-2", Vericode: "1357",
			})
		},
		map[string]string{"action": "1", "mbno": "77745054383187054228", "amt": "1.00", "ref": "b-2", "vericode": "1357"},
		`{"status":"1","info":"消费成功","id":"9","mbno":"47302320","amt":"1.00","balance":"100.00","bns_balance":"0.05","points":"210","ref":"b-2"` + tail,
		Transaction{"9", "47302320", 100, 0, 0, 10000, 5, 210, "b-2", ""},
	},
	{
		"mb_trans",
		func(d *DC78, ctx context.Context) (any, error) {
			return d.MbTrans(ctx, MbTransRequest{
				Action: TransRecharge, Mbno: "47302320", Amount: 10000, PayType: "wx", Bonus: 500, CreatePay: 1, Ref: "r-1",
			})
		},
		map[string]string{
			"action": "0", "mbno": "47302320", "amt": "100.00", "paytype": "wx", "bonus": "5.00", "createpay": "1", "ref": "r-1",
		},
		`{"status":"1","info":"充值成功","id":"9","mbno":"47302320","amt":"100.00","balance":"200.00","bns_balance":"5.00","points":"210","ref":"r-1","payid":"9"` + tail,
		Transaction{"9", "47302320", 10000, 0, 0, 20000, 500, 210, "r-1", "9"},
	},
	{
		"mb_trans",
		func(d *DC78, ctx context.Context) (any, error) {
			return d.MbTrans(ctx, MbTransRequest{Action: TransRecharge, Mbno: "47302320", Amount: 10000, NoBonus: 1, Ref: "r-2"})
		},
		map[string]string{"action": "0", "mbno": "47302320", "amt": "100.00", "nobonus": "1", "ref": "r-2"},
		`{"status":"1","info":"充值成功","id":"10","mbno":"47302320","amt":"100.00","balance":"300.00","bns_balance":"5.00","points":"210","ref":"r-2"` + tail,
		Transaction{"10", "47302320", 10000, 0, 0, 30000, 500, 210, "r-2", ""},
	},
	{
		"mb_pttrans",
		func(d *DC78, ctx context.Context) (any, error) {
			return d.MbPttrans(ctx, MbPttransRequest{Mbno: "47302320", Points: -10, Ref: "p-1", Memo: "换礼 & more"})
		},
		map[string]string{"mbno": "47302320", "pt": "-10", "ref": "p-1", "memo": "换礼 & more"},
		`{"status":"1","info":"积分更新成功","id":"10","pt":"-10","ptbalance":300` + tail,
		PointsMoved{"10", -10, 300},
	},
	{
		"mb_vericode",
		func(d *DC78, ctx context.Context) (any, error) {
			return d.MbVericode(ctx, MbVericodeRequest{TransConsume, "47302320", 100000, "v-1"})
		},
		map[string]string{"action": "1", "mbno": "47302320", "amt": "1000.00", "ref": "v-1"},
		`{"status":"1","errcode":0,"errmsg":"ok","msgid":1234567890123456789,"info":"验证码已发送客户微信"` + tail,
		Vericode{"1", "验证码已发送客户微信", "1234567890123456789"},
	},
	{
		"mb_refund",
		func(d *DC78, ctx context.Context) (any, error) {
			return d.MbRefund(ctx, MbRefundRequest{
				Action: TransConsume, Mbno: "LEVEL6", ID: "14", Amount: new(Fen(1000)), Ref: "r-1",
			})
		},
		map[string]string{"action": "1", "mbno": "LEVEL6", "id": "14", "amt": "10.00", "ref": "r-1"},
		`{"status":"1","info":"退款成功","id":"16","mbno":"LEVEL6","amt":"10.00","balance":"70.00","bns_balance":"1.50","points":"45","ref":"r-1"` + tail,
		Transaction{"16", "LEVEL6", 1000, 0, 0, 7000, 150, 45, "r-1", ""},
	},
	{
		"mb_refund",
		func(d *DC78, ctx context.Context) (any, error) {
			return d.MbRefund(ctx, MbRefundRequest{Action: TransRecharge, Mbno: "LEVEL6", OfRef: "a", Ref: "r-2", Subject: "按错"})
		},
		map[string]string{"action": "0", "mbno": "LEVEL6", "ofRef": "a", "ref": "r-2", "subject": "按错"},
		`{"status":"1","info":"充值撤销成功","id":"19","mbno":"LEVEL6","amt":"100.00","balance":"70.00","bns_balance":"1.50","points":"45","ref":"r-2"` + tail,
		Transaction{"19", "LEVEL6", 10000, 0, 0, 7000, 150, 45, "r-2", ""},
	},
	{
		"mb_state",
		func(d *DC78, ctx context.Context) (any, error) {
			return d.MbState(ctx, MbStateRequest{Action: StateLost, Mbno: "LEVEL6", Ref: "l-1"})
		},
		map[string]string{"action": "0", "mbno": "LEVEL6", "ref": "l-1"},
		`{"status":"1","info":"挂失成功","id":"20","mbno":"LEVEL6","state":"-1"` + tail,
		StateChanged{"20", "LEVEL6", "-1"},
	},
	{
		"mb_state",
		func(d *DC78, ctx context.Context) (any, error) {
			return d.MbRequest(ctx, MbRequestRequest{Of: "mb_trans", OfAction: TransConsume, Ref: "a"})
		},
		map[string]string{"action": "2", "of": "mb_trans", "ofAction": "1", "ref": "a"},
		`{"status":"1","info":"已处理","done":"1","ref":"a","id":"14","answer":{"status":"1","id":"14"}` + tail,
		RequestDone{1, "14", json.RawMessage(`{"status":"1","id":"14"}`)},
	},
	{
		"mb_state",
		func(d *DC78, ctx context.Context) (any, error) {
			return d.MbRequest(ctx, MbRequestRequest{Of: "mb_renew", Ref: "b"})
		},
		map[string]string{"action": "2", "of": "mb_renew", "ref": "b"},
		`{"status":"1","info":"未处理","done":"0","ref":"b"` + tail,
		RequestDone{},
	},
	{
		"co_delist",
		func(d *DC78, ctx context.Context) (any, error) { return d.CoDelist(ctx) },
		map[string]string{},
		`{"status":"1","list":[{"deid":28200,"name":"30元券","cash":"30.00","type":"0","cotype":"0"}],"act_list":[]` + tail,
		[]Activity{{"28200", "30元券", 3000, "0"}},
	},
	{
		"co_send",
		func(d *DC78, ctx context.Context) (any, error) {
			return d.CoSend(ctx, CoSendRequest{Mbno: "47302320", Activity: "28200", Ref: "c-1"})
		},
		map[string]string{"mbno": "47302320", "deid": "28200", "ref": "c-1"},
		`{"status":"1","info":"发券成功","id":"5","num":"28*******395","enddate":"20190822","name":"30元券"` + tail,
		Sent{ID: "5", No: "28*******395", EndDate: "20190822", Name: "30元券"},
	},
}

// TestActions sends every action and reads its answer.
func TestActions(t *testing.T) {
	t.Parallel()
	for _, tt := range actions {
		d, sent := dc78(act{body: tt.answer})
		got, err := tt.call(d, t.Context())
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %+v, %v\nwant %+v", tt.action, got, err, tt.want)
		}
		action, get := verify(t, sent.tries[0])
		if action != tt.action || !reflect.DeepEqual(get, tt.get) {
			t.Errorf("%s: sent %s %v, want %v", tt.action, action, get, tt.get)
		}
	}
}

// renew calls an action that has no method of its own, with a ref.
func renew(d *DC78, ctx context.Context) error {
	_, err := d.Do(ctx, "mb_renew", map[string]string{"ref": "r"}, nil)
	return err
}

// blind calls an action without a request id.
func blind(action string) func(*DC78, context.Context) error {
	return func(d *DC78, ctx context.Context) error { _, err := d.Do(ctx, action, nil, nil); return err }
}

// repeat is a call, what happens to each try, its outcome, and the number of tries.
type repeat struct {
	name  string
	call  func(*DC78, context.Context) error
	acts  []act
	tries int
	want  string
}

func repeats() []repeat {
	lost, dial, failed := act{err: errLost}, act{err: errDial}, act{
		status: 500, body: `{"status":"0","info":"系统错误"` + tail,
	}
	busy := act{status: 429, body: `{"status":"0","info":"请求过于频繁"` + tail, after: "1"}
	short := act{body: `{"status":"0","info":"余额不足"` + tail}
	ok := act{
		body: `{"status":"1","mbno":"1","balance":"1.00","bns_balance":"0.00","points":"0","state":"1","ptbalance":0,"id":"1","list":[]` + tail,
	}
	check := func(d *DC78, ctx context.Context) error { _, err := d.MbCheck(ctx, MbCheckRequest{}); return err }
	trans := func(d *DC78, ctx context.Context) error { _, err := d.MbTrans(ctx, MbTransRequest{}); return err }
	points := func(d *DC78, ctx context.Context) error { _, err := d.MbPttrans(ctx, MbPttransRequest{}); return err }
	list := func(d *DC78, ctx context.Context) error { _, err := d.CoDelist(ctx); return err }
	send := func(d *DC78, ctx context.Context) error { _, err := d.CoSend(ctx, CoSendRequest{}); return err }
	cards := func(d *DC78, ctx context.Context) error { _, err := d.MbNewcard(ctx, MbNewcardRequest{}); return err }
	refund := func(d *DC78, ctx context.Context) error { _, err := d.MbRefund(ctx, MbRefundRequest{}); return err }
	state := func(d *DC78, ctx context.Context) error { _, err := d.MbState(ctx, MbStateRequest{}); return err }
	request := func(d *DC78, ctx context.Context) error {
		_, err := d.MbRequest(ctx, MbRequestRequest{Ref: "a"})
		return err
	}
	code := func(d *DC78, ctx context.Context) error { _, err := d.MbVericode(ctx, MbVericodeRequest{}); return err }
	return []repeat{
		{"check", check, []act{lost, failed, busy, ok}, 4, "ok"},
		{"check, in vain", check, []act{failed}, 4, "0 系统错误 (HTTP 500)"},
		{"trans", trans, []act{lost, failed, dial, ok}, 4, "ok"},
		{"trans, in vain", trans, []act{lost}, 4, "unsure lost"},
		{"trans, refused", trans, []act{short}, 1, "0 余额不足"},
		{"trans, lost and refused", trans, []act{lost, short}, 2, "0 余额不足"},
		{
			"trans, lost and the licence is over", trans, []act{lost, {body: `{"status":"0","info":"系统过期"` + tail}}, 2,
			"unsure 0 系统过期",
		},
		{"trans without a balance", trans, []act{{body: `{"status":"1","mbno":"1"` + tail}}, 1, "unsure unreadable"},
		{"trans without a ref", blind("mb_trans"), []act{lost, ok}, 1, "unsure lost"},
		{"points", points, []act{lost, ok}, 2, "ok"},
		{"renewal", renew, []act{lost, ok}, 2, "ok"},
		{"coupon list", list, []act{lost, ok}, 2, "ok"},
		{"coupon", send, []act{lost, failed, ok}, 3, "ok"},
		{"coupon, in vain", send, []act{failed}, 4, "unsure 0 系统错误 (HTTP 500)"},
		{"coupon, busy", send, []act{busy, dial, ok}, 3, "ok"},
		{"coupon without a ref", blind("co_send"), []act{lost, ok}, 1, "unsure lost"},
		{"cards", cards, []act{lost, failed, ok}, 3, "ok"},
		{"code", code, []act{lost, ok}, 2, "ok"},
		{"refund", refund, []act{lost, failed, ok}, 3, "ok"},
		{"refund, in vain", refund, []act{lost}, 4, "unsure lost"},
		{"lost", state, []act{lost, ok}, 2, "ok"},
		{"lost, in vain", state, []act{lost}, 4, "unsure lost"},
		{"request", request, []act{lost, failed, {body: `{"status":"1","done":"0"` + tail}}, 3, "ok"},
		{"request, in vain", request, []act{lost}, 4, "lost"},
		{"not signed well", trans, []act{{status: 401, body: `{"status":"0","info":"签名错误"` + tail}}, 1, "0 签名错误 (HTTP 401)"},
		{"status is a number", trans, []act{{body: `{"status":0,"info":"余额不足"}`}}, 1, "0 余额不足"},
		{"no status", trans, []act{{body: `{"info":"?"}`}}, 1, "unsure unreadable"},
		{"status is a list", trans, []act{{body: `{"status":[]}`}}, 1, "unsure unreadable"},
		{"not JSON", trans, []act{{body: html}}, 4, "unsure unreadable"},
		{"not JSON without a ref", blind("mb_trans"), []act{{body: html}}, 1, "unsure unreadable"},
		{"gateway", check, []act{{status: 403, body: html}}, 1, "Forbidden (HTTP 403)"},
		{"too long", check, []act{{body: strings.Repeat(" ", maxAnswer+1)}}, 1, "too long"},
	}
}

// TestRepeats: a request that the server carries out once is repeated under the same ref with a new signature.
// Any other is repeated only if it certainly was not carried out.
func TestRepeats(t *testing.T) {
	t.Parallel()
	for _, tt := range repeats() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d, sent := dc78(tt.acts...)
				err := tt.call(d, t.Context())
				if outcome(err) != tt.want || len(sent.tries) != tt.tries {
					t.Errorf("got %s after %d tries (%v), want %s after %d", outcome(err), len(sent.tries), err, tt.want, tt.tries)
				}
				sameAgain(t, sent.tries)
				nonces := map[string]bool{}
				for _, try := range sent.tries {
					action, get := verify(t, try)
					once := get["ref"] != ""
					if u, ok := errors.AsType[Unsure](err); ok && (u.RequestID != "") != once {
						t.Errorf("%s with ref %q is unsure of %q", action, get["ref"], u.RequestID)
					}
					nonces[try.query["nonce"][0]] = true
				}
				if len(nonces) != tt.tries {
					t.Errorf("%d nonces in %d tries: a nonce is taken once", len(nonces), tt.tries)
				}
			})
		})
	}
}

// TestDo: requests and answers without a type of their own are passed on unchanged.
func TestDo(t *testing.T) {
	t.Parallel()
	d, sent := dc78(act{body: `{"status":"1","info":"发卡成功","type":"15","list":[]` + tail})
	get := struct {
		Type    int `json:"type"`
		Balance Fen `json:"balance"`
		Count   int `json:"count"`
	}{15, 10000, 3}
	a, err := d.Do(t.Context(), "mb_newcard", get, json.RawMessage(`{"x" : "<1.50>"}`))
	if err != nil || a.Status != "1" || a.Info != "发卡成功" || !strings.Contains(string(a.Body), `"type":"15"`) {
		t.Errorf("got %+v, %v", a, err)
	}
	if _, get := verify(t, sent.tries[0]); !reflect.DeepEqual(get, map[string]string{
		"type": "15", "balance": "100.00", "count": "3",
	}) {
		t.Errorf("sent %v", get)
	}
	for name, bad := range map[string]any{
		"a list": []string{"x"}, "nested": map[string]any{"x": []int{1}}, "no JSON": func() {},
	} {
		if _, err := d.Do(t.Context(), "mb_check", bad, nil); err == nil || len(sent.tries) != 1 {
			t.Errorf("%s: got %v after %d tries", name, err, len(sent.tries))
		}
	}
}
