package dc78

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// TestReadme: the contract names every action and every refusal text, and each answer it shows is a recorded one.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme := read(t, "README.md")
	for i := range actions {
		for _, want := range []string{"| `" + actions[i].name + "` |", "### " + actions[i].name} {
			if !strings.Contains(readme, want) {
				t.Errorf("README.md lacks %q", want)
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
			t.Errorf("README.md lacks %q", f.info)
		}
	}
	files, err := filepath.Glob("testdata/*.http")
	if err != nil {
		t.Fatal(err)
	}
	recorded := ""
	for _, file := range files {
		recorded += read(t, file)
	}
	examples := 0
	for line := range strings.Lines(readme) {
		example := strings.TrimSpace(line)
		if strings.HasPrefix(line, "    ") && (strings.HasPrefix(example, "{") || strings.HasPrefix(example, "POST ")) {
			examples++
			if !strings.Contains(recorded, example) {
				t.Errorf("this example of README.md is not recorded: %s", example)
			}
		}
	}
	if examples < 5 {
		t.Errorf("found %d examples in README.md", examples)
	}
	for line := range strings.Lines(vectorText) {
		if !strings.Contains(readme, "    "+strings.TrimSpace(line)+"\n") {
			t.Errorf("README.md lacks the line %q of the signature text", line)
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
