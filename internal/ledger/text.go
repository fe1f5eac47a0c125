package ledger

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a card number, in characters.
const (
	MinNumber = 1
	MaxNumber = 40
)

// Limits of what people type.
const (
	MaxNameLen  = 64 // characters of a holder's name
	MaxPhoneLen = 32
)

// PlainText reports whether s is valid UTF-8 of at most that many characters, without control characters and without
// those that have what stands behind them read from the other side.
func PlainText(s string, most int) bool {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > most {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) || turns(r) {
			return false
		}
	}
	return true
}

// turns reports whether a character changes the direction of text beyond itself: an embedding, override or isolate of
// Unicode's bidirectional algorithm (UAX #9). With one in a name, amounts that stand behind it read as others.
func turns(r rune) bool { return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' }

// HalfWidth returns a text with letters, digits and marks of full width, as Chinese keyboards write them, in their
// usual width: １８６ and ＠ as 186 and @. It is for what a machine reads, and not for what people write to each other.
func HalfWidth(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '\u3000': // a space
			return ' '
		case r == '￥':
			return '¥'
		}
		return r
	}, text)
}

// Blank reports whether a text shows nothing: it is empty, or consists of spaces of any width and invisible
// characters. It cannot be a name.
func Blank(text string) bool {
	for _, r := range text {
		if !unseen(r) && r != brailleBlank &&
			!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
			return false
		}
	}
	return true
}

// brailleBlank is the braille pattern without dots. Unicode does not class it as a space, but it is blank.
const brailleBlank = '\u2800'

// unseen reports whether a character is a space or invisible.
func unseen(r rune) bool {
	if r <= unicode.MaxASCII {
		return r == ' ' || r >= '\t' && r <= '\r'
	}
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
}

// seen drops invisible characters, for strings.Map.
func seen(r rune) rune {
	if unicode.Is(unicode.Cf, r) {
		return -1
	}
	return r
}

// Narrow returns the ASCII form of a full-width character, and other characters unchanged.
func Narrow(r rune) rune {
	if r >= '！' && r <= '～' {
		return r - '！' + '!'
	}
	return r
}
