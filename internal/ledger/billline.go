package ledger

import (
	"cmp"
	"math/bits"
	"slices"
)

// BillLine is a line of a bill.
type BillLine struct {
	Gross      Fen
	Discounted bool // the level's discount is taken off it
}

// LineShare is what of a bill falls to one line: what the level took off, and what coupons, points, the card and others
// paid.
type LineShare struct {
	Gross, Discount, Coupons, Points, Card, Due Fen
}

// ShareBill divides a bill over its lines, which add up to its gross and to its discountable part. The discount is
// divided over the lines that have one, and each of the other amounts in proportion to what is left of each line, by
// largest remainder: so the shares of all lines add up to the bill's amounts, and those of a line to the line.
func ShareBill(bill *Entry, lines []BillLine) []LineShare {
	all, left := make([]LineShare, len(lines)), make([]Fen, len(lines))
	for i, l := range lines {
		all[i].Gross = l.Gross
		if l.Discounted {
			left[i] = l.Gross
		}
	}
	coupons, points, card := bill.ByCoupons(), bill.ByPoints.Worth, -bill.Delta()
	discounts := Shares(bill.Gross-bill.Net-coupons-points, left)
	for i := range all {
		all[i].Discount, left[i] = discounts[i], all[i].Gross-discounts[i]
	}
	take := func(amount Fen, into func(*LineShare) *Fen) {
		for i, share := range Shares(amount, left) {
			*into(&all[i]) = share
			left[i] -= share
		}
	}
	take(coupons, func(s *LineShare) *Fen { return &s.Coupons })
	take(points, func(s *LineShare) *Fen { return &s.Points })
	take(card, func(s *LineShare) *Fen { return &s.Card })
	take(bill.PaidElsewhere(), func(s *LineShare) *Fen { return &s.Due })
	return all
}

// Shares divides an amount in proportion to weights, by largest remainder; of equal remainders the first gets more. The
// shares add up to it. 0 ≤ amount ≤ the sum of the weights, and then no share is above its weight.
func Shares(amount Fen, weights []Fen) []Fen {
	shares, sum := make([]Fen, len(weights)), Fen(0)
	for _, w := range weights {
		sum += w
	}
	if sum == 0 {
		return shares
	}
	rests, order, left := make([]uint64, len(weights)), make([]int, len(weights)), amount
	for i, w := range weights {
		hi, lo := bits.Mul64(uint64(amount), uint64(w))
		share, rest := bits.Div64(hi, lo, uint64(sum)) // the amount is not above the sum, so the share is not above w
		shares[i], rests[i], order[i] = Fen(share), rest, i
		left -= shares[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rests[b], rests[a]) })
	for _, i := range order[:left] { // what is left is less than one for each remainder above 0
		shares[i]++
	}
	return shares
}
