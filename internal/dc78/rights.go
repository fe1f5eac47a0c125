package dc78

import (
	"strconv"
	"strings"

	"tongka/internal/ledger"
)

// rights writes mb_right, in the order of the published example: what the card's level gives, and what the card
// has used of it.
func (w *writer) rights(l ledger.Level, signed ledger.Charges, opened string) {
	g := &l.Rights
	paid, earned := earning(l.Earn)
	w.Key("mb_right")
	w.Open('{')
	w.flag("recharge", !g.NoRecharge)
	w.flag("mc_price", g.MemberPrice)
	w.flag("rebate", l.PayRate < ledger.Percent100)
	w.Text("ratio", ratio(l.PayRate))
	w.flag("use_pt", l.Earn > 0)
	w.Text("consumption", paid)
	w.Text("pt", earned)
	w.flag("use_reward", g.CashBack.Back > 0)
	w.Text("mc_consumption", shortest(g.CashBack.Each))
	w.account(g.Account)
	w.used(signed)
	w.Text("card_createTime", opened)
	w.renewals(g.Renewals)
	w.Text("mc_reward", shortest(g.CashBack.Back))
	w.Close('}')
}

// account writes the house account. Limits that it does not have are 0.
func (w *writer) account(a ledger.HouseAccount) {
	w.Text("arId", strconv.FormatInt(a.ID, 10))
	w.Text("arName", a.Name)
	w.Text("arMaxAmt", shortest(a.MaxAmount))
	w.Text("arFixedAmt", shortest(a.Fixed))
	w.Text("arMaxCount", strconv.Itoa(a.MaxCount))
}

// used writes what a card has charged to the house account.
func (w *writer) used(s ledger.Charges) {
	w.Key("usedAmt")
	w.B = append(w.B, shortest(s.Amount)...)
	w.Int("usedCount", int64(s.Bills))
}

func (w *writer) renewals(all []ledger.Renewal) {
	w.Key("renew_list")
	w.B = append(w.B, '[')
	for i, one := range all {
		if i > 0 {
			w.B = append(w.B, ',')
		}
		w.Open('{')
		w.amount("amt", one.Price)
		w.Int("expire", int64(one.Months))
		w.Close('}')
	}
	w.B = append(w.B, ']')
}

func (w *writer) flag(name string, claim bool) {
	if claim {
		w.Int(name, 1)
		return
	}
	w.Int(name, 0)
}

// ratio returns the rate that a level pays, or "" if it gives no discount.
func ratio(r ledger.Rate) string {
	if r >= ledger.Percent100 {
		return ""
	}
	return r.String()
}

// earning returns an earning rate as the wire writes it: the yuan paid and the points they earn, in the smallest
// whole numbers.
func earning(earn ledger.Rate) (paid, points string) {
	if earn <= 0 {
		return "0", "0"
	}
	a, b := int64(ledger.Percent100), int64(earn)
	for b != 0 {
		a, b = b, a%b
	}
	return strconv.FormatInt(int64(ledger.Percent100)/a, 10), strconv.FormatInt(int64(earn)/a, 10)
}

// shortest formats an amount without decimals that are 0: 0, 100, 99.50.
func shortest(f ledger.Fen) string { return strings.TrimSuffix(f.String(), ".00") }
