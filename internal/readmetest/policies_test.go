package readmetest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

var (
	policyRow = regexp.MustCompile(
		`(?m)^\| (\w+) \| (\S+) and (\S+) of bonus \| nothing \| (\S+) and (\S+) of bonus \|$`)
	policyLine = regexp.MustCompile(`^merchant policy=(\w+)$`)
	taken      = regexp.MustCompile(`^→ #\d+ consume: .*? lot\(#\d+ ([-+]\S+?)(?: bonus([-+]\S+?))?\)$`)
	kept       = regexp.MustCompile(`^→ \d+ active .* lots: #\d+ (\S+)(?: bonus (\S+))?, #\d+ 100\.00$`)
)

// TestPolicies holds the worked example of the manual against the scenario in which the core works it: for each policy
// what a bill takes of the first of two lots, and what is left of both.
func TestPolicies(t *testing.T) {
	t.Parallel()
	rows := policyRow.FindAllStringSubmatch(read(t, "docs/manual.md"), -1)
	if len(rows) != 3 {
		t.Fatalf("the manual has %d rows of policies, want 3", len(rows))
	}
	worked := workedPolicies(read(t, "internal/command/testdata/policy-by-lot.txt"))
	for _, row := range rows {
		if got, want := strings.Join(row[2:], " "), worked[row[1]]; got != want {
			t.Errorf("%s: the manual says %s, the scenario %s", row[1], got, want)
		}
	}
}

// workedPolicies returns, by policy, the principal and bonus that the first bill under it took of the first lot, and
// those that the card had left. The second lot is untouched: it has 100.00.
func workedPolicies(scenario string) map[string]string {
	worked := map[string]string{}
	policy, of := "", ""
	for line := range strings.Lines(scenario) {
		line = strings.TrimSpace(line)
		if m := policyLine.FindStringSubmatch(line); m != nil {
			policy = m[1]
		}
		if m := taken.FindStringSubmatch(line); m != nil {
			of = plain(m[1]) + " " + plain(m[2])
		}
		if m := kept.FindStringSubmatch(line); m != nil && of != "" && worked[policy] == "" {
			var yuan, fen int
			_, _ = fmt.Sscanf(m[1], "%d.%d", &yuan, &fen) // of the form that kept asks for, or the rows differ
			worked[policy] = fmt.Sprintf("%s %d.%02d %s", of, yuan+100, fen, plain(m[2]))
			of = ""
		}
	}
	return worked
}

// plain returns an amount without its sign; one that is not written is 0.00.
func plain(amount string) string {
	if amount == "" {
		return "0.00"
	}
	return strings.TrimLeft(amount, "+-")
}
