package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tongka/internal/config"
	"tongka/internal/ledger"
)

// listCmd has the flags of the list commands.
type listCmd struct {
	config.Database
	listing
}

// merchants returns all merchants of the database, or the one named by only.
func (c *listCmd) merchants(ctx context.Context, only string) (merchants []ledger.Merchant, err error) {
	s, err := openReader(ctx, c.DB)
	if err != nil {
		return nil, err
	}
	defer closeReader(s, &err)
	if only == "" {
		return s.Merchants(ctx)
	}
	m, err := findMerchant(ctx, s, only)
	if err != nil {
		return nil, err
	}
	return []ledger.Merchant{*m}, nil
}

type merchantCmd struct {
	List    merchantList    `cmd:"" help:"List merchants."`
	History merchantHistory `cmd:"" help:"List who changed a merchant's settings, when, and from what to what."`
}

type merchantList struct{ listCmd }

type merchantRow struct {
	ID         ledger.MerchantID `json:"id"`
	GUID       string            `json:"guid"`
	Name       string            `json:"name"`
	Zone       string            `json:"zone"`
	LicenceEnd string            `json:"licence_end"`
	Policy     string            `json:"policy"`
	Shops      int               `json:"shops"`
	Levels     int               `json:"levels"`
	Rules      int               `json:"rules"`
}

// Run lists the merchants.
func (c *merchantList) Run(ctx context.Context, con *console) error {
	merchants, err := c.merchants(ctx, "")
	if err != nil {
		return err
	}
	var rows []merchantRow
	for _, m := range merchants {
		rows = append(rows, merchantRow{
			m.ID, m.GUID, m.Name, m.Zone.String(), m.LicenceEnd.String(), m.Settings.SpendOrder.String(),
			len(m.Shops), len(m.Levels), len(m.Rules),
		})
	}
	return print(con, c.listing, rows)
}

// partList has the flags of commands that list one kind of a merchant's settings.
type partList struct {
	listCmd
	Merchant string `placeholder:"ID|GUID" help:"Of this merchant only."`
}

// eachMerchant prints the rows that rows returns for each merchant.
func eachMerchant[T any](ctx context.Context, con *console, c *partList, rows func(*ledger.Merchant) []T) error {
	merchants, err := c.merchants(ctx, c.Merchant)
	if err != nil {
		return err
	}
	var all []T
	for i := range merchants {
		all = append(all, rows(&merchants[i])...)
	}
	return print(con, c.listing, all)
}

type shopCmd struct {
	List shopList `cmd:"" help:"List shops, each merchant's head shop first."`
}

type shopList struct{ partList }

type shopRow struct {
	Merchant ledger.MerchantID `json:"merchant"`
	ID       ledger.ShopID     `json:"id"`
	GUID     string            `json:"guid"`
	Name     string            `json:"name"`
	Ended    bool              `json:"ended"`
}

// Run lists the shops.
func (c *shopList) Run(ctx context.Context, con *console) error {
	return eachMerchant(ctx, con, &c.partList, func(m *ledger.Merchant) (rows []shopRow) {
		for _, s := range m.Shops {
			rows = append(rows, shopRow{m.ID, s.ID, s.GUID, s.Name, s.Ended})
		}
		return rows
	})
}

type levelCmd struct {
	List levelList `cmd:"" help:"List levels."`
}

type levelList struct{ partList }

type levelRow struct {
	Merchant ledger.MerchantID `json:"merchant"`
	ID       ledger.LevelID    `json:"id"`
	Name     string            `json:"name"`
	Discount string            `json:"discount"`
	Earn     string            `json:"earn"`

	Recharge    bool   `json:"recharge"`
	MemberPrice bool   `json:"member_price"`
	CashBack    string `json:"cash_back"`
	Renewals    string `json:"renewals"`
	Account     string `json:"account"`
}

// Run lists the levels.
func (c *levelList) Run(ctx context.Context, con *console) error {
	return eachMerchant(ctx, con, &c.partList, func(m *ledger.Merchant) (rows []levelRow) {
		for _, l := range m.Levels {
			rows = append(rows, levelRow{
				m.ID, l.ID, l.Name, l.PayRate.String(), l.Earn.String(), !l.Rights.NoRecharge, l.Rights.MemberPrice,
				cashBack(l.Rights.CashBack), renewals(l.Rights.Renewals), account(l.Rights.Account),
			})
		}
		return rows
	})
}

// cashBack returns a text like "1.00 of 500.00", or "" if there is none.
func cashBack(b ledger.CashBack) string {
	if b.Back == 0 {
		return ""
	}
	return b.Back.String() + " of " + b.Each.String()
}

// renewals returns a text like "12 months 2.00, 6 months 1.50".
func renewals(all []ledger.Renewal) string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = fmt.Sprintf("%d months %v", one.Months, one.Price)
	}
	return strings.Join(texts, ", ")
}

// account returns a text like "100021 Acme, 100.00, a bill 15.00, 10 bills", without the limits that are not set,
// or "" if there is no account.
func account(a ledger.HouseAccount) string {
	if a.ID == 0 {
		return ""
	}
	text := fmt.Sprintf("%d %s", a.ID, a.Name)
	if a.MaxAmount > 0 {
		text += ", " + a.MaxAmount.String()
	}
	if a.Fixed > 0 {
		text += ", a bill " + a.Fixed.String()
	}
	if a.MaxCount > 0 {
		text += fmt.Sprintf(", %d bills", a.MaxCount)
	}
	return text
}

type ruleCmd struct {
	List ruleList `cmd:"" help:"List recharge rules."`
}

type ruleList struct{ partList }

type ruleRow struct {
	Merchant  ledger.MerchantID `json:"merchant"`
	ID        ledger.RuleID     `json:"id"`
	Name      string            `json:"name"`
	Kind      string            `json:"kind"`
	Threshold string            `json:"threshold"`
	AddMoney  string            `json:"add_money"`
	AddRate   string            `json:"add_rate"`
	AddPoints int64             `json:"add_points"`
	First     string            `json:"first"`
	Last      string            `json:"last"`
	Weekdays  string            `json:"weekdays"`
	From      string            `json:"from"`
	Until     string            `json:"until"`
	Ended     bool              `json:"ended"`
	InForce   bool              `json:"in_force"` // now
}

// Run lists the rules.
func (c *ruleList) Run(ctx context.Context, con *console) error {
	now := time.Now()
	return eachMerchant(ctx, con, &c.partList, func(m *ledger.Merchant) (rows []ruleRow) {
		for _, r := range m.Rules {
			rows = append(rows, ruleRow{
				m.ID, r.ID, r.Name, r.Kind.String(), r.Threshold.String(), r.AddMoney.String(), r.AddRate.String(), r.AddPoints,
				r.First.String(), r.Last.String(), r.Weekdays.String(), r.From.String(), r.Until.String(), r.Ended,
				r.InForce(now.In(m.Zone)),
			})
		}
		return rows
	})
}

type couponCmd struct {
	List couponList `cmd:"" help:"List kinds of coupons, in the order tills are offered them."`
}

type couponList struct{ partList }

type couponRow struct {
	Merchant ledger.MerchantID   `json:"merchant"`
	ID       ledger.CouponKindID `json:"id"`
	Name     string              `json:"name"`
	Type     string              `json:"type"`
	Face     string              `json:"face"`
	Off      string              `json:"off"`
	MaxOff   string              `json:"max_off"`
	Least    string              `json:"least"`
	MaxUse   int                 `json:"max_use"`
	Alone    bool                `json:"alone"`
	Grace    int                 `json:"grace"`
	Shops    string              `json:"shops"`
	Start    string              `json:"start"`
	End      string              `json:"end"`
	Days     int                 `json:"days"`
	Stock    int64               `json:"stock"`
	Info     string              `json:"info"`
}

// Run lists the kinds of coupons.
func (c *couponList) Run(ctx context.Context, con *console) error {
	return eachMerchant(ctx, con, &c.partList, func(m *ledger.Merchant) (rows []couponRow) {
		for _, k := range m.CouponKinds {
			rows = append(rows, couponRow{
				m.ID, k.Kind, k.Name, k.Type.String(), k.Face.String(), k.Off.String(), k.MaxOff.String(), k.Least.String(),
				k.MaxUse,
				k.Alone, k.Grace, shopIDs(k.Shops), k.Start.String(), k.End.String(), k.Days, k.Stock, k.Info,
			})
		}
		return rows
	})
}

// shopIDs returns ids separated by spaces; "" stands for all shops.
func shopIDs(ids []ledger.ShopID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(int64(id), 10)
	}
	return strings.Join(texts, " ")
}
