package sandbox

import (
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// lang is the language of a page.
type lang ledger.Language

// of returns the text in the language.
func (l lang) of(t phrase.Text) string { return t.In(ledger.Language(l)) }

// tag returns the language as HTML writes it.
func (l lang) tag() string {
	if l == lang(ledger.English) {
		return "en"
	}
	return "zh-CN"
}

// other returns the language that somebody may want instead, and its own name.
func (l lang) other() (lang, string) {
	if l == lang(ledger.English) {
		return lang(ledger.Chinese), "中文"
	}
	return lang(ledger.English), "English"
}

// What the page says.
var (
	wSandbox = phrase.Text{Zh: "沙箱", En: "Sandbox"}
	wAbout   = phrase.Text{
		Zh: "供收银软件试接口用：全是假数据，随便试。",
		En: "For whoever connects a till. Nothing here is real: try anything.",
	}
	wOwnOnly = phrase.Text{
		Zh: "只服务于本机，凭据是公开的。",
		En: "It serves this machine only, and its credentials are published.",
	}
	wLan = phrase.Text{
		Zh: "同一局域网里的收银机和手机都能连接。凭据是随机生成的，只给需要的人。",
		En: "Tills and phones on the same network reach it. Its credentials were drawn for it: give them only to " +
			"those who need them.",
	}
	wPlaces      = phrase.Text{Zh: "地址", En: "Where it is"}
	wCredentials = phrase.Text{Zh: "凭据", En: "Credentials"}
	wCode        = phrase.Text{Zh: "用手机打开本页", En: "This page on a phone"}
	wCodeAbout   = phrase.Text{
		Zh: "扫码即可打开，码里有进入本页的钥匙。",
		En: "The code opens it. It has the key to this page in it.",
	}
	wRequests    = phrase.Text{Zh: "请求记录", En: "Requests"}
	wRequestsSee = phrase.Text{
		Zh: "收银机发来的请求和得到的应答，在后台里看：",
		En: "What tills sent and were answered is kept, and shown in the console:",
	}
	wCards      = phrase.Text{Zh: "卡", En: "Cards"}
	wCardsAbout = phrase.Text{
		Zh: "每张卡各有用途，余额是现在的。",
		En: "Each is there for something. The amounts are those of now.",
	}
	wPoints      = phrase.Text{Zh: "积分", En: "Points"}
	wAfresh      = phrase.Text{Zh: "重新开始", En: "Start afresh"}
	wAfreshAbout = phrase.Text{
		Zh: "所有卡和流水都回到最初，本页的凭据不变；自己建立的 API 密钥和 webhook 也没有了。正在处理的请求会处理完，其间新来的请求等几秒。也可以停下程序，" +
			"再以 --fresh 启动，凭据也换新的。",
		En: "All cards and entries become what they were at first, and the credentials of this page stay. API keys " +
			"and webhooks that were made since are gone. Requests under way " +
			"are finished, and those that come meanwhile wait for some seconds. Or end the program and start it " +
			"with --fresh, which draws new credentials too.",
	}
	wAfreshDo = phrase.Text{Zh: "全部重新开始", En: "Make everything anew"}
)

// Messages.
var (
	mLocked = phrase.Text{
		Zh: "请用程序启动时打印的地址或二维码打开本页。",
		En: "Open this page by the address or the code that the program printed when it started.",
	}
	mNowhere = phrase.Text{Zh: "没有这个页面。", En: "There is no such page."}
	mBroken  = phrase.Text{Zh: "出错了，原因在程序的日志里。", En: "Something failed. The program's log says what."}
	mRefused = phrase.Text{
		Zh: "请求被拒绝，请回到沙箱页面再试。",
		En: "The request was refused. Go back to the sandbox and try again.",
	}
	mBusy = phrase.Text{Zh: "已经在重新开始，请稍等。", En: "It is being made anew already. Wait for some seconds."}
)
