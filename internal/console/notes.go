package console

import (
	"strings"
	"time"
)

// programs are the operators of what the program does by itself, as people read them.
var programs = map[string]text{
	"expiry":       {"到期处理", "Expiry"},
	"phone":        {"会员手机", "The holder's phone"},
	"first start":  {"首次启动", "First start"},
	"tongka":       {"升级", "Upgrade"},
	"tongka clock": {"命令行", "Command line"},
	"tongka demo":  {"演示数据", "Demo"},
}

// programNotes are notes that the program writes, as people read them.
var programNotes = map[string]text{
	"recovery code":                 {"使用恢复码", "By a recovery code"},
	"password":                      {"更换密码", "Another password"},
	"device for codes":              {"绑定动态码设备", "A device for codes"},
	"no device for codes":           {"解绑动态码设备", "No device for codes"},
	"passkey":                       {"添加通行密钥", "A passkey was added"},
	"no passkey":                    {"移除通行密钥", "A passkey was taken away"},
	"of before there was a journal": {"有流水之前的设置", "Of before there was a journal"},
}

// operator returns what people know an operator of entries by: a person, what the program does by itself, or the clerk
// of a till, who is told apart from a person of the same name. Where an entry is at hand, who says more.
func (v view) operator(name string) string {
	if said, ok := programs[name]; ok {
		return v.lang.of(said)
	}
	if v.people.namesake(name) {
		return v.lang.of(wAtTill.withText(text{name, name}))
	}
	return v.people.operator(name)
}

// broughtBackNote begins the note of settings that were brought back. What follows is when they were made.
const broughtBackNote = "brought back "

// noted returns the note of an entry in the language of whoever reads it, as far as the program wrote it.
func (v view) noted(note string) string {
	if said, ok := programNotes[note]; ok {
		return v.lang.of(said)
	}
	if at, ours := strings.CutPrefix(note, broughtBackNote); ours {
		if made, err := time.Parse(time.RFC3339, at); err == nil {
			return v.lang.of(wBroughtBack) + v.moment(made)
		}
	}
	return note
}
