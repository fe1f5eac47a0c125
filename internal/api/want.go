package api

import (
	"net/http"
	"regexp"
	"slices"

	"github.com/danielgtaylor/huma/v2/validation"

	"tongka/internal/ledger"
)

// titleOf says what an HTTP status means.
func titleOf(status int, lang ledger.Language) string {
	if lang == ledger.Chinese {
		return titles[status]
	}
	return http.StatusText(status)
}

// titles are the statuses of problems in Chinese.
var titles = map[int]string{
	http.StatusBadRequest: "请求有误", http.StatusUnauthorized: "没有认证", http.StatusForbidden: "没有权限",
	http.StatusNotFound: "没有找到", http.StatusMethodNotAllowed: "不接受这种方法",
	http.StatusRequestTimeout: "请求超时", http.StatusConflict: "与现状冲突",
	http.StatusPreconditionFailed: "版本不符", http.StatusRequestEntityTooLarge: "请求太大",
	http.StatusUnsupportedMediaType: "不支持这种内容", http.StatusUnprocessableEntity: "内容有误",
	http.StatusPreconditionRequired: "缺少前提", http.StatusTooManyRequests: "请求太多",
	http.StatusInternalServerError: "服务器出错", http.StatusServiceUnavailable: "暂时不能服务",
	http.StatusGatewayTimeout: "结果未知",
}

// wantOf returns what is wanted of a field in a language. It is kept in English; what has no other words stays so.
func wantOf(want string, lang ledger.Language) string {
	if lang != ledger.Chinese {
		return want
	}
	if said, ok := wantsOwn[want]; ok {
		return said
	}
	for _, w := range slices.Concat(wants, wantsSet) {
		if found := w.english.FindStringSubmatchIndex(want); found != nil {
			return string(w.english.ExpandString(nil, w.chinese, want, found))
		}
	}
	return want
}

// inChinese is a text with values, as a pattern and in Chinese.
type inChinese struct {
	english *regexp.Regexp
	chinese string
}

// ofEnglish makes the pattern of a text that has values like %v.
func ofEnglish(format, chinese string) inChinese {
	pattern := regexp.MustCompile(`%[vsdq]`).ReplaceAllLiteralString(regexp.QuoteMeta(format), "(.*)")
	return inChinese{regexp.MustCompile("^" + pattern + "$"), chinese}
}

// wants are what the checks of a description say.
var wants = []inChinese{
	ofEnglish(validation.MsgUnexpectedProperty, "没有这个字段"),
	ofEnglish(validation.MsgExpectedRFC3339DateTime, "须为时间，如 2026-11-30T08:00:00Z"),
	ofEnglish(validation.MsgExpectedRFC3339Date, "须为日期，如 2026-12-31"),
	ofEnglish(validation.MsgExpectedRFC3986URI, "须为网址"),
	ofEnglish(validation.MsgExpectedBoolean, "须为 true 或 false"),
	ofEnglish(validation.MsgExpectedNumber, "须为数字"),
	ofEnglish(wantInteger, "须为整数，不带小数点和指数"),
	ofEnglish(validation.MsgExpectedString, "须为字符串"),
	ofEnglish(validation.MsgExpectedArray, "须为列表"),
	ofEnglish(validation.MsgExpectedObject, "须为对象"),
	ofEnglish(validation.MsgExpectedArrayItemsUnique, "列表里不能有重复"),
	ofEnglish(validation.MsgExpectedOneOf, "须为其中之一：$1"),
	ofEnglish(validation.MsgExpectedMinimumNumber, "须不小于 $1"),
	ofEnglish(validation.MsgExpectedExclusiveMinimumNumber, "须大于 $1"),
	ofEnglish(validation.MsgExpectedMaximumNumber, "须不大于 $1"),
	ofEnglish(validation.MsgExpectedExclusiveMaximumNumber, "须小于 $1"),
	ofEnglish(validation.MsgExpectedNumberBeMultipleOf, "须为 $1 的倍数"),
	ofEnglish(validation.MsgExpectedMinLength, "长度须不小于 $1"),
	ofEnglish(validation.MsgExpectedMaxLength, "长度须不大于 $1"),
	ofEnglish(validation.MsgExpectedMatchPattern, "须符合格式 $1"),
	ofEnglish(validation.MsgExpectedBePattern, "须为 $1"),
	ofEnglish(validation.MsgExpectedMinItems, "至少要有 $1 项"),
	ofEnglish(validation.MsgExpectedMaxItems, "最多 $1 项"),
	ofEnglish(validation.MsgExpectedMinProperties, "至少要有 $1 个字段"),
	ofEnglish(validation.MsgExpectedMaxProperties, "最多 $1 个字段"),
	ofEnglish(validation.MsgExpectedRequiredProperty, "缺少字段 $1"),
	ofEnglish(validation.MsgExpectedDependentRequiredProperty, "有 $2 时须有 $1"),
	ofEnglish("there is no shop %v", "没有门店 $1"),
	ofEnglish("want at most %d characters", "最多 $1 个字符"),
}

// wantInteger says more than the library, whose text fits 100.0 as well.
const wantInteger = "expected integer, without a point or an exponent"

func init() { validation.MsgExpectedInteger = wantInteger }

// wantsOwn are what operations say of their fields.
var wantsOwn = map[string]string{
	"want a file of cards of at most 32 MiB":                               "须为不超过 32 MiB 的会员文件",
	"want a name that can stand in an address: not . or ..":                "须能写进地址：不能是 . 或 ..",
	"want at most 16 webhooks: remove a stopped one, or change it to this": "最多 16 个推送地址：请删除已停用的一个，或把它改成这个",
	"want the id of a level":                                               "须为等级编号",
	"want each item once":                                                  "每一项只能出现一次",
	"want the id of a shop":                                                "须为门店编号",
	"want 4 to 32 letters, digits and signs":                               "须为 4 至 32 个字母、数字或符号",
	"want the next of a page":                                              "须为上一页的 next",
	"want the next of a page, as it was answered":                          "须为上一页的 next，原样发出",
	"want names and values, escaped as in an address":                      "须为网址里的名称和值，特殊字符要转义",
	"want the name once, and a list with commas":                           "名称只能出现一次，多个值用逗号分开",
	"want the id of a merchant: a whole number":                            "须为商户编号，是整数",
	"want true or false":                                                   "须为 true 或 false",
	"want a day that has begun, or leave it out for now":                   "须为已经开始的日期，要现在的就不填",
	"want an amount in fen":                                                "须为以分计的金额",
	"want a time like 2026-11-30T08:00:00Z":                                "须为时间，如 2026-11-30T08:00:00Z",
	"want a phone number":                                                  "须为手机号",
	"want one of id, inner_code, phone, open_id and member_code":           "须用 id、inner_code、phone、open_id 或 member_code",
	"want the id of an event":                                              "须为事件编号",
	"want another name: there is a webhook of this one":                    "已有同名的 webhook，须用别的名字",
	"want an entry that is not before the first":                           "须不早于 first",
	"want addresses and ranges like 10.1.0.0/16":                           "须为地址或网段，如 10.1.0.0/16",
	"want one ETag, as it was read":                                        "须为读到的一个 ETag",
	"want either the entry or the request of a bill":                       "entry 和 request 只能选一个",
	"want a sum within the limit of one bill":                              "合计须不超过单笔上限",
	"want the sum of the lines, or leave it out":                           "须等于各行之和，或者不填",
	"want the sum of the lines without discount, or leave it out":          "须等于不打折各行之和，或者不填",
	"want either a card or a member code":                                  "card 和 member_code 只能选一个",
	"want either a quotation or a bill":                                    "报价和账单只能选一个",
	"want a day from the first one on, at most 92 days in all":             "须不早于第一天，总共最多 92 天",
	"want the number of a card, or cards":                                  "须有卡号 card，或者 cards",
	"want either a card or cards":                                          "card 和 cards 只能选一个",
	"want password: there is one card":                                     "只有一张卡，须用 password",
	"want a card, cards, a member code or a quotation":                     "须有 card、cards、member_code 或 quote",
	"want a code of the card that was quoted":                              "须为报价那张卡的会员码",
	"want a bill of one card: several are named by their numbers":          "会员码只用于一张卡的账单，几张卡须写卡号",
	"want passwords, by the numbers of the cards":                          "须用 passwords，按卡号填写",
	"want numbers of the bill's cards only":                                "只能是这张账单的卡号",
	"want a day like 2026-12-31":                                           "须为日期，如 2026-12-31",
	"want a name that is not blank":                                        "名字不能是空白",
	"want UTF-8":                                                           "须为 UTF-8",
	"want no control characters":                                           "不能有控制字符",
	errType.Error():                                                        "有一个值的类型不对",
	"request body is required":                                             "须有请求体",
	errTwice.Error():                                                       "同一对象里有重复的名字",
	errMore.Error():                                                        "值的后面还有内容",
	errDeep.Error():                                                        "嵌套太深",
}
