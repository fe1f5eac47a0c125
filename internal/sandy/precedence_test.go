package sandy

import (
	"encoding/json"
	"net/http/httptest"
	"testing"
)

// step is a request and its refusal. Each step mends the fault of the one above.
type step struct {
	body string
	code string // "" = success
	text string
}

// bodies lists, for every endpoint, the faults of its body in order of precedence.
var bodies = map[string][]step{
	"cardlevellist": {{"", "", ""}},
	"getrechargerules": {
		{`{"card_id":`, "400", "参数错误:请求内容不是JSON对象"},
		{`{"card_id":7.5}`, "400", "参数类型错误:card_id"},
		{`{"card_id":-7}`, "400", "参数类型错误:card_id"},
		{`{"card_id":""}`, "1", "参数不足:card_id"},
		{`{"card_id":"a\u0000b"}`, "400", "参数错误:card_id含控制字符"},
		{`{"card_id":"NOPE"}`, "2", "卡不存在"},
		{`{"card_id":"wx001"}`, "", ""},
	},
	"getcards": {
		{`{"key":"a","key":"b"}`, "400", "参数错误:请求内容有重复的字段"},
		{`{"key":true}`, "400", "参数类型错误:key"},
		{`{"key":null}`, "1", "参数不足:key"},
		{`{"key":"12345678901234567890123456789012345678901234567890123456789012345"}`, "400", "参数错误:key最多64个字符"},
		{`{"key":"1234567890123456789012345678901234567890123456789012345678901234"}`, "", ""},
	},
	"cardopen": {
		{`"cardID"`, "400", "参数错误:请求内容不是JSON对象"},
		{`{"cardID":["x"],"cardLevelID":"x","uname":"u","gender":9}`, "400", "参数类型错误:cardID"},
		{`{"cardLevelID":"x","uname":"u","gender":9}`, "1", "参数不足:cardID"},
		{`{"cardID":"wx001","cardLevelID":"","uname":"u","gender":9}`, "1", "参数不足:cardLevelID"},
		{`{"cardID":"wx001","cardLevelID":"x","gender":9}`, "1", "参数不足:uname"},
		{`{"cardID":"wx001","cardLevelID":"x","uname":"u","gender":9}`, "1", "参数不足:phone"},
		{`{"cardID":"wx001","cardLevelID":"x","uname":"u","phone":"1","gender":9}`, "400", "参数错误:cardLevelID应为不带符号的整数"},
		{`{"cardID":"wx001","cardLevelID":"8","uname":"u","phone":"1","gender":9}`, "400", "参数错误:cardLevelID不存在"},
		{`{"cardID":"wx001","cardLevelID":"1","uname":"u","phone":"1","gender":9}`, "400", "参数错误:gender应为0或1"},
		{`{"cardID":"wx001","cardLevelID":"1","uname":"u","phone":"1","gender":1}`, "3", "卡已存在"},
		{`{"cardID":"wx.0","cardLevelID":"1","uname":"u","phone":"1","gender":1}`, "400", "参数错误:cardID应为1到40个字母、数字、-或_"},
		{`{"cardID":"wx002","cardLevelID":"1","uname":"u","phone":"1","gender":1}`, "", ""},
	},
	"recharge": {
		{``, "400", "参数错误:请求内容不是JSON对象"},
		{`{"card_id":"NOPE","money":false}`, "400", "参数类型错误:money"},
		{`{"card_id":"NOPE","money":"-1"}`, "1", "参数不足:pay_type"},
		{`{"card_id":"NOPE","money":"-1","pay_type":9}`, "400", "参数错误:money必须大于0"},
		{`{"card_id":"NOPE","money":"0.00","pay_type":9}`, "400", "参数错误:money必须大于0"},
		{`{"card_id":"NOPE","money":"1","pay_type":9}`, "400", "参数错误:pay_type不存在"},
		{`{"card_id":"NOPE","money":"1","pay_type":3}`, "2", "卡不存在"},
		{`{"card_id":"LOST01","money":"1","pay_type":3}`, "400", "卡状态不允许:挂失"},
		{`{"card_id":"wx001","money":"1","pay_type":3}`, "", ""},
	},
	"consume": {
		{`[]`, "400", "参数错误:请求内容不是JSON对象"},
		{`{"card_id":{},"money_discount":"x"}`, "400", "参数类型错误:card_id"},
		{`{"card_id":"NOPE","money_discount":"x"}`, "1", "参数不足:money"},
		{`{"card_id":"NOPE","money":"1e9","money_discount":"x"}`, "400", "参数错误:money不是金额"},
		{`{"card_id":"NOPE","money":"99999","money_discount":"x"}`, "400", "参数错误:money_discount不是金额"},
		{`{"card_id":"NOPE","money":"99999","money_discount":"-0.01"}`, "400", "参数错误:money_discount不能为负数"},
		{`{"card_id":"NOPE","money":"99999","money_discount":"-0.00"}`, "2", "卡不存在"},
		{`{"card_id":"NOPE","money":"99999","money_discount":-0.0}`, "2", "卡不存在"},
		{`{"card_id":"NOPE","money":"99999","money_discount":"99999.01"}`, "2", "卡不存在"},
		{`{"card_id":"NOPE","money":"99999","money_discount":"99999"}`, "2", "卡不存在"},
		{`{"card_id":"LOST01","money":"99999","money_discount":"99999"}`, "400", "卡状态不允许:挂失"},
		{`{"card_id":"wx001","money":"99999","money_discount":"99999"}`, "4", "余额不足"},
		{`{"card_id":"wx001","money":"9","money_discount":"9"}`, "", ""},
	},
	"getcardinfo": {
		{`nonsense`, "400", "参数错误:请求内容不是JSON对象"},
		{`{"card_id":1.5}`, "400", "参数类型错误:card_id"},
		{`{}`, "1", "参数不足:card_id"},
		{`{"card_id":"\u001f"}`, "400", "参数错误:card_id含控制字符"},
		{`{"card_id":"NOPE"}`, "2", "卡不存在"},
		{`{"card_id":"LOST01"}`, "", ""},
	},
	"modcardinfo": {
		{`{"uname":"\ud800"}`, "400", "参数错误:请求内容含半个字符"},
		{`{"phone":1.5,"birthday":"x"}`, "400", "参数类型错误:phone"},
		{`{"phone":"1","birthday":"x"}`, "1", "参数不足:card_id"},
		{`{"card_id":"NOPE","phone":"1","birthday":"x","gender":3}`, "400", "参数错误:birthday不是日期"},
		{`{"card_id":"NOPE","phone":"1","birthday":"2999-1-1","gender":3}`, "400", "参数错误:gender应为0或1"},
		{`{"card_id":"NOPE","phone":"1","birthday":"2999-1-1","gender":1}`, "400", "参数错误:birthday不能晚于今天"},
		{`{"card_id":"NOPE","phone":"1","birthday":"1999-1-1","gender":1,"uname":""}`, "400", "参数错误:uname不能为空,最多64个字"},
		{`{"card_id":"NOPE","phone":"1","birthday":"1999-1-1","gender":1}`, "2", "卡不存在"},
		{`{"card_id":"BACK01","phone":"1","birthday":"1999-1-1","gender":1}`, "400", "卡状态不允许:已退卡"},
		{`{"card_id":"wx001","phone":"1","birthday":"1999-1-1","gender":1}`, "", ""},
	},
	"getcardhis": {
		{"{\"card_id\":\"\xff\"}", "400", "参数错误:请求内容不是UTF-8编码"},
		{`{"page":[],"page_size":0}`, "400", "参数类型错误:page"},
		{`{"page":0,"page_size":0}`, "1", "参数不足:card_id"},
		{`{"card_id":"NOPE","page":0,"page_size":0,"event_type":7.5}`, "400", "参数错误:page应为1到1000000000"},
		{`{"card_id":"NOPE","page":1,"page_size":0,"event_type":7.5}`, "400", "参数错误:page_size应为1到1000000000"},
		{`{"card_id":"NOPE","page":1,"page_size":500,"event_type":7.5}`, "400", "参数错误:event_type应为不带符号的整数"},
		{
			`{"card_id":"NOPE","page":1,"page_size":500,"event_type":7.0,"only_score_change":2}`, "400",
			"参数错误:only_score_change应为0到1",
		},
		{`{"card_id":"NOPE","page":1,"page_size":500,"event_type":7.0,"only_score_change":1}`, "2", "卡不存在"},
		{`{"card_id":"wx001","page":1,"page_size":500,"event_type":7.0,"only_score_change":1}`, "", ""},
	},
	"consume_score": {
		{`{"card_id":"wx001","score":1}}`, "400", "参数错误:请求内容不是JSON对象"},
		{`{"card_id":"NOPE","score":{}}`, "400", "参数类型错误:score"},
		{`{"card_id":"NOPE"}`, "1", "参数不足:score"},
		{`{"card_id":"NOPE","score":"-5"}`, "400", "参数错误:score应为不带符号的数字"},
		{`{"card_id":"NOPE","score":"-0.0"}`, "400", "参数错误:score应为1到1000000000000"},
		{`{"card_id":"NOPE","score":"0.99"}`, "400", "参数错误:score应为1到1000000000000"},
		{`{"card_id":"NOPE","score":"400.99"}`, "2", "卡不存在"},
		{`{"card_id":"STOP01","score":"400.99"}`, "400", "卡状态不允许:停用"},
		{`{"card_id":"47302320","score":"400.99"}`, "4", "积分不足"},
		{`{"card_id":"47302320","score":"4.99"}`, "", ""},
	},
	"refund": {
		{`[]`, "400", "参数错误:请求内容不是JSON对象"},
		{`{"card_id":"NOPE","id":true,"money":"x"}`, "400", "参数类型错误:id"},
		{`{"card_id":"NOPE","money":"x","type":5}`, "1", "参数不足:id"},
		{`{"card_id":"NOPE","id":"x","money":"x","type":5}`, "400", "参数错误:id应为不带符号的整数"},
		{`{"card_id":"NOPE","id":1,"money":"x","type":5}`, "400", "参数错误:money不是金额"},
		{`{"card_id":"NOPE","id":1,"money":0,"type":5}`, "400", "参数错误:money必须大于0"},
		{`{"card_id":"NOPE","id":1,"money":1,"type":5}`, "400", "参数错误:type应为6或7"},
		{`{"card_id":"NOPE","id":1,"money":1,"type":6}`, "400", "参数错误:money不能与充值撤销同用"},
		{`{"card_id":"NOPE","id":1,"money":1,"type":7}`, "2", "卡不存在"},
		{`{"card_id":"wx001","id":999,"money":1}`, "400", "记录不存在"},
		{`{"card_id":"NOPE","id":"x","ori_request_id":5,"money":"x"}`, "400", "参数类型错误:ori_request_id"},
		{`{"ori_request_id":" ","money":"x"}`, "1", "参数不足:card_id"},
		{`{"card_id":"NOPE","id":"x","ori_request_id":" ","money":"x"}`, "400", "参数错误:ori_request_id不能与id同用"},
		{`{"card_id":"NOPE","id":"","ori_request_id":" ","money":"x"}`, "400", "参数错误:ori_request_id不能为空"},
		{`{"card_id":"NOPE","id":null,"ori_request_id":"a","money":"x"}`, "400", "参数错误:money不是金额"},
		{`{"card_id":"NOPE","ori_request_id":"a","money":1}`, "2", "卡不存在"},
		{`{"card_id":"LOST01","ori_request_id":"a","money":1}`, "400", "原请求未处理"},
		{`{"card_id":"wx001","ori_request_id":"a","type":6}`, "400", "原请求未处理"},
	},
	"report_lost": {
		{`{`, "400", "参数错误:请求内容不是JSON对象"},
		{`{"card_id":1.5}`, "400", "参数类型错误:card_id"},
		{`{}`, "1", "参数不足:card_id"},
		{`{"card_id":"NOPE"}`, "2", "卡不存在"},
		{`{"card_id":"STOP01"}`, "400", "卡状态不允许:停用"},
		{`{"card_id":"wx001"}`, "", ""},
	},
	"cancel_lost": {
		{`{`, "400", "参数错误:请求内容不是JSON对象"},
		{`{"card_id":[]}`, "400", "参数类型错误:card_id"},
		{`{"card_id":""}`, "1", "参数不足:card_id"},
		{`{"card_id":"NOPE"}`, "2", "卡不存在"},
		{`{"card_id":"wx001"}`, "400", "卡状态不允许:未挂失"},
		{`{"card_id":"LOST01"}`, "", ""},
	},
	"request": {
		{`{`, "400", "参数错误:请求内容不是JSON对象"},
		{`{"endpoint":5}`, "400", "参数类型错误:endpoint"},
		{`{"request_id":"a"}`, "1", "参数不足:endpoint"},
		{`{"endpoint":"getcards"}`, "1", "参数不足:request_id"},
		{`{"endpoint":"getcards","request_id":"a"}`, "400", "参数错误:endpoint不在列表中"},
		{`{"endpoint":"consume","request_id":"a"}`, "", ""},
	},
}

// TestPrecedence begins with every fault at once, for every endpoint, and mends one after the other. The answer
// must always name the fault that comes first.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			steps, ok := bodies[e.name]
			if !ok {
				t.Fatal("no steps for this endpoint")
			}
			w := statusWorld(t)
			w.agent(9, "nothing", "may-nothing")
			worst := steps[0].body
			wantFault(t, w.ask("nobody", guidOther, e.name, worst), 401, "401", "身份验证失败")
			wantFault(t, w.ask("test", guidOther, e.name, worst), 403, "403", "没有权限")
			wantFault(t, w.ask("test", guidExpired, e.name, worst), 200, "300", "系统过期")
			wantFault(t, w.ask("test", guidClosed, e.name, worst), 403, "403", "门店已停用")
			for _, s := range steps {
				wantFault(t, w.ask("test", guidPage, e.name, s.body), 200, s.code, s.text)
			}
		})
	}
}

func wantFault(t *testing.T, got *httptest.ResponseRecorder, status int, code, text string) {
	t.Helper()
	if code == "" {
		if got.Code != status || faultIn(got).Code != "" {
			t.Errorf("got %d %s, want success", got.Code, got.Body)
		}
		return
	}
	f := faultIn(got)
	if got.Code != status || f.Code != code || f.Text != text {
		t.Errorf("got %d %s, want %d %s %s", got.Code, got.Body, status, code, text)
	}
}

type wireFault struct {
	Code string `json:"errcode"`
	Text string `json:"errmsg"`
}

// faultIn returns the fault in an answer, empty if there is none.
func faultIn(got *httptest.ResponseRecorder) (f wireFault) {
	_ = json.Unmarshal(got.Body.Bytes(), &f) // an array cannot be decoded and is not a fault
	return f
}
