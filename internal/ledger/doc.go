// Package ledger is what is: money, days, cards, lots, points, coupons, settings, and the entries that made them so.
//
// It imports the standard library only. There is no clock in it, no input or output, no floating point and no
// goroutine. An entry changes a card in one place, [Card.Fold]; [Card.Allows] says which entry may follow. What may
// be done, and what an entry of it says, is decided by package command.
//
// # Words
//
// A merchant (商户) is the tenant, with shops (门店), levels (卡等级) and rules. A card (卡) is an account, carried by a
// holder (持卡人). What one recharge left on it is a lot (批次): a principal part the holder paid for and a bonus part the
// merchant gave. A card's credit (信用额度) is how far bills may take it below nothing; what it owes is a lot too. An entry
// (流水) is one line of a card's journal. An agent (代理商) is a caller with credentials. A refusal (拒绝) is the rules' no.
// A guard is what is remembered between tries at a secret.
//
// # Invariants
//
// They are numbered; tests, code and verify name the number they check. docs/reliability.md lists which check covers
// which.
package ledger
