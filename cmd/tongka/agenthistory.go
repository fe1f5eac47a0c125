package main

import (
	"context"
	"fmt"
	"time"

	"tongka/internal/config"
	"tongka/internal/ledger"
)

// agentHistory lists the changes of agents and API keys.
type agentHistory struct {
	config.Database
	listing
	Name string `arg:"" optional:"" help:"Of this agent or API key only, by the name it has now or had."`
}

// agentChange is one field of an agent that an entry changed. Secrets appear as fingerprints, which differ when the
// secrets do.
type agentChange struct {
	Entry    ledger.EntryID `json:"entry"` // of the host's journal
	At       string         `json:"at"`    // with the zone, which is this machine's
	Operator string         `json:"operator"`
	Agent    string         `json:"agent"`
	What     string         `json:"what"`
	From     string         `json:"from"`
	To       string         `json:"to"`
	Note     string         `json:"note"` // the command line that did it, like "agent stop"
}

// agentTime is a time with its zone: agents are the host's, whose machine may be in another zone than the merchants.
const agentTime = time.DateTime + " -07:00"

// Run lists the changes, oldest first.
func (c *agentHistory) Run(ctx context.Context, con *console) (err error) {
	s, err := openReader(ctx, c.DB)
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	var rows []agentChange
	before, names := map[ledger.AgentID]map[string]string{}, map[ledger.AgentID]string{}
	err = s.EachOwnEntry(ctx, ledger.HostID, func(e *ledger.Entry) error {
		if e.Kind != ledger.AgentChanged {
			return nil
		}
		a, err := ledger.ParseAgent(e.Settings)
		if err != nil {
			return fmt.Errorf("entry %d: %w", e.ID, err)
		}
		after, err := ledger.AgentByPath(e.Settings)
		if err != nil {
			return fmt.Errorf("entry %d: %w", e.ID, err)
		}
		delete(after, "id")
		if c.Name == "" || c.Name == a.Name || c.Name == names[a.ID] {
			for _, row := range changes(e, e.At.Local().Format(agentTime), before[a.ID], after) {
				rows = append(rows, agentChange{
					row.Entry, row.At, row.Operator, a.Name, row.What, row.From, row.To, e.Note,
				})
			}
		}
		before[a.ID], names[a.ID] = after, a.Name
		return nil
	})
	if err != nil {
		return err
	}
	if len(rows) == 0 && c.Name != "" {
		return fmt.Errorf("there is no agent %q: see tongka agent list and tongka key list", c.Name)
	}
	return print(con, c.listing, rows)
}
