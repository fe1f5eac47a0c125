package sandy

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// TestReadme: the contract has every endpoint with its method and permission and every code, and each example in
// it is a recorded answer.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme := read(t, "README.md")
	for _, e := range endpoints {
		for _, want := range []string{
			fmt.Sprintf("| `%s`%s | %s | %v |", e.name, mark(e.name), e.method, e.may), "### " + heading(e.name),
		} {
			if !strings.Contains(readme, want) {
				t.Errorf("README.md lacks %q", want)
			}
		}
	}
	for _, code := range []string{
		codeMissing, codeNoCard, codeTaken, codeShort, codeExpired, codeBad, codeUnknown, codeDenied, codeTooMany,
		codeInternal,
	} {
		if want := fmt.Sprintf("| `%s` | %d |", code, fault{code: code}.status()); !strings.Contains(readme, want) {
			t.Errorf("README.md lacks %q", want)
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
				t.Errorf("this example of README.md is no recorded answer: %s", example)
			}
		}
	}
	if examples < 7 {
		t.Errorf("found %d examples in README.md", examples)
	}
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
func mark(name string) string {
	if slices.Contains([]string{"refund", "report_lost", "cancel_lost", "request"}, name) {
		return " (ours)"
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
