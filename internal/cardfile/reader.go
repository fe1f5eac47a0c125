package cardfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/sheet"
)

// Row is one row of a file.
type Row struct {
	Line   int
	Fields []string // as they stand in the file, in UTF-8
	Card   command.NewCard
	Fault  Reason // why the row does not make a card; zero if it does
	// NoGender says that its gender is none that is known, so the card has none.
	NoGender bool

	whole bool // its quotes are wrong, and Fields is its text as one
}

// Terms has what a file is read by, besides its bytes.
type Terms struct {
	Levels  Levels
	Today   ledger.Date         // in the merchant's zone
	Skip    []string            // headers of columns to ignore
	Coupons []ledger.CouponKind // that cards may bring
	// Columns says of each column of the file, by its place, what it is: one of Meanings, or "" to ignore it. nil = what
	// its header says.
	Columns []string
}

// Reader reads a file row by row.
type Reader struct {
	Header  []string // as it stands in the file
	Used    []string // the column each header was taken for, like 会员卡号=number
	Skipped []string // headers of the columns that are ignored

	file   *File
	rows   *records
	layout *layout
	terms  Terms
	set    []func(*reading, Levels, string) error // by field; nil = it is ignored
	now    reading                                // of the current row
}

// Reader returns a Reader of the file, which has read the header. Several may be used at the same time.
func (f *File) Reader(terms Terms) (*Reader, error) {
	rows, err := f.records()
	if err != nil {
		return nil, err
	}
	r := &Reader{file: f, rows: rows, terms: terms}
	if err := r.begin(); err != nil {
		return nil, err
	}
	return r, nil
}

// Anew returns another Reader of the same file by the same terms, which starts with the first row.
func (r *Reader) Anew() (*Reader, error) { return r.file.Reader(r.terms) }

func (r *Reader) begin() error {
	first, err := r.rows.read(nil)
	if err != nil {
		return err
	}
	header := first.fields
	for _, h := range header {
		if lost(h) {
			return &SettingError{SettingEncoding, nil, fmt.Sprintf(
				"the header has a character that does not decode: %q: say in which encoding the file is", cut(h))}
		}
	}
	r.Header = header
	if r.terms.Columns != nil {
		r.layout, err = layoutBy(header, r.terms.Columns)
	} else {
		r.layout, err = layoutOf(header, r.terms.Skip)
	}
	if err != nil {
		return err
	}
	r.Used, r.Skipped = r.layout.used, r.layout.skipped
	for _, column := range r.layout.columns {
		r.set = append(r.set, setters[column])
	}
	if r.terms.Levels.otherwise == 0 && !r.layout.has("level") {
		return &SettingError{SettingLevel, nil, "there is no column level" + r.layout.kindHint() +
			": say which level the cards get"}
	}
	return nil
}

// Columns returns what the columns are taken for, without those of a file of refused rows.
func (r *Reader) Columns() (all []Column) {
	for i, meaning := range r.layout.columns {
		switch {
		case meaning == refusedOnly:
			continue
		case !slices.Contains(Meanings, meaning):
			meaning = "" // it is ignored
		}
		all = append(all, Column{Header: oneLine(r.Header[i]), Meaning: meaning})
	}
	return all
}

// Next returns the next row. A row that does not make a card is not an error but has a Fault. After the last row
// the error is io.EOF.
func (r *Reader) Next() (Row, error) {
	rec, err := r.rows.read(make([]string, 0, len(r.Header)))
	if err != nil {
		return Row{}, err
	}
	row := Row{Line: rec.line, Fields: rec.fields, whole: rec.fault != (Reason{})}
	r.now = reading{card: command.NewCard{Level: r.terms.Levels.otherwise, Kind: ledger.Common}, terms: &r.terms}
	row.Fault = r.decoded(rec.fields)
	switch {
	case row.whole:
		row.Fault = rec.fault
	case row.Fault == (Reason{}):
		row.Fault = r.read(rec.fields, &r.now)
	}
	row.Card, row.NoGender = r.now.card, r.now.noGender
	return row, nil
}

// decoded returns a fault for the first field with lost characters, and replaces those in all fields by U+FFFD.
func (r *Reader) decoded(fields []string) (fault Reason) {
	for i, f := range fields {
		if !lost(f) {
			continue
		}
		fields[i] = strings.ToValidUTF8(f, "\uFFFD")
		if fault == (Reason{}) {
			fault = Reason{"has a character that does not decode, or was lost before (\uFFFD)", "有无法识别的字符（\uFFFD）"}.
				of(r.name(i), r.header(i))
		}
	}
	return fault
}

// name returns the column of a field, for messages in English.
func (r *Reader) name(field int) string {
	switch {
	case field >= len(r.Header):
		return fmt.Sprintf("column %d", field+1)
	case setters[r.layout.columns[field]] == nil:
		return r.Header[field]
	}
	return r.layout.columns[field]
}

// header returns the file's own name of a field, for messages in Chinese.
func (r *Reader) header(field int) string {
	if field >= len(r.Header) {
		return fmt.Sprintf("第%d列", field+1)
	}
	return strings.TrimSpace(sheet.Unguard(r.Header[field]))
}

// read reads a row, to its end also where a field is wrong: what of it can be read may be in a card when a level or a
// kind of coupons is there that is missing now.
func (r *Reader) read(fields []string, into *reading) Reason {
	var fault error
	if have, want := len(fields), len(r.set); have != want {
		return columnsFault(have-r.layout.extra, want-r.layout.extra)
	}
	for i, set := range r.set {
		if set == nil {
			continue
		}
		column := r.layout.columns[i]
		raw := strings.TrimSpace(fields[i])
		text := sheet.Unguard(raw)
		if column == "level" && text == "" {
			continue
		}
		err := notComputed(raw, text)
		if err == nil {
			err = set(into, r.terms.Levels, text)
		}
		if err != nil && fault == nil {
			why := reasonOf(err)
			if column == kindColumn && !r.layout.has("level") {
				why = kindNotLevel
			}
			fault = why.of(column, r.header(i))
		}
	}
	if err := into.finish(r.terms.Today, r.layout.has("principal"), fault); err != nil {
		return reasonOf(err)
	}
	return Reason{}
}

// OwnHeader returns the header without the columns that only a file of refused rows has.
func (r *Reader) OwnHeader() []string { return r.own(r.Header) }

// Own returns the fields of a row without those that only a file of refused rows has.
func (r *Reader) Own(row Row) []string {
	if row.whole {
		return row.Fields
	}
	return r.own(row.Fields)
}

// dayColumns are the columns of days.
var dayColumns = []string{"birthday", "expires", "coupon_until"}

// OwnCells returns the fields of a row as Own does, as a file has them that goes back to people: a day that is a mere
// number, which is how a spreadsheet counts days and how some systems write them, as the day that is meant.
func (r *Reader) OwnCells(row Row) []sheet.Cell {
	var columns []string
	if !row.whole {
		columns = r.own(r.layout.columns)
	}
	var cells []sheet.Cell
	for i, field := range PlainFields(r.Own(row)) {
		cell := sheet.Text(field)
		if i < len(columns) && slices.Contains(dayColumns, columns[i]) && numeral.MatchString(field) {
			if d, err := day(field); err == nil && d != 0 {
				cell = sheet.Day(d)
			}
		}
		cells = append(cells, cell)
	}
	return cells
}

// numeral matches a day that is written as a number.
var numeral = regexp.MustCompile(`^\d+(\.0+)?$`)

func (r *Reader) own(fields []string) []string {
	if r.layout.extra == 0 {
		return fields
	}
	var own []string
	for i, f := range fields {
		if i < len(r.Header) && r.layout.columns[i] == refusedOnly {
			continue
		}
		own = append(own, f)
	}
	return own
}
