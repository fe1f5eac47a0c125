package client

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"
)

// hooked returns the headers of a webhook that was signed with a key.
func hooked(key, body string, at time.Time) http.Header {
	sent := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte("evt_1." + sent + "." + body))
	h := http.Header{}
	h.Set("Webhook-Id", "evt_1")
	h.Set("Webhook-Timestamp", sent)
	h.Set("Webhook-Signature", "v1,AAAA v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return h
}

// TestVerifyWebhook: only who has a whole secret can sign. An empty one, such as that of a variable that is not set, is
// passed over, for anybody has it.
func TestVerifyWebhook(t *testing.T) {
	t.Parallel()
	const key, body = "0123456789abcdef01234567", `{"type":"consume"}`
	secretOf := func(key string) string { return "whsec_" + base64.StdEncoding.EncodeToString([]byte(key)) }
	right, other, now := secretOf(key), secretOf("another one of 24 bytes."), time.Now()
	for _, tt := range []struct {
		name    string
		key     string // that it was signed with
		at      time.Time
		secrets []string
		good    bool
	}{
		{"the secret", key, now, []string{right}, true},
		{"the second of two", key, now, []string{other, right}, true},
		{"a second that is not set", key, now, []string{right, ""}, true},
		{"another secret", key, now, []string{other}, false},
		{"too old", key, now.Add(-10 * time.Minute), []string{right}, false},
		{"of the future", key, now.Add(10 * time.Minute), []string{right}, false},
		{"no secret", "", now, nil, false},
		{"an empty secret", "", now, []string{""}, false},
		{"a secret of nothing", "", now, []string{"whsec_"}, false},
		{"an empty second secret", "", now, []string{right, ""}, false},
		{"a short secret", "0123456789abcde", now, []string{secretOf("0123456789abcde")}, false},
		{"the shortest secret", "0123456789abcdef", now, []string{secretOf("0123456789abcdef")}, true},
		{"badly pasted", key, now, []string{right[:len(right)-1]}, false},
	} {
		err := verifyWebhook(hooked(tt.key, body, tt.at), []byte(body), now, tt.secrets)
		if tt.good != (err == nil) || (err != nil && !errors.Is(err, ErrWebhook)) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if err := VerifyWebhook(hooked(key, body, now), []byte(body+" "), right); err == nil {
		t.Error("another body is taken")
	}
	if err := VerifyWebhook(http.Header{}, []byte(body), right); err == nil {
		t.Error("one without headers is taken")
	}
}
