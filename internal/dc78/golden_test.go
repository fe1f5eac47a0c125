package dc78

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"net/http/httptest"
	"strings"
	"testing"

	"tongka/internal/wiretest"
)

var update = flag.Bool("update", false, "rewrite signatures and answers in testdata/*.http")

// TestGolden sends every recorded request and compares every byte of the answer. With -update, sign=? and
// post_sha256=? in a request are filled in under the key of the test vector.
func TestGolden(t *testing.T) {
	t.Parallel()
	wiretest.Run(t, *update, func(t *testing.T, r *wiretest.Recording) wiretest.Send {
		w := demo(t)
		switch r.Name {
		case "proofs":
			w = proofs(t)
		case "bindings":
			w = demoWith(t, Config{BindLink: bindLink})
		}
		return func(x *wiretest.Exchange) *httptest.ResponseRecorder {
			if *update {
				x.Request = fill(t, x.Request)
			}
			return w.send(wiretest.Request(t, x.Request))
		}
	})
}

// fill replaces the question marks by the right values.
func fill(t *testing.T, text string) string {
	t.Helper()
	q, _ := parse(wiretest.Request(t, text)) // an unreadable request has no signature to fill in
	if q != nil {
		sum := sha256.Sum256(q.post)
		text = strings.ReplaceAll(text, digestName+"=?", digestName+"="+hex.EncodeToString(sum[:]))
		text = strings.ReplaceAll(text, `"`+digestName+`":"?"`, `"`+digestName+`":"`+hex.EncodeToString(sum[:])+`"`)
		q, _ = parse(wiretest.Request(t, text))
		text = strings.ReplaceAll(text, "sign=?", "sign="+signed(pageKey, q.signText()))
	}
	return text
}
