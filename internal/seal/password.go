package seal

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
)

// saltSize is the size in bytes of the random salt at the beginning of a hash.
const saltSize = 16

// HashPassword returns the form in which a password is stored: a random salt, then the HMAC-SHA-256 of context,
// salt and password under a subkey. The context binds the hash to the card, so that it does not match if it is
// copied to another card.
func (k *Key) HashPassword(context string, password string) []byte {
	var salt [saltSize]byte
	rand.Read(salt[:]) // never returns an error: it ends the program instead
	return k.hash(context, password, salt)
}

// PasswordMatches reports whether the hash was made of the password in the same context. An empty hash, of a card
// without a password, matches nothing, and takes as long as a wrong password.
func (k *Key) PasswordMatches(context, password string, hash []byte) bool {
	var salt [saltSize]byte
	copy(salt[:], hash)
	return subtle.ConstantTimeCompare(k.hash(context, password, salt), hash) == 1
}

func (k *Key) hash(context, password string, salt [saltSize]byte) []byte {
	sub := k.subkey(forPassword)
	mac := hmac.New(sha256.New, sub[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(context)))) // so that it is clear where the context ends
	mac.Write([]byte(context))
	mac.Write(salt[:])
	mac.Write([]byte(password))
	return mac.Sum(salt[:])
}
