package auth

import (
	"errors"
	"fmt"

	"tongka/internal/ledger"
	"tongka/internal/scheme"
)

// leastBits is the shortest prefix of an address range that is accepted where nothing but the address keeps
// strangers out: tills that sign nothing, or a token that can be guessed.
const leastBits = 8

// Signing returns an error if an agent's tills cannot sign by its scheme: the scheme cannot be read, it needs a
// developer secret the agent lacks, or nothing is signed and the address list has a range wider than /8.
func Signing(a *ledger.Agent) error {
	told, err := scheme.Parse(a.Scheme)
	if err != nil {
		return err
	}
	if told.UsesSecret() && a.Secret == nil {
		return errors.New("the developer secret takes part, and there is none: give developer_secret")
	}
	if told.Kind != scheme.None {
		return nil
	}
	if err := Narrow(a.Allow); err != nil {
		return fmt.Errorf("where nothing is signed: %w", err)
	}
	return nil
}

// Narrow returns an error that names the first range too wide to keep strangers out, or nil.
func Narrow(allow []string) error {
	for _, r := range Ranges(allow) {
		if r.Bits() < leastBits {
			return fmt.Errorf("%v is too wide: want ranges of /%d or narrower", r, leastBits)
		}
	}
	return nil
}
