package command

import (
	"crypto/subtle"
	"time"

	"tongka/internal/ledger"
)

// SendHolderCode sends a code to the phone number of a card, for a holder who is alone with a phone (ByHolder). A
// stranger learns nothing from the answer: whether there is such a card, whether it has a phone number, and whether a
// phone may be bound to it, the command is carried out, and only the holder sees whether a message comes.
type SendHolderCode struct {
	Merchant ledger.MerchantID
	By       ledger.Caller
	Phone    Phone
	From     string        // the network part of the caller's address
	Card     string        // its number; there need be no such card
	ID       ledger.CardID // of that card
	// Asker is what only the browser that asks knows, hashed. The code is good there and nowhere else, so nobody uses up
	// the tries of a code that somebody else has asked for.
	Asker string
	// Hash returns the hash that ByHolder.Code must equal; nil = no sender of codes is set up.
	Hash    func(ledger.CardID) [32]byte
	Message ledger.Message // what is sent; the card and the recipient are filled in by Decide
}

// How many codes holders have sent to themselves. Each is a message that somebody pays for, and disturbs whoever gets
// it unasked. All but the first count what strangers ask for, whether or not there are such cards.
const (
	holderSends   = 5 // to one card in a day, at phones of one sort
	holderDay     = 24 * time.Hour
	holderAsks    = 20 // from one address in askWindow
	merchantsAsks = 200
	askWindow     = 10 * time.Minute
	// askAgain is how long a browser that asks again is sent nothing: a form may be sent twice.
	askAgain = 30 * time.Second
)

// Keys names the card.
func (p SendHolderCode) Keys() Keys { return keysOf(p.Card) }

// Decide sends the code where there is somebody to send it to.
func (p SendHolderCode) Decide(s *State, now time.Time) (Changes, error) {
	d, err := begin(s, now, p.Merchant, p.By)
	if err != nil {
		return Changes{}, err
	}
	if p.Hash == nil {
		return Changes{}, ledger.Refuse(ledger.NoSender)
	}
	c := s.card(ledger.FoldNumber(p.Card))
	if c != nil && (c.ID != p.ID || !c.Bindable(d.day) || c.Holder.Phone == "") {
		c = nil
	}
	keys := p.asks()
	asks := len(keys)
	if c != nil {
		keys = append(keys, codeOfHolder(c, p.Asker), c.GuardKey(ledger.CodesSent, "/"+string(p.Phone)))
	}
	g, err := d.guards(keys...)
	if err != nil {
		return Changes{}, err
	}
	if err := d.countAsk(g[:asks]); err != nil {
		return Changes{}, err
	}
	if c == nil {
		return d.asked(), nil
	}
	code, sends := g[asks], g[asks+1]
	if sends.Full(holderSends, d.now) || code.Until.After(d.now.Add(CodeLife-askAgain)) {
		return d.asked(), nil
	}
	code.Count, code.Until, code.Hash = 0, d.now.Add(CodeLife), p.Hash(c.ID)
	d.keep(code, sends.Counted(holderDay, d.now))
	m := p.Message
	m.Merchant, m.Card, m.At, m.Until = p.Merchant, c.ID, d.now, code.Until
	m.To = ledger.Recipient{Phone: c.Holder.Phone}
	ch := d.guardsOnly()
	ch.Messages = []ledger.Message{m}
	return ch, nil
}

// asked returns what is changed where nothing is sent.
func (d *draft) asked() Changes {
	if len(d.ch.Guards) == 0 {
		return Changes{}
	}
	return d.guardsOnly()
}

// asks returns the guards of what strangers ask for: from an address, and altogether.
func (p *SendHolderCode) asks() []ledger.GuardKey {
	if p.Phone != OtherPhone {
		return nil
	}
	return []ledger.GuardKey{
		{Kind: ledger.CodesAsked, Subject: "from " + p.From}, {Kind: ledger.CodesAsked, Subject: placeOfHolders},
	}
}

// countAsk counts that a stranger asks for a code, or refuses. asks are the guards of SendHolderCode.asks.
func (d *draft) countAsk(asks []ledger.Guard) error {
	if len(asks) == 0 {
		return nil
	}
	err := d.unlessFull(ledger.TooManyCodes, limit{asks[0], holderAsks}, limit{asks[1], merchantsAsks})
	if err != nil {
		return err
	}
	for _, g := range asks {
		d.keep(g.Counted(askWindow, d.now))
	}
	return nil
}

// codeOfHolder returns the guard of the code that a browser has asked for.
func codeOfHolder(c *ledger.Card, asker string) ledger.GuardKey {
	return c.GuardKey(ledger.CodeSent, "/"+placeOfHolders+"/"+asker)
}

// proveByCode refuses whoever does not know the code that was sent to the card's phone number at his browser's asking.
// Wrong codes of strangers count as wrong guesses, whether or not a code was sent; to others than strangers it matters
// only how often one code was tried.
func (d *draft) proveByCode(c *ledger.Card, b *ByHolder) error {
	var keys []ledger.GuardKey
	if b.Phone == OtherPhone {
		keys = missesOfStrangers(b)
	}
	there := c != nil && c.ID == b.ID
	if there {
		keys = append(keys, codeOfHolder(c, b.Asker))
	}
	g, err := d.guards(keys...)
	if err != nil {
		return err
	}
	misses := g
	if there {
		misses = g[:len(g)-1]
	}
	if err := d.mayGuess(misses); err != nil {
		return err
	}
	if there {
		sent := g[len(g)-1]
		typed := b.Code(c.ID)
		good := sent.Count < codeTries && d.now.Before(sent.Until)
		if good && subtle.ConstantTimeCompare(sent.Hash[:], typed[:]) == 1 {
			sent.Count = codeTries // used up
			d.keep(sent)
			return nil
		}
		if good {
			sent.Count++
			d.keep(sent)
		}
	}
	d.missed(misses)
	return ledger.Refuse(ledger.CodeWrong, b.Card)
}

// missesOfStrangers returns the guards of wrong guesses by strangers.
func missesOfStrangers(b *ByHolder) []ledger.GuardKey {
	return []ledger.GuardKey{
		{Kind: ledger.MissesOfAgent, Subject: placeOfHolders}, {Kind: ledger.MissesOfAddress, Subject: b.From},
	}
}
