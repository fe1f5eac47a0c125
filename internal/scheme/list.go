package scheme

import (
	"slices"
	"strings"
)

type finish struct{ fold, inner string }

// finishes are the ways to fold or digest a list, the likeliest first. The combinations of both are not searched.
var finishes = []finish{
	{"none", "none"}, {"lower", "none"}, {"upper", "none"}, {"lower-all", "none"}, {"upper-all", "none"}, {"none", "md5"},
	{"none", "sha1"}, {"none", "sha256"},
}

// shape says how a list is made, as indices into the values of the settings. It is small because half a million
// are kept.
type shape struct{ signed, system, twice, order, empty, encode, pair, join uint8 }

func (s shape) style() style { return style{s.pair, s.join} }

func (s shape) rule(g *group) Rule {
	r := g.places[0]
	r.Post, r.PostName, r.Inner, r.Fold = g.way.post, g.way.name, "none", "none"
	r.Signed, r.System, r.Order, r.Empty = signedSets[s.signed], systems[s.system], orders[s.order], empties[s.empty]
	r.Twice = twices[s.twice]
	r.Encode, r.Pair, r.Join = encodes[s.encode], pairs[s.pair], joins[s.join]
	return r
}

// signedSets are the possible values of signed, beginning with everything.
var signedSets = func() (sets []string) {
	for leave := range 16 {
		words := []string{}
		for i, word := range strings.Fields(allSigned) {
			if word == "get" || leave&(1<<i) == 0 {
				words = append(words, word)
			}
		}
		sets = append(sets, strings.Join(words, " "))
	}
	return sets
}()

// lists returns the different texts of the first recording, each with the shapes that make it.
func (s *search) lists(g *group) map[string]*[]shape {
	shapes := map[string]*[]shape{}
	var text []byte
	each := func(sh shape, f *formatter, r *Rule) {
		for pair := range pairs {
			for join := range joins {
				sh.pair, sh.join = uint8(pair), uint8(join) //nolint:gosec // few values
				r.Pair, r.Join = pairs[pair], joins[join]
				text = f.write(text[:0], r, s.reqs[0])
				if made := shapes[string(text)]; made != nil {
					*made = append(*made, sh)
				} else {
					shapes[string(text)] = &[]shape{sh}
				}
			}
		}
	}
	for signed := range signedSets {
		for system := range systems {
			var seen [][]formatter
			if systems[system] != "sorted" && signedSets[signed] == "get" {
				continue // nothing is signed there
			}
			for order := range orders {
				sh := shape{signed: uint8(signed), system: uint8(system), order: uint8(order)} //nolint:gosec // few values
				if orders[order] == "raw" && amongOthers(&g.places[0]) != "" {
					continue
				}
				for twice := range s.twices {
					sh.twice = uint8(twice) //nolint:gosec // few values
					if rule := sh.rule(g); twice > 0 && !rule.joinsActions() {
						break
					}
					s.values(g, sh, &seen, each)
				}
			}
		}
	}
	return shapes
}

// values tries what may be done to values, skipping what makes no difference in any recording. seen holds the
// parameters that were tried before, in other orders too.
func (s *search) values(g *group, sh shape, seen *[][]formatter, each func(shape, *formatter, *Rule)) {
	rule := sh.rule(g)
	ordered := make([]formatter, len(s.reqs))
	for i, r := range s.reqs {
		ordered[i].order(&rule, rule.items(r, s.c))
	}
	for empty := range empties {
		for encode := range encodes {
			sh.empty, sh.encode = uint8(empty), uint8(encode) //nolint:gosec // few values
			r := sh.rule(g)
			applied := make([]formatter, len(ordered))
			for i := range ordered {
				applied[i] = formatter{slices.Clone(ordered[i].items)}
				applied[i].apply(&r)
			}
			same := func(other []formatter) bool {
				return slices.EqualFunc(other, applied, func(a, b formatter) bool { return slices.Equal(a.items, b.items) })
			}
			// Skipping is wrong for system values that stand first or last, which are encoded too, and for raw,
			// which is not a list of these parameters.
			if r.System == "sorted" && r.Order != "raw" && slices.ContainsFunc(*seen, same) {
				continue
			}
			*seen = append(*seen, applied)
			each(sh, &applied[0], &r)
		}
	}
}
