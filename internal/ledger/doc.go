// Package ledger holds what is: money, days, cards, lots, points, coupons, settings, and the entries they result from.
//
// It imports the standard library only, and has no clock, no I/O, no floating point and no goroutines. An entry
// changes a card in one place, [Card.Fold]; [Card.Allows] reports which entry may follow. What may be done, and what
// its entries say, is decided by package command.
//
// # Words
//
// A merchant (商户) is the tenant, with shops (门店), levels (卡等级) and rules. A card (卡) is an account, carried by a
// holder (持卡人). What one recharge left on it is a lot (批次): principal the holder paid for, and bonus the merchant
// gave. A card's credit (信用额度) is how far bills may take it below zero; what it owes is a lot too. An entry (流水) is
// one line of a card's journal. An agent (代理商) is a caller with credentials. A refusal (拒绝) says that the rules do
// not allow a command. A guard counts the attempts at a secret.
//
// The invariants are numbered. Tests, code and verify name the number they check; docs/reliability.md lists
// which check covers which.
package ledger
