package phrase

import "tongka/internal/ledger"

// Refusal says why something was refused, with what it is about.
func Refusal(r ledger.Refusal) Text {
	if said, known := holderWants[r.Detail]; known && r.Reason == ledger.BadHolder {
		return said
	}
	if r.Reason == ledger.NotReversible && r.Detail == ledger.PaidNothing {
		return Text{"这张卡没有付这张账单，没有可退的", "The card paid nothing of this bill, so there is nothing to give back"}
	}
	said := Refusals[r.Reason]
	if r.Detail != "" && about[r.Reason] {
		detail := r.Detail
		if sum, err := ledger.ParseYuan(detail); err == nil && sum.String() == detail { // none of the others has fen
			detail = Money(sum)
		}
		said.Zh, said.En = said.Zh+"："+detail, said.En+": "+detail
	}
	return said
}

// holderWants says what is wanted of each field of a holder.
var holderWants = map[string]Text{
	"name": {
		"会员资料有误：除储值卡外，须有可用的姓名", "The holder's data are not possible: want a name, but for a stored-value card",
	},
	"phone": {
		"会员资料有误：须为完整的手机号，不能是打码的",
		"The holder's data are not possible: want the whole phone, and not one that is masked",
	},
	"gender":   {"会员资料有误：没有这种性别", "The holder's data are not possible: there is no such gender"},
	"birthday": {"会员资料有误：生日不能晚于今天", "The holder's data are not possible: the birthday is to come"},
}

// about has the reasons whose detail people understand: a number, a name, a day or an amount.
var about = map[ledger.Reason]bool{
	ledger.CardNotFound: true, ledger.CardTaken: true, ledger.ExtIDTaken: true, ledger.CardOwes: true,
	ledger.OtherPointsWorth: true, ledger.TooManyPoints: true, ledger.CouponKindOver: true, ledger.NoCouponStock: true,
	ledger.CouponTwice: true, ledger.CouponIsUsed: true, ledger.CouponIsVoid: true, ledger.CouponIsExpired: true,
	ledger.CouponNotYet: true, ledger.CouponNotHere: true, ledger.CouponNeedsBill: true, ledger.TooManyCoupons: true,
	ledger.BonusTooHigh: true, ledger.InvoiceTooMuch: true, ledger.InvoicedMoney: true, ledger.OverAccountLimit: true,
	ledger.PointsPledged: true, ledger.BadSettings: true, ledger.GUIDTaken: true, ledger.CardAlike: true,
	ledger.ShopEnded: true, ledger.RefundTooMuch: true, ledger.NeedsSecondPerson: true, ledger.ShiftIsOff: true,
	ledger.MoneyHeld: true, ledger.BadHoldEnd: true, ledger.HeldTooLittle: true,
	ledger.HoldIsCaptured: true, ledger.HoldIsReleased: true, ledger.HoldIsExpired: true,
}

// Refusals has every reason for a refusal.
var Refusals = map[ledger.Reason]Text{
	ledger.LicenceOver: {"商户授权已到期，不能办理", "The merchant's licence has ended"},
	ledger.RequestReused: {
		"用这个请求已经办理过别的内容，请先查看办理了什么，以免办理两次",
		"Something else was done by this request already: look what it was, or it may be done twice",
	},
	ledger.RequestUnknown:   {"请求没有办理过", "The request was not carried out"},
	ledger.BadAmount:        {"金额须大于 0，且不超过单笔上限", "Want an amount above 0 and within the limit of one command"},
	ledger.BadDiscountable:  {"不打折金额不能超过账单", "The part without discount is more than the bill"},
	ledger.BadScore:         {"积分数量不对", "Want a possible number of points"},
	ledger.BadNumber:        {"卡号须为 1 到 40 个字母、数字、- 或 _", "Want a card number of 1 to 40 letters, digits, - and _"},
	ledger.BadHolder:        {"会员资料有误", "The holder's data are not possible"},
	ledger.BadExpiry:        {"有效期已过", "The last good day has passed"},
	ledger.BadKind:          {"没有这种卡", "There is no such kind of card"},
	ledger.BadDetails:       {"卡资料有误", "The card's details are not possible"},
	ledger.BadCount:         {"发卡数量不对", "That many cards cannot be issued at once"},
	ledger.UnknownLevel:     {"没有这个等级", "There is no such level"},
	ledger.UnknownPayType:   {"没有这种支付方式", "There is no such pay type"},
	ledger.SameCard:         {"两张卡是同一张", "Both cards are the same"},
	ledger.CardNotFound:     {"没有这张卡", "There is no such card"},
	ledger.CardTaken:        {"卡号已被使用", "The card number is taken"},
	ledger.ExtIDTaken:       {"卡内编码已被使用", "The inner code is taken"},
	ledger.CardIsLost:       {"卡已挂失", "The card was reported lost"},
	ledger.CardIsReturned:   {"卡已退", "The card was returned"},
	ledger.CardIsReplaced:   {"卡已换成新卡", "The card was replaced"},
	ledger.CardIsStopped:    {"卡已停用", "The card is stopped"},
	ledger.CardIsExpired:    {"卡已过有效期", "The card has expired"},
	ledger.CardNotLost:      {"卡没有挂失", "The card was not reported lost"},
	ledger.CardNotStopped:   {"卡没有停用", "The card is not stopped"},
	ledger.EntryNotFound:    {"这张卡上没有这笔记录", "There is no such entry on this card"},
	ledger.NotReversible:    {"这种记录不能这样撤销", "Such an entry cannot be undone this way"},
	ledger.AlreadyReversed:  {"已经全部撤销过了", "It was undone already, all of it"},
	ledger.RefundTooMuch:    {"退款超过这笔消费还可以退的金额", "It is more than is left of the bill"},
	ledger.NothingLeft:      {"这笔充值已经没有余额可撤销", "Nothing of the recharge is left"},
	ledger.NothingExpired:   {"没有过期的内容", "Nothing has expired"},
	ledger.BalanceTooHigh:   {"余额会超过卡内上限", "The card would hold more than the merchant allows"},
	ledger.ShortBalance:     {"余额不足", "There is not enough money on the card"},
	ledger.CardOwes:         {"卡有欠款，还清后才能退卡或并卡", "The card owes money and cannot be returned or merged"},
	ledger.ShortPoints:      {"积分不足", "There are not enough points on the card"},
	ledger.OtherPointsRatio: {"积分比例已经改变", "The points' ratio is another one"},
	ledger.OtherPointsWorth: {"积分可抵金额已经改变", "The points are worth another amount"},
	ledger.PointsNoMoney:    {"这里不能用积分付款", "Points cannot pay here"},
	ledger.TooManyPoints:    {"积分抵扣超过应付金额", "The points are worth more than there is to pay"},

	ledger.BadCouponCount:    {"发券数量不对", "That many coupons cannot be sent at once"},
	ledger.BadCouponNumber:   {"券号不对", "The coupon number is not possible"},
	ledger.CouponTaken:       {"券号已被使用", "The coupon number is taken"},
	ledger.UnknownCouponKind: {"没有这种券", "There is no such kind of coupon"},
	ledger.CouponKindOver:    {"活动已经结束", "The kind of coupon has ended"},
	ledger.NoCouponStock:     {"券的库存不足", "Fewer coupons than that are left"},
	ledger.WalletFull:        {"卡内的券太多了", "The card would have too many coupons"},
	ledger.CouponNotFound:    {"这张卡上没有这张券", "There is no such coupon on this card"},
	ledger.CouponTwice:       {"同一张券选了两次", "The same coupon is named twice"},
	ledger.CouponIsUsed:      {"券已使用", "The coupon was used"},
	ledger.CouponIsVoid:      {"券已作废", "The coupon was taken back"},
	ledger.CouponIsExpired:   {"券已过期", "The coupon has expired"},
	ledger.CouponNotYet:      {"券还没到使用日期", "The coupon is not good yet"},
	ledger.CouponNotHere:     {"券不能在这家店使用", "The coupon is not good in this shop"},
	ledger.CouponNeedsBill: {
		"等级折扣后的账单没有达到用券金额（和前面的券合计）",
		"After the level's discount the bill is below what the coupon needs, with those before it",
	},
	ledger.TooManyCoupons:    {"一单用的券太多了", "There are too many of these on one bill"},
	ledger.CouponAlone:       {"这张券不能和别的券一起用", "The coupon cannot be combined with others"},
	ledger.NoRecharge:        {"这个等级的卡不能充值", "Cards of this level cannot be recharged"},
	ledger.NoRenewal:         {"这个等级没有这种续费", "The level has no such renewal"},
	ledger.NeverExpires:      {"卡长期有效，不用续费", "The card has no last good day to move"},
	ledger.BonusTooHigh:      {"赠送超过充值规则", "The bonus is more than the rules give"},
	ledger.BadClaimedTime:    {"交易时间不对", "The time it was done is not possible"},
	ledger.InvoiceTooMuch:    {"超过还可以开票的金额", "It is more than may be invoiced"},
	ledger.InvoicedMoney:     {"这笔钱已开票，请先冲红", "The money was invoiced: reverse the invoice first"},
	ledger.NoAccount:         {"这个等级没有签单账户", "Cards of the level have no house account"},
	ledger.OverAccountLimit:  {"超过签单额度", "It is more than may be charged to the account"},
	ledger.OverAccountCount:  {"超过签单次数", "The card has charged as many bills as it may"},
	ledger.NoBinding:         {"这种卡不能绑定手机", "Such cards cannot be bound to a phone"},
	ledger.BindingOver:       {"绑定链接已失效", "The link to bind a phone is over"},
	ledger.PointsPledged:     {"卡欠积分，需要留下相应金额", "The card owes points, and money for them must stay on it"},
	ledger.SettingsMoved:     {"其他人刚刚修改过设置，请核对后再保存", "Somebody else has just changed the settings: look again"},
	ledger.BadSettings:       {"设置有误", "The settings are not possible"},
	ledger.NotAllowed:        {"您没有这个权限", "You may not do that"},
	ledger.QuoteMoved:        {"情况刚刚变了，请看清楚再确认", "Things have just changed: look again before you confirm"},
	ledger.RenewedSince:      {"这张卡之后又续费过，请先撤销最近一次续费", "The card was renewed since: undo its newest renewal first"},
	ledger.CardWasUsed:       {"卡在导入之后已有业务", "Something was done with the card since"},
	ledger.ShiftIsOff:        {"清点金额和账面不符，请填写备注说明原因", "The count differs from the books: say why in the note"},
	ledger.CouponDayOver:     {"券的最后有效日已过", "The last day of a coupon has passed"},
	ledger.MoneyHeld:         {"卡内有预留，可用余额不足，已预留", "Money is held on the card, and too little is free. Held"},
	ledger.NoHold:            {"卡上没有这笔预留", "There is no such hold on the card"},
	ledger.BadHoldEnd:        {"预留须晚于现在截止，最晚到", "A hold ends later than now, and at the latest at"},
	ledger.TooManyHolds:      {"卡上的预留太多了", "There are too many holds on the card"},
	ledger.HeldTooLittle:     {"超过预留的金额", "It is more than is held"},
	ledger.HoldIsCaptured:    {"这笔预留已经扣款，记录号", "The hold was captured, and nothing is left of it. Entry"},
	ledger.HoldIsReleased:    {"这笔预留已经解除，记录号", "The hold was released. Entry"},
	ledger.HoldIsExpired:     {"这笔预留已经到期，截止", "The hold has expired, at"},
	ledger.ShiftMoved:        {"刚刚有人交过班，请核对后重新交班", "Somebody has just closed a shift: look again"},
	ledger.NeedsSecondPerson: {"超过这个金额须由另一个人确认", "Above this amount another person has to confirm it"},
	ledger.GUIDTaken:         {"标识已被占用", "The GUID is taken"},
	ledger.ShopEnded:         {"门店已停用", "The shop has ended"},
	ledger.CardAlike:         {"与已有卡号只差前面的 0", "Another card's number differs in leading zeros only"},

	ledger.PasswordNeeded:  {"请会员输入卡密码", "The card's password is needed"},
	ledger.PasswordWrong:   {"卡密码不对", "The card's password is wrong"},
	ledger.TooManyTries:    {"卡密码错误次数过多，请稍后再试", "The card's password was wrong too often: wait a while"},
	ledger.PasswordLocked:  {"卡密码已锁定，请重设密码", "The card's password is locked: set a new one"},
	ledger.PasswordWeak:    {"密码太容易猜到，请换一个", "The password is too easily guessed"},
	ledger.CodeNeeded:      {"需要会员的验证码", "A code that is sent to the holder is needed"},
	ledger.CodeWrong:       {"验证码不对", "The code is wrong"},
	ledger.CodeOver:        {"验证码已失效，请重新获取", "The code is no longer good"},
	ledger.CodeNotNeeded:   {"不需要验证码", "No code is needed"},
	ledger.TooManyCodes:    {"验证码发送过多，请稍后再试", "Too many codes were sent: wait a while"},
	ledger.NoRecipient:     {"会员没有登记手机号或微信", "There is neither a phone nor an open id to send to"},
	ledger.NoSender:        {"没有设置验证码发送", "Nothing is set up to send codes"},
	ledger.MemberCodeWrong: {"会员码无效，请刷新", "The member code is not good"},
	ledger.MemberCodeUsed:  {"会员码已使用，请刷新", "The member code was used"},
	ledger.TooManyMisses:   {"错误次数过多，请稍后再试", "There were too many wrong guesses: wait a while"},
}
