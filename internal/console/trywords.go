package console

// What the page says on which requests are tried.
var (
	wTry     = text{"接口试用", "Try it"}
	wTryAWay = text{"像收银机一样发送一个请求", "Send a request as a till does"}
	wTryReal = text{
		"这是真实的请求：发送以后，服务器像对收银机一样办理，并记入账本和请求记录。",
		"This is a real request: once it is sent the server does what it asks, as for a till, and it stands in the books " +
			"and among the requests.",
	}
	wTryReads    = text{"这个接口只查询，不改变任何数据。", "This endpoint only reads, and changes nothing."}
	wTryMoves    = text{"它会动用卡里的钱或积分。", "It moves money or points of the card."}
	wTrySure     = text{"我知道这是真实的业务，请发送", "I know that this is done for real: send it"}
	wTryNotSure  = text{"发送之前请先确认", "Confirm it before it is sent"}
	wTryNotYours = text{"没有权限发送这个请求，需要：", "You may not send this request, which takes: "}
	wTrySecond   = text{
		"这个商户的这类业务须由另一个人确认，不能在这里发送。请在卡的页面上办理。",
		"At this merchant another person has to confirm this, so it is not sent from here. Do it on the card's page.",
	}
	wTryChoose  = text{"选择接口", "Choose an endpoint"}
	wTryShow    = text{"查看请求", "Show the request"}
	wTrySend    = text{"发送", "Send"}
	wTryFields  = text{"字段", "Fields"}
	wTryNeeded  = text{"* 表示必填", "* marks what is required"}
	wTryToken   = text{"代理商的密钥（AUTHORIZATION）", "The agent's token (AUTHORIZATION)"}
	wTryKey     = text{"门店的 ApiKey", "The shop's ApiKey"}
	wTrySecret  = text{"开发者密钥", "The developer secret"}
	wTryKeyHelp = text{
		"只用于这一次请求，不会保存。查看请求不需要它。",
		"It is used for this one request and not kept. To show the request takes none.",
	}
	wTryNoKey    = text{"发送需要密钥", "It cannot be sent without the key"}
	wTryUnsigned = text{"这家门店的收银机不签名，只看来源地址。", "The tills of this shop do not sign: only the address counts."}
	wTryBuilt    = text{"生成的请求", "The request"}
	wTrySigned   = text{"签名的原文", "The text that is signed"}
	wTryFeeds    = text{"↵ 表示换行", "↵ is a line feed"}
	wTrySign     = text{"签名", "The signature"}
	wTryNoSign   = text{"输入密钥以后才有签名", "Type the key to have it signed"}
	wTryListed   = text{"查看这条请求记录", "Look at it among the requests"}
	wTrySoon     = text{"一秒之内写入请求记录。", "It is listed within a second."}
)
