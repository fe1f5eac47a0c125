package cardfile

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strings"

	"tongka"
)

// Row is one row of a file.
type Row struct {
	Line   int
	Fields []string // as they stand in the file
	Card   tongka.NewCard
	Fault  string // why it says no card; "" = it does
}

// Reader reads a file row by row.
type Reader struct {
	Header []string // as it stands in the file

	file    *os.File
	rows    *csv.Reader
	columns []string
	levels  Levels
}

// Reader starts reading the file. The reader must be closed.
func (f *File) Reader(levels Levels) (*Reader, error) {
	file, err := os.Open(f.Path)
	if err != nil {
		return nil, err
	}
	r := &Reader{file: file, rows: f.csv(file), levels: levels}
	if err := r.begin(); err != nil {
		_ = file.Close() // it was only read
		return nil, fmt.Errorf("%s: %w", f.Path, err)
	}
	return r, nil
}

func (r *Reader) begin() error {
	header, err := r.rows.Read()
	if err != nil {
		return err
	}
	r.Header = header
	if r.columns, err = columns(header); err != nil {
		return err
	}
	if _, ok := r.levels[""]; !ok && !slices.Contains(r.columns, "level") {
		return fmt.Errorf("there is no column level: say which level the cards get")
	}
	return nil
}

// Next reads the next row. Its error is io.EOF after the last.
func (r *Reader) Next() (Row, error) {
	fields, err := r.rows.Read()
	if err != nil {
		return Row{}, err
	}
	line, _ := r.rows.FieldPos(0)
	row := Row{Line: line, Fields: fields}
	if len(fields) != len(r.columns) {
		row.Fault = fmt.Sprintf("has %d columns, the header has %d", len(fields), len(r.columns))
		return row, nil
	}
	row.Card.Level, row.Card.Kind = r.levels[""], tongka.Common
	for i, name := range r.columns {
		text := unguard(strings.TrimSpace(fields[i]))
		if name == "level" && text == "" {
			continue
		}
		if err := r.levels.set(&row.Card, name, text); err != nil {
			row.Fault = fmt.Sprintf("%s: %v", name, err)
			break
		}
	}
	return row, nil
}

// Read is how many bytes of the text were read so far.
func (r *Reader) Read() int64 { return r.rows.InputOffset() }

// Close closes the file.
func (r *Reader) Close() error { return r.file.Close() }
