package cardfile

import (
	"bufio"
	"fmt"
	"slices"
	"strings"
)

// separators has the separators that are recognised, with their names for people.
var separators = []struct {
	sign rune
	name string
}{
	{',', "comma"}, {'\t', "tab"}, {';', "semicolon"}, {'，', "full-width comma"}, {'；', "full-width semicolon"},
	{'|', "bar"},
}

func separatorName(sign rune) string {
	for _, s := range separators {
		if s.sign == sign {
			return s.name
		}
	}
	return string(sign)
}

// separatorOf returns the separator by which the header, with which the text begins, has the most known columns,
// and their number. Among equal ones it returns the one with more columns.
func separatorOf(text string) (sign rune, known int) {
	sign = ','
	most := 1
	for _, s := range separators {
		header := firstRecord(text, s.sign)
		n := 0
		for _, h := range header {
			if _, ok := columnOf(h); ok {
				n++
			}
		}
		if n > known || n == known && len(header) > most {
			sign, known, most = s.sign, n, len(header)
		}
	}
	return sign, known
}

// headerWithin is how many of the first lines are looked at for the header.
const headerWithin = 10

// place says where the header of a file is, and what stands between its fields.
type place struct {
	separator rune
	line      int      // the first line of the header
	above     []string // the records above it, for people
	several   bool     // of which one has several fields with content, and may be a card
}

// headerIn returns where the header is in a text: the first record, unless that does not name the number and the name
// and one of the next does. Systems put a title above it, which is one field, and empty ones where the table is wide.
func headerIn(text string) place {
	sign, _ := separatorOf(text)
	found := place{separator: sign, line: 1}
	if namesCards(firstRecord(text, sign)) {
		return found
	}
	fewest := headerWithin
	for _, s := range separators {
		if at, ok := headerBelow(text, s.sign); ok && len(at.above) > 0 && len(at.above) < fewest {
			found, fewest = at, len(at.above)
		}
	}
	return found
}

// headerBelow returns the first place among the first records that names a number and a name; ok is false if none does.
func headerBelow(text string, sign rune) (at place, ok bool) {
	rows := records{text: bufio.NewReader(strings.NewReader(text)), sep: string(sign)}
	at.separator = sign
	for len(at.above) < headerWithin {
		record, err := rows.read(nil)
		if err != nil || record.fault != (Reason{}) {
			return at, false
		}
		if namesCards(record.fields) {
			at.line = record.line
			return at, true
		}
		full := slices.DeleteFunc(record.fields, func(f string) bool { return !hasContent(f) })
		at.several = at.several || len(full) > 1
		at.above = append(at.above, fmt.Sprintf("line %d, above the header: %s", record.line, cut(oneLine(full[0]))))
	}
	return at, false
}

// namesCards reports whether a record is a header of cards: it names their number and their name.
func namesCards(fields []string) bool {
	var number, name bool
	for _, f := range fields {
		column, _ := columnOf(f)
		number, name = number || column == "number", name || column == "name"
	}
	return number && name
}

// firstRecord returns the first CSV record of a text, or nil if it cannot be parsed.
func firstRecord(text string, sign rune) []string {
	rows := records{text: bufio.NewReader(strings.NewReader(text)), sep: string(sign)}
	first, err := rows.read(nil)
	if err != nil || first.fault != (Reason{}) {
		return nil
	}
	return first.fields
}

// declared returns the separator that the first line names, as some spreadsheets write it (sep=;), and the text
// after that line.
func declared(text string) (sign rune, rest string, ok bool) {
	line, rest, _ := strings.Cut(text, "\n")
	name, ok := strings.CutPrefix(strings.TrimRight(line, "\r"), "sep=")
	signs := []rune(name)
	if !ok || len(signs) != 1 || name == `"` {
		return 0, text, false
	}
	return signs[0], rest, true
}
