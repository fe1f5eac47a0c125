package ledger

// CardID numbers a merchant's cards 1, 2, 3 … It can be guessed, so it must never serve as a secret.
type CardID int64

// Ids of coupons and their kinds.
type (
	CouponKindID int64 // the deid of dc78
	CouponID     int64 // the coid of dc78: the entry that sent it × 128 + its place there from 1
)

// EntryID numbers a merchant's entries 1, 2, 3 … in the order they were committed.
type EntryID int64

// Numeric ids. The operator assigns those of merchants and shops, the others are counted per merchant.
type (
	MerchantID int64
	ShopID     int64
	AgentID    int64
	LevelID    int64
	RuleID     int64
	PayTypeID  int64
)

// HostID is the id of the host, which runs the server, among the ids of merchants. The host's journal holds what
// belongs to no merchant. The host has no cards, shops or settings, and is not a merchant.
const HostID MerchantID = 0

// MaxMerchant is the highest id a merchant may have.
const MaxMerchant MerchantID = 1<<31 - 1

// NextID returns the id for another one of those that there are, behind all of theirs; the first is 1.
func NextID[T any, ID ~int64](all []T, id func(*T) ID) ID {
	next := ID(1)
	for i := range all {
		next = max(next, id(&all[i])+1)
	}
	return next
}
