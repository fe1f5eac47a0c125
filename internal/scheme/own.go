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
	sorted := slices.Clone(get)
	slices.SortFunc(sorted, func(a, b Param) int { return strings.Compare(a.Name, b.Name) })
	lines := make([]string, 0, len(sorted)+4)
	lines = append(lines, action, sys.MSID, sys.Time, sys.Nonce)
	for _, p := range sorted {
		lines = append(lines, p.Name+"="+p.Value)
	}
	return strings.Join(lines, "\n")
}
