package dc78

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tongka/internal/auth"
	"tongka/internal/ledger"
)

// step is a request and its refusal. Each step mends the fault of the one above.
type step struct {
	get  string
	info string // "" = success
}

// parameters lists, for every action, the faults of its parameters in order of precedence.
var parameters = map[string][]step{
	"mb_check": {
		{"getlist=2&coPage=0", "缺少参数:mbno"},
		{"mbno=NOPE&getlist=2&coPage=0&merge=x", "参数错误:getlist(应为0或1)"},
		{"mbno=NOPE&getlist=1&coPage=0&merge=x", "参数错误:merge(应为0或1)"},
		{"mbno=NOPE&getlist=1&coPage=0&merge=1", "参数错误:coPage(应为正整数)"},
		{"mbno=NOPE&getlist=1&coPage=1&merge=1&getBindQr=9", "参数错误:getBindQr(应为0或1)"},
		{"id=x&getlist=1", "参数错误:id(应为非负整数,最多15位)"},
		{"id=0&getlist=1", "会员不存在"},
		{"mbno=NOPE&phone=15606132502", "会员不存在"},
		{"mbno=130000000000000000", "未配置支付条码查询"},
		{"mbno=160000000000000000", "会员不存在"},
		{"mbno=LOST01", ""},
	},
	"mb_newcard": { // without a list; for one with a list see TestNewcardPrecedence
		{"count=x&op=" + strings.Repeat("o", 201), "缺少参数:list"},
		{"type=2&count=x&op=" + strings.Repeat("o", 201), "缺少参数:list"},
		{"type=15&balance=x&password=12345678&op=" + strings.Repeat("o", 201), "缺少参数:count"},
		{"type=15&count=0&password=12345678&op=" + strings.Repeat("o", 201), "参数错误:op(最多200个字)"},
		{"type=15&count=0&password=12345678", "参数错误:count(应为正整数)"},
		{"type=15&count=2&password=12345678&cardno=6001", "参数错误:cardno(count大于1时不可指定)"},
		{"type=15&count=2&password=12345678&extid=6001", "参数错误:extid(count大于1时不可指定)"},
		{"type=15&count=501&password=12345678&balance=1e2", "参数错误:balance(不是金额)"},
		{"type=15&count=501&password=12345678&ref=" + strings.Repeat("r", 65), "参数错误:ref(最多64个字符)"},
		{"type=15&count=501&password=12345678", "暂不支持的参数:password"},
		{"type=15&count=501&level=9", "发卡数量应为1到500"},
		{"type=15&count=500&level=9&expirydate=20190819", "参数错误:level(没有此卡等级)"},
		{"type=15&count=500&level=1&expirydate=20190819", "有效期已过"},
		{"type=15&count=1&expirydate=1day&cardno=47302320", "卡号已存在(47302320)"},
		{"type=15&count=500&balance=100&points=1", ""},
	},
	"mb_trans": {
		{"amt=x&vericode=1", "缺少参数:action"},
		{"action=4&amt=x&vericode=1", "参数错误:action(应为0、1、2或3)"},
		{"action=1&amt=x&vericode=1", "缺少参数:mbno"},
		{"action=1&mbno=NOPE&vericode=1", "缺少参数:amt"},
		{"action=1&mbno=NOPE&vericode=1&amt=1e3", "参数错误:amt(不是金额)"},
		{"action=1&mbno=NOPE&vericode=000&amt=-0.01&ref=" + strings.Repeat("r", 65), "参数错误:amt(不能为负数)"},
		{"action=1&mbno=NOPE&vericode=000&amt=-0.00&ref=" + strings.Repeat("r", 65), "参数错误:ref(最多64个字符)"},
		{"action=1&mbno=NOPE&points=-0&ptrate=x&amt=0", "参数错误:ptrate(应为比例,如100:1)"},
		{"action=1&mbno=NOPE&vericode=000&amt=0&ref=" + strings.Repeat("r", 65), "参数错误:ref(最多64个字符)"},
		{"action=1&mbno=NOPE&vericode=000&amt=0&op=" + strings.Repeat("o", 201), "参数错误:op(最多200个字)"},
		{"action=1&mbno=NOPE&vericode=" + strings.Repeat("v", 201) + "&amt=0&lsco=0", "参数错误:vericode(最多200个字)"},
		{"action=1&mbno=NOPE&vericode=000&amt=0&lsco=0", "参数错误:lsco(应为1到100个不重复的券编号,以逗号分隔)"},
		{"action=0&mbno=NOPE&vericode=000&amt=0&lsco=1", "参数错误:lsco(仅用于消费)"},
		{"action=0&mbno=NOPE&points=100&amt=0", "暂不支持的参数:points"},
		{"action=0&mbno=NOPE&ptamt=0.01&amt=0", "暂不支持的参数:ptamt"},
		{"action=0&mbno=NOPE&ptrate=100&amt=0", "暂不支持的参数:ptrate"},
		{"action=1&mbno=NOPE&points=-1&ptrate=x&ptamt=1e2&amt=0&bonus=1", "参数错误:points(应为非负整数,最多15位)"},
		{"action=1&mbno=NOPE&points=100&ptrate=1:100&ptamt=1e2&amt=0&bonus=1", "参数错误:ptrate(应为比例,如100:1)"},
		{"action=1&mbno=NOPE&points=100&ptrate=10:1&ptamt=1e2&amt=0&bonus=1", "参数错误:ptamt(不是金额)"},
		{"action=1&mbno=NOPE&points=100&ptrate=10:1&ptamt=1.01&amt=0", "参数错误:amt(必须大于0)"},
		{"action=1&mbno=NOPE&points=100&ptrate=10:1&ptamt=1.01&amt=0.01", "参数错误:ptrate(与积分比例不符)"},
		{"action=1&mbno=NOPE&points=100&createpay=2&ptamt=x&amt=0", "参数错误:createpay(应为0或1)"},
		{"action=1&mbno=NOPE&points=100&createpay=1&ptamt=x&amt=0", "缺少参数:ptrate"},
		{"action=1&mbno=NOPE&points=100&ptrate=100:1&ptamt=1.00&amt=0.01", "会员不存在"},
		{"action=1&mbno=NOPE&bonus=x&nobonus=2&amt=0", "参数错误:nobonus(应为0或1)"},
		{"action=1&mbno=NOPE&bonus=x&nobonus=1&createpay=1&amt=0", "参数错误:amt(必须大于0)"},
		{"action=1&mbno=NOPE&iscompensated=1&amt=x&subject=" + strings.Repeat("s", 201), "缺少参数:trantime"},
		{"action=1&mbno=NOPE&iscompensated=2&amt=0&subject=" + strings.Repeat("s", 201), "参数错误:iscompensated(应为0或1)"},
		{
			"action=1&mbno=NOPE&trantime=20190820182913&amt=0&subject=" + strings.Repeat("s", 201),
			"参数错误:trantime(须与iscompensated=1同用)",
		},
		{"action=1&mbno=NOPE&iscompensated=1&trantime=2019-08-20+18:29&amt=0", "参数错误:trantime(应为yyyyMMddHHmmss)"},
		{
			"action=1&mbno=NOPE&iscompensated=1&trantime=20190813182912&amt=0&subject=" + strings.Repeat("s", 201),
			"参数错误:subject(最多200个字)",
		},
		{
			"action=1&mbno=NOPE&iscompensated=1&trantime=20190813182912&amt=0&market=" + strings.Repeat("m", 201),
			"参数错误:market(最多200个字)",
		},
		{"action=1&mbno=NOPE&iscompensated=1&trantime=20190813182912&amt=0", "参数错误:trantime(应在7天前到5分钟后之间)"},
		{"action=1&mbno=NOPE&iscompensated=1&trantime=20190820183414&amt=0", "参数错误:trantime(应在7天前到5分钟后之间)"},
		{"action=1&mbno=NOPE&iscompensated=1&trantime=20190820183413&amt=0", "参数错误:amt(必须大于0)"},
		{"action=1&mbno=NOPE&iscompensated=1&trantime=20190813182913&amt=0", "参数错误:amt(必须大于0)"},
		{"action=0&mbno=NOPE&paytype=wc&nobonus=2&bonus=x&amt=0", "参数错误:nobonus(应为0或1)"},
		{"action=0&mbno=NOPE&nobonus=2&bonus=x&createpay=2&amt=0", "参数错误:nobonus(应为0或1)"},
		{"action=0&mbno=NOPE&nobonus=1&bonus=x&createpay=2&amt=0", "参数错误:bonus(不是金额)"},
		{"action=0&mbno=NOPE&nobonus=1&bonus=1&createpay=2&amt=0", "参数错误:bonus(不能与nobonus同用)"},
		{"action=0&mbno=NOPE&nobonus=1&bonus=0&createpay=2&amt=0", "参数错误:amt(必须大于0)"},
		{"action=0&mbno=NOPE&paytype=wc&amt=0", "参数错误:amt(必须大于0)"},
		{"action=0&mbno=NOPE&paytype=wc&amt=1", "参数错误:paytype(没有此支付方式)"},
		{"action=0&mbno=NOPE&paytype=wx&amt=0", "参数错误:amt(必须大于0)"},
		{"action=0&mbno=NOPE&paytype=wx&amt=1", "会员不存在"},
		{"action=0&mbno=LIVE01&amt=1", "卡等级不可充值"},
		{"action=0&mbno=PLAIN1&amt=100&bonus=10.01", "赠送金额超过充值规则"},
		{"action=1&mbno=280000000000000000&amt=1", "未配置支付条码查询"},
		{"action=2&amt=x&vericode=1", "缺少参数:mbno"},
		{"action=2&mbno=NOPE&amt=x&vericode=1", "参数错误:amt(不是金额)"},
		{"action=2&mbno=NOPE&amt=0&vericode=1&bonus=1", "暂不支持的参数:bonus"},
		{"action=2&mbno=NOPE&amt=0", "参数错误:amt(必须大于0)"},
		{"action=2&mbno=NOPE&amt=1", "会员不存在"},
		{"action=2&mbno=LOST01&amt=1", "卡状态不允许:挂失"},
		{"action=2&mbno=PLAIN1&amt=1", "卡等级没有签单账户"},
		{"action=2&mbno=47302320&amt=15.01", "超过签单额度"},
		{"action=2&mbno=47302320&amt=15", ""},
		{"action=3&vericode=1", "缺少参数:mbno"},
		{"action=3&mbno=NOPE&vericode=1", "缺少参数:id"},
		{"action=3&mbno=NOPE&id=x&vericode=1", "参数错误:id(应为非负整数,最多15位)"},
		{"action=3&mbno=NOPE&id=1&amt=1&createpay=1", "参数错误:amt(整笔处理,不可传)"},
		{"action=3&mbno=NOPE&id=1&createpay=1", "暂不支持的参数:createpay"},
		{"action=3&mbno=NOPE&id=1", "会员不存在"},
		{"action=3&mbno=47302320&id=0", "记录不存在"},
		{"action=3&mbno=47302320&id=1", "记录不可撤销"},
		{"action=1&mbno=LOST01&amt=60", "卡状态不允许:挂失"},
		{"action=1&mbno=BACK01&amt=60&lsco=1", "卡状态不允许:已退卡"},
		{"action=1&mbno=LEVEL6&amt=100.01&lsco=1", "券不存在"},
		{"action=1&mbno=LEVEL6&amt=100.01&points=20000", "积分不足"},
		{"action=1&mbno=LEVEL6&amt=100.01", "余额不足"},
		{"action=1&mbno=LEVEL6&amt=100.00&points=0&ptamt=0.00&ptrate=0&nobonus=0&subject=x&market=y&vericode=", ""},
	},
	"mb_vericode": {
		{"amt=x&op=" + strings.Repeat("o", 201), "缺少参数:action"},
		{"action=3&amt=x&op=" + strings.Repeat("o", 201), "缺少参数:mbno"},
		{"action=3&mbno=NOPE&op=" + strings.Repeat("o", 201), "缺少参数:amt"},
		{"action=3&mbno=NOPE&amt=x&op=" + strings.Repeat("o", 201), "参数错误:op(最多200个字)"},
		{"action=3&mbno=NOPE&amt=x", "参数错误:amt(不是金额)"},
		{"action=3&mbno=NOPE&amt=0&ref=" + strings.Repeat("r", 65), "参数错误:action(应为0、1或2)"},
		{"action=1&mbno=NOPE&amt=0&ref=" + strings.Repeat("r", 65), "参数错误:ref(最多64个字符)"},
		{"action=1&mbno=NOPE&amt=0", "参数错误:amt(必须大于0)"},
		{"action=1&mbno=NOPE&amt=0.01", "会员不存在"},
		{"action=1&mbno=130000000000000000&amt=0.01", "未配置支付条码查询"},
		{"action=1&mbno=LOST01&amt=0.01", "卡状态不允许:挂失"},
	},
	"mb_renew": {
		{"month=x&op=" + strings.Repeat("o", 201), "缺少参数:mbno"},
		{"mbno=NOPE&op=" + strings.Repeat("o", 201), "缺少参数:month"},
		{"mbno=NOPE&month=x&ref=" + strings.Repeat("r", 65) + "&op=" + strings.Repeat("o", 201), "参数错误:op(最多200个字)"},
		{"mbno=NOPE&month=x&ref=" + strings.Repeat("r", 65), "参数错误:month(应为非负整数,最多15位)"},
		{"mbno=NOPE&month=12&ref=" + strings.Repeat("r", 65), "参数错误:ref(最多64个字符)"},
		{"mbno=NOPE&month=12", "会员不存在"},
		{"mbno=130000000000000000&month=12", "未配置支付条码查询"},
		{"mbno=LOST01&month=12", "卡状态不允许:挂失"},
		{"mbno=PLAIN1&month=12", "续费方案不存在"},
		{"mbno=47302320&month=6", "续费方案不存在"},
		{"mbno=47302320&month=12", ""},
	},
	"mb_refund": {
		{"id=x&amt=x&memo=" + strings.Repeat("m", 201), "缺少参数:mbno"},
		{"mbno=NOPE&amt=x", "缺少参数:id"},
		{"mbno=NOPE&id=x&amt=x", "缺少参数:action"},
		{"mbno=NOPE&id=x&amt=x&action=1", "参数错误:id(应为非负整数,最多15位)"},
		{"mbno=NOPE&id=1&amt=x&action=1&memo=" + strings.Repeat("m", 201), "参数错误:memo(最多200个字)"},
		{"mbno=NOPE&id=1&amt=x&action=1", "参数错误:amt(不是金额)"},
		{"mbno=NOPE&id=1&amt=1&action=2", "参数错误:action(应为0或1)"},
		{"mbno=NOPE&id=1&amt=1&action=0", "参数错误:amt(整笔处理,不可传)"},
		{"mbno=NOPE&id=1&amt=1&action=1", "会员不存在"},
		{"mbno=LEVEL6&id=999&amt=1&action=1", "记录不存在"},
	},
	"mb_state": {
		{"mbno=NOPE", "缺少参数:action"},
		{"action=9", "参数错误:action(应为0、1或2)"},
		{"action=0&op=" + strings.Repeat("o", 201), "缺少参数:mbno"},
		{"action=0&mbno=NOPE&op=" + strings.Repeat("o", 201), "参数错误:op(最多200个字)"},
		{"action=0&mbno=NOPE", "会员不存在"},
		{"action=0&mbno=LOST01", "卡状态不允许:挂失"},
		{"action=1&mbno=LEVEL6", "卡状态不允许:未挂失"},
		{"action=1&mbno=LOST01", ""},
	},
	"mb_invoice": {
		{"action=2&amt=x", "参数错误:action(应为0或1)"},
		{"amt=x&op=" + strings.Repeat("o", 201), "缺少参数:mbno"},
		{"action=1&amt=x&id=x", "缺少参数:mbno"},
		{"mbno=NOPE&op=" + strings.Repeat("o", 201), "缺少参数:amt"},
		{"action=1&mbno=NOPE&op=" + strings.Repeat("o", 201), "缺少参数:id"},
		{"mbno=NOPE&amt=x&memo=" + strings.Repeat("m", 201) + "&op=" + strings.Repeat("o", 201), "参数错误:op(最多200个字)"},
		{"mbno=NOPE&amt=x&memo=" + strings.Repeat("m", 201), "参数错误:amt(不是金额)"},
		{"mbno=NOPE&amt=0&memo=" + strings.Repeat("m", 201) + "&ref=" + strings.Repeat("r", 65), "参数错误:memo(最多200个字)"},
		{"mbno=NOPE&amt=0&ref=" + strings.Repeat("r", 65), "参数错误:ref(最多64个字符)"},
		{"mbno=NOPE&amt=0", "参数错误:amt(必须大于0)"},
		{"action=1&mbno=NOPE&id=-1", "参数错误:id(应为非负整数,最多15位)"},
		{"action=1&mbno=NOPE&id=0", "会员不存在"},
		{"action=0&mbno=NOPE&amt=1", "会员不存在"},
		{"mbno=130000000000000000&amt=1", "未配置支付条码查询"},
		{"mbno=BACK01&amt=1", "卡状态不允许:已退卡"},
		{"mbno=LOST01&amt=1", "超过可开票余额"},
		{"action=1&mbno=LOST01&id=1", "记录不存在"},
		{"action=1&mbno=47302320&id=1", "记录不可撤销"},
	},
	"mb_pttrans": {
		{"pt=x", "缺少参数:mbno"},
		{"mbno=NOPE&ref=" + strings.Repeat("r", 65), "缺少参数:pt"},
		{"mbno=NOPE&pt=1.5", "参数错误:pt(应为整数,最多15位)"},
		{"mbno=NOPE&pt=--1", "参数错误:pt(应为整数,最多15位)"},
		{"mbno=NOPE&pt=0", "参数错误:pt(不能为0,最多1000000000000)"},
		{"mbno=NOPE&pt=1", "会员不存在"},
		{"mbno=130000000000000000&pt=1", "未配置支付条码查询"},
		{"mbno=LOST01&pt=-1", "卡状态不允许:挂失"},
		{"mbno=47302320&pt=-311", "积分不足"},
		{"mbno=47302320&pt=-310", ""},
	},
	"co_delist": {
		{"deid=x&mbno=", ""}, // reads no parameter
	},
	"co_send": {
		{"deid=x&qty=0", "缺少参数:mbno"},
		{"mbno=NOPE&qty=0", "缺少参数:deid"},
		{"mbno=NOPE&qty=0&deid=x", "参数错误:deid(应为非负整数,最多15位)"},
		{"mbno=NOPE&qty=0&deid=1", "参数错误:qty(应为1到100)"},
		{"mbno=NOPE&qty=101&deid=1", "参数错误:qty(应为1到100)"},
		{"mbno=NOPE&qty=1e1&deid=1", "参数错误:qty(应为非负整数,最多15位)"},
		{"mbno=NOPE&qty=4&deid=1&memo=" + strings.Repeat("m", 201), "参数错误:memo(最多200个字)"},
		{"mbno=NOPE&qty=4&deid=1&ref=" + strings.Repeat("r", 65), "参数错误:ref(最多64个字符)"},
		{"mbno=NOPE&qty=4&deid=1", "活动券不存在"},
		{"mbno=NOPE&qty=4&deid=28204", "活动券已结束"},
		{"mbno=NOPE&qty=4&deid=28203", "活动券库存不足"},
		{"mbno=NOPE&qty=3&deid=28203", "会员不存在"},
		{"mbno=130000000000000000&qty=3&deid=28203", "未配置支付条码查询"},
		{"mbno=LOST01&qty=3&deid=28203", "卡状态不允许:挂失"},
		{"mbno=LEVEL6&qty=3&deid=28203&subject=x", ""},
		{"mbno=LEVEL6&deid=28203", "活动券库存不足"},
	},
}

// TestPrecedence begins with every fault at once, for every action, and mends one after the other. The answer
// must always name the fault that comes first.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	for i := range actions {
		name := actions[i].name
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			steps, ok := parameters[name]
			if !ok {
				t.Fatal("no steps for this action")
			}
			w := demo(t)
			worst := steps[0].get
			wantFault(t, w.ask("x", otherKey, "nothing", worst), 200, "接口不存在")
			wantFault(t, w.ask("", otherKey, name, worst), 401, "缺少参数:msid")
			wantFault(t, w.ask("010021", otherKey, name, worst), 401, "参数错误:msid(应为数字,最多18位,不以0开头)")
			for _, msid := range []string{"99999", "10021", "10024", "10025", "10026", "10027", "10028"} {
				wantFault(t, w.ask(msid, otherKey, name, worst), 401, "身份验证失败:msid或sign错误")
			}
			// a shop with incomplete records admits nobody
			for _, msid := range []string{"10024", "10025", "10026", "10027", "10028"} {
				wantFault(t, w.ask(msid, pageKey, name, worst), 401, "身份验证失败:msid或sign错误")
			}
			wantFault(t, w.ask("10051", otherKey, name, worst), 403, "没有权限")
			wantFault(t, w.ask("10041", otherKey, name, worst), 200, "系统过期")
			wantFault(t, w.ask("10020", otherKey, name, worst), 403, "门店已停用")
			for _, s := range steps {
				wantFault(t, w.ask("10021", pageKey, name, s.get), 200, s.info)
			}
		})
	}
}

// TestCredentials mends what is tested between an unknown shop and its grants: signature, time, nonce.
func TestCredentials(t *testing.T) {
	t.Parallel()
	w := demo(t)
	const first = "/Api/mb_check?mbno=PLAIN1&msid=10021"
	at := "&timestamp=1566296953"
	ask := func(target, key string) *httptest.ResponseRecorder {
		return w.send(w.signed(newGet(target), key))
	}
	wantFault(t, w.ask("99999", otherKey, "mb_check", "mbno=PLAIN1"), 401, faultCredentials.info)
	wantFault(t, w.ask("10021", otherKey, "mb_check", "mbno=PLAIN1"), 401, faultCredentials.info)
	wantFault(t, w.ask("10026", pageKey, "mb_check", "mbno=PLAIN1"), 401, faultCredentials.info)
	for _, why := range []string{errNoShop.Error(), faultCredentials.Error(), errNoAgent.Error()} {
		if !strings.Contains(w.log.String(), `"error":"`+why) {
			t.Errorf("the log does not tell %q: %s", why, w.log)
		}
	}
	wantFault(t, ask(first+"&nonce=short", otherKey), 401, "缺少参数:timestamp")
	wantFault(t, ask(first+"&nonce=short&timestamp=now", otherKey), 401, "参数错误:timestamp(应为unix秒)")
	wantFault(t, ask(first+"&nonce=short"+at, otherKey), 401, "参数错误:nonce(应为8到64个字符)")
	wantFault(t, ask(first+"&nonce=nonce-01&timestamp=1566296652", otherKey), 401, "身份验证失败:msid或sign错误")
	wantFault(t, ask(first+"&nonce=nonce-01&timestamp=1566296652", pageKey), 401, "请求已过期:timestamp与服务器时间相差超过300秒")
	wantFault(t, ask(first+"&nonce=nonce-01&timestamp=1566296653", pageKey), 200, "")
	wantFault(t, ask(first+"&nonce=nonce-01"+at, pageKey), 401, "请求重复:nonce已使用")
	wantFault(t, ask(first+"&nonce=nonce-02"+at, pageKey), 200, "")
	wantFault(t, w.send(newGet("/Api/mb_check?mbno=PLAIN1&msid=10023")), 200, "") // scheme none
}

// TestMissingPermissionIsLogged: the log names the permissions that an agent lacked, and at which merchant.
func TestMissingPermissionIsLogged(t *testing.T) {
	t.Parallel()
	w := demo(t)
	for _, test := range []struct {
		granted     ledger.Permission
		action, get string
		lacks       string
	}{
		{ledger.MayRead, "mb_trans", "action=1&mbno=PLAIN1&amt=1", "consume"},
		{ledger.MayRead, "mb_trans", "action=0&mbno=PLAIN1&amt=1", "recharge"},
		{ledger.MayConsume, "mb_renew", "mbno=47302320&month=12", "modify"},
		{ledger.MayRead, "mb_renew", "mbno=47302320&month=12", "modify,consume"},
		{ledger.MayRead, "mb_state", "action=1&mbno=PLAIN1", "unlose"},
		{ledger.MayOpen, "mb_newcard", "type=15&count=1&balance=0.01", "recharge"},
	} {
		w.shops["10022"] = Access{
			Merchant: 10000, Shop: 10022, Scheme: &HMAC{Key: pageKey},
			Agent: &ledger.Agent{ID: 9, Grants: []ledger.Grant{{Merchant: 10000, Permissions: test.granted}}},
		}
		w.log.Reset()
		wantFault(t, w.ask("10022", pageKey, test.action, test.get), 403, "没有权限")
		for _, want := range []string{
			`"error":"the agent lacks permission at the merchant: ` + test.lacks + `"`, `"merchant":10000`,
		} {
			if !strings.Contains(w.log.String(), want) {
				t.Errorf("%s: %s is not in the log: %s", test.action, want, w.log)
			}
		}
	}
}

// TestPermissions: an agent may do what it was granted and nothing else.
func TestPermissions(t *testing.T) {
	t.Parallel()
	w := demo(t)
	for action, get := range map[string]string{
		"mb_trans": "action=0&mbno=PLAIN1&amt=1", "mb_pttrans": "mbno=PLAIN1&pt=1", "mb_renew": "mbno=47302320&month=12",
		"mb_invoice": "mbno=47302320&amt=1", "mb_newcard": "type=15&count=1",
		"co_send": "mbno=PLAIN1&deid=28200",
	} {
		wantFault(t, w.ask("10022", pageKey, action, get), 403, "没有权限")
	}
	wantFault(t, w.ask("10022", pageKey, "mb_check", "mbno=PLAIN1"), 200, "")
	one := func(p ledger.Permission) *ledger.Agent {
		return &ledger.Agent{ID: 9, Grants: []ledger.Grant{{Merchant: 10000, Permissions: p}}}
	}
	for _, test := range []struct {
		may               ledger.Permission
		recharge, consume int
		unsign            int
		renew, invoice    int
	}{
		{ledger.MayRecharge, 200, 403, 403, 403, 200}, {ledger.MayConsume, 403, 200, 403, 403, 403},
		{ledger.MayModify, 403, 403, 403, 403, 403}, {ledger.MayConsume | ledger.MayModify, 403, 200, 200, 200, 403},
	} {
		w.shops["10022"] = Access{Merchant: 10000, Shop: 10022, Agent: one(test.may), Scheme: &HMAC{Key: pageKey}}
		for _, ask := range []struct {
			action, get string
			want        int
		}{
			{"mb_trans", "action=0&mbno=PLAIN1&amt=1", test.recharge}, {"mb_trans", "action=1&mbno=PLAIN1&amt=1", test.consume},
			{"mb_trans", "action=2&mbno=PLAIN1&amt=1", test.consume}, {"mb_trans", "action=3&mbno=PLAIN1&id=1", test.unsign},
			{"mb_renew", "mbno=PLAIN1&month=1", test.renew}, {"mb_invoice", "mbno=PLAIN1&amt=1", test.invoice},
			{"mb_invoice", "action=1&mbno=PLAIN1&id=1", test.invoice},
		} {
			if got := w.ask("10022", pageKey, ask.action, ask.get); got.Code != ask.want {
				t.Errorf("%v: %s?%s got %d", test.may, ask.action, ask.get, got.Code)
			}
		}
	}
}

// TestRates: a second request at the same moment is refused, first for the address, then for the agent.
func TestRates(t *testing.T) {
	t.Parallel()
	now := time.Unix(1566296953, 0)
	clock := func() time.Time { return now }
	for name, cfg := range map[string]Config{
		"agent":   {ByAgent: auth.NewLimiter[ledger.AgentID](auth.Limit{PerSecond: 1}, clock)},
		"address": {ByAddress: auth.NewLimiter[netip.Addr](auth.Limit{PerSecond: 1}, clock)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := demoWith(t, cfg)
			wantFault(t, w.ask("10021", pageKey, "mb_check", "mbno=PLAIN1"), 200, "")
			got := w.ask("10021", pageKey, "mb_check", "mbno=PLAIN1")
			wantFault(t, got, 429, "请求过于频繁,请稍后再试")
			if got.Header().Get("Retry-After") != "1" {
				t.Errorf("Retry-After is %q", got.Header().Get("Retry-After"))
			}
			want := 200
			if name == "address" {
				want = 429
			}
			if got := w.ask("10022", pageKey, "mb_check", "mbno=PLAIN1"); got.Code != want {
				t.Errorf("another agent got %d, want %d", got.Code, want)
			}
			if got := w.ask("10021", pageKey, "nothing", ""); got.Code != want {
				t.Errorf("an unknown action got %d, want %d", got.Code, want)
			}
		})
	}
}

// TestTenantIsolation: a card of another merchant is not found by any parameter, and neither answer nor log
// contains anything about it.
func TestTenantIsolation(t *testing.T) {
	t.Parallel()
	w := demo(t)
	seen := ""
	for _, get := range []string{"mbno=SECRET", "phone=13700000005", "extid=5&phone=13700000005"} {
		got := w.ask("10021", pageKey, "mb_check", get)
		wantFault(t, got, 200, "会员不存在")
		seen += got.Body.String()
	}
	for action, get := range map[string]string{
		"mb_trans": "action=1&mbno=SECRET&amt=1", "mb_pttrans": "mbno=SECRET&pt=1", "mb_renew": "mbno=SECRET&month=12",
		"mb_invoice": "mbno=SECRET&amt=1", "co_send": "mbno=SECRET&deid=28200",
	} {
		got := w.ask("10021", pageKey, action, get)
		wantFault(t, got, 200, "会员不存在")
		seen += got.Body.String()
	}
	seen += w.log.String()
	for _, secret := range []string{"canary", "88.88", "13700000005", "SECRET", pageKey} {
		if strings.Contains(seen, secret) {
			t.Errorf("%q is in %s", secret, seen)
		}
	}
	issuedBy(t, w.issue(`[{"type":15,"cardno":"SECRET"}]`)) // another merchant has the number, so it is free here
	if !strings.Contains(w.log.String(), `"outcome":"refused"`) ||
		!strings.Contains(w.log.String(), `"agent":"vendor","merchant":10000`) {
		t.Errorf("the log does not tell: %s", w.log)
	}
}

// TestBodyTooLarge: a body over the limit is refused, and no part of it is carried out.
func TestBodyTooLarge(t *testing.T) {
	t.Parallel()
	w := demo(t)
	body := `{"action":{"action":"mb_check"},"get":{"mbno":"` + strings.Repeat("x", 64<<10) + `"}}`
	for _, target := range []string{"/Api?msid=10021", "/Api/mb_check?msid=10021", "/Api/nothing?msid=10021"} {
		wantFault(t, w.send(httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))), 200, "请求格式错误:内容过大")
	}
}
