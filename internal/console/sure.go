package console

// sure is what is asked once more before it is done, as it ends something at once or cannot be taken back: the button
// that does it stands behind another one, which says what will happen. Browsers need no script for it.
type sure struct {
	does text
	then text // what happens
}

var (
	sureKeyOnly = sure{wMakeOnly, text{
		"旧密钥马上失效：使用它的程序换上新密钥之前都不能访问。不能撤销。",
		"All other keys end at once: programs are refused until they have the new one. This cannot be undone.",
	}}
	sureKeyEnd = sure{wEndKeyBefore, text{
		"旧密钥马上失效：还没有换的程序不能访问了。不能撤销。",
		"The key of before ends at once: programs that still use it are refused. This cannot be undone.",
	}}
	sureKeyStop   = sure{wStop, wStopKeyHelp}
	sureTokenOnly = sure{wMakeOnly, text{
		"旧密钥马上失效：收银机换上新密钥之前都连不上。不能撤销。",
		"All other tokens end at once: tills are refused until they have the new one. This cannot be undone.",
	}}
	sureTokenEnd = sure{wEndBefore, text{
		"旧密钥马上失效：还没有换的收银机连不上了。不能撤销。",
		"The token of before ends at once: tills that still use it are refused. This cannot be undone.",
	}}
	sureNewKey = sure{wNewKey, text{
		"现在的 ApiKey 马上失效：门店的收银机填上新的之前都连不上。不能撤销。",
		"The ApiKey of now ends at once: the shop's tills are refused until they have the new one. This cannot be undone.",
	}}
	sureAgentStop = sure{wStop, wStopAgentHelp}
	sureHookOnly  = sure{wMakeOnly, text{
		"以后只用新密钥签名：接收的程序换上它之前，会拒收推送。不能撤销。",
		"Only the new secret signs from now on: your program turns messages down until it has it. This cannot be undone.",
	}}
	sureHookEnd = sure{wEndHookBefore, text{
		"旧密钥不再签名：还没有换的程序会拒收推送。不能撤销。",
		"The secret of before signs no more: a program that still checks it turns messages down. This cannot be undone.",
	}}
	sureHookStop   = sure{wStop, wStopHookHelp}
	sureHookRemove = sure{wRemoveHook, text{
		"推送地址、密钥和推送记录都删除，等着再发的也不再发；操作记录里仍然查得到。不能撤销。",
		"Its address, its secret and its deliveries are removed, and what waits to be sent once more is not sent. What " +
			"was done to it stays in the audit. This cannot be undone.",
	}}
	surePersonStop = sure{wStop, wStopHelp}
	sureEndOthers  = sure{wEndOthers, text{
		"其他设备马上退出登录，上面还没有提交的内容会丢失。",
		"All other browsers are signed out at once; what was typed there and not sent is lost.",
	}}
	sureEndOne = sure{wEndSession, text{
		"这台设备马上退出登录，上面还没有提交的内容会丢失。",
		"That browser is signed out at once; what was typed there and not sent is lost.",
	}}
	sureDeviceDrop = sure{wDeviceDrop, text{
		"以后登录只要密码，恢复码也都作废。再次开启要重新扫描。",
		"Signing in takes the password only, and the recovery codes are void. To ask for a code again, scan a new one.",
	}}
	surePasskeyDrop = sure{wPasskeyDrop, text{
		"以后不能再用它登录。要再用，需在那台设备上重新添加。",
		"It signs nobody in any more. To use that device again, add it once more.",
	}}
	sureJobCancel = sure{wJobCancel, text{
		"任务停在现在的进度，不能继续；已经完成的部分保留。",
		"It stops where it is and cannot go on; what is done already stays.",
	}}
	sureTakeBack = sure{wTakeBack, text{
		"撤回后谁也不能再确认；要办理，须重新申请。",
		"Nobody can confirm it then; to have it done, ask for it anew.",
	}}
	sureMakeAgain = sure{wMakeAgain, text{
		"旧密钥马上失效：收银机填上新的之前都连不上。不能撤销。",
		"The old ones end at once: tills are refused until they have the new ones. This cannot be undone.",
	}}
	sureTakeOnce = sure{wTakeOnce, wOnceHelp}
)

// wSure begins what the button says that does it.
var wSure = text{"确定", "Yes"}
