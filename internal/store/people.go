package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"tongka/internal/ledger"
)

// People returns all people, by id.
func (v *View) People(ctx context.Context) ([]ledger.Person, error) {
	var found []ledger.Person
	if err := v.q.read(ctx, peopleQuery(&found)); err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	return found, nil
}

func peopleQuery(found *[]ledger.Person) query {
	return query{allPeople, rowsFor(allPeople, 0), func(r record) error {
		p, err := readPerson(r)
		*found = append(*found, p)
		return err
	}}
}

// storedPasskey is a passkey as its person's row stores it.
type storedPasskey struct {
	ID   []byte      `json:"i"`
	Key  []byte      `json:"k"`
	Name string      `json:"n"`
	Made ledger.Date `json:"m"`
}

// storedGrant is a grant as its person's row stores it.
type storedGrant struct {
	Merchant    ledger.MerchantID `json:"m"`
	Shops       []ledger.ShopID   `json:"s,omitempty"`
	Permissions ledger.Permission `json:"p"`
}

func readPerson(r record) (p ledger.Person, err error) {
	p = ledger.Person{
		ID: ledger.PersonID(r.int()), SignIn: r.text(), Name: r.text(), Language: ledger.Language(r.text()),
		Password: r.text(),
	}
	if totp := r.bytes(); len(totp) > 0 {
		p.TOTP = totp
	}
	for text := range strings.FieldsSeq(r.text()) {
		var code [32]byte
		if n, err := hex.Decode(code[:], []byte(text)); err != nil || n != len(code) {
			return p, fmt.Errorf("person %d: not a hash: %q", p.ID, text)
		}
		p.Recovery = append(p.Recovery, code)
	}
	var passkeys []storedPasskey
	var grants []storedGrant
	for _, list := range []any{&passkeys, &grants} {
		if text := r.text(); text != "" {
			if err := json.Unmarshal([]byte(text), list); err != nil {
				return p, fmt.Errorf("person %d: %w", p.ID, err)
			}
		}
	}
	for _, k := range passkeys {
		p.Passkeys = append(p.Passkeys, ledger.Passkey(k))
	}
	for _, g := range grants {
		p.Grants = append(p.Grants, ledger.PersonGrant(g))
	}
	p.Until, p.Stopped = readDate(r), readBool(r)
	p.Agent, p.Version = ledger.AgentID(r.int()), ledger.EntryID(r.int())
	return p, nil
}

// personRows returns the writes that add people or replace them.
func personRows(people []ledger.Person) ([]write, error) {
	put := rowsFor(putPerson, len(people))
	for i := range people {
		p := &people[i]
		var recovery []string
		for _, code := range p.Recovery {
			recovery = append(recovery, hex.EncodeToString(code[:]))
		}
		var passkeys []storedPasskey
		for _, k := range p.Passkeys {
			passkeys = append(passkeys, storedPasskey(k))
		}
		var grants []storedGrant
		for _, g := range p.Grants {
			grants = append(grants, storedGrant(g))
		}
		keys, err := listText(passkeys)
		if err != nil {
			return nil, fmt.Errorf("person %d: %w", p.ID, err)
		}
		allowed, err := listText(grants)
		if err != nil {
			return nil, fmt.Errorf("person %d: %w", p.ID, err)
		}
		put.int(int64(p.ID)).text(p.SignIn).text(p.Name).text(string(p.Language)).text(p.Password).bytes(p.TOTP).
			text(strings.Join(recovery, "\n")).text(keys).text(allowed).int(int64(p.Until)).bool(p.Stopped).
			int(int64(p.Agent)).int(int64(p.Version))
	}
	return []write{{moveSetting, rowsFor(moveSetting, 1).text("version")}, {putPerson, put}}, nil
}

// listText returns a list as JSON, "" if it is empty.
func listText[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	b, err := marshal(list)
	return string(b), err
}
