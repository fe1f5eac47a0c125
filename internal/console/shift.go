package console

import (
	"context"
	"errors"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
	"tongka/internal/report"
)

// shiftRoutes are of shifts. Whoever takes money closes his own; a shop's takes the permission for reports besides.
var shiftRoutes = []route{
	{"GET /console/m/{merchant}/shifts", "shifts", inside, ledger.MayRead, (*call).showShifts},
	{"GET /console/m/{merchant}/shifts.csv", "shifts as a file", inside, exportsShifts, (*call).exportShifts},
	{"GET /console/m/{merchant}/shifts.xlsx", "shifts as a file", inside, exportsShifts, (*call).exportShifts},
	{"GET /console/m/{merchant}/shifts/close", "shift", inside, ledger.MayRecharge, (*call).showShift},
	{"POST /console/m/{merchant}/shifts/close", "shift", inside, ledger.MayRecharge, (*call).closeShift},
	{"GET /console/m/{merchant}/shifts/{entry}", "shift slip", inside, ledger.MayRead, (*call).showShiftSlip},
}

// theShop stands in addresses for the shift of all who are at a shop. No operator has a name with spaces around it.
const theShop = " "

// shiftView is the form by which a shift is closed, with what the books say of it.
type shiftView struct {
	view
	places []place
	mayAll bool     // the person may close the shop's shift, and those of others
	others []string // operators who took money since, or on the business day
	shift  ledger.HandOver
	since  string // in words
	// crossed are shifts that were closed meanwhile with some of the same money: the shop's, or those of operators.
	crossed []*shiftLine
	form    url.Values
	wrong   text // with what was counted
	unsaid  text // why what was counted is not what the books say
}

func (c *call) showShift() error {
	v, err := c.shiftView(c.r.URL.Query())
	if err != nil {
		return err
	}
	if err := c.readShift(v, 0); err != nil {
		return err
	}
	return c.showForShift(http.StatusOK, v)
}

// showForShift shows the form of a shift that was read.
func (c *call) showForShift(status int, v *shiftView) (err error) {
	if v.since, err = c.sinceOf(v.view, &v.shift, math.MaxInt64); err != nil {
		return err
	}
	return c.show(status, shiftPage(v))
}

// shiftView reads which shift is asked for. A shop that has ended has a last one.
func (c *call) shiftView(form url.Values) (*shiftView, error) {
	v := &shiftView{view: c.view(wCloseShift), form: form, places: c.reportPlaces(ledger.MayRecharge)}
	var err error
	if v.shift.Shop, err = c.usual(v.places); err != nil {
		return nil, err
	}
	if at := form.Get("at"); at != "" {
		i := slices.IndexFunc(v.places, func(p place) bool { return shopText(p.ID) == at })
		if i < 0 {
			return nil, errNowhere
		}
		v.shift.Shop = v.places[i].ID
	}
	v.mayAll = c.person.May(ledger.MayReports, c.merchant.ID, v.shift.Shop)
	own := v.own()
	switch of := form.Get("of"); {
	case of == "" && !v.mayAll:
		v.shift.Operator = own
	case of == "" || of == theShop:
	case of != command.Operator(of):
		return nil, errNowhere // nobody is called that
	default:
		v.shift.Operator = of
	}
	if !v.mayAll && v.shift.Operator != own {
		return nil, errNowhere
	}
	return v, c.chooseCash(v)
}

// chooseCash reads which pay type lies in the till: the one that is called cash, unless another is chosen by whoever
// sees all shifts. Who closes his own does not say what of it is counted.
func (c *call) chooseCash(v *shiftView) error {
	types := c.merchant.PayTypes
	if typed := v.form.Get("cash"); typed != "" {
		i := slices.IndexFunc(types, func(p ledger.PayType) bool { return strconv.FormatInt(int64(p.ID), 10) == typed })
		if i < 0 {
			return errNowhere
		}
		if v.mayAll {
			v.shift.Cash = types[i].ID
			return nil
		}
	}
	i := slices.IndexFunc(types, func(p ledger.PayType) bool {
		return !p.Ended && (p.Code == "cash" || strings.Contains(p.Name, "现金") || strings.EqualFold(p.Name, "cash"))
	})
	if len(types) > 0 {
		v.shift.Cash = types[max(i, 0)].ID
	}
	return nil
}

// readShift finds where the shift begins and adds up what was taken in it, up to an entry; 0 = the newest. Where none
// was closed before, it begins with the business day before this one: whoever works past the hour at which days change
// hands over what was taken before it, too.
func (c *call) readShift(v *shiftView, upTo ledger.EntryID) error {
	ctx, cancel := context.WithTimeout(c.r.Context(), reportLimit)
	defer cancel()
	return c.cfg.Snapshot(ctx, func(books DayBooks) error {
		if err := c.beginShift(ctx, books, v); err != nil {
			return err
		}
		if upTo > 0 {
			v.shift.UpTo = min(upTo, v.shift.UpTo)
		}
		return c.addUpShift(ctx, books, v)
	})
}

// beginShift finds the first and the last entry of the shift, whatever it was before.
func (c *call) beginShift(ctx context.Context, books DayBooks, v *shiftView) error {
	records, err := books.Load(ctx, command.Want{
		Merchant: c.merchant.ID, Keys: command.Keys{Head: true, Guards: []ledger.GuardKey{v.shift.GuardKey()}},
	})
	if err != nil {
		return err
	}
	v.shift.After, v.shift.UpTo = 0, records[0].Head.LastEntry
	for _, g := range records[0].Guards {
		v.shift.After = ledger.EntryID(g.Count)
	}
	if v.shift.After == 0 {
		first, err := c.firstOf(ctx, books, c.businessDay().AddDays(-1))
		if err != nil {
			return err
		}
		v.shift.After = first - 1
	}
	return nil
}

// sinceOf says since when a shift goes: since the one before was closed, which is looked for among the merchant's own
// entries from a place on, or since the books or its business day began.
func (c *call) sinceOf(v view, of *ledger.HandOver, from int64) (string, error) {
	if of.After == 0 {
		return v.lang.of(wBookBegin), nil
	}
	since := ""
	err := c.eachHandOver(from, ownLooked, func(before *ledger.HandOver, e *ledger.Entry) bool {
		if before.GuardKey() == of.GuardKey() && before.UpTo == of.After {
			since = v.moment(e.At)
		}
		return since == ""
	})
	if since != "" || err != nil {
		return since, err
	}
	first, err := entryOf(c.r.Context(), engine.Loader(c.cfg.Books), c.merchant.ID, of.After+1)
	if err != nil {
		return "", err
	}
	day := c.businessDay()
	if first != nil {
		day = c.merchant.Calendar().Day(first.At)
	}
	return day.String() + " " + c.merchant.Settings.CutOff.String(), nil
}

// addUpShift adds up what was taken in the shift.
func (c *call) addUpShift(ctx context.Context, books DayBooks, v *shiftView) error {
	till, others := report.Till{}, map[string]bool{}
	var taken []*ledger.Entry
	var closed []ledger.EntryID // shifts that were closed at the shop meanwhile
	today, err := c.firstOf(ctx, books, c.businessDay())
	if err != nil {
		return err
	}
	err = books.EachEntryInBrief(ctx, c.merchant.ID, min(v.shift.After, today-1), func(e *ledger.Entry) error {
		if e.ID > v.shift.UpTo {
			return errEnough
		}
		if e.By.Shop == v.shift.Shop && e.By.Operator != "" && e.TakesMoney() {
			others[e.By.Operator] = true
		}
		if e.ID > v.shift.After && e.By.Shop == v.shift.Shop && e.Kind == ledger.HandedOver {
			closed = append(closed, e.ID)
		}
		if v.shift.Concerns(e) {
			till.Add(e)
			if e.TakesMoney() {
				taken = append(taken, &ledger.Entry{ID: e.ID, By: e.By})
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	delete(others, v.own())
	v.others, v.shift.Takings = slices.Sorted(maps.Keys(others)), till.Takings()
	v.crossed, err = c.crossing(ctx, books, closed, taken)
	return err
}

// crossing returns those of the shifts that were closed with some of what was taken: the shop's, or those of operators.
// Each kind begins where its own last ended, so that they have the same money, and one of them only has the cash.
func (c *call) crossing(
	ctx context.Context, books DayBooks, closed []ledger.EntryID, taken []*ledger.Entry,
) (all []*shiftLine, err error) {
	for _, id := range closed {
		e, err := entryOf(ctx, books, c.merchant.ID, id)
		if err != nil {
			return nil, err
		}
		of, err := ledger.ParseHandOver(e.Settings)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(taken, of.Concerns) {
			all = append(all, &shiftLine{of, *e})
		}
	}
	return all, nil
}

// closeShift closes the shift that was shown, with what was counted.
func (c *call) closeShift() error {
	v, err := c.shiftView(c.r.PostForm)
	if err != nil {
		return err
	}
	shown := func(name string) ledger.EntryID {
		n, err := strconv.ParseInt(v.form.Get(name), 10, 64)
		if err != nil {
			return -1 // no shift is like that
		}
		return ledger.EntryID(n)
	}
	upTo := shown("upto")
	if err := c.readShift(v, upTo); err != nil {
		return err
	}
	typed := strings.TrimSpace(v.form.Get("counted"))
	if v.shift.Counted, err = typedFen(typed); err != nil || typed == "" {
		if v.wrong = wTypeCounted; errors.Is(err, ledger.ErrDigits) {
			v.wrong = noAmount(err)
		}
		return c.showForShift(http.StatusUnprocessableEntity, v)
	}
	by, note := c.by(), strings.TrimSpace(v.form.Get("note"))
	by.Shop = v.shift.Shop
	cmd := command.HandOver{Merchant: c.merchant.ID, By: by, Of: v.shift, Note: note}
	if upTo != v.shift.UpTo || shown("after") != v.shift.After {
		return c.shiftMoved(v, ledger.Refusal{Reason: ledger.ShiftMoved})
	}
	done, err := c.do(cmd)
	refusal, refused := errors.AsType[ledger.Refusal](err)
	switch {
	case refusal.Reason == ledger.ShiftIsOff: // the form stays as it was typed
		c.note().Outcome = "refused"
		off := phrase.SignedYuan(v.shift.Difference())
		v.unsaid = wSayWhyOff.withText(text{off, off})
		return c.showForShift(http.StatusUnprocessableEntity, v)
	case refused:
		return c.shiftMoved(v, refusal)
	}
	if err != nil {
		return err
	}
	return c.to(v.at("shifts/" + strconv.FormatInt(int64(done.Last().ID), 10) + "?done"))
}

// shiftMoved shows the shift as it is now, and why it was not closed.
func (c *call) shiftMoved(v *shiftView, refusal ledger.Refusal) error {
	c.note().Outcome = "refused"
	if err := c.readShift(v, 0); err != nil {
		return err
	}
	v.fault = c.lang.of(text(phrase.Refusal(refusal)))
	return c.showForShift(http.StatusUnprocessableEntity, v)
}

// began says since when the shift goes.
func (v *shiftView) began() string {
	return v.lang.of(wSince) + " " + v.since + " · " + v.lang.of(wUntilNow) + " " + v.moment(v.now)
}

// own returns what the person is called as an operator of entries.
func (v *shiftView) own() string { return command.Operator(v.person.SignIn) }

// whose are the shifts that can be chosen.
func (v *shiftView) whose() (all []choice) {
	if v.mayAll {
		all = append(all, choice{theShop, v.lang.of(wWholeShop)})
	}
	all = append(all, choice{v.own(), v.people.person(v.person)})
	if v.mayAll {
		for _, name := range v.others {
			all = append(all, choice{name, v.operator(name)})
		}
	}
	return all
}

// namesake reports whether money was taken under what the shift's operator is called, and not by him at the console: a
// till sends whatever name its clerk has there, and what it took is of another shift.
func (v *shiftView) namesake() bool {
	called := v.people.operator(v.shift.Operator)
	return called != v.shift.Operator && slices.Contains(v.others, called)
}

// of returns the shift's operator as the form has it.
func (v *shiftView) of() string {
	if v.shift.Operator == "" {
		return theShop
	}
	return v.shift.Operator
}

// takingsOf returns what was taken, and then what was paid out.
func takingsOf(of *ledger.HandOver) []ledger.Taking {
	if len(of.Takings) > 0 && of.Takings[0].PayType == 0 {
		return append(slices.Clone(of.Takings[1:]), of.Takings[0])
	}
	return of.Takings
}

// sums is a table of what was taken.
func (v view) sums(of *ledger.HandOver) *table {
	t := &table{name: "sums", title: wShiftSums, columns: []tableColumn{
		{name: wPayType}, {name: wNetTaken, kind: ofMoney}, {name: wTimes, kind: ofCount}, {name: wPaidIn, kind: ofMoney},
		{name: wPaidBack, kind: ofMoney}, {name: wPaidToAll, kind: ofMoney},
	}}
	t.summed(v.lang.of(wSum))
	for _, taking := range takingsOf(of) {
		name := v.lang.of(wPaidOutCash)
		if taking.PayType != 0 {
			name = v.payTypeName(taking.PayType)
		}
		t.add(textCell(name), moneyCell(taking.Net()), countCell(taking.Times), moneyCell(taking.In), moneyCell(taking.Back),
			moneyCell(taking.Out))
	}
	return t
}

// shiftHere returns the hand-over of the path, if the person may see it.
func (c *call) shiftHere() (*shiftLine, error) {
	id, err := strconv.ParseInt(c.r.PathValue("entry"), 10, 64)
	if err != nil || id < 1 {
		return nil, errNowhere
	}
	e, err := entryOf(c.r.Context(), engine.Loader(c.cfg.Books), c.merchant.ID, ledger.EntryID(id))
	if err != nil {
		return nil, err
	}
	if e == nil {
		return nil, errNowhere
	}
	line, ok := c.shiftLine(e)
	if !ok {
		return nil, errNowhere
	}
	return line, nil
}
