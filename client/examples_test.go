package client_test

import (
	"os"
	"os/exec"
	"regexp"
	"testing"
)

// examples are the programs in examples/, each with what runs it. Those that a machine of a Go project may lack are
// checked where they are there.
var examples = []struct {
	program string
	args    []string
	may     bool // it may be missing
}{
	{"curl", []string{"sh", "../examples/curl/pay.sh"}, false},
	{"go", []string{"go", "run", "../examples/go"}, false},
	{"python3", []string{"python3", "../examples/python/pay.py"}, false},
	{"java", []string{"java", "../examples/java/Pay.java"}, true},
	{"php", []string{"php", "../examples/php/pay.php"}, true},
}

// runExamples pays a bill in every language that is installed.
func runExamples(t *testing.T, base, key string) {
	said := regexp.MustCompile(`^the card paid 1000, due 0, left -?\d+, again the same\n$`)
	for _, x := range examples {
		if _, err := exec.LookPath(x.program); err != nil {
			if !x.may {
				t.Errorf("%s is needed to check its example: apt-get install %s", x.program, x.program)
			}
			t.Logf("the example for %s was not checked: %v", x.program, err)
			continue
		}
		cmd := exec.CommandContext(t.Context(), x.args[0], x.args[1:]...)
		cmd.Env = append(os.Environ(), "API_URL="+base, "API_KEY="+key, "API_CARD=wx001")
		if out, err := cmd.CombinedOutput(); err != nil || !said.Match(out) {
			t.Errorf("%v: %v: %s", x.args, err, out)
		}
	}
}
