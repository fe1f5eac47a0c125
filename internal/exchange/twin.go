package exchange

import (
	"regexp"
	"slices"
	"strings"

	"tongka/internal/ledger"
)

// Of twins one says what the other is called: {"name":"password","value":"…"}, or name=password&value=… in a form.
var (
	callers = []string{"name", "key", "field", "param", "parameter", "label", "k", "n"}
	called  = []string{"value", "val", "v", "text", "content"}
)

// words are the words of a name like fields[0][value].
var words = regexp.MustCompile(`\pL+`)

// longestName is how long a name may be that a twin has, in bytes. What is longer is a text.
const longestName = 64

// lastWord returns the last word of a name, in small letters.
func lastWord(name string) string {
	all := words.FindAllString(name, -1)
	if len(all) == 0 {
		return ""
	}
	return strings.ToLower(all[len(all)-1])
}

// isCalled reports whether what stands under a name is what a twin has a name for.
func isCalled(name string) bool { return slices.Contains(called, lastWord(name)) }

// callsSecret reports whether a value says that its twin is to be hidden.
func callsSecret(name, value string) bool {
	return slices.Contains(callers, lastWord(name)) && isHidden(value)
}

// isHidden reports whether a value is the name of what is not shown.
func isHidden(value string) bool {
	return len(value) <= longestName && (isSecret(value) || isPersonal(value))
}

// span is where a value stands in what was written.
type span struct{ from, to int }

// hide replaces what stands in the spans, which are in order.
func hide(text []byte, spans []span) []byte {
	for _, s := range slices.Backward(spans) {
		text = slices.Replace(text, s.from, s.to, []byte(`"`+ledger.MaskedText+`"`)...)
	}
	return text
}

// hideTwins hides the values of parameters whose twins call one of them a secret.
func hideTwins(all []ledger.TextPair, secret bool) []ledger.TextPair {
	for i := range all {
		if secret && isCalled(all[i].Name) {
			all[i].Value = ledger.MaskedText
		}
	}
	return all
}
