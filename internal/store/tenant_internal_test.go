package store

import (
	"slices"
	"strings"
	"testing"
)

// hosts are the statements that name no merchant: they are the host's own, or look at all merchants, and no till waits
// for any of them but for its share of what is due.
var hosts = map[string]string{
	"plan_here":      "a transaction, or how statements are planned",
	"begin_snapshot": "a transaction, or how statements are planned",
	"end_snapshot":   "a transaction, or how statements are planned",
	"begin_turn":     "a transaction, or how statements are planned",
	"end_turn":       "a transaction, or how statements are planned",
	"drop_turn":      "a transaction, or how statements are planned",
	"turn_limits":    "a transaction, or how statements are planned",
	"begin_read":     "a transaction, or how statements are planned",
	"begin_write":    "a transaction, or how statements are planned",
	"commit":         "a transaction, or how statements are planned",
	"rollback":       "a transaction, or how statements are planned",

	"server_time":   "of the database itself",
	"passive":       "of the database itself",
	"restart":       "of the database itself",
	"truncate":      "of the database itself",
	"changes":       "of the database itself",
	"version":       "of the database itself",
	"journaling":    "of the database itself",
	"syncing":       "of the database itself",
	"integrity":     "of the database itself",
	"schema_pragma": "of the database itself",
	"indexes_of":    "of the database itself",

	"put_agent":        "the host's: agents, and the program's own numbers",
	"drop_agent_grant": "the host's: agents, and the program's own numbers",
	"all_agents":       "the host's: agents, and the program's own numbers",
	"all_grants":       "the host's: agents, and the program's own numbers",
	"set_setting":      "the host's: agents, and the program's own numbers",
	"move_setting":     "the host's: agents, and the program's own numbers",
	"setting_of":       "the host's: agents, and the program's own numbers",
	"all_settings":     "the host's: agents, and the program's own numbers",

	"all_merchants": "looks at all merchants, to prove the books or to know whom there is to work for",
	"all_heads":     "looks at all merchants, to prove the books or to know whom there is to work for",
	"all_guids":     "looks at all merchants, to prove the books or to know whom there is to work for",
	"all_cursors":   "looks at all merchants, to prove the books or to know whom there is to work for",
	"stray_lots":    "looks at all merchants, to prove the books or to know whom there is to work for",
	"stray_grants":  "looks at all merchants, to prove the books or to know whom there is to work for",

	"drop_guards":   "what is over at any merchant, or due",
	"drop_messages": "what is over at any merchant, or due",
	"outbox_due":    "what is over at any merchant, or due",
}

// declared are the statements of the program and of the files of tests, without those that tests make as they run.
var declared []*statement

func init() { declared = slices.Clone(defined.all) }

// Every statement names the merchant whose rows it is about, by itself or in a card's ref, or is listed as the host's:
// tables that are spread by merchant answer it from one place.
func TestStatementsNameTheirMerchant(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, s := range declared {
		name := strings.TrimPrefix(s.name, "tongka_")
		names := slices.ContainsFunc(s.columns, func(c column) bool { return c.name == "merchant" || c.name == "ref" })
		_, host := hosts[name]
		listed[name] = listed[name] || host
		switch {
		case !names && !host:
			t.Errorf("%s names no merchant, and is not listed as the host's", name)
		case names && host:
			t.Errorf("%s is listed as the host's, and names a merchant", name)
		}
	}
	for name := range hosts {
		if !listed[name] {
			t.Errorf("%s is listed and is no statement", name)
		}
	}
}
