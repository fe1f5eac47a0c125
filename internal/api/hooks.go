package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// WebhookBooks are what webhooks are read from, and where it is noted what they are to be sent once more.
type WebhookBooks interface {
	Webhooks(ctx context.Context, merchant ledger.MerchantID) ([]ledger.Webhook, error)
	WebhookStates(ctx context.Context, merchant ledger.MerchantID) ([]ledger.WebhookState, error)
	WebhookTries(ctx context.Context, q ledger.WebhookTryQuery) ([]ledger.WebhookTry, error)
	ResumeWebhook(ctx context.Context, of ledger.WebhookKey) error
	PauseWebhook(ctx context.Context, of ledger.WebhookKey, at time.Time) error
	WebhookAgains(ctx context.Context, of ledger.WebhookKey) ([]ledger.WebhookAgain, error)
	AddWebhookAgain(ctx context.Context, a ledger.WebhookAgain) error
	DropWebhookAgain(ctx context.Context, a ledger.WebhookAgain) error
}

// registerWebhooks adds what there is to webhooks. They send what /v1/events lists, so whoever sets them up may see
// that.
func (a *API) registerWebhooks() {
	hook := func(id, path, summary, about string) operation {
		return operation{
			id: id, path: "/webhooks" + path, tag: "webhooks", needs: ledger.MaySettings | ledger.MayReports, whole: true,
			summary: summary, about: about,
		}
	}
	const one = "/{webhook}"
	reads(a, hook("listWebhooks", "", "List the webhooks, and how they are doing", ""), listWebhooks)
	acts(a, hook("addWebhook", "", "Add a webhook",
		"It is sent what happens from now on. The secret is answered once: sent again, the request is answered without it."),
		addWebhook)
	readsVersion(a, hook("getWebhook", one, "Get a webhook", ""), getWebhook)
	update := hook("changeWebhook", one, "Change a webhook",
		"What is left out stays. It is tried at once after any change.")
	update.method = http.MethodPatch
	changes(a, update, changeWebhook)
	changes(a, hook("renewWebhookSecret", one+"/secret", "Give a webhook another secret",
		"The one of before signs beside it until it is retired. The new one is answered once."), renewWebhook)
	changes(a, hook("retireWebhookSecret", one+"/secret/retire", "End the secret of before", ""), retireWebhook)
	changes(a, hook("stopWebhook", one+"/stop", "Stop a webhook", ""), stopWebhook)
	changes(a, hook("startWebhook", one+"/start", "Start a webhook that was stopped",
		"It is sent what happens from now on; what happened in between may be listed as events."), startWebhook)
	changes(a, hook("removeWebhook", one+"/remove", "Remove a webhook that is stopped",
		"What waits to be sent once more and what was tried go with it, and another may have its id then. That it was "+
			"there stays in the journal."), removeWebhook)
	asks(a, hook("pauseWebhook", one+"/pause", "Pause a webhook",
		"Nothing is sent until it is resumed or changed, and then all of it, in order. One that is stopped is sent "+
			"nothing of what happens meanwhile, and stays stopped."), pauseWebhook)
	asks(a, hook("resumeWebhook", one+"/resume", "Have a webhook that fails or is paused tried at once",
		"It goes on from where it stands."), resumeWebhook)
	reads(a, hook("listDeliveries", one+"/deliveries", "List the tries to deliver, the newest first",
		"They are kept for some days."), listDeliveries)
	asks(a, hook("redeliver", one+"/redeliveries", "Send events once more that were sent before",
		"One or a range of them, as far as the webhook wants them; asked for twice, a range is sent once. What is behind "+
			"its `entry` was not sent yet and comes anyway; one that is stopped is sent nothing. 16 may wait at "+
			"a time. Each is tried once: what is not taken is among the deliveries, and holds up nothing."), redeliver)
	asks(a, hook("cancelRedelivery", one+"/redeliveries/cancel", "Take back events that wait to be sent once more",
		"The range as it was asked for. It answers those that still wait, also if that one does not any more. What is "+
			"under way is sent."), cancelRedelivery)
	asks(a, hook("testWebhook", one+"/test", "Send a test event now, and get what came of it",
		"Its type is `test`, and it is signed as others are."), testWebhook)
}

// OfWebhook names a webhook.
type OfWebhook struct {
	Webhook int64 `path:"webhook" minimum:"1" maximum:"16" doc:"The webhook's id." example:"1"`
}

// Webhook is where what happens is sent.
type Webhook struct {
	ID      int64         `json:"id" doc:"The webhook's id within the merchant, from 1 to 16."`
	Version int64         `json:"version" doc:"The entry that changed it last. Its ETag has it."`
	Name    string        `json:"name" doc:"What people call it; no two of a merchant have the same."`
	URL     string        `json:"url" doc:"Where events are sent, by POST."`
	Types   []Kind        `json:"types" doc:"Of the events that are sent; none = all that happens on cards."`
	Stopped bool          `json:"stopped" doc:"It is sent nothing, and when it is started again it begins anew from there."` //nolint:lll // a tag
	Removed bool          `json:"removed,omitempty" doc:"In the answer to its removal: it is there no more."`
	Spare   bool          `json:"spare_secret" doc:"The secret of before signs too."`
	Doing   *WebhookDoing `json:"doing,omitempty" doc:"How it is doing. Left out of answers to changes."`
	Secret  string        `json:"secret,omitempty" doc:"That signs what is sent, as libraries of Standard Webhooks take it. Answered once, and kept sealed."` //nolint:lll // a tag
	at      ledger.EntryID
}

func (w Webhook) version() ledger.EntryID { return w.at }

// WebhookDoing is how a webhook is doing.
type WebhookDoing struct {
	State      string     `json:"state" enum:"well,fails,paused,stopped" doc:"How it is: well, or fails and is tried again, or paused and goes on later from where it stands, or stopped."` //nolint:lll // a tag
	Entry      int64      `json:"entry" doc:"All up to this entry were delivered, or are not wanted."`
	Behind     int64      `json:"behind" doc:"How many entries are behind it."`
	Tries      int        `json:"tries,omitempty" doc:"How often in a row it has failed."`
	Since      *time.Time `json:"since,omitempty" doc:"Since when."`
	Next       *time.Time `json:"next,omitempty" doc:"When it is tried next."`
	Paused     *time.Time `json:"paused,omitempty" doc:"Since when it is not tried any more; without tries, it was somebody who paused it."` //nolint:lll // a tag
	LastAt     *time.Time `json:"last_at,omitempty" doc:"The newest try."`
	LastStatus int        `json:"last_status,omitempty" doc:"What it was answered; left out if there was no answer."`
}

// Webhooks are those of a merchant.
type Webhooks struct {
	Webhooks []Webhook `json:"webhooks" doc:"All of the merchant, in the order of their ids."`
}

func webhookOf(w *ledger.Webhook) Webhook {
	out := Webhook{
		ID: int64(w.ID), Version: int64(w.Version), Name: w.Name, URL: w.URL, Types: []Kind{}, Stopped: w.Stopped,
		Removed: w.Removed, Spare: w.Spare != nil, at: w.Version,
	}
	for _, k := range w.Kinds {
		out.Types = append(out.Types, Kind(kinds.of[k]))
	}
	return out
}

func listWebhooks(c *call, _ *Nothing) (Webhooks, error) {
	out := Webhooks{[]Webhook{}}
	all, err := c.cfg.Books.Webhooks(c.ctx, c.merchant.ID)
	if err != nil {
		return out, err
	}
	states, err := c.cfg.Books.WebhookStates(c.ctx, c.merchant.ID)
	if err != nil {
		return out, err
	}
	newest, err := c.newest()
	for i := range all {
		w := webhookOf(&all[i])
		w.Doing = doingOf(&all[i], all[i].State(states), newest)
		out.Webhooks = append(out.Webhooks, w)
	}
	return out, err
}

func doingOf(w *ledger.Webhook, is ledger.WebhookState, newest ledger.EntryID) *WebhookDoing {
	return &WebhookDoing{
		State: w.Standing(&is), Entry: int64(is.Entry), Behind: max(0, int64(newest-is.Entry)), Tries: is.Tries,
		Since: moment(is.Since), Next: moment(is.Next), Paused: moment(is.Paused), LastAt: moment(is.LastAt),
		LastStatus: is.LastCode,
	}
}

func getWebhook(c *call, in *OfWebhook) (Webhook, error) {
	all, err := listWebhooks(c, nil)
	if err != nil {
		return Webhook{}, err
	}
	for _, w := range all.Webhooks {
		if w.ID == in.Webhook {
			return w, nil
		}
	}
	return Webhook{}, c.refuse(faultNowhere)
}

// webhook returns the webhook of a path, as it is stored.
func (c *call) webhook(of OfWebhook) (ledger.Webhook, error) {
	all, err := c.cfg.Books.Webhooks(c.ctx, c.merchant.ID)
	if err != nil {
		return ledger.Webhook{}, notDone(err)
	}
	for i := range all {
		if all[i].ID == ledger.WebhookID(of.Webhook) {
			return all[i], nil
		}
	}
	return ledger.Webhook{}, c.refuse(faultNowhere)
}

// WebhookBody is a webhook to be added.
type WebhookBody struct {
	Operator string `json:"operator,omitempty" maxLength:"64" doc:"Who does it, as the caller calls him." example:"admin"`
	Name     string `json:"name" minLength:"1" maxLength:"64" doc:"What receives it." example:"ERP"`
	URL      string `json:"url" minLength:"1" maxLength:"500" doc:"Where events are sent, by POST: https, up to 500 characters. Private addresses and those without TLS only if the server lists them." example:"https://erp.example.com/tongka"` //nolint:lll // a tag
	Types    []Kind `json:"types,omitempty" maxItems:"100" doc:"Of the events that are sent; left out for all that happens on cards."`                                                                                                            //nolint:lll // a tag
}

func addWebhook(c *call, in *Asked[WebhookBody]) (o outcome[Webhook], err error) {
	all, err := c.cfg.Books.Webhooks(c.ctx, c.merchant.ID)
	if err != nil {
		return o, notDone(err)
	}
	w := ledger.Webhook{Merchant: c.merchant.ID, Name: in.Body.Name, URL: in.Body.URL, Kinds: kindsNamed(in.Body.Types)}
	free := ledger.AddWebhook(all, &w)
	secret := auth.RenewWebhook(c.cfg.Vault, &w)
	o = c.webhookChange(w, in.Body.Operator)
	o.show = func(w *Webhook) { w.Secret = secret }
	switch {
	case w.ID > ledger.MaxWebhooks:
		o.against = c.refuseField("body", "want at most 16 webhooks: remove a stopped one, or change it to this")
	case !free:
		o.against = c.refuseField("body.name", "want another name: there is a webhook of this one")
	}
	return o, nil
}

// webhookChange changes a webhook, or says what is wrong with what it is to be.
func (c *call) webhookChange(to ledger.Webhook, operator string) outcome[Webhook] {
	o := outcome[Webhook]{
		command: command.ChangeWebhook{
			By: ledger.Caller{Agent: c.agent.ID, Operator: operator}, To: to, Reach: c.cfg.Reach(to.URL),
		},
		answer: func(ch *command.Changes) Webhook {
			switch {
			case len(ch.Webhooks) > 0:
				to = ch.Webhooks[0]
			case len(ch.Entries) > 0:
				to.Version = ch.Newest().ID // it was removed; without an entry, nothing was to be changed
			}
			return webhookOf(&to)
		},
	}
	if !to.Stopped || to.Removed {
		o.against = c.faulty(to.Faults(c.cfg.Reach(to.URL)), webhookField)
	}
	return o
}

func kindsNamed(types []Kind) (all []ledger.Kind) {
	for _, t := range types {
		all = append(all, kinds.from[string(t)])
	}
	return all
}

// matchingWebhook changes the webhook of a path by do, if it is of the version that the caller has seen. Of one that is
// not there any more, what was done before may be asked for again.
func (c *call) matchingWebhook(
	of OfWebhook, operator string, do func(*ledger.Webhook) error,
) (o outcome[Webhook], err error) {
	w, err := c.webhook(of)
	if p, known := errors.AsType[*Problem](err); known && p.Status == http.StatusNotFound {
		o = c.webhookChange(ledger.Webhook{Merchant: c.merchant.ID, ID: ledger.WebhookID(of.Webhook)}, operator)
		o.against = err
		return o, nil
	}
	if err != nil {
		return o, err
	}
	change := func(to ledger.Webhook) outcome[Webhook] { return c.webhookChange(to, operator) }
	return matched(c, w, w.Version, do, change, c.webhookMoved)
}

// webhookMoved says what was changed of a webhook since the version that the caller has seen.
func (c *call) webhookMoved(is *ledger.Webhook) (problem, err error) {
	text, err := ledger.WebhookText(is)
	if err != nil {
		return nil, err
	}
	now, err := webhookValues(text)
	if err != nil {
		return nil, err
	}
	var was map[string]string
	e, err := c.versionAt(c.match, ledger.WebhookChanged)
	if err == nil && e != nil {
		was, err = webhookValues(e.Settings)
	}
	if was["id"] != now["id"] {
		was = nil // the version is none of this webhook's
	}
	return c.movedSince(is.Version, was, now), err
}

// webhookField returns what a field of a webhook in the journal is called here.
func webhookField(field string) string { return strings.Replace(field, "kinds", "types", 1) }

// webhookValues returns the values of a webhook in the journal as they are called here.
func webhookValues(text string) (map[string]string, error) {
	values, err := ledger.WebhookByPath(text)
	out := map[string]string{}
	for field, value := range values {
		if strings.HasPrefix(field, "kinds") {
			field, value = webhookField(field), strings.ReplaceAll(value, "-", "_")
		}
		out[field] = value
	}
	return out, err
}

// versionAt returns the merchant's own entry of that id, if it is of a kind; nil if there is none.
func (c *call) versionAt(id ledger.EntryID, kind ledger.Kind) (*ledger.Entry, error) {
	return c.entryAt(c.merchant.ID, id, kind)
}

// entryAt is versionAt for the host too.
func (c *call) entryAt(at ledger.MerchantID, id ledger.EntryID, kind ledger.Kind) (*ledger.Entry, error) {
	if id < 1 {
		return nil, nil
	}
	records, err := c.cfg.Books.Load(c.ctx, command.Want{
		Merchant: at, Keys: command.Keys{Entries: []ledger.EntryID{id}},
	})
	if err != nil {
		return nil, notDone(err)
	}
	for i := range records[0].Entries {
		if e := &records[0].Entries[i]; e.ID == id && e.Kind == kind {
			return e, nil
		}
	}
	return nil, nil
}

// WebhookPatch is what is to be changed of a webhook.
type WebhookPatch struct {
	Operator string  `json:"operator,omitempty" maxLength:"64" doc:"Who does it, as the caller calls him." example:"admin"`
	Name     *string `json:"name,omitempty" minLength:"1" maxLength:"64" doc:"Another name, up to 64 characters."`
	URL      *string `json:"url,omitempty" minLength:"1" maxLength:"500" doc:"Another address, up to 500 characters, with the limits of a new one."` //nolint:lll // a tag
	Types    *[]Kind `json:"types,omitempty" maxItems:"100" doc:"None for all that happens on cards."`
}

// WebhookPatched is a request that changes a webhook.
type WebhookPatched struct {
	Named
	Matched
	OfWebhook
	Body WebhookPatch
}

func (w *WebhookPatched) content() any { return &w.Body }

func changeWebhook(c *call, in *WebhookPatched) (outcome[Webhook], error) {
	all, err := c.cfg.Books.Webhooks(c.ctx, c.merchant.ID)
	if err != nil {
		return outcome[Webhook]{}, notDone(err)
	}
	return c.matchingWebhook(in.OfWebhook, in.Body.Operator, func(w *ledger.Webhook) error {
		if in.Body.URL != nil {
			w.URL = *in.Body.URL
		}
		if in.Body.Types != nil {
			w.Kinds = kindsNamed(*in.Body.Types)
		}
		if in.Body.Name != nil {
			w.Name = *in.Body.Name
		}
		if ledger.WebhookNamed(all, w.Name, w.ID) {
			return c.refuseField("body.name", "want another name: there is a webhook of this one")
		}
		return nil
	})
}

// WhoDoes says who does something that is about the whole merchant.
type WhoDoes struct {
	Operator string `json:"operator,omitempty" maxLength:"64" doc:"Who does it, as the caller calls him." example:"admin"`
}

// WebhookAsked is a request that does something to a webhook.
type WebhookAsked struct {
	Named
	Matched
	OfWebhook
	Body WhoDoes
}

func (w *WebhookAsked) content() any { return &w.Body }

func renewWebhook(c *call, in *WebhookAsked) (outcome[Webhook], error) {
	secret := ""
	o, err := c.matchingWebhook(in.OfWebhook, in.Body.Operator, func(w *ledger.Webhook) error {
		if w.Spare != nil {
			return c.refuse(faultSpare)
		}
		secret = auth.RenewWebhook(c.cfg.Vault, w)
		return nil
	})
	o.show = func(w *Webhook) { w.Secret = secret }
	return o, err
}

func retireWebhook(c *call, in *WebhookAsked) (outcome[Webhook], error) {
	return c.matchingWebhook(in.OfWebhook, in.Body.Operator, func(w *ledger.Webhook) error {
		w.EndSpare()
		return nil
	})
}

func stopWebhook(c *call, in *WebhookAsked) (outcome[Webhook], error) {
	return c.matchingWebhook(in.OfWebhook, in.Body.Operator, func(w *ledger.Webhook) error {
		w.Stopped = true
		return nil
	})
}

func startWebhook(c *call, in *WebhookAsked) (outcome[Webhook], error) {
	return c.matchingWebhook(in.OfWebhook, in.Body.Operator, func(w *ledger.Webhook) error {
		w.Stopped = false
		return nil
	})
}

func removeWebhook(c *call, in *WebhookAsked) (outcome[Webhook], error) {
	return c.matchingWebhook(in.OfWebhook, in.Body.Operator, func(w *ledger.Webhook) error {
		w.Removed = true
		return nil
	})
}

// WebhookNoted is a request about how a webhook is sent to, which is in no journal.
type WebhookNoted struct {
	OfWebhook
	Body struct{}
}

func pauseWebhook(c *call, in *WebhookNoted) (Webhook, error) {
	return c.noted(in, func(of ledger.WebhookKey) error {
		return c.cfg.Books.PauseWebhook(c.ctx, of, c.cfg.Clock())
	})
}

func resumeWebhook(c *call, in *WebhookNoted) (Webhook, error) {
	return c.noted(in, func(of ledger.WebhookKey) error { return c.cfg.Books.ResumeWebhook(c.ctx, of) })
}

// noted notes something about how the webhook of a path is sent to, and answers how it is doing.
func (c *call) noted(in *WebhookNoted, note func(ledger.WebhookKey) error) (Webhook, error) {
	w, err := c.webhook(in.OfWebhook)
	if err != nil {
		return Webhook{}, err
	}
	if err := note(w.Key()); err != nil {
		return Webhook{}, err
	}
	return getWebhook(c, &in.OfWebhook)
}

// RedeliverAsked asks for events to be sent once more.
type RedeliverAsked struct {
	OfWebhook
	Body struct {
		First int64 `json:"first" minimum:"1" doc:"The first entry." example:"9"`
		Last  int64 `json:"last,omitempty" minimum:"1" doc:"The last one; left out for the first alone." example:"12"`
	}
}

// Redelivery are events that are sent once more.
type Redelivery struct {
	First int64 `json:"first" doc:"The first entry that is sent once more."`
	Last  int64 `json:"last" doc:"The last entry that is sent once more."`
}

// Redeliveries are the ranges that wait.
type Redeliveries struct {
	Redeliveries []Redelivery `json:"redeliveries" doc:"Those that still wait, what was asked for first at the beginning."`
}

func redeliver(c *call, in *RedeliverAsked) (Redelivery, error) {
	w, err := c.webhook(in.OfWebhook)
	if err != nil {
		return Redelivery{}, err
	}
	states, err := c.cfg.Books.WebhookStates(c.ctx, c.merchant.ID)
	if err != nil {
		return Redelivery{}, err
	}
	is := w.State(states)
	waiting, err := c.cfg.Books.WebhookAgains(c.ctx, w.Key())
	if err != nil {
		return Redelivery{}, err
	}
	again, not := w.Again(&is, waiting, ledger.EntryID(in.Body.First), ledger.EntryID(in.Body.Last))
	if not != nil {
		return Redelivery{}, c.notAgain(not)
	}
	again.At = c.cfg.Clock()
	return Redelivery{int64(again.First), int64(again.Last)}, c.cfg.Books.AddWebhookAgain(c.ctx, again)
}

func cancelRedelivery(c *call, in *RedeliverAsked) (out Redeliveries, err error) {
	w, err := c.webhook(in.OfWebhook)
	if err != nil {
		return out, err
	}
	back := w.Range(ledger.EntryID(in.Body.First), ledger.EntryID(in.Body.Last))
	if err := c.cfg.Books.DropWebhookAgain(c.ctx, back); err != nil {
		return out, err
	}
	waiting, err := c.cfg.Books.WebhookAgains(c.ctx, w.Key())
	out.Redeliveries = make([]Redelivery, 0, len(waiting))
	for _, a := range waiting {
		out.Redeliveries = append(out.Redeliveries, Redelivery{int64(a.First), int64(a.Last)})
	}
	return out, err
}

// notAgain answers why entries are not sent once more.
func (c *call) notAgain(not *ledger.Fault) error {
	switch not.Field {
	case ledger.AgainStopped:
		return c.refuse(faultStopped)
	case ledger.AgainMany:
		return c.refuse(faultAgain)
	}
	return c.refuseField("body.last", not.Text)
}

// DeliveriesQuery asks for tries to deliver.
type DeliveriesQuery struct {
	OfWebhook
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many are wanted at most."`
	After string `query:"after" maxLength:"64" doc:"The next of the page before."`
}

// Deliveries is a page of tries.
type Deliveries struct {
	Deliveries []Delivery `json:"deliveries" doc:"A page of tries, the newest first."`
	Next       string     `json:"next,omitempty" doc:"Asks for the next page as after; left out on the last one."`
}

// Delivery is one try to deliver an event.
type Delivery struct {
	At     time.Time `json:"at" doc:"When it was tried, in UTC."`
	Entry  int64     `json:"entry,omitempty" doc:"Left out of a test."`
	Status int       `json:"status,omitempty" doc:"Of HTTP; left out if there was no answer."`
	TookMS int64     `json:"took_ms" doc:"How long the try took, in milliseconds."`
	OK     bool      `json:"delivered" doc:"The receiver took it: it answered with a status of 200 to 299."`
	Said   string    `json:"said,omitempty" doc:"What went wrong, or the beginning of the answer that refused it."`
}

func deliveryOf(t *ledger.WebhookTry) Delivery {
	return Delivery{
		t.At.UTC(), int64(t.Entry), t.Status, t.Took.Round(time.Millisecond).Milliseconds(), t.Delivered(), t.Said,
	}
}

func listDeliveries(c *call, in *DeliveriesQuery) (out Deliveries, err error) {
	w, err := c.webhook(in.OfWebhook)
	if err != nil {
		return out, err
	}
	q := ledger.WebhookTryQuery{Merchant: w.Merchant, Webhook: w.ID, Limit: in.Limit}
	if in.After != "" {
		place, err := c.cursor(in.After)
		if err == nil {
			q.At, q.Entry, err = tryPlace(place)
		}
		if err != nil {
			return out, err
		}
	}
	tries, err := c.cfg.Books.WebhookTries(c.ctx, q)
	out.Deliveries = make([]Delivery, 0, len(tries))
	for i := range tries {
		out.Deliveries = append(out.Deliveries, deliveryOf(&tries[i]))
	}
	if len(tries) == in.Limit {
		last := tries[len(tries)-1]
		out.Next = c.cursorText(fmt.Sprintf("%d_%d", last.At.UnixMicro(), last.Entry))
	}
	return out, err
}

// tryPlace reads the place of a try among the others.
func tryPlace(text string) (at time.Time, entry ledger.EntryID, err error) {
	before, after, _ := strings.Cut(text, "_")
	micro, err := strconv.ParseInt(before, 10, 64)
	if err != nil {
		return at, 0, err
	}
	n, err := strconv.ParseInt(after, 10, 64)
	return time.UnixMicro(micro).UTC(), ledger.EntryID(n), err
}

func testWebhook(c *call, in *WebhookNoted) (Delivery, error) {
	w, err := c.webhook(in.OfWebhook)
	if err != nil {
		return Delivery{}, err
	}
	tried := c.cfg.TestWebhook(c.ctx, &w)
	return deliveryOf(&tried), nil
}
