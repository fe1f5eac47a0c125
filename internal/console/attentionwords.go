package console

// What needs attention, and what is to be done about it.
var (
	wFailing     = text{"有 N 条消息发送失败，正在重试", "N messages could not be sent and are tried again"}
	wFailingOne  = text{"有 1 条消息发送失败，正在重试", "1 message could not be sent and is tried again"}
	wAgentEnds   = text{"代理商授权即将到期：", "An agent's credentials end soon: "}
	wAgentOver   = text{"代理商授权已到期，收银机已不能使用：", "An agent's credentials have ended, and its tills are refused: "}
	wKeyEnds     = text{"API 密钥即将到期：", "An API key ends soon: "}
	wKeyOver     = text{"API 密钥已到期，程序已不能使用：", "An API key has ended, and its program is refused: "}
	wLicenceEnds = text{"商户授权即将到期：", "The merchant's licence ends soon: "}
	wLicencePast = text{"商户授权已到期：", "The merchant's licence has ended: "}
	wWaitForYou  = text{"有 N 项操作等待确认", "N proposals wait to be confirmed"}
	wImportWaits = text{"有一次导入等待您确认：", "An import waits for you to confirm it: "}
	wWaitsForYou = text{"有 1 项操作等待确认", "1 proposal waits to be confirmed"}

	wLocked     = text{"密码锁定的卡", "Cards with a locked password"}
	wLockedHelp = text{
		"密码连续输错，暂时不能再试。请核实持卡人身份；如果忘记密码，在卡的页面设置新密码，锁定随即解除。",
		"Their password was typed wrongly too often. Make sure who the holder is; who has forgotten the password is given " +
			"a new one on the card's page, which unlocks it.",
	}
	wLockedNow  = text{"有 N 张卡的密码被锁定", "The password of N cards is locked"}
	wLockedOne  = text{"有 1 张卡的密码被锁定", "The password of 1 card is locked"}
	wLockedTill = text{"锁定至", "Locked until"}

	wGivenUp     = text{"没有送达的消息", "Messages that were not sent"}
	wGivenUpHelp = text{
		"近 7 天内放弃发送的消息。请检查持卡人的手机号和短信服务；持卡人可以在收银台再要一次验证码。",
		"Messages of the last 7 days that were given up. See whether the holder's phone is right and whether the sender of " +
			"messages works; a holder can ask for another code at the till.",
	}
	wGivenUpNow = text{"有 N 条消息没有送达", "N messages were never sent"}
	wGivenUpOne = text{"有 1 条消息没有送达", "1 message was never sent"}
	wTriesMade  = text{"尝试次数", "Tries"}

	wDoubles     = text{"可能重复的业务", "Possible doubles"}
	wDoublesHelp = text{
		"今天同一收银端、同一张卡、同一金额，一分钟内做了两次。请与小票核对；多收的一笔，在卡的页面退款或撤销，之后不再列出。",
		"Today the same till did the same to the same card for the same amount twice within a minute. Compare the slips; " +
			"one too many is refunded or reversed on the card's page, and is not listed any more then.",
	}
	wDoublesNow = text{"今天有 N 笔业务可能重复", "N entries of today may be doubles"}
	wDoublesOne = text{"今天有 1 笔业务可能重复", "1 entry of today may be a double"}

	wLapse     = text{"即将到期的赠送和积分", "Bonus and points about to expire"}
	wLapseHelp = text{
		"7 天内有赠送金额或积分到期的卡，先到期的在前。卡本身的有效期在会员卡的筛选里查。",
		"Cards with bonus or points that expire within 7 days, the soonest first. Cards that end themselves are found by " +
			"the filter of the list of cards.",
	}
	wLapsing     = text{"7 天内，有 N 张卡的赠送或积分到期", "Bonus or points of N cards expire within 7 days"}
	wLapsingOne  = text{"7 天内，有 1 张卡的赠送或积分到期", "Bonus or points of 1 card expire within 7 days"}
	wFirstExpiry = text{"最早到期", "The first on"}

	wNoneOfThese = text{"现在没有", "There are none now"}
	wFacts       = text{"情况", "What"}
	wFirstOnes   = text{"只列出 N 条", "Only N are listed"}
)
