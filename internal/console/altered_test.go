package console

import (
	"slices"
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// carried carries out an act on the card 6001 as somebody who was shown what it does, and returns what was shown and
// what the slip says.
func (b *tab) carried(act string, form ...string) (shown, slip string) {
	b.t.Helper()
	path := "/console/m/1/cards/1/do/" + act
	preview := b.post(path, append(form, "at", "0")...)
	page := preview.Body.String()
	done := b.post(path, append(hidden(page), "sure", "yes")...)
	if to := done.Header().Get("Location"); strings.Contains(to, "/slip/") {
		return words(page), words(b.get(to).Body.String())
	}
	b.t.Fatalf("%s %q: %d %s, %d %s", act, form, preview.Code, fault(page), done.Code, fault(done.Body.String()))
	return "", ""
}

// Whatever an act changes of a card stands in what is shown before, on the slip and in the history, from what to what,
// with phones and identity numbers masked.
func TestWhatIsChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	id := "110101199003071234"
	w.do(command.ModifyDetails{Merchant: 1, Card: "6001", IDNumber: &id})
	b := w.signedIn("admin")
	for _, c := range []struct {
		act         string
		form        []string
		shown, told []string
	}{
		{
			"holder", []string{"name", "李四", "phone", "13900001111", "gender", "1", "birthday", "1990-04-12"},
			[]string{"性别 女或未知 男", "生日 1990-04-12", "手机 186****2465 139****1111", "李四"},
			[]string{"→ 李四", "手机 186****2465 → 139****1111", "性别 女或未知 → 男", "生日 – → 1990-04-12"},
		},
		{
			"holder", []string{"name", "李四", "gender", "1", "birthday", ""}, []string{"生日 1990-04-12"},
			[]string{"生日 1990-04-12 → –"},
		},
		{
			"details", []string{"referrer", "王五", "remarks", "靠窗", "physical", "A-1"},
			[]string{"备注 靠窗", "推荐人 王五", "实体卡号 A-1"}, []string{"备注 – → 靠窗", "推荐人 – → 王五", "实体卡号 – → A-1"},
		},
		{"credit", []string{"amount", "100"}, []string{"信用额度 0.00 100.00"}, []string{"信用额度 0.00 → 100.00"}},
		{"level", []string{"level", "1"}, []string{"等级 金卡 普通"}, []string{"等级 金卡 → 普通"}},
		{"password", []string{"new", "8642xz", "again", "8642xz"}, []string{"卡密码 已更换"}, []string{"卡密码 已更换"}},
	} {
		shown, slip := b.carried(c.act, c.form...)
		for _, want := range c.shown {
			if !strings.Contains(shown, want) {
				t.Errorf("%s is shown without %q: %s", c.act, want, shown)
			}
		}
		history := words(b.get("/console/m/1/cards/1").Body.String())
		for _, want := range c.told {
			if !strings.Contains(slip, want) || !strings.Contains(history, want) {
				t.Errorf("%s: %q is missing on the slip or in the history:\n%s\n%s", c.act, want, slip, history)
			}
		}
		for _, secret := range []string{"13900001111", id} { // whoever types it looks at it again before it is done
			if strings.Contains(shown, secret) != slices.Contains(c.form, secret) {
				t.Errorf("%s: %s was typed and is not shown to be confirmed, or was not and is", c.act, secret)
			}
			if strings.Contains(slip, secret) || strings.Contains(history, secret) {
				t.Errorf("%s: a phone or an identity number is not masked", c.act)
			}
		}
	}
	if entries := words(b.get("/console/m/1/entries").Body.String()); !strings.Contains(entries, "等级 普通") {
		t.Errorf("the entries of the day do not say which level the card got: %s", entries)
	}
	_, slip := b.carried("credit", "amount", "300")
	if strings.Contains(slip, "备注 – → 靠窗") || strings.Contains(slip, "卡密码") {
		t.Errorf("what did not change is told: %s", slip)
	}
}

// A phone and an identity number, which forms do not show, are kept, replaced or cleared; a name cannot be cleared, and
// that is said at its field.
func TestClearHoldersData(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("admin")
	holder := []string{"name", "李四", "gender", "0", "birthday", ""}
	b.carried("holder", holder...)
	if got := w.card("6001").Holder.Phone; got != "18612342465" {
		t.Errorf("the phone is %q where none was typed", got)
	}
	if shown, _ := b.carried("holder", append(holder, "nophone", "yes")...); !strings.Contains(shown, "手机 186****2465") {
		t.Errorf("that the phone goes is not shown: %s", shown)
	}
	b.carried("details", "idnumber", "110101199003071234")
	if got := w.card("6001"); got.Holder.Phone != "" || got.Details.IDNumber != "110101199003071234" {
		t.Errorf("got %q, %q", got.Holder.Phone, got.Details.IDNumber)
	}
	b.carried("details", "remarks", "x")
	if got := w.card("6001").Details.IDNumber; got == "" {
		t.Error("the identity number is gone")
	}
	if _, slip := b.carried("details", "noidnumber", "yes"); !strings.Contains(slip, "证件号 11****1234 → –") ||
		w.card("6001").Details.IDNumber != "" {
		t.Errorf("it was not cleared: %s", slip)
	}
	for act, form := range map[string][]string{
		"holder":  {"name", "李四", "phone", "13900001111", "nophone", "yes"},
		"details": {"idnumber", "1", "noidnumber", "yes"},
	} {
		body := b.post("/console/m/1/cards/1/do/"+act, append(form, "at", "0")...).Body.String()
		if !strings.Contains(body, wClearsOrNew.Zh) {
			t.Errorf("%s: both: %s", act, fault(body))
		}
	}
	body := b.post("/console/m/1/cards/1/do/holder", "name", "", "at", "0").Body.String()
	if !strings.Contains(body, `id="name-wrong">`+wNameNeeded.Zh) {
		t.Errorf("without a name: %s", fault(body))
	}
}

// Which coupon is taken back, or comes back with a bill, is shown before, on the slip and in the history.
func TestWhichCoupon(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.cards()
	coupon := w.coupon(id)
	b := w.signedIn("admin")
	w.do(command.Consume{Merchant: 1, Card: "6001", Amount: 100_00, Coupons: []ledger.CouponID{coupon}})
	one := "满减券 ¥10.00 28***001"
	for _, c := range []struct {
		act  string
		form []string
		want string
	}{
		{"refund", []string{"entry", itoa(int64(w.newestOf("6001").ID))}, "退回优惠券 1"},
		{"void-coupon", []string{"coupon", itoa(int64(coupon))}, "优惠券 1"},
	} {
		shown, slip := b.carried(c.act, c.form...)
		history := words(b.get("/console/m/1/cards/1").Body.String())
		for _, page := range []string{shown, slip, history} {
			if !strings.Contains(page, one) || !strings.Contains(page, c.want) {
				t.Errorf("%s: %q or %q is missing: %s", c.act, one, c.want, page)
			}
		}
	}
}
