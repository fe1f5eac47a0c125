package wiretest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Text returns what is in a file.
func Text(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Contract returns the page that till vendors read of a dialect. The table below the given head must have the given
// rows, in order and each once; with update the page is written with them.
func Contract(t *testing.T, page, head string, rows []string, update bool) string {
	t.Helper()
	text := Text(t, page)
	slices.Sort(rows)
	front, rest, _ := strings.Cut(text, head)
	_, rest, _ = strings.Cut("\n"+rest, "\n\n")
	if written := front + head + strings.Join(slices.Compact(rows), "") + "\n" + rest; written != text {
		if !update {
			t.Error("the table of refusals is not that of the code: run this test with -update")
		} else if err := os.WriteFile(page, []byte(written), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return text
}

// NamesRead returns the names of all parts of a request that the package of the test reads, by a pattern whose first
// group is a name. There must be at least so many.
func NamesRead(t *testing.T, pattern *regexp.Regexp, least int) (names []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range pattern.FindAllStringSubmatch(Text(t, file), -1) {
			names = append(names, m[1])
		}
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) < least {
		t.Fatalf("only %q are read", names)
	}
	return names
}
