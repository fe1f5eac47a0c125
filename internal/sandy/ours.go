package sandy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// Values of refund's type: the event numbers of getcardhis.
const (
	typeRecharge = 6
	typeConsume  = 7
)

// refund refunds a consume, in part or whole, or reverses a recharge. The endpoint is our addition.
func refund(c *call, f *fields) order {
	number := f.card("card_id")
	id, of := f.origin()
	money := f.moneyOr("money", 0)
	if money == 0 && f.in.sent("money") { // a variable that was not set is not the whole bill
		f.tooFine(f.in.get("money"))
		f.bad("money", "必须大于0")
	}
	note := f.note("reason")
	answer := func(ch command.Changes) []byte { return c.refunded(&ch, number) }
	switch f.integerOr("type", typeConsume) {
	case typeConsume:
		return order{
			command: command.RefundConsume{
				Merchant: c.merchant.ID, By: c.by(), Card: number, Entry: id, Request: c.requestKey("consume", of),
				Amount: money, Note: note,
			},
			answer: answer,
		}
	case typeRecharge:
		if f.in.get("money").kind != absent {
			f.bad("money", "不能与充值撤销同用") // a reversal takes back all that is unused
		}
		return order{
			command: command.ReverseRecharge{
				Merchant: c.merchant.ID, By: c.by(), Card: number, Entry: id, Request: c.requestKey("recharge", of), Note: note,
			},
			answer: answer,
		}
	}
	f.bad("type", "应为6或7")
	return order{}
}

// origin reads what is taken back: the id of an entry or, in its place, that of the caller's earlier request which made
// it. The answers of the page do not tell the former.
func (f *fields) origin() (id ledger.EntryID, of string) {
	const name = "ori_request_id"
	m := f.member(name, text)
	if f.in.get(name).kind == absent {
		return ledger.EntryID(f.integer("id")), ""
	}
	if f.in.get("id").value != "" {
		f.bad(name, "不能与id同用")
	}
	of = ledger.FoldRequestID(m.value)
	if fault := ledger.CheckRequestID(of); fault != 0 {
		f.bad(name, wire.RequestIDFault(fault))
	}
	return 0, of
}

// refunded writes what was given back: to the card for a consume, to the holder for a recharge. The balances are
// those after all entries of the request, as getcardinfo shows them: without what came back expired.
func (c *call) refunded(ch *command.Changes, number string) []byte {
	e := ch.Last()
	after := ch.Card(number).Settled(e.At, c.merchant.Today(e.At))
	var w writer
	w.Open('{')
	w.Int("cur_score", after.Points)
	w.amount("money", e.Gross)
	w.amountText("amount", after.AvailableAmount())
	w.Text("card_id", after.Number)
	w.Int("type", kinds[e.Kind].event)
	w.Int("id", int64(e.ID))
	w.Close('}')
	return w.B
}

// maxNote limits a reason, in characters.
const maxNote = 200

// note reads an optional reason.
func (f *fields) note(name string) string {
	note := f.textIfAny(name)
	if note == nil {
		return ""
	}
	if len([]rune(*note)) > maxNote {
		f.bad(name, fmt.Sprintf("最多%d个字", maxNote))
	}
	return *note
}

// reportLost blocks a card, cancelLost unblocks it. Both endpoints are our additions.
func reportLost(c *call, f *fields) order {
	number := f.card("card_id")
	return c.stated(number, command.ReportLost{Merchant: c.merchant.ID, By: c.by(), Card: number})
}

func cancelLost(c *call, f *fields) order {
	number := f.card("card_id")
	return c.stated(number, command.CancelLoss{Merchant: c.merchant.ID, By: c.by(), Card: number})
}

func (c *call) stated(number string, cmd command.Command) order {
	return order{command: cmd, answer: func(ch command.Changes) []byte {
		card := ch.Card(number)
		var w writer
		w.Open('{')
		w.Text("card_id", card.Number)
		w.Text("card_status", statusName(card, c.merchant.Today(ch.Last().At)))
		w.Close('}')
		return w.B
	}}
}

// changing lists the endpoints that take a request id.
var changing = []string{
	"cardopen", "recharge", "consume", "modcardinfo", "consume_score", "refund", "report_lost", "cancel_lost",
}

// askRequest returns what became of an earlier request of the caller, and changes nothing. The endpoint is our
// addition.
func askRequest(d *Dialect, ctx context.Context, c *call, f *fields) ([]byte, error) {
	name, id := f.text("endpoint"), ledger.FoldRequestID(f.text("request_id"))
	if id == "" && f.in.get("request_id").value != "" {
		f.bad("request_id", "不能为空")
	}
	if name != "" && !slices.Contains(changing, name) {
		f.bad("endpoint", "不在列表中")
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	ch, err := d.cfg.Doer.Do(ctx, command.Recall{
		Merchant: c.merchant.ID, Key: c.requestKey(name, id), Layouts: layouts[name],
	})
	if refusal, ok := errors.AsType[ledger.Refusal](err); ok && refusal.Reason == ledger.RequestUnknown {
		ch, err = command.Changes{Replay: &ledger.Request{Answer: []byte("null")}}, nil
	}
	if err != nil {
		return nil, err
	}
	var w writer
	w.Open('{')
	w.Text("request_id", id)
	w.Text("endpoint", name)
	w.Int("done", oneIf(ch.Replay.Key.ID != ""))
	w.Int("id", int64(ch.Replay.Entry))
	w.Key("answer")
	w.B = append(w.B, ch.Replay.Answer...)
	w.Close('}')
	return w.B, nil
}

func oneIf(claim bool) int64 {
	if claim {
		return 1
	}
	return 0
}
