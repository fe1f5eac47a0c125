package ledger

import (
	"slices"
	"strconv"
	"time"
)

// Head is a merchant's counters. Every save increases its version, so that nothing decided from an older one can be
// saved.
type Head struct {
	Merchant  MerchantID
	Version   int64 // as loaded
	LastEntry EntryID
	LastCard  CardID
	LastAt    time.Time
	Own       EntryID // newest entry on card 0, the merchant's own; 0 = none
	TakenBack EntryID // newest ClockTakenBack entry; 0 = none
	Clock     EntryID // newest entry about the clock; 0 = none
	Settings  EntryID // newest SettingsChanged entry; 0 = none
}

// Merchant is the tenant, with the settings its commands are decided by.
type Merchant struct {
	ID         MerchantID
	GUID       string         // as published, with braces; compared by FoldGUID
	Name       string         //
	Zone       *time.Location // zone of its civil days
	LicenceEnd Date           // last day it may work; 0 = no end
	Settings   Settings
	Shops      []Shop    // the head shop first
	Levels     []Level   // by id
	Rules      []Rule    // by id
	PayTypes   []PayType // in the order they are offered

	CouponKinds []CouponKind // in the order they are offered
}

// Settings are what a merchant chooses. The zero value is valid.
type Settings struct {
	SpendOrder  SpendOrder // how a consume divides over principal and bonus
	PartPayment bool       // a consume may leave part of the bill to be paid elsewhere
	BonusDays   int        // days a bonus is good after the day of its recharge; 0 = it never expires
	PointsDays  int        // days points are good after the day they were earned; 0 = they never expire
	CutOff      CutOff     // hour at which a business day begins; zero = 04:00
	PointsRatio int64      // points that stand for one yuan; 0 = points cannot pay
	MaxAmount   Fen        // amount one command may move; 0 = MaxFen
	MaxBalance  Fen        // what a card may hold, principal and bonus; 0 = MaxFen

	// CodeFrom is the amount from which a sale with a Micro card needs a code that is sent to the holder; 0 = never.
	// Renewals do not need one.
	CodeFrom           Fen
	PasswordEverywhere bool // a card with a password cannot pay where the till has no field for one
	WeakPasswords      bool // cards may be issued with passwords that are guessed first, like 123456

	// SecondPerson is the amount above which what one person gives away by hand takes another one: see AtStake. 0 = never.
	SecondPerson Fen
}

// SpendOrder is how a consume takes principal and bonus from the lots. The order in force is stored with the entry.
type SpendOrder int

const (
	Proportional   SpendOrder = iota // from each lot, in proportion to the principal and bonus left in it
	BonusFirst                       // all bonus before any principal
	PrincipalFirst                   // all principal before any bonus
)

var policyNames = []string{"proportional", "bonus_first", "principal_first"}

// String returns the order's name in configuration files.
func (p SpendOrder) String() string { return policyNames[p] }

// ParseSpendOrder returns the order of that name; ok is false if there is none.
func ParseSpendOrder(name string) (p SpendOrder, ok bool) {
	i := slices.Index(policyNames, name)
	return SpendOrder(max(i, 0)), i >= 0
}

// Shop is one of a merchant's places.
type Shop struct {
	ID   ShopID // the msid of dc78
	GUID string // accepted in CUSTOMERGUID
	Name string
	// Ended says that it is closed: nothing is done there any more, and its tills are refused. Its history keeps its name.
	Ended bool
}

// PayType is how a recharge is paid for.
type PayType struct {
	ID          PayTypeID
	Name        string
	Code        string // its name on the wire, like wx; unique within the merchant; "" = none
	Invoiceable bool   // the holder may get an invoice for what is paid with it
	Ended       bool   // no recharge is paid with it any more; its history keeps its name
}

// GUIDOwner says which merchant, or merchant of a shop, a folded GUID belongs to.
type GUIDOwner struct {
	GUID     string
	Merchant MerchantID
}

// GUIDs returns the folded GUIDs of the merchant and its shops.
func (m *Merchant) GUIDs() []string {
	all := make([]string, 0, 1+len(m.Shops))
	all = append(all, FoldGUID(m.GUID))
	for _, s := range m.Shops {
		all = append(all, FoldGUID(s.GUID))
	}
	return all
}

// Today returns the civil day at the merchant at that time.
func (m *Merchant) Today(now time.Time) Date { return DateOf(now.In(m.Zone)) }

// Calendar returns the merchant's calendar. Its zone is nil if the merchant's is.
func (m *Merchant) Calendar() Calendar { return Calendar{m.Zone, m.Settings.CutOff} }

// Licensed reports whether the merchant may work: its licence is valid through its last day.
func (m *Merchant) Licensed(now time.Time) bool {
	return m.LicenceEnd == 0 || m.Today(now) <= m.LicenceEnd
}

// Level returns the level with that id.
func (m *Merchant) Level(id LevelID) (Level, bool) {
	i := slices.IndexFunc(m.Levels, func(l Level) bool { return l.ID == id })
	if i < 0 {
		return Level{}, false
	}
	return m.Levels[i], true
}

// LevelOf returns a card's level. If it is no longer configured, the level has the id and gives nothing.
func (m *Merchant) LevelOf(c *Card) Level {
	if l, ok := m.Level(c.Level); ok {
		return l
	}
	return Level{ID: c.Level, PayRate: Percent100}
}

// PayType returns the pay type with that id, also one that has ended.
func (m *Merchant) PayType(id PayTypeID) (PayType, bool) {
	i := slices.IndexFunc(m.PayTypes, func(p PayType) bool { return p.ID == id })
	if i < 0 {
		return PayType{}, false
	}
	return m.PayTypes[i], true
}

// CouponKind returns the kind of coupon with that id.
func (m *Merchant) CouponKind(id CouponKindID) (CouponKind, bool) {
	i := slices.IndexFunc(m.CouponKinds, func(k CouponKind) bool { return k.Kind == id })
	if i < 0 {
		return CouponKind{}, false
	}
	return m.CouponKinds[i], true
}

// HeadShop returns the shop that the merchant's own GUID stands for: the first that has not ended. If all have, it is
// the first. ok is false if there is none.
func (m *Merchant) HeadShop() (head Shop, ok bool) {
	if len(m.Shops) == 0 {
		return Shop{}, false
	}
	i := slices.IndexFunc(m.Shops, func(s Shop) bool { return !s.Ended })
	return m.Shops[max(i, 0)], true
}

// Shop returns the shop with that id, also one that has ended.
func (m *Merchant) Shop(id ShopID) (Shop, bool) {
	i := slices.IndexFunc(m.Shops, func(s Shop) bool { return s.ID == id })
	if i < 0 {
		return Shop{}, false
	}
	return m.Shops[i], true
}

// ShopName returns the name of a shop: its id in place of a name that is no longer configured, and "" for no shop.
func (m *Merchant) ShopName(id ShopID) string {
	if shop, ok := m.Shop(id); ok || id == 0 {
		return shop.Name
	}
	return strconv.FormatInt(int64(id), 10)
}

// ShopNames returns the name of each shop.
func (m *Merchant) ShopNames(ids []ShopID) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = m.ShopName(id)
	}
	return names
}

// PayTypesNow returns the pay types by which a recharge is paid, those that have not ended.
func (m *Merchant) PayTypesNow() []PayType {
	return slices.DeleteFunc(slices.Clone(m.PayTypes), func(p PayType) bool { return p.Ended })
}

func (m *Merchant) MaxAmount() Fen  { return orMax(m.Settings.MaxAmount) }
func (m *Merchant) MaxBalance() Fen { return orMax(m.Settings.MaxBalance) }

func orMax(limit Fen) Fen {
	if limit == 0 {
		return MaxFen
	}
	return min(limit, MaxFen)
}

// GoodUntil returns the last good day of what is given today and stays good for that many days after it; 0 = Forever.
func GoodUntil(today Date, days int) Date {
	if days == 0 {
		return Forever
	}
	return today.AddDays(days)
}

// WorthOf returns what points pay of a bill, rounded down to the fen (invariant 32); 0 if points cannot pay. Negative
// points are worth nothing, and more than MaxPoints are worth as much as MaxPoints.
func (s Settings) WorthOf(points int64) Fen { return worthOf(points, s.PointsRatio) }

func worthOf(points, ratio int64) Fen {
	if points <= 0 || ratio <= 0 {
		return 0
	}
	return Fen(MulDiv(min(points, MaxPoints), 100, ratio, 0))
}
