package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// sealVersion stands in front of everything sealed. Another way of sealing gets another one.
const sealVersion = 1

// ErrUnseal says that something was not sealed with this key for this context, or was changed since.
// Which of them cannot be told.
var ErrUnseal = errors.New("unseal: other key, other context or damaged")

// Seal encrypts plain for a context: a version byte, 12 bytes of nonce, the ciphertext, 16 bytes of
// tag. The same secret looks different each time, only its length shows. A key is good for 2^32
// sealings, as nonces are random.
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
		panic(fmt.Sprintf("seal: %v", err)) // only sizes are refused, and this one is right
	}
	box, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(fmt.Sprintf("seal: %v", err)) // only ciphers other than AES are refused
	}
	return box
}
