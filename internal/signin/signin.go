package signin

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/webauthn"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Why somebody is not signed in. The first says no more than it must: neither whether there is such a name, nor whether
// the person was stopped.
var (
	ErrWrong = errors.New("name, password or code are wrong")
	ErrTries = errors.New("there were too many tries: wait a while")
	// ErrNobody means that a session has ended, or never was.
	ErrNobody = errors.New("nobody is signed in")
)

// TriesError is the ErrTries of somebody who is told when to try again. A name that nobody has is told the same, as its
// tries are counted in the same way.
type TriesError struct{ Until time.Time }

func (*TriesError) Error() string { return ErrTries.Error() }

func (*TriesError) Unwrap() error { return ErrTries }

// Doer carries out commands: internal/engine.
type Doer interface {
	Do(ctx context.Context, cmd command.Command) (command.Changes, error)
}

// Store keeps sessions: internal/store.
type Store interface {
	AddSession(ctx context.Context, s ledger.Session) error
	SeeSession(ctx context.Context, place [32]byte, at time.Time) error
	EndSession(ctx context.Context, place [32]byte) error
	EndSessions(ctx context.Context, person ledger.PersonID, but [32]byte) error
	Session(ctx context.Context, place [32]byte) (ledger.Session, bool, error)
	Sessions(ctx context.Context, person ledger.PersonID) ([]ledger.Session, error)
}

// People finds people: auth.Directory.
type People interface {
	Person(id ledger.PersonID) *ledger.Person
	PersonNamed(signIn string) *ledger.Person
	Refresh(ctx context.Context) error
}

// Config holds what a Service works with.
type Config struct {
	Doer   Doer
	Store  Store
	People People
	Vault  auth.Vault
	Subkey func(purpose string) (key [32]byte)
	Clock  func() time.Time
	URL    string // where browsers reach the server, for which their passkeys are; see Service.Passkeys
}

// Service signs people in.
type Service struct {
	cfg       Config
	passwords passwords
	halves    seal // of those who have typed their password and not yet their code
	devices   seal // of browsers in which somebody was signed in
	passkeys  *webauthn.WebAuthn
	asks      seal     // of browsers that were asked for a passkey
	offers    seal     // of those that were asked for a new one
	nameKey   [32]byte // of names that nobody has
}

// New returns a Service.
func New(cfg Config) *Service {
	return &Service{
		cfg: cfg, passwords: newPasswords(),
		halves: sealOf(cfg.Subkey("sign-in half 1")), devices: sealOf(cfg.Subkey("sign-in device 1")),
		passkeys: libraryAt(cfg.URL), asks: sealOf(cfg.Subkey("sign-in asked 1")),
		offers: sealOf(cfg.Subkey("sign-in offered 1")), nameKey: cfg.Subkey("sign-in nobodies 1"),
	}
}

// From is where somebody signs in.
type From struct {
	Address string // the network part of the address, as limits count it
	Device  string // the token that the browser was given when the person was last signed in there, or ""
	Browser string // as it names itself
}

// In is what a browser gets once somebody is signed in.
type In struct {
	Person *ledger.Person
	Token  string // of the session
	Device string // to be kept longer than that
}

const (
	// HalfFor is how long somebody has for the code once the password was right.
	HalfFor = 5 * time.Minute
	// DeviceFor is how long a browser counts as the person's own without being used to sign in.
	DeviceFor = 180 * 24 * time.Hour
	// seenEvery is how often a session notes that it is used.
	seenEvery = time.Minute
	// maxBrowser is how many bytes of a browser's name for itself are kept.
	maxBrowser = 200
)

// Password signs somebody in by name and password. If the person has a device for codes, half is to be given to Code
// together with the code, and in is nil.
func (s *Service) Password(ctx context.Context, name, password string, from From) (in *In, half string, err error) {
	p := s.named(name)
	if err := s.try(ctx, p, from, false); err != nil {
		return nil, "", err
	}
	right, err := s.passwords.matches(ctx, p.Password, password)
	switch {
	case err != nil:
		return nil, "", err
	case !right || s.barred(p):
		return nil, "", ErrWrong
	}
	if err := s.note(ctx, p, from, command.SignedIn{}); err != nil {
		return nil, "", err
	}
	if p.TOTP != nil {
		return nil, s.halves.make(claim{p.ID, s.cfg.Clock(), bound(p)}), nil
	}
	in, err = s.in(ctx, p, from)
	return in, "", err
}

// named returns the person of a name. For a name that nobody has it returns somebody whom no password is right for: the
// tries are counted and the password is compared all the same, so nothing tells which names there are.
func (s *Service) named(name string) *ledger.Person {
	name = ledger.FoldSignIn(name)
	if p := s.cfg.People.PersonNamed(name); p != nil {
		return p
	}
	return &ledger.Person{ID: s.nobody(name)}
}

// nobodies is how many numbers the names that nobody has are counted under: few enough to keep, and more than somebody
// can fill to see which names are still free to try.
const nobodies = 1 << 20

// nobody returns the number of a name that nobody has. It is below zero, so no person has it, and which names share one
// is known to the server alone.
func (s *Service) nobody(name string) ledger.PersonID {
	mac := hmac.New(sha256.New, s.nameKey[:])
	mac.Write([]byte(name)) // a hash takes everything
	return -1 - ledger.PersonID(binary.BigEndian.Uint64(mac.Sum(nil))%nobodies)
}

// Code signs in somebody who has typed the right password, by the code of the person's device or a recovery code.
func (s *Service) Code(ctx context.Context, half, code string, from From) (*In, error) {
	p := s.halfway(half)
	if p == nil {
		return nil, ErrNobody
	}
	if err := s.try(ctx, p, from, true); err != nil {
		return nil, err
	}
	seed, err := s.cfg.Vault.Unseal(seedContext(p.ID), p.TOTP)
	if err != nil {
		return nil, fmt.Errorf("codes of %s: %w", p.SignIn, err)
	}
	done := command.SignedIn{Step: stepOf(seed, code, s.cfg.Clock())}
	if done.Step == 0 {
		hash := recoveryHash(code)
		done.Recovery = &hash
	}
	if s.barred(p) {
		return nil, ErrWrong
	}
	if err := s.note(ctx, p, from, done); err != nil {
		return nil, err
	}
	return s.in(ctx, p, from)
}

// halfway returns who has typed the right password lately, as half says; nil if nobody has.
func (s *Service) halfway(half string) *ledger.Person {
	c, ok := s.halves.read(half)
	p := s.cfg.People.Person(c.person)
	if !ok || p == nil || c.bound != bound(p) || s.cfg.Clock().After(c.at.Add(HalfFor)) {
		return nil
	}
	return p
}

// try counts a try before it is made.
func (s *Service) try(ctx context.Context, p *ledger.Person, from From, code bool) error {
	where, known := s.where(p, from)
	_, err := s.cfg.Doer.Do(ctx, command.TrySignIn{Person: p.ID, From: where, Known: known, Code: code})
	if refusal, ok := errors.AsType[ledger.Refusal](err); ok && refusal.Reason == ledger.TooManyTries {
		return &TriesError{refusal.Until}
	}
	return err
}

// where returns what tries are counted under: the browser if the person was signed in there before, otherwise the
// address.
func (s *Service) where(p *ledger.Person, from From) (where string, known bool) {
	c, ok := s.devices.read(from.Device)
	if ok && c.person == p.ID && !s.cfg.Clock().After(c.at.Add(DeviceFor)) {
		return "device " + base64.RawURLEncoding.EncodeToString(c.bound[:8]), true
	}
	return from.Address, false
}

// note ends the count of tries of what was right, and uses a code up.
func (s *Service) note(ctx context.Context, p *ledger.Person, from From, done command.SignedIn) error {
	done.By.Address, done.Person = from.Address, p.ID
	done.From, _ = s.where(p, from)
	_, err := s.cfg.Doer.Do(ctx, done)
	if refusal, ok := errors.AsType[ledger.Refusal](err); ok && refusal.Reason == ledger.CodeOver {
		return ErrWrong
	}
	if err == nil && done.Recovery != nil {
		err = s.cfg.People.Refresh(ctx)
	}
	return err
}

// in makes a session of somebody who has given all that is asked for.
func (s *Service) in(ctx context.Context, p *ledger.Person, from From) (*In, error) {
	token, err := s.begin(ctx, p, from)
	if err != nil {
		return nil, err
	}
	device, known := s.devices.read(from.Device)
	if !known || device.person != p.ID {
		rand.Read(device.bound[:8]) // never returns an error: it ends the program instead
	}
	device.person, device.at = p.ID, s.cfg.Clock()
	return &In{Person: p, Token: token, Device: s.devices.make(device)}, nil
}

// begin adds a session and returns its token.
func (s *Service) begin(ctx context.Context, p *ledger.Person, from From) (string, error) {
	var token [32]byte
	rand.Read(token[:])
	now := s.cfg.Clock()
	browser := from.Browser[:min(len(from.Browser), maxBrowser)]
	if !utf8.ValidString(browser) {
		browser = ""
	}
	place := sha256.Sum256(token[:])
	err := s.cfg.Store.AddSession(ctx, ledger.Session{
		Place: place, Person: p.ID, MadeAt: now, SeenAt: now, Until: now.Add(ledger.SessionMost),
		Address: from.Address, Browser: browser,
	})
	if err == nil {
		err = s.still(ctx, p, place)
	}
	return base64.RawURLEncoding.EncodeToString(token[:]), err
}

// still ends a session that was added with a password that is no longer the person's. A reset ends the sessions that
// there are, after it was saved: so of a reset and a sign-in at the same time, on one server or two, one sees the
// other.
func (s *Service) still(ctx context.Context, p *ledger.Person, place [32]byte) error {
	if err := s.cfg.People.Refresh(ctx); err != nil {
		return errors.Join(err, s.cfg.Store.EndSession(ctx, place))
	}
	if now := s.cfg.People.Person(p.ID); now != nil && bound(now) == bound(p) && !s.barred(now) {
		return nil
	}
	return errors.Join(ErrWrong, s.cfg.Store.EndSession(ctx, place))
}

// Who returns who is signed in by a session's token, and the session. It returns ErrNobody if nobody is.
func (s *Service) Who(ctx context.Context, token string) (*ledger.Person, ledger.Session, error) {
	place, ok := placeOf(token)
	if !ok {
		return nil, ledger.Session{}, ErrNobody
	}
	one, found, err := s.cfg.Store.Session(ctx, place)
	if err != nil {
		return nil, one, err
	}
	now := s.cfg.Clock()
	p := s.cfg.People.Person(one.Person)
	if !found || !one.Good(now) || p == nil || s.barred(p) {
		return nil, one, ErrNobody
	}
	if now.After(one.SeenAt.Add(seenEvery)) {
		if err := s.cfg.Store.SeeSession(ctx, place, now); err != nil {
			return nil, one, err
		}
	}
	return p, one, nil
}

// Out ends the session of a token.
func (s *Service) Out(ctx context.Context, token string) error {
	place, ok := placeOf(token)
	if !ok {
		return nil
	}
	return s.cfg.Store.EndSession(ctx, place)
}

// placeOf returns where the session of a token is kept.
func placeOf(token string) (place [32]byte, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != 32 {
		return place, false
	}
	return sha256.Sum256(raw), true
}

// barred reports whether somebody may not sign in today.
func (s *Service) barred(p *ledger.Person) bool {
	return p.Stopped || p.Over(ledger.DateOf(s.cfg.Clock().UTC()))
}

// bound is what a half sign-in is bound to: with another password or another device it is worth nothing.
func bound(p *ledger.Person) (b [16]byte) {
	sum := sha256.Sum256([]byte(p.Password + "\x00" + string(p.TOTP)))
	return [16]byte(sum[:16])
}

func seedContext(id ledger.PersonID) string { return fmt.Sprintf("person/%d codes", id) }
