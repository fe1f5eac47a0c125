package apply

import (
	"errors"
	"fmt"

	"tongka"
	"tongka/internal/auth"
)

// DemoAPIKey is the ApiKey of the published examples. It is for the demo alone.
const DemoAPIKey = "b77217c91f9d0f5670de0dfab0e75378176d6c2e"

// apiKey takes an ApiKey that was agreed on before, as when a shop moves here and its tills stay as
// they are.
func (b *builder) apiKey(d *diff, a *tongka.Agent) func(value) {
	return func(v value) {
		before := ""
		if a.Key != nil {
			before, _ = auth.APIKey(b.opt.Vault, a) // one that cannot be read is replaced
		}
		after := before
		scalar(&b.reader, d, &after, func(s string) (string, error) {
			switch {
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

// newAPIKey makes an ApiKey for tills that were given none.
func (b *builder) newAPIKey(a *tongka.Agent) {
	key := auth.NewAPIKey()
	auth.SealAPIKey(b.opt.Vault, a, key)
	b.plan.tokens = append(b.plan.tokens, Token{a.Name, key})
}

// checkTills refuses an agent whose shop nobody could find by its id.
func (b *builder) checkTills(v value, a *tongka.Agent) {
	if a.Shop == 0 {
		if a.Key != nil {
			b.fail(v.key("api_key"), "an ApiKey belongs to a shop: name it")
		}
		return
	}
	if a.Weak {
		b.fail(v.key("token"), "the tills of a shop sign with an ApiKey and have no token")
	}
	if err := Tills(a, values(b.merchants), values(b.agents)); err != nil {
		b.fail(v.key("shop"), "%v", err)
	}
}

// Tills tells why an agent cannot be the tills of its shop: they are one shop's of one merchant, and
// nobody else's.
func Tills(a *tongka.Agent, merchants []tongka.Merchant, agents []tongka.Agent) error {
	if len(a.Grants) != 1 {
		return errors.New("the tills of a shop need a grant at its merchant, and no other")
	}
	for i := range merchants {
		m := &merchants[i]
		if m.ID != a.Grants[0].Merchant {
			continue
		}
		if _, found := m.Shop(a.Shop); !found {
			return fmt.Errorf("merchant %d has no shop %d", m.ID, a.Shop)
		}
	}
	for _, other := range agents {
		if other.ID != a.ID && other.Shop == a.Shop {
			return fmt.Errorf("shop %d has its tills: agent %s", a.Shop, other.Name)
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
