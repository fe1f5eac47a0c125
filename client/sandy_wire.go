package client

import (
	"encoding/json"
	"fmt"
)

// Requests. RequestID is at most 64 characters and may be left out: a random one is made. A till that
// writes it down before it asks can ask again even after a power cut.
type (
	// OpenRequest opens a card. All but Gender are required.
	OpenRequest struct {
		RequestID string `json:"request_id"`
		Card      string `json:"cardID"` // 4 to 32 letters, digits, - and _
		Level     int64  `json:"cardLevelID"`
		Name      string `json:"uname"`
		Phone     string `json:"phone"`
		Gender    int    `json:"gender"` // 1 male, 0 female
	}

	// ModifyRequest changes what is not nil. An empty phone or birthday clears it.
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
		PayType   int64  `json:"pay_type"` // of RechargeRules
	}

	// ConsumeRequest pays a bill above 0.
	ConsumeRequest struct {
		RequestID    string `json:"request_id"`
		Card         string `json:"card_id"`
		Amount       Fen    `json:"money"`
		Discountable *Fen   `json:"money_discount,omitempty"` // the part that gets the level's discount; nil = all
	}

	// ConsumeScoreRequest uses points above 0.
	ConsumeScoreRequest struct {
		RequestID string `json:"request_id"`
		Card      string `json:"card_id"`
		Score     int64  `json:"score"`
	}

	// HistoryRequest asks for a card's journal. What is zero is not asked for.
	HistoryRequest struct {
		Card            string `json:"card_id"`
		EventType       int    `json:"event_type,omitempty"`        // 6 recharges, 7 consumes …; 0 = all
		OnlyScoreChange int    `json:"only_score_change,omitempty"` // 1 = only entries that moved points
		FromUnix        int64  `json:"start_timestamp,omitempty"`   // seconds; both ends count
		ToUnix          int64  `json:"end_timestamp,omitempty"`
		Page            int    `json:"page,omitempty"`      // from 1
		PageSize        int    `json:"page_size,omitempty"` // at most 500; 0 = 20
	}
)

// Answers. Balance is principal and bonus together, Score the points left.
type (
	// Level is a level a card may have.
	Level struct {
		ID   int64  `json:"id"`
		Name string `json:"card_lel_name"`
	}

	// RechargeRules are the rules of a merchant and its pay types in their order.
	RechargeRules struct {
		Rules    []Rule    `json:"rules"`
		PayTypes []PayType `json:"paytypes"`
	}

	// Card is a card and its holder. All tell Number, Balance and Score; of the rest each endpoint tells
	// some, and what it does not is zero: ID and Status come with Cards, Birthday and Gender with CardInfo
	// and Modify, the sums with CardInfo, Shop with Open.
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

	// Changed answers Open, Modify and ConsumeScore, and stands in the other answers: the card after it.
	Changed struct {
		Receipt
		Card
	}

	// Recharged answers Recharge.
	Recharged struct {
		Changed
		Bonus    Fen   `json:"add_money"`
		AddScore Count `json:"add_score"`
	}

	// Consumed answers Consume: Actual = Original − Discounted = FromCard + Elsewhere.
	Consumed struct {
		Changed
		Original   Fen  `json:"ori_money"`
		Discount   Rate `json:"discount"`
		Discounted Fen  `json:"discount_money"`
		Actual     Fen  `json:"act_money"`
		FromCard   Fen  `json:"card_money"`
		Elsewhere  Fen  `json:"depot_money"`
	}

	// HistoryPage is a page of a card's journal.
	HistoryPage struct {
		Entries  []HistoryEntry `json:"data"`
		Total    Count          `json:"pages"` // of all entries that were asked for, on all pages
		Page     int            `json:"page"`
		PageSize int            `json:"page_size"`
	}

	// HistoryEntry is a line of the journal. Refunds and reversals have negative amounts.
	HistoryEntry struct {
		ID          int64  `json:"id"`
		UnixTime    int64  `json:"time"` // seconds
		EventType   int    `json:"type"`
		Shop        string `json:"org_name"`
		Original    Fen    `json:"ori_money"`
		Actual      Fen    `json:"act_money"`
		Balance     Fen    `json:"amount"` // after it
		Score       Count  `json:"score"`  // after it
		PayType     string `json:"pay_type_text"`
		Description string `json:"description"` // HTML
	}

	// PayType is a way to pay for a recharge.
	PayType struct {
		ID   int64
		Name string
	}

	// Rule is what a recharge gives: of Money 0.00 each one, of 1.00 each one by percent, else one of at
	// least so much; of these only the highest that is reached.
	Rule struct {
		Money       Fen    `json:"money"`
		AddMoney    Rate   `json:"add_money"` // ten-thousandths of a yuan; of the recharge where Money is 1.00
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
