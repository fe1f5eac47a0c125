package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
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
	// mostElements is how many elements such a part may have: the library makes some four hundred bytes of one of five.
	mostElements = 300_000
	// mostCells is how many cells all tables together may have, also empty ones: each takes its time.
	mostCells = 8_000_000
)

// The beginnings of the parts that have what is in cells.
const (
	tables      = "xl/worksheets/"
	sharedTexts = "xl/sharedstrings.xml"
)

// inPieces are the beginnings of the parts that may be longer: they are read piece by piece, or not at all.
var inPieces = []string{tables, sharedTexts, "xl/media/", "xl/pivotcache/", "xl/calcchain.xml"}

// checkParts refuses a workbook of which the library would build far more in memory than the workbook has bytes.
func checkParts(content []byte, most int64) error {
	book, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWorkbook, err)
	}
	left := uint64(most) //nolint:gosec // no bound is below zero
	cells := 0
	for _, part := range book.File {
		if part.UncompressedSize64 > left {
			return ErrLarge
		}
		left -= part.UncompressedSize64
		if err := checkPart(part, &cells); err != nil {
			return err
		}
	}
	return nil
}

// checkPart refuses a part that is too long, or has too long a cell or too many. It adds its cells to those of the
// parts before it.
func checkPart(part *zip.File, cells *int) error {
	name := strings.ToLower(strings.ReplaceAll(part.Name, "\\", "/"))
	begins := func(with string) bool { return strings.HasPrefix(name, with) }
	whole := !slices.ContainsFunc(inPieces, begins)
	if part.UncompressedSize64 > mostWhole && whole {
		return ErrLarge
	}
	text, err := part.Open()
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrWorkbook, part.Name, err)
	}
	count := func(string) error { return nil }
	switch {
	case whole:
		count = countElements()
	case begins(tables):
		count = countCells(cells)
	}
	broken, err := checkCells(text, count)
	if broken != nil && (begins(tables) || begins(sharedTexts)) {
		err = cmp.Or(err, fmt.Errorf("%w: %s: %w", ErrBroken, part.Name, broken))
	}
	return errors.Join(err, text.Close())
}

// countElements returns what refuses more elements than the library may build in memory.
func countElements() func(element string) error {
	n := 0
	return func(string) error {
		if n++; n > mostElements {
			return ErrLarge
		}
		return nil
	}
}

// countCells returns what refuses too many cells in a row, which the library reads whole, and in all.
func countCells(all *int) func(element string) error {
	inRow := 0
	return func(element string) error {
		switch element {
		case "row":
			inRow = 0
		case "c":
			inRow++
			*all++
		}
		if inRow > mostColumns {
			return ErrWide
		}
		if *all > mostCells {
			return ErrLarge
		}
		return nil
	}
}

// checkCells refuses XML in which a cell, or a text that cells share, is too long; and so is a tag, or what stands
// between two. It keeps no more of it than that, and asks count of each element. broken is why it is no XML, or ends
// too early: the library takes the rows before that place for all that there are.
func checkCells(text io.Reader, count func(element string) error) (broken, err error) {
	in := &meter{Reader: bufio.NewReader(text)}
	xmls := decoder(in)
	open := 0  // elements
	depth := 0 // of the element within a cell
	for {
		token, err := xmls.RawToken()
		switch {
		case errors.Is(err, ErrLong):
			return nil, ErrLong
		case errors.Is(err, io.EOF) && open > 0:
			return io.ErrUnexpectedEOF, nil
		case errors.Is(err, io.EOF):
			return nil, nil
		case err != nil:
			return err, nil
		}
		switch t := token.(type) {
		case xml.StartElement:
			open++
			if err := count(t.Name.Local); err != nil {
				return nil, err
			}
			if depth > 0 || t.Name.Local == "c" || t.Name.Local == "si" {
				depth++
			}
		case xml.EndElement:
			open--
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
