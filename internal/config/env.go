package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// others are the variables that the program and its parts read beside those of settings.
var others = []string{
	"TONGKA_CONFIG", "TONGKA_KEY", "TONGKA_DC78_APIKEY", "TONGKA_DC78_SECRET", "TONGKA_ALERT", "TONGKA_FAILOVERS",
	"TONGKA_TOGETHER", "TONGKA_TOGETHER_OUT",
}

// ofCluster matches what Kubernetes and container links put into the environment for a service that is called tongka,
// or tongka-admin.
var ofCluster = regexp.MustCompile(`^TONGKA_(\w+_)?(SERVICE_(HOST|PORT)(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)=|` +
	`^TONGKA_(\w+_)?PORT=\w+://`)

// CheckEnv returns an error for a variable like TONGKA_ADR=… of an environment that would be a setting, but is none:
// the program would silently go by the default.
func CheckEnv(environ []string) error {
	known := slices.Clone(others)
	for _, c := range Comments() {
		known = append(known, c.Env)
	}
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, "TONGKA_") || strings.HasPrefix(name, "TONGKA_TEST_") ||
			slices.Contains(known, name) || ofCluster.MatchString(variable) {
			continue
		}
		return fmt.Errorf("environment: there is no setting %s%s: mend or unset it; tongka serve --help lists them",
			name, nearest(known, strings.ToUpper(name)))
	}
	return nil
}

// nearest returns ", the nearest is X" for the known name that a mistyped one is most like, or "" if none is.
func nearest(known []string, name string) string {
	far := func(a string) int {
		if strings.HasPrefix(a, name) {
			return 0
		}
		return distance(a, name)
	}
	best := slices.MinFunc(known, func(a, b string) int { return far(a) - far(b) })
	if far(best) > 2 {
		return ""
	}
	return ", the nearest is " + best
}

// distance returns how many letters must be put in, taken out or replaced to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1) // the distances from the letters of a so far to each beginning of b
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := before
			if a[i] != b[j] {
				replaced++
			}
			before, row[j+1] = row[j+1], min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
