package dc78

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

// TestReplaysAreTheFirstAnswer: whoever asks again gets the bytes of the first answer, whatever became of the card
// and of the merchant's settings since. There is a request for every action and kind of transaction that takes a ref.
func TestReplaysAreTheFirstAnswer(t *testing.T) {
	t.Parallel()
	w := proofs(t)
	requests := replayable(w)
	said := map[string]string{}
	for i, r := range requests {
		said[r.ref(i)] = r.send(w, i)
		if !strings.HasPrefix(said[r.ref(i)], `{"status":"1"`) {
			t.Fatalf("%s %s: %s", r.action, r.get, said[r.ref(i)])
		}
	}
	covered := map[string]map[string]bool{}
	for _, r := range requests {
		if covered[r.action] == nil {
			covered[r.action] = map[string]bool{}
		}
		covered[r.action][r.kind] = true
	}
	for name, kinds := range refKinds {
		for _, kind := range slices.Sorted(maps.Values(kinds)) {
			if !covered[name][kind] && name+kind != "mb_vericode."+transRecharge { // no recharge needs a code
				t.Errorf("no request of %s%s is asked again", name, kind)
			}
		}
	}
	for name, change := range changes() {
		m := beforeChanges()
		change(&m)
		w.settle(m)
		w.wantAgain(requests, said, name)
	}
	m := beforeChanges()
	for _, change := range changes() {
		change(&m)
	}
	w.settle(m)
	w.do(
		command.Stop{Merchant: 10000, Card: "47302320"},
		command.Replace{Merchant: 10000, Card: "LEVEL6", Number: "66666"},
	)
	w.now = w.now.AddDate(3, 0, 0)
	w.wantAgain(requests, said, "all of it, and the cards, three years later")
}

// asked is a request that is sent twice. The name of its action's kind of transaction is as in refKinds.
type asked struct{ action, kind, get, body string }

func (r asked) ref(i int) string { return fmt.Sprintf("%s%s-%d", r.action, r.kind, i) }

func (r asked) send(w *world, i int) string {
	get := r.get + "&ref=" + r.ref(i)
	var got *httptest.ResponseRecorder
	if r.body != "" {
		got = w.post("10021", get, r.body)
	} else {
		got = w.ask("10021", pageKey, r.action, strings.TrimPrefix(get, "&"))
	}
	object, _, _ := strings.Cut(got.Body.String(), `,"server_timestamp":`)
	return object
}

// replayable returns a request of each kind. Those that undo an entry come behind it.
func replayable(w *world) []asked {
	const list = `{"list":[{"type":15,"password":"1234","balance":"100"},` +
		`{"cardno":"62009127","password":"4711","name":"a","phone":"13800004711","sex":1,"level":6,"points":"5"}]}`
	bill := w.oneOf(command.Consume{Merchant: 10000, Card: "LEVEL6", Amount: 1_00})
	paid := w.oneOf(command.Recharge{Merchant: 10000, Card: "LEVEL6", Amount: 1_00, PayType: 1})
	w.do(command.Recharge{Merchant: 10000, Card: "PLAIN1", Amount: 90_00, PayType: 4})
	coupon := w.carryOut(command.SendCoupons{
		Merchant: 10000, Card: "47302320", Kind: 28200, Numbers: []string{"280000000401"},
	}).Coupons[0].ID
	invoice := w.oneOf(command.Invoice{Merchant: 10000, Card: "PLAIN1", Amount: 10_00})
	signed := w.oneOf(command.ChargeToAccount{Merchant: 10000, Card: "47302320", Amount: 15_00})
	return []asked{
		{"mb_trans", ".recharge", "action=0&mbno=LEVEL6&amt=33", ""},
		{"mb_trans", ".recharge", "action=0&mbno=LEVEL6&amt=33&paytype=wx&nobonus=1", ""},
		{"mb_trans", ".recharge", "action=0&mbno=LEVEL6&amt=33&paytype=ali&bonus=1", ""},
		{"mb_trans", ".consume", "action=1&mbno=LEVEL6&amt=10&createpay=1", ""},
		{
			"mb_trans", ".consume",
			fmt.Sprintf("action=1&mbno=47302320&amt=150&lsco=%d&points=100&ptrate=100:1", coupon), "",
		},
		{"mb_trans", ".sign", "action=2&mbno=47302320&amt=15", ""},
		{"mb_trans", ".unsign", fmt.Sprintf("action=3&mbno=47302320&id=%d", signed), ""},
		{"mb_refund", ".consume", fmt.Sprintf("action=1&mbno=LEVEL6&id=%d&amt=0.5", bill), ""},
		{"mb_refund", ".recharge", fmt.Sprintf("action=0&mbno=LEVEL6&id=%d", paid), ""},
		{"mb_state", ".lost", "action=0&mbno=MICRO3", ""},
		{"mb_state", ".found", "action=1&mbno=LOST01", ""},
		{"mb_vericode", "." + transConsume, "action=1&mbno=MICRO2&amt=200", ""},
		{"mb_vericode", "." + transCharge, "action=2&mbno=MICRO2&amt=200", ""},
		{"mb_invoice", "", "action=0&mbno=PLAIN1&amt=20", ""},
		{"mb_invoice", ".back", fmt.Sprintf("action=1&mbno=PLAIN1&id=%d", invoice), ""},
		{"mb_renew", "", "mbno=47302320&month=12", ""},
		{"mb_pttrans", "", "mbno=LEVEL6&pt=7", ""},
		{"co_send", "", "mbno=LEVEL6&deid=28201&qty=2", ""},
		{"mb_newcard", "", "", list},
		{"mb_newcard", "", "type=15&count=2&balance=7", ""},
	}
}

// oneOf carries a command out and returns its entry.
func (w *world) oneOf(c command.Command) ledger.EntryID {
	ch := w.carryOut(c)
	return ch.Last().ID
}

func (w *world) carryOut(c command.Command) command.Changes {
	w.t.Helper()
	ch, err := w.books.Do(context.Background(), c)
	if err != nil {
		w.t.Fatal(err)
	}
	return ch
}

// beforeChanges returns the first merchant's settings at the beginning.
func beforeChanges() ledger.Merchant {
	m := demoMerchants()[0]
	m.Settings.CodeFrom = 200_00
	return m
}

// changes are the changes of settings with which the caller may still ask, by name.
func changes() map[string]func(*ledger.Merchant) {
	return map[string]func(*ledger.Merchant){
		"pay types ended": func(m *ledger.Merchant) {
			for i := range m.PayTypes {
				m.PayTypes[i].Ended = true
			}
		},
		"pay types renamed": func(m *ledger.Merchant) {
			for i := range m.PayTypes {
				m.PayTypes[i].Name, m.PayTypes[i].Code, m.PayTypes[i].Invoiceable = fmt.Sprint("改", i), "", false
			}
		},
		"no pay types": func(m *ledger.Merchant) { m.PayTypes = nil },
		"renamed":      func(m *ledger.Merchant) { m.Name, m.Zone = "改名", time.UTC },
		"shops": func(m *ledger.Merchant) {
			for i := range m.Shops {
				m.Shops[i].Name, m.Shops[i].Ended = "改名", m.Shops[i].ID != 10021
			}
		},
		"levels": func(m *ledger.Merchant) {
			for i := range m.Levels {
				m.Levels[i] = ledger.Level{ID: m.Levels[i].ID, Name: "改名", PayRate: 5000, Rights: ledger.Rights{NoRecharge: true}}
			}
		},
		"no levels": func(m *ledger.Merchant) { m.Levels = nil },
		"rules ended": func(m *ledger.Merchant) {
			for i := range m.Rules {
				m.Rules[i].Ended = true
			}
		},
		"no rules": func(m *ledger.Merchant) { m.Rules = nil },
		"coupons ended": func(m *ledger.Merchant) {
			for i := range m.CouponKinds {
				m.CouponKinds[i].Name, m.CouponKinds[i].End = "改名", 20190101
			}
		},
		"no coupons": func(m *ledger.Merchant) { m.CouponKinds = nil },
		"strict": func(m *ledger.Merchant) {
			m.Settings = ledger.Settings{
				SpendOrder: ledger.BonusFirst, BonusDays: 1, PointsDays: 1, PointsRatio: 1, MaxAmount: 1, MaxBalance: 1,
				CodeFrom: 1, PasswordEverywhere: true,
			}
		},
		"lenient": func(m *ledger.Merchant) { m.Settings = ledger.Settings{PartPayment: true, WeakPasswords: true} },
		"zero":    func(m *ledger.Merchant) { m.Settings = ledger.Settings{} },
	}
}

// settle puts other settings into force, for the books and the directory of the dialect.
func (w *world) settle(m ledger.Merchant) {
	w.t.Helper()
	w.books.set(m)
	keys := testKeys()
	clock := func() time.Time { return w.now }
	merchants := demoMerchants()
	merchants[0] = m
	directory, err := auth.Open(context.Background(), settings{merchants}, clock)
	if err != nil {
		w.t.Fatal(err)
	}
	cfg := Config{
		Doer: w.books, Reader: w.books, Directory: directory, Shops: w.shops, Clock: clock, Keys: &keys,
	}
	cfg.counted()
	w.mux = http.NewServeMux()
	New(cfg).Register(w.mux)
	w.handler = httpd.New(w.mux, httpd.Config{Logger: slog.New(slog.NewJSONHandler(w.log, nil))}).Handler()
}

var passwords = regexp.MustCompile(`"pwd":"[^"]*"`)

// wantAgain sends every request again.
func (w *world) wantAgain(requests []asked, said map[string]string, after string) {
	w.t.Helper()
	for i, r := range requests {
		want := said[r.ref(i)]
		again := r.send(w, i)
		if r.action == "mb_newcard" {
			want = passwords.ReplaceAllString(want, `"pwd":""`) // they are told once
		}
		if again != want {
			w.t.Errorf("%s: %s %s: got %s, want %s", after, r.action, r.get, again, want)
		}
	}
}

// TestRefInOtherLetters: a ref by a name that is not quite the one is not passed over, as nothing would protect the
// till.
func TestRefInOtherLetters(t *testing.T) {
	t.Parallel()
	w := demo(t)
	for _, name := range []string{"Ref", "REF", "reF"} {
		for action, get := range map[string]string{
			"mb_trans": "action=0&mbno=LEVEL6&amt=33", "co_send": "mbno=LEVEL6&deid=28201",
			"mb_newcard": "type=15&count=1", "mb_state": "action=0&mbno=LEVEL6",
		} {
			wantFault(t, w.ask("10021", pageKey, action, get+"&"+name+"=1"), http.StatusOK, "参数错误:ref(须小写)")
		}
	}
}
