// Package phrase has the words by which people know what is in the ledger, in the languages that screens exist in:
// kinds of entries, statuses, why something was refused, and amounts. A screen adds the words that are its own.
package phrase

import "tongka/internal/ledger"

// Text is what a screen says, in both languages.
type Text struct{ Zh, En string }

// In returns the text in a language; in Chinese where none was chosen.
func (t Text) In(l ledger.Language) string {
	if l == ledger.English {
		return t.En
	}
	return t.Zh
}

// Kinds names every kind of entry.
var Kinds = map[ledger.Kind]Text{
	ledger.Opened:           {"开卡", "Card opened"},
	ledger.CardReturned:     {"退卡", "Card returned"},
	ledger.CardReplaced:     {"换卡", "Card replaced"},
	ledger.ReportedLost:     {"挂失", "Reported lost"},
	ledger.LossCancelled:    {"解挂", "Loss cancelled"},
	ledger.Recharged:        {"充值", "Recharged"},
	ledger.Consumed:         {"消费", "Consumed"},
	ledger.TransferredOut:   {"转出", "Transfer out"},
	ledger.TransferredIn:    {"转入", "Transfer in"},
	ledger.Withdrawn:        {"提现", "Withdrawn"},
	ledger.PointsUsed:       {"积分消费", "Points used"},
	ledger.PointsAdjusted:   {"积分调整", "Points adjusted"},
	ledger.RechargeReversed: {"充值撤销", "Recharge reversed"},
	ledger.ConsumeRefunded:  {"消费退款", "Refund"},
	ledger.LevelChanged:     {"等级变更", "Level changed"},
	ledger.HolderModified:   {"会员资料变更", "Holder's data changed"},
	ledger.LotsExpired:      {"过期失效", "Expired"},
	ledger.BalanceOpened:    {"期初余额", "Opening balance"},
	ledger.OpeningReversed:  {"撤销开卡", "Opening taken back"},
	ledger.CardStopped:      {"停用", "Card stopped"},
	ledger.CardResumed:      {"恢复使用", "Card resumed"},
	ledger.DetailsChanged:   {"卡资料变更", "Card's details changed"},
	ledger.PhoneBound:       {"绑定手机", "Phone bound"},
	ledger.Renewed:          {"续费", "Renewal"},
	ledger.RenewalReversed:  {"续费撤销", "Renewal undone"},
	ledger.Invoiced:         {"开票", "Invoice"},
	ledger.InvoiceReversed:  {"发票冲红", "Invoice taken back"},
	ledger.AccountCharged:   {"签单", "Charged to account"},
	ledger.ChargeRefunded:   {"签单撤销", "Charge refunded"},
	ledger.CouponSent:       {"收到优惠券", "Coupons received"},
	ledger.CouponVoided:     {"优惠券作废", "Coupon voided"},
	ledger.CouponExpired:    {"优惠券过期", "Coupons expired"},
	ledger.CashedBack:       {"返现", "Cash back"},
	ledger.ExpirySet:        {"有效期登记", "Last good day noted"},
	ledger.ExpiryReversed:   {"恢复过期", "Expiry taken back"},
	ledger.ClockAccepted:    {"确认时间", "Time accepted"},
	ledger.ClockTakenBack:   {"收回时间", "Time taken back"},
	ledger.SettingsChanged:  {"修改设置", "Settings changed"},
	ledger.AgentChanged:     {"修改代理商", "Agent changed"},
	ledger.MerchantAdded:    {"新增商户", "Merchant added"},
	ledger.PersonChanged:    {"修改人员", "Person changed"},
	ledger.DataShown:        {"查看会员资料", "Holder's data viewed"},
	ledger.DataExported:     {"导出数据", "Data exported"},
	ledger.HandedOver:       {"交班", "Shift closed"},
	ledger.WebhookChanged:   {"修改推送地址", "Webhook changed"},
	ledger.BonusForfeited:   {"收回赠送金额", "Bonus taken back"},
	ledger.AmountHeld:       {"预留", "Amount held"},
	ledger.HoldReleased:     {"解除预留", "Hold released"},
	ledger.BonusGiven:       {"手工赠送", "Bonus given"},
	ledger.MergedOut:        {"并卡转出", "Merged into another card"},
	ledger.MergedIn:         {"并卡转入", "Another card merged in"},
}

// StatusOf returns what is said of a card's status. One that was merged into another was not returned, nor one that was
// taken back with the import that had opened it.
func StatusOf(c *ledger.Card) Text {
	switch {
	case c.MergedAway():
		return Text{"已并入其他卡", "Merged into another card"}
	case c.Freed():
		return Text{"导入已撤销", "Its import was taken back"}
	}
	return Statuses[c.Status]
}

// Statuses names every status of a card: see StatusOf.
var Statuses = map[ledger.Status]Text{
	ledger.Active:   {"正常", "In use"},
	ledger.Lost:     {"已挂失", "Reported lost"},
	ledger.Stopped:  {"已停用", "Stopped"},
	ledger.Returned: {"已退卡", "Returned"},
	ledger.Replaced: {"已换卡", "Replaced"},
}

// CardKinds names every kind of card.
var CardKinds = map[ledger.CardKind]Text{
	ledger.Micro:       {"微卡", "Phone card"},
	ledger.Common:      {"会员卡", "Member card"},
	ledger.StoredValue: {"储值卡", "Stored-value card"},
}
