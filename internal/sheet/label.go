package sheet

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// Label is a row of a workbook that is made to be printed: some cells, and pictures behind them.
type Label struct {
	Cells    []Cell
	Pictures [][]byte // PNG
}

// Measures of a sheet of labels: the height of its rows in points, and the widths of columns in characters.
const (
	labelHeight  = 84
	labelText    = 22
	labelPicture = 44
)

// WriteLabels writes a workbook of labels with a title and a header. It is kept in memory with all of its pictures.
func WriteLabels(to io.Writer, title string, header []string, labels []Label) (err error) {
	w := &labelWriter{xlsxWriter{file: excelize.NewFile(), title: tabName(title), header: header}}
	defer func() { err = errors.Join(err, w.file.Close()) }()
	if err := w.begin(labels); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	for i := range labels {
		if err := w.label(i+2, &labels[i]); err != nil {
			return fmt.Errorf("workbook: row %d: %w", i+2, err)
		}
	}
	w.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(to) })
	return w.file.Write(io.Discard)
}

// labelWriter writes a workbook with pictures, which the writer of tables cannot.
type labelWriter struct{ xlsxWriter }

// begin writes the header and makes room for what comes.
func (w *labelWriter) begin(labels []Label) error {
	err := errors.Join(w.style(), w.file.SetSheetName("Sheet1", w.title))
	if err != nil {
		return err
	}
	if err := w.cells(1, texts(w.header), w.bold); err != nil {
		return err
	}
	last, err := excelize.ColumnNumberToName(max(1, len(w.header)))
	if err != nil {
		return err
	}
	err = w.file.SetColWidth(w.title, "A", last, labelText)
	if err != nil || len(labels) == 0 || len(labels[0].Pictures) == 0 {
		return err
	}
	first, err := excelize.ColumnNumberToName(len(labels[0].Cells) + 1)
	if err != nil {
		return err
	}
	return w.file.SetColWidth(w.title, first, last, labelPicture)
}

func (w *labelWriter) label(row int, l *Label) error {
	if err := w.cells(row, l.Cells, w.styles[text]); err != nil {
		return err
	}
	if err := w.file.SetRowHeight(w.title, row, labelHeight); err != nil {
		return err
	}
	for i, picture := range l.Pictures {
		at, err := excelize.CoordinatesToCellName(len(l.Cells)+i+1, row)
		if err != nil {
			return err
		}
		err = w.file.AddPictureFromBytes(w.title, at, &excelize.Picture{
			Extension: ".png", File: picture, Format: &excelize.GraphicOptions{Positioning: "oneCell", OffsetX: 2, OffsetY: 2},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// cells writes cells of text.
func (w *labelWriter) cells(row int, cells []Cell, style int) error {
	for i, c := range cells {
		at, err := excelize.CoordinatesToCellName(i+1, row)
		if err != nil {
			return err
		}
		err = errors.Join(w.file.SetCellStr(w.title, at, guardCell(c.text)), w.file.SetCellStyle(w.title, at, at, style))
		if err != nil {
			return err
		}
	}
	return nil
}
