package console

import "tongka/internal/ledger"

// What the pages of webhooks say. What they have in common with those of agents and API keys stands with these.
var (
	wHooks    = text{"推送", "Webhooks"}
	wAddHook  = text{"新增推送地址", "Add a webhook"}
	wNoHooks  = text{"还没有推送地址", "There are no webhooks yet"}
	wHooksFor = text{
		"商户的流水一发生，就推送到自己的程序（例如 ERP、报表、数据中心），按 Standard Webhooks 签名。收银机不用它。",
		"What happens at this merchant is sent to programs of your own, such as ERP or reports, as it happens, signed as " +
			"Standard Webhooks has it. Tills do not use them.",
	}
	wHookNameHelp  = text{"谁接收，例如 ERP", "What receives it, such as ERP"}
	wHookURL       = text{"推送到", "Sent to"}
	wHookURLHelp   = text{"例如 https://erp.example.com/tongka", "Such as https://erp.example.com/tongka"}
	wHookKinds     = text{"推送哪些流水", "Which entries"}
	wHookKindsHelp = text{
		"一个都不勾选，就推送卡上的所有流水（查看隐藏信息除外）。",
		"With none chosen, all that is on cards is sent, but not that somebody looked at masked data.",
	}
	wAllKinds   = text{"卡上的所有流水", "All that is on cards"}
	wHookSecret = text{"签名密钥", "Secret"}
	wHookSpare  = text{"旧的签名密钥", "Secret of before"}
	wKeepHook   = text{
		"请马上填到接收的程序里，用来核对签名。",
		"Enter it into the program that receives, which checks signatures by it.",
	}

	wHookWell      = text{"正常", "Well"}
	wHookFails     = text{"推送失败，正在重试", "Fails, and is tried again"}
	wHookPaused    = text{"已暂停", "Paused"}
	wTwoSigns      = text{"新旧密钥同时签名", "Two secrets sign"}
	wFailsSince    = text{"开始失败", "Failing since"}
	wPausedSince   = text{"暂停时间", "Paused since"}
	wTriedNext     = text{"下次重试", "Tried next"}
	wFailures      = text{"连续失败", "Failures in a row"}
	wLastAnswer    = text{"最近一次的回答", "Answered last"}
	wLastTry       = text{"最近一次推送", "Tried last"}
	wNeverTried    = text{"还没有推送过", "Nothing was sent yet"}
	wNoAnswer      = text{"没有回答", "No answer"}
	wSentUpTo      = text{"已推送到", "Sent up to"}
	wStillToSend   = text{"后面还有 N 条流水", "N entries are behind it"}
	wStillOne      = text{"后面还有 1 条流水", "1 entry is behind it"}
	wAllSent       = text{"全部送完", "Nothing is behind it"}
	wPausedBecause = text{
		"连续失败超过三天，已暂停；没有送出的流水都保留着。接收的程序恢复以后，点“继续推送”，从停下的地方接着送。",
		"It failed for three days and is paused; nothing is lost. When its receiver works again, let it go on: it begins " +
			"where it stopped.",
	}
	wPausedByHand = text{
		"有人暂停了它；没有送出的流水都保留着。点“继续推送”，从停下的地方接着送；修改它也会继续。",
		"Somebody has paused it; nothing is lost. Let it go on, and it begins where it stopped. A change of it does that " +
			"too.",
	}
	wFailsHelp = text{
		"没有送到的流水会一直重试，后面的等它。连续失败三天以后暂停。",
		"What was not taken is tried again and again, and what is behind it waits. After three days it is paused.",
	}
	wGoOnNow = text{"继续推送", "Let it go on now"}

	wHookRenewal     = text{"更换签名密钥", "Change the secret"}
	wHookRenewalHelp = text{
		"更换时先生成新的：新旧密钥同时签名，等接收的程序换好了再停用旧的。",
		"To change it, make another: both sign until your program has the new one, and you end the one of before.",
	}
	wHookBeside = text{
		"旧密钥现在还在签名。接收的程序换好以后，请停用。",
		"The secret of before still signs. End it when your program has the new one.",
	}
	wEndHookBefore = text{"停用旧密钥", "End the secret of before"}
	wStopHookHelp  = text{
		"停用后不再推送。停用期间的流水，恢复以后不会自动补送；需要时可以再发一次。",
		"Nothing is sent then. What happens meanwhile is not sent by itself after it is started again, but can be asked for.",
	}
	wPauseHook     = text{"暂停", "Pause"}
	wPauseHookHelp = text{
		"暂停则不丢流水：继续以后，从停下的地方接着送。",
		"Paused, it loses nothing: when it goes on, it begins where it stopped.",
	}
	wRemoveHook  = text{"删除", "Remove it"}
	wStartHook   = text{"恢复推送", "Start it again"}
	wHookStopped = text{"已停用，请先恢复推送", "It is stopped: start it again first"}

	wHookTest     = text{"测试", "Test"}
	wHookTestHelp = text{
		"马上推送一条类型为 test 的消息，看接收的程序怎样回答。不影响别的流水。",
		"Sends an event of the type test at once, to see what the receiver answers. No entry is touched.",
	}
	wSendTest   = text{"发送测试", "Send a test"}
	wTestTaken  = text{"测试已送达", "The test was taken"}
	wTestFailed = text{"测试没有送达", "The test was not taken"}

	wSendAgain     = text{"再发一次", "Send once more"}
	wSendAgainHelp = text{
		"接收的程序丢了数据时，把推送过的流水再发一次。最后一条不填，就只发第一条。每条只试一次，没有送达的见推送记录。",
		"For a receiver that lost something: entries that were sent are sent once more. Without a last one, the first " +
			"alone. Each is tried once; those that are not taken are among the deliveries.",
	}
	wFirstEntry = text{"第一条的记录号", "First entry"}
	wLastEntry  = text{"最后一条的记录号", "Last entry"}
	wManyAgain  = text{"等待重发的范围太多，请等它们送完", "As many ranges wait to be sent once more as may: wait until they are sent"}
	wNoRange    = text{"请填写记录号，最后一条不能在第一条前面", "Give numbers of entries, the last one not before the first"}
	wNotSentYet = text{
		"只能再发推送过的流水，目前到 N；后面的会按顺序推送",
		"Only what was sent can be sent once more, up to N now; the rest comes in its order",
	}
	notAgain = map[string]text{
		ledger.AgainRange: wNoRange, ledger.AgainUnsent: wNotSentYet, ledger.AgainStopped: wHookStopped,
		ledger.AgainMany: wManyAgain,
	}
	wAgainWaits = text{"等待再发", "To be sent once more"}
	wNotAgain   = text{"不再发了", "Do not send"}

	wHookTries    = text{"推送记录", "Deliveries"}
	wAllHookTries = text{"全部推送记录", "All deliveries"}
	wTriesFor     = text{"保留 7 天，最新的在前面。", "Kept for 7 days, the newest first."}
	wNoHookTries  = text{"没有推送记录", "There are no deliveries"}
	wHookTaken    = text{"已送达", "Taken"}
	wHookNotTaken = text{"没有送达", "Not taken"}

	wManyHooks = text{
		"最多 16 个推送地址：请先删除已停用的一个", "There can be 16 webhooks at most: remove one that is stopped first",
	}
	wHookNameWrong = text{"请填写名称，一行，最多 64 个字", "Give it a name in one line, of at most 64 characters"}
	wTakenHook     = text{"已经有这个名称的推送地址", "There is a webhook of that name"}
	wHookURLWrong  = text{
		"请填写完整的地址，例如 https://erp.example.com/tongka，不带用户名、密码、空格和 #",
		"Give the whole address, such as https://erp.example.com/tongka, without a name, a password, spaces and #",
	}
	wHookNotSafe = text{
		"地址要以 https:// 开头：不加密的内容会被别人看到、改掉",
		"The address must begin with https://: what is sent without TLS can be read and changed on its way",
	}

	wHookIsPaused = text{"推送已暂停，之后的流水没有送出：", "A webhook is paused, and nothing is sent to it: "}
	wHookIsIll    = text{"推送失败，正在重试：", "A webhook fails and is tried again: "}
)

// hookSaid are the texts of internal/hook that stand where an endpoint said nothing itself.
var hookSaid = map[string]text{
	"no answer within 10s":           {"10 秒内没有回答", "no answer within 10s"},
	"redirects are not followed":     {"不跟随跳转，请直接填写最后的地址", "redirects are not followed"},
	"another protocol is not spoken": {"对方要改用别的协议，不支持", "another protocol is not spoken"},
	"the address cannot be read":     {"地址不能读取", "the address cannot be read"},
	"its name is not known, or its address is not public and not one of webhook-allow": {
		"没有这个域名，或者它的地址不是公网地址，也不在设置 webhook-allow 里",
		"its name is not known, or its address is not public and not one of webhook-allow",
	},
	"without TLS only addresses of webhook-allow are called": {
		"不加密只能发往设置 webhook-allow 里的地址", "without TLS only addresses of webhook-allow are called",
	},
}
