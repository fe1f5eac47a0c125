package ledger

import (
	"unicode"
	"unicode/utf8"
)

// Limits of a card number, in letters.
const (
	MinNumber = 1
	MaxNumber = 40
)

// Limits of what people type.
const (
	MaxNameLen  = 64 // letters of a holder's name
	MaxPhoneLen = 32
)

// PlainText reports whether s is valid text of at most so many letters, none of them a control
// character.
func PlainText(s string, most int) bool {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > most {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}

// Blank reports whether nothing of a text is to be seen: it is empty, or spaces of any width and
// characters without a shape. Nobody is called so.
func Blank(text string) bool {
	for _, r := range text {
		if !unseen(r) && r != brailleBlank &&
			!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
			return false
		}
	}
	return true
}

// brailleBlank is the braille pattern without a dot: no space by its class, but blank.
const brailleBlank = '\u2800'

// unseen reports whether a character is a space or has no shape of its own.
func unseen(r rune) bool {
	if r <= unicode.MaxASCII {
		return r == ' ' || r >= '\t' && r <= '\r'
	}
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
}

// seen keeps what is not a character without a shape.
func seen(r rune) rune {
	if unicode.Is(unicode.Cf, r) {
		return -1
	}
	return r
}

// narrow is the ASCII character of a full-width one.
func narrow(r rune) rune {
	if r >= '！' && r <= '～' {
		return r - '！' + '!'
	}
	return r
}
