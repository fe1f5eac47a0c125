package sandy

import (
	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// modCardInfo changes a holder's data (published page, part 5). Fields that are not sent stay unchanged.
func modCardInfo(c *call, f *fields) order {
	number := f.card("card_id")
	return order{
		command: command.ModifyHolder{
			Merchant: c.merchant.ID,
			By:       c.by(),
			Card:     number,
			Name:     f.textIfAny("uname"),
			Phone:    f.plainIfAny(f.digitsOf("phone")),
			Gender:   f.gender(),
			Birthday: f.birthday(),
		},
		answer: func(ch command.Changes) []byte { return c.modified(&ch, number) },
	}
}

func (c *call) modified(ch *command.Changes, number string) []byte {
	at := ch.Last().At
	card := ch.Card(number).Settled(at, c.merchant.Today(at))
	w := writer{wire.Object{B: make([]byte, 0, 256)}}
	w.Open('{')
	w.holder(c, &card)
	w.Close('}')
	return w.B
}

// gender returns nil if nothing was sent.
func (f *fields) gender() *int {
	if f.member("gender", text, number).value == "" {
		return nil
	}
	n := int(f.integer("gender"))
	return &n
}

// birthday returns nil if nothing was sent, and no day, which removes the birthday, for an empty text.
func (f *fields) birthday() *ledger.Date {
	sent := f.textIfAny("birthday")
	if sent == nil {
		return nil
	}
	var day ledger.Date
	if *sent != "" {
		var err error
		if day, err = ledger.ParseDate(*sent); err != nil {
			f.bad("birthday", "不是日期")
		}
	}
	return &day
}
