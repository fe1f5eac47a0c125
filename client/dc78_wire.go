package client

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"strings"
)

// Requests. Zero fields are not sent. Ref is the business number and the request id; if it is empty, a random one
// is made. What the wire has beyond these requests can be sent by Do.
type (
	// MbCheckRequest names a card by one of its first five fields. Mbno may be a member code or, if the server
	// resolves them, a payment barcode.
	MbCheckRequest struct {
		Mbno       string `json:"mbno,omitempty"`
		ID         string `json:"id,omitempty"`
		ExtID      string `json:"extid,omitempty"`
		Phone      string `json:"phone,omitempty"`
		OpenID     string `json:"openid,omitempty"`
		Coupons    int    `json:"getlist,omitempty"`   // 1 = list the card's coupons, 100 a page
		Merge      int    `json:"merge,omitempty"`     // 1, together with Coupons = group like coupons, 500 a page
		CouponPage int    `json:"coPage,omitempty"`    // from 1
		Bind       int    `json:"getBindQr,omitempty"` // 1 = return the address that binds a phone to a 通卡
	}

	// MbTransRequest recharges or consumes.
	MbTransRequest struct {
		Action   string `json:"action"` // TransRecharge or TransConsume
		Mbno     string `json:"mbno"`
		Amount   Fen    `json:"amt"`
		Points   int64  `json:"points,omitempty"` // points to pay with
		PtAmount Fen    `json:"ptamt,omitempty"`  // the most of what the card pays that earns points
		// the ratio that the till calculates with, as MbCheck returned it; another one is refused
		PtRate   string `json:"ptrate,omitempty"`
		Ref      string `json:"ref"`
		Subject  string `json:"subject,omitempty"`
		Vericode string `json:"vericode,omitempty"` // the code of MbVericode for a 微卡, otherwise the card's password
		Op       string `json:"op,omitempty"`
		PayType  string `json:"paytype,omitempty"` // for a recharge: wx, ali, bk, ca
		Bonus    Fen    `json:"bonus,omitempty"`   // for a recharge: exactly this bonus; 0 = what the rules give
		// 1 = no bonus for a recharge, no cash back for a consume, and no points for either
		NoBonus   int       `json:"nobonus,omitempty"`
		CreatePay int       `json:"createpay,omitempty"` // 1 = the answer to a consume has PayID
		Coupons   CouponIDs `json:"lsco,omitempty"`      // to pay on a bill, 1 to 100
	}

	// CouponIDs are ids of coupons as MbCheck and CoSend return them.
	CouponIDs []Text

	// MbPttransRequest adds points, or takes them off if Points is negative.
	MbPttransRequest struct {
		Mbno    string `json:"mbno"`
		Points  int64  `json:"pt"`
		Ref     string `json:"ref"`
		Subject string `json:"subject,omitempty"`
		Op      string `json:"op,omitempty"`
		Memo    string `json:"memo,omitempty"`
	}

	// MbNewcardRequest issues 1 to 500 cards, all or none.
	MbNewcardRequest struct {
		Op    string    `json:"op,omitempty"`
		Ref   string    `json:"ref"`
		Cards []NewCard `json:"-"` // sent in the post group
	}

	// NewCard is a card to issue. If CardNo or Password is empty, the server draws one.
	NewCard struct {
		CardNo     string `json:"cardno,omitempty"`
		Password   string `json:"password,omitempty"`
		ExtID      string `json:"extid,omitempty"`
		Balance    Fen    `json:"balance,omitempty"`
		Points     int64  `json:"points,omitempty"`
		ExpiryDate string `json:"expirydate,omitempty"` // 20190725, or 1day, 1week, 1month, 1year
		Sex        *int   `json:"sex,omitempty"`        // 0 female, 1 male; required except for kind 15
		Birthday   string `json:"birthday,omitempty"`   // 19900203
		Name       string `json:"name,omitempty"`
		Phone      string `json:"phone,omitempty"`
		Level      int64  `json:"level,omitempty"`
		Kind       *int   `json:"type,omitempty"`  // 0, 2 or 15; nil = 2
		Count      int    `json:"count,omitempty"` // for kind 15: the number of such cards
	}

	// MbVericodeRequest asks for a code for one transaction. To send another code, use a new Ref: with the same
	// one the first answer is returned and nothing is sent.
	MbVericodeRequest struct {
		Action string `json:"action"` // TransRecharge or TransConsume
		Mbno   string `json:"mbno"`
		Amount Fen    `json:"amt"`
		Ref    string `json:"ref"`
	}

	// CoSendRequest sends a holder coupons.
	CoSendRequest struct {
		Mbno     string `json:"mbno"`
		Activity string `json:"deid"`
		Qty      int    `json:"qty,omitempty"` // at most 100; 0 = 1
		Ref      string `json:"ref"`
		Subject  string `json:"subject,omitempty"`
		Op       string `json:"op,omitempty"`
		Memo     string `json:"memo,omitempty"`
	}
)

// Values of Action.
const (
	TransRecharge = "0"
	TransConsume  = "1"
)

// Types of coupons.
const (
	CouponCash    = "0"
	CouponGoods   = "1" // exchanged for goods; pays nothing on a bill
	CouponPercent = "2" // takes a percentage off the bill
)

// MarshalJSON writes the ids as one text, separated by commas.
func (ids CouponIDs) MarshalJSON() ([]byte, error) {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	return json.Marshal(strings.Join(texts, ","))
}

// Answers. They have the members that tills need; all others are in the Body that Do returns.
type (
	// Member is the answer of MbCheck. Store Mbno, never the code with which the card was looked up.
	Member struct {
		Mbno       Text     `json:"mbno"`
		ID         Text     `json:"id"`
		ExtID      Text     `json:"extid"`
		Kind       Text     `json:"type"`    // 0 微卡, 2 通卡, 15 储值卡
		State      Text     `json:"state"`   // 1 normal, -1 stopped, -2 void
		Balance    Fen      `json:"balance"` // principal
		Bonus      Fen      `json:"bns_balance"`
		Points     Count    `json:"points"`
		Level      Text     `json:"level"`
		LevelName  Text     `json:"level_name"`
		Name       Text     `json:"name"`
		Phone      Text     `json:"phone"`
		ExpiryDate Text     `json:"expiry_date"` // 2019-07-25
		Coupons    []Coupon `json:"colist"`
		BindQR     Text     `json:"bind_qr"` // show it only to the card's holder: whoever opens it can pay with the card
	}

	// Coupon is one coupon of a card or, if Merge was set, a group of like coupons of which the first is shown.
	// Only a group has Qty and IDs.
	Coupon struct {
		ID       Text      `json:"coid"`
		Activity Text      `json:"deid"` // its kind
		Name     Text      `json:"name"`
		Info     Text      `json:"info"`
		Type     Text      `json:"type"` // CouponCash, CouponGoods or CouponPercent
		Cash     Fen       `json:"cash"` // the most it pays; 0 unless it is CouponCash
		Least    Fen       `json:"requireamt"`
		MaxUse   Count     `json:"maxUseQty"` // the most coupons of its kind on one bill
		Shops    Text      `json:"store"`     // names, or 全部
		Valid    Text      `json:"vdate"`     // 20190723~20190822
		No       Text      `json:"cono"`      // masked
		SentAt   Text      `json:"time"`      // 2019-07-23 16:08:49
		Subject  Text      `json:"subject"`
		Qty      Count     `json:"qty"`
		IDs      CouponIDs `json:"coids"`
	}

	// Transaction is the answer of MbTrans.
	Transaction struct {
		ID        Text  `json:"id"`
		Mbno      Text  `json:"mbno"`
		Amount    Fen   `json:"amt"`
		ByCoupons Fen   `json:"co_amt"` // the part of Amount that coupons paid
		ByPoints  Fen   `json:"ptamt"`  // the part of Amount that points paid
		Balance   Fen   `json:"balance"`
		Bonus     Fen   `json:"bns_balance"`
		Points    Count `json:"points"`
		Ref       Text  `json:"ref"`
		PayID     Text  `json:"payid"` // if CreatePay asked for it
	}

	// PointsMoved is the answer of MbPttrans.
	PointsMoved struct {
		ID     Text  `json:"id"`
		Points Count `json:"pt"`
		Left   Count `json:"ptbalance"`
	}

	// Issued is a card that was issued. The server returns its password only once: if the first answer was lost,
	// the repeated one has none. A till that cannot do without the passwords must choose them itself.
	Issued struct {
		ID       Text `json:"id"`
		CardNo   Text `json:"cardno"`
		Mbno     Text `json:"mbno"`
		Password Text `json:"pwd"`
		ExtID    Text `json:"extid"`
		Balance  Text `json:"balance"` // "" if none was sent
	}

	// Vericode is the answer of MbVericode. Status "2" means that the amount needs no code.
	Vericode struct {
		Status    Text `json:"status"`
		Info      Text `json:"info"`
		MessageID Text `json:"msgid"`
	}

	// Activity is a kind of coupon that can be sent.
	Activity struct {
		ID         Text `json:"deid"`
		Name       Text `json:"name"`
		Cash       Fen  `json:"cash"`
		CouponType Text `json:"cotype"` // CouponCash, CouponGoods or CouponPercent
	}

	// Sent is a coupon that was sent. If there is more than one, List has all of them.
	Sent struct {
		ID      Text   `json:"id"`
		No      Text   `json:"num"`     // masked
		EndDate Text   `json:"enddate"` // 20190822
		Name    Text   `json:"name"`
		List    []Sent `json:"list"`
	}
)

// MbCheck looks up a card.
func (d *DC78) MbCheck(ctx context.Context, r MbCheckRequest) (Member, error) {
	return ask[Member](ctx, d, "mb_check", r, nil, "mbno", "balance", "bns_balance", "points", "state")
}

// MbTrans recharges a card or pays a bill.
func (d *DC78) MbTrans(ctx context.Context, r MbTransRequest) (Transaction, error) {
	r.Ref = cmp.Or(r.Ref, rand.Text())
	return ask[Transaction](ctx, d, "mb_trans", r, nil, "mbno", "balance", "bns_balance")
}

// MbPttrans adds points or takes them off.
func (d *DC78) MbPttrans(ctx context.Context, r MbPttransRequest) (PointsMoved, error) {
	r.Ref = cmp.Or(r.Ref, rand.Text())
	return ask[PointsMoved](ctx, d, "mb_pttrans", r, nil, "ptbalance")
}

// MbNewcard issues cards.
func (d *DC78) MbNewcard(ctx context.Context, r MbNewcardRequest) ([]Issued, error) {
	r.Ref = cmp.Or(r.Ref, rand.Text())
	a, err := ask[struct{ List []Issued }](ctx, d, "mb_newcard", r, map[string][]NewCard{"list": r.Cards}, "list")
	return a.List, err
}

// MbVericode sends the holder a code, which MbTrans accepts within five minutes.
func (d *DC78) MbVericode(ctx context.Context, r MbVericodeRequest) (Vericode, error) {
	r.Ref = cmp.Or(r.Ref, rand.Text())
	return ask[Vericode](ctx, d, "mb_vericode", r, nil)
}

// CoDelist lists the kinds of coupons that may be sent.
func (d *DC78) CoDelist(ctx context.Context) ([]Activity, error) {
	a, err := ask[struct{ List []Activity }](ctx, d, "co_delist", map[string]string{}, nil, "list")
	return a.List, err
}

// CoSend sends a holder coupons of one kind, all or none.
func (d *DC78) CoSend(ctx context.Context, r CoSendRequest) (Sent, error) {
	r.Ref = cmp.Or(r.Ref, rand.Text())
	return ask[Sent](ctx, d, "co_send", r, nil, "id")
}
