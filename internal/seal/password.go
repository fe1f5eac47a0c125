package seal

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
)

// saltSize is the size of the random salt in front of a hash.
const saltSize = 16

// HashPassword is the form in which a password is stored: a random salt, then HMAC-SHA-256 of context,
// salt and password under a subkey. The context binds it to the card, so that a hash copied to another
// card lets nobody in there.
func (k *Key) HashPassword(context string, password string) []byte {
	var salt [saltSize]byte
	rand.Read(salt[:]) // never fails: it ends the program instead
	return k.hash(context, password, salt)
}

// PasswordMatches reports whether the hash was made of the password for the same context. A card without
// one takes as long as a wrong password, and nothing matches an empty hash.
func (k *Key) PasswordMatches(context, password string, hash []byte) bool {
	var salt [saltSize]byte
	copy(salt[:], hash)
	return subtle.ConstantTimeCompare(k.hash(context, password, salt), hash) == 1
}

func (k *Key) hash(context, password string, salt [saltSize]byte) []byte {
	sub := k.subkey(forPassword)
	mac := hmac.New(sha256.New, sub[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(context)))) // so that no context runs into a password
	mac.Write([]byte(context))
	mac.Write(salt[:])
	mac.Write([]byte(password))
	return mac.Sum(salt[:])
}
