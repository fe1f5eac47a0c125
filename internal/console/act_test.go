package console

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// typed are what people type for each act on the card 6001, and the kind of the entry that it makes; 0 = that of the
// act before it in its way.
var typed = []struct {
	act   string
	form  []string
	kind  ledger.Kind
	shows string // in the preview
}{
	{"recharge", []string{"amount", "500", "paytype", "2", "note", "<i>note</i>"}, ledger.Recharged, "+100.00"},
	{"adjust-points", []string{"points", "200", "note", "投诉"}, ledger.PointsAdjusted, "200"},
	{"give-bonus", []string{"amount", "20", "until", "2026-12-31", "note", "<i>note</i>"}, ledger.BonusGiven, "2026-12-31"},
	{"consume", []string{"amount", "100", "points", "100"}, ledger.Consumed, "-20.00"},
	{"consume", []string{"amount", "88.5", "nodiscount", "8.5", "coupon", "COUPON"}, ledger.Consumed, "-10.00"},
	{"refund", []string{"entry", "ENTRY"}, ledger.ConsumeRefunded, "62.50"},
	{"hold", []string{"amount", "40"}, ledger.AmountHeld, "2026-03-05 18:00"},
	{"capture-hold", []string{"entry", "ENTRY", "note", "<i>note</i>"}, ledger.Consumed, "40.00"},
	{"hold", []string{"amount", "30", "note", "<i>note</i>"}, ledger.AmountHeld, "2026-03-05 18:00"},
	{"release-hold", []string{"entry", "ENTRY", "note", "不来了"}, ledger.HoldReleased, "30.00"},
	{"use-points", []string{"points", "5"}, ledger.PointsUsed, ""},
	{"coupons", []string{"kind", "1", "count", "2", "note", "生日"}, ledger.CouponSent, "满减券 × 2"},
	{"void-coupon", []string{"coupon", "COUPON"}, ledger.CouponVoided, ""},
	{"transfer", []string{"to", "6002", "amount", "50"}, ledger.TransferredOut, "6002"},
	{"charge", []string{"amount", "30"}, ledger.AccountCharged, "30.00"},
	{"refund-charge", []string{"entry", "ENTRY"}, ledger.ChargeRefunded, ""},
	{"invoice", []string{"amount", "20"}, ledger.Invoiced, ""},
	{"reverse-invoice", []string{"entry", "ENTRY"}, ledger.InvoiceReversed, ""},
	{"renew", []string{"months", "12"}, ledger.Renewed, "2028-01-31"},
	{"reverse-renewal", []string{"entry", "ENTRY", "note", "改主意"}, ledger.RenewalReversed, "2027-01-31"},
	{"level", []string{"level", "1"}, ledger.LevelChanged, "普通"},
	{
		"holder", []string{"name", "李四", "phone", "13900001111", "gender", "1", "birthday", "1990-04-12"},
		ledger.HolderModified, "139****1111",
	},
	{"details", []string{"referrer", "王五", "remarks", "靠窗", "physical", "A-1"}, ledger.DetailsChanged, "靠窗"},
	{"password", []string{"new", "8642xz", "again", "8642xz"}, ledger.DetailsChanged, "已更换"},
	{"credit", []string{"amount", "200"}, ledger.DetailsChanged, "200.00"},
	{"lost", nil, ledger.ReportedLost, "已挂失"},
	{"found", nil, ledger.LossCancelled, "正常"},
	{"stop", []string{"note", "盗刷"}, ledger.CardStopped, "已停用"},
	{"resume", nil, ledger.CardResumed, "正常"},
	{"withdraw", []string{"amount", "10"}, ledger.Withdrawn, "10.00"},
	{"recharge", []string{"amount", "20", "paytype", "1"}, ledger.Recharged, ""},
	{"reverse", []string{"entry", "ENTRY", "note", "错充"}, ledger.RechargeReversed, ""},
	{"replace", []string{"number", "6009"}, ledger.CardReplaced, "6009"},
	{"return", nil, ledger.CardReturned, "已退卡"},
}

// Everything that can be done to a card is shown first, changes nothing until it is confirmed, and then does what was
// shown, by the person and at the shop that stand in the entry. All acts there are are tried.
func TestEveryAct(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.cards()
	b := w.signedIn("admin")
	last, number := ledger.EntryID(0), "6001"
	tried := []string{"merge"} // by TestMerge
	for _, one := range typed {
		tried = append(tried, one.act)
		form := slices.Clone(one.form)
		for i := range form {
			form[i] = strings.ReplaceAll(form[i], "ENTRY", itoa(int64(last)))
			form[i] = strings.ReplaceAll(form[i], "COUPON", itoa(int64(w.coupon(id))))
		}
		path := fmt.Sprintf("/console/m/1/cards/%d/do/%s", id, one.act)
		if got := b.get(path); got.Code != http.StatusOK {
			t.Fatalf("the form of %s: %d", one.act, got.Code)
		}
		seq := w.card(number).Seq
		rec := b.post(path, append(form, "at", "12")...)
		if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), wWouldBe.Zh) {
			t.Fatalf("preview of %s: %d %s", one.act, rec.Code, fault(rec.Body.String()))
		}
		if body := rec.Body.String(); !strings.Contains(body, one.shows) || !strings.Contains(body, "<dd>湖滨店</dd>") {
			t.Errorf("preview of %s does not show where, or %s: %s", one.act, one.shows, rec.Body)
		}
		if got := w.card(number).Seq; got != seq {
			t.Fatalf("%s: the preview made an entry", one.act)
		}
		sure := hidden(rec.Body.String())
		rec = b.post(path, append(sure, "sure", "yes")...)
		slip := rec.Header().Get("Location")
		if rec.Code != http.StatusSeeOther || !strings.Contains(slip, "/slip/") {
			t.Fatalf("%s: %d %s %s", one.act, rec.Code, slip, fault(rec.Body.String()))
		}
		if one.act == "replace" {
			number = "6009"
		}
		e := w.newestOf(number)
		if e.Kind != one.kind || e.By.Person != 2 || e.By.Shop != 12 || e.By.Operator != "admin" {
			t.Errorf("%s made %v by %+v", one.act, e.Kind, e.By)
		}
		last = e.ID
		if got := b.get(slip); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), e.At.Format("2006-01-02")) {
			t.Errorf("slip of %s: %d", one.act, got.Code)
		}
		again := b.post(path, append(sure, "sure", "yes")...)
		if got := w.newestOf(number); got.ID != last || again.Header().Get("Location") != slip {
			t.Errorf("%s, sent again, made entry %d, and leads to %q", one.act, got.ID, again.Header().Get("Location"))
		}
	}
	for _, a := range acts {
		if !slices.Contains(tried, a.name) {
			t.Errorf("%s was not tried", a.name)
		}
	}
	page := b.get(fmt.Sprintf("/console/m/1/cards/%d", id)).Body.String()
	if strings.Contains(page, "<i>note") || strings.Contains(page, "<script>alert") || strings.Contains(page, "13900001111") {
		t.Error("what was typed is no text, or a phone is not masked")
	}
}

// coupon returns an unused coupon of a card of the first merchant.
func (w *world) coupon(card ledger.CardID) ledger.CouponID {
	all, err := w.store.Coupons(w.t.Context(), ledger.CouponQuery{Merchant: 1, Card: card, Unused: true, Limit: 1})
	w.must(err)
	if len(all) == 0 {
		return 0
	}
	return all[0].ID
}

// newestOf returns the newest entry of a card that does not just follow another.
func (w *world) newestOf(number string) ledger.Entry {
	w.t.Helper()
	page, err := w.store.History(w.t.Context(), ledger.HistoryQuery{Card: ledger.CardNamed(1, number), Page: 1, Size: 3})
	w.must(err)
	for _, e := range page.Entries {
		if !e.Kind.Follows() {
			return e
		}
	}
	w.t.Fatal("no entry")
	return ledger.Entry{}
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)

// hidden returns what a page's form sends without anything being typed.
func hidden(page string) (pairs []string) {
	for _, m := range hiddenInput.FindAllStringSubmatch(page, -1) {
		pairs = append(pairs, html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	return pairs
}

var alert = regexp.MustCompile(`(?s)role="alert">(.*?)<|invalid-feedback"[^>]*>(.*?)<`)

// fault returns what a page says is wrong.
func fault(page string) string {
	return strings.Join(alert.FindStringSubmatch(page), " ")
}

// Points that expired and come back, only to be taken with the money that is paid out, leave the card's points as they
// were. The preview tells of both all the same, as the slip and the history do.
func TestPointsOfEachEntry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := *w.dir.Merchant(1)
	m.Rules = slices.Clone(m.Rules)
	m.Rules[0].AddPoints, m.Settings.PointsDays = 200, 5
	w.must(w.store.SaveMerchant(t.Context(), m))
	w.cards()
	w.wait(30 * 24 * 3600)
	w.do(command.Expire{Merchant: 1, Card: "6001"})
	b := w.signedIn("admin")
	path := "/console/m/1/cards/1/do/"
	const back = "恢复过期 · 积分 +160"
	for act, want := range map[string]string{
		"withdraw": back + " 提现 · 积分 -160", "transfer": back + " 转出 · 积分 -160",
	} {
		shown := b.post(path+act, "amount", "400", "to", "6002", "at", "11").Body.String()
		if !strings.Contains(words(shown), want) {
			t.Errorf("the preview of %s does not say %q: %s", act, want, words(shown))
		}
	}
	shown := b.post(path+"withdraw", "amount", "400", "at", "11").Body.String()
	done := b.post(path+"withdraw", append(hidden(shown), "sure", "yes")...).Header().Get("Location")
	if slip := words(b.get(done).Body.String()); !strings.Contains(slip, "积分 -160") {
		t.Errorf("the slip says %s", slip)
	}
}

// A bill's cash back is told beside what the card paid, and what a refund takes back of it beside what comes back, in
// the preview and on the slip; the slip's balance is the one after all of it.
func TestCashBackIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := *w.dir.Merchant(1)
	m.Levels = slices.Clone(m.Levels)
	m.Levels[1].Rights.CashBack = ledger.CashBack{Each: 10_00, Back: 1_00}
	w.must(w.store.SaveMerchant(t.Context(), m))
	w.cards()
	b := w.signedIn("admin")
	said := func(act string, form ...string) (preview, slip string) {
		t.Helper()
		path := "/console/m/1/cards/1/do/" + act
		shown := b.post(path, append(form, "at", "11")...).Body.String()
		done := b.post(path, append(hidden(shown), "sure", "yes")...).Header().Get("Location")
		return words(shown), words(b.get(done).Body.String())
	}
	check := func(page, said string, want ...string) {
		t.Helper()
		for _, one := range want {
			if !strings.Contains(said, one) {
				t.Errorf("the %s does not say %q: %s", page, one, said)
			}
		}
	}
	preview, slip := said("consume", "amount", "100")
	check("preview of a bill", preview, "卡付 80.00", "返现 +8.00", "余额 600.00 528.00")
	check("slip of a bill", slip, "返现 变动 +8.00", "余额 528.00")
	preview, slip = said("refund", "entry", itoa(int64(w.newestOf("6001").ID)), "amount", "40")
	check("preview of a refund", preview, "退回卡内 40.00", "返现 -4.00", "余额 528.00 564.00")
	check("slip of a refund", slip, "返现 变动 -4.00", "余额 564.00")
}

// If what would happen is no longer what was shown, it is not done; the new outcome is shown instead.
func TestMovedSinceShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("cashier")
	path := "/console/m/1/cards/1/do/consume"
	shown := b.post(path, "amount", "100", "at", "11")
	w.do(command.Consume{Merchant: 1, Card: "6001", Amount: 10_00})
	before := w.card("6001")
	rec := b.post(path, append(hidden(shown.Body.String()), "sure", "yes")...)
	if rec.Code != http.StatusConflict || !strings.Contains(rec.Body.String(), "情况刚刚变了") {
		t.Fatalf("got %d %s", rec.Code, fault(rec.Body.String()))
	}
	if got := w.card("6001"); got.Seq != before.Seq {
		t.Error("something else than was shown was done")
	}
	rec = b.post(path, append(hidden(rec.Body.String()), "sure", "yes")...)
	if rec.Code != http.StatusSeeOther || w.card("6001").Amount() != before.Amount()-80_00 {
		t.Errorf("after the new outcome was shown: %d, %v left", rec.Code, w.card("6001").Amount())
	}
}

// wrongInputs are what may be typed into the forms of acts, and what is said of it; nothing of what is right.
var wrongInputs = []struct {
	act  string
	form []string
	want text
}{
	{"recharge", []string{"amount", "", "paytype", "1"}, wNoAmount},
	{"recharge", []string{"amount", "12.345", "paytype", "1"}, wNoAmount},
	{"recharge", []string{"amount", "1e9", "paytype", "1"}, wNoAmount},
	{"recharge", []string{"amount", "12345678901", "paytype", "1"}, text{"金额太大，最多 ¥9,999,999,999.99", ""}},
	{"recharge", []string{"amount", "9999999999.99", "paytype", "1"}, text{"单笔上限 ¥100,000.00", ""}},
	{"credit", []string{"amount", "99,999,999,999"}, text{"金额太大，最多 ¥9,999,999,999.99", ""}},
	{"recharge", []string{"amount", "=1+1", "paytype", "1"}, wNoAmount},
	{"recharge", []string{"amount", "5", "paytype", ""}, wChoose},
	{"recharge", []string{"amount", "5", "paytype", "99"}, text{"没有这种支付方式", ""}},
	{"recharge", []string{"amount", "200000", "paytype", "1"}, text{"单笔上限 ¥100,000.00", ""}},
	{"consume", []string{"amount", "0"}, wNoAmount},
	{"consume", []string{"amount", "5000"}, text{}}, // part payment: the rest is still due
	{"consume", []string{"amount", "50", "points", "x"}, wNoCount},
	{"consume", []string{"amount", "50", "points", "99999"}, text{"积分", ""}},
	{"consume", []string{"amount", "50", "coupon", "1; DROP TABLE card"}, wChoose},
	{"hold", []string{"amount", ""}, wNoAmount},
	{"hold", []string{"amount", "5000"}, text{"余额不足", ""}},
	{"hold", []string{"amount", "5", "until", "soon"}, wNoMoment},
	{"hold", []string{"amount", "5", "until", "2026-03-04T18:00"}, text{"最晚到：2026-04-04 18:00", ""}},
	{"hold", []string{"amount", "5", "until", "2026-04-04T18:01"}, text{"最晚到：2026-04-04 18:00", ""}},
	{"hold", []string{"amount", "5", "until", "2026-04-04 18:00"}, text{}},
	{"release-hold", []string{"entry", "99"}, text{"卡上没有这笔预留", ""}},
	{"capture-hold", []string{"entry", "99"}, text{"卡上没有这笔预留", ""}},
	{"capture-hold", []string{"amount", "0", "entry", "99"}, wNoAmount},
	{"capture-hold", []string{"amount", "x", "entry", "99"}, wNoAmount},
	{"capture-hold", []string{"amount", "5", "entry", ""}, wChoose},
	{"refund", []string{"amount", "0", "entry", "3"}, wNoAmount},
	{"refund", []string{"entry", "99"}, text{"没有这笔记录", ""}},
	{"refund", []string{"entry", "3"}, text{"不能这样撤销", ""}},
	{"coupons", []string{"kind", "1", "count", "0"}, wSendCount.with(ledger.MaxSend)},
	{"coupons", []string{"kind", "1", "count", "999999"}, wSendCount.with(ledger.MaxSend)},
	{"give-bonus", []string{"amount", "20", "note", ""}, wSayWhy},
	{"give-bonus", []string{"amount", "20", "until", "2026-03-03", "note", "x"}, text{"有效期已过", ""}},
	{"give-bonus", []string{"amount", "20", "until", "soon", "note", "x"}, wNoDate},
	{"merge", []string{"to", "6001"}, text{"同一张", ""}},
	{"merge", []string{"to", "<script>"}, text{"没有这张卡", ""}},
	{"password", []string{"new", "", "again", ""}, wNoPassword},
	{"password", []string{"new", "8642xz", "again", "8642xz", "remove", "yes"}, wNotBoth},
	{"password", []string{"new", "", "again", "", "remove", "yes"}, wHasNone},
	{"password", []string{"new", "123456", "again", "123456"}, wWeakPassword},
	{"password", []string{"new", "8642xz", "again", "8643xz"}, wNotSame},
	{"password", []string{"new", "一二三四", "again", "一二三四"}, wNoPassword},
	{"holder", []string{"name", "李四", "birthday", "1990-13-01"}, wNoDate},
	{"transfer", []string{"to", "7777", "amount", "1"}, text{"没有这张卡", ""}},
	{"transfer", []string{"to", "6001", "amount", "1"}, text{"同一张", ""}},
	{"replace", []string{"number", "6002"}, text{"卡号已被使用", ""}},
	{"replace", []string{"number", "no spaces please"}, text{"卡号须为", ""}},
}

// Whatever is typed wrongly is told at its field, and what was typed stays.
func TestWrongInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("admin")
	for _, c := range wrongInputs {
		rec := b.post("/console/m/1/cards/1/do/"+c.act, append(c.form, "at", "0")...)
		body := rec.Body.String()
		if c.want == (text{}) {
			if rec.Code != http.StatusOK {
				t.Errorf("%s %q: %d %s", c.act, c.form, rec.Code, fault(body))
			}
			continue
		}
		if rec.Code != http.StatusUnprocessableEntity || !strings.Contains(body, c.want.Zh) {
			t.Errorf("%s %q: %d %s, want %s", c.act, c.form, rec.Code, fault(body), c.want.Zh)
		}
		if kept := html.EscapeString(c.form[1]); c.form[0] != "new" && kept != "" && !strings.Contains(body, `value="`+kept+`"`) {
			t.Errorf("%s %q: what was typed is gone", c.act, c.form)
		}
		if c.act == "password" && c.form[1] != "" && strings.Contains(body, c.form[1]) {
			t.Error("a password is sent back")
		}
	}
}

// The table of permissions for acts, by role; the routes' own table has only one act. What somebody may not do is not
// offered either.
func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	allowed := map[string]string{
		"cashier": "recharge consume hold capture-hold release-hold use-points charge invoice renew lost stop",
		"auditor": "",
	}
	allowed["manager"] = allowed["cashier"] + " refund reverse adjust-points give-bonus coupons void-coupon transfer merge withdraw refund-charge " +
		"reverse-invoice reverse-renewal level holder details password credit found resume replace return"
	allowed["admin"], allowed["owner"] = allowed["manager"], allowed["manager"]
	allowed["stranger"], allowed["nothing"] = "", ""
	for _, name := range slices.Sorted(maps.Keys(allowed)) {
		b := w.signedIn(name)
		page := b.get("/console/m/1/cards/1").Body.String()
		for _, a := range acts {
			path := "/console/m/1/cards/1/do/" + a.name
			may := slices.Contains(strings.Fields(allowed[name]), a.name)
			if got := b.get(path).Code == http.StatusOK; got != may {
				t.Errorf("%s opens %s: %t", name, a.name, got)
			}
			rec := b.post(path, "at", "11", "amount", "1", "paytype", "1")
			denied := rec.Code == http.StatusForbidden || rec.Code == http.StatusNotFound
			if denied == may {
				t.Errorf("%s does %s: %d", name, a.name, rec.Code)
			}
			if offered := strings.Contains(page, "/do/"+a.name+"\""); offered && !may {
				t.Errorf("%s is offered %s", name, a.name)
			}
		}
	}
}

// Who is at some shops only does nothing at another, or at none.
func TestAtOtherShops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("manager")
	for at, want := range map[string]int{"11": 200, "12": 403, "0": 403, "21": 403, "x": 403, "": 403} {
		if got := b.post("/console/m/1/cards/1/do/recharge", "amount", "5", "paytype", "1", "at", at).Code; got != want {
			t.Errorf("at %q: %d", at, got)
		}
	}
	if got := b.get("/console/m/1/cards/1/do/recharge").Body.String(); strings.Contains(got, "湖滨店") {
		t.Error("another shop is offered")
	}
}

// A card's password is asked for last, counts when it is wrong, and is needed where the merchant says so.
func TestCardPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	kept := w.console.cfg.HashPassword("1", "8642xz")
	w.do(command.ModifyDetails{Merchant: 1, Card: "6001", Password: &kept})
	m := *w.dir.Merchant(1)
	m.Settings.PasswordEverywhere = true
	w.must(w.store.SaveMerchant(t.Context(), m))
	w.must(w.dir.Refresh(t.Context()))
	b := w.signedIn("cashier")
	path := "/console/m/1/cards/1/do/consume"
	shown := b.post(path, "amount", "10", "at", "11").Body.String()
	if !strings.Contains(shown, wHolderAsks.Zh) {
		t.Fatalf("the password is not asked for: %s", fault(shown))
	}
	for _, c := range []struct {
		password, want string
	}{{"", "请会员输入卡密码"}, {"1111", "卡密码不对"}, {"2222", "卡密码不对"}, {"3333", "卡密码不对"}, {"8642xz", "错误次数过多，请 30 秒后再试"}} {
		rec := b.post(path, append(hidden(shown), "sure", "yes", "password", c.password)...)
		if rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), c.want) {
			t.Errorf("password %q: %d %s, want %s", c.password, rec.Code, fault(rec.Body.String()), c.want)
		}
	}
	w.wait(31)
	for _, typed := range []string{"1111", "8642xz"} { // without what was shown, nothing is tried that would not count
		rec := b.post(path, "amount", "10", "at", "11", "sure", "yes", "password", typed)
		if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), wHolderAsks.Zh) {
			t.Errorf("password %q for nothing that was shown: %d %s", typed, rec.Code, fault(rec.Body.String()))
		}
	}
	if rec := b.post(path, append(hidden(shown), "sure", "yes", "password", "8642xz")...); rec.Code != http.StatusSeeOther {
		t.Errorf("the right password: %d %s", rec.Code, fault(rec.Body.String()))
	}
	if strings.Contains(w.log.String(), "8642xz") {
		t.Error("a card's password is in the log")
	}
}

// A password is removed by saying so, never by leaving its fields empty, and the preview says it.
func TestPasswordIsRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	kept := w.console.cfg.HashPassword("1", "8642xz")
	w.do(command.ModifyDetails{Merchant: 1, Card: "6001", Password: &kept})
	b := w.signedIn("admin")
	path := "/console/m/1/cards/1/do/password"
	if rec := b.post(path, "new", "", "again", "", "at", "0"); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("empty fields: %d %s", rec.Code, words(rec.Body.String()))
	}
	shown := b.post(path, "new", "", "again", "", "remove", "yes", "at", "0").Body.String()
	if !strings.Contains(words(shown), "卡密码 清除密码") {
		t.Errorf("the preview says %s", words(shown))
	}
	if rec := b.post(path, append(hidden(shown), "sure", "yes")...); rec.Code != http.StatusSeeOther ||
		w.card("6001").Details.Password != "" {
		t.Errorf("it is not removed: %d %s", rec.Code, fault(rec.Body.String()))
	}
}

// A form of a holder's data that changes nothing says so, and makes no entry.
func TestHolderUnchanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("admin")
	path := "/console/m/1/cards/1/do/holder"
	seq := w.card("6001").Seq
	name := w.card("6001").Holder.Name
	shown := b.post(path, "name", name, "gender", "0", "phone", "", "birthday", "", "at", "0").Body.String()
	if !strings.Contains(shown, wNothing.Zh) {
		t.Errorf("the preview says %s", words(shown))
	}
	rec := b.post(path, append(hidden(shown), "sure", "yes")...)
	if rec.Code != http.StatusSeeOther || w.card("6001").Seq != seq {
		t.Errorf("%d, entry %d after %d", rec.Code, w.card("6001").Seq, seq)
	}
}

// Cards and slips that are not this merchant's or this card's are not there.
func TestCardsOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("admin")
	for _, path := range []string{
		"/console/m/1/cards/99", "/console/m/1/cards/x", "/console/m/1/cards/0", "/console/m/1/cards/-1",
		"/console/m/1/cards/1/slip/99", "/console/m/1/cards/2/slip/1", "/console/m/1/cards/1/slip/x",
		"/console/m/1/cards/1/do/nothing", "/console/m/2/cards/1", "/console/m/2/cards/1/slip/1",
	} {
		if got := b.get(path); got.Code != http.StatusNotFound || strings.Contains(got.Body.String(), "canary") {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

// A card's page has what a clerk needs: who it is, what is on it, what happened, and pages back.
func TestCardPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	for i := range linesAPage + 3 {
		w.do(command.Consume{
			Merchant: 1, Card: "6001", Amount: ledger.Fen(100 + i), By: ledger.Caller{Shop: 11, Operator: "till <7>"},
		})
	}
	b := w.signedIn("cashier")
	page := b.get("/console/m/1/cards/1").Body.String()
	for _, want := range []string{
		"186****2465", "6001", "金卡", "2027-01-31", "满减券", "¥10.00", "满 ¥50.00 可用", "人民路店", "till &lt;7&gt;", "page=2",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "18612342465") {
		t.Error("the phone is not masked")
	}
	second := b.get("/console/m/1/cards/1?page=2").Body.String()
	if !strings.Contains(second, "开卡") || strings.Contains(second, "page=3") {
		t.Error("the second page is not the last")
	}
	b.language = "en"
	if got := b.get("/console/m/1/cards/1").Body.String(); !strings.Contains(got, "Consumed") || !strings.Contains(got, "Balance") {
		t.Error("the page is not in English")
	}
}

// The preview, the slip and the history say by what a recharge was paid and of how much an invoice is.
func TestWhatSlipsSay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("admin")
	for _, one := range []struct {
		act, want string
		form      []string
	}{
		{"recharge", "支付方式 微信", []string{"amount", "30", "paytype", "2"}},
		{"invoice", "开票金额 20.00", []string{"amount", "20"}},
	} {
		path := "/console/m/1/cards/1/do/" + one.act
		shown := b.post(path, append(one.form, "at", "11")...).Body.String()
		slip := b.post(path, append(hidden(shown), "sure", "yes")...).Header().Get("Location")
		for name, page := range map[string]string{
			"preview": shown, "slip": b.get(slip).Body.String(), "history": b.get("/console/m/1/cards/1").Body.String(),
			"entries": b.get("/console/m/1/entries").Body.String(),
		} {
			if !strings.Contains(words(page), one.want) {
				t.Errorf("the %s of %s does not say %q: %s", name, one.act, one.want, words(page))
			}
		}
	}
}

// The button at a bill leads to a form that gives back a part of it, and is called so; what is undone whole is undone.
func TestUndoIsCalled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.do(command.Consume{Merchant: 1, Card: "6001", Amount: 10_00})
	page := w.signedIn("admin").get("/console/m/1/cards/1").Body.String()
	for act, want := range map[string]string{"refund": "退款", "reverse": "撤销"} {
		said := regexp.MustCompile("/do/" + act + `\?entry=\d+">([^<]*)<`).FindStringSubmatch(page)
		if said == nil || said[1] != want {
			t.Errorf("the button of %s says %q", act, said)
		}
	}
}

// What the balance is made of says which recharge, of which day and shop, each part is left of. Principal has no last
// day: one is told with the bonus only, and none where it is gone.
func TestMadeOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.do(command.Recharge{Merchant: 1, By: ledger.Caller{Shop: 12}, Card: "6001", Amount: 30_00, PayType: 1})
	b := w.signedIn("admin")
	said := words(b.get("/console/m/1/cards/1").Body.String())
	if !strings.Contains(said, "来自 本金 赠送 赠送有效期至 #3 充值 2026-03-04 总部 500.00 100.00 2027-03-04 "+
		"#5 充值 2026-03-04 湖滨店 30.00 – –") {
		t.Errorf("the page says %s", said)
	}
	w.wait(2 * 365 * 24 * 3600)
	b = w.signedIn("admin")
	if said := words(b.get("/console/m/1/cards/1").Body.String()); !strings.Contains(said, "500.00 – – #5") {
		t.Errorf("after the bonus has expired: %s", said)
	}
}

// What was paid is told as principal and bonus, and by the lots that it came from, in the history and on the slip; so
// is what is given back.
func TestWhichLotsPaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.do(
		command.Recharge{Merchant: 1, Card: "6001", Amount: 30_00, PayType: 1},
		command.Consume{Merchant: 1, Card: "6001", Amount: 760_00}, // 608.00 of 630.00
	)
	bill := w.newestOf("6001").ID
	w.do(command.RefundConsume{Merchant: 1, Card: "6001", Entry: bill, Amount: 2_00})
	b := w.signedIn("admin")
	history := words(b.get("/console/m/1/cards/1").Body.String())
	for id, want := range map[ledger.EntryID][]string{
		bill: {
			"卡付 608.00 本金 -508.00 赠送 -100.00", "批次 #3 本金 -500.00 · 赠送 -100.00 · 赠送有效期至 2027-03-04", "批次 #5 本金 -8.00",
		},
		w.newestOf("6001").ID: {"本金 +2.00", "批次 #5 本金 +2.00"},
	} {
		slip := words(b.get("/console/m/1/cards/1/slip/" + itoa(int64(id))).Body.String())
		for _, want := range want {
			if !strings.Contains(history, want) || !strings.Contains(slip, want) {
				t.Errorf("%q is missing:\n%s\n%s", want, history, slip)
			}
		}
	}
	entries := words(b.get("/console/m/1/entries").Body.String())
	if !strings.Contains(entries, "本金 -508.00 赠送 -100.00") {
		t.Errorf("the day: %s", entries)
	}
	if strings.Contains(history, "批次 #5 本金 +30.00") {
		t.Error("a recharge names its own lot")
	}
}

// A card is replaced under a number that is drawn where none is typed: the one that was shown.
func TestReplaceDraws(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("admin")
	path := "/console/m/1/cards/1/do/replace"
	if form := b.get(path).Body.String(); !strings.Contains(form, wNumberHelp.Zh) {
		t.Error("the form does not say that a number can be drawn")
	}
	shown := b.post(path, "number", " ", "at", "0").Body.String()
	number := regexp.MustCompile(`name="number" value="(\d+)"`).FindStringSubmatch(shown)
	if number == nil || !strings.Contains(words(shown), "卡号 6001 "+number[1]) {
		t.Fatalf("no number was drawn, or it is not shown: %s", words(shown))
	}
	if done := b.post(path, append(hidden(shown), "sure", "yes")...); done.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", done.Code, fault(done.Body.String()))
	}
	if c := w.card(number[1]); c == nil || c.ID != 1 {
		t.Errorf("the card is not found under the number that was shown: %+v", c)
	}
}

// A form that a link led to is sent with what the link filled in, and that is read once.
func TestLinkFillsInOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.do(command.Consume{Merchant: 1, Card: "6001", Amount: 10_00})
	id := itoa(int64(w.newestOf("6001").ID))
	path := "/console/m/1/cards/1/do/refund?entry=" + id
	shown := w.signedIn("admin").post(path, "entry", id, "at", "0").Body.String()
	if n := strings.Count(shown, `name="entry"`); n != 1 {
		t.Errorf("the entry is sent %d times", n)
	}
}

// Whoever refunds a bill sees it, what was refunded and what is left. Of a bill that is refunded nothing is offered,
// and it is said why none can be.
func TestRefundForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.do(command.Consume{Merchant: 1, By: ledger.Caller{Shop: 12}, Card: "6001", Amount: 100_00}) // 80.00 of them
	bill := w.newestOf("6001").ID
	b := w.signedIn("admin")
	path := "/console/m/1/cards/1/do/refund?entry=" + itoa(int64(bill))
	form := words(b.get(path).Body.String())
	for _, want := range []string{"账单金额 100.00", "卡付 80.00", "湖滨店", "已退款 0.00", "还可以退 80.00"} {
		if !strings.Contains(form, want) {
			t.Errorf("the form does not say %q: %s", want, form)
		}
	}
	if shown := b.get(path).Body.String(); !strings.Contains(shown, `<option value="12" selected>`) {
		t.Error("the shop of the bill is not chosen")
	}
	w.do(command.RefundConsume{Merchant: 1, Card: "6001", Entry: bill, Amount: 30_00})
	more := b.post(path, "entry", itoa(int64(bill)), "amount", "60", "at", "0")
	if said := words(more.Body.String()); more.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(said, "还可以退的金额：¥50.00") || !strings.Contains(said, "已退款 30.00 还可以退 50.00") {
		t.Errorf("more than is left: %d %s", more.Code, said)
	}
	other := words(b.get(strings.Replace(path, "cards/1", "cards/2", 1)).Body.String())
	if strings.Contains(other, "80.00") {
		t.Error("another card's bill is told")
	}
	button := "/do/refund?entry=" + itoa(int64(bill))
	if page := b.get("/console/m/1/cards/1").Body.String(); !strings.Contains(page, button) {
		t.Error("the rest cannot be refunded")
	}
	w.do(command.RefundConsume{Merchant: 1, Card: "6001", Entry: bill})
	if page := b.get("/console/m/1/cards/1").Body.String(); strings.Contains(page, button) {
		t.Error("a refund of nothing is offered")
	}
	again := b.post(path, "entry", itoa(int64(bill)), "at", "0").Body.String()
	if !strings.Contains(again, wAllRefunded.Zh) {
		t.Errorf("refunded again: %s", fault(again))
	}
}

// What a card has charged to its house account stands on its page, and a charge that is taken back has no button.
func TestChargesOnThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.do(
		command.ChargeToAccount{Merchant: 1, Card: "6001", Amount: 820_00},
		command.ChargeToAccount{Merchant: 1, Card: "6001", Amount: 7_00},
	)
	second := w.newestOf("6001").ID
	w.do(command.RefundCharge{Merchant: 1, Card: "6001", Entry: second})
	page := w.signedIn("admin").get("/console/m/1/cards/1").Body.String()
	if !strings.Contains(words(page), "签单金额 ¥820.00 1 笔未撤销") {
		t.Errorf("what was charged is not told: %s", words(page))
	}
	for id, want := range map[ledger.EntryID]bool{second: false, second - 1: true} {
		if got := strings.Contains(page, "/do/refund-charge?entry="+itoa(int64(id))+`"`); got != want {
			t.Errorf("charge %d is offered to be taken back: %t", id, got)
		}
	}
}

// What a request is known by is stored, so no password is part of it; all else that was typed is.
func TestFingerprintHasNoPassword(t *testing.T) {
	t.Parallel()
	of := func(name string, pairs ...string) [32]byte {
		form := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		a := &asked{card: &ledger.Card{ID: 1}, form: form}
		return a.fingerprint(acts[slices.IndexFunc(acts, func(a *act) bool { return a.name == name })])
	}
	if of("password", "new", "8642xz", "again", "8642xz") != of("password", "new", "9753", "again", "9753") {
		t.Error("a password can be found out from the fingerprint")
	}
	if of("recharge", "amount", "5") == of("recharge", "amount", "6") {
		t.Error("two amounts are the same request")
	}
}

// A card that was replaced leads to its new number, which is called so wherever it stands.
func TestReplacedCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.do(command.Replace{Merchant: 1, Card: "6001", Number: "6999"})
	b := w.signedIn("admin")
	old := w.card("6001")
	page := b.get("/console/m/1/" + cardPath(old.ID)).Body.String()
	if !strings.Contains(page, `href="/console/m/1/cards?q=6999"`) || !strings.Contains(page, wNewNumber.Zh) || strings.Contains(page, wOtherCard.Zh) {
		t.Errorf("the old number: %s", words(page))
	}
	// What it was scanned for is done with the new number.
	to := b.get("/console/m/1/cards?q=6001&do=recharge").Header().Get("Location")
	if to = b.get(to).Header().Get("Location"); !strings.Contains(b.get(to).Body.String(),
		`href="/console/m/1/cards?do=recharge&amp;q=6999"`) {
		t.Errorf("a recharge of the old number leads to %q: %s", to, words(b.get(to).Body.String()))
	}
	there := b.get("/console/m/1/cards?q=6999").Header().Get("Location")
	page = b.get(there).Body.String()
	if !strings.Contains(page, phrase.OldNumber.Zh) || strings.Contains(page, wOtherCard.Zh) {
		t.Errorf("the new number, at %q: %s", there, words(page))
	}
}

// A slip has the number that the card had then, and one of what was done since has the new one.
func TestSlipHasTheNumberOfThen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.do(command.Recharge{Merchant: 1, Card: "6001", Amount: 10_00, PayType: 1})
	before := w.newestOf("6001")
	w.do(command.Replace{Merchant: 1, Card: "6001", Number: "8202555512"})
	replaced := w.newestOf("8202555512")
	w.do(command.Recharge{Merchant: 1, Card: "8202555512", Amount: 10_00, PayType: 1})
	after := w.newestOf("8202555512")
	w.do(command.Replace{Merchant: 1, Card: "8202555512", Number: "9303666613"})
	b := w.signedIn("admin")
	card := w.card("9303666613")
	for entry, want := range map[ledger.EntryID]string{
		before.ID: "6001", replaced.ID: "8202555512", after.ID: "8202555512", w.newestOf("9303666613").ID: "9303666613",
	} {
		page := words(b.get("/console/m/1/" + cardPath(card.ID) + "/slip/" + itoa(int64(entry))).Body.String())
		if !strings.Contains(page, wCardNumber.Zh+" "+phrase.Masked(want)+" ") {
			t.Errorf("entry %d lacks %s: %s", entry, phrase.Masked(want), page)
		}
	}
}

// Of a card with which nothing is done, its page says why and who helps, and no form for it is shown. To whoever can
// help it nothing of the kind is said.
func TestCardThatIsStuck(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	cashier, admin := w.signedIn("cashier"), w.signedIn("admin")
	for _, c := range []struct {
		change  command.Command
		said    text
		toAdmin bool
		old     string
	}{
		{command.ReportLost{Merchant: 1, Card: "6001"}, wLostAsk, false, "6001"},
		{command.Replace{Merchant: 1, Card: "6001", Number: "6999"}, wReplacedSee, true, "6001"},
		{command.Stop{Merchant: 1, Card: "6002"}, wStoppedAsk, false, "6002"},
	} {
		w.do(c.change)
		at := "/console/m/1/" + cardPath(w.card(c.old).ID)
		if page := cashier.get(at).Body.String(); !strings.Contains(page, c.said.Zh) {
			t.Errorf("%T: nothing is said", c.change)
		}
		if page := admin.get(at).Body.String(); strings.Contains(page, c.said.Zh) != c.toAdmin {
			t.Errorf("%T: what is said to an admin", c.change)
		}
		if got, _, _ := strings.Cut(cashier.get(at+"/do/recharge").Header().Get("Location"), "?"); got != at {
			t.Errorf("%T: a form to recharge it leads to %q", c.change, got)
		}
	}
}

// A form whose shop ends while it is open comes back with what was typed, and says so. Another merchant's shop stays
// nobody's business.
func TestActAtAShopThatEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("admin")
	m := *w.dir.Merchant(1)
	m.Shops = slices.Clone(m.Shops)
	m.Shops[1].Ended = true
	w.must(w.store.SaveMerchant(t.Context(), m))
	w.must(w.dir.Refresh(t.Context()))
	for path, form := range map[string][]string{
		"cards/1/do/withdraw": {"amount", "12.34"}, "series": countedUp()[:14],
		"cards/new": {"number", "7001", "name", "张三", "level", "1"},
	} {
		got := b.post("/console/m/1/"+path, append(form, "at", "12")...)
		page := got.Body.String()
		if got.Code != http.StatusUnprocessableEntity || !strings.Contains(page, wShopOver.Zh) {
			t.Errorf("%s: %d %s", path, got.Code, fault(page))
		}
		if !strings.Contains(page, `value="`+form[1]+`"`) {
			t.Errorf("%s: what was typed is lost", path)
		}
	}
	if got := b.post("/console/m/1/cards/1/do/withdraw", "amount", "12", "at", "21"); got.Code != http.StatusForbidden {
		t.Errorf("at another merchant's shop: %d", got.Code)
	}
}

// A card in a phone is not asked for a password that nobody compares.
func TestPhoneCardAsksForNoPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.do(
		command.Open{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: command.NewCard{
			Number: "6009", Kind: ledger.Micro, Level: 1, Holder: ledger.Holder{Name: "张三", Phone: "18612342465"},
			Details: ledger.Details{Password: w.console.cfg.HashPassword("1", "8642xz")},
		}},
		command.Recharge{Merchant: 1, Card: "6009", Amount: 50_00, PayType: 1},
	)
	path := "/console/m/1/cards/" + itoa(int64(w.card("6009").ID)) + "/do/consume"
	b := w.signedIn("cashier")
	shown := b.post(path, "amount", "10", "at", "11").Body.String()
	if !strings.Contains(shown, wWouldBe.Zh) || strings.Contains(shown, wHolderAsks.Zh) {
		t.Fatalf("a password is asked for: %s", words(shown))
	}
	if rec := b.post(path, append(hidden(shown), "sure", "yes")...); rec.Code != http.StatusSeeOther {
		t.Errorf("%d %s", rec.Code, fault(rec.Body.String()))
	}
}

// Of two who change the same card at the same time the second is told, and puts nothing back that the first has
// changed.
func TestTwoChangeACard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("manager")
	const details, holder = "/console/m/1/cards/1/do/details", "/console/m/1/cards/1/do/holder"
	opened := hidden(b.get(details).Body.String())
	w.do(command.ModifyDetails{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: "6001", Referrer: new("李四")})
	shown := b.post(details, append(opened, "referrer", "", "remarks", "常客", "at", "11")...).Body.String()
	if !strings.Contains(shown, wCardMoved.Zh) {
		t.Errorf("nothing is said: %s", fault(shown))
	}
	got := b.post(details, append(hidden(shown), "sure", "yes")...)
	if d := w.card("6001").Details; got.Code != http.StatusSeeOther || d.Referrer != "李四" || d.Remarks != "常客" {
		t.Errorf("%d %s: %+v", got.Code, fault(got.Body.String()), d)
	}
	shown = b.post(holder, append(hidden(b.get(holder).Body.String()), "name", "甲一", "gender", "1", "at", "11")...).Body.String()
	w.do(command.ModifyHolder{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: "6001", Name: new("乙二")})
	moved := b.post(holder, append(hidden(shown), "sure", "yes")...)
	if name := w.card("6001").Holder.Name; moved.Code != http.StatusConflict || name != "乙二" {
		t.Fatalf("%d, the holder is %s", moved.Code, name)
	}
	sure := append(hidden(moved.Body.String()), "sure", "yes")
	for range 2 { // the second time it is done already
		got := b.post(holder, sure...)
		if name := w.card("6001").Holder.Name; got.Code != http.StatusSeeOther || name != "甲一" {
			t.Errorf("%d %s: the holder is %s", got.Code, fault(got.Body.String()), name)
		}
	}
	// What is masked is told too.
	shown = b.post(holder, append(hidden(b.get(holder).Body.String()), "name", "甲一", "phone", "13900000001", "at", "11")...).
		Body.String()
	w.do(command.ModifyHolder{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: "6001", Phone: new("13700000002")})
	told := b.post(holder, append(hidden(shown), "sure", "yes")...)
	if phone := w.card("6001").Holder.Phone; told.Code != http.StatusConflict || phone != "13700000002" {
		t.Errorf("%d, the phone is %s", told.Code, phone)
	}
}
