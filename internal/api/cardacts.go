package api

import (
	"strconv"

	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// OpenBody asks for a card to be opened.
type OpenBody struct {
	By
	Number    string   `json:"number,omitempty" maxLength:"40" doc:"1 to 40 letters, digits, - and _; left out to draw one." example:"6005"` //nolint:lll // a tag
	Kind      CardKind `json:"kind,omitempty" doc:"common if left out."`
	Level     int64    `json:"level" minimum:"1" doc:"The id of the level." example:"1"`
	Expires   Day      `json:"expires,omitempty" doc:"Its last good day; left out if there is none."`
	Holder    Holder   `json:"holder,omitempty" doc:"Who carries it, by name at least; left out for a stored_value card that anybody may carry."`                      //nolint:lll // a tag
	InnerCode string   `json:"inner_code,omitempty" pattern:"^[0-9]{0,32}$" doc:"What a reader finds inside the plastic: up to 32 digits; left out if there is none."` //nolint:lll // a tag
	Remarks   string   `json:"remarks,omitempty" maxLength:"200" doc:"A free text about the card, up to 200 characters."`
	Referrer  string   `json:"referrer,omitempty" maxLength:"32" doc:"Who brought the holder: a free text, up to 32 characters."` //nolint:lll // a tag
	OpenID    string   `json:"open_id,omitempty" maxLength:"64" doc:"The holder's id at the payment app, up to 64 characters."`   //nolint:lll // a tag
	Password  Secret   `json:"password,omitempty" maxLength:"32" doc:"4 to 32 letters, digits and signs."`
}

// openCard opens an empty card. Cards with balances are brought by an import.
func openCard(c *call, in *Asked[OpenBody]) (o outcome[Receipt], err error) {
	b := &in.Body
	by, err := c.by(b.By)
	if err != nil {
		return o, err
	}
	card := command.NewCard{
		Number: b.Number, Kind: ledger.Common, Level: ledger.LevelID(b.Level),
		Details: ledger.Details{ExtID: b.InnerCode, Remarks: b.Remarks, Referrer: b.Referrer, OpenID: b.OpenID},
	}
	if b.Kind != "" {
		card.Kind = cardKinds.from[string(b.Kind)]
	}
	if card.Expires, err = c.date("body.expires", b.Expires); err != nil {
		return o, err
	}
	if card.Holder, err = c.readHolder(&b.Holder); err != nil {
		return o, err
	}
	if card.Number == "" {
		if card.Number, err = c.cfg.CardNumber(); err != nil {
			return o, err
		}
	}
	if card.Details.Password, err = c.kept(b.Password, card.Number, &card.Holder); err != nil {
		return o, err
	}
	return outcome[Receipt]{
		command: command.Open{Merchant: c.merchant.ID, By: by, Card: card}, answer: receiptFor(card.Number), sets: b.Password,
	}, nil
}

// readHolder reads a holder.
func (c *call) readHolder(h *Holder) (to ledger.Holder, err error) {
	to = ledger.Holder{Name: h.Name, Phone: h.Phone, Gender: genderNamed(h.Gender)}
	to.Birthday, err = c.date("body.holder.birthday", h.Birthday)
	return to.Tidy(), err
}

// genderNamed returns the gender of a name.
func genderNamed(name string) int {
	if name == genders[1] {
		return 1
	}
	return 0
}

// kept returns the form in which a card's password is kept; "" for none. One that is guessed first is refused, unless
// the merchant allows it.
func (c *call) kept(password Secret, number string, h *ledger.Holder) (string, error) {
	typed := string(password)
	switch {
	case typed == "":
		return "", nil
	case !codes.Typeable(typed):
		return "", c.refuseField("body.password", "want 4 to 32 letters, digits and signs")
	case !c.merchant.Settings.WeakPasswords && codes.WeakFor(typed, number, h.Phone, h.Birthday.String()):
		return "", ledger.Refuse(ledger.PasswordWeak)
	}
	return c.cfg.HashPassword(strconv.FormatInt(int64(c.merchant.ID), 10), typed), nil
}

// HolderBody changes what is known of a holder. What is left out stays.
type HolderBody struct {
	By
	Name     *string `json:"name,omitempty" maxLength:"40" doc:"The holder's name, up to 40 characters. Only that of a stored_value card can be cleared."` //nolint:lll // a tag
	Phone    *string `json:"phone,omitempty" maxLength:"20" doc:"The holder's phone, whole; an empty text clears it. One that is masked is refused."`      //nolint:lll // a tag
	Gender   *string `json:"gender,omitempty" enum:"male,unknown" doc:"unknown stands for female or not known."`
	Birthday *Day    `json:"birthday,omitempty" doc:"The holder's birthday; an empty text clears it."`
}

func changeHolder(c *call, in *AskedOf[HolderBody]) (o outcome[Receipt], err error) {
	b := &in.Body
	by, err := c.by(b.By)
	if err != nil {
		return o, err
	}
	cmd := command.ModifyHolder{
		Merchant: c.merchant.ID, By: by, Card: in.Number, Name: b.Name, Phone: b.Phone, IfChanged: true,
	}
	if b.Gender != nil {
		cmd.Gender = new(genderNamed(*b.Gender))
	}
	if b.Birthday != nil {
		day, err := c.date("body.birthday", *b.Birthday)
		if err != nil {
			return o, err
		}
		cmd.Birthday = &day
	}
	return outcome[Receipt]{command: cmd, answer: receiptFor(in.Number)}, nil
}

// DetailsBody changes details of a card. What is left out stays, and an empty text clears.
type DetailsBody struct {
	By
	InnerCode *string `json:"inner_code,omitempty" pattern:"^[0-9]{0,32}$" doc:"What a reader finds inside the plastic: up to 32 digits; an empty text clears it."` //nolint:lll // a tag
	Remarks   *string `json:"remarks,omitempty" maxLength:"200" doc:"A free text about the card, up to 200 characters; an empty text clears it."`                   //nolint:lll // a tag
	Referrer  *string `json:"referrer,omitempty" maxLength:"32" doc:"Who brought the holder, up to 32 characters; an empty text clears it."`                        //nolint:lll // a tag
	OpenID    *string `json:"open_id,omitempty" maxLength:"64" doc:"The holder's id at the payment app, up to 64 characters; an empty text clears it."`             //nolint:lll // a tag
}

func changeDetails(c *call, in *AskedOf[DetailsBody]) (outcome[Receipt], error) {
	b := &in.Body
	by, err := c.by(b.By)
	return outcome[Receipt]{command: command.ModifyDetails{
		Merchant: c.merchant.ID, By: by, Card: in.Number, ExtID: b.InnerCode, Remarks: b.Remarks, Referrer: b.Referrer,
		OpenID: b.OpenID,
	}, answer: receiptFor(in.Number)}, err
}

// PasswordBody sets a card's password.
type PasswordBody struct {
	By
	Password Secret `json:"password" maxLength:"32" doc:"4 to 32 letters, digits, signs; empty for none." example:"8250"`
}

func setPassword(c *call, in *AskedOf[PasswordBody]) (o outcome[Receipt], err error) {
	by, err := c.by(in.Body.By)
	if err != nil {
		return o, err
	}
	card, err := c.cfg.Books.Card(c.ctx, c.key(in.Number))
	if err != nil {
		return o, notDone(err)
	}
	var kept string
	if card != nil { // the command says what is wrong otherwise
		if kept, err = c.kept(in.Body.Password, card.Number, &card.Holder); err != nil {
			return o, err
		}
	}
	return outcome[Receipt]{command: command.ModifyDetails{
		Merchant: c.merchant.ID, By: by, Card: in.Number, Password: &kept,
	}, answer: receiptFor(in.Number), sets: in.Body.Password}, nil
}

// CreditBody sets how far bills may take a card below zero.
type CreditBody struct {
	By
	Credit int64 `json:"credit" minimum:"0" maximum:"1000000000000" doc:"In fen." example:"10000"`
}

func setCredit(c *call, in *AskedOf[CreditBody]) (outcome[Receipt], error) {
	by, err := c.by(in.Body.By)
	return outcome[Receipt]{command: command.ModifyDetails{
		Merchant: c.merchant.ID, By: by, Card: in.Number, Credit: new(ledger.Fen(in.Body.Credit)),
	}, answer: receiptFor(in.Number)}, err
}

// LevelBody gives a card a level.
type LevelBody struct {
	By
	Level int64  `json:"level" minimum:"1" doc:"The id of the level." example:"2"`
	Note  string `json:"note,omitempty" maxLength:"200" doc:"Why, for whoever reads the journal: up to 200 characters."`
}

func changeLevel(c *call, in *AskedOf[LevelBody]) (outcome[Receipt], error) {
	by, err := c.by(in.Body.By)
	return outcome[Receipt]{command: command.ChangeLevel{
		Merchant: c.merchant.ID, By: by, Card: in.Number, Level: ledger.LevelID(in.Body.Level), Note: in.Body.Note,
	}, answer: receiptFor(in.Number)}, err
}

// WhyBody says why something is done to a card.
type WhyBody struct {
	By
	Note string `json:"note,omitempty" maxLength:"200" doc:"Why. Kept with what stops a card and lets it be used again."`
}

// status returns what gives a card another status by the command that make returns.
func status(make func(c *call, by ledger.Caller, number, note string) command.Command) func(
	*call, *AskedOf[WhyBody],
) (outcome[Receipt], error) {
	return func(c *call, in *AskedOf[WhyBody]) (o outcome[Receipt], err error) {
		by, err := c.by(in.Body.By)
		if err != nil {
			return o, err
		}
		return outcome[Receipt]{
			command: make(c, by, in.Number, in.Body.Note), answer: receiptFor(in.Number),
		}, nil
	}
}

func reportLost(c *call, by ledger.Caller, number, _ string) command.Command {
	return command.ReportLost{Merchant: c.merchant.ID, By: by, Card: number}
}

func cancelLoss(c *call, by ledger.Caller, number, _ string) command.Command {
	return command.CancelLoss{Merchant: c.merchant.ID, By: by, Card: number}
}

func stop(c *call, by ledger.Caller, number, note string) command.Command {
	return command.Stop{Merchant: c.merchant.ID, By: by, Card: number, Note: note}
}

func resume(c *call, by ledger.Caller, number, note string) command.Command {
	return command.Resume{Merchant: c.merchant.ID, By: by, Card: number, Note: note}
}

// ReturnBody asks for a card to be closed, and its principal to be paid out.
type ReturnBody struct {
	WhyBody
	PaidBy
}

func giveBack(c *call, in *AskedOf[ReturnBody]) (outcome[Receipt], error) {
	by, err := c.by(in.Body.By)
	return outcome[Receipt]{command: command.Return{
		Merchant: c.merchant.ID, By: by, Card: in.Number, PayType: ledger.PayTypeID(in.Body.PayType),
	}, answer: receiptFor(in.Number)}, err
}

// NumberBody names another card.
type NumberBody struct {
	By
	Number string `json:"number" minLength:"1" maxLength:"64" doc:"The number of the other card: a new one where a card is replaced, one that is open where a card is merged." example:"6009"` //nolint:lll // a tag
}

// replaceCard gives a card a new number. The receipt is of the new one.
func replaceCard(c *call, in *AskedOf[NumberBody]) (outcome[Receipt], error) {
	by, err := c.by(in.Body.By)
	return outcome[Receipt]{command: command.Replace{
		Merchant: c.merchant.ID, By: by, Card: in.Number, Number: in.Body.Number,
	}, answer: receiptFor(in.Body.Number)}, err
}

// mergeCard moves all that is on a card to another. The receipt is of the one that is closed.
func mergeCard(c *call, in *AskedOf[NumberBody]) (outcome[Receipt], error) {
	by, err := c.by(in.Body.By)
	return outcome[Receipt]{command: command.Merge{
		Merchant: c.merchant.ID, By: by, From: in.Number, To: in.Body.Number,
	}, answer: receiptFor(in.Number)}, err
}

// RenewBody extends a card's last good day.
type RenewBody struct {
	By
	Agreed
	Months int `json:"months" minimum:"1" maximum:"1200" doc:"Which of the level's renewals." example:"12"`
}

func reverseRenewal(c *call, by ledger.Caller, b *UndoBody) command.Command {
	return command.ReverseRenewal{
		Merchant: c.merchant.ID, By: by, Card: b.Card, Entry: ledger.EntryID(b.Entry), Note: b.Note,
	}
}

func renew(c *call, in *AskedOf[RenewBody]) (outcome[Receipt], error) {
	by, err := c.by(in.Body.By)
	return outcome[Receipt]{command: command.Renew{
		Merchant: c.merchant.ID, By: by, Card: in.Number, Months: in.Body.Months, Proof: c.proof(in.Body.Agreed),
	}, answer: receiptFor(in.Number)}, err
}
