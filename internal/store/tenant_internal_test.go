package store

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// hosts are the statements that name no merchant, by the reason: they are the host's own, or look at all merchants.
// Tills wait for none of them, except for those that are part of every transaction and that tell what is due.
var hosts = map[string]string{
	"a transaction, or how statements are planned": `
		plan_here begin_snapshot end_snapshot begin_turn end_turn drop_turn turn_limits commit_later list_of begin_read
		begin_write commit rollback`,
	"of the database itself": `
		server_time passive restart truncate changes version journaling syncing integrity schema_pragma
		indexes_of`,
	"of the index that SQLite searches by, where a card's ref is its merchant and itself": `
		index_card reindex_card`,
	"what the database is made of, and the index that SQLite searches by, for tongka verify": `
		shape_sqlite shape_postgres whole_index lost_cards unfound_cards stray_cards lost_copies stray_copies stray_marks`,
	"the host's: agents, people and their sessions, and the program's own numbers": `
		put_agent drop_agent_grant all_agents all_grants put_person all_people session_at sessions_of
		insert_session see_session drop_session end_sessions drop_sessions set_setting move_setting setting_of all_settings`,
	"looks at all merchants, to prove the books or to know whom there is to work for": `
		all_merchants all_heads all_guids all_cursors all_behind all_versions cards_known stray_lots stray_grants`,
	"what is over at any merchant, or due": `
		drop_guards drop_messages outbox_due due_jobs drop_jobs drop_files_of_jobs due_webhooks
		old_webhook_tries`,
}

// hostOnly reports whether a statement is one of hosts.
func hostOnly(s *statement) bool {
	name := strings.TrimPrefix(s.name, "tongka_")
	for _, names := range hosts {
		if slices.Contains(strings.Fields(names), name) {
			return true
		}
	}
	return false
}

// declared are the statements of the program and of the test files, without those that tests make as they run.
var declared []*statement

func init() { declared = slices.Clone(defined.all) }

// Every statement names the merchant whose rows it is about, or is listed as the host's, so that where tables are
// spread by merchant one server can carry it out.
func TestStatementsNameTheirMerchant(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, s := range declared {
		name := strings.TrimPrefix(s.name, "tongka_")
		known[name] = true
		names, host := slices.ContainsFunc(s.columns, func(c column) bool { return c.name == "merchant" }), hostOnly(s)
		switch {
		case !names && !host:
			t.Errorf("%s names no merchant, and is not listed as the host's", name)
		case names && host:
			t.Errorf("%s is listed as the host's, and names a merchant", name)
		}
	}
	for _, names := range hosts {
		for _, name := range strings.Fields(names) {
			if !known[name] {
				t.Errorf("%s is listed and is no statement", name)
			}
		}
	}
}

// ofMerchants are the tables on PostgreSQL whose rows belong to merchants.
var ofMerchants = slices.Concat(owned, postgresShape.owned)

// mentioned matches a table in a statement, with its alias if it has one.
var mentioned = regexp.MustCompile(`(?:FROM|JOIN|UPDATE) ([a-z_]+)(?: AS ([a-z]+))?`)

// untied returns the merchants' tables that a statement reads without saying of which merchant. It is not enough
// that the text compares some merchant: each table must be tied, except for those that are on every server.
func untied(text string) (all []string) {
	for _, m := range mentioned.FindAllStringSubmatch(text, -1) {
		table := m[1]
		if !slices.Contains(ofMerchants, table) || strangers[table] != "" {
			continue
		}
		name := cmp.Or(m[2], table)
		tie := regexp.MustCompile(`(?:` + name + `\.|[ (])merchant(?: =|, [a-z_, ]+\) IN|\) IN| > \$1 ORDER BY merchant)`)
		if m[2] != "" || strings.Contains(text, name+".merchant =") {
			tie = regexp.MustCompile(`\b` + name + `\.merchant = |= ` + name + `\.merchant\b`)
		}
		if !tie.MatchString(text) {
			all = append(all, cmp.Or(m[2], table))
		}
	}
	return all
}

// If a statement joins merchants' tables or has subqueries, each table in it is tied to the merchant it is about, so
// that a server with all rows of that merchant, and of nobody else, can carry it out.
func TestStatementsStayWithTheirMerchant(t *testing.T) {
	t.Parallel()
	looked := 0
	for _, s := range declared {
		if hostOnly(s) || s == sqliteSearch.hits {
			continue
		}
		if s == postgresSearch.hits {
			continue // because of merchant + 0 it goes to every server: see there
		}
		looked++
		for _, table := range untied(s.postgres) {
			t.Errorf("%s reads %s of whatever merchant:\n%s", s.name, table, s.postgres)
		}
	}
	if looked < 50 {
		t.Errorf("looked at %d statements", looked)
	}
	for text, want := range map[string]int{
		"SELECT 1 FROM {rows} AS k JOIN card ON card.ref = k.ref":                                          1,
		"SELECT 1 FROM entry AS e JOIN card ON card.merchant = e.merchant":                                 0,
		"SELECT 1 FROM entry AS e JOIN card ON card.ref = e.card WHERE e.merchant = $1":                    1,
		"SELECT (SELECT count(*) FROM lot AS l WHERE l.card = card.id) FROM card WHERE card.merchant = $1": 1,
		"UPDATE card SET level = 1 WHERE ref = $1":                                                         1,
		"DELETE FROM lot WHERE (merchant, card) IN (SELECT merchant, card FROM {rows} AS v)":               0,
	} {
		if got := untied(text); len(got) != want {
			t.Errorf("%s: untied %v", text, got)
		}
	}
}

// The statements of a save go to the shard of their merchant as they are: neither its guard nor the look-up of inner
// codes that are taken has a subquery.
func TestNoQuestionWithinAQuestion(t *testing.T) {
	t.Parallel()
	for _, s := range []*statement{moveHead, touchHead, extIDsOf, updateCard, addEntry, addRequest, holdMark} {
		if strings.Contains(s.postgres, "EXISTS") || strings.Count(s.postgres, "SELECT") > 2 { // {rows} is one
			t.Errorf("%s:\n%s", s.name, s.postgres)
		}
	}
}

// strangers are the tables with a key that begins with something else than the merchant. They are small, and belong
// to the host.
var strangers = map[string]string{
	"setting": "name", "agent": "agent", "agent_grant": "agent", "guid": "guid", // none may stand for two merchants
	"person": "person", "session": "place",
	"schema_version": "id", "schema_lock": "lock_id",
}

// Every key of every other table begins with the merchant, so that its rows can be where the merchant's are.
func TestPostgresKeysLeadWithTheMerchant(t *testing.T) {
	t.Parallel()
	_, conn := postgresWithConn(t)
	keys := strings.Fields(askPostgres(t, conn, `SELECT i.indrelid::regclass || '.' || a.attname FROM pg_index AS i
		JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
		WHERE c.relnamespace = current_schema()::regnamespace AND i.indisunique`))
	for _, key := range keys {
		table, column, _ := strings.Cut(key, ".")
		if key != "person.sign_in" && column != cmp.Or(strangers[table], "merchant") {
			t.Errorf("a key of %s leads with %s", table, column)
		}
	}
	for _, table := range ofMerchants {
		if strangers[table] == "" && !slices.Contains(keys, table+".merchant") {
			t.Errorf("%s has no key", table)
		}
	}
}

// The same on SQLite, except for a card's ref, which is a number that begins with the merchant.
func TestSQLiteKeysLeadWithTheMerchant(t *testing.T) {
	t.Parallel()
	_, db, _ := openFile(t)
	leading := define("leading_columns", "table:text", `
		SELECT c.name FROM pragma_table_info($1) AS c WHERE c.pk = 1
		UNION ALL SELECT c.name FROM pragma_index_list($1) AS i JOIN pragma_index_info(i.name) AS c ON c.seqno = 0 WHERE i."unique"`)
	for _, table := range owned {
		n := 0
		err := db.read(t.Context(), query{leading, rowsFor(leading, 1).text(table), func(r record) error {
			n++
			column := r.text()
			if column != cmp.Or(strangers[table], "merchant") && (table != "card" || column != "ref") {
				t.Errorf("a key of %s leads with %s", table, column)
			}
			return nil
		}})
		if err != nil || n == 0 {
			t.Errorf("%s has %d keys, %v", table, n, err)
		}
	}
	if a, b := cardRef(1, maxCard), cardRef(2, 0); a >= b {
		t.Errorf("the last card of a merchant is %d, the first of the next %d", a, b)
	}
}

// entryKeys are the columns with which the indexes of entry begin, in their order. Entries are found by these only,
// so that old ones could be moved elsewhere without a change to what reads them.
var entryKeys = [][]string{{"merchant", "id"}, {"merchant", "card", "seq"}, {"merchant", "undoes"}}

// entryReaders are the statements that read entry.
var entryReaders = []string{
	"entries_of", "lapses_of", "entries_by_id", "hash_of", "entries_after", "own_after", "entries_down", "marks_of", "time_backs",
	"entries_in_brief", "span_of", "owners_entry",
}

var (
	entryIn    = regexp.MustCompile(`(?:FROM|JOIN) entry(?: AS ([a-z]+))?`)
	comparison = `[a-z_]+)(?: =| <>| <=| >=| <| >| IN| LIKE| BETWEEN| IS)`
)

// entryConditions returns the columns of entry that a statement compares or sorts by, by the alias of the table.
func entryConditions(text string) map[string][]string {
	found := map[string][]string{}
	for _, m := range entryIn.FindAllStringSubmatch(text, -1) {
		name, pattern := m[1], `\b`+m[1]+`\.(`+comparison+`|ORDER BY `+m[1]+`\.([a-z_]+)`
		if name == "" {
			pattern = `\b(` + comparison + `|ORDER BY ([a-z_]+)|(?:min|max)\(([a-z_]+)\)`
		}
		for _, c := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			column := strings.Join(c[1:], "")
			if !slices.Contains(found[name], column) {
				found[name] = append(found[name], column)
			}
		}
	}
	return found
}

// byKey reports whether the columns are the first ones of an index.
func byKey(columns []string) bool {
	return slices.ContainsFunc(entryKeys, func(key []string) bool {
		return len(columns) <= len(key) && !slices.ContainsFunc(columns, func(c string) bool {
			return !slices.Contains(key[:len(columns)], c)
		})
	})
}

// The journal is read by its keys only.
func TestEntriesAreReadByTheirKeys(t *testing.T) {
	t.Parallel()
	for _, s := range declared {
		name := strings.TrimPrefix(s.name, "tongka_")
		if listed := slices.Contains(entryReaders, name); listed != entryIn.MatchString(s.postgres) {
			t.Errorf("%s: reads entry: %v, is listed: %v", name, !listed, listed)
		}
		for as, columns := range entryConditions(s.postgres) {
			if !byKey(columns) {
				t.Errorf("%s reads entry %s by %v", name, as, columns)
			}
		}
	}
	for text, ok := range map[string]bool{
		"SELECT e.kind FROM {rows} AS k JOIN entry AS e ON e.merchant = k.merchant AND e.id = k.id":                  true,
		"SELECT e.id FROM {rows} AS k JOIN entry AS e ON e.merchant = k.merchant AND e.kind = 7":                     false,
		"SELECT id FROM entry WHERE merchant = $1 AND shop = $2":                                                     false,
		"SELECT id FROM entry WHERE merchant = $1 AND id > $2 ORDER BY at LIMIT $3":                                  false,
		"SELECT id FROM entry WHERE merchant = $1 AND seq > $2 ORDER BY seq":                                         false,
		"SELECT e.id FROM {rows} AS k JOIN entry AS e ON e.merchant = k.merchant AND e.card = k.card AND e.seq = $1": true,
	} {
		for _, columns := range entryConditions(text) {
			if byKey(columns) != ok {
				t.Errorf("%s: by %v", text, columns)
			}
		}
	}
}
