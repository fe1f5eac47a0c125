package dc78

import (
	"context"
	"errors"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// mbRefund refunds a consume, in part or whole (action 1), or reverses a recharge (action 0). The action is our
// addition.
func mbRefund(c *call, f *fields) order {
	number := f.required("mbno")
	id, of := f.origin()
	note := f.note("subject", "memo")
	switch f.required("action") {
	case transConsume:
		amount := f.moneyOr0("amt")
		if amount == 0 && f.get.has("amt") { // a variable that was not set is not the whole bill
			f.bad("amt", "必须大于0")
		}
		return order{
			kind: ".consume",
			command: command.RefundConsume{
				Merchant: c.merchant.ID, By: c.by(f), Card: number, Entry: id,
				Request: c.requestOf("mb_trans", ".consume", of), Amount: amount, Note: note,
			},
			answer: c.refundedOn(number, f.ref(), "退款成功"),
		}
	case transRecharge:
		f.never(whyWhole, "amt") // a reversal takes back all that is unused
		return order{
			kind: ".recharge",
			command: command.ReverseRecharge{
				Merchant: c.merchant.ID, By: c.by(f), Card: number, Entry: id,
				Request: c.requestOf("mb_trans", ".recharge", of), Note: note,
			},
			answer: c.refundedOn(number, f.ref(), "充值撤销成功"),
		}
	case "":
		return order{}
	}
	f.bad("action", wantFlag)
	return order{}
}

// origin reads what is taken back: id, which an answer told, or in its place ofRef, the ref of the request that made
// it. A till which got no answer knows only the latter.
func (f *fields) origin() (id ledger.EntryID, of string) {
	const name = "ofRef"
	sent := f.get.value(name)
	if sent == "" {
		return ledger.EntryID(f.integer("id")), ""
	}
	f.never("不能与ofRef同用", "id")
	of = ledger.FoldRequestID(sent)
	if fault := ledger.CheckRequestID(of); fault != 0 {
		f.bad(name, wire.RequestIDFault(fault))
	}
	return 0, of
}

// refundedOn returns the function that writes the answer. amt is what was given back: to the card for a consume,
// to the holder for a recharge. The balances are those after all entries of the request, as mb_check shows them:
// without what came back expired.
func (c *call) refundedOn(number, ref, info string) func(command.Changes) []byte {
	return func(ch command.Changes) []byte {
		e := ch.Last()
		after := ch.Card(number).Settled(e.At, c.merchant.Today(e.At))
		w := succeeded()
		w.Text("info", info)
		w.intText("id", int64(e.ID))
		w.Text("mbno", after.Number)
		w.amount("amt", e.Gross)
		principal, bonus := after.AvailableParts()
		w.amount("balance", principal)
		w.amount("bns_balance", bonus)
		w.intText("points", after.Points)
		w.Text("ref", ref)
		w.Close('}')
		return w.B
	}
}

// Values of mb_state's get parameter action.
const (
	stateLost    = "0"
	stateFound   = "1"
	stateRequest = "2"
)

// mayState returns the permission that the parameter action needs. Blocking a card and unblocking it are separate
// rights.
func mayState(get params) ledger.Permission {
	switch get.value("action") {
	case stateLost:
		return ledger.MayLose
	case stateFound:
		return ledger.MayCancelLoss
	}
	return ledger.MayRead
}

// looksUp reports whether mb_state only looks up what became of a request.
func looksUp(get params) bool { return get.value("action") == stateRequest }

// mbState reports a card lost, cancels the loss, or reports what became of a request. The action is our addition.
func mbState(d *Dialect, ctx context.Context, c *call, f *fields) (result, error) {
	switch f.required("action") {
	case stateLost:
		number := f.required("mbno")
		lost := command.ReportLost{Merchant: c.merchant.ID, By: c.by(f), Card: number}
		return d.complete(ctx, c, f, order{kind: ".lost", command: lost, answer: c.stated(number, "挂失成功")})
	case stateFound:
		number := f.required("mbno")
		found := command.CancelLoss{Merchant: c.merchant.ID, By: c.by(f), Card: number}
		return d.complete(ctx, c, f, order{kind: ".found", command: found, answer: c.stated(number, "解挂成功")})
	case stateRequest:
		object, err := d.recall(ctx, c, f)
		return result{object: object}, engine.OfRead(err)
	case "":
	default:
		f.bad("action", "应为0、1或2")
	}
	return result{}, f.err()
}

// stated returns the function that writes the card's state.
func (c *call) stated(number, info string) func(command.Changes) []byte {
	return func(ch command.Changes) []byte {
		card := ch.Card(number)
		w := succeeded()
		w.Text("info", info)
		w.intText("id", int64(ch.Last().ID))
		w.Text("mbno", card.Number)
		w.Text("state", c.state(card))
		w.Close('}')
		return w.B
	}
}

// refKinds lists the actions that take a ref and, for each value of their own parameter action, the kind that is
// part of the request's scope.
var refKinds = map[string]map[string]string{
	"mb_trans": {
		transRecharge: ".recharge", transConsume: ".consume", transCharge: ".sign", transRefundCharge: ".unsign",
	},
	"mb_refund":   {transRecharge: ".recharge", transConsume: ".consume"},
	"mb_state":    {stateLost: ".lost", stateFound: ".found"},
	"mb_vericode": {transRecharge: "." + transRecharge, transConsume: "." + transConsume, transCharge: "." + transCharge},
	"mb_invoice":  {"": "", invoiceMade: "", invoiceTakenBack: ".back"},
	"mb_renew":    {"": ""}, "mb_pttrans": {"": ""}, "co_send": {"": ""}, "mb_newcard": {"": ""},
}

// recall returns what became of an earlier request: ref names it, of is its action, and ofAction its parameter
// action. It changes nothing.
func (d *Dialect) recall(ctx context.Context, c *call, f *fields) ([]byte, error) {
	of := f.required("of")
	f.required("ref")
	ref := f.ref()
	kinds, known := refKinds[of]
	if of != "" && !known {
		f.bad("of", "不在列表中")
	}
	kind, known := kinds[f.get.value("ofAction")]
	if len(kinds) > 0 && !known && f.required("ofAction") != "" {
		f.bad("ofAction", "不在列表中")
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	var layouts []command.Layout
	if of == "mb_trans" {
		layouts = transLayouts(kind)
	}
	ch, err := d.cfg.Doer.Do(ctx, command.Recall{
		Merchant: c.merchant.ID, Layouts: layouts, Key: c.requestOf(of, kind, ref),
	})
	refusal, refused := errors.AsType[ledger.Refusal](err)
	unknown := refused && refusal.Reason == ledger.RequestUnknown
	if err != nil && !unknown {
		return nil, err
	}
	w := succeeded()
	if unknown {
		w.Text("info", "未处理")
		w.Text("done", "0")
		w.Text("ref", ref)
		w.Close('}')
		return w.B, nil
	}
	w.Text("info", "已处理")
	w.Text("done", "1")
	w.Text("ref", ref)
	w.intText("id", int64(ch.Replay.Entry))
	w.Key("answer")
	w.B = append(w.B, ch.Replay.Answer...)
	w.Close('}')
	return w.B, nil
}
