package apply

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

func (b *builder) couponKind(m ledger.MerchantID) kind[ledger.CouponKind, ledger.CouponKindID] {
	r := &b.reader
	return kind[ledger.CouponKind, ledger.CouponKindID]{
		name: "coupon kind", order: asFiled,
		id:    func(k *ledger.CouponKind) *ledger.CouponKindID { return &k.Kind },
		title: func(k *ledger.CouponKind) string { return k.Name },
		fields: func(k *ledger.CouponKind, d *diff) fields {
			return fields{
				"name":    scalar(r, d, &k.Name, parseText),
				"type":    scalar(r, d, &k.Type, parseCouponType),
				"face":    scalar(r, d, &k.Face, parseMoney),
				"off":     scalar(r, d, &k.Off, parseShare),
				"max_off": scalar(r, d, &k.MaxOff, parseMoney),
				"least":   scalar(r, d, &k.Least, parseMoney),
				"max_use": scalar(r, d, &k.MaxUse, parseCount(0, ledger.MaxUse)),
				"alone":   scalar(r, d, &k.Alone, parseBool),
				"grace":   scalar(r, d, &k.Grace, parseCount(0, ledger.MaxDays)),
				"shops":   b.couponShops(d, &k.Shops),
				"start":   scalar(r, d, &k.Start, parseDay),
				"end":     scalar(r, d, &k.End, parseDay),
				"days":    scalar(r, d, &k.Days, parseCount(0, ledger.MaxDays)),
				"stock":   scalar(r, d, &k.Stock, parseCount[int64](0, ledger.MaxStock)),
				"info":    scalar(r, d, &k.Info, parseInfo),
			}
		},
		check: func(v value, k *ledger.CouponKind) {
			b.faultyTogether(v, k.Faults())
		},
		remove: func(v value, k *ledger.CouponKind) {
			unused(b, v, b.now.CouponKindInUse, m, k.Kind,
				"coupons of the kind were sent, and another of its id would count on from them: keep it, and end it with an end "+
					"that has passed")
		},
	}
}

// couponShops reads the shops at which a coupon is valid; an empty list means all shops.
func (b *builder) couponShops(d *diff, into *[]ledger.ShopID) func(value) {
	return func(v value) {
		var shops []ledger.ShopID
		b.list(func(v value) {
			id, err := parseCount(1, maxID[ledger.ShopID]())(v.node.Value)
			if err != nil {
				b.fail(v, "%v", err)
			}
			shops = append(shops, id)
		})(v)
		if !slices.Equal(shops, *into) {
			d.note("shops", strings.Trim(fmt.Sprint(*into), "[]"), strings.Trim(fmt.Sprint(shops), "[]"))
			*into = shops
		}
	}
}

// checkGifts refuses coupons, listed under a card, of a kind the merchant does not have. It is called after the
// whole merchant was read, since the kinds may stand below the cards in the file.
func (b *builder) checkGifts(v value, m *ledger.Merchant) {
	for _, c := range b.plan.cards {
		for _, g := range c.gifts {
			if _, ok := m.CouponKind(g.kind); !ok && c.merchant == m.ID {
				b.fail(v.key("cards"), "card %s: there is no coupon kind %d: make it in coupon_kinds of the merchant",
					c.card.Number, g.kind)
			}
		}
	}
}

// gift is the coupons of one kind that a card starts with.
type gift struct {
	kind    ledger.CouponKindID
	count   int
	subject string
}

// gifts reads the coupons of a card. A kind may be listed once: it names the request by which they are sent.
func (b *builder) gifts(into *[]gift) func(value) {
	return b.list(func(v value) {
		if !b.named(v, "{kind: 1, count: 1}") {
			return
		}
		g := gift{count: 1}
		var d diff
		r := &b.reader
		b.object(v, fields{
			"kind":    scalar(r, &d, &g.kind, parseCount(1, maxID[ledger.CouponKindID]())),
			"count":   scalar(r, &d, &g.count, parseCount(1, ledger.MaxSend)),
			"subject": scalar(r, &d, &g.subject, parseText),
		})
		if slices.ContainsFunc(*into, func(other gift) bool { return other.kind == g.kind }) {
			b.fail(v, "coupon kind %d stands twice: give the count of both in one", g.kind)
		}
		*into = append(*into, g)
	})
}

// sendAll sends the card its coupons. The lines are valid even with an error, as in a Report.
func (c card) sendAll(
	ctx context.Context, store Store, engine Doer, newNumber func() (string, error),
) (lines []Line, err error) {
	if len(c.gifts) == 0 {
		return nil, nil
	}
	a, err := c.account(ctx, store)
	if err == nil && a.card == 0 {
		err = errors.New("the card is there, and is not found") // the request would be named by no account
	}
	if err != nil {
		return nil, err
	}
	for _, g := range c.gifts {
		line, err := c.send(ctx, store, engine, a, g, newNumber)
		if err != nil {
			return lines, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// send sends the card its coupons of one kind, once an account. The fingerprint covers only account and kind, so a file
// that later gives another count sends nothing more and is not refused either.
func (c card) send(
	ctx context.Context, store Store, engine Doer, a account, g gift, newNumber func() (string, error),
) (Line, error) {
	line := Line{Kind: "coupons", Merchant: c.merchant, Name: named(c.card.Number, g), Result: Unchanged}
	sent, differs, err := a.sent(ctx, store, g)
	if line.Detail = differs; err != nil || sent {
		return line, err
	}
	key := a.sending(g)
	send := command.SendCoupons{
		Merchant: c.merchant, By: ledger.Caller{Operator: operator}, Card: c.card.Number, Kind: g.kind, Subject: g.subject,
	}
	for range g.count {
		number, err := newNumber()
		if err != nil {
			return line, err
		}
		send.Numbers = append(send.Numbers, number)
	}
	return doOnce(ctx, engine, line, command.Once{
		Command: send, Key: key, Fingerprint: sha256.Sum256([]byte(key.ID)),
	})
}

func parseCouponType(s string) (ledger.CouponType, error) {
	t, ok := ledger.ParseCouponType(s)
	if !ok {
		return 0, fmt.Errorf("want cash, goods or percent, got %q", s)
	}
	return t, nil
}

// parseInfo reads a coupon's description, which may be longer than a name.
func parseInfo(s string) (string, error) {
	if utf8.RuneCountInString(s) > ledger.MaxCouponInfo {
		return "", fmt.Errorf("want at most %d characters", ledger.MaxCouponInfo)
	}
	if !utf8.ValidString(s) || slices.ContainsFunc([]rune(s), unicode.IsControl) {
		return "", errors.New("want one line of UTF-8, without control characters")
	}
	return s, nil
}
