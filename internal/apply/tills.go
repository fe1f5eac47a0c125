package apply

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"tongka/internal/auth"
	"tongka/internal/ledger"
	"tongka/internal/scheme"
)

// DemoAPIKey is the ApiKey in the published examples. Anybody can sign with it, so only a demo accepts it.
const DemoAPIKey = "b77217c91f9d0f5670de0dfab0e75378176d6c2e"

// apiKey reads an ApiKey that the tills already have, so that a shop can move here from another server without a
// change at its tills.
func (b *builder) apiKey(d *diff, a *ledger.Agent) func(value) {
	return func(v value) {
		before := ""
		if a.Key != nil {
			before, _ = auth.APIKey(b.opt.Vault, a) // "" if it cannot be decrypted: then it is replaced
		}
		after := before
		scalar(&b.reader, d, &after, func(s string) (string, error) {
			switch {
			case hidden(s):
				return "", errHidden
			case len(s) < 32 || len(s) > 128:
				return "", errors.New("want 32 to 128 characters, or leave the field out and one is made")
			case s == DemoAPIKey && !b.opt.Demo:
				return "", errors.New("this ApiKey is published: it is for the demo alone")
			}
			return s, nil
		})(v)
		if after != before {
			auth.SealAPIKey(b.opt.Vault, a, after)
		}
	}
}

// developerSecret reads the secret that the vendor of the tills was given; an empty one removes it. It is never
// shown.
func (b *builder) developerSecret(d *diff, a *ledger.Agent) func(value) {
	return func(v value) {
		before, err := auth.Secret(b.opt.Vault, a)
		if err != nil {
			before = "" // it cannot be decrypted: it is replaced
		}
		after := before
		scalar(&b.reader, d, &after, func(s string) (string, error) {
			switch {
			case hidden(s):
				return "", errHidden
			case len(s) > auth.MaxSecret:
				return "", fmt.Errorf("want at most %d characters", auth.MaxSecret)
			}
			return s, nil
		})(v)
		if after != before || err != nil {
			auth.SealSecret(b.opt.Vault, a, after)
		}
	}
}

var errHidden = errors.New("there is white space around it, a line feed perhaps: write it without")

// hidden reports whether a secret has white space around it. Nobody sees it, and no till has it in its own.
func hidden(secret string) bool { return strings.TrimSpace(secret) != secret }

// signature reads how the tills sign: settings of package scheme, by name. Unlike other fields, a setting that is
// left out gets its default and not its previous value, because a scheme makes sense only as a whole.
func (b *builder) signature(d *diff, a *ledger.Agent) func(value) {
	return func(v value) {
		told, err := scheme.New(cmp.Or(v.text("scheme"), scheme.HMAC))
		if err != nil {
			b.fail(v.key("scheme"), "%v", err)
			return
		}
		set := fields{"scheme": func(value) {}}
		for _, one := range scheme.Help() {
			set[one.Name] = func(v value) {
				var unused diff
				scalar(&b.reader, &unused, new(string), func(s string) (string, error) { return s, told.Set(one.Name, s) })(v)
			}
		}
		b.object(v, set)
		if text := told.Kept(); text != a.Scheme {
			*d = append(*d, "signature")
			a.Scheme = text
		}
	}
}

// newAPIKey makes an ApiKey for tills that have none, and notes it to be shown.
func (b *builder) newAPIKey(a *ledger.Agent) {
	key := auth.NewAPIKey()
	auth.SealAPIKey(b.opt.Vault, a, key)
	b.plan.tokens = append(b.plan.tokens, Token{Agent: a.Name, Token: key, Shop: a.Shop})
}

// checkTills refuses an agent that mixes tills and tokens: what belongs to tills needs a shop, and tills of a shop
// need a way to sign and no token.
func (b *builder) checkTills(v value, a *ledger.Agent) {
	if a.Shop == 0 {
		if a.Key != nil {
			b.fail(v.key("api_key"), "an ApiKey belongs to a shop: name it with shop")
		}
		if a.Scheme != "" || a.Secret != nil {
			b.fail(v.key("signature"), "how tills sign belongs to a shop: name it with shop")
		}
		return
	}
	if a.Weak {
		b.fail(v.key("token"), "the tills of a shop sign with an ApiKey and have no token: leave token out")
	}
	if err := Tills(a, values(b.merchants), values(b.agents)); err != nil {
		b.fail(v.key("shop"), "%v", err)
	}
	if err := auth.Signing(a); err != nil {
		b.fail(v.key("signature"), "%v", err)
	}
}

// Tills returns an error if an agent cannot be the tills of its shop: it needs exactly one grant, at the merchant
// that has the shop, and no other agent may be the tills of the shop.
func Tills(a *ledger.Agent, merchants []ledger.Merchant, agents []ledger.Agent) error {
	if len(a.Grants) != 1 {
		return errors.New("the tills of a shop need a grant at its merchant, and no other")
	}
	for i := range merchants {
		m := &merchants[i]
		if m.ID != a.Grants[0].Merchant {
			continue
		}
		if _, found := m.Shop(a.Shop); !found {
			return fmt.Errorf("merchant %d has no shop %d: see tongka shop list, or make it in shops of the merchant", m.ID,
				a.Shop)
		}
	}
	for _, other := range agents {
		if other.ID != a.ID && other.Shop == a.Shop {
			return fmt.Errorf("shop %d has its tills, agent %s: change that one, for a shop has one", a.Shop, other.Name)
		}
	}
	return nil
}

func values[T any](pointers []*T) []T {
	all := make([]T, len(pointers))
	for i, p := range pointers {
		all[i] = *p
	}
	return all
}
