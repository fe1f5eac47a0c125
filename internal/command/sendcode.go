package command

import (
	"time"

	"tongka/internal/ledger"
)

// SendCode sends the holder a code that allows one sale of that amount with the card.
type SendCode struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Card     string
	Kind     ledger.Kind // of the sale's entry; only Consumed and AccountCharged may need a code
	Amount   ledger.Fen
	Present  bool // as in Proof
	// Hash returns the hash of the code and the sale of the card it allows, which Proof.Code must equal. nil = no
	// sender of codes is set up.
	Hash func(ledger.CardID) [32]byte
	// Message is what is sent; the card and the recipient are filled in by Decide.
	Message ledger.Message
}

// How many codes are sent for a card in one window. Each gives new attempts and costs money.
const (
	sendWindow = 10 * time.Minute
	mostSends  = 5
)

// Keys names the card.
func (p SendCode) Keys() Keys { return keysOf(p.Card) }

// Decide sends the code, which replaces the one before it.
func (p SendCode) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, p.Merchant, p.By)
	if err != nil {
		return Changes{}, err
	}
	if err := d.amountAllowed(p.Amount); err != nil {
		return Changes{}, err
	}
	c, err := d.usableCard(p.Card)
	if err != nil {
		return Changes{}, err
	}
	if p.Kind != ledger.Consumed && p.Kind != ledger.AccountCharged || p.Present || !d.needsCode(c, p.Amount) {
		return Changes{}, ledger.Refuse(ledger.CodeNotNeeded, c.Number)
	}
	if p.Hash == nil {
		return Changes{}, ledger.Refuse(ledger.NoSender)
	}
	to := recipient(c)
	if to == (ledger.Recipient{}) {
		return Changes{}, ledger.Refuse(ledger.NoRecipient, c.Number)
	}
	g, err := d.guards(c.GuardKey(ledger.CodeSent, ""), c.GuardKey(ledger.CodesSent, ""))
	if err != nil {
		return Changes{}, err
	}
	code, sends := g[0], g[1]
	if sends.Full(mostSends, d.now) {
		return Changes{}, ledger.RefuseUntil(sends.Until, ledger.TooManyCodes, c.Number)
	}
	code.Count, code.Until, code.Hash = 0, d.now.Add(CodeLife), p.Hash(c.ID)
	m := p.Message
	m.Merchant, m.Card, m.At, m.Until, m.To = p.Merchant, c.ID, d.now, code.Until, to
	_, head := s.at(p.Merchant) // unchanged: what has expired on the card is not posted here
	return Changes{
		Head: &head, Guards: []ledger.Guard{code, sends.Counted(sendWindow, d.now)}, Messages: []ledger.Message{m},
	}, nil
}

func recipient(c *ledger.Card) ledger.Recipient {
	if c.Details.OpenID != "" {
		return ledger.Recipient{OpenID: c.Details.OpenID}
	}
	return ledger.Recipient{Phone: c.Holder.Phone}
}
