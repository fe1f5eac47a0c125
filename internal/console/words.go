package console

import (
	"net/http"

	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// text is what a screen says, in both languages.
type text struct{ Zh, En string }

// lang is the language of a screen.
type lang ledger.Language

// of returns the text in the language.
func (l lang) of(t text) string { return phrase.Text(t).In(ledger.Language(l)) }

// tag returns the language as HTML writes it.
func (l lang) tag() string {
	if l == lang(ledger.English) {
		return "en"
	}
	return "zh-CN"
}

// langOf returns the language that somebody has chosen, or the one that the browser asks for.
func (c *Console) langOf(r *http.Request, p *ledger.Person) lang {
	if p != nil && p.Language != ledger.AnyLanguage {
		return lang(p.Language)
	}
	return lang(httpd.Language(c.cfg.URL, r))
}

// What screens say. A word that stands on several screens stands here once.
var (
	wProduct  = text{"通卡", "Tongka"}
	wSignIn   = text{"登录", "Sign in"}
	wShopOver = text{"选择的门店已停用，请核对门店", "The shop that was chosen has ended: look which it is now"}
	wSignOut  = text{"退出登录", "Sign out"}
	wNotDone  = text{
		"登录已失效，刚才提交的内容没有办理。请登录后重新操作",
		"You are not signed in any more, and what you sent was not done. Sign in and do it again",
	}
	wSignName  = text{"登录名", "Sign-in name"}
	wPassword  = text{"密码", "Password"}
	wCode      = text{"验证码", "Code"}
	wCodeHelp  = text{"请输入手机验证器上的 6 位数字，或一个恢复码", "Type the six digits your device shows, or a recovery code"}
	wSave      = text{"保存", "Save"}
	wBack      = text{"返回", "Back"}
	wToday     = text{"今日", "Today"}
	wPeople    = text{"人员", "People"}
	wMine      = text{"我的账号", "My account"}
	wThisIsYou = text{
		"这是您自己的账号。姓名、语言和密码在我的账号里修改；角色、门店和停用由其他有权限的人修改。",
		"This is you. Your name, language and password are changed in your account; your role, your shops and whether you " +
			"are stopped only by somebody else who may.",
	}
	wGoHome       = text{"返回首页", "Back to the first page"}
	wMerchants    = text{"商户", "Merchants"}
	wMerchant     = text{"商户", "Merchant"}
	wName         = text{"姓名", "Name"}
	wRole         = text{"角色", "Role"}
	wShops        = text{"门店", "Shops"}
	wAllShops     = text{"所有门店", "All shops"}
	wAllMerchants = text{"所有商户", "All merchants"}
	wOfMerchants  = text{"商户的人员，角色在商户的“人员”里修改", "Of a merchant: the role is changed under its People"}
	wColon        = text{"：", ": "}
	wLanguage     = text{"语言", "Language"}
	wBrowser      = text{"跟随浏览器", "As the browser"}
	wStopped      = text{"已停用", "Stopped"}
	wActive       = text{"使用中", "Active"}
	wUntil        = text{"有效期至", "Last day"}
	wStop         = text{"停用", "Stop"}
	wResume       = text{"恢复", "Let in again"}

	wSkip      = text{"跳到内容", "Skip to the content"}
	wPages     = text{"页面", "Pages"}
	wMore      = text{"更多", "More"}
	wBeyond    = text{"平台和其他商户", "Host and other merchants"}
	wFirst     = text{"第一次使用", "The first start"}
	wFirstHelp = text{
		"请建立平台负责人的账号。这个账号可以做所有事情，请使用好的密码。",
		"Make the account of whoever owns this server. It may do everything, so give it a good password.",
	}
	wBegin           = text{"开始使用", "Begin"}
	wFirstOver       = text{"这个链接已经用过了，请登录", "This link has been used: sign in"}
	wNewPassword     = text{"新密码", "New password"}
	wNewPasswordHelp = text{
		"至少 10 个字符，不能含有登录名，几个词连起来最好",
		"At least 10 characters and without the sign-in name; a few words are best",
	}
	wAgain       = text{"再输一次", "Once more"}
	wNotSame     = text{"两次输入的密码不一样", "The two passwords are not the same"}
	wShort       = text{"密码至少要 10 个字符", "A password has at least 10 characters"}
	wLong        = text{"密码最多 128 个字符", "A password has at most 128 characters"}
	wCommon      = text{"这个密码太容易猜到", "This password is guessed first"}
	wNameInside  = text{"密码里不能有登录名", "The password has the name in it"}
	wPasswordNow = text{"现在的密码", "The password of now"}
	wSetPassword = text{"更换密码", "Change the password"}
	wState       = text{"状态", "State"}
	wNewPerson   = text{"新增人员", "Add somebody"}
	wNobodyYet   = text{
		"还没有人员：请打开服务器启动时显示的一次性链接，创建第一个账号",
		"There is nobody yet: open the link that the server showed when it started, to make the first person",
	}
	wNoPeople  = text{"还没有人员", "There is nobody yet"}
	wCustom    = text{"自定义", "Custom"}
	wUntilHelp = text{"不填表示长期有效", "Leave it empty if there is no end"}
	wLastHelp  = text{
		"不填表示长期有效。日期按协调世界时（UTC）算，在中国要到次日早上8点才结束",
		"Leave it empty if there is no end. The day is one of UTC, which ends in China at 8 in the morning after",
	}
	wStopHelp = text{
		"停用后马上退出登录，历史记录都保留",
		"Whoever is stopped is signed out at once; what was done stays in the books",
	}
	wLostDevice = text{
		"手机丢了：同时关闭两步验证", "The phone is lost: ask for no code besides the password any more",
	}
	wLostPasskeys = text{"手机或电脑丢了：同时删除全部通行密钥", "The phone or computer is lost: remove all passkeys too"}
	wLostBoth     = text{
		"手机丢了：同时关闭两步验证，删除全部通行密钥",
		"The phone is lost: ask for no code besides the password any more, and remove all passkeys",
	}
	wLostHelp = text{
		"本人说丢了才勾选。不勾选时都保持不变：没有那台手机就登录不了，捡到的人也许可以。",
		"Tick it if the person says so. Otherwise they stay as they are: without the phone the person may not get in, and " +
			"whoever has found it may.",
	}
	wResetHelp  = text{"更换密码后，所有设备都退出登录。", "With the new password, every browser is signed out."}
	wDevice     = text{"两步验证", "A code besides the password"}
	wDeviceHelp = text{
		"登录时除了密码，还要输入手机上显示的验证码",
		"Signing in asks for a code that your phone shows, besides the password",
	}
	wDeviceAdd    = text{"开启两步验证", "Ask for a code"}
	wDeviceOn     = text{"已开启", "It is asked for"}
	wDeviceDrop   = text{"关闭两步验证", "Ask for none any more"}
	wDeviceApp    = text{"在手机上打开验证器 App", "Open an authenticator app on your phone"}
	wDeviceScan   = text{"扫描这个二维码", "Scan this code"}
	wDeviceType   = text{"不能扫描时，请手动输入：", "If it cannot be scanned, type:"}
	wDeviceCode   = text{"App 上显示的 6 位数字", "The six digits that the app shows"}
	wDeviceWrong  = text{"验证码不对，请检查手机时间是否准确", "The code is wrong: see whether the phone's clock is right"}
	wRecovery     = text{"恢复码", "Recovery codes"}
	wRecoveryHelp = text{
		"手机丢了的时候，每个恢复码可以代替验证码用一次。只显示这一次，请抄下来收好。",
		"If the phone is lost, each of these is good once in place of a code. They are shown now and " +
			"never again: keep them on paper.",
	}
	wNoRecovery = text{
		"恢复码都用完了：请关闭两步验证再开启，就有新的",
		"No recovery code is left: ask for none any more and then for a code again, to get new ones",
	}
	wOneRecovery  = text{"只剩 1 个恢复码", "1 recovery code is left"}
	wManyRecovery = text{"还剩 N 个恢复码", "N recovery codes are left"}
	wRecoveryDone = text{"已经抄好", "I have them"}
	wSessions     = text{"已登录的设备", "Where you are signed in"}
	wThisOne      = text{"当前", "This one"}
	wEndOthers    = text{"退出其他设备", "Sign out everywhere else"}
	wEndSession   = text{"退出", "Sign out"}
	wNoMerchants  = text{"还没有可以管理的商户", "There is no merchant for you to look after yet"}
	wOneShop      = text{"1 家门店", "1 shop"}
	wManyShops    = text{"N 家门店", "N shops"}
	wNoShop       = text{"请选择门店", "Choose a shop"}
	wAllAndSome   = text{"请选择“所有门店”，或只选其中几家，不能同时选", "Choose all shops or some of them, not both"}
	wNoRole       = text{"请选择角色", "Choose a role"}
	wNoDate       = text{"日期不对", "This is no date"}
	wNoMoment     = text{"时间不对，例如 2026-03-04 17:30", "This is no time; it is like 2026-03-04 17:30"}
	wNoClock      = text{"时间不对，例如 17:30", "This is no time; it is like 17:30"}

	wWrong      = text{"登录名、密码或验证码不对", "The name, the password or the code is wrong"}
	wTriesOver  = text{"尝试次数过多，请 N后再试", "There were too many tries: try again in N"}
	wNotThere   = text{"没有这个页面", "There is no such page"}
	wNoWay      = text{"链接可能已失效，或不是给您的", "The link may be old, or is not for you"}
	wNotYours   = text{"您没有这个权限", "You may not do that"}
	wAskWhom    = text{"请向管理员申请权限", "Ask your administrator for the permission"}
	wForeign    = text{"请求来自其他网站，已拒绝", "The request came from another site and was refused"}
	wNoText     = text{"请求中有无法识别的字符", "The request has characters that are no text"}
	wLargeForm  = text{"填写的内容太多", "That is too much for a form"}
	wTooMany    = text{"请求过多，请稍后再试", "Too many requests: wait a moment"}
	wBroken     = text{"服务器出错了，什么都没有改变", "The server failed; nothing was changed"}
	wPageFailed = text{"页面没有显示出来，请稍后再试", "The page could not be shown: try again in a moment"}
	wNoTime     = text{
		"服务器的时间有疑问，没有办理，请联系运维人员",
		"The server's clock is in doubt, and nothing was done: tell whoever runs it",
	}
	wUnknown    = text{"不知道是否已完成：请先查看，再决定是否重试", "It is not known whether it was done: look before you try again"}
	wDoneUnseen = text{
		"已经办理，只是结果没有显示出来：请先查看，不要再做一次",
		"It was done, and only its result could not be shown: look at it, and do not do it again",
	}
	wChanged   = text{"其他人刚刚修改过，请核对后再保存", "Somebody else has just changed this: look again before you save"}
	wCardMoved = text{
		"您打开以后，其他人修改了这张卡。没有改动的各项已按现在的内容，请核对下面的结果",
		"Somebody else has changed the card since you opened it. What you have not changed follows it: look again",
	}
	wDone    = text{"已保存", "Saved"}
	wRefused = text{"不能保存：", "It cannot be saved: "}
)
