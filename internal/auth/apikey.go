package auth

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"tongka/internal/ledger"
)

// Vault seals secrets that must be readable again, under a key that is kept outside the database.
// What was sealed in one context opens in no other.
type Vault interface {
	Seal(context string, plain []byte) []byte
	Unseal(context string, sealed []byte) ([]byte, error)
}

// NewAPIKey makes an ApiKey of 160 random bits, 40 hexadecimal digits as on the dc78 wire. It is shown
// once; kept is what SealAPIKey makes of it.
func NewAPIKey() string {
	var b [20]byte
	rand.Read(b[:]) // never fails: it ends the program instead
	return hex.EncodeToString(b[:])
}

// SealAPIKey gives the agent an ApiKey.
func SealAPIKey(v Vault, a *ledger.Agent, key string) { a.Key = v.Seal(keyContext(a), []byte(key)) }

// APIKey is the agent's ApiKey.
func APIKey(v Vault, a *ledger.Agent) (string, error) {
	key, err := v.Unseal(keyContext(a), a.Key)
	if err != nil {
		return "", fmt.Errorf("ApiKey of agent %s: %w", a.Name, err)
	}
	return string(key), nil
}

// SealSecret gives the agent a developer secret; "" takes it away.
func SealSecret(v Vault, a *ledger.Agent, secret string) {
	if a.Secret = nil; secret != "" {
		a.Secret = v.Seal(secretContext(a), []byte(secret))
	}
}

// Secret is the agent's developer secret; "" when it has none.
func Secret(v Vault, a *ledger.Agent) (string, error) {
	if a.Secret == nil {
		return "", nil
	}
	secret, err := v.Unseal(secretContext(a), a.Secret)
	if err != nil {
		return "", fmt.Errorf("developer secret of agent %s: %w", a.Name, err)
	}
	return string(secret), nil
}

func secretContext(a *ledger.Agent) string { return fmt.Sprintf("agent/%d developer secret", a.ID) }

func keyContext(a *ledger.Agent) string { return fmt.Sprintf("agent/%d", a.ID) }
