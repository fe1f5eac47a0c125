// Package wire has what all dialects share: how JSON is written, the items of fingerprints, and forms of what is sent.
package wire

import "unicode/utf8"

const hexDigits = "0123456789abcdef"

// AppendText appends a JSON string. Unlike encoding/json it leaves < > & and everything beyond ASCII unescaped,
// because the published examples of both wires do. Invalid UTF-8 becomes U+FFFD.
func AppendText(b []byte, s string) []byte {
	b = append(b, '"')
	kept := 0 // from here on nothing needs an escape, as in nearly every text
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			if r, size := utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		} else if c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
			i++
			continue
		}
		b = appendChanged(append(b, s[kept:i]...), c)
		i++
		kept = i
	}
	return append(append(b, s[kept:]...), '"')
}

// appendChanged appends the escape of a byte that a JSON string cannot contain.
func appendChanged(b []byte, c byte) []byte {
	switch {
	case c >= utf8.RuneSelf:
		return utf8.AppendRune(b, utf8.RuneError)
	case c == '"' || c == '\\':
		return append(b, '\\', c)
	case c == '\n':
		return append(b, '\\', 'n')
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// HalfCharacter reports whether a JSON string, with its quotes and known to be valid, has an escape that is only
// half of a character, like \ud800. encoding/json replaces it by U+FFFD, which is not what was sent. U+FFFD
// itself is a character like any other, escaped or not.
func HalfCharacter(quoted []byte) bool {
	for i := 0; i < len(quoted); i++ {
		if quoted[i] != '\\' {
			continue
		}
		i++ // the character after the backslash
		if quoted[i] != 'u' {
			continue
		}
		switch first := unit(quoted[i+1:]); {
		case first >= 0xdc00 && first <= 0xdfff:
			return true
		case first >= 0xd800 && first <= 0xdbff:
			next := quoted[i+5:]
			if len(next) < 6 || next[0] != '\\' || next[1] != 'u' {
				return true
			}
			if second := unit(next[2:]); second < 0xdc00 || second > 0xdfff {
				return true
			}
			i += 6
		}
		i += 4
	}
	return false
}

// unit returns the value of the four hexadecimal digits at the beginning.
func unit(digits []byte) (n rune) {
	for _, c := range digits[:4] {
		n <<= 4
		switch {
		case c <= '9':
			n += rune(c - '0')
		default:
			n += rune(c|0x20-'a') + 10
		}
	}
	return n
}
