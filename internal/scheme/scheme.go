package scheme

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The kinds of schemes.
const (
	HMAC   = "hmac"   // our own, and the default
	None   = "none"   // nothing is verified: for this machine and listed addresses only
	Custom = "custom" // described by the other settings
)

// Places of a system parameter.
const (
	InQuery  = "query"
	InGet    = "get" // the get group; without an envelope that is the query
	InHeader = "header"
)

// Whether a request must have a time or a nonce.
const (
	Required = "required"
	Optional = "optional" // if one is sent, it must be right
	Ignored  = "ignored"
)

// Whether a request may come by GET.
const (
	Refused = "refused"
	Allowed = "allowed"
)

// Field is the place of a system parameter and its name there.
type Field struct{ In, Name string }

// Scheme describes how a shop's tills sign. HMAC uses only PostDigestNeed, None only MSID and ByGet, and Custom all
// other fields. Their values are those that Help lists. New makes a scheme with the defaults.
type Scheme struct {
	Kind string

	MSID, Time, Nonce, Sign Field
	TimeNeed, NonceNeed     string // Required, Optional or Ignored
	TimeForm                string // s, ms or yyyyMMddHHmmss (UTC+8)
	Window                  string // seconds a time may be from the server's clock, in digits

	// PostDigestNeed is Required or Optional: whether a post group needs post_sha256. If one is sent, it must be
	// right. It is for HMAC only.
	PostDigestNeed string
	// ByGet is Allowed or Refused: whether a request may come by GET. It is for None only.
	ByGet string

	Rule
}

// Rule says what is signed, and how. All fields are words, so that rules can be compared, printed and searched.
type Rule struct {
	Digest string // md5 … sha512, or hmac- and one of these
	Inner  string // a digest that replaces the list first
	Form   string // how the digest is written

	Key, KeyName       string // where the ApiKey goes, and its name if it is a parameter
	Secret, SecretName string // the same for the developer secret
	SecretFirst        string // true: if both go to one place, the secret comes first

	Signed   string // what is signed, as words: action msid time nonce get
	System   string // where action, msid, time and nonce stand: among the parameters, or as values first or last
	Twice    string // which action is signed if the request has its own parameter of that name
	Order    string // of the parameters
	Pair     string // how a parameter is written
	Join     string // what stands between parameters
	Empty    string // what becomes of empty values
	Encode   string // the URL encoding of values
	Fold     string // the letter case of the list, or of the text with key and secret
	Post     string // how the post group takes part
	PostName string // its name if it is a parameter; "" = it follows the list
}

// New returns a scheme of a kind with every setting at its default.
func New(kind string) (Scheme, error) {
	if !slices.Contains([]string{HMAC, None, Custom}, kind) {
		return Scheme{}, fmt.Errorf("scheme: want hmac, none or custom, got %q", kind)
	}
	s := Scheme{Kind: kind}
	for _, set := range settings {
		*set.at(&s) = set.normal
	}
	return s, nil
}

// setting describes one setting of a scheme.
type setting struct {
	name   string
	at     func(*Scheme) *string
	normal string
	values []string // nil = whatever check accepts
	check  func(string) error
	help   string
}

// settings are in the order in which they are printed.
var settings = []setting{
	{"digest", func(s *Scheme) *string { return &s.Digest }, "md5", digests, nil, "how the signature is made of the text"},
	{
		"inner", func(s *Scheme) *string { return &s.Inner }, "none", inners, nil,
		"a digest that replaces the list, in lower-case hex, before key and secret go around it",
	},
	{
		"form", func(s *Scheme) *string { return &s.Form }, "lower", forms, nil,
		"lower-case hex, upper-case hex, either, or base64",
	},
	{
		"key", func(s *Scheme) *string { return &s.Key }, "suffix", places, nil,
		"where the ApiKey goes: before, behind or around the text, as a parameter (first, last, sorted), or as the " +
			"key of an hmac",
	},
	{"key_name", func(s *Scheme) *string { return &s.KeyName }, "key", nil, checkName, "its name as a parameter"},
	{"secret", func(s *Scheme) *string { return &s.Secret }, "none", places, nil, "where the developer secret goes"},
	{"secret_name", func(s *Scheme) *string { return &s.SecretName }, "secret", nil, checkName, "its name as a parameter"},
	{
		"secret_first", func(s *Scheme) *string { return &s.SecretFirst }, "false", []string{"false", "true"}, nil,
		"where both go to one place, the secret is first",
	},
	{
		"signed", func(s *Scheme) *string { return &s.Signed }, allSigned, nil, checkSigned,
		"what takes part: some of action msid time nonce get, with spaces between",
	},
	{
		"system", func(s *Scheme) *string { return &s.System }, "sorted", systems, nil,
		"action, msid, time and nonce are parameters among the others, or their values stand first or last, in this order",
	},
	{
		"action_twice", func(s *Scheme) *string { return &s.Twice }, "both", twices, nil,
		"where a request has a parameter called action besides the system's, as mb_trans has: both are signed, or one, as " +
			"of a till that keeps all of them in one map: the system's, or the request's",
	},
	{
		"order", func(s *Scheme) *string { return &s.Order }, "sorted", orders, nil,
		"of the parameters: by bytes of the names, the same without regard to letter case, backwards, as sent, by their " +
			"values, or the get group raw as it was sent",
	},
	{"pair", func(s *Scheme) *string { return &s.Pair }, "name=value", pairs, nil, "what a parameter is written as"},
	{"join", func(s *Scheme) *string { return &s.Join }, "&", joins, nil, "what stands between parameters"},
	{
		"empty", func(s *Scheme) *string { return &s.Empty }, "keep", empties, nil,
		"empty values are kept, dropped, or dropped and 0 too, as PHP's array_filter does",
	},
	{
		"encode", func(s *Scheme) *string { return &s.Encode }, "none", encodes, nil,
		"values are as they are, or URL encoded: form (space is +), rfc3986 (space is %20), form with small hex digits",
	},
	{
		"fold", func(s *Scheme) *string { return &s.Fold }, "none", folds, nil,
		"the list is put into one letter case, or the whole text with the ApiKey and the developer secret around it " +
			"(lower-all, upper-all)",
	},
	{
		"post", func(s *Scheme) *string { return &s.Post }, "out", posts, nil,
		"the post group is not signed, takes part as its bytes or as their digest, its members are parameters (merged), " +
			"or a get parameter holds its digest",
	},
	{
		"post_name", func(s *Scheme) *string { return &s.PostName }, "", nil, checkPostName,
		"its name as a parameter; none puts bytes or digest behind the list",
	},

	{"msid_in", func(s *Scheme) *string { return &s.MSID.In }, InQuery, ins, nil, "where the shop's number stands"},
	{"msid_name", func(s *Scheme) *string { return &s.MSID.Name }, "msid", nil, checkName, ""},
	{"time", func(s *Scheme) *string { return &s.TimeNeed }, Optional, needs, nil, "whether a request must have its time"},
	{"time_in", func(s *Scheme) *string { return &s.Time.In }, InQuery, ins, nil, "where it stands"},
	{"time_name", func(s *Scheme) *string { return &s.Time.Name }, "timestamp", nil, checkName, ""},
	{
		"time_form", func(s *Scheme) *string { return &s.TimeForm }, "s", timeForms, nil,
		"unix seconds, milliseconds, or a day and time of UTC+8",
	},
	{
		"window", func(s *Scheme) *string { return &s.Window }, "300", nil, checkWindow,
		"seconds it may be from the server's clock",
	},
	{
		"nonce", func(s *Scheme) *string { return &s.NonceNeed }, Optional, needs, nil, "whether a request must have a nonce",
	},
	{"nonce_in", func(s *Scheme) *string { return &s.Nonce.In }, InQuery, ins, nil, "where it stands"},
	{"nonce_name", func(s *Scheme) *string { return &s.Nonce.Name }, "nonce", nil, checkName, ""},
	{"sign_in", func(s *Scheme) *string { return &s.Sign.In }, InQuery, ins, nil, "where the signature stands"},
	{"sign_name", func(s *Scheme) *string { return &s.Sign.Name }, "sign", nil, checkName, ""},

	{
		"post_sha256", func(s *Scheme) *string { return &s.PostDigestNeed }, Required, []string{Required, Optional}, nil,
		"of hmac: whether a post group needs its digest in the get group",
	},
	{
		"by_get", func(s *Scheme) *string { return &s.ByGet }, Refused, []string{Refused, Allowed}, nil,
		"of none: whether a request may come by GET, as any web page that is open on the till's machine can send one",
	},
}

// of reports whether schemes of a kind have the setting.
func (set *setting) of(kind string) bool {
	switch kind {
	case HMAC:
		return set.name == "post_sha256"
	case None:
		return set.name == "by_get" || strings.HasPrefix(set.name, "msid_")
	}
	return set.name != "post_sha256" && set.name != "by_get"
}

// Values of the settings, the likelier first.
var (
	digests = []string{"md5", "sha1", "sha256", "sha512", "hmac-md5", "hmac-sha1", "hmac-sha256", "hmac-sha512"}
	inners  = []string{"none", "md5", "sha1", "sha256"}
	forms   = []string{"lower", "upper", "either", "base64"}
	places  = []string{"none", "suffix", "prefix", "around", "last", "first", "sorted", "hmac"}
	systems = []string{"sorted", "first", "last"}
	twices  = []string{"both", "system", "request"}
	orders  = []string{"sorted", "fold", "reverse", "sent", "values", "raw"}
	pairs   = []string{"name=value", "namevalue", "value", "name:value"}
	joins   = []string{"&", "", "\n", "|", ","}
	empties = []string{"keep", "drop", "drop0"}
	encodes = []string{"none", "form", "rfc3986", "form-lower"}
	folds   = []string{"none", "lower", "upper", "lower-all", "upper-all"}
	posts   = []string{
		"out", "raw", "md5", "sha1", "sha256", "merged", "parameter-md5", "parameter-sha1", "parameter-sha256",
	}
	ins       = []string{InQuery, InGet, InHeader}
	needs     = []string{Optional, Required, Ignored}
	timeForms = []string{"s", "ms", "yyyyMMddHHmmss"}
)

const (
	allSigned = "action msid time nonce get"
	// actionName is the only name that may occur twice, because the published pages use it for a parameter too.
	// If any other system parameter could be replaced by a second one, a recorded request could be given a new
	// time, nonce or key.
	actionName = "action"
	maxName    = 64
)

// MaxWindow is the most that a scheme's window may be, in seconds.
const MaxWindow = 3600

func checkName(s string) error {
	odd := func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) || r == utf8.RuneError }
	if s == "" || len(s) > maxName || strings.ContainsFunc(s, odd) {
		return fmt.Errorf("want a name of 1 to %d letters without spaces, got %q", maxName, s)
	}
	return nil
}

func checkPostName(s string) error {
	if s == "" {
		return nil
	}
	return checkName(s)
}

func checkSigned(s string) error {
	if s == "" || signedWords(s) != s {
		return fmt.Errorf("want some of the words %s in this order, got %q", allSigned, s)
	}
	return nil
}

// signedWords returns the known ones of the words, in their fixed order.
func signedWords(s string) string {
	given, known := strings.Fields(s), []string{}
	for _, word := range strings.Fields(allSigned) {
		if slices.Contains(given, word) {
			known = append(known, word)
		}
	}
	return strings.Join(known, " ")
}

func checkWindow(s string) error {
	if n, err := strconv.Atoi(s); err != nil || n < 1 || n > MaxWindow || strconv.Itoa(n) != s {
		return fmt.Errorf("want whole seconds from 1 to %d, got %q", MaxWindow, s)
	}
	return nil
}

// Set gives a setting a value. It does not check that the settings fit together; Check does.
func (s *Scheme) Set(name, value string) error {
	for _, set := range settings {
		if set.name != name || !set.of(s.Kind) {
			continue
		}
		switch {
		case set.check != nil:
			if err := set.check(value); err != nil {
				return err
			}
		case !slices.Contains(set.values, value):
			return fmt.Errorf("want one of %s, got %q", strings.Join(quoted(set.values), ", "), value)
		}
		*set.at(s) = value
		return nil
	}
	return fmt.Errorf("a scheme %s has no setting %q", s.Kind, name)
}

func quoted(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = plainOrQuoted(v)
	}
	return out
}

// Check returns an error if settings contradict each other or leave requests unprotected.
func (s *Scheme) Check() error {
	if s.Kind != Custom {
		return nil
	}
	return cmp.Or(s.checkKeys(), s.checkSigned(), s.checkFields())
}

// checkKeys refuses a key and a secret that the digest does not use.
func (s *Scheme) checkKeys() error {
	mac, keyed := strings.HasPrefix(s.Digest, "hmac-"), s.Key == "hmac" || s.Secret == "hmac"
	switch {
	case s.Key == "none" && s.Secret == "none":
		return errors.New("neither the ApiKey nor the developer secret takes part: anybody could sign")
	case mac && !keyed:
		return errors.New("an hmac needs the ApiKey or the developer secret as its key: set key or secret to hmac")
	case !mac && keyed:
		return errors.New("the key of an hmac needs a digest that is one, like hmac-md5")
	}
	return nil
}

// checkSigned refuses what cannot be signed in this way, and what would let others change a request.
func (s *Scheme) checkSigned() error {
	switch {
	case !s.signs("get"):
		return errors.New("the get group must take part: otherwise anybody who sees one request can change what it asks")
	case strings.HasPrefix(s.Post, "parameter-") && s.PostName == "":
		return errors.New("post_name must name the parameter that holds the digest of the post group")
	case s.Order == "raw" && (s.Key == "sorted" || s.Secret == "sorted"):
		return errors.New("with order raw there are no parameters to stand among")
	case s.Twice != "both" && !s.joinsActions():
		return errors.New("action_twice chooses between two parameters: the system's action must be signed among the " +
			"others (system: sorted), and not raw")
	}
	return nil
}

// checkFields refuses two system parameters in one place.
func (s *Scheme) checkFields() error {
	seen := map[Field]string{}
	for _, f := range []struct {
		name string
		at   Field
		used bool
	}{
		{"msid", s.MSID, true}, {"time", s.Time, s.TimeNeed != Ignored}, {"nonce", s.Nonce, s.NonceNeed != Ignored},
		{"sign", s.Sign, true},
	} {
		if other := seen[f.at]; f.used && other != "" {
			return fmt.Errorf("%s and %s cannot both be %s in the %s", other, f.name, f.at.Name, f.at.In)
		}
		seen[f.at] = f.name
	}
	return nil
}

// Unguarded says, for people who choose the scheme, how a recorded or intercepted request could be used again; ""
// if time and nonce are required and signed.
func (s *Scheme) Unguarded() string {
	switch {
	case s.Kind == None:
		return "nothing is verified: whoever reaches the server from an allowed address acts as the shop; only ref keeps " +
			"a request from being carried out twice" + s.byGet()
	case s.Kind == HMAC && s.PostDigestNeed == Required:
		return ""
	case s.Kind == HMAC:
		return "a post group without post_sha256 is not signed: who can change a request on its way can change it"
	}
	return strings.Join(slices.Concat(s.resent(), s.changed(), s.blurred()), "; ")
}

// resent says how a request can be sent again.
func (s *Scheme) resent() []string {
	var lacks []string
	if s.TimeNeed != Required || !s.covers("time") {
		lacks = append(lacks, "time")
	}
	if s.NonceNeed != Required || !s.covers("nonce") {
		lacks = append(lacks, "nonce")
	}
	if len(lacks) == 0 {
		return nil
	}
	return []string{"a request may come without a signed " + strings.Join(lacks, " and ") +
		": it can be sent again by whoever saw it, and is protected by its ref and content alone"}
}

// changed says what of a request can be changed on its way.
func (s *Scheme) changed() (all []string) {
	switch {
	case !s.covers(actionName):
		all = append(all, "the action is not signed: who can change a request on its way can make it a request for "+
			"something else")
	case s.Twice == "system":
		all = append(all, "a request's own parameter action is not signed: who can change a request on its way can make a "+
			"consume of mb_trans a recharge")
	case s.Twice == "request":
		all = append(all, "of a request with a parameter action of its own the system's is not signed: who can change it on "+
			"its way can make it a request for something else")
	}
	if !s.covers("msid") {
		all = append(all, "the shop's number is not signed: who can change a request on its way can send it to another shop "+
			"with the same ApiKey")
	}
	if s.Post == "out" {
		all = append(all, "the post group is not signed: who can change a request on its way can change it")
	}
	return all
}

// blurred says what in the signed text cannot be told apart.
func (s *Scheme) blurred() (all []string) {
	switch {
	case s.Order == "raw":
	case s.Join == "" || s.Pair == "namevalue":
		all = append(all, "where a name or a value ends is not signed: who saw a request can move characters from one "+
			"parameter to another, and so have it done again, or for another amount")
	case s.Pair == "value":
		all = append(all, "the names of parameters are not signed: who saw a request can give its values other names")
	}
	if s.Empty == "drop0" && s.Order != "raw" {
		all = append(all, "a parameter that is 0 is not signed: who can change a request on its way can add one or leave "+
			"one out")
	}
	if s.Fold != "none" {
		all = append(all, "letter case is not signed: who can change a request on its way can change it")
	}
	return all
}

// covers reports whether the signature covers a system parameter. A get group that is signed as it was sent has none
// of them in it.
func (s *Rule) covers(part string) bool {
	return s.signs(part) && (s.System != "sorted" || s.Order != "raw")
}

// signs reports whether the signature covers a part of the request.
func (s *Rule) signs(part string) bool {
	for word := range strings.FieldsSeq(s.Signed) {
		if word == part {
			return true
		}
	}
	return false
}

// joinsActions reports whether the system's action is signed as a parameter among others, one of which may have
// its name.
func (s *Rule) joinsActions() bool {
	return s.System == "sorted" && s.Order != "raw" && s.signs(actionName)
}

// SignsNonce reports whether the signature covers the nonce.
func (s *Scheme) SignsNonce() bool { return s.NonceNeed != Ignored && s.covers("nonce") }

// SignsTime reports whether every request has a time that the signature covers, so that no request is accepted after
// its window.
func (s *Scheme) SignsTime() bool { return s.TimeNeed == Required && s.covers("time") }

// SignsPost reports whether the signature covers the post group, by its content or its digest.
func (s *Scheme) SignsPost() bool { return s.Post != "out" }

// NeedsPost reports whether the post group must be read before the signature can be verified.
func (s *Scheme) NeedsPost() bool { return s.Post != "out" && !strings.HasPrefix(s.Post, "parameter-") }

// UsesSecret reports whether the developer secret takes part.
func (s *Scheme) UsesSecret() bool { return s.Kind == Custom && s.Secret != "none" }

// String returns the scheme as lines of YAML, with all settings of its kind. Parse reads them.
func (s Scheme) String() string {
	b := []byte("scheme: " + s.Kind + "\n")
	for _, set := range settings {
		if set.of(s.Kind) {
			b = append(b, set.name+": "+plainOrQuoted(*set.at(&s))+"\n"...)
		}
	}
	return string(b)
}

// plainOrQuoted returns a value in a form that YAML reads as a text.
func plainOrQuoted(s string) string {
	plain := s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && r != '-' && r != ' ' && r != '=' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	})
	if plain {
		return s
	}
	return strconv.Quote(s)
}

// Parse reads what String wrote; "" is our own scheme. Settings that are left out have their defaults.
func Parse(text string) (Scheme, error) {
	first := true
	s := Scheme{}
	for line := range strings.Lines(cmp.Or(text, "scheme: hmac\n")) {
		name, value, found := strings.Cut(strings.TrimRight(line, "\n"), ": ")
		if !found {
			return Scheme{}, fmt.Errorf("want lines like digest: md5, got %q", line)
		}
		if strings.HasPrefix(value, `"`) {
			var err error
			if value, err = strconv.Unquote(value); err != nil {
				return Scheme{}, fmt.Errorf("%s: %w", name, err)
			}
		}
		var err error
		switch {
		case first && name == "scheme":
			first = false
			s, err = New(value)
		case first:
			err = errors.New("the first line must say which scheme it is")
		default:
			err = s.Set(name, value)
		}
		if err != nil {
			return Scheme{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	return s, s.Check()
}

// Kept returns the scheme in the form in which it is stored: String, or "" for our own with nothing changed.
func (s Scheme) Kept() string {
	if ours, err := New(HMAC); err == nil && s == ours {
		return ""
	}
	return s.String()
}

// byGet is what Unguarded says of requests by GET.
func (s *Scheme) byGet() string {
	if s.ByGet != Allowed {
		return ""
	}
	return "; and so does any web page that is open on a machine there, because requests may come by GET"
}

// Setting describes a setting to people.
type Setting struct {
	Name   string
	Kind   string // the schemes that have it: hmac, none or custom; none also has msid_in and msid_name
	Values string // the possible values, the likeliest first; "" = a name or a number
	Normal string // the default
	Help   string
}

// Help lists the settings of all kinds.
func Help() []Setting {
	var all []Setting
	for _, set := range settings {
		kind := Custom
		switch {
		case set.of(HMAC):
			kind = HMAC
		case !set.of(Custom):
			kind = None
		}
		all = append(all, Setting{
			set.name, kind, strings.Join(quoted(set.values), ", "), plainOrQuoted(set.normal), set.help,
		})
	}
	return all
}
