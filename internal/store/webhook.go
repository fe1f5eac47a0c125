package store

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

const (
	webhookList      = "merchant id name:text url:text kinds:text secret:bytea spare:bytea stopped behind entry"
	webhookStateList = "merchant webhook turn entry holder until tries since next_at paused_at about last_at last_code"
	webhookAgainList = "merchant webhook first_entry last_entry done at"
	webhookTryList   = "merchant webhook at entry status took said:text"
)

var (
	putWebhook = put("webhook", webhookList, 2)
	// What is stored of a webhook that is removed goes with it.
	dropWebhook         = drop("webhook", "merchant id")
	dropWebhookState    = drop("webhook_state", "merchant webhook")
	dropWebhookAllAgain = dropOf("webhook_again", "drop_webhook_all_again", "merchant webhook")
	dropWebhookTriesOf  = dropOf("webhook_try", "drop_webhook_tries_of", "merchant webhook")

	// moveWebhook makes a save stale if the stored turn is not the one before, as moveFollower does. The first turn needs
	// the webhook.
	moveWebhook = define("move_webhook", webhookStateList, `
		INSERT INTO webhook_state ({columns})
		SELECT v.merchant, v.webhook, CASE
				WHEN v.turn = 1 AND EXISTS (SELECT 1 FROM webhook AS w WHERE w.merchant = v.merchant AND w.id = v.webhook) THEN 1
				WHEN EXISTS (SELECT 1 FROM webhook_state AS s WHERE s.merchant = v.merchant AND s.webhook = v.webhook) THEN v.turn
				END,
			v.entry, v.holder, v.until, v.tries, v.since, v.next_at, v.paused_at, v.about, v.last_at, v.last_code
		FROM {rows} AS v WHERE true
		ON CONFLICT (merchant, webhook) DO UPDATE SET
			turn = CASE WHEN webhook_state.turn = excluded.turn - 1 THEN excluded.turn END,
			entry = excluded.entry, holder = excluded.holder, until = excluded.until, tries = excluded.tries,
			since = excluded.since, next_at = excluded.next_at, paused_at = excluded.paused_at, about = excluded.about,
			last_at = excluded.last_at, last_code = excluded.last_code`)
	// resumeWebhook moves the turn, so that whoever works for the webhook does not write over it.
	resumeWebhook = define("resume_webhook", "merchant webhook", `
		UPDATE webhook_state SET turn = webhook_state.turn + 1, tries = 0, since = 0, next_at = 0, paused_at = 0
		FROM {rows} AS v WHERE webhook_state.merchant = v.merchant AND webhook_state.webhook = v.webhook`)
	// pauseWebhook moves the turn as resumeWebhook does, and forgets what failed, as it was somebody who paused it.
	pauseWebhook = define("pause_webhook", "merchant webhook at", `
		INSERT INTO webhook_state (`+listed("", webhookStateList)+`)
		SELECT w.merchant, w.id, 1, 0, 0, 0, 0, 0, 0, v.at, w.entry, 0, 0
		FROM {rows} AS v JOIN webhook AS w ON w.merchant = v.merchant AND w.id = v.webhook AND w.stopped = 0 WHERE true
		ON CONFLICT (merchant, webhook) DO UPDATE SET
			turn = webhook_state.turn + 1, tries = 0, since = 0, next_at = 0, paused_at = excluded.paused_at,
			about = excluded.about`)
	// What is asked for twice while it is under way is sent once more.
	addWebhookAgain = insertAnd("add_webhook_again", "webhook_again", webhookAgainList, "INSERT",
		" ON CONFLICT (merchant, webhook, first_entry, last_entry) DO NOTHING")
	noteWebhookAgain = update("note_webhook_again", "webhook_again", "merchant webhook first_entry last_entry done", 4)
	dropWebhookAgain = drop("webhook_again", "merchant webhook first_entry last_entry")
	addWebhookTry    = insertAnd("add_webhook_try", "webhook_try", webhookTryList, "INSERT",
		" ON CONFLICT (merchant, webhook, at, entry) DO NOTHING")
	dropWebhookTries = define("drop_webhook_tries", "merchant webhook at", `
		DELETE FROM webhook_try WHERE EXISTS (SELECT 1 FROM {rows} AS v
			WHERE webhook_try.merchant = v.merchant AND webhook_try.webhook = v.webhook AND webhook_try.at <= v.at)`)

	webhooksOf = define("webhooks_of", "merchant id", "SELECT "+listed("w.", webhookList)+`
		FROM {rows} AS k JOIN webhook AS w ON w.merchant = k.merchant AND w.id = k.id`)
	allWebhooks = define("all_webhooks", "merchant",
		"SELECT "+listed("", webhookList)+" FROM webhook WHERE merchant = $1 ORDER BY id")
	webhookStates = define("webhook_states", "merchant",
		"SELECT "+listed("", webhookStateList)+" FROM webhook_state WHERE merchant = $1 ORDER BY webhook")
	webhookRetries = define("webhook_retries", "merchant webhook",
		"SELECT "+listed("", webhookAgainList)+` FROM webhook_again WHERE merchant = $1 AND webhook = $2
		ORDER BY at, first_entry, last_entry`)
	webhookTries = define("webhook_tries", "merchant webhook at entry most", "SELECT "+listed("", webhookTryList)+`
		FROM webhook_try WHERE merchant = $1 AND webhook = $2 AND (at, entry) < ($3, $4)
		ORDER BY at DESC, entry DESC LIMIT $5`)
	oldWebhookTries = define("old_webhook_tries", "before", `
		SELECT w.merchant, w.id FROM webhook AS w WHERE EXISTS (SELECT 1 FROM webhook_try AS t
			WHERE t.merchant = w.merchant AND t.webhook = w.id AND t.at < $1) ORDER BY w.merchant, w.id`)
	// The last of the oldest, up to a number: what is removed at a time.
	oldestWebhookTries = define("oldest_webhook_tries", "merchant webhook before most", `
		SELECT at FROM webhook_try WHERE merchant = $1 AND webhook = $2 AND at < $3 ORDER BY at, entry LIMIT $4`)
	dueWebhooks = webhooksDue("due_webhooks", "now latest", "")
	dueWebhook  = webhooksDue("due_webhook", "now latest merchant id", "AND w.merchant = $3 AND w.id = $4")
)

// webhooksDue returns a statement for the webhooks for which there is something to do. Those that fail wait for their
// time, but only while they are what they were when they failed; a time later than latest was given by a wrong clock.
func webhooksDue(name, list, only string) *statement {
	return define(name, list, "SELECT "+listed("w.", webhookList)+`, h.last_entry, CAST(CASE
			WHEN EXISTS (SELECT 1 FROM webhook_again AS a WHERE a.merchant = w.merchant AND a.webhook = w.id) THEN 1 ELSE 0
			END AS bigint),
			`+listed("s.", webhookStateList)+`
		FROM webhook AS w JOIN head AS h ON h.merchant = w.merchant
		LEFT JOIN webhook_state AS s ON s.merchant = w.merchant AND s.webhook = w.id
		WHERE w.stopped = 0 `+only+`
			AND (s.webhook IS NULL OR s.about <> w.entry OR s.paused_at = 0 AND (s.next_at <= $1 OR s.next_at > $2))
			AND (h.last_entry > COALESCE(s.entry, 0) AND h.last_entry > w.behind
				OR EXISTS (SELECT 1 FROM webhook_again AS a WHERE a.merchant = w.merchant AND a.webhook = w.id))
		ORDER BY w.merchant, w.id`)
}

func writeWebhook(r *rows, w *ledger.Webhook) {
	kinds := make([]string, len(w.Kinds))
	for i, k := range w.Kinds {
		kinds[i] = strconv.Itoa(int(k))
	}
	r.int(int64(w.Merchant)).int(int64(w.ID)).text(w.Name).text(w.URL).text(strings.Join(kinds, " "))
	r.bytes(w.Secret).bytes(w.Spare).bool(w.Stopped).int(int64(w.After)).int(int64(w.Version))
}

func readWebhook(r record) (w ledger.Webhook, err error) {
	w = ledger.Webhook{
		Merchant: ledger.MerchantID(r.int()), ID: ledger.WebhookID(r.int()), Name: r.text(), URL: r.text(),
	}
	for text := range strings.FieldsSeq(r.text()) {
		k, err := strconv.Atoi(text)
		if err != nil {
			return w, fmt.Errorf("webhook %d of merchant %d: kinds: %w", w.ID, w.Merchant, err)
		}
		w.Kinds = append(w.Kinds, ledger.Kind(k))
	}
	for _, to := range []*[]byte{&w.Secret, &w.Spare} {
		if secret := r.bytes(); len(secret) > 0 {
			*to = secret
		}
	}
	w.Stopped, w.After, w.Version = readBool(r), ledger.EntryID(r.int()), ledger.EntryID(r.int())
	return w, nil
}

func writeWebhookState(r *rows, s *ledger.WebhookState) {
	r.int(int64(s.Merchant)).int(int64(s.Webhook)).int(s.Turn).int(int64(s.Entry)).int(s.Holder).time(s.Until)
	r.int(int64(s.Tries)).time(s.Since).time(s.Next).time(s.Paused).int(int64(s.About)).time(s.LastAt)
	r.int(int64(s.LastCode))
}

func readWebhookState(r record) ledger.WebhookState {
	return ledger.WebhookState{
		Merchant: ledger.MerchantID(r.int()), Webhook: ledger.WebhookID(r.int()), Turn: r.int(),
		Entry: ledger.EntryID(r.int()), Holder: r.int(), Until: readTime(r), Tries: int(r.int()), Since: readTime(r),
		Next: readTime(r), Paused: readTime(r), About: ledger.EntryID(r.int()), LastAt: readTime(r), LastCode: int(r.int()),
	}
}

// unhooked are the webhooks of changes of which nothing is to stay.
func unhooked(ch *command.Changes) []ledger.WebhookKey { return ch.Unhooked }

func writeWebhookKey(r *rows, of *ledger.WebhookKey) { r.int(int64(of.Merchant)).int(int64(of.ID)) }

func writeWebhookRange(r *rows, a *ledger.WebhookAgain) *rows {
	return r.int(int64(a.Merchant)).int(int64(a.Webhook)).int(int64(a.First)).int(int64(a.Last))
}

// SaveWebhookState saves the state of a webhook whose turn the caller has moved by one since reading it; the first is
// 1. In the same commit it adds tries and notes how far again is (nil = nothing is sent once more), which is removed
// when it is done. It returns command.ErrStale, and saves nothing, if somebody else has saved the state meanwhile, or
// if there is no such webhook.
func (s *Store) SaveWebhookState(
	ctx context.Context, state ledger.WebhookState, tries []ledger.WebhookTry, again *ledger.WebhookAgain,
) error {
	row := rowsFor(moveWebhook, 1)
	writeWebhookState(row, &state)
	writes := []write{{moveWebhook, row}}
	if len(tries) > 0 {
		rows := rowsFor(addWebhookTry, len(tries))
		for i := range tries {
			t := &tries[i]
			rows.int(int64(t.Merchant)).int(int64(t.Webhook)).time(t.At).int(int64(t.Entry)).int(int64(t.Status)).
				int(t.Took.Microseconds()).text(t.Said)
		}
		writes = append(writes, write{addWebhookTry, rows})
	}
	switch {
	case again == nil:
	case again.Done >= again.Last:
		writes = append(writes, write{dropWebhookAgain, writeWebhookRange(rowsFor(dropWebhookAgain, 1), again)})
	default:
		row := writeWebhookRange(rowsFor(noteWebhookAgain, 1), again).int(int64(again.Done))
		writes = append(writes, write{noteWebhookAgain, row})
	}
	return s.write(ctx, writes...)
}

// ResumeWebhook has a webhook tried again at once, from where it stands, whether it is paused or only waits.
func (s *Store) ResumeWebhook(ctx context.Context, of ledger.WebhookKey) error {
	return s.write(ctx, write{resumeWebhook, merchantRow(resumeWebhook, of.Merchant).int(int64(of.ID))})
}

// PauseWebhook has a webhook not tried from a time on, until it is resumed or changed. One that is stopped stays so.
func (s *Store) PauseWebhook(ctx context.Context, of ledger.WebhookKey, at time.Time) error {
	return s.write(ctx, write{pauseWebhook, merchantRow(pauseWebhook, of.Merchant).int(int64(of.ID)).time(at)})
}

// AddWebhookAgain asks for entries to be sent once more. The same range is asked for once until it is done.
func (s *Store) AddWebhookAgain(ctx context.Context, a ledger.WebhookAgain) error {
	row := writeWebhookRange(rowsFor(addWebhookAgain, 1), &a).int(int64(a.Done)).time(a.At)
	return s.write(ctx, write{addWebhookAgain, row})
}

// DropWebhookAgain takes back that entries are to be sent once more. A range that does not wait is no fault.
func (s *Store) DropWebhookAgain(ctx context.Context, a ledger.WebhookAgain) error {
	return s.write(ctx, write{dropWebhookAgain, writeWebhookRange(rowsFor(dropWebhookAgain, 1), &a)})
}

// DropWebhookTries removes the oldest of a webhook's tries from before a time, about as many as most, and reports
// whether there are more.
func (s *Store) DropWebhookTries(
	ctx context.Context, of ledger.WebhookKey, before time.Time, most int,
) (more bool, err error) {
	var last time.Time
	n := 0
	args := merchantRow(oldestWebhookTries, of.Merchant).int(int64(of.ID)).time(before).int(int64(most))
	err = s.q.read(ctx, query{oldestWebhookTries, args, func(r record) error {
		last = readTime(r)
		n++
		return nil
	}})
	if err != nil {
		return false, fmt.Errorf("tries of a webhook: %w", err)
	}
	if n == 0 {
		return false, nil
	}
	row := merchantRow(dropWebhookTries, of.Merchant).int(int64(of.ID)).time(last)
	return n == most, s.write(ctx, write{dropWebhookTries, row})
}

// Webhooks returns a merchant's webhooks, by id.
func (v *View) Webhooks(ctx context.Context, merchant ledger.MerchantID) (found []ledger.Webhook, err error) {
	err = v.readPage(ctx, "webhooks", query{allWebhooks, merchantRow(allWebhooks, merchant), func(r record) error {
		w, err := readWebhook(r)
		found = append(found, w)
		return err
	}})
	return found, err
}

// WebhookStates returns how far a merchant's webhooks are, by id. Of one that has not begun there is none.
func (v *View) WebhookStates(
	ctx context.Context, merchant ledger.MerchantID,
) (found []ledger.WebhookState, err error) {
	args := merchantRow(webhookStates, merchant)
	err = v.readPage(ctx, "states of webhooks", query{webhookStates, args, func(r record) error {
		found = append(found, readWebhookState(r))
		return nil
	}})
	return found, err
}

// WebhookAgains returns what is to be sent once more to a webhook, what was asked for first at the beginning.
func (v *View) WebhookAgains(
	ctx context.Context, of ledger.WebhookKey,
) (found []ledger.WebhookAgain, err error) {
	args := merchantRow(webhookRetries, of.Merchant).int(int64(of.ID))
	err = v.readPage(ctx, "what is sent again", query{webhookRetries, args, func(r record) error {
		found = append(found, ledger.WebhookAgain{
			Merchant: ledger.MerchantID(r.int()), Webhook: ledger.WebhookID(r.int()), First: ledger.EntryID(r.int()),
			Last: ledger.EntryID(r.int()), Done: ledger.EntryID(r.int()), At: readTime(r),
		})
		return nil
	}})
	return found, err
}

// WebhookTries returns a page of a webhook's tries, the newest first.
func (v *View) WebhookTries(ctx context.Context, q ledger.WebhookTryQuery) (found []ledger.WebhookTry, err error) {
	args := merchantRow(webhookTries, q.Merchant).int(int64(q.Webhook))
	if q.At.IsZero() {
		args.int(math.MaxInt64)
	} else {
		args.time(q.At)
	}
	args.int(int64(q.Entry)).int(int64(q.Limit))
	err = v.readPage(ctx, "tries of a webhook", query{webhookTries, args, func(r record) error {
		found = append(found, ledger.WebhookTry{
			Merchant: ledger.MerchantID(r.int()), Webhook: ledger.WebhookID(r.int()), At: readTime(r),
			Entry: ledger.EntryID(r.int()), Status: int(r.int()), Took: time.Duration(r.int()) * time.Microsecond,
			Said: r.text(),
		})
		return nil
	}})
	return found, err
}

// OldWebhookTries returns the webhooks of all merchants that have tries from before a time.
func (v *View) OldWebhookTries(ctx context.Context, before time.Time) (found []ledger.WebhookKey, err error) {
	args := rowsFor(oldWebhookTries, 1).time(before)
	err = v.readPage(ctx, "old tries of webhooks", query{oldWebhookTries, args, func(r record) error {
		found = append(found, ledger.WebhookKey{Merchant: ledger.MerchantID(r.int()), ID: ledger.WebhookID(r.int())})
		return nil
	}})
	return found, err
}

// DueWebhooks returns the webhooks of all merchants for which there is something to do at a time. One that fails waits
// until its next try, but never for one later than latest.
func (v *View) DueWebhooks(ctx context.Context, now, latest time.Time) ([]ledger.DueWebhook, error) {
	return v.dueWebhooks(ctx, query{statement: dueWebhooks, args: rowsFor(dueWebhooks, 1).time(now).time(latest)})
}

// DueWebhook returns one of DueWebhooks; ok is false if there is nothing to do for it.
func (v *View) DueWebhook(
	ctx context.Context, of ledger.WebhookKey, now, latest time.Time,
) (due ledger.DueWebhook, ok bool, err error) {
	args := rowsFor(dueWebhook, 1).time(now).time(latest).int(int64(of.Merchant)).int(int64(of.ID))
	found, err := v.dueWebhooks(ctx, query{statement: dueWebhook, args: args})
	if err != nil || len(found) == 0 {
		return due, false, err
	}
	return found[0], true, nil
}

func (v *View) dueWebhooks(ctx context.Context, q query) (found []ledger.DueWebhook, err error) {
	q.each = func(r record) error {
		w, err := readWebhook(r)
		due := ledger.DueWebhook{Webhook: w, Last: ledger.EntryID(r.int()), Again: readBool(r)}
		due.State = readWebhookState(r)
		found = append(found, due)
		return err
	}
	return found, v.readPage(ctx, "due webhooks", q)
}
