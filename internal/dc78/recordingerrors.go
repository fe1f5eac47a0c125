package dc78

import (
	"errors"
	"strings"
)

// inEnglish are the reasons for which a request cannot be read. Tills are told them in Chinese, whoever searches the
// scheme of a recording in the language of the commands.
var inEnglish = map[string]string{
	faultMethod.info: "want a POST, or a GET with the action at the end of its path",

	"GET请求不能带内容":     "a GET has a body",
	"内容不是JSON":       "the body, or the list in it, is not JSON",
	"内容不是JSON对象":     "the body is not a JSON object",
	"内容不完整":          "the body is cut short",
	"内容过大":           "the body is larger, or nested deeper, than any that is served",
	"编码应为UTF-8":      "the body, or a text in the address, is not UTF-8",
	"不支持压缩的内容":       "the body is compressed (Content-Encoding): record it as it is before that",
	"不支持multipart":   "the body is multipart, which is not served",
	"list不是数组":       "the list is not an array",
	"字段重复":           "a name stands twice in one object",
	"文本含半个字符":        "a text has half a character, as \\ud83d alone is",
	"缺少action组":      "the body has no group action",
	"未知的参数组":         "the body has a group that is none of action, get and post",
	"get组不是对象":       "the group get is not an object",
	"post组不是对象":      "the group post is not an object",
	"get组的值应为文本或数字":  "a value of the group get is neither a text nor a number",
	"参数应在get组":       "a parameter belongs into the group get",
	"系统参数应在地址中":      "a parameter belongs into the address",
	"参数过多":           "there are too many parameters",
	"参数重复":           "a parameter stands twice with different values",
	"参数含控制字符":        "a parameter has a control character",
	"参数名应为字母、数字和下划线": "the name of a parameter is too long, or has other characters than letters, digits and _",
	"地址编码错误":         "the address or the form has a % without two digits",

	"action组和get组应在post组前":       "the groups action and get must stand before post",
	`action组应为{"action":"接口名称"}`: `the group action is not like {"action":"mb_check"}`,
}

// english returns a fault in the language of the commands, with the parameter that it names.
func english(f fault) error {
	why := strings.TrimPrefix(f.info, unreadableInfo)
	if text, ok := inEnglish[why]; ok {
		return errors.New(text)
	}
	why, name, _ := strings.Cut(why, ":")
	if text, ok := inEnglish[why]; ok {
		return errors.New(text + ": " + name)
	}
	return errors.New(f.info)
}
