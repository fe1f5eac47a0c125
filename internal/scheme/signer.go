package scheme

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"hash"
	"strings"
)

// side holds the texts before and behind a list.
type side struct {
	before, behind string
	twin           bool // folding changes nothing here: folding only the list is the same
}

// signer signs many texts under one placement of key and secret. It is for one goroutine.
type signer struct {
	place  Rule
	sides  []side // one for each way to finish a list
	digest string
	mac    hash.Hash // nil = the digest is not an hmac

	text, sum []byte
}

func newSigner(place *Rule, c Credentials, ways []finish) *signer {
	s := &signer{place: *place}
	before, behind := place.sides(c)
	plain := side{before: string(before), behind: string(behind)}
	for _, way := range ways {
		rule := Rule{Fold: way.fold}
		one := side{before: rule.folded(plain.before), behind: rule.folded(plain.behind)}
		one.twin = strings.HasSuffix(way.fold, "-all") && one == plain
		s.sides = append(s.sides, one)
	}
	var mac bool
	if s.digest, mac = strings.CutPrefix(place.Digest, "hmac-"); mac {
		s.mac = hmac.New(func() hash.Hash { return newHash(s.digest) }, place.macKey(c))
	}
	return s
}

// makes reports whether the list has the wanted digest.
func (s *signer) makes(want []byte, around *side, list string) bool {
	s.text = append(append(append(s.text[:0], around.before...), list...), around.behind...)
	switch {
	case s.mac != nil:
		s.mac.Reset()
		s.mac.Write(s.text)
		s.sum = s.mac.Sum(s.sum[:0])
	case s.digest == "md5":
		sum := md5.Sum(s.text)
		return bytes.Equal(sum[:], want)
	case s.digest == "sha1":
		sum := sha1.Sum(s.text)
		return bytes.Equal(sum[:], want)
	default:
		s.sum = append(s.sum[:0], sumOf(s.digest, s.text)...)
	}
	return bytes.Equal(s.sum, want)
}
