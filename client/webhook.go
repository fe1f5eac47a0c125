package client

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// webhookAge is how old a webhook may be, and how far in the future: https://www.standardwebhooks.com.
const webhookAge = 5 * time.Minute

// leastKey is how many bytes a secret has at least: anybody can sign with an empty one.
const leastKey = 16

// ErrWebhook is wrapped by every error of VerifyWebhook.
var ErrWebhook = errors.New("webhook refused")

// VerifyWebhook returns an error unless a webhook was sent about now by whoever has one of the secrets, whsec_…: two
// while they are being changed. A secret that is empty or too short is passed over. body is the bytes as they came.
func VerifyWebhook(header http.Header, body []byte, secrets ...string) error {
	return verifyWebhook(header, body, time.Now(), secrets)
}

func verifyWebhook(header http.Header, body []byte, now time.Time, secrets []string) error {
	id, sent := header.Get("Webhook-Id"), header.Get("Webhook-Timestamp")
	at, err := strconv.ParseInt(sent, 10, 64)
	if id == "" || err != nil {
		return errors.Join(ErrWebhook, errors.New("its headers are missing"))
	}
	if age := now.Sub(time.Unix(at, 0)); age > webhookAge || age < -webhookAge {
		return errors.Join(ErrWebhook, errors.New("it was signed too long ago, or in the future"))
	}
	keys, err := webhookKeys(secrets)
	if err != nil {
		return errors.Join(ErrWebhook, err)
	}
	for _, key := range keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + sent + "."))
		mac.Write(body)
		for one := range strings.SplitSeq(header.Get("Webhook-Signature"), " ") {
			version, value, _ := strings.Cut(one, ",")
			got, err := base64.StdEncoding.DecodeString(value)
			if version == "v1" && err == nil && hmac.Equal(got, mac.Sum(nil)) {
				return nil
			}
		}
	}
	return errors.Join(ErrWebhook, errors.New("no signature is right"))
}

// webhookKeys returns the bytes of secrets.
func webhookKeys(secrets []string) (keys [][]byte, err error) {
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil {
			return nil, fmt.Errorf("the secret is not whsec_ with a text of base64: %w", err)
		}
		if len(key) >= leastKey {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("there is no secret of %d bytes or more", leastKey)
	}
	return keys, nil
}
