package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var top = filepath.Join("..", "..")

// TestBreaks looks up what the table of breaks names. Without it the table would go on about code and tests that are
// there no more, and an invariant could be added that nobody tries.
func TestBreaks(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("testdata", "breaks.txt"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	rows := invariants(t)
	tried := map[string]bool{}
	var mistakes []string
	for i := range all {
		b := &all[i]
		if broken, err := b.Apply(top); err != nil {
			t.Errorf("%s: %v", b.Mistake, err)
		} else if b.New == b.Old || broken == "" {
			t.Errorf("%s: nothing is broken", b.Mistake)
		}
		if slices.Contains(mistakes, b.Mistake) {
			t.Errorf("%s: is there twice", b.Mistake)
		}
		mistakes = append(mistakes, b.Mistake)
		claimed := ""
		for _, number := range b.Invariants {
			tried[number] = true
			claimed += rows[number]
		}
		if len(b.Fails) == 0 {
			t.Errorf("%s: no test fails", b.Mistake)
		}
		for _, tests := range b.Fails {
			checkTests(t, b, tests, claimed)
		}
	}
	for number := range rows {
		if !tried[number] {
			t.Errorf("nothing tries invariant %s", number)
		}
	}
	if names := untried(all, rows); len(names) > 0 {
		t.Errorf("nothing tries these tests of rows: %s", strings.Join(names, " "))
	}
}

var rowTest = regexp.MustCompile("`((?:Test|Fuzz)[A-Z0-9][A-Za-z0-9_]*)`")

// untried are the tests that rows name and that no break is to make fail.
func untried(all []Break, rows map[string]string) (names []string) {
	broken := map[string]bool{}
	for i := range all {
		for _, tests := range all[i].Fails {
			for _, name := range tests.Names {
				broken[name] = true
			}
		}
	}
	for number, row := range rows {
		for _, m := range rowTest.FindAllStringSubmatch(row, -1) {
			if !broken[m[1]] {
				names = append(names, number+":"+m[1])
			}
		}
	}
	slices.Sort(names)
	return names
}

// implied are the words by which a row names a test that is named above or below the table.
var implied = map[string]string{
	"TestMemStore": "contract", "TestSQLite": "contract", "TestPostgres": "contract", "TestTamperingIsFound": "verify",
}

// checkTests looks up tests in their package and in the rows of the invariants they are to check.
func checkTests(t *testing.T, b *Break, tests Tests, claimed string) {
	t.Helper()
	src := sources(t, filepath.Join(top, filepath.FromSlash(tests.Package), "*_test.go"))
	for _, name := range tests.Names {
		if !strings.Contains(src, "\nfunc "+name+"("+parameter(name)+") {") {
			t.Errorf("%s: %s has no %s", b.Mistake, tests.Package, name)
		}
		word := implied[name]
		if !strings.Contains(claimed, "`"+name+"`") && (word == "" || !strings.Contains(strings.ToLower(claimed), word)) {
			t.Errorf("%s: docs/reliability.md does not say that %s checks this", b.Mistake, name)
		}
	}
	if len(tests.Names) == 0 {
		t.Errorf("%s: no test of %q", b.Mistake, tests.Package)
	}
}

// parameter is what a test of that name takes.
func parameter(name string) string {
	if strings.HasPrefix(name, "Fuzz") {
		return "f *testing.F"
	}
	return "t *testing.T"
}

var row = regexp.MustCompile(`(?m)^\| ([0-9]{2})(?:–([0-9]{2}))? \|.*\| (.*) \|$`)

// invariants are what docs/reliability.md says of each invariant, but those that are not yet checked.
func invariants(t *testing.T) map[string]string {
	t.Helper()
	rows := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(sources(t, filepath.Join(top, "docs", "reliability.md")), -1) {
		first, last := m[1], m[1]
		if m[2] != "" {
			last = m[2]
		}
		for number := first; number <= last; number = next(t, number) {
			if !strings.HasPrefix(m[3], "*not yet") {
				rows[number] = m[3]
			}
		}
	}
	if len(rows) < 50 {
		t.Fatalf("docs/reliability.md has %d invariants: the table was not read", len(rows))
	}
	return rows
}

func next(t *testing.T, number string) string {
	t.Helper()
	n, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(101 + n)[1:]
}

// sources are the texts of the files that match, one after the other.
func sources(t *testing.T, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(src)
	}
	return all.String()
}

// TestParseRefuses holds that a line which is misspelt is an error, and not a break that is left out.
func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"in x.go", "break 1: one digit", "break 01: so\nold x", "break 01: so\n-x"} {
		if all, err := Parse(text); err == nil {
			t.Errorf("%q was read as %v", text, all)
		}
	}
}
