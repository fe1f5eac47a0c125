package scheme

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// search is one search, for one candidate of where the system parameters stand.
type search struct {
	base  Scheme
	reqs  []*Request
	c     Credentials
	looks []look
	want  []byte // the digest of the first recording

	twices []string // the values of action_twice that make a difference

	finishes        []finish    // the ones tried in this run
	stop            atomic.Bool // something was found: the rest could add nothing
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

// run searches all groups of placements, one on each processor at a time.
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

// group tries all lists under the placements of a group.
func (s *search) group(g group) {
	if s.stop.Load() {
		return
	}
	lists := s.lists(&g)
	signers := make([]*signer, len(g.places))
	for i := range g.places {
		signers[i] = newSigner(&g.places[i], s.c, s.finishes)
	}
	t, ends := trial{search: s, group: &g}, trial{search: s, group: &g}
	for text, shapes := range lists {
		if s.stop.Load() {
			break
		}
		t.shapes = *shapes
		t.finish(text)
		for _, one := range signers {
			t.try(text, one, &ends)
		}
	}
	styles := len(empties) * len(encodes) * len(pairs) * len(joins)
	// The system's action is a parameter in half of the sets, for one of the systems and all orders but raw.
	joined := len(signedSets) / 2 * (len(orders) - 1)
	shapes := styles * (len(signedSets)*len(systems)*len(orders) + joined*(len(s.twices)-1))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.texts += len(lists)
	s.searched += shapes * len(g.places) * len(s.finishes) * len(s.looks)
}

// style is how parameters are written and joined, as indices into the values of the settings.
type style struct{ pair, join uint8 }

// trial is one list, finished in each way, with the shapes that may have made it.
type trial struct {
	*search
	group    *group
	shapes   []shape
	finished []string
	styles   []style // that were tried
}

func (t *trial) finish(text string) {
	t.finished = t.finished[:0]
	for i, way := range t.finishes {
		rule := Rule{Fold: strings.TrimSuffix(way.fold, "-all"), Inner: way.inner}
		before := slices.Index(t.finishes[:i], finish{rule.Fold, rule.Inner})
		if before >= 0 { // what folds the whole folds the list too
			t.finished = append(t.finished, t.finished[before])
			continue
		}
		t.finished = append(t.finished, rule.finish(text))
	}
}

// try signs the list under a placement, and keeps the schemes that explain every recording. ends is another trial
// to work with.
func (t *trial) try(text string, one *signer, ends *trial) {
	if !isEnd(one.place.Key) && !isEnd(one.place.Secret) {
		t.sign(one, func(shape) bool { return true })
		return
	}
	// A parameter at an end is written and joined like the others. The same text may have been made by several
	// such styles, so each is tried.
	p := one.place
	ends.shapes, ends.styles = t.shapes, ends.styles[:0]
	for _, sh := range t.shapes {
		as := sh.style()
		if slices.Contains(ends.styles, as) {
			continue
		}
		ends.styles = append(ends.styles, as)
		p.Pair, p.Join = pairs[sh.pair], joins[sh.join]
		ends.finish(p.ends(text, t.c))
		ends.sign(one, func(sh shape) bool { return sh.style() == as })
	}
}

func isEnd(place string) bool { return place == "first" || place == "last" }

// sign keeps those of the shapes that suit.
func (t *trial) sign(one *signer, suits func(shape) bool) {
	for i, list := range t.finished {
		if around := &one.sides[i]; around.twin || !one.makes(t.want, around, list) {
			continue
		}
		p := one.place
		p.Fold, p.Inner = t.finishes[i].fold, t.finishes[i].inner
		for _, l := range t.looks {
			p.Form = l.form
			t.keep(suits, &p)
		}
	}
}

// keep adds those of the schemes that suit and explain the other recordings too.
func (t *trial) keep(suits func(shape) bool, place *Rule) {
	for _, sh := range t.shapes {
		if !suits(sh) {
			continue
		}
		found := t.base
		found.Rule = sh.rule(t.group)
		found.Digest, found.Form, found.Fold, found.Inner = place.Digest, place.Form, place.Fold, place.Inner
		found.Key, found.KeyName = place.Key, place.KeyName
		found.Secret, found.SecretName, found.SecretFirst = place.Secret, place.SecretName, place.SecretFirst
		if !found.padded() && !found.twin() && found.explains(t.reqs, t.c) && found.Check() == nil {
			t.mu.Lock()
			t.found = append(t.found, found)
			t.mu.Unlock()
			t.stop.Store(true)
		}
	}
}

// explains reports whether the scheme makes the signature of every request.
func (s *Scheme) explains(reqs []*Request, c Credentials) bool {
	return !slices.ContainsFunc(reqs, func(r *Request) bool { return s.Signature(r, c) != r.Sign })
}

// padded reports whether the scheme signs a time or a nonce that no request has and that leaves no trace in the
// text. The scheme without it is the same.
func (s *Scheme) padded() bool {
	return s.System == "sorted" && (s.TimeNeed == Ignored && s.signs("time") || s.NonceNeed == Ignored && s.signs("nonce"))
}

// twin reports whether a plainer scheme makes the same text of every request, so that no recording could tell
// them apart: if names are not written, if empty values leave nothing, or if the key is joined without a
// separator.
func (s *Scheme) twin() bool {
	if s.Pair != "value" {
		return false
	}
	if isEnd(s.Key) && s.KeyName != keyNames[0] || isEnd(s.Secret) && s.SecretName != secretNames[0] {
		return true
	}
	return s.Join == "" &&
		(s.Empty == "drop" || isEnd(s.Key) && s.Secret == "none" && s.Fold == "none" && s.Inner == "none")
}
