package scheme

import (
	"fmt"
	"slices"
	"strings"
)

// Open is a setting that recordings do not decide.
type Open struct {
	Setting string
	Values  []string // that of the first scheme first
}

// undecided are the settings of the first scheme that may have other values and explain the recordings as
// well.
func undecided(found []Scheme, sent []*Sent, c Credentials) (open []Open) {
	first := found[0]
	var reqs []*Request
	for _, q := range sent {
		reqs = append(reqs, first.Settle(q))
	}
	for _, set := range settings {
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

// others are the values of a setting that make another signature of some request.
func (set *setting) others() []string {
	switch set.name {
	case "signed":
		return signedSets
	case "form", "post", "post_sha256": // either case is as good as the right one, and what is not signed is always open
		return nil
	}
	if strings.Contains(set.name, "_in") || strings.HasPrefix(set.name, "time") || set.name == "nonce" {
		return nil
	}
	return set.values
}

// idle reports whether a setting does nothing beside the others.
func (s *Scheme) idle(name string, c Credentials) bool {
	switch name {
	case "fold":
		before, behind := s.sides(c)
		around := string(before) + string(behind)
		return strings.HasSuffix(s.Fold, "-all") && s.folded(around) == around // as good as the list alone
	case "secret_first":
		return !meet(s.Key, s.Secret)
	case "pair", "empty":
		return s.Order == "raw"
	case "system":
		return !strings.ContainsAny(strings.TrimSuffix(s.Signed, "get"), "acmstn")
	}
	return false
}

// Others says of each scheme but the first what is different in it, for those that Open does not tell of.
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

// String is the setting and its values as YAML takes them.
func (o Open) String() string { return o.Setting + ": " + strings.Join(quoted(o.Values), " or ") }
