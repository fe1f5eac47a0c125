package console

// What screens say of passkeys.
var (
	wPasskeys     = text{"通行密钥", "Passkeys"}
	wPasskeysHelp = text{
		"用手机或电脑的指纹、人脸或锁屏密码登录，不需要密码和验证码。",
		"Sign in by the fingerprint, face or screen lock of a phone or computer, without password and code.",
	}
	wPasskeysNotHere = text{
		"只有通过 https 域名访问时才能使用通行密钥。",
		"Passkeys work only where the console is reached by https and a host name.",
	}
	wPasskeysMost    = text{"已有 N 个通行密钥，请先删除不用的。", "There are N already: remove one that is not used."}
	wPasskeyUnable   = text{"这个浏览器不支持通行密钥。", "This browser has no passkeys."}
	wPasskeyName     = text{"名称", "What to call it"}
	wPasskeyNameHelp = text{"例如「我的手机」；不填则用浏览器的名称", "Such as “my phone”; left empty, it is the browser's name"}
	wPasskeyNoName   = text{"名称太长或不对", "That cannot be a name"}
	wPasskeyMade     = text{"添加于", "added"}
	wPasskeyAdd      = text{"添加通行密钥", "Add a passkey"}
	wPasskeyDrop     = text{"删除", "Remove"}
	wPasskeyDropNow  = text{"删除这个通行密钥", "Remove this passkey"}
	wPasskeyIn       = text{"用通行密钥登录", "Sign in by a passkey"}
	wPasskeyNone     = text{"没有完成，请再试一次", "No passkey was given: try again"}
	wPasskeyTwice    = text{"这台设备上已经有您的通行密钥", "This device has a passkey of yours already"}
	wPasskeyNot      = text{
		"这个通行密钥不能使用：可能已被删除，或等待太久。请再试一次，或用密码登录。",
		"This passkey is not accepted: it may have been removed, or you waited too long. Try again, or use your password.",
	}
)
