package tongka

import "time"

// SendCode sends the holder a code that allows one sale of that amount with the card.
type SendCode struct {
	Merchant MerchantID
	By       Caller
	Card     string
	Kind     Kind // of the entry that the sale will be; only a Consumed or a BillSigned may need a code
	Amount   Fen
	Present  bool // as of a Proof
	// Hash is that of the code and the sale of the card it allows: what Proof.Code answers for it.
	// nil = there is none, for nothing sends codes.
	Hash func(CardID) [32]byte
	// Message is what is sent, but for the card and the holder, which are put in here.
	Message Message
}

// How many codes a card is sent in a window. Each brings new tries, and costs somebody money.
const (
	sendWindow = 10 * time.Minute
	mostSends  = 5
)

// Keys names the card.
func (p SendCode) Keys() Keys { return keysOf(p.Merchant, p.Card) }

// Decide sends the code, which takes the place of the one before it.
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
	if p.Kind != Consumed && p.Kind != BillSigned || p.Present || !d.needsCode(c, p.Amount) {
		return Changes{}, refuse(CodeNotNeeded, c.Number)
	}
	if p.Hash == nil {
		return Changes{}, refuse(NoSender)
	}
	to := recipient(c)
	if to == (Recipient{}) {
		return Changes{}, refuse(NoRecipient, c.Number)
	}
	g, err := d.guards(c.guardKey(CodeSent, ""), c.guardKey(CodesSent, ""))
	if err != nil {
		return Changes{}, err
	}
	code, sends := g[0], g[1]
	if sends.full(mostSends, d.now) {
		return Changes{}, refuse(TooManyCodes, c.Number)
	}
	code.Count, code.Until, code.Hash = 0, d.now.Add(CodeLife), p.Hash(c.ID)
	m := p.Message
	m.Merchant, m.Card, m.At, m.Until, m.To = p.Merchant, c.ID, d.now, code.Until, to
	_, head := s.merchant(p.Merchant) // as it was: what has expired on the card is not booked here
	return Changes{
		Heads: []Head{head}, Guards: []Guard{code, sends.counted(sendWindow, d.now)}, Messages: []Message{m},
	}, nil
}

func recipient(c *Card) Recipient {
	if c.Details.OpenID != "" {
		return Recipient{OpenID: c.Details.OpenID}
	}
	return Recipient{Phone: c.Holder.Phone}
}
