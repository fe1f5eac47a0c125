package apply

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// operator stands in the journal as who made this package's entries; Options.Operator replaces it for settings and
// agents.
const operator = "apply"

// cards reads the cards a merchant starts with.
func (b *builder) cards(m *ledger.Merchant) func(value) {
	return func(v value) {
		b.opened[m.ID] = v
		b.list(func(v value) {
			if !b.named(v, "{number: A0001, level: 1, name: …}") {
				return
			}
			if b.stays(v, "a card stays in the books: tongka cards return closes it") {
				return
			}
			n := command.NewCard{Kind: ledger.Common}
			var gifts []gift
			var d diff
			r := &b.reader
			b.object(v, fields{
				"number":    scalar(r, &d, &n.Number, parseText),
				"kind":      scalar(r, &d, &n.Kind, parseKind),
				"extid":     scalar(r, &d, &n.Details.ExtID, parseText),
				"level":     scalar(r, &d, &n.Level, parseCount(1, maxID[ledger.LevelID]())),
				"name":      scalar(r, &d, &n.Holder.Name, parseText),
				"phone":     scalar(r, &d, &n.Holder.Phone, parseText),
				"gender":    scalar(r, &d, &n.Holder.Gender, parseCount(0, 1)),
				"birthday":  scalar(r, &d, &n.Holder.Birthday, parseDay),
				"expires":   scalar(r, &d, &n.Expires, parseDay),
				"principal": scalar(r, &d, &n.Principal, parseMoney),
				"bonus":     scalar(r, &d, &n.Bonus, parseMoney),
				"credit":    scalar(r, &d, &n.Details.Credit, parseMoney),
				"points":    scalar(r, &d, &n.Points, parseCount[int64](0, ledger.MaxPoints)),
				"coupons":   b.gifts(&gifts),
			})
			b.plan.cards = append(b.plan.cards, card{m.ID, n, gifts})
		})(v)
	}
}

// checkCards decides an import of all the merchant's cards in the file as if all were new, and notes a problem for
// each that is refused. It needs the merchant as it will be, and does nothing if there are problems already.
func (b *builder) checkCards(m *ledger.Merchant) {
	v, ok := b.opened[m.ID]
	if !ok || len(b.problems) > 0 || v.node.Kind != yaml.SequenceNode {
		return
	}
	imported := command.Import{Merchant: m.ID, By: ledger.Caller{Operator: operator}}
	for _, c := range b.plan.cards {
		if c.merchant == m.ID {
			imported.Cards = append(imported.Cards, c.card)
		}
	}
	state := command.NewState(m.ID)
	state.Learn(state.Missing(imported.Keys()), command.Records{Merchant: m, Head: ledger.Head{Merchant: m.ID}})
	changes, err := imported.Decide(state, b.opt.Now)
	if err != nil {
		b.fail(v, "%v", err)
		return
	}
	for _, refused := range changes.Refused {
		at := valueOf(v.node.Content[refused.Index], fmt.Sprintf("%s[%d]", v.path, refused.Index))
		b.fail(at, "%v", refused.Refusal)
	}
}

func parseKind(s string) (ledger.CardKind, error) {
	for _, k := range []ledger.CardKind{ledger.Common, ledger.Micro, ledger.StoredValue} {
		if k.String() == s {
			return k, nil
		}
	}
	return 0, fmt.Errorf("want common, micro or stored-value, got %q", s)
}
