package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Why a workbook is not read.
var (
	ErrWorkbook = errors.New("no workbook that can be read")
	ErrBroken   = errors.New("a table of the workbook is damaged")
	ErrLarge    = errors.New("the workbook unpacks to too much")
	ErrWide     = errors.New("the workbook has too many columns")
	ErrLong     = errors.New("a cell of the workbook has too many characters")
	ErrDates    = errors.New("the workbook counts its days from 1904")
)

// mostColumns is how many columns a row may have. A row of few bytes can name the last column that there is.
const mostColumns = 256

// mostInMemory is up to how many bytes of XML the library keeps a part in memory, and builds what it has in many times
// as many. Of a larger one it keeps a temporary file.
const mostInMemory = 4 << 20

// ReadXLSX calls each with the rows of the table that is in sight when one opens the workbook, also with empty ones,
// until it returns an error. Values are as they are kept, so a day is its number; but a number of more than fifteen
// digits, which has lost its last ones, looks as a spreadsheet shows it, like 1.38E+15, and so does one with zeros
// before it by its format, like 00123. The workbook may unpack to most bytes. The error is one of the above, or that of
// each, or says that the file is damaged.
func ReadXLSX(content []byte, most int64, each func(row []string) error) (err error) {
	if err := checkParts(content, most); err != nil {
		return err
	}
	file, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{
		UnzipSizeLimit: most, UnzipXMLSizeLimit: min(most, mostInMemory), RawCellValue: true,
	})
	if err != nil {
		return openError(err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if p, err := file.GetWorkbookProps(); err == nil && p.Date1904 != nil && *p.Date1904 {
		return ErrDates
	}
	name := file.GetSheetName(file.GetActiveSheetIndex())
	rows, err := file.Rows(name)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWorkbook, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	r := newXLSXReader(content, name)
	for n := 1; rows.Next(); n++ {
		row, err := rows.Columns()
		if err != nil {
			return fmt.Errorf("%w: row %d: %w", ErrWorkbook, n, err)
		}
		if len(row) > mostColumns {
			return ErrWide
		}
		if slices.ContainsFunc(row, isLong) {
			return ErrLong
		}
		if err := r.mend(row, n); err != nil {
			return err
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return rows.Error()
}

func isLong(cell string) bool { return utf8.RuneCountInString(cell) > LongestCell }

// openError says in our words why a workbook cannot be opened. The library has no error of its own for too large a one.
func openError(err error) error {
	if strings.Contains(err.Error(), "unzip size exceeds") {
		return ErrLarge
	}
	return fmt.Errorf("%w: %w", ErrWorkbook, err)
}

// xlsxReader mends the values of a table of a workbook.
type xlsxReader struct {
	book     *zip.Reader
	parts    parts
	unplaced error          // why the parts are not known, which matters only if they are needed
	kinds    *kinds         // nil until they are asked for
	widths   map[string]int // see paddings
}

// newXLSXReader returns one for the table of that name. The workbook has passed checkParts.
func newXLSXReader(content []byte, name string) (r xlsxReader) {
	if r.book, r.unplaced = zip.NewReader(bytes.NewReader(content), int64(len(content))); r.unplaced != nil {
		return r
	}
	if r.parts, r.unplaced = partsOf(r.book, name); r.unplaced == nil {
		r.widths = paddings(r.book, r.parts.styles)
	}
	return r
}

// kind returns what the cells are.
func (r *xlsxReader) kind() (*kinds, error) {
	if r.unplaced != nil {
		return nil, fmt.Errorf("%w: %w", ErrWorkbook, r.unplaced)
	}
	if r.kinds == nil {
		found, err := kindsOf(r.book, r.parts.table, r.widths)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrWorkbook, err)
		}
		r.kinds = found
	}
	return r.kinds, nil
}

// kept is how many digits of a number a spreadsheet keeps.
const kept = 15

var (
	// manyDigits matches a whole number that has lost digits if it is a number, and not a text of digits.
	manyDigits = regexp.MustCompile(`^[1-9]\d{15,}$`)
	// fewDigits matches a whole number that may be shown with zeros before it.
	fewDigits = regexp.MustCompile(`^\d{1,14}$`)
	// dust matches a number with decimals, of which a workbook may have more than anybody has typed.
	dust = regexp.MustCompile(`^-?\d+\.\d{9,}$`)
)

// mend makes the values of a row what people have seen in it.
func (r *xlsxReader) mend(row []string, n int) error {
	for i, value := range row {
		short := len(r.widths) > 0 && fewDigits.MatchString(value)
		if !short && !manyDigits.MatchString(value) && !dust.MatchString(value) {
			continue
		}
		kinds, err := r.kind()
		if err != nil {
			return err
		}
		if kinds.numbers.has(n, i+1) {
			row[i] = kinds.shown(value, n, i+1)
		}
	}
	return nil
}

// shown returns a number as people see it.
func (k *kinds) shown(value string, row, column int) string {
	number, err := strconv.ParseFloat(value, 64)
	switch {
	case err != nil:
		return value // what is no number is told where it is read
	case manyDigits.MatchString(value):
		return strings.ToUpper(strconv.FormatFloat(number, 'e', kept-1, 64))
	case dust.MatchString(value):
		return strconv.FormatFloat(rounded(number), 'f', -1, 64)
	}
	for width, cells := range k.padded {
		if cells.has(row, column) {
			return strings.Repeat("0", max(0, width-len(value))) + value
		}
	}
	return value
}

// rounded returns a number with the digits that a spreadsheet keeps.
func rounded(number float64) float64 {
	shown, err := strconv.ParseFloat(strconv.FormatFloat(number, 'g', kept, 64), 64)
	if err != nil {
		return number // too large for any amount
	}
	return shown
}
