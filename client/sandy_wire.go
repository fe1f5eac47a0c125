package client

import (
	"encoding/json"
	"fmt"
)

// Requests. RequestID has at most 64 characters; if it is empty, a random one is made. A till that writes the id
// down before it sends the request can ask again even after a power failure.
type (
	// OpenRequest opens a card. All fields but RequestID and Gender are required.
	OpenRequest struct {
		RequestID string `json:"request_id"`
		Card      string `json:"cardID"` // 1 to 40 letters, digits, - and _
		Level     int64  `json:"cardLevelID"`
		Name      string `json:"uname"`
		Phone     string `json:"phone"`
		Gender    int    `json:"gender"` // 1 male, 0 female
	}

	// ModifyRequest changes the fields that are not nil. An empty phone or birthday removes it.
	ModifyRequest struct {
		RequestID string  `json:"request_id"`
		Card      string  `json:"card_id"`
		Name      *string `json:"uname,omitempty"`
		Phone     *string `json:"phone,omitempty"`
		Birthday  *string `json:"birthday,omitempty"` // 1999-09-09
		Gender    *int    `json:"gender,omitempty"`
	}

	// RechargeRequest recharges a card with an amount above 0.
	RechargeRequest struct {
		RequestID string `json:"request_id"`
		Card      string `json:"card_id"`
		Amount    Fen    `json:"money"`
		PayType   int64  `json:"pay_type"` // one of RechargeRules
	}

	// ConsumeRequest pays a bill above 0.
	ConsumeRequest struct {
		RequestID    string `json:"request_id"`
		Card         string `json:"card_id"`
		Amount       Fen    `json:"money"`
		Discountable *Fen   `json:"money_discount,omitempty"` // the part that gets the level's discount; nil = all
	}

	// ConsumeScoreRequest uses a number of points above 0.
	ConsumeScoreRequest struct {
		RequestID string `json:"request_id"`
		Card      string `json:"card_id"`
		Score     int64  `json:"score"`
	}

	// HistoryRequest asks for a card's journal. Zero fields do not restrict it.
	HistoryRequest struct {
		Card            string `json:"card_id"`
		EventType       int    `json:"event_type,omitempty"`        // 6 recharges, 7 consumes …; 0 = all
		OnlyScoreChange int    `json:"only_score_change,omitempty"` // 1 = only entries that moved points
		FromUnix        int64  `json:"start_timestamp,omitempty"`   // seconds; both ends are included
		ToUnix          int64  `json:"end_timestamp,omitempty"`
		Page            int    `json:"page,omitempty"`      // from 1
		PageSize        int    `json:"page_size,omitempty"` // at most 500; 0 = 20
	}
)

// Answers. Balance is principal and bonus together, Score the points on the card.
type (
	// Level is a level that a card may have.
	Level struct {
		ID   int64  `json:"id"`
		Name string `json:"card_lel_name"`
	}

	// RechargeRules has a merchant's rules, and its pay types in their order.
	RechargeRules struct {
		Rules    []Rule    `json:"rules"`
		PayTypes []PayType `json:"paytypes"`
	}

	// Card is a card with its holder. Every endpoint returns Number, Balance and Score, and some of the other
	// fields, which are zero otherwise: Cards has ID and Status, CardInfo and Modify have Birthday and Gender,
	// CardInfo has the sums, and Open has Shop.
	Card struct {
		Number       string `json:"card_id"`
		Balance      Fen    `json:"amount"`
		Score        Count  `json:"cur_score"`
		Name         string `json:"uname"`
		Phone        string `json:"phone"`
		Level        string `json:"card_level_name"`
		Birthday     string `json:"birthday"` // "" or 1999-09-09
		Gender       int    `json:"gender"`   // 1 male, 0 female
		SumConsumed  Fen    `json:"sum_consume"`
		SumRecharged Fen    `json:"sum_recharge"`
		ID           int64  `json:"id"`
		Status       string `json:"card_status"` // 正常, 挂失, 已退卡, 已换卡, 停用, 过期
		Shop         string `json:"org_name"`
	}

	// Changed is the answer of Open, Modify and ConsumeScore, and part of other answers: the card after the
	// change.
	Changed struct {
		Receipt
		Card
	}

	// Recharged is the answer of Recharge.
	Recharged struct {
		Changed
		Bonus    Fen   `json:"add_money"`
		AddScore Count `json:"add_score"`
	}

	// Consumed is the answer of Consume. Net = Gross − Discounted = FromCard + PaidElsewhere.
	Consumed struct {
		Changed
		Gross         Fen  `json:"ori_money"`
		Discount      Rate `json:"discount"`
		Discounted    Fen  `json:"discount_money"`
		Net           Fen  `json:"act_money"`
		FromCard      Fen  `json:"card_money"`
		PaidElsewhere Fen  `json:"depot_money"`
	}

	// HistoryPage is a page of a card's journal.
	HistoryPage struct {
		Entries  []HistoryEntry `json:"data"`
		Total    Count          `json:"pages"` // the number of matching entries on all pages
		Page     int            `json:"page"`
		PageSize int            `json:"page_size"`
	}

	// HistoryEntry is an entry of the journal. Refunds and reversals have negative amounts.
	HistoryEntry struct {
		ID          int64  `json:"id"`
		UnixTime    int64  `json:"time"` // seconds
		EventType   int    `json:"type"`
		Shop        string `json:"org_name"`
		Gross       Fen    `json:"ori_money"`
		Net         Fen    `json:"act_money"`
		Balance     Fen    `json:"amount"` // after the entry
		Score       Count  `json:"score"`  // after the entry
		PayType     string `json:"pay_type_text"`
		Description string `json:"description"` // HTML
	}

	// PayType is a way to pay for a recharge.
	PayType struct {
		ID   int64
		Name string
	}

	// Rule is a rule for recharges. Money says when it applies: 0.00 = to each recharge, 1.00 = to each recharge,
	// as a percentage of it, anything else = from that amount on. Of the last kind only the highest that is
	// reached applies.
	Rule struct {
		Money       Fen    `json:"money"`
		AddMoney    Rate   `json:"add_money"` // in ten-thousandths: of the recharge if Money is 1.00, otherwise of a yuan
		AddScore    Count  `json:"add_score"`
		Description string `json:"description"`
	}
)

// UnmarshalJSON reads a pair, like [1,"现金"].
func (p *PayType) UnmarshalJSON(b []byte) error {
	pair := []any{&p.ID, &p.Name}
	if err := json.Unmarshal(b, &pair); err != nil {
		return err
	}
	if len(pair) != 2 {
		return fmt.Errorf("pay type %s: want a pair", b)
	}
	return nil
}
