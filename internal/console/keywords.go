package console

// What the pages of API keys say. What they have in common with those of agents stands with these.
var (
	wKeys    = text{"API 密钥", "API keys"}
	wKey     = text{"API 密钥", "API key"}
	wAddKey  = text{"新增 API 密钥", "Add an API key"}
	wNoKeys  = text{"还没有 API 密钥", "There are no API keys yet"}
	wKeysFor = text{
		"自己的程序（例如外卖、ERP、报表）通过通卡的 API 访问这个商户时使用。收银机不用它。",
		"For programs of your own, such as delivery, ERP or reports, that reach this merchant through Tongka's API. Tills " +
			"do not use them.",
	}
	wKeyNameHelp = text{"用在哪里，例如 ERP", "What it is used for, such as ERP"}
	wKeyMay      = text{"可以做什么", "What it may do"}
	wNothingMay  = text{"请选择可以做什么", "Choose what it may do"}
	wNeverUsed   = text{"还没有使用过", "Not used yet"}
	wTakenKey    = text{"已经有这个名称的 API 密钥", "There is an API key of that name"}
	wTwoKeys     = text{"新旧密钥同时有效", "Two keys are good"}
	wRenewal     = text{"更换密钥", "Change the key"}
	wRenewalHelp = text{
		"更换时先生成新的：旧的继续有效，等程序都换好了再停用旧的。",
		"To change it, make another: the one of before stays good until your programs have the new one, and you end it.",
	}
	wKeysBeside = text{
		"旧密钥现在还有效。程序都换好以后，请停用。",
		"The key of before is still good. End it when your programs have the new one.",
	}
	wEndKeyBefore = text{"停用旧密钥", "End the key of before"}
	wStopKeyHelp  = text{
		"停用后，使用它的程序一秒之内就不能访问了；历史记录都保留。",
		"Programs that use it are refused within a second; what was done stays in the books.",
	}
	wKeepKeySafe = text{
		"请马上填到程序里，或者保存到安全的地方，不要发到聊天里或放进代码库。",
		"Enter it into the program, or keep it safe; do not send it in a chat or put it into a repository.",
	}
)
