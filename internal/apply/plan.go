package apply

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Current is the configuration in the books before the file is applied.
type Current struct {
	Merchants []ledger.Merchant
	Settings  map[ledger.MerchantID]ledger.EntryID // the entry that made the settings in force; 0 = no entry did
	Agents    []ledger.Agent
	// LevelInUse reports whether a card that is neither returned nor replaced has the level. nil = no level is in use.
	LevelInUse func(ledger.MerchantID, ledger.LevelID) (bool, error)
	// ShopInUse reports whether the journal has an entry of the shop. nil = no shop is in use.
	ShopInUse func(ledger.MerchantID, ledger.ShopID) (bool, error)
	// PayTypeInUse reports whether the journal has an entry of the pay type. nil = no pay type is in use.
	PayTypeInUse func(ledger.MerchantID, ledger.PayTypeID) (bool, error)
	// CouponKindInUse reports whether coupons of the kind were ever sent. nil = no kind is in use.
	CouponKindInUse func(ledger.MerchantID, ledger.CouponKindID) (bool, error)
}

// Options are the rules by which a file is checked, and what a plan needs beside it.
type Options struct {
	Demo     bool // agents may have chosen tokens without address list and end date, the published one included
	Now      time.Time
	NewToken func() string // returns a random token
	Vault    auth.Vault    // encrypts ApiKeys and developer secrets
	// NewCouponNumber returns a random number for a coupon that a card starts with.
	NewCouponNumber func() (string, error)
	Operator        string // stands in the entries as who changed settings and agents; "" = apply
}

// Result is what happened, or with Check would happen, to one thing in the file or the books.
type Result string

const (
	Created   Result = "created"
	Updated   Result = "updated"
	Removed   Result = "removed"
	Unchanged Result = "unchanged"
	Kept      Result = "kept" // it exists, and the file does not name it
	Refused   Result = "refused"
)

// Line is one line of the report.
type Line struct {
	// merchant, shop, level, rule, pay type, coupon kind, card, coupons, agent or grant
	Kind     string            `json:"kind"`
	Merchant ledger.MerchantID `json:"merchant,omitempty"`
	Name     string            `json:"name"`
	Result   Result            `json:"result"`
	// changed fields, from what to what; why it was refused; or what differs and stays so
	Detail string `json:"detail,omitempty"`
}

// Plan is what applying a file would do. The whole file has been checked.
type Plan struct {
	Lines     []Line   // without the cards and their coupons, whose results are known only after Run or Check
	Warnings  []string // about what is risky but not refused, one line each
	merchants []settings
	agents    []ledger.Agent
	tokens    []Token
	cards     []card

	operator        string
	newCouponNumber func() (string, error)
}

// Token is a new agent's token or ApiKey. The books keep no readable token, so the caller must show it now.
type Token struct {
	Agent string        `json:"agent"`
	Token string        `json:"token"`          // the ApiKey if Shop is not 0
	Shop  ledger.ShopID `json:"shop,omitempty"` // the shop whose tills sign with the ApiKey; 0 = this is a token
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

	merchants []*ledger.Merchant // all of them, as they will be
	agents    []*ledger.Agent    // likewise
	guids     map[string]bool    // GUIDs taken, folded
	shops     map[ledger.ShopID]bool
	opened    map[ledger.MerchantID]value // the list of cards in the file, by merchant
}

// NewPlan checks a file against what the books hold and returns what applying it would do. The error names every
// problem found, one a line.
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

// onlyDocument returns the only YAML document of a file. Empty documents are skipped. A file with several is
// refused: a second one is easily overlooked, and one document can say the same.
func onlyDocument(data []byte) (*yaml.Node, error) {
	var only *yaml.Node
	if !utf8.Valid(data) && !bytes.HasPrefix(data, []byte{0xFF, 0xFE}) && !bytes.HasPrefix(data, []byte{0xFE, 0xFF}) {
		return nil, errors.New("the file is not UTF-8: save it as UTF-8 (editors call other encodings ANSI, GBK or GB18030)")
	}
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
			continue // an empty document, such as after a last line of ---
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

// claimOthers claims the GUIDs and shop ids of merchants the file does not name. Those the file names are claimed
// when they have been read, as their GUIDs may change.
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

// claim records that a GUID is taken, and notes a problem if it was already: a GUID stands for one place.
func (b *builder) claim(v value, guid string) {
	folded := ledger.FoldGUID(guid)
	if b.guids[folded] {
		b.fail(v, "GUID %s belongs to another merchant or shop: each has its own", guid)
	}
	b.guids[folded] = true
}

// claimShop records that a shop's id is taken, and notes a problem if it was already: tills that sign name their
// shop by nothing but its id, so it is unique among all merchants.
func (b *builder) claimShop(v value, id ledger.ShopID) {
	if b.shops[id] {
		b.fail(v, "shop id %d belongs to another shop: it names the shop over all merchants, so choose another", id)
	}
	b.shops[id] = true
}

func (b *builder) note(kind string, m ledger.MerchantID, name string, r Result, d diff) {
	b.plan.Lines = append(b.plan.Lines, Line{kind, m, name, r, strings.Join(d, ", ")})
}

// outcome returns the result of reading a record with these changes. A new record is created, whatever changed.
func outcome(fresh bool, d diff) (Result, diff) {
	switch {
	case fresh:
		return Created, nil
	case len(d) > 0:
		return Updated, d
	}
	return Unchanged, nil
}

// idOf reads an item's id, which must be from 1 to most. ok is false if it has none, and then the problem is noted.
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
