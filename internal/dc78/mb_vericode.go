package dc78

import (
	"context"
	"errors"
	"fmt"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Outbox makes the messages that are sent to holders.
type Outbox struct {
	// NewCode draws a code of six digits, NewID the number of a message.
	NewCode func() (string, error)
	NewID   func() ledger.MessageID
	// Seal encrypts the text of a message, so that whoever reads the database does not learn it.
	Seal func(merchant ledger.MerchantID, id ledger.MessageID, text string) []byte
}

// mbVericode sends the holder a code for one transaction (shared rules of dc78, mb_vericode).
func mbVericode(d *Dialect, ctx context.Context, c *call, f *fields) (result, error) {
	o, err := d.sendCode(c, f)
	if err != nil {
		return result{}, err
	}
	done, err := d.complete(ctx, c, f, o)
	if refusal, ok := errors.AsType[ledger.Refusal](err); ok && refusal.Reason == ledger.CodeNotNeeded {
		return result{object: notNeeded()}, nil
	}
	return done, err
}

func (d *Dialect) sendCode(c *call, f *fields) (order, error) {
	action := f.required("action")
	cmd := command.SendCode{
		Merchant: c.merchant.ID,
		By:       c.by(f),
		Card:     f.required("mbno"),
		Kind:     transKinds[action],
		Amount:   f.money("amt"),
		Present:  c.scan != nil,
	}
	if action != "" && cmd.Kind == 0 {
		f.bad("action", "应为0、1或2")
	}
	if d.cfg.Outbox != nil {
		code, err := d.cfg.Outbox.NewCode()
		if err != nil {
			return order{}, fmt.Errorf("draw code: %w", err)
		}
		cmd.Hash = c.bind(code, action, cmd.Amount)
		id := d.cfg.Outbox.NewID()
		text := fmt.Sprintf("%s:验证码%s,本次%s%v元,%d分钟内有效。仅在付款时告诉店员。",
			c.merchant.Name, code, codeWords[cmd.Kind], cmd.Amount, int(command.CodeLife.Minutes()))
		cmd.Message = ledger.Message{ID: id, Sealed: d.cfg.Outbox.Seal(c.merchant.ID, id, text)}
	}
	return order{command: cmd, kind: "." + action, answer: codeSent}, nil
}

// transKinds maps the values of action to the kinds of entry they make.
var transKinds = map[string]ledger.Kind{
	transRecharge: ledger.Recharged, transConsume: ledger.Consumed, transCharge: ledger.AccountCharged,
}

// codeWords names in the message what the holder agrees to with the code.
var codeWords = map[ledger.Kind]string{ledger.Consumed: "消费", ledger.AccountCharged: "签单"}

// codeSent writes the published answer. As in the published example, msgid may exceed 2^53.
func codeSent(ch command.Changes) []byte {
	m := &ch.Messages[0]
	w := succeeded()
	w.Int("errcode", 0)
	w.Text("errmsg", "ok")
	w.Int("msgid", int64(m.ID))
	if m.To.OpenID != "" {
		w.Text("info", "验证码已发送客户微信")
	} else {
		w.Text("info", "验证码已发送客户手机")
	}
	w.Close('}')
	return w.B
}

// notNeeded writes the answer by which the till may go on without a code.
func notNeeded() []byte {
	var w writer
	w.Open('{')
	w.Text("status", "2")
	w.Int("errcode", 0)
	w.Text("errmsg", "ok")
	w.Text("info", refusals[ledger.CodeNotNeeded].info)
	w.Close('}')
	return w.B
}
