package console

import (
	"net/url"
	"slices"
)

// alike returns the proposals that wait and would do the same to the card: so nobody proposes unknowingly what somebody
// has proposed before. but is the one that is looked at; "" = none.
func (c *call) alike(v *actView, but string) (all []proposalLine) {
	want := c.numbers(v.act, v.form)
	for i := range c.waiting {
		p := &c.waiting[i]
		if p.Card == v.card.ID && p.Act == v.act.name && p.ID != but && slices.Equal(c.numbers(v.act, formOf(p)), want) {
			all = append(all, c.line(p))
		}
	}
	return all
}

// numbers returns of which entry an act is: two refunds of one bill are alike, however much they give back. Where it is
// of none, it returns the amounts and counts that were typed.
func (c *call) numbers(of *act, form url.Values) (all []int64) {
	a := &asked{call: c, form: form, faults: map[string]text{}} // what is wrong with them is told elsewhere
	if form.Has("entry") {
		return []int64{a.count("entry")}
	}
	for _, f := range of.fields {
		switch f.kind {
		case inMoney:
			all = append(all, int64(a.fen(f.name)))
		case inCount:
			all = append(all, a.count(f.name))
		}
	}
	return all
}

// wAlike comes before the proposals that are alike.
var wAlike = text{
	"同样的申请已经在等待确认，请不要重复办理：", "The same is asked for already, and waits to be confirmed: do not do it twice. ",
}

// said returns a proposal in a line: what it would do, who asked for it, and when.
func (p *proposalLine) said(v view) string {
	said := []string{v.lang.of(p.title)}
	for _, t := range p.typed {
		said = append(said, v.lang.of(t.name)+" "+t.value)
	}
	return join(append(said, p.who, v.moment(p.At)))
}
