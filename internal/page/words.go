package page

import (
	"strings"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// text is what a page says, in both languages.
type text struct{ Zh, En string }

// lang is the language of a page.
type lang ledger.Language

// of returns the text in the language.
func (l lang) of(t text) string { return l.said(phrase.Text(t)) }

// said returns a phrase in the language.
func (l lang) said(t phrase.Text) string { return t.In(ledger.Language(l)) }

// tag returns the language as HTML writes it.
func (l lang) tag() string {
	if l == lang(ledger.English) {
		return "en"
	}
	return "zh-CN"
}

// other returns the language that somebody may want instead, and its own name.
func (l lang) other() (other lang, name string) {
	if l == lang(ledger.English) {
		return lang(ledger.Chinese), "中文"
	}
	return lang(ledger.English), "English"
}

// What the pages say.
var (
	wCard        = text{"会员卡", "Member card"}
	wMember      = text{"会员", "Member"}
	wNextCard    = text{"换一张", "Next card"}
	wBack        = text{"返回", "Back"}
	wMyCard      = text{"我的会员卡", "My card"}
	wBalance     = text{"余额", "Balance"}
	wPrincipal   = text{"本金", "Principal"}
	wNumberShort = text{"卡号", "No."}
	wBonus       = text{"赠送", "Bonus"}
	wPoints      = text{"积分", "Points"}
	wGoodTo      = text{"有效期至", "Good through"}
	wForever     = text{"长期有效", "No last day"}
	wFrom        = text{"起用日期", "From"}
	wExpired     = text{"已过期", "Expired"}
	wClosedNow   = text{"商户暂停服务", "The merchant takes no cards now"}

	wCode     = text{"会员码", "Member code"}
	wBars     = text{"会员码条形码", "Bar code of the member code"}
	wTimeLeft = text{"本码剩余时间", "Time left of this code"}
	wCodeHelp = text{
		"结账时出示，每 30 秒自动更新，离线也可用",
		"Show it when you pay. It changes every 30 seconds, also offline.",
	}
	wCodeUsed  = text{"上一个会员码已用于结账，这是新码", "The code before was used to pay; this is a new one."}
	wCodeWait  = text{"会员码已使用，新码即将显示", "This code was used. The next one comes in a moment."}
	wCodeStale = text{"网络不通，会员码暂停更新", "No connection: the code is not up to date."}
	wNoScripts = text{"浏览器未启用脚本，请在结账前刷新本页", "Without scripts, reload this page before you pay."}

	wQR       = text{"会员码二维码", "QR code of the member code"}
	wEnlarge  = text{"全屏出示", "Show it large"}
	wBrighten = text{"扫不出来时，请把屏幕调到最亮", "If it cannot be read, make the screen as bright as it gets"}
	wShut     = text{"关闭", "Close"}
	wOffline  = text{
		"没有网络。会员码仍可使用，余额和优惠券联网后显示。",
		"There is no network. The code can be used; balance and coupons are shown once there is one.",
	}
	wNoPass     = text{"本手机没有保存会员码", "This phone has kept no code"}
	wNoPassHelp = text{
		"联网后打开会员卡页面，以后没有网络时也能出示会员码。",
		"Open your card while there is a network; from then on the code is there without one.",
	}
	wTryAgain = text{"重试", "Try again"}

	wPaid      = text{"已支付", "Paid"}
	wSettled   = text{"已结账", "Bill settled"}
	wSigned    = text{"已签单", "Charged to account"}
	wRecharged = text{"已充值", "Topped up"}
	wRefunded  = text{"已退款", "Refunded"}
	wStillDue  = text{"还需另付", "still due"}

	wHistory   = text{"账单明细", "History"}
	wRefresh   = text{"刷新", "Refresh"}
	wNoHistory = text{"暂无记录", "Nothing yet"}
	wMore      = text{"更多", "More"}

	wCoupons   = text{"优惠券", "Coupons"}
	wNoCoupons = text{"暂无可用优惠券", "No coupons to use"}
	wNextEnd   = text{"赠送金额或积分最早到期日：", "The first bonus or points end after:"}

	wThisPhone = text{"本手机", "This phone"}
	wLeaveHelp = text{
		"解除后，本手机不再显示这张卡；卡内余额不变。手机遗失时，请到门店更换绑定。",
		"After that this phone shows the card no more; nothing on the card changes. " +
			"If a phone is lost, have another one bound in a shop.",
	}
	wLeave = text{"解除绑定", "Forget this card"}

	wBindHelp = text{
		"绑定后，本手机可查看余额、优惠券和账单，并出示会员码付款。",
		"This phone will show the card's balance, coupons and history, and a code to pay with.",
	}
	wBind     = text{"绑定到本手机", "Bind to this phone"}
	wBindFine = text{
		"仅限持卡人本人操作。此前绑定的手机将同时失效。",
		"For the card's holder only. A phone that was bound before is signed out.",
	}
)

// andMore says how many lines of coupons are not shown.
func andMore(n string) text { return text{"还有 " + n + " 种未显示", n + " more are not shown"} }

// heldOf says how much of a balance is held for bills to come, and how much can be used, with the credit there is.
func heldOf(held, credit, available ledger.Fen) text {
	h, c, a := phrase.Yuan(held), phrase.Yuan(credit), phrase.Yuan(available)
	if credit == 0 {
		return text{"其中 ¥" + h + " 已预留，可用 ¥" + a, "¥" + h + " of it is held, ¥" + a + " can be used"}
	}
	return text{
		"其中 ¥" + h + " 已预留，连同信用额度 ¥" + c + "，可用 ¥" + a,
		"¥" + h + " of it is held; with a credit of ¥" + c + ", ¥" + a + " can be used",
	}
}

// grouped splits a code into groups of four digits.
func grouped(code string) string {
	var groups []string
	for len(code) > 4 {
		groups, code = append(groups, code[:4]), code[4:]
	}
	return strings.Join(append(groups, code), " ")
}
