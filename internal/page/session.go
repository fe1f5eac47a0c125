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

// cookie is the one that holds a phone's sessions. Where phones come by TLS, its name makes browsers
// refuse one that another host, a path or plain HTTP has set.
func cookie(url string) http.Cookie {
	c := http.Cookie{Name: "tongka", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if strings.HasPrefix(url, "https://") {
		c.Name, c.Secure = "__Host-tongka", true
	}
	return c
}

// maxCards is how many cards one phone keeps; with one more the last is forgotten.
const maxCards = 8

// visit is a card and whoever may see it.
type visit struct {
	claim    claim
	merchant *ledger.Merchant
	card     ledger.Card
	now      time.Time
	today    ledger.Date
}

// key names the card.
func (v *visit) key() ledger.CardKey { return v.card.Key() }

// usable reports whether the card can pay today.
func (v *visit) usable() bool { return v.merchant.Licensed(v.now) && v.card.Bindable(v.today) }

// visit is the card a token is for; nil when the token's pass is the card's no more, or the card is
// closed. A card that was given another number is still the same.
func (p *Page) visit(ctx context.Context, c claim) (*visit, error) {
	v, err := p.find(ctx, c)
	if v == nil || v.card.Details.Pass != c.pass || closed(&v.card) {
		return nil, err
	}
	return v, nil
}

// find is the card a token names, whatever became of it; nil when there is none.
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

// session is the card that the phone which asks shows: the first of those it has that are still its
// own. It is nil when there is none.
func (p *Page) session(r *http.Request) (*visit, error) {
	for _, c := range p.held(r) {
		if v, err := p.visit(r.Context(), c); v != nil || err != nil {
			return v, err
		}
	}
	return nil, nil
}

// held are the sessions of the phone that asks, one a card. Their time is not over; whether they were
// ended, only visit can tell.
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

// begin puts a card in front of those the phone has.
func (p *Page) begin(w http.ResponseWriter, r *http.Request, c claim) {
	c.at = p.cfg.Clock()
	p.keep(w, append([]claim{c}, without(p.held(r), c)...))
}

// keep gives the phone its cards, the one it shows first.
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

// without are the sessions but the one of the same card.
func without(all []claim, c claim) []claim {
	return slices.DeleteFunc(all, func(one claim) bool { return one.merchant == c.merchant && one.card == c.card })
}

// leave makes the phone forget the card it shows.
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

// next makes the phone show the next of its cards. Those that are its own no more are forgotten.
func (p *Page) next(w http.ResponseWriter, r *http.Request) error {
	var own []claim
	for _, c := range p.held(r) {
		v, err := p.visit(r.Context(), c)
		if err != nil {
			return err
		}
		if v != nil {
			own = append(own, c)
		}
	}
	if len(own) > 0 {
		own = append(own[1:], own[0])
	}
	p.keep(w, own)
	return p.home(w, r)
}

// notBound answers a phone that has no card.
func (p *Page) notBound(w http.ResponseWriter, r *http.Request) error {
	httpd.NoteOf(r.Context()).Outcome = outNobody
	p.tell(w, http.StatusOK, nobody)
	return nil
}
