package page

import (
	"fmt"
	"net/http"
	"slices"

	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

// farewell is what a phone is told of a card that it was bound to and is no more.
type farewell struct {
	claim claim
	shop  string
	said  text
	// mayReturn is true if the card's password binds the phone again.
	mayReturn bool
}

// Why a phone has a card no more.
var (
	wTakenOver = text{"这张卡已绑定到另一部手机", "This card has been bound to another phone"}
	wUnbound   = text{"门店已解除本手机与这张卡的绑定", "The shop has ended the binding of this phone"}
	wHandedIn  = text{"这张卡已退", "This card was returned"}
	wGone      = text{"本手机已不能使用这张卡", "This phone can use the card no more"}
	wGoneHelp  = text{
		"如果不是您本人操作，请马上联系门店。",
		"If that was not you, tell the shop at once.",
	}
	wKnown = text{"知道了", "I see"}
)

// gone returns what to tell of the cards that the phone has been bound to and is no more. Only the phone itself has the
// tokens that name them.
func (p *Page) gone(r *http.Request) (all []farewell, err error) {
	for _, c := range p.held(r) {
		v, err := p.find(r.Context(), c)
		if err != nil {
			return nil, err
		}
		if v == nil || v.card.Details.Pass == c.pass && !closed(&v.card) {
			continue
		}
		f := farewell{claim: c, shop: v.merchant.Name, said: wHandedIn}
		if !closed(&v.card) {
			if f.said, err = p.ending(r, v); err != nil {
				return nil, err
			}
			f.mayReturn = v.card.Details.Password != ""
		}
		all = append(all, f)
	}
	return all, nil
}

// ending says why the pass of a phone has ended: because another phone was bound, or because the shop ended it.
func (p *Page) ending(r *http.Request, v *visit) (text, error) {
	bound, err := p.cfg.Reader.History(r.Context(), ledger.HistoryQuery{
		Card: v.key(), Filter: ledger.Filter{Kinds: []ledger.Kind{ledger.PhoneBound}}, Page: 1, Size: 1,
	})
	if err != nil {
		return text{}, fmt.Errorf("history: %w", err)
	}
	if len(bound.Entries) > 0 && bound.Entries[0].Details.Pass == v.card.Details.Pass {
		return wTakenOver, nil
	}
	return wUnbound, nil
}

// notBound answers a phone that has no card, or has one no more.
func (p *Page) notBound(w http.ResponseWriter, r *http.Request) error {
	httpd.NoteOf(r.Context()).Outcome = outNobody
	gone, err := p.gone(r)
	if err != nil {
		return err
	}
	if len(gone) > 0 {
		return p.sayFarewell(w, r, http.StatusOK, gone)
	}
	v := p.viewOf(r, nil)
	v.here, v.forget = Base, true
	return p.show(w, r, messagePage(v, nobody))
}

// sayFarewell tells the phone that it has cards no more.
func (p *Page) sayFarewell(w http.ResponseWriter, r *http.Request, status int, gone []farewell) error {
	v := p.viewOf(r, nil)
	v.here, v.forget = Base, true
	return httpd.SendPage(w, r, status, gonePage(v, gone))
}

// forget removes from the phone what it was told it has no more.
func (p *Page) forget(w http.ResponseWriter, r *http.Request) error {
	valid, err := p.valid(r)
	if err != nil {
		return err
	}
	p.keep(w, valid)
	return p.home(w, r)
}

// farewells are those that are about one card.
func farewells(all []farewell, card claim) []farewell {
	return slices.DeleteFunc(all, func(f farewell) bool {
		return f.claim.merchant != card.merchant || f.claim.card != card.card
	})
}
