package sheet

import (
	"regexp"
	"strings"
)

// formula has the characters that make a spreadsheet take a field for a formula if it begins with them.
const formula = "=+-@\t\r＝＋－＠"

// separators are what a spreadsheet may cut a field of CSV at, though we mean something else by them: where amounts are
// written with a comma its fields end with a semicolon, and then quotation marks in a line hold nothing together.
const separators = ";\t\r\n"

// Guard returns a text as a field of CSV: with an apostrophe before what a spreadsheet would take for a formula, also
// where that follows a separator, before digits that it would change, and before a text from which Unguard would remove
// an apostrophe. A negative amount gets none: with it, spreadsheets would treat the amount as text and leave it out of
// sums.
func Guard(s string) string {
	if s = guardRests(s); takesGuard(s) || losesDigits(s) {
		return "'" + s
	}
	return s
}

// guardRests returns a text with an apostrophe before what would be a formula behind a separator.
func guardRests(s string) string {
	return eachRest(s, func(rest string) string {
		if isFormula(strings.TrimLeft(rest, "'")) {
			return "'" + rest
		}
		return rest
	})
}

// eachRest returns a text with what is made of each of its parts that begins behind a separator.
func eachRest(s string, of func(rest string) string) string {
	if !strings.ContainsAny(s, separators) {
		return s
	}
	var b strings.Builder
	for i := strings.IndexAny(s, separators); i >= 0; i = strings.IndexAny(s, separators) {
		b.WriteString(s[:i+1])
		s = s[i+1:]
		end := strings.IndexAny(s, separators)
		if end < 0 {
			end = len(s)
		}
		b.WriteString(of(s[:end]))
		s = s[end:]
	}
	return b.String()
}

// guardCell returns a text as a cell of a workbook, which says that it is text: no digits are lost there. A formula is
// guarded all the same, for it becomes one when somebody edits the cell, or saves the workbook as CSV.
func guardCell(s string) string {
	if s = guardRests(s); takesGuard(s) {
		return "'" + s
	}
	return s
}

// takesGuard reports whether a text would be taken for a formula, or Unguard would remove an apostrophe from it.
func takesGuard(s string) bool {
	if strings.HasPrefix(s, "'") {
		return takesMark(s)
	}
	return isFormula(s) && !Negative(s)
}

// Unguard removes what Guard has added, an apostrophe by which somebody made a spreadsheet keep digits as they are,
// and the formula ="0001", by which other systems keep leading zeros.
func Unguard(s string) string {
	s = eachRest(s, func(rest string) string {
		if bare, marked := strings.CutPrefix(rest, "'"); marked && isFormula(strings.TrimLeft(bare, "'")) {
			return bare
		}
		return rest
	})
	if len(s) > 1 && s[0] == '\'' && takesMark(s[1:]) {
		return s[1:]
	}
	if len(s) >= 3 && strings.HasPrefix(s, `="`) && strings.HasSuffix(s, `"`) && !strings.Contains(s[2:len(s)-1], `"`) {
		return s[2 : len(s)-1]
	}
	return s
}

// longDigits is from how many digits on a spreadsheet shows a number, and writes it, as 1.23E+11.
const longDigits = 12

// losesDigits reports whether a spreadsheet would take a text for a number and write other digits back: 00123 as 123,
// a long number as 1.23E+17, and 12E3 as 12000.
func losesDigits(s string) bool {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return false
	}
	whole := strings.TrimLeft(s, "0123456789")
	switch {
	case whole == "":
		return s[0] == '0' && len(s) > 1 || len(s) >= longDigits
	case whole[0] == 'e' || whole[0] == 'E':
		power := whole[1:]
		return power != "" && strings.Trim(power, "0123456789") == ""
	}
	return false
}

// Negative reports whether a text is a number below 0 as spreadsheets write it.
func Negative(s string) bool { return negative.MatchString(s) }

var negative = regexp.MustCompile(`^-(0|[1-9]\d{0,14})(\.\d+)?$`)

// takesMark reports whether a text, after any number of apostrophes, begins with a digit or like a formula, so that
// one more apostrophe before it is a mark and not part of the text.
func takesMark(s string) bool {
	s = strings.TrimLeft(s, "'")
	return isFormula(s) || s != "" && s[0] >= '0' && s[0] <= '9'
}

// isFormula reports whether a spreadsheet would take a text for a formula.
func isFormula(s string) bool {
	for _, r := range s {
		return strings.ContainsRune(formula, r)
	}
	return false
}
