package readmetest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// top is the top of the repository as seen from here.
var top = filepath.Join("..", "..")

var (
	link       = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
	testName   = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z0-9][A-Za-z0-9_]*)`")
	testFunc   = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Z0-9][A-Za-z0-9_]*)\(`)
	makeTarget = regexp.MustCompile("(?m)(?:`make ([a-z-]+)|^make ([a-z-]+)$)")
	makeRule   = regexp.MustCompile(`(?m)^([a-z-]+):.*## .`)
)

// TestLinks follows every relative link of every document.
func TestLinks(t *testing.T) {
	t.Parallel()
	for name, text := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			if _, err := os.Stat(filepath.Join(top, filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", name, m[1])
			}
		}
	}
}

// TestNamedTests looks up every test that a document names: docs/reliability.md is worth nothing when
// what it points to was renamed.
func TestNamedTests(t *testing.T) {
	t.Parallel()
	var have []string
	for _, src := range files(t, "_test.go") {
		for _, m := range testFunc.FindAllStringSubmatch(src, -1) {
			have = append(have, m[1])
		}
	}
	for name, text := range documents(t) {
		for _, m := range testName.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(have, m[1]) {
				t.Errorf("%s names %s, and there is no such test", name, m[1])
			}
		}
	}
}

// TestTargets looks up every make target that a document names, and that make help has them all.
func TestTargets(t *testing.T) {
	t.Parallel()
	makefile := read(t, "Makefile")
	var have []string
	for _, m := range makeRule.FindAllStringSubmatch(makefile, -1) {
		have = append(have, m[1])
	}
	_, phony, _ := strings.Cut(makefile, ".PHONY: ")
	phony, _, _ = strings.Cut(phony, "\n")
	for target := range strings.FieldsSeq(phony) {
		if !slices.Contains(have, target) {
			t.Errorf("make help does not list %s", target)
		}
	}
	for name, text := range documents(t) {
		for _, m := range makeTarget.FindAllStringSubmatch(text, -1) {
			if target := m[1] + m[2]; !slices.Contains(have, target) {
				t.Errorf("%s names make %s, and there is no such target", name, target)
			}
		}
	}
}

// documents are all Markdown files by name.
func documents(t *testing.T) map[string]string {
	t.Helper()
	docs := files(t, ".md")
	if docs["README.md"] == "" {
		t.Fatal("README.md was not found: the tree was not read")
	}
	return docs
}

// files are the texts of the tree whose names end so.
func files(t *testing.T, suffix string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(os.DirFS(top), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != "." {
			return fs.SkipDir
		}
		if !d.IsDir() && strings.HasSuffix(path, suffix) {
			found[path] = read(t, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
