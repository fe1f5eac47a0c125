package console

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// tillView is the page on which a merchant's first tills get their credentials.
type tillView struct {
	*settingView
	shop  ledger.Shop
	made  bool   // there are credentials already
	url   string // where tills reach the server
	token string // of member-cjb, shown now and never again; "" = it was not made now
	key   string // the ApiKey of dc78, likewise
}

// onlyHere reports whether an address of the server is one that this machine alone can reach.
func onlyHere(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// tills are the agents of a merchant's first tills: one sends a token, one signs with the ApiKey of the head shop.
type tills struct{ token, key ledger.Agent }

// tillName is what the agent is called whose token the tills of a merchant send.
func tillName(m *ledger.Merchant) string { return "till-" + strconv.FormatInt(int64(m.ID), 10) }

// tillsOf returns the agents of a merchant's first tills, as they are or as they are to be made.
func (c *call) tillsOf(m *ledger.Merchant, shop ledger.Shop) (t tills, made bool, err error) {
	agents, err := c.agentsNow()
	if err != nil {
		return tills{}, false, err
	}
	next := freshOf(agents, ledger.HostID).ID
	agents = ofOwner(agents, ledger.HostID)
	find := func(fresh ledger.Agent, is func(ledger.Agent) bool) ledger.Agent {
		if i := slices.IndexFunc(agents, is); i >= 0 {
			made = true
			return agents[i]
		}
		// Refunds and the like are granted by hand: whoever has a till has its credentials. The checklist asks for none.
		fresh.ID, fresh.Grants = next, []ledger.Grant{{Merchant: m.ID, Permissions: ledger.AtTheTill}}
		next++
		return fresh
	}
	t.token = find(ledger.Agent{Name: tillName(m)}, func(a ledger.Agent) bool {
		return a.Name == tillName(m) && a.Shop == 0
	})
	t.key = find(ledger.Agent{
		Name: tillName(m) + "-" + strconv.FormatInt(int64(shop.ID), 10), Shop: shop.ID,
	}, func(a ledger.Agent) bool { return a.Shop == shop.ID })
	return t, made, nil
}

// tillHere returns the page of the merchant in the path, with the agents of its tills.
func (c *call) tillHere() (*tillView, tills, error) {
	form, err := c.merchantHere(licenceGroup)
	if err != nil {
		return nil, tills{}, err
	}
	shop, ok := form.was.HeadShop()
	if !ok {
		return nil, tills{}, errNowhere
	}
	v := &tillView{settingView: form, shop: shop, url: c.cfg.URL}
	v.title = v.lang.of(wFirstTill)
	var agents tills
	agents, v.made, err = c.tillsOf(form.was, shop)
	return v, agents, err
}

func (c *call) showFirstTill() error {
	v, _, err := c.tillHere()
	if err != nil {
		return err
	}
	return c.show(http.StatusOK, tillPage(v))
}

// makeFirstTill makes a token and an ApiKey and shows them, once. Those that tills have already are replaced only if
// the person says so.
func (c *call) makeFirstTill() error {
	v, t, err := c.tillHere()
	if err != nil {
		return err
	}
	if v.made && c.r.PostFormValue("again") != "yes" {
		return c.show(http.StatusConflict, tillPage(v))
	}
	token, key := auth.NewSecret(c.cfg.Vault, &t.token), auth.NewSecret(c.cfg.Vault, &t.key)
	for _, a := range []ledger.Agent{t.token, t.key} {
		_, err := c.do(command.ChangeAgent{By: c.by(), To: a, Note: v.title})
		if refusal, refused := errors.AsType[ledger.Refusal](err); refused {
			c.note().Outcome = "refused"
			v.fault = v.lang.of(text(phrase.Refusal(refusal)))
			return c.show(http.StatusConflict, tillPage(v))
		}
		if err != nil {
			return err
		}
		if a.Shop == 0 {
			v.token = token // what was made is shown even if the other is refused
		} else {
			v.key = key
		}
	}
	if err := c.cfg.Directory.Refresh(c.r.Context()); err != nil {
		return err
	}
	v.made = true
	return c.show(http.StatusOK, tillPage(v))
}
