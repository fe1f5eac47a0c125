package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Break is one natural mistake, and the tests that must fail when somebody makes it.
type Break struct {
	Invariants []string // two digits each
	Mistake    string   // in words
	File       string   // from the top of the repository
	Old, New   string   // Old is in File exactly once
	Fails      []Tests
}

// Tests are tests of one package. Each of them must fail.
type Tests struct {
	Package string // from the top of the repository
	Names   []string
}

var heading = regexp.MustCompile(`^break ([0-9]{2}(?: [0-9]{2})*): (.+)$`)

// Parse reads a table of breaks, see testdata/breaks.txt.
func Parse(text string) (all []Break, err error) {
	for i, line := range strings.Split(text, "\n") {
		word, rest, _ := strings.Cut(line, " ")
		if m := heading.FindStringSubmatch(line); m != nil {
			all = append(all, Break{Invariants: strings.Fields(m[1]), Mistake: m[2]})
			continue
		}
		if line == "" || word == "#" {
			continue
		}
		if len(all) == 0 {
			return nil, fmt.Errorf("line %d: want a heading first, like break 01: what was done wrong", i+1)
		}
		b := &all[len(all)-1]
		switch word {
		case "in":
			b.File = rest
		case "-":
			b.Old = joined(b.Old, rest)
		case "+":
			b.New = joined(b.New, rest)
		case "fails":
			pkg, names, _ := strings.Cut(rest, ": ")
			b.Fails = append(b.Fails, Tests{pkg, strings.Fields(names)})
		default:
			return nil, fmt.Errorf("line %d: want in, -, + or fails, got %q", i+1, line)
		}
	}
	return all, nil
}

func joined(lines, line string) string {
	if lines == "" {
		return line
	}
	return lines + "\n" + line
}

// Apply returns the text of the break's file with the mistake made.
func (b *Break) Apply(top string) (string, error) {
	src, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(b.File)))
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(src), b.Old); b.Old == "" || n != 1 {
		return "", fmt.Errorf("%s has this %d times, want it once:\n%s", b.File, n, b.Old)
	}
	return strings.Replace(string(src), b.Old, b.New, 1), nil
}
