package console

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"tongka/internal/ledger"
)

// Lists of cards are read in the order of their numbers. Any other order is made here, of as many cards as may be
// looked at for a page, and the page says so where that was not all: an index by what changes with every bill would
// cost every bill.
const (
	sortLooked = 20_000 // cards looked at
	sortMost   = 5_000  // of those that a filter chooses, as many as are sorted
)

// order is one in which cards are listed, besides that of their numbers.
type order struct {
	name  string // in addresses
	label text
	by    func() compare // for one list: a comparison may keep something while it compares
	mark  mark
}

// compare returns which of two cards stands first.
type compare func(a, b *ledger.Card) int

// mark writes what cards are compared by, as an address has it, and reads it into a card.
type mark struct {
	write func(*ledger.Card) string
	read  func(string, *ledger.Card) error
}

var orders = []*order{
	{"balance-down", text{"余额从多到少", "Highest balance first"}, backwards(byBalance), balanceMark},
	{"balance-up", text{"余额从少到多", "Lowest balance first"}, forwards(byBalance), balanceMark},
	{"used-down", text{"最近用过的在前", "Last used first"}, backwards(byUse), usedMark},
	{"used-up", text{"最久未用的在前", "Longest unused first"}, forwards(byUse), usedMark},
	{"opened-down", text{"新卡在前", "Newest first"}, backwards(byOpening), openedMark},
	{"opened-up", text{"老卡在前", "Oldest first"}, forwards(byOpening), openedMark},
	{"name-up", text{"姓名从 A 到 Z", "Names from A to Z"}, byName(1), nameMark},
	{"name-down", text{"姓名从 Z 到 A", "Names from Z to A"}, byName(-1), nameMark},
}

var (
	balanceMark = mark{
		func(c *ledger.Card) string { return strconv.FormatInt(int64(c.Amount()), 10) },
		func(s string, c *ledger.Card) error {
			n, err := strconv.ParseInt(s, 10, 64)
			c.Principal = ledger.Fen(n)
			return err
		},
	}
	usedMark   = timeMark(func(c *ledger.Card) *time.Time { return &c.Used })
	openedMark = timeMark(func(c *ledger.Card) *time.Time { return &c.OpenedAt })
	nameMark   = mark{
		func(c *ledger.Card) string { return c.Holder.Name },
		func(s string, c *ledger.Card) error { c.Holder.Name = s; return nil },
	}
)

func timeMark(of func(*ledger.Card) *time.Time) mark {
	return mark{
		func(c *ledger.Card) string { return of(c).UTC().Format(time.RFC3339Nano) },
		func(s string, c *ledger.Card) (err error) {
			*of(c), err = time.Parse(time.RFC3339Nano, s)
			return err
		},
	}
}

func byBalance(a, b *ledger.Card) int { return cmp.Compare(a.Amount(), b.Amount()) }
func byUse(a, b *ledger.Card) int     { return a.Used.Compare(b.Used) }
func byOpening(a, b *ledger.Card) int { return a.OpenedAt.Compare(b.OpenedAt) }

func forwards(c compare) func() compare { return func() compare { return c } }

func backwards(c compare) func() compare {
	return func() compare { return func(a, b *ledger.Card) int { return c(b, a) } }
}

// byName orders cards by what their holders are called, as a telephone book does: names in Latin letters, then Chinese
// ones by their sound. way is 1, or -1 for the other way about. Cards of nobody stand last either way.
func byName(way int) func() compare {
	return func() compare {
		names := collate.New(language.Chinese)
		return func(a, b *ledger.Card) int {
			first, second := a.Holder.Name, b.Holder.Name
			if first == "" || second == "" {
				return cmp.Compare(second, first)
			}
			return way * names.CompareString(bySurname(first), bySurname(second))
		}
	}
}

// surnames are characters that sound in another way as a surname than where they are sorted, each with one that sounds
// as the surname does.
var surnames = map[rune]string{
	'沈': "审", '曾': "增", '翟': "宅", '单': "善", '解': "谢", '仇': "求", '区': "欧", '查': "渣", '覃': "秦", '缪': "庙",
	'乐': "岳", '盖': "葛", '召': "邵", '隗': "伟", '尉': "玉",
}

// bySurname returns a name as it is sorted.
func bySurname(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	if alike, ok := surnames[first]; ok {
		return alike + name[size:]
	}
	return name
}

// order reads in which order cards are wanted; nil = in that of their numbers.
func (a *asked) order() *order {
	name := a.value("sort")
	i := slices.IndexFunc(orders, func(o *order) bool { return o.name == name })
	if i < 0 {
		if name != "" {
			a.bad("sort", wChoose)
		}
		return nil
	}
	return orders[i]
}

// sort puts cards into the order; those that are alike in it stay in the order of their numbers.
func (o *order) sort(cards []ledger.Card) {
	whole := o.whole()
	slices.SortFunc(cards, func(a, b ledger.Card) int { return whole(&a, &b) })
}

// whole is the order in which no two cards are alike.
func (o *order) whole() compare {
	by := o.by()
	return func(a, b *ledger.Card) int { return cmp.Or(by(a, b), cmp.Compare(a.Key().Number, b.Key().Number)) }
}

// cursor stands for the place behind a card in addresses: its number, and what it was sorted by. The place is there
// also if the card has left the list, or stands elsewhere now.
func (o *order) cursor(c *ledger.Card) string {
	return url.Values{"number": {c.Key().Number}, "by": {o.mark.write(c)}}.Encode()
}

// behind returns how many of the sorted cards stand before the place of a cursor, or at it; 0 if it is none.
func (o *order) behind(cards []ledger.Card, cursor string) int {
	said, err := url.ParseQuery(cursor)
	at := ledger.Card{Number: said.Get("number")}
	if err != nil || !said.Has("by") || o.mark.read(said.Get("by"), &at) != nil {
		return 0
	}
	whole := o.whole()
	n := slices.IndexFunc(cards, func(card ledger.Card) bool { return whole(&card, &at) > 0 })
	if n < 0 {
		return len(cards)
	}
	return n
}

// sortedCards reads the cards that the filter chooses, sorts them, and puts a page of them into the view: those behind
// the place at which the last page ended.
func (c *call) sortedCards(v *listView) error {
	var all []ledger.Card
	q := ledger.CardsQuery{Merchant: c.merchant.ID, Limit: sortMost, Filter: v.filter}
	for looked := 0; looked < sortLooked && q.Limit > 0; looked += ledger.CardsLooked {
		page, err := c.cfg.Books.Cards(c.r.Context(), q)
		if err != nil {
			return err
		}
		all = append(all, page.Cards...)
		if q.After, q.Limit = page.Next, sortMost-len(all); q.After == "" {
			break
		}
	}
	if q.After != "" {
		v.sorted = len(all)
	}
	all = c.settled(all)
	v.order.sort(all)
	from := v.order.behind(all, v.form.Get("after"))
	v.cards = all[from:min(from+cardsAPage, len(all))]
	if end := from + len(v.cards); end < len(all) {
		v.next = v.order.cursor(&all[end-1])
	}
	return nil
}
