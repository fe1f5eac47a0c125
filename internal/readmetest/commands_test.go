package readmetest

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	manualCommand = regexp.MustCompile("(?m)^### `([a-z0-9]+(?: [a-z][a-z0-9-]*)?)[^`]*`$")
	programsRow   = regexp.MustCompile(`(?m)^\| (?:Programs|命令行) \| (.*) \|$`)
	codeSpan      = regexp.MustCompile("`([^`]+)`")
)

// TestCommandsOfTheReadme holds the list of commands on both first pages against the manual, which is made from the
// program's table of commands.
func TestCommandsOfTheReadme(t *testing.T) {
	t.Parallel()
	var want []string
	for _, m := range manualCommand.FindAllStringSubmatch(read(t, "docs/manual.md"), -1) {
		want = append(want, m[1])
	}
	slices.Sort(want)
	if len(want) < 40 {
		t.Fatalf("the manual has %d commands: it was not read", len(want))
	}
	for _, page := range []string{"README.md", "README.zh.md"} {
		row := programsRow.FindStringSubmatch(read(t, page))
		if row == nil {
			t.Errorf("%s does not list the commands", page)
			continue
		}
		got := listedCommands(row[1])
		for _, command := range want {
			if !slices.Contains(got, command) {
				t.Errorf("%s lacks %s", page, command)
			}
		}
		for _, command := range got {
			if !slices.Contains(want, command) {
				t.Errorf("%s lists %s, and there is no such command", page, command)
			}
		}
	}
}

// TestFirstPagesSayTheSame holds that both first pages name the same endpoints, actions, parameters and commands in
// what is supported.
func TestFirstPagesSayTheSame(t *testing.T) {
	t.Parallel()
	named := func(page, heading string) []string {
		_, section, found := strings.Cut(read(t, page), "\n## "+heading+"\n")
		section, _, _ = strings.Cut(section, "\n\n尚未提供")
		section, _, _ = strings.Cut(section, "\n\nNot there yet")
		all := spans(section)
		if slices.Sort(all); !found || len(all) < 80 {
			t.Fatalf("%s names %d things under %q: it was not read", page, len(all), heading)
		}
		return all
	}
	english, chinese := named("README.md", "What is supported"), named("README.zh.md", "支持什么")
	if !slices.Equal(english, chinese) {
		t.Errorf("README.md names\n%q\nREADME.zh.md\n%q", english, chinese)
	}
}

// listedCommands reads a list like `serve` · `cards`: `import` `export`.
func listedCommands(list string) (all []string) {
	for part := range strings.SplitSeq(list, " · ") {
		spans := codeSpan.FindAllStringSubmatch(part, -1)
		for i, span := range spans {
			name := strings.TrimPrefix(spans[0][1], "tongka ")
			if i > 0 {
				name += " " + span[1]
			}
			if i > 0 || len(spans) == 1 {
				all = append(all, name)
			}
		}
	}
	return all
}
