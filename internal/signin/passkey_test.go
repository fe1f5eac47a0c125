package signin

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// device is what keeps a passkey, and answers for it as browsers do.
type device struct {
	t       *testing.T
	id      []byte
	secret  *ecdsa.PrivateKey
	handle  []byte
	counts  bool
	count   uint32
	origin  string
	rp      string
	flags   byte // user present and verified
	encoded []byte
}

// Flags of what an authenticator says (WebAuthn, section 6.1).
const (
	present  = 1
	verified = 4
	attested = 64
)

func newDevice(t *testing.T, id string) *device {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := secret.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	// COSE: an EC key for ES256 on P-256, of two coordinates of 32 bytes each.
	encoded := append([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, point[1:33]...)
	encoded = append(append(encoded, 0x22, 0x58, 32), point[33:]...)
	return &device{
		t: t, id: []byte(id), secret: secret, origin: "https://console.example.com", rp: "console.example.com",
		flags: present | verified, encoded: encoded,
	}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// client returns what the browser says of a ceremony.
func (d *device) client(kind string, asked Asked) []byte {
	var options struct {
		Challenge string
		User      struct{ ID string }
	}
	if err := json.Unmarshal(asked.Options, &options); err != nil {
		d.t.Fatal(err)
	}
	if options.User.ID != "" {
		d.handle, _ = base64.RawURLEncoding.DecodeString(options.User.ID)
	}
	text, err := json.Marshal(map[string]any{
		"type": kind, "challenge": options.Challenge, "origin": d.origin, "crossOrigin": false,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return text
}

// data returns what the authenticator says of itself.
func (d *device) data(flags byte) []byte {
	if d.counts {
		d.count++
	}
	rp := sha256.Sum256([]byte(d.rp))
	return binary.BigEndian.AppendUint32(append(rp[:], d.flags|flags), d.count)
}

func (d *device) answer(response map[string]string) string {
	text, err := json.Marshal(map[string]any{
		"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "response": response,
		"clientExtensionResults": map[string]any{"credProps": map[string]any{"rk": true}},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return string(text)
}

// create answers to AskNewPasskey.
func (d *device) create(asked Asked) string {
	client := d.client("webauthn.create", asked)
	data := append(d.data(attested), make([]byte, 16)...)
	data = append(binary.BigEndian.AppendUint16(data, uint16(len(d.id))), d.id...) //nolint:gosec // it is short
	data = append(data, d.encoded...)
	object := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"), byte(len(data)))
	return d.answer(map[string]string{"clientDataJSON": b64(client), "attestationObject": b64(append(object, data...))})
}

// get answers to AskPasskey and AskSecond.
func (d *device) get(asked Asked) string {
	client, data := d.client("webauthn.get", asked), d.data(0)
	said := sha256.Sum256(client)
	sum := sha256.Sum256(append(data[:len(data):len(data)], said[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.secret, sum[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]string{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature),
		"userHandle": b64(d.handle),
	})
}

// asked returns what a browser was asked.
func asked(t *testing.T, a Asked, err error) Asked {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// ask asks for anybody's passkey.
func (w *world) ask() Asked {
	w.t.Helper()
	a, err := w.AskPasskey()
	return asked(w.t, a, err)
}

// add gives the boss a device's passkey.
func (w *world) add(d *device, keep [32]byte) {
	w.t.Helper()
	a, err := w.AskNewPasskey(w.cfg.People.Person(1))
	a = asked(w.t, a, err)
	w.must(w.AddPasskey(w.t.Context(), ledger.Caller{Person: 1}, 1, a.Token, d.create(a), "手机", keep))
}

// Whoever has added a passkey signs in by it without a name; every answer is good once, for what was asked, in time,
// and while the passkey is the person's.
func TestPasskeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	own, other := w.signIn(home), w.signIn(home)
	place, _ := placeOf(own.Token)
	d := newDevice(t, "phone")
	w.add(d, place)
	if w.who(own.Token) != 1 || w.who(other.Token) != 0 {
		t.Error("which sessions went on is wrong")
	}
	if k := w.cfg.People.Person(1).Passkeys; len(k) != 1 || k[0].Name != "手机" || k[0].Made != 20260304 || len(k[0].Key) > 600 {
		t.Fatalf("kept %+v", k)
	}
	a := w.ask()
	answer := d.get(a)
	if err := w.by(a.Token, answer); err != nil {
		t.Fatal(err)
	}
	w.fails("the same again", w.by(a.Token, answer))
	b := w.ask()
	w.fails("an answer to another challenge", w.by(b.Token, answer))
	w.fails("no token", w.by("", d.get(b)))
	w.fails("no answer", w.by(b.Token, ""))
	w.fails("an answer that is none", w.by(b.Token, `{"id":"x"}`))
	offered, err := w.AskNewPasskey(w.cfg.People.Person(1))
	w.fails("a challenge for a new one", w.by(asked(t, offered, err).Token, d.get(offered)))
}

// by signs the boss in by an answer.
func (w *world) by(token, answer string) error {
	w.t.Helper()
	in, err := w.Passkey(w.t.Context(), token, answer, home)
	if err == nil && w.who(in.Token) != 1 {
		w.t.Error("not signed in")
	}
	return err
}

// fails wants an answer not to be accepted.
func (w *world) fails(name string, err error) {
	w.t.Helper()
	if !errors.Is(err, ErrPasskey) {
		w.t.Errorf("%s: %v", name, err)
	}
}

// What a device did not sign as it should is not accepted, nor what comes too late, or of a passkey that was removed.
func TestPasskeysThatAreSpoilt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := newDevice(t, "phone")
	w.add(d, [32]byte{})
	spoilt := func(name string, spoil func(d *device)) {
		t.Helper()
		one := *d
		spoil(&one)
		a := w.ask()
		w.fails(name, w.by(a.Token, one.get(a)))
	}
	spoilt("of another site", func(d *device) { d.origin = "https://console.example.org" })
	spoilt("of another port", func(d *device) { d.origin += ":8443" })
	spoilt("without encryption", func(d *device) { d.origin = "http://console.example.com" })
	spoilt("for another site", func(d *device) { d.rp = "example.com" })
	spoilt("by whoever has the device", func(d *device) { d.flags = present })
	spoilt("by nobody", func(d *device) { d.flags = 0 })
	spoilt("of another key", func(d *device) { d.secret = newDevice(t, "phone").secret })
	spoilt("of a passkey that is not known", func(d *device) { d.id = []byte("phony") })
	spoilt("of nobody", func(d *device) { d.handle = handleOf(9) })
	spoilt("of somebody with a long name", func(d *device) { d.handle = append(d.handle, 0) })
	spoilt("without a name", func(d *device) { d.handle = nil })
	late := w.ask()
	w.later(AskedFor + time.Second)
	w.fails("too late", w.by(late.Token, d.get(late)))
	w.must(w.DropPasskey(t.Context(), ledger.Caller{Person: 1}, 1, d.id, [32]byte{}))
	spoilt("of a passkey that was removed", func(*device) {})
}

// A passkey stands in for the code of a device, of the person who typed the password only.
func TestPasskeyInPlaceOfACode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := newDevice(t, "phone")
	seed := NewDevice(w.cfg.People.Person(1), "通卡").Seed
	_, err := w.SetDevice(t.Context(), ledger.Caller{Person: 1}, 1, seed, codeAt(seed, w.clock().Unix()/30), [32]byte{})
	w.must(err)
	half := func() string {
		t.Helper()
		in, half, err := w.Password(t.Context(), "boss", right, home)
		if err != nil || in != nil || half == "" {
			t.Fatalf("got %+v, %q, %v", in, half, err)
		}
		return half
	}
	if h := half(); w.OffersPasskey(h) || w.OffersPasskey("") {
		t.Error("a passkey is asked for that nobody has")
	}
	w.add(d, [32]byte{})
	h := half()
	if !w.OffersPasskey(h) {
		t.Error("the passkey is not asked for")
	}
	a, err := w.AskSecond(h)
	a = asked(t, a, err)
	in, err := w.Passkey(t.Context(), a.Token, d.get(a), home)
	if err != nil || w.who(in.Token) != 1 {
		t.Errorf("in place of a code: %v", err)
	}
	w.must2(w.cfg.Doer.Do(t.Context(), command.ChangePerson{To: ledger.Person{ID: 2, SignIn: "other", Name: "别人"}}))
	w.must(w.cfg.People.Refresh(t.Context()))
	a, err = w.AskSecond(half())
	a = asked(t, a, err)
	theirs := *d
	theirs.handle = handleOf(2)
	if _, err := w.Passkey(t.Context(), a.Token, theirs.get(a), home); !errors.Is(err, ErrPasskey) {
		t.Errorf("by somebody else: %v", err)
	}
	w.later(HalfFor + time.Second)
	if _, err := w.AskSecond(h); !errors.Is(err, ErrPasskey) {
		t.Errorf("after a while: %v", err)
	}
}

// A passkey that counts and does not go on where it was is a copy, and signs nobody in.
func TestCopiedPasskey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := newDevice(t, "stick")
	d.counts, d.count = true, 10
	w.add(d, [32]byte{})
	in := func(d *device) error {
		a := w.ask()
		_, err := w.Passkey(t.Context(), a.Token, d.get(a), home)
		return err
	}
	copied := *d
	for range 3 {
		if err := in(d); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if err := in(&copied); !errors.Is(err, ErrPasskey) {
			t.Errorf("the copy: %v", err)
		}
	}
	copied.counts, copied.count = false, 0
	if err := in(&copied); !errors.Is(err, ErrPasskey) {
		t.Errorf("a copy that does not count: %v", err)
	}
	if err := in(d); err != nil {
		t.Errorf("what was copied: %v", err)
	}
}

// A new passkey is given to whom it was offered, once, and signs in nobody who is stopped.
func TestNewPasskeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must2(w.cfg.Doer.Do(t.Context(), command.ChangePerson{To: ledger.Person{ID: 2, SignIn: "mei", Name: "小美"}}))
	w.must(w.cfg.People.Refresh(t.Context()))
	d := newDevice(t, "phone")
	add := func(id ledger.PersonID, token, answer string) error {
		return w.AddPasskey(t.Context(), ledger.Caller{Person: id}, id, token, answer, "", [32]byte{})
	}
	ask := func() Asked {
		a, err := w.AskNewPasskey(w.cfg.People.Person(1))
		return asked(t, a, err)
	}
	a := ask()
	answer := d.create(a)
	foreign := *d
	foreign.origin = "https://evil.example.com"
	unseen := *d
	unseen.flags = present
	for name, err := range map[string]error{
		"to somebody else":        add(2, a.Token, answer),
		"to nobody":               add(9, a.Token, answer),
		"with another token":      add(1, w.ask().Token, answer),
		"by another challenge":    add(1, ask().Token, answer),
		"at another site":         add(1, a.Token, foreign.create(a)),
		"without knowing who":     add(1, a.Token, unseen.create(a)),
		"by an answer to sign in": add(1, a.Token, d.get(a)),
		"by none":                 add(1, a.Token, "{}"),
	} {
		if !errors.Is(err, ErrPasskey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.must(add(1, a.Token, answer))
	if err := add(1, a.Token, answer); !errors.Is(err, ErrPasskey) {
		t.Errorf("twice: %v", err)
	}
	w.must(w.DropPasskey(t.Context(), ledger.Caller{Person: 1}, 1, d.id, [32]byte{}))
	if err := add(1, a.Token, answer); !errors.Is(err, ErrPasskey) || len(w.cfg.People.Person(1).Passkeys) != 0 {
		t.Errorf("again after it was removed: %v", err)
	}
	w.add(d, [32]byte{})
	p := *w.cfg.People.Person(1)
	p.Stopped = true
	w.must2(w.cfg.Doer.Do(t.Context(), command.ChangePerson{To: p}))
	w.must(w.cfg.People.Refresh(t.Context()))
	b := w.ask()
	if _, err := w.Passkey(t.Context(), b.Token, d.get(b), home); !errors.Is(err, ErrPasskey) {
		t.Errorf("of somebody who is stopped: %v", err)
	}
}

// Passkeys are for a host name that is reached safely; elsewhere nobody is asked for one.
func TestWherePasskeysAre(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://card.example.com": true, "https://card.example.com:8443": true, "http://localhost:8080": true,
		"http://card.example.com": false, "http://127.0.0.1:8080": false, "https://192.0.2.7": false,
		"https://[2001:db8::1]": false, "": false, ":": false,
	} {
		if got := libraryAt(address) != nil; got != want {
			t.Errorf("%q: %t, want %t", address, got, want)
		}
	}
	w := newWorld(t)
	w.passkeys = nil
	_, anybody := w.AskPasskey()
	_, second := w.AskSecond("")
	_, offer := w.AskNewPasskey(w.cfg.People.Person(1))
	_, in := w.Passkey(t.Context(), "", "", home)
	add := w.AddPasskey(t.Context(), ledger.Caller{}, 1, "", "", "", [32]byte{})
	for _, err := range []error{anybody, second, offer, in, add} {
		if !errors.Is(err, ErrPasskey) {
			t.Errorf("without passkeys: %v", err)
		}
	}
}
