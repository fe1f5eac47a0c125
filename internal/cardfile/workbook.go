package cardfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"sync"

	"tongka/internal/sheet"
)

const (
	// mostUnpacked bounds the parts of a workbook, in bytes: a small one may unpack to any size.
	mostUnpacked = 128 << 20
	// mostText bounds the text of its table, in bytes, wherever that comes from: a million cells may share one long text.
	mostText = 64 << 20
)

// workbookFaults are why a workbook cannot be read, in both languages.
var workbookFaults = map[error]Reason{
	sheet.ErrLarge: {"unpacks to too much: save its cards as CSV, or divide it", "解压后过大：请另存为CSV，或分成几个文件"},
	sheet.ErrWide:  {"has too many columns: keep those of the cards", "列太多：请只保留与卡有关的列"},
	sheet.ErrLong:  {"has a cell of more than 32,767 characters", "有单元格超过32767个字符"},
	sheet.ErrDates: {"counts its days from 1904: save it as CSV", "使用1904日期系统：请另存为CSV"},
	sheet.ErrBroken: {
		"is damaged, or has a character that a workbook cannot have: open it in a spreadsheet and save it anew, or as CSV",
		"已损坏，或含有工作簿不允许的字符：请用表格软件打开后重新保存，或另存为CSV",
	},
	sheet.ErrWorkbook: {"is no workbook that can be read: save it as XLSX or CSV", "不是能读取的工作簿：请另存为XLSX或CSV"},
}

// oneWorkbook has workbooks read one at a time: what one of few bytes unpacks to is held in memory.
var oneWorkbook sync.Mutex

// fromWorkbook returns the table of a workbook that is in sight when one opens it, as CSV: a row is a line, so that
// the numbers of lines are those of its rows. A number that has lost digits looks as it does in a spreadsheet, like
// 1.38E+10, and is refused as such. It returns a Reason for what cannot be read.
func fromWorkbook(content []byte) ([]byte, error) {
	t := &table{}
	t.rows = csv.NewWriter(&t.text)
	oneWorkbook.Lock()
	defer oneWorkbook.Unlock()
	err := sheet.ReadXLSX(content, mostUnpacked, t.add)
	for known, reason := range workbookFaults {
		if errors.Is(err, known) {
			return nil, reason
		}
	}
	if err == nil {
		err = t.flush()
	}
	t.rows.Flush()
	return t.text.Bytes(), errors.Join(err, t.rows.Error())
}

// table writes the rows of a workbook as CSV. Its first rows are held back until it is known how wide they are: a
// workbook leaves the empty cells at the end of a row out.
type table struct {
	text  bytes.Buffer
	rows  *csv.Writer // to text
	held  [][]string
	wrote bool // the first rows
	width int
	read  int // bytes of all cells so far
}

func (t *table) add(row []string) error {
	for i := range row {
		row[i] = oneLine(row[i])
		t.read += len(row[i])
	}
	if t.read > mostText {
		return sheet.ErrLarge
	}
	if t.wrote {
		return t.write(row)
	}
	t.held, t.width = append(t.held, slices.Clone(row)), max(t.width, len(row))
	if len(t.held) <= headerWithin {
		return nil
	}
	return t.flush()
}

// flush writes the rows that were held back.
func (t *table) flush() error {
	t.wrote = true
	for _, row := range t.held {
		if err := t.write(row); err != nil {
			return err
		}
	}
	t.held = nil
	return nil
}

func (t *table) write(row []string) error {
	if t.text.Len() > mostText { // of quotes and separators, or of empty lines
		return sheet.ErrLarge
	}
	if !slices.ContainsFunc(row, hasContent) {
		t.rows.Flush()
		return t.text.WriteByte('\n')
	}
	for len(row) < t.width {
		row = append(row, "")
	}
	return t.rows.Write(row)
}

// Text returns the bytes that Look reads of a file: of a workbook, whatever it is called, its table in UTF-8.
func Text(content []byte) (text []byte, book bool, err error) {
	if !isWorkbook(content) {
		return content, false, nil
	}
	text, err = fromWorkbook(content)
	return text, true, err
}
