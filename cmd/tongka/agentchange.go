package main

import (
	"context"
	"errors"
	"fmt"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// changeTries bounds how often a change is decided, each time because somebody else was first.
const changeTries = 20

// changeAgent changes an agent or an API key by a command, with an entry in the host's journal. decide is called with
// all current ones and returns the changed or new one; if somebody else changes that one first, it is called again.
func (b *books) changeAgent(
	ctx context.Context, by ledger.Caller, note string, decide func([]ledger.Agent) (ledger.Agent, error),
) error {
	return retried(func() (string, error) {
		agents, err := b.Agents(ctx)
		if err != nil {
			return "", err
		}
		a, err := decide(agents)
		if err != nil {
			return "", err
		}
		_, err = b.engine.Do(ctx, command.ChangeAgent{By: by, To: a, Note: note})
		what, _ := credential(&a)
		return what + " " + a.Name, err
	})
}

// retried calls change again for as long as it is refused because somebody else was first. change returns what it
// changes, too, for the error.
func retried(change func() (what string, err error)) error {
	for try := 1; ; try++ {
		what, err := change()
		refusal, refused := errors.AsType[ledger.Refusal](err)
		switch {
		case refused && refusal.Reason == ledger.SettingsMoved && try < changeTries:
			continue
		case refused:
			return fmt.Errorf("%s: %w", what, err)
		}
		return err
	}
}

// adoptAgents makes an entry in the host's journal for each agent that has none, because it was made before the
// host had a journal. The agents themselves do not change.
func (b *books) adoptAgents(ctx context.Context) error {
	agents, err := b.Agents(ctx)
	if err != nil {
		return err
	}
	for _, a := range agents {
		if a.Version != 0 {
			continue
		}
		adopt := command.ChangeAgent{By: ledger.Caller{Operator: "tongka"}, To: a, Note: "of before there was a journal"}
		_, err := b.engine.Do(ctx, adopt)
		if refusal, refused := errors.AsType[ledger.Refusal](err); refused && refusal.Reason == ledger.SettingsMoved {
			continue // another process made the entry first
		}
		if err != nil {
			return fmt.Errorf("agent %s: %w", a.Name, err)
		}
	}
	return nil
}
