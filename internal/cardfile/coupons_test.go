package cardfile_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"tongka/internal/cardfile"
	"tongka/internal/ledger"
)

// couponKinds are those of a merchant; two are called alike, and one has a number in its name.
func couponKinds() (all []ledger.CouponKind) {
	for i, name := range []string{"十元券", "八折券", "旧券", "旧券", "满100减10*2"} {
		all = append(all, ledger.CouponKind{CouponTerms: ledger.CouponTerms{Kind: ledger.CouponKindID(i + 1), Name: name}})
	}
	return all
}

// broughtBy reads a file, and returns what each of its rows brings besides money: the kinds of coupons with how many of
// each and until when, and what is owed; or why it brings nothing.
func broughtBy(t *testing.T, text string) (all []string) {
	t.Helper()
	r, err := look(t, text).Reader(cardfile.Terms{Levels: leveled, Today: today, Coupons: couponKinds()})
	if err != nil {
		return []string{err.Error()}
	}
	for {
		row, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		case row.Fault != (cardfile.Reason{}):
			all = append(all, row.Fault.Chinese)
			continue
		}
		var b strings.Builder
		for _, c := range row.Card.Coupons {
			fmt.Fprintf(&b, "%d×%d %v;", c.Kind, len(c.Numbers), c.Until)
		}
		if row.Card.Owes > 0 {
			fmt.Fprintf(&b, "owes %v of %v", row.Card.Owes, row.Card.Principal)
		}
		all = append(all, b.String())
	}
}

// Coupons are named by kind and number in one column, or in several, as other systems write them.
func TestCoupons(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"十元券": "1×1 ;", "#2": "2×1 ;", "#2×3": "2×3 ;", "2": "优惠券：商户没有券种“2”", "十元券×3；八折券": "1×3 ;2×1 ;", "十元券 x 2": "1×2 ;", "十元券(4张)": "1×4 ;", "十元券 5张": "1×5 ;",
		"十元券；十元券*2": "1×3 ;", "满100减10*2": "5×1 ;", "满100减10*2×3": "5×3 ;", "": "", "无": "", "十元券×0": "",
		"五折券": "优惠券：商户没有券种“五折券”", "旧券": "优惠券：券种#3和#4都叫“旧券”，请填编号", "十元券；五折券×2": "优惠券：商户没有券种“五折券”",
	} {
		if got := broughtBy(t, "卡号,姓名,优惠券\nA,x,"+text+"\n"); len(got) != 1 || strings.TrimSpace(got[0]) != want &&
			got[0] != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	got := broughtBy(t, "卡号,姓名,券名称,券张数,券有效期至\nA,x,十元券,3张,2026/12/31\nB,x,八折券,,永久\nC,x,,,\nD,x,十元券,0,\nE,x,,2,\n"+
		"F,x,十元券×2,3,\nG,x,十元券,101,\nH,x,十元券,-1,\nI,x,十元券,1.5,\nJ,x,十元券,1,2026-02-30\n")
	want := []string{
		"1×3 2026-12-31;", "2×1 9999-12-31;", "", "", "有2张优惠券，没有写券种", "券种已写明张数，或有几个券种：请只在一处写张数",
		"优惠券张数应为1至100", "券张数：小于0", "券张数：不是整数“1.5”", "券有效期至：不是有效的日期“2026-02-30”，格式如2019-01-02",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := broughtBy(t, "卡号,姓名,券张数\nA,x,1\n"); !strings.Contains(got[0], "no column that says which") {
		t.Errorf("got %q", got)
	}
}

// What a card owes stands in a column of its own, or is a balance below zero; both at once must be the same.
func TestDebts(t *testing.T) {
	t.Parallel()
	got := broughtBy(t, "卡号,姓名,余额,赠送,挂账\nA,x,20,,35\n") // is the bonus in it?
	if !strings.Contains(got[0], "balance and a bonus") {
		t.Errorf("got %q", got)
	}
	got = broughtBy(t, "卡号,姓名,余额,欠款\nA,x,20,35\nB,x,-35,\nC,x,-35,35.00\nD,x,-35,3\nE,x,0,-1\nF,x,0,0\n")
	want := []string{
		"owes 35.00 of 20.00", "owes 35.00 of 0.00", "owes 35.00 of 0.00", "欠款3.00与余额-35.00不一致", "欠款：小于0", "",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := broughtBy(t, "卡号,姓名,本金,赠送\nA,x,-15,2\n"); got[0] != "owes 15.00 of 0.00" { // as an export writes it
		t.Errorf("got %q", got)
	}
	if got := broughtBy(t, "卡号,姓名,总余额,赠送\nA,x,-15,2\n"); got[0] != "余额-15.00小于其中的赠送金额2.00" {
		t.Errorf("got %q", got)
	}
}

// A gender that is none that is known is told, with what was written; the card comes without one.
func TestUnknownGenders(t *testing.T) {
	t.Parallel()
	r, err := look(t, "卡号,姓名,性别,余额\nA,x,2,-5\nB,x,男,-5.00\nC,x,保密,5\n").Reader(cardfile.Terms{Levels: leveled, Today: today})
	if err != nil {
		t.Fatal(err)
	}
	var told []cardfile.Changed
	for range 3 {
		row, err := r.Next()
		if err != nil || row.Fault != (cardfile.Reason{}) || row.NoGender != (row.Card.Number == "A") {
			t.Fatalf("%+v, %v", row, err)
		}
		told = r.Changes(told, &row)
	}
	if fmt.Sprint(told) != "[{性别 gender 1 [{2 }]}]" {
		t.Errorf("got %v", told)
	}
}
