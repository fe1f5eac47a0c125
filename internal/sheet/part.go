package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	// LongestCell is how many characters a cell may have. Spreadsheets allow no more.
	LongestCell = 32_767
	// longestText is how many bytes the XML of a cell may have: a character takes up to eight, like &#x5F20;.
	longestText = 8 * (LongestCell + 1)
	// mostWhole is how many bytes a part may have that the library builds in memory whole.
	mostWhole = 8 << 20
)

// inPieces are the beginnings of the parts that may be longer: they are read piece by piece, or not at all.
var inPieces = []string{"xl/worksheets/", "xl/sharedstrings.xml", "xl/media/", "xl/pivotcache/"}

// checkParts refuses a workbook of which the library would build far more in memory than the workbook has bytes.
func checkParts(content []byte, most int64) error {
	book, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWorkbook, err)
	}
	left := uint64(most) //nolint:gosec // no bound is below zero
	for _, part := range book.File {
		if part.UncompressedSize64 > left {
			return ErrLarge
		}
		left -= part.UncompressedSize64
		if err := checkPart(part); err != nil {
			return err
		}
	}
	return nil
}

// checkPart refuses a part that is too long, or has too long a cell.
func checkPart(part *zip.File) error {
	name := strings.ToLower(strings.ReplaceAll(part.Name, "\\", "/"))
	begins := func(with string) bool { return strings.HasPrefix(name, with) }
	if part.UncompressedSize64 > mostWhole && !slices.ContainsFunc(inPieces, begins) {
		return ErrLarge
	}
	text, err := part.Open()
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrWorkbook, part.Name, err)
	}
	err = checkCells(text)
	return errors.Join(err, text.Close())
}

// checkCells refuses XML in which a cell, or a text that cells share, is too long; and so is a tag, or what stands
// between two. It keeps no more of it than that. What is no XML is told by the library.
func checkCells(text io.Reader) error {
	in := &meter{Reader: bufio.NewReader(text)}
	xmls := decoder(in)
	depth := 0 // of the element within a cell
	for {
		token, err := xmls.RawToken()
		if errors.Is(err, ErrLong) {
			return ErrLong
		}
		if err != nil {
			return nil
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth > 0 || t.Name.Local == "c" || t.Name.Local == "si" {
				depth++
			}
		case xml.EndElement:
			depth = max(0, depth-1)
		}
		if depth == 0 {
			in.read = 0
		}
	}
}

// decoder returns a decoder of XML as the library has it.
func decoder(text io.Reader) *xml.Decoder {
	xmls := xml.NewDecoder(text)
	xmls.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		return excelize.NewFile().CharsetReader(label, in)
	}
	return xmls
}

// meter reads until too much was read since it was set back.
type meter struct {
	*bufio.Reader
	read int
}

func (m *meter) ReadByte() (byte, error) {
	if m.read++; m.read > longestText {
		return 0, ErrLong
	}
	return m.Reader.ReadByte()
}

func (m *meter) Read(into []byte) (int, error) {
	if m.read > longestText {
		return 0, ErrLong
	}
	n, err := m.Reader.Read(into[:min(len(into), longestText)])
	m.read += n
	return n, err
}
