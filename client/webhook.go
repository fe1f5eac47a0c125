package client

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// webhookAge is how old a webhook may be, and how far in the future: https://www.standardwebhooks.com.
const webhookAge = 5 * time.Minute

// ErrWebhook is wrapped by every error of VerifyWebhook.
var ErrWebhook = errors.New("webhook refused")

// VerifyWebhook returns an error unless a webhook was sent about now by whoever has one of the secrets, whsec_…: two
// while they are being changed. body is the bytes as they came.
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
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil {
			return errors.Join(ErrWebhook, err)
		}
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
