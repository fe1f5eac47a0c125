package scheme

import (
	"slices"
)

// mostNames limits the names tried for a key and a secret if both are parameters.
const mostNames = 2

// group holds the placements of key and secret that put the same of them among the other parameters. One list
// then serves them all.
type group struct {
	way    postWay
	places []Rule // of which only Digest, Key … SecretFirst are set
}

// groups returns all placements, grouped.
func (s *search) groups() []group {
	var all []group
	for _, p := range s.placements() {
		i := slices.IndexFunc(all, func(g group) bool { return amongOthers(&g.places[0]) == amongOthers(&p) })
		if i < 0 {
			i = len(all)
			all = append(all, group{})
		}
		all[i].places = append(all[i].places, p)
	}
	return all
}

// amongOthers names the parameters by which key and secret stand among the others.
func amongOthers(r *Rule) string {
	text := ""
	if r.Key == "sorted" {
		text = "key " + r.KeyName
	}
	if r.Secret == "sorted" {
		text += " secret " + r.SecretName
	}
	return text
}

// placements returns all ways to place key and secret, with the digests that suit them.
func (s *search) placements() (all []Rule) {
	for _, key := range places {
		for _, secret := range places {
			if !s.fits(key, secret) {
				continue
			}
			for _, p := range named(key, secret) {
				p.Digest = s.looks[0].digest
				if key == "hmac" || secret == "hmac" {
					p.Digest = "hmac-" + p.Digest
				}
				all = append(all, p)
				if meet(key, secret) {
					p.SecretFirst = "true"
					all = append(all, p)
				}
			}
		}
	}
	return all
}

// fits reports whether the credentials needed for these places are known, and at least one of the two takes part.
func (s *search) fits(key, secret string) bool {
	return (key == "none" || s.c.Key != "") && (secret == "none" || s.c.Secret != "") &&
		(key != "none" || secret != "none")
}

// named returns rules that place a key and a secret, one for every name they may have there.
func named(key, secret string) (all []Rule) {
	most := len(keyNames)
	if isParameter(key) && isParameter(secret) {
		most = mostNames
	}
	for _, keyName := range namesAt(key, keyNames, most) {
		for _, secretName := range namesAt(secret, secretNames, most) {
			all = append(all, Rule{Key: key, KeyName: keyName, Secret: secret, SecretName: secretName, SecretFirst: "false"})
		}
	}
	return all
}

// namesAt returns the names to try for what goes to a place. If it is not a parameter, its name makes no
// difference.
func namesAt(place string, names []string, most int) []string {
	if isParameter(place) {
		return names[:min(most, len(names))]
	}
	return names[:1]
}

func isParameter(place string) bool { return place == "first" || place == "last" || place == "sorted" }

// meet reports whether the order of key and secret matters when they go to these places.
func meet(a, b string) bool {
	if a == "none" || b == "none" {
		return false
	}
	return a == b || a == "around" && (b == "prefix" || b == "suffix") || b == "around" && (a == "prefix" || a == "suffix")
}
