package ledger

import "fmt"

// Fault is what is wrong with a setting. Field is its name in configuration files, "" for the whole.
type Fault struct{ Field, Text string }

// Bounds of settings.
const (
	MaxDays       = 100_000 // days something stays good
	MaxRatio      = 100_000 // points that stand for one yuan
	MaxRulePoints = 1_000_000_000
	MaxMonths     = 120                 // months by which one renewal moves the last good day
	MaxCharges    = 1_000_000           // bills a card may charge to a house account
	maxRate       = 1000*Percent100 - 1 // see ParseRate
	oneYuan       = Fen(100)
)

// faults collects them.
type faults []Fault

func (f *faults) when(wrong bool, field, text string, args ...any) {
	if wrong {
		*f = append(*f, Fault{field, fmt.Sprintf(text, args...)})
	}
}

func (f *faults) name(name string) {
	f.when(Blank(name), "name", "want a name")
	f.text("name", name, MaxNameLen)
}

func (f *faults) guid(guid string) {
	f.when(FoldGUID(guid) == "", "guid", "want a GUID")
	f.text("guid", guid, MaxNameLen)
}

// text reports a text that is longer than that many characters, or no plain text.
func (f *faults) text(field, text string, most int) {
	f.when(!PlainText(text, most), field, "want at most %d characters in one line", most)
}

func (f *faults) amount(field string, amount Fen) {
	f.when(amount < 0 || amount > MaxFen, field, "want at most %v", MaxFen)
}

func (f *faults) count(field string, n, most int64) {
	f.when(n < 0 || n > most, field, "want a whole number from 0 to %d", most)
}
