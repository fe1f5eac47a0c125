package main

import (
	"log/slog"
	"net/netip"
	"strconv"

	"tongka"
	"tongka/internal/auth"
	"tongka/internal/dc78"
)

// shops finds the tills of a shop and unseals what they sign with.
type shops struct {
	directory *auth.Directory
	key       auth.Vault
	log       *slog.Logger
}

// Shop is what the shop with that msid may do, if its tills may call from the address today.
func (s shops) Shop(msid string, from netip.Addr) (dc78.Access, bool) {
	id, err := strconv.ParseInt(msid, 10, 64)
	if err != nil {
		return dc78.Access{}, false
	}
	agent, place, err := s.directory.Shop(tongka.ShopID(id), from)
	if err != nil {
		return dc78.Access{}, false
	}
	apiKey, err := auth.APIKey(s.key, agent)
	if err != nil {
		s.log.Error("shop is closed", "shop", id, "error", err)
		return dc78.Access{}, false
	}
	return dc78.Access{
		Merchant: place.Merchant.ID, Shop: place.Shop.ID, Agent: agent, Scheme: dc78.HMAC{Key: apiKey},
	}, true
}
