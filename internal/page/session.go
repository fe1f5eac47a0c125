package page

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"tongka"
	"tongka/internal/httpd"
)

// cookie is the one that holds a phone's session. Where phones come by TLS, its name makes browsers
// refuse one that another host, a path or plain HTTP has set.
func cookie(url string) http.Cookie {
	c := http.Cookie{Name: "tongka", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if strings.HasPrefix(url, "https://") {
		c.Name, c.Secure = "__Host-tongka", true
	}
	return c
}

// visit is a card and whoever may see it.
type visit struct {
	claim    claim
	merchant *tongka.Merchant
	card     tongka.Card
	now      time.Time
	today    tongka.Date
}

// key names the card.
func (v *visit) key() tongka.CardKey { return v.card.Key() }

// usable tells whether the card can pay today.
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
	cards, err := p.cfg.Reader.Find(ctx, tongka.FindQuery{Merchant: c.merchant, ID: c.card})
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

func closed(c *tongka.Card) bool { return c.Status == tongka.Returned || c.Status == tongka.Replaced }

// session is the card of the phone that asks; nil when it has none, or has it no more.
func (p *Page) session(r *http.Request) (*visit, error) {
	sent, err := r.Cookie(p.cookie.Name)
	if err != nil {
		return nil, nil //nolint:nilerr // there is no other error than that there is none
	}
	c, ok := p.sessions.read(sent.Value)
	if !ok || p.cfg.Clock().After(c.at.Add(sessionFor)) {
		return nil, nil
	}
	return p.visit(r.Context(), c)
}

// begin gives the phone a session.
func (p *Page) begin(w http.ResponseWriter, c claim) {
	c.at = p.cfg.Clock()
	kept := p.cookie
	kept.Value, kept.MaxAge = p.sessions.make(c), int(sessionFor/time.Second)
	http.SetCookie(w, &kept)
}

// end takes the phone's session away.
func (p *Page) end(w http.ResponseWriter) {
	gone := p.cookie
	gone.MaxAge = -1
	http.SetCookie(w, &gone)
}

// leave makes the phone forget the card.
func (p *Page) leave(w http.ResponseWriter, r *http.Request) error {
	p.end(w)
	http.Redirect(w, r, Base, http.StatusSeeOther)
	return nil
}

// notBound answers a phone that has no card.
func (p *Page) notBound(w http.ResponseWriter, r *http.Request) error {
	httpd.NoteOf(r.Context()).Outcome = outNobody
	p.tell(w, http.StatusOK, nobody)
	return nil
}
