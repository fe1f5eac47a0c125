package signin

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// AskedFor is how long a browser has to answer for a passkey.
const AskedFor = 5 * time.Minute

// ErrPasskey means that what a browser answered for a passkey is not taken: it is of another site, of a passkey that is
// not known here or not any more, forged, too late, or was given before. Nobody is told which.
var ErrPasskey = errors.New("the passkey is not accepted")

// Asked is what a browser is asked for a passkey.
type Asked struct {
	Options []byte // JSON, as PublicKeyCredential.parseRequestOptionsFromJSON or parseCreationOptionsFromJSON reads it
	Token   string // to be brought back with the answer; it says nothing that is secret
}

// libraryAt returns the library for the passkeys of a server at an address; nil if browsers have none for it: they bind
// them to a host name, and want an encrypted connection, or one that leaves the machine not at all.
func libraryAt(address string) *webauthn.WebAuthn {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Hostname() != "localhost" {
		return nil
	}
	lib, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "Tongka", RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: protocol.ResidentKeyRequired(), ResidentKey: protocol.ResidentKeyRequirementRequired,
			UserVerification: protocol.VerificationRequired,
		},
		// Keepers of passwords add to their answers what nobody asked for; nothing of it is used.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil // the host is a number
	}
	return lib
}

// Passkeys reports whether people can sign in by passkeys at the server's address.
func (s *Service) Passkeys() bool { return s.passkeys != nil }

// OffersPasskey reports whether somebody who has typed the right password, as half says, has a passkey to use in place
// of a code.
func (s *Service) OffersPasskey(half string) bool {
	p := s.halfway(half)
	return s.Passkeys() && p != nil && len(p.Passkeys) > 0
}

// AskPasskey asks for a passkey of whomever it may be.
func (s *Service) AskPasskey() (Asked, error) {
	if !s.Passkeys() {
		return Asked{}, ErrPasskey
	}
	asked, session, err := s.passkeys.BeginDiscoverableLogin()
	if err != nil {
		return Asked{}, err
	}
	return s.asked(s.asks, 0, session, asked.Response)
}

// AskSecond asks somebody who has typed the right password, as half says, for a passkey in place of a code.
func (s *Service) AskSecond(half string) (Asked, error) {
	if !s.OffersPasskey(half) {
		return Asked{}, ErrPasskey
	}
	p := s.halfway(half)
	asked, session, err := s.passkeys.BeginLogin(holder{p})
	if err != nil {
		return Asked{}, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	return s.asked(s.asks, p.ID, session, asked.Response)
}

// AskNewPasskey asks for a new passkey of somebody.
func (s *Service) AskNewPasskey(p *ledger.Person) (Asked, error) {
	if !s.Passkeys() {
		return Asked{}, ErrPasskey
	}
	has := webauthn.Credentials(holder{p}.WebAuthnCredentials())
	asked, session, err := s.passkeys.BeginRegistration(holder{p}, webauthn.WithExclusions(has.CredentialDescriptors()))
	if err != nil {
		return Asked{}, err
	}
	return s.asked(s.offers, p.ID, session, asked.Response)
}

// asked returns what to ask, with a token that names the challenge.
func (s *Service) asked(seal seal, id ledger.PersonID, session *webauthn.SessionData, ask any) (Asked, error) {
	raw, err := base64.RawURLEncoding.DecodeString(session.Challenge)
	if err != nil || len(raw) != len(challenge{}.random) {
		return Asked{}, fmt.Errorf("a challenge of %d bytes: %w", len(raw), err)
	}
	options, err := json.Marshal(ask)
	return Asked{options, seal.ask(challenge{id, s.cfg.Clock(), [32]byte(raw)})}, err
}

// answered returns the challenge of a token, if there is still time.
func (s *Service) answered(seal seal, token string) (challenge, error) {
	c, ok := seal.challenge(token)
	if !ok || !s.Passkeys() || s.cfg.Clock().After(c.until()) {
		return c, ErrPasskey
	}
	return c, nil
}

// Passkey signs somebody in by what a browser answered to AskPasskey or AskSecond. No tries are counted: there is
// nothing to guess.
func (s *Service) Passkey(ctx context.Context, token, answer string, from From) (*In, error) {
	asked, err := s.answered(s.asks, token)
	if err != nil {
		return nil, err
	}
	p, used, err := s.proved(asked, answer)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrPasskey, err)
	case used.Authenticator.CloneWarning || s.barred(p):
		return nil, ErrPasskey
	}
	err = s.use(ctx, command.UseChallenge{
		Person: p.ID, Challenge: asked.random, Until: asked.until(), Passkey: used.ID, Count: used.Authenticator.SignCount,
	})
	if err != nil {
		return nil, err
	}
	return s.in(ctx, p, from)
}

// proved returns whose passkey signed an answer, and the passkey as it says it is now.
func (s *Service) proved(asked challenge, answer string) (p *ledger.Person, used *webauthn.Credential, err error) {
	signed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return nil, nil, err
	}
	session := asked.session()
	if asked.person != 0 {
		if p = s.cfg.People.Person(asked.person); p == nil {
			return nil, nil, ErrNobody
		}
		used, err = s.passkeys.ValidateLogin(holder{p}, session, signed)
		return p, used, err
	}
	used, err = s.passkeys.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
		if p = s.handled(handle); p == nil {
			return nil, ErrNobody
		}
		return holder{p}, nil
	}, session, signed)
	return p, used, err
}

// handled returns the person that a passkey says it is of.
func (s *Service) handled(handle []byte) *ledger.Person {
	if len(handle) != 8 {
		return nil
	}
	return s.cfg.People.Person(ledger.PersonID(binary.BigEndian.Uint64(handle)))
}

// use has a challenge used up.
func (s *Service) use(ctx context.Context, u command.UseChallenge) error {
	_, err := s.cfg.Doer.Do(ctx, u)
	if refusal, ok := errors.AsType[ledger.Refusal](err); ok {
		return fmt.Errorf("%w: %w", ErrPasskey, refusal)
	}
	return err
}

// AddPasskey gives somebody the passkey that a browser answered to AskNewPasskey, and ends the person's other sessions.
// keep is the place of the one that goes on.
func (s *Service) AddPasskey(
	ctx context.Context, by ledger.Caller, id ledger.PersonID, token, answer, name string, keep [32]byte,
) error {
	asked, err := s.answered(s.offers, token)
	p := s.cfg.People.Person(id)
	if err != nil || asked.person != id || p == nil {
		return ErrPasskey
	}
	made, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	session := asked.session()
	session.CredParams = webauthn.CredentialParametersDefault()
	c, err := s.passkeys.CreateCredential(holder{p}, session, made)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	c.Attestation = webauthn.CredentialAttestation{} // nobody asked for one, and it is long
	key, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := s.use(ctx, command.UseChallenge{Person: id, Challenge: asked.random, Until: asked.until()}); err != nil {
		return err
	}
	return s.change(ctx, by, id, keep, "passkey", func(to *ledger.Person) {
		to.Passkeys = append(to.Passkeys, ledger.Passkey{
			ID: c.ID, Key: key, Name: name, Made: ledger.DateOf(s.cfg.Clock().UTC()),
		})
	})
}

// holder is a person as the library sees one.
type holder struct{ person *ledger.Person }

// WebAuthnID is kept by devices with the passkey. It says who somebody is to nobody but this server.
func (h holder) WebAuthnID() []byte { return handleOf(h.person.ID) }

func handleOf(id ledger.PersonID) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(id))
}

// WebAuthnName is what devices show where somebody has passkeys of several people.
func (h holder) WebAuthnName() string { return h.person.SignIn }

// WebAuthnDisplayName is the name besides.
func (h holder) WebAuthnDisplayName() string { return h.person.Name }

// WebAuthnCredentials are the passkeys. One that cannot be read is none, so it signs nobody in.
func (h holder) WebAuthnCredentials() (all []webauthn.Credential) {
	for _, k := range h.person.Passkeys {
		var c webauthn.Credential
		if err := json.Unmarshal(k.Key, &c); err == nil {
			all = append(all, c)
		}
	}
	return all
}
