package codes

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	aliasKey   = ascending(0)
	cardSecret = ascending(100)
)

func pass(t interface {
	Helper()
	Fatal(args ...any)
}, m Member) Pass {
	t.Helper()
	p, err := NewPass(aliasKey, cardSecret, m)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestMakeGolden: phones in use must still be understood. The codes were calculated by another program.
func TestMakeGolden(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		member Member
		unix   int64
		want   string
	}{
		{Member{1, 1}, 1566296953, "77131319208588832571"},
		{Member{1, 1}, 1566296969, "77131319208588832571"}, // the last second of the step
		{Member{1, 1}, 1566296970, "77131319208387600448"},
		{Member{1, 2}, 1566296953, "77729824469626983156"},
		{Member{2, 1}, 1566296953, "77350567232629516784"},
		{Member{1, 999999999}, 1566296953, "77037891273194904146"},
		{Member{10021, 0}, 0, "77784635367838131437"},
		{Member{10021, 47302320}, 4102444800, "77358519808338628767"},
	} {
		if got := pass(t, c.member).Make(time.Unix(c.unix, 0)); got != c.want {
			t.Errorf("%+v at %d: got %s, want %s", c.member, c.unix, got, c.want)
		}
	}
}

func TestNewPassRefuses(t *testing.T) {
	t.Parallel()
	for _, card := range []int64{-1, MaxCard + 1, 1 << 62} {
		if p, err := NewPass(aliasKey, cardSecret, Member{1, card}); err == nil || p != (Pass{}) {
			t.Errorf("card %d: got %+v, %v", card, p, err)
		}
	}
}

// TestCheck: each row changes one thing about a valid code.
func TestCheck(t *testing.T) {
	t.Parallel()
	member := Member{1, 1}
	good := pass(t, member).Make(moment)
	for _, c := range []struct {
		what   string
		code   string
		secret [32]byte
		member Member
		ok     bool
	}{
		{"good", good, cardSecret, member, true},
		{"other secret", good, ascending(101), member, false},
		{"other card", good, cardSecret, Member{1, 2}, false},
		{"other merchant", good, cardSecret, Member{2, 1}, false},
		{"other digit at the end", good[:19] + "2", cardSecret, member, false},
		{"other digit in the alias", good[:5] + "2" + good[6:], cardSecret, member, false},
		{"other card's alias", pass(t, Member{1, 2}).Make(moment)[:11] + good[11:], cardSecret, member, false},
		{"zeros", good[:11] + "000000000", cardSecret, member, false},
	} {
		code, ok := Parse(c.code)
		if !ok {
			t.Fatalf("%s: %s is not parsed", c.what, c.code)
		}
		if step, ok := code.Check(c.secret, c.member, moment); ok != c.ok || ok != (step == StepOf(moment)) {
			t.Errorf("%s: got step %d, %v", c.what, step, ok)
		}
	}
}

// A code is accepted in its own step and the ones beside it, exact to the second, and Check always returns the step
// it was made in.
func TestCheckDrift(t *testing.T) {
	t.Parallel()
	member := Member{7, 42}
	begin := time.Unix(StepOf(moment)*30, 0)
	code, _ := Parse(pass(t, member).Make(begin.Add(12 * time.Second)))
	for after, want := range map[time.Duration]bool{
		-31 * time.Second:                false,
		-30*time.Second - 1:              false,
		-30 * time.Second:                true,
		-1:                               true,
		0:                                true,
		30*time.Second - time.Nanosecond: true,
		30 * time.Second:                 true,
		60*time.Second - time.Nanosecond: true,
		60 * time.Second:                 false,
		24 * time.Hour:                   false,
	} {
		step, ok := code.Check(cardSecret, member, begin.Add(after))
		if ok != want || ok && step != StepOf(moment) {
			t.Errorf("%v from its step: got step %d, %v", after, step, ok)
		}
	}
}

func TestStepOf(t *testing.T) {
	t.Parallel()
	for unix, want := range map[int64]int64{0: 0, 29: 0, 30: 1, -1: -1, -30: -1, -31: -2, 1566296953: 52209898} {
		if got := StepOf(time.Unix(unix, 999)); got != want {
			t.Errorf("%d: got step %d, want %d", unix, got, want)
		}
	}
}

// What a phone shows leads back to its own card, if the clocks differ by less than a step, and to no other. A till
// does not read it as anything else.
func TestMemberProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cards := rapid.Int64Range(0, MaxCard)
		member := Member{rapid.Int64().Draw(t, "merchant"), cards.Draw(t, "card")}
		at := time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "unix"), 0)
		text := pass(t, member).Make(at)
		code, ok := Parse(text)
		if !ok || len(text) != MemberDigits || code.String() != text || PaymentBarcode(text) {
			t.Fatalf("%+v shows %s", member, text)
		}
		if id := code.Card(aliasKey, member.Merchant); id != member.Card {
			t.Fatalf("%s is of card %d, want %d", text, id, member.Card)
		}
		now := at.Add(time.Duration(rapid.IntRange(-30, 30).Draw(t, "drift")) * time.Second)
		if step, ok := code.Check(cardSecret, member, now); !ok || step != StepOf(at) {
			t.Fatalf("%s: got step %d, %v, want %d", text, step, ok, StepOf(at))
		}
		late := at.Add(time.Duration(rapid.IntRange(60, 1_000_000).Draw(t, "late")) * time.Second)
		if _, ok := code.Check(cardSecret, member, late); ok {
			t.Fatalf("%s is good at %v", text, late.Sub(at))
		}
		other := Member{member.Merchant, cards.Draw(t, "other")}
		if _, ok := code.Check(cardSecret, other, at); ok && other != member {
			t.Fatalf("%s is good for card %d", text, other.Card)
		}
	})
}

// A caller that saves the step accepts no code twice and none older than an accepted one, whatever is shown in
// whatever order.
func TestMemberSingleUse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		member := Member{1, 1}
		phone := pass(t, member)
		used, now := int64(-1), moment
		taken := map[string]bool{}
		for range rapid.IntRange(1, 30).Draw(t, "scans") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "seconds")) * time.Second)
			shown := phone.Make(now.Add(time.Duration(rapid.IntRange(-60, 60).Draw(t, "clock")) * time.Second))
			code, _ := Parse(shown)
			step, ok := code.Check(cardSecret, member, now)
			if !ok || step <= used {
				continue
			}
			if taken[shown] {
				t.Fatalf("%s was taken twice", shown)
			}
			taken[shown], used = true, step
		}
	})
}

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"77131319208588832571":   true,
		"77000000000000000000":   true,
		"77999999999999999999":   true,
		"76131319208588832571":   false,
		"7713131920858883257":    false,
		"771313192085888325710":  false,
		"7713131920858883257x":   false,
		"77-31319208588832571":   false,
		" 7131319208588832571":   false,
		"":                       false,
		"77１２３４５６":               false, // 20 bytes
		strings.Repeat("7", 20):  true,
		"131319208588832571":     false,
		"100000000000000001":     false,
		"77131319208588832571\n": false,
		"７７131319208588832571":   false,
		"+7131319208588832571":   false,
	} {
		if _, ok := Parse(text); ok != want {
			t.Errorf("%q: got %v", text, ok)
		}
	}
}

// What is parsed is written back as it was read, and belongs to a card that can have a pass.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"77131319208588832571", "77000000000000000000", "77999999999999999999", "", "77", "100000000000000001",
		"7713131920858883257x", "77-31319208588832571",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, ok := Parse(s)
		if !ok {
			if code != (MemberCode{}) {
				t.Errorf("%q is refused with %v", s, code)
			}
			return
		}
		if code.String() != s {
			t.Errorf("%q is read as %v", s, code)
		}
		card := code.Card(aliasKey, 1)
		if p, err := NewPass(aliasKey, cardSecret, Member{1, card}); err != nil || p.Alias != code.alias {
			t.Errorf("%q is of card %d, whose alias is %d, %v", s, card, p.Alias, err)
		}
	})
}
