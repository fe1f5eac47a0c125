package cardfile

import (
	"encoding/csv"
	"fmt"
	"strings"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Row is one row of a file.
type Row struct {
	Line   int
	Fields []string // as they stand in the file, in UTF-8
	Card   command.NewCard
	Fault  Reason // why the row does not make a card; zero if it does
}

// Terms has what a file is read by, besides its bytes.
type Terms struct {
	Levels Levels
	Today  ledger.Date // in the merchant's zone
	Skip   []string    // headers of columns to ignore
}

// Reader reads a file row by row.
type Reader struct {
	Header  []string // as it stands in the file
	Used    []string // the column each header was taken for, like 会员卡号=number
	Skipped []string // headers of the columns that are ignored

	file   *File
	rows   *csv.Reader
	layout *layout
	terms  Terms
	set    []func(*reading, Levels, string) error // by field; nil = it is ignored
	now    reading                                // of the current row
}

// Reader returns a Reader of the file, which has read the header. Several may be used at the same time.
func (f *File) Reader(terms Terms) (*Reader, error) {
	rows, err := f.csv(f.bytes())
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
	header, err := r.rows.Read()
	if err != nil {
		return err
	}
	for _, h := range header {
		if lost(h) {
			return &SettingError{SettingEncoding, "", fmt.Sprintf(
				"the header has a character that does not decode: %q: say in which encoding the file is", h)}
		}
	}
	r.Header = header
	if r.layout, err = layoutOf(header, r.terms.Skip); err != nil {
		return err
	}
	r.Used, r.Skipped = r.layout.used, r.layout.skipped
	for _, column := range r.layout.columns {
		r.set = append(r.set, setters[column])
	}
	if r.terms.Levels.otherwise == 0 && !r.layout.has("level") {
		return &SettingError{SettingLevel, "", "there is no column level: say which level the cards get"}
	}
	return nil
}

// Next returns the next row. A row that does not make a card is not an error but has a Fault. After the last row
// the error is io.EOF.
func (r *Reader) Next() (Row, error) {
	fields, err := r.rows.Read()
	if err != nil {
		return Row{}, err
	}
	line, _ := r.rows.FieldPos(0)
	row := Row{Line: line, Fields: fields}
	r.now = reading{card: command.NewCard{Level: r.terms.Levels.otherwise, Kind: ledger.Common}}
	if row.Fault = r.decoded(fields); row.Fault == (Reason{}) {
		row.Fault = r.read(fields, &r.now)
	}
	row.Card = r.now.card
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
	return strings.TrimSpace(unguard(r.Header[field]))
}

func (r *Reader) read(fields []string, into *reading) (fault Reason) {
	if have, want := len(fields), len(r.set); have != want {
		return columnsFault(have-r.layout.extra, want-r.layout.extra)
	}
	for i, set := range r.set {
		if set == nil {
			continue
		}
		column := r.layout.columns[i]
		text := unguard(strings.TrimSpace(fields[i]))
		if column == "level" && text == "" {
			continue
		}
		if err := set(into, r.terms.Levels, text); err != nil {
			return reasonOf(err).of(column, r.header(i))
		}
	}
	if err := into.finish(r.terms.Today, r.layout.has("principal")); err != nil {
		return reasonOf(err)
	}
	return Reason{}
}

// Own returns the fields of a row, or of the header, without those that only a file of refused rows has.
func (r *Reader) Own(fields []string) []string {
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

// Read returns the number of bytes of the decoded text that were read so far.
func (r *Reader) Read() int64 { return r.rows.InputOffset() }
