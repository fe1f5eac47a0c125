package api

import (
	"encoding/json"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Receipt is what was done to a card: the entry it made, and what is on the card now.
type Receipt struct {
	Card    string      `json:"card" doc:"The card's number." example:"6001"`
	Entry   *Entry      `json:"entry,omitempty" doc:"Left out if the card already was as asked for."`
	Also    []Entry     `json:"also,omitempty" doc:"Entries that were made with it, on this card and others."`
	Balance CardBalance `json:"balance" doc:"What is on the card after all of it."`

	Cards []CardPart `json:"cards,omitempty" doc:"With several cards what each of them paid or got back, in their order. Then card, entry and balance are those of the first of them that did."` //nolint:lll // a tag
	Due   *int64     `json:"due,omitempty" doc:"Of a bill of several cards: what all of them have left to be paid elsewhere. The due of an entry is what that card has left to the next."`       //nolint:lll // a tag
}

// receiptOf returns what a command did to the card of that number.
func receiptOf(number string, ch *command.Changes) Receipt {
	card := ch.Card(number)
	r := Receipt{Card: card.Number, Balance: balanceOf(card)}
	for i := range ch.Entries {
		e := entryOf(&ch.Entries[i])
		if ch.Entries[i].Card == card.ID && !ch.Entries[i].Kind.Follows() {
			if r.Entry != nil {
				r.Also = append(r.Also, *r.Entry)
			}
			r.Entry = &e
			continue
		}
		r.Also = append(r.Also, e)
	}
	return r
}

// receiptFor returns what makes the receipt of a command about a card.
func receiptFor(number string) func(*command.Changes) Receipt {
	return func(ch *command.Changes) Receipt { return receiptOf(number, ch) }
}

// receiptRest is what a receipt has that the entries have not: the card's number alone, where there is one entry only
// and a bill can take all that is on the card, and no more.
type receiptRest struct {
	Card   string     `json:"card"`
	Also   []Entry    `json:"also,omitempty"`
	Held   ledger.Fen `json:"held,omitempty"`
	Credit ledger.Fen `json:"credit,omitempty"`
}

// receipts write the receipt of a command on one card out of its entries, so that no answer is kept beside them. A
// receipt that says more than it does now is another layout.
var receipts = []command.Layout{
	{Version: 2, Rest: restOf, Write: writeReceipt}, {Version: 1, Write: writeReceiptWithoutHeld},
}

func restOf(ch command.Changes) []byte {
	card, last := ch.About(), ch.Last()
	rest := receiptRest{Card: card.Number, Held: card.HeldAt(card.Last), Credit: card.Details.Credit}
	if len(ch.Entries) == 1 && rest.Held == 0 && rest.Credit == 0 { // as nearly always
		return []byte(card.Number)
	}
	for i := range ch.Entries {
		if e := &ch.Entries[i]; e != last {
			rest.Also = append(rest.Also, entryOf(e))
		}
	}
	return mustMarshal(rest)
}

func writeReceipt(kept []byte, last, newest *ledger.Entry) []byte {
	r, rest := receiptAgain(kept, last, newest)
	if r == nil {
		return nil
	}
	r.Balance.Held = new(int64(rest.Held))
	r.Balance.Available = new(int64(max(0, newest.AmountAfter()+rest.Credit-rest.Held)))
	return r.bytes()
}

// writeReceiptWithoutHeld writes a receipt of before it said what is held.
func writeReceiptWithoutHeld(kept []byte, last, newest *ledger.Entry) []byte {
	r, _ := receiptAgain(kept, last, newest)
	if r == nil {
		return nil
	}
	return r.bytes()
}

// receiptAgain makes a receipt out of what is kept of it; nil if no program of ours kept that.
func receiptAgain(kept []byte, last, newest *ledger.Entry) (*Receipt, receiptRest) {
	rest := receiptRest{Card: string(kept)}
	if len(kept) > 0 && kept[0] == '{' { // no number begins with it
		rest.Card = ""
		if err := json.Unmarshal(kept, &rest); err != nil {
			return nil, rest // the answer's sum will not agree
		}
	}
	return &Receipt{
		Card: rest.Card, Entry: new(entryOf(last)), Also: rest.Also, Balance: CardBalance{Balance: after(newest)},
	}, rest
}
