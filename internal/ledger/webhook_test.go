package ledger

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func wholeWebhook() Webhook {
	return Webhook{
		Merchant: 1, ID: 3, Name: "总部 ERP", URL: "https://erp.example.com/tongka?shop=1", Kinds: []Kind{Recharged, Consumed},
		Secret: []byte("sealed-secret"), Spare: []byte("sealed-spare"), Stopped: true, Removed: true,
		After: 7, Version: 9,
	}
}

// The text of a webhook tells any of its facts from any other, and all but its secrets is read back. Left out are the
// merchant, whose journal it is in, and what follows from the entries.
func TestInvariant61WebhookTextIsWhole(t *testing.T) {
	t.Parallel()
	whole := wholeWebhook()
	text, err := WebhookText(&whole)
	if err != nil {
		t.Fatal(err)
	}
	follow := []string{"Merchant", "After", "Version"}
	fields := reflect.TypeFor[Webhook]()
	for i := range fields.NumField() {
		w := wholeWebhook()
		reflect.ValueOf(&w).Elem().Field(i).SetZero()
		other, err := WebhookText(&w)
		if name := fields.Field(i).Name; err != nil || (other == text) != slices.Contains(follow, name) {
			t.Errorf("without %s: %s, %v", name, other, err)
		}
	}
	swapped := wholeWebhook()
	swapped.Secret, swapped.Spare = swapped.Spare, swapped.Secret
	if other, err := WebhookText(&swapped); err != nil || other == text {
		t.Errorf("with the secrets swapped: %s, %v", other, err)
	}
	read, err := ParseWebhook(text)
	read.Merchant, read.Secret, read.Spare, read.After, read.Version = 1, whole.Secret, whole.Spare, 7, 9
	if err != nil || !reflect.DeepEqual(read, whole) {
		t.Errorf("read back as %+v, %v", read, err)
	}
	if _, err := ParseWebhook("{"); err == nil {
		t.Error("half a text was read")
	}
	if paths, err := WebhookByPath(text); err != nil || paths["url"] != whole.URL || paths["kinds[2]"] != "consume" {
		t.Errorf("by path %v, %v", paths, err)
	}
}

// Nothing of a webhook's secrets is in the journal, not even sealed.
func TestInvariant45WebhookTextHidesSecrets(t *testing.T) {
	t.Parallel()
	w := wholeWebhook()
	text, err := WebhookText(&w)
	if err != nil || strings.Contains(text, "sealed") {
		t.Errorf("%s, %v", text, err)
	}
}

// A webhook that chooses no kinds is sent what happens on cards, and not who looked at a holder's data. One that does
// is sent those. No webhook can want what only the host's journal has.
func TestWebhookWants(t *testing.T) {
	t.Parallel()
	var all, some Webhook
	some.Kinds = []Kind{Recharged, SettingsChanged, DataShown}
	for _, k := range Kinds {
		onCard := !allowed[k].own
		if got := all.Wants(k); got != (onCard && k != DataShown) {
			t.Errorf("%v is sent by default: %v", k, got)
		}
		if got := some.Wants(k); got != slices.Contains(some.Kinds, k) {
			t.Errorf("%v is sent: %v", k, got)
		}
	}
	may := WebhookKinds()
	if slices.Contains(may, AgentChanged) || slices.Contains(may, PersonChanged) || !slices.Contains(may, HandedOver) ||
		len(may) != len(Kinds)-3 {
		t.Errorf("may be wanted: %v", may)
	}
}

func TestWebhookFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*Webhook)
		want  string // "" = none
	}{
		"as it is":               {func(*Webhook) {}, ""},
		"every kind":             {func(w *Webhook) { w.Kinds = WebhookKinds() }, ""},
		"no kinds":               {func(w *Webhook) { w.Kinds = nil }, ""},
		"one secret":             {func(w *Webhook) { w.Spare = nil }, ""},
		"a port":                 {func(w *Webhook) { w.URL = "https://[2001:db8::1]:8443" }, ""},
		"no id":                  {func(w *Webhook) { w.ID = 0 }, "id: want"},
		"one too many":           {func(w *Webhook) { w.ID = MaxWebhooks + 1 }, "id: want an id from 1 to 16"},
		"no name":                {func(w *Webhook) { w.Name = "　" }, "name: want"},
		"two lines":              {func(w *Webhook) { w.Name = "a\nb" }, "name: want"},
		"no address":             {func(w *Webhook) { w.URL = "" }, "url: want an address"},
		"no host":                {func(w *Webhook) { w.URL = "https:///x" }, "url: want an address"},
		"no scheme":              {func(w *Webhook) { w.URL = "erp.example.com" }, "url: want an address"},
		"another scheme":         {func(w *Webhook) { w.URL = "file:///etc/passwd" }, "url: want an address"},
		"a scheme of old":        {func(w *Webhook) { w.URL = "gopher://a" }, "url: want an address"},
		"no TLS":                 {func(w *Webhook) { w.URL = "http://erp.example.com/" }, "url: want https"},
		"a password":             {func(w *Webhook) { w.URL = "https://a:b@erp.example.com/" }, "without a name, a password"},
		"a fragment":             {func(w *Webhook) { w.URL = "https://erp.example.com/#" }, "fragment"},
		"a space":                {func(w *Webhook) { w.URL = "https://erp.example.com/a b" }, "without spaces"},
		"a long one":             {func(w *Webhook) { w.URL += strings.Repeat("a", 500) }, "at most 500"},
		"no secret":              {func(w *Webhook) { w.Secret = nil }, "secret: want a secret"},
		"one twice":              {func(w *Webhook) { w.Spare = w.Secret }, "secret: want two"},
		"a kind twice":           {func(w *Webhook) { w.Kinds = []Kind{Consumed, Recharged, Consumed} }, "consume stands twice"},
		"a kind of the host":     {func(w *Webhook) { w.Kinds = []Kind{AgentChanged} }, "no journal of a merchant"},
		"a kind that is unknown": {func(w *Webhook) { w.Kinds = []Kind{999} }, "no journal of a merchant"},
	} {
		w := wholeWebhook()
		c.spoil(&w)
		faults := w.Faults(HookReach{})
		if c.want == "" {
			if len(faults) > 0 {
				t.Errorf("%s: %v", name, faults)
			}
			continue
		}
		if len(faults) != 1 || !strings.Contains(faults[0].Field+": "+faults[0].Text, c.want) {
			t.Errorf("%s: %v, want %q", name, faults, c.want)
		}
	}
	w := wholeWebhook()
	if w.URL = "http://10.0.0.7:8080/"; len(w.Faults(HookReach{Plain: true})) > 0 {
		t.Errorf("where the host lists addresses: %v", w.Faults(HookReach{Plain: true}))
	}
}

// A secret of before signs until it is ended, and the one before that is over at once.
func TestWebhookRenew(t *testing.T) {
	t.Parallel()
	w := Webhook{Secret: []byte("a")}
	w.Renew([]byte("b"))
	w.Renew([]byte("c"))
	if string(w.Secret) != "c" || string(w.Spare) != "b" {
		t.Errorf("%+v", w)
	}
	if w.EndSpare(); string(w.Secret) != "c" || w.Spare != nil {
		t.Errorf("%+v", w)
	}
}

// What was sent is sent once more, and nothing else. Each row mends what the one above is refused for.
func TestWebhookAgain(t *testing.T) {
	t.Parallel()
	is := &WebhookState{Merchant: 1, Webhook: 2, Entry: 9}
	for _, c := range []struct {
		stopped     bool
		first, last EntryID
		want        string // what it is refused for; "" = nothing
		to          EntryID
	}{
		{true, 0, 20, AgainRange, 20},
		{true, -1, 0, AgainRange, -1},
		{true, 4, 3, AgainRange, 3},
		{true, 3, 20, AgainUnsent, 20},
		{true, 10, 0, AgainUnsent, 10},
		{true, 3, 9, AgainStopped, 9},
		{false, 3, 9, "", 9},
		{false, 3, 0, "", 3},
	} {
		w := &Webhook{Merchant: 1, ID: 2, Stopped: c.stopped}
		got, not := w.Again(is, nil, c.first, c.last)
		refused := ""
		if not != nil {
			refused = not.Field
		}
		want := WebhookAgain{Merchant: 1, Webhook: 2, First: c.first, Last: c.to}
		if refused != c.want || got != want {
			t.Errorf("%d to %d: %+v, refused for %q, want %+v, %q", c.first, c.last, got, refused, want, c.want)
		}
	}
}

// As many ranges wait as may, and no more; one of them may be asked for again, as it is asked for once.
func TestWebhookAgainMany(t *testing.T) {
	t.Parallel()
	w, is := &Webhook{Merchant: 1, ID: 2}, &WebhookState{Merchant: 1, Webhook: 2, Entry: 99}
	var waiting []WebhookAgain
	for n := range EntryID(MaxAgain) {
		again, not := w.Again(is, waiting, n+1, 99)
		if not != nil {
			t.Fatalf("%d wait: %v", n, not)
		}
		waiting = append(waiting, again)
	}
	if _, not := w.Again(is, waiting, 50, 99); not == nil || not.Field != AgainMany {
		t.Errorf("one more: %v", not)
	}
	if _, not := w.Again(is, waiting, 1, 99); not != nil {
		t.Errorf("one that waits: %v", not)
	}
}

// What is stored about a webhook counts for it as it is now: its failures only until it is changed, and its place only
// if it was not stopped since.
func TestWebhookStateAt(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	bad := WebhookState{
		Merchant: 1, Webhook: 3, Turn: 5, Entry: 12, Tries: 4, Since: at, Next: at, Paused: at, About: 9,
		LastAt: at, LastCode: 500,
	}
	w := wholeWebhook()
	if got := bad.At(&w); got != bad {
		t.Errorf("unchanged: %+v", got)
	}
	w.Version, w.After = 20, 20
	want := WebhookState{Merchant: 1, Webhook: 3, Turn: 5, Entry: 20, About: 20, LastAt: at, LastCode: 500}
	if got := bad.At(&w); got != want {
		t.Errorf("after a change: %+v, want %+v", got, want)
	}
	want = WebhookState{Merchant: 1, Webhook: 3, Entry: 20, About: 20}
	if got := (WebhookState{}).At(&w); got != want {
		t.Errorf("of a new one: %+v, want %+v", got, want)
	}
}

// The event of an entry has one id, and another one than an entry that had its number before the books were restored.
func TestEventID(t *testing.T) {
	t.Parallel()
	was := Entry{Merchant: 10000, ID: 83, Hash: [32]byte{0x9f, 0x3c, 0x01, 0xab, 0xcd}}
	is := was
	is.Hash[0] = 0x9e
	if got, want := EventID(&was), "evt_10000_83_9f3c01ab"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if EventID(&was) == EventID(&is) {
		t.Error("two entries have one id")
	}
}

// A new webhook has the id behind the others, and where there is none any more the first that was freed.
func TestWebhookIDs(t *testing.T) {
	t.Parallel()
	var all []Webhook
	next := func() WebhookID {
		w := Webhook{Name: "x"}
		AddWebhook(all, &w)
		return w.ID
	}
	for range MaxWebhooks {
		all = append(all, Webhook{ID: next()})
	}
	if got := next(); got != MaxWebhooks+1 {
		t.Errorf("when all are taken: %d", got)
	}
	all = slices.Delete(all, 4, 6)
	if got := next(); got != 5 {
		t.Errorf("when the fifth and the sixth are free: %d", got)
	}
	if all = all[:9]; next() != 12 {
		t.Errorf("when there are some behind: %d", next())
	}
}
