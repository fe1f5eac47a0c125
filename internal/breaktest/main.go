// Command breaktest tries what docs/reliability.md claims: it makes the mistakes of testdata/breaks.txt, one at a time,
// and wants the tests that are said to check the invariant to fail. A mistake that no test finds has survived, and is a
// fault of the tests or of the claim. make breaks runs it.
//
// No file of the tree is changed: the compiler is shown the broken text in place of the file (go build -overlay).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	invariant := flag.String("invariant", "", "try this invariant only, like 05")
	mistake := flag.String("mistake", "", "try only mistakes whose words have this in them")
	limit := flag.Duration("limit", 3*time.Minute, "how long the tests of one package may take, their build included")
	flag.Parse()
	if err := run(*invariant, *mistake, *limit); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(invariant, mistake string, limit time.Duration) error {
	top, err := os.Getwd()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(top, "internal", "breaktest", "testdata", "breaks.txt"))
	if err != nil {
		return fmt.Errorf("start it at the top of the repository: %w", err)
	}
	all, err := Parse(string(text))
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(b Break) bool {
		return invariant != "" && !slices.Contains(b.Invariants, invariant) || !strings.Contains(b.Mistake, mistake)
	})
	if len(all) == 0 {
		return errors.New("no break is of that invariant")
	}
	var survivors []string
	for i := range all {
		b := &all[i]
		name := strings.Join(b.Invariants, " ") + ": " + b.Mistake
		start := time.Now()
		missed, err := try(top, b, limit)
		outcome := "found"
		switch {
		case err != nil:
			outcome = err.Error()
			survivors = append(survivors, name)
		case len(missed) > 0:
			outcome = "SURVIVED " + strings.Join(missed, ", ")
			survivors = append(survivors, name)
		}
		fmt.Fprintf(os.Stdout, "%s: %s (%v)\n", name, outcome, time.Since(start).Round(time.Second))
	}
	fmt.Fprintf(os.Stdout, "%d breaks, %d found\n", len(all), len(all)-len(survivors))
	if len(survivors) > 0 {
		return fmt.Errorf("survived:\n%s", strings.Join(survivors, "\n"))
	}
	return nil
}

// try makes the mistake and returns which tests did not fail. A broken program that does not compile is an error.
func try(top string, b *Break, limit time.Duration) (missed []string, err error) {
	broken, err := b.Apply(top)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "break")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file, overlay := filepath.Join(dir, "broken"+filepath.Ext(b.File)), filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{
		"Replace": {filepath.Join(top, filepath.FromSlash(b.File)): file},
	})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(os.WriteFile(file, []byte(broken), 0o600), os.WriteFile(overlay, replace, 0o600)); err != nil {
		return nil, err
	}
	for _, tests := range b.Fails {
		survived, err := test(top, overlay, tests, limit)
		if err != nil {
			return nil, err
		}
		missed = append(missed, survived...)
	}
	return missed, nil
}

// test runs the tests on the broken program and returns which did not fail. The overlay is passed in GOFLAGS so that
// tests which build the program build the broken one.
func test(top, overlay string, tests Tests, limit time.Duration) (missed []string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	args := []string{
		"test", "-vet=off", "-count=1", "-timeout", limit.String(),
		"-run", "^(" + strings.Join(tests.Names, "|") + ")$", "./" + tests.Package,
	}
	if usesRapid(filepath.Join(top, filepath.FromSlash(tests.Package))) {
		args = append(args, "-rapid.shrinktime=0s", "-rapid.nofailfile")
	}
	//nolint:gosec // the table is part of the repository
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = top
	cmd.Env = append(os.Environ(), strings.TrimSpace("GOFLAGS="+os.Getenv("GOFLAGS")+" -overlay="+overlay))
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	if err == nil {
		return tests.Names, nil
	}
	if strings.Contains(string(out), "[build failed]") || strings.Contains(string(out), "[setup failed]") {
		return nil, fmt.Errorf("it does not compile:\n%s", out)
	}
	return slices.DeleteFunc(slices.Clone(tests.Names), func(name string) bool {
		return strings.Contains(string(out), "--- FAIL: "+name+" (")
	}), nil
}

// usesRapid reports whether the tests of a package have rapid's flags: a failure need not be made small here.
func usesRapid(dir string) bool {
	names, _ := filepath.Glob(filepath.Join(dir, "*_test.go"))
	return slices.ContainsFunc(names, func(name string) bool {
		src, err := os.ReadFile(name)
		return err == nil && strings.Contains(string(src), `"pgregory.net/rapid"`)
	})
}
