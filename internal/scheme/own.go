package scheme

import (
	"slices"
	"strings"
)

// OwnText returns the text that our own scheme signs: action, msid, time and nonce, then every parameter of the
// get group as name=value in byte order of the names, each on its own line. Values are those before URL encoding,
// numbers as written, and empty values are kept. If no name contains = and no value a line feed, every text
// belongs to only one request.
func OwnText(action string, sys System, get []Param) string {
	first := [...]string{action, sys.MSID, sys.Time, sys.Nonce}
	room := 0
	for _, line := range first {
		room += len(line) + len("\n")
	}
	for i := range get {
		room += len(get[i].Name) + len(get[i].Value) + len("=\n")
	}
	var text strings.Builder
	text.Grow(room)
	text.WriteString(action)
	for _, line := range first[1:] {
		text.WriteByte('\n')
		text.WriteString(line)
	}
	for _, p := range ByName(get, func(p Param) string { return p.Name }) {
		text.WriteByte('\n')
		text.WriteString(p.Name)
		text.WriteByte('=')
		text.WriteString(p.Value)
	}
	return text.String()
}

// ByName returns parameters in byte order of their names. Many tills send them so.
func ByName[P any](all []P, name func(P) string) []P {
	order := func(a, b P) int { return strings.Compare(name(a), name(b)) }
	if !slices.IsSortedFunc(all, order) {
		all = slices.Clone(all)
		slices.SortFunc(all, order)
	}
	return all
}
