package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
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

// kinds are what the values of a table do not say of its cells.
type kinds struct {
	numbers numbers
	padded  map[int]numbers // by how many digits are shown at least, with zeros before them: see paddings
}

// kindsOf returns what the cells of the table in a part are, of which those of some styles are padded.
func kindsOf(book *zip.Reader, table string, widths map[string]int) (*kinds, error) {
	found := &kinds{padded: map[int]numbers{}}
	return found, readPart(book, table, func(text io.Reader) error {
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
					found.add(row, column, widths[attr(start, "s")])
				}
			}
		}
	})
}

func (k *kinds) add(row, column, width int) {
	k.numbers.add(row, column)
	if width > 0 {
		padded := k.padded[width]
		padded.add(row, column)
		k.padded[width] = padded
	}
}

// zeros matches a format that shows a number with zeros before it.
var zeros = regexp.MustCompile(`^0{2,15}$`)

// paddings returns how many digits the cells of a style show at least, by the style's number, out of the part that has
// the styles. Most workbooks have no such style, and some have no styles at all.
func paddings(book *zip.Reader, part string) map[string]int {
	var styles struct {
		Formats []struct {
			ID   string `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format string `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := readXML(book, part, &styles); err != nil {
		return nil
	}
	formats, widths := map[string]int{}, map[string]int{}
	for _, f := range styles.Formats {
		if zeros.MatchString(f.Code) {
			formats[f.ID] = len(f.Code)
		}
	}
	for i, c := range styles.Cells {
		if width := formats[c.Format]; width > 0 {
			widths[strconv.Itoa(i)] = width
		}
	}
	return widths
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

// parts are where a workbook has what a table consists of.
type parts struct {
	table  string
	styles string // "" if it has none
}

// partsOf returns the parts of the table of that name.
func partsOf(book *zip.Reader, name string) (found parts, err error) {
	var root, refers relations
	var main struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	err = readXML(book, "_rels/.rels", &root)
	at := ""
	for _, r := range slices.Backward(root.All) { // of several the first counts
		if strings.HasSuffix(r.Type, "/officeDocument") {
			at = strings.TrimPrefix(r.Target, "/")
		}
	}
	beside := path.Join(path.Dir(at), "_rels", path.Base(at)+".rels")
	err = errors.Join(err, readXML(book, at, &main), readXML(book, beside, &refers))
	place := func(target string) string {
		if strings.HasPrefix(target, "/") {
			return path.Clean(target)[1:]
		}
		return path.Join(path.Dir(at), target)
	}
	for _, s := range main.Sheets {
		for _, r := range refers.All {
			switch {
			case s.Name == name && r.ID == s.ID && found.table == "":
				found.table = place(r.Target)
			case strings.HasSuffix(r.Type, "/styles"):
				found.styles = place(r.Target)
			}
		}
	}
	if found.table == "" {
		err = errors.Join(err, fmt.Errorf("%w: no table %q", ErrWorkbook, name))
	}
	return found, err
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
