package cardfile

import (
	"slices"
	"strings"
)

// Meanings are what a column of a file can be, in the order in which people are asked: Columns in lower case, the
// balance, which is principal and bonus together, and what only an import knows.
var Meanings = func() (all []string) {
	for _, c := range Columns {
		all = append(all, strings.ToLower(c))
	}
	all = slices.Insert(all, slices.Index(all, "points"), balance, onlyIn[0])
	return slices.Insert(all, slices.Index(all, "points")+1, onlyIn[1:]...)
}()

// Column is a column of a file, with what its header is taken for.
type Column struct {
	Header  string   `json:"header"`
	Meaning string   `json:"meaning,omitempty"` // one of Meanings; "" = it is ignored
	Doubt   bool     `json:"doubt,omitempty"`   // somebody has to say, as the header is not known or not clear
	Samples []string `json:"samples,omitempty"` // what its first rows have
}

// samples is how many rows are shown of a file.
const samples = 3

// Columns returns the columns of the file with what their headers are taken for. A column that only a file of refused
// rows has is left out of account: it has neither meaning nor doubt. It returns a Reason if nothing in the header is
// known: that is a row of cards.
func (f *File) Columns() ([]Column, error) {
	rows, err := f.records()
	if err != nil {
		return nil, err
	}
	first, err := rows.read(nil)
	if err != nil {
		return nil, err
	}
	if !anyKnown(first.fields) {
		return nil, errNoHeader
	}
	all := columnsOf(first.fields)
	for range samples {
		row, err := rows.read(nil)
		if err != nil || row.fault != (Reason{}) {
			break // Reader tells of it
		}
		for i := range all {
			if i < len(row.fields) && hasContent(row.fields[i]) {
				all[i].Samples = append(all[i].Samples, cut(oneLine(strings.TrimSpace(row.fields[i]))))
			}
		}
	}
	return all, nil
}

// columnsOf returns the columns of a header.
func columnsOf(header []string) []Column {
	all := make([]Column, len(header))
	taken := map[string]bool{}
	total := false
	for i, h := range header {
		column, known := columnOf(h)
		all[i] = Column{Header: cut(strings.TrimSpace(strings.ToValidUTF8(h, "\uFFFD")))}
		switch {
		case column == passedOver, column == refusedOnly, plain(h) == "":
		case !known, taken[column]:
			all[i].Doubt = true
		default:
			all[i].Meaning, taken[column] = column, true
			total = total || saysTotal(column, h)
		}
	}
	if unclear(func(column string) bool { return taken[column] }, total) {
		i := slices.IndexFunc(all, func(c Column) bool { return c.Meaning == balance })
		all[i].Doubt = true
	}
	return all
}

// Fault is what is wrong with what somebody said of a file's columns; the zero Fault is nothing.
type Fault struct {
	// Missing is the meaning that no column has: number, name, level where no level is given for all, or coupon where
	// there are columns about coupons.
	Missing string
	Twice   int // the place of a column whose meaning one before it has; from 1, 0 = there is none
}

// CheckMeanings returns what is wrong with what somebody said of a file's columns. leveled says that there is a level
// for rows that name none.
func CheckMeanings(meanings []string, leveled bool) Fault {
	for i, m := range meanings {
		if m != "" && slices.Contains(meanings[:i], m) {
			return Fault{Twice: i + 1}
		}
	}
	for _, need := range []string{"number", "name", "level"} {
		if !slices.Contains(meanings, need) && (need != "level" || !leveled) {
			return Fault{Missing: need}
		}
	}
	if !slices.Contains(meanings, couponColumn) &&
		(slices.Contains(meanings, "coupon_count") || slices.Contains(meanings, "coupon_until")) {
		return Fault{Missing: couponColumn}
	}
	return Fault{}
}
