package api

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// Page says which part of a list is wanted.
type Page struct {
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many are wanted at most."`
	After string `query:"after" maxLength:"200" doc:"The next of the page before; left out for the first page."`
}

// cursorText returns where a list goes on, as the next of a page. It has a sum over the list and the merchant: a text
// that was cut, or is of another list, would begin at a place where nothing follows, and look like the end.
func (c *call) cursorText(after string) string {
	if after == "" {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%s", c.op.id, c.merchant.ID, after))
	return base64.RawURLEncoding.EncodeToString(append(sum[:4], after...))
}

// cursor reads what cursorText returned.
func (c *call) cursor(sent string) (string, error) {
	after, err := base64.RawURLEncoding.DecodeString(sent)
	if err == nil && len(after) > 4 && c.cursorText(string(after[4:])) == sent {
		return string(after[4:]), nil
	}
	if sent == "" {
		return "", nil
	}
	return "", c.refuseField("query.after", "want the next of a page, as it was answered")
}

// Cards is a page of cards.
type Cards struct {
	Cards []Card `json:"cards" doc:"A page of cards, in the order of their numbers."`
	Next  string `json:"next,omitempty" doc:"Asks for the next page as after; left out on the last one. A page may be short and have a next."` //nolint:lll // a tag
}

// CardsQuery asks for cards.
type CardsQuery struct {
	Page
	CardsFilter
	AtLeast string `query:"balance_at_least" pattern:"^-?[0-9]{1,13}$" doc:"In fen."`
	AtMost  string `query:"balance_at_most" pattern:"^-?[0-9]{1,13}$" doc:"In fen."`
}

// CardsFilter chooses cards, but for what is on them.
type CardsFilter struct {
	Status     Status `query:"status" json:"status,omitempty" doc:"Only cards with this status; left out for any."`
	Level      int64  `query:"level" json:"level,omitempty" minimum:"0" doc:"Only cards of the level with this id; 0 or left out for any."` //nolint:lll // a tag
	Shop       int64  `query:"opened_shop" json:"opened_shop,omitempty" minimum:"0" doc:"Where it was opened."`
	UsedFrom   string `query:"used_from" json:"used_from,omitempty" format:"date-time" doc:"Last used then or later."`
	UsedBefore string `query:"used_before" json:"used_before,omitempty" format:"date-time" doc:"Last used earlier than that."` //nolint:lll // a tag
}

// filter reads what is sent in the body or the query.
func (f *CardsFilter) filter(c *call, in string) (out ledger.CardFilter, err error) {
	out = ledger.CardFilter{
		Level: ledger.LevelID(f.Level), Status: statuses.from[string(f.Status)], Shop: ledger.ShopID(f.Shop),
	}
	if out.UsedFrom, err = c.time(in+"used_from", f.UsedFrom); err != nil {
		return out, err
	}
	out.UsedBefore, err = c.time(in+"used_before", f.UsedBefore)
	return out, err
}

// pageLooks is how many cards are looked at for a page, however few a filter chooses.
const pageLooks = 1000

func listCards(c *call, in *CardsQuery) (out Cards, err error) {
	q := ledger.CardsQuery{Merchant: c.merchant.ID, Limit: in.Limit, Looks: pageLooks}
	if q.Filter, err = in.filter(c, "query."); err != nil {
		return out, err
	}
	if q.After, err = c.cursor(in.After); err != nil {
		return out, err
	}
	if q.Filter.AtLeast, err = c.bound("query.balance_at_least", in.AtLeast); err != nil {
		return out, err
	}
	if q.Filter.AtMost, err = c.bound("query.balance_at_most", in.AtMost); err != nil {
		return out, err
	}
	page, err := c.cfg.Books.Cards(c.ctx, q)
	return Cards{c.cards(page.Cards), c.cursorText(page.Next)}, err
}

// bound reads an amount that may be left out.
func (c *call) bound(field, sent string) (*ledger.Fen, error) {
	if sent == "" {
		return nil, nil //nolint:nilnil // there is no bound
	}
	n, err := strconv.ParseInt(sent, 10, 64)
	if err != nil {
		return nil, c.refuseField(field, "want an amount in fen")
	}
	return new(ledger.Fen(n)), nil
}

// time reads a time that may be left out, to the millisecond.
func (c *call) time(field, sent string) (time.Time, error) {
	if sent == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, sent)
	if err != nil {
		return time.Time{}, c.refuseField(field, "want a time like 2026-11-30T08:00:00Z")
	}
	return t.UTC().Truncate(time.Millisecond), nil
}

// cards returns cards as an answer has them.
func (c *call) cards(found []ledger.Card) []Card {
	all := make([]Card, 0, len(found))
	for i := range found {
		all = append(all, c.card(&found[i]))
	}
	return all
}

// LookupQuery asks for cards by what identifies them.
type LookupQuery struct {
	ID         int64  `query:"id" minimum:"1" doc:"The card's id."`
	InnerCode  string `query:"inner_code" maxLength:"32" doc:"What a reader finds inside the plastic: up to 32 digits."`
	Phone      string `query:"phone" maxLength:"20" doc:"The whole phone."`
	OpenID     string `query:"open_id" maxLength:"64" doc:"The holder's id at the payment app."`
	MemberCode string `query:"member_code" maxLength:"64" doc:"What the holder's phone shows. It is not used up."`
}

// Found are the cards that were looked up.
type Found struct {
	Cards []Card `json:"cards" doc:"Those in use first, the last used before the others. None if there is no such card."`
}

func lookupCards(c *call, in *LookupQuery) (out Found, err error) {
	phone := ""
	if in.Phone != "" {
		if phone = ledger.NormalPhone(in.Phone); phone == "" {
			return out, c.refuseField("query.phone", "want a phone number")
		}
	}
	asked := 0
	for _, sent := range []bool{in.ID != 0, in.InnerCode != "", phone != "", in.OpenID != "", in.MemberCode != ""} {
		if sent {
			asked++
		}
	}
	if asked != 1 {
		return out, c.refuseField("query", "want one of id, inner_code, phone, open_id and member_code")
	}
	if in.MemberCode != "" {
		return c.lookupCode(in.MemberCode)
	}
	found, err := c.cfg.Books.Find(c.ctx, ledger.FindQuery{
		Merchant: c.merchant.ID, ID: ledger.CardID(in.ID), ExtID: in.InnerCode, Phone: phone, OpenID: in.OpenID,
	})
	if err != nil {
		return out, err
	}
	return c.found(found, phone)
}

// found returns cards that were looked up, by a phone if one is known.
func (c *call) found(cards []ledger.Card, known string) (out Found, err error) {
	out.Cards = make([]Card, len(cards))
	for i := range cards {
		if out.Cards[i], err = c.shown(&cards[i], known); err != nil {
			return out, err
		}
	}
	return out, nil
}

// SearchQuery asks for cards by part of what is known of them.
type SearchQuery struct {
	Text string `query:"q" required:"true" minLength:"1" maxLength:"64" doc:"Part of a number, a name or a phone, or the initials of a name's Pinyin."` //nolint:lll // a tag
}

// mostFound is how many cards a search returns.
const mostFound = 100

// Matches are the cards that a search has found.
type Matches struct {
	Cards []Card `json:"cards" doc:"At most 100."`
	More  bool   `json:"more" doc:"There may be more: search for a longer part."`
}

func searchCards(c *call, in *SearchQuery) (Matches, error) {
	out := Matches{Cards: []Card{}}
	seen := map[ledger.CardID]bool{}
	for _, key := range ledger.SearchKeys(in.Text) {
		found, err := c.cfg.Books.Search(c.ctx, ledger.SearchQuery{Merchant: c.merchant.ID, Key: key, Limit: mostFound})
		if err != nil {
			return out, err
		}
		out.More = out.More || len(found) == mostFound
		if !c.may(ledger.MayReveal) {
			found = phrase.FoundMasked(found, key)
		}
		for i := range found {
			if seen[found[i].ID] {
				continue
			}
			if len(out.Cards) == mostFound {
				out.More = true
				break
			}
			seen[found[i].ID] = true
			out.Cards = append(out.Cards, c.card(&found[i]))
		}
	}
	return out, nil
}

// OfCard names the card of a path.
type OfCard struct {
	Number string `path:"number" minLength:"1" maxLength:"64" doc:"The card's number." example:"6001"`
}

// cardOf returns the card of a path.
func (c *call) cardOf(in *OfCard) (*ledger.Card, error) {
	card, err := c.cfg.Books.Card(c.ctx, c.key(in.Number))
	if err == nil && card == nil {
		err = ledger.Refuse(ledger.CardNotFound, in.Number)
	}
	return card, err
}

func getCard(c *call, in *OfCard) (Card, error) {
	card, err := c.cardOf(in)
	if err != nil {
		return Card{}, err
	}
	return c.shown(card, "")
}

func getBalance(c *call, in *OfCard) (Account, error) {
	key := c.key(in.Number)
	found, err := c.cfg.Books.Load(c.ctx, command.Want{
		Merchant: c.merchant.ID, Keys: command.Keys{Cards: []string{key.Number}, AllLots: []string{key.Number}},
	})
	if err != nil {
		return Account{}, err
	}
	if len(found[0].Cards) == 0 {
		return Account{}, ledger.Refuse(ledger.CardNotFound, in.Number)
	}
	return c.account(&found[0].Cards[0]), nil
}

// EntriesQuery asks for a page of a card's journal.
type EntriesQuery struct {
	OfCard
	Page
	From string `query:"from" format:"date-time" doc:"Made then or later."`
	To   string `query:"to" format:"date-time" doc:"Made earlier than that."`
}

// History is a page of a card's journal.
type History struct {
	Entries []Entry `json:"entries" doc:"The newest first."`
	Total   int64   `json:"total" doc:"How many there are on this page and on those behind it."`
	Next    string  `json:"next,omitempty" doc:"Asks for the next page as after, of older ones; left out on the last."`
}

func listCardEntries(c *call, in *EntriesQuery) (out History, err error) {
	card, err := c.cardOf(&in.OfCard)
	if err != nil {
		return out, err
	}
	q := ledger.HistoryQuery{Card: c.key(in.Number), Page: 1, Size: in.Limit}
	if q.Below, err = c.seqOf(card.ID, in.After); err != nil {
		return out, err
	}
	if q.From, err = c.time("query.from", in.From); err != nil {
		return out, err
	}
	to, err := c.time("query.to", in.To)
	if err != nil {
		return out, err
	}
	if !to.IsZero() {
		q.To = to.Add(-1) // a history includes its end, and no list of the API does
	}
	page, err := c.cfg.Books.History(c.ctx, q)
	out = History{Entries: entriesOf(page.Entries), Total: page.Total}
	if n := len(page.Entries); n > 0 && int64(n) < page.Total {
		out.Next = c.cursorText(fmt.Sprint(card.ID, page.Entries[n-1].Seq))
	}
	return out, err
}

// seqOf reads the next of a page of a card's journal: the Seq of its last entry; 0 for the first page. What is done
// with the card meanwhile moves none of them.
func (c *call) seqOf(card ledger.CardID, sent string) (int64, error) {
	after, err := c.cursor(sent)
	if err != nil || after == "" {
		return 0, err
	}
	of, text, _ := strings.Cut(after, " ")
	seq, err := strconv.ParseInt(text, 10, 64)
	if err != nil || of != fmt.Sprint(card) {
		return 0, c.refuseField("query.after", "want the next of a page, as it was answered")
	}
	return seq, nil
}

func entriesOf(found []ledger.Entry) []Entry {
	all := make([]Entry, 0, len(found))
	for i := range found {
		all = append(all, entryOf(&found[i]))
	}
	return all
}

// JournalQuery asks for the merchant's entries.
type JournalQuery struct {
	Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many are wanted at most."`
	After    int64  `query:"after" minimum:"0" doc:"The next of the page before, or the id of an entry; left out for the first page."` //nolint:lll // a tag
	Kind     []Kind `query:"kind" maxItems:"50" doc:"Only entries of these kinds."`
	Shop     int64  `query:"shop" minimum:"0" doc:"Only those of a shop."`
	Operator string `query:"operator" maxLength:"64" doc:"Only those of an operator."`
	From     string `query:"from" format:"date-time" doc:"Made then or later."`
	To       string `query:"to" format:"date-time" doc:"Made earlier than that."`
}

// Journal is a page of the merchant's entries.
type Journal struct {
	Entries []Entry `json:"entries" doc:"In the order in which they were made."`
	Next    int64   `json:"next" doc:"Asks for what comes behind as after, now or later."`
	More    bool    `json:"more" doc:"There may be more behind it already. A page may be short and have more."`
}

// looked is how many entries are looked at for a page, however few of them are wanted.
const looked = 5000

var errEnough = errors.New("enough")

func listEntries(c *call, in *JournalQuery) (out Journal, err error) {
	want, err := c.chosen(in)
	if err != nil {
		return out, err
	}
	out = Journal{Entries: []Entry{}, Next: in.After}
	n := 0
	err = c.cfg.Books.EachEntry(c.ctx, c.merchant.ID, ledger.EntryID(in.After), func(e *ledger.Entry) error {
		if n == looked || len(out.Entries) == in.Limit {
			out.More = true
			return errEnough
		}
		n++
		out.Next = int64(e.ID)
		if want(e) {
			out.Entries = append(out.Entries, entryOf(e))
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	if err == nil && n == 0 {
		err = c.reached(in.After)
	}
	return out, err
}

// reached refuses an entry to begin behind that there is not yet. Whoever has seen it has seen another journal, and
// would wait for ever or leave out what happens until the ids come there again.
func (c *call) reached(after int64) error {
	if after == 0 {
		return nil
	}
	newest, err := c.newest()
	if err == nil && ledger.EntryID(after) > newest {
		err = c.refuse(faultAhead)
	}
	return err
}

// chosen returns what reports whether an entry is wanted.
func (c *call) chosen(in *JournalQuery) (func(*ledger.Entry) bool, error) {
	from, err := c.time("query.from", in.From)
	if err != nil {
		return nil, err
	}
	to, err := c.time("query.to", in.To)
	if err != nil {
		return nil, err
	}
	if !c.agent.ActsAt(ledger.ShopID(in.Shop)) && in.Shop != 0 {
		return nil, c.refuse(faultShop)
	}
	return func(e *ledger.Entry) bool {
		return c.sees(e) && (len(in.Kind) == 0 || slices.Contains(in.Kind, Kind(kinds.of[e.Kind]))) &&
			(in.Shop == 0 || e.By.Shop == ledger.ShopID(in.Shop)) && (in.Operator == "" || e.By.Operator == in.Operator) &&
			(from.IsZero() || !e.At.Before(from)) && (to.IsZero() || e.At.Before(to))
	}, nil
}

// sees reports whether the caller may see an entry of the journal, or an event of it: a key of some shops sees what was
// done there. What was done with a card is seen whole by whoever reads the card, as in the console.
func (c *call) sees(e *ledger.Entry) bool { return c.agent.ActsAt(e.By.Shop) }

// OfEntry names the entry of a path.
type OfEntry struct {
	Entry int64 `path:"entry" minimum:"1" doc:"The entry's id." example:"4"`
}

func getEntry(c *call, in *OfEntry) (Entry, error) {
	id := ledger.EntryID(in.Entry)
	found, err := c.cfg.Books.Load(c.ctx, command.Want{
		Merchant: c.merchant.ID, Keys: command.Keys{Entries: []ledger.EntryID{id}},
	})
	if err != nil {
		return Entry{}, err
	}
	for i := range found[0].Entries {
		if e := &found[0].Entries[i]; e.ID == id {
			if !c.sees(e) {
				return Entry{}, c.refuse(faultShop)
			}
			return entryOf(e), nil
		}
	}
	return Entry{}, ledger.Refuse(ledger.EntryNotFound)
}
