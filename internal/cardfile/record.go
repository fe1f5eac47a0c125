package cardfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Bounds of a record, so that none takes more memory than its part of the file.
const (
	mostFields = 1_000
	mostRecord = 1 << 20 // bytes
	longKept   = 1 << 10 // bytes of one that is longer
)

// record is one record of a file. If its quotes are wrong it has a fault, and its only field is its text as it stands
// in the file: whoever imports that again without mending it is refused again, for the number of columns.
type record struct {
	line   int // the first of its lines, from 1
	fields []string
	fault  Reason
}

// records reads CSV record by record, as RFC 4180 has it, but goes on behind a wrong quote: that is the fault of its
// own record. Quotes in pairs inside an unquoted field are characters.
//
// A quoted field may hold line ends. A quote that somebody typed opens such a field too, and takes the rows behind it
// until the next quote. There are two cases. If what follows the quote is not CSV, or the file ends, the line of the
// quote is refused alone and reading goes on at the next line. If it is CSV, but a line in the quotes could be a row,
// it is not known which it is: all of it is refused as one record, so that no text of a field becomes a card, and no
// row gets the money of another. What follows the quote is not CSV either if it is longer than a record may be.
type records struct {
	text  *bufio.Reader
	sep   string
	line  int      // the number of the line that was read last
	ahead []string // lines to be read again, before those of text
	width int      // number of columns of the header, which is the first record; 0 = not read yet
	blank int      // number of lines and records without content that were passed over
}

// read returns the next record, with the fields appended to into. It passes over empty lines, and behind the header
// over records all of whose fields are empty: spreadsheets leave such rows where something was deleted. After the last
// one the error is io.EOF.
func (r *records) read(into []string) (record, error) {
	for {
		rec, err := r.one(into)
		if err != nil || rec.fault != (Reason{}) || slices.ContainsFunc(rec.fields, hasContent) {
			return rec, err
		}
		r.blank++
	}
}

func hasContent(field string) bool { return strings.TrimSpace(field) != "" }

// one returns the next record, which is without fields if it is an empty line.
func (r *records) one(into []string) (record, error) {
	line, err := r.next()
	if err != nil {
		return record{}, err
	}
	rec := record{line: r.line}
	if line == "" {
		return rec, nil
	}
	s := splitter{sep: r.sep, fields: into}
	switch ok := len(line) <= mostRecord && s.take(line); {
	case len(line) > mostRecord:
		rec.fields, rec.fault = append(into, line[:longKept]), longRecord
	case s.many():
		rec.fields, rec.fault = append(into, line[:min(len(line), longKept)]), manyFields
	case !ok:
		rec.fields, rec.fault = append(into, line), strayQuote
	case s.open:
		rec, err = r.long(line, &s)
	default:
		rec.fields = s.fields
	}
	if r.width == 0 {
		r.width = len(rec.fields)
	}
	return rec, err
}

// long returns the record that begins with a line in which a quoted field was opened and not closed. s has taken that
// line.
func (r *records) long(first string, s *splitter) (record, error) {
	rec := record{line: r.line}
	before := len(s.fields)
	couldBeRow := func(line string) bool { return strings.Count(line, r.sep)+1 >= r.width }
	var lines []string
	doubt, size := false, len(first)
	for s.open {
		line, err := r.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return record{}, err
		}
		if err == nil {
			lines = append(lines, line)
		}
		at, length := len(s.fields), len(s.text)+len("\n")
		size += len(line)
		switch {
		case err != nil || size > mostRecord || !s.take(line):
			r.again(lines)
			rec.fields, rec.fault = append(s.fields[:0], first), strayQuote
			return rec, nil
		case s.open:
			doubt = doubt || couldBeRow(line)
		default: // as a row of its own it has the columns before the quote in it, and those behind it
			inQuotes := strings.Count(s.fields[at][length:], r.sep)
			doubt = doubt || inQuotes >= before && (before > 0 || couldBeRow(first))
		}
	}
	rec.fields = s.fields
	if doubt {
		r.doubt(&rec, append([]string{first}, lines...))
	}
	return rec, nil
}

// doubt refuses a record that may be several rows between two stray quotes. With another number of columns it is
// refused anyway.
func (r *records) doubt(rec *record, lines []string) {
	if len(rec.fields) == r.width {
		rec.fields = append(rec.fields[:0], strings.Join(lines, "\n"))
		rec.fault = rowsInQuotes(rec.line, r.line)
	}
}

// next returns the next line, without its end. Of one that is longer than a record may be it returns no more than shows
// that.
func (r *records) next() (string, error) {
	if len(r.ahead) > 0 {
		line := r.ahead[0]
		r.ahead = r.ahead[1:]
		r.line++
		return line, nil
	}
	line, err := r.text.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line, err = r.rest(bytes.Clone(line))
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
		return "", err
	}
	r.line++
	return string(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))), nil
}

// rest returns a line that begins so, as far as mostRecord allows, and reads all of it.
func (r *records) rest(line []byte) ([]byte, error) {
	for {
		more, err := r.text.ReadSlice('\n')
		line = append(line, more...)
		if len(line) > mostRecord+len("\r\n") {
			line = append(line[:mostRecord+1], '\n')
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// again has lines that were just read be read again.
func (r *records) again(lines []string) {
	r.ahead = append(lines, r.ahead...)
	r.line -= len(lines)
}

// splitter divides the lines of one record into fields.
type splitter struct {
	sep    string
	fields []string
	open   bool   // a quoted field goes on in the next line
	text   []byte // of the quoted field so far
}

// many reports whether there are more fields than a record may have.
func (s *splitter) many() bool { return len(s.fields) > mostFields }

// take takes the next line and reports whether its quotes are right so far, and its fields not too many. After a line
// where they are not, the splitter is of no use.
func (s *splitter) take(line string) bool {
	if s.open {
		s.text = append(s.text, '\n')
	}
	for !s.many() {
		switch {
		case s.open:
		case strings.HasPrefix(line, `"`):
			s.open, s.text, line = true, s.text[:0], line[1:]
		default:
			field, rest, more := strings.Cut(line, s.sep)
			if !quotesInPairs(field) {
				return false
			}
			s.fields = append(s.fields, field)
			if !more {
				return true
			}
			line = rest
			continue
		}
		part, rest, closed := strings.Cut(line, `"`)
		s.text = append(s.text, part...)
		if !closed {
			return true
		}
		if line = rest; strings.HasPrefix(line, `"`) {
			s.text, line = append(s.text, '"'), line[1:]
			continue
		}
		s.open, s.fields = false, append(s.fields, string(s.text))
		if line == "" {
			return true
		}
		if line, closed = strings.CutPrefix(line, s.sep); !closed {
			return false
		}
	}
	return false
}

// quotesInPairs reports whether the quotes in an unquoted field, if there are any, can be characters of it. One alone
// may be half of a pair around a separator, and one behind spaces was rather meant to quote the field.
func quotesInPairs(field string) bool {
	n := strings.Count(field, `"`)
	return n == 0 || n%2 == 0 && !strings.HasPrefix(strings.TrimSpace(field), `"`)
}

var strayQuote = Reason{
	`a quote (") is wrong: a field with a quote in it stands in quotes, with the quote doubled`,
	`引号（"）有误：含引号的字段须整个用引号括起，其中的引号写成两个`,
}

var (
	longRecord = Reason{
		fmt.Sprintf("is longer than %d bytes", mostRecord), fmt.Sprintf("一行超过%d字节", mostRecord),
	}
	manyFields = Reason{
		fmt.Sprintf("has more than %d columns: keep those of the cards", mostFields),
		fmt.Sprintf("超过%d列：请只保留与卡有关的列", mostFields),
	}
)

func rowsInQuotes(first, last int) Reason {
	return Reason{
		fmt.Sprintf("a quote opened on line %d closes on line %d, and a line in it could be a row: if it is, mend the quote "+
			"in the file itself and import that again", first, last),
		fmt.Sprintf("第%d行的引号到第%d行才结束，其中的内容像是另一行：如果是，请在原文件中改正引号，再重新导入原文件", first, last),
	}
}
