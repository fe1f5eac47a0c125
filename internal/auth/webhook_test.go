package auth

import (
	"encoding/base64"
	"testing"

	"tongka/internal/ledger"
)

// The secret that is shown is that of the key that signs; the one of before signs too until it is ended, and none of
// them is good for another webhook.
func TestWebhookSecrets(t *testing.T) {
	t.Parallel()
	w := ledger.Webhook{Merchant: 1, ID: 3}
	first, second := RenewWebhook(contextVault{}, &w), RenewWebhook(contextVault{}, &w)
	keys, err := WebhookKeys(contextVault{}, &w)
	if err != nil || len(keys) != 2 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	for i, secret := range []string{second, first} {
		if len(keys[i]) != 32 || secret != "whsec_"+base64.StdEncoding.EncodeToString(keys[i]) {
			t.Errorf("%s was shown, key %d is %x", secret, i, keys[i])
		}
	}
	w.EndSpare()
	if keys, err := WebhookKeys(contextVault{}, &w); err != nil || len(keys) != 1 {
		t.Errorf("%d keys, %v", len(keys), err)
	}
	for _, other := range []ledger.Webhook{{Merchant: 2, ID: 3}, {Merchant: 1, ID: 4}} {
		other.Secret = w.Secret
		if _, err := WebhookKeys(contextVault{}, &other); err == nil {
			t.Errorf("webhook %d of merchant %d has the secret of another", other.ID, other.Merchant)
		}
	}
}
