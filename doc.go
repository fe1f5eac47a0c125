// Package tongka decides what may happen to member cards, and what it changes.
//
// It is pure: no clock, no input or output, no floating point. A [Command] is given the records it
// named, as one [State], and the time; it answers [Changes] or a [Refusal]. Everything around it,
// loading, saving and answering, is the shell's:
//
//	internal/engine   gathers commands into batches, loads, lets each decide, saves, then answers
//	internal/store    keeps the records, on SQLite or PostgreSQL
//	internal/sandy    speaks the member-cjb wire protocol
//	internal/dc78     speaks the dc78 wire protocol
//	internal/wire     holds what the answers of both have in common
//	internal/codes    makes and checks the numbers, passwords and codes that people and tills carry
//	internal/seal     seals and hashes the secrets in the database, under one key
//	internal/auth     knows agents, merchants and what each may do
//	internal/httpd    serves HTTP within limits, and logs
//	internal/apply    brings the books to what a YAML file says
//	internal/verify   folds the whole journal again and checks the books
//	internal/config   the program's settings
//	cmd/tongka        puts all of it together
//
// # Words
//
// A merchant (商户) is the tenant, with shops (门店), levels (卡等级) and rules. A card (卡) is an
// account, carried by a holder (持卡人). What one recharge left on it is a lot (批次): a principal part
// the holder paid for and a bonus part the merchant gave. A card's credit (信用额度) is how far bills may
// take it below nothing; what it owes is a lot too. An entry (流水) is one line of a card's
// journal. A command (指令) is one thing a caller asks for, an agent (代理商) is a caller with
// credentials, a refusal (拒绝) is the rules' no. A dialect (方言) is a foreign wire protocol. A lane
// is one queue of commands with one writer behind it. A guard is what is remembered between tries at a
// secret.
//
// # Invariants
//
// They are numbered; tests, code and verify name the number they check. docs/reliability.md lists
// which check covers which.
package tongka
