package readmetest

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	shownBlock = regexp.MustCompile("(?ms)^```(?:sh|console)\n(.*?)^```")
	typed      = regexp.MustCompile(`(?:^|[\s(])(?:\./(?:cmd/)?)?tongka ([a-z][a-z0-9]*(?: [a-z][a-z0-9-]*)?)([^|\n]*)`)
	typedFlag  = regexp.MustCompile(`(?:^|\s)(--[a-z][a-z0-9-]*)`)
	manualPart = regexp.MustCompile("(?m)^### `([a-z0-9]+(?: [a-z][a-z0-9-]*)?)")
)

// TestTypedCommands looks up every command of the program in the examples of documents, with its flags, in the manual:
// there is such a command, and it has such a flag.
func TestTypedCommands(t *testing.T) {
	t.Parallel()
	manual, looked := manualByCommand(t), 0
	for name, text := range documents(t) {
		if past(name, text) || name == "docs/manual.md" {
			continue
		}
		for _, b := range shownBlock.FindAllStringSubmatch(text, -1) {
			lines := strings.NewReplacer("\\\n", " ", "-u tongka ", "").Replace(b[1]) // the user is called so too
			for _, m := range typed.FindAllStringSubmatch(lines, -1) {
				command, _, _ := strings.Cut(m[1], " ")
				if manual[m[1]] != "" {
					command = m[1]
				}
				if looked++; manual[command] == "" {
					t.Errorf("%s types tongka %s, and there is no such command", name, m[1])
					continue
				}
				for _, flag := range typedFlag.FindAllStringSubmatch(m[2], -1) {
					if !regexp.MustCompile("`"+flag[1]+"[`= ]").MatchString(manual[command]) && flag[1] != "--config" {
						t.Errorf("%s types tongka %s %s, and there is no such flag", name, command, flag[1])
					}
				}
			}
		}
	}
	if looked < 60 {
		t.Errorf("%d commands were looked up: they are not where they were", looked)
	}
}

// manualByCommand is what the manual says of each command.
func manualByCommand(t *testing.T) map[string]string {
	t.Helper()
	commands, _, _ := strings.Cut(read(t, "docs/manual.md"), "\n## Settings\n")
	parts := map[string]string{}
	at := manualPart.FindAllStringSubmatchIndex(commands, -1)
	for i, m := range at {
		end := len(commands)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		parts[commands[m[2]:m[3]]] = commands[m[0]:end]
	}
	return parts
}

var (
	inItalics = regexp.MustCompile(`(?:^|[^*\w])\*([^*\n]+)\*(?:[^*]|$)`)
	inQuotes  = regexp.MustCompile(`“([^”]+)”`)
	screenZh  = regexp.MustCompile(`"((?:[^"\\]|\\.)*\p{Han}(?:[^"\\]|\\.)*)"`)
	screenEn  = regexp.MustCompile(`\{(?:Zh: )?"(?:[^"\\]|\\.)*\p{Han}(?:[^"\\]|\\.)*",\s*(?:En: )?"((?:[^"\\]|\\.)*)"`)
)

// TestScreensAsNamed looks up what the how-tos call the parts of screens, in italics or between quotation marks: the
// console or the holder's page has those very words.
func TestScreensAsNamed(t *testing.T) {
	t.Parallel()
	zh, en := map[string]bool{}, map[string]bool{}
	for name, src := range files(t, ".go") {
		if dir := path.Dir(name); dir != "internal/console" && dir != "internal/page" && dir != "internal/phrase" {
			continue
		}
		for _, m := range screenZh.FindAllStringSubmatch(src, -1) {
			zh[m[1]] = true
		}
		for _, m := range screenEn.FindAllStringSubmatch(src, -1) {
			en[m[1]] = true
		}
	}
	looked, docs := 0, documents(t)
	look := func(name string, named *regexp.Regexp, screens map[string]bool) {
		for _, m := range named.FindAllStringSubmatch(block.ReplaceAllString(docs[name], ""), -1) {
			if looked++; !screens[m[1]] {
				t.Errorf("%s names %s, which no screen says", name, m[1])
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		if strings.HasPrefix(name, "docs/howto/") {
			look(name, inItalics, en)
		}
		if strings.HasPrefix(name, "docs/zh/howto/") {
			look(name, inQuotes, zh)
		}
	}
	if looked < 100 {
		t.Errorf("%d names were looked up: they are not where they were", looked)
	}
}
