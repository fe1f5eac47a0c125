package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/config"
	"tongka/internal/engine"
	"tongka/internal/hook"
	"tongka/internal/ledger"
	"tongka/internal/seal"
)

// changeWebhook has the flags of commands that make or change a webhook.
type changeWebhook struct {
	oneWebhook
	doer
}

// change opens the books and changes the webhook by do, which is called again on the new state if somebody else was
// first.
func (c *changeWebhook) change(ctx context.Context, what string, do func(*ledger.Webhook) error) (err error) {
	b, err := openBegun(ctx, c.DB, engine.Config{})
	if err != nil {
		return err
	}
	defer b.Close(&err)
	return c.changeIn(ctx, b, command.ChangeWebhook{Note: what}, func() (ledger.Webhook, error) {
		w, err := c.find(ctx, b)
		if err != nil {
			return w, err
		}
		return w, do(&w)
	})
}

// changeIn carries out the command on the webhook that decide returns, for as long as somebody else is first.
func (c *changeWebhook) changeIn(
	ctx context.Context, b *books, cmd command.ChangeWebhook, decide func() (ledger.Webhook, error),
) (err error) {
	if cmd.By, err = c.caller(); err != nil {
		return err
	}
	return retried(func() (string, error) {
		if cmd.To, err = decide(); err != nil {
			return "", err
		}
		_, err := b.engine.Do(ctx, cmd)
		return "webhook " + c.Name, err
	})
}

// renewing changes the webhook by do, which returns it with a secret, and prints that.
func (c *changeWebhook) renewing(
	ctx context.Context, con *console, where config.Secrets, cmd command.ChangeWebhook,
	do func(*books, *seal.Key) (ledger.Webhook, string, error),
) (err error) {
	b, err := openBegun(ctx, c.DB, engine.Config{})
	if err != nil {
		return err
	}
	defer b.Close(&err)
	key, err := openKey(ctx, b.Store, c.DB, where, os.Getenv(keyEnv))
	if err != nil {
		return err
	}
	secret := ""
	err = c.changeIn(ctx, b, cmd, func() (w ledger.Webhook, err error) {
		w, secret, err = do(b, key)
		return w, err
	})
	if err == nil {
		_, err = fmt.Fprintf(con.out, "secret of webhook %s, shown this once: %s\n", c.Name, secret)
	}
	return err
}

type webhookAdd struct {
	changeWebhook
	config.Secrets
	config.Webhooks
	URL   string   `required:"" name:"url" help:"Where the entries are sent. Without TLS only addresses of --webhook-allow may be called, which servers must have too."`
	Kinds []string `placeholder:"KIND" help:"Which entries are sent, such as recharge,consume; without it, all that are on cards."`
}

// Run adds the webhook.
func (c *webhookAdd) Run(ctx context.Context, con *console) error {
	kinds, err := kindsOf(c.Kinds)
	if err != nil {
		return err
	}
	for _, text := range c.WebhookAllow {
		if !addressOrRange(text) {
			return fmt.Errorf("webhook-allow: want an address or a range like 10.1.0.0/16, got %q", text)
		}
	}
	listed := config.Webhooks{WebhookAllow: c.WebhookAllow}
	cmd := command.ChangeWebhook{Note: "webhook add", Reach: hook.ReachOf(listed.Listed())(c.URL)}
	return c.renewing(ctx, con, c.Secrets, cmd, func(b *books, key *seal.Key) (w ledger.Webhook, _ string, err error) {
		m, err := findMerchant(ctx, b, c.Merchant)
		if err != nil {
			return w, "", err
		}
		all, err := b.Webhooks(ctx, m.ID)
		if err != nil {
			return w, "", err
		}
		w = ledger.Webhook{Merchant: m.ID, Name: c.Name, URL: c.URL, Kinds: kinds}
		if !ledger.AddWebhook(all, &w) {
			return w, "", fmt.Errorf("%s has a webhook %q already: choose another name", m.Name, c.Name)
		}
		return w, auth.RenewWebhook(key, &w), nil
	})
}

func kindsOf(names []string) (kinds []ledger.Kind, err error) {
	for _, name := range names {
		k, ok := ledger.ParseKind(strings.ReplaceAll(name, "_", "-")) // as events have it
		if !ok {
			return nil, fmt.Errorf("kinds: there is no kind %q of entries: want one of %s", name,
				kindNames(ledger.WebhookKinds()))
		}
		kinds = append(kinds, k)
	}
	return kinds, nil
}

type webhookRenew struct {
	changeWebhook
	config.Secrets
}

// Run makes another secret.
func (c *webhookRenew) Run(ctx context.Context, con *console) error {
	cmd := command.ChangeWebhook{Note: "webhook renew"}
	return c.renewing(ctx, con, c.Secrets, cmd, func(b *books, key *seal.Key) (w ledger.Webhook, _ string, err error) {
		if w, err = c.find(ctx, b); err != nil {
			return w, "", err
		}
		if w.Spare != nil {
			return w, "", errors.New("the secret of before its last renewal still signs: tongka webhook retire ends it")
		}
		return w, auth.RenewWebhook(key, &w), nil
	})
}

type webhookRetire struct{ changeWebhook }

// Run ends the secret of before.
func (c *webhookRetire) Run(ctx context.Context, con *console) error {
	err := c.change(ctx, "webhook retire", func(w *ledger.Webhook) error {
		if w.Spare == nil {
			return fmt.Errorf("webhook %s has one secret: there is no other beside it", c.Name)
		}
		w.EndSpare()
		return nil
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.out, "the secret of before of webhook %s has ended\n", c.Name)
	return err
}

type webhookStop struct{ changeWebhook }

// Run stops the webhook.
func (c *webhookStop) Run(ctx context.Context, con *console) error {
	err := c.change(ctx, "webhook stop", func(w *ledger.Webhook) error {
		w.Stopped = true
		return nil
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.out, "webhook %s is stopped\n", c.Name)
	return err
}

type webhookRemove struct{ changeWebhook }

// Run removes the webhook.
func (c *webhookRemove) Run(ctx context.Context, con *console) error {
	err := c.change(ctx, "webhook remove", func(w *ledger.Webhook) error {
		w.Removed = true
		return nil
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.out, "webhook %s is removed\n", c.Name)
	return err
}

type webhookPause struct{ oneWebhook }

// Run pauses the webhook, and says so as it then stands: one that is stopped stays so.
func (c *webhookPause) Run(ctx context.Context, con *console) error {
	return c.at(ctx, func(b *books, w ledger.Webhook) error {
		if err := b.PauseWebhook(ctx, w.Key(), time.Now()); err != nil {
			return err
		}
		states, err := b.WebhookStates(ctx, w.Merchant)
		if err != nil {
			return err
		}
		is := w.State(states)
		_, err = fmt.Fprintf(con.out, "webhook %s is %s\n", c.Name, w.Standing(&is))
		return err
	})
}

type webhookResume struct{ changeWebhook }

// Run starts a webhook that was stopped, or has one that fails tried at once.
func (c *webhookResume) Run(ctx context.Context, con *console) error {
	return c.at(ctx, func(b *books, w ledger.Webhook) (err error) {
		said := "goes on from where it stands"
		if w.Stopped {
			said = "is sent what happens from now on"
			cmd := command.ChangeWebhook{Note: "webhook resume"}
			err = c.changeIn(ctx, b, cmd, func() (ledger.Webhook, error) {
				w, err := c.find(ctx, b)
				w.Stopped = false
				return w, err
			})
		} else {
			err = b.ResumeWebhook(ctx, w.Key())
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(con.out, "webhook %s %s\n", c.Name, said)
		return err
	})
}

type webhookRedeliver struct {
	oneWebhook
	First ledger.EntryID `required:"" placeholder:"ENTRY" help:"The first entry."`
	Last  ledger.EntryID `placeholder:"ENTRY" help:"The last entry; without it, the first alone."`
	Back  bool           `help:"Take the range back that waits, as it was asked for. What is under way is sent."`
}

// Run asks for the entries.
func (c *webhookRedeliver) Run(ctx context.Context, con *console) error {
	return c.at(ctx, func(b *books, w ledger.Webhook) error {
		if c.Back {
			return c.takeBack(ctx, con, b, &w)
		}
		states, err := b.WebhookStates(ctx, w.Merchant)
		if err != nil {
			return err
		}
		waiting, err := b.WebhookAgains(ctx, w.Key())
		if err != nil {
			return err
		}
		is := w.State(states)
		again, not := w.Again(&is, waiting, c.First, c.Last)
		if not != nil {
			return errors.New(not.Text)
		}
		again.At = time.Now()
		if err := b.AddWebhookAgain(ctx, again); err != nil {
			return err
		}
		_, err = fmt.Fprintf(con.out, "webhook %s is sent entries %d to %d once more, as far as it wants them\n", c.Name,
			again.First, again.Last)
		return err
	})
}

// takeBack has the range not sent once more, if it waits, and says what still does.
func (c *webhookRedeliver) takeBack(ctx context.Context, con *console, b *books, w *ledger.Webhook) error {
	if err := b.DropWebhookAgain(ctx, w.Range(c.First, c.Last)); err != nil {
		return err
	}
	waiting, err := b.WebhookAgains(ctx, w.Key())
	if err != nil {
		return err
	}
	ranges := []string{"nothing"}
	for i, a := range waiting {
		ranges = append(ranges[:i], fmt.Sprintf("%d to %d", a.First, a.Last))
	}
	_, err = fmt.Fprintf(con.out, "waits to be sent once more to webhook %s: %s\n", c.Name, strings.Join(ranges, ", "))
	return err
}
