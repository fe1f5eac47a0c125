package api

import "tongka/internal/ledger"

// Nothing is asked for beside the path.
type Nothing struct{}

// Merchant is the merchant of a key.
type Merchant struct {
	ID         int64  `json:"id" doc:"The merchant's id, which the header Tongka-Merchant takes."`
	Name       string `json:"name" doc:"What the merchant is called."`
	GUID       string `json:"guid" doc:"The merchant's name on the wire of tills (CUSTOMERGUID)."`
	Zone       string `json:"zone" doc:"The zone of its civil days." example:"Asia/Shanghai"`
	Licensed   bool   `json:"licensed" doc:"It may work today."`
	LicenceEnd Day    `json:"licence_end,omitempty" doc:"The last day on which it may work; left out if there is no end."`
	Today      Day    `json:"today" doc:"The civil day there now."`
}

func getMerchant(c *call, _ *Nothing) (Merchant, error) {
	m := c.merchant
	return Merchant{
		int64(m.ID), m.Name, m.GUID, m.Zone.String(), m.Licensed(c.cfg.Clock()), dayOf(m.LicenceEnd), dayOf(c.today),
	}, nil
}

// Shops are the places of a merchant.
type Shops struct {
	Shops []Shop `json:"shops" doc:"All shops, also those that are closed. The first is the head shop."`
}

// Shop is one of them.
type Shop struct {
	ID    int64  `json:"id" doc:"The shop's id, which requests take as shop."`
	Name  string `json:"name" doc:"What the shop is called."`
	GUID  string `json:"guid" doc:"The shop's name on the wire of tills."`
	Ended bool   `json:"ended" doc:"It is closed, and nothing is done there any more."`
}

func listShops(c *call, _ *Nothing) (Shops, error) {
	out := Shops{[]Shop{}}
	for _, s := range c.merchant.Shops {
		out.Shops = append(out.Shops, Shop{int64(s.ID), s.Name, s.GUID, s.Ended})
	}
	return out, nil
}

// Levels are the levels of a merchant's cards.
type Levels struct {
	Levels []Level `json:"levels" doc:"All levels."`
}

// Level is one of them.
type Level struct {
	ID         int64     `json:"id" doc:"The level's id."`
	Name       string    `json:"name" doc:"What the level is called."`
	PayRate    Ratio     `json:"pay_rate" doc:"The share of the discountable part that is paid: 0.8 is 20 % off."`
	Earn       Ratio     `json:"earn" doc:"Points for each yuan that the card pays."`
	Recharge   bool      `json:"recharge" doc:"Its cards can be recharged."`
	Member     bool      `json:"member_price" doc:"Tills charge members' prices."`
	CashEach   int64     `json:"cash_back_each,omitempty" doc:"Each so much that the card pays gives cash back, in fen."`
	CashBack   int64     `json:"cash_back,omitempty" doc:"So much, in fen."`
	Renewals   []Renewal `json:"renewals" doc:"Ways to extend a card's last good day for money; none if there are none."`
	HasAccount bool      `json:"house_account" doc:"Bills can be charged to a house account."`
}

// Renewal is a way to extend a card's last good day.
type Renewal struct {
	Months int   `json:"months" doc:"How many months the last good day moves, from 1 on."`
	Price  int64 `json:"price" doc:"In fen."`
}

// Ratio is a number with four digits, like 0.85.
type Ratio string

func ratioOf(r ledger.Rate) Ratio { return Ratio(r.String()) }

func listLevels(c *call, _ *Nothing) (Levels, error) {
	out := Levels{[]Level{}}
	for _, l := range c.merchant.Levels {
		one := Level{
			ID: int64(l.ID), Name: l.Name, PayRate: ratioOf(l.PayRate), Earn: ratioOf(l.Earn), Recharge: !l.Rights.NoRecharge,
			Member: l.Rights.MemberPrice, CashEach: int64(l.Rights.CashBack.Each), CashBack: int64(l.Rights.CashBack.Back),
			Renewals: []Renewal{}, HasAccount: l.Rights.Account.ID != 0,
		}
		for _, r := range l.Rights.Renewals {
			one.Renewals = append(one.Renewals, Renewal{r.Months, int64(r.Price)})
		}
		out.Levels = append(out.Levels, one)
	}
	return out, nil
}

// Rules are the rules of recharges.
type Rules struct {
	Rules []Rule `json:"rules" doc:"All rules, also those that have ended."`
}

// Rule is one of them.
type Rule struct {
	ID        int64  `json:"id" doc:"The rule's id."`
	Name      string `json:"name" doc:"What the rule is called, as receipts have it."`
	Kind      string `json:"kind" enum:"each,percent,threshold" doc:"each gives at every recharge, percent a share of what is paid, and threshold from an amount on. The rules add up, of several thresholds the highest that is reached counts."` //nolint:lll // a tag
	Threshold int64  `json:"threshold,omitempty" doc:"From this much paid, in fen."`
	Bonus     int64  `json:"bonus,omitempty" doc:"What it gives, in fen."`
	Rate      Ratio  `json:"rate,omitempty" doc:"The share of what is paid that it gives."`
	Points    int64  `json:"points,omitempty" doc:"Points that it gives; left out if none."`
	First     Day    `json:"first,omitempty" doc:"The first day on which it is in force."`
	Last      Day    `json:"last,omitempty" doc:"The last one."`
	Ended     bool   `json:"ended" doc:"It is in force no more, whatever its days."`
	InForce   bool   `json:"in_force" doc:"It applies to a recharge at this moment."`
}

func listRules(c *call, _ *Nothing) (Rules, error) {
	out, wall := Rules{[]Rule{}}, c.cfg.Clock().In(c.merchant.Zone)
	for _, r := range c.merchant.Rules {
		one := Rule{
			ID: int64(r.ID), Name: r.Name, Kind: r.Kind.String(), Threshold: int64(r.Threshold), Bonus: int64(r.AddMoney),
			Points: r.AddPoints, First: dayOf(r.First), Last: dayOf(r.Last), Ended: r.Ended, InForce: r.InForce(wall),
		}
		if r.AddRate != 0 {
			one.Rate = ratioOf(r.AddRate)
		}
		out.Rules = append(out.Rules, one)
	}
	return out, nil
}

// PayTypes are what recharges are paid with.
type PayTypes struct {
	PayTypes []PayType `json:"pay_types" doc:"All pay types, also those that have ended."`
}

// PayType is one of them.
type PayType struct {
	ID          int64  `json:"id" doc:"The pay type's id, which recharges and what is paid out take."`
	Name        string `json:"name" doc:"What the pay type is called."`
	Code        string `json:"code,omitempty" doc:"Its short name on the wire of tills, like wx; left out if it has none."`
	Invoiceable bool   `json:"invoiceable" doc:"The holder may get an invoice for what is paid with it."`
	Ended       bool   `json:"ended" doc:"No recharge is paid with it any more."`
}

func listPayTypes(c *call, _ *Nothing) (PayTypes, error) {
	out := PayTypes{[]PayType{}}
	for _, p := range c.merchant.PayTypes {
		out.PayTypes = append(out.PayTypes, PayType{int64(p.ID), p.Name, p.Code, p.Invoiceable, p.Ended})
	}
	return out, nil
}

// CouponKinds are the kinds of coupons that can be sent.
type CouponKinds struct {
	Kinds []CouponKind `json:"coupon_kinds" doc:"All kinds of coupons."`
}

// CouponKind is one of them.
type CouponKind struct {
	ID     int64   `json:"id" doc:"The kind's id, which sendCoupons takes."`
	Name   string  `json:"name" doc:"What its coupons are called."`
	Type   string  `json:"type" enum:"cash,goods,percent" doc:"cash pays an amount, percent takes a share off, and goods stands for a thing that the till knows."` //nolint:lll // a tag
	Face   int64   `json:"face,omitempty" doc:"Of a cash coupon the most it pays, in fen."`
	Off    Ratio   `json:"off,omitempty" doc:"Of a percent coupon the share it takes off."`
	MaxOff int64   `json:"max_off,omitempty" doc:"The most that takes off, in fen; left out for any amount."`
	Least  int64   `json:"least,omitempty" doc:"The bill that each coupon needs, in fen."`
	MaxUse int     `json:"max_use,omitempty" doc:"Coupons of the kind on one bill."`
	Alone  bool    `json:"alone" doc:"It is not used beside other kinds."`
	First  Day     `json:"first,omitempty" doc:"The first good day; left out for the day on which a coupon is sent."`
	Last   Day     `json:"last,omitempty" doc:"The last good day; left out where days says it, or for no end."`
	Days   int     `json:"days,omitempty" doc:"Days a coupon is good, where there is no last day."`
	Info   string  `json:"info,omitempty" doc:"What its holder is told about it."`
	Shops  []int64 `json:"shops" doc:"Where it is good; none = everywhere."`
}

func listCouponKinds(c *call, _ *Nothing) (CouponKinds, error) {
	out := CouponKinds{[]CouponKind{}}
	for i := range c.merchant.CouponKinds {
		k := &c.merchant.CouponKinds[i]
		one := CouponKind{
			ID: int64(k.Kind), Name: k.Name, Type: k.Type.String(), Face: int64(k.Face), MaxOff: int64(k.MaxOff),
			Least: int64(k.Least), MaxUse: k.MaxUse, Alone: k.Alone, First: dayOf(k.Start), Last: dayOf(k.End), Days: k.Days,
			Info: k.Info, Shops: []int64{},
		}
		if k.Off != 0 {
			one.Off = ratioOf(k.Off)
		}
		for _, s := range k.Shops {
			one.Shops = append(one.Shops, int64(s))
		}
		out.Kinds = append(out.Kinds, one)
	}
	return out, nil
}
