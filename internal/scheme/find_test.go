package scheme

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// draw is a scheme of the family that Find searches, with two requests signed by it.
type draw struct {
	rng    *rand.Rand
	posts  bool // the requests have a post group
	scheme Scheme
	sent   []*Sent
}

func (d *draw) one(values []string) string { return values[d.rng.IntN(len(values))] }

// drawn draws settings until they fit together.
func drawn(t *testing.T, seed uint64, secret bool) *draw {
	t.Helper()
	d := &draw{rng: rand.New(rand.NewPCG(seed, 7)), posts: seed == 1}
	for {
		s := custom(t)
		for _, set := range settings {
			if set.values != nil && set.name != "form" && set.of(Custom) {
				*set.at(&s) = d.one(set.values)
			}
		}
		s.Form = d.one([]string{"lower", "upper", "base64"})
		s.Signed = d.one(signedSets)
		s.TimeNeed, s.NonceNeed = d.one([]string{Required, Ignored}), d.one([]string{Required, Ignored})
		s.MSID.Name, s.Sign.Name = d.one([]string{"msid", "shop_id"}), d.one(signNames[:4])
		s.Time.Name, s.Nonce.Name = d.one(timeNames[:4]), d.one(nonceNames[:4])
		most := len(keyNames)
		if isParameter(s.Key) && isParameter(s.Secret) {
			most = mostNames
		}
		s.KeyName, s.SecretName = d.one(keyNames[:most]), d.one(secretNames[:min(most, len(secretNames))])
		s.PostName = d.one(postNames)
		if strings.HasPrefix(s.Post, "parameter-") {
			s.PostName = "digest"
		}
		if s.Inner != "none" {
			s.Fold = "none"
		}
		if !secret {
			s.Secret = "none"
		}
		if s.Order == "raw" && s.Sign.In == InGet {
			continue // a raw text would contain its own signature
		}
		if s.Check() == nil {
			d.scheme = s
			d.sent = []*Sent{d.request(), d.request()}
			return d
		}
	}
}

// request returns a request for the scheme to sign, with values for which settings make a difference.
func (d *draw) request() *Sent {
	s := &d.scheme
	q := &Sent{Action: d.one([]string{"mb_check", "mb_trans", "mb_newcard"}), Enveloped: d.rng.IntN(2) == 0}
	get := []Param{
		{"mbno", fmt.Sprint(10000 + d.rng.IntN(89999))}, {"subject", d.one([]string{"", "雪 碧", "a/b", "0"})},
		{"Op", d.one([]string{"Anna", "bob", ""})}, {"getlist", d.one([]string{"0", "1"})},
		{"amt", d.one([]string{"8.50", "100"})},
	}
	if d.rng.IntN(2) == 0 {
		get = append(get, Param{"action", d.one([]string{"0", "1"})})
	}
	d.rng.Shuffle(len(get), func(i, j int) { get[i], get[j] = get[j], get[i] })
	if d.posts {
		q.Post = fmt.Appendf(nil, `{"list":[%d]}`, d.rng.IntN(1000))
		q.Members = []Param{{"list", string(q.Post[8 : len(q.Post)-1])}}
		if name, digest := s.PostDigest(q.Post); name != "" {
			get = append(get, Param{name, digest})
		}
	}
	put := func(at Field, value string) {
		switch at.In {
		case InHeader:
			q.Headers = append(q.Headers, Param{at.Name, value})
		case InGet:
			get = append(get, Param{at.Name, value})
		default:
			q.Query = append(q.Query, Param{at.Name, value})
		}
	}
	at := time.Unix(1566296953+int64(d.rng.IntN(1000)), 0)
	put(s.MSID, "10021")
	if s.TimeNeed == Required {
		put(s.Time, map[string]string{
			"s": fmt.Sprint(at.Unix()), "ms": fmt.Sprint(at.UnixMilli()), "yyyyMMddHHmmss": at.Format("20060102150405"),
		}[s.TimeForm])
	}
	if s.NonceNeed == Required {
		put(s.Nonce, fmt.Sprintf("n%08x", d.rng.Uint32()))
	}
	d.finish(q, get)
	put(s.Sign, s.Signature(s.Settle(q), creds))
	if s.Sign.In == InGet { // put has appended to a copy
		d.finish(q, get)
	}
	return q
}

func (d *draw) finish(q *Sent, get []Param) {
	if q.Enveloped {
		q.Get = get
		texts := make([]string, len(get))
		for i, p := range get {
			texts[i] = fmt.Sprintf("%q:%q", p.Name, p.Value)
		}
		q.GetText = "{" + strings.Join(texts, ",") + "}"
		return
	}
	for _, p := range get {
		if !slices.Contains(q.Query, p) {
			q.Query = append(q.Query, p)
		}
	}
	texts := make([]string, len(q.Query))
	for i, p := range q.Query {
		texts[i] = url.QueryEscape(p.Name) + "=" + url.QueryEscape(p.Value)
	}
	q.QueryText = strings.Join(texts, "&")
}

// TestPropertyFind: any scheme of the family, drawn at random, is found from two recordings, or another one that
// explains both. A search is what a processor can do in seconds, and in many under the race detector, which gets one.
func TestPropertyFind(t *testing.T) {
	t.Parallel()
	first := uint64(0)
	if underRace {
		first = 5
	}
	for seed := first; seed < 6; seed++ {
		d := drawn(t, seed, seed == 0)
		c := creds
		if seed > 0 {
			c.Secret = ""
		}
		got, err := Find(d.sent, c, Names{})
		if err != nil {
			t.Errorf("seed %d: %v\n%v%+v", seed, err, d.scheme, d.sent[0])
			continue
		}
		same := slices.ContainsFunc(got.Schemes, func(s Scheme) bool {
			return !slices.ContainsFunc(d.sent, func(q *Sent) bool {
				return s.Text(s.Settle(q), c) != d.scheme.Text(d.scheme.Settle(q), c)
			})
		})
		t.Logf("seed %d: %d of %d schemes, %d texts, open %v", seed, len(got.Schemes), got.Searched, got.Texts, got.Open)
		if !same || got.Searched < 100_000 {
			t.Errorf("seed %d: not among %d of %d\n%v%+v", seed, len(got.Schemes), got.Searched, d.scheme, d.sent[0])
		}
	}
}

// TestFindSays: one recording leaves settings open, and Found lists them. A second one decides them. With a wrong
// key nothing is found, and without anything like a signature Find says in which recordings there is none.
func TestFindSays(t *testing.T) {
	t.Parallel()
	s := custom(t, "key: last", "form: upper", "empty: drop", "signed: action msid time get", "nonce: ignored")
	signed := func(get ...Param) *Sent {
		q := published()
		q.Query, q.Get = q.Query[:2], get
		q.Query = append(q.Query, Param{"sign", s.Signature(s.Settle(q), Credentials{Key: testKey})})
		return q
	}
	one := signed(Param{"a", "1"}, Param{"b", "2"})
	two := signed(Param{"b", "x y"}, Param{"a", ""}, Param{"C", "0"})
	got, err := Find([]*Sent{one}, Credentials{Key: testKey}, Names{})
	if err != nil || len(got.Schemes) == 0 || !strings.Contains(fmt.Sprint(got.Open), "empty: keep or drop or drop0") {
		t.Errorf("one recording: %d schemes, open %v, %v", len(got.Schemes), got.Open, err)
	}
	got, err = Find([]*Sent{one, two}, Credentials{Key: testKey}, Names{})
	if err != nil || len(got.Schemes) == 0 {
		t.Fatalf("two recordings: %+v, %v", got, err)
	}
	if f := got.Schemes[0]; f.Key != "last" || f.Form != "upper" || f.Empty != "drop" || f.Order != "sorted" ||
		f.Encode != "none" || f.Digest != "md5" {
		t.Errorf("found %v", f)
	}
	for _, o := range got.Open {
		if o.Setting == "empty" || o.Setting == "encode" || o.Setting == "order" {
			t.Errorf("left open: %v", o)
		}
	}
	if got, err := Find([]*Sent{one, two}, Credentials{Key: testKey + "x"}, Names{}); err != nil || len(got.Schemes) > 0 {
		t.Errorf("another key: %+v, %v", got.Schemes, err)
	}
	elsewhere := published()
	elsewhere.Query = append(elsewhere.Query, Param{"sig", one.Query[len(one.Query)-1].Value})
	for _, c := range []struct {
		sent  []*Sent
		names Names
		want  []int
	}{
		{[]*Sent{published()}, Names{}, []int{0}}, {[]*Sent{one, published(), two}, Names{}, []int{1}},
		{[]*Sent{one, elsewhere}, Names{}, nil}, {[]*Sent{one, elsewhere}, Names{Sign: "sig"}, []int{0}},
	} {
		_, err := Find(c.sent, Credentials{Key: testKey}, c.names)
		if none, ok := errors.AsType[*NoSignError](err); !ok || !slices.Equal(none.Recordings, c.want) {
			t.Errorf("no signature: %+v, want %v (%v)", none, c.want, err)
		}
	}
}

// TestFindActionTwice: which of two actions a till signs is found from a recording of mb_trans, and stays open
// without one.
func TestFindActionTwice(t *testing.T) {
	t.Parallel()
	for _, twice := range twices {
		s := custom(t, "action_twice: "+twice, "time: required", "nonce: required")
		trans := signedBy(&s, []Param{
			{"subject", "雪 碧"}, {"mbno", "10001"}, {"action", "1"}, {"Op", ""}, {"zero", "0"}, {"Zed", "a/b"},
		})
		check := signedBy(&s, []Param{{"subject", "雪 碧"}, {"mbno", "20002"}, {"Op", ""}, {"zero", "0"}, {"Zed", "a/b"}})
		for name, sent := range map[string][]*Sent{"first": {trans, check}, "second": {check, trans}} {
			found, err := Find(sent, Credentials{Key: creds.Key}, Names{})
			if err != nil || len(found.Schemes) != 1 || found.Schemes[0].Twice != twice || len(found.Open) > 0 {
				t.Errorf("%s, mb_trans %s: %v; %d schemes, open %v:\n%v", twice, name, err, len(found.Schemes), found.Open,
					found.Schemes)
			}
		}
		found, err := Find([]*Sent{check}, Credentials{Key: creds.Key}, Names{})
		if err != nil || !strings.Contains(fmt.Sprint(found.Open), "action_twice: both or system or request") {
			t.Errorf("%s, no mb_trans: %v; open %v", twice, err, found.Open)
		}
	}
}

// TestFindFoldedWhole: a till that folds the text with its key in it is found. It is told apart from one that
// folds only the list if the key makes a difference.
func TestFindFoldedWhole(t *testing.T) {
	t.Parallel()
	all := [][]string{
		{"fold: upper-all"}, {"fold: upper-all", "key: around", "form: upper"}, {"fold: upper"}, {"fold: lower"},
	}
	if underRace {
		all = all[:1]
	}
	for _, settings := range all {
		s := custom(t, append(settings, "time: required", "nonce: required")...)
		var sent []*Sent
		for _, mbno := range []string{"10001", "20002"} {
			sent = append(sent,
				signedBy(&s, []Param{
					{"subject", "雪 碧"}, {"mbno", mbno}, {"action", "1"}, {"Op", ""}, {"zero", "0"}, {"Zed", "a/b"},
				}))
		}
		found, err := Find(sent, Credentials{Key: creds.Key}, Names{})
		if err != nil || len(found.Schemes) == 0 || found.Schemes[0].Fold != s.Fold {
			t.Errorf("%s: %v; %v", settings, err, found.Schemes)
		}
		if strings.Contains(fmt.Sprint(found.Open), "-all") {
			t.Errorf("%s: open %v", settings, found.Open)
		}
	}
}

// TestFindNamesNoTwins: a key in front of values without separators is reported as one scheme, and no further
// recording is asked for if none could tell more.
func TestFindNamesNoTwins(t *testing.T) {
	t.Parallel()
	s, err := New(Custom)
	if err != nil {
		t.Fatal(err)
	}
	s.Key, s.Pair, s.Join = "prefix", "value", ""
	var sent []*Sent
	for _, get := range [][]Param{
		{{"subject", "雪 碧"}, {"mbno", "10001"}, {"Op", ""}, {"zero", "0"}, {"Zed", "a/b"}, {"action", "1"}},
		{{"mbno", "20002"}, {"b", "x y"}, {"C", "7"}, {"a", "0"}, {"D", "Q"}},
	} {
		q := &Sent{
			Action: "mb_check", Query: []Param{{"msid", "10021"}, {"timestamp", "1566296953"}, {"nonce", "n1"}}, Enveloped: true,
		}
		(&draw{}).finish(q, get)
		q.Query = append(q.Query, Param{"sign", s.Signature(s.Settle(q), creds)})
		sent = append(sent, q)
	}
	found, err := Find(sent, Credentials{Key: creds.Key}, Names{})
	if err != nil || len(found.Schemes) != 1 || found.Schemes[0].Key != "prefix" || len(found.Open) > 0 {
		t.Errorf("%v; %d schemes, open %v; the first:\n%v", err, len(found.Schemes), found.Open, found.Schemes)
	}
}
