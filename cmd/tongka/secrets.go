package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"tongka/internal/codes"
	"tongka/internal/config"
	"tongka/internal/seal"
	"tongka/internal/store"
)

// keyEnv is the environment variable that may hold the key itself, instead of a key file.
const keyEnv = "TONGKA_KEY"

// openKey returns the key under which secrets in the database are encrypted, and creates it at the first start. env
// is the key itself, or "" to use the key file. The errors are those of keyFor.
func openKey(ctx context.Context, s *store.Store, dsn string, where config.Secrets, env string) (*seal.Key, error) {
	check, err := s.KeyCheck(ctx)
	if err != nil {
		return nil, err
	}
	key, err := keyFor(check, keyFile(dsn, where), env)
	if err == nil && check == 0 {
		err = s.SaveKeyCheck(ctx, checkOf(key))
	}
	return key, err
}

// keyFor returns the key, and creates it for a database that has none: check is what the database knows of its key; 0 =
// nothing. A key other than the one the database was begun with is an error, and so is a missing file of a database
// that has a key: a new key could not decrypt what is there.
func keyFor(check int64, file, env string) (*seal.Key, error) {
	if _, gone := os.Stat(file); check != 0 && env == "" && errors.Is(gone, os.ErrNotExist) {
		return nil, errors.New("key-file: " + file +
			" is missing, and the database has secrets sealed under it: put it back from your backup of it, or say with " +
			"--key-file where it is")
	}
	key, err := seal.Open(file, env)
	switch {
	case err != nil:
		return nil, err
	case check == 0, check == checkOf(key):
		return key, nil
	case env != "":
		return nil, errors.New(keyEnv + " is not the key this database was begun with: set it to that, or unset it to use " +
			"the key file " + file)
	}
	return nil, errors.New("key-file: " + file +
		" is not the key this database was begun with: say with --key-file where that is")
}

// checkOf returns what a database knows of its key; never 0.
func checkOf(key *seal.Key) int64 {
	return int64(binary.BigEndian.Uint64(key.Check()) | 1) //nolint:gosec // any 64 bits
}

// keyFile returns the absolute path of the key file. A relative one is that of another file in every folder where a
// command is typed, and a message that names it would not say which one was looked for.
func keyFile(dsn string, where config.Secrets) string {
	file := "tongka.key"
	if db, isFile := strings.CutPrefix(dsn, "sqlite:"); isFile {
		file = db + ".key"
	}
	if where.KeyFile != "" {
		file = where.KeyFile
	}
	if whole, err := filepath.Abs(file); err == nil {
		return whole
	}
	return file
}

// newNumber returns a number for a card that is issued without one: random digits, which cannot be guessed from the
// numbers of other cards, with a check digit.
func newNumber() (string, error) { return codes.NewNumber(rand.Reader, "", 12) }

func newPassword() (string, error) { return codes.NewPassword(rand.Reader) }

// newCouponNumber returns a random number for a coupon.
func newCouponNumber() (string, error) { return codes.NewCoupon(rand.Reader) }

// passwords hashes card passwords for storage. A hash is bound to the merchant and not to the card number, so that
// the password stays valid when a card is replaced.
type passwords struct{ key *seal.Key }

func (p passwords) hash(merchant, password string) string {
	return base64.RawURLEncoding.EncodeToString(p.key.HashPassword("merchant "+merchant, password))
}

// matches reports whether kept is a hash of the password at that merchant. A hash that cannot be decoded is
// compared all the same, so that it takes as long as any other.
func (p passwords) matches(merchant, password, kept string) bool {
	raw, _ := base64.RawURLEncoding.DecodeString(kept)
	return p.key.PasswordMatches("merchant "+merchant, password, raw)
}
