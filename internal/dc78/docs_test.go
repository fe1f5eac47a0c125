package dc78

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
var contracts = []string{"../../docs/wires/dc78.md", "../../docs/wires/dc78.zh.md"}

// TestContract: both pages name every action, each parameter that is read and every refusal text, and no other action;
// each answer they show is a recorded one. -update writes the table of refusals.
func TestContract(t *testing.T) {
	t.Parallel()
	for _, page := range contracts {
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Parallel()
			contract(t, page)
		})
	}
}

// parameterRead is where a parameter of a request is read.
var parameterRead = regexp.MustCompile(`\bf\.[a-zA-Z]+\("([a-zA-Z_0-9]+)"`)

func contract(t *testing.T, page string) {
	t.Helper()
	var rows []string
	for _, f := range refusals {
		rows = append(rows, fmt.Sprintf("| %d | `%s` |\n", f.status, f.info))
	}
	readme := wiretest.Contract(t, page, "| HTTP | `info` |\n|---|---|\n", rows, *update)
	for _, name := range wiretest.NamesRead(t, parameterRead, 30) {
		if !strings.Contains(readme, "`"+name+"`") && !strings.Contains(readme, "`"+name+"=") {
			t.Errorf("a request's %s is read, and the page does not say so", name)
		}
	}
	if n := len(regexp.MustCompile(`(?m)^### (mb|co)_`).FindAllString(readme, -1)); n != len(actions) {
		t.Errorf("the page has %d actions, the code %d", n, len(actions))
	}
	for i := range actions {
		name := actions[i].name
		for _, want := range []string{"| `" + name + "`" + mark(name, page) + " |", "### " + name} {
			if !strings.Contains(readme, want) {
				t.Errorf("the page lacks %q", want)
			}
		}
	}
	for _, f := range []fault{
		faultAction, faultMethod, faultCredentials, faultTime, faultReplay, faultDenied, faultLicence, faultBusy,
		faultInternal, faultNoCard,
		faultNoResolver, faultTooMany(1), faultForm("…"), faultMissing("…"), faultBad("…", "…"), faultUnsupported("…"),
		faultNoCredential("msid"),
		faultCount, faultOfCard(ledger.Refusal{Reason: ledger.CardTaken, Detail: "100101"}).inRow(2),
		refusals[ledger.PasswordNeeded], refusals[ledger.PasswordWrong], refusals[ledger.TooManyTries],
		refusals[ledger.PasswordLocked],
		refusals[ledger.CodeNeeded], refusals[ledger.CodeWrong], refusals[ledger.CodeOver], refusals[ledger.TooManyCodes],
		refusals[ledger.NoRecipient], refusals[ledger.NoSender], refusals[ledger.MemberCodeWrong],
		refusals[ledger.MemberCodeUsed],
		refusals[ledger.TooManyMisses], refusals[ledger.RequestUnknown], otherKinds[ledger.Recharged.String()],
	} {
		if !strings.Contains(readme, "`"+f.info+"`") {
			t.Errorf("the page lacks %q", f.info)
		}
	}
	examplesRecorded(t, readme)
}

// examplesRecorded compares the examples of a page with what was recorded.
func examplesRecorded(t *testing.T, readme string) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.http")
	if err != nil {
		t.Fatal(err)
	}
	recorded := ""
	for _, file := range files {
		recorded += wiretest.Text(t, file)
	}
	examples := 0
	for line := range strings.Lines(readme) {
		example := strings.TrimSpace(line)
		if strings.HasPrefix(line, "    ") && (strings.HasPrefix(example, "{") || strings.HasPrefix(example, "POST ")) {
			examples++
			if !strings.Contains(recorded, example) {
				t.Errorf("this example of the page is not recorded: %s", example)
			}
		}
	}
	if examples < 5 {
		t.Errorf("found %d examples in the page", examples)
	}
	for line := range strings.Lines(vectorText) {
		if !strings.Contains(readme, "    "+strings.TrimSpace(line)+"\n") {
			t.Errorf("the page lacks the line %q of the signature text", line)
		}
	}
}

// mark returns what follows the name of an action that the published pages lack.
func mark(name, page string) string {
	switch {
	case !slices.Contains([]string{"mb_renew", "mb_invoice", "mb_refund", "mb_state"}, name):
		return ""
	case strings.HasSuffix(page, ".zh.md"):
		return "（本系统自有）"
	}
	return " (ours)"
}
