package apply

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Store is what this package reads of the books.
type Store interface {
	Merchants(ctx context.Context) ([]ledger.Merchant, error)
	Heads(ctx context.Context) ([]ledger.Head, error)
	Agents(ctx context.Context) ([]ledger.Agent, error)
	Card(ctx context.Context, key ledger.CardKey) (*ledger.Card, error)
	History(ctx context.Context, q ledger.HistoryQuery) (ledger.HistoryPage, error)
	Load(ctx context.Context, wants ...command.Want) ([]command.Records, error)
	LevelInUse(ctx context.Context, merchant ledger.MerchantID, level ledger.LevelID) (bool, error)
	ShopInUse(ctx context.Context, merchant ledger.MerchantID, shop ledger.ShopID) (bool, error)
	PayTypeInUse(ctx context.Context, merchant ledger.MerchantID, id ledger.PayTypeID) (bool, error)
	Stocks(ctx context.Context, merchant ledger.MerchantID) ([]ledger.CouponStock, error)
}

// Doer carries out commands.
type Doer interface {
	Do(ctx context.Context, cmd command.Command) (command.Changes, error)
}

// Report is what was done.
type Report struct {
	Lines  []Line  `json:"lines"`
	Tokens []Token `json:"tokens,omitempty"` // of new agents; this is the only time they are seen
}

// Refused reports whether any line was refused.
func (r *Report) Refused() bool {
	for _, l := range r.Lines {
		if l.Result == Refused {
			return true
		}
	}
	return false
}

// Read returns the configuration that the books hold now.
func Read(ctx context.Context, store Store) (Current, error) {
	// The heads are read first: if somebody changes settings between the reads, saving is refused as stale instead of
	// overwriting their change.
	heads, err := store.Heads(ctx)
	if err != nil {
		return Current{}, fmt.Errorf("read heads: %w", err)
	}
	merchants, err := store.Merchants(ctx)
	if err != nil {
		return Current{}, fmt.Errorf("read merchants: %w", err)
	}
	agents, err := store.Agents(ctx)
	if err != nil {
		return Current{}, fmt.Errorf("read agents: %w", err)
	}
	settings := map[ledger.MerchantID]ledger.EntryID{}
	for _, h := range heads {
		settings[h.Merchant] = h.Settings
	}
	return Current{
		Merchants: merchants, Settings: settings, Agents: agents,
		LevelInUse: func(m ledger.MerchantID, l ledger.LevelID) (bool, error) { return store.LevelInUse(ctx, m, l) },
		ShopInUse:  func(m ledger.MerchantID, s ledger.ShopID) (bool, error) { return store.ShopInUse(ctx, m, s) },
		PayTypeInUse: func(m ledger.MerchantID, p ledger.PayTypeID) (bool, error) {
			return store.PayTypeInUse(ctx, m, p)
		},
		CouponKindInUse: func(m ledger.MerchantID, k ledger.CouponKindID) (bool, error) {
			stocks, err := store.Stocks(ctx, m)
			return slices.ContainsFunc(stocks, func(s ledger.CouponStock) bool { return s.Kind == k && s.Sent > 0 }), err
		},
	}, nil
}

// Check returns what Run would report, with results like "would be created", and changes nothing. It asks only
// whether cards exist and coupons were sent; Run may still refuse what Check says would be created.
func (p *Plan) Check(ctx context.Context, store Store) ([]Line, error) {
	lines := slices.Clone(p.Lines)
	for _, c := range p.cards {
		line := Line{Kind: "card", Merchant: c.merchant, Name: c.card.Number, Result: Created}
		a, err := c.account(ctx, store)
		if err != nil {
			return nil, err
		}
		if a.card != 0 {
			line.Result = Unchanged
		}
		lines = append(lines, line)
		for _, g := range c.gifts {
			line := Line{Kind: "coupons", Merchant: c.merchant, Name: named(c.card.Number, g), Result: Created}
			sent, differs, err := a.sent(ctx, store, g)
			if err != nil {
				return nil, err
			}
			if sent {
				line.Result, line.Detail = Unchanged, differs
			}
			lines = append(lines, line)
		}
	}
	for i, l := range lines {
		if l.Result == Created || l.Result == Updated || l.Result == Removed {
			lines[i].Result = "would be " + l.Result
		}
	}
	return lines, nil
}

// Reseal decrypts the secrets of the plan's agents with from and encrypts them with to. It is for a plan made
// before the key of the books existed.
func (p *Plan) Reseal(from, to auth.Vault) error {
	for i := range p.agents {
		a := &p.agents[i]
		secret, err := auth.Secret(from, a)
		if err != nil {
			return err
		}
		auth.SealSecret(to, a, secret)
		if a.Key == nil {
			continue
		}
		key, err := auth.APIKey(from, a)
		if err != nil {
			return err
		}
		auth.SealAPIKey(to, a, key)
	}
	return nil
}

// Run carries out the plan. The report is valid even with an error: it has what was done until then. After an error
// the file can be planned and run again, and what was done already is then unchanged.
func (p *Plan) Run(ctx context.Context, store Store, engine Doer) (Report, error) {
	report := Report{Lines: p.Lines}
	for _, m := range p.merchants {
		if err := m.save(ctx, engine, p.by()); err != nil {
			return report, fmt.Errorf("save merchant %d: %w", m.to.ID, again(err))
		}
	}
	for _, a := range p.agents {
		if _, err := engine.Do(ctx, command.ChangeAgent{By: p.by(), To: a}); err != nil {
			return report, fmt.Errorf("save agent %s: %w", a.Name, again(err))
		}
	}
	report.Tokens = p.tokens
	for _, c := range p.cards {
		line, err := c.open(ctx, store, engine)
		if err != nil {
			return report, fmt.Errorf("open card %s of merchant %d: %w", c.card.Number, c.merchant, err)
		}
		report.Lines = append(report.Lines, line)
		if line.Result == Refused {
			continue
		}
		lines, err := c.sendAll(ctx, store, engine, p.newCouponNumber)
		report.Lines = append(report.Lines, lines...)
		if err != nil {
			return report, fmt.Errorf("send coupons to card %s of merchant %d: %w", c.card.Number, c.merchant, err)
		}
	}
	return report, nil
}

// by returns the caller that stands in entries of settings and agents.
func (p *Plan) by() ledger.Caller { return ledger.Caller{Operator: cmp.Or(p.operator, operator)} }

// again adds to a refusal for a concurrent change that the file should be applied again.
func again(err error) error {
	if refusal, ok := errors.AsType[ledger.Refusal](err); ok && refusal.Reason == ledger.SettingsMoved {
		return fmt.Errorf("%w: nothing of theirs was overwritten; apply the file again", err)
	}
	return err
}

// settings is a merchant as it is to be.
type settings struct {
	to   ledger.Merchant
	from ledger.EntryID // the entry that made the settings this change was planned on; 0 = none
	new  bool           // the merchant does not exist yet
}

// save puts the settings into force by an entry in the merchant's journal. A new merchant is first added by an
// entry in the host's journal. If the program ends between the two, the merchant exists without an entry of its
// own, and the next file that names it makes that entry.
func (s *settings) save(ctx context.Context, engine Doer, by ledger.Caller) error {
	if s.new {
		if _, err := engine.Do(ctx, command.AddMerchant{By: by, To: s.to}); err != nil {
			return err
		}
	}
	_, err := engine.Do(ctx, command.ChangeSettings{
		Merchant: s.to.ID, By: by, To: s.to, From: s.from,
	})
	return err
}

// open opens the card unless the merchant has a card of that number.
func (c card) open(ctx context.Context, store Store, engine Doer) (Line, error) {
	line := Line{Kind: "card", Merchant: c.merchant, Name: c.card.Number, Result: Unchanged}
	known, err := store.Card(ctx, ledger.CardNamed(c.merchant, c.card.Number))
	if err != nil || known != nil {
		return line, err
	}
	asked := c.card
	asked.Number = ledger.FoldNumber(asked.Number)
	return doOnce(ctx, engine, line, command.Once{
		Command:     command.Open{Merchant: c.merchant, By: ledger.Caller{Operator: operator}, Card: c.card},
		Key:         ledger.RequestKey{Scope: operator, ID: asked.Number},
		Fingerprint: sha256.Sum256(fmt.Appendf(nil, "%+v", asked)),
	})
}

// doOnce carries out a request, and returns the line with what came of it: created, refused, or as it was if the
// request was carried out before.
func doOnce(ctx context.Context, engine Doer, line Line, request command.Once) (Line, error) {
	request.Answer = func(command.Changes) []byte { return nil }
	changes, err := engine.Do(ctx, request)
	if refusal, ok := errors.AsType[ledger.Refusal](err); ok {
		line.Result, line.Detail = Refused, refusal.Error()
		return line, nil
	}
	if err == nil && changes.Replay == nil {
		line.Result = Created
	}
	return line, err
}
