package signin

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238 has it, and the apps on phones know nothing else
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

const (
	seedLen    = 20 // bytes, as many as SHA-1 gives (RFC 4226, section 4)
	codeDigits = 6
	codeStep   = 30 * time.Second
	// codeSlack is how many steps a device's clock may be off, before or behind.
	codeSlack = 1
	// Recovery codes: how many somebody gets, and of how many letters, of five bits each.
	recoveryCodes   = 10
	recoveryLetters = 16
)

var letters = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// newSeed returns the seed of a device's codes.
func newSeed() []byte {
	seed := make([]byte, seedLen)
	rand.Read(seed) // never returns an error: it ends the program instead
	return seed
}

// seedURL returns what a device scans to make the codes of a seed.
func seedURL(seed []byte, issuer, account string) string {
	q := url.Values{"secret": {seedText(seed)}, "issuer": {issuer}}
	return "otpauth://totp/" + url.PathEscape(issuer+":"+account) + "?" + q.Encode()
}

// seedText returns a seed as somebody may type it into a device.
func seedText(seed []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(seed)
}

// codeAt returns the code of a time step (RFC 6238; HOTP of RFC 4226 with the step as its counter).
func codeAt(seed []byte, step int64) string {
	mac := hmac.New(sha1.New, seed)
	_ = binary.Write(mac, binary.BigEndian, step) // a hash takes everything
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", codeDigits, n%1_000_000)
}

// stepOf returns the time step of a code that a device shows about now; 0 if it shows no such code.
func stepOf(seed []byte, code string, now time.Time) (found int64) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	at := now.Unix() / int64(codeStep/time.Second)
	for step := at - codeSlack; step <= at+codeSlack; step++ {
		if subtle.ConstantTimeCompare([]byte(codeAt(seed, step)), []byte(code)) == 1 {
			found = step
		}
	}
	return found
}

// newRecovery returns codes to be kept on paper, and what is stored of them. They have 80 random bits each, so their
// plain hashes can be kept.
func newRecovery() (codes []string, hashes [][32]byte) {
	for range recoveryCodes {
		raw := make([]byte, recoveryLetters*5/8)
		rand.Read(raw) // never returns an error: it ends the program instead
		code := letters.EncodeToString(raw)
		codes = append(codes, code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:])
		hashes = append(hashes, recoveryHash(code))
	}
	return codes, hashes
}

// recoveryHash returns what is stored of a recovery code, however it is typed.
func recoveryHash(code string) [32]byte {
	code = strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))
	return sha256.Sum256([]byte("tongka recovery\x00" + code))
}
