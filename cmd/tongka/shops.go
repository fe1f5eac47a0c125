package main

import (
	"log/slog"
	"net/netip"
	"strconv"
	"sync"

	"tongka"
	"tongka/internal/auth"
	"tongka/internal/dc78"
)

// shops finds the tills of a shop and unseals what they sign with, once for each agent it is shown.
type shops struct {
	directory *auth.Directory
	key       auth.Vault
	log       *slog.Logger
	opened    sync.Map // tongka.ShopID → openedKey
}

// openedKey is what an agent of the directory signs with. The directory shows another agent when it has
// changed.
type openedKey struct {
	agent  *tongka.Agent
	scheme *dc78.HMAC
}

// Shop is what the shop with that msid may do, if its tills may call from the address today.
func (s *shops) Shop(msid string, from netip.Addr) (dc78.Access, bool) {
	id, err := strconv.ParseInt(msid, 10, 64)
	if err != nil {
		return dc78.Access{}, false
	}
	agent, place, err := s.directory.Shop(tongka.ShopID(id), from)
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

func (s *shops) scheme(agent *tongka.Agent) (*dc78.HMAC, error) {
	if known, ok := s.opened.Load(agent.Shop); ok && known.(openedKey).agent == agent {
		return known.(openedKey).scheme, nil
	}
	apiKey, err := auth.APIKey(s.key, agent)
	if err != nil {
		return nil, err
	}
	opened := openedKey{agent, &dc78.HMAC{Key: apiKey}}
	s.opened.Store(agent.Shop, opened)
	return opened.scheme, nil
}
