package api

import (
	"tongka/internal/ledger"
)

// Settings are all settings of a merchant.
type Settings struct {
	Version    int64 `json:"version" required:"false" doc:"The entry that made them; 0 = none did. Its ETag has it."`
	LicenceEnd Day   `json:"licence_end,omitempty" doc:"The host's: it can only be sent as it is."`

	GUID     string           `json:"guid" required:"false" maxLength:"100"`
	Name     string           `json:"name" required:"false" maxLength:"64"`
	Zone     string           `json:"zone" required:"false" maxLength:"64" example:"Asia/Shanghai"`
	Settings MerchantSettings `json:"settings" required:"false"`

	Shops       []SetShop       `json:"shops" required:"false" maxItems:"10000" doc:"The first is the head shop."`
	Levels      []SetLevel      `json:"levels" required:"false" maxItems:"1000"`
	Rules       []SetRule       `json:"rules" required:"false" maxItems:"1000"`
	PayTypes    []SetPayType    `json:"pay_types" required:"false" maxItems:"1000"`
	CouponKinds []SetCouponKind `json:"coupon_kinds" required:"false" maxItems:"1000"`
}

func (s Settings) version() ledger.EntryID { return ledger.EntryID(s.Version) }

// MerchantSettings are what there is once.
type MerchantSettings struct {
	Policy       string `json:"policy,omitempty" enum:"proportional,bonus_first,principal_first" doc:"What a bill takes first."` //nolint:lll // a tag
	PartPayment  bool   `json:"part_payment" required:"false" doc:"A card may pay a part of a bill."`
	BonusDays    int    `json:"bonus_days" required:"false" doc:"Days bonus is good; 0 = no end."`
	PointsDays   int    `json:"points_days" required:"false" doc:"Days points are good; 0 = no end."`
	CutOff       int    `json:"cut_off" required:"false" minimum:"0" maximum:"23" doc:"The hour at which a business day begins."` //nolint:lll // a tag
	PointsRatio  int64  `json:"points_ratio" required:"false" doc:"Points that stand for one yuan; 0 = they cannot pay."`
	MaxAmount    int64  `json:"max_amount" required:"false" doc:"Of one recharge or bill; 0 = no limit."`
	MaxBalance   int64  `json:"max_balance" required:"false" doc:"Of a card; 0 = no limit."`
	CodeFrom     int64  `json:"code_from" required:"false" doc:"Bills of phone cards from which a code is sent; 0 = none is."` //nolint:lll // a tag
	Everywhere   bool   `json:"password_everywhere" required:"false"`
	Weak         bool   `json:"weak_passwords" required:"false"`
	SecondPerson int64  `json:"second_person" required:"false" doc:"The sum above which two people are needed; 0 = never."`
}

// SetShop is a shop.
type SetShop struct {
	ID    int64  `json:"id,omitempty" minimum:"1" doc:"Left out for a new one."`
	GUID  string `json:"guid" required:"false" maxLength:"100" doc:"Of a new one it is made if it is left out."`
	Name  string `json:"name" required:"false" maxLength:"64"`
	Ended bool   `json:"ended" required:"false"`
}

// SetLevel is a level.
type SetLevel struct {
	ID          int64       `json:"id,omitempty" minimum:"1" doc:"Left out for a new one."`
	Name        string      `json:"name" required:"false" maxLength:"64"`
	Discount    Ratio       `json:"discount" required:"false" doc:"The share that is paid: 0.8 is 20 % off." example:"0.8"`
	Earn        Ratio       `json:"earn" required:"false" doc:"Points for each yuan that the card pays." example:"1"`
	NoRecharge  bool        `json:"no_recharge" required:"false"`
	MemberPrice bool        `json:"member_price" required:"false"`
	Each        int64       `json:"cash_back_each" required:"false"`
	Back        int64       `json:"cash_back" required:"false"`
	Renewals    []Renewal   `json:"renewals" required:"false" maxItems:"100"`
	Account     *SetAccount `json:"account,omitempty" doc:"The house account that its cards charge bills to."`
}

// SetAccount is the house account of a level.
type SetAccount struct {
	ID        int64  `json:"id" minimum:"0" doc:"0 ends it."`
	Name      string `json:"name" required:"false" maxLength:"64"`
	MaxAmount int64  `json:"max_amount" required:"false" doc:"That a card may charge in all; 0 = no limit."`
	Fixed     int64  `json:"fixed" required:"false" doc:"The most of one bill; 0 = no limit."`
	MaxCount  int    `json:"max_count" required:"false" doc:"Bills of a card; 0 = no limit."`
}

// SetRule is a recharge rule.
type SetRule struct {
	ID        int64  `json:"id,omitempty" minimum:"1" doc:"Left out for a new one."`
	Name      string `json:"name" required:"false" maxLength:"64"`
	Kind      string `json:"kind,omitempty" enum:"each,percent,threshold"`
	Threshold int64  `json:"threshold" required:"false"`
	AddMoney  int64  `json:"add_money" required:"false"`
	AddRate   Ratio  `json:"add_rate" required:"false"`
	AddPoints int64  `json:"add_points" required:"false"`
	First     Day    `json:"first,omitempty"`
	Last      Day    `json:"last,omitempty"`
	Weekdays  string `json:"weekdays" required:"false" maxLength:"40" doc:"Like sat,sun; nothing for every day." example:"sat,sun"` //nolint:lll // a tag
	From      string `json:"from" required:"false" maxLength:"5" doc:"A time of the day." example:"17:30"`
	Until     string `json:"until" required:"false" maxLength:"5" example:"21:00"`
	Ended     bool   `json:"ended" required:"false"`
}

// SetPayType is a pay type.
type SetPayType struct {
	ID          int64  `json:"id,omitempty" minimum:"1" doc:"Left out for a new one."`
	Name        string `json:"name" required:"false" maxLength:"64"`
	Code        string `json:"code" required:"false" maxLength:"16"`
	Invoiceable bool   `json:"invoiceable" required:"false"`
	Ended       bool   `json:"ended" required:"false"`
}

// SetCouponKind is a kind of coupons.
type SetCouponKind struct {
	ID     int64   `json:"id,omitempty" minimum:"1" doc:"Left out for a new one."`
	Name   string  `json:"name" required:"false" maxLength:"64"`
	Type   string  `json:"type,omitempty" enum:"cash,goods,percent"`
	Face   int64   `json:"face" required:"false"`
	Off    Ratio   `json:"off" required:"false"`
	MaxOff int64   `json:"max_off" required:"false"`
	Least  int64   `json:"least" required:"false"`
	MaxUse int     `json:"max_use" required:"false"`
	Alone  bool    `json:"alone" required:"false"`
	Grace  int     `json:"grace" required:"false" doc:"Days it is good again if its bill is refunded after its last day."`
	Shops  []int64 `json:"shops" required:"false" maxItems:"10000" doc:"Where it is good; none = everywhere."`
	Start  Day     `json:"start,omitempty"`
	End    Day     `json:"end,omitempty"`
	Days   int     `json:"days" required:"false"`
	Stock  int64   `json:"stock" required:"false" doc:"How many may be sent; 0 = any number."`
	Info   string  `json:"info" required:"false" maxLength:"1000"`
}

// rateText returns a rate as settings have it; "0" of none.
func rateText(r ledger.Rate) Ratio { return Ratio(r.String()) }

// settingsOf returns the settings of a merchant, and which version they are.
func settingsOf(m *ledger.Merchant, version ledger.EntryID) Settings {
	set := m.Settings
	s := Settings{
		Version: int64(version), GUID: m.GUID, Name: m.Name, Zone: m.Zone.String(), LicenceEnd: dayOf(m.LicenceEnd),
		Settings: MerchantSettings{
			Policy: set.SpendOrder.String(), PartPayment: set.PartPayment, BonusDays: set.BonusDays,
			PointsDays: set.PointsDays, CutOff: set.CutOff.Hour(), PointsRatio: set.PointsRatio,
			MaxAmount: int64(set.MaxAmount), MaxBalance: int64(set.MaxBalance), CodeFrom: int64(set.CodeFrom),
			Everywhere: set.PasswordEverywhere, Weak: set.WeakPasswords, SecondPerson: int64(set.SecondPerson),
		},
		Shops: []SetShop{}, Levels: []SetLevel{}, Rules: []SetRule{}, PayTypes: []SetPayType{},
		CouponKinds: []SetCouponKind{},
	}
	for _, o := range m.Shops {
		s.Shops = append(s.Shops, SetShop{int64(o.ID), o.GUID, o.Name, o.Ended})
	}
	for i := range m.Levels {
		s.Levels = append(s.Levels, setLevelOf(&m.Levels[i]))
	}
	for i := range m.Rules {
		s.Rules = append(s.Rules, setRuleOf(&m.Rules[i]))
	}
	for _, p := range m.PayTypes {
		s.PayTypes = append(s.PayTypes, SetPayType{int64(p.ID), p.Name, p.Code, p.Invoiceable, p.Ended})
	}
	for i := range m.CouponKinds {
		s.CouponKinds = append(s.CouponKinds, setKindOf(&m.CouponKinds[i]))
	}
	return s
}

func setLevelOf(l *ledger.Level) SetLevel {
	s := SetLevel{
		ID: int64(l.ID), Name: l.Name, Discount: rateText(l.PayRate), Earn: rateText(l.Earn),
		NoRecharge: l.Rights.NoRecharge, MemberPrice: l.Rights.MemberPrice, Each: int64(l.Rights.CashBack.Each),
		Back: int64(l.Rights.CashBack.Back), Renewals: []Renewal{},
	}
	for _, r := range l.Rights.Renewals {
		s.Renewals = append(s.Renewals, Renewal{r.Months, int64(r.Price)})
	}
	if a := l.Rights.Account; a != (ledger.HouseAccount{}) {
		s.Account = &SetAccount{a.ID, a.Name, int64(a.MaxAmount), int64(a.Fixed), a.MaxCount}
	}
	return s
}

func setRuleOf(r *ledger.Rule) SetRule {
	return SetRule{
		ID: int64(r.ID), Name: r.Name, Kind: r.Kind.String(), Threshold: int64(r.Threshold), AddMoney: int64(r.AddMoney),
		AddRate: rateText(r.AddRate), AddPoints: r.AddPoints, First: dayOf(r.First), Last: dayOf(r.Last),
		Weekdays: r.Weekdays.String(), From: r.From.String(), Until: r.Until.String(), Ended: r.Ended,
	}
}

func setKindOf(k *ledger.CouponKind) SetCouponKind {
	s := SetCouponKind{
		ID: int64(k.Kind), Name: k.Name, Type: k.Type.String(), Face: int64(k.Face), Off: rateText(k.Off),
		MaxOff: int64(k.MaxOff), Least: int64(k.Least), MaxUse: k.MaxUse, Alone: k.Alone, Grace: k.Grace,
		Shops: []int64{}, Start: dayOf(k.Start), End: dayOf(k.End), Days: k.Days, Stock: k.Stock, Info: k.Info,
	}
	for _, id := range k.Shops {
		s.Shops = append(s.Shops, int64(id))
	}
	return s
}
