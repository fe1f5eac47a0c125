package console

// What the list of cards says, and the form of a new one.
var (
	wFind     = text{"查找", "Find"}
	wFindHelp = text{
		"可输入卡号、姓名或拼音首字母、手机号，或其中一段，例如手机尾号；刷卡后按回车直接打开",
		"Type a card number, a name or its Pinyin initials, a phone, or a part of one; scan a card to open it",
	}
	wFilters    = text{"筛选和排序", "Filters and order"}
	wApply      = text{"应用筛选", "Apply"}
	wClear      = text{"清除", "Clear"}
	wAny        = text{"不限", "Any"}
	wSort       = text{"排序", "Order"}
	wByNumber   = text{"按卡号", "By number"}
	wSortedPart = text{
		"卡太多，只排序了按卡号的前 N 张；请先筛选", "There are too many: the first N by number were sorted. Choose fewer by a filter",
	}
	wOpenedAt   = text{"开卡门店", "Opened at"}
	wAtLeast    = text{"余额从", "Balance from"}
	wAtMost     = text{"余额到", "Balance to"}
	wUsedFrom   = text{"最近使用不早于", "Last used from"}
	wUsedBefore = text{"最近使用早于", "Last used before"}
	wBirthMonth = text{"生日月份", "Birthday in"}
	wExpiring   = text{"卡片几天内到期", "Card expires within days"}
	wLastUse    = text{"最近使用", "Last use"}
	wNoCards    = text{"还没有会员卡", "There are no cards yet"}
	wNoHits     = text{"没有找到", "Nothing was found"}
	wTillReads  = text{
		"这是手机上不断变化的付款码或会员码，只能由收银机扫描。请会员报手机号或卡号",
		"This is a code that changes on a phone, and is for tills to scan. Ask for the phone or the card's number",
	}
	wCardFirst  = text{"请先刷卡，或输入卡号、姓名或手机号", "Scan the card first, or type its number, a name or a phone"}
	wChooseCard = text{"请选择会员卡", "Choose the card"}
	wNoneChosen = text{"没有符合条件的卡", "No card is like that"}
	wNoneSoFar  = text{"前面的卡都不符合条件，后面的还没有看过", "No card so far is like that"}
	wOneCard    = text{"1 张卡", "1 card"}
	wManyCards  = text{"N 张卡", "N cards"}
	wCardsHere  = text{"本页 N 张卡", "N cards on this page"}
	wFirstCards = text{"前 N 张，请多输入一些", "The first N: type more to see the others"}
	wSearchCut  = text{
		"符合的卡很多，只看了前 N 张，请多输入一些", "Very many cards have that, and the first N were looked at: type more",
	}
	wGoOn       = text{"继续查找", "Look further"}
	wShortPage  = text{"符合条件的卡不多，后面的卡还没有看过", "Few cards are like that; those behind were not looked at yet"}
	wTooSlow    = text{"查找时间过长，请多输入几个字", "That took too long: type more"}
	wFirstPage  = text{"第一页", "First page"}
	wNextPage   = text{"下一页", "Next page"}
	wExport     = text{"导出", "Export"}
	wExportJob  = text{"导出会员卡", "Export cards"}
	wExportMany = text{
		"这份名单的卡较多，文件在后台生成：可以离开页面，完成后在“任务”里下载",
		"These are many cards, so the file is made while you go on: it waits under Jobs",
	}
	wExportByNumber = text{"文件按卡号排序", "The file is in the order of card numbers"}
	wExportMake     = text{"生成文件", "Make the file"}
	wExportFile     = text{"下载文件", "Download the file"}
	wExportOwn      = text{"文件只能由发起人下载", "The file is for whoever asked for it"}
	wNoDays         = text{"请输入 0 到 3650 之间的天数", "Want a number of days from 0 to 3650"}
	wUnderOther     = text{"上限不能小于下限", "The upper bound is below the lower one"}
	wOpenThis       = text{"开这张卡", "Open this card"}
	wOpenCard       = text{"开卡", "Open a card"}
	wWouldOpen      = text{"请核对。确认之后才会开卡。", "Look at it. The card is opened when you confirm."}
	wNumberHelp     = text{"刷卡或输入，不填就自动生成", "Scan or type it; leave it empty to have one drawn"}
	wNumber         = text{"卡号", "Card number"}
	wKind           = text{"卡类型", "Kind"}
	wInnerCode      = text{"卡内编码", "Inner code"}
	wInnerHelp      = text{"读卡器读出的数字，没有就不填", "The digits that a reader finds in the card, if it has any"}
	wGender         = text{"性别", "Gender"}
	wBirthday       = text{"生日", "Birthday"}
	wOpensUntil     = text{"不填表示长期有效", "Leave it empty if the card has no end"}
	wPasswordOpt    = text{"4 到 32 位字母、数字或符号，不填就没有密码", "4 to 32 letters, digits or signs; leave it empty to have none"}
	wNotPossible    = text{"填写有误，请修改", "This is not possible: change it"}
	wNameNeeded     = text{"会员卡须填姓名", "Every card but a stored-value card has its holder's name"}
	wNameHelp       = text{"储值卡可以不填", "A stored-value card may have none"}
	wNameLong       = text{"最多 N 个字，不能有特殊字符", "Want at most N characters, and no control characters"}
	wPhoneWrong     = text{
		"最多 N 个字，不能是 1.38E+10 这样的数字", "Want at most N characters, and not a number like 1.38E+10",
	}
	wBirthAhead  = text{"生日不能晚于今天", "A birthday is not after today"}
	wPhoneOdd    = text{"N 不像电话号码，请核对", "N does not look like a phone number: look at it again"}
	wHasPassword = text{"已设置", "Set"}
	wSamePhone   = text{"这个手机号已经有 N 张卡，确定要再开一张吗？", "The phone has N cards already. Open another?"}
	wPhoneTaken  = text{"这个手机号已经有一张卡，确定要再开一张吗？", "The phone has a card already. Open another?"}
	wOpenedOn    = text{"开卡时间", "Opened"}
	wPhoneMasked = text{"手机（部分隐藏）", "Phone, masked"}
)
