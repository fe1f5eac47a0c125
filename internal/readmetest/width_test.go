package readmetest

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// maxWidth is the most characters of a line of prose, as of a line of code.
const maxWidth = 120

// TestProseIsWrapped: lines of English documents have at most 120 characters. Tables, headings and blocks of code are
// as wide as they must be. Not held to it are what programs write, the changelog, whose entries are a line each, and
// what is in Chinese, where the end of a line would show as a space.
func TestProseIsWrapped(t *testing.T) {
	t.Parallel()
	for name, text := range documents(t) {
		if strings.HasSuffix(name, ".zh.md") || strings.HasPrefix(name, "docs/zh/") ||
			strings.HasSuffix(name, "CHANGELOG.md") || strings.HasSuffix(name, "manual.md") || strings.HasSuffix(name, "performance.md") {
			continue
		}
		inBlock := false
		for i, line := range strings.Split(text, "\n") {
			fence := strings.HasPrefix(strings.TrimSpace(line), "```")
			if inBlock = inBlock != fence; inBlock || fence || strings.HasPrefix(line, "|") || strings.HasPrefix(line, "#") ||
				strings.HasPrefix(line, "    ") {
				continue
			}
			if n := utf8.RuneCountInString(line); n > maxWidth {
				t.Errorf("%s:%d has %d characters", name, i+1, n)
			}
		}
	}
}
