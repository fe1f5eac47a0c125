package scheme

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"errors"
	"fmt"
	"hash"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Names that key, secret and post group may have as parameters in a search. Others can be set, and are not
// found.
var (
	keyNames    = []string{"key", "apikey", "api_key", "appkey", "app_key", "token"}
	secretNames = []string{"secret", "appsecret", "app_secret", "developer_secret"}
	postNames   = []string{"", "post", "data"}
)

// mostNames of a key and a secret are tried where both are parameters.
const mostNames = 2

// Found is what a search has come to.
type Found struct {
	Schemes  []Scheme // those that explain every recording, the plainest first
	Searched int      // schemes that were looked at, those that say the same of these recordings among them
	Texts    int      // different texts of the first recording, without key and secret
	// Open are the settings that the recordings leave open, with the values that do as well as those of the
	// first scheme.
	Open []Open
}

// Open is a setting that recordings do not decide.
type Open struct {
	Setting string
	Values  []string // that of the first scheme first
}

// ErrNoSign is why there is nothing to search for.
var ErrNoSign = errors.New("no parameter looks like a signature (hex or base64 of md5, sha1, sha256 or sha512) in every recording: name it")

// NotHeld says what no search finds, for whoever has found nothing.
const NotHeld = "not in the family: signatures over the system parameters alone, for whoever sees one request could change what it asks; " +
	"one letter case together with an inner digest; public keys and ciphers; other names for the parameters that hold the ApiKey, the developer secret or the post group"

// Find searches the family of custom schemes for those that explain every recording: all settings with all
// their values, but for a fold of what is digested by itself and for other names of key, secret and post
// group than the usual ones. It uses all processors for some seconds.
func Find(sent []*Sent, c Credentials, names Names) (Found, error) {
	var out Found
	if len(sent) == 0 {
		return out, errors.New("want at least one recording")
	}
	bases := candidates(sent, names)
	if len(bases) == 0 {
		return out, ErrNoSign
	}
	for i := range bases {
		s := newSearch(&bases[i], sent, c)
		for _, s.finishes = range [][]finish{finishes[:1], finishes[1:]} {
			for _, posts := range stages(sent) {
				if len(s.found) == 0 {
					s.run(posts)
				}
			}
		}
		out.Searched += s.searched
		out.Texts += s.texts
		out.Schemes = append(out.Schemes, s.found...)
	}
	slices.SortStableFunc(out.Schemes, func(a, b Scheme) int { return cmp.Compare(a.oddity(), b.oddity()) })
	out.Schemes = slices.Compact(out.Schemes)
	if len(out.Schemes) > 0 {
		out.Open = undecided(out.Schemes, sent, c)
	}
	return out, nil
}

// postWay is how the post group may take part.
type postWay struct{ post, name string }

// stages are the ways a post group may take part, the likely ones first. Those behind are searched only
// where nothing is found before.
func stages(sent []*Sent) [][]postWay {
	likely := []postWay{{"out", ""}}
	if !slices.ContainsFunc(sent, func(q *Sent) bool { return q.Post != nil }) {
		return [][]postWay{likely}
	}
	for _, of := range []string{"md5", "sha1", "sha256"} {
		for _, p := range slices.Concat(sent[0].Query, sent[0].Get) {
			if way := (postWay{"parameter-" + of, p.Name}); vouched(sent, way) {
				likely[0] = way
			}
		}
	}
	var others []postWay
	for _, post := range []string{"raw", "md5", "sha1", "sha256"} {
		for _, name := range postNames {
			others = append(others, postWay{post, name})
		}
	}
	return [][]postWay{likely, append(others, postWay{"merged", ""})}
}

// vouched reports whether a get parameter holds the digest of the post group wherever there is one.
func vouched(sent []*Sent, way postWay) bool {
	return !slices.ContainsFunc(sent, func(q *Sent) bool {
		rule := Rule{Post: way.post, PostName: way.name}
		_, digest := rule.PostDigest(q.Post)
		at := slices.IndexFunc(slices.Concat(q.Query, q.Get), func(p Param) bool { return p.Name == way.name && p.Value == digest })
		return q.Post != nil && at < 0
	})
}

// search is one search under one idea of where the system parameters stand.
type search struct {
	base  Scheme
	reqs  []*Request
	c     Credentials
	looks []look
	want  []byte // the digest of the first recording

	twices []string // of action_twice: those that make a difference

	finishes        []finish    // those that are tried now
	stop            atomic.Bool // something was found: what is left says no more
	mu              sync.Mutex
	found           []Scheme
	searched, texts int
}

func newSearch(base *Scheme, sent []*Sent, c Credentials) *search {
	s := &search{base: *base, c: c}
	for _, q := range sent {
		s.reqs = append(s.reqs, base.Settle(q))
	}
	if s.twices = twices[:1]; slices.ContainsFunc(s.reqs, (*Request).hasOwnAction) {
		s.twices = twices
	}
	s.looks = looks(s.reqs[0].Sign)
	s.want = s.looks[0].read(s.reqs[0].Sign)
	return s
}

// run searches, a group of placements on each processor at a time.
func (s *search) run(posts []postWay) {
	groups := s.groups()
	work := make(chan group)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for g := range work {
				s.group(g)
			}
		})
	}
	for _, way := range posts {
		for _, g := range groups {
			g.way = way
			work <- g
		}
	}
	close(work)
	workers.Wait()
}

// group are the placements of key and secret that have the same parameters among the others, so that one
// list serves them all.
type group struct {
	way    postWay
	places []Rule // of which only Digest, Key … SecretFirst are set
}

// groups are all placements.
func (s *search) groups() []group {
	var all []group
	for _, p := range s.placements() {
		i := slices.IndexFunc(all, func(g group) bool { return amongOthers(&g.places[0]) == amongOthers(&p) })
		if i < 0 {
			i = len(all)
			all = append(all, group{})
		}
		all[i].places = append(all[i].places, p)
	}
	return all
}

// amongOthers says which parameters key and secret are among the others.
func amongOthers(r *Rule) string {
	text := ""
	if r.Key == "sorted" {
		text = "key " + r.KeyName
	}
	if r.Secret == "sorted" {
		text += " secret " + r.SecretName
	}
	return text
}

// placements are all ways to place key and secret, with the digests that suit them.
func (s *search) placements() (all []Rule) {
	for _, key := range places {
		for _, secret := range places {
			if !s.fits(key, secret) {
				continue
			}
			for _, p := range named(key, secret) {
				p.Digest = s.looks[0].digest
				if key == "hmac" || secret == "hmac" {
					p.Digest = "hmac-" + p.Digest
				}
				all = append(all, p)
				if meet(key, secret) {
					p.SecretFirst = "true"
					all = append(all, p)
				}
			}
		}
	}
	return all
}

// fits reports whether what goes to these places is there, and one of the two takes part.
func (s *search) fits(key, secret string) bool {
	return (key == "none" || s.c.Key != "") && (secret == "none" || s.c.Secret != "") && (key != "none" || secret != "none")
}

// named are a key and a secret at these places under every name they may have there.
func named(key, secret string) (all []Rule) {
	most := len(keyNames)
	if isParameter(key) && isParameter(secret) {
		most = mostNames
	}
	for _, keyName := range namesAt(key, keyNames, most) {
		for _, secretName := range namesAt(secret, secretNames, most) {
			all = append(all, Rule{Key: key, KeyName: keyName, Secret: secret, SecretName: secretName, SecretFirst: "false"})
		}
	}
	return all
}

// namesAt are the names of what goes to a place: where it is no parameter, the first stands for all.
func namesAt(place string, names []string, most int) []string {
	if isParameter(place) {
		return names[:min(most, len(names))]
	}
	return names[:1]
}

func isParameter(place string) bool { return place == "first" || place == "last" || place == "sorted" }

// meet reports whether it matters which of two that go to these places is first.
func meet(a, b string) bool {
	if a == "none" || b == "none" {
		return false
	}
	return a == b || a == "around" && (b == "prefix" || b == "suffix") || b == "around" && (a == "prefix" || a == "suffix")
}

// group searches all lists there are under the placements of a group.
func (s *search) group(g group) {
	if s.stop.Load() {
		return
	}
	lists := s.lists(&g)
	signers := make([]*signer, len(g.places))
	for i := range g.places {
		signers[i] = newSigner(&g.places[i], s.c, s.finishes)
	}
	for text, shapes := range lists {
		if s.stop.Load() {
			break
		}
		t := trial{search: s, shapes: shapes, group: &g}
		t.finish(text)
		for _, one := range signers {
			t.try(text, one)
		}
	}
	styles := len(empties) * len(encodes) * len(pairs) * len(joins)
	joined := len(signedSets) / 2 * (len(orders) - 1) // where the system's action is a parameter: half of the sets, one way to place it, all orders but raw
	shapes := styles * (len(signedSets)*len(systems)*len(orders) + joined*(len(s.twices)-1))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.texts += len(lists)
	s.searched += shapes * len(g.places) * len(s.finishes) * len(s.looks)
}

type finish struct{ fold, inner string }

// finishes are the ways to fold or digest a list, the likeliest first. Both together are not searched.
var finishes = []finish{
	{"none", "none"}, {"lower", "none"}, {"upper", "none"}, {"lower-all", "none"}, {"upper-all", "none"}, {"none", "md5"}, {"none", "sha1"}, {"none", "sha256"},
}

// shape is how a list is made, as places in the values of the settings: half a million of these are kept.
type shape struct{ signed, system, twice, order, empty, encode, pair, join uint8 }

func (s shape) rule(g *group) Rule {
	r := g.places[0]
	r.Post, r.PostName, r.Inner, r.Fold = g.way.post, g.way.name, "none", "none"
	r.Signed, r.System, r.Order, r.Empty = signedSets[s.signed], systems[s.system], orders[s.order], empties[s.empty]
	r.Twice = twices[s.twice]
	r.Encode, r.Pair, r.Join = encodes[s.encode], pairs[s.pair], joins[s.join]
	return r
}

// signedSets are what may take part, all of it first.
var signedSets = func() (sets []string) {
	for leave := range 16 {
		words := []string{}
		for i, word := range strings.Fields(allSigned) {
			if word == "get" || leave&(1<<i) == 0 {
				words = append(words, word)
			}
		}
		sets = append(sets, strings.Join(words, " "))
	}
	return sets
}()

// lists are the different texts of the first recording, each with how it is made.
func (s *search) lists(g *group) map[string][]shape {
	shapes := map[string][]shape{}
	each := func(sh shape, f *formatter, r *Rule) {
		for pair := range pairs {
			for join := range joins {
				sh.pair, sh.join = uint8(pair), uint8(join) //nolint:gosec // few
				r.Pair, r.Join = pairs[pair], joins[join]
				text := f.write(r, s.reqs[0])
				shapes[text] = append(shapes[text], sh)
			}
		}
	}
	for signed := range signedSets {
		for system := range systems {
			var seen [][]formatter
			if systems[system] != "sorted" && signedSets[signed] == "get" {
				continue // nothing stands there
			}
			for order := range orders {
				sh := shape{signed: uint8(signed), system: uint8(system), order: uint8(order)} //nolint:gosec // few
				if orders[order] == "raw" && amongOthers(&g.places[0]) != "" {
					continue
				}
				for twice := range s.twices {
					sh.twice = uint8(twice) //nolint:gosec // few
					if rule := sh.rule(g); twice > 0 && !rule.joinsActions() {
						break
					}
					s.values(g, sh, &seen, each)
				}
			}
		}
	}
	return shapes
}

// values goes through what may become of values, as far as it makes a difference in any recording: seen are
// the parameters there were before, in other orders among them.
func (s *search) values(g *group, sh shape, seen *[][]formatter, each func(shape, *formatter, *Rule)) {
	rule := sh.rule(g)
	ordered := make([]formatter, len(s.reqs))
	for i, r := range s.reqs {
		ordered[i].order(&rule, rule.items(r, s.c))
	}
	for empty := range empties {
		for encode := range encodes {
			sh.empty, sh.encode = uint8(empty), uint8(encode) //nolint:gosec // few
			r := sh.rule(g)
			applied := make([]formatter, len(ordered))
			for i := range ordered {
				applied[i] = formatter{slices.Clone(ordered[i].items)}
				applied[i].apply(&r)
			}
			same := func(other []formatter) bool {
				return slices.EqualFunc(other, applied, func(a, b formatter) bool { return slices.Equal(a.items, b.items) })
			}
			// Values that stand first or last are encoded too, and what is raw is no list of these.
			if r.System == "sorted" && r.Order != "raw" && slices.ContainsFunc(*seen, same) {
				continue
			}
			*seen = append(*seen, applied)
			each(sh, &applied[0], &r)
		}
	}
}

// side is what stands before and behind a list.
type side struct {
	before, behind string
	twin           bool // folded it is as it was: the fold of the list alone says the same
}

// signer signs many texts under one placement of key and secret.
type signer struct {
	place  Rule
	sides  []side // of each way to finish a list
	digest string
	mac    hash.Hash // nil = it is no hmac

	text, sum []byte
}

func newSigner(place *Rule, c Credentials, ways []finish) *signer {
	s := &signer{place: *place}
	before, behind := place.sides(c)
	plain := side{before: string(before), behind: string(behind)}
	for _, way := range ways {
		rule := Rule{Fold: way.fold}
		one := side{before: rule.folded(plain.before), behind: rule.folded(plain.behind)}
		one.twin = strings.HasSuffix(way.fold, "-all") && one == plain
		s.sides = append(s.sides, one)
	}
	var mac bool
	if s.digest, mac = strings.CutPrefix(place.Digest, "hmac-"); mac {
		s.mac = hmac.New(func() hash.Hash { return newHash(s.digest) }, place.macKey(c))
	}
	return s
}

// makes reports whether the digest of a list is the wanted one.
func (s *signer) makes(want []byte, around *side, list string) bool {
	s.text = append(append(append(s.text[:0], around.before...), list...), around.behind...)
	switch {
	case s.mac != nil:
		s.mac.Reset()
		s.mac.Write(s.text)
		s.sum = s.mac.Sum(s.sum[:0])
	case s.digest == "md5":
		sum := md5.Sum(s.text)
		return bytes.Equal(sum[:], want)
	case s.digest == "sha1":
		sum := sha1.Sum(s.text)
		return bytes.Equal(sum[:], want)
	default:
		s.sum = append(s.sum[:0], sumOf(s.digest, s.text)...)
	}
	return bytes.Equal(s.sum, want)
}

// trial is one list, finished in each way, and how it may have been made.
type trial struct {
	*search
	group    *group
	shapes   []shape
	finished []string
}

func (t *trial) finish(text string) {
	for _, way := range t.finishes {
		rule := Rule{Fold: strings.TrimSuffix(way.fold, "-all"), Inner: way.inner}
		t.finished = append(t.finished, rule.finish(text))
	}
}

// try signs the list under a placement, and keeps what explains every recording.
func (t *trial) try(text string, one *signer) {
	if !isEnd(one.place.Key) && !isEnd(one.place.Secret) {
		t.sign(one)
		return
	}
	// A parameter at an end is written and joined as the others are, which one text may leave open.
	type style struct{ pair, join uint8 }
	var done []style
	for _, sh := range t.shapes {
		as := style{sh.pair, sh.join}
		if slices.Contains(done, as) {
			continue
		}
		done = append(done, as)
		p := one.place
		p.Pair, p.Join = pairs[sh.pair], joins[sh.join]
		alike := trial{search: t.search, group: t.group}
		for _, other := range t.shapes {
			if (style{other.pair, other.join}) == as {
				alike.shapes = append(alike.shapes, other)
			}
		}
		alike.finish(p.ends(text, t.c))
		alike.sign(one)
	}
}

func isEnd(place string) bool { return place == "first" || place == "last" }

func (t *trial) sign(one *signer) {
	for i, list := range t.finished {
		if around := &one.sides[i]; around.twin || !one.makes(t.want, around, list) {
			continue
		}
		p := one.place
		p.Fold, p.Inner = t.finishes[i].fold, t.finishes[i].inner
		for _, l := range t.looks {
			p.Form = l.form
			t.keep(t.shapes, t.group, &p)
		}
	}
}

// keep keeps the schemes that explain the other recordings as well.
func (s *search) keep(shapes []shape, g *group, place *Rule) {
	for _, sh := range shapes {
		found := s.base
		found.Rule = sh.rule(g)
		found.Digest, found.Form, found.Fold, found.Inner = place.Digest, place.Form, place.Fold, place.Inner
		found.Key, found.KeyName, found.Secret, found.SecretName, found.SecretFirst = place.Key, place.KeyName, place.Secret, place.SecretName, place.SecretFirst
		if !found.padded() && !found.twin() && found.explains(s.reqs, s.c) && found.Check() == nil {
			s.mu.Lock()
			s.found = append(s.found, found)
			s.mu.Unlock()
			s.stop.Store(true)
		}
	}
}

// explains reports whether the scheme makes the signature of every request.
func (s *Scheme) explains(reqs []*Request, c Credentials) bool {
	return !slices.ContainsFunc(reqs, func(r *Request) bool { return s.Signature(r, c) != r.Sign })
}

// padded reports whether a time or a nonce is said to be signed that no request has, and that leaves no trace
// in the text: the scheme without it says the same.
func (s *Scheme) padded() bool {
	return s.System == "sorted" && (s.TimeNeed == Ignored && s.signs("time") || s.NonceNeed == Ignored && s.signs("nonce"))
}

// twin reports whether a plainer scheme makes the same text of every request, so that no recording could tell
// them apart: a name that is not written, an empty value of which nothing is left, a key that is glued on.
func (s *Scheme) twin() bool {
	if s.Pair != "value" {
		return false
	}
	if isEnd(s.Key) && s.KeyName != keyNames[0] || isEnd(s.Secret) && s.SecretName != secretNames[0] {
		return true
	}
	return s.Join == "" && (s.Empty == "drop" || isEnd(s.Key) && s.Secret == "none" && s.Fold == "none" && s.Inner == "none")
}

// oddity is how far a scheme is from the plainest that says the same.
func (s *Scheme) oddity() int {
	odd := 0
	for _, set := range settings {
		if *set.at(s) != set.normal {
			odd += 2
		}
	}
	if s.TimeNeed == Ignored && s.signs("time") {
		odd += 3
	}
	if s.NonceNeed == Ignored && s.signs("nonce") {
		odd += 3
	}
	return odd
}

// undecided are the settings of the first scheme that may have other values and explain the recordings as
// well.
func undecided(found []Scheme, sent []*Sent, c Credentials) (open []Open) {
	first := found[0]
	var reqs []*Request
	for _, q := range sent {
		reqs = append(reqs, first.Settle(q))
	}
	for _, set := range settings {
		o := Open{set.name, []string{*set.at(&first)}}
		for _, value := range set.others() {
			other := first
			*set.at(&other) = value
			if set.name == "secret" && c.Secret == "" {
				continue
			}
			if value != o.Values[0] && !other.idle(set.name, c) && !other.padded() && !other.twin() && other.Check() == nil && other.explains(reqs, c) {
				o.Values = append(o.Values, value)
			}
		}
		if len(o.Values) > 1 {
			open = append(open, o)
		}
	}
	return open
}

// others are the values of a setting that make another signature of some request.
func (set *setting) others() []string {
	switch set.name {
	case "signed":
		return signedSets
	case "form", "post", "post_sha256": // either case is as good as the right one, and what is not signed is always open
		return nil
	}
	if strings.Contains(set.name, "_in") || strings.HasPrefix(set.name, "time") || set.name == "nonce" {
		return nil
	}
	return set.values
}

// idle reports whether a setting does nothing beside the others.
func (s *Scheme) idle(name string, c Credentials) bool {
	switch name {
	case "fold":
		before, behind := s.sides(c)
		around := string(before) + string(behind)
		return strings.HasSuffix(s.Fold, "-all") && s.folded(around) == around // as good as the list alone
	case "secret_first":
		return !meet(s.Key, s.Secret)
	case "pair", "empty":
		return s.Order == "raw"
	case "system":
		return !strings.ContainsAny(strings.TrimSuffix(s.Signed, "get"), "acmstn")
	}
	return false
}

// Others says of each scheme but the first what is different in it, for those that Open does not tell of.
func (f *Found) Others(most int) (lines []string) {
	for i := 1; i < len(f.Schemes) && len(lines) < most; i++ {
		told, line := true, ""
		for _, set := range settings {
			value := *set.at(&f.Schemes[i])
			if value == *set.at(&f.Schemes[0]) {
				continue
			}
			line += fmt.Sprintf(", %s: %s", set.name, plainOrQuoted(value))
			told = told && slices.ContainsFunc(f.Open, func(o Open) bool { return o.Setting == set.name && slices.Contains(o.Values, value) })
		}
		if !told {
			lines = append(lines, strings.TrimPrefix(line, ", "))
		}
	}
	return lines
}

// String is the setting and its values as YAML takes them.
func (o Open) String() string { return o.Setting + ": " + strings.Join(quoted(o.Values), " or ") }
