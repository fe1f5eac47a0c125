package dc78

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

// issue sends a list of cards.
func (w *world) issue(list string) *httptest.ResponseRecorder {
	w.t.Helper()
	return w.post("10021", "op=001", `{"list":`+list+`}`)
}

// newCards is the answer's list.
type newCards struct {
	Type string `json:"type"`
	List []struct {
		ID      int64           `json:"id"`
		CardNo  string          `json:"cardno"`
		Mbno    string          `json:"mbno"`
		Pwd     string          `json:"pwd"`
		ExtID   string          `json:"extid"`
		Balance json.RawMessage `json:"balance"`
	} `json:"list"`
}

// issuedBy requires a success and reads it.
func issuedBy(t *testing.T, got *httptest.ResponseRecorder) newCards {
	t.Helper()
	wantFault(t, got, 200, "")
	var cards newCards
	if err := json.Unmarshal(got.Body.Bytes(), &cards); err != nil {
		t.Fatalf("%v in %s", err, got.Body)
	}
	return cards
}

// TestNewcardFields: every field of the page is stored where it belongs, sent as text or as number.
func TestNewcardFields(t *testing.T) {
	t.Parallel()
	w := demo(t)
	const texts = `{"cardno":"6001","password":"123456","extid":"109","balance":"100.88","points":"200","ext_info":"测试","subject":"备注",` +
		`"expirydate":"20201225","sex":"1","birthday":"19940103","name":"西瓜","phone":"18862302465","level":"5","idnumber":"3205011000000","type":"0","count":"1"}`
	const numbers = `{"cardno":6002,"password":123456,"extid":110,"balance":100.88,"points":200,"ext_info":1,"subject":2,"expirydate":20201225,` +
		`"sex":1,"birthday":19940103,"name":3,"phone":18862302465,"level":5,"idnumber":3205011000000,"type":0,"count":0,"new":{"a":[]}}`
	const least = `{"name":"西瓜","phone":"1","sex":0,"cardno":null,"password":"","extid":null,"balance":"","points":null,"expirydate":"","type":"","level":""}`
	got := issuedBy(t, w.issue("["+texts+","+numbers+" , "+least+"]"))
	if len(got.List) != 3 || got.Type != "0" {
		t.Fatalf("got %+v", got)
	}
	details := ledger.Details{
		ExtID: "109", Remarks: "测试", Subject: "备注", IDNumber: "3205011000000", Password: hashPassword("10000", "123456"),
	}
	inNumbers := ledger.Details{
		ExtID: "110", Remarks: "1", Subject: "2", IDNumber: "3205011000000", Password: hashPassword("10000", "123456"),
	}
	drawn := ledger.Details{Password: hashPassword("10000", "31415927")}
	for i, want := range []ledger.Card{
		{
			Number: "6001", Kind: ledger.Micro, Level: 5, Principal: 100_88, Points: 200, Expires: 20201225, Details: details,
			Holder: ledger.Holder{Name: "西瓜", Phone: "18862302465", Gender: 1, Birthday: 19940103},
		},
		{
			Number: "6002", Kind: ledger.Micro, Level: 5, Principal: 100_88, Points: 200, Expires: 20201225, Details: inNumbers,
			Holder: ledger.Holder{Name: "3", Phone: "18862302465", Gender: 1, Birthday: 19940103},
		},
		{
			Number: "8800000000000001", Kind: ledger.Common, Level: 1, Details: drawn,
			Holder: ledger.Holder{Name: "西瓜", Phone: "1"},
		},
	} {
		have := w.books.cards[ledger.CardKey{Merchant: 10000, Number: want.Number}]
		if have.Kind != want.Kind || have.Level != want.Level || have.Principal != want.Principal || have.Bonus != 0 ||
			have.Points != want.Points ||
			have.Expires != want.Expires || have.Details != want.Details || have.Holder != want.Holder || have.SumRecharge != 0 {
			t.Errorf("got %+v, want %+v", have, want)
		}
		told := got.List[i]
		if told.ID != int64(have.ID) || told.CardNo != have.Number || told.Mbno != have.Number ||
			told.ExtID != have.Details.ExtID {
			t.Errorf("told %+v of %+v", told, have)
		}
	}
	if a, b, c := got.List[0], got.List[1], got.List[2]; string(a.Balance)+string(b.Balance)+
		string(c.Balance) != `100.88100.88""` ||
		a.Pwd+b.Pwd+c.Pwd != "12345612345631415927" {
		t.Errorf("got %+v", got.List)
	}
}

// TestNewcardShape: the keys, their order and types are those of the published example. The balance is a number
// if one was sent.
func TestNewcardShape(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("testdata/published/mb_newcard.json")
	if err != nil {
		t.Fatal(err)
	}
	w := demo(t)
	for balance, kind := range map[string]string{"": "T", `,"balance":0`: "N", `,"balance":"100.00"`: "N"} {
		got := w.issue(`[{"type":15` + balance + `}]`)
		wantFault(t, got, 200, "")
		if got, want := shape(t, got.Body.Bytes()), shape(t, example); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		want := firstShape(t, example)
		want[len(want)-1] = "balance " + kind
		if got := firstShape(t, got.Body.Bytes()); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

// firstShape returns the shape of the first element of an answer's list.
func firstShape(t *testing.T, answer []byte) []string {
	t.Helper()
	var list struct{ List []json.RawMessage }
	if err := json.Unmarshal(answer, &list); err != nil || len(list.List) == 0 {
		t.Fatalf("%v in %s", err, answer)
	}
	return shape(t, list.List[0])
}

const goodCard, cardHolder = `{"cardno":"6001","name":"a","phone":"1","sex":1}`, `"name":"a","phone":"1","sex":1`

type newcardFault struct{ get, list, info string }

// unissuable are requests with many faults, each with one fewer than the one before. The dialect refuses them.
var unissuable = []newcardFault{
	{"type=x&balance=1&count=2", `{}`, "参数错误:type(应为非负整数,最多15位)"},
	{"balance=1&count=2", `{}`, "参数错误:balance(有list时应在其中)"},
	{"points=1&count=2", `{}`, "参数错误:points(有list时应在其中)"},
	{"count=2", `{}`, "参数错误:count(有list时应在其中)"},
	{"password=123456", `[` + goodCard + `]`, "暂不支持的参数:password"},
	{"", `{}`, "参数错误:list(应为数组)"},
	{"", `[]`, "发卡数量应为1到500"},
	{"", `[` + strings.Repeat("{},", 500) + `{}]`, "发卡数量应为1到500"},
	{"", `[` + goodCard + `,5,{}]`, "第2张卡:参数错误:list(应为对象)"},
	{"", `[` + goodCard + `,{"type":"x","level":"x"}]`, "第2张卡:缺少参数:name"},
	{"", `[` + goodCard + `,{"type":"x","level":"x","name":"a"}]`, "第2张卡:缺少参数:phone"},
	{"", `[` + goodCard + `,{"type":"x","level":"x","name":"a","phone":"1"}]`, "第2张卡:缺少参数:sex"},
	{"", `[` + goodCard + `,{"type":"x","level":"x",` + cardHolder + `}]`, "第2张卡:参数错误:type(应为非负整数,最多15位)"},
	{"", `[` + goodCard + `,{"cardno":1.5,` + cardHolder + `}]`, "第2张卡:参数错误:cardno(类型错误或含控制字符)"},
	{"", `[` + goodCard + `,{"cardno":true,` + cardHolder + `}]`, "第2张卡:参数错误:cardno(类型错误或含控制字符)"},
	{"", `[` + goodCard + `,{"extid":"1\n",` + cardHolder + `}]`, "第2张卡:参数错误:extid(类型错误或含控制字符)"},
	{"", `[` + goodCard + `,{"level":"x",` + cardHolder + `}]`, "第2张卡:参数错误:level(应为非负整数,最多15位)"},
	{"", `[` + goodCard + `,{"birthday":"19901301",` + cardHolder + `}]`, "第2张卡:参数错误:birthday(应为日期,如20181018)"},
	{
		"", `[` + goodCard + `,{"expirydate":"1fortnight",` + cardHolder + `}]`,
		"第2张卡:参数错误:expirydate(应为日期或期限,如20410725、1month)",
	},
	{"", `[` + goodCard + `,{"balance":-1,` + cardHolder + `}]`, "第2张卡:参数错误:balance(不能为负数)"},
	{"", `[` + goodCard + `,{"points":0.5,` + cardHolder + `}]`, "第2张卡:参数错误:points(应为非负整数,最多15位)"},
	{"", `[` + goodCard + `,{"password":"123",` + cardHolder + `}]`, "第2张卡:参数错误:password(应为4到32位)"},
	{"", `[` + goodCard + `,{"password":"12 34",` + cardHolder + `}]`, "第2张卡:参数错误:password(只能有字母、数字和符号)"},
	{
		"", `[` + goodCard + `,{"password":"` + strings.Repeat("1", 33) + `",` + cardHolder + `}]`,
		"第2张卡:参数错误:password(应为4到32位)",
	},
	{"", `[` + goodCard + `,{"count":2,` + cardHolder + `}]`, "第2张卡:参数错误:count(仅type为15时可大于1)"},
	{"", `[` + goodCard + `,{"type":15,"count":0}]`, "第2张卡:参数错误:count(应为正整数)"},
	{"", `[` + goodCard + `,{"type":15,"count":2,"cardno":"6002"}]`, "第2张卡:参数错误:cardno(count大于1时不可指定)"},
	{"", `[` + goodCard + `,{"type":15,"count":2,"extid":"6002"}]`, "第2张卡:参数错误:extid(count大于1时不可指定)"},
	{
		"", `[` + goodCard + `,{"subject":"` + strings.Repeat("长", 201) + `",` + cardHolder + `}]`,
		"第2张卡:参数错误:subject(最多200个字)",
	},
	{"", `[` + goodCard + `,{"type":15,"count":500}]`, "发卡数量应为1到500"},
	{"", `[` + goodCard + `,{"type":15,"count":999999999999999}]`, "发卡数量应为1到500"},
}

// refusedCards are requests that the core refuses.
var refusedCards = []newcardFault{
	{"", `[` + goodCard + `,{"cardno":"601",` + cardHolder + `}]`, "第2张卡:参数错误:cardno(至少4个字符)"},
	{"", `[` + goodCard + `,{"type":7,` + cardHolder + `}]`, "第2张卡:参数错误:type(应为0、2或15)"},
	{"", `[` + goodCard + `,{"level":2,` + cardHolder + `}]`, "第2张卡:参数错误:level(没有此卡等级)"},
	{
		"", `[` + goodCard + `,{"name":"` + strings.Repeat("长", 65) + `","phone":"1","sex":1}]`,
		"第2张卡:参数错误:name(不能为空,最多64个字)",
	},
	{
		"", `[` + goodCard + `,{"name":"a","phone":"` + strings.Repeat("1", 33) + `","sex":1}]`,
		"第2张卡:参数错误:phone(最多32个字,不能是科学计数)",
	},
	{"", `[` + goodCard + `,{"name":"a","phone":"1","sex":2}]`, "第2张卡:参数错误:sex(应为0或1)"},
	{"", `[` + goodCard + `,{"birthday":20190821,` + cardHolder + `}]`, "第2张卡:参数错误:birthday(不能晚于今天)"},
	{"", `[` + goodCard + `,{"extid":"12a",` + cardHolder + `}]`, "第2张卡:参数错误:extid(应为数字,最多32位)"},
	{
		"", `[` + goodCard + `,{"idnumber":"` + strings.Repeat("1", 33) + `",` + cardHolder + `}]`,
		"第2张卡:参数错误:idnumber(最多32个字)",
	},
	{"", `[` + goodCard + `,{"expirydate":"20190819",` + cardHolder + `}]`, "第2张卡:有效期已过"},
	{"", `[` + goodCard + `,{"expirydate":"2019-08-19",` + cardHolder + `}]`, "第2张卡:有效期已过"},
	{"", `[` + goodCard + `,{"points":999999999999999,` + cardHolder + `}]`, "第2张卡:参数错误:points(超过上限)"},
	{"", `[` + goodCard + `,{"cardno":"47302320",` + cardHolder + `}]`, "第2张卡:卡号已存在(47302320)"},
	{"", `[` + goodCard + `,{"type":15,"count":3},` + goodCard + `]`, "第3张卡:卡号已存在(6001)"},
	{"", `[` + goodCard + `,{"extid":"123456789012312345678",` + cardHolder + `}]`, "第2张卡:卡内码已存在(123456789012312345678)"},
}

// TestNewcardPrecedence begins with many faults at once and mends one after the other. No card is opened before
// all are mended.
func TestNewcardPrecedence(t *testing.T) {
	t.Parallel()
	w := demo(t)
	opened := len(w.books.cards)
	for _, test := range slices.Concat(unissuable, refusedCards) {
		got := w.post("10021", test.get, `{"list":`+test.list+`}`)
		wantFault(t, got, 200, test.info)
		if len(w.books.cards) != opened {
			t.Fatalf("%s opened cards", test.list)
		}
	}
	issuedBy(t, w.issue("["+goodCard+"]"))
	wantFault(t, w.post("10021", "", `{"cards":[]}`), 200, "缺少参数:list")
	wantFault(t, w.post("10021", "", `{"list":null}`), 200, "缺少参数:list")
}

// TestNewcardKinds: the kind in the get group holds for every card without a kind of its own, and only
// stored-value cards need no holder.
func TestNewcardKinds(t *testing.T) {
	t.Parallel()
	w := demo(t)
	for _, test := range []struct {
		get, list, kind string
		cards           int
	}{
		{"", `[{"name":"a","phone":"1","sex":1},{"type":15}]`, "2", 2},
		{"type=15", `[{"count":3,"balance":"50"},{},{"type":0,"name":"a","phone":"1","sex":"0"}]`, "15", 5},
		{"type=0", `[{"name":"a","phone":"1","sex":1}]`, "0", 1},
	} {
		got := issuedBy(t, w.post("10021", test.get, `{"list":`+test.list+`}`))
		if got.Type != test.kind || len(got.List) != test.cards {
			t.Errorf("%+v: got %+v", test, got)
		}
	}
	got := issuedBy(t,
		w.ask("10021", pageKey, "mb_newcard", "type=15&balance=99.5&count=3&op=001&level=6&expirydate=1month&ext_info=x"))
	for _, told := range got.List {
		card := w.books.cards[ledger.CardKey{Merchant: 10000, Number: told.CardNo}]
		if string(told.Balance) != "99.50" || card.Kind != ledger.StoredValue || card.Principal != 99_50 || card.Level != 6 ||
			card.Expires != 20190920 || card.Details.Remarks != "x" {
			t.Errorf("told %+v of %+v", told, card)
		}
	}
	if len(got.List) != 3 || got.Type != "15" {
		t.Errorf("got %+v", got)
	}
}

// A card is found by its phone however either was written. An invisible name and a phone in scientific notation,
// which has lost digits, are refused. An expiry may have dashes.
func TestNewcardPhones(t *testing.T) {
	t.Parallel()
	w := demo(t)
	told := issuedBy(t,
		w.post("10021", "type=0",
			`{"list":[{"name":" 电话\u3000","phone":"+86 139-0013\u200b-9000","sex":1,"expirydate":"2041-07-25"}]}`))
	card := w.books.cards[ledger.CardKey{Merchant: 10000, Number: told.List[0].CardNo}]
	if card.Holder.Phone != "13900139000" || card.Holder.Name != "电话" || card.Expires != 20410725 {
		t.Errorf("got %+v", card)
	}
	for _, phone := range []string{
		"13900139000", "139-0013-9000", "%2B8613900139000", "139%200013%209000", "１３９００１３９０００",
	} {
		if got := w.ask("10021", pageKey, "mb_check", "phone="+phone).Body.String(); !strings.Contains(got,
			`"mbno":"`+card.Number+`"`) {
			t.Errorf("%s: got %s", phone, got)
		}
	}
	for person, want := range map[string]string{
		`"name":"\u200b","phone":"1"`: "第1张卡:参数错误:name", `"name":"a","phone":"1.38E+10"`: "第1张卡:参数错误:phone",
	} {
		if got := w.post("10021", "type=0", `{"list":[{"sex":1,`+person+`}]}`).Body.String(); !strings.Contains(got, want) {
			t.Errorf("%s: got %s", person, got)
		}
	}
}

// TestNewcardPermissions: permission to issue alone does not allow to put money or points on a card.
func TestNewcardPermissions(t *testing.T) {
	t.Parallel()
	w := demo(t)
	const open, recharge, points = ledger.MayOpen, ledger.MayRecharge, ledger.MayPoints
	for _, test := range []struct {
		may  ledger.Permission
		get  string
		code int
	}{
		{recharge | points, "type=15&count=1", 403},
		{open, "type=15&count=1&balance=0.00&points=0", 200},
		{open | points, "type=15&count=1&balance=0.01", 403},
		{open | recharge, "type=15&count=1&balance=0.01", 200},
		{open | recharge, "type=15&count=1&points=1", 403},
		{open | points, "type=15&count=1&points=1", 200},
		{open, "type=15&count=501&balance=0.01", 403},
		{open, "type=15&count=2&balance=0.01&level=x", 403},
	} {
		w.shops["10022"] = Access{
			Merchant: 10000, Shop: 10022, Scheme: &HMAC{Key: pageKey},
			Agent: &ledger.Agent{ID: 9, Grants: []ledger.Grant{{Merchant: 10000, Permissions: test.may}}},
		}
		if got := w.ask("10022", pageKey, "mb_newcard", test.get); got.Code != test.code {
			t.Errorf("%+v: got %d %s", test, got.Code, got.Body)
		}
	}
	w.shops["10022"] = Access{
		Merchant: 10000, Shop: 10022, Scheme: &HMAC{Key: pageKey},
		Agent: &ledger.Agent{ID: 9, Grants: []ledger.Grant{{Merchant: 10000, Permissions: open}}},
	}
	const list = `{"list":[{"type":15},{"type":15,"balance":1}]}`
	wantFault(t, w.post("10022", "", list), 403, "没有权限")
}

// TestNewcardOnEngine: 500 cards through the engine to a store, and the same request again.
func TestNewcardOnEngine(t *testing.T) {
	t.Parallel()
	w := demo(t)
	store := storetest.NewMemStore()
	for _, m := range demoMerchants() {
		if err := store.SaveMerchant(context.Background(), m); err != nil {
			t.Fatal(err)
		}
	}
	e := engine.New(store, engine.Config{Clock: func() time.Time { return w.now }})
	t.Cleanup(func() {
		if err := e.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	cfg := Config{}
	cfg.counted()
	w.overWith(cfg, e, store)
	const get = "type=15&count=500&balance=100&ref=1"
	first := issuedBy(t, w.ask("10021", pageKey, "mb_newcard", get))
	again := issuedBy(t, w.ask("10021", pageKey, "mb_newcard", get))
	if len(first.List) != 500 || len(again.List) != 500 {
		t.Fatalf("got %d, then %d cards", len(first.List), len(again.List))
	}
	for n := range first.List {
		card, err := store.Card(context.Background(), ledger.CardKey{Merchant: 10000, Number: first.List[n].CardNo})
		if err != nil || card == nil {
			t.Fatalf("card %d: %v", n, err)
		}
		if card.Principal != 100_00 || card.Details.Password != hashPassword("10000", first.List[n].Pwd) {
			t.Errorf("got %+v", card)
		}
		if again.List[n].ID != int64(card.ID) || again.List[n].Pwd != "" {
			t.Errorf("again: got %+v", again.List[n])
		}
	}
}

// TestNewcardWeakPasswords: a password that anybody would try first is refused, unless the merchant allows it,
// for example to issue all cards with the same one.
func TestNewcardWeakPasswords(t *testing.T) {
	t.Parallel()
	w := demo(t)
	issue := func(msid, key, number, password string) string {
		list := `{"list":[{"type":15,"cardno":"8800"},{"cardno":"` + number + `","password":"` + password +
			`","name":"a","phone":"13800004711","sex":1,"birthday":"19940103"}]}`
		w.nonce++
		return infoOf(w.postAs(msid, key, "", list, fmt.Sprint("weak-", 1000+w.nonce)).Body.String())
	}
	opened := len(w.books.cards)
	for _, weak := range []string{
		"0000", "123456", "4711", "00004711", "940103", "009127", "abc123", "030194", "010394", "03011994", "1994", "199401",
		"138000",
	} {
		if got := issue("10031", otherKey, "62009127", weak); got != "第2张卡:密码过于简单,请更换" {
			t.Errorf("%s: %s", weak, got)
		}
	}
	if len(w.books.cards) != opened {
		t.Error("cards were opened")
	}
	if got := issue("10031", otherKey, "62009127", "850214"); got != "发卡成功" {
		t.Errorf("somebody else's birthday: %s", got)
	}
	if got := issue("10021", pageKey, "62009127", "123456"); got != "发卡成功" {
		t.Errorf("123456 where the merchant allows it: %s", got)
	}
}
