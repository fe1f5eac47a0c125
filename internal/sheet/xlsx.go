package sheet

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"tongka/internal/ledger"
)

// mostRows is how many rows a worksheet takes here, with its header. What comes behind them goes to another one: the
// format itself ends at 1,048,576.
const mostRows = 1_000_000

// The formats of numbers, as the standard of workbooks numbers them.
const (
	asWhole = 1  // 0
	asMoney = 2  // 0.00
	asText  = 49 // @
)

// xlsxWriter writes a workbook. What is in it goes to a temporary file once it is more than some megabytes.
type xlsxWriter struct {
	to     io.Writer
	file   *excelize.File
	stream *excelize.StreamWriter // of the worksheet that is being written
	title  string
	header []string
	most   int
	sheets int
	row    int // the last that was written to the worksheet
	styles map[kind]int
	bold   int
	values []any
	err    error // the first; nothing is written after it
}

func newXLSX(to io.Writer, title string, header []string, most int) (*xlsxWriter, error) {
	w := &xlsxWriter{to: to, file: excelize.NewFile(), title: tabName(title), header: header, most: most}
	err := w.style()
	if err == nil {
		err = w.begin()
	}
	if err != nil {
		return nil, errors.Join(err, w.file.Close())
	}
	return w, nil
}

// longestTab is the length of the longest title of a worksheet, less what is added to that of further ones.
const longestTab = 31 - len(" 99")

// tabName returns a title as worksheets may have it.
func tabName(title string) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return ' '
		}
		return r
	}, title)
	if letters := []rune(name); len(letters) > longestTab {
		name = string(letters[:longestTab])
	}
	if name = strings.TrimSpace(name); name == "" {
		return "1"
	}
	return name
}

// style declares how cells are shown.
func (w *xlsxWriter) style() error {
	date := "yyyy-mm-dd"
	bold, err := w.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: asText})
	w.bold, w.styles = bold, map[kind]int{}
	for k, s := range map[kind]*excelize.Style{
		text: {NumFmt: asText}, money: {NumFmt: asMoney}, count: {NumFmt: asWhole}, day: {CustomNumFmt: &date},
	} {
		if err == nil {
			w.styles[k], err = w.file.NewStyle(s)
		}
	}
	return err
}

// begin begins a worksheet with the header, which stays in sight.
func (w *xlsxWriter) begin() error {
	w.sheets++
	name := w.title
	var err error
	if w.sheets == 1 {
		err = w.file.SetSheetName("Sheet1", name)
	} else {
		name += " " + strconv.Itoa(w.sheets)
		_, err = w.file.NewSheet(name)
	}
	if err != nil {
		return err
	}
	if w.stream, err = w.file.NewStreamWriter(name); err != nil {
		return err
	}
	err = errors.Join(
		w.stream.SetColWidth(1, max(1, len(w.header)), 14),
		w.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}),
	)
	if err != nil {
		return err
	}
	w.row = 0
	w.values = w.values[:0]
	for _, name := range w.header {
		w.values = append(w.values, excelize.Cell{StyleID: w.bold, Value: guardCell(name)})
	}
	return w.next()
}

func (w *xlsxWriter) Row(cells ...Cell) error {
	if w.err == nil && w.row == w.most {
		if w.err = w.stream.Flush(); w.err == nil {
			w.err = w.begin()
		}
	}
	if w.err != nil {
		return w.err
	}
	w.values = w.values[:0]
	for _, c := range cells {
		w.values = append(w.values, w.value(c))
	}
	w.err = w.next()
	return w.err
}

// next writes the values as the next row.
func (w *xlsxWriter) next() error {
	w.row++
	at, err := excelize.CoordinatesToCellName(1, w.row)
	if err != nil {
		return err
	}
	return w.stream.SetRow(at, w.values)
}

// value returns a cell as the library takes it; nil for an empty one.
func (w *xlsxWriter) value(c Cell) any {
	var v any
	switch c.kind {
	case empty:
		return nil
	case text:
		v = guardCell(c.text)
	case money:
		// The library takes no decimal but a float. Of up to fifteen digits its shortest text is the amount.
		v = float64(c.n) / 100
	case count:
		v = c.n
	case day:
		days, ok := serial(ledger.Date(c.n))
		if !ok {
			return excelize.Cell{StyleID: w.styles[text], Value: c.plain()}
		}
		v = days
	}
	return excelize.Cell{StyleID: w.styles[c.kind], Value: v}
}

// serial returns the number by which workbooks know a day; ok is false before March 1900, where they count a day that
// never was.
func serial(d ledger.Date) (n int64, ok bool) {
	const aDay = 24 * 60 * 60
	at := d.At(0, time.UTC)
	return (at.Unix() - time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Unix()) / aDay, d >= 1900_03_01
}

func (w *xlsxWriter) Close() error {
	if w.err == nil {
		w.err = w.stream.Flush()
	}
	if w.err == nil {
		// The library would pack the whole workbook in memory and copy it then.
		w.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(w.to) })
		w.err = w.file.Write(io.Discard)
	}
	err := errors.Join(w.err, w.file.Close())
	if err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	return nil
}
