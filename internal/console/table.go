package console

import (
	"encoding/json"
	"slices"
	"strconv"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
	"tongka/internal/sheet"
)

// table is figures as a page shows them, a chart draws them and a file has them: what somebody may not see is in none
// of the three.
type table struct {
	name    string // in addresses
	title   text
	columns []tableColumn
	rows    [][]tableCell
	sums    []tableCell // the last line; nil = none
}

// tableColumn is a column: its name, what is in it, and whether the chart has it.
type tableColumn struct {
	name    text
	kind    cellKind
	charted bool
}

// cellKind is what cells of a column are.
type cellKind int

const (
	ofText cellKind = iota
	ofDay
	ofMoney
	ofCount
)

// tableCell is one figure, or what it is about, and where it leads to.
type tableCell struct {
	kind cellKind
	text string
	n    int64
	url  string // "" = nowhere
}

func textCell(s string) tableCell      { return tableCell{text: s} }
func moneyCell(f ledger.Fen) tableCell { return tableCell{kind: ofMoney, n: int64(f)} }
func countCell(n int64) tableCell      { return tableCell{kind: ofCount, n: n} }
func dayCell(d ledger.Date) tableCell  { return tableCell{kind: ofDay, n: int64(d)} }

// to returns the cell as a link.
func (c tableCell) to(url string) tableCell {
	c.url = url
	return c
}

// shown returns the cell as a page shows it. Nothing is a dash, so that what there is stands out.
func (c tableCell) shown() string {
	switch {
	case c.kind == ofDay:
		return ledger.Date(c.n).String()
	case c.kind == ofText:
		return c.text
	case c.n == 0:
		return "–"
	case c.kind == ofMoney:
		return phrase.Yuan(ledger.Fen(c.n))
	}
	return phrase.Count(c.n)
}

// filed returns the cell as a file has it.
func (c tableCell) filed() sheet.Cell {
	switch c.kind {
	case ofDay:
		return sheet.Day(ledger.Date(c.n))
	case ofMoney:
		return sheet.Money(ledger.Fen(c.n))
	case ofCount:
		return sheet.Count(c.n)
	}
	return sheet.Text(c.text)
}

// number returns the cell as JSON has it: amounts in yuan.
func (c tableCell) number() json.Number {
	if c.kind == ofMoney {
		return json.Number(ledger.Fen(c.n).String())
	}
	return json.Number(strconv.FormatInt(c.n, 10))
}

// isNumber reports whether cells of the kind stand at the right.
func (k cellKind) isNumber() bool { return k == ofMoney || k == ofCount }

// add adds a row and counts it into the last line, if the table has one.
func (t *table) add(row ...tableCell) {
	t.rows = append(t.rows, row)
	for i := range t.sums {
		if t.columns[i].kind.isNumber() {
			t.sums[i].n += row[i].n
		}
	}
}

// ends adds a row that says why there are no more, where there are.
func (t *table) ends(why string) {
	row := make([]tableCell, len(t.columns))
	row[0] = textCell(why)
	t.add(row...)
}

// summed gives the table a last line that begins with a word.
func (t *table) summed(word string) {
	t.sums = make([]tableCell, len(t.columns))
	for i, c := range t.columns {
		if c.kind.isNumber() {
			t.sums[i].kind = c.kind
		}
	}
	t.sums[0] = textCell(word)
}

// write writes the rows to a file.
func (t *table) write(w sheet.Writer) error {
	cells := make([]sheet.Cell, 0, len(t.columns))
	for _, row := range t.rows {
		cells = cells[:0]
		for _, c := range row {
			cells = append(cells, c.filed())
		}
		if err := w.Row(cells...); err != nil {
			return err
		}
	}
	return nil
}

// drawing is how a chart is drawn: lines, bars beside each other, or bars of which each is a part of the whole.
type drawing string

const (
	asLines drawing = "line"
	asBars  drawing = "bar"
	asStack drawing = "stack"
)

// chart is what a page draws from a table.
type chart struct {
	Title  string        `json:"-"`
	Drawn  drawing       `json:"drawn"`
	Labels []string      `json:"labels"`
	Series []chartSeries `json:"series"`
}

type chartSeries struct {
	Name   string        `json:"name"`
	Values []json.Number `json:"values"`
}

// chartOf returns a chart of the columns of a table that are charted, by what its rows are about, without those that
// have nothing; nil if none is left. There must be two rows at least, for one would be a point.
func (v view) chartOf(t *table, drawn drawing) *chart {
	if len(t.rows) < 2 {
		return nil
	}
	c := &chart{Title: v.lang.of(t.title), Drawn: drawn}
	for _, row := range t.rows {
		c.Labels = append(c.Labels, t.label(row))
	}
	for i, column := range t.columns {
		if !column.charted {
			continue
		}
		s, some := chartSeries{Name: v.lang.of(column.name)}, false
		for _, row := range t.rows {
			s.Values = append(s.Values, row[i].number())
			some = some || row[i].n != 0
		}
		if some {
			c.Series = append(c.Series, s)
		}
	}
	if len(c.Series) == 0 {
		return nil
	}
	return c
}

// label returns what a row is about, without what all rows have alike.
func (t *table) label(row []tableCell) string {
	var all []string
	for i := 0; i < len(row) && !t.columns[i].kind.isNumber(); i++ {
		if slices.ContainsFunc(t.rows, func(other []tableCell) bool { return other[i].shown() != row[i].shown() }) {
			all = append(all, row[i].shown())
		}
	}
	return join(all)
}

// data returns the chart as JSON.
func (c *chart) data() (string, error) {
	b, err := json.Marshal(c)
	return string(b), err
}
