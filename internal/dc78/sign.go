package dc78

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"tongka/internal/scheme"
)

const (
	// window is how far a request's timestamp may be from the server's clock.
	window = 300 * time.Second
	// minNonce and maxNonce are how many characters a nonce may have.
	minNonce, maxNonce = 8, 64
	// digestName is the get parameter that holds the digest of the post group.
	digestName = "post_sha256"
	// proofName is the get parameter that holds a password or a code.
	proofName = "vericode"
)

// Scheme is how a shop proves that a request is its own. The published pages do not say how: it is [HMAC],
// ours, unless the shop has another one, which may be [Custom], told as data.
type Scheme interface {
	// settle tells the system parameters apart from the get group.
	settle(q *request) error
	// verify returns nil or a fault. It sees no more of the post group than needsPost asks for.
	verify(q *request, from caller, now time.Time) error
	// digest returns a fault when what is said of the post group, which is read by now, is not so.
	digest(q *request) error
	// needsPost reports whether the post group is part of what is verified.
	needsPost() bool
	// secret is what the shop and the server alone know; "" = there is nothing of the kind.
	secret() string
	// msid is where the shop's number stands.
	msid() scheme.Field
}

// caller is where a request comes from.
type caller struct {
	addr    netip.Addr
	relayed bool // by a proxy that nobody vouches for: it may come from anywhere
}

// ownMSID is where the shop's number stands in ours.
var ownMSID = scheme.Field{In: scheme.InQuery, Name: "msid"}

// signatureError is a signature that is not right, with the text that was signed here for whoever looks for
// the difference. Neither key nor secret is in it.
type signatureError struct {
	// text makes it, with each value as mask has it; nil leaves them as they are.
	text func(mask func(name, value string) string) string
}

// Error is for the log.
func (e *signatureError) Error() string {
	return fmt.Sprintf("%v; signed here: %q", faultCredentials, cut(e.text(masked)))
}

func (e *signatureError) Unwrap() error { return faultCredentials }

// maxShown is how much of a signed text is shown.
const maxShown = 2 << 10

func cut(text string) string {
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "") + "…"
	}
	return text
}

// plainParams are those whose values tell nothing about a card or a person.
var plainParams = []string{
	"action", "msid", "getlist", "merge", "coPage", "getBindQr", "amt", "points", "pt", "ptamt", "ptrate", "bonus",
	"nobonus", "createpay",
	"paytype", "qty", "deid", "count", "type", "level", "iscompensated", "trantime", digestName,
}

// masked is a value as the log may have it: of the same length, its middle and every proof hidden.
func masked(name, value string) string {
	runes := []rune(value)
	if slices.Contains(plainParams, name) || len(runes) == 0 {
		return value
	}
	for i := range runes {
		if name == proofName || len(runes) < 6 || i >= 2 && i < len(runes)-2 {
			runes[i] = '*'
		}
	}
	return string(runes)
}

// HMAC is the default scheme: sign is the HMAC-SHA-256 of the signature text under the shop's ApiKey,
// the timestamp is near the server's clock, and the get group holds the digest of the post group.
// Without a key nothing is ever verified.
type HMAC struct {
	Key          string
	PostUnsigned bool // the post group needs no digest; one that is sent must be right all the same

	macs sync.Pool // of hash.Hash under Key: to make one costs as much as to use it
}

// noKey lets nobody in, and takes as long for it as a key does.
var noKey = &HMAC{}

// String leaves the key out.
func (*HMAC) String() string { return "hmac" }

// None believes everybody at this machine and at the addresses in Allow. It reads no system parameter
// but msid, which stands where Scheme says; nil = where ours has it.
type None struct {
	Allow  []netip.Prefix
	Scheme *scheme.Scheme
}

// String is the scheme's name.
func (None) String() string { return "none" }

func (None) secret() string            { return "" }
func (None) needsPost() bool           { return false }
func (None) digest(*request) error     { return nil }
func (n None) msid() scheme.Field      { return n.at().MSID }
func (n None) settle(q *request) error { return q.settleBy(n.at()) }

// at is where the parameters stand.
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

var errElsewhere = errors.New("nothing is signed, and the address is not a listed one")

// verify looks at the address alone. A proxy on this machine that is not known as one would make everybody
// somebody at this machine.
func (n None) verify(_ *request, from caller, _ time.Time) error {
	addr := from.addr.Unmap()
	here := addr.IsLoopback() && !from.relayed
	if here || !from.relayed && slices.ContainsFunc(n.Allow, func(p netip.Prefix) bool { return p.Contains(addr) }) {
		return nil
	}
	return fmt.Errorf("%w: %w", errElsewhere, faultCredentials)
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
	// The comparison comes first, so that a shop without a key takes no less time.
	if same := hmac.Equal(want, []byte(q.system.sign)); !same || h.Key == "" {
		return &signatureError{q.shown}
	}
	if age := now.Sub(at); age > window || age < -window {
		return faultTime
	}
	return nil
}

// sign is Sign under the scheme's key.
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

// check wants the parameters of a signature, and reads the time.
func (s system) check() (time.Time, error) {
	for _, p := range [...]param{{"timestamp", s.timestamp}, {"nonce", s.nonce}, {"sign", s.sign}} {
		if p.value == "" {
			return time.Time{}, faultNoCredential(p.name)
		}
	}
	seconds, err := strconv.ParseInt(s.timestamp, 10, 64)
	if err != nil || !allDigits(s.timestamp) || len(s.timestamp) > 11 {
		return time.Time{}, faultBadCredential("timestamp", timeWants["s"])
	}
	if n := utf8.RuneCountInString(s.nonce); n < minNonce || n > maxNonce {
		return time.Time{}, faultBadCredential("nonce", fmt.Sprintf("应为%d到%d个字符", minNonce, maxNonce))
	}
	return time.Unix(seconds, 0), nil
}

// digest wants the get group, which is signed, to vouch for the post group, which is not.
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

// signText is what the signature of ours is over.
func (q *request) signText() string {
	return scheme.OwnText(q.action, scheme.System{MSID: q.system.msid, Time: q.system.timestamp, Nonce: q.system.nonce},
		q.get.public())
}

// shown is signText with its values as mask has them.
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

// public are parameters as package scheme has them.
func (p params) public() []scheme.Param {
	all := make([]scheme.Param, len(p))
	for i := range p {
		all[i] = scheme.Param{Name: p[i].name, Value: p[i].value}
	}
	return all
}

// Sign is the signature of a text under an ApiKey: lower-case hex.
func Sign(key, text string) string { return scheme.OwnSign(key, text) }
