package api

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// notHere are the commands that the console or its jobs give and the API does not, each with the reason.
var notHere = map[string]string{
	"AddMerchant":     "merchants are the host's, and a key is of one",
	"Expire":          "the sweep gives it by itself",
	"ExpireCoupons":   "the sweep gives it by itself",
	"HandOver":        "a shift is closed by the person who counts the money",
	"Import":          "rows of a file, which the job of commitImport brings in",
	"ReverseOpenings": "what a job brought in, which the job of undoImport takes back",
	"TurnDown":        "a proposal is turned down by a second person",
}

var decides = regexp.MustCompile(`(?m)^func \(\w+ \*?(\w+)\) Decide\(`)

var given = regexp.MustCompile(`command\.([A-Z]\w+)\{`)

// commandsOf returns the commands that a package gives.
func commandsOf(t *testing.T, folder string) map[string]bool {
	t.Helper()
	decided := map[string]bool{}
	for _, c := range decides.FindAllStringSubmatch(source(t, "../command"), -1) {
		decided[c[1]] = true
	}
	all := map[string]bool{}
	for _, c := range given.FindAllStringSubmatch(source(t, folder), -1) {
		if decided[c[1]] {
			all[c[1]] = true
		}
	}
	return all
}

// source returns the text of a package, without its tests.
func source(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// What people do in the console a program can do, but for what is listed with a reason. So a new act of the console is
// not forgotten here.
func TestReachesWhatTheConsoleReaches(t *testing.T) {
	t.Parallel()
	there, here := commandsOf(t, "../console"), commandsOf(t, ".")
	maps.Copy(there, commandsOf(t, "../job"))
	if len(there) < 30 {
		t.Fatalf("the console gives %d commands only", len(there))
	}
	for _, name := range slices.Sorted(maps.Keys(there)) {
		if !here[name] && notHere[name] == "" {
			t.Errorf("the console gives %s and the API does not: add an operation, or the reason why there is none", name)
		}
	}
	for name := range notHere {
		if here[name] || !there[name] {
			t.Errorf("%s needs no reason any more", name)
		}
	}
}
