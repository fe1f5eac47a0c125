package scheme

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

// Usual names of the system parameters, the likelier first. Letter case does not matter.
var (
	signNames = []string{"sign", "signature", "sig", "_sign", "hash", "mac", "token", "auth"}
	timeNames = []string{
		"timestamp", "time", "ts", "t", "time_stamp", "reqtime", "req_time", "request_time", "datetime", "date", "_t",
		"stamp",
	}
	nonceNames = []string{"nonce", "nonce_str", "noncestr", "nonceid", "rand", "random", "rnd", "salt", "n", "r"}
	msidNames  = []string{
		"msid", "shopid", "shop_id", "storeid", "store_id", "mid", "sid", "merchantid", "merchant_id", "appid", "app_id",
	}
)

// Names gives the names of system parameters that are known. Those that are "" are searched for.
type Names struct{ MSID, Time, Nonce, Sign string }

// candidates returns schemes that say where the system parameters stand, as far as every recording has them
// there, and nothing else yet. There is one for each parameter that looks like a signature.
func candidates(sent []*Sent, names Names) []Scheme {
	var out []Scheme
	for _, sign := range signs(sent, names) {
		s := Scheme{Kind: Custom}
		for _, set := range settings {
			*set.at(&s) = set.normal
		}
		s.Sign = sign
		taken := []string{sign.Name}
		pick := func(into *Field, likely []string, given string, like func(string) bool) bool {
			for _, f := range held(sent, likely, given, like) {
				if !slices.Contains(taken, f.Name) {
					*into, taken = f, append(taken, f.Name)
					return true
				}
			}
			return false
		}
		pick(&s.MSID, msidNames, names.MSID, allDigits)
		s.TimeNeed, s.NonceNeed = Ignored, Ignored
		for _, form := range timeForms {
			if s.TimeNeed == Ignored &&
				pick(&s.Time, timeNames, names.Time, func(v string) bool { return timeForm(v) == form }) {
				s.TimeNeed, s.TimeForm = Required, form
			}
		}
		if pick(&s.Nonce, nonceNames, names.Nonce, func(v string) bool { return v != "" }) {
			s.NonceNeed = Required
		}
		if s.Check() == nil {
			out = append(out, s)
		}
	}
	return out
}

// signs returns the places at which every recording may have its signature.
func signs(sent []*Sent, names Names) []Field {
	return held(sent, signNames, names.Sign, func(v string) bool { return len(looks(v)) > 0 })
}

// held returns the places that, in every recording, have one of the names and a plausible value, the likeliest
// first. If a name is given, only that one counts.
func held(sent []*Sent, likely []string, given string, like func(string) bool) (out []Field) {
	rank := func(name string) int { return slices.Index(likely, strings.TrimPrefix(strings.ToLower(name), "x-")) }
	mixed := slices.ContainsFunc(sent, func(q *Sent) bool { return q.Enveloped })
	for _, f := range sent[0].places(mixed) {
		named := given == "" && rank(f.Name) >= 0 || given != "" && strings.EqualFold(f.Name, given)
		if named && !slices.ContainsFunc(sent, func(q *Sent) bool { return !like(q.value(f)) }) {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b Field) int { return cmp.Compare(rank(a.Name), rank(b.Name)) })
	return out
}

// places returns the places of a request's parameters. Without an envelope the query is also the get group; if
// mixed is true, other recordings have an envelope, and it is listed as both.
func (q *Sent) places(mixed bool) (all []Field) {
	for _, p := range q.Query {
		all = append(all, Field{InQuery, p.Name})
	}
	group := q.Get
	if mixed && !q.Enveloped {
		group = q.Query
	}
	for _, p := range group {
		all = append(all, Field{InGet, p.Name})
	}
	for _, p := range q.Headers {
		all = append(all, Field{InHeader, p.Name})
	}
	return all
}

// value returns the value at a place, or "" if there is none.
func (q *Sent) value(f Field) string {
	params := q.Query
	switch {
	case f.In == InHeader:
		return q.header(f.Name)
	case f.In == InGet && q.Enveloped:
		params = q.Get
	}
	for _, p := range params {
		if p.Name == f.Name {
			return p.Value
		}
	}
	return ""
}

// look is a digest and a form in which a signature may be written.
type look struct{ digest, form string }

// looks returns the digests, without hmac-, and the forms that a signature may have by its length and characters.
func looks(sign string) (out []look) {
	hexes := map[int]string{32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
	base := map[int]string{24: "md5", 28: "sha1", 44: "sha256", 88: "sha512"}
	if digest := hexes[len(sign)]; digest != "" && only(sign, "0123456789abcdefABCDEF") {
		if sign == strings.ToLower(sign) {
			out = append(out, look{digest, "lower"})
		}
		if sign == strings.ToUpper(sign) {
			out = append(out, look{digest, "upper"})
		}
	}
	if digest := base[len(sign)]; digest != "" && strings.HasSuffix(sign, "=") {
		out = append(out, look{digest, "base64"})
	}
	return out
}

// read returns the digest that a signature in this form stands for; nil if it cannot be decoded.
func (l look) read(sign string) []byte {
	read := hex.DecodeString
	if l.form == "base64" {
		read = base64.StdEncoding.DecodeString
	}
	sum, err := read(sign)
	if err != nil {
		return nil
	}
	return sum
}

func only(s, letters string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune(letters, r) })
}

func allDigits(s string) bool { return only(s, "0123456789") }

// timeForm returns the form of a time, or "" if the text is not a time.
func timeForm(s string) string {
	switch {
	case !allDigits(s):
		return ""
	case len(s) == 10:
		return "s"
	case len(s) == 13:
		return "ms"
	case len(s) == 14 && s[:2] == "20":
		return "yyyyMMddHHmmss"
	}
	return ""
}
