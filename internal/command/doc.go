// Package command decides what may happen to member cards, and what it changes.
//
// It knows package ledger and is as pure. A [Command] (指令) is one thing a caller asks to have done. It gets the
// records it named, as one [State], and the time; it returns [Changes] or a refusal. Loading, saving and
// answering are left to others (see docs/architecture.md).
//
// A dialect (方言) is a foreign wire protocol. A lane is one queue of commands with one writer behind it.
package command
