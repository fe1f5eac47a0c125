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

// MaxWeakDays is the most days ahead for which a chosen token may be valid. It can be extended again.
const MaxWeakDays = 90

// WeakFaults returns what an agent lacks whose token somebody chose, and others can guess: an address list that keeps
// strangers out, and a last day.
func WeakFaults(a *ledger.Agent, today ledger.Date) (all []ledger.Fault) {
	if !a.Weak {
		return nil
	}
	if len(a.Allow) == 0 {
		all = append(all, ledger.Fault{Field: "allow", Text: "a chosen token needs the addresses it may come from"})
	}
	if err := Narrow(a.Allow); err != nil {
		all = append(all, ledger.Fault{Field: "allow", Text: fmt.Sprintf("a chosen token: %v", err)})
	}
	if last := today.AddDays(MaxWeakDays); a.Until == 0 || a.Until > last {
		all = append(all, ledger.Fault{
			Field: "until",
			Text:  fmt.Sprintf("a chosen token needs a last day, at most %d days ahead (%v)", MaxWeakDays, last),
		})
	}
	return all
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
