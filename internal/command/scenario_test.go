package command

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tongka/internal/ledger"
)

var update = flag.Bool("update", false, "write the outcomes in testdata anew")

// outcome begins a line that states what became of the line above it.
const outcome = "→ "

// TestScenarios plays testdata/*.txt. testdata/README.md explains how they are written.
func TestScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scenarios, %v", len(files), err)
	}
	var mu sync.Mutex
	met := map[ledger.Reason]bool{}
	t.Run("files", func(t *testing.T) {
		for _, file := range files {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
				t.Parallel()
				reasons := playFile(t, file)
				mu.Lock()
				defer mu.Unlock()
				maps.Copy(met, reasons)
			})
		}
	})
	for _, r := range ledger.Reasons() {
		if !met[r] {
			t.Errorf("no scenario is refused because %v", r)
		}
	}
}

func playFile(t *testing.T, file string) map[ledger.Reason]bool {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := newPlay()
	got, err := p.text(string(text))
	if err != nil {
		t.Fatalf("%s:%v", file, err)
	}
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return p.met
	}
	if got != string(text) {
		t.Errorf("%s: %s", file, firstDifference(got, string(text)))
	}
	return p.met
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("got %d lines, want %d", len(g), len(w))
}

// play is a running scenario.
type play struct {
	memStore *memStore
	merchant ledger.Merchant
	now      time.Time
	names    map[string]ledger.EntryID
	met      map[ledger.Reason]bool
	rows     []NewCard // of the import or issue to come
	alike    [][]string
	brought  map[string]BroughtCard // what imports have opened last, by number
	sent     int64                  // number of coupons that got a generated number
	quotes   map[string]Quotation
}

func newPlay() *play {
	m := ledger.Merchant{ID: 1, Name: "南店", Zone: shanghai, PayTypes: []ledger.PayType{{ID: 1, Name: "现金"}}}
	return &play{
		memStore: newMemStore(m), merchant: m, now: time.Date(2026, 1, 5, 12, 0, 0, 0, shanghai),
		names: map[string]ledger.EntryID{}, met: map[ledger.Reason]bool{}, quotes: map[string]Quotation{},
		brought: map[string]BroughtCard{},
	}
}

// text plays a whole scenario and returns it with its current outcomes.
func (p *play) text(text string) (string, error) {
	var out []string
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if strings.HasPrefix(line, outcome) {
			continue
		}
		out = append(out, line)
		a, err := parseArgs(line)
		if err != nil {
			return "", fmt.Errorf("%d: %w", i+1, err)
		}
		if a == nil {
			continue
		}
		if a.verb == "import" || a.verb == "issue" {
			for ; i+1 < len(lines) && strings.HasPrefix(lines[i+1], "  row "); i++ {
				out = append(out, lines[i+1])
				a.said += lines[i+1]
				if err := p.row(lines[i+1]); err != nil {
					return "", fmt.Errorf("%d: %w", i+2, err)
				}
			}
		}
		came, err := p.line(a)
		if err != nil {
			return "", fmt.Errorf("%d: %s: %w", i+1, line, err)
		}
		out = append(out, came...)
	}
	return strings.Join(out, "\n") + "\n", nil
}

func (p *play) row(line string) error {
	a, err := parseArgs(line)
	if err != nil {
		return err
	}
	p.alike = append(p.alike, nil)
	if a.has("alike") {
		p.alike[len(p.rows)] = []string{a.text("alike")}
	}
	p.rows = append(p.rows, a.newCard())
	return a.done()
}

// line plays one line: a setting, a look at a card, or a command.
func (p *play) line(a *args) ([]string, error) {
	if set, ok := settings[a.verb]; ok {
		err := set(p, a)
		p.memStore.merchants[p.merchant.ID] = p.merchant
		return nil, cmp.Or(err, a.done())
	}
	if a.verb == "coupons" {
		return p.showCoupons(a.text("card")), a.done()
	}
	if a.verb == "show" {
		c, ok := p.memStore.card(ledger.CardKey{Merchant: 1, Number: a.text("card")}, 0)
		if !ok {
			return []string{outcome + "there is no such card"}, a.done()
		}
		settled := c.Settled(p.now, p.merchant.Today(p.now))
		return showCard(&settled), a.done()
	}
	return p.command(a)
}

func (p *play) command(a *args) ([]string, error) {
	make, ok := commands[a.verb]
	if !ok {
		return nil, fmt.Errorf("nobody knows how to %s", a.verb)
	}
	a.names = p.names
	name, quiet := a.text("as"), a.verb == "card"
	request, scope, quote, agreed := a.text("request"), a.text("endpoint"), a.text("quote"), a.text("as-quoted")
	a.by = ledger.Caller{
		Agent: ledger.AgentID(a.int("agent")), Shop: ledger.ShopID(a.int("shop")), Operator: a.text("operator"),
		Claimed: a.time("done"), Person: ledger.PersonID(a.int("by")), Proposer: ledger.PersonID(a.int("proposed")),
	}
	cmd := make(a, p)
	if err := a.done(); err != nil {
		return nil, err
	}
	if quote != "" {
		return p.quote(quote, cmd)
	}
	if agreed != "" {
		cmd = AsQuoted{Command: cmd, Quoted: p.quotes[agreed]}
	}
	if request != "" {
		cmd = Once{
			Command: cmd, Key: ledger.RequestKey{Agent: a.by.Agent, Scope: scope, ID: request},
			Fingerprint: sha256.Sum256([]byte(a.said)),
			Answer:      func(ch Changes) []byte { return []byte(strings.Join(p.show(ch), "\n")) },
		}
	}
	ch, err := p.memStore.do(cmd, p.now)
	if broken := p.memStore.check(); broken != nil {
		return nil, broken
	}
	if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
		p.met[refusal.Reason] = true
		if quiet {
			return nil, err
		}
		return []string{outcome + "refused: " + err.Error()}, nil
	}
	if err != nil || quiet {
		return nil, err
	}
	if ch.Replay != nil {
		return append([]string{outcome + "was done before, and answered"},
			strings.Split(string(ch.Replay.Answer), "\n")...), nil
	}
	if ch.Settings != nil {
		p.merchant = *ch.Settings
	}
	if name != "" {
		p.names[name] = ch.Last().ID
	}
	for i := range ch.Opened {
		p.bring(&ch.Opened[i], ch.Entries)
	}
	return p.show(ch), nil
}

// bring notes which entries have opened a card.
func (p *play) bring(c *ledger.Card, entries []ledger.Entry) {
	b := BroughtCard{Number: c.Number}
	for _, e := range entries {
		if e.Card == c.ID {
			b.First, b.Last = cmp.Or(b.First, e.ID), e.ID
		}
	}
	p.brought[c.Number] = b
}

// quote prints what a command would do, and keeps that under a name.
func (p *play) quote(name string, cmd Command) ([]string, error) {
	ch, err := p.memStore.clone().do(cmd, p.now)
	if err != nil {
		return nil, err
	}
	p.quotes[name] = ch.Quote()
	return append([]string{outcome + "this would be done:"}, p.show(ch)...), nil
}

// show prints what a command did, for people.
func (p *play) show(ch Changes) []string {
	var out []string
	for _, r := range ch.Refused {
		p.met[r.Refusal.Reason] = true
		out = append(out, fmt.Sprintf("%srow %d refused: %v", outcome, r.Index+1, r.Refusal))
	}
	if ch.Unchanged != nil {
		out = append(out, outcome+"it is so already")
	}
	for i := range ch.Entries {
		out = append(out, outcome+showEntry(&ch.Entries[i]))
	}
	for _, m := range ch.Messages {
		out = append(out,
			fmt.Sprintf("%smessage to %+v until %v", outcome, m.To, m.Until.In(p.merchant.Zone).Format("15:04:05")))
	}
	for _, cards := range [][]ledger.Card{ch.Cards, ch.Opened} {
		for i := range cards {
			out = append(out, showCard(&cards[i])...)
		}
	}
	return out
}

func showEntry(e *ledger.Entry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#%d %v:", e.ID, e.Kind)
	add := func(there bool, format string, args ...any) {
		if there {
			fmt.Fprintf(&b, " "+format, args...)
		}
	}
	add(e.Gross != 0, "original=%v", e.Gross)
	add(e.Kind == ledger.Consumed, "discountable=%v discount=%v", e.Discountable, e.PayRate)
	add(e.Gross != 0, "actual=%v", e.Net)
	add(e.PaidElsewhere() != 0, "elsewhere=%v", e.PaidElsewhere())
	add(e.Kind == ledger.Consumed && e.SpendOrder != ledger.Proportional, "policy=%v", e.SpendOrder)
	add(e.RefersTo != 0, "%s=#%d", map[bool]string{false: "of", true: "captures"}[e.Captures()], e.RefersTo)
	add(!e.HeldUntil.IsZero(), "until %s", e.HeldUntil.In(shanghai).Format("2006-01-02 15:04"))
	add(e.Kind == ledger.HoldReleased, "because it was %v", e.Released)
	add((e.Kind == ledger.Withdrawn || e.Kind == ledger.CardReturned) && e.PayType != 0, "paytype=%d", e.PayType)
	add(e.OtherCard != "", "other=%s", e.OtherCard)
	add(e.ChargedTo != 0, "account=%d", e.ChargedTo)
	add(e.Invoice != 0, "invoiceable%s", signed(e.Invoice, 0))
	for _, r := range e.Rules {
		add(true, "rule(%s %v %d)", r.Name, r.Money, r.Points)
	}
	for _, p := range e.Allocations {
		if p.IsDebt() {
			add(true, "credit(%s)", signed(p.Principal, 0))
			continue
		}
		add(true, "lot(#%d %s)", p.Lot, signed(p.Principal, p.Bonus))
	}
	for _, f := range e.Forfeits {
		add(true, "to-forfeit(#%d %v)", f.Lot, f.Bonus)
	}
	add(e.ByPoints.Points != 0, "by-points(%+d worth %v)", e.ByPoints.Points, e.ByPoints.Worth)
	add(e.Points != 0, "points=%+d", e.Points)
	add(e.PointsOwed != 0, "owed=%+d", e.PointsOwed)
	door := e.By
	door.Claimed, door.Person, door.Proposer = time.Time{}, 0, 0
	add(door != ledger.Caller{}, "by(agent %d shop %d %s)", e.By.Agent, e.By.Shop, e.By.Operator)
	add(e.By.Person != 0, "by(person %d)", e.By.Person)
	add(e.By.Proposer != 0, "proposed-by(person %d)", e.By.Proposer)
	add(!e.By.Claimed.IsZero(), "done at %s", e.By.Claimed.In(shanghai).Format("2006-01-02 15:04"))
	if h := e.Holder; h != nil {
		add(true, "holder(%s, phone %q, gender %d, born %q)", h.Name, h.Phone, h.Gender, h.Birthday)
	}
	add(e.CardKind != 0, "kind=%v", e.CardKind)
	if e.Details != nil {
		b.WriteString(showDetails(e.Details))
	}
	add(e.CardExpires != 0, "good until %v", e.CardExpires)
	if o := e.Offer; o != nil {
		add(true, "%s good %v to %v", o.Name, o.From, o.Until)
		add(o.Subject != "", "(%s)", o.Subject)
	}
	for i, c := range e.Coupons {
		add(i < 5, "coupon(%s)", showPart(c))
	}
	add(len(e.Coupons) > 5, "and %d more", len(e.Coupons)-5)
	add(e.Kind == ledger.HandedOver, "%s", e.Settings)
	add(e.Note != "", "note=%s", e.Note)
	return strings.TrimSuffix(b.String(), ":")
}

func showDetails(t *ledger.Details) string {
	var facts []string
	for _, f := range []struct{ name, value string }{
		{"extid", t.ExtID}, {"remarks", t.Remarks}, {"subject", t.Subject}, {"referrer", t.Referrer}, {"openid", t.OpenID},
		{"idnumber", t.IDNumber}, {"password", t.Password},
	} {
		if f.value != "" {
			facts = append(facts, f.name+" "+f.value)
		}
	}
	if p := t.Physical; p != (ledger.Physical{}) {
		facts = append(facts, fmt.Sprintf("physical %s %s %s %v %d", p.No, p.Type, p.Name, p.Balance, p.Points))
	}
	if t.Credit != 0 {
		facts = append(facts, "credit "+t.Credit.String())
	}
	if t.Pass != 0 {
		facts = append(facts, fmt.Sprint("pass ", t.Pass))
	}
	return " details(" + strings.Join(facts, ", ") + ")"
}

// signed prints what is added to a lot: principal, then bonus if there is any.
func signed(principal, bonus ledger.Fen) string {
	var s []string
	for _, f := range []ledger.Fen{principal, bonus} {
		text := f.String()
		if f >= 0 {
			text = "+" + text
		}
		s = append(s, text)
	}
	if bonus == 0 {
		return s[0]
	}
	return s[0] + " bonus" + s[1]
}

var statusNames = map[ledger.Status]string{
	ledger.Active: "active", ledger.Lost: "lost", ledger.Returned: "returned", ledger.Replaced: "replaced",
	ledger.Stopped: "stopped",
}

func showCard(c *ledger.Card) []string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s %s level=%d amount=%v points=%d", outcome, c.Number, statusNames[c.Status], c.Level, c.Amount(),
		c.Points)
	if c.PointsOwed != 0 {
		fmt.Fprintf(&b, " owes=%d", c.PointsOwed)
	}
	if c.Charges != (ledger.Charges{}) {
		fmt.Fprintf(&b, " signed=%v/%d", c.Charges.Amount, c.Charges.Bills)
	}
	if c.Invoiceable != 0 {
		fmt.Fprintf(&b, " invoiceable=%v", c.Invoiceable)
	}
	if len(c.Holds) > 0 {
		fmt.Fprintf(&b, " held=%v available=%v", c.Held(), c.Available())
	}
	if c.Debt() > 0 {
		fmt.Fprintf(&b, " on credit=%v", c.Debt())
	}
	if len(c.Filled()) > 0 {
		b.WriteString(" lots:")
	}
	for _, l := range c.Filled() {
		fmt.Fprintf(&b, " #%d %v", l.ID, l.Principal)
		if l.Bonus != 0 || l.GoodUntil != ledger.Forever {
			fmt.Fprintf(&b, " bonus %v", l.Bonus)
		}
		b.WriteString(until(l.GoodUntil) + ",")
	}
	line := strings.TrimSuffix(b.String(), ",")
	var points []string
	for _, l := range c.PointLots {
		if l.GoodUntil != ledger.Forever {
			points = append(points, fmt.Sprintf("%d%s", l.Points, until(l.GoodUntil)))
		}
	}
	if points != nil {
		line += " points: " + strings.Join(points, ", ")
	}
	return []string{line}
}

func until(d ledger.Date) string {
	if d == ledger.Forever {
		return ""
	}
	return " until " + d.String()
}

var shanghai = func() *time.Location {
	l, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	return l
}()

// verbs returns all verbs of scenarios, which the manual must explain.
func verbs() []string {
	all := slices.Collect(maps.Keys(settings))
	all = slices.AppendSeq(all, maps.Keys(commands))
	return slices.Sorted(slices.Values(append(all, "show", "coupons", "row")))
}

// The manual of scenarios must explain every verb.
func TestScenarioManual(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("testdata/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range verbs() {
		if !strings.Contains(string(manual), "`"+v) {
			t.Errorf("testdata/README.md does not explain %q", v)
		}
	}
}
