package dc78

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// TestMbCheckShape: the keys, their order and the types of their values are those of the published example,
// except in the elements of lists.
func TestMbCheckShape(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("testdata/published/mb_check.json")
	if err != nil {
		t.Fatal(err)
	}
	want := shape(t, example)
	w := demo(t)
	kinds := map[string]func([]string) []string{
		"mbno=47302320&getlist=1":             without("bind_qr T"),
		"mbno=47302320":                       without("bind_qr T", "colist ["),
		"mbno=47302320&getlist=1&getBindQr=1": without("bind_qr T"), // its kind cannot be bound
		"mbno=PLAIN1&getlist=1&getBindQr=1":   numberIsText("ext_info"),
	}
	for get, edit := range kinds {
		got := w.ask("10021", pageKey, "mb_check", get)
		wantFault(t, got, 200, "")
		if got, want := shape(t, got.Body.Bytes()), edit(slices.Clone(want)); !slices.Equal(got, want) {
			t.Errorf("%s:\ngot  %v\nwant %v", get, got, want)
		}
	}
}

// bindLink stands for the link of the holder's page.
func bindLink(m *ledger.Merchant, c *ledger.Card) string {
	if !c.Bindable(m.Today(time.Unix(1566296953, 0))) {
		return ""
	}
	return fmt.Sprintf("https://card.example.com/m/bind?bindToken=%d-%d-%d", c.Merchant, c.ID, c.Details.Pass)
}

// TestBindQR: a link lets a phone pay with the card. It is given only to those who may change the card, for cards
// that may be bound, and if there is a page for it.
func TestBindQR(t *testing.T) {
	t.Parallel()
	w := demoWith(t, Config{BindLink: bindLink})
	const link = "https://card.example.com/m/bind?bindToken=10000-2-0"
	for _, test := range []struct{ msid, get, want string }{
		{"10021", "mbno=PLAIN1&getBindQr=1", `,"bind_qr":"` + link + `",`},
		{"10021", "phone=13700000000&getBindQr=1&getlist=1", `,"bind_qr":"` + link + `",`},
		{"10022", "mbno=PLAIN1&getBindQr=1", `,"bind_qr":"",`}, // may only read
		{"10021", "mbno=LOST01&getBindQr=1", `,"bind_qr":"",`},
		{"10021", "mbno=BACK01&getBindQr=1", `,"bind_qr":"",`},
		{"10021", "mbno=PLAIN1&getBindQr=0", ""},
		{"10021", "mbno=PLAIN1", ""},
		{"10021", "mbno=47302320&getBindQr=1", ""}, // its kind cannot be bound
	} {
		got := w.ask(test.msid, pageKey, "mb_check", test.get)
		wantFault(t, got, 200, "")
		if test.want == "" && strings.Contains(got.Body.String(), "bind") {
			t.Errorf("%+v: %s", test, got.Body)
		}
		wantPart(t, got, test.want)
	}
	wantPart(t, demo(t).ask("10021", pageKey, "mb_check", "mbno=PLAIN1&getBindQr=1"), `,"bind_qr":"",`)
	if strings.Contains(w.log.String(), "bindToken") {
		t.Errorf("the log has a link: %s", w.log)
	}
}

func without(keys ...string) func([]string) []string {
	return func(shape []string) []string {
		return slices.DeleteFunc(shape, func(key string) bool { return slices.Contains(keys, key) })
	}
}

// numberIsText expects a text under a name that is a number in the published example.
func numberIsText(name string) func([]string) []string {
	return func(shape []string) []string {
		i := slices.Index(shape, name+" N")
		shape[i] = name + " T"
		return shape
	}
}

// TestMbCheckValues: what the core knows is written as in the published example.
func TestMbCheckValues(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("testdata/published/mb_check.json")
	if err != nil {
		t.Fatal(err)
	}
	want, got := map[string]any{}, map[string]any{}
	if err := json.Unmarshal(example, &want); err != nil {
		t.Fatal(err)
	}
	answer := demo(t).ask("10021", pageKey, "mb_check", "mbno=47302320&id=7&phone=nobody").Body.Bytes()
	if err := json.Unmarshal(answer, &got); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"status", "mbno", "name", "phone", "gender", "birthday", "balance", "points", "bns_balance", "subject", "state",
		"level", "level_name", "credit",
		"card_no", "card_type", "card_name", "card_balance", "type", "card_points", "pt_ratio", "ext_info", "refId", "active",
		"extid",
		"server_timestamp", "server_time", "server_name", "msid",
	} {
		if got[name] != want[name] {
			t.Errorf("%s: got %v, want %v", name, got[name], want[name])
		}
	}
	rights, wantRights := got["mb_right"].(map[string]any), want["mb_right"].(map[string]any)
	for _, name := range []string{
		"rebate", "ratio", "use_pt", "consumption", "pt", "mc_price", "use_reward", "mc_consumption", "mc_reward", "arId",
		"arName", "arMaxAmt",
		"arFixedAmt", "arMaxCount", "usedAmt", "usedCount", "renew_list",
	} {
		if !reflect.DeepEqual(rights[name], wantRights[name]) {
			t.Errorf("mb_right.%s: got %v, want %v", name, rights[name], wantRights[name])
		}
	}
	if got, want := rights["card_createTime"], "2019-07-23 16:08:49"; got != want {
		t.Errorf("card_createTime: got %v, want %v", got, want)
	}
}

// TestMbCheckOtherRights: what a level does not give is 0, "" or [], and what it forbids is 0.
func TestMbCheckOtherRights(t *testing.T) {
	t.Parallel()
	w := demo(t)
	const plain = `"use_reward":0,"mc_consumption":"0","arId":"0","arName":"","arMaxAmt":"0","arFixedAmt":"0","arMaxCount":"0","usedAmt":0,"usedCount":0,` +
		`"card_createTime":"2019-08-20 18:29:13","renew_list":[],"mc_reward":"0"}`
	wantPart(t, w.ask("10021", pageKey, "mb_check", "mbno=PLAIN1"),
		`"mb_right":{"recharge":1,"mc_price":0,"rebate":0,"ratio":"","use_pt":0,"consumption":"0","pt":"0",`+plain)
	wantPart(t, w.ask("10021", pageKey, "mb_check", "mbno=LIVE01"),
		`"mb_right":{"recharge":0,"mc_price":1,"rebate":0,"ratio":"","use_pt":0,"consumption":"0","pt":"0",`+plain)
}

// TestIdentifiers: the first parameter that is not empty counts, and of several cards with one phone the active
// one.
func TestIdentifiers(t *testing.T) {
	t.Parallel()
	w := demo(t)
	for get, mbno := range map[string]string{
		"mbno=&id=1":                          "47302320",
		"id=1.0&phone=13700000000":            "47302320",
		"mbno=PLAIN1&id=1&extid=1&phone=1":    "PLAIN1",
		"extid=123456789012312345678&phone=1": "47302320",
		"phone=13700000000&openid=x":          "PLAIN1",
		"phone=13700000002":                   "LIVE01",
		"openid=o9gBSxJJlVsT6GZvwPVayMh49OfE": "47302320",
	} {
		wantPart(t, w.ask("10021", pageKey, "mb_check", get), `"status":"1","mbno":"`+mbno+`"`)
	}
}

// readings records the reads that reach the books.
type readings struct {
	*books
	made []string
}

func (r *readings) Card(ctx context.Context, key ledger.CardKey) (*ledger.Card, error) {
	r.made = append(r.made, "card")
	return r.books.Card(ctx, key)
}

func (r *readings) Wallet(ctx context.Context, key ledger.CardKey) (*ledger.Card, []ledger.Coupon, error) {
	r.made = append(r.made, "wallet")
	return r.books.Wallet(ctx, key)
}

func (r *readings) Find(ctx context.Context, q ledger.FindQuery) ([]ledger.Card, error) {
	r.made = append(r.made, "find")
	return r.books.Find(ctx, q)
}

// TestMbCheckReads: tills look a card up before every bill, so nothing is read twice without need. A card that
// has to be found first is read again with its coupons, so that both are of the same moment.
func TestMbCheckReads(t *testing.T) {
	t.Parallel()
	w := demo(t)
	r := &readings{books: w.books}
	w.over(w.books, r)
	for _, test := range []struct{ get, made, info string }{
		{"mbno=47302320", "card", ""},
		{"mbno=47302320&getlist=1", "wallet", ""},
		{"phone=15606132502", "find", ""},
		{"phone=15606132502&getlist=1", "find wallet", ""},
		{"mbno=NOBODY", "card", "会员不存在"},
		{"mbno=NOBODY&getlist=1", "wallet", "会员不存在"},
		{"phone=1&getlist=1", "find", "会员不存在"},
	} {
		r.made = nil
		wantFault(t, w.ask("10021", pageKey, "mb_check", test.get), 200, test.info)
		if made := strings.Join(r.made, " "); made != test.made {
			t.Errorf("%s: reads %s, want %s", test.get, made, test.made)
		}
	}
}

// TestStates walks every status of a card.
func TestStates(t *testing.T) {
	t.Parallel()
	for _, s := range ledger.Statuses {
		if states[s] == "" {
			t.Errorf("status %d has no state", s)
		}
	}
	w := demo(t)
	for mbno, state := range map[string]string{"PLAIN1": "1", "LOST01": "-1", "BACK01": "-2", "OVER01": "1"} {
		wantPart(t, w.ask("10021", pageKey, "mb_check", "mbno="+mbno), `"state":"`+state+`"`)
	}
	w.now = w.now.AddDate(0, 0, 1)
	wantPart(t, w.ask("10021", pageKey, "mb_check", "mbno=OVER01"), `"state":"-1"`)
}

// TestRefs: a business number is one request for each shop, action and direction. The same content gets the first
// answer, other content is refused.
func TestRefs(t *testing.T) {
	t.Parallel()
	w := demo(t)
	const recharge = "action=0&mbno=PLAIN1&amt=100&ref=r-1"
	first := w.ask("10021", pageKey, "mb_trans", recharge)
	wantPart(t, first, `"info":"充值成功"`)
	for _, test := range []struct{ msid, action, get, replayed, info string }{
		{"10021", "mb_trans", recharge, "true", ""},
		{"10021", "mb_trans", "ref=r-1&amt=100&mbno=PLAIN1&action=0", "true", ""}, // in another order
		{"10021", "mb_trans", "action=0&mbno=PLAIN1&amt=100.0&ref=r-1", "", "业务单号重复"},
		{"10021", "mb_trans", "action=1&mbno=PLAIN1&amt=100&ref=r-1", "", ""},
		{"10021", "mb_pttrans", "mbno=PLAIN1&pt=5&ref=r-1", "", ""},
		{"10023", "mb_trans", recharge, "", ""},
		{"10021", "mb_trans", recharge, "true", ""},
	} {
		got := w.ask(test.msid, pageKey, test.action, test.get)
		wantFault(t, got, 200, test.info)
		if replayed := got.Header().Get("Idempotent-Replayed"); replayed != test.replayed {
			t.Errorf("%+v: replayed is %q", test, replayed)
		}
		if test.replayed != "" && got.Body.String() != first.Body.String() {
			t.Errorf("got %s, want %s", got.Body, first.Body)
		}
	}
	w.now = w.now.AddDate(1, 0, 0)
	later := w.ask("10021", pageKey, "mb_trans", recharge).Body.String()
	own, _, _ := strings.Cut(first.Body.String(), `"server_timestamp"`)
	if !strings.HasPrefix(later, own) || later == first.Body.String() {
		t.Errorf("a year later: got %s, want %s and another time", later, own)
	}
}

// TestRefOrNonce: a change without a business number needs a nonce; without one a repetition could not be
// recognized.
func TestRefOrNonce(t *testing.T) {
	t.Parallel()
	w := demo(t)
	for get, info := range map[string]string{
		"mbno=PLAIN1&pt=5":                 "缺少参数:ref",
		"pt=5":                             "缺少参数:mbno",
		"mbno=PLAIN1&pt=5&ref=r":           "",
		"mbno=PLAIN1&pt=5&nonce=any-nonce": "",
	} {
		r := w.signed(newGet("/Api/mb_pttrans?msid=10023&"+get), pageKey)
		wantFault(t, w.send(r), 200, info)
	}
}

// TestPartPayment: the wire cannot say that a part is left to pay, so a bill is never paid in part.
func TestPartPayment(t *testing.T) {
	t.Parallel()
	w := demo(t)
	wantFault(t, w.ask("10031", otherKey, "mb_trans", "action=1&mbno=PART01&amt=5.01"), 200, "余额不足")
	wantPart(t, w.ask("10031", otherKey, "mb_trans", "action=1&mbno=PART01&amt=5"), `"amt":"5.00","balance":"0.00"`)
}

// TestCredit: with a credit the balance may become negative, and the wire shows the sign.
func TestCredit(t *testing.T) {
	t.Parallel()
	w := demo(t)
	credit := ledger.Fen(50_00)
	w.do(command.ModifyDetails{Merchant: 10000, Card: "PLAIN1", Credit: &credit})
	wantFault(t, w.ask("10021", pageKey, "mb_trans", "action=1&mbno=PLAIN1&amt=50.01"), 200, "余额不足")
	wantPart(t, w.ask("10021", pageKey, "mb_trans", "action=1&mbno=PLAIN1&amt=49.50"),
		`"balance":"-49.50","bns_balance":"0.00"`)
	got := w.ask("10021", pageKey, "mb_check", "mbno=PLAIN1")
	wantPart(t, got, `"balance":"-49.50"`)
	wantPart(t, got, `"credit":"50"`)
	wantFault(t, w.ask("10021", pageKey, "mb_trans", "action=1&mbno=PLAIN1&amt=0.51"), 200, "余额不足")
	wantPart(t, w.ask("10021", pageKey, "mb_trans", "action=0&mbno=PLAIN1&amt=60"),
		`"balance":"10.50","bns_balance":"6.00"`)
}

// TestTransactions: what the answers say, and that a bill is charged as it is.
func TestTransactions(t *testing.T) {
	t.Parallel()
	w := demo(t)
	for _, test := range []struct{ action, get, want string }{
		{
			"mb_trans", "action=1&mbno=LEVEL6&amt=10&ref=a",
			`"mbno":"LEVEL6","amt":"10.00","balance":"90.00","bns_balance":"0.00","points":"15","ref":"a"`,
		},
		{
			"mb_trans", "action=0&mbno=LEVEL6&amt=100&paytype=ali",
			`"mbno":"LEVEL6","amt":"100.00","balance":"190.00","bns_balance":"10.00","points":"15","ref":""`,
		},
		{
			"mb_trans", "action=0&mbno=LEVEL6&amt=100&nobonus=1",
			`"amt":"100.00","balance":"290.00","bns_balance":"10.00","points":"15","ref":"","server`,
		},
		{
			"mb_trans", "action=0&mbno=LEVEL6&amt=100&bonus=2.5&createpay=1",
			`"amt":"100.00","balance":"390.00","bns_balance":"12.50","points":"15","ref":"","server`,
		},
		{
			"mb_trans", "action=0&mbno=LEVEL6&amt=100&bonus=10&createpay=0",
			`"amt":"100.00","balance":"490.00","bns_balance":"22.50","points":"15","ref":"","server`,
		},
		{
			"mb_trans", "action=0&mbno=LEVEL6&amt=100&bonus=0.00",
			`"amt":"100.00","balance":"590.00","bns_balance":"32.50","points":"15","ref":"","server`,
		},
		{"mb_pttrans", "mbno=LEVEL6&pt=%2B7&subject=a&memo=b", `"pt":"7","ptbalance":22`},
		{"mb_pttrans", "mbno=LEVEL6&pt=+1.00", `"pt":"1","ptbalance":23`},
		{"mb_pttrans", "mbno=LEVEL6&pt=-3", `"pt":"-3","ptbalance":20`},
	} {
		wantPart(t, w.ask("10021", pageKey, test.action, test.get), test.want)
	}
}

// TestToldLate: the time that a till claims for a late transaction is kept with the entry, and moves no entry.
func TestToldLate(t *testing.T) {
	t.Parallel()
	w := demo(t)
	for _, get := range []string{
		"action=0&mbno=LEVEL6&amt=1&iscompensated=1&trantime=20190819235959&subject=a&market=b",
		"action=1&mbno=LEVEL6&amt=1&iscompensated=1&trantime=20190819235959&subject=a&market=b",
		"action=1&mbno=LEVEL6&amt=1&iscompensated=0&market=b",
	} {
		wantFault(t, w.ask("10021", pageKey, "mb_trans", get), 200, "")
	}
	entries := w.books.of[10000].Pending().Entries
	at := time.Date(2019, 8, 19, 15, 59, 59, 0, time.UTC)
	for i, want := range []struct {
		claimed time.Time
		note    string
	}{{at, "a b"}, {at, "a b"}, {time.Time{}, "b"}} {
		e := entries[len(entries)-3+i]
		if !e.By.Claimed.Equal(want.claimed) || e.Note != want.note || !e.At.Equal(w.now) {
			t.Errorf("got %v, %q at %v, want %+v", e.By.Claimed, e.Note, e.At, want)
		}
	}
}

// TestMbCheckPlain: a level that is no longer configured gives nothing, and points that do not pay have no ratio.
func TestMbCheckPlain(t *testing.T) {
	t.Parallel()
	w := demo(t)
	key := ledger.CardKey{Merchant: 10001, Number: "PART01"}
	card := w.books.cards[key]
	card.Level = 99
	w.books.cards[key] = card
	got := w.ask("10031", otherKey, "mb_check", "mbno=PART01")
	wantPart(t, got, `"level":"99","level_name":"",`)
	wantPart(t, got, `"pt_ratio":"",`)
	wantPart(t, got, `"rebate":0,"ratio":"","use_pt":0,"consumption":"0","pt":"0",`)
}

// TestRequestOfNoEntry: a row of a request that stands for no entry, as somebody may have put it into the database, is
// no proof that a recharge was paid.
func TestRequestOfNoEntry(t *testing.T) {
	t.Parallel()
	twin := demo(t)
	const recharge = "action=0&mbno=PLAIN1&amt=5&ref=FREE-1"
	wantFault(t, twin.ask("10021", pageKey, "mb_trans", recharge), 200, "")
	r := twin.books.asked[len(twin.books.asked)-1]
	r.Entry, r.Layout, r.Rest, r.Sum, r.Answer = 0, 0, nil, 0, []byte(`"info":"充值成功"`)
	r.Proof = r.Evidence()

	w := demo(t)
	s := w.books.of[r.Merchant]
	s.Learn(command.Keys{Requests: []ledger.RequestKey{r.Key}}, command.Records{Requests: []ledger.Request{r}})
	before := s.Head().LastEntry
	got := w.ask("10021", pageKey, "mb_trans", recharge)
	wantFault(t, got, 500, "内部错误")
	if got.Header().Get("Idempotent-Replayed") != "" || s.Head().LastEntry != before {
		t.Errorf("it was answered as repeated, or carried out: %v", got.Header())
	}
}
