package auth

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"tongka/internal/ledger"
)

// RenewWebhook gives a webhook a secret of 256 random bits beside the one that it has, encrypted for this webhook only,
// and returns it as receivers' libraries take it. The caller shows it once.
func RenewWebhook(v Vault, w *ledger.Webhook) string {
	var b [32]byte
	rand.Read(b[:]) // never returns an error: it crashes the program instead
	w.Renew(v.Seal(webhookContext(w), b[:]))
	return "whsec_" + base64.StdEncoding.EncodeToString(b[:])
}

// WebhookKeys returns the keys that sign what is sent to a webhook, the newest first. It returns an error if the vault
// has another key.
func WebhookKeys(v Vault, w *ledger.Webhook) (keys [][]byte, err error) {
	for _, sealed := range [][]byte{w.Secret, w.Spare} {
		if len(sealed) == 0 {
			continue
		}
		key, err := v.Unseal(webhookContext(w), sealed)
		if err != nil {
			return nil, fmt.Errorf("secret of webhook %d of merchant %d: %w", w.ID, w.Merchant, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func webhookContext(w *ledger.Webhook) string { return fmt.Sprintf("webhook/%d/%d", w.Merchant, w.ID) }
