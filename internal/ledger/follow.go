package ledger

import (
	"cmp"
	"time"
)

// Cursor is how far a follower has come in a merchant's journal, and which process works for it.
type Cursor struct {
	Merchant MerchantID
	Follower string    // its name, as DayTotals
	Version  int64     // moves by one with every save, so that of two who have read the same one saves
	Entry    EntryID   // all up to it were taken; 0 = none
	Calendar string    // by which days were reckoned, as Calendar.String tells it; "" = none were
	Holder   int64     // the process that works for the follower; 0 = none
	Until    time.Time // when another may take its place
}

// DayTotals is the name of the follower that adds up business days.
const DayTotals = "day totals"

// DayKey is what entries have in common that a total adds up.
type DayKey struct {
	Day      Date // the business day, by the merchant's calendar
	Shop     ShopID
	Operator string
	Kind     Kind
	PayType  PayTypeID
}

// Compare orders keys by day, shop, operator, kind and pay type.
func (k DayKey) Compare(other DayKey) int {
	return cmp.Or(
		cmp.Compare(k.Day, other.Day), cmp.Compare(k.Shop, other.Shop), cmp.Compare(k.Operator, other.Operator),
		cmp.Compare(k.Kind, other.Kind), cmp.Compare(k.PayType, other.PayType))
}

// DaySums are sums over entries. What an amount means, and which way it goes, is said by the entries' kind.
type DaySums struct {
	Count     int64 // entries
	Gross     Fen   // of the entries
	Net       Fen   // of the entries
	Principal Fen   // added to cards; negative where it was taken
	Bonus     Fen
	Points    int64
}

// Plus is s and t together.
func (s DaySums) Plus(t DaySums) DaySums {
	return DaySums{
		Count: s.Count + t.Count, Gross: s.Gross + t.Gross, Net: s.Net + t.Net,
		Principal: s.Principal + t.Principal, Bonus: s.Bonus + t.Bonus, Points: s.Points + t.Points,
	}
}

// DayTotal is what the entries of one key add up to.
type DayTotal struct {
	DayKey
	DaySums
}
