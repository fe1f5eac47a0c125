// Package command decides what may happen to member cards, and what it changes.
//
// It knows package ledger and is as pure. A [Command] (指令) is one thing a caller asks to have done. It gets the
// records it named, as one [State], and the time; it returns [Changes] or a refusal. Loading, saving and
// answering are left to the shell:
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
// A dialect (方言) is a foreign wire protocol. A lane is one queue of commands with one writer behind it.
package command
