package auth

import (
	"crypto/rand"
	"fmt"
	"strings"

	"tongka/internal/ledger"
)

// A merchant's shops have ids of their own range, as no two merchants may have a shop of one id, and neither knows of
// what is added to the other just then.
const shopsOfMerchant = 1000

// FirstShop returns the id of a merchant's first shop.
func FirstShop(of ledger.MerchantID) ledger.ShopID {
	if int64(of) > int64(ledger.MaxMerchant)/shopsOfMerchant-1 {
		return ledger.ShopID(of)
	}
	return ledger.ShopID(of)*shopsOfMerchant + 1
}

// FreeShop returns the first id from one on that no shop of another merchant has.
func (d *Directory) FreeShop(of ledger.MerchantID, id ledger.ShopID) ledger.ShopID {
	taken := map[ledger.ShopID]bool{}
	for _, m := range d.Merchants() {
		for _, s := range m.Shops {
			taken[s.ID] = taken[s.ID] || m.ID != of
		}
	}
	for taken[id] {
		id++
	}
	return id
}

// NewGUID returns a GUID that nobody has: 128 random bits.
func NewGUID() string {
	var b [16]byte
	rand.Read(b[:]) // never returns an error: it crashes the program instead
	return strings.ToUpper(fmt.Sprintf("{%x-%x-%x-%x-%x}", b[:4], b[4:6], b[6:8], b[8:10], b[10:]))
}
