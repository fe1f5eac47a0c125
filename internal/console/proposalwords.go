package console

// What the pages of proposals say.
var (
	wProposals   = text{"待确认", "To confirm"}
	wNoProposals = text{"没有等待确认的申请", "Nothing waits to be confirmed"}
	wMoreWait    = text{
		"只列出最先到期的 N 条，处理后会显示其余的",
		"These are the N that expire first. When they are decided, the others are listed",
	}
	wPropose  = text{"提交申请", "Ask for it"}
	wProposed = text{"已提交，等待另一个人确认", "It waits for another person to confirm it"}
	wTakesTwo = text{
		"超过 ¥N，须由另一个人确认后才会办理",
		"It is above ¥N, and is done when another person confirms it",
	}
	wWaits           = text{"等待确认", "Waiting"}
	wConfirmed       = text{"已办理", "Done"}
	wTurnedDown      = text{"已拒绝", "Turned down"}
	wTakenBack       = text{"已撤回", "Taken back"}
	wOver            = text{"已过期", "Expired"}
	wWaitsUntil      = text{"有效至", "Good until"}
	wProposer        = text{"申请人", "Asked by"}
	wProposerStopped = text{"申请人已停用", "Stopped since"}
	wDecidedBy       = text{"处理人", "Decided by"}
	wTurnDown        = text{"拒绝", "Turn it down"}
	wTakeBack        = text{"撤回申请", "Take it back"}
	wWhyNot          = text{"拒绝原因", "Reason for the refusal"}
	wNeedWhy         = text{"请写明拒绝原因", "Say why not"}
	wOutcome         = text{"如果现在办理", "If it is done now"}
	wOutcomeNew      = text{"情况已变，与申请时看到的不同", "This is not what was shown to whoever asked for it"}
	wDecided         = text{"这个申请已经处理过了", "It has been decided already"}
	wAskedFor        = text{"申请内容", "What is asked for"}
	wEarlier         = text{"最近的申请", "Earlier ones"}
	wNotNow          = text{"现在不能办理：", "It cannot be done now: "}
	wNotOwn          = text{"自己的申请须由另一个人确认", "Another person has to confirm what you ask for yourself"}

	wReveal   = text{"显示", "Show"}
	wIdentity = text{"证件号", "Identity number"}
)
