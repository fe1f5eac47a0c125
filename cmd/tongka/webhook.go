package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tongka/internal/config"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

type webhookCmd struct {
	List      webhookList      `cmd:"" help:"List where the entries of merchants are sent, how far that is, and what fails. No secret is printed."`
	Add       webhookAdd       `cmd:"" help:"Add a webhook of a merchant and print its secret, once."`
	Renew     webhookRenew     `cmd:"" help:"Give a webhook another secret and print it, once. The one of before signs beside it until tongka webhook retire."`
	Retire    webhookRetire    `cmd:"" help:"End the secret of before a renewal."`
	Stop      webhookStop      `cmd:"" help:"Stop a webhook."`
	Remove    webhookRemove    `cmd:"" help:"Remove a webhook that is stopped, with its tries. What was done to it stays in the audit."`
	Pause     webhookPause     `cmd:"" help:"Send a webhook nothing until it is resumed, and then all of it."`
	Resume    webhookResume    `cmd:"" help:"Let a webhook that fails or is paused go on from where it stands, or one that was stopped begin anew."`
	Redeliver webhookRedeliver `cmd:"" help:"Send entries once more that were sent before, one or a range of them, or take back what waits for that."`
	Tries     webhookTries     `cmd:"" help:"List the newest tries to deliver to a webhook."`
}

type webhookList struct{ partList }

type webhookRow struct {
	Merchant ledger.MerchantID `json:"merchant"`
	ID       ledger.WebhookID  `json:"id"`
	Name     string            `json:"name"`
	URL      string            `json:"url"`
	Kinds    string            `json:"kinds"` // "" = all that are on cards
	State    string            `json:"state"` // well, fails, paused or stopped
	Renewed  bool              `json:"renewed"`
	Entry    ledger.EntryID    `json:"entry"` // all up to it were delivered
	Behind   int64             `json:"behind"`
	LastAt   string            `json:"last_at"` // with the zone, which is this machine's
	LastCode int               `json:"last_code"`
}

// Run lists the webhooks.
func (c *webhookList) Run(ctx context.Context, con *console) (err error) {
	merchants, err := c.merchants(ctx, c.Merchant)
	if err != nil {
		return err
	}
	s, err := openReader(ctx, c.DB)
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	heads, err := s.Heads(ctx)
	if err != nil {
		return err
	}
	last := map[ledger.MerchantID]ledger.EntryID{}
	for i := range heads {
		last[heads[i].Merchant] = heads[i].LastEntry
	}
	var rows []webhookRow
	for i := range merchants {
		more, err := webhookRows(ctx, s, merchants[i].ID, last[merchants[i].ID])
		if err != nil {
			return err
		}
		rows = append(rows, more...)
	}
	return print(con, c.listing, rows)
}

// webhookRows returns a merchant's webhooks as they are listed.
func webhookRows(
	ctx context.Context, s *store.Store, merchant ledger.MerchantID, last ledger.EntryID,
) (rows []webhookRow, err error) {
	all, err := s.Webhooks(ctx, merchant)
	if err != nil {
		return nil, err
	}
	states, err := s.WebhookStates(ctx, merchant)
	if err != nil {
		return nil, err
	}
	for i := range all {
		w := &all[i]
		is := w.State(states)
		row := webhookRow{
			Merchant: merchant, ID: w.ID, Name: w.Name, URL: w.URL, Kinds: kindNames(w.Kinds), State: w.Standing(&is),
			Renewed: w.Spare != nil, Entry: is.Entry, Behind: int64(last - is.Entry), LastCode: is.LastCode,
		}
		if !is.LastAt.IsZero() {
			row.LastAt = is.LastAt.Local().Format(agentTime)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func kindNames(kinds []ledger.Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.String()
	}
	return strings.Join(names, ",")
}

// oneWebhook has the flags of commands about a webhook.
type oneWebhook struct {
	config.Database
	Merchant string `required:"" placeholder:"ID|GUID" help:"Whose webhook it is."`
	Name     string `arg:"" help:"The name of the webhook, such as what receives it."`
}

// webhooks has the webhooks of merchants.
type webhooks interface {
	merchants
	Webhooks(ctx context.Context, merchant ledger.MerchantID) ([]ledger.Webhook, error)
}

// at does something with the webhook in the books.
func (c *oneWebhook) at(ctx context.Context, do func(*books, ledger.Webhook) error) (err error) {
	b, err := openBegun(ctx, c.DB, engine.Config{})
	if err != nil {
		return err
	}
	defer b.Close(&err)
	w, err := c.find(ctx, b)
	if err != nil {
		return err
	}
	return do(b, w)
}

// find returns the webhook of that name.
func (c *oneWebhook) find(ctx context.Context, in webhooks) (ledger.Webhook, error) {
	m, err := findMerchant(ctx, in, c.Merchant)
	if err != nil {
		return ledger.Webhook{}, err
	}
	all, err := in.Webhooks(ctx, m.ID)
	if err != nil {
		return ledger.Webhook{}, err
	}
	for i := range all {
		if all[i].Name == c.Name {
			return all[i], nil
		}
	}
	return ledger.Webhook{}, fmt.Errorf("%s has no webhook %q: see tongka webhook list", m.Name, c.Name)
}

type webhookTries struct {
	oneWebhook
	listing
	Limit int `default:"50" placeholder:"N" help:"How many."`
}

type webhookTryRow struct {
	At     string         `json:"at"` // with the zone, which is this machine's
	Entry  ledger.EntryID `json:"entry"`
	Status int            `json:"status"` // of HTTP; 0 = there was no answer
	TookMS int64          `json:"took_ms"`
	Said   string         `json:"said"`
}

// Run lists the tries, the newest first.
func (c *webhookTries) Run(ctx context.Context, con *console) (err error) {
	s, err := openReader(ctx, c.DB)
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	w, err := c.find(ctx, s)
	if err != nil {
		return err
	}
	tries, err := s.WebhookTries(ctx, ledger.WebhookTryQuery{Merchant: w.Merchant, Webhook: w.ID, Limit: max(c.Limit, 1)})
	if err != nil {
		return err
	}
	var rows []webhookTryRow
	for _, t := range tries {
		rows = append(rows, webhookTryRow{
			t.At.Local().Format(agentTime), t.Entry, t.Status, t.Took.Round(time.Millisecond).Milliseconds(), t.Said,
		})
	}
	return print(con, c.listing, rows)
}
