package main

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"tongka/internal/config"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

type cardsShow struct {
	config.Database
	listing
	Merchant string `required:"" placeholder:"ID|GUID" help:"The card's merchant."`
	Card     string `arg:"" help:"The card's number."`
	Entries  int    `default:"20" help:"How many of its newest entries, at most 500."`
}

// shownCard is what is shown of a card. The holder's name and phone are masked, as nobody needs them to see the
// money.
type shownCard struct {
	Card      string        `json:"card"`
	Kind      string        `json:"kind"`
	Status    string        `json:"status"`
	Level     string        `json:"level"`
	Holder    string        `json:"holder"`
	Phone     string        `json:"phone"`
	Opened    string        `json:"opened"`      // "" if it was replaced
	Successor string        `json:"replaced_by"` // "" unless it was replaced
	Replaced  string        `json:"replaced_at"` // "" unless it was replaced
	Expires   string        `json:"expires"`
	Principal string        `json:"principal"`
	Bonus     string        `json:"bonus"`
	Points    int64         `json:"points"`
	Credit    string        `json:"credit"`
	Invoice   string        `json:"may_be_invoiced"`
	Coupons   []shownCoupon `json:"coupons"`
	Entries   []shownEntry  `json:"entries"`
}

// shownEntry is one of a card's entries: what it moved, where and by what it was paid, and the balances after it.
type shownEntry struct {
	Entry       ledger.EntryID `json:"entry"`
	At          string         `json:"at"`
	Kind        string         `json:"kind"`
	Amount      string         `json:"amount"`
	MovedPoints int64          `json:"moved_points"`
	Shop        string         `json:"shop"`
	PayType     string         `json:"paytype"`
	Principal   string         `json:"principal"`
	Bonus       string         `json:"bonus"`
	Points      int64          `json:"points"`
	Status      string         `json:"status"`
	Level       string         `json:"level"`
	Credit      string         `json:"credit"` // "" unless the entry changed the card's details
	Of          ledger.EntryID `json:"of"`
	Other       string         `json:"other_card"`
	Operator    string         `json:"operator"`
	Note        string         `json:"note"`
}

func shownOf(m *ledger.Merchant, e *ledger.Entry) shownEntry {
	act := actOf(m, "", e)
	return shownEntry{
		Entry: e.ID, At: act.At, Kind: act.Kind, Amount: act.Amount, MovedPoints: e.Points, Shop: shopText(m, e.By.Shop),
		PayType: payTypeText(m, e.PayType), Principal: act.Principal, Bonus: act.Bonus, Points: act.Points,
		Status: act.Status, Level: act.Level, Credit: act.Credit, Of: act.Of, Other: act.Other, Operator: act.Operator,
		Note: act.Note,
	}
}

type shownCoupon struct {
	ID     ledger.CouponID `json:"coupon"`
	Number string          `json:"number"`
	Kind   string          `json:"kind"`
	Until  string          `json:"until"`
}

// Run prints a card with its newest entries and its unused coupons, all read at one moment.
func (c *cardsShow) Run(ctx context.Context, con *console) (err error) {
	if c.Entries < 1 || c.Entries > 500 {
		return fmt.Errorf("entries: want 1 to 500, got %d", c.Entries)
	}
	s, err := openReader(ctx, c.DB)
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	var shown shownCard
	err = s.Snapshot(ctx, func(v *store.View) (err error) {
		shown, err = c.read(ctx, v)
		return err
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(con, shown)
	}
	return c.print(con, &shown)
}

func (c *cardsShow) read(ctx context.Context, v *store.View) (shownCard, error) {
	m, err := findMerchant(ctx, v, c.Merchant)
	if err != nil {
		return shownCard{}, err
	}
	card, err := v.Card(ctx, ledger.CardKey{Merchant: m.ID, Number: ledger.FoldNumber(c.Card)})
	if err != nil {
		return shownCard{}, err
	}
	if card == nil {
		return shownCard{}, fmt.Errorf("merchant %d has no card %s: see whether number and merchant are right", m.ID, c.Card)
	}
	shown := shownCard{
		Card: card.Number, Kind: card.Kind.String(), Status: statusOn(card, m.Today(time.Now())),
		Level:  strings.TrimSpace(fmt.Sprintf("%d %s", card.Level, m.LevelOf(card).Name)),
		Holder: maskName(card.Holder.Name), Phone: maskPhone(card.Holder.Phone),
		Expires:   card.Expires.String(),
		Principal: card.Principal.String(), Bonus: card.Bonus.String(), Points: card.Points,
		Credit: card.Details.Credit.String(), Invoice: card.Invoiceable.String(), Coupons: []shownCoupon{},
	}
	page, err := v.History(ctx, ledger.HistoryQuery{Card: card.Key(), Page: 1, Size: c.Entries})
	if err != nil {
		return shownCard{}, err
	}
	shown.begin(m, card, page.Entries)
	for i := range page.Entries {
		shown.Entries = append(shown.Entries, shownOf(m, &page.Entries[i]))
	}
	_, coupons, err := v.Wallet(ctx, card.Key())
	for i := range coupons {
		coupon := &coupons[i]
		shown.Coupons = append(shown.Coupons, shownCoupon{coupon.ID, coupon.Number, coupon.Name, coupon.Until.String()})
	}
	return shown, err
}

// begin sets when the card was opened. A replaced number has no such time of its own, but the number in its stead,
// which the first of its entries names.
func (s *shownCard) begin(m *ledger.Merchant, card *ledger.Card, entries []ledger.Entry) {
	at, _, known := card.Opening()
	if known {
		s.Opened = at.In(m.Zone).Format(time.DateTime)
		return
	}
	for i := range entries {
		if e := &entries[i]; e.Kind == ledger.CardReplaced {
			s.Successor, s.Replaced = e.OtherCard, e.At.In(m.Zone).Format(time.DateTime)
		}
	}
}

// print prints the card's fields one per line, then its coupons and its entries.
func (c *cardsShow) print(con *console, s *shownCard) error {
	type fact struct {
		What  string `json:"what"`
		Value string `json:"value"`
	}
	began := fact{"opened", s.Opened}
	if s.Successor != "" {
		began = fact{"replaced", fmt.Sprintf("by %s on %s", s.Successor, s.Replaced)}
	}
	err := print(con, c.listing, []fact{
		{"card", s.Card}, {"kind", s.Kind}, {"status", s.Status}, {"level", s.Level}, {"holder", s.Holder},
		{"phone", s.Phone},
		began, {"expires", s.Expires}, {"principal", s.Principal}, {"bonus", s.Bonus},
		{"points", fmt.Sprint(s.Points)},
		{"credit", s.Credit}, {"may be invoiced", s.Invoice},
	})
	if err == nil && len(s.Coupons) > 0 {
		err = print(con, c.listing, s.Coupons)
	}
	if err == nil {
		err = print(con, c.listing, s.Entries)
	}
	return err
}

// maskName returns the first character of a name, with two stars for the rest.
func maskName(name string) string {
	if name == "" {
		return ""
	}
	_, n := utf8.DecodeRuneInString(name)
	return name[:n] + "**"
}

// maskPhone returns a phone number with only its first 3 and last 4 digits readable; a short one is masked whole.
func maskPhone(phone string) string {
	if len(phone) < 8 {
		return strings.Repeat("*", len(phone))
	}
	return phone[:3] + "****" + phone[len(phone)-4:]
}

// statusOn returns a card's status in words, with the day since which it has expired. One that is closed for good is
// nothing else.
func statusOn(c *ledger.Card, today ledger.Date) string {
	text := statusText(c.Status)
	if c.MergedAway() {
		text = "merged into another card"
	}
	if c.Expired(today) && c.Status != ledger.Returned && c.Status != ledger.Replaced {
		text += fmt.Sprintf(", expired since %v", c.Expires.AddDays(1))
	}
	return text
}

// statusText returns a card's status in words.
func statusText(s ledger.Status) string {
	switch s {
	case ledger.Active:
		return "active"
	case ledger.Lost:
		return "lost"
	case ledger.Stopped:
		return "stopped"
	case ledger.Replaced:
		return "replaced"
	case ledger.Returned:
		return "returned"
	}
	return fmt.Sprintf("status %d", int(s))
}
