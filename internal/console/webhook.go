package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// Webhooks are a merchant's webhooks, how far they are, and what was tried: internal/store.
type Webhooks interface {
	webhookLister
	WebhookAgains(ctx context.Context, of ledger.WebhookKey) ([]ledger.WebhookAgain, error)
	WebhookTries(ctx context.Context, q ledger.WebhookTryQuery) ([]ledger.WebhookTry, error)
	ResumeWebhook(ctx context.Context, of ledger.WebhookKey) error
	PauseWebhook(ctx context.Context, of ledger.WebhookKey, at time.Time) error
	AddWebhookAgain(ctx context.Context, a ledger.WebhookAgain) error
	DropWebhookAgain(ctx context.Context, a ledger.WebhookAgain) error
}

// webhookLister lists webhooks and how they are doing.
type webhookLister interface {
	Webhooks(ctx context.Context, merchant ledger.MerchantID) ([]ledger.Webhook, error)
	WebhookStates(ctx context.Context, merchant ledger.MerchantID) ([]ledger.WebhookState, error)
}

// Hooks says how webhooks are called.
type Hooks struct {
	// Test sends a webhook an event that is of no entry, and returns what came of it.
	Test func(ctx context.Context, w *ledger.Webhook) ledger.WebhookTry
	// Reach is what the host says of an address.
	Reach func(url string) ledger.HookReach
}

// webhookRoutes are of a merchant's webhooks, for those who set things at all of its shops: what is sent is the whole
// merchant's.
var webhookRoutes = []route{
	{"GET /console/m/{merchant}/webhooks", "webhooks", inside, ledger.MaySettings, ofHooks((*call).showHooks)},
	{"GET /console/m/{merchant}/webhooks/new", "new webhook", inside, ledger.MaySettings, ofHooks((*call).showNewHook)},
	{"POST /console/m/{merchant}/webhooks/new", "new webhook", inside, ledger.MaySettings, ofHooks((*call).addHook)},
	{"GET /console/m/{merchant}/webhooks/{webhook}", "webhook", inside, ledger.MaySettings, ofHooks((*call).showHook)},
	{"POST /console/m/{merchant}/webhooks/{webhook}", "webhook", inside, ledger.MaySettings, ofHooks((*call).saveHook)},
	{"POST /console/m/{merchant}/webhooks/{webhook}/secret", "webhook secret", inside, ledger.MaySettings,
		ofHooks((*call).renewHook)},
	{"POST /console/m/{merchant}/webhooks/{webhook}/stop", "webhook stop", inside, ledger.MaySettings,
		ofHooks((*call).stopHook)},
	{"POST /console/m/{merchant}/webhooks/{webhook}/remove", "webhook remove", inside, ledger.MaySettings,
		ofHooks((*call).removeHook)},
	{"POST /console/m/{merchant}/webhooks/{webhook}/pause", "webhook pause", inside, ledger.MaySettings,
		ofHooks((*call).pauseHook)},
	{"POST /console/m/{merchant}/webhooks/{webhook}/resume", "webhook resume", inside, ledger.MaySettings,
		ofHooks((*call).resumeHook)},
	{"POST /console/m/{merchant}/webhooks/{webhook}/test", "webhook test", inside, ledger.MaySettings,
		ofHooks((*call).testHook)},
	{"POST /console/m/{merchant}/webhooks/{webhook}/again", "webhook again", inside, ledger.MaySettings,
		ofHooks((*call).sendAgain)},
	{"POST /console/m/{merchant}/webhooks/{webhook}/again/cancel", "webhook again cancel", inside, ledger.MaySettings,
		ofHooks((*call).notSentAgain)},
	{"GET /console/m/{merchant}/webhooks/{webhook}/tries", "webhook tries", inside, ledger.MaySettings,
		ofHooks((*call).showHookTries)},
	{"GET /console/m/{merchant}/webhooks/{webhook}/tries.csv", "webhook tries file", inside, takesTries,
		ofHooks((*call).exportTries)},
	{"GET /console/m/{merchant}/webhooks/{webhook}/tries.xlsx", "webhook tries file", inside, takesTries,
		ofHooks((*call).exportTries)},
}

// takesTries is what it takes to take the tries of a webhook out.
const takesTries = ledger.MaySettings | ledger.MayExport

// ofHooks keeps out who sets things at some shops only.
func ofHooks(answer func(*call) error) func(*call) error {
	return func(c *call) error {
		if !c.person.May(ledger.MaySettings, c.merchant.ID, 0) {
			return errNotYours
		}
		return answer(c)
	}
}

// hookLine is a webhook with how it is doing.
type hookLine struct {
	ledger.Webhook
	state ledger.WebhookState
	said  string // what its endpoint answered last, of one that fails
}

// fails reports whether it is tried again, or not even that any more.
func (l *hookLine) fails() bool { return !l.Stopped && l.state.Tries > 0 }

// paused reports whether it waits for somebody.
func (l *hookLine) paused() bool { return !l.Stopped && !l.state.Paused.IsZero() }

// waits reports whether something is not sent to it by itself at once.
func (l *hookLine) waits() bool { return l.fails() || l.paused() }

// because says why it waits.
func (l *hookLine) because() text {
	switch {
	case !l.paused():
		return wFailsHelp
	case l.fails():
		return wPausedBecause
	}
	return wPausedByHand
}

// hookLines returns a merchant's webhooks as they stand.
func hookLines(ctx context.Context, of webhookLister, merchant ledger.MerchantID) (all []hookLine, err error) {
	hooks, err := of.Webhooks(ctx, merchant)
	if err != nil || len(hooks) == 0 {
		return nil, err
	}
	states, err := of.WebhookStates(ctx, merchant)
	if err != nil {
		return nil, err
	}
	for i := range hooks {
		all = append(all, hookLine{Webhook: hooks[i], state: hooks[i].State(states)})
	}
	return all, nil
}

// withReasons adds to those that fail what came of their newest try.
func (c *call) withReasons(all []hookLine) error {
	for i := range all {
		if !all[i].fails() {
			continue
		}
		newest, err := c.cfg.Webhooks.WebhookTries(c.r.Context(), ledger.WebhookTryQuery{
			Merchant: c.merchant.ID, Webhook: all[i].ID, Limit: 1,
		})
		if err != nil {
			return err
		}
		if len(newest) > 0 {
			all[i].said = c.lang.answered(&newest[0])
		}
	}
	return nil
}

// answered returns what came of a try, in a line.
func (l lang) answered(t *ledger.WebhookTry) string {
	code := l.of(wNoAnswer)
	if t.Status > 0 {
		code = "HTTP " + strconv.Itoa(t.Status)
	}
	said := t.Said
	if ours, is := hookSaid[said]; is {
		said = l.of(ours)
	}
	return join(notEmpty(code, said))
}

// hookPath returns the address of a webhook's page.
func hookPath(w *ledger.Webhook) string {
	return merchantPage(w.Merchant, "webhooks/"+strconv.FormatInt(int64(w.ID), 10))
}

// wantedKinds returns which entries a webhook is sent, in words.
func (v view) wantedKinds(w *ledger.Webhook) string {
	if len(w.Kinds) == 0 {
		return v.lang.of(wAllKinds)
	}
	var all []string
	for _, k := range w.Kinds {
		all = append(all, v.kind(k))
	}
	return strings.Join(all, "、")
}

func (c *call) showHooks() error {
	all, err := hookLines(c.r.Context(), c.cfg.Webhooks, c.merchant.ID)
	if err == nil {
		err = c.withReasons(all)
	}
	if err != nil {
		return err
	}
	return c.show(http.StatusOK, hooksPage(c.view(wHooks), all))
}

// hookView is a webhook's page.
type hookView struct {
	view
	hookLine // its zero value = a new one
	last     ledger.EntryID
	form     typedHook
	faults   map[string]text // by the part of the form
	moved    *moved
	secret   string // made just now, shown now and never again
	past     []pastVersion
	tries    []ledger.WebhookTry
	repeats  []ledger.WebhookAgain
	tested   *ledger.WebhookTry // what came of a test just now
	again    typedRange
	next     string // the address of older tries; "" = there are none
	exports  bool
}

// typedHook is what is typed of a webhook.
type typedHook struct {
	Version   ledger.EntryID
	Name, URL string
	Kinds     []ledger.Kind
}

// typedRange is what is typed of entries that are to be sent once more.
type typedRange struct{ first, last, wrong string }

// wrong returns what is wrong with a part of the form; "" = nothing.
func (v *hookView) wrong(part string) string { return v.lang.of(v.faults[part]) }

// behind says how much of the journal is still to be looked at.
func (v *hookView) behind() string {
	if n := int(v.last - v.state.Entry); n > 0 {
		return v.count(n, wStillOne, wStillToSend)
	}
	return v.lang.of(wAllSent)
}

// formOfHook returns a webhook as a form shows it.
func formOfHook(w *ledger.Webhook) typedHook { return typedHook{w.Version, w.Name, w.URL, w.Kinds} }

// over returns a form with what was typed into it, as far as that differs from what it was found with, over what the
// webhook is now.
func (f typedHook) over(found, now typedHook) typedHook {
	now.Name = typedOver(f.Name, found.Name, now.Name)
	now.URL = typedOver(f.URL, found.URL, now.URL)
	if !slices.Equal(f.Kinds, found.Kinds) {
		now.Kinds = f.Kinds
	}
	return now
}

// hookHere returns the page of the webhook in the path.
func (c *call) hookHere() (*hookView, error) {
	id, err := strconv.ParseInt(c.r.PathValue("webhook"), 10, 64)
	if err != nil {
		return nil, errNowhere
	}
	all, err := hookLines(c.r.Context(), c.cfg.Webhooks, c.merchant.ID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(l hookLine) bool { return l.ID == ledger.WebhookID(id) })
	if i < 0 {
		return nil, errNowhere
	}
	if err := c.withReasons(all[i : i+1]); err != nil {
		return nil, err
	}
	v := &hookView{view: c.view(wHooks), hookLine: all[i], form: formOfHook(&all[i].Webhook)}
	v.title = v.Name
	return v, nil
}

// triesOnPage is how many tries the page of a webhook shows, and triesAPage how many a page of nothing else.
const (
	triesOnPage = 8
	triesAPage  = 50
)

// showHookPage shows a webhook's page, with what was tried and changed of it last.
func (c *call) showHookPage(status int, v *hookView) (err error) {
	records, err := c.cfg.Books.Load(c.r.Context(), command.Want{
		Merchant: c.merchant.ID, Keys: command.Keys{Head: true},
	})
	if err != nil {
		return err
	}
	v.last = records[0].Head.LastEntry
	v.tries, err = c.cfg.Webhooks.WebhookTries(c.r.Context(), ledger.WebhookTryQuery{
		Merchant: c.merchant.ID, Webhook: v.ID, Limit: triesOnPage,
	})
	if err != nil {
		return err
	}
	if v.repeats, err = c.cfg.Webhooks.WebhookAgains(c.r.Context(), v.Key()); err != nil {
		return err
	}
	if v.past, err = c.pastOf(v.view, c.hookChanges(v.ID)); err != nil {
		return err
	}
	return c.show(status, hookPage(v))
}

func (c *call) showHook() error {
	v, err := c.hookHere()
	if err != nil {
		return err
	}
	return c.showHookPage(http.StatusOK, v)
}

func (c *call) showNewHook() error {
	return c.show(http.StatusOK, newHookPage(&hookView{view: c.view(wAddHook)}))
}

// hookFaults are what is wrong with a webhook, by the part that is wrong.
var hookFaults = map[string]text{"id": wManyHooks, "name": wHookNameWrong, "url": wHookURLWrong, "kinds": wRefused}

// readHookForm reads what was typed, and puts it into a webhook. The faults are noted at the page.
func (c *call) readHookForm(v *hookView, was ledger.Webhook) (to ledger.Webhook) {
	v.form = typedHook{
		Version: versionSeen(c.r.PostFormValue("version")), Name: strings.TrimSpace(c.r.PostFormValue("name")),
		URL: strings.TrimSpace(c.r.PostFormValue("url")),
	}
	for _, name := range c.r.PostForm["kind"] {
		if k, known := ledger.ParseKind(name); known && !slices.Contains(v.form.Kinds, k) {
			v.form.Kinds = append(v.form.Kinds, k)
		}
	}
	to = was
	to.Version, to.Name, to.URL, to.Kinds = v.form.Version, v.form.Name, v.form.URL, v.form.Kinds
	checked := to
	if len(checked.Secret) == 0 {
		checked.Secret = []byte{0} // it is made when nothing else is wrong
	}
	v.faults = map[string]text{}
	reach := c.cfg.Hooks.Reach(to.URL)
	if was.URL == to.URL {
		reach = ledger.HookReach{Plain: true}
	}
	for _, f := range checked.Faults(reach) {
		v.faults[f.Field] = hookFaults[f.Field]
	}
	if _, wrong := v.faults["url"]; wrong {
		switch said, known := hookSaid[reach.Never]; {
		case strings.HasPrefix(to.URL, "http:") && !reach.Plain:
			v.faults["url"] = wHookNotSafe
		case known:
			v.faults["url"] = said
		}
	}
	return to
}

// addHook makes a webhook, and shows its secret, once.
func (c *call) addHook() error {
	all, err := c.cfg.Webhooks.Webhooks(c.r.Context(), c.merchant.ID)
	if err != nil {
		return err
	}
	v := &hookView{view: c.view(wAddHook)}
	fresh := ledger.Webhook{Merchant: c.merchant.ID}
	ledger.AddWebhook(all, &fresh)
	to := c.readHookForm(v, fresh)
	if ledger.WebhookNamed(all, to.Name, to.ID) {
		v.faults["name"] = wTakenHook
	}
	if len(v.faults) == 0 {
		to.Version = 0
		secret := auth.RenewWebhook(c.cfg.Vault, &to)
		refusal, err := c.changeHook(&to)
		switch {
		case err != nil:
			return err
		case refusal.Reason == 0:
			return c.showHookSecret(to.ID, secret)
		}
		v.fault = v.lang.of(text(phrase.Refusal(refusal)))
	}
	c.note().Outcome = "refused"
	return c.show(http.StatusUnprocessableEntity, newHookPage(v))
}

// showHookSecret shows the page of a webhook with a secret that was made just now.
func (c *call) showHookSecret(id ledger.WebhookID, secret string) error {
	c.r.SetPathValue("webhook", strconv.FormatInt(int64(id), 10))
	v, err := c.hookHere()
	if err != nil {
		return err
	}
	v.secret = secret
	return c.showHookPage(http.StatusOK, v)
}
