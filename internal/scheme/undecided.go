package scheme

import (
	"fmt"
	"slices"
	"strings"
)

// Open is a setting that the recordings do not decide.
type Open struct {
	Setting string
	Values  []string // beginning with the first scheme's
}

// undecided returns the settings of the first scheme for which other values explain the recordings as well.
func undecided(found []Scheme, sent []*Sent, c Credentials) (open []Open) {
	first := found[0]
	var reqs []*Request
	for _, q := range sent {
		reqs = append(reqs, first.Settle(q))
	}
	for _, set := range settings {
		if !set.of(Custom) {
			continue
		}
		o := Open{set.name, []string{*set.at(&first)}}
		for _, value := range set.others() {
			other := first
			*set.at(&other) = value
			if set.name == "secret" && c.Secret == "" {
				continue
			}
			if value != o.Values[0] && !other.idle(set.name, c) && !other.padded() && !other.twin() && other.Check() == nil &&
				other.explains(reqs, c) {
				o.Values = append(o.Values, value)
			}
		}
		if len(o.Values) > 1 {
			open = append(open, o)
		}
	}
	return open
}

// others returns the values of a setting that change the signature of some request.
func (set *setting) others() []string {
	switch set.name {
	case "signed":
		return signedSets
	case "form", "post": // either fits any recording, as does an unsigned post
		return nil
	}
	if strings.Contains(set.name, "_in") || strings.HasPrefix(set.name, "time") || set.name == "nonce" {
		return nil
	}
	return set.values
}

// idle reports whether a setting makes no difference with the other settings as they are.
func (s *Scheme) idle(name string, c Credentials) bool {
	switch name {
	case "fold":
		before, behind := s.sides(c)
		around := string(before) + string(behind)
		return strings.HasSuffix(s.Fold, "-all") && s.folded(around) == around // the same as folding only the list
	case "secret_first":
		return !meet(s.Key, s.Secret)
	case "pair", "empty":
		return s.Order == "raw"
	case "system":
		return !strings.ContainsAny(strings.TrimSuffix(s.Signed, "get"), "acmstn")
	}
	return false
}

// Others returns at most most lines, each with what differs between the first scheme and another that Open does
// not cover.
func (f *Found) Others(most int) (lines []string) {
	for i := 1; i < len(f.Schemes) && len(lines) < most; i++ {
		told, line := true, ""
		for _, set := range settings {
			value := *set.at(&f.Schemes[i])
			if value == *set.at(&f.Schemes[0]) {
				continue
			}
			line += fmt.Sprintf(", %s: %s", set.name, plainOrQuoted(value))
			told = told &&
				slices.ContainsFunc(f.Open, func(o Open) bool { return o.Setting == set.name && slices.Contains(o.Values, value) })
		}
		if !told {
			lines = append(lines, strings.TrimPrefix(line, ", "))
		}
	}
	return lines
}

// String returns the setting and its values as YAML.
func (o Open) String() string { return o.Setting + ": " + strings.Join(quoted(o.Values), " or ") }
