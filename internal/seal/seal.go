package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// sealVersion is the first byte of everything sealed. Another way of sealing needs another version.
const sealVersion = 1

// ErrUnseal is returned for bytes that were not sealed with this key for this context, or were changed since.
// Which of these it was cannot be known.
var ErrUnseal = errors.New("unseal: other key, other context or damaged")

// Seal encrypts plain for a context, and returns a version byte, 12 bytes of nonce, the ciphertext and 16 bytes
// of tag. The same secret looks different each time; only its length shows. A key must not seal more than 2^32
// secrets, because nonces are random.
func (k *Key) Seal(context string, plain []byte) []byte {
	return k.box().Seal([]byte{sealVersion}, nil, plain, []byte(context))
}

// Unseal decrypts what Seal made for the same context. Every error is ErrUnseal or wraps it.
func (k *Key) Unseal(context string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, ErrUnseal
	}
	if sealed[0] != sealVersion {
		return nil, fmt.Errorf("%w: version %d", ErrUnseal, sealed[0])
	}
	plain, err := k.box().Open(nil, nil, sealed[1:], []byte(context))
	if err != nil {
		return nil, ErrUnseal
	}
	return plain, nil
}

func (k *Key) box() cipher.AEAD {
	sub := k.subkey(forSeal)
	block, err := aes.NewCipher(sub[:])
	if err != nil {
		panic(fmt.Sprintf("seal: %v", err)) // it refuses only wrong sizes, and this one is right
	}
	box, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(fmt.Sprintf("seal: %v", err)) // it refuses only ciphers other than AES
	}
	return box
}
