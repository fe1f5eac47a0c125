package wire

import (
	"fmt"

	"tongka/internal/ledger"
)

// RequestIDFault returns what is wrong with the id of a request, as both dialects say it.
func RequestIDFault(fault ledger.RequestIDFault) string {
	switch fault {
	case ledger.RequestIDBlank:
		return "不能为空"
	case ledger.RequestIDNotUTF8:
		return "不是UTF-8编码"
	case ledger.RequestIDTooLong:
		return fmt.Sprintf("最多%d个字符", ledger.MaxRequestID)
	case ledger.RequestIDControl:
		return "含控制字符"
	}
	return ""
}
