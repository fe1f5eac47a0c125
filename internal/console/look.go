package console

import (
	"errors"
	"net/http"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// What screens mask is shown to those who may see it, each time by an entry of the card, which is made first: nothing
// is sent that is not in the journal.

// lookRoutes are of what is masked.
var lookRoutes = []route{
	{"POST /console/m/{merchant}/cards/{card}/reveal", "reveal", inside, ledger.MayReveal, (*call).reveal},
}

// shownWords are what masked data is called.
var shownWords = map[string]text{ledger.ShownPhone: wPhone, ledger.ShownIDNumber: wIdentity}

// reveal shows what is masked of a card's holder: by itself where the browser puts it into the card's page, otherwise
// as a page.
func (c *call) reveal() error {
	card, err := c.cardHere()
	if err != nil {
		return err
	}
	what := c.r.PostFormValue("what")
	by, err := c.byFor(ledger.MayReveal)
	if err != nil {
		return err
	}
	_, err = c.cfg.Doer.Do(c.r.Context(), command.ShowData{
		Merchant: c.merchant.ID, By: by, Card: card.Number, What: what,
	})
	inPage := c.r.Header.Get("HX-Request") == "true"
	if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
		c.note().Outcome = "refused"
		why := text(phrase.Refusal(refusal))
		if inPage {
			return c.show(http.StatusUnprocessableEntity, shown(c.lang.of(why)))
		}
		c.say(http.StatusUnprocessableEntity, wProduct, why)
		return nil
	}
	if err != nil {
		return err
	}
	if inPage {
		return c.show(http.StatusOK, shown(card.Personal(what)))
	}
	v := cardView{view: c.view(shownWords[what]), card: c.current(card)}
	return c.show(http.StatusOK, shownPage(v, card.Personal(what)))
}

// byFor returns who gives a command, at the usual of the shops where the person may do something.
func (c *call) byFor(needs ledger.Permission) (ledger.Caller, error) {
	return c.byAt(c.placesFor(needs))
}

// byAt returns who gives a command, at the usual of some places.
func (c *call) byAt(places []place) (by ledger.Caller, err error) {
	by = c.by()
	by.Shop, err = c.usual(places)
	return by, err
}

// note returns the note of an entry as people read it.
func (v view) note(e *ledger.Entry) string {
	if said, ok := shownWords[e.Note]; ok && e.Kind == ledger.DataShown {
		return v.lang.of(said)
	}
	return e.Note
}
