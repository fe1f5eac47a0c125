// Package wire is what the answers of all dialects have in common.
package wire

import "unicode/utf8"

const hexDigits = "0123456789abcdef"

// AppendText appends a JSON string. Other than encoding/json it leaves < > & and everything beyond
// ASCII as they are, because the published examples of both wires do; what is no valid UTF-8 becomes U+FFFD.
func AppendText(b []byte, s string) []byte {
	b = append(b, '"')
	kept := 0 // what comes from here on stays as it is, as nearly everything does
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

// appendChanged appends what stands for a byte that cannot stand in a text itself.
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

// HalfCharacter reports whether a JSON text, in its quotes and known to be valid, has an escape that stands for half
// a character only, like \ud800: encoding/json puts U+FFFD in its place, which is not what was sent. That sign
// itself is a character like any other, whether it is escaped or not.
func HalfCharacter(quoted []byte) bool {
	for i := 0; i < len(quoted); i++ {
		if quoted[i] != '\\' {
			continue
		}
		i++ // what is escaped
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

// unit is what the four hexadecimal digits in front stand for.
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
