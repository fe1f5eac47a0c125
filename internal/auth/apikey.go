package auth

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"tongka/internal/ledger"
)

// Vault encrypts secrets that must be readable again, under a key that is kept outside the database. A secret
// sealed in one context cannot be unsealed in another, so a row copied to another agent is useless.
type Vault interface {
	Seal(context string, plain []byte) []byte
	Unseal(context string, sealed []byte) ([]byte, error)
}

// NewAPIKey returns an ApiKey of 160 random bits, as 40 hexadecimal digits like those on the dc78 wire. The caller
// shows it once and stores it with SealAPIKey.
func NewAPIKey() string {
	var b [20]byte
	rand.Read(b[:]) // never returns an error: it crashes the program instead
	return hex.EncodeToString(b[:])
}

// NewSecret sets a new token or API key of an agent in place of all others, or a new ApiKey of tills, and returns it.
func NewSecret(v Vault, a *ledger.Agent) string {
	if a.Shop != 0 {
		key := NewAPIKey()
		SealAPIKey(v, a, key)
		return key
	}
	return NewInstead(a)
}

// NewInstead sets a new token or API key of an agent in place of all others, and returns it.
func NewInstead(a *ledger.Agent) string {
	token := newTokenOf(a)
	a.Replace(Hash(token))
	return token
}

// NewBeside sets a new token or API key of an agent beside the one of before, and returns it.
func NewBeside(a *ledger.Agent) string {
	token := newTokenOf(a)
	a.Renew(Hash(token))
	return token
}

func newTokenOf(a *ledger.Agent) string {
	if a.Owner != 0 {
		return NewKey()
	}
	return NewToken()
}

// SealAPIKey sets the agent's ApiKey, encrypted for this agent only.
func SealAPIKey(v Vault, a *ledger.Agent, key string) { a.Key = v.Seal(keyContext(a), []byte(key)) }

// APIKey returns the agent's ApiKey. It returns an error if the agent has none, or the vault has another key.
func APIKey(v Vault, a *ledger.Agent) (string, error) {
	key, err := v.Unseal(keyContext(a), a.Key)
	if err != nil {
		return "", fmt.Errorf("ApiKey of agent %s: %w", a.Name, err)
	}
	return string(key), nil
}

// MaxSecret is the longest developer secret in bytes.
const MaxSecret = 256

// SealSecret sets the agent's developer secret, encrypted for this agent only; "" removes it.
func SealSecret(v Vault, a *ledger.Agent, secret string) {
	if a.Secret = nil; secret != "" {
		a.Secret = v.Seal(secretContext(a), []byte(secret))
	}
}

// Secret returns the agent's developer secret, or "" if it has none.
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
