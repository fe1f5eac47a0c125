package cardfile

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// couponColumn has the kinds of coupons that a card brings, by name or, behind #, by id: 十元券, 十元券×3;八折券, #7. A
// number alone is no id: in other systems it is rather how many there are. The number and the last good day may be in
// columns of their own.
const couponColumn = "coupon"

// counted matches a kind of coupons with how many of it there are: 十元券×3, 十元券 x 3, 十元券(3张), 十元券3张.
var counted = regexp.MustCompile(`^(.+?)\s*(?:[×xX*＊]\s*(\d{1,4})\s*张?|[(（]\s*(\d{1,4})\s*张?\s*[)）]|\s?(\d{1,4})\s*张)$`)

// kinds returns the kinds of coupons that a field names, each once, with as many empty numbers as there are of it.
func (r *reading) kinds(text string) ([]command.BroughtCoupons, error) {
	if nothing(text) {
		return nil, nil
	}
	if id, err := r.couponKind(text); err == nil { // whatever is in its name
		return []command.BroughtCoupons{{Kind: id, Numbers: make([]string, 1)}}, nil
	}
	var all []command.BroughtCoupons
	for one := range strings.FieldsFuncSeq(text, func(c rune) bool { return strings.ContainsRune(";；、,，|\n", c) }) {
		one = strings.TrimSpace(one)
		if one == "" {
			continue
		}
		id, n, err := r.countedKind(one)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			continue
		}
		at := slices.IndexFunc(all, func(c command.BroughtCoupons) bool { return c.Kind == id })
		if at < 0 {
			at, all = len(all), append(all, command.BroughtCoupons{Kind: id})
		}
		all[at].Numbers = append(all[at].Numbers, make([]string, n)...)
	}
	return all, nil
}

// countedKind returns a kind of coupons, and how many of it there are.
func (r *reading) countedKind(text string) (id ledger.CouponKindID, n int, err error) {
	if id, err = r.couponKind(text); err == nil {
		return id, 1, nil
	}
	found := counted.FindStringSubmatch(text)
	if found == nil {
		return 0, 0, err
	}
	if id, err = r.couponKind(found[1]); err != nil {
		return 0, 0, err
	}
	n, err = strconv.Atoi(found[2] + found[3] + found[4])
	return id, n, err
}

// couponKind returns the kind of coupons with that name or id. An id comes before another kind's name.
func (r *reading) couponKind(text string) (ledger.CouponKindID, error) {
	var named []string
	var id ledger.CouponKindID
	for i := range r.terms.Coupons {
		kind := &r.terms.Coupons[i]
		byID := "#" + strconv.FormatInt(int64(kind.Kind), 10)
		if byID == text {
			return kind.Kind, nil
		}
		if kind.Name == text {
			id, named = kind.Kind, append(named, byID)
		}
	}
	switch len(named) {
	case 0:
		return 0, Reason{
			fmt.Sprintf("the merchant has no coupons %q", cut(text)), fmt.Sprintf("商户没有券种“%s”", cut(text)),
		}
	case 1:
		return id, nil
	}
	return 0, Reason{
		fmt.Sprintf("coupons %s are both named %q: give the id of one", strings.Join(named, " and "), text),
		fmt.Sprintf("券种%s都叫“%s”，请填编号", strings.Join(named, "和"), text),
	}
}

// count parses a number of coupons.
func count(text string) (n int64, err error) {
	text = strings.TrimSpace(strings.TrimSuffix(text, "张"))
	n, err = points(text)
	if err == nil && n < 0 {
		err = Reason{"less than nothing", "小于0"}
	}
	return n, err
}

// finishCoupons completes the coupons by their number and their last good day, where these have columns of their own.
func (r *reading) finishCoupons() error {
	all := r.card.Coupons
	for i := range all {
		all[i].Until = r.couponsUntil
	}
	switch {
	case r.coupons == nil:
		return nil
	case *r.coupons == 0:
		r.card.Coupons = nil
	case len(all) == 0:
		return Reason{
			fmt.Sprintf("coupon_count: %d coupons of no kind", *r.coupons), fmt.Sprintf("有%d张优惠券，没有写券种", *r.coupons),
		}
	case len(all) > 1 || len(all[0].Numbers) > 1:
		return Reason{
			"coupon_count: the coupons have numbers of their own", "券种已写明张数，或有几个券种：请只在一处写张数",
		}
	case *r.coupons > ledger.MaxSend:
		return reasonOf(Refused(ledger.Refusal{Reason: ledger.BadCouponCount}))
	default:
		all[0].Numbers = make([]string, *r.coupons)
	}
	return nil
}
