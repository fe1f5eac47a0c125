package verify

import (
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// If the journal says what the settings are, a recharge by a rule that did not exist is a violation, even if
// everything that follows from it is recalculated; so are settings that differ from the journal's.
func TestRulesOfThen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		number int
		want   string
		spoil  func(*books)
	}{
		"a rule that was not": {
			8, "met a rule that was not in force", func(b *books) { lastRecharge(b).Rules[0].Name = "送一半" },
		},
		"more than the rule gave": {
			8, "met a rule that was not in force", func(b *books) { lastRecharge(b).Rules[0].Points++ },
		},
		"another rule than was made": {
			61, "its settings are not those that entry", func(b *books) { b.settings[0].Rules[0].AddRate++ },
		},
		"a rule that is gone": {
			61, "its settings are not those that entry", func(b *books) { b.settings[0].Rules = nil },
		},
		"another zone's settings": {
			61, "its settings are not those that entry", func(b *books) { b.settings[0].Settings.MaxAmount = 1_00 },
		},
		"less left than points owed are worth": {
			32, "leaves less on a card than the points it owes are worth", func(b *books) {
				b.settings[0].Settings.PointsRatio = 99
				text, err := ledger.SettingsText(&b.settings[0])
				if err != nil {
					panic(err)
				}
				for i := range b.entries {
					if b.entries[i].Kind == ledger.SettingsChanged {
						b.entries[i].Settings = text
					}
				}
			}},
		"settings nobody can read": {57, "something that cannot be read", func(b *books) {
			for i := range b.entries {
				if b.entries[i].Kind == ledger.SettingsChanged {
					b.entries[i].Settings = "{"
				}
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := sound(t)
			c.spoil(b)
			b.redo()
			r := checked(t, newAudit(), b)[c.number]
			if !strings.Contains(strings.Join(r.Examples, "\n"), c.want) {
				t.Errorf("found %v, want %q", r.Examples, c.want)
			}
		})
	}
}

func lastRecharge(b *books) (last *ledger.Entry) {
	for i := range b.entries {
		if b.entries[i].Kind == ledger.Recharged {
			last = &b.entries[i]
		}
	}
	return last
}
