package console

import (
	"slices"

	"tongka/internal/ledger"
)

// What the pages of agents say.
var (
	wAgents      = text{"代理商", "Agents"}
	wMyAgent     = text{"我的对接", "My integration"}
	wNewAgent    = text{"新增代理商", "Add an agent"}
	wNoAgents    = text{"还没有代理商。收银机要有一个才能连接。", "There are no agents yet. Tills need one to connect."}
	wAgentName   = text{"代理商名称", "Name of the agent"}
	wSpeaks      = text{"协议", "Protocol"}
	wAddresses   = text{"允许的地址", "Addresses it may call from"}
	wAddressHelp = text{
		"每行一个地址或范围，例如 203.0.113.7 或 10.1.0.0/16；不填表示任何地址",
		"One a line, such as 203.0.113.7 or 10.1.0.0/16; from anywhere if it is empty",
	}
	wNoAddress    = text{"不是地址或范围：", "This is no address or range: "}
	wAnywhere     = text{"任何地址", "Anywhere"}
	wAlways200    = text{"拒绝时也用 HTTP 200 回答", "Refusals have HTTP status 200 too"}
	wAlwaysHelp   = text{"有的收银机只读 HTTP 200 的内容", "For tills that read no other answers"}
	wGrants       = text{"可以做什么", "What it may do"}
	wAddGrant     = text{"再允许一个商户", "At one more merchant"}
	wAddGrantHelp = text{
		"保存以后可以查询、开卡、充值、消费、用积分和挂失，再按需要增减",
		"It may look up, open, recharge, take payments and points, and report losses there; then add or take away",
	}
	wNobodyHas  = text{"没有允许任何商户", "At no merchant"}
	wAgentEnded = text{"已到期", "Over"}
	wWeakToken  = text{"自选的弱密钥", "A chosen, weak token"}
	wWeakOpen   = text{
		"自选的弱密钥必须写明允许的地址，每个范围不大于 /8",
		"A chosen token needs the addresses it may come from, in ranges of /8 or narrower",
	}
	wWeakLong = text{
		"自选的弱密钥必须有最后一天，最多 N 天以后",
		"A chosen token needs a last day, at most N days ahead",
	}
	wTwoTokens   = text{"两个密钥同时有效", "Two tokens are good"}
	wToken       = text{"密钥", "Token"}
	wTokenBefore = text{"旧密钥", "Token of before"}
	wTokens      = text{"密钥 AUTHORIZATION", "Token (AUTHORIZATION)"}
	wTokensHelp  = text{
		"更换时先生成新的：旧的继续有效，等收银机都换好了再停用旧的。",
		"To change it, make another: the one of before stays good until all tills have the new one, and you end it.",
	}
	wBesideHelp = text{
		"旧密钥现在还有效。收银机都换好以后，请停用。",
		"The token of before is still good. End it when all tills have the new one.",
	}
	wMakeBeside  = text{"生成新密钥，旧的继续有效", "Make another, keep the one of before"}
	wMakeOnly    = text{"生成新密钥，旧的马上失效", "Make another, end all others at once"}
	wEndBefore   = text{"停用旧密钥", "End the token of before"}
	wIsStolen    = text{"密钥泄露了？", "Was it seen by somebody else?"}
	wKeyOf       = text{"门店的 ApiKey", "ApiKey of the shop"}
	wNewKey      = text{"生成新的 ApiKey，旧的马上失效", "Make another, end this one at once"}
	wNewKeyHelp  = text{"这家门店的收银机要马上重新填写。", "All tills of the shop need the new one at once."}
	wSigning     = text{"签名方式", "How its tills sign"}
	wSigningHelp = text{
		"每行一项“名称：值”。第一项 scheme 是 hmac（标准）、custom（按下面各项）或 none（不签名，只认地址）。" +
			"只有几条录下来的请求时，可以用命令 tongka dc78 find-scheme 找出签名方式。",
		"One setting a line, as “name: value”. The first, scheme, is hmac (the standard), custom (by the others) or none " +
			"(nothing is signed, the address counts). tongka dc78 find-scheme finds it from recorded requests.",
	}
	wDeveloperSecret = text{"开发者密钥", "Developer secret"}
	wSecretStays     = text{"不填则不变；有的签名方式需要", "Leave it empty to keep what is set; some ways to sign need it"}
	wBeware          = text{"注意：", "Beware: "}
	wStopAgentHelp   = text{
		"停用后，它的收银机一秒之内就连不上了；历史记录都保留。",
		"Its tills are refused within a second; what was done stays in the books.",
	}
	wResumeAgent    = text{"恢复使用", "Let it work again"}
	wAgentHistory   = text{"修改记录", "Changes"}
	wTakenName      = text{"已经有这个名称的代理商", "There is an agent of that name"}
	wShopHasTills   = text{"这家门店已经有 ApiKey 了", "The shop has an ApiKey already"}
	wByToken        = text{"member-cjb(sandypos)：每台收银机发送密钥", "member-cjb (sandypos): tills send a token"}
	wByKey          = text{"dc78：一家门店的收银机用 ApiKey 签名", "dc78: the tills of one shop sign with an ApiKey"}
	wForShop        = text{"门店", "Shop"}
	wLooksAfter     = text{"负责哪个代理商的对接", "The agent whose integration is looked after"}
	wLooksAfterHelp = text{
		"角色选“代理商的人员”时才需要：只能看到这个代理商的对接页面",
		"For the role “of an agent” only: who has it sees the pages of that agent's integration",
	}
	wKeepSafe      = text{"请马上填到收银机里，或者抄下来收好。", "Enter it into the tills, or keep it safe."}
	wOnlyNow       = text{"只显示这一次。", "It is shown now and never again."}
	wReadOnlyAgent = text{"密钥和权限由平台管理，需要修改请联系平台。", "Tokens and grants are the host's to change: ask there."}
)

// permissionWord is what a permission is called.
type permissionWord struct {
	of   ledger.Permission
	said text
}

// permissionWords are what an agent may do, in the order in which a form has it.
var permissionWords = []permissionWord{
	{ledger.MayRead, text{"查询", "look up"}},
	{ledger.MayOpen, text{"开卡", "open cards"}},
	{ledger.MayModify, text{"改资料", "change details"}},
	{ledger.MayRecharge, text{"充值", "recharge"}},
	{ledger.MayConsume, text{"消费", "consume"}},
	{ledger.MayPoints, text{"用积分", "use points"}},
	{ledger.MayRefund, text{"退款", "refund"}},
	{ledger.MayLose, text{"挂失", "report losses"}},
	{ledger.MayCancelLoss, text{"解挂", "cancel losses"}},
}

// keyPermissionWords are what an API key may do, in the order in which a form has it: what an agent may, and what no
// wire of tills lets anybody do.
var keyPermissionWords = append(slices.Clip(permissionWords), []permissionWord{
	{ledger.MayAdjust, text{"手工增减积分和赠送", "give and take points and bonus"}},
	{ledger.MayCashOut, text{"退卡和提现", "return cards, withdraw"}},
	{ledger.MayTransfer, text{"转账、换卡、并卡", "transfer, replace and merge cards"}},
	{ledger.MayCoupons, text{"发放和收回优惠券", "send and take back coupons"}},
	{ledger.MaySettings, text{"修改设置", "change settings"}},
	{ledger.MayReports, text{"查看报表", "see reports"}},
	{ledger.MayExport, text{"导出", "export"}},
	{ledger.MayReveal, text{"查看隐藏信息", "see masked data"}},
}...)

// peoplePermissionWords are what people may do, and no agent and no key.
var peoplePermissionWords = []permissionWord{
	{ledger.MayAgents, text{"管理代理商", "change agents"}}, {ledger.MayPeople, text{"管理人员", "change people"}},
}

// agentFields are what the facts of an agent are called, as its text in the journal names them.
var agentFields = map[string]text{
	"name": wItemName, "token": wToken, "token_of_before": wTokenBefore, "weak": wWeakToken,
	"until": wUntil, "stopped": wStopped, "always_200": wAlways200, "shop": wForShop, "api_key": wKeyOf,
	"signature": wSigning, "developer_secret": wDeveloperSecret, "allow": wAddresses, "grants": wGrants,
	"owner": wMerchant, "shops": wShops,
}

// weakFaults are what an agent with a chosen token lacks, by the part that lacks it.
var weakFaults = map[string]text{"allow": wWeakOpen, "until": wWeakLong}
