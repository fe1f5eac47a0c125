package readmetest

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	block      = regexp.MustCompile("(?s)```.*?```")
	span       = regexp.MustCompile("`([^`]+)`")
	fileName   = regexp.MustCompile(`^[\w./*@-]+\.(?:go|sql|txt|http|yaml|md|sh|service|timer|json|conf)$`)
	folderName = regexp.MustCompile(`^(?:internal|cmd|docs|packaging|client|scripts|tools)(?:/[\w./*-]+)?$`)
	identifier = regexp.MustCompile(`^(?:\w+\.)?(\w*[a-z]\w*)$`)
	mixedCase  = regexp.MustCompile(`^[A-Za-z]+[a-z]\w*[A-Z]|^[A-Z][A-Z]*[a-z]`)
	flagName   = regexp.MustCompile(`(?:^|[\s(])(--[a-z][a-z0-9-]*)`)
	asCommand  = regexp.MustCompile(`^tongka ([a-z0-9]+)(?: ([a-z][a-z0-9-]*))?`)
)

// past reports whether a document tells of what was: the changelog, and decisions that were overturned.
func past(name, text string) bool {
	return name == "CHANGELOG.md" || strings.Contains(text, "\nOverturned by [")
}

// spans are the texts between backticks of a document, without its blocks, each in one line.
func spans(text string) (all []string) {
	for _, m := range span.FindAllStringSubmatch(block.ReplaceAllString(text, ""), -1) {
		all = append(all, strings.Join(strings.Fields(m[1]), " "))
	}
	return all
}

// notOurs are names in documents that look like files of the repository and are none, each for its reason.
var notOurs = []string{
	"/etc/tongka/tongka.yaml", // where packages put packaging/tongka.yaml
}

// TestNamedFiles looks up every file and folder of the repository that a document names: by its path from the top, by
// the path as seen from the document, or by the end of a path.
func TestNamedFiles(t *testing.T) {
	t.Parallel()
	have := paths(t)
	looked := 0
	for name, text := range documents(t) {
		if past(name, text) {
			continue
		}
		for _, s := range spans(text) {
			if !fileName.MatchString(s) && !folderName.MatchString(s) || slices.Contains(notOurs, s) {
				continue
			}
			looked++
			if !named(have, path.Dir(name), strings.TrimSuffix(s, "/")) {
				t.Errorf("%s names %s, which is not there", name, s)
			}
		}
	}
	if looked < 200 {
		t.Errorf("%d names were looked up: they are not where they were", looked)
	}
}

// named reports whether one of the paths is the one that a document in a folder names; a name may have a * in it.
func named(have []string, folder, name string) bool {
	return slices.ContainsFunc(have, func(p string) bool {
		for _, pattern := range []string{name, path.Join(folder, name)} {
			if ok, err := path.Match(pattern, p); err == nil && ok {
				return true
			}
		}
		parts := strings.Split(p, "/")
		tail := parts[max(0, len(parts)-1-strings.Count(name, "/")):]
		ok, err := path.Match(name, strings.Join(tail, "/"))
		return err == nil && ok
	})
}

// paths are all files and folders of the repository, with slashes.
func paths(t *testing.T) (all []string) {
	t.Helper()
	err := filepath.WalkDir(top, func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, p)
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".") && !slices.Contains([]string{".", ".ci", ".vitepress"}, d.Name())
		built := strings.HasSuffix(filepath.Dir(rel), ".vitepress") && d.Name() != "theme"
		if d.IsDir() && (hidden || built) && rel != "." {
			return filepath.SkipDir
		}
		all = append(all, filepath.ToSlash(rel))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestNamedIdentifiers looks up every identifier that documents on the code name, such as Card.Post.
func TestNamedIdentifiers(t *testing.T) {
	t.Parallel()
	words := map[string]bool{}
	word := regexp.MustCompile(`\w+`)
	for _, suffix := range []string{".go", ".sql"} {
		for _, src := range files(t, suffix) {
			for _, w := range word.FindAllString(src, -1) {
				words[w] = true
			}
		}
	}
	looked := 0
	for name, text := range documents(t) {
		if past(name, text) || !strings.HasPrefix(name, "docs/") && name != "CONTRIBUTING.md" {
			continue
		}
		for _, s := range spans(text) {
			m := identifier.FindStringSubmatch(s)
			if m == nil || fileName.MatchString(s) || !mixedCase.MatchString(m[1]) {
				continue
			}
			looked++
			if !words[m[1]] {
				t.Errorf("%s names %s, which no code has", name, s)
			}
		}
	}
	if looked < 200 {
		t.Errorf("%d names were looked up: they are not where they were", looked)
	}
}

// othersFlags are flags of other programs than tongka that documents name.
var othersFlags = []string{
	"--priority",     // journalctl
	"--project",      // dotnet run
	"--stop-timeout", // docker run
}

// TestNamedCommands looks up every command and flag of the program that a document names in the manual, which is made
// from the table of commands.
func TestNamedCommands(t *testing.T) {
	t.Parallel()
	manual := read(t, "docs/manual.md")
	var commands []string
	for _, m := range manualCommand.FindAllStringSubmatch(manual, -1) {
		commands = append(commands, m[1])
	}
	looked := 0
	for name, text := range documents(t) {
		if past(name, text) || name == "docs/manual.md" {
			continue
		}
		for _, s := range spans(text) {
			for _, m := range flagName.FindAllStringSubmatch(s, -1) {
				looked++
				told := regexp.MustCompile("`" + m[1] + "[`= ]").MatchString(manual)
				if !told && !slices.Contains(othersFlags, m[1]) {
					t.Errorf("%s names %s, and there is no such flag", name, m[1])
				}
			}
			if m := asCommand.FindStringSubmatch(s); m != nil {
				looked++
				if !isCommand(commands, m[1], m[2]) {
					t.Errorf("%s names tongka %s, and there is no such command", name, strings.TrimSpace(m[1]+" "+m[2]))
				}
			}
		}
	}
	if looked < 100 {
		t.Errorf("%d names were looked up: they are not where they were", looked)
	}
}

// isCommand reports whether word is a command by itself, or begins one that goes on with next; without next, any.
func isCommand(commands []string, word, next string) bool {
	return slices.ContainsFunc(commands, func(c string) bool {
		return c == word || c == word+" "+next || next == "" && strings.HasPrefix(c, word+" ")
	})
}

// TestArchitectureHasEveryFolder: docs/architecture.md says of each package under internal what it is for.
func TestArchitectureHasEveryFolder(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n## Folders\n")
	table, _, _ = strings.Cut(table, "\n## ")
	folders, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if name := "`internal/" + f.Name() + "`"; f.IsDir() && !strings.Contains(table, name) {
			t.Errorf("the table of folders has no %s", name)
		}
	}
}
