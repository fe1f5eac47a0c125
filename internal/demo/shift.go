package demo

import (
	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/report"
)

// drawer is what a shop has taken since its last shift was closed.
type drawer struct {
	till  report.Till
	after ledger.EntryID // the last entry of the shift before
}

// took counts an entry in the drawer of its shop.
func (y *year) took(e *ledger.Entry) {
	if !e.TakesMoney() {
		return
	}
	d := y.drawerOf(e.By.Shop)
	d.till.Add(e)
}

func (y *year) drawerOf(id ledger.ShopID) *drawer {
	if y.drawers[id] == nil {
		y.drawers[id] = &drawer{till: report.Till{}}
	}
	return y.drawers[id]
}

// handOver closes the shift of a shop. Mostly what is counted is what should be there.
func (y *year) handOver(s *shop) {
	d := y.drawerOf(s.id)
	of := ledger.HandOver{After: d.after, UpTo: y.own.state.Head().LastEntry, Takings: d.till.Takings(), Cash: cash}
	note := ""
	of.Counted = of.Expected()
	switch {
	case (y.on+int(s.id))%37 == 0:
		of.Counted, note = of.Counted-10*yuan, "少十元,找零有误"
	case (y.on+int(s.id))%53 == 0:
		of.Counted, note = of.Counted+5*yuan, "多五元,原因未明"
	}
	if of.Counted < 0 { // more was paid out than was taken: the change that was in the drawer paid for it
		of.Counted, note = 0, "提现由备用金垫付"
	}
	y.do(command.HandOver{Merchant: Merchant, By: y.desk(s), Of: of, Note: note})
	y.drawers[s.id] = &drawer{till: report.Till{}, after: of.UpTo}
}
