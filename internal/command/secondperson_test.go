package command

import (
	"testing"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// stake is what an entry gives away for no sale, told without the ledger's own rule.
func stake(m *ledger.Merchant, before ledger.Fen, e *ledger.Entry) ledger.Fen {
	switch e.Kind {
	case ledger.ConsumeRefunded, ledger.RechargeReversed, ledger.Withdrawn, ledger.CardReturned:
		return max(e.Principal+e.Bonus, -e.Principal)
	case ledger.ChargeRefunded:
		return e.Gross
	case ledger.BonusGiven:
		return e.Bonus
	case ledger.PointsAdjusted:
		points, ratio := e.Points-e.PointsOwed, m.Settings.PointsRatio
		if ratio == 0 {
			ratio = 100
		}
		return ledger.Fen(max(points, -points) * 100 / ratio)
	case ledger.DetailsChanged:
		if e.Details.Credit > before {
			return e.Details.Credit
		}
	}
	return 0
}

// Whatever people do in whatever order, no entry above the limit has one person only, and none names one twice; what is
// within the limit is never refused for it (invariant 62).
func TestPropertyInvariant62(t *testing.T) {
	t.Parallel()
	two, refused := 0, 0
	checkShown(t, func() bool { return two >= 20 && refused >= 20 }, func(t *rapid.T) {
		merchants, orders := story{t: t, people: true}.draw()
		l := newMemStore(merchants...)
		credits := map[row[ledger.CardID]]ledger.Fen{}
		for _, o := range orders {
			m := l.merchants[o.cmd.MerchantID()]
			ch, err := l.do(o.cmd, o.now)
			if err != nil && reasonOf(err) == ledger.NeedsSecondPerson {
				refused++
				continue
			}
			for i := range ch.Entries {
				e := &ch.Entries[i]
				key := row[ledger.CardID]{e.Merchant, e.Card}
				if limit := m.Settings.SecondPerson; limit > 0 && e.By.Person != 0 && stake(&m, credits[key], e) > limit {
					two++
					if e.By.Proposer == 0 {
						t.Fatalf("%v of %v by person %d alone, above %v", e.Kind, e.Gross, e.By.Person, limit)
					}
				}
				if e.By.Proposer != 0 && (e.By.Proposer == e.By.Person || e.By.Person == 0) {
					t.Fatalf("%v by %+v", e.Kind, e.By)
				}
				if e.Details != nil {
					credits[key] = e.Details.Credit
				}
			}
		}
	})
}
