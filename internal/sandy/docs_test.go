package sandy

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// contracts are the pages that till vendors read.
var contracts = []string{"../../docs/wires/member-cjb.md", "../../docs/wires/member-cjb.zh.md"}

// fieldRead is where a field of a request is read.
var fieldRead = regexp.MustCompile(`\bf\.[a-zA-Z]+\("([a-zA-Z_0-9]+)"`)

// TestContract: both pages have every endpoint with its method and permission, each field that is read, every code and
// every refusal, and none besides; each example in them is a recorded answer. -update writes the table of refusals.
func TestContract(t *testing.T) {
	t.Parallel()
	for _, page := range contracts {
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Parallel()
			contract(t, page)
		})
	}
}

func contract(t *testing.T, page string) {
	t.Helper()
	readme := read(t, page)
	if written := withRefusals(readme); written != readme {
		if !*update {
			t.Error("the table of refusals is not that of the code: run this test with -update")
		} else if err := os.WriteFile(page, []byte(written), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range fieldsRead(t) {
		if !strings.Contains(readme, "`"+name+"`") {
			t.Errorf("a request's %s is read, and the page does not say so", name)
		}
	}
	rows := regexp.MustCompile("(?m)^\\| `[a-z_]+`[^|]*\\| (GET|POST) \\|").FindAllString(readme, -1)
	if n := len(rows); n != len(endpoints) {
		t.Errorf("the page has %d endpoints, the code %d", n, len(endpoints))
	}
	ours := " (ours)"
	if strings.HasSuffix(page, ".zh.md") {
		ours = "(自有)"
	}
	for _, e := range endpoints {
		for _, want := range []string{
			fmt.Sprintf("| `%s`%s | %s | %v |", e.name, mark(e.name, ours), e.method, e.may), "### " + heading(e.name),
		} {
			if !strings.Contains(readme, want) {
				t.Errorf("the page lacks %q", want)
			}
		}
	}
	for _, code := range []string{
		codeMissing, codeNoCard, codeTaken, codeShort, codeExpired, codeBad, codeUnknown, codeDenied, codeTooMany,
		codeInternal, codeNotDone, codeOpen,
	} {
		if want := fmt.Sprintf("| `%s` | %d |", code, fault{code: code}.status()); !strings.Contains(readme, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	recorded := read(t, "testdata/ours.http") + read(t, "testdata/published.http") +
		read(t, "testdata/published_demo.http") + read(t, "testdata/errors.http")
	examples := 0
	for _, line := range strings.Split(readme, "\n") {
		example := strings.TrimSpace(line)
		if strings.HasPrefix(line, "    ") && strings.HasPrefix(example, "{") && strings.HasSuffix(example, "}") {
			examples++
			if !strings.Contains(recorded, example) {
				t.Errorf("this example of the page is no recorded answer: %s", example)
			}
		}
	}
	if examples < 7 {
		t.Errorf("found %d examples in the page", examples)
	}
}

// fieldsRead returns the names of all fields that the endpoints read.
func fieldsRead(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range fieldRead.FindAllStringSubmatch(read(t, file), -1) {
			names = append(names, m[1])
		}
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) < 15 {
		t.Fatalf("only %q are read", names)
	}
	return names
}

// withRefusals returns a page with the table of refusals that the code has.
func withRefusals(page string) string {
	const head = "| `errcode` | `errmsg` |\n|---|---|\n"
	var rows []string
	for _, f := range refusals {
		rows = append(rows, fmt.Sprintf("| `%s` | `%s` |\n", f.code, f.text))
	}
	slices.Sort(rows)
	front, rest, _ := strings.Cut(page, head)
	_, rest, _ = strings.Cut("\n"+rest, "\n\n")
	return front + head + strings.Join(slices.Compact(rows), "") + "\n" + rest
}

// TestDivergences: the page says for every kind of entry under which event it is listed.
func TestDivergences(t *testing.T) {
	t.Parallel()
	page := read(t, "../../docs/divergences/sandy.md")
	for _, k := range ledger.Kinds {
		want := fmt.Sprintf("| %v | %d |", k, kinds[k].event)
		if kinds[k].event == 0 {
			want = fmt.Sprintf("| %v | – |", k)
		}
		if !strings.Contains(page, want) {
			t.Errorf("docs/divergences/sandy.md lacks %q", want)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// mark returns what follows the name of an endpoint that the published page lacks.
func mark(name, ours string) string {
	if slices.Contains([]string{"refund", "report_lost", "cancel_lost", "request"}, name) {
		return ours
	}
	return ""
}

// heading returns the heading under which an endpoint is described.
func heading(name string) string {
	if name == "cancel_lost" {
		return "report_lost, cancel_lost"
	}
	return name
}
