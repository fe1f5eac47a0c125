package api

import (
	"fmt"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Payer is one of several cards that pay a bill.
type Payer struct {
	Card   string `json:"card" minLength:"1" maxLength:"64" doc:"The card's number." example:"6001"`
	Amount int64  `json:"amount,omitempty" minimum:"1" maximum:"1000000000000" doc:"The most it pays, in fen; left out for as much as it can. The last card has none: it pays the rest."` //nolint:lll // a tag
}

// CardShare is what one of several cards would pay of a bill.
type CardShare struct {
	Card      string       `json:"card" doc:"Its number." example:"6001"`
	Paid      int64        `json:"paid" doc:"What it pays; 0 if nothing is left for it." example:"3000"`
	Bonus     int64        `json:"bonus" doc:"Of that, of its bonus."`
	Principal int64        `json:"principal" doc:"Of that, of its principal."`
	Earns     int64        `json:"earns" doc:"Points that it gets."`
	CashBack  int64        `json:"cash_back" doc:"Bonus that it gets."`
	After     *CardBalance `json:"after,omitempty" doc:"What would be on it; left out if nothing is left for it."`
}

// CardPart is what one of several cards paid of a bill, or got back of it.
type CardPart struct {
	Card    string       `json:"card" doc:"Its number." example:"6001"`
	Entry   int64        `json:"entry,omitempty" doc:"The entry of it; left out if there was nothing for it."`
	Amount  int64        `json:"amount" doc:"What it paid, or got back." example:"3000"`
	Balance *CardBalance `json:"balance,omitempty" doc:"What is on it after all; left out if there was nothing for it."`
}

// oneOrMore refuses a bill that does not name either a card or several.
func (c *call) oneOrMore(b *BillBody) error {
	switch {
	case b.Card == "" && len(b.Cards) == 0:
		return c.refuseField("body.card", "want the number of a card, or cards")
	case b.Card != "" && len(b.Cards) > 0:
		return c.refuseField("body.cards", "want either a card or cards")
	}
	return nil
}

// payable refuses a bill that does not say who pays it, or that is agreed to in another way than its cards want. A
// member code stands for the card of a bill that names none.
func (c *call) payable(b *ConsumeBody, bill *BillBody, code *scan) error {
	if len(bill.Cards) > 0 {
		return c.payableByCards(b, bill)
	}
	switch {
	case len(b.Passwords) > 0:
		return c.refuseField("body.passwords", "want password: there is one card")
	case code == nil && bill.Card == "":
		return c.refuseField("body.card", "want a card, cards, a member code or a quotation")
	case code == nil:
		return nil
	case bill.Card == "":
		bill.Card = code.number
	}
	if ledger.FoldNumber(bill.Card) != ledger.FoldNumber(code.number) {
		return c.refuseField("body.member_code", "want a code of the card that was quoted")
	}
	return nil
}

// payableByCards is payable for a bill of several cards.
func (c *call) payableByCards(b *ConsumeBody, bill *BillBody) error {
	switch {
	case b.MemberCode != "":
		return c.refuseField("body.member_code", "want a bill of one card: several are named by their numbers")
	case b.Password != "":
		return c.refuseField("body.password", "want passwords, by the numbers of the cards")
	}
	for number := range b.Passwords {
		if !bill.names(number) {
			return c.refuseField("body.passwords", "want numbers of the bill's cards only")
		}
	}
	return c.oneOrMore(bill)
}

// names reports whether one of several cards has the number.
func (b *BillBody) names(number string) bool {
	for _, p := range b.Cards {
		if ledger.FoldNumber(p.Card) == ledger.FoldNumber(number) {
			return true
		}
	}
	return false
}

// numbers returns the numbers of several cards.
func (b *BillBody) numbers() (all []string) {
	for _, p := range b.Cards {
		all = append(all, p.Card)
	}
	return all
}

// proofs returns how the holders of a bill's cards agree.
func (c *call) proofs(b *ConsumeBody) func(card string) *command.Proof {
	return func(card string) *command.Proof {
		agreed := b.Agreed
		for number, password := range b.Passwords {
			if ledger.FoldNumber(number) == ledger.FoldNumber(card) {
				agreed.Password = password
			}
		}
		proof := c.proof(agreed)
		proof.Present = b.MemberCode != ""
		return proof
	}
}

// shared returns the command by which several cards pay a bill.
func (b *BillBody) shared(bill command.Consume, proof func(card string) *command.Proof) command.Command {
	cmd := command.ConsumeShared{Bill: bill}
	for _, p := range b.Cards {
		cmd.Cards = append(cmd.Cards, command.Payer{Card: p.Card, Most: ledger.Fen(p.Amount), Proof: proof(p.Card)})
	}
	return cmd
}

// shares returns what each of several cards pays; nil if there is one.
func (b *BillBody) shares(ch *command.Changes) (all []CardShare) {
	for _, p := range b.Cards {
		share := CardShare{Card: p.Card}
		if card := ch.Card(p.Card); card != nil {
			share.Card, share.After = card.Number, new(balanceOf(card))
			for i := range ch.Entries {
				share.add(card, &ch.Entries[i])
			}
		}
		all = append(all, share)
	}
	return all
}

// add adds an entry, if it is of that card and its bill.
func (s *CardShare) add(card *ledger.Card, e *ledger.Entry) {
	switch {
	case e.Card != card.ID:
	case e.Kind == ledger.Consumed:
		s.Paid, s.Bonus, s.Principal, s.Earns = -int64(e.Delta()), -int64(e.Bonus), -int64(e.Principal), e.Earned()
	case e.Kind == ledger.CashedBack:
		s.CashBack += int64(e.Bonus)
	}
}

// after returns what would be on the card that pays, of several the first.
func (b *BillBody) after(ch *command.Changes) CardBalance {
	if len(b.Cards) > 0 {
		return balanceOf(ch.Card(b.Cards[0].Card))
	}
	return balanceOf(ch.About())
}

// receiptForAll returns what makes the receipt of a command about several cards: that of the first that it did
// something to, with what each paid or got back.
func receiptForAll(numbers []string) func(*command.Changes) Receipt {
	return func(ch *command.Changes) (r Receipt) {
		var parts []CardPart
		for _, number := range numbers {
			part, card := CardPart{Card: number}, ch.Card(number)
			if card != nil {
				if r.Card == "" {
					r = receiptOf(number, ch)
				}
				part = partOf(card, ch)
			}
			parts = append(parts, part)
		}
		r.Cards, r.Due = parts, dueOf(ch)
		return r
	}
}

// dueOf returns what the cards that paid a bill have left of it; nil if none was paid.
func dueOf(ch *command.Changes) *int64 {
	whole := ledger.WholeBill(ch.Entries)
	if whole.Kind == 0 {
		return nil
	}
	return new(int64(whole.PaidElsewhere()))
}

// partOf returns what a command did to one of its cards.
func partOf(card *ledger.Card, ch *command.Changes) CardPart {
	p := CardPart{Card: card.Number, Balance: new(balanceOf(card))}
	for i := range ch.Entries {
		e := &ch.Entries[i]
		if e.Card == card.ID && (e.Kind == ledger.Consumed || e.Kind == ledger.ConsumeRefunded) {
			p.Entry, p.Amount = int64(e.ID), max(int64(e.Delta()), -int64(e.Delta()))
		}
	}
	return p
}

// fieldOf names one of several cards in the body of a request.
func fieldOf(row int) string { return fmt.Sprintf("body.cards[%d]", row) }
