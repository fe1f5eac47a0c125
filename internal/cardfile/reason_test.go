package cardfile_test

import (
	"strings"
	"testing"
	"unicode"

	"tongka/internal/cardfile"
	"tongka/internal/ledger"
)

func inChinese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// Why a row is refused is said in Chinese too, by the name that the file has for the column.
func TestReasonsInChinese(t *testing.T) {
	t.Parallel()
	const header = "卡号,姓名,等级,余额,赠送金额,积分,生日,有效期,性别,状态,本金,卡类型\n"
	for row, want := range map[string]string{
		"A,x,1,1.234,,,,,,,,":        "余额：最多两位小数",
		"A,x,1,12345678901,,,,,,,,":  "余额：金额过大",
		"A,x,1,,-5,,,,,,,":           "赠送金额：小于0",
		"A,x,1,-5,,,,,,,,":           "余额-5.00不等于本金0.00加赠送金额0.00",
		"A,x,1,x,,,,,,,,":            "余额：不是金额：只能有数字、小数点和最多两位小数",
		"A,x,1,5,1,,,,,,5,":          "余额5.00不等于本金5.00加赠送金额1.00",
		"A,x,1,,,1.5,,,,,,":          "积分：不是整数“1.5”",
		"A,x,1,,,,2019-02-30,,,,,":   "生日：不是有效的日期“2019-02-30”，格式如2019-01-02",
		"A,x,1,,,,,99,,,,":           "有效期：99不是日期，格式如2019-01-02，或表格的日期序号10000（1927-05-18）至73415（2100-12-31）",
		"A,x,1,,,,,,,睡着,,":           "状态：应为正常、挂失、停用或过期，不能是“睡着”",
		"A,x,1,,,,,,,退卡,,":           "状态：“退卡”的卡已注销，不再开卡",
		"A,x,1,,,,,2041-01-01,,过期,,": "状态为已过期，但有效期2041-01-01尚未过去",
		"A,x,1,,,,,,,,,gold":         "卡类型：应为通卡、微卡或储值卡",
		"A,x,白金,,,,,,,,,":            "等级：商户没有等级“白金”",
		"A,x,银卡,,,,,,,,,":            "等级：等级3和4都叫“银卡”，请填编号",
		"A,x\uFFFD,1,,,,,,,,,":       "姓名：有无法识别的字符（\uFFFD）",
		"A,=1+1,1,,,,,,,,,":          "姓名：是公式，请换成它的值",
		"A,#N/A,1,,,,,,,,,":          "姓名：是表格的出错提示#N/A",
		"#REF!,x,1,,,,,,,,,":         "卡号：是表格的出错提示#REF!",
		"A,x,1":                      "有3列，表头有12列",
		"A,x,1,,,,,,,,,,,,\uFFFD":    "第15列：有无法识别的字符（\uFFFD）",
	} {
		got, err := rows(t, header+row+"\n", levels)
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: got %v, %v", row, got, err)
		}
		large := strings.HasSuffix(got[0].Fault.Chinese, "金额过大")
		if large != strings.Contains(got[0].Fault.English, "amount is too large") {
			t.Errorf("%s: the languages differ: %q", row, got[0].Fault)
		}
		if fault := got[0].Fault; fault.Chinese != want || fault.English == "" || fault.English == fault.Chinese {
			t.Errorf("%s: got %q, want %q", row, fault, want)
		}
	}
}

// What the core refuses a row for is said in Chinese, with what it is about.
func TestRefusalsInChinese(t *testing.T) {
	t.Parallel()
	for _, reason := range []ledger.Reason{
		ledger.BadNumber, ledger.BadKind, ledger.UnknownLevel, ledger.BadHolder, ledger.BadDetails, ledger.BadAmount,
		ledger.BadScore, ledger.BalanceTooHigh, ledger.CardTaken, ledger.ExtIDTaken,
	} {
		for _, detail := range []string{"", "A0001"} {
			got := cardfile.Refused(ledger.Refusal{Reason: reason, Detail: detail})
			if !inChinese(got.Chinese) || !strings.HasSuffix(got.Chinese, detail) || !strings.Contains(got.English, detail) {
				t.Errorf("%v: got %q", reason, got)
			}
		}
	}
	for detail, want := range map[string]cardfile.Reason{ // the Chinese is what the dc78 wire says, with what to do
		"phone": {
			"holder's data is not allowed: phone: want at most 32 characters, and not a number like 1.38E+10, " +
				"which has lost digits: make the column text, and save the file again",
			"持卡人资料无效：手机号最多32个字，不能是科学计数：请把该列设为文本格式后重新保存",
		},
		"name":     {"holder's data is not allowed: name: want 1 to 64 characters in one line", "持卡人资料无效：姓名不能为空，最多64个字"},
		"birthday": {"holder's data is not allowed: birthday: want no day after today", "持卡人资料无效：生日不能晚于今天"},
	} {
		if got := cardfile.Refused(ledger.Refusal{Reason: ledger.BadHolder, Detail: detail}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A column that is called 卡类型 is the kind. Where no column is the level it may be that one, and it is told how to say
// so.
func TestKindThatMayBeTheLevel(t *testing.T) {
	t.Parallel()
	const text = "卡号,姓名,卡类型\nA0001,x,金卡\nA0002,x,通卡\n"
	got, err := rows(t, text, cardfile.NewLevels(merchantOfOne, 1))
	if err != nil || len(got) != 2 || got[1].Fault != (cardfile.Reason{}) || got[0].Fault != (cardfile.Reason{
		English: "kind: want common, micro or stored-value; if the column has the level, call it level in the header",
		Chinese: "卡类型：应为通卡、微卡或储值卡；如果这一列是等级，请把表头改为“等级”",
	}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := rows(t, text, levels); err == nil ||
		!strings.Contains(
			err.Error(),
			"there is no column level (if 卡类型 is it, call it level or 等级 in the header): say which",
		) {
		t.Errorf("got %v", err)
	}
}

// A card that has expired, nobody knows when, comes in as one that expired the day before.
func TestExpiredWithoutADay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]ledger.Date{"": 20260104, "永久": 20260104, "2020-1-2": 20200102} {
		got, err := rows(t, "卡号,姓名,等级,余额,有效期,状态\nA0001,x,1,5,"+text+",已过期\n", levels)
		if err != nil || got[0].Fault != (cardfile.Reason{}) || got[0].Card.Expires != want || got[0].Card.Principal != 500 {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
}

// Of a card number that a spreadsheet has written as it writes long ones, that is said, and what to do about it.
func TestRefusedAs(t *testing.T) {
	t.Parallel()
	bad := ledger.Refusal{Reason: ledger.BadNumber}
	if got := cardfile.RefusedAs("1.38E+10", bad); !strings.Contains(got.Chinese, "科学计数") ||
		!strings.Contains(got.English, "make the column text") {
		t.Errorf("got %+v", got)
	}
	if got := cardfile.RefusedAs("6 001", bad); got != cardfile.Refused(bad) {
		t.Errorf("of another number: %+v", got)
	}
}
