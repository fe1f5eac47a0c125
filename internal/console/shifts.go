package console

import (
	"math"
	"net/http"
	"strconv"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

const (
	shiftsAPage = 30
	// ownRead is how many of the merchant's own entries are read at a time, in search of shifts.
	ownRead = 200
	// ownLooked is how many of them a page looks at. A file has all.
	ownLooked = 4000
)

// exportsShifts is what it takes to take the shifts of a shop out.
const exportsShifts = ledger.MayReports | ledger.MayExport

// shiftLine is a shift that was closed.
type shiftLine struct {
	ledger.HandOver
	entry ledger.Entry
}

// shiftsView is a list of shifts.
type shiftsView struct {
	view
	lines   []*shiftLine
	next    int64 // the place in the merchant's own journal where the next page begins; 0 = there is none
	closes  bool  // the person may close a shift
	exports bool
}

// shiftLine returns the shift that an entry closed. ok is false if it closed none, or one that the person may not see:
// those of a shop are for whoever has its reports, and one's own for whoever closed it.
func (c *call) shiftLine(e *ledger.Entry) (line *shiftLine, ok bool) {
	if e.Kind != ledger.HandedOver {
		return nil, false
	}
	if e.By.Person != c.person.ID && !c.person.May(ledger.MayReports, c.merchant.ID, e.By.Shop) {
		return nil, false
	}
	of, err := ledger.ParseHandOver(e.Settings)
	return &shiftLine{of, *e}, err == nil
}

// eachShift calls fn with the shifts that the person may see, the newest first, from a place in the merchant's own
// journal on. It stops when fn returns false or after it has looked at so many entries, and returns the place where to
// go on; 0 = there are no more.
func (c *call) eachShift(from int64, looks int, fn func(*shiftLine) bool) (next int64, err error) {
	return c.eachOwn(from, looks, func(e *ledger.Entry) bool {
		line, ok := c.shiftLine(e)
		return !ok || fn(line)
	})
}

// eachHandOver is eachShift for all shifts, whoever sees them.
func (c *call) eachHandOver(from int64, looks int, fn func(*ledger.HandOver, *ledger.Entry) bool) error {
	_, err := c.eachOwn(from, looks, func(e *ledger.Entry) bool {
		if e.Kind != ledger.HandedOver {
			return true
		}
		of, err := ledger.ParseHandOver(e.Settings)
		return err != nil || fn(&of, e)
	})
	return err
}

// eachOwn calls fn with the merchant's own entries as eachShift does with its shifts.
func (c *call) eachOwn(from int64, looks int, fn func(*ledger.Entry) bool) (next int64, err error) {
	for {
		page, err := c.cfg.Books.OwnEntries(c.r.Context(), c.merchant.ID, from, ownRead)
		if err != nil {
			return 0, err
		}
		for i := range page {
			if !fn(&page[i]) {
				return page[i].Seq, nil
			}
			from = page[i].Seq - 1
		}
		looks -= len(page)
		switch {
		case len(page) < ownRead || from == 0:
			return 0, nil
		case looks <= 0:
			return from, nil
		}
	}
}

func (c *call) showShifts() error {
	may := c.person.AllowedSomewhere(c.merchant.ID)
	v := &shiftsView{view: c.view(wShifts), closes: may&ledger.MayRecharge != 0}
	v.exports = len(c.reportPlaces(exportsShifts)) > 0
	from, err := strconv.ParseInt(c.r.URL.Query().Get("from"), 10, 64)
	if err != nil || from < 1 {
		from = math.MaxInt64
	}
	v.next, err = c.eachShift(from, ownLooked, func(line *shiftLine) bool {
		if len(v.lines) == shiftsAPage {
			return false
		}
		v.lines = append(v.lines, line)
		return true
	})
	if err != nil {
		return err
	}
	return c.show(http.StatusOK, shiftsPage(v))
}

// exportShifts sends the shifts of all shops whose data the person may take out.
func (c *call) exportShifts() error {
	format, err := c.format()
	if err != nil {
		return err
	}
	v := c.view(wShifts)
	t := &table{columns: []tableColumn{
		{name: wWhen}, {name: wWhere}, {name: wWhose}, {name: wPaidIn, kind: ofMoney}, {name: wPaidBack, kind: ofMoney},
		{name: wPaidToAll, kind: ofMoney}, {name: wCashIs}, {name: wExpected, kind: ofMoney},
		{name: wCounted, kind: ofMoney}, {name: wDifference, kind: ofMoney}, {name: wHandedBy}, {name: wShiftNote},
		{name: wEntry, kind: ofCount},
	}}
	if _, err = c.eachShift(math.MaxInt64, math.MaxInt, func(l *shiftLine) bool {
		if !c.person.May(exportsShifts, c.merchant.ID, l.Shop) {
			return true
		}
		var all ledger.Taking
		for _, taking := range l.Takings {
			all.In, all.Back, all.Out = all.In+taking.In, all.Back+taking.Back, all.Out+taking.Out
		}
		t.add(textCell(v.moment(l.entry.At)), textCell(v.placeName(l.Shop)), textCell(v.whoseShift(&l.HandOver)),
			moneyCell(all.In), moneyCell(all.Back), moneyCell(all.Out), textCell(v.payType(l.Cash)), moneyCell(l.Expected()),
			moneyCell(l.Counted), moneyCell(l.Difference()), textCell(v.who(l.entry.By)), textCell(l.entry.Note),
			countCell(int64(l.entry.ID)))
		return true
	}); err != nil {
		return err
	}
	return c.sendTable("shifts-"+c.today().String(), v.title, format, t)
}

// whoseShift says whose shift it was.
func (v view) whoseShift(of *ledger.HandOver) string {
	if of.Operator == "" {
		return v.lang.of(wWholeShop)
	}
	return v.operator(of.Operator)
}

// slip returns the address of a shift.
func (v *shiftsView) slip(l *shiftLine) string {
	return v.at("shifts/" + strconv.FormatInt(int64(l.entry.ID), 10))
}

// more returns the address of the next page.
func (v *shiftsView) more() string { return v.at("shifts?from=" + strconv.FormatInt(v.next, 10)) }

// shiftSlip is a shift as it is printed.
type shiftSlip struct {
	view
	*shiftLine
	since string // in words
}

func (c *call) showShiftSlip() error {
	line, err := c.shiftHere()
	if err != nil {
		return err
	}
	v := &shiftSlip{view: c.view(wShiftSlip), shiftLine: line}
	if v.since, err = c.sinceOf(v.view, &line.HandOver, line.entry.Seq-1); err != nil {
		return err
	}
	return c.show(http.StatusOK, shiftSlipPage(v))
}

// cash are the lines that add up to the cash that should be in the till: each amount stands in one of them.
func (v *shiftSlip) cash() (all []part) { return v.linesOf(true) }

// others are the lines of what does not lie in the till.
func (v *shiftSlip) others() (all []part) { return v.linesOf(false) }

func (v *shiftSlip) linesOf(cash bool) (all []part) {
	for _, t := range takingsOf(&v.HandOver) {
		if cash == v.InTill(&t) {
			all = append(all, v.linesFor(&t)...)
		}
	}
	return all
}

// linesFor are the lines of one pay type: what was paid in, less what was given back and paid out.
func (v *shiftSlip) linesFor(t *ledger.Taking) (all []part) {
	name := v.payType(t.PayType)
	add := func(name string, sum string) { all = append(all, part{text{name, name}, sum}) }
	if t.Back == 0 && t.Out == 0 {
		add(name+" × "+phrase.Count(t.Times), phrase.Yuan(t.In))
		return all
	}
	if t.In != 0 || t.Back != 0 {
		add(name+" · "+v.lang.of(wPaidIn), phrase.Yuan(t.In))
	}
	if t.Back != 0 {
		add(name+" · "+v.lang.of(wPaidBack), phrase.SignedYuan(-t.Back))
	}
	switch {
	case t.Out != 0 && t.PayType == 0:
		add(v.lang.of(wPaidOutCash), phrase.SignedYuan(-t.Out))
	case t.Out != 0:
		add(name+" · "+v.lang.of(wPaidToAll), phrase.SignedYuan(-t.Out))
	}
	if !v.InTill(t) && len(all) > 1 {
		add(name+" · "+v.lang.of(wNetTaken), phrase.Yuan(t.Net()))
	}
	return all
}

// signedOrNone returns an amount with its sign, if it has one.
func signedOrNone(f ledger.Fen) string {
	if f == 0 {
		return "0.00"
	}
	return phrase.SignedYuan(f)
}
