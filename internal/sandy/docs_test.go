package sandy

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tongka/internal/ledger"
	"tongka/internal/wiretest"
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
	var rows []string
	for _, f := range refusals {
		rows = append(rows, fmt.Sprintf("| `%s` | `%s` |\n", f.code, f.text))
	}
	readme := wiretest.Contract(t, page, "| `errcode` | `errmsg` |\n|---|---|\n", rows, *update)
	for _, name := range wiretest.NamesRead(t, fieldRead, 15) {
		if !strings.Contains(readme, "`"+name+"`") {
			t.Errorf("a request's %s is read, and the page does not say so", name)
		}
	}
	listed := regexp.MustCompile("(?m)^\\| `[a-z_]+`[^|]*\\| (GET|POST) \\|").FindAllString(readme, -1)
	if n := len(listed); n != len(endpoints) {
		t.Errorf("the page has %d endpoints, the code %d", n, len(endpoints))
	}
	ours := " (ours)"
	if strings.HasSuffix(page, ".zh.md") {
		ours = "（自有）"
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
	recorded := wiretest.Text(t, "testdata/ours.http") + wiretest.Text(t, "testdata/published.http") +
		wiretest.Text(t, "testdata/published_demo.http") + wiretest.Text(t, "testdata/errors.http")
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

// TestDivergences: the page says for every kind of entry under which event it is listed.
func TestDivergences(t *testing.T) {
	t.Parallel()
	page := wiretest.Text(t, "../../docs/divergences/sandy.md")
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
