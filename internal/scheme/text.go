package scheme

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// Credentials are known only to the shop and the server. They do not reveal themselves when printed.
type Credentials struct{ Key, Secret string }

// String hides the values.
func (Credentials) String() string { return "[credentials]" }

// GoString hides the values.
func (Credentials) GoString() string { return "[credentials]" }

// Text returns the signed text, which contains key and secret and must never be shown. Shown returns one that may
// be.
func (s *Rule) Text(r *Request, c Credentials) string {
	return s.folded(string(s.around([]byte(s.list(r, c)), c)))
}

// Shown returns the signed text for people to see. The ApiKey and the developer secret are replaced by names in
// braces, and the values of parameters by what mask returns; a nil mask leaves them as they are. With a mask the post
// group is named too, and so is its digest: who knows the rest of the group finds a short password by trying all.
func (s *Rule) Shown(r *Request, mask func(name, value string) string) string {
	named := Credentials{"{ApiKey}", "{developer secret}"}
	shown, plain := *r, *s
	plain.Inner = "none"
	if mask != nil {
		shown.items = slices.Clone(r.items)
		for i, it := range shown.items {
			switch {
			case it.part != "get":
			case it.Name == s.PostName: // its digest
				shown.items[i].Value = "{digest of the post group}"
			default:
				shown.items[i].Value = mask(it.Name, it.Value)
			}
		}
		shown.Members = slices.Clone(r.Members)
		for i, p := range shown.Members {
			shown.Members[i].Value = mask(p.Name, p.Value)
		}
		shown.Raw = "{get group as sent}"
		if _, whole := s.post(r); whole {
			shown.Post = []byte("{post group, " + s.Post + "}")
			plain.Post = "raw"
		}
	}
	list := plain.list(&shown, named)
	if s.Inner != "none" {
		list = s.Inner + "(" + list + ")"
	}
	return s.folded(string(s.around([]byte(list), named)))
}

// Signature returns the signature of a request. If the scheme accepts either letter case, it is in lower case.
func (s *Rule) Signature(r *Request, c Credentials) string {
	return string(s.write(s.sum([]byte(s.Text(r, c)), c)))
}

// Verify reports whether the request is signed by the scheme, in a time that does not depend on where the
// signatures differ, and returns the right signature. It reports false if a credential that the scheme uses is
// missing.
func (s *Rule) Verify(r *Request, c Credentials) (sign string, ok bool) {
	sign = s.Signature(r, c)
	given := r.Sign
	if s.Form == "either" {
		given = strings.ToLower(given)
	}
	same := subtle.ConstantTimeCompare([]byte(sign), []byte(given)) == 1
	whole := (s.Key == "none" || c.Key != "") && (s.Secret == "none" || c.Secret != "")
	return sign, same && whole
}

// Splits returns the name of a signed parameter that reads as several in the signed text, as nonce "n1&ref=7" does;
// "" if there is none. Two requests could have one text then, so that who saw one could send another under its
// signature. Where nothing stands between parameters no value can be told from what follows it: Unguarded says so.
func (s *Rule) Splits(r *Request) string {
	if s.Join == "" {
		return ""
	}
	if s.System != "sorted" && s.Encode == "none" {
		for _, word := range [...]string{"action", "msid", "time", "nonce"} { // each is one piece of the text
			if s.signs(word) && strings.Contains(r.value(word), s.Join) {
				return word
			}
		}
	}
	if s.Order == "raw" {
		return "" // as it was sent, it can be read in one way only
	}
	for _, it := range s.items(r, Credentials{}) {
		if it.part != "post" && (!isPlain(it.Name) || s.Encode == "none" && s.splitsValue(it.Value)) {
			return it.Name
		}
	}
	return ""
}

// splitsValue reports whether a value reads as several parameters, or as one and a post group behind it.
func (s *Rule) splitsValue(value string) bool {
	behind := s.PostName == "" && (s.Post == "raw" || slices.Contains(digests, s.Post))
	pieces := strings.Split(value, s.Join)[1:]
	return behind && len(pieces) > 0 || slices.ContainsFunc(pieces, s.startsParameter)
}

// BlendsPost reports whether the members of the post group are signed as the get group's are, so that a parameter could
// be moved from one to the other under the same signature. form reports whether the post group is a form.
func (s *Rule) BlendsPost(form bool) bool {
	return s.Post == "merged" || form && s.Post == "raw" && s.PostName == ""
}

// startsParameter reports whether a piece of the signed text, behind what stands between parameters, reads as one.
func (s *Rule) startsParameter(piece string) bool {
	mark := strings.TrimSuffix(strings.TrimPrefix(s.Pair, "name"), "value")
	if mark == "" {
		return true // no name is needed, or none can be told from its value
	}
	name, _, found := strings.Cut(piece, mark)
	return found && isPlain(name)
}

// isPlain reports whether a text can be a parameter's name. Names are never encoded, so with other characters in them
// they could reach into what stands before or behind them.
func isPlain(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// hasOwnAction reports whether a request has a parameter of its own called action.
func (r *Request) hasOwnAction() bool {
	own := func(p Param) bool { return p.Name == actionName }
	return slices.ContainsFunc(r.Get, own) || slices.ContainsFunc(r.Members, own)
}

// list returns the text without the key and secret around it.
func (s *Rule) list(r *Request, c Credentials) string {
	var f formatter
	f.order(s, s.items(r, c))
	f.apply(s)
	return s.finish(s.ends(string(f.write(nil, s, r)), c))
}

// folded puts a whole text into one letter case if the rule folds all of it.
func (s *Rule) folded(text string) string {
	if of, all := strings.CutSuffix(s.Fold, "-all"); all {
		return inCase(of, text)
	}
	return text
}

func inCase(fold, text string) string {
	switch fold {
	case "lower":
		return strings.ToLower(text)
	case "upper":
		return strings.ToUpper(text)
	}
	return text
}

// finish folds a list, or replaces it by its digest.
func (s *Rule) finish(text string) string {
	text = inCase(s.Fold, text)
	if s.Inner == "none" {
		return text
	}
	return hexOf(s.Inner, []byte(text))
}

// items returns the parameters that are signed, in the order they were sent.
func (s *Rule) items(r *Request, c Credentials) []item {
	out := make([]item, 0, len(r.items)+len(r.Members)+3)
	for _, it := range r.items {
		if s.signs(it.part) && (it.part == "get" || s.System == "sorted") {
			out = append(out, it)
		}
	}
	if s.Post == "merged" {
		for _, p := range r.Members {
			out = append(out, item{p, "get"})
		}
	}
	if s.Twice != "both" {
		out = s.oneAction(out)
	}
	if s.PostName != "" && !strings.HasPrefix(s.Post, "parameter-") {
		if value, ok := s.post(r); ok {
			out = append(out, item{Param{s.PostName, value}, "post"})
		}
	}
	if s.Key == "sorted" {
		out = append(out, item{Param{s.KeyName, c.Key}, "key"})
	}
	if s.Secret == "sorted" {
		out = append(out, item{Param{s.SecretName, c.Secret}, "key"})
	}
	return out
}

// oneAction keeps one of two actions, in the place of the first, as a map in the till does. Both are among the
// items only if the system's action is signed as a parameter.
func (s *Rule) oneAction(items []item) []item {
	system := slices.IndexFunc(items, func(it item) bool { return it.part == actionName })
	if system < 0 {
		return items
	}
	return slices.DeleteFunc(items, func(it item) bool {
		own := it.part == "get" && it.Name == actionName
		if own && s.Twice == "request" {
			items[system].Value = it.Value
		}
		return own
	})
}

// post returns the post group as one value to be signed; ok is false if it does not take part as one.
func (s *Rule) post(r *Request) (value string, ok bool) {
	switch {
	case r.Post == nil || s.Post == "out" || s.Post == "merged" || strings.HasPrefix(s.Post, "parameter-"):
		return "", false
	case s.Post == "raw":
		return string(r.Post), true
	}
	return hexOf(s.Post, r.Post), true
}

// formatter orders parameters and writes them, in separate steps for the search.
type formatter struct{ items []item }

func (f *formatter) order(s *Rule, items []item) {
	f.items = items
	switch s.Order {
	case "sorted":
		slices.SortStableFunc(items, func(a, b item) int { return strings.Compare(a.Name, b.Name) })
	case "fold":
		slices.SortStableFunc(items, func(a, b item) int {
			return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
		})
	case "reverse":
		slices.SortStableFunc(items, func(a, b item) int { return strings.Compare(b.Name, a.Name) })
	case "values":
		slices.SortStableFunc(items, func(a, b item) int { return strings.Compare(a.Value, b.Value) })
	}
}

// apply removes empty values if the rule says so, and encodes the others.
func (f *formatter) apply(s *Rule) {
	kept := f.items[:0]
	for _, it := range f.items {
		if s.Empty != "keep" && it.Value == "" || s.Empty == "drop0" && it.Value == "0" {
			continue
		}
		it.Value = s.encode(it.Value)
		kept = append(kept, it)
	}
	f.items = kept
}

// write appends the list to buf. The search writes millions, into one buffer.
func (f *formatter) write(buf []byte, s *Rule, r *Request) []byte {
	parts := 0
	part := func(texts ...string) {
		if parts++; parts > 1 {
			buf = append(buf, s.Join...)
		}
		for _, text := range texts {
			buf = append(buf, text...)
		}
	}
	system := func(place string) {
		if s.System != place {
			return
		}
		for _, word := range [...]string{"action", "msid", "time", "nonce"} {
			if s.signs(word) {
				part(s.encode(r.value(word)))
			}
		}
	}
	system("first")
	if s.Order == "raw" {
		part(r.Raw)
	} else {
		for i := range f.items {
			name, mark := s.named(f.items[i].Name)
			part(name, mark, f.items[i].Value)
		}
	}
	system("last")
	if value, ok := s.post(r); ok && s.PostName == "" {
		part(value)
	}
	return buf
}

// value returns a system parameter, or "" if it was not sent.
func (r *Request) value(part string) string {
	switch part {
	case "action":
		return r.action
	case "msid":
		return r.MSID
	case "time":
		return r.Time
	}
	return r.Nonce
}

func (s *Rule) pair(name, value string) string {
	name, mark := s.named(name)
	return name + mark + value
}

// named returns what stands in front of a value: its name and a mark, which may be "".
func (s *Rule) named(name string) (_, mark string) {
	switch s.Pair {
	case "name=value":
		return name, "="
	case "name:value":
		return name, ":"
	case "namevalue":
		return name, ""
	}
	return "", ""
}

// ends adds key and secret as the first or last parameters.
func (s *Rule) ends(text string, c Credentials) string {
	var first, last []string
	for _, one := range s.credentials(c) {
		switch p := s.pair(one.name, one.value); one.place {
		case "first":
			first = append(first, p)
		case "last":
			last = append(last, p)
		}
	}
	if len(first)+len(last) == 0 {
		return text
	}
	if text != "" {
		first = append(first, text)
	}
	return strings.Join(append(first, last...), s.Join)
}

// credential is the key or the secret with its place.
type credential struct{ place, name, value string }

func (s *Rule) credentials(c Credentials) [2]credential {
	both := [2]credential{{s.Key, s.KeyName, c.Key}, {s.Secret, s.SecretName, c.Secret}}
	if s.SecretFirst == "true" {
		both[0], both[1] = both[1], both[0]
	}
	return both
}

// around puts key and secret before and behind a list.
func (s *Rule) around(list []byte, c Credentials) []byte {
	before, behind := s.sides(c)
	return slices.Concat(before, list, behind)
}

// sides returns the texts before and behind a list.
func (s *Rule) sides(c Credentials) (before, behind []byte) {
	for _, one := range s.credentials(c) {
		if one.place == "prefix" || one.place == "around" {
			before = append(before, one.value...)
		}
		if one.place == "suffix" || one.place == "around" {
			behind = append(behind, one.value...)
		}
	}
	return before, behind
}

// macKey returns the key of an hmac.
func (s *Rule) macKey(c Credentials) (key []byte) {
	for _, one := range s.credentials(c) {
		if one.place == "hmac" {
			key = append(key, one.value...)
		}
	}
	return key
}

// sum returns the digest of a text.
func (s *Rule) sum(text []byte, c Credentials) []byte {
	name, mac := strings.CutPrefix(s.Digest, "hmac-")
	if !mac {
		return sumOf(name, text)
	}
	h := hmac.New(func() hash.Hash { return newHash(name) }, s.macKey(c))
	h.Write(text)
	return h.Sum(nil)
}

func (s *Rule) write(sum []byte) []byte {
	switch s.Form {
	case "base64":
		return base64.StdEncoding.AppendEncode(nil, sum)
	case "upper":
		return bytes.ToUpper(hex.AppendEncode(nil, sum))
	}
	return hex.AppendEncode(nil, sum)
}

// newHash offers weak digests because existing tills sign with them. Our own scheme does not use them.
func newHash(name string) hash.Hash {
	switch name {
	case "md5":
		return md5.New() //nolint:gosec // existing tills use it
	case "sha1":
		return sha1.New() //nolint:gosec // existing tills use it
	case "sha256":
		return sha256.New()
	}
	return sha512.New()
}

func sumOf(name string, text []byte) []byte {
	switch name {
	case "md5":
		sum := md5.Sum(text) //nolint:gosec // existing tills use it
		return sum[:]
	case "sha1":
		sum := sha1.Sum(text) //nolint:gosec // existing tills use it
		return sum[:]
	case "sha256":
		sum := sha256.Sum256(text)
		return sum[:]
	}
	sum := sha512.Sum512(text)
	return sum[:]
}

func hexOf(name string, text []byte) string { return hex.EncodeToString(sumOf(name, text)) }

// PostDigest returns the name of the get parameter that must hold the digest of the post group, and that digest
// in lower-case hex; "" if the scheme has no such parameter.
func (s *Rule) PostDigest(post []byte) (name, digest string) {
	of, found := strings.CutPrefix(s.Post, "parameter-")
	if !found {
		return "", ""
	}
	return s.PostName, hexOf(of, post)
}

func (s *Rule) encode(value string) string {
	switch s.Encode {
	case "form":
		return url.QueryEscape(value)
	case "rfc3986":
		return strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
	case "form-lower":
		return lowerEscapes(url.QueryEscape(value))
	}
	return value
}

// lowerEscapes writes the hex digits of escapes in lower case, as .NET does.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:], bytes.ToLower(b[i+1:i+3]))
			i += 2
		}
	}
	return string(b)
}

// cutPair removes the signature from a query as sent.
func cutPair(query string, sign Field) string {
	if sign.In == InHeader {
		return query
	}
	kept := make([]string, 0, 8)
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err != nil || plain != sign.Name {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}
