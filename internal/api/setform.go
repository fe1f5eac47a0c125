package api

import (
	"tongka/internal/ledger"
)

// Settings are all settings of a merchant.
type Settings struct {
	Version    int64 `json:"version" required:"false" doc:"The entry that made them; 0 = none did. Its ETag has it."`
	LicenceEnd Day   `json:"licence_end,omitempty" doc:"The host's: it can only be sent as it is."`

	GUID     string           `json:"guid" required:"false" maxLength:"100" doc:"The merchant's name on the wire of tills (CUSTOMERGUID), up to 100 characters."`              //nolint:lll // a tag
	Name     string           `json:"name" required:"false" maxLength:"64" doc:"What the merchant is called, up to 64 characters."`                                            //nolint:lll // a tag
	Zone     string           `json:"zone" required:"false" maxLength:"64" doc:"The zone of its civil days and hours, as the IANA database names it." example:"Asia/Shanghai"` //nolint:lll // a tag
	Settings MerchantSettings `json:"settings" required:"false" doc:"What there is once."`

	Shops       []SetShop       `json:"shops" required:"false" maxItems:"10000" doc:"The first is the head shop."`
	Levels      []SetLevel      `json:"levels" required:"false" maxItems:"1000" doc:"What cards get by their level."`
	Rules       []SetRule       `json:"rules" required:"false" maxItems:"1000" doc:"What recharges get on top. They add up."` //nolint:lll // a tag
	PayTypes    []SetPayType    `json:"pay_types" required:"false" maxItems:"1000" doc:"What recharges are paid with."`
	CouponKinds []SetCouponKind `json:"coupon_kinds" required:"false" maxItems:"1000" doc:"Coupons that can be sent."`
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
	MaxAmount    int64  `json:"max_amount" required:"false" doc:"The most of one recharge or bill, in fen; 0 = no limit."`
	MaxBalance   int64  `json:"max_balance" required:"false" doc:"The most on a card, in fen; 0 = no limit."`
	CodeFrom     int64  `json:"code_from" required:"false" doc:"The bill of a phone card from which a code is sent to its holder, in fen; 0 = none is."` //nolint:lll // a tag
	Everywhere   bool   `json:"password_everywhere" required:"false" doc:"A card with a password cannot pay where the till has no field for one."`       //nolint:lll // a tag
	Weak         bool   `json:"weak_passwords" required:"false" doc:"Cards may have passwords that are guessed first, like 123456."`                     //nolint:lll // a tag
	SecondPerson int64  `json:"second_person" required:"false" doc:"The sum above which two people are needed, in fen; 0 = never."`                      //nolint:lll // a tag
}

// SetShop is a shop.
type SetShop struct {
	ID    int64  `json:"id,omitempty" minimum:"1" doc:"Left out for a new one."`
	GUID  string `json:"guid" required:"false" maxLength:"100" doc:"Of a new one it is made if it is left out."`
	Name  string `json:"name" required:"false" maxLength:"64" doc:"What the shop is called, up to 64 characters."`
	Ended bool   `json:"ended" required:"false" doc:"It is closed: nothing is done there any more, and what was done keeps its name."` //nolint:lll // a tag
}

// SetLevel is a level.
type SetLevel struct {
	ID          int64       `json:"id,omitempty" minimum:"1" doc:"Left out for a new one."`
	Name        string      `json:"name" required:"false" maxLength:"64" doc:"What the level is called, up to 64 characters."` //nolint:lll // a tag
	Discount    Ratio       `json:"discount" required:"false" doc:"The share that is paid: 0.8 is 20 % off." example:"0.8"`
	Earn        Ratio       `json:"earn" required:"false" doc:"Points for each yuan that the card pays." example:"1"`
	NoRecharge  bool        `json:"no_recharge" required:"false" doc:"Its cards cannot be recharged."`
	MemberPrice bool        `json:"member_price" required:"false" doc:"Tills charge members' prices."`
	Each        int64       `json:"cash_back_each" required:"false" doc:"Each so much that the card pays of a bill gives cash back, in fen; 0 = no cash back."` //nolint:lll // a tag
	Back        int64       `json:"cash_back" required:"false" doc:"So much cash back, as bonus, in fen."`
	Renewals    []Renewal   `json:"renewals" required:"false" maxItems:"100" doc:"Ways to extend a card's last good day for money: at most 20."` //nolint:lll // a tag
	Account     *SetAccount `json:"account,omitempty" doc:"The house account that its cards charge bills to."`
}

// SetAccount is the house account of a level.
type SetAccount struct {
	ID        int64  `json:"id" minimum:"0" doc:"0 ends it."`
	Name      string `json:"name" required:"false" maxLength:"64" doc:"What the account is called, up to 64 characters."`
	MaxAmount int64  `json:"max_amount" required:"false" doc:"The most that a card may charge in all, in fen; 0 = no limit."` //nolint:lll // a tag
	Fixed     int64  `json:"fixed" required:"false" doc:"The most of one bill, in fen; 0 = no limit."`
	MaxCount  int    `json:"max_count" required:"false" doc:"Bills of a card; 0 = no limit."`
}

// SetRule is a recharge rule.
type SetRule struct {
	ID        int64  `json:"id,omitempty" minimum:"1" doc:"Left out for a new one."`
	Name      string `json:"name" required:"false" maxLength:"64" doc:"What the rule is called, up to 64 characters."`
	Kind      string `json:"kind,omitempty" enum:"each,percent,threshold" doc:"each gives at every recharge, percent a share of what is paid, and threshold from an amount on. Of several thresholds the highest that is reached counts."` //nolint:lll // a tag
	Threshold int64  `json:"threshold" required:"false" doc:"Of a threshold rule: from this much paid, in fen."`
	AddMoney  int64  `json:"add_money" required:"false" doc:"Of a rule of each time or a threshold: the bonus that it gives, in fen."`          //nolint:lll // a tag
	AddRate   Ratio  `json:"add_rate" required:"false" doc:"Of a percent rule: the share of what is paid that it gives as bonus. 0.1 is 10 %."` //nolint:lll // a tag
	AddPoints int64  `json:"add_points" required:"false" doc:"Points that it gives; 0 = none."`
	First     Day    `json:"first,omitempty" doc:"The first day on which it is in force; left out for from the beginning."`
	Last      Day    `json:"last,omitempty" doc:"The last day on which it is in force; left out for no end."`
	Weekdays  string `json:"weekdays" required:"false" maxLength:"40" doc:"Like sat,sun; nothing for every day." example:"sat,sun"` //nolint:lll // a tag
	From      string `json:"from" required:"false" maxLength:"5" doc:"A time of the day." example:"17:30"`
	Until     string `json:"until" required:"false" maxLength:"5" doc:"The time of the day at which it ends; before from, on the day after. Nothing for the end of the day." example:"21:00"` //nolint:lll // a tag
	Ended     bool   `json:"ended" required:"false" doc:"It is in force no more, whatever its days."`
}

// SetPayType is a pay type.
type SetPayType struct {
	ID          int64  `json:"id,omitempty" minimum:"1" doc:"Left out for a new one."`
	Name        string `json:"name" required:"false" maxLength:"64" doc:"What the pay type is called, up to 64 characters."`                                    //nolint:lll // a tag
	Code        string `json:"code" required:"false" maxLength:"16" doc:"Its short name on the wire of tills, like wx, up to 16 characters; nothing for none."` //nolint:lll // a tag
	Invoiceable bool   `json:"invoiceable" required:"false" doc:"The holder may get an invoice for what is paid with it."`
	Ended       bool   `json:"ended" required:"false" doc:"No recharge is paid with it any more; what was paid keeps its name."` //nolint:lll // a tag
}

// SetCouponKind is a kind of coupons.
type SetCouponKind struct {
	ID     int64   `json:"id,omitempty" minimum:"1" doc:"Left out for a new one."`
	Name   string  `json:"name" required:"false" maxLength:"64" doc:"What its coupons are called, up to 64 characters."`
	Type   string  `json:"type,omitempty" enum:"cash,goods,percent" doc:"cash pays an amount, percent takes a share off, and goods stands for a thing that the till knows."` //nolint:lll // a tag
	Face   int64   `json:"face" required:"false" doc:"Of a cash coupon: the most that it pays, in fen."`
	Off    Ratio   `json:"off" required:"false" doc:"Of a percent coupon: the share that it takes off. 0.2 is 20 % off."`
	MaxOff int64   `json:"max_off" required:"false" doc:"Of a percent coupon: the most that it takes off, in fen; 0 = any amount."`     //nolint:lll // a tag
	Least  int64   `json:"least" required:"false" doc:"The bill, after the level's discount, that each coupon needs, in fen; 0 = any."` //nolint:lll // a tag
	MaxUse int     `json:"max_use" required:"false" doc:"How many of the kind pay one bill at most; 0 = any number."`
	Alone  bool    `json:"alone" required:"false" doc:"No coupon of another kind pays the same bill."`
	Grace  int     `json:"grace" required:"false" doc:"Days it is good again if its bill is refunded after its last day."`
	Shops  []int64 `json:"shops" required:"false" maxItems:"10000" doc:"Where it is good; none = everywhere."`
	Start  Day     `json:"start,omitempty" doc:"The first good day; left out for the day on which a coupon is sent."`
	End    Day     `json:"end,omitempty" doc:"The last good day; left out where days says it."`
	Days   int     `json:"days" required:"false" doc:"Without a last day: how many days a coupon is good, the first included; 0 = for ever."` //nolint:lll // a tag
	Stock  int64   `json:"stock" required:"false" doc:"How many may be sent; 0 = any number."`
	Info   string  `json:"info" required:"false" maxLength:"1000" doc:"What its holder is told about it, up to 1,000 characters."` //nolint:lll // a tag
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
