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
	outFailed  = "failed"
)

// message is a page with nothing but a text.
type message struct {
	Title, English string
	Text, TextEn   string
	Again          bool // it is worth trying again
}

var (
	nobody = message{
		"尚未绑定会员卡", "No card on this phone", "请在门店请店员出示绑定二维码，用手机扫描即可绑定。",
		"Ask in a shop for your card's QR code and scan it with this phone.", false,
	}
	over = message{
		"绑定链接已失效", "This link is over", "链接只能使用一次，24小时内有效。请在门店重新获取二维码。",
		"A link works once and for 24 hours. Ask in a shop for a new QR code.", false,
	}
	tooMany = message{"请求过于频繁", "Too many requests", "请稍后再试。", "Please try again in a moment.", true}
	busy    = message{"系统繁忙", "Busy", "请稍后再试。", "Please try again in a moment.", true}
	broken  = message{"系统错误", "Something went wrong", "请稍后再试。", "Please try again in a moment.", true}
	foreign = message{"请求来自其他网站", "Asked from another site", "请直接打开会员卡页面操作。", "Please open the card's own page.", true}
	noPage  = message{"页面不存在", "No such page", "请返回会员卡页面。", "Go back to your card.", true}
)

// fail answers a failure. The caller learns only that it happened; the log gets the error.
func (p *Page) fail(w http.ResponseWriter, r *http.Request, err error) {
	note := httpd.NoteOf(r.Context())
	failure := engine.FailureOf(err)
	if failure == engine.Busy {
		note.Outcome = httpd.OutRate
		httpd.RetryAfter(w.Header(), time.Second)
		p.tell(w, http.StatusTooManyRequests, busy)
		return
	}
	note.Outcome = outFailed
	note.Ended(r.Context(), err, true, "")
	if failure == engine.NoTime {
		httpd.RetryAfter(w.Header(), time.Second)
		p.tell(w, http.StatusServiceUnavailable, busy)
		return
	}
	p.tell(w, http.StatusInternalServerError, broken)
}
