package console

// What the pages of an import say.
var (
	wImport     = text{"导入会员卡", "Import cards"}
	wImportHelp = text{
		"把其他系统的会员卡和余额带过来。上传之后先核对各列、试导入，确认之前不会开卡。",
		"Brings cards and balances from another system. You look at the columns and try it first; no card is opened " +
			"before you confirm.",
	}
	wImportFile = text{"文件", "File"}
	wFileHelp   = text{
		"XLSX 或 CSV，第一行是列名（例如 卡号、姓名、手机、等级、余额、积分），每行一张卡，最大 32 MB",
		"XLSX or CSV. Its first line names the columns (like number, name, phone, level, balance, points), each " +
			"other line is a card; 32 MB at most",
	}
	wTemplate     = text{"下载模板", "Download a template"}
	wEncoding     = text{"编码", "Encoding"}
	wEncodingHelp = text{"CSV 文件打开是乱码时才需要选择", "Choose one only if a CSV file comes out garbled"}
	wByItself     = text{"自动识别", "Found by itself"}
	wUpload       = text{"上传", "Upload"}
	wNoFile       = text{"请选择文件", "Choose a file"}
	wFileEmpty    = text{"文件是空的", "The file is empty"}
	wFileName     = text{
		"文件名太长，或者含有控制字符，请改名后再上传",
		"The file's name is too long or has control characters: rename it first",
	}
	wFileLarge  = text{"文件超过 32 MB，请分成几个文件", "The file is larger than 32 MB: divide it"}
	wAllImports = text{"以前的导入", "Earlier imports"}

	wImportLook  = text{"导入：核对各列", "Import: the columns"}
	wImportCheck = text{"试导入", "Import: the trial"}
	wFileRead    = text{"文件", "File"}
	wRowsFound   = text{"卡", "Cards"}
	wBlankRows   = text{"空行（已略过）", "Empty rows, passed over"}
	wAboveRows   = text{"表头以上的行（已略过）", "Lines above the header, passed over"}
	wUnreadable  = text{"无法读取这个文件：", "The file cannot be read: "}
	wOtherFile   = text{"上传另一个文件", "Upload another file"}
	wColumnsHelp = text{
		"请核对文件里每一列是什么。不需要的列选“不导入”。",
		"Say what each column of the file is. Those you do not need are not imported.",
	}
	wSkipColumn   = text{"不导入", "Not imported"}
	wDoubt        = text{"请核对", "Look at this one"}
	wNoHeaderName = text{"（没有列名）", "(no name)"}
	wLevelForRest = text{"没有写等级的卡", "Cards without a level"}
	wLevelRefused = text{"不导入", "Are refused"}
	wOwnZeros     = text{
		"只差前导零的卡号（如 00123 和 123）是不同的卡",
		"Numbers that differ in leading zeros only (00123 and 123) are different cards",
	}
	wTryImport  = text{"试导入", "Try it"}
	wTryHelp    = text{"只检查，不开卡", "It is looked at only; no card is opened"}
	wTwice      = text{"另一列也是这一项，请只选一列", "Another column is that too: choose one of them"}
	wNoNumber   = text{"请选择哪一列是卡号", "Say which column is the card number"}
	wNoNameAt   = text{"请选择哪一列是姓名", "Say which column is the name"}
	wNoLevelAt  = text{"没有等级这一列，请选择等级", "No column is the level: choose one for all"}
	wWouldAdd   = text{"将开卡", "Would be opened"}
	wAdded      = text{"已开卡", "Opened"}
	wAddedOnce  = text{"其中之前已开", "Of them before"}
	wRefusedNow = text{"不能导入的行", "Rows that are refused"}
	wTakenNow   = text{"其中卡号已存在", "Of them with a number that a card has"}
	wLine       = text{"行", "Line"}
	wWhy        = text{"原因", "Why"}
	wFirstRows  = text{"前 N 行", "The first N"}
	wAllRows    = text{
		"下载的文件第一列写明原因。改好后可以直接再上传。",
		"The file below says why in its first column. Mend it and upload it again.",
	}
	wWrittenAs     = text{"写法会改变的内容", "What is written otherwise"}
	wNRows         = text{"N 行", "N rows"}
	wOneRow        = text{"1 行", "1 row"}
	wVoidValue     = text{"（空）", "(empty)"}
	wDoImport      = text{"确认导入 N 张卡", "Import N cards"}
	wSomeLeft      = text{"不能导入的行会略过", "Rows that are refused are left out"}
	wNoneLeft      = text{"没有可以导入的卡", "There is no card to import"}
	wOtherConfirms = text{
		"带进来的金额超过商户的双人限额：请另一个可以导入的人在“任务”中打开这次试导入，由他确认",
		"This brings more than one person may: another one who may import opens this trial under Jobs and confirms it",
	}
	wAgainLook   = text{"返回核对各列", "Back to the columns"}
	wNoCouponsAt = text{
		"请选择哪一列是券种，或不导入张数和有效期", "Say which column is the kind of coupons, or import neither number nor day",
	}
	wGenders  = text{"性别无法识别（按未填写导入）", "Genders that are not known (imported as none)"}
	wMendFile = text{"带原因的文件", "The rows with the reasons"}
)

// What the pages say that take an import back.
var (
	wBackTitle  = text{"撤销导入", "Take an import back"}
	wUndoCheck  = text{"撤销导入：核对", "Take an import back: what would happen"}
	wUndoImport = text{"撤销这次导入", "Take this import back"}
	wUndoHelp   = text{
		"先列出哪些卡还没有用过；确认之前不会改动", "First it is told which cards nobody has used; nothing changes before you confirm",
	}
	wUndoCards    = text{"导入的卡", "Cards of the import"}
	wWouldClose   = text{"将撤销", "Would be taken back"}
	wImportUndone = text{"这次导入已撤销，查看结果", "This import was taken back: see what came of it"}
	wClosedNow    = text{"已撤销", "Taken back"}
	wClosedOnce   = text{"其中之前已撤销", "Of them before"}
	wStays        = text{"已用过、保留的卡", "Cards that were used, and stay"}
	wFirstLeft    = text{"前 N 张", "The first N"}
	wLeftFile     = text{"保留的卡的清单", "List of the cards that stay"}
	wDoUndo       = text{"确认撤销 N 张卡", "Take N cards back"}
	wUndoSure     = text{
		"余额、积分和优惠券一并收回，卡号可以再次导入。撤销后不能恢复",
		"Their money, points and coupons go, and their numbers can be imported again. This cannot be undone",
	}
	wNoneBack    = text{"没有可以撤销的卡", "There is no card to take back"}
	wImportAgain = text{
		"现在可以上传改好的文件，卡号可以与之前相同", "Now the mended file can be uploaded, with the same numbers",
	}
	wImportOver  = text{"这次导入已被撤销。请重新上传文件", "This import was taken back. Upload the file again"}
	wDebt        = text{"欠款", "Owed"}
	wBroughtLeft = text{"导入后的余额（已减欠款）", "Balances after the import, less what is owed"}
)

// meaningWords are what a column of a file of cards can be.
var meaningWords = map[string]text{
	"number": wNumber, "level": wLevel, "name": wName, "phone": wPhone, "gender": wGender, "birthday": wBirthday,
	"expires": wExpires, "principal": {"本金余额", "Principal"}, "bonus": {"赠送余额", "Bonus"},
	"balance": {"余额（含赠送）", "Balance with bonus"}, "owes": wDebt, "coupon": {"优惠券（券种）", "Coupons (kinds)"},
	"coupon_count": {"优惠券张数", "Coupons: how many"}, "coupon_until": {"优惠券有效期", "Coupons: last day"},
	"points": wPoints, "kind": wKind, "extid": wInnerCode,
	"openid": {"微信 openid", "WeChat openid"}, "status": wState, "remarks": wRemarks, "subject": {"发卡事由", "Subject"},
	"idnumber": wIdentity, "refid": wReferrer, "card_no": {"实体卡号", "Physical card: number"},
	"card_type": {"实体卡类型", "Physical card: type"}, "card_name": {"实体卡名称", "Physical card: name"},
	"card_points": {"实体卡积分", "Physical card: points"}, "card_balance": {"实体卡余额", "Physical card: balance"},
}

// templateWords are the names of columns in a template. An import knows them all.
var templateWords = map[string]text{
	"number": {"卡号", "number"}, "name": {"姓名", "name"}, "phone": {"手机", "phone"}, "level": {"等级", "level"},
	"principal": {"本金", "principal"}, "bonus": {"赠送余额", "bonus"}, "points": {"积分", "points"},
	"expires": {"有效期至", "expires"}, "birthday": {"生日", "birthday"}, "gender": {"性别", "gender"},
	"status": {"状态", "status"}, "remarks": {"备注", "remarks"}, "owes": {"欠款", "owes"},
	"coupon": {"优惠券", "coupon"}, "coupon_until": {"优惠券有效期", "coupon_until"},
}
