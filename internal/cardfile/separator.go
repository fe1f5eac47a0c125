package cardfile

import (
	"bufio"
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
