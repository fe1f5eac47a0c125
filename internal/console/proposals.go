package console

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tongka/internal/ledger"
)

// How many proposals are read that do not wait.
const (
	earlierShown = 50    // on a page
	earlierFiled = 5_000 // in a file
)

// proposalsView is the list of proposals.
type proposalsView struct {
	view
	waits   []proposalLine
	earlier []proposalLine
	older   string // the address of the next page; "" = there is none
	sends   bool   // the person may export them
}

func (c *call) showProposals() error {
	q := ledger.ProposalQuery{Limit: earlierShown, ID: c.r.URL.Query().Get("id")}
	if ms, err := strconv.ParseInt(c.r.URL.Query().Get("until"), 10, 64); err == nil {
		q.Until = time.UnixMilli(ms)
	} else {
		q.ID = ""
	}
	v, last, err := c.proposals(q)
	if err != nil {
		return err
	}
	if last != nil {
		v.older = v.at("proposals?until=" + strconv.FormatInt(last.Until.UnixMilli(), 10) + "&id=" + url.QueryEscape(last.ID))
	}
	v.sends = c.person.AllowedSomewhere(c.merchant.ID)&ledger.MayExport != 0
	return c.show(http.StatusOK, proposalsPage(v))
}

// exportProposals sends what waits and the newest of what does not as a file.
func (c *call) exportProposals() error {
	format, err := c.format()
	if err != nil {
		return err
	}
	v, last, err := c.proposals(ledger.ProposalQuery{Limit: earlierFiled})
	if err != nil {
		return err
	}
	t := &table{columns: []tableColumn{
		{name: wWhen}, {name: wAskedFor}, {name: wFacts}, {name: wCardNumber}, {name: wWhere}, {name: wProposer},
		{name: wState}, {name: wDecidedBy}, {name: wWhy},
	}}
	for _, lines := range [][]proposalLine{v.waits, v.earlier} {
		for i := range lines {
			p := &lines[i]
			t.add(textCell(v.moment(p.At)), textCell(v.lang.of(p.title)), textCell(v.inWords(p.typed)), textCell(p.Number),
				textCell(v.placeName(p.Shop)), textCell(p.who), textCell(v.stateOf(&p.Proposal)), textCell(c.decider(&p.Proposal)),
				textCell(p.Why))
		}
	}
	if last != nil || len(v.waits) == maxWaiting {
		t.ends(v.lang.of(wFirstOnes.with(len(t.rows))))
	}
	return c.sendTable("proposals-"+c.today().String(), v.title, format, t)
}

// decider returns what whoever confirmed a proposal or turned it down is called; "" = nobody has.
func (c *call) decider(p *ledger.Proposal) string {
	if p.DecidedBy == 0 {
		return ""
	}
	return c.nameOf(p.DecidedBy)
}

// proposals returns what waits, what a query finds that does not, and the last one that it looked at; nil if it came to
// the end.
func (c *call) proposals(q ledger.ProposalQuery) (v proposalsView, last *ledger.Proposal, err error) {
	if err := c.maySecond(); err != nil {
		return v, nil, err
	}
	if c.merchant.Settings.SecondPerson == 0 { // some may wait from when there was a limit
		if err := c.readWaiting(); err != nil {
			return v, nil, err
		}
	}
	v.view = c.view(wProposals)
	for i := range c.waiting {
		v.waits = append(v.waits, c.line(&c.waiting[i]))
	}
	q.Merchant = c.merchant.ID
	earlier, err := c.cfg.Proposals.Proposals(c.r.Context(), q)
	if err != nil {
		return v, nil, err
	}
	for i := range earlier {
		if p := &earlier[i]; c.sees(p) && !p.Waits(v.now) {
			v.earlier = append(v.earlier, c.line(p))
		}
	}
	if n := len(earlier); n == q.Limit {
		last = &earlier[n-1]
	}
	return v, last, nil
}
