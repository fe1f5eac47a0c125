package command

import (
	"testing"
	"time"

	"tongka/internal/ledger"
)

// A challenge is answered once and in time, by a passkey that the person has; a count that does not grow is that of a
// copy. Each row goes on where the one above has left off.
func TestChallengesAreAnsweredOnce(t *testing.T) {
	t.Parallel()
	l := desk(t)
	p := *l.host.Person(1)
	p.Passkeys = []ledger.Passkey{{ID: []byte("phone"), Key: []byte("k")}, {ID: []byte("stick"), Key: []byte("k")}}
	if _, err := l.do(ChangePerson{To: p}, monday); err != nil {
		t.Fatal(err)
	}
	until := monday.Add(5 * time.Minute)
	use := func(challenge byte, passkey string, count uint32) error {
		u := UseChallenge{Person: 1, Challenge: [32]byte{challenge}, Until: until, Passkey: []byte(passkey), Count: count}
		_, err := l.do(u, monday)
		return err
	}
	for _, c := range []struct {
		name      string
		challenge byte
		passkey   string
		count     uint32
		want      ledger.Reason
	}{
		{"one that does not count", 1, "phone", 0, 0},
		{"the same answer", 1, "phone", 0, ledger.CodeOver},
		{"the same challenge, another passkey", 1, "stick", 1, ledger.CodeOver},
		{"another challenge", 2, "phone", 0, 0},
		{"a passkey of nobody", 3, "stone", 0, ledger.CodeOver},
		{"the challenge is still good", 3, "stick", 7, 0},
		{"the count has not grown", 4, "stick", 7, ledger.CodeOver},
		{"it has gone back", 4, "stick", 6, ledger.CodeOver},
		{"it is not there any more", 4, "stick", 0, ledger.CodeOver},
		{"it has grown", 4, "stick", 9, 0},
		{"each has its own", 5, "phone", 0, 0},
	} {
		if err := use(c.challenge, c.passkey, c.count); reasonOf(err) != c.want {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	made := UseChallenge{Person: 1, Challenge: [32]byte{9}, Until: until}
	if _, err := l.do(made, monday); err != nil {
		t.Errorf("for a new passkey: %v", err)
	}
	if _, err := l.do(made, monday); reasonOf(err) != ledger.CodeOver {
		t.Errorf("for a new passkey, again: %v", err)
	}
	late := UseChallenge{Person: 1, Challenge: [32]byte{10}, Until: until, Passkey: []byte("phone")}
	if _, err := l.do(late, until); reasonOf(err) != ledger.CodeOver {
		t.Errorf("too late: %v", err)
	}
	if err := l.check(); err != nil {
		t.Fatal(err)
	}
}

// Whoever was stopped, is over or is nobody answers no challenge.
func TestChallengesOfWhoMayNot(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*ledger.Person){
		"stopped": func(p *ledger.Person) { p.Stopped = true },
		"over":    func(p *ledger.Person) { p.Until = ledger.DateOf(monday.AddDate(0, 0, -1)) },
		"another": func(p *ledger.Person) { p.Passkeys = nil },
	} {
		l := desk(t)
		p := *l.host.Person(1)
		p.Passkeys = []ledger.Passkey{{ID: []byte("phone"), Key: []byte("k")}}
		spoil(&p)
		if _, err := l.do(ChangePerson{To: p}, monday); err != nil {
			t.Fatal(err)
		}
		for _, person := range []ledger.PersonID{1, 9} {
			u := UseChallenge{Person: person, Until: monday.Add(time.Minute), Passkey: []byte("phone")}
			if _, err := l.do(u, monday); reasonOf(err) != ledger.CodeOver {
				t.Errorf("%s, person %d: %v", name, person, err)
			}
		}
	}
}
