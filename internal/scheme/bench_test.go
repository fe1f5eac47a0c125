package scheme

import (
	"fmt"
	"testing"
)

// BenchmarkFind measures searches that succeed among the likely schemes, with and without a name that occurs
// twice.
func BenchmarkFind(b *testing.B) {
	for _, own := range []bool{false, true} {
		b.Run(fmt.Sprintf("twice=%v", own), func(b *testing.B) {
			s := custom(b)
			var sent []*Sent
			for _, mbno := range []string{"10001", "20002"} {
				get := []Param{{"subject", "雪 碧"}, {"mbno", mbno}, {"Op", ""}, {"zero", "0"}, {"Zed", "a/b"}}
				if own {
					get = append(get, Param{"action", "1"})
				}
				sent = append(sent, signedBy(&s, get))
			}
			for b.Loop() {
				if found, err := Find(sent, Credentials{Key: creds.Key}, Names{}); err != nil || len(found.Schemes) == 0 {
					b.Fatalf("%+v, %v", found, err)
				}
			}
		})
	}
}

// signedBy returns a request in an envelope, signed by a scheme.
func signedBy(s *Scheme, get []Param) *Sent {
	q := &Sent{
		Action: "mb_trans", Query: []Param{{"msid", "10021"}, {"timestamp", "1566296953"}, {"nonce", "n1"}}, Enveloped: true,
	}
	(&draw{}).finish(q, get)
	q.Query = append(q.Query, Param{"sign", s.Signature(s.Settle(q), Credentials{Key: creds.Key})})
	return q
}
