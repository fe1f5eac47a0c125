package signin

import (
	"context"
	"crypto/sha256"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

// world is a sign-in over a store in memory, with a clock that does not move by itself.
type world struct {
	t     *testing.T
	store *storetest.MemStore
	*Service

	mu  sync.Mutex
	now time.Time
}

// vault seals by writing the context before what is sealed, so that tests see that the context counts.
type vault struct{}

func (vault) Seal(context string, plain []byte) []byte {
	return append([]byte(context+"\x00"), plain...)
}

func (vault) Unseal(context string, sealed []byte) ([]byte, error) {
	before, plain, _ := strings.Cut(string(sealed), "\x00")
	if before != context {
		return nil, errors.New("sealed for another")
	}
	return []byte(plain), nil
}

const right = "correct horse battery"

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, store: storetest.NewMemStore(), now: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)}
	e := engine.New(w.store, engine.Config{Clock: w.clock})
	t.Cleanup(func() { w.must(e.Close(context.Background())) })
	directory, err := auth.Open(t.Context(), w.store, w.clock)
	w.must(err)
	w.Service = New(Config{
		Doer: e, Store: w.store, People: directory, Vault: vault{}, Clock: w.clock,
		Subkey: func(purpose string) [32]byte { return sha256.Sum256([]byte(purpose)) },
		URL:    "https://console.example.com",
	})
	w.must2(e.Do(t.Context(), command.ChangePerson{To: ledger.Person{
		ID: 1, SignIn: "boss", Name: "老板", Grants: []ledger.PersonGrant{{Permissions: ledger.AllPermissions}},
	}}))
	w.must(directory.Refresh(t.Context()))
	w.must(w.SetPassword(t.Context(), ledger.Caller{}, 1, right, [32]byte{}))
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) must2(_ any, err error) {
	w.t.Helper()
	w.must(err)
}

var home = From{Address: "10.0.0.1", Browser: "Firefox"}

// signIn signs the boss in.
func (w *world) signIn(from From) *In {
	w.t.Helper()
	in, half, err := w.Password(w.t.Context(), " Boss ", right, from)
	if err != nil || in == nil || half != "" {
		w.t.Fatalf("got %+v, %q, %v", in, half, err)
	}
	return in
}

// who returns who is signed in by a token, 0 if nobody is.
func (w *world) who(token string) ledger.PersonID {
	w.t.Helper()
	p, _, err := w.Who(w.t.Context(), token)
	if errors.Is(err, ErrNobody) {
		return 0
	}
	w.must(err)
	return p.ID
}

// Whoever has the right password is signed in until the session is idle for too long, is ended, or is over.
func TestSessionsOfASignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in, other := w.signIn(home), w.signIn(home)
	if w.who(in.Token) != 1 || in.Token == other.Token {
		t.Fatal("not signed in")
	}
	for _, token := range []string{"", "x", in.Token[1:], in.Token + "A", strings.ToUpper(in.Token)} {
		if w.who(token) != 0 {
			t.Errorf("signed in by %q", token)
		}
	}
	w.must(w.Out(t.Context(), other.Token))
	if w.who(other.Token) != 0 || w.who(in.Token) != 1 {
		t.Error("another session was ended")
	}
	for range 3 {
		w.later(ledger.SessionIdle - time.Minute)
		if w.who(in.Token) != 1 {
			t.Fatal("a session that is used has ended")
		}
	}
	w.later(ledger.SessionIdle)
	if w.who(in.Token) != 0 {
		t.Error("a session that was idle goes on")
	}
	in = w.signIn(home)
	for range 60 {
		w.later(6 * time.Hour)
		w.who(in.Token)
	}
	if w.who(in.Token) != 0 {
		t.Error("a session goes on for ever if it is used")
	}
}

// A wrong password, a wrong name, and somebody who is stopped are told the same; so is nobody's password.
func TestWrongIsAllThatIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fails := func(name, password string) {
		t.Helper()
		if in, half, err := w.Password(t.Context(), name, password, home); !errors.Is(err, ErrWrong) || in != nil || half != "" {
			t.Errorf("%s: %+v, %q, %v", name, in, half, err)
		}
		w.later(time.Hour)
	}
	fails("boss", "wrong horse battery")
	fails("boss", "")
	fails("nobody", right)
	fails("", "")
	in := w.signIn(home)
	w.must2(w.cfg.Doer.Do(t.Context(), command.ChangePerson{To: ledger.Person{ID: 2, SignIn: "new", Name: "新人"}}))
	p := *w.cfg.People.Person(1)
	p.Stopped = true
	w.must2(w.cfg.Doer.Do(t.Context(), command.ChangePerson{To: p}))
	w.must(w.cfg.People.Refresh(t.Context()))
	fails("boss", right)
	fails("new", "")
	if w.who(in.Token) != 0 {
		t.Error("somebody who is stopped is still signed in")
	}
}

// However many try at once, they have the tries that one after the other have, and strangers do not keep somebody out
// of the browser that is his own.
func TestTriesAreCountedBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	own := home
	own.Device = w.signIn(home).Device
	var tried, refused int
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			_, _, err := w.Password(t.Context(), "boss", "wrong horse battery", From{Address: "10.9.9.9"})
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, ErrWrong) {
				tried++
			} else if errors.Is(err, ErrTries) {
				refused++
			} else {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if tried != 3 || refused != 17 {
		t.Errorf("%d passwords were compared and %d refused, want 3 and 17", tried, refused)
	}
	if _, _, err := w.Password(t.Context(), "boss", right, From{Address: "10.9.9.9"}); !errors.Is(err, ErrTries) {
		t.Errorf("the right one from there: %v", err)
	}
	w.signIn(home)
	w.signIn(own)
	stranger := home
	stranger.Device = "x" + own.Device[1:]
	if where, known := w.where(w.cfg.People.Person(1), stranger); known || where != home.Address {
		t.Errorf("a device that was made up counts as known")
	}
}

// A name that nobody has is counted and compared as one that somebody has, so that neither the answer nor how long it
// takes tells which names there are.
func TestNamesThatNobodyHas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	untils := map[string]time.Time{}
	for _, name := range []string{"boss", "nobody", " Nobody "} {
		from := From{Address: "10.9.9." + name}
		for n, want := range []error{ErrWrong, ErrWrong, ErrWrong, ErrTries} {
			_, _, err := w.Password(t.Context(), name, "wrong horse battery", from)
			if !errors.Is(err, want) {
				t.Errorf("%s, try %d: %v, want %v", name, n+1, err, want)
			}
			if late, is := errors.AsType[*TriesError](err); is {
				untils[name] = late.Until
			}
		}
	}
	if is := untils["boss"]; !is.Equal(untils["nobody"]) || !is.After(w.clock()) {
		t.Errorf("they are told to wait until %v", untils)
	}
	for n := range 100 {
		from := From{Address: strconv.Itoa(n)}
		for _, name := range []string{"boss", "nobody"} {
			if err := w.try(t.Context(), w.named(name), from, false); err != nil && !errors.Is(err, ErrTries) {
				t.Error(err)
			}
		}
	}
	for _, name := range []string{"boss", "NOBODY"} {
		if _, _, err := w.Password(t.Context(), name, right, From{Address: "10.9.9.8"}); !errors.Is(err, ErrTries) {
			t.Errorf("%s after a hundred tries of strangers: %v", name, err)
		}
	}
	w.must(w.SetPassword(t.Context(), ledger.Caller{}, 1, right+" new", [32]byte{}))
	if _, _, err := w.Password(t.Context(), "boss", right+" new", From{Address: "10.9.9.8"}); err != nil {
		t.Errorf("the new password: %v", err)
	}
}

// A device's codes are asked for after the password, each once; recovery codes stand in for them, each once.
func TestDeviceAndRecovery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.signIn(home)
	d := NewDevice(w.cfg.People.Person(1), "通卡")
	now := func() string { return codeAt(d.Seed, w.clock().Unix()/30) }
	if _, err := w.SetDevice(t.Context(), ledger.Caller{}, 1, d.Seed, "000000", [32]byte{}); !errors.Is(err, ErrCode) {
		t.Errorf("a device that shows another code: %v", err)
	}
	set := now()
	recovery, err := w.SetDevice(t.Context(), ledger.Caller{Person: 1}, 1, d.Seed, set, [32]byte{})
	w.must(err)
	if len(recovery) != recoveryCodes || w.who(before.Token) != 0 {
		t.Error("sessions of before the device go on")
	}
	half := func() string {
		t.Helper()
		in, half, err := w.Password(t.Context(), "boss", right, home)
		if err != nil || in != nil || half == "" {
			t.Fatalf("got %+v, %q, %v", in, half, err)
		}
		return half
	}
	code := func(half, code string) error {
		in, err := w.Code(t.Context(), half, code, home)
		if err == nil && w.who(in.Token) != 1 {
			t.Error("not signed in")
		}
		w.later(time.Minute)
		return err
	}
	for _, wrong := range []string{set, "123456"} { // the first was used up when the device was set up
		if err := code(half(), wrong); !errors.Is(err, ErrWrong) {
			t.Errorf("a wrong code: %v", err)
		}
	}
	shown := now()
	if err := code(half(), shown[:3]+" "+shown[3:]); err != nil {
		t.Errorf("the right code: %v", err)
	}
	w.later(-time.Minute)
	if err := code(half(), shown); !errors.Is(err, ErrWrong) {
		t.Errorf("the same code again: %v", err)
	}
	if err := code(half(), strings.ToUpper(recovery[3])); err != nil {
		t.Errorf("a recovery code: %v", err)
	}
	if err := code(half(), recovery[3]); !errors.Is(err, ErrWrong) {
		t.Errorf("a recovery code again: %v", err)
	}
	old := half()
	w.later(HalfFor + time.Second)
	for _, h := range []string{old, "", "x", w.devices.make(claim{person: 1, at: w.clock()})} {
		if err := code(h, now()); !errors.Is(err, ErrNobody) {
			t.Errorf("half %q: %v", h, err)
		}
	}
	kept := half()
	w.must(w.SetPassword(t.Context(), ledger.Caller{Person: 1}, 1, right+" new", [32]byte{}))
	if err := code(kept, now()); !errors.Is(err, ErrNobody) {
		t.Errorf("after another password: %v", err)
	}
}

// A new password ends the other sessions, and what is easily guessed is no password.
func TestNewPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.signIn(home), w.signIn(home)
	place, _ := placeOf(one.Token)
	w.must(w.SetPassword(t.Context(), ledger.Caller{Person: 1}, 1, "another horse", place))
	if w.who(one.Token) != 1 || w.who(two.Token) != 0 {
		t.Error("which sessions went on is wrong")
	}
	for password, want := range map[string]error{
		"short": ErrShort, strings.Repeat("字", 9): ErrShort, strings.Repeat("ab", 80): ErrLong, "aaaaaaaaaaaaaa": ErrCommon,
		"abcdefghijklm": ErrCommon, "Password123": ErrCommon, "my-boss-2026": ErrName, "1212121212121": ErrCommon,
		"六个字的密码六个字的密码": nil, "tr0ub4dor&3": nil,
	} {
		if got := Acceptable(password, &ledger.Person{SignIn: "boss"}); !errors.Is(got, want) {
			t.Errorf("%q: %v, want %v", password, got, want)
		}
	}
	if err := w.Confirm(t.Context(), w.cfg.People.Person(1), "another horse", home); err != nil {
		t.Error(err)
	}
	if err := w.Confirm(t.Context(), w.cfg.People.Person(1), right, home); !errors.Is(err, ErrWrong) {
		t.Errorf("the password of before: %v", err)
	}
}

// The codes are those of RFC 6238, appendix B, of which they are the last six digits.
func TestCodesOfTheRFC(t *testing.T) {
	t.Parallel()
	seed := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037",
		20000000000: "353130",
	} {
		if got := codeAt(seed, at/30); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
		if got := stepOf(seed, want, time.Unix(at, 0)); got != at/30 {
			t.Errorf("at %d the code is of step %d, want %d", at, got, at/30)
		}
		if got := stepOf(seed, want, time.Unix(at, 0).Add(2*codeStep)); got != 0 {
			t.Errorf("two steps later it is still good, as of step %d", got)
		}
	}
}

// What is kept of a password is not taken for one if it is not as we write it.
func TestKeptPasswords(t *testing.T) {
	t.Parallel()
	p := newPasswords()
	kept, err := p.hash(t.Context(), right)
	if err != nil || !strings.HasPrefix(kept, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%s, %v", kept, err)
	}
	if again, err := p.hash(t.Context(), right); err != nil || again == kept {
		t.Errorf("twice the same: %v", err)
	}
	if ok, err := p.matches(t.Context(), kept, right); !ok || err != nil {
		t.Errorf("the right one: %t, %v", ok, err)
	}
	for _, bad := range []string{"x", "$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA", strings.Replace(kept, "v=19", "v=16", 1),
		strings.Replace(kept, "m=19456", "m=9945600", 1), strings.Replace(kept, "t=2", "t=x", 1), kept + "*"} {
		if ok, err := p.matches(t.Context(), bad, right); ok || err == nil {
			t.Errorf("%s: %t, %v", bad, ok, err)
		}
	}
	if ok, err := p.matches(t.Context(), "", ""); ok || err != nil {
		t.Errorf("nobody's password: %t, %v", ok, err)
	}
}

// slow is a store that has something done before a session is added.
type slow struct {
	*storetest.MemStore
	before func()
}

func (s slow) AddSession(ctx context.Context, one ledger.Session) error {
	s.before()
	return s.MemStore.AddSession(ctx, one)
}

// A password that is reset while somebody signs in by the old one lets nobody in, however late that sign-in ends.
func TestResetWhileSigningIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.Store = slow{w.store, func() {
		w.must(w.SetPassword(w.t.Context(), ledger.Caller{}, 1, "another long password", [32]byte{}))
	}}
	if in, _, err := w.Password(t.Context(), "boss", right, home); !errors.Is(err, ErrWrong) || in != nil {
		t.Errorf("got %+v, %v", in, err)
	}
	left, err := w.store.Sessions(t.Context(), 1)
	w.must(err)
	if len(left) != 0 {
		t.Errorf("sessions that are left: %+v", left)
	}
}
