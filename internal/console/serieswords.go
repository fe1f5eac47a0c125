package console

// What the pages of a series say.
var (
	wSeries     = text{"批量发卡", "Issue a series"}
	wSeriesHelp = text{
		"一次发出许多不记名的储值卡，卡号按规则编排或自动生成。",
		"Opens many cards without a holder at once, with numbers that are counted up or drawn.",
	}
	wHowMany     = text{"张数", "How many"}
	wHowManyHelp = text{"1 到 50000", "1 to 50,000"}
	wNumbers     = text{"卡号", "Numbers"}
	wCountedUp   = text{"按规则编排", "Counted up"}
	wDrawn       = text{"自动生成", "Drawn"}
	wPrefix      = text{"前缀", "Prefix"}
	wPrefixHelp  = text{
		"每个卡号都以它开头，可以不填", "Every number begins with it; may be empty",
	}
	wStartAt    = text{"起始号", "First number"}
	wStartHelp  = text{"自动生成时不用填", "Not used for numbers that are drawn"}
	wDigits     = text{"位数", "Digits"}
	wDigitsHelp = text{"不足的用 0 补齐，例如 6 位：000001", "Filled with zeros, like 000001 for 6"}
	wCheckDigit = text{"末尾加校验位", "A check digit at the end"}
	wLuhnHelp   = text{"输错一位就能发现（Luhn）", "It finds a wrong digit (Luhn)"}
	wEachPIN    = text{"每张卡的密码", "A password for each"}
	wNoPIN      = text{"不设", "None"}
	wDrawnPIN   = text{"6 位，自动生成", "6 digits, drawn"}
	wNo         = text{"否", "No"}
	wBadCount   = text{"请输入 1 到 50000 之间的张数", "Want a number from 1 to 50,000"}
	wBadPrefix  = text{
		"前缀只能有字母、数字、- 和 _；自动生成或加校验位时只能是数字",
		"Want letters, digits, - and _; digits only where numbers are drawn or have a check digit",
	}
	wBadDigits  = text{"请输入 1 到 18 之间的位数；卡号最长 40 位", "Want 1 to 18; a card's number has at most 40 characters"}
	wBadStart   = text{"位数不够，放不下这些卡号", "So many digits have no room for these numbers"}
	wBadBarcode = text{
		"收银机会把这些卡号当成付款码，请换一个前缀或位数",
		"Tills would take these for barcodes of payments: choose another prefix or other digits",
	}
	wFirstNumber = text{"第一张", "The first"}
	wLastNumber  = text{"最后一张", "The last"}
	wWouldIssue  = text{"请核对。确认之后才会开卡。", "Look at it. The cards are opened when you confirm."}
	wPINOnce     = text{
		"密码只写在发完之后的文件里，这个文件只能下载一次。",
		"The passwords are only in the file that you get at the end, which can be downloaded once.",
	}
	wIssueN        = text{"确认发卡 N 张", "Issue N cards"}
	wIssuedNow     = text{"已发卡", "Issued"}
	wStoppedSeries = text{"提前结束", "It ended early"}
	wHasNumber     = text{"卡号已存在，不会再发", "A card has the number already, and it will not be issued"}
	wTakenSoFar    = text{"卡号已存在，没有发", "Not issued, as a card has the number"}
	wCardsFile     = text{"卡号文件（XLSX）", "The cards (XLSX)"}
	wTakeOnce      = text{"下载卡号和密码", "Download numbers and passwords"}
	wOnceHelp      = text{
		"只能下载一次，请马上打印或妥善保存。",
		"It can be downloaded once: print it, or keep it in a safe place.",
	}
	wOnlyAsker = text{"含密码的文件只有发起人可以下载", "Whoever asked for the series downloads the file with the passwords"}
	wTakenOnce = text{
		"含密码的文件已经下载过，服务器上不再保存。忘记密码的卡可以在卡的页面重新设置密码。",
		"The file with the passwords was downloaded, and the server has it no more. A card can be given another " +
			"password on its page.",
	}
)
