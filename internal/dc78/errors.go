package dc78

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// fault is a negative answer: {"status":"0","info":…}.
type fault struct {
	outcome string // for log and metrics: from a fixed list, never what was sent
	status  int    // HTTP; 200 except for credentials, grants, rate and failures
	info    string
	logged  string        // what the log gets instead of info, if that names a card; "" = info
	wait    time.Duration // with HTTP 429 and 503 only
}

func (f fault) Error() string { return f.outcome + ": " + f.info }

// Outcomes of a request that was not carried out, or not known to be.
const (
	outUnreadable  = "unreadable"
	outUnknown     = "unknown action"
	outCredentials = "credentials"
	outDenied      = "denied"
	outRate        = "rate"
	outLicence     = "licence"
	outParameter   = "parameter"
	outRefused     = "refused"
	outFailed      = "failed"
	outNotDone     = "not done"
	outOpen        = "open"
)

var (
	faultAction      = fault{outcome: outUnknown, status: http.StatusOK, info: "接口不存在"}
	faultMethod      = fault{outcome: outUnreadable, status: http.StatusOK, info: "请求方法错误"}
	faultName        = faultForm("参数名应为字母、数字和下划线")
	faultTooLarge    = faultForm("内容过大")
	faultCut         = faultForm("内容不完整")
	faultCredentials = fault{outcome: outCredentials, status: http.StatusUnauthorized, info: "身份验证失败:msid或sign错误"}
	faultTime        = fault{
		outcome: outCredentials, status: http.StatusUnauthorized, info: "请求已过期:timestamp与服务器时间相差超过300秒",
	}
	faultBrowser = fault{outcome: outCredentials, status: http.StatusForbidden, info: "此门店不验证签名,不接受浏览器的请求"}
	faultByGet   = fault{
		outcome: outCredentials, status: http.StatusForbidden, info: "此门店不验证签名,请用POST发送(或设置by_get: allowed)",
	}
	faultReplay   = fault{outcome: outCredentials, status: http.StatusUnauthorized, info: "请求重复:nonce已使用"}
	faultDenied   = fault{outcome: outDenied, status: http.StatusForbidden, info: "没有权限"}
	faultEnded    = fault{outcome: outDenied, status: http.StatusForbidden, info: shopEnded}
	faultLicence  = fault{outcome: outLicence, status: http.StatusOK, info: "系统过期"}
	faultBusy     = fault{outcome: outRate, status: http.StatusTooManyRequests, info: "系统繁忙,请稍后再试", wait: time.Second}
	faultInternal = fault{outcome: outFailed, status: http.StatusInternalServerError, info: "内部错误"}
	faultNotDone  = fault{
		outcome: outNotDone, status: http.StatusServiceUnavailable, info: "系统暂不可用,本次未处理,请稍后再试", wait: time.Second,
	}
	faultOpen       = fault{outcome: outOpen, status: http.StatusGatewayTimeout, info: "处理结果未知,请用相同ref再次请求"}
	faultNoCard     = refused("会员不存在")
	faultNoResolver = refused("未配置支付条码查询")
)

const shopEnded = "门店已停用"

// unreadableInfo begins the answers of faultForm.
const unreadableInfo = "请求格式错误:"

// faultForm is the answer to a request that cannot be parsed.
func faultForm(why string) fault {
	return fault{outcome: outUnreadable, status: http.StatusOK, info: unreadableInfo + why}
}

func faultTooMany(wait time.Duration) fault {
	return fault{outcome: outRate, status: http.StatusTooManyRequests, info: "请求过于频繁,请稍后再试", wait: wait}
}

func faultNoCredential(name string) fault {
	return fault{outcome: outCredentials, status: http.StatusUnauthorized, info: "缺少参数:" + name}
}

func faultBadCredential(name, why string) fault {
	return fault{outcome: outCredentials, status: http.StatusUnauthorized, info: badInfo(name, why)}
}

func faultMissing(name string) fault {
	return fault{outcome: outParameter, status: http.StatusOK, info: "缺少参数:" + name}
}

func faultBad(name, why string) fault {
	return fault{outcome: outParameter, status: http.StatusOK, info: badInfo(name, why)}
}

// badInfo names a parameter and what is wrong with it. It never repeats what was sent.
func badInfo(name, why string) string { return "参数错误:" + name + "(" + why + ")" }

// Reasons that several parameters share.
const (
	whyWhole   = "整笔处理,不可传"
	whyConsume = "仅用于消费"
	noPayType  = "没有此支付方式"
	noLevel    = "没有此卡等级"
	wantKind   = "应为0、2或15"
	wantNumber = "应为4到40个字母、数字、-或_"
	tooMuch    = "超过上限"
)

// Reasons for a wrong count, with the limits of the core.
var (
	wantQty     = fmt.Sprintf("应为1到%d", ledger.MaxSend)
	wantCoupons = fmt.Sprintf("应为1到%d个不重复的券编号,以逗号分隔", ledger.MaxSend)
)

// faultUnsupported refuses a parameter of another action that would change what is done.
func faultUnsupported(name string) fault {
	return fault{outcome: outParameter, status: http.StatusOK, info: "暂不支持的参数:" + name}
}

func refused(info string) fault {
	return fault{outcome: outRefused, status: http.StatusOK, info: info}
}

// refusals maps every reason of the core to its answer on this wire.
var refusals = map[ledger.Reason]fault{
	ledger.LicenceOver:      faultLicence,
	ledger.RequestReused:    refused("业务单号重复"),
	ledger.RequestUnknown:   refused("原业务未处理"),
	ledger.BadAmount:        faultBad("amt", "必须大于0"), // or over a limit: see faultOf
	ledger.BadDiscountable:  faultBad("amt", "可折扣金额有误"),
	ledger.BadScore:         faultBad("pt", fmt.Sprintf("不能为0,最多%d", int64(ledger.MaxPoints))),
	ledger.BadNumber:        faultBad("mbno", wantNumber),
	ledger.BadHolder:        refused("会员资料错误"),
	ledger.BadDetails:       refused("卡资料错误"),
	ledger.BadKind:          faultBad("type", wantKind),
	ledger.BadCount:         refused("发卡数量应为1到500"),
	ledger.BadExpiry:        refused("有效期已过"),
	ledger.UnknownLevel:     faultBad("level", noLevel),
	ledger.UnknownPayType:   faultBad("paytype", noPayType),
	ledger.SameCard:         refused("两张卡相同"),
	ledger.CardNotFound:     faultNoCard,
	ledger.CardTaken:        refused("卡号已存在"),
	ledger.ExtIDTaken:       refused("卡内码已存在"),
	ledger.CardIsLost:       refused("卡状态不允许:挂失"),
	ledger.CardIsReturned:   refused("卡状态不允许:已退卡"),
	ledger.CardIsReplaced:   refused("卡状态不允许:已换卡"),
	ledger.CardIsStopped:    refused("卡状态不允许:停用"),
	ledger.CardIsExpired:    refused("卡状态不允许:过期"),
	ledger.CardNotLost:      refused("卡状态不允许:未挂失"),
	ledger.CardNotStopped:   refused("卡状态不允许:未停用"),
	ledger.EntryNotFound:    refused("记录不存在"),
	ledger.NotReversible:    refused("记录不可撤销"),
	ledger.AlreadyReversed:  refused("记录已撤销"),
	ledger.RefundTooMuch:    refused("退款超过可退金额"),
	ledger.NothingLeft:      refused("没有可撤销的余额"),
	ledger.NothingExpired:   refused("没有过期的内容"),
	ledger.BalanceTooHigh:   refused("超过卡内上限"),
	ledger.ShortBalance:     refused("余额不足"),
	ledger.CardOwes:         refused("卡有欠款"),
	ledger.ShortPoints:      refused("积分不足"),
	ledger.OtherPointsRatio: faultBad("ptrate", "与积分比例不符"),
	ledger.OtherPointsWorth: faultBad("ptamt", "与积分抵扣金额不符"),
	ledger.PointsNoMoney:    refused("积分不可抵扣"),
	ledger.TooManyPoints:    refused("积分抵扣超过应付金额"),

	ledger.BadCouponCount:    faultBad("qty", wantQty),
	ledger.BadCouponNumber:   refused("券号错误"),
	ledger.CouponTaken:       refused("券号已存在"),
	ledger.UnknownCouponKind: refused("活动券不存在"),
	ledger.CouponKindOver:    refused("活动券已结束"),
	ledger.NoCouponStock:     refused("活动券库存不足"),
	ledger.WalletFull:        refused("超过卡内券数上限"),
	ledger.CouponNotFound:    refused("券不存在"),
	ledger.CouponTwice:       refused("券重复"),
	ledger.CouponIsUsed:      refused("券已使用"),
	ledger.CouponIsVoid:      refused("券已作废"),
	ledger.CouponIsExpired:   refused("券已过期"),
	ledger.CouponNotYet:      refused("券未到使用日期"),
	ledger.CouponNotHere:     refused("券不适用于本店"),
	ledger.CouponNeedsBill:   refused("消费金额未达到用券条件"),
	ledger.TooManyCoupons:    refused("超过每单可用券数"),
	ledger.CouponAlone:       refused("券不可与其他券同时使用"),
	ledger.NoRecharge:        refused("卡等级不可充值"),
	ledger.NoRenewal:         refused("续费方案不存在"),
	ledger.NeverExpires:      refused("卡长期有效,无需续费"),
	ledger.BonusTooHigh:      refused("赠送金额超过充值规则"),
	ledger.BadClaimedTime:    faultBad("trantime", "应在7天前到5分钟后之间"),
	ledger.InvoiceTooMuch:    refused("超过可开票余额"),
	ledger.InvoicedMoney:     refused("该金额已开票,请先在开票的卡上冲红"),
	ledger.NoAccount:         refused("卡等级没有签单账户"),
	ledger.OverAccountLimit:  refused("超过签单额度"),
	ledger.OverAccountCount:  refused("超过签单次数"),
	ledger.NoBinding:         refused("该类卡不可绑定手机"),
	ledger.BindingOver:       refused("绑定链接已失效"),
	ledger.PointsPledged:     refused("该卡欠积分,需保留相应金额"),
	ledger.SettingsMoved:     refused("设置已被他人修改"),
	ledger.BadSettings:       refused("设置有误"),
	ledger.NotAllowed:        refused("没有权限"),
	ledger.QuoteMoved:        refused("结果已变化,请重新确认"),
	ledger.NeedsSecondPerson: refused("须由另一个人确认"), // tills are no person
	ledger.RenewedSince:      refused("该卡之后又续费过,请先撤销最近一次续费"),
	ledger.CardWasUsed:       refused("卡在导入之后已有业务"), // tills import no cards, either
	ledger.ShiftIsOff:        refused("清点金额和账面不符,请说明原因"),
	ledger.CouponDayOver:     refused("券的最后有效日已过"),
	ledger.MoneyHeld:         refused("卡内有预留金额,可用余额不足"),
	ledger.NoHold:            refused("没有这笔预留"), // this dialect holds nothing, and captures nothing
	ledger.BadHoldEnd:        refused("预留的截止时间不对"),
	ledger.TooManyHolds:      refused("卡上的预留太多"),
	ledger.HeldTooLittle:     refused("超过预留的金额"),
	ledger.HoldIsCaptured:    refused("这笔预留已扣款"),
	ledger.HoldIsReleased:    refused("这笔预留已解除"),
	ledger.HoldIsExpired:     refused("这笔预留已到期"),
	ledger.ShiftMoved:        refused("刚刚有人交过班"), // and close no shift
	ledger.GUIDTaken:         refused("标识已被占用"),
	ledger.ShopEnded:         refused(shopEnded), // admit has refused it by its status, unless it ended just now
	ledger.CardAlike:         refused("与已有卡号仅前导零不同"),

	ledger.PasswordNeeded:  refused("请输入卡密码"),
	ledger.PasswordWrong:   refused("卡密码错误"),
	ledger.TooManyTries:    refused("密码错误次数过多,请稍后再试"),
	ledger.PasswordLocked:  refused("密码已锁定,请重设密码"),
	ledger.PasswordWeak:    refused("密码过于简单,请更换"),
	ledger.CodeNeeded:      refused("请输入验证码"),
	ledger.CodeWrong:       refused("验证码错误"),
	ledger.CodeOver:        refused("验证码已失效,请重新获取"),
	ledger.CodeNotNeeded:   refused("无需验证码"),
	ledger.TooManyCodes:    refused("验证码发送过于频繁,请稍后再试"),
	ledger.NoRecipient:     refused("会员未登记微信或手机号"),
	ledger.NoSender:        refused("未配置验证码发送"),
	ledger.MemberCodeWrong: refused("会员码无效,请刷新"),
	ledger.MemberCodeUsed:  refused("会员码已使用,请刷新"),
	ledger.TooManyMisses:   refused("错误次数过多,请稍后再试"),
}

// otherKinds maps the kind of an entry to the answer that names the action which reverses it. Its keys are the
// core's names of kinds, as they stand in a refusal's detail.
var otherKinds = map[string]fault{
	ledger.Recharged.String():      refused("记录类型不符:该记录为充值,请用mb_refund的action=0"),
	ledger.Consumed.String():       refused("记录类型不符:该记录为消费,请用mb_refund的action=1"),
	ledger.AccountCharged.String(): refused("记录类型不符:该记录为签单,请用mb_trans的action=3"),
	ledger.Invoiced.String():       refused("记录类型不符:该记录为开票,请用mb_invoice的action=1"),
}

// rowFaults are the answers to refusals of a new card, whose parameters have other names.
var rowFaults = map[ledger.Reason]fault{
	ledger.BadNumber: faultBad("cardno", wantNumber), ledger.BadKind: faultBad("type", wantKind),
	ledger.UnknownLevel: faultBad("level", noLevel),
	ledger.BadAmount:    faultBad("balance", tooMuch), ledger.BadScore: faultBad("points", tooMuch),
}

// detailFaults maps the fields that BadHolder and BadDetails name to their faults.
var detailFaults = map[string]fault{
	"name":   faultBad("name", "不能为空,"+atMost(ledger.MaxNameLen)),
	"phone":  faultBad("phone", atMost(ledger.MaxPhoneLen)+",不能是科学计数"),
	"gender": faultBad("sex", wantFlag), "birthday": faultBad("birthday", "不能晚于今天"),
	"extid":            faultBad("extid", fmt.Sprintf("应为数字,最多%d位", ledger.MaxExtID)),
	"remarks":          faultBad("ext_info", atMost(ledger.MaxRemarks)),
	"subject":          faultBad("subject", atMost(ledger.MaxSubject)),
	"idnumber":         faultBad("idnumber", atMost(ledger.MaxIDNumber)),
	"referrer":         faultBad("refId", atMost(ledger.MaxReferrer)),
	"physical.no":      faultBad("card_no", atMost(ledger.MaxNumber)),
	"physical.type":    faultBad("card_type", atMost(ledger.MaxNameLen)),
	"physical.name":    faultBad("card_name", atMost(ledger.MaxNameLen)),
	"physical.balance": faultBad("card_balance", tooMuch), "physical.points": faultBad("card_points", tooMuch),
}

func atMost(letters int) string { return fmt.Sprintf("最多%d个字", letters) }

// faultOfCard returns why one card of several was not opened. A number or inner code that is taken follows in
// brackets.
func faultOfCard(r ledger.Refusal) fault {
	if f, ok := rowFaults[r.Reason]; ok {
		return f
	}
	f := faultOf(r)
	switch r.Reason {
	case ledger.BadHolder, ledger.BadDetails:
		if told, ok := detailFaults[r.Detail]; ok {
			return told
		}
	case ledger.CardTaken, ledger.ExtIDTaken:
		f.logged = r.Reason.String()
		f.info += "(" + r.Detail + ")"
	}
	return f
}

// inRow puts the card's place in the list, counted from 1, in front of the text.
func (f fault) inRow(row int) fault {
	f.info = fmt.Sprintf("第%d张卡:%s", row, f.info)
	return f
}

// failures maps the failures that a caller is told apart to their answers on this wire.
var failures = map[engine.Failure]fault{
	engine.Busy: faultBusy, engine.NoTime: faultNotDone, engine.NotDone: faultNotDone, engine.Open: faultOpen,
}

// failed reports whether the fault is a failure of ours, of which the log gets the cause.
func (f fault) failed() bool { return f == faultInternal || f == faultNotDone || f == faultOpen }

// faultOf returns the answer to an error. Anything but a refusal or a fault is a failure, of which the caller
// learns only that it happened.
func faultOf(err error) fault {
	if f, ok := errors.AsType[fault](err); ok {
		return f
	}
	if refusal, ok := errors.AsType[ledger.Refusal](err); ok {
		if amount, err := ledger.ParseYuan(refusal.Detail); refusal.Reason == ledger.BadAmount && err == nil && amount > 0 {
			return faultBad("amt", "超过单笔上限")
		}
		if f, known := otherKinds[refusal.Detail]; known && refusal.Reason == ledger.NotReversible {
			return f
		}
		if f, known := refusals[refusal.Reason]; known {
			return f
		}
		return faultInternal
	}
	if f, ok := failures[engine.FailureOf(err)]; ok {
		return f
	}
	return faultInternal
}

// object returns the answer without the server's keys.
func (f fault) object() []byte {
	var w writer
	w.Open('{')
	w.Text("status", "0")
	w.Text("info", f.info)
	w.Close('}')
	return w.B
}
