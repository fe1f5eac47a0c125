package apply

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Current is what the books hold before the file is applied.
type Current struct {
	Merchants []ledger.Merchant
	Settings  map[ledger.MerchantID]ledger.EntryID // which entries made their settings; 0 = none has
	Agents    []ledger.Agent
	// LevelInUse reports whether a card that is not closed for good has the level. nil = none has.
	LevelInUse func(ledger.MerchantID, ledger.LevelID) (bool, error)
	// ShopInUse reports whether the journal has an entry of the shop. nil = no shop has one.
	ShopInUse func(ledger.MerchantID, ledger.ShopID) (bool, error)
}

// Options say under which rules a file is read.
type Options struct {
	Demo     bool // agents may have tokens that everybody knows
	Now      time.Time
	NewToken func() string // makes a token nobody can guess
	Vault    auth.Vault    // for the ApiKeys of shops
	// NewCouponNumber draws the number of a coupon that a card starts with.
	NewCouponNumber func() (string, error)
	Operator        string // who changes settings and agents, as it stands in their entries; "" = apply
}

// Result is what became of one thing the file names.
type Result string

const (
	Created   Result = "created"
	Updated   Result = "updated"
	Removed   Result = "removed"
	Unchanged Result = "unchanged"
	Kept      Result = "kept" // it is there and the file does not name it
	Refused   Result = "refused"
)

// Line is one line of the report.
type Line struct {
	// merchant, shop, level, rule, pay type, coupon kind, card, coupons, agent or grant
	Kind     string            `json:"kind"`
	Merchant ledger.MerchantID `json:"merchant,omitempty"`
	Name     string            `json:"name"`
	Result   Result            `json:"result"`
	Detail   string            `json:"detail,omitempty"` // which fields changed, from what to what, or why it was refused
}

// Plan is what applying a file would do. It was checked as a whole.
type Plan struct {
	Lines     []Line   // but for the cards and their coupons, which are decided when they are opened and sent
	Warnings  []string // of what is done all the same, one a line
	merchants []settings
	agents    []ledger.Agent
	tokens    []Token
	cards     []card

	operator        string
	newCouponNumber func() (string, error)
}

// Token is a new agent's token or ApiKey. It is seen once: print it.
type Token struct {
	Agent string        `json:"agent"`
	Token string        `json:"token"`          // or the ApiKey of the shop's tills
	Shop  ledger.ShopID `json:"shop,omitempty"` // whose tills sign, 0 = none
}

type card struct {
	merchant ledger.MerchantID
	card     command.NewCard
	gifts    []gift
}

// builder makes a Plan from a file.
type builder struct {
	reader
	now  Current
	opt  Options
	plan Plan

	merchants []*ledger.Merchant // as they will be
	agents    []*ledger.Agent
	guids     map[string]bool // folded
	shops     map[ledger.ShopID]bool
	opened    map[ledger.MerchantID]value // where the merchant's cards stand
}

// NewPlan checks a file against what is there and answers what applying it would do. The error names
// every problem found, one a line.
func NewPlan(data []byte, now Current, opt Options) (*Plan, error) {
	doc, err := onlyDocument(data)
	if err != nil {
		return nil, err
	}
	b := &builder{
		now: now, opt: opt, plan: Plan{newCouponNumber: opt.NewCouponNumber, operator: opt.Operator},
		guids: map[string]bool{}, shops: map[ledger.ShopID]bool{}, opened: map[ledger.MerchantID]value{},
	}
	b.read(valueOf(doc.Content[0], ""))
	if err := b.err(); err != nil {
		return nil, err
	}
	return &b.plan, nil
}

// onlyDocument is the document of a file. A file of several is refused: what a second one says would be easily
// overlooked, and one list of merchants says the same.
func onlyDocument(data []byte) (*yaml.Node, error) {
	var only *yaml.Node
	for documents := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var doc yaml.Node
		err := documents.Decode(&doc)
		switch {
		case errors.Is(err, io.EOF) && only == nil:
			return nil, errors.New("the file is empty: an example is in docs/manual.md")
		case errors.Is(err, io.EOF):
			return only, nil
		case err != nil:
			return nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: ") +
				": this is no YAML there or just before: look at indentation, brackets and quotes")
		case len(doc.Content) == 0 || doc.Content[0].Tag == "!!null":
			continue // nothing stands between two lines of ---, or behind the last
		case only != nil:
			return nil, Problem{
				Line: doc.Content[0].Line,
				Text: "a second document begins here: a file has one: put all merchants and agents into that",
			}
		}
		only = &doc
	}
}

func (b *builder) read(top value) {
	for i := range b.now.Merchants {
		m := b.now.Merchants[i]
		b.merchants = append(b.merchants, &m)
	}
	for i := range b.now.Agents {
		a := b.now.Agents[i]
		b.agents = append(b.agents, &a)
	}
	b.claimOthers(top)
	// Grants name merchants, so those are read first, wherever they stand in the file.
	var agents func()
	b.object(top, fields{
		"merchants": b.list(b.merchant),
		"agents":    func(v value) { agents = func() { b.list(b.agent)(v) } },
	})
	if agents != nil {
		agents()
	}
}

// claimOthers claims what belongs to merchants the file does not name.
func (b *builder) claimOthers(top value) {
	named := map[string]bool{}
	if list := top.find("merchants"); list != nil {
		for _, node := range list.Content {
			named[valueOf(node, "").text("id")] = true
		}
	}
	for i := range b.now.Merchants {
		m := &b.now.Merchants[i]
		if named[strconv.FormatInt(int64(m.ID), 10)] {
			continue
		}
		b.claim(top, m.GUID)
		for _, s := range m.Shops {
			b.claim(top, s.GUID)
			b.claimShop(top, s.ID)
		}
	}
}

// claim notes that a GUID is somebody's: one GUID, one place.
func (b *builder) claim(v value, guid string) {
	folded := ledger.FoldGUID(guid)
	if b.guids[folded] {
		b.fail(v, "GUID %s belongs to another merchant or shop: each has its own", guid)
	}
	b.guids[folded] = true
}

// claimShop notes that a shop's id is taken: it names the shop over all merchants.
func (b *builder) claimShop(v value, id ledger.ShopID) {
	if b.shops[id] {
		b.fail(v, "shop id %d belongs to another shop: it names the shop over all merchants, so choose another", id)
	}
	b.shops[id] = true
}

func (b *builder) note(kind string, m ledger.MerchantID, name string, r Result, d diff) {
	b.plan.Lines = append(b.plan.Lines, Line{kind, m, name, r, strings.Join(d, ", ")})
}

// outcome is what reading a record did to it.
func outcome(fresh bool, d diff) (Result, diff) {
	switch {
	case fresh:
		return Created, nil
	case len(d) > 0:
		return Updated, d
	}
	return Unchanged, nil
}

// idOf reads the id that says which record an item is about; ok is false when it has none, and then
// the problem is noted.
func idOf[ID ~int64](b *builder, v value, most ID) (ID, bool) {
	if !b.named(v, "{id: 1, name: …}") {
		return 0, false
	}
	id, err := parseCount(1, most)(v.text("id"))
	if err != nil {
		b.fail(v.key("id"), "id: %v", err)
	}
	return id, err == nil
}

func described(id int64, name string) string { return fmt.Sprintf("%d %s", id, name) }
