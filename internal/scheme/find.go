package scheme

import (
	"cmp"
	"errors"
	"slices"
)

// Names that the search tries for key, secret and post group as parameters. A scheme may set other names, but
// Find does not find them.
var (
	keyNames    = []string{"key", "apikey", "api_key", "appkey", "app_key", "token"}
	secretNames = []string{"secret", "appsecret", "app_secret", "developer_secret"}
	postNames   = []string{"", "post", "data"}
)

// Found is the result of a search.
type Found struct {
	Schemes  []Scheme // schemes that explain every recording, the plainest first
	Searched int      // schemes covered, including those that these recordings cannot tell apart
	Texts    int      // different texts made of the first recording, without key and secret
	// Open lists the settings that the recordings do not decide, with the values that explain them as well as the
	// first scheme's.
	Open []Open
}

// NoSignError is returned by Find if there is nothing to begin with.
type NoSignError struct {
	// Recordings are the places, from 0, of the recordings in which no parameter looks like a signature and has a usual
	// name, or the one that was given. Empty: each has one, but not all have it under one name at one place.
	Recordings []int
}

// SignLooks says what looks like a signature.
const SignLooks = "hex or base64 of md5, sha1, sha256 or sha512"

func (e *NoSignError) Error() string { return "no parameter looks like a signature in every recording" }

// unsigned returns the error for recordings without a signature in common.
func unsigned(sent []*Sent, names Names) *NoSignError {
	e := &NoSignError{}
	for i := range sent {
		if len(signs(sent[i:i+1], names)) == 0 {
			e.Recordings = append(e.Recordings, i)
		}
	}
	return e
}

// NotHeld says what no search finds, for people whose search found nothing.
const NotHeld = "not in the family: signatures over the system parameters alone, for whoever sees one request could " +
	"change what it asks; " +
	"one letter case together with an inner digest; public keys and ciphers; other names for the parameters that hold " +
	"the ApiKey, the developer secret or the post group"

// Find searches the family of custom schemes for those that explain every recording. It tries all settings with
// all their values, except a fold together with an inner digest, and other names of key, secret and post group
// than the usual ones. It uses all processors for some seconds. It returns a NoSignError if no parameter looks like
// a signature in every recording; if no scheme explains them, it returns no error and no schemes.
func Find(sent []*Sent, c Credentials, names Names) (Found, error) {
	var out Found
	if len(sent) == 0 {
		return out, errors.New("want at least one recording")
	}
	bases := candidates(sent, names)
	if len(bases) == 0 {
		return out, unsigned(sent, names)
	}
	for i := range bases {
		s := newSearch(&bases[i], sent, c)
		for _, s.finishes = range [][]finish{finishes[:1], finishes[1:]} {
			for _, posts := range stages(sent) {
				if len(s.found) == 0 {
					s.run(posts)
				}
			}
		}
		out.Searched += s.searched
		out.Texts += s.texts
		out.Schemes = append(out.Schemes, s.found...)
	}
	slices.SortStableFunc(out.Schemes, func(a, b Scheme) int { return cmp.Compare(a.oddity(), b.oddity()) })
	out.Schemes = slices.Compact(out.Schemes)
	if len(out.Schemes) > 0 {
		out.Open = undecided(out.Schemes, sent, c)
	}
	return out, nil
}

// postWay is a way in which the post group may take part in the signature.
type postWay struct{ post, name string }

// stages returns the ways in which the post group may take part, the likely ones first. A later stage is searched
// only if nothing was found in the ones before.
func stages(sent []*Sent) [][]postWay {
	likely := []postWay{{"out", ""}}
	if !slices.ContainsFunc(sent, func(q *Sent) bool { return q.Post != nil }) {
		return [][]postWay{likely}
	}
	for _, of := range []string{"md5", "sha1", "sha256"} {
		for _, p := range slices.Concat(sent[0].Query, sent[0].Get) {
			if way := (postWay{"parameter-" + of, p.Name}); vouched(sent, way) {
				likely[0] = way
			}
		}
	}
	var others []postWay
	for _, post := range []string{"raw", "md5", "sha1", "sha256"} {
		for _, name := range postNames {
			others = append(others, postWay{post, name})
		}
	}
	return [][]postWay{likely, append(others, postWay{"merged", ""})}
}

// vouched reports whether, in every recording with a post group, a get parameter has its digest.
func vouched(sent []*Sent, way postWay) bool {
	return !slices.ContainsFunc(sent, func(q *Sent) bool {
		rule := Rule{Post: way.post, PostName: way.name}
		_, digest := rule.PostDigest(q.Post)
		at := slices.IndexFunc(slices.Concat(q.Query, q.Get), func(p Param) bool {
			return p.Name == way.name &&
				p.Value == digest
		})
		return q.Post != nil && at < 0
	})
}

// oddity measures how far a scheme is from the defaults, so that the plainest of equal schemes comes first.
func (s *Scheme) oddity() int {
	odd := 0
	for _, set := range settings {
		if *set.at(s) != set.normal {
			odd += 2
		}
	}
	if s.TimeNeed == Ignored && s.signs("time") {
		odd += 3
	}
	if s.NonceNeed == Ignored && s.signs("nonce") {
		odd += 3
	}
	return odd
}
