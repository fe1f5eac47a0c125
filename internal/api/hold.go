package api

import (
	"strconv"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Hold is an amount that is reserved on a card for a bill to come.
type Hold struct {
	ID       int64     `json:"id" doc:"The entry that placed it." example:"9"`
	Card     int64     `json:"card_id" doc:"Stays the same when the card gets another number." example:"1"`
	State    string    `json:"state" enum:"open,captured,released,expired" doc:"What became of it, or of what bills left of it: it is open, a bill captured it, somebody released it, or it ended by itself."` //nolint:lll // a tag
	Amount   int64     `json:"amount" doc:"What was held at first, in fen." example:"6000"`
	Held     int64     `json:"held" doc:"What is held still; 0 if it has ended." example:"6000"`
	Captured int64     `json:"captured" doc:"What bills took of it." example:"0"`
	Until    time.Time `json:"until" doc:"When it ends by itself."`
	At       time.Time `json:"at" doc:"When it was placed, in UTC."`
	By       Caller    `json:"by" doc:"Who placed it, and where."`
	Note     string    `json:"note,omitempty" doc:"What whoever placed it wrote about it; left out if nothing."`
}

// Holds are what is held on a card.
type Holds struct {
	Held      int64  `json:"held" doc:"All that is held on the card, in fen."`
	Available int64  `json:"available" doc:"What a bill can take: the total and the credit without what is held, in fen."`
	Holds     []Hold `json:"holds" doc:"Those that have not ended, the oldest first."`
}

// HoldBody asks for an amount to be held.
type HoldBody struct {
	AmountBody
	Agreed
	Until string `json:"until,omitempty" format:"date-time" doc:"When it ends by itself: at most 31 days from now, and while the card is good. Left out for a day."` //nolint:lll // a tag
}

func placeHold(c *call, in *Asked[HoldBody]) (o outcome[Receipt], err error) {
	b := &in.Body
	by, err := c.by(b.By)
	if err != nil {
		return o, err
	}
	until, err := c.time("body.until", b.Until)
	return outcome[Receipt]{command: command.Hold{
		Merchant: c.merchant.ID, By: by, Card: b.Card, Amount: ledger.Fen(b.Amount), Until: until, Proof: c.proof(b.Agreed),
		Note: b.Note,
	}, answer: receiptFor(b.Card)}, err
}

// AskedOfHold is a request that does something with the hold of the path.
type AskedOfHold[B any] struct {
	Named
	Hold int64 `path:"hold" minimum:"1" doc:"The hold's id." example:"9"`
	Body B
}

func (a *AskedOfHold[B]) content() any { return &a.Body }

// CaptureBody asks for a bill to be paid out of a hold.
type CaptureBody struct {
	By
	Card     string `json:"card,omitempty" maxLength:"64" doc:"The card's number; left out, the card that it is held on." example:"6001"`                   //nolint:lll // a tag
	Amount   int64  `json:"amount,omitempty" minimum:"1" maximum:"1000000000000" doc:"What is paid, in fen; left out for all that is held." example:"5500"` //nolint:lll // a tag
	KeepRest bool   `json:"keep_rest,omitempty" doc:"What is left stays held for another capture."`
	Note     string `json:"note,omitempty" maxLength:"200" doc:"What it is for, or why: up to 200 characters. The entry keeps it."` //nolint:lll // a tag
}

func captureHold(c *call, in *AskedOfHold[CaptureBody]) (o outcome[Receipt], err error) {
	b := &in.Body
	by, err := c.by(b.By)
	if err != nil {
		return o, err
	}
	card, err := c.heldOn(b.Card, in.Hold)
	return outcome[Receipt]{command: command.Capture{
		Merchant: c.merchant.ID, By: by, Card: card, Hold: ledger.EntryID(in.Hold), Amount: ledger.Fen(b.Amount),
		KeepRest: b.KeepRest, Note: b.Note,
	}, answer: receiptFor(card)}, err
}

// heldOn returns the number of the card that a hold is on, unless the caller names one.
func (c *call) heldOn(named string, hold int64) (string, error) {
	if named != "" {
		return named, nil
	}
	h, err := getHold(c, &OfHold{hold})
	if err != nil {
		return "", err
	}
	found, err := c.cfg.Books.Find(c.ctx, ledger.FindQuery{Merchant: c.merchant.ID, ID: ledger.CardID(h.Card)})
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", ledger.Refuse(ledger.NoHold, strconv.FormatInt(hold, 10))
	}
	return found[0].Number, nil
}

// ReleaseBody asks for what is held to be free again.
type ReleaseBody struct {
	By
	Card string `json:"card,omitempty" maxLength:"64" doc:"The card's number; left out, the card that it is held on." example:"6001"` //nolint:lll // a tag
	Note string `json:"note,omitempty" maxLength:"200" doc:"Why." example:"cancelled"`
}

func releaseHold(c *call, in *AskedOfHold[ReleaseBody]) (o outcome[Receipt], err error) {
	b := &in.Body
	by, err := c.by(b.By)
	if err != nil {
		return o, err
	}
	card, err := c.heldOn(b.Card, in.Hold)
	return outcome[Receipt]{command: command.ReleaseHold{
		Merchant: c.merchant.ID, By: by, Card: card, Hold: ledger.EntryID(in.Hold), Note: b.Note,
	}, answer: receiptFor(card)}, err
}

// OfHold names the hold of a path.
type OfHold struct {
	Hold int64 `path:"hold" minimum:"1" doc:"The hold's id." example:"9"`
}

func getHold(c *call, in *OfHold) (Hold, error) {
	found, err := c.holds(ledger.EntryID(in.Hold))
	if err != nil {
		return Hold{}, err
	}
	if len(found) == 0 {
		return Hold{}, ledger.Refuse(ledger.NoHold, strconv.FormatInt(in.Hold, 10))
	}
	return found[0], nil
}

func listHolds(c *call, in *OfCard) (Holds, error) {
	of, err := c.cardOf(in)
	if err != nil {
		return Holds{}, err
	}
	card := of.Settled(c.now, c.today)
	out := Holds{Held: int64(card.Held()), Available: int64(card.Available()), Holds: []Hold{}}
	if len(card.Holds) == 0 {
		return out, nil
	}
	ids := make([]ledger.EntryID, len(card.Holds))
	for i := range ids {
		ids[i] = card.Holds[i].ID
	}
	out.Holds, err = c.holds(ids...)
	return out, err
}

// holds returns those of the entries that placed a hold, as they named it, with what became of it.
func (c *call) holds(ids ...ledger.EntryID) ([]Hold, error) {
	found, err := c.cfg.Books.Load(c.ctx, command.Want{
		Merchant: c.merchant.ID, Keys: command.Keys{Entries: ids},
	})
	if err != nil {
		return nil, err
	}
	all := []Hold{}
	entries := found[0].Entries
	for _, id := range ids {
		for i := range entries {
			if e := &entries[i]; e.ID == id && e.Kind == ledger.AmountHeld {
				all = append(all, c.hold(e, entries))
				break // an entry may be listed twice
			}
		}
	}
	return all, nil
}

// hold returns a hold with what entries captured and released of it.
func (c *call) hold(placed *ledger.Entry, entries []ledger.Entry) Hold {
	after := make([]*ledger.Entry, len(entries))
	for i := range entries {
		after[i] = &entries[i]
	}
	fate := ledger.FateOf(placed, after).At(placed, c.now)
	state := fate.Ended.String()
	if fate.Left > 0 {
		state = "open"
	}
	e := entryOf(placed)
	return Hold{
		ID: e.ID, Card: e.Card, State: state, Amount: int64(placed.Gross), Held: int64(fate.Left),
		Captured: int64(fate.Captured),
		Until:    placed.HeldUntil.UTC(), At: e.At, By: e.By, Note: e.Note,
	}
}
