package scheme

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// OwnText returns the text that our own scheme signs: action, msid, time and nonce, then every parameter of the
// get group as name=value in byte order of the names, each on its own line. Values are those before URL encoding,
// numbers as written, and empty values are kept. If no name contains = and no value a line feed, every text
// belongs to only one request.
func OwnText(action string, sys System, get []Param) string {
	sorted := slices.Clone(get)
	slices.SortFunc(sorted, func(a, b Param) int { return strings.Compare(a.Name, b.Name) })
	lines := make([]string, 0, len(sorted)+4)
	lines = append(lines, action, sys.MSID, sys.Time, sys.Nonce)
	for _, p := range sorted {
		lines = append(lines, p.Name+"="+p.Value)
	}
	return strings.Join(lines, "\n")
}

// OwnSign returns the signature of our own scheme: the lower-case hex HMAC-SHA256 of a text under the ApiKey.
func OwnSign(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// OwnRule returns our own scheme as a custom rule. It makes the same signature, but does not include the strict
// checks.
func OwnRule() Rule {
	s, err := New(Custom)
	if err != nil {
		panic(err) // it is one of the kinds
	}
	s.Digest, s.Key, s.System, s.Join = "hmac-sha256", "hmac", "first", "\n"
	s.Post, s.PostName = "parameter-sha256", "post_sha256"
	return s.Rule
}
