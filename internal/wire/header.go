package wire

import "strings"

// Only returns the value of a header that may be sent several times, in the form in which its values are compared. A
// proxy may join the lines of a header into one, with commas between them, so what stands between commas is a value
// like any other. same is false if the values differ.
func Only(lines []string, form func(string) string) (value string, same bool) {
	first := true
	for _, line := range lines {
		for one := range strings.SplitSeq(line, ",") {
			switch one = form(strings.TrimSpace(one)); {
			case first:
				value, first = one, false
			case one != value:
				return "", false
			}
		}
	}
	return value, true
}
