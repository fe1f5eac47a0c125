package api

import (
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// Card is a card as it may be used today: without bonus and points that have expired.
type Card struct {
	ID      int64    `json:"id" doc:"Stays the same for good, also when the number changes."`
	Number  string   `json:"number" doc:"What is printed on it or shown, as tills send it. Unique within the merchant, and a new one is given by replaceCard." example:"6001"` //nolint:lll // a tag
	Kind    CardKind `json:"kind" doc:"micro is opened by its holder's phone, common is good with every dialect, and stored_value needs no holder."`                           //nolint:lll // a tag
	Status  Status   `json:"status" doc:"Only an active card pays. lost and stopped are undone; returned and replaced are for good."`                                          //nolint:lll // a tag
	Expired bool     `json:"expired" doc:"Its last good day has passed."`
	Expires Day      `json:"expires,omitempty" doc:"Its last good day; left out if there is none."`

	Level      int64      `json:"level" doc:"The level's id." example:"1"`
	OpenedAt   *time.Time `json:"opened_at,omitempty" doc:"Left out if it was replaced: the card that replaced it has it."`
	OpenedShop int64      `json:"opened_shop,omitempty" doc:"The id of the shop that opened it; left out if that was the head office."` //nolint:lll // a tag
	LastUse    *time.Time `json:"last_use,omitempty" doc:"When its holder last used it."`

	Holder      Holder  `json:"holder" doc:"Who carries it."`
	Details     Details `json:"details" doc:"Facts about it that move no money."`
	HasPassword bool    `json:"has_password" doc:"Bills and whatever else its holder agrees to may ask for its password."`

	Balance     CardBalance `json:"balance" doc:"What is on it, and how much of that a bill can take."`
	SumRecharge int64       `json:"sum_recharged" doc:"Paid in, net of reversals, in fen."`
	SumConsume  int64       `json:"sum_consumed" doc:"Paid with the card, net of refunds, in fen."`
	Invoiceable int64       `json:"invoiceable" doc:"What may still be invoiced, in fen."`
}

// Holder is whoever carries a card.
type Holder struct {
	Name     string `json:"name,omitempty" maxLength:"40" doc:"Only a stored_value card can be without." example:"张三"`
	Phone    string `json:"phone,omitempty" maxLength:"20" example:"186****2465" doc:"Masked in lists and searches, and for keys without the permission reveal."` //nolint:lll // a tag
	Gender   string `json:"gender,omitempty" enum:"male,unknown" doc:"unknown stands for female or not known."`
	Birthday Day    `json:"birthday,omitempty" doc:"Of the holder; left out if it is not known."`
}

// Details are facts about a card that move no money.
type Details struct {
	InnerCode string `json:"inner_code,omitempty" doc:"What a reader finds inside the plastic: up to 32 digits."`
	Remarks   string `json:"remarks,omitempty" doc:"A free text of the merchant's about the card."`
	Referrer  string `json:"referrer,omitempty" doc:"Who brought the holder: a free text, such as a name or the number of another card."` //nolint:lll // a tag
	OpenID    string `json:"open_id,omitempty" doc:"The holder's id at the payment app."`
	Physical  string `json:"physical_number,omitempty" doc:"The number of the shop's own card that is bound to this one."`
}

// Balance is what is on a card.
type Balance struct {
	Currency   string `json:"currency" enum:"CNY" doc:"Of all amounts, which are in fen: 100 of them are one yuan."`
	Total      int64  `json:"total" doc:"Principal and bonus, in fen. Below zero it is owed." example:"60000"`
	Principal  int64  `json:"principal" doc:"Paid in and not yet used." example:"50000"`
	Bonus      int64  `json:"bonus" doc:"Given by the merchant. It is never paid out." example:"10000"`
	Points     int64  `json:"points" doc:"Points that can be used." example:"120"`
	PointsOwed int64  `json:"points_owed" doc:"Points that were spent before their bill was refunded." example:"0"`
}

// CardBalance is what is on a card, and how much of it a bill can take. Receipts that were written before they said so
// leave the last two out when they are sent again.
type CardBalance struct {
	Balance
	Held      *int64 `json:"held,omitempty" doc:"What is held for bills to come, in fen; left out by a receipt of before there was one." example:"0"` //nolint:lll // a tag
	Available *int64 `json:"available,omitempty" doc:"What a bill can take: the total and the credit without what is held, in fen." example:"60000"`  //nolint:lll // a tag
}

// Account is a balance with what it is made of.
type Account struct {
	Balance
	Credit    int64      `json:"credit" doc:"How far bills may take the card below zero, in fen."`
	Held      int64      `json:"held" doc:"What is held for bills to come, in fen."`
	Available int64      `json:"available" doc:"What a bill can take: the total and the credit without what is held, in fen."` //nolint:lll // a tag
	Lots      []Lot      `json:"lots" doc:"What is left of each recharge, in the order in which it is taken."`
	PointLots []PointLot `json:"point_lots" doc:"Points by their last good day."`
}

// Lot is what is left of one recharge.
type Lot struct {
	Entry     int64 `json:"entry" doc:"The entry that made it."`
	GoodUntil Day   `json:"good_until,omitempty" doc:"The last good day of the bonus; left out if it has none."`
	Principal int64 `json:"principal" doc:"What is left of what was paid in, in fen."`
	Bonus     int64 `json:"bonus" doc:"What is left of what was given on top, in fen."`
}

// PointLot is points with one last good day.
type PointLot struct {
	GoodUntil Day   `json:"good_until,omitempty" doc:"Left out if they never expire."`
	Points    int64 `json:"points" doc:"How many of them are left."`
}

// genders are the names of genders in answers and requests.
var genders = map[int]string{1: "male", 0: "unknown"}

// card returns a card as an answer has it, with the phone masked.
func (c *call) card(of *ledger.Card) Card {
	of = new(of.Settled(c.now, c.today))
	at, shop, _ := of.Opening()
	return Card{
		ID: int64(of.ID), Number: of.Number, Kind: CardKind(cardKinds.of[of.Kind]), Status: Status(statuses.of[of.Status]),
		Expired: of.Expired(c.today), Expires: dayOf(of.Expires), Level: int64(of.Level), OpenedAt: moment(at),
		OpenedShop: int64(shop), LastUse: moment(of.Used), Holder: holderOf(&of.Holder),
		Details: Details{
			InnerCode: of.Details.ExtID, Remarks: of.Details.Remarks, Referrer: of.Details.Referrer,
			OpenID: of.Details.OpenID, Physical: of.Details.Physical.No,
		},
		HasPassword: of.Details.Password != "", Balance: balanceOf(of),
		SumRecharge: int64(of.SumRecharge), SumConsume: int64(of.SumConsume), Invoiceable: int64(of.Invoiceable),
	}
}

// holderOf returns a holder, with the phone masked.
func holderOf(h *ledger.Holder) Holder {
	return Holder{
		Name: h.Name, Phone: phrase.Masked(h.Phone), Gender: genders[h.Gender], Birthday: dayOf(h.Birthday),
	}
}

// shown returns a card that was asked for by itself: with the phone whole if the key may see it, which is in the
// journal before it is sent, as in the console. known is the phone that the caller has named; he learns nothing by it.
func (c *call) shown(of *ledger.Card, known string) (Card, error) {
	out, phone := c.card(of), of.Holder.Phone
	if phone == "" || !c.may(ledger.MayReveal) {
		return out, nil
	}
	if phone != known {
		_, err := c.cfg.Doer.Do(c.ctx, command.ShowData{
			Merchant: c.merchant.ID, By: c.itself(), Card: of.Number, What: ledger.ShownPhone,
		})
		if err != nil {
			return out, err
		}
	}
	out.Holder.Phone = phone
	return out, nil
}

// balanceOf returns what is on a card as of the last that was done with it.
func balanceOf(c *ledger.Card) CardBalance {
	return CardBalance{onCard(c), new(int64(c.HeldAt(c.Last))), new(int64(max(0, c.Free(c.Last))))}
}

func onCard(c *ledger.Card) Balance {
	return Balance{Currency, int64(c.Amount()), int64(c.Principal), int64(c.Bonus), c.Points, c.PointsOwed}
}

// account returns what is on a card, lot by lot.
func (c *call) account(of *ledger.Card) Account {
	of = new(of.Settled(c.now, c.today))
	a := Account{
		Balance: onCard(of), Credit: int64(of.Details.Credit), Held: int64(of.Held()),
		Available: int64(of.Available()),
		Lots:      []Lot{}, PointLots: []PointLot{},
	}
	for _, l := range of.Lots {
		a.Lots = append(a.Lots, Lot{int64(l.ID), dayOf(l.GoodUntil), int64(l.Principal), int64(l.Bonus)})
	}
	for _, l := range of.PointLots {
		a.PointLots = append(a.PointLots, PointLot{dayOf(l.GoodUntil), l.Points})
	}
	return a
}
