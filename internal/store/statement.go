package store

import (
	"fmt"
	"strings"
	"sync"
)

// kind is one of the three types of columns.
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

// columnsOf reads a list like "merchant id number:text tally:text hash:bytea"; what has no type is a
// bigint.
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

// statement is one SQL text for both engines. Where the text says {rows}, it runs over rows of
// arguments: PostgreSQL carries it out once for all of them, SQLite once for some at a time. Otherwise
// it is given one row, as $1, $2 and so on.
type statement struct {
	name     string   // of the prepared statement; no two are alike
	columns  []column // of its arguments
	over     bool     // it runs over rows
	postgres string   // the text for all rows of arguments, given as one array for each column
	sqlite   string   // the text for one row of arguments
	many     string   // the text for manyRows of them; "" when the statement writes
	first    int      // the column that is the first argument of sqlite; those before it are the last
	// sparse is the text for so many rows of which only these columns are given; the others have their
	// defaults. nil when the statement does not insert.
	sparse func(given []column, rows int) string
	block  int // most rows of sparse
	nulls  int // PostgreSQL is given NULL for what is 0 or empty in the columns from this one on; 0 = in none
}

// How many rows of arguments SQLite is given at a time. Most of what a question costs there is asking
// it, and a good part of what a row costs that is added.
const (
	manyRows  = 32
	blockRows = 16
)

// listed are the columns of a list that are read, each with a prefix.
func listed(prefix, list string) string { return names(prefix, columnsOf(list)) }

// asMany yields no row. PostgreSQL takes it for ten, as it does arrays of which it does not know the length: so the
// plan for few rows that are known looks no cheaper than the one for any, and the one for any is made once and
// kept. To plan a save costs as much as to carry it out.
const asMany = "unnest(NULL::tsvector) AS none"

// define makes a statement. In its text {columns} are its columns.
func define(name, list, text string) *statement {
	s := &statement{name: "tongka_" + name, columns: columnsOf(list), over: strings.Contains(text, "{rows}")}
	text = strings.ReplaceAll(text, "{columns}", names("", s.columns))
	types := [...]string{integer: "bigint", textual: "text", blob: "bytea"}
	arrays := make([]string, len(s.columns))
	for i, c := range s.columns {
		arrays[i] = fmt.Sprintf("unnest($%d::%s[]) AS %s", i+1, types[c.kind], c.name)
	}
	// All in one SELECT list they go side by side. In FROM, each would be put into a table of its own
	// first, which costs as much as keeping the rows.
	if !strings.Contains(text, "INSERT INTO") {
		arrays = append(arrays, asMany)
	}
	s.postgres = strings.ReplaceAll(text, "{rows}", "(SELECT "+strings.Join(arrays, ", ")+")")
	// Cards are in the order of their refs, which lead with the merchant. SQLite would take any index of the merchant's
	// rather, and sort; at a sum it does not look.
	s.postgres = strings.ReplaceAll(s.postgres, "{only}", "")
	text = strings.ReplaceAll(text, "{only}", "+")
	// SQLite looks at a limit to plan by, and would plan anew for every other one: that costs more than
	// asking.
	text = strings.ReplaceAll(text, "LIMIT $", "LIMIT 0 + $")
	// To SQLite $1 would be a name. ?1 is the first argument.
	text = strings.ReplaceAll(text, "$", "?")
	s.sqlite = strings.ReplaceAll(text, "{rows}", "("+selectRows(s.columns, 1)+")")
	if s.over && !strings.Contains(text, "INSERT INTO") && !strings.Contains(text, "DELETE FROM") {
		s.many = strings.ReplaceAll(text, "{rows}", "("+selectRows(s.columns, manyRows)+")")
	}
	defined.add(s)
	return s
}

// defined are all statements, for tests that look at each of them.
var defined statements

type statements struct {
	mu  sync.Mutex // tests define some of their own while others do
	all []*statement
}

func (d *statements) add(s *statement) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, s)
}

// selectRows is so many rows of arguments as a query.
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

// insert adds rows to a table. SQLite keeps a journal of a statement that may write several rows, to
// take it back when it fails, which costs as much as the rows. OR FAIL says that it need not: here a
// statement that fails ends the whole transaction.
func insert(table, list string) *statement {
	s := insertAnd("insert_"+table, table, list, "INSERT OR FAIL", "")
	s.block = blockRows
	return s
}

// small has PostgreSQL keep what is 0 or empty as NULL, which takes no room, from a column on that is in no key. Blobs
// are kept as they are. What is read as NULL is 0 or empty.
func small(s *statement, keys int) *statement {
	s.nulls = keys
	return s
}

// put adds rows to a table, or changes the ones that are there by the first so many columns.
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

// update sets all columns of the rows that the first so many columns name. SQLite would make a table
// of {rows} first, which costs more than the update, so there too the arguments stand in their places.
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

// drop removes rows by some of their columns.
func drop(table, list string) *statement {
	return define("drop_"+table, list,
		"DELETE FROM "+table+" WHERE ("+names("", columnsOf(list))+") IN (SELECT {columns} FROM {rows} AS v)")
}
