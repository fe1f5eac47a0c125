package command

import (
	"errors"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// desk is a host with one person who has a device for codes and two recovery codes.
func desk(t *testing.T) *memStore {
	t.Helper()
	l := newMemStore(someMerchant(1, "A"))
	boss := ledger.Person{
		ID: 1, SignIn: "boss", Name: "老板", Password: "hash", TOTP: []byte("sealed"), Recovery: [][32]byte{{1}, {2}},
		Grants: []ledger.PersonGrant{{Permissions: ledger.AllPermissions}},
	}
	if _, err := l.do(ChangePerson{To: boss}, monday); err != nil {
		t.Fatal(err)
	}
	return l
}

// Tries from one browser are slowed down as wrong passwords of cards are, and a right one ends that.
func TestSignInBackOff(t *testing.T) {
	t.Parallel()
	l, now := desk(t), monday
	try := func(from string) error {
		_, err := l.do(TrySignIn{Person: 1, From: from, Known: from == "known"}, now)
		return err
	}
	for n := range 3 {
		if err := try("a"); err != nil {
			t.Fatalf("try %d: %v", n+1, err)
		}
	}
	if err := try("a"); reasonOf(err) != ledger.TooManyTries {
		t.Errorf("a fourth try at once: %v", err)
	}
	if err := try("b"); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
	now = now.Add(firstBackOff)
	if err := try("a"); err != nil {
		t.Errorf("after half a minute: %v", err)
	}
	if _, err := l.do(SignedIn{Person: 1, From: "a"}, now); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		if err := try("a"); err != nil {
			t.Errorf("try %d after a right one: %v", n+1, err)
		}
	}
}

// However many strangers try a person's password, they have a hundred tries a day, and do not keep the person out of a
// browser that is the person's own.
func TestStrangersLockNobodyOut(t *testing.T) {
	t.Parallel()
	l, now, passed := desk(t), monday, 0
	for n := range 300 {
		_, err := l.do(TrySignIn{Person: 1, From: string(rune('a' + n))}, now)
		if err == nil {
			passed++
		} else if reasonOf(err) != ledger.TooManyTries {
			t.Fatal(err)
		}
	}
	if passed != strangersTries {
		t.Errorf("strangers had %d tries, want %d", passed, strangersTries)
	}
	if _, err := l.do(TrySignIn{Person: 1, From: "own", Known: true}, now); err != nil {
		t.Errorf("the person's own browser: %v", err)
	}
	if _, err := l.do(TrySignIn{Person: 2, From: "a"}, now); err != nil {
		t.Errorf("another person: %v", err)
	}
	if _, err := l.do(TrySignIn{Person: 1, From: "z"}, now.Add(strangersDay)); err != nil {
		t.Errorf("a day later: %v", err)
	}
}

// Whoever is given a new password, or needs no device any more, starts anew: strangers who tried the one of before keep
// nobody out.
func TestNewSecretsEndTheCounts(t *testing.T) {
	t.Parallel()
	l := desk(t)
	lock := func() {
		t.Helper()
		refused := 0
		for n := range 2 * strangersTries {
			if _, err := l.do(TrySignIn{Person: 1, From: string(rune('a' + n))}, monday); err != nil {
				refused++
			}
		}
		if refused == 0 {
			t.Fatal("strangers are not refused")
		}
	}
	for what, change := range map[string]func(*ledger.Person){
		"password":  func(p *ledger.Person) { p.Password = "another" },
		"no device": func(p *ledger.Person) { p.TOTP, p.Recovery = nil, nil },
	} {
		lock()
		p := *l.host.Person(1)
		change(&p)
		if _, err := l.do(ChangePerson{To: p}, monday); err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{"a", "z"} {
			if _, err := l.do(TrySignIn{Person: 1, From: from}, monday); err != nil {
				t.Errorf("%s, from %s: %v", what, from, err)
			}
		}
	}
	lock()
	p := *l.host.Person(1)
	p.Name = "王五"
	if _, err := l.do(ChangePerson{To: p}, monday); err != nil {
		t.Fatal(err)
	}
	if _, err := l.do(TrySignIn{Person: 1, From: "a"}, monday); reasonOf(err) != ledger.TooManyTries {
		t.Errorf("another name: %v", err)
	}
}

// A code of a device is good once, and none before it after that; so is each recovery code, by an entry that says so.
func TestCodesOfADeviceAreGoodOnce(t *testing.T) {
	t.Parallel()
	l, now := desk(t), monday
	use := func(step int64) error {
		_, err := l.do(SignedIn{Person: 1, From: "a", Step: step}, now)
		return err
	}
	for _, c := range []struct {
		step int64
		want ledger.Reason
	}{{100, 0}, {100, ledger.CodeOver}, {99, ledger.CodeOver}, {101, 0}} {
		if err := use(c.step); reasonOf(err) != c.want {
			t.Errorf("step %d: %v, want %v", c.step, err, c.want)
		}
	}
	recover := func(code [32]byte) error {
		_, err := l.do(SignedIn{By: ledger.Caller{Address: "::1"}, Person: 1, From: "a", Recovery: &code}, now)
		return err
	}
	if err := recover([32]byte{2}); err != nil {
		t.Fatal(err)
	}
	for _, code := range [][32]byte{{2}, {3}, {}} {
		if err := recover(code); reasonOf(err) != ledger.CodeOver {
			t.Errorf("code %v: %v", code[0], err)
		}
	}
	p := l.host.Person(1)
	if len(p.Recovery) != 1 || p.Recovery[0] != [32]byte{1} || p.Version != 2 {
		t.Errorf("what is left: %+v", p)
	}
	if _, err := l.do(SignedIn{Person: 9, From: "a", Recovery: &[32]byte{1}}, now); reasonOf(err) != ledger.CodeOver {
		t.Errorf("nobody's code: %v", err)
	}
	if err := l.check(); err != nil {
		t.Fatal(err)
	}
}

// Who is stopped cannot sign in by a recovery code: the change is refused like any other.
func TestStoppedNeedsNoRecovery(t *testing.T) {
	t.Parallel()
	l := desk(t)
	p := *l.host.Person(1)
	p.Stopped = true
	if _, err := l.do(ChangePerson{To: p}, monday); err != nil {
		t.Fatal(err)
	}
	_, err := l.do(SignedIn{Person: 1, From: "a", Recovery: &[32]byte{1}}, monday.Add(time.Minute))
	if refusal, ok := errors.AsType[ledger.Refusal](err); !ok || refusal.Reason != ledger.NotAllowed {
		t.Errorf("got %v", err)
	}
}
