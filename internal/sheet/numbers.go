package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// numbers are the cells of a table that are numbers, a bit each: the library tells the kind of a cell only with all of
// the table in memory, a kilobyte a cell.
type numbers []uint64

// wordsOfRow is how many words the bits of a row take.
const wordsOfRow = mostColumns / 64

// has reports whether a cell is a number. Rows and columns count from 1.
func (n numbers) has(row, column int) bool {
	word := (row-1)*wordsOfRow + (column-1)/64
	return word < len(n) && n[word]>>((column-1)%64)&1 == 1
}

func (n *numbers) add(row, column int) {
	if row < 1 || row > excelize.TotalRows || column < 1 || column > mostColumns {
		return // what is told where the row is read
	}
	word := (row-1)*wordsOfRow + (column-1)/64
	if more := word + 1 - len(*n); more > 0 {
		*n = append(*n, make(numbers, more)...)
	}
	(*n)[word] |= 1 << ((column - 1) % 64)
}

// numbersOf returns which cells of the table of that name are numbers. The workbook has passed checkParts.
func numbersOf(content []byte, name string) (found numbers, err error) {
	book, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	at, err := pathOf(book, name)
	if err != nil {
		return nil, err
	}
	return found, readPart(book, at, func(text io.Reader) error {
		xmls, row, column := decoder(text), 0, 0
		for {
			token, err := xmls.RawToken()
			if err != nil {
				return nil // where it ends for the library too
			}
			start, _ := token.(xml.StartElement)
			switch start.Name.Local {
			case "row":
				row, column = placed(start, row+1, rowOf), 0
			case "c":
				column = placed(start, column+1, columnOf)
				if kind := attr(start, "t"); kind == "" || kind == "n" {
					found.add(row, column)
				}
			}
		}
	})
}

// placed returns where an element says that it is, or where it is as the next one.
func placed(start xml.StartElement, next int, read func(r string) (int, error)) int {
	if at, err := read(attr(start, "r")); err == nil {
		return at
	}
	return next
}

func rowOf(r string) (int, error) {
	return strconv.Atoi(r)
}

func columnOf(r string) (column int, err error) {
	column, _, err = excelize.CellNameToCoordinates(r)
	return column, err
}

func attr(start xml.StartElement, name string) string {
	for _, a := range start.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// relations are what a part of a workbook refers to.
type relations struct {
	All []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:",attr"`
		Target string `xml:",attr"`
	} `xml:"Relationship"`
}

// pathOf returns the part that has the table of that name.
func pathOf(book *zip.Reader, name string) (string, error) {
	var root, refers relations
	var main struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	err := readXML(book, "_rels/.rels", &root)
	at := ""
	for _, r := range slices.Backward(root.All) { // of several the first counts
		if strings.HasSuffix(r.Type, "/officeDocument") {
			at = strings.TrimPrefix(r.Target, "/")
		}
	}
	beside := path.Join(path.Dir(at), "_rels", path.Base(at)+".rels")
	err = errors.Join(err, readXML(book, at, &main), readXML(book, beside, &refers))
	for _, s := range main.Sheets {
		for _, r := range refers.All {
			switch {
			case s.Name != name || r.ID != s.ID:
			case strings.HasPrefix(r.Target, "/"):
				return path.Clean(r.Target)[1:], err
			default:
				return path.Join(path.Dir(at), r.Target), err
			}
		}
	}
	return "", errors.Join(err, fmt.Errorf("%w: no table %q", ErrWorkbook, name))
}

func readXML(book *zip.Reader, name string, into any) error {
	return readPart(book, name, func(text io.Reader) error { return decoder(text).Decode(into) })
}

// readPart has a part read. Of several of one name the last counts, as it does for the library.
func readPart(book *zip.Reader, name string, read func(io.Reader) error) error {
	for _, part := range slices.Backward(book.File) {
		if strings.ReplaceAll(part.Name, "\\", "/") != name {
			continue
		}
		text, err := part.Open()
		if err != nil {
			return err
		}
		return errors.Join(read(text), text.Close())
	}
	return fmt.Errorf("%w: no part %q", ErrWorkbook, name)
}
