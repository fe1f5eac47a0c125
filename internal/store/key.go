package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"tongka/internal/ledger"
)

const keyUseList = "merchant agent at address:text"

var (
	putKeyUse = put("key_use", keyUseList, 2)
	keyUsesOf = define("key_uses_of", "merchant",
		"SELECT "+listed("", keyUseList)+" FROM key_use WHERE merchant = $1 ORDER BY agent")
)

// NoteUse notes the last use of an API key.
func (s *Store) NoteUse(ctx context.Context, u ledger.KeyUse) error {
	row := merchantRow(putKeyUse, u.Merchant).int(int64(u.Key)).time(u.At).text(u.Address)
	return s.write(ctx, write{putKeyUse, row})
}

// KeyUses returns the last use of each of a merchant's API keys that was used, by key.
func (v *View) KeyUses(ctx context.Context, merchant ledger.MerchantID) (found []ledger.KeyUse, err error) {
	err = v.q.read(ctx, query{keyUsesOf, merchantRow(keyUsesOf, merchant), func(r record) error {
		found = append(found, ledger.KeyUse{
			Merchant: ledger.MerchantID(r.int()), Key: ledger.AgentID(r.int()), At: readTime(r), Address: r.text(),
		})
		return nil
	}})
	if err != nil {
		return nil, fmt.Errorf("uses of keys: %w", err)
	}
	return found, nil
}

// shopsText returns shops as an agent's row stores them.
func shopsText(shops []ledger.ShopID) string {
	ids := make([]string, len(shops))
	for i, id := range shops {
		ids[i] = strconv.FormatInt(int64(id), 10)
	}
	return strings.Join(ids, " ")
}

// readShops reads what shopsText has written.
func readShops(text string) (shops []ledger.ShopID, err error) {
	for word := range strings.FieldsSeq(text) {
		id, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("not ids of shops: %q", text)
		}
		shops = append(shops, ledger.ShopID(id))
	}
	return shops, nil
}
