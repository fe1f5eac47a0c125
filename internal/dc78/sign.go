package dc78

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
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

// Scheme is how a shop proves that a request is its own. The published pages do not say how; a way
// that turns up in the field is one more type here.
type Scheme interface {
	// verify answers nil or a fault.
	verify(q *request, from netip.Addr, now time.Time) error
	// secret is what the shop and the server alone know; "" = there is nothing of the kind.
	secret() string
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
// but msid.
type None struct{ Allow []netip.Prefix }

// String is the scheme's name.
func (None) String() string { return "none" }

func (None) secret() string { return "" }

func (n None) verify(_ *request, from netip.Addr, _ time.Time) error {
	from = from.Unmap()
	if from.IsLoopback() || slices.ContainsFunc(n.Allow, func(p netip.Prefix) bool { return p.Contains(from) }) {
		return nil
	}
	return faultCredentials
}

func (h *HMAC) secret() string { return h.Key }

func (h *HMAC) verify(q *request, _ netip.Addr, now time.Time) error {
	at, err := q.system.check()
	if err != nil {
		return err
	}
	want := h.sign(q.signText())
	// The comparison comes first, so that a shop without a key takes no less time.
	if same := hmac.Equal(want, []byte(q.system.sign)); !same || h.Key == "" {
		return faultCredentials
	}
	if age := now.Sub(at); age > window || age < -window {
		return faultTime
	}
	return h.digest(q)
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
		return time.Time{}, faultBadCredential("timestamp")
	}
	if n := utf8.RuneCountInString(s.nonce); n < minNonce || n > maxNonce {
		return time.Time{}, faultBadCredential("nonce")
	}
	return time.Unix(seconds, 0), nil
}

// digest wants the get group, which is signed, to vouch for the post group, which is not.
func (h *HMAC) digest(q *request) error {
	given := q.get.value(digestName)
	if given == "" {
		if q.post == nil || h.PostUnsigned {
			return nil
		}
		return faultNoCredential(digestName)
	}
	sum := sha256.Sum256(q.post)
	if !hmac.Equal([]byte(hex.EncodeToString(sum[:])), []byte(given)) {
		return faultBadCredential(digestName)
	}
	return nil
}

// signText is what the signature is over: action, msid, timestamp and nonce, then every parameter of
// the get group as name=value in byte order of the names, each on a line of its own. Values are as
// before URL encoding, numbers as written, empty values stay. No name has = in it and no value a line
// feed, so one text stands for one request.
func (q *request) signText() string {
	get := slices.Clone(q.get)
	slices.SortFunc(get, func(a, b param) int { return strings.Compare(a.name, b.name) })
	lines := []string{q.action, q.system.msid, q.system.timestamp, q.system.nonce}
	for _, p := range get {
		lines = append(lines, p.name+"="+p.value)
	}
	return strings.Join(lines, "\n")
}

// Sign is the signature of a text under an ApiKey: lower-case hex.
func Sign(key, text string) string { return string((&HMAC{Key: key}).sign(text)) }
