package ledger

import "strings"

// lookAlikes are small letters of other alphabets, each followed by the Latin one that it looks like.
var lookAlikes = strings.NewReplacer(
	// Cyrillic
	"а", "a", "с", "c", "ԁ", "d", "е", "e", "һ", "h", "і", "i", "ј", "j", "ӏ", "l", "о", "o", "р", "p", "ԛ", "q",
	"ѕ", "s", "ѵ", "v", "ԝ", "w", "х", "x", "у", "y",
	// Greek
	"α", "a", "ι", "i", "κ", "k", "ν", "v", "ο", "o", "ρ", "p", "υ", "u", "χ", "x",
	// Latin beside the usual
	"ı", "i", "ɑ", "a", "ɡ", "g",
)

// looksLike reports whether a name to sign in by could be taken for another one by sight.
func looksLike(name, other string) bool { return lookAlikes.Replace(name) == lookAlikes.Replace(other) }
