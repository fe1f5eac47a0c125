package ledger

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// WebhookID numbers a merchant's webhooks 1 to MaxWebhooks.
type WebhookID int64

// WebhookKey names a webhook.
type WebhookKey struct {
	Merchant MerchantID
	ID       WebhookID
}

// Limits of webhooks.
const (
	MaxWebhooks = 16 // that a merchant may have: each of them reads its whole journal
	maxURL      = 500
)

// Webhook is an endpoint of a merchant to which the entries of its journal are sent. One that is not wanted any more is
// stopped, and may then be removed; another may have its id later.
type Webhook struct {
	Merchant MerchantID
	ID       WebhookID
	Name     string
	URL      string
	Kinds    []Kind // of the entries that are sent; nil = see Wants
	Secret   []byte // signs what is sent; sealed under the key kept outside the database
	Spare    []byte // the secret of before, which signs too until the receiver has the new one: see Renew; nil = none
	Stopped  bool
	Removed  bool // of one that is to be removed, and in the entry that says so: no record is
	// After is the entry behind which entries are sent: the one that added the webhook, or that started it again after
	// it was stopped. What happened in between is not sent by itself.
	After EntryID
	// Version is the entry that last changed it.
	Version EntryID
}

// Key returns the webhook's key.
func (w *Webhook) Key() WebhookKey { return WebhookKey{w.Merchant, w.ID} }

// Wants reports whether entries of a kind are sent. If no kinds are chosen, all are that are on a card, but for those
// that only say that somebody looked at the holder's data.
func (w *Webhook) Wants(k Kind) bool {
	if len(w.Kinds) == 0 {
		return !allowed[k].own && k != DataShown
	}
	return slices.Contains(w.Kinds, k)
}

// Begins reports whether a webhook, which was as given before (nil = there was none), is sent entries from now on.
func (w *Webhook) Begins(was *Webhook) bool { return !w.Stopped && (was == nil || was.Stopped) }

// AddWebhook gives a new webhook the id behind those of the others of its merchant, or where there is none behind them
// the first that was freed, and reports whether none of them has its name, by which people tell them apart.
func AddWebhook(all []Webhook, w *Webhook) (free bool) {
	w.ID = NextID(all, func(w *Webhook) WebhookID { return w.ID })
	taken := func(id WebhookID) bool { return slices.ContainsFunc(all, func(w Webhook) bool { return w.ID == id }) }
	if w.ID > MaxWebhooks && len(all) < MaxWebhooks {
		for w.ID = 1; taken(w.ID); w.ID++ {
		}
	}
	return !WebhookNamed(all, w.Name, w.ID)
}

// WebhookNamed reports whether another webhook than the one of an id has a name.
func WebhookNamed(all []Webhook, name string, but WebhookID) bool {
	return slices.ContainsFunc(all, func(w Webhook) bool { return w.Name == name && w.ID != but })
}

// State returns how far the webhook is, out of the states of its merchant's. Before it has begun there is none.
func (w *Webhook) State(all []WebhookState) (is WebhookState) {
	if i := slices.IndexFunc(all, func(s WebhookState) bool { return s.Webhook == w.ID }); i >= 0 {
		is = all[i]
	}
	return is.At(w)
}

// Standing returns in a word how a webhook is doing: well, fails, paused or stopped.
func (w *Webhook) Standing(is *WebhookState) string {
	switch {
	case w.Stopped:
		return "stopped"
	case !is.Paused.IsZero():
		return "paused"
	case is.Tries > 0:
		return "fails"
	}
	return "well"
}

// Renew gives the webhook another sealed secret. The one of before signs beside it until EndSpare; one from before
// that ends.
func (w *Webhook) Renew(sealed []byte) { w.Secret, w.Spare = sealed, w.Secret }

// EndSpare ends the secret of before.
func (w *Webhook) EndSpare() { w.Spare = nil }

// WebhookKinds are the kinds that a webhook may want: all that a merchant's journal may have.
func WebhookKinds() []Kind {
	return slices.DeleteFunc(slices.Clone(Kinds), func(k Kind) bool { return allowed[k].of == theHost })
}

// HookReach is what the host says of the address of a webhook.
type HookReach struct {
	Plain bool   // it lists addresses that may be called without TLS
	Never string // why it never calls this one; "" = it may
}

// Faults returns what is wrong with a webhook whose address is within that reach.
func (w *Webhook) Faults(to HookReach) []Fault {
	var f faults
	f.when(w.ID < 1 || w.ID > MaxWebhooks, "id", "want an id from 1 to %d: a merchant has no more webhooks", MaxWebhooks)
	f.when(Blank(w.Name) || !PlainText(w.Name, MaxNameLen), "name", "want 1 to %d characters in one line", MaxNameLen)
	if text := urlFault(w.URL, to); text != "" {
		f.when(true, "url", "%s", text)
	}
	f.when(w.Removed && !w.Stopped, "stopped", "want a webhook that is stopped: stop it before it is removed")
	f.when(len(w.Secret) == 0, "secret", "want a secret")
	f.when(len(w.Spare) > 0 && string(w.Spare) == string(w.Secret), "secret", "want two that differ, or one")
	may := WebhookKinds()
	for i, k := range w.Kinds {
		f.when(!slices.Contains(may, k), "kinds", "no journal of a merchant has a %v", k)
		f.when(slices.Contains(w.Kinds[:i], k), "kinds", "%v stands twice", k)
	}
	return f
}

// urlFault returns what is wrong with the address of a webhook; "" = nothing. A password in it would be in logs.
func urlFault(text string, to HookReach) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return "want an address like https://erp.example.com/tongka"
	case u.Scheme == "http" && !to.Plain:
		return "want https: what is sent without TLS can be read and changed on its way"
	case u.User != nil || u.Fragment != "" || strings.Contains(text, "#"):
		return "want an address without a name, a password and a fragment"
	case len(text) > maxURL || !PlainText(text, maxURL) || strings.ContainsAny(text, " \u00a0"):
		return "want an address without spaces, of at most 500 characters"
	}
	return to.Never
}

// WebhookState is how far a webhook is, and how it is doing. It is in no journal: that nothing is skipped follows from
// Entry, which only moves behind what was delivered.
type WebhookState struct {
	Merchant MerchantID
	Webhook  WebhookID
	Turn     int64     // goes up with every save: of two processes that read the same turn only one can save
	Entry    EntryID   // all entries up to it were delivered, or are not wanted; 0 = it has not begun
	Holder   int64     // the process that works for it; 0 = none
	Until    time.Time // from then on another process may
	Tries    int       // how often in a row it failed; 0 = it is well
	Since    time.Time // when it began to fail; zero = it is well
	Next     time.Time // when it is tried next; zero = at once
	Paused   time.Time // since when it is not tried any more; zero = it is
	About    EntryID   // the version of the webhook that Tries to Paused are about; of another they say nothing
	LastAt   time.Time // the newest try; zero = none yet
	LastCode int       // the status of HTTP that it was answered with; 0 = none
}

// At returns the state for a webhook as it is now: a webhook that was changed since it failed is tried at once, and
// nothing before its After is sent.
func (s WebhookState) At(w *Webhook) WebhookState {
	s.Merchant, s.Webhook, s.Entry = w.Merchant, w.ID, max(s.Entry, w.After)
	if s.About != w.Version {
		s.Well()
		s.About = w.Version
	}
	return s
}

// Well notes that nothing is wrong.
func (s *WebhookState) Well() {
	s.Tries, s.Since, s.Next, s.Paused = 0, time.Time{}, time.Time{}, time.Time{}
}

// WebhookTry is one try to deliver an entry. Tries are kept for some days.
type WebhookTry struct {
	Merchant MerchantID
	Webhook  WebhookID
	At       time.Time
	Entry    EntryID
	Status   int // of HTTP; 0 = there was no answer
	Took     time.Duration
	Said     string // what went wrong, or the beginning of the answer that refused it: at most MaxSaid bytes
}

// MaxSaid is the most bytes that are kept of what an endpoint answered.
const MaxSaid = 200

// Delivered reports whether the endpoint took the entry.
func (t *WebhookTry) Delivered() bool { return t.Status >= 200 && t.Status < 300 }

// WebhookAgain are entries that somebody wants to be sent once more, as far as the webhook wants them.
type WebhookAgain struct {
	Merchant    MerchantID
	Webhook     WebhookID
	First, Last EntryID
	Done        EntryID // all up to it were sent again; below First = none yet
	At          time.Time
}

// Why entries are not sent once more: what the Fault of Again is about.
const (
	AgainRange   = "range"   // there are no such entries
	AgainUnsent  = "unsent"  // some were not sent yet
	AgainStopped = "stopped" // the webhook is
	AgainMany    = "many"    // as many ranges wait as may
)

// MaxAgain is how many ranges of entries may wait at a webhook to be sent once more: each is read from the journal.
const MaxAgain = 16

// Range returns the entries from first to last, 0 = the first alone, as what the webhook is to be sent once more.
func (w *Webhook) Range(first, last EntryID) WebhookAgain {
	return WebhookAgain{Merchant: w.Merchant, Webhook: w.ID, First: first, Last: cmp.Or(last, first)}
}

// Again returns a range of entries, to be sent once more to a webhook that is as far as a state says and has ranges
// that wait, or why they are not. What was not sent yet comes anyway, and one that is stopped is sent nothing. A range
// that waits already is asked for once.
func (w *Webhook) Again(
	is *WebhookState, waiting []WebhookAgain, first, last EntryID,
) (again WebhookAgain, not *Fault) {
	again = w.Range(first, last)
	waits := func(a WebhookAgain) bool { return a.First == again.First && a.Last == again.Last }
	switch {
	case again.First < 1 || again.Last < again.First:
		not = &Fault{AgainRange, "want an entry from 1, and a last one that is not before it"}
	case again.Last > is.Entry:
		not = &Fault{AgainUnsent, fmt.Sprintf("want entries up to %d: those behind it were not sent yet", is.Entry)}
	case w.Stopped:
		not = &Fault{AgainStopped, "the webhook is stopped: start it again first"}
	case len(waiting) >= MaxAgain && !slices.ContainsFunc(waiting, waits):
		not = &Fault{AgainMany, fmt.Sprintf("%d ranges wait to be sent once more, and no more may: wait until they are sent",
			len(waiting))}
	}
	return again, not
}

// DueWebhook is a webhook for which there is something to do.
type DueWebhook struct {
	Webhook
	State WebhookState // as it is stored; its zero value if the webhook has not begun
	Last  EntryID      // the newest entry of the merchant's journal
	Again bool         // somebody wants entries to be sent once more
}

// WebhookTryQuery asks for tries of a webhook, the newest first: those before a place in that order; the zero value
// begins at the newest.
type WebhookTryQuery struct {
	Merchant MerchantID
	Webhook  WebhookID
	At       time.Time
	Entry    EntryID
	Limit    int
}

// EventID returns what the event of an entry is called outside: the same however and however often it is told, so that
// whoever has seen it may drop it. It ends with the beginning of the entry's hash: books that were restored give the
// numbers of entries that they do not have to others, and a receiver that remembers the first must not drop those.
func EventID(e *Entry) string {
	return fmt.Sprintf("evt_%d_%d_%x", e.Merchant, e.ID, e.Hash[:4])
}
