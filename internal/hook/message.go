package hook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Event is what is sent, under its id.
type Event struct {
	ID   string
	Body []byte
}

// header returns what is sent with an event, signed with each of the keys.
func header(keys [][]byte, id string, at time.Time, body []byte) http.Header {
	second := strconv.FormatInt(at.Unix(), 10)
	signatures := make([]string, len(keys))
	for i, key := range keys {
		signatures[i] = sign(key, id, second, body)
	}
	return http.Header{
		"Content-Type":      {"application/json"},
		"User-Agent":        {"Tongka"},
		"Webhook-Id":        {id},
		"Webhook-Timestamp": {second},
		"Webhook-Signature": {strings.Join(signatures, " ")},
		// It is not sent, but says that the request may be sent again on another connection if one that was kept is broken.
		"Idempotency-Key": {},
	}
}

// sign returns a signature with the version of how it is made.
func sign(key []byte, id, second string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + second + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
