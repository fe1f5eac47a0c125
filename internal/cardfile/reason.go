package cardfile

import (
	"errors"
	"fmt"
	"strings"

	"tongka/internal/ledger"
)

// Reason is why a row opens no card, in the two languages of those who mend it. The zero Reason is none. As an error
// it is in English.
type Reason struct{ English, Chinese string }

func (r Reason) Error() string { return r.English }

// reasonOf returns the reason that an error is or, where it has no Chinese, the same text for both.
func reasonOf(err error) Reason {
	if r, ok := errors.AsType[Reason](err); ok {
		return r
	}
	return Reason{err.Error(), err.Error()}
}

// unsaid is what has to be said of a file for each setting, for people who do not read the English one.
var unsaid = map[Setting]string{
	SettingEncoding: "无法识别文件的编码：请选择编码，再上传一次",
	SettingLevel:    "没有等级这一列：请选择等级",
	SettingSkip:     "有些列无法识别，或有两列是同一项：请选择每一列是什么",
}

// Unreadable returns why a file cannot be read, if err says so; other errors are not about the file.
func Unreadable(err error) (why Reason, is bool) {
	if why, is = errors.AsType[Reason](err); is {
		return why, true
	}
	if e, missing := errors.AsType[*SettingError](err); missing {
		return Reason{e.Why, unsaid[e.Setting]}, true
	}
	return Reason{}, false
}

// of returns the reason with the name of the column it is about in front: the field's in English, and what the file
// calls it in Chinese.
func (r Reason) of(column, header string) Reason {
	return Reason{column + ": " + r.English, header + "：" + r.Chinese}
}

// refusals are the reasons of the core that a row can be refused for, in Chinese.
var refusals = map[ledger.Reason]string{
	ledger.BadNumber:      "卡号无效：须为1至40位字母、数字、-或_",
	ledger.BadKind:        "卡类型无效",
	ledger.UnknownLevel:   "等级未填写或不存在",
	ledger.BadHolder:      "持卡人资料无效",
	ledger.BadDetails:     "资料无效或过长",
	ledger.BadAmount:      "金额超出允许范围",
	ledger.BadScore:       "积分超出允许范围",
	ledger.BalanceTooHigh: "余额或积分超过上限",
	ledger.CardTaken:      "该卡号已存在，或者在文件中重复",
	ledger.CardAlike:      "与已有卡号仅前导零不同",
	ledger.ExtIDTaken:     "该内码已被其他卡使用",

	ledger.BadCouponCount:    fmt.Sprintf("优惠券张数应为1至%d", ledger.MaxSend),
	ledger.UnknownCouponKind: "没有这个券种",
	ledger.CouponKindOver:    "券种已结束",
	ledger.CouponDayOver:     "优惠券的有效期已过",
	ledger.NoCouponStock:     "券种的库存不足",
	ledger.WalletFull:        "优惠券张数超过上限",

	ledger.CardWasUsed: "卡在导入之后已有业务", // of a card that is not taken back
}

// fields are the details of a refusal that are fields of a row, with what they must be.
var fields = map[string]struct {
	header string
	want   Reason
}{
	"name": {"姓名", Reason{
		fmt.Sprintf("want 1 to %d characters in one line", ledger.MaxNameLen),
		fmt.Sprintf("不能为空，最多%d个字", ledger.MaxNameLen),
	}},
	"phone": {"手机号", Reason{
		fmt.Sprintf("want at most %d characters, and not %s", ledger.MaxPhoneLen, lostDigits.English),
		fmt.Sprintf("最多%d个字，%s", ledger.MaxPhoneLen, lostDigits.Chinese),
	}},
	"number":   {"卡号", Reason{"want no " + strings.TrimPrefix(lostDigits.English, "a "), lostDigits.Chinese}},
	"gender":   {"性别", Reason{"want 1 or 0", "应为1或0"}},
	"birthday": {"生日", Reason{"want no day after today", "不能晚于今天"}},
	"extid": {"内码", Reason{
		fmt.Sprintf("want digits, at most %d", ledger.MaxExtID), fmt.Sprintf("应为数字，最多%d位", ledger.MaxExtID),
	}},
	"remarks":          {"备注", atMost(ledger.MaxRemarks)},
	"subject":          {"发卡事由", atMost(ledger.MaxSubject)},
	"referrer":         {"推荐人", atMost(ledger.MaxReferrer)},
	"physical.no":      {"实体卡号", atMost(ledger.MaxNumber)},
	"physical.type":    {"实体卡类型", atMost(ledger.MaxNameLen)},
	"physical.name":    {"实体卡名称", atMost(ledger.MaxNameLen)},
	"physical.balance": {"实体卡余额", outOfRange},
	"physical.points":  {"实体卡积分", outOfRange},
	"openid":           {"微信openid", atMost(ledger.MaxOpenID)},
	"idnumber":         {"证件号", atMost(ledger.MaxIDNumber)},
	"status":           {"状态", Reason{"want active, lost or stopped", "应为正常、挂失或停用"}},
}

// lostDigits is what no number may be.
var lostDigits = Reason{
	"a number like 1.38E+10, which has lost digits: make the column text, and save the file again",
	"不能是科学计数：请把该列设为文本格式后重新保存",
}

var outOfRange = Reason{"out of range", "超出允许范围"}

func atMost(characters int) Reason {
	return Reason{
		fmt.Sprintf("want at most %d characters in one line", characters), fmt.Sprintf("最多%d个字，不能换行", characters),
	}
}

// Wanted returns what a field of a row must be, by its name in the detail of a refusal.
func Wanted(field string) (want Reason, known bool) {
	f, known := fields[field]
	return f.want, known
}

// RefusedAs is Refused for a card of a number: one that a spreadsheet has written like 1.38E+10 has lost digits, which
// those who mend the file do not see in it.
func RefusedAs(number string, r ledger.Refusal) Reason {
	if r.Reason == ledger.BadNumber && ledger.Exponent(number) {
		r.Detail = "number"
	}
	return Refused(r)
}

// Refused returns the reason that a refusal of the core is.
func Refused(r ledger.Refusal) Reason {
	text, ok := refusals[r.Reason]
	if !ok {
		return Reason{r.Error(), r.Error()}
	}
	if field, ok := fields[r.Detail]; ok {
		return Reason{r.Error() + ": " + field.want.English, text + "：" + field.header + field.want.Chinese}
	}
	if r.Detail != "" {
		text += "：" + r.Detail
	}
	return Reason{r.Error(), text}
}

// amountError says in both languages why a text is no amount.
func amountError(err error) error {
	switch {
	case errors.Is(err, ledger.ErrDecimals):
		return Reason{err.Error(), "最多两位小数"}
	case errors.Is(err, ledger.ErrDigits):
		return Reason{err.Error(), "金额过大"}
	case err != nil:
		return Reason{err.Error(), "不是金额：只能有数字、小数点和最多两位小数"}
	}
	return nil
}

func columnsFault(have, want int) Reason {
	return Reason{
		fmt.Sprintf("has %d columns, the header has %d", have, want), fmt.Sprintf("有%d列，表头有%d列", have, want),
	}
}
