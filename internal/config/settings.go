// Package config holds the program's settings: one struct whose comments are the manual. A setting is taken from
// its flag, otherwise from the environment, otherwise from the YAML file, and otherwise has its default. The
// package reads no database and opens no connection.
package config

import (
	_ "embed"
	"os"
	"time"
)

// source is this file: the comments below are printed by --help and make up docs/manual.md.
//
//go:embed settings.go
var source string

// Settings are all settings of `tongka serve`.
type Settings struct {
	Database `embed:""`
	Waits    `embed:""`
	Secrets  `embed:""`
	HTTP     `embed:""`
	Limits   `embed:""`
	Outbox   `embed:""`
	Webhooks `embed:""`
	Backups  `embed:""`
	Proofs   `embed:""`
	Engine   `embed:""`
	Log      `embed:""`
}

// Database says where the books are stored.
type Database struct {
	// The database. `sqlite:FILE` is one file, beside which a lock and a write-ahead log appear; one process at a
	// time may serve it, and every other command works beside that on the same machine.
	// `postgres://USER:PASSWORD@HOST:PORT/NAME` is a PostgreSQL database, which several processes may share.
	DB string `name:"db" env:"TONGKA_DB" default:"sqlite:tongka.db" placeholder:"DSN" group:"Database"`
}

// AfterApply refuses an environment with a mistyped setting, before a command opens another database than was meant.
func (*Database) AfterApply() error { return CheckEnv(os.Environ()) }

// Waits limits how long the program waits for the database.
type Waits struct {
	// How long connecting to one PostgreSQL server may take, unless the address has a connect_timeout. If an
	// address has several hosts, all of them are tried at once.
	ConnectLimit time.Duration `name:"connect-limit" env:"TONGKA_CONNECT_LIMIT" default:"3s" placeholder:"DURATION" group:"Database"`
	// How long a read may take, a search included. After that its connection is closed.
	ReadLimit time.Duration `name:"read-limit" env:"TONGKA_READ_LIMIT" default:"5s" placeholder:"DURATION" group:"Database"`
	// How long a commit may take, on PostgreSQL. After that its connection is closed, and the server that takes
	// writes by then is asked what became of the commit.
	SaveLimit time.Duration `name:"save-limit" env:"TONGKA_SAVE_LIMIT" default:"2s" placeholder:"DURATION" group:"Database"`
}

// Secrets says where the key is under which secrets in the database are sealed.
type Secrets struct {
	// The file with the key under which the ApiKeys of shops are sealed and the passwords of cards hashed. The
	// first start creates it, readable by its owner only. By default it has the name of an SQLite database with
	// `.key` appended, and for PostgreSQL it is `tongka.key` in the folder where the program is started: name it
	// there, so that the server and all commands use one. Keep a copy apart from the copies of the database:
	// whoever has both has the secrets, and without it every shop needs a new ApiKey and every card a new
	// password. `TONGKA_KEY` may hold the key itself; no file is used then.
	KeyFile string `name:"key-file" env:"TONGKA_KEY_FILE" placeholder:"FILE" group:"Database"`
}

// HTTP says where and how the program serves HTTP.
type HTTP struct {
	// The address that tills connect to. Without TLS it must be a loopback address, unless insecure-http is set.
	Addr string `name:"addr" env:"TONGKA_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" group:"HTTP"`
	// The address by which holders' phones reach the server: scheme and host, like `https://card.example.com`.
	// Links that bind a phone to a card (`bind_qr` of the dc78 wire) begin with it, and the card holder's page is
	// served under `/m/`. It must be https, unless it is a loopback address. If it is empty, there is no such
	// page, `bind_qr` is empty, and the console is there only if addr is a loopback address and there are no
	// trusted-proxies.
	PageURL string `name:"page-url" env:"TONGKA_PAGE_URL" placeholder:"URL" group:"HTTP"`
	// The address of /metrics, /healthz and /readyz for operators. If it is empty, /healthz and /readyz are
	// served on addr, and /metrics too if that is a loopback address and there are no trusted-proxies. It is
	// plain HTTP: keep it off public networks.
	AdminAddr string `name:"admin-addr" env:"TONGKA_ADMIN_ADDR" placeholder:"HOST:PORT" group:"HTTP"`
	// The `server_name` in answers of the dc78 wire. If it is empty, it is the name of the machine.
	ServerName string `name:"server-name" env:"TONGKA_SERVER_NAME" placeholder:"NAME" group:"HTTP"`
	// The certificate file, in PEM form. With it and tls-key the server speaks HTTPS.
	TLSCert string `name:"tls-cert" env:"TONGKA_TLS_CERT" placeholder:"FILE" group:"HTTP"`
	// The private key of tls-cert, in PEM form.
	TLSKey string `name:"tls-key" env:"TONGKA_TLS_KEY" placeholder:"FILE" group:"HTTP"`
	// Allow plain HTTP on an address that is not loopback. Tokens and balances then cross the network
	// unencrypted: set it only behind a proxy that ends TLS.
	InsecureHTTP bool `name:"insecure-http" env:"TONGKA_INSECURE_HTTP" group:"HTTP"`
	// Proxies in front of the server, as addresses or ranges separated by commas. Only they are believed about
	// where a request comes from (X-Forwarded-For).
	TrustedProxies []string `name:"trusted-proxies" env:"TONGKA_TRUSTED_PROXIES" placeholder:"RANGE,…" group:"HTTP"`
	// Sites whose pages may call the API (/v1) from browsers, like `https://shop.example.com`, separated by commas. Each
	// visitor of such a page sees the key it calls with.
	APIOrigins []string `name:"api-origins" env:"TONGKA_API_ORIGINS" placeholder:"ORIGIN,…" group:"HTTP"`
	// How long a shutdown waits for requests under way before it closes their connections.
	Drain time.Duration `name:"drain" env:"TONGKA_DRAIN" default:"30s" placeholder:"DURATION" group:"HTTP"`
}

// Limits are the limits on what one caller may ask for.
type Limits struct {
	// Requests a second that one agent may send, from all its tills together. 0 = no limit.
	AgentRate int `name:"agent-rate" env:"TONGKA_AGENT_RATE" default:"2000" placeholder:"N" group:"Limits"`
	// Requests a second that one network address may send. 0 = no limit.
	AddressRate int `name:"address-rate" env:"TONGKA_ADDRESS_RATE" default:"1000" placeholder:"N" group:"Limits"`
	// Connections that may be open at a time. Further ones are closed at once.
	MaxConnections int `name:"max-connections" env:"TONGKA_MAX_CONNECTIONS" default:"4096" placeholder:"N" group:"Limits"`
	// Connections that may be open at a time from one network address. Those of trusted proxies do not count.
	AddressConnections int `name:"address-connections" env:"TONGKA_ADDRESS_CONNECTIONS" default:"512" placeholder:"N" group:"Limits"`
}

// Outbox says how holders get messages.
type Outbox struct {
	// How codes are sent to holders: none or log. With none, a sale that needs a code is refused. log prints
	// recipient and text to standard output instead of sending them: whoever reads it can pay as any holder, so
	// it is only for trying things out.
	Messages string `name:"messages" env:"TONGKA_MESSAGES" enum:"none,log" default:"none" group:"Messages"`
}

// Webhooks says where entries may be sent.
type Webhooks struct {
	// Addresses or ranges that webhooks may call besides public ones, separated by commas, like `10.7.0.0/16` for
	// programs of your own network. Only those may be called without TLS. Whoever sets up webhooks of any merchant can
	// have requests sent there, so list no more than is meant for that.
	WebhookAllow []string `name:"webhook-allow" env:"TONGKA_WEBHOOK_ALLOW" placeholder:"RANGE,…" group:"Webhooks"`
}

// Backups says which copies of an SQLite database the server makes.
type Backups struct {
	// The folder of the copies that are made under Books in the console, or by themselves; only of an SQLite database. By
	// default it has the name of the database with `.backups` appended. A folder on another disk outlives this one.
	BackupDir string `name:"backup-dir" env:"TONGKA_BACKUP_DIR" placeholder:"FOLDER" group:"Backup"`
	// How old the newest copy may be before the server makes another by itself, like `24h`. 0 = it makes none.
	BackupEvery time.Duration `name:"backup-every" env:"TONGKA_BACKUP_EVERY" default:"0s" placeholder:"DURATION" group:"Backup"`
	// How many copies are kept: with one more, the oldest is removed. Copies of other names are left alone.
	BackupKeep int `name:"backup-keep" env:"TONGKA_BACKUP_KEEP" default:"7" placeholder:"N" group:"Backup"`
}

// Proofs says when the server proves the books by itself.
type Proofs struct {
	// How old the newest proof of all books may be before the server makes another by itself, like `24h`. 0 = it makes
	// none. A proof stands back for tills, and is found under Books in the console.
	ProveEvery time.Duration `name:"prove-every" env:"TONGKA_PROVE_EVERY" default:"0s" placeholder:"DURATION" group:"Backup"`
}

// Engine sets the sizes of the part that carries out commands. The defaults suit most machines.
type Engine struct {
	// Queues of commands, each with one writer. Merchants are spread over them. SQLite has one writer and always
	// uses one lane; with few cores PostgreSQL is fastest with one too.
	Lanes int `name:"lanes" env:"TONGKA_LANES" default:"1" placeholder:"N" group:"Engine"`
	// The largest number of commands that are saved in one commit.
	Batch int `name:"batch" env:"TONGKA_BATCH" default:"256" placeholder:"N" group:"Engine"`
	// The largest number of commands that may wait in a lane. One more is answered "busy" at once.
	Queue int `name:"queue" env:"TONGKA_QUEUE" default:"4096" placeholder:"N" group:"Engine"`
	// How long a till waits at most for a change. A command that has not begun by then is not carried out, and is
	// answered "busy". One that has begun goes on, and the answer says that its outcome is not known. A till
	// should wait for its answer a second or two longer than this.
	Patience time.Duration `name:"patience" env:"TONGKA_PATIENCE" default:"2s" placeholder:"DURATION" group:"Engine"`
	// The largest number of cards that a lane keeps in memory between commits.
	Cards int `name:"cards" env:"TONGKA_CARDS" default:"131072" placeholder:"N" group:"Engine"`
}

// Log says what is written to standard error, one JSON object a line.
type Log struct {
	// The lowest level that is logged: debug, info, warn or error. Each request is logged at info, a refused one
	// with its reason, and a failed one at error. Card numbers, phones and tokens are never logged.
	LogLevel string `name:"log-level" env:"TONGKA_LOG_LEVEL" enum:"debug,info,warn,error" default:"info" group:"Log"`
	// How many days the requests of tills and their answers are kept in the database, without secrets and phones, for
	// those who connect tills. At most 50 a second of one merchant are kept that went well, and 50 others. 0 = none.
	KeepRequests int `name:"keep-requests" env:"TONGKA_KEEP_REQUESTS" default:"7" placeholder:"DAYS" group:"Log"`
}
