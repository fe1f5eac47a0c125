package sandy

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// fault is a negative answer: {"errcode":…,"errmsg":…} (published page, part 4).
type fault struct {
	code string
	text string
	wait time.Duration // codes 429 and 503 only
}

func (f fault) Error() string { return f.code + " " + f.text }

// The codes of the published page, and our additions, which are the number of the HTTP status sent with them.
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
	faultEnded    = fault{code: codeDenied, text: shopEnded}
	faultExpired  = fault{code: codeExpired, text: "系统过期"}
	faultInternal = fault{code: codeInternal, text: "内部错误"}
	faultBusy     = fault{code: codeTooMany, text: "系统繁忙,请稍后再试", wait: time.Second}
	faultNotDone  = fault{code: codeNotDone, text: "系统暂不可用,本次未处理,请稍后再试", wait: time.Second}
	faultOpen     = fault{code: codeOpen, text: "处理结果未知,请用相同请求编号再次请求"}
	faultEndpoint = fault{code: codeBad, text: "接口不存在"}
	faultMethod   = fault{code: codeBad, text: "请求方法错误"}
)

const shopEnded = "门店已停用"

func faultTooMany(wait time.Duration) fault {
	return fault{code: codeTooMany, text: "请求过于频繁,请稍后再试", wait: wait}
}

// faultRepeated refuses a header that was sent several times with different values, because nothing tells which
// is meant.
func faultRepeated(header string) fault { return faultBad(header + "有多个不同的值") }

func faultMissing(field string) fault { return fault{code: codeMissing, text: "参数不足:" + field} }
func faultBad(field string) fault     { return fault{code: codeBad, text: "参数错误:" + field} }
func faultWrongType(field string) fault {
	return fault{code: codeBad, text: "参数类型错误:" + field}
}

// refusals maps every reason of the core to its answer on this wire.
var refusals = map[ledger.Reason]fault{
	ledger.LicenceOver:      faultExpired,
	ledger.RequestReused:    {code: codeBad, text: "请求编号已用于其他内容:request_id"},
	ledger.RequestUnknown:   {code: codeBad, text: "原请求未处理"},
	ledger.BadAmount:        faultBad("money"), // the detail says what is wrong: see faultOfRefusal
	ledger.BadDiscountable:  faultBad("money_discount"),
	ledger.BadScore:         faultBad("score应为1到1000000000000"),
	ledger.BadNumber:        faultBad("cardID应为1到40个字母、数字、-或_"),
	ledger.BadHolder:        {code: codeBad, text: "参数错误"}, // holderFaults name the field
	ledger.BadExpiry:        {code: codeBad, text: "参数错误:有效期"},
	ledger.BadKind:          {code: codeBad, text: "参数错误:卡类型"},
	ledger.BadDetails:       {code: codeBad, text: "参数错误:卡资料"},
	ledger.BadCount:         {code: codeBad, text: "参数错误:发卡数量"},
	ledger.UnknownLevel:     faultBad("cardLevelID不存在"),
	ledger.UnknownPayType:   faultBad("pay_type不存在"),
	ledger.SameCard:         {code: codeBad, text: "参数错误:两张卡相同"},
	ledger.CardNotFound:     {code: codeNoCard, text: "卡不存在"},
	ledger.CardTaken:        {code: codeTaken, text: "卡已存在"},
	ledger.ExtIDTaken:       {code: codeTaken, text: "卡内编码已存在"},
	ledger.CardIsLost:       {code: codeBad, text: "卡状态不允许:挂失"},
	ledger.CardIsReturned:   {code: codeBad, text: "卡状态不允许:已退卡"},
	ledger.CardIsReplaced:   {code: codeBad, text: "卡状态不允许:已换卡"},
	ledger.CardIsStopped:    {code: codeBad, text: "卡状态不允许:停用"},
	ledger.CardIsExpired:    {code: codeBad, text: "卡状态不允许:过期"},
	ledger.CardNotLost:      {code: codeBad, text: "卡状态不允许:未挂失"},
	ledger.CardNotStopped:   {code: codeBad, text: "卡状态不允许:未停用"},
	ledger.EntryNotFound:    {code: codeBad, text: "记录不存在"},
	ledger.NotReversible:    {code: codeBad, text: "记录不可撤销"},
	ledger.AlreadyReversed:  {code: codeBad, text: "记录已撤销"},
	ledger.RefundTooMuch:    {code: codeBad, text: "退款超过可退金额"},
	ledger.NothingLeft:      {code: codeBad, text: "没有可撤销的余额"},
	ledger.NothingExpired:   {code: codeBad, text: "没有过期的内容"},
	ledger.BalanceTooHigh:   {code: codeBad, text: "超过卡内上限"},
	ledger.ShortBalance:     {code: codeShort, text: "余额不足"},
	ledger.CardOwes:         {code: codeBad, text: "卡有欠款"},
	ledger.ShortPoints:      {code: codeShort, text: "积分不足"},
	ledger.OtherPointsRatio: {code: codeBad, text: "参数错误:积分比例"},
	ledger.OtherPointsWorth: {code: codeBad, text: "参数错误:积分金额"},
	ledger.PointsNoMoney:    {code: codeBad, text: "积分不可抵扣"},
	ledger.TooManyPoints:    {code: codeBad, text: "积分抵扣超过应付金额"},

	ledger.BadCouponCount:    {code: codeBad, text: "参数错误:发券数量"},
	ledger.BadCouponNumber:   {code: codeBad, text: "参数错误:券号"},
	ledger.CouponTaken:       {code: codeTaken, text: "券号已存在"},
	ledger.UnknownCouponKind: {code: codeBad, text: "活动券不存在"},
	ledger.CouponKindOver:    {code: codeBad, text: "活动券已结束"},
	ledger.NoCouponStock:     {code: codeBad, text: "活动券库存不足"},
	ledger.WalletFull:        {code: codeBad, text: "超过卡内券数上限"},
	ledger.CouponNotFound:    {code: codeBad, text: "券不存在"},
	ledger.CouponTwice:       {code: codeBad, text: "券重复"},
	ledger.CouponIsUsed:      {code: codeBad, text: "券已使用"},
	ledger.CouponIsVoid:      {code: codeBad, text: "券已作废"},
	ledger.CouponIsExpired:   {code: codeBad, text: "券已过期"},
	ledger.CouponNotYet:      {code: codeBad, text: "券未到使用日期"},
	ledger.CouponNotHere:     {code: codeBad, text: "券不适用于本店"},
	ledger.CouponNeedsBill:   {code: codeBad, text: "消费金额未达到用券条件"},
	ledger.TooManyCoupons:    {code: codeBad, text: "超过每单可用券数"},
	ledger.CouponAlone:       {code: codeBad, text: "券不可与其他券同时使用"},
	ledger.NoRecharge:        {code: codeBad, text: "卡等级不可充值"},
	ledger.NoRenewal:         {code: codeBad, text: "续费方案不存在"},
	ledger.NeverExpires:      {code: codeBad, text: "卡长期有效,无需续费"},
	ledger.BonusTooHigh:      {code: codeBad, text: "赠送金额超过充值规则"},
	ledger.BadClaimedTime:    {code: codeBad, text: "参数错误:交易时间"},
	ledger.InvoiceTooMuch:    {code: codeBad, text: "超过可开票余额"},
	ledger.InvoicedMoney:     {code: codeBad, text: "该金额已开票,请先在开票的卡上冲红"},
	ledger.NoAccount:         {code: codeBad, text: "卡等级没有签单账户"},
	ledger.OverAccountLimit:  {code: codeBad, text: "超过签单额度"},
	ledger.OverAccountCount:  {code: codeBad, text: "超过签单次数"},
	ledger.NoBinding:         {code: codeBad, text: "该类卡不可绑定手机"},
	ledger.BindingOver:       {code: codeBad, text: "绑定链接已失效"},
	ledger.PointsPledged:     {code: codeShort, text: "该卡欠积分,需保留相应金额"},
	ledger.SettingsMoved:     {code: codeBad, text: "设置已被他人修改"},
	ledger.BadSettings:       {code: codeBad, text: "设置有误"},
	ledger.NotAllowed:        {code: codeBad, text: "没有权限"},
	ledger.QuoteMoved:        {code: codeBad, text: "结果已变化,请重新确认"},
	ledger.NeedsSecondPerson: {code: codeBad, text: "须由另一个人确认"},            // tills are no person
	ledger.RenewedSince:      {code: codeBad, text: "该卡之后又续费过,请先撤销最近一次续费"}, // tills undo no renewals
	ledger.CardWasUsed:       {code: codeBad, text: "卡在导入之后已有业务"},          // tills import no cards, either
	ledger.ShiftIsOff:        {code: codeBad, text: "清点金额和账面不符,请说明原因"},
	ledger.CouponDayOver:     {code: codeBad, text: "券的最后有效日已过"},
	ledger.MoneyHeld:         {code: codeShort, text: "卡内有预留金额,可用余额不足"},
	ledger.NoHold:            {code: codeBad, text: "没有这笔预留"}, // tills of this dialect hold nothing, and capture nothing
	ledger.BadHoldEnd:        {code: codeBad, text: "预留的截止时间不对"},
	ledger.TooManyHolds:      {code: codeBad, text: "卡上的预留太多"},
	ledger.HeldTooLittle:     {code: codeBad, text: "超过预留的金额"},
	ledger.HoldIsCaptured:    {code: codeBad, text: "这笔预留已扣款"},
	ledger.HoldIsReleased:    {code: codeBad, text: "这笔预留已解除"},
	ledger.HoldIsExpired:     {code: codeBad, text: "这笔预留已到期"},
	ledger.ShiftMoved:        {code: codeBad, text: "刚刚有人交过班"}, // tills close no shift
	ledger.GUIDTaken:         {code: codeBad, text: "标识已被占用"},
	ledger.ShopEnded:         {code: codeBad, text: shopEnded}, // admit says 403, unless it ended just now
	ledger.CardAlike:         {code: codeTaken, text: "与已有卡号仅前导零不同"},

	ledger.PasswordNeeded:  {code: codeBad, text: "该卡须输入密码"},
	ledger.PasswordWrong:   {code: codeBad, text: "卡密码错误"},
	ledger.TooManyTries:    {code: codeBad, text: "密码错误次数过多,请稍后再试"},
	ledger.PasswordLocked:  {code: codeBad, text: "密码已锁定,请重设密码"},
	ledger.PasswordWeak:    {code: codeBad, text: "密码过于简单,请更换"},
	ledger.CodeNeeded:      {code: codeBad, text: "须输入验证码"},
	ledger.CodeWrong:       {code: codeBad, text: "验证码错误"},
	ledger.CodeOver:        {code: codeBad, text: "验证码已失效,请重新获取"},
	ledger.CodeNotNeeded:   {code: codeBad, text: "无需验证码"},
	ledger.TooManyCodes:    {code: codeBad, text: "验证码发送过于频繁,请稍后再试"},
	ledger.NoRecipient:     {code: codeBad, text: "会员未登记微信或手机号"},
	ledger.NoSender:        {code: codeBad, text: "未配置验证码发送"},
	ledger.MemberCodeWrong: {code: codeBad, text: "会员码无效,请刷新"},
	ledger.MemberCodeUsed:  {code: codeBad, text: "会员码已使用,请刷新"},
	ledger.TooManyMisses:   {code: codeBad, text: "错误次数过多,请稍后再试"},
}

// holderFaults maps the fields of a holder, by the core's names, to what is wrong with them.
var holderFaults = map[string]fault{
	"name": faultBad("uname不能为空,最多64个字"), "phone": faultBad("phone最多32个字符,不能是科学计数"),
	"gender": faultBad("gender应为0或1"), "birthday": faultBad("birthday不能晚于今天"),
}

// otherKinds maps the kind of an entry, by the core's names, to refund's answer if its type does not fit the
// entry.
var otherKinds = map[string]fault{
	ledger.Recharged.String(): {code: codeBad, text: fmt.Sprintf("记录类型不符:该记录为充值,type应为%d", typeRecharge)},
	ledger.Consumed.String():  {code: codeBad, text: fmt.Sprintf("记录类型不符:该记录为消费,type应为%d", typeConsume)},
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
		return faultOfRefusal(refusal)
	}
	if f, ok := failures[engine.FailureOf(err)]; ok {
		return f
	}
	return faultInternal
}

func faultOfRefusal(r ledger.Refusal) fault {
	f, ok := refusals[r.Reason]
	if !ok {
		return faultInternal
	}
	switch r.Reason {
	case ledger.BadHolder:
		if told, ok := holderFaults[r.Detail]; ok {
			return told
		}
	case ledger.NotReversible:
		if told, ok := otherKinds[r.Detail]; ok {
			return told
		}
	case ledger.BadAmount:
		amount, err := ledger.ParseYuan(r.Detail)
		switch {
		case err == nil && amount > 0:
			return faultBad("money超过单笔上限")
		case err == nil || strings.HasPrefix(r.Detail, "-"):
			return faultBad("money必须大于0")
		}
	}
	return f
}

// statusFor returns the HTTP status of an answer to an agent; nil = the agent is unknown. An agent that reads
// bodies only with 200 gets 200, except where the outcome is open.
func (f fault) statusFor(a *ledger.Agent) int {
	if a != nil && a.Always200 && f.code != codeInternal && f.code != codeOpen {
		return http.StatusOK
	}
	return f.status()
}

// status returns the HTTP status of a code. The page's own codes are sent with 200.
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
	w := writer{wire.Object{B: b}}
	w.Open('{')
	w.Text("errcode", f.code)
	w.Text("errmsg", f.text)
	w.Close('}')
	return w.B
}
