package store

import (
	"bufio"
	"context"
	_ "embed" // the shapes
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"tongka/internal/ledger"
)

// shape is how a database is asked what it consists of besides its rows: tables with their columns, constraints,
// indexes, triggers and the rest.
type shape struct {
	parts *statement // a name and a definition of each
	// made is what the migrations make: a line "NAME<TAB>DEFINITION" for each. TestShapes writes it anew.
	made   string
	normal func(definition string) string // without what makes no difference
	late   []string                       // names of what may be missing until a server starts
	// index are statements that return a line for each thing that is wrong with the search index, or "ok".
	index []*statement
	// pages are statements over all cards, a page at a time: merchant and ref of each row, and what is wrong there or "".
	pages []*statement
	owned []string // tables with a merchant that only this database has
}

//go:embed schema/shape.sqlite.txt
var sqliteMade string

//go:embed schema/shape.postgres.txt
var postgresMade string

var sqliteShape = &shape{
	parts: define("shape_sqlite", "", `SELECT type || ' ' || name,
		CASE WHEN name LIKE 'card\_search\_%' ESCAPE '\' THEN '' ELSE COALESCE(sql, '') END -- the library's own tables
		FROM sqlite_schema WHERE name NOT LIKE 'sqlite\_stat%' ESCAPE '\'`),
	made: sqliteMade, normal: onOneLine,
	late: []string{"index card_walk", "index card_phone", "index card_openid"},
	index: []*statement{
		// Asks the index itself, which reads only, though it could also be asked by a statement that writes.
		define("whole_index", "", "PRAGMA integrity_check(card_search)"),
		define("lost_cards", "", `SELECT 'card_search: card ' || (ref & 4294967295) || ' of merchant ' || (ref >> 32) ||
			' cannot be found' FROM card WHERE NOT EXISTS (SELECT 1 FROM card_search_docsize AS d WHERE d.id = card.ref)
			LIMIT 5`),
		// Some thousand cards, all over, are looked for by the end of their numbers.
		define("unfound_cards", "", `SELECT 'card_search: card ' || card.id || ' of merchant ' || card.merchant ||
			' is not found by its number' FROM card
			WHERE card.ref % (1 + (SELECT count(*) FROM card) / 2000) = 0 AND length(card.number) >= 3 AND NOT EXISTS (
				SELECT 1 FROM card_search WHERE card_search MATCH
					'"' || replace(substr(card.search, length(card.number) - 2, 3), '"', '""') || '"' AND rowid = card.ref)
			LIMIT 5`),
		define("stray_cards", "", `SELECT 'card_search: card ' || (d.id & 4294967295) || ' of merchant ' || (d.id >> 32) ||
			' is not there' FROM card_search_docsize AS d WHERE NOT EXISTS (SELECT 1 FROM card WHERE card.ref = d.id)
			LIMIT 5`),
	},
}

// PostgreSQL has no text of what was asked for, so it is written again out of its catalogs. What an operator may set
// for speed is left out: parameters of storage, owners, rights and statistics. What an extension made is not ours.
var postgresShape = &shape{
	parts: define("shape_postgres", "", `
		WITH ours AS (
			SELECT c.relname::text AS name, c.* FROM pg_class AS c WHERE c.relnamespace = current_schema()::regnamespace
			AND NOT EXISTS (SELECT 1 FROM pg_depend AS d
				WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
		)
		SELECT CASE relkind WHEN 'r' THEN 'table ' WHEN 'v' THEN 'view ' ELSE 'relation ' END || name,
			relkind::text || ' ' || relpersistence::text
			|| CASE WHEN relrowsecurity OR relforcerowsecurity THEN ' row security' ELSE '' END
			FROM ours WHERE relkind NOT IN ('i', 'I')
		UNION ALL
		SELECT 'table ' || name || ', column ' || a.attname::text, format_type(a.atttypid, a.atttypmod)
			|| CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || l.collname::text ELSE '' END
			|| CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
			|| COALESCE(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid, true), '')
			|| a.attgenerated::text || a.attidentity::text
			FROM ours JOIN pg_attribute AS a ON a.attrelid = ours.oid JOIN pg_type AS t ON t.oid = a.atttypid
			LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
			LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
			WHERE relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
		UNION ALL
		SELECT 'index ' || name, pg_get_indexdef(ours.oid, 0, true)
			|| CASE WHEN i.indisvalid AND i.indisready AND i.indislive THEN '' ELSE ' INVALID' END
			FROM ours JOIN pg_index AS i ON i.indexrelid = ours.oid
		UNION ALL
		SELECT 'constraint ' || COALESCE(name, '') || '.' || k.conname::text, pg_get_constraintdef(k.oid, true)
			|| CASE WHEN k.convalidated THEN '' ELSE ' NOT VALID' END
			FROM pg_constraint AS k LEFT JOIN ours ON ours.oid = k.conrelid
			WHERE k.connamespace = current_schema()::regnamespace AND k.contype <> 'n'
		UNION ALL
		SELECT 'trigger ' || name || '.' || g.tgname::text, pg_get_triggerdef(g.oid, true) || ' ' || g.tgenabled::text
			FROM ours JOIN pg_trigger AS g ON g.tgrelid = ours.oid WHERE NOT g.tgisinternal
		UNION ALL
		SELECT 'rule ' || name || '.' || r.rulename::text, pg_get_ruledef(r.oid, true) || ' ' || r.ev_enabled::text
			FROM ours JOIN pg_rewrite AS r ON r.ev_class = ours.oid
		UNION ALL
		SELECT 'policy ' || name || '.' || p.polname::text, COALESCE(pg_get_expr(p.polqual, p.polrelid), '')
			FROM ours JOIN pg_policy AS p ON p.polrelid = ours.oid
		UNION ALL
		SELECT 'function ' || f.proname::text || '(' || pg_get_function_identity_arguments(f.oid) || ')', md5(f.prosrc)
			FROM pg_proc AS f WHERE f.pronamespace = current_schema()::regnamespace
			AND NOT EXISTS (SELECT 1 FROM pg_depend AS d
				WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')`),
	made: postgresMade, normal: withoutStorage, owned: []string{"card_search", "search_mark"},
	index: []*statement{
		// New cards of such a merchant would never be found.
		define("stray_marks", "", `SELECT 'search_mark: merchant ' || m.merchant || ' has no card ' || m.card
			FROM search_mark AS m LEFT JOIN head AS h ON h.merchant = m.merchant AND h.last_card >= m.card
			WHERE h.merchant IS NULL LIMIT 5`),
	},
	// The limits within keep PostgreSQL from joining all rows behind the page.
	pages: []*statement{
		define("lost_copies", copyList, `SELECT c.merchant, c.ref, CASE WHEN m.card IS NULL
			OR s.number = c.number AND s.search = c.search THEN ''
			ELSE 'card_search: card ' || c.id || ' of merchant ' || c.merchant || ' is not found by its text' END
			FROM (SELECT merchant, ref, id, number, search FROM card
				WHERE (merchant, ref) > ($1, $2) ORDER BY merchant, ref LIMIT `+onePage+`) AS c
			LEFT JOIN LATERAL (SELECT m.card FROM search_mark AS m
				WHERE m.merchant = c.merchant AND m.card >= c.id LIMIT 1) AS m ON true
			LEFT JOIN LATERAL (SELECT s.number, s.search FROM card_search AS s
				WHERE s.merchant = c.merchant AND s.ref = c.ref LIMIT 1) AS s ON true
			ORDER BY c.merchant, c.ref`),
		define("stray_copies", copyList, `SELECT s.merchant, s.ref, CASE WHEN m.card IS NOT NULL THEN ''
			ELSE 'card_search: card ' || (s.ref & 4294967295) || ' of merchant ' || s.merchant ||
				' is not there, or behind the mark' END
			FROM (SELECT merchant, ref FROM card_search
				WHERE (merchant, ref) > ($1, $2) ORDER BY merchant, ref LIMIT `+onePage+`) AS s
			LEFT JOIN LATERAL (SELECT card.id FROM card
				WHERE card.merchant = s.merchant AND card.ref = s.ref LIMIT 1) AS c ON true
			LEFT JOIN LATERAL (SELECT m.card FROM search_mark AS m
				WHERE m.merchant = s.merchant AND m.card >= c.id LIMIT 1) AS m ON true
			ORDER BY s.merchant, s.ref`),
	},
}

// copyList are the arguments of a page of cards or copies, of all merchants: the merchant and the ref after which it
// begins. Its length is in the text: for any length PostgreSQL would plan to sort all rows behind.
const copyList = "beyond after"

var onePage = strconv.Itoa(walkPage)

// Shape returns every part that the database has or should have, by name, with its definition there and as the
// migrations make it.
func (v *View) Shape(ctx context.Context) ([]ledger.Part, error) {
	has := map[string]string{}
	s := v.shape
	err := v.readPage(ctx, "schema", query{s.parts, rowsFor(s.parts, 0), func(r record) error {
		name := r.text()
		has[name] = s.normal(r.text())
		return nil
	}})
	if err != nil {
		return nil, err
	}
	want := map[string]string{}
	for lines := bufio.NewScanner(strings.NewReader(s.made)); lines.Scan(); {
		name, definition, _ := strings.Cut(lines.Text(), "\t")
		want[name] = definition
	}
	all := maps.Clone(want)
	maps.Copy(all, has)
	var parts []ledger.Part
	for _, name := range slices.Sorted(maps.Keys(all)) {
		p := ledger.Part{Name: name, Late: slices.Contains(s.late, name)}
		p.Has, p.IsThere = has[name]
		p.Want, p.IsOurs = want[name]
		parts = append(parts, p)
	}
	return parts, nil
}

// mostFaults is the number of faults that each statement about the search index is asked for.
const mostFaults = 5

// IndexFaults returns what is wrong with the index that cards are searched by, the first few.
func (v *View) IndexFaults(ctx context.Context) (faults []string, err error) {
	for _, s := range v.shape.index {
		err := v.readPage(ctx, "search index", query{s, rowsFor(s, 0), func(r record) error {
			if text := r.text(); text != "ok" {
				faults = append(faults, text)
			}
			return nil
		}})
		if err != nil {
			return nil, err
		}
	}
	for _, s := range v.shape.pages {
		some, err := v.faultsByPage(ctx, s)
		if err != nil {
			return nil, err
		}
		faults = append(faults, some...)
	}
	return faults, nil
}

// searched is a row of the search index, or a card that should be in it.
type searched struct {
	merchant, ref int64
	fault         string // "" = none
}

// faultsByPage returns the first few faults that a statement of pages finds.
func (v *View) faultsByPage(ctx context.Context, s *statement) (faults []string, err error) {
	err = walk(func(last *searched, page *[]searched) error {
		if last == nil {
			last = &searched{}
		}
		args := rowsFor(s, 1).int(last.merchant).int(last.ref)
		return v.readPage(ctx, "search index", query{s, args, func(r record) error {
			*page = append(*page, searched{r.int(), r.int(), r.text()})
			return nil
		}})
	}, func(row *searched) error {
		if row.fault != "" && len(faults) < mostFaults {
			faults = append(faults, row.fault)
		}
		return nil
	})
	return faults, err
}

// onOneLine drops comments, and makes every run of spaces outside of quotes one space.
func onOneLine(sql string) string {
	var b strings.Builder
	var quote rune
	runes := []rune(sql)
	space := false
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '-' && i+1 < len(runes) && runes[i+1] == '-':
			for i < len(runes) && runes[i] != '\n' {
				i++
			}
			space = true
			continue
		case unicode.IsSpace(r):
			space = true
			continue
		case r == '\'' || r == '"':
			quote = r
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	return b.String()
}

// withoutStorage drops parameters of storage from the definition of an index.
func withoutStorage(definition string) string {
	before, after, found := strings.Cut(definition, " WITH (")
	if !found {
		return onOneLine(definition)
	}
	_, after, _ = strings.Cut(after, ")")
	return onOneLine(before + after)
}
