package signin

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// ErrCode means that a new device shows another code than it should: its clock is wrong, or it scanned another seed.
var ErrCode = errors.New("the code is not the one that the device should show now")

// HashPassword is Service.Hash for programs that sign nobody in.
func HashPassword(ctx context.Context, password string) (string, error) {
	return newPasswords().hash(ctx, password)
}

// Hash returns a password as a person's record keeps it.
func (s *Service) Hash(ctx context.Context, password string) (string, error) {
	return s.passwords.hash(ctx, password)
}

// SetPassword gives a person a new password, and ends the person's other sessions. keep is the place of the one that
// goes on, zero for none.
func (s *Service) SetPassword(
	ctx context.Context, by ledger.Caller, id ledger.PersonID, password string, keep [32]byte,
) error {
	p := s.cfg.People.Person(id)
	if p == nil {
		return ErrNobody
	}
	if err := Acceptable(password, p); err != nil {
		return err
	}
	kept, err := s.passwords.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.change(ctx, by, id, keep, "password", func(to *ledger.Person) { to.Password = kept })
}

// Confirm reports whether a password is the person's, for what is asked for again before it is done. Tries are counted.
func (s *Service) Confirm(ctx context.Context, p *ledger.Person, password string, from From) error {
	if err := s.try(ctx, p, from, false); err != nil {
		return err
	}
	right, err := s.passwords.matches(ctx, p.Password, password)
	if err == nil && !right {
		err = ErrWrong
	}
	if err != nil {
		return err
	}
	return s.note(ctx, p, from, command.SignedIn{})
}

// Device is a new device for codes, until it is confirmed.
type Device struct {
	Seed []byte
	Text string // the seed to be typed
	URL  string // and to be scanned
}

// NewDevice returns a seed for a new device of a person. issuer names the server on the device.
func NewDevice(p *ledger.Person, issuer string) Device {
	return DeviceOf(newSeed(), p, issuer)
}

// DeviceOf returns what a device scans to show the codes of a seed.
func DeviceOf(seed []byte, p *ledger.Person, issuer string) Device {
	return Device{Seed: seed, Text: seedText(seed), URL: seedURL(seed, issuer, p.SignIn)}
}

// SetDevice makes the person's sign-in ask for the codes of a device from now on, if the device shows the right one. It
// returns recovery codes, which are shown once and replace those of before.
func (s *Service) SetDevice(
	ctx context.Context, by ledger.Caller, id ledger.PersonID, seed []byte, code string, keep [32]byte,
) (recovery []string, err error) {
	step := stepOf(seed, code, s.cfg.Clock())
	if len(seed) != seedLen || step == 0 {
		return nil, ErrCode
	}
	_, err = s.cfg.Doer.Do(ctx, command.SignedIn{By: by, Person: id, Step: step}) // nobody signs in by this one any more
	if refusal, ok := errors.AsType[ledger.Refusal](err); ok && refusal.Reason == ledger.CodeOver {
		return nil, ErrCode
	}
	if err != nil {
		return nil, err
	}
	codes, hashes := newRecovery()
	return codes, s.change(ctx, by, id, keep, "device for codes", func(to *ledger.Person) {
		to.TOTP, to.Recovery = s.cfg.Vault.Seal(seedContext(id), seed), hashes
	})
}

// DropDevice makes the person's sign-in ask for no code any more.
func (s *Service) DropDevice(ctx context.Context, by ledger.Caller, id ledger.PersonID, keep [32]byte) error {
	return s.change(ctx, by, id, keep, "no device for codes", func(to *ledger.Person) { to.TOTP, to.Recovery = nil, nil })
}

// DropPasskey takes a passkey from somebody, and ends the person's other sessions. There need be none of that id.
func (s *Service) DropPasskey(
	ctx context.Context, by ledger.Caller, id ledger.PersonID, passkey []byte, keep [32]byte,
) error {
	return s.change(ctx, by, id, keep, "no passkey", func(to *ledger.Person) {
		to.Passkeys = slices.DeleteFunc(to.Passkeys, func(k ledger.Passkey) bool { return bytes.Equal(k.ID, passkey) })
	})
}

// change changes what a person signs in with, and ends the other sessions.
func (s *Service) change(
	ctx context.Context, by ledger.Caller, id ledger.PersonID, keep [32]byte, what string, do func(*ledger.Person),
) error {
	p := s.cfg.People.Person(id)
	if p == nil {
		return ErrNobody
	}
	to := *p
	to.Recovery, to.Passkeys = slices.Clone(p.Recovery), slices.Clone(p.Passkeys)
	do(&to)
	if _, err := s.cfg.Doer.Do(ctx, command.ChangePerson{By: by, To: to, Note: what}); err != nil {
		return err
	}
	if err := s.cfg.Store.EndSessions(ctx, id, keep); err != nil {
		return err
	}
	return s.cfg.People.Refresh(ctx)
}
