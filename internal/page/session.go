package page

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

// maxCards limits the cards one phone keeps. If one more is bound, the last in the order is forgotten.
const maxCards = 8

// visit is a card together with the token by which somebody may see it.
type visit struct {
	claim    claim
	merchant *ledger.Merchant
	card     ledger.Card
	now      time.Time
	today    ledger.Date
}

// key returns the card's key.
func (v *visit) key() ledger.CardKey { return v.card.Key() }

// usable reports whether the card can pay today.
func (v *visit) usable() bool { return v.merchant.Licensed(v.now) && v.card.Bindable(v.today) }

// visit returns the card that a token is for; nil if the card has another pass by now, or is closed. A card whose
// number was changed is still the same card.
func (p *Page) visit(ctx context.Context, c claim) (*visit, error) {
	v, err := p.find(ctx, c)
	if v == nil || v.card.Details.Pass != c.pass || closed(&v.card) {
		return nil, err
	}
	return v, nil
}

// find returns the card that a token names, whatever became of the card; nil if there is none.
func (p *Page) find(ctx context.Context, c claim) (*visit, error) {
	merchant := p.cfg.Directory.Merchant(c.merchant)
	if merchant == nil {
		return nil, nil
	}
	cards, err := p.cfg.Reader.Find(ctx, ledger.FindQuery{Merchant: c.merchant, ID: c.card})
	if err != nil {
		return nil, fmt.Errorf("find: %w", err)
	}
	if len(cards) != 1 {
		return nil, nil
	}
	httpd.NoteOf(ctx).Merchant = merchant.ID
	now := p.cfg.Clock()
	return &visit{claim: c, merchant: merchant, card: cards[0], now: now, today: merchant.Today(now)}, nil
}

func closed(c *ledger.Card) bool { return c.Status == ledger.Returned || c.Status == ledger.Replaced }

// session returns the card that the phone shows: the first of its sessions that is still valid. It is nil if
// there is none.
func (p *Page) session(r *http.Request) (*visit, error) {
	for _, c := range p.held(r) {
		if v, err := p.visit(r.Context(), c); v != nil || err != nil {
			return v, err
		}
	}
	return nil, nil
}

// held returns the sessions in the phone's cookie, one for each card, that have not expired. Whether a session's
// pass has ended, only visit can tell.
func (p *Page) held(r *http.Request) (all []claim) {
	sent, err := r.Cookie(p.cookie.Name)
	if err != nil {
		return nil
	}
	for token := range strings.SplitSeq(sent.Value, ".") {
		c, ok := p.sessions.read(token)
		if ok && !p.cfg.Clock().After(c.at.Add(sessionFor)) {
			all = append(all, c)
		}
	}
	return all[:min(len(all), maxCards)]
}

// begin puts a card before the others that the phone has, with a new session.
func (p *Page) begin(w http.ResponseWriter, r *http.Request, c claim) {
	c.at = p.cfg.Clock()
	p.keep(w, append([]claim{c}, without(p.held(r), c)...))
}

// keep sets the phone's cookie to these cards. The phone shows the first.
func (p *Page) keep(w http.ResponseWriter, cards []claim) {
	kept := p.cookie
	kept.MaxAge = -1
	if len(cards) > 0 {
		kept.MaxAge = int(sessionFor / time.Second)
	}
	var tokens []string
	for _, c := range cards[:min(len(cards), maxCards)] {
		tokens = append(tokens, p.sessions.make(c))
	}
	kept.Value = strings.Join(tokens, ".")
	http.SetCookie(w, &kept)
}

// without returns the sessions except that of the same card.
func without(all []claim, c claim) []claim {
	return slices.DeleteFunc(all, func(one claim) bool { return one.merchant == c.merchant && one.card == c.card })
}

// leave removes the card that the phone shows from its cookie.
func (p *Page) leave(w http.ResponseWriter, r *http.Request) error {
	v, err := p.session(r)
	if err != nil {
		return err
	}
	if v != nil {
		p.keep(w, without(p.held(r), v.claim))
	}
	return p.home(w, r)
}

// next makes the phone show its next card. Sessions that are no longer valid are removed.
func (p *Page) next(w http.ResponseWriter, r *http.Request) error {
	valid, err := p.valid(r)
	if err != nil {
		return err
	}
	if len(valid) > 0 {
		valid = append(valid[1:], valid[0])
	}
	p.keep(w, valid)
	return p.home(w, r)
}

// valid returns the sessions of the phone that are still good.
func (p *Page) valid(r *http.Request) (all []claim, err error) {
	for _, c := range p.held(r) {
		v, err := p.visit(r.Context(), c)
		if err != nil {
			return nil, err
		}
		if v != nil {
			all = append(all, c)
		}
	}
	return all, nil
}
