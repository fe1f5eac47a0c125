package cardfile

import (
	"slices"
	"strings"

	"tongka/internal/ledger"
	"tongka/internal/sheet"
)

// Changed tells of a column in which values are kept otherwise than they are written in the file.
type Changed struct {
	Header   string    `json:"header"`
	Meaning  string    `json:"meaning"`
	Rows     int       `json:"rows"`
	Examples []Example `json:"examples"`
}

// Example is a value as it is written and as it is kept.
type Example struct {
	From string `json:"from" doc:"What is in the file."`
	To   string `json:"to" doc:"What the card has in its place."`
}

// kept has for each column whose values may be written in several ways how a card has them.
var kept = map[string]func(*Row) string{
	"number":    func(r *Row) string { return r.Card.Number },
	"phone":     func(r *Row) string { return r.Card.Holder.Tidy().Phone },
	"birthday":  func(r *Row) string { return r.Card.Holder.Birthday.String() },
	"expires":   func(r *Row) string { return r.Card.Expires.String() },
	"gender":    func(r *Row) string { return "" }, // only of rows whose gender is none that is known
	"principal": func(r *Row) string { return r.Card.Principal.String() },
	"bonus":     func(r *Row) string { return r.Card.Bonus.String() },
	balance:     func(r *Row) string { return (r.Card.Principal + r.Card.Bonus).String() },
	"owes":      func(r *Row) string { return r.Card.Owes.String() },
	"remarks":   func(r *Row) string { return r.Card.Details.Remarks },
	"subject":   func(r *Row) string { return r.Card.Details.Subject },
}

// Changes adds to what is known of a file's columns what is written otherwise in a row, which must have no fault.
func (r *Reader) Changes(all []Changed, row *Row) []Changed {
	for i, column := range r.layout.columns {
		as := kept[column]
		if as == nil || i >= len(row.Fields) {
			continue
		}
		from, to := strings.TrimSpace(row.Fields[i]), as(row)
		if column == "gender" && !row.NoGender {
			continue
		}
		if row.Card.Owes > 0 && strings.HasPrefix(sheet.Unguard(from), "-") { // a balance below zero is owed
			to = (-row.Card.Owes).String()
		}
		if from == to || sameAmount(from, to) {
			continue
		}
		all = changed(all, Changed{Header: r.header(i), Meaning: column}, Example{cut(from), cut(to)})
	}
	return all
}

// changed counts in one more value of a column.
func changed(all []Changed, column Changed, one Example) []Changed {
	at := slices.IndexFunc(all, func(c Changed) bool { return c.Meaning == column.Meaning })
	if at < 0 {
		at, all = len(all), append(all, column)
	}
	c := &all[at]
	c.Rows++
	if len(c.Examples) < mostExamples && !slices.ContainsFunc(c.Examples, func(e Example) bool { return e == one }) {
		c.Examples = append(c.Examples, one)
	}
	return all
}

// sameAmount reports whether two texts are one amount with more or fewer decimals of zero, or the first is empty and
// the second nothing.
func sameAmount(from, to string) bool {
	number, below := strings.CutPrefix(sheet.Unguard(from), "-")
	amount, err := ledger.ParseYuan(number)
	if below {
		amount = -amount
	}
	return err == nil && amount.String() == to || from == "" && to == ledger.Fen(0).String()
}
