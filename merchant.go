package tongka

import (
	"slices"
	"time"
)

// Numeric ids. Merchants and shops get theirs from the operator, the others are counted per merchant.
type (
	MerchantID int64
	ShopID     int64
	AgentID    int64
	LevelID    int64
	RuleID     int64
	PayTypeID  int64
)

// Merchant is the tenant: settings, and the configuration its commands are decided by.
type Merchant struct {
	ID         MerchantID
	GUID       string         // as published, with braces; compared by FoldGUID
	Name       string         //
	Zone       *time.Location // civil days are counted here
	LicenceEnd Date           // last good day; 0 = no end
	Settings   Settings
	Shops      []Shop    // the head shop first
	Levels     []Level   // by id
	Rules      []Rule    // by id
	PayTypes   []PayType // in the order they are offered

	CouponKinds []CouponKind // in the order they are offered
}

// Settings are what a merchant chooses. The zero value is valid.
type Settings struct {
	Policy      Policy // how a consume shares principal and bonus
	PartPayment bool   // a consume may leave a part to be paid elsewhere
	BonusDays   int    // days a bonus stays good after the day of its recharge; 0 = for ever
	PointsDays  int    // days points stay good after the day they were earned; 0 = for ever
	PointsRatio int64  // points that stand for one yuan; 0 = points are no money
	MaxAmount   Fen    // most that one command may move; 0 = MaxFen
	MaxBalance  Fen    // most a card may hold, principal and bonus; 0 = MaxFen

	CodeFrom           Fen  // a sale of at least so much with a Micro card needs a code that is sent to the holder; 0 = none does. Renewals never do
	PasswordEverywhere bool // a card that has a password cannot pay where the till has no field for one
	WeakPasswords      bool // cards may be issued with passwords that are tried first, such as 123456
}

// Policy is how a consume takes principal and bonus from the lots (design: money rules). The policy
// in force is stored with the entry.
type Policy int

const (
	Proportional   Policy = iota // from each lot pair in the proportion of what is left in it
	BonusFirst                   // all bonus before any principal
	PrincipalFirst               // all principal before any bonus
)

var policyNames = []string{"proportional", "bonus_first", "principal_first"}

// String is the policy's name in configuration files.
func (p Policy) String() string { return policyNames[p] }

// ParsePolicy reads a policy's name; ok is false when there is none of that name.
func ParsePolicy(name string) (p Policy, ok bool) {
	i := slices.Index(policyNames, name)
	return Policy(max(i, 0)), i >= 0
}

// Shop is a place of a merchant.
type Shop struct {
	ID   ShopID // the msid of the dc78 wire
	GUID string // may stand in CUSTOMERGUID
	Name string
}

// Level is a card's rank and what it gives.
type Level struct {
	ID       LevelID
	Name     string
	Discount Rate // what is paid of the discountable part; Whole = no discount
	Earn     Rate // points for each yuan paid; Whole = one point a yuan
	Rights   Rights
}

// Rights are what a level gives besides its discount and its points (mb_right of the dc78 wire).
type Rights struct {
	NoRecharge  bool           // cards of the level cannot be recharged
	MemberPrice bool           // tills charge the prices for members
	CashBack    CashBack       // what a bill gives back
	Renewals    []Renewal      // how a card's last good day can be moved on, for money; at most MaxRenewals
	Account     SigningAccount // who pays for bills that are signed for
}

// MaxRenewals is how many ways to renew a level may offer.
const MaxRenewals = 20

// CashBack gives Back, as bonus, for each whole Each that the card paid of a bill, and never more than
// that. The zero value gives nothing.
type CashBack struct{ Each, Back Fen }

// Renewal moves a card's last good day on by so many months.
type Renewal struct {
	Price  Fen
	Months int
}

// SigningAccount is one that holders of a level sign for instead of paying (arId … arMaxCount of the dc78
// wire), each card up to MaxAmount and MaxCount. ID 0 = none.
type SigningAccount struct {
	ID        int64
	Name      string
	MaxAmount Fen // of all a card signs for; 0 = any amount
	Fixed     Fen // of one bill; 0 = any amount
	MaxCount  int // bills a card signs for; 0 = any number
}

// RuleKind says when a recharge rule applies.
type RuleKind int

const (
	EachTime   RuleKind = iota + 1 // every recharge
	Percent                        // every recharge, a share of what is paid
	FromAmount                     // a recharge of at least Threshold; of these only the highest reached
)

var ruleKindNames = []string{"", "each", "percent", "threshold"}

// String is the kind's name in configuration files.
func (k RuleKind) String() string { return ruleKindNames[k] }

// ParseRuleKind reads a kind's name; ok is false when there is none of that name.
func ParseRuleKind(name string) (k RuleKind, ok bool) {
	i := slices.Index(ruleKindNames, name)
	return RuleKind(max(i, 0)), i > 0
}

// Rule is what a recharge gives on top. Rules in force add up: every EachTime rule, every Percent rule and
// the highest FromAmount rule reached.
type Rule struct {
	ID        RuleID
	Name      string
	Kind      RuleKind
	Threshold Fen   // FromAmount only
	AddMoney  Fen   // EachTime and FromAmount
	AddRate   Rate  // Percent only: the share given as bonus, rounded down
	AddPoints int64 // points given, whatever the kind
	First     Date  // the first day it is in force; 0 = from the beginning
	Last      Date  // the last one; 0 = no end
	Ended     bool  // it is in force no more, whatever its days
}

// InForce reports whether recharges of a day meet the rule.
func (r Rule) InForce(day Date) bool {
	return !r.Ended && r.First <= day && (r.Last == 0 || day <= r.Last)
}

// PayType is how a recharge is paid for.
type PayType struct {
	ID          PayTypeID
	Name        string
	Code        string // what a wire calls it, like wx; no two of a merchant share one; "" = it has none
	Invoiceable bool   // the holder may have an invoice for what is paid so
}

// Today is the civil day at the merchant when the clock shows now.
func (m *Merchant) Today(now time.Time) Date { return DateOf(now.In(m.Zone)) }

// Licensed tells whether the merchant may work at all: its licence is good through its last day.
func (m *Merchant) Licensed(now time.Time) bool {
	return m.LicenceEnd == 0 || m.Today(now) <= m.LicenceEnd
}

// Level finds a level by id.
func (m *Merchant) Level(id LevelID) (Level, bool) {
	i := slices.IndexFunc(m.Levels, func(l Level) bool { return l.ID == id })
	if i < 0 {
		return Level{}, false
	}
	return m.Levels[i], true
}

// LevelOf is a card's level; one that is configured no more has an id and gives nothing.
func (m *Merchant) LevelOf(c *Card) Level {
	if l, ok := m.Level(c.Level); ok {
		return l
	}
	return Level{ID: c.Level, Discount: Whole}
}

// PayType finds a pay type by id.
func (m *Merchant) PayType(id PayTypeID) (PayType, bool) {
	i := slices.IndexFunc(m.PayTypes, func(p PayType) bool { return p.ID == id })
	if i < 0 {
		return PayType{}, false
	}
	return m.PayTypes[i], true
}

// CouponKind finds a kind of coupon by id.
func (m *Merchant) CouponKind(id CouponKindID) (CouponKind, bool) {
	i := slices.IndexFunc(m.CouponKinds, func(k CouponKind) bool { return k.Kind == id })
	if i < 0 {
		return CouponKind{}, false
	}
	return m.CouponKinds[i], true
}

// Shop finds a shop by id.
func (m *Merchant) Shop(id ShopID) (Shop, bool) {
	i := slices.IndexFunc(m.Shops, func(s Shop) bool { return s.ID == id })
	if i < 0 {
		return Shop{}, false
	}
	return m.Shops[i], true
}

func (m *Merchant) maxAmount() Fen  { return orMax(m.Settings.MaxAmount) }
func (m *Merchant) maxBalance() Fen { return orMax(m.Settings.MaxBalance) }

func orMax(limit Fen) Fen {
	if limit == 0 {
		return MaxFen
	}
	return min(limit, MaxFen)
}

// goodUntil is the last good day of what is given today and stays good for days more days.
func goodUntil(today Date, days int) Date {
	if days == 0 {
		return Forever
	}
	return today.AddDays(days)
}
