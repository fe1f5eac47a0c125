package console

// What the pages for those who connect tills say.
var (
	wIntegration = text{"对接", "Integration"}
	wTypeThis    = text{"收银机里要填的内容", "What to type into a till"}
	wNoTillsYet  = text{"还没有代理商可以连接这个商户", "No agent may connect to this merchant yet"}
	wAskHost     = text{"密钥和 ApiKey 由平台生成。", "Tokens and ApiKeys are made by the host."}
	wTokenHidden = text{"代理商的密钥（生成时只显示一次）", "the agent's token, shown once when it was made"}
	wNoKeyYet    = text{"没有 ApiKey", "no ApiKey"}
	wMakeKey     = text{"生成", "Make one"}
	wUsed        = text{"最近使用", "Last used"}

	wRequests     = text{"请求记录", "Requests"}
	wRequestsHelp = text{"收银机发来的请求和得到的回答", "What tills sent, and what they were answered"}
	wRequest      = text{"请求", "Request"}
	wAllRequests  = text{"全部", "All"}
	wFailedOnes   = text{"未成功", "Refused or failed"}
	wSlowOnes     = text{"慢", "Slow"}
	wNoRequests   = text{"没有这样的请求", "There are no such requests"}
	wNotKept      = text{
		"服务器没有保留请求（设置 keep-requests 是 0）",
		"The server keeps no requests (its setting keep-requests is 0)",
	}
	wDropped = text{
		"请求太多，服务器启动以来有 N 个没有保留",
		"There were too many: since the server began, N were not kept",
	}
	wWentWell  = text{"成功", "Done"}
	wReplayed  = text{"重复请求，返回原来的结果", "Sent again, answered as the first time"}
	wNotProved = text{"密钥或签名不对", "Wrong token or signature"}
	wTooOften  = text{"请求太频繁", "Too many requests"}
	wUndone    = text{"没有办理，可以重发", "Nothing was done: send it again"}
	wBrokeHere = text{"服务器出错", "The server failed"}
	wOpenEnd   = text{"结果未知，请用原编号重发", "Not known: send it again under its id"}
	wNotLet    = text{"没有权限", "Not allowed"}
	wLicenced  = text{"授权已到期", "The licence has ended"}
	wBadlySent = text{"参数不对", "Something in it is wrong"}
	wEndpoint  = text{"接口", "Endpoint"}
	wCodeOf    = text{"结果代码", "Code"}
	wAnswer    = text{"回答", "Answer"}
	wHeaders   = text{"请求头", "Headers"}
	wParams    = text{"参数", "Parameters"}
	wContent   = text{"内容", "Body"}
	wNotShown  = text{"未保留", "not kept"}
	wOnlyBegin = text{"只保留了开头，全长 N 字节", "Only the beginning was kept; it has N bytes"}
	wMaskedAll = text{
		"密钥、密码、验证码、会员码和手机号都不保留。",
		"Tokens, passwords, codes, member codes and phones are not kept.",
	}
	wSignedHere  = text{"服务器签名的原文", "What the server signed"}
	wSignedHelp  = text{"↵ 表示换行，* 表示没有保留的字符", "↵ is a line feed, * a letter that is not kept"}
	wSignCame    = text{"收到的签名", "The signature that came"}
	wSignDiffers = text{
		"签名不对。请把收银机签名的原文和这里的逐字比较；都一样时，请核对 ApiKey。",
		"The signature is wrong. Compare the text that the till signs with this one, letter by letter; if they are the " +
			"same, compare the ApiKeys.",
	}
	wNewestInFile = text{"文件里最多有最新的 N 条", "A file has the newest N at most"}
	wWireOf       = text{"协议", "Protocol"}
	wTookMS       = text{"用时（毫秒）", "Took (ms)"}
	wAsCurl       = text{"用 curl 重发", "Send it again by curl"}
	wCopy         = text{"复制", "Copy"}
	wTook         = text{"用时", "Took"}

	wCheck     = text{"验收清单", "Checklist"}
	wCheckHelp = text{
		"请用收银机把每一项做一遍。服务器看到以后自动打勾。",
		"Do each of these with the till. It is ticked when the server has seen it.",
	}
	wCheckWay   = text{"收银机还要做哪些测试", "What a till has shown, and has yet to"}
	wCheckDone  = text{"已完成", "Done"}
	wNotYet     = text{"还没有看到", "Not seen yet"}
	wNotGranted = text{
		"没有这个权限，不必测试；收银机要用的话，请先由平台授予",
		"It has not been granted, so it need not be shown; have the host grant it first if the tills are to do it",
	}
	wUnsigned = text{
		"这个请求不能证明是谁发的，所以不在您的请求记录里", "It did not prove whose it was, so it is not in your log",
	}
	wAnyoneSent = text{
		"这个请求不能证明是哪家代理商发的，不打勾，请当面核对",
		"It did not prove which agent's it was, so it is not ticked: see for yourself",
	}
)

// outcomeWords are outcomes of requests in words: those of dc78, and the codes of member-cjb. What is refused by the
// core has its own.
var outcomeWords = map[string]text{
	"unreadable": {"格式不对，无法读取", "It cannot be read"}, "unknown action": {"没有这个接口", "There is no such endpoint"},
	"credentials": wNotProved, "denied": wNotLet, "rate": wTooOften, "licence": wLicenced, "parameter": wBadlySent,
	"refused": {"不能办理", "Refused"}, "failed": wBrokeHere, "not done": wUndone, "open": wOpenEnd,
	"origin": {"来自其他网站的页面", "From a page of another site"},
	"1":      {"缺少参数", "Something is missing"}, "2": {"没有这张卡", "There is no such card"},
	"3": {"已经存在", "It is there already"}, "4": {"余额或积分不足", "Too little is on the card"},
	"300": wLicenced, "400": wBadlySent, "401": wNotProved, "403": wNotLet, "429": wTooOften, "500": wBrokeHere,
	"503": wUndone, "504": wOpenEnd,
}
