package console

// What the page says of the server and its settings.
var (
	wServer     = text{"服务器", "Server"}
	wServerHelp = text{
		"这里只能查看。要更改设置，请改启动参数、环境变量或配置文件，然后重新启动服务器。" +
			"同一项在几处都有时，依次取：启动参数、环境变量、配置文件、默认值。",
		"This page only shows. To change a setting, change its flag, its variable or its line in the settings file, and " +
			"start the server again. Of a setting that stands in several places the flag counts, then the variable, the file " +
			"and the default.",
	}
	wServerNow   = text{"正在运行", "What runs"}
	wCommit      = text{"提交", "Commit"}
	wBegan       = text{"启动时间", "Started"}
	wUp          = text{"已运行", "Up for"}
	wDatabase    = text{"数据库", "Database"}
	wSchema      = text{"数据库结构版本", "Schema"}
	wKeyPrint    = text{"密钥指纹", "Fingerprint of the key"}
	wKeySame     = text{"核对备份的密钥文件是否就是这一把", "Compare it with that of a copy of the key file"}
	wCertificate = text{"TLS 证书到期", "TLS certificate expires"}
	wNoTLS       = text{"不用 TLS", "No TLS"}
	wOneDay      = text{"1 天", "1 day"}
	wSomeDays    = text{"N 天", "N days"}
	wOneMinute   = text{"1 分钟", "1 minute"}
	wSomeMinutes = text{"N 分钟", "N minutes"}
	wOneHour     = text{"1 小时", "1 hour"}
	wSomeHours   = text{"N 小时", "N hours"}
	wNotSet      = text{"未设置", "not set"}
	wByDefault   = text{"默认", "default"}
)

// serverSources are where settings come from.
var serverSources = map[string]text{
	"flag":        {"启动参数", "flag"},
	"environment": {"环境变量", "environment"},
	"file":        {"配置文件", "settings file"},
	"default":     {"默认值", "default"},
	"":            {"程序指定", "set by the program"},
}

// serverGroups are the groups of settings.
var serverGroups = map[string]text{
	"Database": {"数据库", "Database"}, "HTTP": {"网络", "HTTP"}, "Limits": {"限流", "Limits"},
	"Messages": {"消息", "Messages"}, "Backup": {"备份", "Backup"}, "Engine": {"办理引擎", "Engine"}, "Log": {"日志", "Log"},
	"Webhooks": {"推送", "Webhooks"},
}

// serverMeanings say in Chinese what each setting means. In English that is said where the settings are.
var serverMeanings = map[string]string{
	"db": "数据库。sqlite:文件名 是一个文件，同一时间只能由一个服务器使用；postgres:// 开头的是 PostgreSQL，可以由几个服务器共用。" +
		"这里不显示用户名和密码。",
	"connect-limit": "连接一台 PostgreSQL 服务器最多等多久。",
	"read-limit":    "一次查询（包括搜索）最多多久，超过就断开。",
	"save-limit":    "PostgreSQL 上一次提交最多多久。超过就断开，再查明提交是否成功。",
	"key-file": "密钥文件：门店的 ApiKey 用它加密，卡密码用它散列。请另外保管一份，不要和数据库的备份放在一起。" +
		"用 TONGKA_KEY 直接给出密钥时不读文件。",
	"addr":          "收银机连接的地址。不用 TLS 时只能是本机地址，除非设置了 insecure-http。",
	"page-url":      "浏览器和持卡人的手机访问服务器的地址。不设置时没有会员页；后台只在 addr 是本机地址且没有 trusted-proxies 时才有。",
	"admin-addr":    "运维用的地址，提供 /metrics、/healthz 和 /readyz。不加密，请不要对公网开放。",
	"server-name":   "dc78 回答里的 server_name，不设置时是机器名。",
	"tls-cert":      "TLS 证书文件（PEM）。和 tls-key 一起设置后使用 HTTPS。",
	"tls-key":       "TLS 证书的私钥文件（PEM）。",
	"insecure-http": "允许在本机以外的地址上不加密。密钥和余额会明文传输，只能用在负责 TLS 的代理后面。",
	"api-origins":   "可以从浏览器调用接口（/v1）的网站，例如 https://shop.example.com，用逗号分隔。网页的每个访问者都看得到它用的密钥。",
	"webhook-allow": "除公网外，推送（webhook）还可以发往的地址或网段，用逗号分隔，例如 10.7.0.0/16。只有这些地址可以不用 TLS。" +
		"任何商户设置推送的人都能让服务器向这些地址发请求，请只列需要的。",
	"trusted-proxies": "服务器前面的代理。只相信它们说的来源地址(X-Forwarded-For)。",
	"drain":           "停机时最多等正在处理的请求多久。",

	"agent-rate":          "一个代理商的全部收银机每秒最多多少个请求。0 表示不限。",
	"address-rate":        "一个网络地址每秒最多多少个请求。0 表示不限。",
	"max-connections":     "最多同时打开多少个连接，多出的立即关闭。",
	"address-connections": "一个网络地址最多同时打开多少个连接，可信代理不计。",

	"messages": "怎样把验证码发给持卡人：none 不发，log 打印在标准输出。看得到输出的人可以冒充任何持卡人付款，只能用于试用。",

	"backup-dir":   "备份放在哪个文件夹（只限 SQLite）。放在另一块硬盘上更安全。",
	"backup-every": "最新的备份多旧时自动再做一份，例如 24h。0 表示不自动备份。",
	"backup-keep":  "保留多少份备份，多出时删除最旧的。",
	"prove-every":  "最近一次核对全部账目多旧时自动再核对一次，例如 24h。0 表示不自动核对。",

	"lanes":    "办理队列的数量，商户分在各队列。SQLite 总是一条；处理器少时 PostgreSQL 也是一条最快。",
	"batch":    "一次提交最多包含多少笔业务。",
	"queue":    "一条队列最多等待多少笔业务，再多的立即回答“繁忙”。",
	"patience": "收银机的一笔业务最多等多久。到时还没有开始的不再办理，已经开始的回答“结果未知”。",
	"cards":    "一条队列在内存里最多保留多少张卡。",

	"log-level":     "日志的最低级别：debug、info、warn 或 error。卡号、手机号和密钥从不写入日志。",
	"keep-requests": "收银机的请求和回答保留多少天（不含密钥和手机号）。0 表示不保留。",
}
