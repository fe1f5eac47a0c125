package store

import (
	"fmt"
	"strings"
	"sync"
)

// kind is one of the three column types.
type kind byte

const (
	integer kind = iota // bigint
	textual             // text
	blob                // bytea
)

type column struct {
	name string
	kind kind
}

// columnsOf parses a list like "merchant id number:text tally:text hash:bytea". A column without a type is a bigint.
func columnsOf(list string) []column {
	var cs []column
	for _, word := range strings.Fields(list) {
		name, typ, _ := strings.Cut(word, ":")
		c := column{name: name}
		switch typ {
		case "":
		case "text":
			c.kind = textual
		case "bytea":
			c.kind = blob
		default:
			panic("unknown type of column: " + word)
		}
		cs = append(cs, c)
	}
	return cs
}

func names(prefix string, cs []column) string {
	list := make([]string, len(cs))
	for i, c := range cs {
		list[i] = prefix + c.name
	}
	return strings.Join(list, ", ")
}

// statement is one SQL text for both engines. If it contains {rows}, it runs over rows of arguments: PostgreSQL runs
// it once for all of them, SQLite once for a fixed number at a time. Otherwise it takes one row, as $1, $2 and so
// on.
type statement struct {
	name     string   // of the prepared statement; no two are alike
	columns  []column // of its arguments
	over     bool     // it runs over {rows}
	postgres string   // the text for all rows of arguments, given as one array for each column
	sqlite   string   // the text for one row of arguments
	many     string   // the text for manyRows rows; "" if the statement writes
	first    int      // the column that is SQLite's first argument; the columns before it come last
	// sparse returns the text for the given number of rows that have only the given columns; the others take their
	// defaults. nil unless the statement inserts.
	sparse func(given []column, rows int) string
	block  int // most rows that sparse is asked for
	nulls  int // PostgreSQL gets NULL for 0 and "" in the columns from this one on; 0 = in none (see small)
}

// Rows of arguments that SQLite is given at a time. Most of the cost of a query there is running it at all, and so
// is much of the cost of adding a row. blockRows is a power of 4: what is left over goes by quarters of a block.
const (
	manyRows  = 32
	blockRows = 16
)

// listed returns the column names of a list for a SELECT, each with a prefix.
func listed(prefix, list string) string { return names(prefix, columnsOf(list)) }

// asMany yields no row, but PostgreSQL estimates ten, as it does for arrays of unknown length. A plan for a few
// known rows therefore looks no cheaper than the generic plan, so the generic plan is made once and kept. Planning a
// save costs as much as carrying it out.
const asMany = "unnest(NULL::tsvector) AS none"

// define makes a statement. {columns} in its text stands for its columns.
func define(name, list, text string) *statement {
	s := &statement{name: "tongka_" + name, columns: columnsOf(list), over: strings.Contains(text, "{rows}")}
	text = strings.ReplaceAll(text, "{columns}", names("", s.columns))
	types := [...]string{integer: "bigint", textual: "text", blob: "bytea"}
	arrays := make([]string, len(s.columns))
	for i, c := range s.columns {
		arrays[i] = fmt.Sprintf("unnest($%d::%s[]) AS %s", i+1, types[c.kind], c.name)
	}
	// All unnest calls in one SELECT list advance side by side. In FROM, each would be stored in a table of its own
	// first, which costs as much as storing the rows.
	if !strings.Contains(text, "INSERT INTO") {
		arrays = append(arrays, asMany)
	}
	s.postgres = strings.ReplaceAll(text, "{rows}", "(SELECT "+strings.Join(arrays, ", ")+")")
	// Cards are stored in the order of their refs, which begin with the merchant. SQLite would prefer any index that
	// begins with the merchant, and sort; it does not consider an index for a column written as a sum.
	s.postgres = strings.ReplaceAll(s.postgres, "{only}", "")
	text = strings.ReplaceAll(text, "{only}", "+")
	// SQLite plans by the value of a limit and would plan again for every other value, which costs more than running
	// the query. It does not look into a sum.
	text = strings.ReplaceAll(text, "LIMIT $", "LIMIT 0 + $")
	// SQLite takes $1 for a name. ?1 is the first argument.
	text = strings.ReplaceAll(text, "$", "?")
	s.sqlite = strings.ReplaceAll(text, "{rows}", "("+selectRows(s.columns, 1)+")")
	if s.over && !strings.Contains(text, "INSERT INTO") && !strings.Contains(text, "DELETE FROM") {
		s.many = strings.ReplaceAll(text, "{rows}", "("+selectRows(s.columns, manyRows)+")")
	}
	defined.add(s)
	return s
}

// defined lists all statements, for tests that check each of them.
var defined statements

type statements struct {
	mu  sync.Mutex // tests define statements concurrently
	all []*statement
}

func (d *statements) add(s *statement) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, s)
}

// selectRows returns a query that yields n rows of arguments.
func selectRows(cs []column, n int) string {
	list := make([]string, n)
	for r := range list {
		cells := make([]string, len(cs))
		for i, c := range cs {
			cells[i] = fmt.Sprintf("?%d AS %s", r*len(cs)+i+1, c.name)
		}
		list[r] = "SELECT " + strings.Join(cells, ", ")
	}
	return strings.Join(list, " UNION ALL ")
}

// insert returns a statement that adds rows to a table. For a statement that may write several rows SQLite keeps a
// journal by which it can undo that statement, which costs as much as the rows. OR FAIL says that no such undo is
// needed: here a statement that fails ends the whole transaction.
func insert(table, list string) *statement {
	s := insertAnd("insert_"+table, table, list, "INSERT OR FAIL", "")
	s.block = blockRows
	return s
}

// small makes PostgreSQL store NULL, which takes no room, for 0 and the empty text, in the columns from number keys
// on, none of which may belong to a key. Blobs are stored unchanged. NULL is read back as 0 or empty.
func small(s *statement, keys int) *statement {
	s.nulls = keys
	return s
}

// put returns a statement that adds rows to a table or replaces those that have the same values in the first keys
// columns.
func put(table, list string, keys int) *statement {
	columns := columnsOf(list)
	var set []string
	for _, c := range columns[keys:] {
		set = append(set, c.name+" = excluded."+c.name)
	}
	return insertAnd("put_"+table, table, list, "INSERT",
		" ON CONFLICT ("+names("", columns[:keys])+") DO UPDATE SET "+strings.Join(set, ", "))
}

func insertAnd(name, table, list, verb, otherwise string) *statement {
	s := define(name, list, "INSERT INTO "+table+" ({columns}) SELECT {columns} FROM {rows} AS v"+otherwise)
	s.block = 1
	s.sparse = func(given []column, rows int) string {
		row := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(given)), ", ") + ")"
		return verb + " INTO " + table + " (" + names("", given) + ") VALUES " + row + strings.Repeat(", "+row, rows-1) +
			otherwise
	}
	return s
}

// update returns a statement that sets all columns of the rows named by the first keys columns. SQLite would first
// make a table of {rows}, which costs more than the update, so there the arguments stand directly in the text.
func update(name, table, list string, keys int) *statement {
	var set, setRow, key, keyRow []string
	for i, c := range columnsOf(list) {
		place, row := c.name+" = ?", c.name+" = v."+c.name
		if i < keys {
			key, keyRow = append(key, place), append(keyRow, table+"."+row)
		} else {
			set, setRow = append(set, place), append(setRow, row)
		}
	}
	change := "UPDATE " + table + " SET "
	s := define(name, list, change+strings.Join(setRow, ", ")+" FROM {rows} AS v WHERE "+strings.Join(keyRow, " AND "))
	s.sqlite, s.many, s.first = change+strings.Join(set, ", ")+" WHERE "+strings.Join(key, " AND "), "", keys
	return s
}

// drop returns a statement that removes the rows that have the given values in the listed columns.
func drop(table, list string) *statement { return dropOf(table, "drop_"+table, list) }

// dropOf is drop under another name, where a table has several.
func dropOf(table, name, list string) *statement {
	return define(name, list,
		"DELETE FROM "+table+" WHERE ("+names("", columnsOf(list))+") IN (SELECT {columns} FROM {rows} AS v)")
}
