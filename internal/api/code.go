package api

import (
	"net/http"

	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// fault is a way in which a request fails: its HTTP status, its code, and what it says.
type fault struct {
	status int
	code   string
	said   text
}

// Faults of the request itself, before anything was decided.
var (
	faultUnknown = fault{http.StatusUnauthorized, "unauthorized", text{
		Zh: "没有这个密钥，或者它已停用、过期，或者不能从这个地址使用",
		En: "There is no such key, or it is stopped, has ended or may not be used from this address",
	}}
	faultNoToken = fault{http.StatusUnauthorized, "unauthorized", text{
		Zh: "没有密钥：请用 Authorization: Bearer tk_… 头发送", En: "There is no key: send the header Authorization: Bearer tk_…",
	}}
	faultDenied = fault{http.StatusForbidden, "forbidden", text{
		Zh: "这个密钥没有所需的权限", En: "The key lacks the permission that this takes",
	}}
	faultMerchant = fault{http.StatusBadRequest, "merchant_needed", text{
		Zh: "这个密钥可以用于几个商户：请在 Tongka-Merchant 头里写明商户编号",
		En: "The key is good at several merchants: name one by its id in the header Tongka-Merchant",
	}}
	faultShop = fault{http.StatusForbidden, "shop_forbidden", text{
		Zh: "这个密钥只能用于其他门店", En: "The key may only be used for other shops",
	}}
	faultNowhere = fault{http.StatusNotFound, "not_found", text{
		Zh: "没有这个地址", En: "There is nothing at this address",
	}}
	faultMethod = fault{http.StatusMethodNotAllowed, "method_not_allowed", text{
		Zh: "这个地址不接受这种方法", En: "The address does not take this method",
	}}
	faultNoKey = fault{http.StatusBadRequest, "idempotency_key_missing", text{
		Zh: "会改动账目的请求必须有 Idempotency-Key 头，这样重发才不会办理两次",
		En: "What moves value needs a header Idempotency-Key, so that sending it again does nothing twice",
	}}
	faultTwice = fault{http.StatusBadRequest, "header_twice", text{
		Zh: "Authorization、Tongka-Merchant、Idempotency-Key、If-Match 和 Last-Event-ID 头各只能有一个",
		En: "Want each of the headers Authorization, Tongka-Merchant, Idempotency-Key, If-Match and Last-Event-ID once",
	}}
	faultRate = fault{http.StatusTooManyRequests, "rate_limited", text{
		Zh: "请求太频繁，请按 Retry-After 稍后再试", En: "Too many requests: wait as Retry-After says",
	}}
	faultStreams = fault{http.StatusTooManyRequests, "too_many_streams", text{
		Zh: "这个密钥同时打开的事件流太多", En: "The key has as many streams of events open as it may",
	}}
	faultInvalid = fault{http.StatusUnprocessableEntity, "invalid_request", text{
		Zh: "请求的字段有误，见 errors", En: "Fields of the request are wrong: see errors",
	}}
	faultNoMatch = fault{http.StatusPreconditionRequired, "if_match_missing", text{
		Zh: "修改要带 If-Match 头，值为读到的 ETag，以免覆盖别人刚做的修改",
		En: "A change needs a header If-Match with the ETag that was read, so that nobody's change is overwritten",
	}}
	faultMoved = fault{http.StatusPreconditionFailed, "version_moved", text{
		Zh: "读取之后已被别人修改，见 changes：请重新读取，再决定是否修改",
		En: "It was changed since it was read: see changes, read it again and decide again",
	}}
	faultSpare = fault{http.StatusConflict, "spare_secret", text{
		Zh: "上一次更换前的密钥仍然有效：请先停用它",
		En: "The secret of before the last change is still good: end that first",
	}}
	faultStopped = fault{http.StatusConflict, "webhook_stopped", text{
		Zh: "推送已停用：请先恢复", En: "The webhook is stopped: start it again first",
	}}
	faultAhead = fault{http.StatusUnprocessableEntity, "cursor_ahead", text{
		Zh: "还没有这条流水：账本恢复过备份，或者重新开始过。请重新核对，再从头读，或者从已有的流水读",
		En: "There is no such entry yet: the journal was restored from a backup, or started afresh. Compare, and begin " +
			"again behind an entry that there is",
	}}
	faultNoFile = fault{http.StatusUnsupportedMediaType, "unsupported_media_type", text{
		Zh: "请求体须为 CSV（text/csv）或 XLSX 文件", En: "Want a file as the body: CSV (text/csv) or XLSX",
	}}
	faultJob = fault{http.StatusConflict, "job_not_ready", text{
		Zh: "该任务还没有完成、没有可办理的卡，或者已经撤回：请先查看它的状态",
		En: "The job has not come to its end, has no cards for this, or was taken back: look at what became of it",
	}}
	faultJobs = fault{http.StatusTooManyRequests, "too_many_jobs", text{
		Zh: "还有太多任务没有完成，请稍后再试", En: "Too many jobs are under way: try again when some have ended",
	}}
	faultAgain = fault{http.StatusConflict, "too_many_redeliveries", text{
		Zh: "等待重发的范围太多，请等它们送完", En: "As many ranges wait to be sent once more as may: wait until they are sent",
	}}
	faultQuote = fault{http.StatusUnprocessableEntity, "bad_quote", text{
		Zh: "quote 不是本服务器给出的报价", En: "The quote was not given by this server",
	}}
)

// invalids are what the description of an operation does not allow, by HTTP status.
var invalids = map[int]fault{
	http.StatusUnprocessableEntity: faultInvalid,
	http.StatusBadRequest: {http.StatusBadRequest, "malformed", text{
		Zh: "没有请求体，或者不是所需的 JSON；不需要写什么时请发 {}",
		En: "There is no body, or it is not the JSON that is wanted: send {} where nothing has to be said",
	}},
	http.StatusRequestTimeout: {http.StatusRequestTimeout, "too_slow", text{
		Zh: "请求体没有及时到达", En: "The body did not come in time",
	}},
	http.StatusRequestEntityTooLarge: {http.StatusRequestEntityTooLarge, "too_large", text{
		Zh: "请求体太大", En: "The body is too large",
	}},
	http.StatusUnsupportedMediaType: {http.StatusUnsupportedMediaType, "unsupported_media_type", text{
		Zh: "请求体须为 application/json", En: "Want a body of application/json",
	}},
}

// failures are what an error of the engine leaves known about a command. A request that may have been carried out is
// asked again with the same key.
var failures = map[engine.Failure]fault{
	engine.Failed: {http.StatusInternalServerError, "internal", text{
		Zh: "服务器出错，请联系运维并告知 request_id", En: "The server failed: tell whoever runs it the request_id",
	}},
	engine.Busy: {http.StatusServiceUnavailable, "busy", text{
		Zh: "服务器繁忙，没有办理，请稍后再试", En: "The server is busy and has done nothing: try again",
	}},
	engine.NoTime: {http.StatusServiceUnavailable, "clock_in_doubt", text{
		Zh: "服务器的时间有疑问，没有办理", En: "The server's clock is in doubt, and nothing was done",
	}},
	engine.NotDone: {http.StatusServiceUnavailable, "not_done", text{
		Zh: "没有办理，请稍后再试", En: "Nothing was done: try again",
	}},
	engine.Open: {http.StatusGatewayTimeout, "outcome_unknown", text{
		Zh: "可能已经办理：请用同一个 Idempotency-Key 再发一次",
		En: "It may have been done: send it again with the same Idempotency-Key",
	}},
}

// lastPays says which amounts several cards have.
var lastPays = text{
	Zh: "几张卡付一张账单时，前面的卡可以有大于 0 的 amount，最后一张不能有：它付清余下的",
	En: "Of several cards each but the last may have an amount above 0. The last has none: it pays the rest",
}

// says are texts of refusals in place of those for people at a screen, where what is to be done is another request.
var says = map[ledger.Reason]text{
	ledger.RequestReused: {
		Zh: "用这个 Idempotency-Key 已经办理过别的内容：请先用 GET /v1/requests/{id} 查看办理了什么，换一个键再发可能会办理两次",
		En: "Something else was done under this Idempotency-Key already: ask what by GET /v1/requests/{id}. " +
			"Under another key it may be done twice",
	},
}

// code is how a reason for a refusal is told: its HTTP status and its name for programs.
type code struct {
	status int
	code   string
}

// told has every reason for a refusal.
var told = map[ledger.Reason]code{
	ledger.LicenceOver:       {http.StatusForbidden, "licence_over"},
	ledger.RequestReused:     {http.StatusUnprocessableEntity, "idempotency_key_reused"},
	ledger.RequestUnknown:    {http.StatusNotFound, "request_unknown"},
	ledger.BadAmount:         {http.StatusUnprocessableEntity, "bad_amount"},
	ledger.BadDiscountable:   {http.StatusUnprocessableEntity, "bad_discountable"},
	ledger.BadScore:          {http.StatusUnprocessableEntity, "bad_points"},
	ledger.BadNumber:         {http.StatusUnprocessableEntity, "bad_number"},
	ledger.BadHolder:         {http.StatusUnprocessableEntity, "bad_holder"},
	ledger.BadExpiry:         {http.StatusUnprocessableEntity, "bad_expiry"},
	ledger.BadKind:           {http.StatusUnprocessableEntity, "bad_kind"},
	ledger.BadDetails:        {http.StatusUnprocessableEntity, "bad_details"},
	ledger.BadCount:          {http.StatusUnprocessableEntity, "bad_count"},
	ledger.UnknownLevel:      {http.StatusUnprocessableEntity, "unknown_level"},
	ledger.UnknownPayType:    {http.StatusUnprocessableEntity, "unknown_pay_type"},
	ledger.SameCard:          {http.StatusUnprocessableEntity, "same_card"},
	ledger.CardNotFound:      {http.StatusNotFound, "card_not_found"},
	ledger.CardTaken:         {http.StatusConflict, "card_taken"},
	ledger.ExtIDTaken:        {http.StatusConflict, "inner_code_taken"},
	ledger.CardIsLost:        {http.StatusConflict, "card_is_lost"},
	ledger.CardIsReturned:    {http.StatusConflict, "card_is_returned"},
	ledger.CardIsReplaced:    {http.StatusConflict, "card_is_replaced"},
	ledger.CardIsStopped:     {http.StatusConflict, "card_is_stopped"},
	ledger.CardIsExpired:     {http.StatusConflict, "card_is_expired"},
	ledger.CardNotLost:       {http.StatusConflict, "card_not_lost"},
	ledger.CardNotStopped:    {http.StatusConflict, "card_not_stopped"},
	ledger.EntryNotFound:     {http.StatusNotFound, "entry_not_found"},
	ledger.NotReversible:     {http.StatusConflict, "not_reversible"},
	ledger.AlreadyReversed:   {http.StatusConflict, "already_reversed"},
	ledger.RefundTooMuch:     {http.StatusConflict, "refund_too_much"},
	ledger.NothingLeft:       {http.StatusConflict, "nothing_left"},
	ledger.NothingExpired:    {http.StatusConflict, "nothing_expired"},
	ledger.BalanceTooHigh:    {http.StatusConflict, "balance_too_high"},
	ledger.ShortBalance:      {http.StatusConflict, "short_balance"},
	ledger.CardOwes:          {http.StatusConflict, "card_owes"},
	ledger.ShortPoints:       {http.StatusConflict, "short_points"},
	ledger.OtherPointsRatio:  {http.StatusUnprocessableEntity, "other_points_ratio"},
	ledger.OtherPointsWorth:  {http.StatusUnprocessableEntity, "other_points_worth"},
	ledger.PointsNoMoney:     {http.StatusConflict, "points_no_money"},
	ledger.TooManyPoints:     {http.StatusConflict, "too_many_points"},
	ledger.BadCouponCount:    {http.StatusUnprocessableEntity, "bad_coupon_count"},
	ledger.BadCouponNumber:   {http.StatusUnprocessableEntity, "bad_coupon_number"},
	ledger.CouponTaken:       {http.StatusConflict, "coupon_taken"},
	ledger.UnknownCouponKind: {http.StatusUnprocessableEntity, "unknown_coupon_kind"},
	ledger.CouponKindOver:    {http.StatusConflict, "coupon_kind_over"},
	ledger.NoCouponStock:     {http.StatusConflict, "no_coupon_stock"},
	ledger.WalletFull:        {http.StatusConflict, "wallet_full"},
	ledger.CouponNotFound:    {http.StatusNotFound, "coupon_not_found"},
	ledger.CouponTwice:       {http.StatusUnprocessableEntity, "coupon_twice"},
	ledger.CouponIsUsed:      {http.StatusConflict, "coupon_is_used"},
	ledger.CouponIsVoid:      {http.StatusConflict, "coupon_is_void"},
	ledger.CouponIsExpired:   {http.StatusConflict, "coupon_is_expired"},
	ledger.CouponNotYet:      {http.StatusConflict, "coupon_not_yet"},
	ledger.CouponNotHere:     {http.StatusConflict, "coupon_not_here"},
	ledger.CouponNeedsBill:   {http.StatusConflict, "coupon_needs_bill"},
	ledger.TooManyCoupons:    {http.StatusConflict, "too_many_coupons"},
	ledger.CouponAlone:       {http.StatusConflict, "coupon_alone"},
	ledger.PasswordNeeded:    {http.StatusConflict, "password_needed"},
	ledger.PasswordWrong:     {http.StatusConflict, "password_wrong"},
	ledger.TooManyTries:      {http.StatusTooManyRequests, "too_many_tries"},
	ledger.PasswordLocked:    {http.StatusConflict, "password_locked"},
	ledger.CodeNeeded:        {http.StatusConflict, "code_needed"},
	ledger.CodeWrong:         {http.StatusConflict, "code_wrong"},
	ledger.CodeOver:          {http.StatusConflict, "code_over"},
	ledger.CodeNotNeeded:     {http.StatusConflict, "code_not_needed"},
	ledger.TooManyCodes:      {http.StatusTooManyRequests, "too_many_codes"},
	ledger.NoRecipient:       {http.StatusConflict, "no_recipient"},
	ledger.NoSender:          {http.StatusConflict, "no_sender"},
	ledger.MemberCodeWrong:   {http.StatusConflict, "member_code_wrong"},
	ledger.MemberCodeUsed:    {http.StatusConflict, "member_code_used"},
	ledger.TooManyMisses:     {http.StatusTooManyRequests, "too_many_misses"},
	ledger.NoRecharge:        {http.StatusConflict, "no_recharge"},
	ledger.NoRenewal:         {http.StatusConflict, "no_renewal"},
	ledger.NeverExpires:      {http.StatusConflict, "never_expires"},
	ledger.BonusTooHigh:      {http.StatusConflict, "bonus_too_high"},
	ledger.BadClaimedTime:    {http.StatusUnprocessableEntity, "bad_claimed_time"},
	ledger.InvoiceTooMuch:    {http.StatusConflict, "invoice_too_much"},
	ledger.InvoicedMoney:     {http.StatusConflict, "invoiced_money"},
	ledger.NoAccount:         {http.StatusConflict, "no_account"},
	ledger.OverAccountLimit:  {http.StatusConflict, "over_account_limit"},
	ledger.OverAccountCount:  {http.StatusConflict, "over_account_count"},
	ledger.NoBinding:         {http.StatusConflict, "no_binding"},
	ledger.BindingOver:       {http.StatusConflict, "binding_over"},
	ledger.PointsPledged:     {http.StatusConflict, "points_pledged"},
	ledger.SettingsMoved:     {http.StatusConflict, "settings_moved"},
	ledger.BadSettings:       {http.StatusUnprocessableEntity, "bad_settings"},
	ledger.GUIDTaken:         {http.StatusConflict, "guid_taken"},
	ledger.CardAlike:         {http.StatusUnprocessableEntity, "card_alike"},
	ledger.ShopEnded:         {http.StatusForbidden, "shop_ended"},
	ledger.NotAllowed:        {http.StatusForbidden, "not_allowed"},
	ledger.PasswordWeak:      {http.StatusUnprocessableEntity, "password_weak"},
	ledger.QuoteMoved:        {http.StatusConflict, "quote_moved"},
	ledger.NeedsSecondPerson: {http.StatusForbidden, "needs_second_person"},
	ledger.ShiftMoved:        {http.StatusConflict, "shift_moved"},
	ledger.RenewedSince:      {http.StatusConflict, "renewed_since"},
	ledger.CardWasUsed:       {http.StatusConflict, "card_was_used"},
	ledger.ShiftIsOff:        {http.StatusUnprocessableEntity, "shift_is_off"},
	ledger.CouponDayOver:     {http.StatusUnprocessableEntity, "coupon_day_over"},
	ledger.MoneyHeld:         {http.StatusConflict, "money_held"},
	ledger.NoHold:            {http.StatusNotFound, "hold_not_found"},
	ledger.BadHoldEnd:        {http.StatusUnprocessableEntity, "bad_hold_end"},
	ledger.TooManyHolds:      {http.StatusConflict, "too_many_holds"},
	ledger.HeldTooLittle:     {http.StatusConflict, "held_too_little"},
	ledger.HoldIsCaptured:    {http.StatusConflict, "hold_is_captured"},
	ledger.HoldIsReleased:    {http.StatusConflict, "hold_is_released"},
	ledger.HoldIsExpired:     {http.StatusConflict, "hold_is_expired"},
}
