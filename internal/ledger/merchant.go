package ledger

import (
	"slices"
	"strconv"
	"time"
)

// Head is a merchant's counters. Every save moves its version, so whatever was decided from an older
// one cannot be saved.
type Head struct {
	Merchant  MerchantID
	Version   int64 // as loaded
	LastEntry EntryID
	LastCard  CardID
	LastAt    time.Time
	Own       EntryID // the newest entry of the merchant itself, on card 0; 0 = none
	TakenBack EntryID // the newest of those that took the time back; 0 = none
	Clock     EntryID // the newest that says what time it is; 0 = none
	Settings  EntryID // the newest that changed the settings; 0 = none
}

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
	SpendOrder  SpendOrder // how a consume shares principal and bonus
	PartPayment bool       // a consume may leave a part to be paid elsewhere
	BonusDays   int        // days a bonus stays good after the day of its recharge; 0 = for ever
	PointsDays  int        // days points stay good after the day they were earned; 0 = for ever
	CutOff      CutOff     // when a business day begins; 04:00 where none is set
	PointsRatio int64      // points that stand for one yuan; 0 = points are no money
	MaxAmount   Fen        // most that one command may move; 0 = MaxFen
	MaxBalance  Fen        // most a card may hold, principal and bonus; 0 = MaxFen

	// a sale of at least so much with a Micro card needs a code that is sent to the holder; 0 = none does. Renewals
	// never do
	CodeFrom           Fen
	PasswordEverywhere bool // a card that has a password cannot pay where the till has no field for one
	WeakPasswords      bool // cards may be issued with passwords that are tried first, such as 123456
}

// SpendOrder is how a consume takes principal and bonus from the lots (design: money rules). The order
// in force is stored with the entry.
type SpendOrder int

const (
	Proportional   SpendOrder = iota // from each lot pair in the proportion of what is left in it
	BonusFirst                       // all bonus before any principal
	PrincipalFirst                   // all principal before any bonus
)

var policyNames = []string{"proportional", "bonus_first", "principal_first"}

// String is the policy's name in configuration files.
func (p SpendOrder) String() string { return policyNames[p] }

// ParseSpendOrder reads a policy's name; ok is false when there is none of that name.
func ParseSpendOrder(name string) (p SpendOrder, ok bool) {
	i := slices.Index(policyNames, name)
	return SpendOrder(max(i, 0)), i >= 0
}

// Shop is a place of a merchant.
type Shop struct {
	ID   ShopID // the msid of the dc78 wire
	GUID string // may stand in CUSTOMERGUID
	Name string
}

// PayType is how a recharge is paid for.
type PayType struct {
	ID          PayTypeID
	Name        string
	Code        string // what a wire calls it, like wx; no two of a merchant share one; "" = it has none
	Invoiceable bool   // the holder may have an invoice for what is paid so
}

// GUIDOwner is the merchant that a GUID stands for, or one of whose shops; the GUID is folded.
type GUIDOwner struct {
	GUID     string
	Merchant MerchantID
}

// GUIDs are those of the merchant and its shops, folded.
func (m *Merchant) GUIDs() []string {
	all := make([]string, 0, 1+len(m.Shops))
	all = append(all, FoldGUID(m.GUID))
	for _, s := range m.Shops {
		all = append(all, FoldGUID(s.GUID))
	}
	return all
}

// Today is the civil day at the merchant when the clock shows now.
func (m *Merchant) Today(now time.Time) Date { return DateOf(now.In(m.Zone)) }

// Licensed reports whether the merchant may work at all: its licence is good through its last day.
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
	return Level{ID: c.Level, PayRate: Percent100}
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

// ShopNames are the names of shops. One that is configured no more goes by its number.
func (m *Merchant) ShopNames(ids []ShopID) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = strconv.FormatInt(int64(id), 10)
		if shop, ok := m.Shop(id); ok {
			names[i] = shop.Name
		}
	}
	return names
}

func (m *Merchant) MaxAmount() Fen  { return orMax(m.Settings.MaxAmount) }
func (m *Merchant) MaxBalance() Fen { return orMax(m.Settings.MaxBalance) }

func orMax(limit Fen) Fen {
	if limit == 0 {
		return MaxFen
	}
	return min(limit, MaxFen)
}

// GoodUntil is the last good day of what is given today and stays good for days more days.
func GoodUntil(today Date, days int) Date {
	if days == 0 {
		return Forever
	}
	return today.AddDays(days)
}

// WorthOf is what so many points pay of a bill, rounded down to the fen (invariant 32): 0 where points
// are no money. Negative points are worth nothing, and more than MaxPoints no more than MaxPoints.
func (s Settings) WorthOf(points int64) Fen { return worthOf(points, s.PointsRatio) }

func worthOf(points, ratio int64) Fen {
	if points <= 0 || ratio <= 0 {
		return 0
	}
	return Fen(MulDiv(min(points, MaxPoints), 100, ratio, 0))
}

// RulesFor are the rules a recharge of a day meets, of those in force: all of each time, all percentages, and
// the highest threshold reached.
func (m *Merchant) RulesFor(paid Fen, day Date) []RuleHit {
	var hits []RuleHit
	best := -1
	for i, r := range m.Rules {
		if !r.InForce(day) {
			continue
		}
		switch r.Kind {
		case EachTime:
			hits = append(hits, r.Gives(paid))
		case Percent:
			hits = append(hits, r.Gives(paid))
		case FromAmount:
			if paid >= r.Threshold && (best < 0 || r.Threshold > m.Rules[best].Threshold) {
				best = i
			}
		}
	}
	if best >= 0 {
		hits = append(hits, m.Rules[best].Gives(paid))
	}
	return hits
}
