package console

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// changeHook changes a webhook. why is what the core has against it; the zero Refusal is nothing.
func (c *call) changeHook(to *ledger.Webhook) (why ledger.Refusal, err error) {
	return c.refusedOr(command.ChangeWebhook{By: c.by(), To: *to, Reach: c.cfg.Hooks.Reach(to.URL)})
}

func (c *call) saveHook() error {
	v, err := c.hookHere()
	if err != nil {
		return err
	}
	to := c.readHookForm(v, v.Webhook)
	if v.form.Version != v.Version {
		return c.hookMoved(v, v.form.Version)
	}
	all, err := c.cfg.Webhooks.Webhooks(c.r.Context(), c.merchant.ID)
	if err != nil {
		return err
	}
	if ledger.WebhookNamed(all, to.Name, to.ID) {
		v.faults["name"] = wTakenHook
	}
	if len(v.faults) > 0 {
		c.note().Outcome = "refused"
		return c.showHookPage(http.StatusUnprocessableEntity, v)
	}
	return c.hookChanged(v, &to, "")
}

// hookChanged changes a webhook as its page asked for, and shows it with the secret that was made, if one was, or why
// it is not changed.
func (c *call) hookChanged(v *hookView, to *ledger.Webhook, secret string) error {
	refusal, err := c.changeHook(to)
	switch {
	case err != nil:
		return err
	case refusal.Reason == ledger.SettingsMoved:
		return c.hookMoved(v, to.Version)
	case refusal.Reason != 0:
		v.fault = v.lang.of(text(phrase.Refusal(refusal)))
		return c.showHookPage(http.StatusUnprocessableEntity, v)
	case to.Removed:
		return c.to(v.at("webhooks?done"))
	case secret == "":
		return c.to(hookPath(to) + "?saved")
	}
	return c.showHookSecret(to.ID, secret)
}

// hookMoved shows a webhook as somebody else has just left it, what that was, and what was typed, to be looked at and
// saved again.
func (c *call) hookMoved(v *hookView, seen ledger.EntryID) error {
	c.note().Outcome = "refused"
	now, err := c.hookHere()
	if err != nil {
		return err
	}
	var was string
	if now.moved, was, err = c.whoMoved(v.view, c.hookChanges(v.ID), now.Version, seen); err != nil {
		return err
	}
	if was != "" {
		found, err := ledger.ParseWebhook(was)
		if err != nil {
			return err
		}
		now.form = v.form.over(formOfHook(&found), now.form)
	}
	return c.showHookPage(http.StatusConflict, now)
}

// hookChanges are the entries that changed a webhook.
func (c *call) hookChanges(id ledger.WebhookID) changesOf {
	return changesOf{
		journal: c.merchant.ID,
		about: func(e *ledger.Entry) bool {
			if e.Kind != ledger.WebhookChanged {
				return false
			}
			w, err := ledger.ParseWebhook(e.Settings)
			return err == nil && w.ID == id
		},
		differences: c.view(wHooks).hookDifferences,
	}
}

// hookDifferences returns what two entries state otherwise about a webhook. Of a secret only that it is another.
func (v view) hookDifferences(was, is string) (all []difference, err error) {
	before, err := v.hookFacts(was)
	if err != nil {
		return nil, err
	}
	after, err := v.hookFacts(is)
	if err != nil {
		return nil, err
	}
	for i, name := range []text{wItemName, wHookURL, wHookKinds, wStopped, wHookSecret, wHookSpare} {
		if before[i] != after[i] {
			all = append(all, difference{of: v.lang.of(name), before: before[i], after: after[i]})
		}
	}
	return all, nil
}

// hookFacts are the values in a WebhookText, in the order of hookDifferences; none of "", and none
// of one that was removed.
func (v view) hookFacts(text string) (facts [6]string, err error) {
	if text == "" {
		return facts, nil
	}
	w, err := ledger.ParseWebhook(text)
	if err != nil {
		return facts, err
	}
	parts, err := ledger.WebhookByPath(text)
	if err != nil || w.Removed {
		return facts, err
	}
	return [...]string{
		w.Name, w.URL, v.wantedKinds(&w), v.partSaid("stopped", parts["stopped"]), hiddenSecret(parts["secret"]),
		hiddenSecret(parts["secret_of_before"]),
	}, nil
}

// renewHook makes another secret, beside the one of before or in its place, or ends the one of before.
func (c *call) renewHook() error {
	v, err := c.hookHere()
	if err != nil {
		return err
	}
	to, secret := v.Webhook, ""
	to.Version = versionSeen(c.r.PostFormValue("version"))
	switch how := c.r.PostFormValue("how"); {
	case to.Version != v.Version:
		return c.hookMoved(v, to.Version)
	case how == "beside" && to.Spare == nil:
		secret = auth.RenewWebhook(c.cfg.Vault, &to)
	case how == "only":
		secret = auth.RenewWebhook(c.cfg.Vault, &to)
		to.EndSpare()
	case how == "end":
		to.EndSpare()
	default:
		return c.to(hookPath(&to))
	}
	return c.hookChanged(v, &to, secret)
}

// stopHook stops a webhook, or lets one that was stopped begin anew.
func (c *call) stopHook() error {
	v, err := c.hookHere()
	if err != nil {
		return err
	}
	to := v.Webhook
	to.Version, to.Stopped = versionSeen(c.r.PostFormValue("version")), c.r.PostFormValue("stopped") == "yes"
	return c.hookChanged(v, &to, "")
}

// removeHook removes a webhook that is stopped.
func (c *call) removeHook() error {
	v, err := c.hookHere()
	if err != nil {
		return err
	}
	to := v.Webhook
	to.Version, to.Removed = versionSeen(c.r.PostFormValue("version")), true
	return c.hookChanged(v, &to, "")
}

// pauseHook has a webhook sent nothing until somebody resumes it.
func (c *call) pauseHook() error {
	v, err := c.hookHere()
	if err != nil {
		return err
	}
	if err := c.cfg.Webhooks.PauseWebhook(c.r.Context(), v.Key(), c.cfg.Clock()); err != nil {
		return err
	}
	return c.to(hookPath(&v.Webhook) + "?done")
}

// resumeHook has a webhook that fails or is paused tried at once, from where it stands.
func (c *call) resumeHook() error {
	v, err := c.hookHere()
	if err != nil {
		return err
	}
	if err := c.cfg.Webhooks.ResumeWebhook(c.r.Context(), v.Key()); err != nil {
		return err
	}
	return c.to(hookPath(&v.Webhook) + "?done")
}

// testPatience is how long a page may wait for what comes of a test.
const testPatience = 30 * time.Second

// testHook sends a webhook a test, and shows what came of it.
func (c *call) testHook() error {
	v, err := c.hookHere()
	if err != nil {
		return err
	}
	c.allow(testPatience)
	tested := c.cfg.Hooks.Test(c.r.Context(), &v.Webhook)
	v.tested = &tested
	return c.showHookPage(http.StatusOK, v)
}

// sendAgain asks for entries to be sent once more.
func (c *call) sendAgain() error {
	v, err := c.hookHere()
	if err != nil {
		return err
	}
	v.again.first = strings.TrimSpace(c.r.PostFormValue("first"))
	v.again.last = strings.TrimSpace(c.r.PostFormValue("last"))
	first, last, known := v.again.entries()
	waiting, err := c.cfg.Webhooks.WebhookAgains(c.r.Context(), v.Key())
	if err != nil {
		return err
	}
	again, not := v.Again(&v.state, waiting, first, last)
	if !known {
		not = &ledger.Fault{Field: ledger.AgainRange}
	}
	if not != nil {
		upTo := entryNumber(v.state.Entry)
		v.again.wrong = v.lang.of(notAgain[not.Field].withText(text{upTo, upTo}))
		c.note().Outcome = "refused"
		return c.showHookPage(http.StatusUnprocessableEntity, v)
	}
	again.At = c.cfg.Clock()
	if err := c.cfg.Webhooks.AddWebhookAgain(c.r.Context(), again); err != nil {
		return err
	}
	return c.to(hookPath(&v.Webhook) + "?done")
}

// notSentAgain takes back entries that wait to be sent once more.
func (c *call) notSentAgain() error {
	v, err := c.hookHere()
	if err != nil {
		return err
	}
	v.again.first, v.again.last = c.r.PostFormValue("first"), c.r.PostFormValue("last")
	first, last, known := v.again.entries()
	if !known {
		return c.to(hookPath(&v.Webhook))
	}
	if err := c.cfg.Webhooks.DropWebhookAgain(c.r.Context(), v.Range(first, last)); err != nil {
		return err
	}
	return c.to(hookPath(&v.Webhook) + "?done")
}

// entries reads which entries were typed, last 0 if its field is empty; known is false if they are no numbers.
func (r *typedRange) entries() (first, last ledger.EntryID, known bool) {
	first, known = typedEntry(r.first)
	if known && r.last != "" {
		last, known = typedEntry(r.last)
	}
	return first, last, known
}

// typedEntry reads the number of an entry, with or without the mark before it.
func typedEntry(typed string) (ledger.EntryID, bool) {
	n, err := strconv.ParseInt(strings.TrimPrefix(typed, "#"), 10, 64)
	return ledger.EntryID(n), err == nil
}

func entryNumber(id ledger.EntryID) string { return "#" + strconv.FormatInt(int64(id), 10) }

// rangeNumbers returns the numbers of the first and the last entry of a range.
func rangeNumbers(a ledger.WebhookAgain) string {
	return entryNumber(a.First) + " – " + entryNumber(a.Last)
}
