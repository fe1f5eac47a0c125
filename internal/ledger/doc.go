// Package ledger holds what is: money, days, cards, lots, points, coupons, settings, and the entries they result from.
//
// It imports the standard library only, and has no clock, no I/O, no floating point and no goroutines. What may be
// done, and what its entries say, is decided by package command.
//
// A card changes by entries only, in one of two ways. [Card.Post] makes a new entry: it fills in what follows from the
// card, refuses an entry that the table of its kind does not allow ([Card.Allows]) or that does not add up, and folds
// it in. [Card.Fold] applies an entry that was posted before, as verify does with a whole journal. Both apply it by
// the same code, so what was posted folds to the same card. A coupon changes by [Coupon.Fold] only.
//
// # Words
//
// A merchant (商户) is the tenant, with shops (门店), levels (卡等级) and rules. A card (卡) is an account, carried by a
// holder (持卡人). What one recharge left on it is a lot (批次): principal the holder paid for, and bonus the merchant
// gave. A card's credit (信用额度) is how far bills may take it below zero; what it owes is a lot too. An entry (流水) is
// one line of a card's journal, and its postings (分录) are its sides in double entry. A house account (挂账) pays the
// bills that cards charge to it. An agent (代理商) is a caller with credentials, and an API key (API 密钥) one that is a
// merchant's own. A refusal (拒绝) says that the rules do not allow a command. A guard is what is remembered between
// attempts at something: how many there were, what blocks them, which codes and signatures were used.
//
// The invariants are numbered. Tests, code and verify name the number they check; docs/reliability.md lists
// which check covers which.
package ledger
