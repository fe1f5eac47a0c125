package auth

import (
	"bytes"
	"errors"
	"testing"

	"tongka/internal/ledger"
)

// contextVault prefixes what it seals with the context, and unseals only what begins with it.
type contextVault struct{}

func (contextVault) Seal(context string, plain []byte) []byte {
	return append([]byte(context+":"), plain...)
}

func (contextVault) Unseal(context string, sealed []byte) ([]byte, error) {
	plain, found := bytes.CutPrefix(sealed, []byte(context+":"))
	if !found {
		return nil, errors.New("sealed for something else")
	}
	return plain, nil
}

// TestSecret: a developer secret is sealed for its agent and its purpose; an empty one removes it.
func TestSecret(t *testing.T) {
	t.Parallel()
	a := &ledger.Agent{ID: 7}
	if got, err := Secret(contextVault{}, a); got != "" || err != nil {
		t.Errorf("none: got %q, %v", got, err)
	}
	SealSecret(contextVault{}, a, "s")
	SealAPIKey(contextVault{}, a, "k")
	if got, err := Secret(contextVault{}, a); got != "s" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	a.Key, a.Secret = a.Secret, a.Key
	if _, err := Secret(contextVault{}, a); err == nil {
		t.Error("an ApiKey is taken for a developer secret")
	}
	a.Secret = a.Key
	if _, err := Secret(contextVault{}, &ledger.Agent{ID: 8, Secret: a.Secret}); err == nil {
		t.Error("the secret of one agent is taken for another's")
	}
	if SealSecret(contextVault{}, a, ""); a.Secret != nil {
		t.Errorf("taken away: %q", a.Secret)
	}
}
