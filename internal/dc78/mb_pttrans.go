package dc78

import (
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// mbPttrans adds points or takes them off (shared rules of dc78, mb_pttrans).
func mbPttrans(c *call, f *fields) order {
	number := f.required("mbno")
	return order{
		command: command.AdjustPoints{
			Merchant: c.merchant.ID,
			By:       c.by(f),
			Card:     number,
			Points:   f.signed("pt"),
			Note:     f.note("subject", "memo"),
			Proof:    c.proof(f, "", 0),
		},
		answer: func(ch command.Changes) []byte { return pointsMoved(ch.Last()) },
	}
}

func pointsMoved(e *ledger.Entry) []byte {
	w := succeeded()
	w.Text("info", "积分更新成功")
	w.intText("id", int64(e.ID))
	w.intText("pt", e.Earned())
	w.Int("ptbalance", e.PointsAfter)
	w.Close('}')
	return w.B
}
