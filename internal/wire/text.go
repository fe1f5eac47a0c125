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
