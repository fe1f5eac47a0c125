package ledger

import (
	"encoding/json"
	"fmt"
	"time"
)

// SettingsText returns a merchant's settings as the journal stores them: JSON with the names of configuration files,
// zero values left out. The same settings always give the same text, and a setting added later does not change the
// text of a merchant that does not use it.
func SettingsText(m *Merchant) (string, error) {
	b, err := json.Marshal(textOf(m))
	return string(b), err
}

func textOf(m *Merchant) settingsText {
	t := settingsText{
		GUID: m.GUID, Name: m.Name, LicenceEnd: m.LicenceEnd, Settings: textSettings(m.Settings),
	}
	if m.Zone != nil {
		t.Zone = m.Zone.String()
	}
	for _, s := range m.Shops {
		t.Shops = append(t.Shops, textShop(s))
	}
	for i := range m.Levels {
		t.Levels = append(t.Levels, levelText(&m.Levels[i]))
	}
	for _, r := range m.Rules {
		t.Rules = append(t.Rules, textRule(r))
	}
	for _, p := range m.PayTypes {
		t.PayTypes = append(t.PayTypes, textPayType(p))
	}
	for i := range m.CouponKinds {
		k := &m.CouponKinds[i]
		t.CouponKinds = append(t.CouponKinds, textCouponKind{
			textTerms(k.CouponTerms), k.Start, k.End, k.Days, k.Stock, k.Info,
		})
	}
	return t
}

// ParseSettings reads from a SettingsText what entries are checked against: the merchant's own settings, its shops,
// levels, recharge rules, pay types and kinds of coupons, and the last day of its licence. The merchant is never nil.
func ParseSettings(text string) (*Merchant, error) {
	var t settingsText
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return &Merchant{}, fmt.Errorf("settings: %w", err)
	}
	return t.merchant(), nil
}

// ParseMerchant reads all that a SettingsText has, of the merchant with that id, so that it can be set again.
func ParseMerchant(id MerchantID, text string) (*Merchant, error) {
	var t settingsText
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	m := t.merchant()
	m.ID, m.GUID, m.Name = id, t.GUID, t.Name
	var err error
	if m.Zone, err = time.LoadLocation(t.Zone); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	return m, nil
}

func (t *settingsText) merchant() *Merchant {
	m := &Merchant{LicenceEnd: t.LicenceEnd, Settings: Settings(t.Settings)}
	for _, s := range t.Shops {
		m.Shops = append(m.Shops, Shop(s))
	}
	for _, r := range t.Rules {
		m.Rules = append(m.Rules, Rule(r))
	}
	for _, p := range t.PayTypes {
		m.PayTypes = append(m.PayTypes, PayType(p))
	}
	for i := range t.Levels {
		m.Levels = append(m.Levels, t.Levels[i].level())
	}
	for _, k := range t.CouponKinds {
		m.CouponKinds = append(m.CouponKinds, CouponKind{
			CouponTerms: CouponTerms(k.textTerms), Start: k.Start, End: k.End, Days: k.Days, Stock: k.Stock, Info: k.Info,
		})
	}
	return m
}

type settingsText struct {
	GUID        string           `json:"guid,omitempty"`
	Name        string           `json:"name,omitempty"`
	Zone        string           `json:"zone,omitempty"`
	LicenceEnd  Date             `json:"licence_end,omitempty"`
	Settings    textSettings     `json:"settings"`
	Shops       []textShop       `json:"shops,omitempty"`
	Levels      []textLevel      `json:"levels,omitempty"`
	Rules       []textRule       `json:"rules,omitempty"`
	PayTypes    []textPayType    `json:"pay_types,omitempty"`
	CouponKinds []textCouponKind `json:"coupon_kinds,omitempty"`
}

type textSettings struct {
	SpendOrder         SpendOrder `json:"policy,omitempty"`
	PartPayment        bool       `json:"part_payment,omitempty"`
	BonusDays          int        `json:"bonus_days,omitempty"`
	PointsDays         int        `json:"points_days,omitempty"`
	CutOff             CutOff     `json:"cut_off,omitempty"`
	PointsRatio        int64      `json:"points_ratio,omitempty"`
	MaxAmount          Fen        `json:"max_amount,omitempty"`
	MaxBalance         Fen        `json:"max_balance,omitempty"`
	CodeFrom           Fen        `json:"code_from,omitempty"`
	PasswordEverywhere bool       `json:"password_everywhere,omitempty"`
	WeakPasswords      bool       `json:"weak_passwords,omitempty"`
	SecondPerson       Fen        `json:"second_person,omitempty"`
}

type textShop struct {
	ID   ShopID `json:"id"`
	GUID string `json:"guid,omitempty"`
	Name string `json:"name,omitempty"`

	Ended bool `json:"ended,omitempty"`
}

type textLevel struct {
	ID          LevelID       `json:"id"`
	Name        string        `json:"name,omitempty"`
	Discount    Rate          `json:"discount,omitempty"`
	Earn        Rate          `json:"earn,omitempty"`
	NoRecharge  bool          `json:"no_recharge,omitempty"`
	MemberPrice bool          `json:"member_price,omitempty"`
	Each        Fen           `json:"cash_back_each,omitempty"`
	Back        Fen           `json:"cash_back,omitempty"`
	Renewals    []textRenewal `json:"renewals,omitempty"`
	Account     *textAccount  `json:"account,omitempty"`
}

type textRenewal struct {
	Price  Fen `json:"price,omitempty"`
	Months int `json:"months,omitempty"`
}

type textAccount struct {
	ID        int64  `json:"id"`
	Name      string `json:"name,omitempty"`
	MaxAmount Fen    `json:"max_amount,omitempty"`
	Fixed     Fen    `json:"fixed,omitempty"`
	MaxCount  int    `json:"max_count,omitempty"`
}

type textRule struct {
	ID        RuleID   `json:"id"`
	Name      string   `json:"name,omitempty"`
	Kind      RuleKind `json:"kind,omitempty"`
	Threshold Fen      `json:"threshold,omitempty"`
	AddMoney  Fen      `json:"add_money,omitempty"`
	AddRate   Rate     `json:"add_rate,omitempty"`
	AddPoints int64    `json:"add_points,omitempty"`
	First     Date     `json:"first,omitempty"`
	Last      Date     `json:"last,omitempty"`
	Weekdays  Weekdays `json:"weekdays,omitempty"`
	From      Clock    `json:"from,omitempty"`
	Until     Clock    `json:"until,omitempty"`
	Ended     bool     `json:"ended,omitempty"`
}

type textPayType struct {
	ID          PayTypeID `json:"id"`
	Name        string    `json:"name,omitempty"`
	Code        string    `json:"code,omitempty"`
	Invoiceable bool      `json:"invoiceable,omitempty"`
	Ended       bool      `json:"ended,omitempty"`
}

type textTerms struct {
	Kind   CouponKindID `json:"id"`
	Name   string       `json:"name,omitempty"`
	Type   CouponType   `json:"type,omitempty"`
	Face   Fen          `json:"face,omitempty"`
	Off    Rate         `json:"off,omitempty"`
	MaxOff Fen          `json:"max_off,omitempty"`
	Least  Fen          `json:"least,omitempty"`
	MaxUse int          `json:"max_use,omitempty"`
	Alone  bool         `json:"alone,omitempty"`
	Grace  int          `json:"grace,omitempty"`
	Shops  []ShopID     `json:"shops,omitempty"`
}

type textCouponKind struct {
	textTerms
	Start Date   `json:"start,omitempty"`
	End   Date   `json:"end,omitempty"`
	Days  int    `json:"days,omitempty"`
	Stock int64  `json:"stock,omitempty"`
	Info  string `json:"info,omitempty"`
}

func levelText(l *Level) textLevel {
	t := textLevel{
		ID: l.ID, Name: l.Name, Discount: l.PayRate, Earn: l.Earn, NoRecharge: l.Rights.NoRecharge,
		MemberPrice: l.Rights.MemberPrice, Each: l.Rights.CashBack.Each, Back: l.Rights.CashBack.Back,
	}
	for _, r := range l.Rights.Renewals {
		t.Renewals = append(t.Renewals, textRenewal(r))
	}
	if l.Rights.Account != (HouseAccount{}) {
		account := textAccount(l.Rights.Account)
		t.Account = &account
	}
	return t
}

func (t *textLevel) level() Level {
	l := Level{ID: t.ID, Name: t.Name, PayRate: t.Discount, Earn: t.Earn, Rights: Rights{
		NoRecharge: t.NoRecharge, MemberPrice: t.MemberPrice, CashBack: CashBack{Each: t.Each, Back: t.Back},
	}}
	for _, r := range t.Renewals {
		l.Rights.Renewals = append(l.Rights.Renewals, Renewal(r))
	}
	if t.Account != nil {
		l.Rights.Account = HouseAccount(*t.Account)
	}
	return l
}
