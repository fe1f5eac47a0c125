package page

import (
	"net/http"
	"time"

	"tongka/internal/engine"
	"tongka/internal/httpd"
)

// Outcomes of a request, for log and metrics.
const (
	outNobody  = "nobody"  // the phone is not bound
	outOver    = "over"    // the link was used, is too old or was never made
	outUnknown = "unknown" // no such page
	outRefused = "refused" // what was typed is not right, or the rules do not allow it
	outFailed  = "failed"
)

// message is a page with nothing but a text.
type message struct {
	title, said text
	again       bool // it is worth trying again
	in          bool // the card's password may help
}

var (
	nobody = message{
		text{"尚未绑定会员卡", "No card on this phone"},
		text{
			"请在门店请店员出示绑定二维码，用手机扫描即可绑定。",
			"Ask in a shop for your card's QR code and scan it with this phone.",
		}, false, true,
	}
	over = message{
		text{"绑定链接已失效", "This link is over"},
		text{
			"链接只能使用一次，24 小时内有效。请在门店重新获取二维码。",
			"A link works once and for 24 hours. Ask in a shop for a new QR code.",
		}, false, true,
	}
	later   = text{"请稍后再试。", "Please try again in a moment."}
	tooMany = message{text{"请求过于频繁", "Too many requests"}, later, true, false}
	busy    = message{text{"系统繁忙", "Busy"}, later, true, false}
	broken  = message{text{"系统错误", "Something went wrong"}, later, true, false}
	foreign = message{
		text{"请求来自其他网站", "Asked from another site"},
		text{"请直接打开会员卡页面操作。", "Please open the card's own page."}, true, false,
	}
	unreadable = message{
		text{"无法识别填写的内容", "What was typed cannot be read"},
		text{"请返回重新填写。", "Please go back and type it again."}, true, false,
	}
	noPage = message{text{"页面不存在", "No such page"}, text{"请返回会员卡页面。", "Go back to your card."}, true, false}
)

// fail answers a failure. The caller learns only that it happened; the log gets the error.
func (p *Page) fail(w http.ResponseWriter, r *http.Request, err error) {
	note := httpd.NoteOf(r.Context())
	failure := engine.FailureOf(err)
	if failure == engine.Busy {
		note.Outcome = httpd.OutRate
		httpd.RetryAfter(w.Header(), time.Second)
		p.tell(w, r, http.StatusTooManyRequests, busy)
		return
	}
	note.Outcome = outFailed
	note.Ended(r.Context(), err, true, "")
	if failure == engine.NoTime {
		httpd.RetryAfter(w.Header(), time.Second)
		p.tell(w, r, http.StatusServiceUnavailable, busy)
		return
	}
	p.tell(w, r, http.StatusInternalServerError, broken)
}
