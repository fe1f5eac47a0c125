package dc78

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"tongka/internal/scheme"
	"tongka/internal/wire"
)

const (
	// window is how far a request's timestamp may be from the server's clock, either way.
	window = 300 * time.Second
	// minNonce and maxNonce limit a nonce, in characters.
	minNonce, maxNonce = 8, 64
	// digestName is the get parameter that holds the digest of the post group.
	digestName = "post_sha256"
	// proofName is the get parameter that holds a password or a code.
	proofName = "vericode"
)

// Scheme is how a shop proves that a request is its own. The published pages do not say how. The default is
// [HMAC], ours; a shop may have another one, such as [Custom], which is described by data.
type Scheme interface {
	// settle separates the system parameters from the get group.
	settle(q *request) error
	// verify returns nil or a fault. The post group is parsed by then only if needsPost asks for it.
	verify(q *request, from caller, now time.Time) error
	// digest returns a fault if the post group, which is complete by then, does not match its digest.
	digest(q *request) error
	// needsPost reports whether the signature covers the post group itself.
	needsPost() bool
	// secret returns what only the shop and the server know; "" = there is no secret.
	secret() string
	// msid returns the place of the shop's number.
	msid() scheme.Field
}

// caller is where a request comes from.
type caller struct {
	addr    netip.Addr // zero = unknown, which is neither here nor allowed
	relayed bool       // by a proxy that is not trusted: it may come from anywhere
}

// ownMSID is the place of the shop's number in our own scheme.
var ownMSID = scheme.Field{In: scheme.InQuery, Name: "msid"}

// signatureError is a wrong signature, with the text that the server signed, for whoever looks for the
// difference. The text contains neither key nor secret.
type signatureError struct {
	// text returns the signed text with every value replaced by what mask returns; a nil mask leaves values as
	// they are.
	text func(mask func(name, value string) string) string
}

// Error returns the text for the log, with values masked.
func (e *signatureError) Error() string {
	return fmt.Sprintf("%v; signed here: %q", faultCredentials, cut(e.text(masked)))
}

func (e *signatureError) Unwrap() error { return faultCredentials }

// maxShown limits how much of a signed text is shown, in bytes.
const maxShown = 2 << 10

func cut(text string) string {
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "") + "…"
	}
	return text
}

// plainParams are the parameters whose values reveal nothing about a card or a person.
var plainParams = []string{
	"action", "msid", "getlist", "merge", "coPage", "getBindQr", "amt", "points", "pt", "ptamt", "ptrate", "bonus",
	"nobonus", "createpay",
	"paytype", "qty", "deid", "count", "type", "level", "iscompensated", "trantime",
}

// secretParams are the parameters whose values are hidden completely: part of a password is easily completed, and
// from the digest of a post group whose other values are known a password of four digits is found by trying them all.
var secretParams = []string{proofName, "password", "pwd", "passwd", "pass", "list", digestName}

// masked returns a value as the log may have it: of the same length, with its middle hidden. Secrets, values of fewer
// than 6 characters, and what looks like a digest, under whatever name a till sends it, are hidden completely.
func masked(name, value string) string {
	runes := []rune(value)
	if slices.Contains(plainParams, name) || len(runes) == 0 {
		return value
	}
	whole := slices.Contains(secretParams, name) || len(runes) < 6 || digestLike.MatchString(value)
	for i := range runes {
		if whole || i >= 2 && i < len(runes)-2 {
			runes[i] = '*'
		}
	}
	return string(runes)
}

// digestLike matches what is at least as long as an MD5 in hexadecimal digits.
var digestLike = regexp.MustCompile(`^[0-9A-Fa-f]{32,}$`)

// HMAC is the default scheme. sign is the HMAC-SHA-256 of the signature text under the shop's ApiKey, the
// timestamp must be near the server's clock, and the get group must hold the digest of the post group. Without a
// key it refuses every request.
type HMAC struct {
	Key          string
	PostUnsigned bool // the post group needs no digest, but one that is sent must be right

	macs sync.Pool // of hash.Hash under Key: making one costs as much as using it
}

// noKey refuses every request, and takes as long as a scheme with a key.
var noKey = &HMAC{}

// String omits the key.
func (*HMAC) String() string { return "hmac" }

// None accepts every caller on this machine and at the addresses in Allow, but no browser. The only system parameter
// it reads is msid, in the place that Scheme gives; nil = the same place as ours, and nothing by GET.
type None struct {
	Allow  []netip.Prefix
	Scheme *scheme.Scheme
}

func (None) String() string { return "none" }

func (None) secret() string            { return "" }
func (None) needsPost() bool           { return false }
func (None) digest(*request) error     { return nil }
func (n None) msid() scheme.Field      { return n.at().MSID }
func (n None) settle(q *request) error { return q.settleBy(n.at()) }

// at returns the places of the parameters.
func (n None) at() *scheme.Scheme {
	if n.Scheme != nil {
		return n.Scheme
	}
	return &plainNone
}

var plainNone = func() scheme.Scheme {
	s, err := scheme.New(scheme.None)
	if err != nil {
		panic(err) // it is one of the kinds
	}
	return s
}()

var errElsewhere = errors.New("nothing is signed, and the address is not listed")

// verify looks at the address, and at whether a browser sent the request. A request that an untrusted proxy passed on
// is refused: if the proxy runs on this machine, everybody's requests come from this machine. A browser on an allowed
// machine sends what any page that is open in it asks for. It marks what it sends by POST, even to the server that the
// page claims to come from; what it sends by GET over plain HTTP it may not mark.
func (n None) verify(q *request, from caller, _ time.Time) error {
	addr := from.addr.Unmap()
	here := addr.IsLoopback() && !from.relayed
	switch {
	case !here && (from.relayed || !slices.ContainsFunc(n.Allow, func(p netip.Prefix) bool { return p.Contains(addr) })):
		return fmt.Errorf("%w: %w", errElsewhere, faultCredentials)
	case q.header.Get("Origin") != "" || q.header.Get("Sec-Fetch-Site") != "":
		return faultBrowser
	case q.method != http.MethodPost && n.at().ByGet != scheme.Allowed:
		return faultByGet
	}
	return nil
}

func (h *HMAC) secret() string        { return h.Key }
func (*HMAC) needsPost() bool         { return false }
func (*HMAC) msid() scheme.Field      { return ownMSID }
func (*HMAC) settle(q *request) error { return q.settle() }

func (h *HMAC) verify(q *request, _ caller, now time.Time) error {
	at, err := q.system.check()
	if err != nil {
		return err
	}
	want := h.sign(q.signText())
	// Compare first, so that an answer does not come sooner from a shop without a key.
	if same := hmac.Equal(want, []byte(q.system.sign)); !same || h.Key == "" {
		return &signatureError{q.shown}
	}
	if age := now.Sub(at); age > window || age < -window {
		return faultTime
	}
	return nil
}

// sign returns the Sign of a text under the scheme's key.
func (h *HMAC) sign(text string) []byte {
	mac, ok := h.macs.Get().(hash.Hash)
	if !ok {
		mac = hmac.New(sha256.New, []byte(h.Key))
	}
	defer h.macs.Put(mac)
	mac.Reset()
	_, _ = io.WriteString(mac, text)
	return hex.AppendEncode(nil, mac.Sum(nil))
}

// check requires the parameters that belong to a signature, and returns the timestamp.
func (s system) check() (time.Time, error) {
	for _, p := range [...]param{{"timestamp", s.timestamp}, {"nonce", s.nonce}, {"sign", s.sign}} {
		if p.value == "" {
			return time.Time{}, faultNoCredential(p.name)
		}
	}
	seconds, err := strconv.ParseInt(s.timestamp, 10, 64)
	if err != nil || !wire.AllDigits(s.timestamp) || len(s.timestamp) > 11 {
		return time.Time{}, faultBadCredential("timestamp", timeWants["s"])
	}
	if n := utf8.RuneCountInString(s.nonce); n < minNonce || n > maxNonce {
		return time.Time{}, faultBadCredential("nonce", fmt.Sprintf("应为%d到%d个字符", minNonce, maxNonce))
	}
	return time.Unix(seconds, 0), nil
}

// digest checks the digest in the get group, which is signed, against the post group, which is not.
func (h *HMAC) digest(q *request) error {
	given := q.get.value(digestName)
	q.vouched = given != ""
	if given == "" {
		if q.post == nil || h.PostUnsigned {
			return nil
		}
		return faultNoCredential(digestName)
	}
	sum := sha256.Sum256(q.post)
	if !hmac.Equal([]byte(hex.EncodeToString(sum[:])), []byte(given)) {
		return faultBadCredential(digestName, notOfPost)
	}
	return nil
}

// signText returns the text that our own signature covers.
func (q *request) signText() string {
	return scheme.OwnText(q.action, scheme.System{MSID: q.system.msid, Time: q.system.timestamp, Nonce: q.system.nonce},
		q.get.public())
}

// shown returns signText with the values of the get group replaced by what mask returns.
func (q *request) shown(mask func(name, value string) string) string {
	masking := *q
	masking.get = slices.Clone(q.get)
	for i, p := range q.get {
		if mask != nil {
			masking.get[i].value = mask(p.name, p.value)
		}
	}
	return masking.signText()
}

// public returns the parameters in the form package scheme works on.
func (p params) public() []scheme.Param {
	all := make([]scheme.Param, len(p))
	for i := range p {
		all[i] = scheme.Param{Name: p[i].name, Value: p[i].value}
	}
	return all
}
