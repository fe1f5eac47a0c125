package ledger

import (
	"cmp"
	"fmt"
	"time"
)

// Cursor is how far a follower has read a merchant's journal, and which process works for it.
type Cursor struct {
	Merchant MerchantID
	Follower string    // the follower's name, like DayTotals
	Version  int64     // goes up with every save: of two processes that read the same version only one can save
	Entry    EntryID   // all entries up to it are done; 0 = none
	Calendar string    // the calendar that days were determined by, as Calendar.String; "" = none yet
	Holder   int64     // the process that works for the follower; 0 = none
	Until    time.Time // from then on another process may take over
}

// MayHold reports whether a process may work for a cursor or a webhook of which holder does until a time: nobody does,
// or the holder's lease has ended. A lease that ends much later than any that is given for that long was given by a
// wrong clock and does not count.
func MayHold(me, holder int64, until, now time.Time, lease time.Duration) bool {
	return holder == 0 || holder == me || !now.Before(until) || until.After(now.Add(2*lease))
}

// FollowsOn returns an error if an entry is not the next behind another: a journal has no gap, and an entry that is
// skipped would never be looked at.
func (e *Entry) FollowsOn(before EntryID) error {
	if e.ID != before+1 {
		return fmt.Errorf("entry %d is missing, entry %d is there: see what tongka verify says", before+1, e.ID)
	}
	return nil
}

// DayTotals is the name of the follower that sums up business days.
const DayTotals = "day totals"

// DayKey is what the entries of one total have in common.
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

// DaySums are sums over entries. The entries' kind decides what an amount means and in which direction it went.
type DaySums struct {
	Count     int64 // number of entries
	Gross     Fen   // of the entries
	Net       Fen   // of the entries
	Principal Fen   // added to cards; negative if taken
	Bonus     Fen
	Points    int64
}

// InTotal returns gross and net of the entry as they count in a total of its kind. Cash back has one kind, given or
// taken back: what was taken back counts against what was given. A bill that several cards pay is one bill: it counts
// with its first entry.
func (e *Entry) InTotal() (gross, net Fen) {
	switch {
	case e.Kind == CashedBack && e.Delta() < 0:
		return -e.Gross, -e.Net
	case e.PaysRest():
		return 0, 0
	}
	return e.Gross, e.Net
}

// Plus returns the sum of s and t.
func (s DaySums) Plus(t DaySums) DaySums {
	return DaySums{
		Count: s.Count + t.Count, Gross: s.Gross + t.Gross, Net: s.Net + t.Net,
		Principal: s.Principal + t.Principal, Bonus: s.Bonus + t.Bonus, Points: s.Points + t.Points,
	}
}

// DayTotal is the sum of the entries of one key.
type DayTotal struct {
	DayKey
	DaySums
}

// Owed is what a merchant owes to the holders of its cards.
type Owed struct {
	Principal Fen
	Bonus     Fen
	Points    int64
}

// Plus returns what is owed after entries with these sums.
func (o Owed) Plus(s DaySums) Owed {
	return Owed{Principal: o.Principal + s.Principal, Bonus: o.Bonus + s.Bonus, Points: o.Points + s.Points}
}
