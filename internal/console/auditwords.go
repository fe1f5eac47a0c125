package console

import "tongka/internal/ledger"

// What the audit says.
var (
	wAudit       = text{"操作记录", "Audit"}
	wAuditOwn    = text{"设置和导出", "Settings and exports"}
	wAuditPeople = text{"人员和 API 密钥", "People and API keys"}
	wKindOf      = text{"操作", "What"}
	wAbout       = text{"内容", "About"}
	wAnybody     = text{"所有人", "Anybody"}
	wNoPerson    = text{"命令行或系统", "Command line or the system"}
	wNothingDone = text{"没有符合条件的记录", "Nothing like that was done"}
	wMoreToSee   = text{"查看", "See it"}
	wLooks       = text{"查看隐藏信息", "Looks at masked data"}
	wLookFurther = text{"继续往前找", "Look further back"}
	wLongAgo     = text{
		"上一次改动太久以前，无法对比，以下是改动之后的内容",
		"What was before is too long ago to be compared: this is what it was from then on",
	}
	wNewThen       = text{"新增", "It was added"}
	wSecretChanged = text{"已更换", "Another one"}
	wSecretSet     = text{"已设置", "Set"}
	wHost          = text{"平台", "The host"}
	wYes           = text{"是", "Yes"}
	wKeyAdded      = text{"新增 API 密钥", "API key added"}
	wKeyChanged    = text{"修改 API 密钥", "API key changed"}
	wHookRemoved   = text{"删除推送地址", "Webhook removed"}
)

// addedWords are what entries that add something are called, where others of the kind change it.
var addedWords = map[ledger.Kind]text{
	ledger.PersonChanged:  {"新增人员", "Person added"},
	ledger.AgentChanged:   {"新增代理商", "Agent added"},
	ledger.WebhookChanged: {"新增推送地址", "Webhook added"},
}

// filterWords are what the filter calls kinds whose entries both add and change, as it finds both.
var filterWords = map[ledger.Kind]text{
	ledger.PersonChanged:  {"人员变动", "People added or changed"},
	ledger.AgentChanged:   {"代理商和 API 密钥变动", "Agents and API keys added or changed"},
	ledger.WebhookChanged: {"推送地址变动", "Webhooks added or changed"},
}

// filtered returns what the audit's filter calls a kind.
func (v *auditView) filtered(k ledger.Kind) string {
	if words, ok := filterWords[k]; ok {
		return v.lang.of(words)
	}
	return v.kind(k)
}

// personFields are what the facts of a person are called, as agentFields are what those of an agent are. Grants are
// told by themselves.
var personFields = map[string]text{
	"sign_in": wSignName, "name": wName, "language": wLanguage, "until": wUntil, "stopped": wStopped,
	"agent": {"代理商", "Agent"}, "password": wPassword, "totp": wDevice, "recovery": wRecovery,
	"passkeys": {"通行密钥", "Passkeys"},
}
