package dc78

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// cardFields lists the fields of a new card (published page mb_newcard) and whether they are numbers. The others
// are texts, which may also be sent as a number of digits only.
var cardFields = map[string]bool{
	"cardno": false, "password": false, "extid": false, "balance": true, "points": true, "ext_info": false,
	"subject":    false,
	"expirydate": false, "sex": true, "birthday": false, "name": false, "phone": false, "level": true, "idnumber": false,
	"type": true, "count": true, "refId": false,
	"card_no": false, "card_type": false, "card_name": false, "card_balance": true, "card_points": true,
}

// faultCount refuses to issue no card, or more than may be issued at once.
var faultCount = refusals[ledger.BadCount]

// newIssue reads what is to be issued: the list of the post group or, without one, stored-value cards as the get
// group describes. f holds what is wrong with the get group, the error what is wrong with the cards. In either
// case the issue holds what could be read.
func (c *call) newIssue(f *fields) (*issue, error) {
	i := &issue{command: command.Issue{Merchant: c.merchant.ID, By: c.by(f)}, numbers: taken{}}
	kind := f.integerOr("type", int64(ledger.Common))
	at := slices.IndexFunc(c.request.group, func(m member) bool { return m.name == "list" && !m.null() })
	f.unsupported("password") // proxies keep queries in their logs
	if at >= 0 {
		f.never("有list时应在其中", "balance", "points", "count") // they belong to a card
		return i, c.readList(i, f, c.request.group[at], kind)
	}
	if kind != int64(ledger.StoredValue) {
		f.missing = "list"
		return i, nil
	}
	f.required("count")
	return i, c.readCard(i, f, 0, kind)
}

// readList reads the cards of a list. It returns the fault of the first one that is wrong, with its place.
func (c *call) readList(i *issue, f *fields, list member, kind int64) error {
	elements, ok := list.elements()
	if !ok {
		f.bad(list.name, "应为数组")
		return nil
	}
	if len(elements) == 0 || len(elements) > command.MaxIssue {
		return faultCount
	}
	var first error
	for n, element := range elements {
		members, ok := element.members()
		if !ok {
			first = cmp.Or(first, error(faultBad(list.name, "应为对象").inRow(n+1)))
		}
		i.content = appendContent(i.content, members, c.secret != "")
		first = cmp.Or(first, c.readCard(i, readMembers(members), n+1, kind))
	}
	return first
}

// appendContent appends what decides whether two cards of a list are the same: the number of fields, then for
// each field the name and the value as sent, with their lengths. Passwords are left out if there is no secret to
// key the fingerprint.
func appendContent(b []byte, members []member, passwords bool) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(len(members)))
	for _, m := range members {
		if m.name == "password" && !passwords {
			m.raw = nil
		}
		b = append(binary.BigEndian.AppendUint64(b, uint64(len(m.name))), m.name...)
		b = append(binary.BigEndian.AppendUint64(b, uint64(len(m.raw))), m.raw...)
	}
	return b
}

// readMembers returns the members of a card as fields. Unknown members are ignored, and null counts as absent.
func readMembers(members []member) *fields {
	f := &fields{}
	for _, m := range members {
		number, known := cardFields[m.name]
		if !known || m.null() {
			continue
		}
		value, ok := m.scalar()
		plain := number || m.raw[0] == '"' || wire.AllDigits(value)
		if !ok || !plain || strings.ContainsFunc(value, unicode.IsControl) {
			f.bad(m.name, "类型错误或含控制字符")
		}
		if moneyFields[m.name] && m.raw[0] != '"' {
			if fen, err := ledger.ParseYuanNumber(value); err == nil {
				value = fen.String()
			}
		}
		f.get = append(f.get, param{m.name, value})
	}
	return f
}

// moneyFields are the amounts of a new card. Sent as numbers, they may carry the error of a binary fraction.
var moneyFields = map[string]bool{"balance": true, "card_balance": true}

// readCard reads one card of a list, or several identical ones.
func (c *call) readCard(i *issue, f *fields, row int, kind int64) error {
	card := c.newCard(f, ledger.CardKind(f.integerOr("type", kind)))
	i.takes |= card.Needs()
	wire := issued{row: row, drawn: card.Number == "", password: f.password("password")}
	weak := wire.password != "" &&
		codes.WeakFor(wire.password, card.Number, card.Holder.Phone, card.Holder.Birthday.String())
	if f.get.value("balance") != "" {
		wire.balance = shortest(card.Principal)
	}
	count := f.count("count", card.Kind)
	if count > 1 {
		f.never("count大于1时不可指定", "cardno", "extid") // no two cards may share either
	}
	if err, wrong := errors.AsType[fault](f.err()); wrong && row > 0 {
		return err.inRow(row)
	}
	if count > int64(command.MaxIssue-len(i.cards)) {
		return faultCount
	}
	if !wire.drawn {
		i.named, i.numbers[card.Number] = true, true
	}
	for range count {
		i.command.Cards, i.cards = append(i.command.Cards, card), append(i.cards, wire)
		i.command.Weak = append(i.command.Weak, weak)
	}
	return nil
}

// newCard reads a card. A stored-value card belongs to whoever holds it, so it needs no holder.
func (c *call) newCard(f *fields, kind ledger.CardKind) command.NewCard {
	if kind != ledger.StoredValue {
		f.required("name")
		f.required("phone")
		f.required("sex")
	}
	return command.NewCard{
		Number: f.cardNumber("cardno"),
		Kind:   kind,
		Level:  c.levelID(f),
		Holder: ledger.Holder{
			Name:     f.text("name"),
			Phone:    f.text("phone"),
			Gender:   int(f.integerOr("sex", 0)),
			Birthday: f.birthday("birthday"),
		},
		Details: ledger.Details{
			ExtID:    f.text("extid"),
			Remarks:  f.text("ext_info"),
			Subject:  f.text("subject"),
			IDNumber: f.text("idnumber"),
			Referrer: f.text("refId"),
			Physical: ledger.Physical{
				No: f.text("card_no"), Type: f.text("card_type"), Name: f.text("card_name"),
				Balance: f.moneyOr0("card_balance"), Points: f.integerOr("card_points", 0),
			},
		},
		Expires:   f.expiry("expirydate", c.today),
		Principal: f.moneyOr0("balance"),
		Points:    f.integerOr("points", 0),
	}
}

// minNumber is the fewest characters of a number that this wire opens a card with. Cards opened elsewhere may
// have fewer.
const minNumber = 4

// cardNumber reads the number of a new card; "" means that one is to be drawn.
func (f *fields) cardNumber(name string) string {
	number := strings.TrimSpace(f.text(name))
	if number != "" && len(number) < minNumber {
		f.bad(name, fmt.Sprintf("至少%d个字符", minNumber))
	}
	return number
}

// levelID returns the level of a new card: the merchant's first if the till names none.
func (c *call) levelID(f *fields) ledger.LevelID {
	var first int64
	if len(c.merchant.Levels) > 0 {
		first = int64(c.merchant.Levels[0].ID)
	}
	return ledger.LevelID(f.integerOr("level", first))
}
