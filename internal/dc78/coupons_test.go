package dc78

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// give puts n coupons on a card, numbered from first, and returns their ids.
func (w *world) give(merchant ledger.MerchantID, card string, kind ledger.CouponKindID, first, n int) (ids []string) {
	w.t.Helper()
	send := command.SendCoupons{Merchant: merchant, Card: card, Kind: kind}
	for i := range n {
		send.Numbers = append(send.Numbers, fmt.Sprintf("29%010d", first+i))
	}
	w.do(send)
	for key, c := range w.books.held {
		if key.merchant == merchant && slices.Contains(send.Numbers, c.Number) {
			ids = append(ids, strconv.FormatInt(int64(c.ID), 10))
		}
	}
	slices.Sort(ids)
	return ids
}

// listed is what tests read of an element of colist.
type listed struct {
	Store, Name, CoID, MaxUseQty, VDate, Cash, RequireAmt, DeID, Info, Type string
	Qty                                                                     int
	CoIDs                                                                   []string
}

// colistOf returns the list of a card's coupons.
func (w *world) colistOf(t *testing.T, get string) []listed {
	t.Helper()
	got := w.ask("10021", pageKey, "mb_check", get+"&getlist=1")
	wantFault(t, got, 200, "")
	var answer struct{ CoList *[]listed }
	if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil || answer.CoList == nil {
		t.Fatalf("%v in %s", err, got.Body)
	}
	return *answer.CoList
}

// elements returns the raw elements of a list in an answer.
func elements(t *testing.T, answer []byte, name string) []json.RawMessage {
	t.Helper()
	var members map[string]json.RawMessage
	var raws []json.RawMessage
	if err := json.Unmarshal(answer, &members); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(members[name], &raws); err != nil {
		t.Fatalf("%s: %v", members[name], err)
	}
	return raws
}

// TestColistShape: a coupon of any type has the keys of the published example, in its order and with its types. A
// group has two more.
func TestColistShape(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("testdata/published/mb_check.json")
	if err != nil {
		t.Fatal(err)
	}
	want := shape(t, elements(t, example, "colist")[0])
	w := demo(t)
	for i, kind := range []ledger.CouponKindID{28200, 28201, 28202, 28203, 28205} {
		w.give(10000, "PLAIN1", kind, 10*i, 2)
	}
	for get, test := range map[string]struct {
		n    int
		more []string
	}{
		"mbno=PLAIN1&getlist=1":         {10, nil},
		"mbno=PLAIN1&getlist=1&merge=1": {5, []string{"qty N", "coids ["}},
	} {
		list := elements(t, w.ask("10021", pageKey, "mb_check", get).Body.Bytes(), "colist")
		if len(list) != test.n {
			t.Errorf("%s: got %d elements, want %d", get, len(list), test.n)
		}
		for _, element := range list {
			if got, want := shape(t, element), slices.Concat(want, test.more); !slices.Equal(got, want) {
				t.Errorf("%s:\ngot  %v\nwant %v", get, got, want)
			}
		}
	}
	var texts []string
	for _, id := range elements(t, w.ask("10021", pageKey, "mb_check", "mbno=PLAIN1&getlist=1&merge=1").Body.Bytes(),
		"colist") {
		var element struct{ CoIDs []string } // texts, not numbers
		if err := json.Unmarshal(id, &element); err != nil {
			t.Error(err)
		}
		texts = append(texts, element.CoIDs...)
	}
	if len(texts) != 10 {
		t.Errorf("got the ids %v, want 10", texts)
	}
}

// TestColistPublished: the published coupon is written as published, except for the two ids.
func TestColistPublished(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("testdata/published/mb_check.json")
	if err != nil {
		t.Fatal(err)
	}
	var want, got map[string]any
	if err := json.Unmarshal(elements(t, example, "colist")[0], &want); err != nil {
		t.Fatal(err)
	}
	answer := demo(t).ask("10021", pageKey, "mb_check", "mbno=47302320&getlist=1").Body.Bytes()
	if err := json.Unmarshal(elements(t, answer, "colist")[0], &got); err != nil {
		t.Fatal(err)
	}
	want["coid"], want["accid"] = "385", "1"
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestColistValues: what is shown of each type of coupon, and that shops are named.
func TestColistValues(t *testing.T) {
	t.Parallel()
	for _, typ := range []ledger.CouponType{ledger.CashCoupon, ledger.GoodsCoupon, ledger.PercentCoupon} {
		if couponTypes[typ] == "" {
			t.Errorf("%v has no type on the wire", typ)
		}
	}
	w := demo(t)
	var ids []string
	for i, kind := range []ledger.CouponKindID{28200, 28201, 28202, 28203, 28205} {
		ids = append(ids, w.give(10000, "PLAIN1", kind, 10*i, 1)...)
	}
	want := []listed{
		{"全部", "彭老板的券", ids[0], "3", "20190820~20190919", "30.00", "100", "28200", "这是券说明", "0", 0, nil},
		{"分店,总店", "甜品券", ids[1], "100", "20190820~20190919", "0.00", "0", "28201", "", "1", 0, nil},
		{"全部", "八折券", ids[2], "100", "20190820~99991231", "0.00", "0", "28202", "", "2", 0, nil},
		{"全部", "国庆券", ids[3], "100", "20191001~20191007", "5.50", "10.50", "28203", "", "0", 0, nil},
		{"分店", "分店券", ids[4], "100", "20190820~20190820", "1.00", "0", "28205", "", "0", 0, nil},
	}
	if got := w.colistOf(t, "mbno=PLAIN1"); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	c := call{merchant: &ledger.Merchant{Shops: []ledger.Shop{{ID: 7, Name: "总店"}}}}
	if got := c.storesOf(&ledger.CouponTerms{Shops: []ledger.ShopID{7, 9}}); got != "总店,9" {
		t.Errorf("got %q for a shop that is configured no more", got)
	}
}

// TestColistGood: a coupon that can no longer be used is not listed; one that can be used later is.
func TestColistGood(t *testing.T) {
	t.Parallel()
	w := demo(t)
	w.do(command.Recharge{Merchant: 10000, Card: "PLAIN1", Amount: 1000_00, PayType: 1})
	ids := w.give(10000, "PLAIN1", 28200, 1, 3)
	today, later := w.give(10000, "PLAIN1", 28205, 10, 1), w.give(10000, "PLAIN1", 28203, 20, 1)
	wantPart(t, w.ask("10021", pageKey, "mb_trans", "action=1&mbno=PLAIN1&amt=100&lsco="+ids[0]), `"co_amt":"30.00"`)
	void, _ := parseCouponID(ids[1])
	w.do(command.VoidCoupon{Merchant: 10000, Card: "PLAIN1", Coupon: void})
	check := func(want ...string) {
		t.Helper()
		var got []string
		for _, one := range w.colistOf(t, "phone=13700000000") {
			got = append(got, one.CoID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	check(ids[2], today[0], later[0])
	w.now = w.now.AddDate(0, 0, 1)
	check(ids[2], later[0])
	w.now = w.now.AddDate(0, 0, 30)
	check(later[0])
}

// TestColistPages: a page has 100 coupons, or 500 groups. A page behind the last is empty.
func TestColistPages(t *testing.T) {
	t.Parallel()
	w := demo(t)
	for i := range 5 {
		w.give(10000, "PLAIN1", 28202, 100*i, 50)
	}
	seen := map[string]bool{}
	for page, want := range map[string]int{"": 100, "1": 100, "2": 100, "3": 50, "4": 0, "999999999999999": 0} {
		got := w.colistOf(t, "mbno=PLAIN1&coPage="+page)
		if len(got) != want {
			t.Errorf("page %q has %d coupons, want %d", page, len(got), want)
		}
		for _, one := range got {
			seen[one.CoID] = true
		}
	}
	if len(seen) != 250 {
		t.Errorf("%d coupons are on some page, want 250", len(seen))
	}
	if got := w.colistOf(t, "mbno=PLAIN1&merge=1"); len(got) != 1 || got[0].Qty != 250 || len(got[0].CoIDs) != 250 ||
		got[0].CoIDs[0] != got[0].CoID {
		t.Errorf("got %d groups, the first of %d", len(got), got[0].Qty)
	}
	for i := range 501 {
		w.give(10000, "LIVE01", 28202, 1000+i, 1)
		w.now = w.now.AddDate(0, 0, 1)
	}
	for page, want := range map[string]int{"1": 500, "2": 1, "3": 0} {
		if got := w.colistOf(t, "mbno=LIVE01&merge=1&coPage="+page); len(got) != want {
			t.Errorf("page %s has %d groups, want %d", page, len(got), want)
		}
	}
}

// TestColistLike: coupons of one kind are grouped only if their terms are the same. The kind may have been
// changed between two sendings.
func TestColistLike(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*ledger.Coupon){
		"face":  func(c *ledger.Coupon) { c.Face = 50_00 },
		"off":   func(c *ledger.Coupon) { c.Off = 1 },
		"most":  func(c *ledger.Coupon) { c.MaxOff = 1 },
		"alone": func(c *ledger.Coupon) { c.Alone = !c.Alone },
		"grace": func(c *ledger.Coupon) { c.Grace = 1 },
		"shops": func(c *ledger.Coupon) { c.Shops = []ledger.ShopID{1} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			colistLike(t, change)
		})
	}
}

func colistLike(t *testing.T, change func(*ledger.Coupon)) {
	t.Helper()
	w := demo(t)
	ids := w.give(10000, "PLAIN1", 28200, 1, 3)
	other, _ := parseCouponID(ids[1])
	key := couponID{10000, other}
	changed := w.books.held[key]
	change(&changed)
	w.books.held[key] = changed
	got := w.colistOf(t, "mbno=PLAIN1&merge=1")
	if len(got) != 2 || !slices.Equal(got[0].CoIDs, []string{ids[0], ids[2]}) || got[0].Qty != 2 ||
		!slices.Equal(got[1].CoIDs, ids[1:2]) {
		t.Errorf("got %v", got)
	}
}

// TestCouponBills: what the answer says of a bill paid with coupons.
func TestCouponBills(t *testing.T) {
	t.Parallel()
	w := demo(t)
	w.do(command.Recharge{Merchant: 10000, Card: "PLAIN1", Amount: 1000_00, PayType: 1})
	cash, goods := w.give(10000, "PLAIN1", 28200, 1, 5), w.give(10000, "PLAIN1", 28201, 10, 1)
	percent, later := w.give(10000, "PLAIN1", 28202, 20, 2), w.give(10000, "PLAIN1", 28203, 30, 1)
	branch := w.give(10000, "PLAIN1", 28205, 40, 1)
	for _, test := range []struct{ amt, lsco, info, want string }{
		{"100", later[0], "券未到使用日期", ""},
		{"100", branch[0], "券不适用于本店", ""},
		{"99.99", cash[0], "消费金额未达到用券条件", ""},
		{"500", strings.Join(cash[:4], ","), "超过每单可用券数", ""},
		{"100", percent[0] + "," + goods[0], "券不可与其他券同时使用", ""},
		{"100", cash[0] + ",7", "券不存在", ""},
		{"100", "", "", `"amt":"100.00","balance":`},
		{"100", percent[0], "", `"amt":"100.00","co_amt":"20.00","balance":`},
		{"500", percent[1], "", `"amt":"500.00","co_amt":"50.00","balance":`},
		{"10", goods[0], "", `"amt":"10.00","co_amt":"0.00","balance":`},
		{"490.01", cash[1], "余额不足", ""},
		{"100", percent[0] + ",7", "券已使用", ""},
	} {
		got := w.ask("10021", pageKey, "mb_trans", "action=1&mbno=PLAIN1&amt="+test.amt+"&lsco="+test.lsco)
		wantFault(t, got, 200, test.info)
		if !strings.Contains(got.Body.String(), test.want) {
			t.Errorf("%+v: got %s", test, got.Body)
		}
	}
	wantPart(t, w.ask("10023", pageKey, "mb_trans", "action=1&mbno=PLAIN1&amt=1&lsco="+branch[0]),
		`"amt":"1.00","co_amt":"1.00"`)
}

// TestLsco: a list has ids separated by commas, each once, and at most as many as a bill may have.
func TestLsco(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"": "[]", "7": "[7]", "7,8": "[7 8]", "999999999999999999": "[999999999999999999]",
		"0": "bad", "07": "bad", "-7": "bad", "7.0": "bad", "7,": "bad", ",7": "bad", "7 ,8": "bad", "7,8,7": "bad",
		"７": "bad", "7，8": "bad",
		"1000000000000000000": "bad", "x": "bad",
		list(1, ledger.MaxSend): fmt.Sprint(numbers(1, ledger.MaxSend)), list(1, ledger.MaxSend+1): "bad",
	} {
		f := &fields{get: params{{"lsco", value}}}
		got := fmt.Sprint(f.lsco())
		if err := f.err(); err != nil {
			got = "bad"
			if want := faultBad("lsco", "应为1到100个不重复的券编号,以逗号分隔"); !errors.Is(err, want) {
				t.Errorf("%q: got %v, want %v", value, err, want)
			}
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
	}
}

func numbers(first, n int) (ids []ledger.CouponID) {
	for i := range n {
		ids = append(ids, ledger.CouponID(first+i))
	}
	return ids
}

// list returns n ids separated by commas.
func list(first, n int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers(first, n)), " ", ","), "[]")
}

// FuzzLsco: an accepted list has one spelling, holds no id twice and is no longer than a bill allows.
func FuzzLsco(f *testing.F) {
	for _, seed := range []string{
		"", "7", "7,8", "07", "7,", ",", "7,7", "1e3", "999999999999999999", "9999999999999999999", " 7", list(1, 101),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		fields := &fields{get: params{{"lsco", value}}}
		ids := fields.lsco()
		if fields.err() != nil {
			if ids != nil {
				t.Fatalf("%q is wrong and read as %v", value, ids)
			}
			return
		}
		back, seen := make([]string, len(ids)), map[ledger.CouponID]bool{}
		for i, id := range ids {
			back[i] = strconv.FormatInt(int64(id), 10)
			if seen[id] || id <= 0 {
				t.Fatalf("%q is read as %v", value, ids)
			}
			seen[id] = true
		}
		if strings.Join(back, ",") != value || len(ids) > ledger.MaxSend {
			t.Fatalf("%q is read as %v", value, ids)
		}
	})
}

// TestCouponIsolation: a card can neither list nor use a coupon of another card or merchant, and the answer
// reveals nothing about it.
func TestCouponIsolation(t *testing.T) {
	t.Parallel()
	secret := ledger.CouponKind{
		CouponTerms: ledger.CouponTerms{Kind: 28200, Name: "canary", Type: ledger.CashCoupon, Face: 9_99},
	}
	w := demo(t)
	other := demoMerchants()[3]
	other.CouponKinds = []ledger.CouponKind{secret}
	w.books.set(other)
	theirs := w.give(10003, "SECRET", 28200, 1, 1)[0]
	card := w.give(10000, "PLAIN1", 28200, 1, 1)[0]
	seen := ""
	for _, id := range []string{theirs, card} {
		got := w.ask("10021", pageKey, "mb_trans", "action=1&mbno=LEVEL6&amt=100&lsco="+id)
		wantFault(t, got, 200, "券不存在")
		seen += got.Body.String()
	}
	for _, get := range []string{"mbno=LEVEL6", "mbno=PLAIN1", "mbno=47302320", "mbno=LEVEL6&merge=1"} {
		got := w.ask("10021", pageKey, "mb_check", get+"&getlist=1").Body.String()
		if strings.Contains(got, `"`+card+`"`) != (get == "mbno=PLAIN1") {
			t.Errorf("%s: got %s", get, got)
		}
		seen += got
	}
	wantFault(t, w.ask("10021", pageKey, "mb_check", "mbno=SECRET&getlist=1"), 200, "会员不存在")
	wantFault(t, w.ask("10021", pageKey, "co_send", "mbno=SECRET&deid=28200"), 200, "会员不存在")
	seen += w.ask("10021", pageKey, "co_delist", "").Body.String()
	for _, word := range []string{"canary", "9.99"} {
		if strings.Contains(seen, word) {
			t.Errorf("%q is in %s", word, seen)
		}
	}
	for key, c := range w.books.held {
		if c.State != ledger.Unused {
			t.Errorf("coupon %v is %v", key, c.State)
		}
	}
}

// TestCoDelist: a kind is offered until its stock is used up or its last day has passed.
func TestCoDelist(t *testing.T) {
	t.Parallel()
	w := demo(t)
	check := func(want ...string) {
		t.Helper()
		answer := w.ask("10021", pageKey, "co_delist", "").Body.Bytes()
		var got []string
		for _, element := range elements(t, answer, "list") {
			if got, want := shape(t, element), []string{"deid T", "name T", "cash T", "type T", "cotype T"}; !slices.Equal(got,
				want) {
				t.Errorf("got %v, want %v", got, want)
			}
			var kind struct{ DeID string }
			if err := json.Unmarshal(element, &kind); err != nil {
				t.Error(err)
			}
			got = append(got, kind.DeID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if acts := elements(t, answer, "act_list"); len(acts) != 0 {
			t.Errorf("got act_list %s", acts)
		}
	}
	check("28200", "28201", "28202", "28203", "28205")
	w.give(10000, "PLAIN1", 28203, 1, 2)
	check("28200", "28201", "28202", "28203", "28205")
	w.give(10000, "PLAIN1", 28203, 3, 1)
	check("28200", "28201", "28202", "28205")
	wantFault(t, w.ask("10022", pageKey, "co_delist", ""), 200, "") // permission to read is enough
	if got := elements(t, w.ask("10031", otherKey, "co_delist", "").Body.Bytes(), "list"); len(got) != 0 {
		t.Errorf("a merchant without kinds offers %s", got)
	}
}

// TestCoSendReplay: a repeated request always gets the first answer, and nothing is sent twice.
func TestCoSendReplay(t *testing.T) {
	t.Parallel()
	w := demo(t)
	own := func(got *httptest.ResponseRecorder) string {
		wantFault(t, got, 200, "")
		body, _, _ := strings.Cut(got.Body.String(), `"server_timestamp"`)
		return body
	}
	const get = "mbno=PLAIN1&deid=28200&qty=2&ref=r-1&subject=a&memo=b"
	first := own(w.ask("10021", pageKey, "co_send", get))
	w.now = w.now.AddDate(1, 0, 0)
	if again := own(w.ask("10021", pageKey, "co_send", get)); again != first {
		t.Errorf("got %s, want %s", again, first)
	}
	w.do(command.Return{Merchant: 10000, Card: "PLAIN1"})
	if again := own(w.ask("10021", pageKey, "co_send", get)); again != first {
		t.Errorf("of a closed card: got %s, want %s", again, first)
	}
	wantFault(t, w.ask("10021", pageKey, "co_send", get+"&op=2"), 200, "业务单号重复")
	subjects := ""
	for _, c := range w.books.held {
		if c.Card != 1 {
			subjects += c.Subject + ";"
		}
	}
	if subjects != "a b;a b;" {
		t.Errorf("sent %q", subjects)
	}
}

// TestCoSendNumbers: a number that another coupon has, or that was just drawn, is drawn again. Without a source
// of numbers nothing is sent.
func TestCoSendNumbers(t *testing.T) {
	t.Parallel()
	draws := func(numbers ...string) func() (string, error) {
		return func() (string, error) {
			number := numbers[0]
			if len(numbers) > 1 {
				numbers = numbers[1:]
			}
			return number, nil
		}
	}
	const get = "mbno=PLAIN1&deid=28200&qty=2&ref=r-1"
	w := demoWith(t, Config{
		NewCouponNumber: draws("280000000395", "280000000001", "280000000002", "280000000002", "280000000003"),
	})
	wantPart(t, w.ask("10021", pageKey, "co_send", get), `"num":"28*******002"`)
	if len(w.books.held) != 3 {
		t.Errorf("%d coupons, want 3", len(w.books.held))
	}
	for name, draw := range map[string]func() (string, error){
		"taken": draws("280000000395", "280000000001", "280000000395", "280000000001"), "one number": draws("280000000001"),
		"none": func() (string, error) { return "", errors.New("no randomness") },
	} {
		w := demoWith(t, Config{NewCouponNumber: draw})
		if name == "taken" {
			w.do(command.SendCoupons{Merchant: 10000, Card: "PLAIN1", Kind: 28200, Numbers: []string{"280000000001"}})
		}
		before := len(w.books.held)
		wantFault(t, w.ask("10021", pageKey, "co_send", get), 500, "内部错误")
		if len(w.books.held) != before {
			t.Errorf("%s: %d coupons, want %d", name, len(w.books.held), before)
		}
	}
	w.over(w.books, w.books)
	wantFault(t, w.ask("10021", pageKey, "co_send", "mbno=PLAIN1&deid=28200"), 500, "内部错误")
}

// TestGoodsCouponCoversTheBill: amt=0 is a valid bill only if a coupon is used.
func TestGoodsCouponCoversTheBill(t *testing.T) {
	t.Parallel()
	w := demo(t)
	goods := w.give(10000, "PLAIN1", 28201, 10, 2)
	for i, test := range []struct{ get, info, want string }{
		{"amt=0", "参数错误:amt(必须大于0)", ""},
		{"amt=0&lsco=", "参数错误:amt(必须大于0)", ""},
		{"amt=-1&lsco=" + goods[0], "参数错误:amt(不能为负数)", ""},
		{"amt=0&points=1&lsco=" + goods[0], "积分不足", ""},
		{"amt=0&lsco=" + goods[0], "", `"amt":"0.00","co_amt":"0.00","balance":`},
		{"amt=0.00&lsco=" + goods[0], "券已使用", ""},
		{"amt=0.00&lsco=" + goods[1], "", `"amt":"0.00","co_amt":"0.00","balance":`},
	} {
		got := w.ask("10021", pageKey, "mb_trans", fmt.Sprintf("action=1&mbno=PLAIN1&ref=free-%d&%s", i, test.get))
		wantFault(t, got, 200, test.info)
		if !strings.Contains(got.Body.String(), test.want) {
			t.Errorf("%+v: got %s", test, got.Body)
		}
	}
}
