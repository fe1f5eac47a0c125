package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"tongka/internal/ledger"
)

// What one comparison costs (RFC 9106, and OWASP's first choice for argon2id): 19 MiB of memory, gone through twice.
const (
	memory  = 19 * 1024 // KiB
	passes  = 2
	threads = 1
	saltLen = 16
	hashLen = 32
)

// MinPassword and MaxPassword bound a password, in characters.
const (
	MinPassword = 10
	MaxPassword = 128
)

// atOnce is how many passwords are hashed at the same time; others wait, or memory would have no bound.
const atOnce = 2

// Why a password is not taken.
var (
	ErrShort  = fmt.Errorf("want at least %d characters", MinPassword)
	ErrLong   = fmt.Errorf("want at most %d characters", MaxPassword)
	ErrCommon = errors.New("this password is guessed first")
	ErrName   = errors.New("the password has the name in it")
)

// passwords hashes passwords, a few at a time.
type passwords struct{ room chan struct{} }

func newPasswords() passwords { return passwords{make(chan struct{}, atOnce)} }

// hash returns a password as it is kept: argon2id in PHC's string format.
func (p passwords) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLen)
	rand.Read(salt) // never returns an error: it ends the program instead
	sum, err := p.derive(ctx, password, salt, memory, passes, threads)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, threads,
		b64.EncodeToString(salt), b64.EncodeToString(sum)), nil
}

// nobodys is compared where there is no password to compare, so that the answer takes as long.
const nobodys = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// matches reports whether a password is the one that is kept; kept is "" if there is none, and then it never is.
func (p passwords) matches(ctx context.Context, kept, password string) (bool, error) {
	there := kept != ""
	if !there {
		kept = nobodys
	}
	var version int
	var m, t uint32
	var par uint8
	fields := strings.Split(kept, "$")
	if len(fields) != 6 || fields[1] != "argon2id" {
		return false, errors.New("a kept password is not argon2id")
	}
	if _, err := fmt.Sscanf(fields[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, fmt.Errorf("a kept password is of version %q", fields[2])
	}
	if _, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &m, &t, &par); err != nil {
		return false, fmt.Errorf("a kept password: %w", err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(fields[4])
	if err != nil {
		return false, fmt.Errorf("a kept password: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(fields[5])
	if err != nil || len(want) != hashLen || m > 4*memory || t > 4*passes || par < 1 {
		return false, errors.New("a kept password has sizes that nobody gave it")
	}
	got, err := p.derive(ctx, password, salt, m, t, par)
	return there && err == nil && subtle.ConstantTimeCompare(got, want) == 1, err
}

func (p passwords) derive(ctx context.Context, password string, salt []byte, m, t uint32, par uint8) ([]byte, error) {
	select {
	case p.room <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.room }()
	return argon2.IDKey([]byte(password), salt, t, m, par, hashLen), nil
}

// Acceptable returns why a password is not taken as a new one of somebody; nil if it is.
func Acceptable(password string, of *ledger.Person) error {
	letters := utf8.RuneCountInString(password)
	folded := strings.ToLower(password)
	switch {
	case letters < MinPassword:
		return ErrShort
	case letters > MaxPassword:
		return ErrLong
	case of.SignIn != "" && utf8.RuneCountInString(of.SignIn) > 3 && strings.Contains(folded, of.SignIn):
		return ErrName
	case common(folded):
		return ErrCommon
	}
	return nil
}

// common reports whether a password has few different characters, runs up or down all the way, or is a word that
// guessers begin with.
func common(folded string) bool {
	seen := map[rune]bool{}
	steps := map[rune]bool{}
	before := rune(-1)
	for _, r := range folded {
		seen[r] = true
		if before >= 0 {
			steps[r-before] = true
		}
		before = r
	}
	if len(seen) < 5 || len(steps) == 1 {
		return true
	}
	for _, word := range guessedFirst {
		if strings.Contains(folded, word) && len(folded)-len(word) < 4 {
			return true
		}
	}
	return false
}

// guessedFirst are beginnings of what is tried first, of ten characters or nearly so.
var guessedFirst = []string{
	"password", "1234567890", "0123456789", "qwertyuiop", "1qaz2wsx3edc", "administrator", "iloveyou", "woaini1314",
	"5201314520", "1q2w3e4r5t", "abcdefghij", "changeme", "letmein123", "passw0rd", "tongka", "a123456789", "aa123456",
	"qwerty12345", "zxcvbnm", "welcome123",
}
