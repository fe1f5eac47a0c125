package ledger

// CardID is a card's number inside its merchant's books. It is counted up from 1 and never shown as a secret.
type CardID int64

// Numbers of coupons and their kinds.
type (
	CouponKindID int64 // the deid of the dc78 wire
	CouponID     int64 // the coid of the dc78 wire: the entry that sent it × 128, and its place there from 1
)

// EntryID numbers a merchant's entries 1, 2, 3 … in the order they were committed.
type EntryID int64

// Numeric ids. Merchants and shops get theirs from the operator, the others are counted per merchant.
type (
	MerchantID int64
	ShopID     int64
	AgentID    int64
	LevelID    int64
	RuleID     int64
	PayTypeID  int64
)
