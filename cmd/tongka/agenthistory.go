package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tongka/internal/config"
	"tongka/internal/ledger"
)

// agentHistory lists the changes of agents.
type agentHistory struct {
	config.Database
	listing
	Name string `arg:"" optional:"" help:"Of this agent only, by the name it has now or had."`
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
		after, err := flatJSON(e.Settings)
		if err != nil {
			return fmt.Errorf("entry %d: %w", e.ID, err)
		}
		delete(after, "id")
		if c.Name == "" || c.Name == a.Name || c.Name == names[a.ID] {
			for _, row := range changes(e, time.Local, before[a.ID], after) {
				rows = append(rows, agentChange{
					row.Entry, e.At.Local().Format(agentTime), row.Operator, a.Name, row.What, row.From, row.To, e.Note,
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
		return fmt.Errorf("there is no agent %q: see tongka agent list", c.Name)
	}
	return print(con, c.listing, rows)
}

// flatJSON returns the values of a JSON text by their paths, such as grants[3].permissions. What stands in a list is
// called by its id or merchant, or by its place, from 1, if it has none.
func flatJSON(text string) (map[string]string, error) {
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	flat := map[string]string{}
	flatten(flat, "", v)
	return flat, nil
}

func flatten(into map[string]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			flatten(into, strings.TrimPrefix(path+"."+key, "."), value)
		}
	case []any:
		for i, item := range v {
			name := fmt.Sprint(i + 1)
			if fields, ok := item.(map[string]any); ok {
				name = fmt.Sprint(cmp.Or(fields["id"], fields["merchant"], any(name)))
			}
			flatten(into, path+"["+name+"]", item)
		}
	default:
		into[path] = fmt.Sprint(v)
	}
}
