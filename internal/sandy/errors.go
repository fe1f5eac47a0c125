package sandy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"tongka"
	"tongka/internal/engine"
)

// fault is an answer that says no: {"errcode":…,"errmsg":…}. Published page, part 4.
type fault struct {
	code string
	text string
	wait time.Duration // codes 429 and 503 only
}

func (f fault) Error() string { return f.code + " " + f.text }

// The codes of the page, and some of ours that go with the HTTP status of the same number.
const (
	codeMissing  = "1"
	codeNoCard   = "2"
	codeTaken    = "3"
	codeShort    = "4"
	codeUnknown  = "401"
	codeDenied   = "403"
	codeTooMany  = "429"
	codeExpired  = "300"
	codeBad      = "400"
	codeInternal = "500"
	codeNotDone  = "503"
	codeOpen     = "504"
)

var (
	faultUnknown  = fault{code: codeUnknown, text: "身份验证失败"}
	faultDenied   = fault{code: codeDenied, text: "没有权限"}
	faultExpired  = fault{code: codeExpired, text: "系统过期"}
	faultInternal = fault{code: codeInternal, text: "内部错误"}
	faultBusy     = fault{code: codeTooMany, text: "系统繁忙,请稍后再试", wait: time.Second}
	faultNotDone  = fault{code: codeNotDone, text: "系统暂不可用,本次未处理,请稍后再试", wait: time.Second}
	faultOpen     = fault{code: codeOpen, text: "处理结果未知,请用相同请求编号再次请求"}
	faultEndpoint = fault{code: codeBad, text: "接口不存在"}
	faultMethod   = fault{code: codeBad, text: "请求方法错误"}
)

func faultTooMany(wait time.Duration) fault {
	return fault{code: codeTooMany, text: "请求过于频繁,请稍后再试", wait: wait}
}

// faultRepeated is a header that stands there several times with different values: which of them is meant is
// anybody's guess.
func faultRepeated(header string) fault { return faultBad(header + "有多个不同的值") }

func faultMissing(field string) fault { return fault{code: codeMissing, text: "参数不足:" + field} }
func faultBad(field string) fault     { return fault{code: codeBad, text: "参数错误:" + field} }
func faultWrongType(field string) fault {
	return fault{code: codeBad, text: "参数类型错误:" + field}
}

// refusals is every reason of the core in the words of this wire.
var refusals = map[tongka.Reason]fault{
	tongka.LicenceOver:      faultExpired,
	tongka.RequestReused:    {code: codeBad, text: "请求编号已用于其他内容:request_id"},
	tongka.RequestUnknown:   {code: codeBad, text: "请求未处理"},
	tongka.BadAmount:        faultBad("money"), // what is wrong with it is told by the detail
	tongka.BadDiscountable:  faultBad("money_discount"),
	tongka.BadScore:         faultBad("score应为1到1000000000000"),
	tongka.BadNumber:        faultBad("cardID应为1到40个字母、数字、-或_"),
	tongka.BadHolder:        {code: codeBad, text: "参数错误"}, // the field is added from the detail
	tongka.BadExpiry:        {code: codeBad, text: "参数错误:有效期"},
	tongka.BadKind:          {code: codeBad, text: "参数错误:卡类型"},
	tongka.BadDetails:       {code: codeBad, text: "参数错误:卡资料"},
	tongka.BadCount:         {code: codeBad, text: "参数错误:发卡数量"},
	tongka.UnknownLevel:     faultBad("cardLevelID不存在"),
	tongka.UnknownPayType:   faultBad("pay_type不存在"),
	tongka.SameCard:         {code: codeBad, text: "参数错误:两张卡相同"},
	tongka.CardNotFound:     {code: codeNoCard, text: "卡不存在"},
	tongka.CardTaken:        {code: codeTaken, text: "卡已存在"},
	tongka.ExtIDTaken:       {code: codeTaken, text: "卡内编码已存在"},
	tongka.CardIsLost:       {code: codeBad, text: "卡状态不允许:挂失"},
	tongka.CardIsReturned:   {code: codeBad, text: "卡状态不允许:已退卡"},
	tongka.CardIsReplaced:   {code: codeBad, text: "卡状态不允许:已换卡"},
	tongka.CardIsStopped:    {code: codeBad, text: "卡状态不允许:停用"},
	tongka.CardIsExpired:    {code: codeBad, text: "卡状态不允许:过期"},
	tongka.CardNotLost:      {code: codeBad, text: "卡状态不允许:未挂失"},
	tongka.CardNotStopped:   {code: codeBad, text: "卡状态不允许:未停用"},
	tongka.CardNotEmpty:     {code: codeBad, text: "卡状态不允许:已使用"},
	tongka.EntryNotFound:    {code: codeBad, text: "记录不存在"},
	tongka.NotReversible:    {code: codeBad, text: "记录不可撤销"},
	tongka.AlreadyReversed:  {code: codeBad, text: "记录已撤销"},
	tongka.RefundTooMuch:    {code: codeBad, text: "退款超过可退金额"},
	tongka.NothingLeft:      {code: codeBad, text: "没有可撤销的余额"},
	tongka.NothingExpired:   {code: codeBad, text: "没有过期的内容"},
	tongka.BalanceTooHigh:   {code: codeBad, text: "超过卡内上限"},
	tongka.ShortBalance:     {code: codeShort, text: "余额不足"},
	tongka.CardOwes:         {code: codeBad, text: "卡有欠款"},
	tongka.ShortPoints:      {code: codeShort, text: "积分不足"},
	tongka.OtherPointsRatio: {code: codeBad, text: "参数错误:积分比例"},
	tongka.OtherPointsWorth: {code: codeBad, text: "参数错误:积分金额"},
	tongka.PointsNoMoney:    {code: codeBad, text: "积分不可抵扣"},
	tongka.TooManyPoints:    {code: codeBad, text: "积分抵扣超过应付金额"},

	tongka.BadCouponCount:    {code: codeBad, text: "参数错误:发券数量"},
	tongka.BadCouponNumber:   {code: codeBad, text: "参数错误:券号"},
	tongka.CouponTaken:       {code: codeTaken, text: "券号已存在"},
	tongka.UnknownCouponKind: {code: codeBad, text: "活动券不存在"},
	tongka.CouponKindOver:    {code: codeBad, text: "活动券已结束"},
	tongka.NoCouponStock:     {code: codeBad, text: "活动券库存不足"},
	tongka.WalletFull:        {code: codeBad, text: "超过卡内券数上限"},
	tongka.CouponNotFound:    {code: codeBad, text: "券不存在"},
	tongka.CouponTwice:       {code: codeBad, text: "券重复"},
	tongka.CouponIsUsed:      {code: codeBad, text: "券已使用"},
	tongka.CouponIsVoid:      {code: codeBad, text: "券已作废"},
	tongka.CouponIsExpired:   {code: codeBad, text: "券已过期"},
	tongka.CouponNotYet:      {code: codeBad, text: "券未到使用日期"},
	tongka.CouponNotHere:     {code: codeBad, text: "券不适用于本店"},
	tongka.CouponNeedsBill:   {code: codeBad, text: "消费金额未达到用券条件"},
	tongka.TooManyCoupons:    {code: codeBad, text: "超过每单可用券数"},
	tongka.CouponAlone:       {code: codeBad, text: "券不可与其他券同时使用"},
	tongka.NoRecharge:        {code: codeBad, text: "卡等级不可充值"},
	tongka.NoRenewal:         {code: codeBad, text: "续费方案不存在"},
	tongka.NeverExpires:      {code: codeBad, text: "卡长期有效,无需续费"},
	tongka.BonusTooHigh:      {code: codeBad, text: "赠送金额超过充值规则"},
	tongka.BadClaimedTime:    {code: codeBad, text: "参数错误:交易时间"},
	tongka.InvoiceTooMuch:    {code: codeBad, text: "超过可开票余额"},
	tongka.InvoicedMoney:     {code: codeBad, text: "该金额已开票,请先冲红发票"},
	tongka.NoAccount:         {code: codeBad, text: "卡等级没有签单账户"},
	tongka.SignedTooMuch:     {code: codeBad, text: "超过签单额度"},
	tongka.SignedTooOften:    {code: codeBad, text: "超过签单次数"},
	tongka.NoBinding:         {code: codeBad, text: "该类卡不可绑定手机"},
	tongka.BindingOver:       {code: codeBad, text: "绑定链接已失效"},

	tongka.PasswordNeeded:  {code: codeBad, text: "该卡须输入密码"},
	tongka.PasswordWrong:   {code: codeBad, text: "卡密码错误"},
	tongka.TooManyTries:    {code: codeBad, text: "密码错误次数过多,请稍后再试"},
	tongka.PasswordLocked:  {code: codeBad, text: "密码已锁定,请重设密码"},
	tongka.CodeNeeded:      {code: codeBad, text: "须输入验证码"},
	tongka.CodeWrong:       {code: codeBad, text: "验证码错误"},
	tongka.CodeOver:        {code: codeBad, text: "验证码已失效,请重新获取"},
	tongka.CodeNotNeeded:   {code: codeBad, text: "无需验证码"},
	tongka.TooManyCodes:    {code: codeBad, text: "验证码发送过于频繁,请稍后再试"},
	tongka.NoRecipient:     {code: codeBad, text: "会员未登记微信或手机号"},
	tongka.NoSender:        {code: codeBad, text: "未配置验证码发送"},
	tongka.MemberCodeWrong: {code: codeBad, text: "会员码无效,请刷新"},
	tongka.MemberCodeUsed:  {code: codeBad, text: "会员码已使用,请刷新"},
	tongka.TooManyMisses:   {code: codeBad, text: "错误次数过多,请稍后再试"},
}

// holderFaults are what is wrong with a holder's data, by the core's names of it.
var holderFaults = map[string]fault{
	"name": faultBad("uname不能为空,最多64个字"), "phone": faultBad("phone最多32个字符,不能是科学计数"),
	"gender": faultBad("gender应为0或1"), "birthday": faultBad("birthday不能晚于今天"),
}

// otherKinds are what refund says of an entry that its type does not fit, by the core's names of kinds.
var otherKinds = map[string]fault{
	tongka.Recharged.String(): {code: codeBad, text: fmt.Sprintf("记录类型不符:该记录为充值,type应为%d", typeRecharge)},
	tongka.Consumed.String():  {code: codeBad, text: fmt.Sprintf("记录类型不符:该记录为消费,type应为%d", typeConsume)},
}

// faultOf is the answer to an error. What is no refusal and no fault is a failure, of which the
// caller learns nothing but that it happened.
func faultOf(err error) fault {
	if f, ok := errors.AsType[fault](err); ok {
		return f
	}
	if refusal, ok := errors.AsType[tongka.Refusal](err); ok {
		return faultOfRefusal(refusal)
	}
	switch {
	case errors.Is(err, engine.ErrBusy):
		return faultBusy
	case errors.Is(err, engine.ErrNotDone):
		return faultNotDone
	case errors.Is(err, tongka.ErrUnknown), errors.Is(err, context.DeadlineExceeded):
		return faultOpen
	}
	return faultInternal
}

func faultOfRefusal(r tongka.Refusal) fault {
	f, ok := refusals[r.Reason]
	if !ok {
		return faultInternal
	}
	switch r.Reason {
	case tongka.BadHolder:
		if told, ok := holderFaults[r.Detail]; ok {
			return told
		}
	case tongka.NotReversible:
		if told, ok := otherKinds[r.Detail]; ok {
			return told
		}
	case tongka.BadAmount:
		amount, err := tongka.ParseYuan(r.Detail)
		switch {
		case err == nil && amount > 0:
			return faultBad("money超过单笔上限")
		case err == nil || strings.HasPrefix(r.Detail, "-"):
			return faultBad("money必须大于0")
		}
	}
	return f
}

// statusFor is the HTTP status that goes with a code to an agent, nil where that is not known: one that reads no
// bodies but with 200 gets 200 with all that leaves nothing open.
func (f fault) statusFor(a *tongka.Agent) int {
	if a != nil && a.Always200 && f.code != codeInternal && f.code != codeOpen {
		return http.StatusOK
	}
	return f.status()
}

// status is the HTTP status that goes with a code: the page's own codes come with 200.
func (f fault) status() int {
	switch f {
	case faultEndpoint:
		return http.StatusNotFound
	case faultMethod:
		return http.StatusMethodNotAllowed
	}
	switch f.code {
	case codeUnknown:
		return http.StatusUnauthorized
	case codeDenied:
		return http.StatusForbidden
	case codeTooMany:
		return http.StatusTooManyRequests
	case codeInternal:
		return http.StatusInternalServerError
	case codeNotDone:
		return http.StatusServiceUnavailable
	case codeOpen:
		return http.StatusGatewayTimeout
	}
	return http.StatusOK
}

// append appends the answer's body.
func (f fault) append(b []byte) []byte {
	w := writer{b}
	w.open('{')
	w.text("errcode", f.code)
	w.text("errmsg", f.text)
	w.close('}')
	return w.b
}
