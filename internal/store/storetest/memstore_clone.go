package storetest

import (
	"slices"

	"tongka/internal/ledger"
)

// front returns a copy of the card with at most its first FrontLots lots.
func front(c *ledger.Card) ledger.Card {
	out := *c
	if len(out.Lots) > ledger.FrontLots {
		out.Lots, out.MoreLots = out.Lots[:ledger.FrontLots], true
	}
	return cloneCard(&out)
}

func cloneCard(c *ledger.Card) ledger.Card {
	out := *c
	out.Lots = slices.Clone(c.Lots)
	out.PointLots = slices.Clone(c.PointLots)
	out.Tally = slices.Clone(c.Tally)
	return out
}

func cloneEntry(e *ledger.Entry) ledger.Entry {
	out := *e
	out.Allocations = slices.Clone(e.Allocations)
	out.PointAllocations = slices.Clone(e.PointAllocations)
	out.Rules = slices.Clone(e.Rules)
	out.Tally = slices.Clone(e.Tally)
	if e.Holder != nil {
		holder := *e.Holder
		out.Holder = &holder
	}
	if e.Details != nil {
		details := *e.Details
		out.Details = &details
	}
	out.Coupons = slices.Clone(e.Coupons)
	if e.Offer != nil {
		offer := *e.Offer
		offer.Shops = slices.Clone(offer.Shops)
		out.Offer = &offer
	}
	return out
}

// cloneRequest returns a copy of the request as a store keeps it: if a layout can write the answer again, without
// the answer.
func cloneRequest(q ledger.Request) ledger.Request {
	q.Answer, q.Rest = slices.Clone(q.Answer), slices.Clone(q.Rest)
	if q.Layout != 0 {
		q.Answer = nil
	}
	return q
}

func cloneMerchant(m ledger.Merchant) ledger.Merchant {
	m.Shops = slices.Clone(m.Shops)
	m.Levels = slices.Clone(m.Levels)
	for i := range m.Levels {
		m.Levels[i].Rights.Renewals = slices.Clone(m.Levels[i].Rights.Renewals)
	}
	m.Rules = slices.Clone(m.Rules)
	m.PayTypes = slices.Clone(m.PayTypes)
	m.CouponKinds = slices.Clone(m.CouponKinds)
	for i := range m.CouponKinds {
		m.CouponKinds[i].Shops = slices.Clone(m.CouponKinds[i].Shops)
	}
	return m
}

func cloneAgent(a ledger.Agent) ledger.Agent {
	a.Allow, a.Shops = slices.Clone(a.Allow), slices.Clone(a.Shops)
	a.Grants, a.Key, a.Secret = slices.Clone(a.Grants), slices.Clone(a.Key), slices.Clone(a.Secret)
	return a
}

func clonePerson(p ledger.Person) ledger.Person {
	p.TOTP, p.Recovery, p.Passkeys = slices.Clone(p.TOTP), slices.Clone(p.Recovery), slices.Clone(p.Passkeys)
	p.Grants = slices.Clone(p.Grants)
	for i := range p.Grants {
		p.Grants[i].Shops = slices.Clone(p.Grants[i].Shops)
	}
	for i := range p.Passkeys {
		p.Passkeys[i].ID, p.Passkeys[i].Key = slices.Clone(p.Passkeys[i].ID), slices.Clone(p.Passkeys[i].Key)
	}
	return p
}
