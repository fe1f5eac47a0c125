package console

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// Above a merchant's limit the core wants a second person. What the first one wants to do is kept as a proposal, the
// typed form of the act with it; whoever may do that act at that shop looks at what it would do now, and confirms it or
// turns it down. It is carried out under the proposal's name, and turning it down uses that name up, so it is done once
// or never, however many decide at the same moment. The proposal's row says what became of it; the request under its
// name decides that.

// Proposals are kept by internal/store.
type Proposals interface {
	AddProposal(ctx context.Context, p ledger.Proposal) error
	DecideProposal(ctx context.Context, p ledger.Proposal) error
	Proposal(ctx context.Context, merchant ledger.MerchantID, id string) (ledger.Proposal, bool, error)
	WaitingProposals(ctx context.Context, q ledger.WaitingQuery) ([]ledger.Proposal, error)
	Proposals(ctx context.Context, q ledger.ProposalQuery) ([]ledger.Proposal, error)
}

// proposalRoutes are for those who propose and confirm.
var proposalRoutes = []route{
	{"GET /console/m/{merchant}/proposals", "proposals", inside, 0, (*call).showProposals},
	{"GET /console/m/{merchant}/proposals.csv", "proposals file", inside, ledger.MayExport, (*call).exportProposals},
	{"GET /console/m/{merchant}/proposals.xlsx", "proposals file", inside, ledger.MayExport, (*call).exportProposals},
	{"GET /console/m/{merchant}/proposals/{proposal}", "proposal", inside, 0, (*call).showProposal},
	{"POST /console/m/{merchant}/proposals/{proposal}", "proposal", inside, 0, (*call).decideProposal},
}

const (
	proposalScope = "console proposal" // keeps the requests of proposals apart from all others
	waitingPage   = 200                // proposals that wait, as many as are read at a time
	maxWaiting    = 1_000              // of those that somebody sees, as many as are shown
	maxWhyNot     = 200                // characters of a reason
)

// mayBeProposed are the permissions of which acts that take two people need one.
const mayBeProposed = ledger.MayRefund | ledger.MayAdjust | ledger.MayCashOut

// quote decides what was asked for and saves nothing. Where it takes a second person, it decides what that person would
// confirm: as if nobody in particular did it.
func (c *call) quote(v *actView, cmd command.Command) (command.Changes, error) {
	ch, err := c.decide(cmd)
	refusal, refused := errors.AsType[ledger.Refusal](err)
	if !refused || refusal.Reason != ledger.NeedsSecondPerson {
		return ch, err
	}
	v.second = v.lang.of(wTakesTwo.amount(c.merchant.Settings.SecondPerson))
	a, err := c.ask(v)
	if err != nil {
		return ch, err
	}
	a.by.Person = 0
	return c.decide(v.act.make(a))
}

// decide decides a command and saves nothing.
func (c *call) decide(cmd command.Command) (command.Changes, error) {
	ch, err := engine.Quote(c.r.Context(), c.cfg.Books, cmd, c.cfg.Clock())
	if err == nil {
		err = ch.Denied
	}
	return ch, err
}

// amount returns a text with an amount in place of N.
func (t text) amount(f ledger.Fen) text {
	yuan := phrase.Yuan(f)
	return t.withText(text{yuan, yuan})
}

// propose keeps what takes a second person. A form that is sent twice is one proposal.
func (c *call) propose(v *actView, a *asked, to agreement) error {
	typed := a.typed(v.act)
	if err := c.tellWorth(v, a, typed); err != nil {
		return err
	}
	form, err := json.Marshal(typed)
	if err != nil {
		return err
	}
	now := c.cfg.Clock()
	p := ledger.Proposal{
		Merchant: c.merchant.ID, ID: c.onceID(to.request), Card: v.card.ID, Number: v.card.Number,
		Act: v.act.name, Form: string(form), Quoted: to.quoted, Person: c.person.ID, Shop: v.shop, At: now,
		Until: now.Add(ledger.ProposalGood), State: ledger.ProposalWaits,
	}
	if err := c.cfg.Proposals.AddProposal(c.r.Context(), p); err != nil {
		return err
	}
	c.note().Outcome = "proposed"
	return c.to(v.at(proposalPath(&p) + "?proposed"))
}

// worthKey is where a proposal's form has the amount that was shown, where none was typed.
const worthKey = "worth"

// tellWorth adds to what was typed the amount that was shown, if none was typed: a bill that is refunded whole has one
// that nobody types.
func (c *call) tellWorth(v *actView, a *asked, typed url.Values) error {
	for _, f := range v.act.fields {
		if f.kind == inMoney && typed.Get(f.name) != "" {
			return nil
		}
	}
	ch, err := c.quote(v, v.act.make(a))
	if _, refused := errors.AsType[ledger.Refusal](err); refused {
		return nil // whoever confirms it is told why
	}
	sum := ledger.Fen(0)
	for i := range ch.Entries {
		sum += c.merchant.Settings.AtStake(v.card.Details.Credit, &ch.Entries[i])
	}
	if sum > 0 {
		typed.Set(worthKey, sum.String())
	}
	return err
}

// proposalPath returns the address of a proposal's page within its merchant's.
func proposalPath(p *ledger.Proposal) string { return "proposals/" + p.ID }

// actNamed returns the act of that name; nil if there is none.
func actNamed(name string) *act {
	i := slices.IndexFunc(acts, func(a *act) bool { return a.name == name })
	if i < 0 {
		return nil
	}
	return acts[i]
}

// confirms reports whether the person may confirm a proposal or turn it down, were it not his own.
func (c *call) confirms(p *ledger.Proposal) bool {
	a := actNamed(p.Act)
	return a != nil && c.person.May(a.needs, c.merchant.ID, p.Shop)
}

// sees reports whether a proposal is any of the person's business.
func (c *call) sees(p *ledger.Proposal) bool { return p.Person == c.person.ID || c.confirms(p) }

// lookForProposals reads which proposals wait that the person sees, where there can be any.
func (c *call) lookForProposals() error {
	if c.merchant.Settings.SecondPerson == 0 || c.person.AllowedSomewhere(c.merchant.ID)&mayBeProposed == 0 {
		return nil
	}
	return c.readWaiting()
}

// readWaiting reads which proposals wait that the person sees. Those of others may be many, and are read past: they go
// when their day is over.
func (c *call) readWaiting() error {
	c.waiting = nil
	q := ledger.WaitingQuery{Merchant: c.merchant.ID, Now: c.cfg.Clock(), Limit: waitingPage}
	for {
		page, err := c.cfg.Proposals.WaitingProposals(c.r.Context(), q)
		if err != nil {
			return err
		}
		for i := range page {
			q.Until, q.ID = page[i].Until, page[i].ID
			if c.sees(&page[i]) {
				c.waiting = append(c.waiting, page[i])
			}
			if len(c.waiting) == maxWaiting {
				return nil
			}
		}
		if len(page) < waitingPage {
			return nil
		}
	}
}

// toConfirm returns how many proposals wait for the person, who does not confirm his own.
func (c *call) toConfirm() (n int) {
	for i := range c.waiting {
		if c.waiting[i].Person != c.person.ID {
			n++
		}
	}
	return n
}

// waitingOn returns the proposals about a card.
func (c *call) waitingOn(card ledger.CardID) (all []proposalLine) {
	for i := range c.waiting {
		if c.waiting[i].Card == card {
			all = append(all, c.line(&c.waiting[i]))
		}
	}
	return all
}

// proposalLine is a proposal in a list.
type proposalLine struct {
	ledger.Proposal
	title text // of what is to be done
	who   string
	// stopped is whether that person is stopped by now.
	stopped bool
	mine    bool
	typed   []part
}

func (c *call) line(p *ledger.Proposal) proposalLine {
	l := proposalLine{Proposal: *p, title: text{p.Act, p.Act}, who: c.nameOf(p.Person), mine: p.Person == c.person.ID}
	if by := c.cfg.Directory.Person(p.Person); by != nil {
		l.stopped = by.Stopped
	}
	if a := actNamed(p.Act); a != nil {
		l.title, l.typed = a.title, c.typedOf(a, formOf(p))
	}
	return l
}

// formOf returns what was typed; nothing if it cannot be read.
func formOf(p *ledger.Proposal) url.Values {
	form := url.Values{}
	if err := json.Unmarshal([]byte(p.Form), &form); err != nil {
		return url.Values{}
	}
	return form
}

// typedOf returns what was typed, field by field, and the amount that was shown where none was typed.
func (c *call) typedOf(a *act, form url.Values) (all []part) {
	for _, f := range append(slices.Clone(a.fields), field{name: worthKey, label: wAmount, kind: inMoney}) {
		said := strings.Join(form[f.name], ", ")
		if amount, err := ledger.ParseYuan(said); err == nil && f.kind == inMoney {
			said = yuanSign(amount)
		}
		if id, err := strconv.ParseInt(said, 10, 64); err == nil && f.kind == inPayType {
			said = payTypeName(c.merchant, ledger.PayTypeID(id))
		}
		if said != "" {
			all = append(all, part{f.label, said})
		}
	}
	return all
}

// nameOf returns what somebody is called.
func (c *call) nameOf(id ledger.PersonID) string {
	return c.names().called(id, "#"+strconv.FormatInt(int64(id), 10))
}

// maySecond refuses those who neither propose nor confirm anything at any shop.
func (c *call) maySecond() error {
	if c.person.AllowedSomewhere(c.merchant.ID)&mayBeProposed == 0 {
		return errNotYours
	}
	return nil
}

// stateOf returns what has become of a proposal.
func (v view) stateOf(p *ledger.Proposal) string {
	switch {
	case p.State == ledger.ProposalConfirmed:
		return v.lang.of(wConfirmed)
	case p.State == ledger.ProposalTurnedDown && p.DecidedBy == p.Person:
		return v.lang.of(wTakenBack)
	case p.State == ledger.ProposalTurnedDown:
		return v.lang.of(wTurnedDown)
	case !p.Waits(v.now):
		return v.lang.of(wOver)
	}
	return v.lang.of(wWaits)
}

// colour returns the class of the badge that says so.
func (v view) colour(p *ledger.Proposal) string {
	switch {
	case p.State == ledger.ProposalConfirmed:
		return "bg-green-lt"
	case p.Waits(v.now):
		return "bg-blue-lt"
	}
	return "bg-secondary-lt"
}

// proposalView is a proposal, and what it would do now.
type proposalView struct {
	actView
	one       proposalLine
	decidedBy string
	decides   bool // the person may confirm it
	possible  bool // it can be done as things are
	moved     bool // it would do something else than was shown to the proposer
	why       string
}

// proposalHere returns the proposal of the path, as the person sees it.
func (c *call) proposalHere() (*proposalView, error) {
	if err := c.maySecond(); err != nil {
		return nil, err
	}
	p, ok, err := c.cfg.Proposals.Proposal(c.r.Context(), c.merchant.ID, c.r.PathValue("proposal"))
	if err != nil {
		return nil, err
	}
	a := actNamed(p.Act)
	if !ok || a == nil || !c.sees(&p) {
		return nil, errNowhere
	}
	card, err := c.cardOf(c.r.Context(), c.cfg.Books, p.Card)
	if err != nil {
		return nil, err
	}
	if card == nil {
		return nil, errNowhere
	}
	v := &proposalView{one: c.line(&p)}
	v.actView = actView{
		cardView: cardView{view: c.view(a.title), card: c.current(card)}, act: a, form: formOf(&p), shop: p.Shop,
	}
	v.title = v.lang.of(a.title) + " · " + v.name()
	v.decides = c.confirms(&p) && !v.one.mine && p.Waits(v.now)
	v.decidedBy = c.decider(&p)
	return v, nil
}

// remade makes the command anew from what was typed. Whoever only looks is named in none: see quote. Its operator is
// who proposed it, who stands where the money is: it is his shift that has less or more in the drawer.
func (c *call) remade(v *proposalView) (command.Command, *asked) {
	by := c.by()
	by.Shop, by.Proposer, by.Address = v.one.Shop, v.one.Person, ""
	if p := c.cfg.Directory.Person(v.one.Person); p != nil {
		by.Operator = command.Operator(p.SignIn)
	}
	if v.one.mine {
		by = ledger.Caller{Shop: v.one.Shop}
	}
	a := &asked{call: c, card: &v.card, form: v.form, by: by, faults: map[string]text{}}
	return v.act.make(a), a
}

func (c *call) showProposal() error {
	v, err := c.proposalHere()
	if err != nil {
		return err
	}
	if c.r.URL.Query().Has("proposed") && v.one.Waits(v.now) {
		v.notice = v.lang.of(wProposed)
	}
	return c.proposal(v, http.StatusOK)
}

// proposal shows a proposal and, if it waits, what it would do now.
func (c *call) proposal(v *proposalView, status int) error {
	if !v.one.Waits(v.now) {
		return c.show(status, proposalPage(*v))
	}
	if err := c.readAbout(&v.actView); err != nil {
		return err
	}
	v.alike = c.alike(&v.actView, v.one.ID)
	cmd, a := c.remade(v)
	ch, err := command.Changes{}, error(nil)
	if len(a.faults) == 0 {
		ch, err = c.decide(cmd)
	}
	refusal, refused := errors.AsType[ledger.Refusal](err)
	if err != nil && !refused {
		return err
	}
	switch {
	case refused:
		v.why = v.lang.of(wNotNow) + c.whyNot(&v.actView, refusal)
	case len(a.faults) > 0:
		v.why = v.lang.of(wNotNow) + v.lang.of(wChoose)
	default:
		quoted := ch.Quote()
		v.possible, v.moved = true, quoted != v.one.Quoted
		v.quoted = quotedText(quoted)
		v.effects = effectsOf(&ch, &v.actView)
	}
	return c.show(status, proposalPage(*v))
}

// decideProposal confirms a proposal or turns it down.
func (c *call) decideProposal() error {
	v, err := c.proposalHere()
	if err != nil {
		return err
	}
	sure := c.r.PostForm.Get("sure")
	switch {
	case !v.one.Waits(v.now):
		v.fault = v.lang.of(wDecided)
		return c.proposal(v, http.StatusConflict)
	case sure == "no" && (v.decides || v.one.mine):
		return c.turnDown(v)
	case sure == "yes" && v.one.mine:
		v.fault = v.lang.of(wNotOwn)
		return c.proposal(v, http.StatusForbidden)
	case sure == "yes" && v.decides:
		return c.confirmProposal(v)
	}
	return c.proposal(v, http.StatusUnprocessableEntity)
}

// once carries out what decides a proposal, under the proposal's name.
func (c *call) once(v *proposalView, what string, cmd command.Command, said func(command.Changes) []byte) error {
	of := what + "\n" + v.one.Act + "\n" + strconv.FormatInt(int64(v.one.Card), 10) + "\n" + v.one.Form
	ch, err := c.do(command.Once{
		Command: cmd, Key: v.key(), Fingerprint: sha256.Sum256([]byte(of)), Answer: said,
	})
	if err == nil {
		err = ch.Denied
	}
	return err
}

// key names the request under which the proposal is carried out.
func (v *proposalView) key() ledger.RequestKey {
	return ledger.RequestKey{Scope: proposalScope, ID: v.one.ID}
}

// confirmProposal does what is proposed, if it does what was shown to whoever confirms it.
func (c *call) confirmProposal(v *proposalView) error {
	quoted, ok := quotedFrom(c.r.PostForm.Get("quoted"))
	cmd, a := c.remade(v)
	if !ok || len(a.faults) > 0 {
		return c.proposal(v, http.StatusUnprocessableEntity)
	}
	err := c.once(v, "confirm", command.AsQuoted{Command: cmd, Quoted: quoted}, a.answer)
	refusal, refused := errors.AsType[ledger.Refusal](err)
	switch {
	case err == nil || refusal.Reason == ledger.RequestReused: // it is decided, by whomever
		return c.decided(v, "")
	case !refused:
		return err
	}
	c.note().Outcome = "refused"
	v.fault = c.whyNot(&v.actView, refusal)
	if refusal.Reason == ledger.QuoteMoved {
		return c.proposal(v, http.StatusConflict)
	}
	return c.proposal(v, http.StatusUnprocessableEntity)
}

// turnDown sees to it that what is proposed is never done. Whoever takes back his own need not say why.
func (c *call) turnDown(v *proposalView) error {
	why := strings.TrimSpace(c.r.PostForm.Get("why"))
	if letters := []rune(why); len(letters) > maxWhyNot {
		why = string(letters[:maxWhyNot])
	}
	if why == "" && !v.one.mine {
		v.fault = v.lang.of(wNeedWhy)
		return c.proposal(v, http.StatusUnprocessableEntity)
	}
	by := c.by()
	by.Shop, by.Address = v.one.Shop, ""
	err := c.once(v, "turn down", command.TurnDown{Merchant: c.merchant.ID, By: by}, func(command.Changes) []byte {
		return strconv.AppendInt([]byte(turnedDown), int64(c.person.ID), 10)
	})
	if refusal, _ := errors.AsType[ledger.Refusal](err); err != nil && refusal.Reason != ledger.RequestReused {
		return err
	}
	return c.decided(v, why)
}

// decided notes what has become of a proposal, by the request under its name: another one may have decided it at the
// same moment. It leads to what was made of it, or back to the proposal.
func (c *call) decided(v *proposalView, why string) error {
	records, err := c.cfg.Books.Load(c.r.Context(), command.Want{
		Merchant: c.merchant.ID, Keys: command.Keys{Requests: []ledger.RequestKey{v.key()}},
	})
	if err != nil {
		return err
	}
	if len(records[0].Requests) == 0 {
		return errors.New("bug: a proposal was decided, and there is no request of its name")
	}
	p, request := v.one.Proposal, records[0].Requests[0]
	p.DecidedAt, p.DecidedBy = c.cfg.Clock(), c.person.ID
	p.State, p.Entry = ledger.ProposalConfirmed, request.Entry
	if by, turnedDown := turnedDownBy(&request); turnedDown {
		p.State, p.DecidedBy = ledger.ProposalTurnedDown, by
		if by == c.person.ID {
			p.Why = why
		}
	} else if err := c.made(&p); err != nil {
		return err
	}
	if err := c.cfg.Proposals.DecideProposal(c.r.Context(), p); err != nil {
		// It has been decided all the same, and whoever decides it next is told so.
		c.note().Ended(c.r.Context(), err, true, "")
	}
	if p.Entry != 0 && p.DecidedBy == c.person.ID {
		return c.to(v.at(cardPath(p.Card) + "/slip/" + strconv.FormatInt(int64(p.Entry), 10) + "?done"))
	}
	return c.to(v.at(proposalPath(&p)))
}

// made notes who made the entry of a proposal that was carried out, and when. It may have found nothing to change, and
// made none.
func (c *call) made(p *ledger.Proposal) error {
	if p.Entry == 0 {
		return nil
	}
	e, err := entryOf(c.r.Context(), c.cfg.Books, c.merchant.ID, p.Entry)
	if e != nil {
		p.DecidedBy, p.DecidedAt = e.By.Person, e.At
	}
	return err
}

// turnedDown begins the answer that is kept of a proposal that was turned down; who did it follows.
const turnedDown = "turned down by "

// turnedDownBy returns who turned a proposal down, if the request under its name says that somebody did.
func turnedDownBy(r *ledger.Request) (by ledger.PersonID, was bool) {
	id, was := strings.CutPrefix(string(r.Answer), turnedDown)
	if !was {
		return 0, false
	}
	n, err := strconv.ParseInt(id, 10, 64)
	return ledger.PersonID(n), err == nil
}
