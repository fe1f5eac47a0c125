package main

import (
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"tongka/internal/auth"
	"tongka/internal/dc78"
	"tongka/internal/ledger"
	"tongka/internal/scheme"
)

// shops finds the tills of a shop, and decrypts the key they sign with. A decrypted key is cached until the
// directory returns another record for the agent.
type shops struct {
	directory *auth.Directory
	key       auth.Vault
	log       *slog.Logger
	opened    sync.Map // from ledger.ShopID to openedKey
	msids     atomic.Pointer[msids]
}

// openedKey is the cached signature scheme of an agent. It is valid while the directory returns the same pointer:
// after a change of the settings it returns another.
type openedKey struct {
	agent  *ledger.Agent
	scheme dc78.Scheme
}

// msids caches the places of the shop's number for one list of schemes.
type msids struct {
	of     []string
	fields []scheme.Field
}

// MSIDs returns the places in a request where tills may put their shop's number, other than the standard one.
func (s *shops) MSIDs() []scheme.Field {
	texts := s.directory.Schemes()
	if len(texts) == 0 {
		return nil
	}
	if known := s.msids.Load(); known != nil && slices.Equal(known.of, texts) {
		return known.fields
	}
	found := &msids{of: texts}
	for _, text := range texts {
		if told, err := scheme.Parse(text); err == nil && told.Kind != scheme.HMAC &&
			!slices.Contains(found.fields, told.MSID) {
			found.fields = append(found.fields, told.MSID)
		}
	}
	s.msids.Store(found)
	return found.fields
}

// Shop returns the access of the shop with that msid; ok is false if its tills may not call from the address today,
// or the key they sign with cannot be decrypted.
func (s *shops) Shop(msid string, from netip.Addr) (dc78.Access, bool) {
	id, err := strconv.ParseInt(msid, 10, 64)
	if err != nil {
		return dc78.Access{}, false
	}
	agent, place, err := s.directory.Shop(ledger.ShopID(id), from)
	if err != nil {
		return dc78.Access{}, false
	}
	scheme, err := s.scheme(agent)
	if err != nil {
		s.log.Error("shop is closed", "shop", id, "error", err)
		return dc78.Access{}, false
	}
	return dc78.Access{
		Merchant: place.Merchant.ID, Shop: place.Shop.ID, Agent: agent, Scheme: scheme,
	}, true
}

func (s *shops) scheme(agent *ledger.Agent) (dc78.Scheme, error) {
	if known, ok := s.opened.Load(agent.Shop); ok && known.(openedKey).agent == agent {
		return known.(openedKey).scheme, nil
	}
	opened := openedKey{agent: agent}
	var err error
	if opened.scheme, err = openScheme(s.key, agent); err != nil {
		return nil, err
	}
	s.opened.Store(agent.Shop, opened)
	return opened.scheme, nil
}

// openScheme returns the signature scheme of an agent's tills, with their decrypted key and secret.
func openScheme(vault auth.Vault, agent *ledger.Agent) (dc78.Scheme, error) {
	told, err := scheme.Parse(agent.Scheme)
	if err != nil {
		return nil, fmt.Errorf("signature scheme of agent %s: %w", agent.Name, err)
	}
	if told.Kind == scheme.None {
		return dc78.None{Allow: auth.Ranges(agent.Allow), Scheme: &told}, nil
	}
	key, err := auth.APIKey(vault, agent)
	if err != nil {
		return nil, err
	}
	if told.Kind == scheme.HMAC {
		return &dc78.HMAC{Key: key, PostUnsigned: told.PostDigestNeed == scheme.Optional}, nil
	}
	secret, err := auth.Secret(vault, agent)
	if err != nil {
		return nil, err
	}
	if told.UsesSecret() && secret == "" {
		return nil, fmt.Errorf("agent %s has no developer secret, and its signature scheme needs one", agent.Name)
	}
	return &dc78.Custom{Scheme: told, Credentials: scheme.Credentials{Key: key, Secret: secret}}, nil
}
